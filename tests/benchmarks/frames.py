"""Composed frames in the shape and size that a contact center sends, and a far side that answers by rote."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

_BRAND = 1386
_CHANNEL = "chat_0d9f4b6e-2f1c-4f0e-9a55-6f2b8f6f1a10"
_CUSTOMER = "c1a0f1de-7b7e-4d43-8c1b-5b8b0c9e2d01"

THREAD = "5e6f1a77-3a59-4c1e-8f0d-2f6d1b3c9a02"
"""The thread of every frame, unless another is named."""


def _message_id(number: int) -> str:
    return f"{number:08x}-cc1d-4c62-a5f2-daa3607fc5d7"


def _agent() -> dict[str, Any]:
    return {
        "id": 70112,
        "emailAddress": "agent70112@example.test",
        "loginUsername": "agent70112@example.test",
        "firstName": "Noor",
        "surname": "Haas",
        "nickname": "",
        "imageUrl": "https://files.example.test/u/70112.png",
        "publicImageUrl": "https://files.example.test/u/70112-public.png",
        "isBotUser": False,
        "isSurveyUser": False,
    }


def _message(thread: str, number: str, created: str) -> dict[str, Any]:
    text = "Thank you for waiting. Your order left our house this morning."
    return {
        "id": "ac9fe0c9-cad7-449c-8b2e-0c43502b1a3d",
        "idOnExternalPlatform": number,
        "threadId": "3b7de9c0-41f2-4f51-a1c9-7f00a2b4c603",
        "threadIdOnExternalPlatform": thread,
        "messageContent": {
            "text": text,
            "type": "TEXT",
            "payload": {"text": text, "postback": "", "elements": []},
            "fallbackText": "Unsupported message content",
            "isAutoTranslated": False,
            "parameters": [],
            "postback": None,
        },
        "createdAt": f"{created}+00:00",
        "createdAtWithMilliseconds": f"{created}.077+00:00",
        "isMadeByUser": True,
        "direction": "outbound",
        "authorUser": _agent(),
        "authorEndUserIdentity": None,
        "isRead": False,
        "attachments": [],
        "tags": [],
        "sentiment": "neutral",
        "replyToMessage": None,
        "userStatistics": {"seenAt": None, "readAt": None},
        "contactNumber": "48215077",
        "hasAdditionalMessageContent": False,
    }


def _contact(thread: str) -> dict[str, Any]:
    return {
        "id": "48215077",
        "threadIdOnExternalPlatform": thread,
        "channelId": _CHANNEL,
        "status": "open",
        "statusUpdatedAt": "2026-03-04T10:20:06+00:00",
        "inboxAssignee": 70112,
        "createdAt": "2026-03-04T10:20:05+00:00",
        "customFields": [],
    }


def _thread(thread: str) -> dict[str, Any]:
    return {
        "id": "3b7de9c0-41f2-4f51-a1c9-7f00a2b4c603",
        "idOnExternalPlatform": thread,
        "threadName": "",
        "channelId": _CHANNEL,
        "canAddMoreMessages": True,
    }


def _compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _created(number: int) -> str:
    days, seconds = divmod(number, 86_400)
    return f"2026-{3 + days // 28:02}-{1 + days % 28:02}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


@cache
def _created_template(thread: str) -> tuple[str, ...]:
    """Return the parts of a MessageCreated around its message's id and time."""
    data = {
        "brand": {"id": _BRAND, "friendlyName": "Harbour Goods", "timezone": "Europe/Prague"},
        "channel": {
            "id": _CHANNEL,
            "idOnExternalPlatform": _CHANNEL.removeprefix("chat_"),
            "name": "Harbour messaging",
            "integrationBoxIdentifier": "chat",
            "isPrivate": True,
            "isLiveChat": False,
            "hasMultipleThreadsPerEndUser": False,
            "translationGroup": "default",
        },
        "case": _contact(thread),
        "thread": _thread(thread),
        "message": _message(thread, "<id>", "<time>"),
        "agentContact": {"id": "e355ea34-3bf9-40bc-a572-9e97614e0a00", "createdAt": "2026-03-04T10:20:30+00:00"},
    }
    push = {
        "eventId": "a072c265-09fa-429c-b99c-5d81d172e806",
        "eventObject": "Message",
        "eventType": "MessageCreated",
        "createdAt": "2026-03-04T10:24:40+00:00",
        "createdAtWithMilliseconds": "2026-03-04T10:24:40.204+00:00",
        "data": data,
        "context": [],
        "traceId": "c9f63247-c9a5-4bbe-b167-a5a0c0410d01",
    }
    return tuple(_compact(push).replace("<time>", "<id>").split("<id>"))


def message_created(number: int, thread: str = THREAD) -> str:
    """Return a MessageCreated; ``number`` tells its message's id and, in seconds, its time."""
    head, to_time, to_milliseconds, tail = _created_template(thread)
    time = _created(number)
    return f"{head}{_message_id(number)}{to_time}{time}{to_milliseconds}{time}{tail}"


def messages_created(first: int, count: int, thread: str = THREAD) -> list[str]:
    """Return so many of them, each with a message of its own."""
    return [message_created(number, thread) for number in range(first, first + count)]


def thread_recovered(event_id: str, first: int, count: int, thread: str = THREAD) -> str:
    """Return a ThreadRecovered with so many messages, newest first as on the wire."""
    numbers = range(first + count - 1, first - 1, -1)
    data = {
        "contact": _contact(thread),
        "thread": _thread(thread),
        "messages": [_message(thread, _message_id(number), _created(number)) for number in numbers],
        "messagesScrollToken": "",
        "inboxAssignee": _agent(),
        "ownerAssignee": _agent(),
        "customer": {"id": f"chat_{_CUSTOMER}", "customFields": []},
    }
    return _compact({"eventId": event_id, "postback": {"eventType": "ThreadRecovered", "data": data}})


def consumer_authorized(event_id: str) -> str:
    """Return the answer to an authorization."""
    data = {"consumerIdentity": {"idOnExternalPlatform": _CUSTOMER, "firstName": "Kit", "lastName": "Marlow"}}
    return _compact({"eventId": event_id, "postback": {"eventType": "ConsumerAuthorized", "data": data}})


def asks_for_thread(frame: str) -> str:
    """Return the event id of a RecoverThread, "" for any other frame."""
    sent = json.loads(frame)
    is_it = sent.get("payload", {}).get("eventType") == "RecoverThread"
    return str(sent["eventId"]) if is_it else ""


def answers(frame: str, *, messages: int = 0, thread: str = THREAD) -> Iterator[str]:
    """Answer what a client sends, as far as it takes to become ready with one open thread."""
    sent = json.loads(frame)
    event_id, kind = sent.get("eventId", ""), sent.get("payload", {}).get("eventType", "")
    match kind:
        case "AuthorizeCustomer" | "ReconnectConsumer":
            yield consumer_authorized(event_id)
        case "RecoverThread":
            yield thread_recovered(event_id, 0, messages, thread)
        case "":
            yield '"pong"'
        case _:
            yield _compact({"eventId": event_id, "status": "ok"})
