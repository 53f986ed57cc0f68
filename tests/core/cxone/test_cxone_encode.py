"""What we send, compared as a whole with section 3.5."""

import json
from typing import Any

import pytest

from deskline_core.cxone import encode
from deskline_core.cxone.encode import HEARTBEAT, Sender
from deskline_core.values import Secret

EVENT = "1c6b7a4e-2a30-4b7d-8a4f-0a9f3b1f5e05"
THREAD = "5e6f1a77-3a59-4c1e-8f0d-2f6d1b3c9a02"
MESSAGE = "9d2c7c11-5f0a-4a8e-b0b4-6a7c8d9e0f06"
CUSTOMER = {"idOnExternalPlatform": "c1a0f1de-7b7e-4d43-8c1b-5b8b0c9e2d01"}
SENDER = Sender(
    brand_id=5150,
    channel_id="chat_0d9f4b6e-2f1c-4f0e-9a55-6f2b8f6f1a10",
    visitor="8a1d0c55-93e5-4b0c-9d0a-4a0d1f2e3b04",
    destination="f5d3a0c1-12bb-4f60-8e04-3a3f4b5c6d03",
    customer=CUSTOMER["idOnExternalPlatform"],
)
AT = "2026-03-04T10:20:00Z"
FINGERPRINT = {"deviceType": "other", "applicationType": "native"}
TOKEN = Secret("Lt|91aa")

AS_CUSTOMER, AS_CONSUMER = "customerIdentity", "consumerIdentity"
NAMED = {"idOnExternalPlatform": THREAD, "threadName": "Broken mug"}
BARE = {"idOnExternalPlatform": THREAD}

SENT: list[tuple[str, str, str, dict[str, Any]]] = [
    (
        encode.reconnect(SENDER, EVENT, "ReconnectConsumer", TOKEN),
        "ReconnectConsumer",
        AS_CONSUMER,
        {"accessToken": {"token": "Lt|91aa"}},
    ),
    (
        encode.reconnect(SENDER, EVENT, "ReconnectCustomer", TOKEN),
        "ReconnectCustomer",
        AS_CONSUMER,
        {"accessToken": {"token": "Lt|91aa"}},
    ),
    (
        encode.refresh_token(SENDER, EVENT, TOKEN),
        "RefreshToken",
        AS_CONSUMER,
        {"accessToken": {"token": "Lt|91aa"}},
    ),
    (encode.recover_thread(SENDER, EVENT, THREAD), "RecoverThread", AS_CUSTOMER, {"thread": BARE}),
    (encode.recover_thread(SENDER, EVENT, None), "RecoverThread", AS_CUSTOMER, {}),
    (encode.recover_livechat(SENDER, EVENT, THREAD), "RecoverLivechat", AS_CUSTOMER, {"thread": BARE}),
    (encode.recover_livechat(SENDER, EVENT, None), "RecoverLivechat", AS_CUSTOMER, {}),
    (encode.fetch_thread_list(SENDER, EVENT), "FetchThreadList", AS_CUSTOMER, {}),
    (encode.load_thread_metadata(SENDER, EVENT, THREAD), "LoadThreadMetadata", AS_CUSTOMER, {"thread": BARE}),
    (encode.archive_thread(SENDER, EVENT, THREAD), "ArchiveThread", AS_CUSTOMER, {"thread": BARE}),
    (encode.update_thread(SENDER, EVENT, THREAD, "Broken mug"), "UpdateThread", AS_CUSTOMER, {"thread": NAMED}),
    (
        encode.update_thread(SENDER, EVENT, THREAD, ""),
        "UpdateThread",
        AS_CUSTOMER,
        {"thread": BARE | {"threadName": ""}},
    ),
    (
        encode.send_message(
            SENDER,
            EVENT,
            THREAD,
            "Broken mug",
            MESSAGE,
            "The handle came off.",
            parameters={},
            customer_fields=[("email", "kit@example.test", AT)],
        ),
        "SendMessage",
        AS_CUSTOMER,
        {
            "thread": NAMED,
            "messageContent": {"type": "TEXT", "payload": {"text": "The handle came off."}, "parameters": {}},
            "idOnExternalPlatform": MESSAGE,
            "customer": {"customFields": [{"ident": "email", "value": "kit@example.test", "updatedAt": AT}]},
            "contact": {"customFields": []},
            "attachments": [],
            "deviceFingerprint": FINGERPRINT,
        },
    ),
    (
        encode.send_message(
            SENDER,
            EVENT,
            THREAD,
            "",
            MESSAGE,
            "Early",
            "slot:early",
            {"isInactivityPopupAnswer": True},
            (),
            (("topic", "ship", ""),),
            TOKEN,
        ),
        "SendMessage",
        AS_CUSTOMER,
        {
            "thread": BARE,
            "messageContent": {
                "type": "TEXT",
                "payload": {"text": "Early", "postback": "slot:early"},
                "postback": "slot:early",
                "parameters": {"isInactivityPopupAnswer": True},
            },
            "idOnExternalPlatform": MESSAGE,
            "customer": {"customFields": []},
            "contact": {"customFields": [{"ident": "topic", "value": "ship"}]},
            "attachments": [],
            "deviceFingerprint": FINGERPRINT,
            "accessToken": {"token": "Lt|91aa"},
        },
    ),
    (
        encode.send_outbound(SENDER, EVENT, THREAD, "", MESSAGE, "Hello Kit, how can we help?"),
        "SendOutbound",
        AS_CONSUMER,
        {
            "thread": BARE,
            "messageContent": {
                "type": "TEXT",
                "payload": {"text": "Hello Kit, how can we help?"},
                "parameters": {},
            },
            "idOnExternalPlatform": MESSAGE,
            "consumerContact": {"customFields": []},
            "attachments": [],
            "browserFingerprint": FINGERPRINT,
        },
    ),
    (
        encode.load_more(SENDER, EVENT, THREAD, "Ozs5ZDJj==", "2026-03-04T10:00:00Z"),
        "LoadMoreMessages",
        AS_CUSTOMER,
        {"scrollToken": "Ozs5ZDJj==", "thread": BARE, "oldestMessageDatetime": "2026-03-04T10:00:00Z"},
    ),
    (
        encode.load_more(SENDER, EVENT, THREAD, "s", "", "48215077"),
        "LoadMoreMessages",
        AS_CUSTOMER,
        {"scrollToken": "s", "thread": BARE, "oldestMessageDatetime": "", "contact": {"id": "48215077"}},
    ),
    (encode.mark_seen(SENDER, EVENT, THREAD), "MessageSeenByCustomer", AS_CUSTOMER, {"thread": BARE}),
    (encode.typing(SENDER, EVENT, THREAD, True), "SenderTypingStarted", AS_CUSTOMER, {"thread": BARE}),
    (encode.typing(SENDER, EVENT, THREAD, False), "SenderTypingEnded", AS_CUSTOMER, {"thread": BARE}),
    (
        encode.end_contact(SENDER, EVENT, THREAD, "48215077"),
        "EndContact",
        AS_CONSUMER,
        {"thread": BARE, "contact": {"id": "48215077"}},
    ),
    (encode.end_contact(SENDER, EVENT, THREAD, None), "EndContact", AS_CONSUMER, {"thread": BARE}),
    (
        encode.send_transcript(SENDER, EVENT, "48215077", "kit@example.test"),
        "SendTranscript",
        AS_CONSUMER,
        {
            "consumerContact": {"id": "48215077"},
            "consumerRecipients": [{"idOnExternalPlatform": "kit@example.test"}],
        },
    ),
    (
        encode.set_contact_fields(SENDER, EVENT, THREAD, "48215077", [("topic", "ship-late", AT)]),
        "SetContactCustomFields",
        AS_CUSTOMER,
        {
            "thread": BARE,
            "customFields": [{"ident": "topic", "value": "ship-late", "updatedAt": AT}],
            "contact": {"id": "48215077"},
        },
    ),
    (
        encode.set_customer_fields(SENDER, EVENT, [("email", "e", "")]),
        "SetCustomerCustomFields",
        AS_CUSTOMER,
        {"customFields": [{"ident": "email", "value": "e"}]},
    ),
]


def envelope(event_type: str, identity: str, data: object, **more: object) -> dict[str, Any]:
    return {
        "action": "chatWindowEvent",
        "eventId": EVENT,
        "payload": {
            "eventType": event_type,
            "brand": {"id": 5150},
            "channel": {"id": SENDER.channel_id},
            identity: CUSTOMER,
            "visitor": {"id": SENDER.visitor},
            "data": data,
            **more,
        },
    }


@pytest.mark.row("R10")
@pytest.mark.parametrize(("text", "event_type", "identity", "data"), SENT)
def test_an_event(text: str, event_type: str, identity: str, data: dict[str, Any]) -> None:
    assert json.loads(text) == envelope(event_type, identity, data)


def test_an_authorization() -> None:
    expected = envelope(
        "AuthorizeCustomer",
        AS_CUSTOMER,
        {
            "authorization": {"authorizationCode": "ac-7781", "codeVerifier": "v8c1-aa0"},
            "disableChannelInfo": True,
            "sdkPlatform": "android",
            "sdkVersion": "3.2.2",
        },
    ) | {"action": "register"}
    text = encode.authorize(SENDER, EVENT, "android", "3.2.2", Secret("ac-7781"), "v8c1-aa0")
    assert json.loads(text) == expected
    expected["payload"]["data"]["authorization"] = {}
    assert json.loads(encode.authorize(SENDER, EVENT, "android", "3.2.2")) == expected


def test_a_trigger_names_the_destination() -> None:
    trigger = "6b9a2f0c-6a10-4d0e-a0e8-8f1e5c2b7d08"
    assert json.loads(encode.execute_trigger(SENDER, EVENT, trigger)) == envelope(
        "ExecuteTrigger",
        AS_CUSTOMER,
        {"trigger": {"id": trigger}},
        destination={"id": "f5d3a0c1-12bb-4f60-8e04-3a3f4b5c6d03"},
    )


def test_names_travel_where_they_are_known() -> None:
    for names, expected in (
        ({"first_name": "Kit"}, {"firstName": "Kit"}),
        ({"last_name": "Marlow"}, {"lastName": "Marlow"}),
    ):
        sender = Sender(brand_id=1, channel_id="chat_a", visitor="v", destination="d", customer="c", **names)
        payload = json.loads(encode.fetch_thread_list(sender, EVENT))["payload"]
        assert payload["customerIdentity"] == {"idOnExternalPlatform": "c", **expected}


def test_the_heartbeat() -> None:
    assert json.loads(HEARTBEAT) == {"action": "heartbeat"}


def test_any_unicode_survives() -> None:
    text = 'a"\\\n\u2028\u00e9\U0001f600\x00'
    sent = json.loads(encode.send_message(SENDER, EVENT, THREAD, "", MESSAGE, text))
    assert sent["payload"]["data"]["messageContent"] == {"type": "TEXT", "payload": {"text": text}}
