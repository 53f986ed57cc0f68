"""The values an app handles: parties, messages, threads. Frozen; a change makes a new value."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Protocol

import msgspec

from .errors import InvalidValue
from .lifecycle import EndReason, MessageStatus, ThreadState
from .values import Secret, Value

__all__ = [
    "Attachment",
    "Availability",
    "Choice",
    "ContentKind",
    "Download",
    "FileLimits",
    "Form",
    "IceServer",
    "Inactivity",
    "Link",
    "Location",
    "Message",
    "Offer",
    "OfferKind",
    "OfferOutcome",
    "Party",
    "PartyRole",
    "PushNetwork",
    "Question",
    "QueuePosition",
    "SignalKind",
    "Stage",
    "ThreadView",
    "Upload",
]

_MANY_TURNS = 1e9
"""More degrees than any place has: a larger number is as wrong, and may be no ``float``."""


class PartyRole(StrEnum):
    """What a party is: who sent a message, who types, who joined.

    - ``CUSTOMER``: the customer of this chat, on whatever device.
    - ``GUEST``: another customer in the conversation.
    - ``AGENT``: a person of the other side; also whoever of it is not said to be anything else.
    - ``BOT``: a machine of the other side.
    - ``SCENARIO``: an automation of the other side that asks or tells by a script, such as a survey.
    """

    CUSTOMER = "customer"
    GUEST = "guest"
    AGENT = "agent"
    BOT = "bot"
    SCENARIO = "scenario"


class Party(Value, frozen=True, kw_only=True):
    """Someone who takes part in a thread. ``id`` is the far side's, as text; ``image`` a URL or ""."""

    id: str
    role: PartyRole
    name: str = ""
    image: str = ""


class ContentKind(StrEnum):
    """What a message holds, in the field's terms; ``UNKNOWN`` shows its fallback text and keeps its source."""

    TEXT = "text"
    QUICK_REPLIES = "quick replies"
    LIST_PICKER = "list picker"
    RICH_LINK = "rich link"
    TIME_PICKER = "time picker"
    CARD = "card"
    STREAM = "stream"
    LOCATION = "location"
    UNKNOWN = "unknown"


class Choice(Value, frozen=True, kw_only=True):
    """A button, list entry, menu entry or time slot: send ``text`` with ``postback`` to choose it.

    ``image`` is a URL or "". A time slot has the aware UTC time ``starts_at``, and the far side's number for how long
    it takes, whose unit no source tells.
    """

    text: str
    postback: str = ""
    description: str = ""
    image: str = ""
    starts_at: datetime | None = None
    duration: float | None = None

    quiet: ClassVar[frozenset[str]] = frozenset({"text", "postback", "description"})


class Link(Value, frozen=True, kw_only=True):
    """What a rich link leads to. ``image`` is a URL or ""."""

    url: str
    title: str = ""
    image: str = ""

    quiet: ClassVar[frozenset[str]] = frozenset({"url", "title", "image"})


class Location(Value, frozen=True, kw_only=True):
    """A place on the map, in degrees. ``url`` shows it, or is "".

    Raises :class:`~deskline_core.errors.InvalidValue` when a degree is no number, or ``url`` no text.
    """

    latitude: float
    longitude: float
    url: str = ""

    quiet: ClassVar[frozenset[str]] = frozenset({"latitude", "longitude", "url"})

    def __post_init__(self) -> None:
        for field in ("latitude", "longitude"):
            given = getattr(self, field)
            if not isinstance(given, int | float) or isinstance(given, bool):
                raise InvalidValue(f"the {field} of a place is a number, not {type(given).__name__}")
            msgspec.structs.force_setattr(self, field, float(max(min(given, _MANY_TURNS), -_MANY_TURNS)))
        if not isinstance(self.url, str):  # pyright: ignore[reportUnnecessaryIsInstance] - apps without a type checker
            raise InvalidValue(f"the url of a place is a text, not {type(self.url).__name__}")


class Attachment(Value, frozen=True, kw_only=True):
    """A file of a message. ``url`` is where it can be fetched, and may be signed: ``repr`` does not show it.

    Where the far side wants to know who fetches it, :class:`~deskline_core.inputs.FetchFile` does so. ``mime_type`` is
    ``image/*`` where the far side says no more.
    """

    name: str
    url: str
    mime_type: str = ""
    id: str = ""
    preview_url: str = ""

    quiet: ClassVar[frozenset[str]] = frozenset({"url", "preview_url"})


class Upload(Value, frozen=True, kw_only=True):
    """A file to send with a message: its name, its whole content and its type, such as ``image/png``.

    Raises :class:`~deskline_core.errors.InvalidValue` when one of them is of another type.
    """

    name: str
    content: bytes
    mime_type: str

    quiet: ClassVar[frozenset[str]] = frozenset({"content"})

    def __post_init__(self) -> None:
        for field, kind in (("name", str), ("content", bytes), ("mime_type", str)):
            if not isinstance(given := getattr(self, field), kind):
                raise InvalidValue(f"the {field} of a file is {kind.__name__}, not {type(given).__name__}")


class FileLimits(Value, frozen=True, kw_only=True):
    """Which files a site takes with a message, so that an app can offer what will go.

    ``largest`` is bytes, 0 where the site does not say. ``types`` are MIME types, some of them wildcards such as
    ``image/*``; none means any. ``most`` is how many files one message may carry.
    """

    allowed: bool
    largest: int = 0
    types: tuple[str, ...] = ()
    most: int


class Message(Value, frozen=True, kw_only=True):
    """One message of a thread, either way.

    ``id`` is the client-made id that both sides share. ``created_at`` is aware UTC: the far side's clock once it has
    the message, ours before. ``source`` keeps the JSON of content that is more than text; ``cause`` says why one of the
    customer's failed or is in doubt.
    """

    id: str
    thread: str
    party: Party
    text: str
    created_at: datetime
    status: MessageStatus
    kind: ContentKind = ContentKind.TEXT
    choices: tuple[Choice, ...] = ()
    attachments: tuple[Attachment, ...] = ()
    link: Link | None = None
    location: Location | None = None
    postback: str = ""
    source: str = ""
    cause: str = ""

    quiet: ClassVar[frozenset[str]] = frozenset({"text", "postback", "source", "location"})

    @property
    def mine(self) -> bool:
        """Whether the customer sent it."""
        return self.party.role is PartyRole.CUSTOMER


class QueuePosition(Value, frozen=True, kw_only=True):
    """Where a waiting live chat stands, as far as the far side tells.

    ``position`` is its place, ``estimated_wait`` the seconds that it may take; None is unknown. ``agents_online`` tells
    whether anyone serves the queue now.
    """

    position: int | None = None
    estimated_wait: float | None = None
    agents_online: bool = True


class Inactivity(Value, frozen=True, kw_only=True):
    """A warning that the far side will end the thread for inactivity.

    ``ends_at`` is our own clock, in UTC seconds: the far side's remaining time counted from receipt; endless where it
    tells none. ``stay`` and ``end`` are the two answers.
    """

    title: str
    text: str
    question: str
    ends_at: float
    stay: Choice
    end: Choice
    message: str = ""

    quiet: ClassVar[frozenset[str]] = frozenset({"title", "text", "question"})


class Stage(StrEnum):
    """Who serves an open conversation, where the far side tells.

    - ``SCRIPTED``: a scenario of the far side's, which may talk and ask by itself.
    - ``QUEUED``: nobody yet; it waits for an agent.
    - ``CONNECTING``: an agent was found, and has not taken it yet.
    - ``CONNECTED``: an agent.
    - ``WRAPPING``: the scenario again, after the customer ended the talk with the agent.
    - ``COMPLETED``: nobody any more; the far side takes no more messages, and has not ended it yet.
    """

    SCRIPTED = "scripted"
    QUEUED = "queued"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    WRAPPING = "wrapping"
    COMPLETED = "completed"


class Form(Value, frozen=True, kw_only=True):
    """A form that the far side asks for; the app owns its fields, by its ``name``.

    A ``secure`` one does not hold up the chat, and its data stays out of transcripts. ``timeout`` is the far side's
    number for how long it waits, whose unit no source tells; None where it says nothing.
    """

    id: str
    name: str
    secure: bool = False
    timeout: float | None = None


class SignalKind(StrEnum):
    """What a signal that is only passed on belongs to: a call, or a common browsing and the steps of it."""

    CALL = "call"
    COBROWSING_REQUESTED = "cobrowsing requested"
    COBROWSING_REJECTED = "cobrowsing rejected"
    COBROWSING_STARTED = "cobrowsing started"
    COBROWSING_ENDED = "cobrowsing ended"


class PushNetwork(StrEnum):
    """Who pushes to a device: Apple's service, or Firebase on one of the two systems."""

    APNS = "apns"
    FIREBASE_IOS = "firebase ios"
    FIREBASE_ANDROID = "firebase android"


class Availability(Value, frozen=True, kw_only=True):
    """Whether a site is open now, and how many seconds one may wait for an agent; None where it does not tell."""

    is_open: bool
    estimated_wait: float | None = None


class IceServer(Value, frozen=True, kw_only=True):
    """A server that helps a call through."""

    url: str
    username: str = ""
    credential: Secret = Secret("")


class Download(Value, frozen=True, kw_only=True):
    """A file that was fetched."""

    name: str
    content: bytes
    mime_type: str

    quiet: ClassVar[frozenset[str]] = frozenset({"content"})


class Question(Value, frozen=True, kw_only=True):
    """One question of the survey that a site asks before a thread. ``choices`` are (name, label) of a list or tree.

    ``kind`` is the far side's word for what is asked for, in lower case: ``text``, ``email``, ``list`` or ``tree``; of
    other sites also ``phone``, ``first_name``, ``last_name``, ``account`` or ``company``.
    """

    id: str
    label: str
    required: bool = False
    kind: str = "text"
    choices: tuple[tuple[str, str], ...] = ()


class OfferKind(StrEnum):
    """How the far side wants an offer shown.

    - ``POPUP``: in a box with a headline, a text, an image and a button.
    - ``CUSTOM_POPUP``: in a box of the app's own making, from ``variables``.
    - ``WELCOME``: as the first message of new conversations; deskline shows it there by itself.
    - ``PUSH``: as a notification of the device.
    - ``GUIDE``: by a template of the far side's, from ``source``.
    - ``OTHER``: a kind that is not known.
    """

    POPUP = "popup"
    CUSTOM_POPUP = "custom popup"
    WELCOME = "welcome"
    PUSH = "push"
    GUIDE = "guide"
    OTHER = "other"


class OfferOutcome(StrEnum):
    """What became of an offer; each is told to the far side's analytics."""

    SHOWN = "shown"
    CLICKED = "clicked"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Offer(Value, frozen=True, kw_only=True):
    """What the far side offers by itself, such as help with a page: for the app to show, and to report about.

    ``fields`` are custom fields that go with the conversation if the customer takes it up. ``variables`` and
    ``source`` are JSON: what a custom popup is made of, and the whole offer as it came.
    """

    id: str
    name: str = ""
    kind: OfferKind = OfferKind.OTHER
    text: str = ""
    headline: str = ""
    second_line: str = ""
    image: str = ""
    button: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    variables: str = ""
    source: str = ""

    quiet: ClassVar[frozenset[str]] = frozenset({"text", "headline", "second_line", "variables", "source"})


class ThreadView(Protocol):
    """What anyone may read of a thread. The session owns the thread and is the only one to change it."""

    @property
    def id(self) -> str:
        """The client-made id of the thread, compared exactly."""
        ...

    @property
    def state(self) -> ThreadState:
        """Where the thread stands."""
        ...

    @property
    def reason(self) -> EndReason | None:
        """Why it ended, or None while it has not."""
        ...

    @property
    def name(self) -> str:
        """The thread's name, "" if it has none."""
        ...

    @property
    def agent(self) -> Party | None:
        """Who is assigned now; of several, who came last."""
        ...

    @property
    def parties(self) -> Sequence[Party]:
        """Who of the other side takes part now, in the order they came."""
        ...

    @property
    def stage(self) -> Stage | None:
        """Who serves it, where the far side tells; None elsewhere, and once it has ended."""
        ...

    @property
    def typing(self) -> Party | None:
        """Who is typing now."""
        ...

    @property
    def queue(self) -> QueuePosition | None:
        """The place in the queue, while waiting for someone."""
        ...

    @property
    def inactivity(self) -> Inactivity | None:
        """The open inactivity warning."""
        ...

    @property
    def forms(self) -> Sequence[Form]:
        """The forms that the far side asks for now, oldest first."""
        ...

    @property
    def case(self) -> str:
        """The id of the case that the far side keeps about it, or ""."""
        ...

    @property
    def fields(self) -> Mapping[str, str]:
        """The custom fields of the conversation, by id."""
        ...

    @property
    def participants(self) -> Sequence[str]:
        """The other customers of a group conversation, by name or address."""
        ...

    @property
    def messages(self) -> Sequence[Message]:
        """The messages kept, oldest first."""
        ...

    @property
    def has_more(self) -> bool:
        """Whether the far side has older messages than these."""
        ...
