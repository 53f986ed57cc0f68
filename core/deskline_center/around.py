"""What the operator can do besides talking: changed messages, receipts, offers."""

from typing import TYPE_CHECKING, Any

from . import controls
from .model import Message
from .news import ContactOffered, MessageChanged, MessageDelivered

if TYPE_CHECKING:
    from .operator import Operator

__all__ = ["alert", "deliver", "message_of", "rewrite"]

Value = dict[str, Any]


def rewrite(operator: "Operator", control: controls.AgentRewrites) -> Value:
    """A message has another text or content."""
    thread = operator.thread(control.thread)
    message = message_of(operator, control.thread, control.message)
    message.content = control.content or operator.floor.language(thread.channel).text(control.text)
    operator.floor.tell(MessageChanged(message))
    return {"message": message.external_id}


def message_of(operator: "Operator", thread: str, id: str) -> Message:
    """Return a message of a thread by its external id, the newest one for ""."""
    for message in reversed(operator.thread(thread).messages):
        if id in ("", message.external_id):
            return message
    raise operator.impossible(f"there is no message {id!r}")


def deliver(operator: "Operator", control: controls.AgentReceives) -> Value:
    """A message of the customer's is delivered to the agent."""
    message = message_of(operator, control.thread, control.message)
    message.delivered = message.contact.agent or operator.floor.agent, operator.floor.now
    operator.floor.tell(MessageDelivered(message))
    return {"message": message.external_id}


def alert(operator: "Operator", control: controls.AlertAgent) -> Value:
    """The contact is offered to an agent."""
    contact = operator.contact(control.thread)
    agent = operator.agent(control.agent)
    contact.offered_to = agent
    operator.floor.tell(ContactOffered(contact, agent))
    return {"contact": contact.number, "agent": agent.id}
