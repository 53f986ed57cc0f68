"""Everything that leaves a session, imperative. A closed union; the order of a returned list is the order to obey.

A command that can fail carries a number that its completion repeats.
"""

from typing import ClassVar, Literal

from .errors import RefusalCode
from .events import Event
from .values import QUIET_TEXT, Secret, Value

__all__ = [
    "Answer",
    "CancelRequest",
    "CloseSocket",
    "Command",
    "Forget",
    "Notify",
    "OpenSocket",
    "Refuse",
    "Save",
    "SendFrame",
    "SendRequest",
]


class OpenSocket(Value, frozen=True, kw_only=True):
    """Open a socket; answered by SocketOpened or SocketClosed. ``deadline`` is UTC seconds: the session's own limit."""

    socket: int
    url: Secret
    deadline: float


class SendFrame(Value, frozen=True, kw_only=True):
    """Write a text frame after all earlier ones. Frames never written are named by SocketClosed's ``unwritten``."""

    socket: int
    frame: int
    text: str

    quiet: ClassVar[frozenset[str]] = QUIET_TEXT


class CloseSocket(Value, frozen=True, kw_only=True):
    """Close the socket, also while it is still opening; answered by SocketClosed."""

    socket: int
    code: int = 1000
    reason: str = ""


class SendRequest(Value, frozen=True, kw_only=True):
    """Send a REST request; answered by ResponseReceived or RequestFailed. ``limit`` caps the answer's body in bytes.

    ``telling`` asks for more: "progress" for RequestProgressed while the body is written, "lines" for a LineReceived
    for each line of a successful answer, whose ResponseReceived then comes at its end, without a body. ``held`` tells
    that the far side may hold its answer back, as of a long poll: others must never wait behind it.
    """

    id: int
    method: str
    url: Secret
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    deadline: float
    limit: int
    telling: Literal["answer", "progress", "lines"] = "answer"
    held: bool = False

    quiet: ClassVar[frozenset[str]] = QUIET_TEXT | {"headers"}


class CancelRequest(Value, frozen=True, kw_only=True):
    """Stop a REST request; its completion no longer matters."""

    id: int


class Save(Value, frozen=True, kw_only=True):
    """Keep ``value`` under ``key`` durably; answered by Saved or SaveFailed. A ``secret`` is a token: kept apart."""

    id: int
    key: str
    value: Secret
    secret: bool = False


class Forget(Value, frozen=True, kw_only=True):
    """Remove what is kept under these keys; answered like Save."""

    id: int
    keys: tuple[str, ...]


class Answer(Value, frozen=True, kw_only=True):
    """Settle an app request: it is done. ``value`` is what its input's docstring says."""

    request: int
    value: object = None


class Refuse(Value, frozen=True, kw_only=True):
    """Settle an app request: it was not done, and changed nothing. The facade raises it as a typed exception."""

    request: int
    code: RefusalCode
    message: str
    hint: str = ""
    remote_code: str = ""
    transaction: str = ""


class Notify(Value, frozen=True, kw_only=True):
    """Tell the app what happened."""

    event: Event


Command = OpenSocket | SendFrame | CloseSocket | SendRequest | CancelRequest | Save | Forget | Answer | Refuse | Notify
"""Anything that a session may tell its surroundings to do."""
