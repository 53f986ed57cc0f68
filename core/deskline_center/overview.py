"""What an operator sees: the state of the center as plain JSON values."""

from typing import Any

from .floor import Floor
from .model import Contact, Customer, Message, Thread

__all__ = ["overview"]


def overview(floor: Floor) -> dict[str, Any]:
    """Return everything an operator might want to look at: the floor, and what each language has to show."""
    seen: dict[str, Any] = {
        "now": floor.now,
        "nextDeadline": floor.deadlines.next,
        "channels": [
            {"id": channel.id, "mode": channel.mode, "online": floor.online[channel.id], "script": channel.script}
            | {"queue": [contact.number for contact in floor.queues[channel.id]]}
            for channel in floor.channels.values()
        ],
        "agents": [
            {"id": agent.id, "name": f"{agent.first_name} {agent.surname}", "status": floor.agent_status[agent.id]}
            for agent in floor.agents.values()
        ],
        "threads": [_thread(thread) for thread in floor.threads.values()],
        "customers": [_customer(customer) for customer in floor.customers.values()],
        "faults": len(floor.faults) + len(floor.push_faults),
    }
    for language in floor.languages.values():
        seen |= language.overview()
    return seen


def _customer(customer: Customer) -> dict[str, Any]:
    return {
        "customer": customer.id,
        "channel": customer.channel.id,
        "name": customer.name,
        "fields": {field.ident: field.value for field in customer.fields.values()},
    }


def _thread(thread: Thread) -> dict[str, Any]:
    return {
        "thread": thread.external_id,
        "channel": thread.channel.id,
        "customer": thread.customer.id,
        "guests": [guest.id for guest in thread.guests],
        "name": thread.name,
        "archived": thread.archived,
        "typing": thread.customer_types,
        "customerFields": {field.ident: field.value for field in thread.customer.fields.values()},
        "contacts": [_contact(contact) for contact in thread.contacts],
        "messages": [_message(message) for message in thread.messages],
    }


def _contact(contact: Contact) -> dict[str, Any]:
    return {
        "contact": contact.number,
        "status": contact.status,
        "agent": contact.agent.id if contact.agent else None,
        "place": contact.place,
        "waiting": contact.popup is not None,
        "fields": {field.ident: field.value for field in contact.fields.values()},
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "message": message.external_id,
        "direction": "outbound" if message.outbound else "inbound",
        "content": message.content,
        "attachments": list(message.attachments),
        "contact": message.contact.number,
        "at": message.created_at,
        "read": message.read_at is not None,
        "seen": message.seen_at is not None,
    }
