"""From the center's news to events (Bright Pattern reference, section 6)."""

from collections.abc import Callable
from typing import Any

from .. import news
from ..model import Message
from . import life
from .chat import Chat, Wire, party_of

__all__ = ["tell"]

_Serve = Callable[[Chat, Any], None]
_WITH_TEXT = ("chat_session_message",)


def tell(chat: Chat, item: news.News) -> None:
    """Let the customer know of a piece of news, where this vendor has an event for it."""
    if (serve := _NEWS.get(type(item))) is not None:
        serve(chat, item)


def _queued(chat: Chat, _item: news.ContactQueued) -> None:
    life.resume(chat)
    chat.stage = "queued"
    chat.tell_status()


def _assigned(chat: Chat, item: news.AssigneeChanged) -> None:
    if item.agent is not None:
        life.join(chat, item.agent, item.previous)
    elif item.previous is not None and (party := party_of(chat.floor, item.previous)) in chat.parties:
        life.leave(chat, party)


def _offered(chat: Chat, item: news.ContactOffered) -> None:
    life.offer(chat, item.contact)


def _typing(chat: Chat, item: news.TypingChanged) -> None:
    if item.agent is not None:
        name = "chat_session_typing" if item.typing else "chat_session_not_typing"
        chat.tell(name, party_id=party_of(chat.floor, item.agent))


def _stored(chat: Chat, item: news.MessageStored) -> None:
    """A message, with each of its files as an event of its own behind it."""
    message = item.message
    if not message.outbound:
        _received(chat, message)
        return
    party = party_of(chat.floor, message.agent)
    if message.content.get("msg") != "" or not message.attachments:
        _send(chat, party, message.external_id, message.content)
    for file in message.attachments:
        _send(chat, party, chat.numbers.next(), file)


def _send(chat: Chat, party: str, id: str, content: Wire) -> None:
    chat.tell_timeless(_event(chat, party, id, content))


def _event(chat: Chat, party: str, id: str, content: Wire) -> Wire:
    """Return the event of a message; what its content says goes before everything else."""
    name = content.get("event", "chat_session_message")
    sender = chat.channel.file_sender if name == "chat_session_file" else "party_id"
    numbered = {} if name == "chat_session_file_url" else {"msg_id": id}
    return {"event": name, sender: party, **numbered, "timestamp": chat.stamp(), **content}


def _received(chat: Chat, message: Message) -> None:
    """The customer's own message: into the history, and back to the customer only as an echo (section 9.2)."""
    event = _event(chat, chat.id, message.external_id, message.content)
    chat.keep(event)
    if chat.channel.echo:
        chat.line.put(event)
    life.deliver(chat, message)


def _read(chat: Chat, item: news.MessageRead) -> None:
    _receipt(chat, "chat_session_message_read", item.message)


def _delivered(chat: Chat, item: news.MessageDelivered) -> None:
    _receipt(chat, "chat_session_message_delivered", item.message)


def _receipt(chat: Chat, name: str, message: Message) -> None:
    is_text = message.content.get("event", "chat_session_message") in _WITH_TEXT
    if chat.channel.receipts and (is_text or chat.channel.file_receipts):
        reader = message.contact.agent or chat.floor.agent
        chat.tell(name, party_id=party_of(chat.floor, reader), ref_msg_id=message.external_id)


def _changed(chat: Chat, item: news.MessageChanged) -> None:
    message = item.message
    content = {key: value for key, value in message.content.items() if key != "channel"}
    party = party_of(chat.floor, message.agent) if message.outbound else chat.id
    chat.tell("chat_session_message_edit", party_id=party, ref_msg_id=message.external_id, **content)


def _status(chat: Chat, item: news.StatusChanged) -> None:
    if item.contact.closed and not chat.thread.over:
        life.closed(chat, item.initiator)


_NEWS: dict[type, _Serve] = {
    news.ContactQueued: _queued,
    news.AssigneeChanged: _assigned,
    news.ContactOffered: _offered,
    news.TypingChanged: _typing,
    news.MessageStored: _stored,
    news.MessageRead: _read,
    news.MessageDelivered: _delivered,
    news.MessageChanged: _changed,
    news.StatusChanged: _status,
}
