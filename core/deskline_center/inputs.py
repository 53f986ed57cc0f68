"""What enters a center, besides the controls of its operator: requests, sockets, frames and time."""

import msgspec

__all__ = ["FrameArrived", "RequestArrived", "RequestGone", "SocketArrived", "SocketGone", "Tick"]


class RequestArrived(msgspec.Struct, frozen=True, kw_only=True):
    """A whole REST request has arrived. ``id`` is the server's own and comes back in the command that answers it.

    ``path`` is decoded and begins with a slash; ``query`` is the raw text behind the question mark; header names are
    in lower case. One that ``is_too_large`` for the server comes without its body.
    """

    id: str
    method: str
    path: str
    query: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    is_too_large: bool = False


class RequestGone(msgspec.Struct, frozen=True, kw_only=True):
    """Nobody waits any more for the answer to the REST request ``id``, or for more of it."""

    id: str


class SocketArrived(msgspec.Struct, frozen=True, kw_only=True):
    """A WebSocket handshake waits for its answer. ``socket`` is the server's own name for it."""

    socket: str
    query: str = ""
    path: str = "/"
    headers: tuple[tuple[str, str], ...] = ()


class FrameArrived(msgspec.Struct, frozen=True, kw_only=True):
    """A text frame has arrived on an open socket."""

    socket: str
    text: str


class SocketGone(msgspec.Struct, frozen=True, kw_only=True):
    """A socket is closed, by the far end or by the network. ``code`` is None after a loss without a close frame."""

    socket: str
    code: int | None = None


class Tick(msgspec.Struct, frozen=True):
    """Time has passed; whatever is due is served."""
