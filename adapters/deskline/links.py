"""One socket of a chat: its reader, its writer, and the frames that are not written yet."""

import logging
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final, final

from msgspec.structs import replace

from deskline.host import Host, Job
from deskline_core.commands import CloseSocket, OpenSocket, SendFrame
from deskline_core.errors import DesklineError, InvalidValue, SocketEnded, SocketRefused
from deskline_core.inputs import FrameReceived, Input, SocketClosed, SocketOpened
from deskline_transports.base import Transport, WebSocket

__all__ = ["Link"]

_logger: Final = logging.getLogger("deskline.socket")


@final
class Link:
    """Opens a socket, feeds what it receives, writes what it is given, and reports its end once.

    The reader hands each frame to ``feed`` itself: no queue stands between the socket and the session. The one writer
    is cancelled only with the socket, so that no half frame is followed by another.
    """

    __slots__ = (
        "_close_timeout", "_command", "_ending", "_feed", "_frames", "_host", "_idle", "_job", "_kept", "_over",
        "_report", "_socket", "_started", "_transport", "_wake", "_writing",
    )  # fmt: skip

    def __init__(
        self,
        command: OpenSocket,
        *,
        transport: Transport,
        host: Host,
        feed: Callable[[Input], None],
        report: Callable[[SocketClosed], None],
        close_timeout: float,
    ) -> None:
        self._command = command
        self._transport = transport
        self._host = host
        self._feed = feed
        self._report = report
        self._close_timeout = close_timeout
        self._frames: deque[SendFrame] = deque()
        self._kept: list[int] = []
        self._wake = host.signal()
        self._idle = host.signal()
        self._started = self._writing = self._over = False
        self._socket: WebSocket | None = None
        self._ending: CloseSocket | None = None
        self._job: Job = host.spawn(self._run)

    def send(self, command: SendFrame) -> None:
        """Write a frame after all earlier ones."""
        self._frames.append(command)
        if not self._writing:
            self._wake.set()

    def close(self, command: CloseSocket) -> None:
        """Close in order: what is queued is written first, within the close timeout."""
        if self._ending is not None:
            return
        self._ending = command
        if self._socket is not None:
            self._host.spawn(partial(self._close, self._socket, command))
        elif self._started:  # else it sees by itself that it need not start
            self._job.cancel()

    async def _run(self) -> None:
        self._started = True
        closed = SocketClosed(socket=self._command.socket)
        writer: Job | None = None
        try:
            if self._ending is None:
                self._socket = await self._transport.open_socket(self._command.url.reveal())
                writer = self._host.spawn(partial(self._write, self._socket))
                self._feed(SocketOpened(socket=self._command.socket))
                await self._read(self._socket)
        except SocketEnded as ended:
            closed = SocketClosed(
                socket=self._command.socket, code=ended.close_code, reason=ended.reason, oversize=ended.oversize
            )
        except SocketRefused as refused:
            closed = SocketClosed(socket=self._command.socket, reason=refused.message, status=refused.status)
        except DesklineError as wrong:  # the transport is closed, or cannot do what is asked
            closed = SocketClosed(socket=self._command.socket, reason=wrong.message)
        finally:
            try:
                if self._socket is not None:
                    # Bounded here, too: a block must be left even when a transport of the app's own hangs.
                    await self._host.within(2 * self._close_timeout, self._socket.aclose)
            finally:
                if writer is not None:
                    writer.cancel()
                unwritten = (*self._kept, *(frame.frame for frame in self._frames))
                self._report(replace(closed, unwritten=unwritten))

    async def _read(self, socket: WebSocket) -> None:
        number, feed, receive = self._command.socket, self._feed, socket.receive
        while True:
            feed(FrameReceived(socket=number, text=await receive()))

    async def _write(self, socket: WebSocket) -> None:
        while not self._over:
            self._writing = True
            while self._frames and not self._over:
                await self._write_one(socket, self._frames.popleft())
            self._writing = False
            self._idle.set()
            await self._wake.wait()

    async def _write_one(self, socket: WebSocket, frame: SendFrame) -> None:
        try:
            await socket.send(frame.text)
        except SocketEnded as ended:  # the reader reports it; the frames behind this one are not even tried
            self._over = True
            if not ended.written:
                self._kept.append(frame.frame)
        except InvalidValue as wrong:
            _logger.warning("a frame cannot be written: %s", wrong)
            self._kept.append(frame.frame)

    async def _close(self, socket: WebSocket, command: CloseSocket) -> None:
        await self._host.within(self._close_timeout, self._written)
        await socket.aclose(command.code, command.reason)

    async def _written(self) -> None:
        while self._writing or (self._frames and not self._over):
            await self._idle.wait()
