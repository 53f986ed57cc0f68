"""The Protocols that a transport fulfils, and the values that travel through them.

A transport carries one socket or one REST request and knows no chat. The same Protocols hold on trio and on asyncio;
what differs is only which runtime's primitives stand behind them. A socket, a transport and what they give belong to
the loop in which they were made.
"""

import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Protocol, Self

import msgspec

__all__ = ["Lines", "Network", "Response", "RestClient", "RestRequest", "Transport", "WebSocket"]


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """Network settings, one value shared by many sessions and sites of one run.

    ``ssl_context`` None means one default context, made once and shared (an own one per client costs 690 KiB).
    ``proxy`` is the only place a proxy comes from: the environment and netrc are never read. It is an HTTP proxy,
    ``http://[user:password@]host:port``; transports refuse any other kind with
    :class:`~deskline_core.errors.NotSupported` when they are made. ``max_frame`` is the hard limit in bytes of one
    inbound frame; a larger one ends the socket with ``SocketEnded(oversize=True)``. ``close_timeout`` is in seconds.

    ``max_connections`` limits the connections of REST requests together; what is over it waits. Requests that the far
    side may hold (long polls) have connections of their own, one each, so that no other request ever waits for one of
    them: ``max_held`` limits those, and None is no limit, as every chat has one such request at a time. Each needs a
    file descriptor: beside a thousand chats, raise the process's limit (``ulimit -n``), or set one here.
    """

    ssl_context: ssl.SSLContext | None = None
    proxy: str | None = None
    user_agent: str = "deskline"
    max_frame: int = 16 * 1024 * 1024
    max_connections: int = 100
    max_held: int | None = None
    close_timeout: float = 2.0

    def __repr__(self) -> str:
        # A proxy's address may hold a password.
        proxy = None if self.proxy is None else "..."
        return (
            f"Network(ssl_context={self.ssl_context!r}, proxy={proxy}, user_agent={self.user_agent!r}, "
            f"max_frame={self.max_frame}, max_connections={self.max_connections}, max_held={self.max_held}, "
            f"close_timeout={self.close_timeout})"
        )


class RestRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request. ``limit`` caps the bytes of the answer's decoded body; redirects are never followed.

    ``progress`` is called with how many bytes of the body have been written, and of how many: now and then, and once
    with all of them. It must not raise. ``held`` tells that the far side may hold its answer, as that of a long poll:
    others must never wait behind it.
    """

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    limit: int = 16 * 1024 * 1024
    progress: Callable[[int, int], None] | None = None
    held: bool = False

    def __repr__(self) -> str:
        # Queries, headers and bodies carry tokens; a path may carry a signature, but the log needs something.
        return f"RestRequest({self.method} {self.url.partition('?')[0]!r}, {len(self.body)} bytes)"


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP answer: status, headers with lower-case names, and the whole body, decoded."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def __repr__(self) -> str:
        return f"Response({self.status}, {len(self.body)} bytes)"


class WebSocket(Protocol):
    """One open socket that carries text frames.

    Whoever opened it calls :meth:`aclose` in the end, also after :class:`~deskline_core.errors.SocketEnded`. One task
    receives at a time; any may send.
    """

    async def send(self, text: str) -> None:
        """Write one text frame.

        Raises :class:`~deskline_core.errors.SocketEnded`, with ``written=False`` when certainly nothing of this frame
        was written: such a frame is sent again by itself, all others are in doubt. Raises
        :class:`~deskline_core.errors.InvalidValue` for text that UTF-8 cannot carry (a lone surrogate): then nothing
        was written and the socket stays open. A send that is cancelled ends the socket, so that no half frame is ever
        followed by another one.
        """
        ...

    async def receive(self) -> str:
        """Return the next text frame; a cancelled call loses none.

        Raises :class:`~deskline_core.errors.SocketEnded` when there will be none. Binary frames are skipped.
        """
        ...

    async def aclose(self, code: int = 1000, reason: str = "") -> None:
        """Close in order within the network's ``close_timeout`` seconds, else abruptly.

        Idempotent; raises nothing but the runtime's own cancellation, and the socket is closed then, too.
        """
        ...


class Lines(Protocol):
    """The lines of one streamed answer, without their ends; ``status`` and ``headers`` tell whether they are wanted.

    A line ends with LF, CR LF or CR, as in server-sent events. A line longer than the request's ``limit`` bytes raises
    :class:`~deskline_core.errors.RequestNotAnswered`, as a loss does.
    """

    @property
    def status(self) -> int:
        """The HTTP status: lines of a refusal are no events."""
        ...

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """The headers, with lower-case names."""
        ...

    def __aiter__(self) -> AsyncIterator[str]: ...

    async def __anext__(self) -> str: ...


class RestClient(Protocol):
    """Sends REST requests over pooled connections. Cookies are not kept."""

    async def send(self, request: RestRequest) -> Response:
        """Send and return the answer, whatever its status.

        Raises :class:`~deskline_core.errors.RequestNotAnswered`, with what is known about ``sent``. Has no timeout of
        its own: the caller cancels.
        """
        ...

    def stream(self, request: RestRequest) -> AbstractAsyncContextManager[Lines]:
        """Send and give the answer's lines as they come (server-sent events). Raises as :meth:`send`."""
        ...

    async def aclose(self) -> None:
        """Close the pooled connections."""
        ...


class Transport(Protocol):
    """What an adapter needs of one runtime: a way to open sockets, and a REST client.

    It is used inside ``async with``; on trio its sockets run there, and none runs on when it is left.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def rest(self) -> RestClient:
        """The REST client, shared by the sessions of this transport."""
        ...

    async def open_socket(self, url: str, headers: tuple[tuple[str, str], ...] = ()) -> WebSocket:
        """Open a socket.

        Raises :class:`~deskline_core.errors.SocketRefused`. Has no timeout of its own: the caller cancels, and a
        cancelled attempt leaves no socket behind.
        """
        ...

    async def aclose(self) -> None:
        """Close what the transport holds open for all its sessions; sockets still open end abruptly."""
        ...
