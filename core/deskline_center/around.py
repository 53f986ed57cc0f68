"""What the operator can do besides talking: messages in pieces, changed ones, receipts, queues, names."""

from typing import TYPE_CHECKING, Any

from . import controls, conversation
from .cxone.streams import Plan
from .model import Message
from .news import ContactMoved, ContactOffered, MessageChanged, MessageDelivered, PreferenceChanged, ThreadRenamed

if TYPE_CHECKING:
    from .operator import Operator

__all__ = ["alert", "deliver", "move", "name_thread", "prefer", "rewrite", "stream", "stream_on"]

Value = dict[str, Any]


def stream(operator: "Operator", control: controls.AgentStreams) -> Value:
    """The agent sends a message that comes in pieces."""
    floor = operator.floor
    thread = operator.thread(control.thread)
    agent = operator.agent(control.agent, thread.contact)
    contact, opens = conversation.current_contact(floor, thread)
    draft = conversation.Draft(external_id=control.message, outbound=True, content={}, agent=agent)
    message = operator.wire.streams.begin(
        contact,
        draft,
        Plan(pieces=control.pieces, seconds=control.seconds, end=control.end),
        url=control.url,
        protocol=control.protocol,
        opens=opens,
    )
    return {"message": message.external_id, "contact": contact.number}


def stream_on(operator: "Operator", control: controls.StreamPiece) -> Value:
    """A message that comes in pieces goes on, or ends."""
    streams = operator.wire.streams
    opened = streams.find(control.message)
    if opened is None or opened.end:
        raise operator.impossible("no message comes in pieces now")
    if control.raw:
        streams.send(opened, control.raw)
    if control.text or control.end == "stop":
        streams.say(opened, control.text, is_last=control.end == "stop")
    if control.end in ("close", "cut"):
        streams.finish(opened, control.end)
    return {"message": opened.message.external_id, "readers": len(opened.readers)}


def rewrite(operator: "Operator", control: controls.AgentRewrites) -> Value:
    """A message has another text or content."""
    thread = operator.thread(control.thread)
    message = _message(operator, control.thread, control.message)
    message.content = control.content or operator.floor.language(thread.channel).text(control.text)
    operator.floor.tell(MessageChanged(message))
    return {"message": message.external_id}


def _message(operator: "Operator", thread: str, id: str) -> Message:
    """Return a message of a thread by its external id, the newest one for ""."""
    for message in reversed(operator.thread(thread).messages):
        if id in ("", message.external_id):
            return message
    raise operator.impossible(f"there is no message {id!r}")


def deliver(operator: "Operator", control: controls.AgentReceives) -> Value:
    """A message of the customer's is delivered to the agent."""
    message = _message(operator, control.thread, control.message)
    message.delivered = message.contact.agent or operator.floor.agent, operator.floor.now
    operator.floor.tell(MessageDelivered(message))
    return {"message": message.external_id}


def move(operator: "Operator", control: controls.MoveContact) -> Value:
    """The contact waits in another queue, or in none."""
    contact = operator.contact(control.thread)
    previous, contact.queue = contact.queue, control.queue
    operator.floor.tell(ContactMoved(contact, previous))
    return {"contact": contact.number, "queue": control.queue}


def alert(operator: "Operator", control: controls.AlertAgent) -> Value:
    """The contact is offered to an agent."""
    contact = operator.contact(control.thread)
    agent = operator.agent(control.agent)
    contact.offered_to = agent
    operator.floor.tell(ContactOffered(contact, agent))
    return {"contact": contact.number, "agent": agent.id}


def prefer(operator: "Operator", control: controls.PreferAgent) -> Value:
    """An agent is to be preferred, or nobody."""
    contact = operator.contact(control.thread)
    agent = None if control.agent is None else operator.agent(control.agent)
    previous, contact.preferred = contact.preferred, agent
    operator.floor.tell(PreferenceChanged(contact, agent, previous))
    return {"contact": contact.number, "agent": agent.id if agent is not None else None}


def name_thread(operator: "Operator", control: controls.NameThread) -> Value:
    """The thread has another name."""
    thread = operator.thread(control.thread)
    thread.name = control.name
    operator.floor.tell(ThreadRenamed(thread))
    return {"thread": thread.external_id, "name": thread.name}
