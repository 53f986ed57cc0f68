"""The transport on trio: sockets by trio-websocket, on a stream that is ours.

The library's own ``open_websocket`` leaves the TCP socket open when the peer closes first or refuses. Here the stream
is opened, watched and closed by the task that carries the socket, whatever happens in between.
"""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self, cast, final

import trio
from trio.lowlevel import enable_ki_protection
from trio_websocket import ConnectionClosed, WebSocketConnection, wrap_client_stream
from wsproto.utilities import LocalProtocolError

from deskline_core.errors import IllegalState, SocketEnded, SocketRefused
from deskline_transports.address import (
    Address,
    ConnectAnswer,
    again,
    check_headers,
    check_text,
    connect_request,
    first_failure,
    proxy_address,
    refused,
    short_reason,
    socket_address,
)
from deskline_transports.base import Network
from deskline_transports.httpx_rest import HttpxRest
from deskline_transports.quiet import quiet_from_here, silence
from deskline_transports.tls import context_for
from deskline_transports.trio_stream import CHUNK, WatchedStream, Wire

__all__ = ["TrioTransport", "TrioWebSocket"]

# While fewer frames than this wait unread, pings are answered; then the peer is slowed down instead of memory growing.
_UNREAD: Final = 1024
_ABNORMAL: Final = 1006
_TOO_BIG: Final = 1009


class TrioTransport:
    """Sockets and REST on trio. It is used inside ``async with``: its sockets run in there, and end when it is left.

    Raises :class:`~deskline_core.errors.NotSupported` for a proxy that it cannot keep.
    """

    def __init__(self, network: Network | None = None) -> None:
        self._network = network or Network()
        self._proxy = proxy_address(self._network.proxy)
        self._rest = HttpxRest(self._network)
        self._scope = trio.open_nursery()
        self._nursery: trio.Nursery | None = None
        silence("trio-websocket")

    async def __aenter__(self) -> Self:
        self._nursery = await self._scope.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()
        # The nursery is not told of `error`, so that it comes out bare; the shield keeps a cancellation from the
        # outside, which `error` may be, from turning into a second exception here.
        if self._nursery is not None:
            self._nursery.cancel_scope.shield = True
            self._nursery = None
            await self._scope.__aexit__(None, None, None)

    @property
    def rest(self) -> HttpxRest:
        """The REST client of this transport."""
        return self._rest

    async def open_socket(self, url: str, headers: tuple[tuple[str, str], ...] = ()) -> "TrioWebSocket":
        """Open a socket; raise :class:`SocketRefused`, or :class:`IllegalState` outside of ``async with``."""
        address = socket_address(url)
        if wrong := check_headers(headers):
            raise SocketRefused(wrong)
        if self._nursery is None or self._nursery.cancel_scope.cancel_called:
            raise IllegalState("the transport is not open", hint="open sockets inside `async with`")
        opened: TrioWebSocket = await self._nursery.start(self._carry, address, headers)
        return opened

    async def aclose(self) -> None:
        """End the sockets that are still open, and close the REST client within ``close_timeout`` seconds."""
        if self._nursery is not None:
            self._nursery.cancel_scope.cancel()
        with trio.move_on_after(self._network.close_timeout) as scope:
            scope.shield = True
            await self._rest.aclose()

    # Protected, as its reader is: Ctrl-C belongs to the program, and never comes out in the middle of a socket's task.
    @enable_ki_protection
    async def _carry(
        self,
        address: Address,
        headers: tuple[tuple[str, str], ...],
        *,
        task_status: "trio.TaskStatus[TrioWebSocket]",
    ) -> None:
        """Hold one socket from the first packet to the last; raise :class:`SocketRefused` before it is open only."""
        quiet_from_here()
        wire, opened, failure, status = Wire(), None, None, None
        try:
            stream = WatchedStream(wire, await self._dial(wire, address))
            async with trio.open_nursery() as nursery:
                connection = await self._shake_hands(nursery, stream, address, headers)
                status = stream.status
                if connection is not None:
                    opened = TrioWebSocket(connection, wire, self._network)
                    task_status.started(opened)
        except* Exception as group:  # noqa: BLE001 - what ends the library's reader ends this socket, no other
            failure = group
        finally:
            wire.cut()
        if opened is None:
            raise _refusal(failure, status)

    async def _dial(self, wire: Wire, address: Address) -> trio.abc.Stream:
        """Connect, through the proxy if there is one, and return what speaks plain text to the far side."""
        target = self._proxy or address
        wire.take(await trio.open_tcp_stream(target.host, target.port))
        if self._proxy is not None:
            await wire.send_all(connect_request(address, self._proxy, self._network.user_agent))
            answer = ConnectAnswer()
            while not answer.complete(await wire.receive_some()):
                pass
        if not address.secure:
            return wire
        context = context_for(self._network)
        secure = trio.SSLStream(wire, context, server_hostname=address.host, https_compatible=True)
        await secure.do_handshake()
        return secure

    async def _shake_hands(
        self, nursery: trio.Nursery, stream: WatchedStream, address: Address, headers: tuple[tuple[str, str], ...]
    ) -> WebSocketConnection | None:
        """Return the open connection, or None when it was refused or ended first."""
        with stream.waiting:
            return await wrap_client_stream(
                cast("trio.Nursery", _Protecting(nursery)),
                cast("trio.SocketStream", stream),  # any trio stream will do
                address.authority,
                address.resource,
                extra_headers=[(n.encode("latin-1"), v.encode("latin-1")) for n, v in self._with_agent(headers)],
                message_queue_size=_UNREAD,
                max_message_size=self._network.max_frame,
                receive_buffer_size=CHUNK,
            )
        return None

    def _with_agent(self, headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
        if any(name.lower() == "user-agent" for name, _ in headers):
            return headers
        return (("User-Agent", self._network.user_agent), *headers)


class _Protecting:
    """The nursery that the library starts its reader in: Ctrl-C does not come out in there."""

    def __init__(self, nursery: trio.Nursery) -> None:
        self._nursery = nursery

    def start_soon(self, run: Callable[[], Awaitable[object]]) -> None:
        """Start it, protected."""
        self._nursery.start_soon(_protected, run)


@enable_ki_protection
async def _protected(run: Callable[[], Awaitable[object]]) -> None:
    await run()


def _refusal(failure: BaseException | None, status: int | None) -> SocketRefused:
    """Return what is raised when an opening failed."""
    failure = first_failure(failure)
    if isinstance(failure, SocketRefused):
        return SocketRefused(failure.message, status=failure.status)
    return refused(failure, status)


@final
class TrioWebSocket:
    """One open socket on trio, see :class:`~deskline_transports.base.WebSocket`."""

    __slots__ = ("_connection", "_local_code", "_network", "_oversize", "_wire")

    def __init__(self, connection: WebSocketConnection, wire: Wire, network: Network) -> None:
        self._connection = connection
        self._wire = wire
        self._network = network
        self._local_code: int | None = None
        self._oversize = False

    async def send(self, text: str) -> None:
        """Write one text frame; cancelled, it ends the socket."""
        check_text(text)
        begun = self._connection.closed is None
        try:
            await self._connection.send_message(text)
        except ConnectionClosed:
            ended = again(self._ended(), written=begun)
        except LocalProtocolError:  # the closing has begun
            ended = again(self._ended(), written=False)
        except BaseException:
            # Half of the frame may be out: nothing may follow it, not even the library's own pong.
            self._wire.cut()
            raise
        else:
            return
        raise ended

    async def receive(self) -> str:
        """Return the next text frame. What waits unread before an oversized frame may be lost with it."""
        try:
            while True:
                message = await self._connection.get_message()
                if isinstance(message, str):
                    break
        except ConnectionClosed as closed:
            # Our end of the library's channel is closed by our own aclose (1000), or by an oversized frame.
            local = isinstance(closed.__context__, trio.ClosedResourceError)
            self._oversize = self._oversize or (local and _code(self._connection) == _TOO_BIG)
            ended = self._ended()
        else:
            # The library counts characters, of up to four bytes each.
            limit = self._network.max_frame
            if len(message) * 4 <= limit or len(message.encode()) <= limit:
                return message
            self._oversize = True
            await self.aclose(_TOO_BIG)
            ended = self._ended()
        raise ended

    async def aclose(self, code: int = 1000, reason: str = "") -> None:
        """Close in order within the network's ``close_timeout`` seconds, else abruptly."""
        if self._local_code is None and self._connection.closed is None:
            self._local_code = code
        with trio.move_on_after(self._network.close_timeout) as scope, suppress(Exception):
            scope.shield = True
            await self._connection.aclose(code, short_reason(reason))
        # The library leaves the stream open when the peer was the first to close.
        self._wire.cut()

    def _ended(self) -> SocketEnded:
        if self._oversize:
            limit = self._network.max_frame
            return SocketEnded(f"a frame was larger than {limit} bytes", close_code=_TOO_BIG, oversize=True)
        if self._local_code is not None:
            return SocketEnded("the socket was closed here", close_code=self._local_code)
        closed = self._connection.closed
        if closed is None or closed.code == _ABNORMAL:
            return SocketEnded("the connection was lost", close_code=None)
        message = f"the far side closed the socket with {closed.code}"
        return SocketEnded(message, close_code=int(closed.code), reason=closed.reason or "")


def _code(connection: WebSocketConnection) -> int | None:
    return None if connection.closed is None else connection.closed.code
