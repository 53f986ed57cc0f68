"""Typing, previews, pages and signals: what passes is said now or never (sections 7, 9.5)."""

import json
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.commands import SendRequest
from deskline_core.model import SignalKind
from deskline_core.policy import Policy
from tests.core.brightpattern.alone import AGENT, CHAT, ENDED, POLL, SEND, Alone, ready, said, started, talking

PAGE = {"title": "Prices", "url": "https://shop.example/prices"}
SLOW = Policy(typing_idle=60)


def type_(chat: Alone) -> list[str]:
    """Say that the customer types."""
    return chat.ask(i.StartTyping, thread=CHAT)


def preview(chat: Alone, text: str) -> list[str]:
    """Say what the customer types."""
    return chat.ask(i.PreviewText, thread=CHAT, text=text)


def signal(chat: Alone, **fields: object) -> list[str]:
    """Send a signal."""
    given = {"kind": SignalKind.CALL, "data": '{"type":"END_CALL"}'} | fields
    return chat.ask(i.SendSignal, thread=CHAT, **given)


# --- typing ---


def test_typing_is_told_again_every_three_seconds_at_most_and_ends_by_itself() -> None:
    chat = talking()
    assert type_(chat) == ["POST typing", "StartTyping answered"]
    assert chat.posted() == {"event": "chat_session_typing"}
    chat.reply(SEND)
    for _ in range(2):
        assert chat.wait(1.4) == []
        assert type_(chat) == ["StartTyping answered"]
    assert chat.wait(0.2) == []
    assert type_(chat) == ["POST typing", "StartTyping answered"]
    chat.reply(SEND)
    assert chat.wait(1.4) == []
    assert chat.wait(0.1) == ["POST not_typing"]
    chat.reply(SEND)
    assert chat.wait(10) == []
    assert type_(chat) == ["POST typing", "StartTyping answered"]


def test_typing_stops_when_the_app_says_so_and_only_if_it_was_told() -> None:
    chat = talking()
    assert chat.ask(i.StopTyping, thread=CHAT) == ["StopTyping answered"]
    type_(chat)
    chat.reply(SEND)
    assert chat.ask(i.StopTyping, thread=CHAT) == ["POST not_typing", "StopTyping answered"]
    chat.reply(SEND)
    assert chat.wait(5) == []


def test_typing_is_over_before_the_message_goes() -> None:
    chat = talking()
    type_(chat)
    chat.reply(SEND)
    assert "POST not_typing" in chat.ask(i.SendMessage, thread=CHAT, text="Hi")
    assert "POST message" in chat.reply(SEND)


def test_the_newest_takes_the_place_of_what_waits() -> None:
    chat = talking()
    chat.hear(said("Hi"))
    type_(chat)
    preview(chat, "H")
    assert chat.ask(i.StopTyping, thread=CHAT) == ["StopTyping answered"]
    assert chat.reply(SEND) == ["POST not_typing"]
    assert chat.reply(SEND) == []


def test_a_loss_drops_what_was_typed() -> None:
    chat = talking()
    type_(chat)
    preview(chat, "He")
    chat.fail(POLL)
    assert chat.session.deadlines.at("typing") is None
    chat.wait(1)
    chat.reply(SEND)
    assert chat.history() == ["chat ready", "GET events"]
    assert chat.wait(5) == []


def test_a_word_of_typing_that_fails_changes_nothing() -> None:
    chat = talking(policy=SLOW)
    type_(chat)
    assert chat.deny(SEND, "5500", 500) == []
    chat.wait(4)
    type_(chat)
    assert chat.deny(SEND, "5005") == []  # the poll tells how it ended
    assert "ended agent" in chat.hear(ENDED)


def test_the_end_leaves_no_word_of_typing_behind() -> None:
    chat = talking()
    type_(chat)
    chat.reply(SEND)
    preview(chat, "By")
    chat.ask(i.EndThread, thread=CHAT)
    chat.reply(SEND)
    chat.reply(SEND)
    assert "POST not_typing" not in chat.wait(5)
    chat.hear(ENDED)
    assert {chat.session.deadlines.at(name) for name in ("typing", "preview")} == {None}


# --- previews ---


def test_a_preview_goes_at_once_and_then_the_newest_of_each_interval() -> None:
    chat = talking(policy=SLOW)
    assert preview(chat, "W") == ["POST typing", "PreviewText answered"]
    assert chat.posted() == {"event": "chat_session_typing", "msg": "W"}
    chat.reply(SEND)
    for text in ("Wh", "Whe", "Wher"):
        assert preview(chat, text) == ["PreviewText answered"]
    assert chat.wait(1.2) == []
    assert chat.wait(0.05) == ["POST typing"]
    assert chat.posted()["msg"] == "Wher"
    chat.reply(SEND)
    assert chat.wait(4) == []  # nothing new
    type_(chat)
    assert chat.posted()["msg"] == "Wher"  # what was shown is still shown


def test_an_empty_preview_says_that_nothing_is_typed() -> None:
    chat = talking(policy=SLOW)
    preview(chat, "W")
    chat.reply(SEND)
    preview(chat, "")
    assert chat.wait(1.25) == ["POST not_typing"]


def test_what_was_sent_is_shown_no_more() -> None:
    chat = talking(policy=SLOW)
    preview(chat, "Wher")
    chat.reply(SEND)
    preview(chat, "Where")
    chat.ask(i.SendMessage, thread=CHAT, text="Where?")
    chat.reply(SEND)
    chat.reply(SEND)
    assert chat.wait(5) == []
    type_(chat)
    assert "msg" not in chat.posted()


def test_a_preview_that_is_too_long_is_refused() -> None:
    chat = talking()
    assert preview(chat, "x" * 40_000) == ["PreviewText refused invalid_value"]
    assert chat.refusal[1] == "the text is longer than 32768 characters"


# --- pages ---


def view(chat: Alone, **page: str) -> list[str]:
    """Look at a page."""
    return chat.ask(i.ViewPage, **(PAGE | page))


def test_a_page_is_told_when_it_changes() -> None:
    chat = talking()
    assert view(chat) == ["POST navigation"]
    posted = chat.posted()
    assert (posted["event"], posted["title"], posted["page"]) == ("chat_session_navigation", "Prices", PAGE["url"])
    assert posted["msg_id"]
    assert chat.reply(SEND) == ["ViewPage answered"]
    assert view(chat) == ["ViewPage answered"]
    assert view(chat, title="Other") == ["POST navigation"]


def test_a_page_from_before_is_told_once_when_a_chat_begins_and_again_in_the_next() -> None:
    chat = ready()
    assert view(chat) == ["ViewPage answered"]
    assert view(chat, title="Newest") == ["ViewPage answered"]
    chat.ask(i.StartThread)
    words = chat.reply("POST chats", {"chat_id": CHAT, "state": "queued", "is_new_chat": True})
    assert words[-2:] == ["GET events", "POST navigation"]
    assert chat.posted()["title"] == "Newest"
    assert chat.reply(SEND) == []
    chat.hear(ENDED)
    chat.ask(i.StartThread)
    words = chat.reply("POST chats", {"chat_id": "next", "state": "queued", "is_new_chat": True})
    assert words[-1] == "POST navigation"


def test_a_page_of_a_customer_who_signed_out_is_not_told_of_the_next() -> None:
    chat = ready()
    view(chat)
    chat.ask(i.SignOut)
    chat.saved()
    ready(chat=chat)
    chat.ask(i.StartThread)
    assert chat.reply("POST chats", {"chat_id": CHAT, "state": "queued", "is_new_chat": True})[-1] == POLL


def test_a_page_from_a_loss_is_told_after_it() -> None:
    chat = talking()
    chat.fail(POLL)
    assert view(chat) == ["ViewPage answered"]
    chat.wait(1)
    assert chat.history()[-1] == "POST navigation"


def test_a_page_that_was_not_taken_is_told_with_the_next_occasion() -> None:
    chat = talking()
    view(chat)
    assert chat.deny(SEND, "5500", 500) == ["ViewPage refused refused_by_center"]
    assert chat.refusal[1].startswith("the page was not taken: ")
    view(chat)
    view(chat, title="Other")
    chat.deny(SEND, "5500", 500)  # the older one; the newer is on its way
    assert chat.reply(SEND) == ["ViewPage answered"]
    assert view(chat, title="Other") == ["ViewPage answered"]


@pytest.mark.parametrize(
    ("page", "says"),
    [
        ({"url": ""}, "a page needs a url"),
        ({"title": "x" * 40_000}, "the page's title or url is longer than 32768 characters"),
        ({"url": "x" * 40_000}, "the page's title or url is longer than 32768 characters"),
    ],
)
def test_a_page_that_is_none_is_refused(page: dict[str, str], says: str) -> None:
    chat = talking()
    assert view(chat, **page) == ["ViewPage refused invalid_value"]
    assert chat.refusal[1] == says


# --- signals ---


@pytest.mark.parametrize(
    ("kind", "event"),
    [
        (SignalKind.CALL, "chat_session_signaling"),
        (SignalKind.COBROWSING_STARTED, "chat_session_cobrowsing_started"),
        (SignalKind.COBROWSING_REJECTED, "chat_session_cobrowsing_rejected"),
        (SignalKind.COBROWSING_ENDED, "chat_session_cobrowsing_ended"),
    ],
)
def test_a_signal_is_passed_on_and_answered_when_it_was_taken(kind: SignalKind, event: str) -> None:
    chat = talking()
    data = {"provider_type": "SURFLY"}
    signal(chat, kind=kind, data=json.dumps(data))
    posted = chat.posted()
    assert posted["event"] == event
    if kind is SignalKind.CALL:
        assert (posted["destination_party_id"], posted["data"]) == (AGENT, data)
    else:
        assert posted == {"event": event} | data
    assert chat.reply(SEND) == ["SendSignal answered"]


def test_a_signal_is_for_the_party_that_is_named() -> None:
    chat = started()
    assert signal(chat) == ["SendSignal refused invalid_value"]
    assert chat.refusal[1] == "a signal of a call is for someone: no party is named, and no agent is there"
    signal(chat, party="B")
    assert chat.posted()["destination_party_id"] == "B"


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"data": "[1]"}, "the data of a signal is a JSON object, as text"),
        ({"data": "{"}, "the data of a signal is a JSON object, as text"),
        ({"data": "x" * 40_000}, "the signal's data or party is longer than 32768 characters"),
        ({"party": "x" * 1025}, "the signal's data or party is longer than 1024 characters"),
        ({"kind": SignalKind.COBROWSING_REQUESTED}, "cobrowsing requested is for the other side to say"),
    ],
)
def test_a_signal_that_cannot_go_is_refused(fields: dict[str, Any], says: str) -> None:
    chat = talking()
    assert signal(chat, **fields) == ["SendSignal refused invalid_value"]
    assert chat.refusal[1] == says


def test_a_signal_that_was_not_taken_is_refused() -> None:
    chat = talking()
    signal(chat)
    assert chat.fail(SEND) == ["SendSignal refused connection_lost"]
    signal(chat)
    assert chat.deny(SEND, "5005") == ["SendSignal refused thread_ended"]
    assert "ended agent" in chat.hear(ENDED)


def test_signals_that_wait_do_not_wait_for_the_return_and_not_without_end() -> None:
    chat = talking(policy=Policy(outbox=2))
    signal(chat)
    assert signal(chat) == []
    assert signal(chat) == ["SendSignal refused limit_reached"]
    assert view(chat) == ["ViewPage refused limit_reached"]
    assert "SendSignal refused connection_lost" in chat.fail(POLL)
    assert chat.reply(SEND) == ["SendSignal answered"]


def test_what_is_typed_while_the_history_is_read_is_not_said_later_and_what_was_read_is_no_more_than_that() -> None:
    chat = talking()
    chat.hear(said("Hello", "4"))
    chat.reply(SEND)
    chat.fail(POLL)
    chat.wait(1)
    assert type_(chat) == ["StartTyping answered"]
    assert preview(chat, "W") == ["PreviewText answered"]
    for _ in range(2):
        assert chat.ask(i.MarkRead, thread=CHAT) == ["MarkRead answered"]
    words = chat.history(said("Hello", "4"), said("Are you there?", "5"))
    posted = [word for word in words if word.startswith("POST")]
    while chat.open_calls().count(SEND):
        posted += [word for word in chat.reply(SEND) if word.startswith("POST")]
    assert sorted(posted) == ["POST message_delivered", "POST message_read"]
    chat.wait(5)
    told = [json.loads(command.body)["events"][0] for command in chat.log
            if isinstance(command, SendRequest) and b"ref_msg_id" in command.body]  # fmt: skip
    assert [event["ref_msg_id"] for event in told if event["event"].endswith("read")] == ["4"]
