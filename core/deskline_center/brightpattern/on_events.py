"""What the customer sends (Bright Pattern reference, section 7)."""

from collections.abc import Callable
from typing import Final, cast

from .. import conversation
from ..news import Initiator, MessageSeen
from ..parse import obj, word
from ..replies import Reply
from . import life
from .chat import Chat, Form, Wire
from .contents import words
from .refusals import refused

__all__ = ["as_event", "objection", "take"]

_IDS: Final = ("msg_id", "timestamp", "party_id")
_NUMBERED: Final = frozenset({"chat_session_message", "chat_session_file", "chat_session_location"})


def objection(chat: Chat, event: object) -> Reply | None:
    """Return how an event is refused; None where nothing is wrong with it."""
    given = as_event(event)
    if not (name := word(given, "event")):
        return refused("5003", chat.channel)
    if (name == "chat_session_message" and not isinstance(given.get("msg"), str)) or (
        name == "chat_session_file" and not word(given, "file_id")
    ):
        return refused("5003", chat.channel)
    if name == "chat_session_file" and chat.channel.file_ids == "empty" and word(given, "msg_id"):
        return refused("5500", chat.channel)
    if name in _FORMS and chat.channel.late_form == "refused" and _form(chat, given) is None:
        return refused("", status=404, message="the form is not open")
    if chat.channel.repeated_message == "refuse" and _is_known(chat, given):
        return refused("5500", chat.channel, message="the message is known already")
    return None


def as_event(event: object) -> Wire:
    """Return an event as the object that it is, or an empty one if it is none."""
    return cast("Wire", event) if isinstance(event, dict) else {}


def _is_known(chat: Chat, event: Wire) -> bool:
    """Tell whether a message with this id is there already."""
    id = word(event, "msg_id")
    if word(event, "event") not in _NUMBERED or not id:
        return False
    return any(message.external_id == id and not message.outbound for message in chat.thread.messages)


def take(chat: Chat, event: Wire) -> None:
    """Take an event to which there is no objection. One that nobody knows is noted for the operator."""
    name = word(event, "event")
    chat.numbers.hear(word(event, "msg_id"))
    if name in chat.channel.resets:
        chat.was_warned = chat.was_warned or chat.thread.contacts[-1].popup is not None
        life.restart_clock(chat)
    _EVENTS.get(name, _other)(chat, event)


def _message(chat: Chat, event: Wire) -> None:
    """A message, file or location: stored once more even if it is known, or dropped."""
    if _is_known(chat, event) and chat.channel.repeated_message == "drop":
        return
    content = {key: value for key, value in event.items() if key not in _IDS}
    if word(event, "event") == "chat_session_message":
        del content["event"]
        content.setdefault("msg_text", words(content))
    chat.preview = ""
    draft = conversation.Draft(
        external_id=word(event, "msg_id"), outbound=False, content=content, customer=chat.thread.customer
    )
    conversation.store(chat.floor, chat.thread.contacts[-1], draft)


def _receipt(chat: Chat, event: Wire) -> None:
    """Delivered or read by the customer; whether there is such a message is not checked (section 19, 25)."""
    name, id = word(event, "event").removeprefix("chat_session_message_"), word(event, "ref_msg_id")
    chat.receipts.append(f"{name} {id}")
    known = (m for m in reversed(chat.thread.messages) if m.outbound and m.external_id == id)
    if name == "read" and (message := next(known, None)) is not None and message.seen_at is None:
        message.seen_at = chat.floor.now
        chat.floor.tell(MessageSeen(message))


def _typing(chat: Chat, event: Wire) -> None:
    """Typing, with what is typed so far; the first has no text (section 23, 16)."""
    chat.preview = word(event, "msg")
    conversation.type_in(chat.floor, chat.thread, None, typing=True)


def _not_typing(chat: Chat, _event: Wire) -> None:
    chat.preview = ""
    conversation.type_in(chat.floor, chat.thread, None, typing=False)


def _form(chat: Chat, event: Wire) -> Form | None:
    """Return the form that an event answers or cancels, if it is open."""
    form = chat.forms.get(word(event, "form_request_id"))
    secure = word(event, "event").startswith("chat_session_secure")
    return form if form is not None and form.secure == secure else None


def _answered(chat: Chat, event: Wire) -> None:
    """The answer to a form. A text in place of data counts for no answer where free text was asked for (23, 11)."""
    form = _form(chat, event)
    chat.answers.append({key: event[key] for key in ("form_request_id", "form_name", "data") if key in event})
    if form is None:
        life.pass_over(chat)
    elif form.name or obj(event, "data"):
        life.end_form(chat, form, answered=True)


def _cancelled(chat: Chat, event: Wire) -> None:
    form = _form(chat, event)
    chat.answers.append({"form_request_id": word(event, "form_request_id"), "cancelled": True})
    if form is None:
        life.pass_over(chat)
    else:
        life.end_form(chat, form, answered=not form.survey)


def _disconnect(chat: Chat, _event: Wire) -> None:
    life.disconnect(chat)


def _end(chat: Chat, _event: Wire) -> None:
    life.finish(chat, Initiator("external", chat.client))


def _signal(chat: Chat, event: Wire) -> None:
    """A signal for an agent. It is kept only as in older servers (section 17)."""
    chat.signals.append(event)
    chat.keep(_own(chat, event))


def _kept(chat: Chat, event: Wire) -> None:
    """Navigation and co-browsing: for the agents to see, and for the history."""
    chat.other.append(event)
    chat.keep(_own(chat, event))


def _other(chat: Chat, event: Wire) -> None:
    chat.other.append(event)


def _own(chat: Chat, event: Wire) -> Wire:
    """Return the customer's event as the history has it (section 3.7)."""
    return {**event, "party_id": chat.id, "timestamp": chat.stamp()}


_FORMS: Final = frozenset(
    {
        "chat_session_form_data",
        "chat_session_secure_form_data",
        "chat_form_data_cancel",
        "chat_session_secure_form_cancel",
    }
)
_EVENTS: dict[str, Callable[[Chat, Wire], None]] = {
    "chat_session_message": _message,
    "chat_session_file": _message,
    "chat_session_location": _message,
    "chat_session_message_delivered": _receipt,
    "chat_session_message_read": _receipt,
    "chat_session_typing": _typing,
    "chat_session_not_typing": _not_typing,
    "chat_session_form_data": _answered,
    "chat_session_secure_form_data": _answered,
    "chat_form_data_cancel": _cancelled,
    "chat_session_secure_form_cancel": _cancelled,
    "chat_session_disconnect": _disconnect,
    "chat_session_end": _end,
    "chat_session_signaling": _signal,
    "chat_session_navigation": _kept,
    "chat_session_cobrowsing_rejected": _kept,
    "chat_session_cobrowsing_started": _kept,
    "chat_session_cobrowsing_ended": _kept,
}
