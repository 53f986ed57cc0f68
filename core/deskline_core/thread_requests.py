"""What an app asks of one conversation, imperative; a part of :mod:`deskline_core.inputs`."""

from typing import ClassVar

from .chat_requests import AppRequest
from .model import Location, SignalKind, Upload
from .values import QUIET_TEXT

__all__ = [
    "AnswerInactivity",
    "ArchiveThread",
    "AwaitSettled",
    "CancelForm",
    "CloseCase",
    "CreateInvitation",
    "DiscardMessage",
    "EndThread",
    "FetchFile",
    "FetchPhoto",
    "LeaveThread",
    "LoadMore",
    "MarkRead",
    "OpenThread",
    "PreviewText",
    "RenameThread",
    "RetryMessage",
    "SendInvitation",
    "SendLocation",
    "SendMessage",
    "SendSignal",
    "SendTranscript",
    "SetThreadFields",
    "StartThread",
    "StartTyping",
    "StopTyping",
    "SubmitForm",
    "WrapUp",
]


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
    """Put a message into the outbox. Answer: its id, once queued; it waits there until the chat is ready.

    Where a site takes each file as a message of its own, they go ahead of the text under ids of their own; the answer
    is the id of the last.
    """

    thread: str
    text: str
    postback: str = ""
    attachments: tuple[Upload, ...] = ()

    quiet: ClassVar[frozenset[str]] = QUIET_TEXT | {"postback"}


class SendLocation(AppRequest, frozen=True, kw_only=True):
    """Put a place on the map into the outbox, and behind it a text, if there is one, as a message of its own.

    Answer: the id of the last, once queued (B34).
    """

    thread: str
    location: Location
    text: str = ""

    quiet: ClassVar[frozenset[str]] = QUIET_TEXT | {"location"}


class RetryMessage(AppRequest, frozen=True, kw_only=True):
    """Send a failed message again under its id, and before it what came with it and failed, too. Answer: its id."""

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


class WrapUp(AppRequest, frozen=True, kw_only=True):
    """End the talk with the agent, and let the far side's scenario go on, with a survey perhaps (B40).

    Answer: None, when the far side took it. The thread stays open until the far side ends it, or :class:`EndThread`.
    """

    thread: str


class SubmitForm(AppRequest, frozen=True, kw_only=True):
    """Answer a form that the far side asked for, as (field, value). Answer: None, when the far side took it (B60)."""

    thread: str
    form: str
    data: tuple[tuple[str, str], ...]

    quiet: ClassVar[frozenset[str]] = frozenset({"data"})


class CancelForm(AppRequest, frozen=True, kw_only=True):
    """Say that a form stays unanswered. Answer: None, when the far side took it."""

    thread: str
    form: str


class SendSignal(AppRequest, frozen=True, kw_only=True):
    """Pass on what a call or a common browsing of the app's own needs; ``data`` is a JSON object as text.

    ``party`` is whom a signal of a call is for. Answer: None, when the far side took it.
    """

    thread: str
    kind: SignalKind
    data: str = "{}"
    party: str = ""

    quiet: ClassVar[frozenset[str]] = frozenset({"data"})


class FetchFile(AppRequest, frozen=True, kw_only=True):
    """Fetch a file of a message; ``attachment`` counts the files from 0.

    Answer: a :class:`~deskline_core.model.Download`.
    """

    thread: str
    message: str
    attachment: int = 0


class FetchPhoto(AppRequest, frozen=True, kw_only=True):
    """Fetch the picture of someone in the thread. Answer: a :class:`~deskline_core.model.Download`."""

    thread: str
    party: str


class CloseCase(AppRequest, frozen=True, kw_only=True):
    """Close the case that the far side keeps about this conversation. Answer: None, when it did (B59)."""

    thread: str
