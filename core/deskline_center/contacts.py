"""The life of a contact: opened by a message, queued, assigned, closed."""

from .floor import Floor
from .model import Agent, Channel, Contact, Thread
from .news import (
    AssigneeChanged,
    ContactOpened,
    ContactQueued,
    Initiator,
    PlaceChanged,
    StatusChanged,
    TalkEnded,
)

__all__ = [
    "announce",
    "assign",
    "close",
    "dequeue",
    "end_talk",
    "enqueue",
    "forget_popup",
    "open_contact",
    "release",
    "set_place",
    "set_status",
]


def open_contact(floor: Floor, thread: Thread) -> Contact:
    """Make the contact that a message into ``thread`` opens. It is told of by :func:`announce`."""
    contact = Contact(
        number=floor.ids.number(),
        thread=thread,
        created_at=floor.now,
        status_at=floor.now,
        ids={key: floor.ids.uuid() for key in ("interaction", "contact", "customer", "agent")},
    )
    thread.contacts.append(contact)
    floor.contacts[contact.number] = contact
    return contact


def announce(floor: Floor, contact: Contact) -> None:
    """Tell that a contact is open, once it holds what the opening message brought along."""
    floor.tell(ContactOpened(contact))


def enqueue(floor: Floor, contact: Contact) -> None:
    """Put a contact at the end of its channel's queue."""
    floor.queues[contact.thread.channel.id].append(contact)
    floor.tell(ContactQueued(contact))
    _count_places(floor, contact.thread.channel)


def dequeue(floor: Floor, contact: Contact) -> None:
    """Take a contact out of the queue, if it waits there; the others move up."""
    queue = floor.queues[contact.thread.channel.id]
    contact.place = None
    if contact in queue:
        queue.remove(contact)
        _count_places(floor, contact.thread.channel)


def _count_places(floor: Floor, channel: Channel) -> None:
    for place, contact in enumerate(floor.queues[channel.id], channel.first_place):
        if contact.place != place:
            set_place(floor, contact, place)


def set_place(floor: Floor, contact: Contact, place: int) -> None:
    """Tell a contact its place in the queue."""
    contact.place = place
    floor.tell(PlaceChanged(contact, place, floor.agents_online))


def assign(floor: Floor, contact: Contact, agent: Agent) -> None:
    """Give a contact to an agent, whoever it was offered to. The first one opens it: from new to open."""
    previous = contact.agent
    contact.agent, contact.previous_agent, contact.assigned_at = agent, previous, floor.now
    contact.owner = contact.owner or agent
    contact.offered_to = contact.preferred = None
    dequeue(floor, contact)
    floor.tell(AssigneeChanged(contact, agent, previous))
    if contact.status == "new":
        set_status(floor, contact, "open", Initiator("user", str(agent.id)))


def release(floor: Floor, contact: Contact) -> None:
    """Take a contact from its agent; it waits in the queue again."""
    previous = contact.agent
    contact.agent, contact.previous_agent = None, previous
    floor.tell(AssigneeChanged(contact, None, previous))
    enqueue(floor, contact)


def end_talk(floor: Floor, contact: Contact) -> None:
    """Take a contact from its agent or out of the queue: the customer wants nobody any more."""
    contact.previous_agent, contact.agent = contact.agent, None
    dequeue(floor, contact)
    floor.tell(TalkEnded(contact))


def set_status(floor: Floor, contact: Contact, status: str, initiator: Initiator) -> None:
    """Change the status of a contact; closing it ends what was going on."""
    contact.status, contact.status_at = status, floor.now
    if contact.closed:
        forget_popup(contact)
        dequeue(floor, contact)
    floor.tell(StatusChanged(contact, initiator))


def close(floor: Floor, contact: Contact, initiator: Initiator) -> None:
    """Close a contact, once."""
    if not contact.closed:
        set_status(floor, contact, "closed", initiator)


def forget_popup(contact: Contact) -> None:
    """Stop the countdown of an open question, if there is one."""
    if contact.popup is not None:
        contact.popup.timer.cancel()
        contact.popup = None
