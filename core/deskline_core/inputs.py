"""Everything that enters a session: app requests, transport reports, time. A closed union.

App requests are imperative and carry a ``request`` number, chosen by whoever asks and settled by exactly one
:class:`~deskline_core.commands.Answer` or :class:`~deskline_core.commands.Refuse` that repeats it. Reports are in the
past tense and repeat the number of the command they belong to.
"""

from typing import ClassVar

from .model import OfferOutcome, Upload
from .reports import (
    FrameReceived,
    LineReceived,
    NetworkReturned,
    Report,
    RequestFailed,
    RequestProgressed,
    ResponseReceived,
    Saved,
    SaveFailed,
    SocketClosed,
    SocketOpened,
)
from .values import QUIET_TEXT, Secret, Value

__all__ = [
    "AnswerInactivity",
    "AppRequest",
    "ArchiveThread",
    "Authenticate",
    "AwaitReady",
    "AwaitSettled",
    "Connect",
    "CreateInvitation",
    "DiscardMessage",
    "Disconnect",
    "EndThread",
    "EnterActive",
    "EnterBackground",
    "ExecuteTrigger",
    "FetchMenu",
    "FrameReceived",
    "Input",
    "JoinThread",
    "LeavePage",
    "LeaveThread",
    "LineReceived",
    "LoadMore",
    "MarkRead",
    "NetworkReturned",
    "Open",
    "OpenThread",
    "Prepare",
    "PreviewText",
    "RegisterDevice",
    "RenameThread",
    "Report",
    "ReportConversion",
    "ReportOffer",
    "ReportVisitorEvent",
    "ReportWindowOpened",
    "RequestFailed",
    "RequestProgressed",
    "ResponseReceived",
    "RetryMessage",
    "SaveFailed",
    "Saved",
    "SendInvitation",
    "SendMessage",
    "SendOfflineMessage",
    "SendTranscript",
    "SetCustomer",
    "SetCustomerFields",
    "SetThreadFields",
    "SignOut",
    "SocketClosed",
    "SocketOpened",
    "StartThread",
    "StartTyping",
    "StopTyping",
    "Tick",
    "ViewPage",
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


class Authenticate(AppRequest, frozen=True, kw_only=True):
    """Give a login of the customer's, made elsewhere: an authorization code with its verifier, or a ready token.

    Tokens that were kept are dropped; a socket that is open goes on with those it has, and the login is for the next
    one. A chat that is wanted and needs it goes on connecting. Refused where the channel is known to take no logins.
    Answer: None at once; whether the far side accepts it shows as the chat connects (S18, S19, S26, S33).
    """

    code: Secret = Secret("")
    verifier: Secret = Secret("")
    token: Secret = Secret("")


class RegisterDevice(AppRequest, frozen=True, kw_only=True):
    """Say where pushes to this device go, or by "" that none do any more. It is kept until it is replaced.

    The far side is told with every prepare, and at once when the chat is prepared. Answer: None, once it is kept.
    """

    token: Secret


class SetCustomerFields(AppRequest, frozen=True, kw_only=True):
    """Set custom fields of the customer, as (field id, value). Answer: None, once they are kept to be sent."""

    fields: tuple[tuple[str, str], ...]

    quiet: ClassVar[frozenset[str]] = frozenset({"fields"})


class SendOfflineMessage(AppRequest, frozen=True, kw_only=True):
    """Leave a message with nobody there: it is answered by e-mail. Answer: None, when it was sent.

    A live chat that is offline connects for it, and is offline again; one that is ready sends it as it is.
    """

    email: str
    text: str
    first_name: str = ""
    last_name: str = ""

    quiet: ClassVar[frozenset[str]] = QUIET_TEXT | {"email", "first_name", "last_name"}


class FetchMenu(AppRequest, frozen=True, kw_only=True):
    """Fetch the menu that the site shows all the time. Answer: its entries, as :class:`~deskline_core.model.Choice`."""


class JoinThread(AppRequest, frozen=True, kw_only=True):
    """Join someone else's conversation with the code of an invitation. Answer: None, when the far side has agreed.

    It appears as a thread, which is recovered at once.
    """

    code: str

    quiet: ClassVar[frozenset[str]] = frozenset({"code"})


# --- the visitor, who needs a prepared chat only (S43, S44) ---


class ViewPage(AppRequest, frozen=True, kw_only=True):
    """The customer looks at a page now; the one before it is left. Answer: None, when the far side took it."""

    title: str
    url: str


class LeavePage(AppRequest, frozen=True, kw_only=True):
    """The customer no longer looks at the page: the time spent is reported. Answer: None, when the far side took it."""


class ReportWindowOpened(AppRequest, frozen=True, kw_only=True):
    """The chat was opened before the customer's eyes. Answer: None, when the far side took it."""


class ReportConversion(AppRequest, frozen=True, kw_only=True):
    """The visit led to something, such as a purchase of that value. Answer: None, when the far side took it."""

    name: str
    value: float


class ReportOffer(AppRequest, frozen=True, kw_only=True):
    """What became of an offer, by its id. Answer: None, when the far side took it."""

    offer: str
    outcome: OfferOutcome


class ReportVisitorEvent(AppRequest, frozen=True, kw_only=True):
    """Report an event of the app's own, as pairs of names and texts. Answer: None, when the far side took it.

    It goes the way that the policy's ``custom_events`` says.
    """

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
    attachments: tuple[Upload, ...] = ()

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


class PreviewText(AppRequest, frozen=True, kw_only=True):
    """Show the other side what the customer is writing; the newest, once per ``preview_interval``. Answer: None."""

    thread: str
    text: str

    quiet: ClassVar[frozenset[str]] = QUIET_TEXT


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


class SetThreadFields(AppRequest, frozen=True, kw_only=True):
    """Set custom fields of the conversation, as (field id, value). Answer: None, once they are kept to be sent."""

    thread: str
    fields: tuple[tuple[str, str], ...]

    quiet: ClassVar[frozenset[str]] = frozenset({"fields"})


class CreateInvitation(AppRequest, frozen=True, kw_only=True):
    """Make an invitation to this conversation. Answer: its code."""

    thread: str


class SendInvitation(AppRequest, frozen=True, kw_only=True):
    """Have an invitation sent to e-mail addresses. Answer: None, when it was sent."""

    thread: str
    code: str
    emails: tuple[str, ...]

    quiet: ClassVar[frozenset[str]] = frozenset({"emails", "code"})


class LeaveThread(AppRequest, frozen=True, kw_only=True):
    """Leave a conversation that was joined; its thread ends here. Answer: None, when the far side has agreed."""

    thread: str


class Withdraw(Value, frozen=True, kw_only=True):
    """The caller of a request is gone: it is settled no more, and what only it waited for is dropped."""

    request: int


# --- time ---


class Tick(Value, frozen=True, kw_only=True):
    """Time has passed; serve what is due, and nothing else."""


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
    | Authenticate
    | RegisterDevice
    | SetCustomerFields
    | SendOfflineMessage
    | FetchMenu
    | JoinThread
    | ViewPage
    | LeavePage
    | ReportWindowOpened
    | ReportConversion
    | ReportOffer
    | ReportVisitorEvent
    | StartThread
    | OpenThread
    | SendMessage
    | RetryMessage
    | DiscardMessage
    | AwaitSettled
    | StartTyping
    | StopTyping
    | PreviewText
    | MarkRead
    | LoadMore
    | EndThread
    | AnswerInactivity
    | RenameThread
    | ArchiveThread
    | SendTranscript
    | SetThreadFields
    | CreateInvitation
    | SendInvitation
    | LeaveThread
    | Withdraw
    | Report
    | Tick
)
"""Anything that :meth:`deskline_core.session.Session.handle` takes."""
