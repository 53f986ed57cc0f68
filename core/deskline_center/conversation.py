"""Messages, typing and reading in a thread, from both sides."""

from typing import Any

import msgspec

from .contacts import announce, enqueue, open_contact
from .floor import Floor
from .model import Agent, Channel, Contact, Customer, Message, Thread
from .news import MessageRead, MessageSeen, MessageStored, TypingChanged

__all__ = ["Draft", "current_contact", "open_thread", "read", "see", "store", "type_in"]


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """A message before it is stored. ``agent`` is its author when ``outbound``, else ``customer`` is."""

    external_id: str
    outbound: bool
    content: dict[str, Any]
    agent: Agent | None = None
    customer: Customer | None = None
    attachments: tuple[dict[str, Any], ...] = ()
    fingerprint: dict[str, Any] | None = None
    partial: bool = False


def open_thread(floor: Floor, channel: Channel, customer: Customer, external_id: str, name: str) -> Thread:
    """Make the thread that a first message brings into being."""
    thread = Thread(
        id=floor.ids.uuid(),
        external_id=external_id,
        channel=channel,
        customer=customer,
        created_at=floor.now,
        updated_at=floor.now,
        name=name,
    )
    floor.threads[channel.id, external_id] = thread
    floor.customers.setdefault((channel.id, customer.id), customer)
    return thread


def current_contact(floor: Floor, thread: Thread) -> tuple[Contact, bool]:
    """Return the contact that a message into ``thread`` belongs to, and whether the message opens it."""
    contact = thread.contact
    if contact is None or contact.closed:
        return open_contact(floor, thread), True
    return contact, False


def store(floor: Floor, contact: Contact, draft: Draft, *, opens: bool = False) -> Message:
    """Put a message into the thread and tell of it; one that ``opens`` a contact then lets it wait for an agent."""
    thread = contact.thread
    message = Message(
        id=floor.ids.uuid(),
        external_id=draft.external_id or floor.language(thread.channel).message_id(thread),
        thread=thread,
        contact=contact,
        outbound=draft.outbound,
        content=draft.content,
        created_at=floor.now,
        agent=draft.agent,
        customer=draft.customer,
        attachments=draft.attachments,
        fingerprint=draft.fingerprint,
        partial=draft.partial,
    )
    thread.messages.append(message)
    thread.updated_at = floor.now
    if opens:
        announce(floor, contact)
    floor.tell(MessageStored(message))
    if opens:
        enqueue(floor, contact)
    return message


def type_in(floor: Floor, thread: Thread, agent: Agent | None, *, typing: bool) -> None:
    """Tell that an agent, or the customer (None), began or stopped typing."""
    if agent is None:
        thread.customer_types = typing
    floor.tell(TypingChanged(thread, agent, typing))


def read(floor: Floor, thread: Thread) -> int:
    """Let an agent read what the customer wrote; return how many messages were unread."""
    unread = [m for m in thread.messages if not m.outbound and m.read_at is None]
    for message in unread:
        message.read_at = floor.now
        floor.tell(MessageRead(message))
    return len(unread)


def see(floor: Floor, thread: Thread) -> int:
    """Let the customer see what the agents wrote; return how many messages were unseen."""
    unseen = [m for m in thread.messages if m.outbound and m.seen_at is None]
    for message in unseen:
        message.seen_at = floor.now
        floor.tell(MessageSeen(message))
    return len(unseen)
