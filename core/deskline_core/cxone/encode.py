"""The client's events as CXone reads them (CXone wire reference, sections 3.2, 3.4, 3.5).

What we send is what the strictest far side could want: the advice of section 8. One function per event, each of which
returns the frame's text. ``event_id`` is repeated by whatever answers it.
"""

from collections.abc import Iterable
from typing import Final

import msgspec

from ..values import Secret, Value, reveal

__all__ = [
    "HEARTBEAT",
    "Sender",
    "archive_thread",
    "authorize",
    "create_invitation",
    "end_contact",
    "execute_trigger",
    "fetch_thread_list",
    "generate_authorization_token",
    "join_group",
    "leave_group",
    "load_more",
    "load_thread_metadata",
    "mark_seen",
    "reconnect",
    "recover_livechat",
    "recover_thread",
    "refresh_token",
    "send_invitation",
    "send_message",
    "send_offline_message",
    "send_outbound",
    "send_preview",
    "send_transcript",
    "set_contact_fields",
    "set_customer_fields",
    "store_visitor_event",
    "typing",
    "update_thread",
]

HEARTBEAT: Final = '{"action":"heartbeat"}'
"""What is sent to hear the far side (3.2)."""

_FINGERPRINT: Final = {"applicationType": "native", "deviceType": "other"}
_ENCODER: Final = msgspec.json.Encoder()

_Fields = Iterable[tuple[str, str, str]]
_Data = dict[str, object]


class Sender(Value, frozen=True, kw_only=True):
    """Who sends, and where from (3.4)."""

    brand_id: int
    channel_id: str
    visitor: str
    destination: str
    customer: str
    first_name: str = ""
    last_name: str = ""


# --- session ---


def authorize(
    sender: Sender,
    event_id: str,
    sdk_platform: str,
    sdk_version: str,
    code: str | Secret | None = None,
    verifier: str | Secret | None = None,
) -> str:
    """Open a legacy session (3.5.1); ``code`` and ``verifier`` are those of an OAuth login."""
    authorization: _Data = {}
    if code is not None:
        authorization["authorizationCode"] = reveal(code)
    if verifier is not None:
        authorization["codeVerifier"] = reveal(verifier)
    data: _Data = {
        "authorization": authorization,
        "disableChannelInfo": True,
        "sdkPlatform": sdk_platform,
        "sdkVersion": sdk_version,
    }
    return _frame(sender, event_id, "AuthorizeCustomer", data, move="register")


def reconnect(sender: Sender, event_id: str, name: str, token: Secret) -> str:
    """Open a legacy session with a stored token (3.5.2); ``name`` is the policy's ``reconnect_event``."""
    return _frame(sender, event_id, name, _with_token(token), identity=_OLD_IDENTITY)


def refresh_token(sender: Sender, event_id: str, token: Secret) -> str:
    """Ask for a new legacy token (3.5.3)."""
    return _frame(sender, event_id, "RefreshToken", _with_token(token), identity=_OLD_IDENTITY)


# --- threads ---


def recover_thread(sender: Sender, event_id: str, thread: str | None) -> str:
    """Ask for a thread's latest messages, or the latest thread's (3.5.4)."""
    return _frame(sender, event_id, "RecoverThread", _with_thread(thread) if thread else {})


def recover_livechat(sender: Sender, event_id: str, thread: str | None) -> str:
    """Ask for a live chat's latest messages, or the latest live chat's (3.5.5)."""
    return _frame(sender, event_id, "RecoverLivechat", _with_thread(thread) if thread else {})


def generate_authorization_token(sender: Sender, event_id: str, thread: str, path: str) -> str:
    """Ask for a token to fetch the rest of a message of a thread with (3.5.19); ``path`` is where it lies."""
    return _frame(sender, event_id, "GenerateAuthorizationToken", {**_with_thread(thread), "url": path})


def fetch_thread_list(sender: Sender, event_id: str) -> str:
    """Ask for all threads (3.5.6)."""
    return _frame(sender, event_id, "FetchThreadList", {})


def load_thread_metadata(sender: Sender, event_id: str, thread: str) -> str:
    """Ask for a thread's last message and agent (3.5.6)."""
    return _frame(sender, event_id, "LoadThreadMetadata", _with_thread(thread))


def archive_thread(sender: Sender, event_id: str, thread: str) -> str:
    """Archive a thread (3.5.6)."""
    return _frame(sender, event_id, "ArchiveThread", _with_thread(thread))


def update_thread(sender: Sender, event_id: str, thread: str, name: str) -> str:
    """Name a thread (3.5.6)."""
    data: _Data = {"thread": {"idOnExternalPlatform": thread, "threadName": name}}
    return _frame(sender, event_id, "UpdateThread", data)


def load_more(
    sender: Sender, event_id: str, thread: str, scroll_token: str, oldest: str, contact: str | None = None
) -> str:
    """Ask for older messages (3.5.10). ``oldest`` is the date of the oldest message held, ``contact`` a live chat's."""
    data = {"scrollToken": scroll_token, **_with_thread(thread), "oldestMessageDatetime": oldest}
    return _frame(sender, event_id, "LoadMoreMessages", data | _with_contact(contact))


def mark_seen(sender: Sender, event_id: str, thread: str) -> str:
    """Say that the customer has seen the thread up to now (3.5.11)."""
    return _frame(sender, event_id, "MessageSeenByCustomer", _with_thread(thread))


def typing(sender: Sender, event_id: str, thread: str, started: bool) -> str:  # noqa: FBT001 - named by its callers
    """Say that the customer types, or no longer does (3.5.13)."""
    return _frame(sender, event_id, f"SenderTyping{'Started' if started else 'Ended'}", _with_thread(thread))


def end_contact(sender: Sender, event_id: str, thread: str, contact: str | None) -> str:
    """End a live chat (3.5.15)."""
    data = _with_thread(thread) | _with_contact(contact)
    return _frame(sender, event_id, "EndContact", data, identity=_OLD_IDENTITY)


def send_transcript(sender: Sender, event_id: str, contact: str, email: str) -> str:
    """Have a live chat's transcript sent (3.5.16)."""
    data: _Data = {"consumerContact": {"id": contact}, "consumerRecipients": [{"idOnExternalPlatform": email}]}
    return _frame(sender, event_id, "SendTranscript", data, identity=_OLD_IDENTITY)


# --- messages and fields ---


def send_message(
    sender: Sender,
    event_id: str,
    thread: str,
    name: str,
    message: str,
    text: str,
    postback: str = "",
    parameters: dict[str, bool] | None = None,
    customer_fields: _Fields = (),
    contact_fields: _Fields = (),
    access_token: Secret | None = None,
    files: Iterable[tuple[str, str, str]] = (),
) -> str:
    """Send a message (3.5.7). ``message`` is the id it keeps; ``name`` the thread's, "" if it has none.

    Custom fields are ident, value, and the date at which they were set, "" for none. ``files`` are the (URL, name,
    MIME type) of what was uploaded; each goes with all four fields (section 8, row 12).
    """
    data: _Data = {
        **_with_thread(thread, name),
        "messageContent": _content(text, postback, parameters),
        "idOnExternalPlatform": message,
        "customer": {"customFields": _fields(customer_fields)},
        "contact": {"customFields": _fields(contact_fields)},
        "attachments": [
            {"url": url, "friendlyName": file, "mimeType": mime_type, "fileName": file}
            for url, file, mime_type in files
        ],
        "deviceFingerprint": _FINGERPRINT,
    }
    return _frame(sender, event_id, "SendMessage", data | _with_token(access_token))


def send_outbound(
    sender: Sender,
    event_id: str,
    thread: str,
    name: str,
    message: str,
    text: str,
    contact_fields: _Fields = (),
    access_token: Secret | None = None,
) -> str:
    """Store a welcome text as the agent side's, before the customer's first message (3.5.9)."""
    data: _Data = {
        **_with_thread(thread, name),
        "messageContent": _content(text, "", {}),
        "idOnExternalPlatform": message,
        "consumerContact": {"customFields": _fields(contact_fields)},
        "attachments": [],
        "browserFingerprint": _FINGERPRINT,
    }
    return _frame(sender, event_id, "SendOutbound", data | _with_token(access_token), identity=_OLD_IDENTITY)


def set_contact_fields(sender: Sender, event_id: str, thread: str, contact: str, fields: _Fields) -> str:
    """Set custom fields of a contact (3.5.12)."""
    data: _Data = {**_with_thread(thread), "customFields": _fields(fields), **_with_contact(contact)}
    return _frame(sender, event_id, "SetContactCustomFields", data)


def set_customer_fields(sender: Sender, event_id: str, fields: _Fields) -> str:
    """Set custom fields of the customer (3.5.12)."""
    return _frame(sender, event_id, "SetCustomerCustomFields", {"customFields": _fields(fields)})


def store_visitor_event(sender: Sender, event_id: str, event: dict[str, object]) -> str:
    """Tell a visitor event over the socket (3.5.21); ``event`` is its type, id, date and data."""
    data: _Data = {"visitorEvents": [event]}
    return _frame(sender, event_id, "StoreVisitorEvents", data, identity=_OLD_IDENTITY, names_destination=True)


def execute_trigger(sender: Sender, event_id: str, trigger: str) -> str:
    """Run an automation (3.5.20)."""
    return _frame(sender, event_id, "ExecuteTrigger", {"trigger": {"id": trigger}}, names_destination=True)


# --- beside the conversation ---


def send_preview(sender: Sender, event_id: str, thread: str, text: str) -> str:
    """Show what the customer is writing (3.5.14)."""
    data = _with_thread(thread) | {"messageContent": _content(text, "", None)}
    return _frame(sender, event_id, "SendMessagePreview", data, identity=_OLD_IDENTITY)


def send_offline_message(
    sender: Sender, event_id: str, email: str, text: str, first_name: str = "", last_name: str = ""
) -> str:
    """Leave a message with nobody there (3.5.17)."""
    author = {"idOnExternalPlatform": email, "firstName": first_name, "lastName": last_name}
    data: _Data = {"messageContent": _content(text, "", None), "authorCustomerIdentity": author}
    return _frame(sender, event_id, "SendOfflineMessage", data, identity=_OLD_IDENTITY)


def create_invitation(sender: Sender, event_id: str, contact: str) -> str:
    """Make an invitation to a conversation (3.5.18)."""
    return _frame(sender, event_id, "CreateInvitationToGroupChat", _with_contact(contact), identity=_OLD_IDENTITY)


def send_invitation(sender: Sender, event_id: str, contact: str, code: str, emails: Iterable[str]) -> str:
    """Have an invitation sent by e-mail (3.5.18)."""
    recipients = [{"idOnExternalPlatform": email} for email in emails]
    data = _with_contact(contact) | {"invitation": {"code": code}, "recipients": recipients}
    return _frame(sender, event_id, "SendEmailInvitationToGroupChat", data, identity=_OLD_IDENTITY)


def join_group(sender: Sender, event_id: str, code: str) -> str:
    """Join a conversation with an invitation (3.5.18)."""
    return _frame(sender, event_id, "JoinGroupChat", {"invitation": {"code": code}}, identity=_OLD_IDENTITY)


def leave_group(sender: Sender, event_id: str, contact: str) -> str:
    """Leave a conversation that was joined (3.5.18)."""
    return _frame(sender, event_id, "LeaveGroupChat", _with_contact(contact), identity=_OLD_IDENTITY)


# --- parts ---

_IDENTITY: Final = "customerIdentity"
_OLD_IDENTITY: Final = "consumerIdentity"
"""Which of the two goes with which event is settled in 3.4.1."""


def _frame(
    sender: Sender,
    event_id: str,
    event_type: str,
    data: _Data,
    *,
    identity: str = _IDENTITY,
    move: str = "chatWindowEvent",
    names_destination: bool = False,
) -> str:
    who = {"idOnExternalPlatform": sender.customer}
    if sender.first_name:
        who["firstName"] = sender.first_name
    if sender.last_name:
        who["lastName"] = sender.last_name
    payload: _Data = {
        "eventType": event_type,
        "brand": {"id": sender.brand_id},
        "channel": {"id": sender.channel_id},
        identity: who,
        "visitor": {"id": sender.visitor},
        "data": data,
    }
    if names_destination:
        payload["destination"] = {"id": sender.destination}
    return _ENCODER.encode({"action": move, "eventId": event_id, "payload": payload}).decode()


def _with_thread(thread: str, name: str = "") -> _Data:
    parts = {"idOnExternalPlatform": thread}
    return {"thread": parts | {"threadName": name} if name else parts}


def _with_contact(contact: str | None) -> _Data:
    return {"contact": {"id": contact}} if contact else {}


def _with_token(token: Secret | None) -> _Data:
    return {"accessToken": {"token": token.reveal()}} if token else {}


def _content(text: str, postback: str, parameters: dict[str, bool] | None) -> _Data:
    """Return a message's content (3.5.8), the postback in both of its places."""
    payload: _Data = {"text": text}
    content: _Data = {"type": "TEXT", "payload": payload}
    if parameters is not None:
        content["parameters"] = parameters
    if postback:
        payload["postback"] = content["postback"] = postback
    return content


def _fields(fields: _Fields) -> list[dict[str, str]]:
    return [{"ident": ident, "value": value} | ({"updatedAt": at} if at else {}) for ident, value, at in fields]
