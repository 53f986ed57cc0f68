"""Bright Pattern's events and answers as they are read (Bright Pattern reference, sections 3 and 6).

Named as the vendor names them, and normalised: ids are texts, "" if absent; ``at`` is aware UTC, None if absent or
nonsense; ``ewt`` and the other durations are seconds, None where they are not known. A field without a default is one
that nothing can be done without.
"""

import re
from datetime import datetime
from typing import ClassVar, Literal

import msgspec

from ..values import Secret, Value

__all__ = [
    "AvailabilityAnswer",
    "BrokenEvent",
    "CaseSession",
    "ChatAnswer",
    "ChatSessionCaseSet",
    "ChatSessionCobrowsing",
    "ChatSessionDisconnect",
    "ChatSessionEnd",
    "ChatSessionEnded",
    "ChatSessionFile",
    "ChatSessionFileUrl",
    "ChatSessionFormData",
    "ChatSessionFormShow",
    "ChatSessionInactivityTimeout",
    "ChatSessionInfo",
    "ChatSessionLocation",
    "ChatSessionMessage",
    "ChatSessionMessageDelete",
    "ChatSessionMessageDelivered",
    "ChatSessionMessageEdit",
    "ChatSessionMessageRead",
    "ChatSessionNavigation",
    "ChatSessionNotTyping",
    "ChatSessionPartyJoined",
    "ChatSessionPartyLeft",
    "ChatSessionSecureFormCancel",
    "ChatSessionSecureFormShow",
    "ChatSessionSignaling",
    "ChatSessionStatus",
    "ChatSessionTimeoutWarning",
    "ChatSessionTyping",
    "IceServer",
    "KnownEvent",
    "Shared",
    "UnknownEvent",
    "UploadAnswer",
    "Wire",
    "WireEvent",
]


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


class Wire(
    msgspec.Struct, frozen=True, kw_only=True, gc=False, tag_field="event", tag=_snake, rename={"at": "timestamp"}
):
    """The base of all events. The tag is the event's name; of ``any_of`` one at least must be there."""

    any_of: ClassVar[tuple[str, ...]] = ()


# --- the session (6.1, 6.2, 6.8 to 6.10, 6.18) ---


class ChatSessionStatus(Wire, frozen=True, kw_only=True, gc=False):
    """The session is in another state, or its estimated wait has changed (6.1, 8.1)."""

    state: str
    ewt: float | None = None


class ChatSessionEnded(Wire, frozen=True, kw_only=True, gc=False):
    """The session is over, and no longer exists (6.2)."""

    at: datetime | None = None


class ChatSessionTimeoutWarning(Wire, frozen=True, kw_only=True, gc=False):
    """Half of the time for inactivity is over (6.8, 10); it says nothing of the other half's length."""

    msg: str = ""
    at: datetime | None = None


class ChatSessionInactivityTimeout(Wire, frozen=True, kw_only=True, gc=False):
    """The session is over for inactivity (6.9), in either spelling."""

    msg: str = ""
    at: datetime | None = None


class ChatSessionCaseSet(Wire, frozen=True, kw_only=True, gc=False):
    """The scenario has set a case, or taken it away again: ``case_id`` is "" (6.10)."""

    case_id: str = ""
    at: datetime | None = None


class ChatSessionInfo(Wire, frozen=True, kw_only=True, gc=False):
    """What the queue is called (6.18)."""

    service_name: str = ""


# --- parties (6.3, 6.4, 6.7) ---


class ChatSessionPartyJoined(Wire, frozen=True, kw_only=True, gc=False):
    """A party is in the session now (6.3). ``type`` is any word (8.4)."""

    party_id: str
    first_name: str = ""
    last_name: str = ""
    display_name: str = ""
    type: str = ""
    at: datetime | None = None


class ChatSessionPartyLeft(Wire, frozen=True, kw_only=True, gc=False):
    """A party has left (6.4)."""

    party_id: str
    at: datetime | None = None


class ChatSessionTyping(Wire, frozen=True, kw_only=True, gc=False):
    """A party types (6.7)."""

    party_id: str = ""
    at: datetime | None = None


class ChatSessionNotTyping(Wire, frozen=True, kw_only=True, gc=False):
    """A party no longer types (6.7)."""

    party_id: str = ""
    at: datetime | None = None


# --- messages (6.5, 6.6, 6.11, 6.14, 6.15, 6.19) ---


class ChatSessionMessage(Wire, frozen=True, kw_only=True, gc=False):
    """A message (6.5). ``msg`` is HTML; ``attachments`` the JSON of a list, "" for none.

    Without ``party_id`` in a history, it is the customer's own first one (6.20).
    """

    any_of: ClassVar[tuple[str, ...]] = ("msg", "msg_text", "attachments")

    party_id: str = ""
    msg_id: str = ""
    msg: str = ""
    msg_text: str | None = None
    directive_id: str = ""
    attachments: str = ""
    at: datetime | None = None


class ChatSessionMessageDelivered(Wire, frozen=True, kw_only=True, gc=False):
    """A party has got a message (6.6)."""

    party_id: str = ""
    ref_msg_id: str
    at: datetime | None = None


class ChatSessionMessageRead(Wire, frozen=True, kw_only=True, gc=False):
    """A party has read a message (6.6)."""

    party_id: str = ""
    ref_msg_id: str
    at: datetime | None = None


class ChatSessionMessageEdit(Wire, frozen=True, kw_only=True, gc=False):
    """A message has another text now (6.19)."""

    any_of: ClassVar[tuple[str, ...]] = ("msg",)

    party_id: str = ""
    ref_msg_id: str
    msg: str = ""
    at: datetime | None = None


class ChatSessionMessageDelete(Wire, frozen=True, kw_only=True, gc=False):
    """A message is taken back (6.19)."""

    party_id: str = ""
    ref_msg_id: str
    at: datetime | None = None


class ChatSessionLocation(Wire, frozen=True, kw_only=True, gc=False):
    """A place (6.11)."""

    any_of: ClassVar[tuple[str, ...]] = ("url", "latitude")

    msg_id: str = ""
    party_id: str = ""
    url: str = ""
    latitude: str = ""
    longitude: str = ""
    at: datetime | None = None


class ChatSessionFile(Wire, frozen=True, kw_only=True, gc=False):
    """A file that lies with the session (6.14)."""

    party_id: str = ""
    msg_id: str = ""
    file_id: str
    file_type: str = ""
    file_name: str = ""
    at: datetime | None = None


class ChatSessionFileUrl(Wire, frozen=True, kw_only=True, gc=False):
    """A file that lies elsewhere (6.15)."""

    party_id: str = ""
    file_url: str
    file_type: str = ""
    at: datetime | None = None


# --- forms (6.12, 6.13) ---


class ChatSessionFormShow(Wire, frozen=True, kw_only=True, gc=False):
    """The scenario asks for a form; without ``form_name`` for the next typed text (6.12, 9.6)."""

    form_request_id: str
    form_name: str = ""
    form_timeout: float | None = None
    at: datetime | None = None


class ChatSessionSecureFormShow(Wire, frozen=True, kw_only=True, gc=False):
    """An agent asks for a form whose answers are kept out of transcripts (6.13)."""

    form_request_id: str
    form_id: str = ""
    at: datetime | None = None


class ChatSessionSecureFormCancel(Wire, frozen=True, kw_only=True, gc=False):
    """A secure form is no longer asked for (6.13), whichever side says so."""

    form_request_id: str


# --- calls and shared screens (6.16, 6.17) ---


class ChatSessionSignaling(Wire, frozen=True, kw_only=True, gc=False):
    """A step of a call (6.16). ``data`` is the JSON of an object."""

    msg_id: str = ""
    party_id: str = ""
    data: str
    at: datetime | None = None


class ChatSessionCobrowsing(Wire, frozen=True, kw_only=True, gc=False):
    """A step of a shared screen (6.17). ``data`` is the JSON of an object: all that the event says besides."""

    kind: Literal["requested", "rejected", "started", "ended"]
    party_id: str = ""
    data: str = "{}"
    at: datetime | None = None


# --- our own, in a history (6.20) ---


class ChatSessionNavigation(Wire, frozen=True, kw_only=True, gc=False):
    """The customer has gone to a page."""

    party_id: str = ""
    msg_id: str = ""
    title: str = ""
    page: str = ""
    at: datetime | None = None


class ChatSessionFormData(Wire, frozen=True, kw_only=True, gc=False):
    """The customer has answered a form, or refused to; what was answered is not kept."""

    party_id: str = ""
    form_request_id: str = ""
    at: datetime | None = None


class ChatSessionDisconnect(Wire, frozen=True, kw_only=True, gc=False):
    """The customer has left the agent (13)."""

    party_id: str = ""
    at: datetime | None = None


class ChatSessionEnd(Wire, frozen=True, kw_only=True, gc=False):
    """The customer has ended the session (13)."""

    party_id: str = ""
    at: datetime | None = None


# --- what is none of them ---


class UnknownEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event of a name that nobody knows, and how it begins."""

    kind: str
    source: str


class BrokenEvent(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An event, or a whole answer, that cannot be read: why, and how it begins."""

    reason: str
    source: str


KnownEvent = (
    ChatSessionStatus
    | ChatSessionEnded
    | ChatSessionTimeoutWarning
    | ChatSessionInactivityTimeout
    | ChatSessionCaseSet
    | ChatSessionInfo
    | ChatSessionPartyJoined
    | ChatSessionPartyLeft
    | ChatSessionTyping
    | ChatSessionNotTyping
    | ChatSessionMessage
    | ChatSessionMessageDelivered
    | ChatSessionMessageRead
    | ChatSessionMessageEdit
    | ChatSessionMessageDelete
    | ChatSessionLocation
    | ChatSessionFile
    | ChatSessionFileUrl
    | ChatSessionFormShow
    | ChatSessionSecureFormShow
    | ChatSessionSecureFormCancel
    | ChatSessionSignaling
    | ChatSessionCobrowsing
    | ChatSessionNavigation
    | ChatSessionFormData
    | ChatSessionDisconnect
    | ChatSessionEnd
)
"""Whatever a far side that keeps to the reference may tell."""

WireEvent = KnownEvent | UnknownEvent | BrokenEvent
"""Anything that may stand in a batch of events."""

Shared = ChatSessionFile | ChatSessionFileUrl | ChatSessionLocation
"""A file or a place: what becomes a message beside texts."""


# --- answers (section 3) ---


class ChatAnswer(Value, frozen=True, kw_only=True):
    """The session that was made or found (3.3, 3.4). ``is_new_chat`` is False where the answer does not say."""

    chat_id: str
    state: str = ""
    ewt: float | None = None
    is_new_chat: bool = False
    phone_number: str = ""

    quiet: ClassVar[frozenset[str]] = frozenset({"phone_number"})


class AvailabilityAnswer(Value, frozen=True, kw_only=True):
    """Whether the hours of operation say that it is open (3.1)."""

    is_open: bool
    ewt: float | None = None


class CaseSession(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A session of a case (3.8), with its events in their order."""

    chat_id: str = ""
    created_at: datetime | None = None
    events: tuple[WireEvent, ...] = ()


class UploadAnswer(Value, frozen=True, kw_only=True):
    """The far side has a file now (3.10)."""

    file_id: str
    file_name: str = ""


class IceServer(Value, frozen=True, kw_only=True):
    """A server that helps a call through networks (3.15)."""

    url: str
    username: str = ""
    credential: Secret = Secret("")
