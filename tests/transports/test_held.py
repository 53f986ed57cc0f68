"""Requests that the far side holds (long polls): beside others, cancelled, closed; on both runtimes."""

import gc
import ssl
import threading
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from deskline_core.errors import RequestNotAnswered
from deskline_transports.base import RestRequest, Transport
from tests.transports.peers import PATIENCE, Line, Peer, Runtime, answer, peer, tunnel

EMPTY = b'{"events":[]}'


def poll(url: str) -> RestRequest:
    return RestRequest(method="GET", url=url, headers=(("Cache-Control", "no-cache"),), held=True)


def events(far: Peer) -> str:
    return far.url("http", "/chats/1/events")


async def fails(transport: Transport, request: RestRequest) -> RequestNotAnswered:
    with pytest.raises(RequestNotAnswered) as caught:
        await transport.rest.send(request)
    return caught.value


class Holding:
    """The script of a far side that holds what it is asked until it is told to answer."""

    def __init__(self, count: int = 1) -> None:
        self.count = count
        self.asked = threading.Semaphore(0)
        self.answer = threading.Event()

    def __call__(self, line: Line) -> bytes:
        line.head()
        self.asked.release()
        assert self.answer.wait(PATIENCE)
        line.send(answer("200 OK", EMPTY))
        return line.to_end()

    def all_asked(self) -> None:
        """Wait until it holds as many requests as are foreseen."""
        for _ in range(self.count):
            assert self.asked.acquire(timeout=PATIENCE)


def silent(asked: threading.Event, line: Line) -> bytes:
    line.head()
    asked.set()
    return line.to_end()


def answer_once(line: Line) -> bytes:
    line.head()
    line.send(answer("200 OK", b"at once"))
    return line.to_end()


def test_what_is_held_stands_in_nobodys_way(runtime: Runtime) -> None:
    def answer_all(line: Line) -> list[bytes]:
        bodies = []
        for _ in range(3):
            line.head()
            bodies.append(line.exactly(2))
            line.send(answer("200 OK"))
        return bodies

    holding = Holding(5)
    with peer(*[holding] * 5) as polled, peer(answer_all) as sent:

        async def main() -> None:
            async with runtime.transport(max_connections=1) as transport:

                async def hold() -> None:
                    assert (await transport.rest.send(poll(events(polled)))).body == EMPTY

                async def send() -> None:
                    await runtime.thread(holding.all_asked)
                    for body in (b"01", b"02", b"03"):
                        post = RestRequest(method="POST", url=events(sent), body=body)
                        assert (await transport.rest.send(post)).status == 200
                    holding.answer.set()

                await runtime.together(*[hold] * 5, send)

        runtime.run(main)
        assert polled.done() == [b""] * 5
        assert sent.done() == [[b"01", b"02", b"03"]]


def test_two_hundred_are_held_beside_each_other(runtime: Runtime) -> None:
    count = 200
    holding = Holding(count)
    with peer(*[holding] * count) as far:

        async def main() -> None:
            async with runtime.transport(max_connections=1) as transport:

                async def hold() -> None:
                    assert (await transport.rest.send(poll(events(far)))).body == EMPTY

                async def free() -> None:
                    await runtime.thread(holding.all_asked)
                    holding.answer.set()

                await runtime.together(*[hold] * count, free)

        runtime.run(main)
        assert far.done() == [b""] * count
        assert not far.more()


def test_their_own_limit_is_kept(runtime: Runtime) -> None:
    holding = Holding()
    with peer(holding) as far:

        async def main() -> None:
            async with runtime.transport(max_held=1) as transport:

                async def hold() -> None:
                    assert (await transport.rest.send(poll(events(far)))).body == EMPTY

                async def wait_in_vain() -> None:
                    await transport.rest.send(poll(events(far)))

                async def free() -> None:
                    await runtime.thread(holding.all_asked)
                    await runtime.cancel(wait_in_vain, runtime.settle)
                    holding.answer.set()

                await runtime.together(hold, free)

        runtime.run(main)
        assert far.done() == [b""]
        assert not far.more()


def test_the_next_one_goes_over_the_same_connection_and_is_never_served_from_memory(runtime: Runtime) -> None:
    def thrice(line: Line) -> list[bytes]:
        heads = []
        for body in (EMPTY, b"", EMPTY):
            heads.append(line.head())
            # Bright Pattern reference, section 20.2: cached answers gave the same message again and again.
            line.send(answer("200 OK", body, "Cache-Control: max-age=3600", 'ETag: "1"'))
        return heads

    with peer(thrice) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                assert [(await transport.rest.send(poll(events(far)))).body for _ in range(3)] == [EMPTY, b"", EMPTY]

        runtime.run(main)
        ((first, second, third),) = far.done()
        assert not far.more()
    assert b"cache-control: no-cache" in first.lower()
    assert first == second == third


def test_lines_may_be_held_too(runtime: Runtime) -> None:
    def say(line: Line) -> bytes:
        line.head()
        line.send(b"HTTP/1.1 200 OK\r\n\r\none\ntwo\nthree\n")
        return line.to_end()

    with peer(say, answer_once) as far:

        async def main() -> None:
            async with runtime.transport(max_held=1) as transport:
                async with transport.rest.stream(poll(events(far))) as lines:
                    assert [await anext(lines), await anext(lines)] == ["one", "two"]
                assert (await transport.rest.send(poll(events(far)))).body == b"at once"

        runtime.run(main)
        far.done()


def test_a_broken_answer_gives_its_place_back(runtime: Runtime) -> None:
    def broken(line: Line) -> bytes:
        line.head()
        line.send(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")
        return b""

    def too_large(line: Line) -> bytes:
        line.head()
        line.send(answer("200 OK", b"x" * 100_000))
        return line.to_end()

    with peer(broken, too_large, answer_once) as far:

        async def main() -> None:
            async with runtime.transport(max_held=1) as transport:
                request = RestRequest(method="GET", url=events(far), held=True, limit=1000)
                for _ in range(2):
                    assert (await fails(transport, request)).sent == "maybe"
                assert (await transport.rest.send(request)).body == b"at once"

        runtime.run(main)
        far.done()


# --- cancelled, and closed ---


@pytest.mark.parametrize("way", ["plain", "tls", "proxy", "tunnel"])
def test_cancelling_waits_for_no_answer(
    runtime: Runtime, way: str, served: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    asked = threading.Event()
    secure = way in {"tls", "tunnel"}
    with (
        peer(partial(silent, asked), answer_once, tls=served if secure else None) as far,
        peer(tunnel, tunnel) as between,
    ):
        settings: dict[str, Any] = {"proxy": far.url("http")} if way == "proxy" else {}
        settings |= {"proxy": between.url("http")} if way == "tunnel" else {}
        url = "http://chat.example/" if way == "proxy" else far.url("https" if secure else "http", host="localhost")

        async def main() -> None:
            async with runtime.transport(max_held=1, ssl_context=trusting, **settings) as transport:

                async def job() -> None:
                    await transport.rest.send(poll(url))

                await runtime.cancel(job, lambda: runtime.thread(asked.wait))
                # The far side has never answered the first one, and there is room for one.
                assert (await transport.rest.send(poll(url))).body == b"at once"

        runtime.run(main)
        far.done()


@pytest.mark.parametrize("way", ["plain", "tunnel"])
def test_a_proxy_carries_what_is_held_over_one_connection(
    runtime: Runtime, way: str, served: ssl.SSLContext, trusting: ssl.SSLContext
) -> None:
    def twice(line: Line) -> list[bytes]:
        heads = []
        for _ in range(2):
            heads.append(line.head())
            line.send(answer("200 OK", EMPTY))
        return heads

    with peer(twice, tls=served if way == "tunnel" else None) as far, peer(tunnel) as between:
        proxy = far if way == "plain" else between
        url = "http://chat.example/events" if way == "plain" else far.url("https", "/events", "localhost")

        async def main() -> None:
            async with runtime.transport(proxy=f"http://me:pass@127.0.0.1:{proxy.port}", ssl_context=trusting) as ours:
                for _ in range(2):
                    assert (await ours.rest.send(poll(url))).body == EMPTY

        runtime.run(main)
        (heads,) = far.done()
        assert not far.more()
        assert not proxy.more()
    first = b"GET http://chat.example/events HTTP/1.1" if way == "plain" else b"GET /events HTTP/1.1"
    assert [head.split(b"\r\n")[0] for head in heads] == [first, first]


def test_a_transport_that_closes_ends_what_is_held(runtime: Runtime) -> None:
    asked = threading.Event()
    with peer(answer_once, partial(silent, asked)) as far, peer(answer_once) as other:

        async def main() -> None:
            async with runtime.transport() as transport:
                failures: list[RequestNotAnswered] = []

                async def hold() -> None:
                    failures.append(await fails(transport, poll(far.url("http", host="localhost"))))

                async def close() -> None:
                    await runtime.thread(asked.wait)
                    await transport.rest.aclose()

                for side in (far, other):
                    assert (await transport.rest.send(poll(events(side)))).body == b"at once"
                await runtime.together(hold, close)
                assert [failure.sent for failure in failures] == ["maybe"]
                refused = await fails(transport, poll(events(far)))
                assert (refused.sent, refused.message) == ("no", "the transport is closed")

        runtime.run(main)
        assert far.done() == [b"", b""]
        assert other.done() == [b""]


def test_nothing_is_left_open(runtime: Runtime) -> None:
    count = 20
    holding, asked = Holding(count), [threading.Event() for _ in range(count)]
    held = peer(*[holding] * count)
    dropped = peer(*[partial(silent, event) for event in asked])
    with held as kept_side, dropped as cancelled_side:

        async def main() -> None:
            async def exchange(transport: Transport) -> None:
                async def hold() -> None:
                    await transport.rest.send(poll(events(kept_side)))

                async def cancelled() -> None:
                    async def job() -> None:
                        await transport.rest.send(poll(events(cancelled_side)))

                    async def all_held() -> None:
                        await runtime.thread(holding.all_asked)
                        for event in asked:
                            await runtime.thread(event.wait)
                        holding.answer.set()

                    await runtime.cancel(lambda: runtime.together(*[job] * count), all_held)
                    await runtime.thread(cancelled_side.done)

                await runtime.together(*[hold] * count, cancelled)

            await runtime.thread(open_files)
            before = open_files()
            async with runtime.transport() as transport:
                await exchange(transport)
            await runtime.thread(kept_side.done)
            await runtime.settle()
            assert open_files() == before

        runtime.run(main)
        gc.collect()  # trio and asyncio warn of what is dropped half-way


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())
