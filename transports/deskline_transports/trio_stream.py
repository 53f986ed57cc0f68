"""The TCP stream under a socket on trio: it can be cut from anywhere, and sees how a handshake is answered."""

import socket
from contextlib import suppress
from http import HTTPStatus
from typing import Final, final

import trio

from deskline_transports.address import AnswerHead

__all__ = ["CHUNK", "WatchedStream", "Wire"]

CHUNK: Final = 32 * 1024


@final
class Wire(trio.abc.Stream):
    """A TCP stream that can be cut at once from anywhere, and costs one system call less per frame than trio's own.

    It is made empty, so that whoever will cut it holds it before the first packet. Only one task may read at a time,
    and one write: both trio-websocket and an SSLStream see to that.
    """

    def __init__(self) -> None:
        self._socket: socket.socket | None = None

    def take(self, stream: trio.SocketStream) -> None:
        """Take over the socket of a connected stream."""
        self._socket = socket.socket(fileno=stream.socket.detach())
        self._socket.settimeout(0)

    def cut(self) -> None:
        """Close the socket now: not one byte more is sent, and who waits on it gets ClosedResourceError."""
        if self._socket is not None:
            trio.lowlevel.notify_closing(self._socket)
            self._socket.close()
            self._socket = None

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Return what has come, or nothing at the end."""
        try:
            while True:
                # Waiting first: between two frames there is nothing to read anyway, and every call is a checkpoint.
                await trio.lowlevel.wait_readable(self._held())
                with suppress(BlockingIOError):
                    return self._held().recv(max_bytes or CHUNK)
        except OSError as error:
            raise trio.BrokenResourceError from error

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send all of it. Cancelled, it has sent an unknown part: then only :meth:`cut` may follow."""
        rest = memoryview(data)
        try:
            while rest:
                try:
                    rest = rest[self._held().send(rest) :]
                except BlockingIOError:
                    await trio.lowlevel.wait_writable(self._held())
        except OSError as error:
            raise trio.BrokenResourceError from error

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until a byte can be sent."""
        await trio.lowlevel.wait_writable(self._held())

    async def aclose(self) -> None:
        """Cut."""
        self.cut()
        await trio.lowlevel.checkpoint()

    def _held(self) -> socket.socket:
        if self._socket is None:
            raise trio.ClosedResourceError
        return self._socket


@final
class WatchedStream(trio.abc.Stream):
    """What trio-websocket reads from: it sees the handshake's answer, and when there will be none.

    The library waits for a refusal's body as long as that takes, and for ever when the connection ends without an
    answer. Here ``waiting`` is cancelled then; ``status`` is what the far side refused with, if it did.
    """

    def __init__(self, wire: Wire, below: trio.abc.Stream) -> None:
        self._wire = wire
        self._below = below
        self._head: AnswerHead | None = AnswerHead()
        self.waiting = trio.CancelScope()
        self.status: int | None = None

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """Return what has come, or nothing at the end; a refusal of the handshake breaks the stream."""
        try:
            data = await self._below.receive_some(max_bytes)
            if self._head is not None:
                self._watch(self._head, data)
        except BaseException:
            self.waiting.cancel()
            raise
        if not data:
            self.waiting.cancel()
        return bytes(data)

    def _watch(self, head: AnswerHead, data: bytes | bytearray) -> None:
        status = head.feed(data)
        if status == HTTPStatus.SWITCHING_PROTOCOLS:
            self._head = None
        elif status is not None:
            self.status = status
            raise trio.BrokenResourceError

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send all of it."""
        await self._below.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        """Wait until a byte can be sent."""
        await self._below.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        """Cut the wire: TLS needs no farewell, as the closing handshake above it has told all."""
        await self._wire.aclose()
