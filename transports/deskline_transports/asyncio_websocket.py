"""The transport on asyncio: sockets by the protocol core of websockets, without its connection object.

The core is that library's documented Sans-IO layer. Its connection object on top follows redirects, reads proxies from
the environment, and reports a close only once the peer has also closed TCP; here the socket is driven directly.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self, cast, final

from websockets.client import ClientProtocol
from websockets.exceptions import PayloadTooBig, ProtocolError
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import State
from websockets.uri import WebSocketURI

from deskline_core.errors import SocketEnded, SocketRefused
from deskline_transports.address import (
    Address,
    AnswerHead,
    ConnectAnswer,
    Proxy,
    again,
    check_headers,
    check_text,
    connect_request,
    proxy_address,
    refused,
    short_reason,
    socket_address,
)
from deskline_transports.base import Network
from deskline_transports.httpx_rest import HttpxRest
from deskline_transports.quiet import QUIET
from deskline_transports.tls import context_for

__all__ = ["AsyncioTransport", "AsyncioWebSocket"]

# While fewer frames than this wait unread, pings are answered; then the peer is slowed down instead of memory growing.
_UNREAD: Final = 1024
_SWITCHING: Final = 101


class AsyncioTransport:
    """Sockets and REST on asyncio, inside ``async with``.

    Raises :class:`~deskline_core.errors.NotSupported` for a proxy that it cannot keep.
    """

    def __init__(self, network: Network | None = None) -> None:
        self._network = network or Network()
        self._proxy = proxy_address(self._network.proxy)
        self._rest = HttpxRest(self._network)
        self._sockets: set[AsyncioWebSocket] = set()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    @property
    def rest(self) -> HttpxRest:
        """The REST client of this transport."""
        return self._rest

    async def open_socket(self, url: str, headers: tuple[tuple[str, str], ...] = ()) -> "AsyncioWebSocket":
        """Open a socket; raise :class:`SocketRefused`."""
        address = socket_address(url)
        if wrong := check_headers(headers):
            raise SocketRefused(wrong)
        opened = AsyncioWebSocket(address, self._network, self._sockets.discard)
        self._sockets.add(opened)
        try:
            await self._dial(address, opened)
            await opened.shake_hands(headers)
        except SocketRefused as error:
            failure = SocketRefused(error.message, status=error.status)
        except (OSError, ValueError) as error:
            failure = refused(error)
        except BaseException:
            opened.give_up()
            raise
        else:
            return opened
        opened.give_up()
        raise failure

    async def aclose(self) -> None:
        """End the sockets that are still open, and close the REST client within ``close_timeout`` seconds."""
        for opened in tuple(self._sockets):
            opened.cut()
        with suppress(TimeoutError):
            async with asyncio.timeout(self._network.close_timeout):
                await self._rest.aclose()

    async def _dial(self, address: Address, opened: "AsyncioWebSocket") -> None:
        """Connect ``opened``, through the proxy if there is one."""
        loop = asyncio.get_running_loop()
        tls = context_for(self._network) if address.secure else None
        name = address.host if address.secure else None
        patience = self._network.close_timeout if address.secure else None
        if self._proxy is None:
            await loop.create_connection(
                lambda: opened, address.host, address.port, ssl=tls, server_hostname=name, ssl_shutdown_timeout=patience
            )
            return
        tunnel = _Tunnel(address, self._proxy, self._network.user_agent)
        try:
            transport, _ = await loop.create_connection(lambda: tunnel, self._proxy.host, self._proxy.port)
            opened.connection_made(transport)
            await tunnel.open
        finally:
            _let_go(tunnel.open)
        transport.set_protocol(opened)
        if tls is not None:
            secured = await loop.start_tls(transport, opened, tls, server_hostname=name, ssl_shutdown_timeout=patience)
            opened.connection_made(cast("asyncio.Transport", secured))


def _let_go(future: "asyncio.Future[None]") -> None:
    """Let nobody be told of an exception that nobody waits for any more."""
    if not future.cancel() and not future.cancelled():
        future.exception()


class _Tunnel(asyncio.Protocol):
    """Asks a proxy for a tunnel; ``open`` is done when there is one."""

    def __init__(self, address: Address, proxy: Proxy, user_agent: str) -> None:
        self._request = connect_request(address, proxy, user_agent)
        self._answer = ConnectAnswer()
        self.open: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        cast("asyncio.Transport", transport).write(self._request)

    def data_received(self, data: bytes) -> None:
        if self.open.done():
            return
        try:
            if self._answer.complete(data):
                self.open.set_result(None)
        except SocketRefused as error:
            self.open.set_exception(error)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.open.done():
            self.open.set_exception(refused(exc))


@final
class AsyncioWebSocket(asyncio.Protocol):
    """One open socket on asyncio, see :class:`~deskline_transports.base.WebSocket`; also its own asyncio protocol."""

    def __init__(self, address: Address, network: Network, forget: Callable[["AsyncioWebSocket"], None]) -> None:
        path, _, query = address.resource.partition("?")
        uri = WebSocketURI(address.secure, address.host, address.port, path, query, None, None)
        self._protocol = ClientProtocol(uri, max_size=network.max_frame, logger=QUIET)
        self._network = network
        self._forget = forget
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport | None = None
        self._head: AnswerHead | None = AnswerHead()
        self._opened: asyncio.Future[None] = self._loop.create_future()
        self._lost: asyncio.Future[None] = self._loop.create_future()
        self._frames: deque[str] = deque()
        self._reader: asyncio.Future[None] | None = None
        self._writable: asyncio.Future[None] | None = None
        self._fragments: bytearray | None = None
        self._reading = True
        self._end: SocketEnded | None = None
        self._deadline: asyncio.TimerHandle | None = None

    async def shake_hands(self, headers: tuple[tuple[str, str], ...]) -> None:
        """Send the handshake and wait for its answer; raise :class:`SocketRefused`."""
        request = self._protocol.connect()
        for name, value in headers:
            request.headers[name] = value
        request.headers.setdefault("User-Agent", self._network.user_agent)
        self._protocol.send_request(request)
        self._flush()
        await self._opened

    async def send(self, text: str) -> None:
        """Write one text frame; cancelled, it ends the socket."""
        check_text(text)
        if self._end is not None or self._protocol.state is not State.OPEN:
            raise self._ended(written=False)
        self._protocol.send_text(text.encode())
        self._flush()
        if self._writable is None:
            return
        try:
            await asyncio.shield(self._writable)
        except BaseException:
            # Half of the frame may be out: nothing may follow it.
            self.cut()
            raise
        if self._end is not None:
            raise self._ended()

    async def receive(self) -> str:
        """Return the next text frame."""
        while not self._frames:
            if self._end is not None:
                raise self._ended()
            self._reader = self._loop.create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        if not self._reading and len(self._frames) <= _UNREAD // 4:
            self._reading = True
            if self._transport is not None:
                self._transport.resume_reading()
        return self._frames.popleft()

    async def aclose(self, code: int = 1000, reason: str = "") -> None:
        """Close in order within the network's ``close_timeout`` seconds, else abruptly."""
        try:
            async with asyncio.timeout(self._network.close_timeout):
                if self._protocol.state is State.OPEN:
                    self._finish(SocketEnded("the socket was closed here", close_code=code))
                    self._protocol.send_close(code, short_reason(reason))
                    self._flush()
                await asyncio.shield(self._lost)
        except (TimeoutError, ProtocolError):
            pass
        finally:
            self.cut()

    def give_up(self) -> None:
        """Cut a socket that was not opened: nobody waits for its opening any more, nor wants to know how it ended."""
        _let_go(self._opened)
        self.cut()

    def cut(self) -> None:
        """End the socket now: not one byte more is sent."""
        self._finish(SocketEnded("the connection was cut here", close_code=None))
        self._forget(self)
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the transport: from the loop, or from a tunnel, and once more when TLS is spoken in it."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take bytes from the network."""
        if self._head is not None and not self._watch(self._head, data):
            return
        self._protocol.receive_data(data)
        for event in self._protocol.events_received():
            if isinstance(event, Frame):
                self._take(event)
            elif not self._opened.done():
                self._greet()
        self._flush()
        if self._protocol.state is not State.OPEN:
            self._wind_down()

    def eof_received(self) -> None:
        """Take the end of the stream; asyncio then closes the connection."""
        self._protocol.receive_eof()

    def connection_lost(self, exc: Exception | None) -> None:
        """End: the TCP connection is gone."""
        del exc
        self._protocol.receive_eof()
        self._finish(SocketEnded("the connection was lost", close_code=None))
        if not self._opened.done():
            self._opened.set_exception(refused(None))
        if not self._lost.done():
            self._lost.set_result(None)
        if self._deadline is not None:
            self._deadline.cancel()
        self.resume_writing()
        self._forget(self)

    def pause_writing(self) -> None:
        """Let senders wait until the peer has read more."""
        self._writable = self._writable or self._loop.create_future()

    def resume_writing(self) -> None:
        """Let senders go on."""
        if self._writable is not None:
            self._writable.set_result(None)
            self._writable = None

    def _watch(self, head: AnswerHead, data: bytes) -> bool:
        """Look at the handshake's answer; refuse at once what is no 101, whose body may never end."""
        try:
            status = head.feed(data)
            if status not in {None, _SWITCHING}:
                raise refused(None, status)
        except SocketRefused as error:
            if not self._opened.done():
                self._opened.set_exception(error)
            return False
        if status is not None:
            self._head = None
        return True

    def _greet(self) -> None:
        error = self._protocol.handshake_exc
        if error is None:
            self._opened.set_result(None)
        else:
            self._opened.set_exception(refused(error))

    def _take(self, frame: Frame) -> None:
        """Collect the frames of a message; binary ones leave no fragments, so they and what continues them go."""
        if frame.opcode is Opcode.TEXT:
            if frame.fin:
                self._deliver(frame.data)
            else:
                self._fragments = bytearray(frame.data)
        elif frame.opcode is Opcode.CONT and self._fragments is not None:
            self._fragments += frame.data
            if frame.fin:
                whole, self._fragments = self._fragments, None
                self._deliver(whole)

    def _deliver(self, data: bytes | bytearray | memoryview) -> None:
        if self._end is not None:
            return
        try:
            text = str(data, "utf-8")
        except UnicodeDecodeError:
            self._protocol.fail(CloseCode.INVALID_DATA)
            return
        self._frames.append(text)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)
        if self._reading and len(self._frames) >= _UNREAD and self._transport is not None:
            self._reading = False
            self._transport.pause_reading()

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            # An empty one asks to half-close. There is no need: _wind_down closes.
            if data and self._transport is not None:
                self._transport.write(data)

    def _wind_down(self) -> None:
        """Tell the reader that the closing has begun, and give the peer ``close_timeout`` seconds to take part."""
        rcvd, error, limit = self._protocol.close_rcvd, self._protocol.parser_exc, self._network.max_frame
        if rcvd is not None:
            message = f"the far side closed the socket with {rcvd.code}"
            self._finish(SocketEnded(message, close_code=int(rcvd.code), reason=rcvd.reason))
        elif isinstance(error, PayloadTooBig):
            message = f"a frame was larger than {limit} bytes"
            self._finish(SocketEnded(message, close_code=int(CloseCode.MESSAGE_TOO_BIG), oversize=True))
        else:
            sent = self._protocol.close_sent
            code = None if sent is None else int(sent.code)
            self._finish(SocketEnded("the far side broke the protocol", close_code=code))
        if self._transport is None:
            return
        if rcvd is not None:
            self._transport.close()
        if self._deadline is None:
            self._deadline = self._loop.call_later(self._network.close_timeout, self._transport.abort)

    def _finish(self, end: SocketEnded) -> None:
        """Keep the first reason why this socket has ended, and wake its reader."""
        if self._end is None:
            self._end = end
            if self._reader is not None and not self._reader.done():
                self._reader.set_result(None)

    def _ended(self, *, written: bool = True) -> SocketEnded:
        return again(self._end or SocketEnded("the socket is closing", close_code=None), written=written)
