"""Messages and their contents (CXone wire reference, section 5)."""

import msgspec

from ..ids import Ids
from ..model import Message, Popup
from ..parse import obj, word
from . import dates
from .envelopes import Wire
from .objects import Objects

__all__ = ["attachment", "message", "popup_content", "received_content", "sent_message", "text_content", "words"]

_FALLBACK = "Unsupported message content"


def text_content(text: str, postback: str | None = None, parameters: Wire | None = None) -> Wire:
    """The content of a text message, as the real center sends it."""
    return {
        "text": text,
        "type": "TEXT",
        "payload": {"text": text, "postback": postback or "", "elements": []},
        "fallbackText": _FALLBACK,
        "isAutoTranslated": False,
        "parameters": parameters or [],
        "postback": postback,
    }


def received_content(content: Wire) -> Wire:
    """The content that comes back for one a client has sent: the same text, postback and parameters."""
    payload = obj(content, "payload")
    postback = word(content, "postback") or word(payload, "postback") or None
    if content.get("type") == "TEXT":
        return text_content(word(payload, "text"), postback, obj(content, "parameters"))
    fallback = content.get("fallbackText")
    return {
        "parameters": [],
        **content,
        "type": word(content, "type"),
        "fallbackText": fallback if fallback and isinstance(fallback, str) else _FALLBACK,
        "isAutoTranslated": content.get("isAutoTranslated") is True,
        "postback": postback,
    }


def words(content: Wire) -> str:
    """The text of a content, for agents to react to."""
    return word(obj(content, "payload"), "text") or word(content, "text")


def popup_content(popup: Popup, ids: Ids) -> Wire:
    """The question whether the customer is still there: six elements in their fixed order, postbacks as JSON text."""

    def button(text: str, *, expired: bool) -> Wire:
        postback = {"type": "sessionExpiration", "isExpired": expired, "workflowJobId": popup.job}
        return {"id": ids.uuid(), "type": "BUTTON", "text": text, "postback": msgspec.json.encode(postback).decode()}

    countdown = {"startedAt": dates.seconds(popup.started_at), "numberOfSeconds": popup.seconds}
    elements = [
        {"id": ids.uuid(), "type": "TITLE", "text": "Still with us?"},
        {"id": ids.uuid(), "type": "TEXT", "text": "This chat will end soon."},
        {"id": ids.uuid(), "type": "COUNTDOWN", "variables": countdown},
        {"id": ids.uuid(), "type": "TEXT", "text": "Keep chatting?"},
        button("Yes", expired=False),
        button("No", expired=True),
    ]
    return {
        "type": "PLUGIN",
        "payload": {"postback": "", "elements": [{"id": ids.uuid(), "type": "INACTIVITY_POPUP", "elements": elements}]},
        "fallbackText": "Are you still there?",
        "isAutoTranslated": False,
        "parameters": [],
        "postback": None,
    }


def attachment(source: Wire, id: str) -> Wire:
    """An attachment with every field some client needs, from the few that are known."""
    name = word(source, "friendlyName") or word(source, "fileName")
    return {
        "id": id,
        "friendlyName": name,
        "fileName": word(source, "fileName") or name,
        "url": word(source, "url"),
        "securedPermanentUrl": word(source, "url"),
        "mimeType": word(source, "mimeType") or "application/octet-stream",
        "previewUrl": None,
        "isInline": False,
        "canBeStored": True,
    }


def message(message: Message, objects: Objects) -> Wire:
    """A message, as pushes, recovery and history show it."""
    author = objects.agent(message.agent) if message.outbound else None
    return {
        "id": message.id,
        "postId": message.thread.id,
        "threadId": message.thread.id,
        **_what(message),
        "isMadeByUser": message.outbound,
        "user": author,
        "authorUser": author,
        "authorEndUserIdentity": objects.identity(message.customer) if message.customer else None,
        **_seen(message),
        "tags": [],
        "sentiment": "neutral",
        "deletedOnExternalPlatform": False,
        "isDeletedOnExternalPlatform": False,
        "isHiddenOnExternalPlatform": False,
        "reactionStatistics": {"likes": 0, "shares": 0, "isLikedByChannel": False, "isSharedByChannel": False},
        "contentRemoved": None,
        "authorNameRemoved": None,
        "replyToMessage": None,
        "title": "",
        "recipients": objects.recipients(message.thread) if message.outbound else [],
        "url": None,
        "replyChannel": None,
        "channel": {"id": message.thread.channel.id},
        "contactNumber": message.contact.number,
        "isReplyAllowed": False,
        "forward": None,
        "externalAttributes": [],
        "isReplyToSpecificMessage": False,
        "hasAdditionalMessageContent": message.partial,
        **({"deviceFingerprint": message.fingerprint} if message.fingerprint else {}),
    }


def _what(message: Message) -> Wire:
    return {
        "idOnExternalPlatform": message.external_id,
        "threadIdOnExternalPlatform": message.thread.external_id,
        "messageContent": message.content,
        "createdAt": dates.seconds(message.created_at),
        "createdAtWithMilliseconds": dates.milliseconds(message.created_at),
        "direction": "outbound" if message.outbound else "inbound",
        "attachments": list(message.attachments),
    }


def _seen(message: Message) -> Wire:
    read = None if message.read_at is None else dates.seconds(message.read_at)
    seen = None if message.seen_at is None else dates.seconds(message.seen_at)
    waited = None
    if message.read_at is not None:
        whole = int(message.read_at - message.created_at)
        waited = {"notReflectingBusinessHours": whole, "reflectingBusinessHours": whole}
    delivered: list[Wire] = []
    if message.delivered is not None:
        agent, at = message.delivered
        delivered = [{"userId": agent.id, "endUserId": None, "deliveredAt": dates.seconds(at)}]
    end_user = f"chat_{message.thread.customer.id}"
    return {
        "isRead": read is not None,
        "readAt": read,
        "customerStatistics": {"seenAt": seen},
        "userStatistics": {"seenAt": read, "readAt": read, "createdToReadSeconds": waited},
        "seen": [] if seen is None else [{"endUserId": end_user, "userId": None, "seenAt": seen}],
        "delivered": delivered,
    }


def sent_message(message: Message, objects: Objects) -> Wire:
    """The lean message of MessageSent, which has no ``id``."""
    return {
        **_what(message),
        "recipients": objects.recipients(message.thread) if message.outbound else [],
        "title": "",
        "authorUser": objects.agent(message.agent),
        "authorEndUserIdentity": objects.identity(message.customer) if message.customer else None,
    }
