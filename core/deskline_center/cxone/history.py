"""What recovery and history answer with: messages newest first, page by page (CXone wire reference, 4.2 and 7.3)."""

from base64 import b64decode, b64encode

from ..model import Contact, Message, Thread
from . import dates
from .channel import CXoneChannel
from .envelopes import Wire
from .messages import message as message_object
from .objects import Objects

__all__ = ["metadata", "older", "recovered", "thread_list"]


def _page(messages: list[Message], size: int, objects: Objects) -> tuple[list[Wire], str]:
    """Return the newest ``size`` of ``messages`` (given oldest first), newest first, and the token for the rest."""
    page = messages[-size:]
    token = _token(page[0]) if len(messages) > size else ""
    return [message_object(message, objects) for message in reversed(page)], token


def _token(oldest: Message) -> str:
    at = int(oldest.created_at)
    return b64encode(f";;{oldest.id};;{at};;{at + 1}".encode()).decode()


def _oldest_of(token: str, messages: list[Message]) -> int | None:
    """Return where in ``messages`` the oldest message stands that a token was made for."""
    try:
        parts = b64decode(token, validate=True).decode().split(";;")
    except ValueError:
        return None
    wanted = parts[1] if len(parts) == 4 else ""  # noqa: PLR2004 - as many as it is made of
    return next((index for index, message in enumerate(messages) if message.id == wanted), None)


def recovered(thread: Thread, contact: Contact, channel: CXoneChannel, objects: Objects) -> Wire:
    """Return the data of ThreadRecovered and LivechatRecovered."""
    messages, token = _page(thread.messages, channel.page_size, objects)
    data: Wire = {
        "contact": objects.case(contact),
        "ownerAssignee": objects.recovered_agent(contact.owner),
        "inboxAssignee": objects.recovered_agent(contact.agent),
        "messages": messages,
        "messagesScrollToken": token,
        "thread": objects.thread(thread),
        "contactHistory": list(contact.records) if channel.contact_history else [],
        "customer": objects.customer(thread.customer),
    }
    if channel.prefixed_fields:
        data["contact"]["customFields"] = objects.fields(contact.fields.values(), "contact.customFields.")
        data["customer"]["customFields"] = objects.fields(thread.customer.fields.values(), "customer.customFields.")
    if channel.mode == "live":
        data["previousInboxAssignee"] = objects.recovered_agent(contact.previous_agent)
    return data


def older(thread: Thread, token: str, contact: str, channel: CXoneChannel, objects: Objects) -> Wire | None:
    """Return the data of MoreMessagesLoaded, of one contact if it is named; None when the token is not known."""
    end = _oldest_of(token, thread.messages)
    if end is None:
        return None
    messages = [m for m in thread.messages[:end] if contact in ("", m.contact.number)]
    page, next_token = _page(messages, channel.page_size, objects)
    return {"messages": page, "scrollToken": next_token, "contactHistory": []}


def metadata(thread: Thread, contact: Contact, objects: Objects) -> Wire:
    """Return the data of ThreadMetadataLoaded."""
    return {
        "ownerAssignee": objects.recovered_agent(contact.owner),
        "lastMessage": message_object(thread.messages[-1], objects),
    }


def thread_list(threads: list[Thread], objects: Objects) -> Wire:
    """Return the data of ThreadListFetched, the latest thread first; archived ones stay in it."""
    return {"threads": [_listed(thread, objects) for thread in threads]}


def _listed(thread: Thread, objects: Objects) -> Wire:
    unread = sum(not m.outbound and m.read_at is None for m in thread.messages)
    unseen = sum(m.outbound and m.seen_at is None for m in thread.messages)
    return {
        **objects.thread(thread),
        "createdAt": dates.seconds(thread.created_at),
        "updatedAt": dates.seconds(thread.updated_at),
        "ticketNumber": "",
        "content": "",
        "title": "",
        "url": "",
        "isOwn": False,
        "author": {"id": thread.customer.id, "name": thread.customer.name, "nickname": ""},
        "image": "",
        "tagIds": [],
        "likes": 0,
        "attachments": [],
        "recipients": [],
        "deletedOnExternalPlatform": False,
        "unseenMessagesCount": unseen,
        "unseenByUserMessagesCount": unread,
        "unseenByEndUserMessagesCount": unseen,
    }
