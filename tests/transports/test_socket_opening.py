"""How a socket opens, is refused, and leaves nothing behind; on both runtimes."""

import asyncio
import gc
import socket
import threading
from contextlib import suppress

import pytest

from deskline_core.errors import IllegalState, SocketRefused
from deskline_transports.asyncio_websocket import AsyncioTransport
from deskline_transports.base import Network
from deskline_transports.trio_websocket import TrioTransport
from tests.transports.peers import Line, Runtime, answer, close_frame, closed_port, peer, switching


def greet_and_wait(line: Line) -> bytes:
    head = line.accept()
    line.to_end()
    return head


def test_the_handshake_carries_what_was_asked_and_nothing_more(runtime: Runtime) -> None:
    with peer(greet_and_wait) as far:

        async def main() -> None:
            async with runtime.transport(user_agent="kiosk/2") as transport:
                socket = await transport.open_socket(far.url(path="/chat?brand=1&token=x"), (("X-One", "a b"),))
                await socket.aclose()

        runtime.run(main)
        (head,) = far.done()
    lines = head.decode().split("\r\n")
    assert lines[0] == "GET /chat?brand=1&token=x HTTP/1.1"
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
    assert headers.pop("sec-websocket-key")
    assert headers == {
        "host": f"127.0.0.1:{far.port}",
        "upgrade": "websocket",
        "connection": "Upgrade",
        "sec-websocket-version": "13",
        "user-agent": "kiosk/2",
        "x-one": "a b",
    }


def test_a_user_agent_among_the_headers_holds(runtime: Runtime) -> None:
    with peer(greet_and_wait) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                await (await transport.open_socket(far.url(), (("user-agent", "mine"),))).aclose()

        runtime.run(main)
        (head,) = far.done()
    assert head.lower().count(b"user-agent") == 1
    assert b"mine" in head


@pytest.mark.parametrize("status", ["401 Unauthorized", "403 Forbidden", "404 Not Found", "500 Oops", "302 Found"])
@pytest.mark.parametrize("body", ["none", "missing", "endless"])
def test_a_refusal_is_told_at_once_and_its_socket_is_closed(runtime: Runtime, status: str, body: str) -> None:
    def refuse(line: Line) -> bytes:
        line.head()
        length = {"none": "Content-Length: 0\r\n", "missing": "Content-Length: 99\r\n", "endless": ""}[body]
        line.send(f"HTTP/1.1 {status}\r\nLocation: ws://127.0.0.1:{far.port}/\r\n{length}\r\n".encode())
        return line.to_end()

    with peer(refuse) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                with pytest.raises(SocketRefused) as caught:
                    await transport.open_socket(far.url())
                assert caught.value.status == int(status[:3])
                # The far side sees the end while the transport lives on.
                await runtime.thread(far.done)

        runtime.run(main)
        assert not far.more()


@pytest.mark.parametrize("said", [b"", b"HTTP/1.1 1", b"HTTP/1.1 101 Switching Protocols\r\nUpgr"])
def test_a_far_side_that_goes_during_the_handshake(runtime: Runtime, said: bytes) -> None:
    def leave(line: Line) -> None:
        line.head()
        line.send(said)

    with peer(leave) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                with pytest.raises(SocketRefused) as caught:
                    await transport.open_socket(far.url())
                assert caught.value.status is None

        runtime.run(main)


@pytest.mark.parametrize(
    "said",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"\x00" * 20000,
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
        b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: wrong\r\n\r\n",
    ],
    ids=["other protocol", "noise", "bare 101", "wrong key"],
)
def test_a_far_side_that_speaks_something_else(runtime: Runtime, said: bytes) -> None:
    def babble(line: Line) -> bytes:
        line.head()
        line.send(said)
        return line.to_end()

    with peer(babble) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                with pytest.raises(SocketRefused) as caught:
                    await transport.open_socket(far.url())
                assert caught.value.status is None
                await runtime.thread(far.done)

        runtime.run(main)


def test_compression_that_was_not_offered_is_refused(runtime: Runtime) -> None:
    def press(line: Line) -> bytes:
        head = switching(line.head())
        line.send(head[:-2] + b"Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
        return line.to_end()

    with peer(press) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                with pytest.raises(SocketRefused):
                    await transport.open_socket(far.url())
                await runtime.thread(far.done)

        runtime.run(main)


def test_nobody_listens(runtime: Runtime) -> None:
    async def main() -> None:
        async with runtime.transport() as transport:
            with pytest.raises(SocketRefused, match="ConnectionRefusedError") as caught:
                await transport.open_socket(f"ws://127.0.0.1:{closed_port()}/")
            assert caught.value.status is None

    runtime.run(main)


def test_a_cancelled_opening_leaves_no_socket(runtime: Runtime) -> None:
    asked = threading.Event()

    def stay_silent(line: Line) -> bytes:
        line.head()
        asked.set()
        return line.to_end()

    with peer(stay_silent) as far:

        async def main() -> None:
            async with runtime.transport() as transport:

                async def job() -> None:
                    await transport.open_socket(far.url())

                await runtime.cancel(job, lambda: runtime.thread(asked.wait))
                await runtime.thread(far.done)

        runtime.run(main)


@pytest.mark.parametrize(
    "url",
    [
        "http://chat.example/",
        "ws:///path",
        "ws://chat.example:port/",
        "ws://[::1/",
        "wss://chat.example/a b",
        "wss://chat.example/\r\nX: y",
        "wss://chät.example/",
        "wss://me:secret@chat.example/",
        "",
    ],
)
def test_an_address_that_is_none(runtime: Runtime, url: str) -> None:
    async def main() -> None:
        async with runtime.transport() as transport:
            with pytest.raises(SocketRefused) as caught:
                await transport.open_socket(url)
            assert "secret" not in str(caught.value)

    runtime.run(main)


@pytest.mark.parametrize("header", [("X-A", "b\r\nX-B: c"), ("X A", "b"), ("X-A", "\u20ac"), ("", "b")])
def test_headers_that_cannot_be_sent(runtime: Runtime, header: tuple[str, str]) -> None:
    async def main() -> None:
        async with runtime.transport() as transport:
            with pytest.raises(SocketRefused, match="header"):
                await transport.open_socket("ws://127.0.0.1:1/", (header,))

    runtime.run(main)


def test_leaving_the_transport_ends_its_sockets(runtime: Runtime) -> None:
    with peer(greet_and_wait, greet_and_wait) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                await transport.open_socket(far.url())
                await transport.open_socket(far.url())
            await runtime.thread(far.done)

        runtime.run(main)


def test_an_exception_comes_out_bare(runtime: Runtime) -> None:
    class OursError(Exception):
        pass

    with peer(greet_and_wait) as far:

        async def main() -> None:
            async def fail() -> None:
                async with runtime.transport() as transport:
                    await transport.open_socket(far.url())
                    raise OursError

            with pytest.raises(OursError):
                await fail()
            await runtime.thread(far.done)

        runtime.run(main)


def test_cancelling_the_transport_ends_its_sockets(runtime: Runtime) -> None:
    opened = threading.Event()
    with peer(greet_and_wait) as far:

        async def main() -> None:
            async def job() -> None:
                async with runtime.transport() as transport:
                    socket = await transport.open_socket(far.url())
                    opened.set()
                    await socket.receive()

            await runtime.cancel(job, lambda: runtime.thread(opened.wait))
            await runtime.thread(far.done)

        runtime.run(main)


async def test_on_trio_sockets_live_inside_the_transport() -> None:
    transport = TrioTransport()
    with pytest.raises(IllegalState):
        await transport.open_socket("ws://127.0.0.1:1/")
    async with transport:
        await transport.aclose()
        with pytest.raises(IllegalState):
            await transport.open_socket("ws://127.0.0.1:1/")


def test_a_failing_socket_disturbs_no_other(runtime: Runtime) -> None:
    def echo(line: Line) -> None:
        line.accept()
        _, text = line.frame()
        line.send(b"\x81" + bytes([len(text)]) + text)
        line.to_end()

    def fail(line: Line) -> None:
        line.accept()
        line.send(b"\xff\xff\xff\xff")
        line.to_end()

    def refuse(line: Line) -> None:
        line.head()
        line.send(answer("403 No"))

    def leave(line: Line) -> None:
        line.accept()
        line.send(close_frame(1001))

    with peer(echo, fail, refuse, leave) as far:

        async def main() -> None:
            async with runtime.transport(close_timeout=0.1) as transport:
                first = await transport.open_socket(far.url())
                await first.send("before")
                broken = await transport.open_socket(far.url())
                await broken.aclose()
                with pytest.raises(SocketRefused):
                    await transport.open_socket(far.url())
                gone = await transport.open_socket(far.url())
                await gone.aclose()
                assert await first.receive() == "before"
                await first.aclose()

        runtime.run(main)
        far.done()


@pytest.mark.parametrize("proxied", [False, True])
def test_whenever_an_opening_is_cancelled_nothing_is_said_of_it(proxied: bool) -> None:
    """On asyncio: the connection may be made, and lost, while the cancellation is on its way."""
    said: list[dict[str, object]] = []

    async def cancelled_at(turn: int, url: str, proxy: str | None) -> bool:
        async with AsyncioTransport(Network(proxy=proxy)) as transport:
            opening = asyncio.ensure_future(transport.open_socket(url))
            for _ in range(turn):
                await asyncio.sleep(0)
            opening.cancel()
            with suppress(asyncio.CancelledError, SocketRefused):
                await opening
            for _ in range(3):
                await asyncio.sleep(0)
        return opening.cancelled()

    async def main() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _, context: said.append(context))
        with socket.create_server(("127.0.0.1", 0), backlog=100) as silent:
            place = f"127.0.0.1:{silent.getsockname()[1]}"
            proxy, url = (f"http://{place}", "ws://desk.test/") if proxied else (None, f"ws://{place}/")
            assert all([await cancelled_at(turn, url, proxy) for turn in range(30)])
        gc.collect()

    asyncio.run(main())
    assert said == []
