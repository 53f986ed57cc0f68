"""The fault proxy in front of far sides made of plain sockets: which bytes pass, and what either end sees then."""

import asyncio
import gc
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import msgspec
import pytest

from deskline.center import FaultProxy, proxied, serve
from deskline.center.wire_faults import BlackHole, Cut, Drip, Fault, Lag, Refuse, Reset, StreamFault
from deskline_core.errors import IllegalState, InvalidValue
from tests.transports.peers import PATIENCE, Line, Peer, closed_port, peer

FAULTS: list[Fault] = [Reset(), Cut(watch="down", match="x", after=3), Drip(size=2), Lag(), BlackHole(), Refuse()]


@contextmanager
def front(*scripts: Callable[[Line], object]) -> Iterator[tuple[FaultProxy, Peer]]:
    """A far side of scripts, one for each connection, behind a proxy."""
    with peer(*scripts) as far, proxied(far.url("http")) as proxy:
        yield proxy, far


def dial(proxy: FaultProxy) -> socket.socket:
    host, _, port = proxy.url.removeprefix("http://").rpartition(":")
    return socket.create_connection((host, int(port)), timeout=PATIENCE)


def taken(line: Line) -> bytes:
    """A far side that takes all there is, to the end, and answers nothing."""
    return line.to_end()


def echo(line: Line) -> bytes:
    """A far side that gives back the first line, and then takes all there is."""
    while b"\n" not in line.rest:
        line.rest += line.sock.recv(4096)
    first, _, line.rest = line.rest.partition(b"\n")
    line.send(first + b"\n")
    return line.to_end()


def count(line: Line) -> None:
    """A far side that is asked, and counts."""
    line.exactly(1)
    line.send(b"one two three")
    line.to_end()


def reset(line: Line) -> str:
    """A far side that says what became of its connection."""
    try:
        while line.sock.recv(4096):
            pass
    except ConnectionResetError:
        return "reset"
    return "ended"


def until(holds: Callable[[], bool], proxy: FaultProxy) -> None:
    """Give the proxy's loop turns until it holds."""
    for _ in range(100_000):
        if holds():
            return
        proxy.arm(Cut(match="no such bytes", times=0))
    pytest.fail("it never happened")


def everything(client: socket.socket) -> bytes:
    data = b""
    while part := client.recv(4096):
        data += part
    return data


# --- without faults ---


def test_it_carries_everything_and_each_end() -> None:
    data = bytes(range(256)) * 4096

    def mirror(line: Line) -> None:
        line.send(line.exactly(len(data))[::-1])

    with front(mirror) as (proxy, _), dial(proxy) as client:
        client.sendall(data)
        client.shutdown(socket.SHUT_WR)
        assert everything(client) == data[::-1]
        until(lambda: proxy.open == 0, proxy)
        assert proxy.struck == 0


def test_a_reset_is_passed_on() -> None:
    with front(reset) as (proxy, far):
        with dial(proxy) as client:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        assert far.done() == ["reset"]


def test_where_nobody_listens_a_client_is_reset() -> None:
    with proxied(f"http://127.0.0.1:{closed_port()}") as proxy:
        with pytest.raises(ConnectionResetError), dial(proxy) as client:  # perhaps amid its connecting
            client.recv(1)
        assert proxy.open == 0


# --- where a fault strikes ---


@pytest.mark.parametrize("after", [0, 1, 7, 8])
def test_it_cuts_exactly_there(after: int) -> None:
    with front(taken) as (proxy, far), dial(proxy) as client:
        proxy.arm(Cut(after=after))
        client.sendall(b"8 bytes.")
        assert everything(client) == b""
        assert far.done() == [b"8 bytes."[:after]]


@pytest.mark.parametrize("match", ["POST", "T /c", "\r\n\r\n"])
def test_it_is_triggered_by_what_passes_in_however_many_pieces(match: str) -> None:
    text = b"POST /chats HTTP/1.1\r\n\r\nbody of the request"
    with front(taken) as (proxy, far), dial(proxy) as client:
        proxy.arm(Cut(match=match, after=3))
        with suppress(ConnectionError):  # who goes on sending is reset
            for at in range(0, len(text), 3):
                client.sendall(text[at : at + 3])  # the system may join pieces; where it cuts is the same
            client.recv(1)
        assert far.done() == [text[: text.index(match.encode()) + len(match) + 3]]


def test_it_watches_the_answers_too() -> None:
    with front(count) as (proxy, _), dial(proxy) as client:
        proxy.arm(Cut(watch="down", match="two", after=1))
        client.sendall(b"?")
        assert everything(client) == b"one two "


def test_it_strikes_as_many_connections_as_it_says_and_each_once() -> None:
    with front(echo, echo, echo) as (proxy, _):
        proxy.arm(Cut(match="hello", after=0, times=2))
        for number in range(3):
            with dial(proxy) as client:
                client.sendall(b"hello hello\n")
                assert everything_until_line(client) == (b"hello hello\n" if number == 2 else b"")
        assert proxy.struck == 2


def everything_until_line(client: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\n") and (part := client.recv(4096)):
        data += part
    return data


def test_of_several_the_one_whose_place_comes_first_strikes_first() -> None:
    with front(taken) as (proxy, far), dial(proxy) as client:
        for fault in (Cut(match="d", after=0), BlackHole(match="f"), Cut(after=9), Drip(match="b", pause=0)):
            proxy.arm(fault)
        client.sendall(b"abcdefghi")
        assert everything(client) == b""
        assert far.done() == [b"abcd"]
        assert proxy.struck == 2


def test_it_strikes_all_that_are_open_at_once_and_no_later_one() -> None:
    with front(reset, reset, echo) as (proxy, far), dial(proxy) as one, dial(proxy) as two:
        until(lambda: proxy.open == 2, proxy)
        assert proxy.strike(Reset(match="is not looked at")) == 2
        for client in (one, two):
            with pytest.raises(ConnectionResetError):
                client.recv(1)
        with dial(proxy) as third:
            third.sendall(b"hello\n")
            assert everything_until_line(third) == b"hello\n"
        assert far.done()[:2] == ["reset", "reset"]


# --- what it does there ---


def test_a_reset_in_mid_stream() -> None:
    with front(reset) as (proxy, far), dial(proxy) as client:
        proxy.arm(Reset(after=3))
        client.sendall(b"hello")
        with pytest.raises(ConnectionResetError):
            client.recv(1)
        assert far.done() == ["reset"]


@pytest.mark.parametrize("fault", [Drip(size=3), Drip(flows="up"), Lag(seconds=0.01), Lag(flows="down", seconds=0.01)])
def test_slowly_everything_arrives_in_order(fault: StreamFault) -> None:
    text = bytes(range(11, 256)) + b"\n"
    with front(echo) as (proxy, far), dial(proxy) as client:
        proxy.arm(fault)
        client.sendall(text)
        assert everything_until_line(client) == text
        client.sendall(b"and the rest")
        client.close()
        assert far.done() == [b"and the rest"]


def test_in_drops_each_passes_alone() -> None:
    def drops(line: Line) -> list[bytes]:
        found = []
        for drop in (b"a", b"b", b"c"):
            found.append(line.sock.recv(4096))
            line.send(drop)
        return found

    with front(drops) as (proxy, far), dial(proxy) as client:
        proxy.arm(Drip(size=1, pause=0.05))
        client.sendall(b"123")
        client.shutdown(socket.SHUT_WR)
        assert everything(client) == b"abc"
        assert b"".join(far.done()[0]) == b"123"


def test_a_black_hole_swallows_the_end_as_well_until_it_heals() -> None:
    with front(reset) as (proxy, far):
        with dial(proxy) as client:
            until(lambda: proxy.open == 1, proxy)
            proxy.strike(BlackHole())
            client.sendall(b"hello")
            client.settimeout(0.05)
            with pytest.raises(TimeoutError):
                client.recv(1)
        assert proxy.open == 1, "the far side has not heard that it has gone"
        proxy.heal()
        assert far.done() == ["reset"]
        until(lambda: proxy.open == 0, proxy)


def test_half_open_one_flow_goes_on() -> None:
    with front(echo) as (proxy, far), dial(proxy) as client:
        proxy.arm(BlackHole(flows="down"))
        client.sendall(b"hello\nyou there")
        client.shutdown(socket.SHUT_WR)
        assert everything(client) == b"", "the far side has ended it, and was not heard"
        assert far.done() == [b"you there"]


def test_refused_until_it_heals_while_the_open_ones_go_on() -> None:
    with front(echo, echo) as (proxy, far), dial(proxy) as early:
        until(lambda: proxy.open == 1, proxy)
        for _ in range(2):
            proxy.strike(Refuse())
            with pytest.raises(ConnectionRefusedError):
                dial(proxy)
        early.sendall(b"hello\n")
        assert everything_until_line(early) == b"hello\n"
        for _ in range(2):
            proxy.heal()
        with dial(proxy) as late:
            late.sendall(b"late\n")
            assert everything_until_line(late) == b"late\n"
        early.close()
        assert far.done() == [b"", b""]


def test_healed_it_forgets_what_was_armed_and_what_was_slow() -> None:
    with front(echo) as (proxy, _), dial(proxy) as client:
        proxy.arm(Drip(pause=3600))
        client.sendall(b"h")
        until(lambda: proxy.struck == 1, proxy)
        proxy.arm(Cut())
        proxy.strike(Lag(seconds=0))
        proxy.heal()
        assert proxy.struck == 2


def test_healed_amid_the_bytes_that_lead_to_it_a_fault_does_not_strike() -> None:
    with front(echo) as (proxy, _), dial(proxy) as client:
        proxy.arm(Drip(size=1, pause=0.02))
        proxy.arm(Cut(after=5))
        client.sendall(b"hello you\n")
        until(lambda: proxy.struck == 1, proxy)
        proxy.heal()
        assert everything_until_line(client) == b"hello you\n"
        assert proxy.struck == 1


# --- as a part of the kit ---


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: type(fault).__name__)
def test_faults_are_data(fault: Fault) -> None:
    assert msgspec.json.decode(msgspec.json.encode(fault), type=Fault) == fault


@pytest.mark.parametrize("wrong", [b'{"fault":"drip","size":0}', b'{"fault":"lag","seconds":-1}', b'{"fault":"flood"}'])
def test_faults_that_make_no_sense(wrong: bytes) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.json.decode(wrong, type=Fault)


def test_what_it_refuses() -> None:
    for target in ("", "https://desk.test", "desk.test:80"):
        with pytest.raises(InvalidValue):
            FaultProxy().lead_to(target)
    proxy = FaultProxy("http://127.0.0.1:1")
    for use in (proxy.heal, lambda: proxy.strike(Cut()), lambda: proxy.url):
        with pytest.raises(IllegalState):
            use()
    with proxied("http://127.0.0.1:1") as running, pytest.raises(InvalidValue):
        running.arm(Refuse())  # type: ignore[arg-type]


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(OSError, match="in use"), proxied("http://127.0.0.1:1", port=port):
            pass


def test_clients_are_told_its_urls_and_none_of_the_center_s() -> None:
    proxy = FaultProxy()
    with serve(proxy=proxy) as center:
        assert center.url == proxy.url
        answer = httpx.get(f"{center.url}/control", trust_env=False)
        assert answer.json()["threads"] == []
        proxy.arm(Reset(match="GET /control"))
        with pytest.raises(httpx.TransportError):
            httpx.get(f"{center.url}/control", trust_env=False)
        assert center.control.overview()["threads"] == []
    with pytest.raises(IllegalState):
        proxy.heal()


def test_in_the_loop_of_an_app() -> None:
    async def main() -> None:
        with peer(echo, taken) as far:
            async with FaultProxy(far.url("http")) as proxy:
                host, port = proxy.url.removeprefix("http://").split(":")
                reader, writer = await asyncio.open_connection(host, int(port))
                writer.write(b"hello\n")
                assert await reader.readline() == b"hello\n"
                proxy.strike(Refuse())
                proxy.heal()
                proxy.strike(Refuse())
                proxy.heal()
                _, late = await asyncio.open_connection(host, int(port))
                late.write(b"x")
                await asyncio.to_thread(until, lambda: proxy.open == 2, proxy)
            for end in (writer, late):
                end.close()
            await asyncio.to_thread(far.done)
            await proxy.stop()

    asyncio.run(main())


# asyncio lets go of a socket that it is about to take when its server is closed, and only the collector closes it.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("steps", range(12))
def test_whoever_is_taken_while_it_stops_is_not_carried(steps: int) -> None:
    async def main() -> None:
        with socket.create_server(("127.0.0.1", 0)) as far, socket.socket() as client:
            proxy = await FaultProxy(f"http://127.0.0.1:{far.getsockname()[1]}").start()
            client.setblocking(False)
            with suppress(BlockingIOError):
                client.connect(("127.0.0.1", int(proxy.url.rpartition(":")[2])))
            for _ in range(steps):
                await asyncio.sleep(0)
            await proxy.stop()
            for _ in range(20):
                await asyncio.sleep(0)
            assert (proxy.open, asyncio.all_tasks()) == (0, {asyncio.current_task()})

    asyncio.run(main())
    gc.collect()


def test_the_kit_has_it() -> None:
    from deskline import testing

    assert testing.FaultProxy is FaultProxy
    assert Path(testing.wire_faults.__file__).name == "wire_faults.py"
