"""Who and what a contact center knows: channels, customers, threads, contacts, messages and agents.

Nothing here belongs to one vendor. A channel's wire language adds its own settings by a subclass of :class:`Channel`.
Times are UTC seconds.
"""

from dataclasses import dataclass, field
from typing import Any, Literal

import msgspec

from .deadlines import Timer

__all__ = ["Agent", "Channel", "Contact", "Customer", "Field", "Message", "Mode", "Popup", "Thread"]

Mode = Literal["single", "multi", "live"]


class Channel(msgspec.Struct, frozen=True, kw_only=True):
    """One entry point into the center. What the references leave open is a setting here, with its default.

    ``script`` names the script that serves each new contact; empty leaves it to the operator.
    ``first_place`` is the number of the first place in the queue.
    ``repeated_message``: a message whose id is already known is stored once more, dropped, or refused.
    ``closed_live_chat``: a message into a live chat that is over is refused, or opens a new contact.
    """

    id: str
    name: str = "Harbour Goods"
    mode: Mode = "single"
    online: bool = True
    script: str = ""
    first_place: int = 1
    repeated_message: Literal["store", "drop", "refuse"] = "store"
    closed_live_chat: Literal["refuse", "reopen"] = "refuse"


class Agent(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers: a person, or a bot. ``id`` is an integer as vendors have it."""

    id: int
    first_name: str
    surname: str = ""
    nickname: str = ""
    bot: bool = False
    survey: bool = False


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One custom field of a customer or a contact. ``updated_at`` is the client's date, else the center's."""

    ident: str
    value: str | None
    updated_at: str


@dataclass(slots=True, eq=False)
class Customer:
    """The end user of one channel; ``id`` is the one the client, or the sign-in, chose."""

    channel: Channel
    id: str
    first_name: str = ""
    last_name: str = ""
    image: str = ""
    fields: dict[str, Field] = field(default_factory=dict[str, Field])

    @property
    def name(self) -> str:
        """Both names, as far as known."""
        return f"{self.first_name} {self.last_name}".strip()


@dataclass(slots=True, eq=False)
class Thread:
    """A conversation. ``external_id`` is the client's id for it, ``id`` the center's own.

    One that is ``over`` is gone: nothing more can happen in it, from either side.
    """

    id: str
    external_id: str
    channel: Channel
    customer: Customer
    created_at: float
    updated_at: float
    name: str = ""
    archived: bool = False
    over: bool = False
    customer_types: bool = False
    guests: list[Customer] = field(default_factory=list[Customer])
    messages: list["Message"] = field(default_factory=list["Message"])
    contacts: list["Contact"] = field(default_factory=list["Contact"])

    @property
    def contact(self) -> "Contact | None":
        """The newest contact."""
        return self.contacts[-1] if self.contacts else None

    @property
    def writable(self) -> bool:
        """Whether the customer may add messages."""
        over = self.channel.mode == "live" and self.contact is not None and self.contact.closed
        return not self.archived and not (over and self.channel.closed_live_chat == "refuse")

    @property
    def people(self) -> list[Customer]:
        """Everyone on the customer's side who is told what happens here."""
        return [self.customer, *self.guests]


@dataclass(slots=True, eq=False)
class Popup:
    """The question whether the customer is still there, and the timer that ends the contact."""

    job: str
    started_at: float
    seconds: float
    timer: Timer


@dataclass(slots=True, eq=False)
class Contact:
    """One handled interaction inside a thread (also called a case).

    ``queue`` is the name of the queue it was moved to, "" for none; None is the channel's own.
    """

    number: str
    thread: Thread
    created_at: float
    status_at: float
    ids: dict[str, str]
    status: str = "new"
    fields: dict[str, Field] = field(default_factory=dict[str, Field])
    agent: Agent | None = None
    previous_agent: Agent | None = None
    owner: Agent | None = None
    assigned_at: float | None = None
    place: int | None = None
    popup: Popup | None = None
    offered_to: Agent | None = None
    preferred: Agent | None = None
    queue: str | None = None
    invitation: str = ""
    records: list[Any] = field(default_factory=list[Any])

    @property
    def closed(self) -> bool:
        """Whether it is over."""
        return self.status == "closed"


@dataclass(slots=True, eq=False)
class Message:
    """One message. ``agent`` is its author when it is outbound; ``content`` is in the vendor's own form.

    ``delivered`` tells to which agent it was delivered, and when.
    """

    id: str
    external_id: str
    thread: Thread
    contact: Contact
    outbound: bool
    content: dict[str, Any]
    created_at: float
    agent: Agent | None = None
    customer: Customer | None = None
    attachments: tuple[dict[str, Any], ...] = ()
    fingerprint: dict[str, Any] | None = None
    read_at: float | None = None
    seen_at: float | None = None
    delivered: tuple[Agent, float] | None = None
    partial: bool = False
