"""Messages from the client, typing and seeing (CXone wire reference, sections 3.5.7 to 3.5.14)."""

from .. import conversation, inactivity
from ..model import Contact, Thread
from ..parse import array, obj, parse_object, word
from .call import Call, Event
from .envelopes import Wire
from .messages import attachment, received_content, words
from .on_fields import adopt_fields
from .parse import is_uuid

__all__ = ["EVENTS"]


def _objection(call: Call) -> str:
    """Return why the message cannot be taken, or nothing."""
    content = obj(call.data, "messageContent")
    ids = (call.thread_id, word(call.data, "idOnExternalPlatform"))
    if not all(is_uuid(id) if call.socket.channel.strict_ids else id for id in ids):
        return "Thread and message ids must be uuids"
    if not word(content, "type") or not obj(content, "payload"):
        return "The message has no content"
    if not (words(content) or word(content, "postback") or array(call.data, "attachments")):
        return "The message is empty"
    if any(not word(item, "url") for item in array(call.data, "attachments")):
        return "An attachment has no url"
    return _token_objection(call)


def _token_objection(call: Call) -> str:
    token = word(obj(call.data, "accessToken"), "token")
    channel = call.socket.channel
    needed = channel.authentication == "oauth" and channel.message_proof == "required"
    if (token or needed) and call.wire.tokens.look_up("access", call.socket.channel, token) is None:
        return "The access token is not valid"
    return ""


def _thread_for(call: Call) -> tuple[Thread | None, str]:
    """Return the thread the message goes to, new or known, or why there is none."""
    floor, channel = call.wire.floor, call.socket.channel
    thread = floor.threads.get((channel.id, call.thread_id))
    if thread is None:
        name = word(obj(call.data, "thread"), "threadName")
        return conversation.open_thread(floor, channel, call.customer, call.thread_id, name), ""
    if call.customer not in thread.people:
        return None, "The thread belongs to somebody else"
    if not thread.writable:
        return None, "The thread takes no more messages"
    return thread, ""


def _repeated(call: Call, thread: Thread) -> bool:
    """Tell whether a message that is known already has been dealt with here."""
    wanted, id = thread.channel.repeated_message, word(call.data, "idOnExternalPlatform")
    if wanted == "store" or all(message.external_id != id for message in thread.messages):
        return False
    if wanted == "drop":
        call.ack()
    else:
        call.fail("The message is known already")
    return True


def _take(call: Call, *, outbound: bool) -> Contact | None:
    """Acknowledge and store a message; return its contact. The answer always goes out ahead of the pushes."""
    objection = _objection(call)
    thread, refusal = (None, objection) if objection else _thread_for(call)
    if thread is None:
        call.fail(refusal)
        return None
    if _repeated(call, thread):
        return None
    call.ack()
    floor = call.wire.floor
    contact, opens = conversation.current_contact(floor, thread)
    adopt_fields(call, contact)
    conversation.store(floor, contact, _draft(call, outbound=outbound), opens=opens)
    return contact


def _draft(call: Call, *, outbound: bool) -> conversation.Draft:
    floor = call.wire.floor
    return conversation.Draft(
        external_id=word(call.data, "idOnExternalPlatform"),
        outbound=outbound,
        content=received_content(obj(call.data, "messageContent")),
        agent=floor.agent if outbound else None,
        customer=None if outbound else call.customer,
        attachments=tuple(attachment(item, floor.ids.uuid()) for item in array(call.data, "attachments")),
        fingerprint=obj(call.data, "deviceFingerprint", "browserFingerprint"),
    )


def send_message(call: Call) -> None:
    """SendMessage: ack, CaseCreated if it opens a contact, MessageCreated.

    Any message counts as a sign of life while the inactivity question stands, but for the answer that says otherwise.
    """
    contact = _take(call, outbound=False)
    call.wire.previews.pop(call.thread_id, None)
    if contact is None or contact.popup is None:
        return
    said = _postback(call)
    job = word(said, "workflowJobId") or contact.popup.job
    inactivity.answer(call.wire.floor, contact, job, stay=said.get("isExpired") is not True)


def _postback(call: Call) -> Wire:
    content = obj(call.data, "messageContent")
    text = word(content, "postback") or word(obj(content, "payload"), "postback")
    said = parse_object(text) or {}
    return said if said.get("type") == "sessionExpiration" else {}


def send_outbound(call: Call) -> None:
    """SendOutbound: a welcome, stored as if the center's first agent had sent it. It opens a contact like any other."""
    _take(call, outbound=True)


def seen(call: Call) -> None:
    """MessageSeenByCustomer and MessageSeenByConsumer: the whole thread is seen; one push per message."""
    thread = call.thread()
    if thread is None:
        call.fail("There is no such thread")
        return
    call.ack()
    conversation.see(call.wire.floor, thread)


def _type(call: Call, *, typing: bool) -> None:
    thread = call.thread()
    call.ack()
    if thread is not None:
        conversation.type_in(call.wire.floor, thread, None, typing=typing)


def typing_started(call: Call) -> None:
    """SenderTypingStarted; a thread nobody knows yet is no error."""
    _type(call, typing=True)


def typing_ended(call: Call) -> None:
    """SenderTypingEnded."""
    _type(call, typing=False)


def preview(call: Call) -> None:
    """SendMessagePreview: for agents only; the newest of a thread, until the message itself comes."""
    if call.thread() is not None and call.socket.channel.previews:
        call.wire.previews[call.thread_id] = words(obj(call.data, "messageContent"))
    call.ack()


EVENTS: dict[str, Event] = {
    "SendMessage": send_message,
    "SendOutbound": send_outbound,
    "MessageSeenByCustomer": seen,
    "MessageSeenByConsumer": seen,
    "SenderTypingStarted": typing_started,
    "SenderTypingEnded": typing_ended,
    "SendMessagePreview": preview,
}
