"""What became of the customer's messages: the rank only rises, whatever the order it is told in."""

from typing import Any

import pytest

from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.policy import Policy
from tests.core.cxone.alone import CONTACT, THREAD, Alone, with_thread

QUIET = Policy(heartbeat=3600)
SEEN: dict[str, Any] = {"userStatistics": {"seenAt": "2026-05-28T20:30:09+00:00", "readAt": None}}
RANKS = ["queued", "sending", "sent", "delivered", "seen"]


def mine(chat: Alone) -> str:
    """Send a message; return its id."""
    chat.ask(i.SendMessage, thread=THREAD, text="hello")
    id: str = chat.frame("SendMessage")["payload"]["data"]["idOnExternalPlatform"]
    return id


def about(id: str, text: str = "hello", direction: str = "inbound", **rest: Any) -> dict[str, Any]:
    return {
        "idOnExternalPlatform": id,
        "threadIdOnExternalPlatform": THREAD,
        "createdAt": "2026-05-28T20:30:03+00:00",
        "messageContent": {"type": "TEXT", "payload": {"text": text}},
        "direction": direction,
        **rest,
    }


def push(kind: str, message: dict[str, Any], **data: Any) -> dict[str, Any]:
    place = {"thread": {"idOnExternalPlatform": THREAD}} if kind in ("MessageCreated", "MessageSent") else {}
    case = {"id": CONTACT, "threadIdOnExternalPlatform": THREAD}
    return {"eventId": "e-1", "eventType": kind, "data": {"message": message, "case": case, **place, **data}}


def status(chat: Alone, id: str) -> str:
    return next(message.status for message in chat.session.threads[THREAD].messages if message.id == id)


def test_a_message_is_sent_before_its_answer_when_the_far_side_says_so() -> None:
    chat = with_thread(policy=QUIET)
    id = mine(chat)
    assert chat.hear(push("MessageSent", about(id))) == ["message sent"]
    chat.ask(i.AwaitSettled, message=id)
    assert chat.accept("SendMessage") == []
    assert chat.hear(push("MessageCreated", about(id))) == ["message delivered", "AwaitSettled answered"]
    assert chat.hear(push("MessageSent", about(id))) == []


def test_a_message_that_is_said_to_be_sent_and_never_shown_stays_sent() -> None:
    chat = with_thread(policy=QUIET)
    id = mine(chat)
    chat.hear(push("MessageSent", about(id)))
    chat.ask(i.AwaitSettled, message=id)
    assert "AwaitSettled answered" in chat.wait(10)
    assert chat.answers[chat.asked] == "sent"


@pytest.mark.parametrize(
    ("kind", "rest", "expected"),
    [
        ("MessageDeliveredToUser", {}, "delivered"),
        ("MessageDeliveryStatusChanged", {}, "delivered"),
        ("MessageDeliveredToUser", SEEN, "seen"),
        ("MessageDeliveryStatusChanged", SEEN, "seen"),
        ("MessageSeenByUser", {}, "seen"),
        ("MessageSeenChanged", SEEN, "seen"),
        ("MessageReadChanged", SEEN, "seen"),
    ],
)
def test_a_receipt_says_how_far_a_message_came(kind: str, rest: dict[str, Any], expected: str) -> None:
    chat = with_thread(policy=QUIET)
    id = mine(chat)
    assert chat.hear(push(kind, about(id, **rest))) == [f"message {expected}"]
    assert status(chat, id) == expected
    assert chat.hear(push("MessageCreated", about(id))) == []
    assert [m.id for m in chat.session.threads[THREAD].messages] == [id]
    assert status(chat, id) == expected


@pytest.mark.row("M11")
@pytest.mark.parametrize("kind", ["MessageSeenByUser", "MessageReadChanged"])
def test_a_receipt_of_another_device_s_message_waits_for_it(kind: str) -> None:
    chat = with_thread(policy=QUIET)
    assert chat.hear(push(kind, about("m-9", **SEEN))) == []
    assert chat.hear(push("MessageCreated", about("m-9"))) == ["MessageReceived"]
    assert status(chat, "m-9") == "seen"


@pytest.mark.row("M12")
@pytest.mark.parametrize(
    "kind", ["MessageDeliveredToUser", "MessageDeliveryStatusChanged", "MessageSent", "MessageUpdated"]
)
def test_what_comes_late_takes_nothing_back(kind: str) -> None:
    chat = with_thread(policy=QUIET)
    id = mine(chat)
    chat.hear(push("MessageCreated", about(id)))
    chat.hear(push("MessageSeenByUser", about(id)))
    assert chat.hear(push(kind, about(id))) == []
    chat.hear(push("MessageCreated", about("m-2", "news", "outbound")))
    assert status(chat, id) == "seen"


@pytest.mark.parametrize(
    "kind", ["MessageDeliveredToUser", "MessageDeliveryStatusChanged", "MessageSeenByUser", "MessageSeenChanged"]
)
def test_receipts_of_the_other_side_s_messages_are_no_news(kind: str) -> None:
    chat = with_thread(policy=QUIET)
    chat.hear(push("MessageCreated", about("m-2", "news", "outbound")))
    assert chat.hear(push(kind, about("m-2", "news", "outbound", **SEEN))) == []
    assert not chat.leaf.receipts._early


def test_of_a_hidden_message_nothing_is_kept() -> None:
    chat = with_thread("live", policy=QUIET)
    thread = chat.leaf.desk.threads[THREAD]
    chat.leaf.delivery.queue_hidden(thread, "still here", "", "isInactivityPopupAnswer")
    chat.put(i.Tick())
    id = chat.frame("SendMessage")["payload"]["data"]["idOnExternalPlatform"]
    assert chat.hear(push("MessageDeliveredToUser", about(id))) == []
    assert chat.session.threads[THREAD].messages == ()
    assert chat.hear(push("MessageDeliveredToUser", about(id))) == []


# --- messages of the other side, ahead of their creation ---


def test_an_agent_s_message_is_shown_sooner_and_merged() -> None:
    chat = with_thread(policy=QUIET)
    ahead = about("m-2", "news", "outbound")
    assert chat.hear(push("MessageSent", ahead)) == ["MessageReceived"]
    assert chat.hear(push("MessageSent", ahead)) == []
    assert chat.hear(push("MessageCreated", {**ahead, "id": "platform-2"})) == []
    assert [m.text for m in chat.session.threads[THREAD].messages] == ["news"]


def test_a_message_ahead_that_belongs_nowhere_is_dropped() -> None:
    chat = with_thread(policy=QUIET)
    stray = push("MessageSent", about("m-2", "news", "outbound"))
    stray["data"]["thread"]["idOnExternalPlatform"] = "elsewhere"
    assert chat.hear(stray) == []
    assert chat.session.counts["messages of unknown threads"] == 1
    stray["data"]["thread"]["idOnExternalPlatform"] = ""
    assert chat.hear(stray) == []


# --- other content ---


def test_a_message_that_was_changed_is_told() -> None:
    chat = with_thread(policy=QUIET)
    chat.hear(push("MessageCreated", about("m-2", "news", "outbound")))
    assert chat.hear(push("MessageUpdated", about("m-2", "", "outbound"))) == ["MessageUpdated"]
    changed = chat.told[-1]
    assert isinstance(changed, e.MessageUpdated)
    assert (changed.message.id, changed.message.text) == ("m-2", "")
    assert chat.hear(push("MessageUpdated", about("m-2", "", "outbound"))) == []


def test_a_change_of_a_message_that_is_not_shown_is_no_news() -> None:
    chat = with_thread(policy=QUIET)
    assert chat.hear(push("MessageUpdated", about("m-2", "news", "outbound"))) == []
    hidden = about("m-3")
    hidden["messageContent"]["parameters"] = {"isInitialMessage": True}
    assert chat.hear(push("MessageUpdated", hidden)) == []
    named = push("MessageUpdated", about("m-2", "news", "outbound"))
    del named["data"]["case"]
    named["data"]["message"].pop("threadIdOnExternalPlatform")
    assert chat.hear(named) == []


def test_a_change_of_one_s_own_message_says_that_it_arrived() -> None:
    chat = with_thread(policy=QUIET)
    id = mine(chat)
    assert chat.hear(push("MessageUpdated", about(id))) == ["message delivered"]
    assert status(chat, id) == "delivered"
