"""What the app is told, in the past tense and in no vendor's words. A closed union; travels in ``Notify``."""

from typing import ClassVar

from .lifecycle import ChatState, EndReason, MessageStatus, ThreadState
from .model import Form, Inactivity, Message, Offer, Party, QueuePosition, SignalKind, Stage
from .values import QUIET_TEXT, Value

__all__ = [
    "CaseChanged",
    "ChatStateChanged",
    "CustomerFieldsChanged",
    "CustomerIdentified",
    "DepartmentNamed",
    "ErrorReceived",
    "Event",
    "FormClosed",
    "FormRequested",
    "HistoryLoaded",
    "InactivityCleared",
    "InactivityWarned",
    "MessageDeleted",
    "MessageReceived",
    "MessageStatusChanged",
    "MessageUpdated",
    "OfferReceived",
    "PageViewed",
    "ParticipantsChanged",
    "PartyAlerted",
    "PartyJoined",
    "PartyLeft",
    "PartyPreferred",
    "PartyStatusChanged",
    "QueueChanged",
    "QueuePositionChanged",
    "ReauthenticationNeeded",
    "SaveLost",
    "SignalReceived",
    "StageChanged",
    "StreamFailed",
    "TextAppended",
    "ThreadEnded",
    "ThreadFieldsChanged",
    "ThreadRenamed",
    "ThreadStateChanged",
    "TypingStarted",
    "TypingStopped",
    "UndecodableReceived",
    "UnknownReceived",
    "UploadFailed",
    "UploadProgressed",
]


class ChatStateChanged(Value, frozen=True, kw_only=True):
    """The chat's state changed, or was confirmed by a redundant connect (S15). ``cause`` is a sentence or ""."""

    state: ChatState
    cause: str = ""


class ReauthenticationNeeded(Value, frozen=True, kw_only=True):
    """The credentials were refused or have expired, and cannot be renewed silently (S18, S26, S33)."""

    cause: str = ""


class CustomerIdentified(Value, frozen=True, kw_only=True):
    """The far side said who the customer is; the chat goes on under this id."""

    customer: str


class ThreadStateChanged(Value, frozen=True, kw_only=True):
    """A thread's state changed."""

    thread: str
    state: ThreadState


class ThreadEnded(Value, frozen=True, kw_only=True):
    """A thread ended; once per thread and run, after its ThreadStateChanged.

    The far side goes on listing threads that were archived: they are told again after each restart, as ``ARCHIVED``.
    ``text`` is what the far side said of it, to be shown, or "".
    """

    thread: str
    reason: EndReason
    text: str = ""

    quiet: ClassVar[frozenset[str]] = QUIET_TEXT


class ThreadRenamed(Value, frozen=True, kw_only=True):
    """A thread has a new name."""

    thread: str
    name: str

    quiet: ClassVar[frozenset[str]] = frozenset({"name"})


class MessageReceived(Value, frozen=True, kw_only=True):
    """A message of the other side arrived that was not known before; ``text`` and ``party`` are its own.

    Also one of the customer's, when it was written on another device.
    """

    thread: str
    message: Message

    @property
    def text(self) -> str:
        """The text to show."""
        return self.message.text

    @property
    def party(self) -> Party:
        """Who sent it."""
        return self.message.party


class MessageUpdated(Value, frozen=True, kw_only=True):
    """A known message has new content."""

    thread: str
    message: Message


class MessageDeleted(Value, frozen=True, kw_only=True):
    """The other side took a message back; it is no longer in the thread's history."""

    thread: str
    message: str


class MessageStatusChanged(Value, frozen=True, kw_only=True):
    """A message of the customer's has a new status; ``cause`` says why it failed or is uncertain."""

    thread: str
    message: str
    status: MessageStatus
    cause: str = ""


class HistoryLoaded(Value, frozen=True, kw_only=True):
    """Older messages joined the thread's history: when it was first loaded, or by loading more. Oldest first.

    What came while the chat was away comes as :class:`MessageReceived`, one by one, as if it had just arrived.
    """

    thread: str
    messages: tuple[Message, ...]
    has_more: bool


class PartyJoined(Value, frozen=True, kw_only=True):
    """Someone was assigned to the thread."""

    thread: str
    party: Party


class PartyLeft(Value, frozen=True, kw_only=True):
    """Someone is no longer assigned to the thread."""

    thread: str
    party: Party


class TypingStarted(Value, frozen=True, kw_only=True):
    """The other side types."""

    thread: str
    party: Party


class TypingStopped(Value, frozen=True, kw_only=True):
    """The other side stopped typing, sent a message, left, or was not heard of for the policy's ``agent_typing``."""

    thread: str
    party: Party


class StageChanged(Value, frozen=True, kw_only=True):
    """Who serves the conversation now is another: a script, the queue, an agent."""

    thread: str
    stage: Stage


class QueuePositionChanged(Value, frozen=True, kw_only=True):
    """The place in the queue, or the wait there, changed; None when there is none any more."""

    thread: str
    queue: QueuePosition | None


class InactivityWarned(Value, frozen=True, kw_only=True):
    """The far side will end the thread unless the customer answers."""

    thread: str
    inactivity: Inactivity


class InactivityCleared(Value, frozen=True, kw_only=True):
    """The inactivity warning no longer stands: it was answered, ran out, or the connection was lost."""

    thread: str


class FormRequested(Value, frozen=True, kw_only=True):
    """The far side asks for a form to be filled in: answer it with ``submit_form``, or decline with ``cancel_form``.

    One without a name asks for free text: the customer's next message answers it, too.
    """

    thread: str
    form: Form


class FormClosed(Value, frozen=True, kw_only=True):
    """A form is no longer asked for: it was answered or declined, taken back, or another took its place."""

    thread: str
    form: str


class CaseChanged(Value, frozen=True, kw_only=True):
    """The far side keeps a case about the conversation from now on, under this id; "" for none any more."""

    thread: str
    case: str


class DepartmentNamed(Value, frozen=True, kw_only=True):
    """The far side said which department the conversation is with (its service)."""

    thread: str
    name: str


class SignalReceived(Value, frozen=True, kw_only=True):
    """The other side signals for a call or a common browsing of the app's own; ``data`` is a JSON object as text."""

    thread: str
    kind: SignalKind
    data: str = "{}"
    party: Party | None = None

    quiet: ClassVar[frozenset[str]] = frozenset({"data"})


class ThreadFieldsChanged(Value, frozen=True, kw_only=True):
    """The custom fields of a conversation have new values; ``fields`` are those that changed, by id."""

    thread: str
    fields: tuple[tuple[str, str], ...]

    quiet: ClassVar[frozenset[str]] = frozenset({"fields"})


class CustomerFieldsChanged(Value, frozen=True, kw_only=True):
    """The customer's custom fields have new values; ``fields`` are those that changed, by id."""

    fields: tuple[tuple[str, str], ...]

    quiet: ClassVar[frozenset[str]] = frozenset({"fields"})


class TextAppended(Value, frozen=True, kw_only=True):
    """A message that comes in pieces goes on with ``text``; the whole of it comes as :class:`MessageUpdated`."""

    thread: str
    message: str
    text: str

    quiet: ClassVar[frozenset[str]] = QUIET_TEXT


class StreamFailed(Value, frozen=True, kw_only=True):
    """The rest of a message that comes in pieces will not come; what came so far stays."""

    thread: str
    message: str
    cause: str


class UploadProgressed(Value, frozen=True, kw_only=True):
    """More of a message's file is on its way: ``sent`` of ``total`` bytes; ``attachment`` counts the files from 0."""

    thread: str
    message: str
    attachment: int
    sent: int
    total: int


class UploadFailed(Value, frozen=True, kw_only=True):
    """A message's file was not taken. The message fails, or goes without it, as the policy says."""

    thread: str
    message: str
    attachment: int
    name: str
    cause: str


class OfferReceived(Value, frozen=True, kw_only=True):
    """The far side offers something by itself. Show it, and say what became of it with ``report_offer``.

    A welcome text comes with the raw template, and is shown as a message of new conversations without the app.
    """

    offer: Offer


class QueueChanged(Value, frozen=True, kw_only=True):
    """The conversation waits in another queue now; ``queue`` is its name or id, "" when it waits in none."""

    thread: str
    queue: str


class PartyAlerted(Value, frozen=True, kw_only=True):
    """The conversation is offered to someone, who has not taken it yet."""

    thread: str
    party: Party


class PartyPreferred(Value, frozen=True, kw_only=True):
    """Someone is to be preferred when the conversation is assigned next; None when nobody is."""

    thread: str
    party: Party | None


class PartyStatusChanged(Value, frozen=True, kw_only=True):
    """Someone of the other side is available in another way now.

    ``status`` is the far side's word for it, such as ``online``.
    """

    party: Party
    status: str


class ParticipantsChanged(Value, frozen=True, kw_only=True):
    """Other customers joined or left the conversation; ``participants`` are all of them, by name or address."""

    thread: str
    participants: tuple[str, ...]


class PageViewed(Value, frozen=True, kw_only=True):
    """The far side noted that the customer looked at a page."""

    thread: str
    title: str
    url: str


class ErrorReceived(Value, frozen=True, kw_only=True):
    """The far side reported an error that belongs to no request of the app's."""

    code: str
    text: str = ""
    transaction: str = ""
    thread: str = ""


class SaveLost(Value, frozen=True, kw_only=True):
    """The store could not keep something; the chat goes on, but a restart will not know it."""

    key: str
    cause: str = ""


class UnknownReceived(Value, frozen=True, kw_only=True):
    """The far side sent something of a kind that is not known, or not built. Nothing else changed.

    ``source`` is its beginning, as text, up to the policy's ``max_source`` characters.
    """

    kind: str
    source: str

    quiet: ClassVar[frozenset[str]] = frozenset({"source"})


class UndecodableReceived(Value, frozen=True, kw_only=True):
    """The far side sent something that cannot be read: not JSON, a missing field, a wrong type, too large, too deep.

    Nothing else changed. ``source`` as for :class:`UnknownReceived`.
    """

    reason: str
    source: str

    quiet: ClassVar[frozenset[str]] = frozenset({"source"})


Event = (
    ChatStateChanged
    | ReauthenticationNeeded
    | CustomerIdentified
    | ThreadStateChanged
    | ThreadEnded
    | ThreadRenamed
    | MessageReceived
    | MessageUpdated
    | MessageDeleted
    | MessageStatusChanged
    | HistoryLoaded
    | PartyJoined
    | PartyLeft
    | TypingStarted
    | TypingStopped
    | StageChanged
    | QueuePositionChanged
    | InactivityWarned
    | InactivityCleared
    | FormRequested
    | FormClosed
    | CaseChanged
    | DepartmentNamed
    | SignalReceived
    | ThreadFieldsChanged
    | CustomerFieldsChanged
    | TextAppended
    | StreamFailed
    | UploadProgressed
    | UploadFailed
    | OfferReceived
    | QueueChanged
    | PartyAlerted
    | PartyPreferred
    | PartyStatusChanged
    | ParticipantsChanged
    | PageViewed
    | ErrorReceived
    | SaveLost
    | UnknownReceived
    | UndecodableReceived
)
"""Anything that an app may be told."""
