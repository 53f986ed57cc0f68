"""Everything that enters a session: app requests, transport reports, time. A closed union.

App requests are imperative and carry a ``request`` number, chosen by whoever asks and settled by exactly one
:class:`~deskline_core.commands.Answer` or :class:`~deskline_core.commands.Refuse` that repeats it. Reports are in the
past tense and repeat the number of the command they belong to.
"""

from typing import ClassVar, Literal

from .values import QUIET_TEXT, Value

__all__ = [
    "AnswerInactivity",
    "AppRequest",
    "ArchiveThread",
    "AwaitReady",
    "AwaitSettled",
    "Connect",
    "DiscardMessage",
    "Disconnect",
    "EndThread",
    "EnterActive",
    "EnterBackground",
    "ExecuteTrigger",
    "FrameReceived",
    "Input",
    "LoadMore",
    "MarkRead",
    "NetworkReturned",
    "Open",
    "OpenThread",
    "Prepare",
    "RenameThread",
    "Report",
    "ReportVisitorEvent",
    "RequestFailed",
    "ResponseReceived",
    "RetryMessage",
    "SaveFailed",
    "Saved",
    "SendMessage",
    "SendTranscript",
    "SetCustomer",
    "SignOut",
    "SocketClosed",
    "SocketOpened",
    "StartThread",
    "StartTyping",
    "StopTyping",
    "Tick",
    "Withdraw",
]


class AppRequest(Value, frozen=True, kw_only=True):
    """What an app asks for; ``request`` is repeated by the one command that settles it."""

    request: int


# --- the whole chat ---


class Prepare(AppRequest, frozen=True, kw_only=True):
    """Fetch the channel configuration and register the visitor. Answer: None, when prepared (S1-S9)."""


class Connect(AppRequest, frozen=True, kw_only=True):
    """Connect from prepared, lost or offline. Answer: None at once; :class:`AwaitReady` waits (S11-S16)."""


class Open(AppRequest, frozen=True, kw_only=True):
    """Want the chat: prepare where needed, connect, and keep connected. Answer: None at once."""


class Disconnect(AppRequest, frozen=True, kw_only=True):
    """No longer want the chat; rest in prepared. Answer: None, when the socket is closed (S34-S36)."""


class SignOut(AppRequest, frozen=True, kw_only=True):
    """Close, drain, then forget visitor, customer and tokens. Answer: None, when all is done (S37)."""


class EnterBackground(AppRequest, frozen=True, kw_only=True):
    """The app leaves its user's sight: close the socket, keep the intent. Answer: None (S34).

    The answer comes at once, before the socket is closed; :class:`SocketClosed` or the state tells when it is.
    """


class EnterActive(AppRequest, frozen=True, kw_only=True):
    """The app is in front of its user again: connect if the chat is still wanted. Answer: None (S47)."""


class AwaitReady(AppRequest, frozen=True, kw_only=True):
    """Answer None when the chat is ready; refused when it is offline, lost, unsupported or needs credentials.

    A first connect that fails is not tried again by itself: whoever waits is refused once with the cause, and whoever
    asks after that with ``not_connected``, until a :class:`Connect` or :class:`Open` tries again.
    """


class SetCustomer(AppRequest, frozen=True, kw_only=True):
    """Say who the customer is; in initial only (S45). Answer: None."""

    id: str
    first_name: str = ""
    last_name: str = ""


class ExecuteTrigger(AppRequest, frozen=True, kw_only=True):
    """Run an automation that the far side has set up under this id. Answer: None (S42)."""

    trigger: str


class ReportVisitorEvent(AppRequest, frozen=True, kw_only=True):
    """Tell the far side's analytics what the visitor does; needs prepared only (S43, S44). Answer: None.

    ``type`` is one of the names of section 2.5 of the CXone wire reference, ``data`` pairs of names and texts.
    """

    type: str
    data: tuple[tuple[str, str], ...] = ()

    quiet: ClassVar[frozenset[str]] = frozenset({"data"})


# --- a thread ---


class StartThread(AppRequest, frozen=True, kw_only=True):
    """Start a thread with the survey's answers as (question id, value). Answer: the thread's id (T1-T4).

    It waits until the chat is ready. With ``reuse`` the answer is the newest thread that has not ended, if there is
    one, and a new one only if there is none.
    """

    answers: tuple[tuple[str, str], ...] = ()
    name: str = ""
    reuse: bool = False

    quiet: ClassVar[frozenset[str]] = frozenset({"answers"})


class OpenThread(AppRequest, frozen=True, kw_only=True):
    """Load a thread's history (T14, T28, T29). Answer: the thread's id."""

    thread: str


class SendMessage(AppRequest, frozen=True, kw_only=True):
    """Put a message into the outbox. Answer: its id, once queued; it waits there until the chat is ready."""

    thread: str
    text: str
    postback: str = ""

    quiet: ClassVar[frozenset[str]] = QUIET_TEXT | {"postback"}


class RetryMessage(AppRequest, frozen=True, kw_only=True):
    """Send a failed message again under its id. Answer: its id."""

    message: str


class DiscardMessage(AppRequest, frozen=True, kw_only=True):
    """Take a queued or failed message out of the outbox and the history. Answer: its id."""

    message: str


class AwaitSettled(AppRequest, frozen=True, kw_only=True):
    """Answer the message's status once nothing is under way that could tell more.

    That is ``delivered``, ``seen`` or ``failed``; but also ``sent``, when the far side accepted the message and no copy
    of it came in time, and ``uncertain``, when nobody can tell: the history could not be read back, or the thread ended
    first. Both may still change, by what comes later.
    """

    message: str


class StartTyping(AppRequest, frozen=True, kw_only=True):
    """Show the other side that the customer types; repeated calls are sent once. Answer: None."""

    thread: str


class StopTyping(AppRequest, frozen=True, kw_only=True):
    """The customer stopped typing; follows by itself after the policy's ``typing_idle``. Answer: None."""

    thread: str


class MarkRead(AppRequest, frozen=True, kw_only=True):
    """The customer has read the thread up to now. Answer: None (T9, T25)."""

    thread: str


class LoadMore(AppRequest, frozen=True, kw_only=True):
    """Load older messages. Answer: how many came; 0 when there are none (T18)."""

    thread: str


class EndThread(AppRequest, frozen=True, kw_only=True):
    """End a live chat's contact. Answer: None, when the far side has confirmed (T20, T27, S38)."""

    thread: str


class AnswerInactivity(AppRequest, frozen=True, kw_only=True):
    """Answer an inactivity warning: ``stay`` or let it end. Answer: None, once queued."""

    thread: str
    stay: bool


class RenameThread(AppRequest, frozen=True, kw_only=True):
    """Name a thread of a multi-thread channel (T7, T18). Answer: None."""

    thread: str
    name: str


class ArchiveThread(AppRequest, frozen=True, kw_only=True):
    """Archive a thread of a multi-thread channel. Answer: None, when it is archived (T8, T19)."""

    thread: str


class SendTranscript(AppRequest, frozen=True, kw_only=True):
    """Have the transcript sent to an e-mail address. Answer: None, when it was sent (T30)."""

    thread: str
    email: str

    quiet: ClassVar[frozenset[str]] = frozenset({"email"})


class Withdraw(Value, frozen=True, kw_only=True):
    """The caller of a request is gone: it is settled no more, and what only it waited for is dropped."""

    request: int


# --- transport reports ---

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


class Saved(Value, frozen=True, kw_only=True):
    """The store has kept it, durably."""

    id: int


class SaveFailed(Value, frozen=True, kw_only=True):
    """The store could not keep it."""

    id: int
    reason: str = ""


class NetworkReturned(Value, frozen=True, kw_only=True):
    """The machine has a network again: a waiting attempt need not wait longer (S48)."""


class Tick(Value, frozen=True, kw_only=True):
    """Time has passed; serve what is due, and nothing else."""


Report = (
    SocketOpened
    | FrameReceived
    | SocketClosed
    | ResponseReceived
    | RequestFailed
    | Saved
    | SaveFailed
    | NetworkReturned
)
"""What the world tells: neither the app nor time."""

Input = (
    Prepare
    | Connect
    | Open
    | Disconnect
    | SignOut
    | EnterBackground
    | EnterActive
    | AwaitReady
    | SetCustomer
    | ExecuteTrigger
    | ReportVisitorEvent
    | StartThread
    | OpenThread
    | SendMessage
    | RetryMessage
    | DiscardMessage
    | AwaitSettled
    | StartTyping
    | StopTyping
    | MarkRead
    | LoadMore
    | EndThread
    | AnswerInactivity
    | RenameThread
    | ArchiveThread
    | SendTranscript
    | Withdraw
    | Report
    | Tick
)
"""Anything that :meth:`deskline_core.session.Session.handle` takes."""
