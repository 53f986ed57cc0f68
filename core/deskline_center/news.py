"""What has happened in the center, in no vendor's words. The wire language of the channel turns it into frames."""

from typing import Literal

import msgspec

from .model import Agent, Channel, Contact, Customer, Message, Thread

__all__ = [
    "AgentStatusChanged",
    "AssigneeChanged",
    "ContactMoved",
    "ContactOffered",
    "ContactOpened",
    "ContactQueued",
    "Initiator",
    "MessageChanged",
    "MessageDelivered",
    "MessageRead",
    "MessageSeen",
    "MessageStored",
    "News",
    "PlaceChanged",
    "PreferenceChanged",
    "RecipientsChanged",
    "StatusChanged",
    "TalkEnded",
    "ThreadNews",
    "ThreadRenamed",
    "TypingChanged",
    "channel_of",
    "thread_of",
]


class Initiator(msgspec.Struct, frozen=True):
    """Who caused something; the kinds are those of the vendor that names the most."""

    kind: Literal["system", "user", "external", "workflow", "workflowJob", "routing"]
    id: str


class ContactOpened(msgspec.Struct, frozen=True):
    """A message opened a contact."""

    contact: Contact


class ContactQueued(msgspec.Struct, frozen=True):
    """A contact waits for an agent from now on."""

    contact: Contact


class PlaceChanged(msgspec.Struct, frozen=True):
    """A waiting contact has got another place, or has it for the first time."""

    contact: Contact
    place: int
    agents_online: bool


class AssigneeChanged(msgspec.Struct, frozen=True):
    """An agent has taken the contact, or left it (None)."""

    contact: Contact
    agent: Agent | None
    previous: Agent | None


class TalkEnded(msgspec.Struct, frozen=True):
    """The customer wants no agent any more; the contact stays open, and waits for none."""

    contact: Contact


class StatusChanged(msgspec.Struct, frozen=True):
    """The status of a contact is another one."""

    contact: Contact
    initiator: Initiator


class MessageStored(msgspec.Struct, frozen=True):
    """A message has come into a thread, from either side."""

    message: Message


class MessageRead(msgspec.Struct, frozen=True):
    """An agent has read a message of the customer."""

    message: Message


class MessageSeen(msgspec.Struct, frozen=True):
    """The customer has seen a message of an agent."""

    message: Message


class MessageChanged(msgspec.Struct, frozen=True):
    """A message has another content."""

    message: Message


class MessageDelivered(msgspec.Struct, frozen=True):
    """A message is with the agent."""

    message: Message


class ContactMoved(msgspec.Struct, frozen=True):
    """The contact waits in another queue. Both are named as :class:`~deskline_center.model.Contact` names its own."""

    contact: Contact
    previous: str | None


class ContactOffered(msgspec.Struct, frozen=True):
    """The contact is offered to an agent."""

    contact: Contact
    agent: Agent


class PreferenceChanged(msgspec.Struct, frozen=True):
    """An agent is to be preferred when the contact is assigned next, or nobody."""

    contact: Contact
    agent: Agent | None
    previous: Agent | None


class ThreadRenamed(msgspec.Struct, frozen=True):
    """The thread has another name, from the agents' side."""

    thread: Thread


class TypingChanged(msgspec.Struct, frozen=True):
    """Somebody began or stopped typing: an agent, or the customer when ``agent`` is None."""

    thread: Thread
    agent: Agent | None
    typing: bool


class RecipientsChanged(msgspec.Struct, frozen=True):
    """A guest joined the contact, or left it."""

    contact: Contact
    guest: Customer


class AgentStatusChanged(msgspec.Struct, frozen=True):
    """An agent's own state is another one."""

    channel: Channel
    agent: Agent
    status: Literal["online", "offline", "na"]


ThreadNews = (
    ContactOpened
    | ContactQueued
    | PlaceChanged
    | AssigneeChanged
    | TalkEnded
    | StatusChanged
    | MessageStored
    | MessageRead
    | MessageSeen
    | MessageChanged
    | MessageDelivered
    | ContactMoved
    | ContactOffered
    | PreferenceChanged
    | ThreadRenamed
    | TypingChanged
    | RecipientsChanged
)
News = ThreadNews | AgentStatusChanged


def thread_of(item: ThreadNews) -> Thread:
    """Return the thread that a piece of news is about."""
    if isinstance(item, ThreadRenamed | TypingChanged):
        return item.thread
    if isinstance(item, MessageStored | MessageRead | MessageSeen | MessageChanged | MessageDelivered):
        return item.message.thread
    return item.contact.thread


def channel_of(item: News) -> Channel:
    """Return the channel that a piece of news is about."""
    return item.channel if isinstance(item, AgentStatusChanged) else thread_of(item).channel
