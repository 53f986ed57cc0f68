"""Every way in which a socket ends, and that nothing of it stays open; on both runtimes."""

import struct
import threading

import pytest

from deskline_core.errors import SocketEnded
from deskline_transports.base import WebSocket
from tests.transports.peers import CLOSE, PING, TEXT, Line, Runtime, close_frame, framed, peer


async def ended(socket: WebSocket) -> SocketEnded:
    with pytest.raises(SocketEnded) as caught:
        await socket.receive()
    return caught.value


async def too_late(socket: WebSocket) -> None:
    """Send into a socket that has ended: not a byte of it can have left, and it is said so."""
    with pytest.raises(SocketEnded) as caught:
        await socket.send("too late")
    assert not caught.value.written


def test_the_peer_closes_first_and_leaves_the_connection_to_us(runtime: Runtime) -> None:
    def close(line: Line) -> tuple[int, bytes]:
        line.accept()
        line.say(TEXT, b"last words")
        line.send(close_frame(4001, "bye ü"))
        echoed = line.frame()
        assert line.to_end() == b""  # ours to end: the peer keeps it open
        return echoed

    with peer(close) as far:

        async def main() -> None:
            async with runtime.transport(close_timeout=PATIENT) as transport:
                socket = await transport.open_socket(far.url())
                assert await socket.receive() == "last words"
                end = await ended(socket)
                assert (end.close_code, end.reason, end.oversize) == (4001, "bye ü", False)
                end = await ended(socket)
                assert end.close_code == 4001
                await too_late(socket)
                await socket.aclose()
                await runtime.thread(far.done)

        runtime.run(main)
        ((opcode, payload),) = far.done()
    assert (opcode, payload[:2]) == (CLOSE, struct.pack("!H", 4001))


# Where a test must not depend on the time that a close may take.
PATIENT = 1000.0


def test_a_close_without_a_code(runtime: Runtime) -> None:
    def close(line: Line) -> None:
        line.accept()
        line.send(framed(CLOSE))
        line.to_end()

    with peer(close) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())
                assert (await ended(socket)).close_code == 1005
                await socket.aclose()

        runtime.run(main)


def test_a_loss_has_no_code(runtime: Runtime) -> None:
    def leave(line: Line) -> None:
        line.accept()

    def leave_in_a_frame(line: Line) -> None:
        line.accept()
        line.send(framed(TEXT, b"only half of it")[:6])

    def reset(line: Line) -> None:
        line.accept()
        line.sock.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER 0

    with peer(leave, leave_in_a_frame, reset) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                for _ in range(3):
                    socket = await transport.open_socket(far.url())
                    assert (await ended(socket)).close_code is None
                    await too_late(socket)
                    await socket.aclose()

        runtime.run(main)


def test_closing_in_order(runtime: Runtime) -> None:
    def agree(line: Line) -> tuple[bytes, bytes]:
        line.accept()
        opcode, payload = line.frame()
        assert opcode == CLOSE
        line.send(framed(CLOSE, payload[:2]))
        return payload, line.to_end()

    with peer(agree) as far:

        async def main() -> None:
            async with runtime.transport(close_timeout=PATIENT) as transport:
                socket = await transport.open_socket(far.url())
                await socket.aclose(4321, "done ü")
                assert (await ended(socket)).close_code == 4321
                await too_late(socket)
                await socket.aclose()
                await socket.aclose(1001)
                await runtime.thread(far.done)

        runtime.run(main)
        assert far.done() == [(struct.pack("!H", 4321) + "done ü".encode(), b"")]


def test_a_receive_that_waits_learns_of_our_close(runtime: Runtime) -> None:
    with peer(lambda line: (line.accept(), line.to_end())) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())

                async def job() -> None:
                    assert (await ended(socket)).close_code == 1000

                async def close() -> None:
                    await runtime.settle()
                    await socket.aclose()

                async def send() -> None:
                    await runtime.settle()
                    await runtime.settle()
                    await too_late(socket)  # the closing has begun, and the peer does not answer it

                await runtime.together(job, close, close, send)

        runtime.run(main)
        far.done()


@pytest.mark.parametrize("reads", [True, False], ids=["reads on", "does not read"])
def test_a_peer_that_never_answers_a_close(runtime: Runtime, reads: bool) -> None:
    closed = threading.Event()

    def ignore(line: Line) -> None:
        line.accept()
        if not reads:
            closed.wait()
        line.to_end()

    with peer(ignore) as far:

        async def main() -> None:
            async with runtime.transport(close_timeout=0.05) as transport:
                socket = await transport.open_socket(far.url())

                async def fill() -> None:
                    if not reads:
                        with pytest.raises(SocketEnded) as caught:
                            await socket.send("x" * 20_000_000)
                        assert caught.value.written

                async def close() -> None:
                    await runtime.settle()
                    await socket.aclose()
                    closed.set()

                await runtime.together(fill, close)
                await runtime.thread(far.done)

        runtime.run(main)


def test_what_cannot_stand_in_a_close_frame_closes_anyway(runtime: Runtime) -> None:
    def read(line: Line) -> bytes:
        line.accept()
        opcode, payload = line.frame()
        assert opcode == CLOSE
        return payload

    def end(line: Line) -> None:
        line.accept()
        line.to_end()

    with peer(read, end, end, end) as far:

        async def main() -> None:
            async with runtime.transport(close_timeout=PATIENT) as transport:
                socket = await transport.open_socket(far.url())
                await socket.aclose(1000, "ü" * 200)
            async with runtime.transport() as transport:
                for code, reason in ((1000, "bad\ud800"), (99, ""), (70_000, "")):
                    socket = await transport.open_socket(far.url())
                    await socket.aclose(code, reason)
                await runtime.thread(far.done)

        runtime.run(main)
        long, *_ = far.done()
    assert len(long) == 2 + 122  # 123 bytes would cut a letter in two


def test_a_cancelled_close_closes(runtime: Runtime) -> None:
    closing = threading.Event()

    def ignore(line: Line) -> None:
        line.accept()
        assert line.frame()[0] == CLOSE
        closing.set()
        line.to_end()

    with peer(ignore) as far:

        async def main() -> None:
            async with runtime.transport(close_timeout=0.5) as transport:
                socket = await transport.open_socket(far.url())
                await runtime.cancel(socket.aclose, lambda: runtime.thread(closing.wait))
                await runtime.thread(far.done)

        runtime.run(main)


def test_a_close_inside_of_a_cancelled_task_closes_in_order(runtime: Runtime) -> None:
    def leave(line: Line) -> None:
        line.accept()
        assert line.frame()[0] == CLOSE

    with peer(leave) as far:

        async def main() -> None:
            async with runtime.transport(close_timeout=PATIENT) as transport:
                socket = await transport.open_socket(far.url())

                async def job() -> None:
                    try:
                        await socket.receive()
                    finally:
                        await socket.aclose()

                await runtime.cancel(job, runtime.settle)
                await runtime.thread(far.done)

        runtime.run(main)


def test_a_ping_that_crosses_our_close(runtime: Runtime) -> None:
    def ping_late(line: Line) -> None:
        line.accept()
        opcode, payload = line.frame()
        assert opcode == CLOSE
        line.say(PING, b"there?")
        line.send(framed(CLOSE, payload))
        line.to_end()

    def echo(line: Line) -> None:
        line.accept()
        line.say(TEXT, line.frame()[1])
        line.to_end()

    with peer(ping_late, echo) as far:

        async def main() -> None:
            async with runtime.transport(close_timeout=1.0) as transport:
                first = await transport.open_socket(far.url())
                await first.aclose()
                second = await transport.open_socket(far.url())
                await second.send("unharmed")
                assert await second.receive() == "unharmed"

        runtime.run(main)
        far.done()


def test_no_keep_alive_of_the_libraries_runs(runtime: Runtime) -> None:
    def listen(line: Line) -> bytes:
        line.accept()
        return line.to_end()

    with peer(listen) as far:

        async def main() -> None:
            async with runtime.transport(close_timeout=0) as transport:
                socket = await transport.open_socket(far.url())
                await runtime.sleep(24 * 3600)
                await socket.aclose()

        runtime.run(main, virtual=True)
        (data,) = far.done()
    assert data == b"" or data[0] == 0x80 | CLOSE
