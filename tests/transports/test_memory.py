"""Both ends in one process: the same text on both runtimes, in virtual time."""

from collections.abc import Callable

import pytest

from deskline_core.errors import InvalidValue, RequestNotAnswered, SocketEnded, SocketRefused
from deskline_transports.base import Network, Response, RestRequest, Transport
from deskline_transports.memory import Crossing, Fate, MemoryNetwork, MemorySocket, MemoryStream
from tests.transports.peers import Runtime

URL = "wss://chat.example/?brand=1"
GET = RestRequest(method="GET", url="https://chat.example/v1")


async def agree(request: RestRequest) -> Response:
    return Response(status=200, body=request.url.encode())


async def pair(
    runtime: Runtime, network: MemoryNetwork, settings: Network | None = None
) -> tuple[MemorySocket, MemorySocket]:
    """Open a socket and return its near and its far end."""
    ends: dict[str, MemorySocket] = {}

    async def near() -> None:
        ends["near"] = await network.transport(settings).open_socket(URL, (("X-A", "b"),))

    async def far() -> None:
        handshake = await network.accept()
        assert (handshake.url, handshake.headers) == (URL, (("X-A", "b"),))
        ends["far"] = handshake.accept()

    await runtime.together(near, far)
    return ends["near"], ends["far"]


async def end_of(socket: MemorySocket) -> SocketEnded:
    with pytest.raises(SocketEnded) as caught:
        await socket.receive()
    return caught.value


def each(**fates: Fate) -> Callable[[Crossing], Fate]:
    """Give what crosses the fate of its kind."""
    return lambda crossing: fates.get(crossing.kind, Fate())


def test_frames_go_both_ways_and_then_the_close(runtime: Runtime) -> None:
    async def main() -> None:
        network = MemoryNetwork()
        near, far = await pair(runtime, network)
        assert list(network.sockets) == [near]
        await near.send("one")
        await near.send("two")
        await far.send("three")
        assert await far.receive() == "one"
        assert await near.receive() == "three"
        await near.aclose(4001, "bye")
        assert await far.receive() == "two"
        end = await end_of(far)
        assert (end.close_code, end.reason) == (4001, "bye")
        assert (await end_of(near)).close_code == 4001
        for socket in (near, far):
            with pytest.raises(SocketEnded):
                await socket.send("late")
            await socket.aclose()
        assert not network.sockets

    runtime.run(main, virtual=True)


def test_the_far_side_refuses(runtime: Runtime) -> None:
    async def main() -> None:
        network = MemoryNetwork()

        async def near() -> None:
            with pytest.raises(SocketRefused) as caught:
                await network.transport().open_socket(URL)
            assert caught.value.status == 401

        async def far() -> None:
            async for handshake in network:
                handshake.refuse(401)
                break

        await runtime.together(near, far)
        assert not network.sockets

    runtime.run(main, virtual=True)


def test_a_held_request_stands_in_nobodys_way(runtime: Runtime) -> None:
    async def hold_some(request: RestRequest) -> Response:
        if request.held:
            await runtime.sleep(15)
        return Response(status=200, body=request.url.encode())

    async def main() -> None:
        rest = MemoryNetwork(hold_some).transport(Network(max_connections=1)).rest
        ended: list[tuple[float, str]] = []

        async def send(url: str, *, held: bool) -> None:
            response = await rest.send(RestRequest(method="GET", url=url, held=held))
            ended.append((runtime.now() - start, response.body.decode()))

        start = runtime.now()
        await runtime.together(
            lambda: send("poll", held=True), lambda: send("poll", held=True), lambda: send("one", held=False)
        )
        assert ended == [(0, "one"), (15, "poll"), (15, "poll")]

        await runtime.cancel(lambda: send("poll", held=True), lambda: runtime.sleep(1))
        assert len(ended) == 3
        assert runtime.now() - start == 16

    runtime.run(main, virtual=True)


def test_an_opening_that_is_cancelled_meets_an_ended_socket(runtime: Runtime) -> None:
    async def main() -> None:
        network = MemoryNetwork()

        async def job() -> None:
            await network.transport().open_socket(URL)

        await runtime.cancel(job, lambda: runtime.sleep(1))
        far = (await network.accept()).accept()
        assert (await end_of(far)).close_code is None
        assert not network.sockets

    runtime.run(main, virtual=True)


def test_frames_take_time_and_never_overtake(runtime: Runtime) -> None:
    delays = {"slow": 10.0, "quick": 1.0}

    async def main() -> None:
        network = MemoryNetwork(fate=lambda crossing: Fate(delay=delays.get(crossing.text, 0.0)))
        near, far = await pair(runtime, network)
        start = runtime.now()
        await near.send("slow")
        await near.send("quick")
        assert await far.receive() == "slow"
        assert runtime.now() - start == 10
        assert await far.receive() == "quick"
        assert runtime.now() - start == 10

    runtime.run(main, virtual=True)


def test_a_frame_that_arrives_while_its_reader_waits_for_another(runtime: Runtime) -> None:
    async def main() -> None:
        network = MemoryNetwork(fate=each(frame=Fate(delay=5)))
        near, far = await pair(runtime, network)
        got: list[tuple[float, str]] = []

        async def read() -> None:
            for _ in range(2):
                text = await far.receive()
                got.append((runtime.now() - start, text))

        async def write() -> None:
            await near.send("one")
            await runtime.sleep(3)
            await near.send("two")

        start = runtime.now()
        await runtime.together(read, write)
        assert got == [(5, "one"), (8, "two")]

    runtime.run(main, virtual=True)


def test_lost_frames_are_lost_and_repeated_ones_repeat(runtime: Runtime) -> None:
    fates = {"lost": Fate(lost=True), "twice": Fate(copies=2)}

    async def main() -> None:
        network = MemoryNetwork(fate=lambda crossing: fates.get(crossing.text, Fate()))
        near, far = await pair(runtime, network)
        for text in ("lost", "twice", "once"):
            await near.send(text)
        assert [await far.receive() for _ in range(3)] == ["twice", "twice", "once"]

    runtime.run(main, virtual=True)


def test_a_cut_loses_what_is_on_its_way(runtime: Runtime) -> None:
    async def main() -> None:
        network = MemoryNetwork(fate=lambda crossing: Fate(delay=5 if crossing.text == "late" else 0))
        near, far = await pair(runtime, network)
        await near.send("there")
        await near.send("late")

        async def cut() -> None:
            await runtime.sleep(1)
            network.cut()

        async def read() -> None:
            assert await far.receive() == "there"
            assert (await end_of(far)).close_code is None
            assert runtime.now() - start == 1

        start = runtime.now()
        await runtime.together(cut, read)
        assert (await end_of(near)).close_code is None
        with pytest.raises(SocketEnded):
            await near.send("x")
        assert not network.sockets

    runtime.run(main, virtual=True)


def test_a_cut_leaves_no_gap(runtime: Runtime) -> None:
    delays = {"slow": 10.0, "quick": 1.0}

    async def main() -> None:
        network = MemoryNetwork(fate=lambda crossing: Fate(delay=delays.get(crossing.text, 0.0)))
        near, far = await pair(runtime, network)
        await near.send("slow")
        await near.send("quick")
        await runtime.sleep(5)
        network.cut()
        assert (await end_of(far)).close_code is None

    runtime.run(main, virtual=True)


def test_a_frame_may_be_what_the_cut_hits(runtime: Runtime) -> None:
    async def main() -> None:
        network = MemoryNetwork(fate=lambda crossing: Fate(cut=crossing.text == "fatal"))
        near, far = await pair(runtime, network)
        await near.send("before")
        await near.send("fatal")
        assert await far.receive() == "before"
        assert (await end_of(far)).close_code is None
        assert (await end_of(near)).close_code is None

    runtime.run(main, virtual=True)


def test_a_close_may_be_lost(runtime: Runtime) -> None:
    async def main() -> None:
        near, far = await pair(runtime, MemoryNetwork(fate=each(close=Fate(lost=True))))
        await near.aclose()

        async def job() -> None:
            await far.receive()
            raise AssertionError

        await runtime.cancel(job, lambda: runtime.sleep(3600))
        await far.send("into the void")

    runtime.run(main, virtual=True)


def test_a_frame_over_the_limit(runtime: Runtime) -> None:
    async def main() -> None:
        near, far = await pair(runtime, MemoryNetwork(), Network(max_frame=10))
        await far.send("€€€")
        await far.send("€€€€")
        assert await near.receive() == "€€€"
        for _ in range(2):
            end = await end_of(near)
            assert (end.close_code, end.oversize) == (1009, True)
        end = await end_of(far)
        assert (end.close_code, end.oversize) == (1009, False)

    runtime.run(main, virtual=True)


def test_a_lone_surrogate_is_refused_as_on_a_real_socket(runtime: Runtime) -> None:
    async def main() -> None:
        near, far = await pair(runtime, MemoryNetwork())
        with pytest.raises(InvalidValue):
            await near.send("\udfff")
        await near.send("fine")
        assert await far.receive() == "fine"

    runtime.run(main, virtual=True)


def test_a_cancelled_receive_loses_no_frame(runtime: Runtime) -> None:
    async def main() -> None:
        near, far = await pair(runtime, MemoryNetwork())
        got: list[str] = []

        async def job() -> None:
            while True:
                got.append(await far.receive())

        for number in range(50):
            await near.send(str(number))
            await runtime.cancel(job, lambda: runtime.sleep(0))
        await runtime.cancel(job, lambda: runtime.sleep(1))
        assert got == [str(number) for number in range(50)]

    runtime.run(main, virtual=True)


def test_leaving_a_transport_ends_its_sockets_and_no_others(runtime: Runtime) -> None:
    async def main() -> None:
        network = MemoryNetwork(agree)
        kept, _ = await pair(runtime, network)
        ends: list[MemorySocket] = []

        async def near() -> None:
            async with network.transport() as transport:
                ends.append(await transport.open_socket(URL))
            with pytest.raises(RequestNotAnswered):
                await transport.rest.send(GET)

        async def far() -> None:
            ends.append((await network.accept()).accept())

        await runtime.together(near, far)
        for end in ends:
            assert (await end_of(end)).close_code is None
        assert list(network.sockets) == [kept]

    runtime.run(main, virtual=True)


def test_requests_are_answered(runtime: Runtime) -> None:
    async def main() -> None:
        async def respond(request: RestRequest) -> Response:
            return Response(status=201, headers=(("x-a", "b"),), body=request.body + b"\r\nsecond\ntail")

        rest = MemoryNetwork(respond).transport().rest
        request = RestRequest(method="POST", url=GET.url, body=b"first")
        response = await rest.send(request)
        assert (response.status, response.body) == (201, b"first\r\nsecond\ntail")
        async with rest.stream(request) as lines:
            assert (lines.status, lines.headers) == (201, (("x-a", "b"),))
            assert [line async for line in lines] == ["first", "second"]
        with pytest.raises(RequestNotAnswered):
            await rest.send(RestRequest(method="GET", url=GET.url, limit=5))

    runtime.run(main, virtual=True)


class Parts:
    """What follows an answer; None is a lost connection."""

    def __init__(self, *parts: bytes | None) -> None:
        self._parts = list(parts)

    def __aiter__(self) -> "Parts":
        return self

    async def __anext__(self) -> bytes:
        if not self._parts:
            raise StopAsyncIteration
        part = self._parts.pop(0)
        if part is None:
            raise RequestNotAnswered("the connection was lost", sent="maybe")
        return part


def test_an_answer_may_come_in_parts(runtime: Runtime) -> None:
    async def main() -> None:
        parts: list[tuple[bytes | None, ...]] = []

        async def respond(_request: RestRequest) -> MemoryStream:
            response = Response(status=200, headers=(("x-a", "b"),), body=b"one\ntw")
            return MemoryStream(response=response, parts=Parts(*parts.pop(0)))

        rest = MemoryNetwork(respond).transport().rest
        parts += [(b"o\nthr", b"ee\n", b"tail"), (b"o\n", None), (b"x" * 20,), (b"o\nthree",)]
        async with rest.stream(GET) as lines:
            assert (lines.status, lines.headers) == (200, (("x-a", "b"),))
            assert [line async for line in lines] == ["one", "two", "three"]
        async with rest.stream(GET) as lines:
            assert [await anext(lines), await anext(lines)] == ["one", "two"]
            with pytest.raises(RequestNotAnswered, match="lost"):
                await anext(lines)
        async with rest.stream(RestRequest(method="GET", url=GET.url, limit=10)) as lines:
            assert await anext(lines) == "one"
            with pytest.raises(RequestNotAnswered, match="longer than 10 bytes"):
                await anext(lines)
        assert (await rest.send(GET)).body == b"one\ntwo\nthree"

    runtime.run(main, virtual=True)


@pytest.mark.parametrize(
    ("kind", "arrived"), [("request", 0), ("answer", 1)], ids=["the request is hit", "the answer is hit"]
)
def test_a_request_may_be_cut_or_lost(runtime: Runtime, kind: str, arrived: int) -> None:
    async def main() -> None:
        seen: list[RestRequest] = []

        async def respond(request: RestRequest) -> Response:
            seen.append(request)
            return Response(status=200)

        rest = MemoryNetwork(respond, fate=each(**{kind: Fate(cut=True)})).transport().rest
        with pytest.raises(RequestNotAnswered) as caught:
            await rest.send(GET)
        assert (caught.value.sent, len(seen)) == ("maybe", arrived)

        lossy = MemoryNetwork(respond, fate=each(**{kind: Fate(lost=True)})).transport().rest

        async def job() -> None:
            await lossy.send(GET)
            raise AssertionError

        await runtime.cancel(job, lambda: runtime.sleep(3600))
        assert len(seen) == 2 * arrived

    runtime.run(main, virtual=True)


def test_requests_take_time_and_may_arrive_twice(runtime: Runtime) -> None:
    async def main() -> None:
        count = 0

        async def respond(request: RestRequest) -> Response:
            nonlocal count
            count += 1
            return Response(status=200, body=str(count).encode())

        network = MemoryNetwork(respond, fate=each(request=Fate(delay=2, copies=2), answer=Fate(delay=3)))
        start = runtime.now()
        assert (await network.transport().rest.send(GET)).body == b"1"
        assert (runtime.now() - start, count) == (5, 2)

    runtime.run(main, virtual=True)


def test_an_unreachable_network(runtime: Runtime) -> None:
    async def main() -> None:
        network = MemoryNetwork(agree)
        near, far = await pair(runtime, network)
        network.reachable = False
        transport = network.transport()
        with pytest.raises(SocketRefused) as refused:
            await transport.open_socket(URL)
        assert refused.value.status is None
        with pytest.raises(RequestNotAnswered) as caught:
            await transport.rest.send(GET)
        assert caught.value.sent == "no"
        await near.send("an open socket stays open")
        assert await far.receive() == "an open socket stays open"
        network.reachable = True
        assert (await transport.rest.send(GET)).status == 200

    runtime.run(main, virtual=True)


def test_everything_that_crosses_is_asked_for_in_order(runtime: Runtime) -> None:
    async def main() -> None:
        seen: list[Crossing] = []

        def fate(crossing: Crossing) -> Fate:
            seen.append(crossing)
            return Fate()

        network = MemoryNetwork(agree, fate=fate)
        near, far = await pair(runtime, network)
        await near.send("up")
        await far.send("down")
        await network.transport().rest.send(GET)
        await far.aclose()
        assert [crossing.number for crossing in seen] == list(range(6))
        assert [(crossing.kind, crossing.up, crossing.socket, crossing.text) for crossing in seen] == [
            ("open", True, 1, URL),
            ("frame", True, 1, "up"),
            ("frame", False, 1, "down"),
            ("request", True, 0, GET.url),
            ("answer", False, 0, GET.url),
            ("close", False, 1, ""),
        ]
        assert "up" not in repr(seen[1]).replace("frame up", "")

    runtime.run(main, virtual=True)


def test_it_fulfils_the_protocols(runtime: Runtime) -> None:
    async def main() -> None:
        transport: Transport = MemoryNetwork(agree).transport()
        async with transport:
            assert (await transport.rest.send(GET)).body == GET.url.encode()

    runtime.run(main, virtual=True)
