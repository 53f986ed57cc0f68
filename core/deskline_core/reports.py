"""What transports and the store report, in the past tense; each repeats the number of the command it belongs to."""

from typing import ClassVar, Literal

from .values import QUIET_TEXT, Value

__all__ = [
    "FrameReceived",
    "LineReceived",
    "NetworkReturned",
    "Report",
    "RequestFailed",
    "RequestProgressed",
    "ResponseReceived",
    "SaveFailed",
    "Saved",
    "SocketClosed",
    "SocketOpened",
]

_LATER = frozenset({408, 425, 429})


class SocketOpened(Value, frozen=True, kw_only=True):
    """The socket is open."""

    socket: int


class FrameReceived(Value, frozen=True, kw_only=True):
    """One text frame arrived."""

    socket: int
    text: str

    quiet: ClassVar[frozenset[str]] = QUIET_TEXT


class SocketClosed(Value, frozen=True, kw_only=True):
    """The socket is closed, or never opened.

    ``code`` is the close code, None without a close frame; ``status`` the HTTP status of a refused handshake;
    ``unwritten`` the frames that were certainly not written; ``oversize`` that a frame was over the transport's limit.
    """

    socket: int
    code: int | None = None
    reason: str = ""
    unwritten: tuple[int, ...] = ()
    status: int | None = None
    oversize: bool = False


class ResponseReceived(Value, frozen=True, kw_only=True):
    """A REST request was answered; header names in lower case."""

    id: int
    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()

    quiet: ClassVar[frozenset[str]] = QUIET_TEXT | {"headers"}

    @property
    def is_success(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the classes of HTTP

    @property
    def is_transient(self) -> bool:
        """Whether the same request may succeed later."""
        return self.status >= 500 or self.status in _LATER  # noqa: PLR2004 - the classes of HTTP


class RequestFailed(Value, frozen=True, kw_only=True):
    """A REST request got no answer. ``sent`` is "no" if it certainly never left, else "maybe"."""

    id: int
    sent: Literal["no", "maybe"] = "maybe"
    reason: str = ""


class RequestProgressed(Value, frozen=True, kw_only=True):
    """So many bytes of a REST request's body have been written; only of a request that asks for it."""

    id: int
    sent: int
    total: int


class LineReceived(Value, frozen=True, kw_only=True):
    """One line of a REST answer that is read line by line arrived, without its end."""

    id: int
    text: str

    quiet: ClassVar[frozenset[str]] = QUIET_TEXT


class Saved(Value, frozen=True, kw_only=True):
    """The store has kept it, durably."""

    id: int


class SaveFailed(Value, frozen=True, kw_only=True):
    """The store could not keep it."""

    id: int
    reason: str = ""


class NetworkReturned(Value, frozen=True, kw_only=True):
    """The machine has a network again: a waiting attempt need not wait longer (S48)."""


Report = (
    SocketOpened
    | FrameReceived
    | SocketClosed
    | ResponseReceived
    | RequestFailed
    | RequestProgressed
    | LineReceived
    | Saved
    | SaveFailed
    | NetworkReturned
)
"""What the world tells: neither the app nor time."""
