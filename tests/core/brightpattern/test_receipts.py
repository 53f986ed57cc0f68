"""What the other side is told of its messages: each once, none in vain, in no message's way (9.3; 20.5, rule 8)."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.policy import Policy
from tests.core.brightpattern.alone import (
    AGENT,
    BOT,
    CHAT,
    ENDED,
    POLL,
    SEND,
    STEADY,
    V1,
    Alone,
    at,
    joined,
    ready,
    said,
    status,
    talking,
)  # fmt: skip


def receipt(kind: str, ref: str, party: str = CHAT, seconds: float = 9) -> dict[str, Any]:
    """Return a receipt, as histories have those of the customer."""
    return {
        "event": f"chat_session_message_{kind}", "party_id": party, "ref_msg_id": ref, "timestamp": at(seconds),
    }  # fmt: skip


def drain(chat: Alone) -> list[tuple[str, str]]:
    """Let everything that is sent be taken; return the receipts among it, in order."""
    sent: list[tuple[str, str]] = []
    while SEND in chat.open_calls():
        event = chat.posted()
        if "ref_msg_id" in event:
            sent.append((event["event"].removeprefix("chat_session_message_"), event["ref_msg_id"]))
        chat.reply(SEND)
    return sent


def read(chat: Alone) -> list[str]:
    """Say that the customer has read everything."""
    return chat.ask(i.MarkRead, thread=CHAT)


def test_each_foreign_message_is_delivered_once_and_read_once() -> None:
    chat = talking()
    assert chat.hear(said("One", "4"), said("Two", "6")) == [
        "heard One", "POST message_delivered", "heard Two", "GET events",
    ]  # fmt: skip
    assert drain(chat) == [("delivered", "4"), ("delivered", "6")]
    chat.hear(said("One", "4"), said("Two", "6", BOT))  # a repeat, and another party's
    assert drain(chat) == [("delivered", "6")]
    assert read(chat) == ["POST message_read", "MarkRead answered"]
    assert drain(chat) == [("read", "4"), ("read", "6"), ("read", "6")]
    assert read(chat) == ["MarkRead answered"]


def test_a_file_is_told_of_too_and_what_has_no_id_is_not() -> None:
    chat = talking()
    chat.hear(
        {"event": "chat_session_file", "party_id": AGENT, "msg_id": "6", "file_id": "F", "timestamp": at(1)},
        {"event": "chat_session_file_url", "party_id": AGENT, "file_url": "https://cdn.example/a.png"},
    )
    assert drain(chat) == [("delivered", "6")]


def test_a_message_of_the_customer_s_waits_for_one_receipt_at_most() -> None:
    chat = talking()
    chat.hear(*(said("x", str(n)) for n in range(4)))
    chat.ask(i.SendMessage, thread=CHAT, text="Wait")
    chat.reply(SEND)
    assert chat.posted()["event"] == "chat_session_message"
    chat.reply(SEND)
    assert drain(chat) == [("delivered", "1"), ("delivered", "2"), ("delivered", "3")]


@pytest.mark.parametrize("settings", [{"site": V1}, {"policy": Policy(receipts=False)}])
def test_an_older_center_and_a_policy_without_receipts_get_none(settings: dict[str, Any]) -> None:
    chat = talking(**settings)
    assert chat.hear(said("One")) == ["heard One", "GET events"]
    assert read(chat) == ["MarkRead answered"]


def test_what_came_out_of_sight_is_told_when_the_app_is_back() -> None:
    chat = talking()
    chat.ask(i.EnterBackground)
    assert chat.hear(said("One")) == ["heard One"]
    assert chat.ask(i.EnterActive)[-1] == "GET history"
    assert "POST message_delivered" in chat.history(said("One"))
    assert drain(chat) == [("delivered", "4")]


def test_what_was_missed_is_told_after_the_history_unless_it_was_before() -> None:
    chat = talking()
    chat.fail("GET events")
    chat.wait(1)
    words = chat.history(
        said("One", "2", seconds=1), receipt("delivered", "2"), said("Two", "4", seconds=2), receipt("read", "4"),
        said("Three", "6", seconds=3), receipt("read", "6", AGENT),
    )  # fmt: skip
    assert words.count("POST message_delivered") == 1
    assert drain(chat) == [("delivered", "6")]
    read(chat)
    assert drain(chat) == [("read", "2"), ("read", "6")]


def restored(*history: dict[str, Any], **settings: Any) -> Alone:
    """Return a session that finds the chat of an earlier run, with this history."""
    kept = dict(talking(**settings).session.kept)
    chat = Alone(restored=kept, seed=b"another seed of enough bytes", **settings)
    chat.ask(i.Open)
    chat.saved()
    chat.reply("GET parameters", {"parameters": []})
    chat.history(joined(), status("connected"), *history)
    return chat


def test_a_loaded_history_is_not_delivered_and_what_came_before_the_customer_s_words_is_read() -> None:
    chat = restored(
        said("One", "2", seconds=1), said("Mine", "m1", CHAT, seconds=2), said("Two", "4", seconds=3),
        said("Three", "6", seconds=4), said("Four", "8", seconds=5), receipt("read", "6"),
    )  # fmt: skip
    assert chat.open_calls() == ["GET events"]
    read(chat)
    assert drain(chat) == [("read", "4"), ("read", "8")]


def test_a_loaded_history_of_others_alone_is_unread() -> None:
    url = {"event": "chat_session_file_url", "party_id": AGENT, "file_url": "https://cdn.example/a.png"}
    chat = restored(said("One", "2", seconds=1), {**url, "timestamp": at(2)})
    read(chat)
    assert drain(chat) == [("read", "2")]


def test_a_loaded_history_of_an_older_center_owes_nothing() -> None:
    assert read(restored(said("One", "2", seconds=1), site=V1)) == ["MarkRead answered"]


def test_what_is_told_from_the_history_is_not_told_again() -> None:
    chat = talking()
    chat.hear(said("One", "2"), said("Two", "4"))  # the first goes, the second waits
    chat.hear(receipt("delivered", "4"), receipt("read", "2", seconds=8))
    assert drain(chat) == [("delivered", "2")]
    read(chat)
    assert drain(chat) == [("read", "4")]


@pytest.mark.parametrize(("code", "status"), [("5003", 400), ("", 404)])
def test_a_receipt_that_is_refused_is_dropped_and_the_next_goes(code: str, status: int) -> None:
    chat = talking()
    chat.hear(said("One", "2"), said("Two", "4"))
    chat.deny(SEND, code, status)
    if code:
        assert drain(chat) == [("delivered", "4")]
    assert chat.thread.state == "open"


@pytest.mark.parametrize("how", ["5500", "lost"])
def test_a_receipt_that_fails_waits_for_the_next_occasion_with_those_behind_it(how: str) -> None:
    chat = talking()
    chat.hear(said("One", "2"), said("Two", "4"))
    words = chat.deny(SEND, "5500", 500) if how == "5500" else chat.fail(SEND)
    assert words == []
    assert chat.wait(5) == []
    chat.hear(said("Three", "6"))
    assert drain(chat) == [("delivered", "4"), ("delivered", "6")]


def test_a_receipt_that_certainly_did_not_go_goes_next() -> None:
    chat = talking()
    chat.hear(said("One", "2"), said("Two", "4"))
    assert chat.fail(SEND, "no") == []
    chat.hear(said("Three", "6"))
    assert drain(chat) == [("delivered", "2"), ("delivered", "4"), ("delivered", "6")]


def test_a_receipt_that_finds_the_session_gone_leaves_it_to_the_poll_to_say_how_it_ended() -> None:
    chat = talking()
    chat.hear(said("One", "2"), said("Bye", "4"))
    assert chat.deny(SEND, "5005") == []
    assert SEND not in chat.open_calls()
    assert "ended agent" in chat.hear(ENDED)


def test_nothing_is_told_once_it_is_over() -> None:
    chat = talking()
    chat.hear(said("One", "2"), said("Two", "4"))
    chat.hear(ENDED)
    chat.reply(SEND)
    assert chat.open_calls() == []


def test_a_chat_that_is_being_ended_tells_nothing_more() -> None:
    chat = talking()
    chat.ask(i.EndThread, thread=CHAT)
    assert chat.hear(said("Bye")) == ["heard Bye", "GET events"]


def test_receipts_are_bounded_like_messages() -> None:
    chat = talking(policy=Policy(history=3))
    chat.hear(*(said("x", str(n)) for n in range(6)))
    assert chat.session.counts["receipts over the limit"] == 2
    assert drain(chat) == [("delivered", "0"), ("delivered", "3"), ("delivered", "4"), ("delivered", "5")]
    read(chat)
    assert drain(chat) == [("read", "3"), ("read", "4"), ("read", "5")]


def test_another_chat_begins_with_nothing_owed() -> None:
    chat = ready(policy=STEADY)
    chat.ask(i.StartThread)
    chat.reply("POST chats", {"chat_id": CHAT, "state": "connected", "is_new_chat": True})
    chat.saved()
    chat.hear(said("One", "2"), said("Two", "4"), ENDED)
    chat.ask(i.StartThread)
    chat.reply("POST chats", {"chat_id": "next", "state": "connected", "is_new_chat": True})
    chat.reply(SEND)
    assert chat.ask(i.MarkRead, thread="next") == ["MarkRead answered"]


def test_another_chat_waits_for_no_answer_of_the_last_one() -> None:
    chat = talking(policy=STEADY)
    chat.hear(said("One", "2"))
    late = chat.take(SEND)
    chat.hear(ENDED)
    chat.saved()
    chat.ask(i.StartThread)
    chat.reply("POST chats", {"chat_id": "next", "state": "connected", "is_new_chat": True})
    assert "POST message_delivered" in chat.hear(said("Two", "4"))
    assert chat.hear(said("Three", "6")) == ["heard Three", POLL]
    assert chat.put(i.ResponseReceived(id=late, status=200, headers=())) == []
    assert drain(chat) == [("delivered", "4"), ("delivered", "6")]
