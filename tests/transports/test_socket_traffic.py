"""Frames in both directions: nothing lost, nothing torn, nothing too large; on both runtimes."""

import struct
import threading
from contextlib import suppress

import pytest

from deskline_core.errors import InvalidValue, SocketEnded
from deskline_transports.base import WebSocket
from tests.transports.peers import BINARY, CLOSE, CONT, PING, PONG, TEXT, Line, Runtime, close_frame, peer

BIG = "x" * 20_000_000  # more than the kernel's buffers of a connection hold


async def ended(socket: WebSocket) -> SocketEnded:
    """Read to the end and return it."""
    try:
        while True:
            await socket.receive()
    except SocketEnded as end:
        return end


def test_text_goes_both_ways(runtime: Runtime) -> None:
    texts = ["", "hello", "grüße \N{GRINNING FACE}", "x" * 70_000]

    def echo(line: Line) -> None:
        line.accept()
        for _ in texts:
            opcode, payload = line.frame()
            assert opcode == TEXT
            line.say(TEXT, payload)
        line.to_end()

    with peer(echo) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())
                for text in texts:
                    await socket.send(text)
                    assert await socket.receive() == text

        runtime.run(main)
        far.done()


def test_frames_that_come_with_the_handshake_are_read(runtime: Runtime) -> None:
    def eager(line: Line) -> None:
        from tests.transports.peers import framed, switching

        line.send(switching(line.head()) + framed(TEXT, b"one") + framed(TEXT, b"two") + close_frame(1000, "done"))
        line.to_end()

    with peer(eager) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())
                assert [await socket.receive(), await socket.receive()] == ["one", "two"]
                end = await ended(socket)
                assert (end.close_code, end.reason) == (1000, "done")
                await socket.aclose()

        runtime.run(main)
        far.done()


def test_fragments_are_joined_and_binary_is_skipped(runtime: Runtime) -> None:
    def talk(line: Line) -> None:
        line.accept()
        line.say(BINARY, b"\x00\x01")
        line.say(TEXT, "grü".encode()[:3], fin=False)
        line.say(PING, b"between")
        line.say(CONT, "grü".encode()[3:], fin=False)
        line.say(CONT, b"", fin=True)
        line.say(BINARY, b"\x00", fin=False)
        line.say(CONT, b"\x01", fin=True)
        line.say(TEXT, b"last")
        assert line.frame() == (PONG, b"between")
        line.to_end()

    with peer(talk) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())
                assert await socket.receive() == "grü"
                assert await socket.receive() == "last"
                await socket.aclose()

        runtime.run(main)
        far.done()


def test_pings_are_answered_while_nobody_reads(runtime: Runtime) -> None:
    answered = threading.Event()

    def talk(line: Line) -> None:
        line.accept()
        for number in range(500):
            line.say(TEXT, str(number).encode())
        line.say(PING, b"still there?")
        assert line.frame() == (PONG, b"still there?")
        answered.set()
        line.to_end()

    with peer(talk) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())
                assert await runtime.thread(answered.wait, 5)
                assert [await socket.receive() for _ in range(500)] == [str(number) for number in range(500)]

        runtime.run(main)
        far.done()


def test_a_reader_that_is_far_behind_slows_the_peer_and_loses_nothing(runtime: Runtime) -> None:
    count = 5000

    def flood(line: Line) -> None:
        line.accept()
        for number in range(count):
            line.say(TEXT, b"%d" % number)
        line.to_end()

    with peer(flood) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())
                assert [await socket.receive() for _ in range(count)] == [str(number) for number in range(count)]

        runtime.run(main)
        far.done()


def test_a_cancelled_receive_loses_no_frame(runtime: Runtime) -> None:
    count = 50  # each may cost a turn of the interpreter between its threads

    def drip(line: Line) -> None:
        line.accept()
        for number in range(count):
            line.say(TEXT, b"%d" % number)
            assert line.frame()[0] == TEXT
        line.to_end()

    with peer(drip) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())
                got: list[str] = []

                async def job() -> None:
                    while True:
                        got.append(await socket.receive())

                async def step() -> None:
                    await runtime.sleep(0)

                while len(got) < count:
                    # The reader is cancelled after every turn of the loop, whatever has come meanwhile.
                    before = len(got)
                    await runtime.cancel(job, step)
                    for _ in got[before:]:
                        await socket.send("next")

                assert got == [str(number) for number in range(count)]

        runtime.run(main)
        far.done()


def test_a_cancelled_send_is_followed_by_nothing(runtime: Runtime) -> None:
    cancelled = threading.Event()

    def read_slowly(line: Line) -> bytes:
        line.accept()
        first = line.exactly(1000)
        line.say(PING, b"now")
        cancelled.wait()
        return first + line.to_end()

    with peer(read_slowly) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())

                async def job() -> None:
                    await socket.send(BIG)

                await runtime.cancel(job, runtime.settle)
                with pytest.raises(SocketEnded) as caught:
                    await socket.send("second")
                assert caught.value.close_code is None
                await ended(socket)
                cancelled.set()
                await socket.aclose()

        runtime.run(main)
        (data,) = far.done()
    # One frame's head announces more than came: it is torn, and nothing stands behind it.
    assert data[:2] == b"\x81\xff"
    (size,) = struct.unpack("!Q", data[2:10])
    assert size == len(BIG)
    assert len(data) < size
    mask = data[10:14]
    whole = len(data) - (len(data) - 14) % 4
    assert data[14:whole] == bytes(byte ^ ord("x") for byte in mask) * ((whole - 14) // 4)


def test_senders_wait_while_the_peer_does_not_read(runtime: Runtime) -> None:
    go = threading.Event()

    def read_late(line: Line) -> list[int]:
        line.accept()
        go.wait()
        sizes = [len(line.frame()[1]) for _ in range(3)]
        return [sizes[0], *sorted(sizes[1:])]

    with peer(read_late) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())
                sent: list[int] = []

                async def job(size: int) -> None:
                    await socket.send("y" * size)
                    sent.append(size)

                async def others() -> None:
                    await runtime.settle()
                    await runtime.together(lambda: job(100), lambda: job(101), release)

                async def release() -> None:
                    await runtime.settle()
                    assert sent == []
                    go.set()

                await runtime.together(lambda: job(len(BIG)), others)
                await runtime.thread(far.done)

        runtime.run(main)
        assert far.done() == [[len(BIG), 100, 101]]


def test_senders_that_wait_learn_of_a_loss(runtime: Runtime) -> None:
    go = threading.Event()

    def leave(line: Line) -> None:
        line.accept()
        go.wait()

    with peer(leave) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())

                async def job() -> None:
                    with pytest.raises(SocketEnded) as caught:
                        await socket.send(BIG)
                    assert caught.value.written  # or nobody knows

                async def release() -> None:
                    await runtime.settle()
                    go.set()

                await runtime.together(job, job, release)

        runtime.run(main)


def test_a_lone_surrogate_is_refused_and_the_socket_lives_on(runtime: Runtime) -> None:
    def read(line: Line) -> tuple[int, bytes]:
        line.accept()
        frame = line.frame()
        line.to_end()
        return frame

    with peer(read) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())
                with pytest.raises(InvalidValue, match="position 3"):
                    await socket.send("bad\ud800")
                await socket.send("good ü")

        runtime.run(main)
        assert far.done() == [(TEXT, "good ü".encode())]


@pytest.mark.parametrize("how", ["at once", "fragments", "characters", "endless"])
def test_a_frame_over_the_limit_ends_the_socket(runtime: Runtime, how: str) -> None:
    def exceed(line: Line) -> tuple[int, bytes]:
        line.accept()
        line.say(TEXT, b"x" * 1000)
        line.frame()  # what waits unread would be dropped with it, on trio
        with suppress(ConnectionError):
            if how == "at once":
                line.say(TEXT, b"x" * 1001)
            elif how == "endless":
                line.say(TEXT, b"x" * 600, fin=False)
                line.say(CONT, b"x" * 600, fin=False)
            elif how == "characters":
                line.say(TEXT, "€".encode() * 400)
            else:
                line.say(TEXT, b"x" * 600, fin=False)
                line.say(CONT, b"x" * 600)
        frame = line.frame()
        line.to_end()
        return frame

    with peer(exceed) as far:

        async def main() -> None:
            async with runtime.transport(max_frame=1000) as transport:
                socket = await transport.open_socket(far.url())
                assert len(await socket.receive()) == 1000
                await socket.send("go on")
                end = await ended(socket)
                assert (end.oversize, end.close_code) == (True, 1009)
                end = await ended(socket)
                assert (end.oversize, end.close_code) == (True, 1009)
                with pytest.raises(SocketEnded):
                    await socket.send("x")
                await socket.aclose()

        runtime.run(main)
        ((opcode, payload),) = far.done()
    assert opcode == CLOSE
    assert payload[:2] == struct.pack("!H", 1009)


def test_a_far_side_that_finds_us_too_large_is_no_oversize(runtime: Runtime) -> None:
    def refuse(line: Line) -> None:
        line.accept()
        line.send(close_frame(1009, "Exceeded maximum message size: 16777216 bytes"))
        line.to_end()

    with peer(refuse) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())
                end = await ended(socket)
                assert (end.oversize, end.close_code) == (False, 1009)

        runtime.run(main)


@pytest.mark.parametrize(
    ("said", "code"),
    [
        (b"\x81\x02\xff\xfe", 1007),
        (b"\xf1\x00", 1002),
        (b"\x83\x00", 1002),
        (b"\x80\x00", 1002),
        (b"\x09\x00", 1002),
    ],
    ids=["no UTF-8", "reserved bits", "unknown opcode", "nothing to continue", "fragmented ping"],
)
def test_a_far_side_that_breaks_the_protocol(runtime: Runtime, said: bytes, code: int) -> None:
    def break_it(line: Line) -> None:
        line.accept()
        line.say(TEXT, b"before")
        line.send(said)
        line.to_end()

    with peer(break_it) as far:

        async def main() -> None:
            async with runtime.transport() as transport:
                socket = await transport.open_socket(far.url())
                assert await socket.receive() == "before"
                end = await ended(socket)
                assert (end.close_code, end.oversize) == (code, False)
                with pytest.raises(SocketEnded):
                    await socket.send("x")
                await socket.aclose()
                await runtime.thread(far.done)

        runtime.run(main)
