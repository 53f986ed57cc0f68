"""The two Protocols that a transport fulfils, and the values that travel through them.

A transport carries one socket or one REST request and knows no chat. The same Protocols hold on trio and on asyncio;
what differs is only which runtime's primitives stand behind them.
"""

import ssl
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from typing import Protocol

import msgspec

__all__ = ["Network", "Response", "RestClient", "RestRequest", "Transport", "WebSocket"]


class Network(msgspec.Struct, frozen=True, kw_only=True):
    """Network settings, one value shared by many sessions and sites of one run.

    ``ssl_context`` None means one default context, made once and shared (an own one per client costs 690 KiB).
    ``proxy`` is the only place a proxy comes from: the environment and netrc are never read. A transport that cannot
    keep it refuses with :class:`~deskline_core.errors.NotSupported`. ``max_frame`` is the hard limit in bytes of one
    inbound frame; a larger one ends the socket with ``SocketEnded(oversize=True)``. Durations are seconds.
    """

    ssl_context: ssl.SSLContext | None = None
    proxy: str | None = None
    user_agent: str = "deskline"
    max_frame: int = 16 * 1024 * 1024
    max_connections: int = 100
    close_timeout: float = 2.0


class RestRequest(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP request. ``limit`` caps the bytes of the answer's body; redirects are never followed."""

    method: str
    url: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    limit: int = 16 * 1024 * 1024


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """One HTTP answer: status, headers with lower-case names, and the whole body."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class WebSocket(Protocol):
    """One open socket that carries text frames."""

    async def send(self, text: str) -> None:
        """Write one text frame.

        Raises :class:`~deskline_core.errors.SocketEnded`. A send that is cancelled half-way ends the socket, so that
        no half frame is ever followed by another one.
        """
        ...

    async def receive(self) -> str:
        """Return the next text frame.

        Raises :class:`~deskline_core.errors.SocketEnded` when there will be none. Binary frames are skipped.
        """
        ...

    async def aclose(self, code: int = 1000, reason: str = "") -> None:
        """Close in order within the network's ``close_timeout`` seconds, else abruptly. Idempotent, never raises."""
        ...


class RestClient(Protocol):
    """Sends REST requests over pooled connections."""

    async def send(self, request: RestRequest) -> Response:
        """Send and return the answer, whatever its status.

        Raises :class:`~deskline_core.errors.RequestNotAnswered`, with what is known about ``sent``. Has no timeout of
        its own: the caller cancels.
        """
        ...

    def stream(self, request: RestRequest) -> AbstractAsyncContextManager[AsyncIterator[str]]:
        """Send and yield the answer's lines as they come (server-sent events). Raises as :meth:`send`."""
        ...

    async def aclose(self) -> None:
        """Close the pooled connections."""
        ...


class Transport(Protocol):
    """What an adapter needs of one runtime: a way to open sockets, and a REST client."""

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
        """Close what the transport holds open for all its sessions."""
        ...
