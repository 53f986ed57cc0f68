"""A poll that was cut, timed out or stopped may have taken events: the history is read before anything else is told."""

from collections.abc import Callable
from itertools import permutations

import pytest
from msgspec.structs import replace

from deskline_core import inputs as i
from deskline_core.events import HistoryLoaded, MessageReceived
from deskline_core.model import Upload
from tests.core.brightpattern.alone import (
    AGENT,
    BOT,
    CHAT,
    ENDED,
    HISTORY,
    POLL,
    SEND,
    STEADY,
    TIMED_OUT,
    V1,
    WARNED,
    Alone,
    joined,
    left,
    said,
    started,
    status,
    talking,
)
from tests.core.brightpattern.every_request import right_fields

QUIET = replace(STEADY, receipts=False)
"""Nothing is on its way but what is looked at."""
PAST = (said("welcome", id="0", party=BOT), joined(), status("connected"))
LOST = said("lost", id="6", seconds=1)
LATER = said("later", id="8", seconds=2)


def again(chat: Alone) -> list[str]:
    """Come back, whichever way is needed, as far as the history."""
    words = chat.ask(i.Open)
    for _ in range(30):
        if HISTORY not in chat.open_calls():
            words += chat.wait(1)
    return words


def heard(chat: Alone) -> list[str]:
    """Return the texts of the other side that the app was told, in order."""
    told = [event.message for event in chat.told(MessageReceived)]
    loaded = [message for event in chat.told(HistoryLoaded) for message in event.messages]
    return [message.text for message in (*loaded, *told) if not message.mine]


def leave(chat: Alone) -> list[str]:
    """The chat is not wanted for a while."""
    return chat.ask(i.Disconnect)


CUTS: dict[str, Callable[[Alone], list[str]]] = {
    "failed": lambda chat: chat.fail(POLL),
    "failed before it left": lambda chat: chat.fail(POLL, sent="no"),
    "timed out": lambda chat: chat.wait(30),
    "refused for now": lambda chat: chat.reply(POLL, status=503),
    "given up by a proxy": lambda chat: chat.reply(POLL, b"<html>", status=504),
    "chat server gone": lambda chat: chat.deny(POLL, "5004", status=503),
    "not JSON": lambda chat: chat.reply(POLL, b"<html>"),
    "cut in the middle": lambda chat: chat.reply(POLL, b'{"events":[{"event":"chat_session_message","msg":"lo'),
    "stopped": leave,
}
"""How a poll may end that has taken something."""
UNHEARD = ("failed", "timed out", "given up by a proxy", "stopped")
"""Those after which it may be held still."""
BETWEEN = said("between", id="7", seconds=1)
"""What such a poll takes when the history was read already, and the next poll is not there yet."""


@pytest.mark.row("I8", "11.1/6", "20.5/1", "20.5/2", "B48")
@pytest.mark.parametrize("way", CUTS)
def test_what_a_poll_took_that_failed_is_read_back_first(way: str) -> None:
    chat = talking(policy=QUIET)
    CUTS[way](chat)
    again(chat)
    assert heard(chat) == []
    words = chat.history(*PAST, LOST)
    assert words.index("heard lost") < words.index("chat ready") < words.index(POLL)
    chat.hear(LATER)
    if way in UNHEARD:
        chat.history(*PAST, LOST, LATER)
    assert heard(chat) == ["welcome", "lost", "later"]
    assert POLL in chat.open_calls()


@pytest.mark.row("11.1/6")
@pytest.mark.parametrize("way", UNHEARD)
def test_what_it_takes_while_nobody_waits_for_it_is_read_back_when_the_next_one_is_answered(way: str) -> None:
    chat = talking(policy=QUIET)
    CUTS[way](chat)
    again(chat)
    chat.history(*PAST, LOST)
    assert chat.hear(LATER) == [HISTORY, POLL]
    assert chat.session.state == "ready"
    chat.ask(i.SendMessage, thread=CHAT, text="meanwhile")
    assert SEND in chat.open_calls()
    assert chat.history(*PAST, LOST, BETWEEN, LATER) == ["heard between", "heard later"]
    assert heard(chat) == ["welcome", "lost", "between", "later"]
    assert chat.hear(said("and on", id="9", seconds=3)) == ["heard and on", POLL]


def looking_back() -> Alone:
    """Return a session that reads the history once more after a loss, while it polls on."""
    chat = talking(policy=QUIET)
    chat.fail(POLL)
    again(chat)
    chat.history(*PAST, LOST)
    assert chat.hear(LATER) == [HISTORY, POLL]
    return chat


@pytest.mark.row("11.1/6", "B47")
def test_polls_that_come_too_fast_keep_it_no_less_ready_meanwhile() -> None:
    chat = looking_back()
    chat.hear()
    assert chat.hear() == []
    assert chat.wait(1) == [POLL]
    assert chat.session.state == "ready"


@pytest.mark.row("11.1/6", "B39")
def test_a_history_that_was_asked_for_before_is_asked_for_anew() -> None:
    chat = talking(policy=QUIET)
    chat.fail(POLL)
    again(chat)
    chat.history(*PAST, LOST)
    chat.ask(i.SendMessage, thread=CHAT, text="there?")
    assert HISTORY in chat.fail(SEND)
    assert chat.hear(LATER) == ["stop GET history", HISTORY, POLL]
    chat.history(*PAST, LOST, BETWEEN, LATER)
    assert heard(chat) == ["welcome", "lost", "between", "later"]


@pytest.mark.row("11.1/6", "B52")
def test_what_the_poll_brings_out_of_sight_does_not_wait_for_the_app() -> None:
    chat = looking_back()
    chat.ask(i.EnterBackground)
    chat.wait(5)
    assert chat.open_calls() == [POLL]
    assert chat.hear(said("and on", id="9", seconds=3)) == [HISTORY]
    chat.history(*PAST, LOST, BETWEEN, LATER)
    assert heard(chat) == ["welcome", "lost", "between", "later", "and on"]


@pytest.mark.row("11.1/6", "B49")
def test_what_another_poll_took_meanwhile_is_read_as_well() -> None:
    chat = looking_back()
    chat.deny(POLL, "5509", status=400)
    assert chat.wait(20) == ["stop GET history", HISTORY, "chat connected"], "what that one took may be missing in it"


@pytest.mark.row("11.1/6", "B58")
def test_what_it_was_answered_with_is_told_though_there_is_no_history_any_more() -> None:
    chat = talking(policy=QUIET)
    chat.fail(POLL)
    again(chat)
    chat.history(*PAST)
    assert chat.hear(LATER, ENDED) == [HISTORY, POLL]
    words = chat.deny(HISTORY, "5005")
    assert words[:3] == ["heard later", "thread ended", "ended agent"]


@pytest.mark.row("11.1/6", "B48")
def test_a_second_look_that_fails_is_a_loss_like_any_other() -> None:
    chat = looking_back()
    assert chat.fail(HISTORY) == ["chat connecting"]
    again(chat)
    chat.history(*PAST, LOST, BETWEEN, LATER)
    assert heard(chat) == ["welcome", "lost", "between", "later"]


@pytest.mark.parametrize("way", [way for way in CUTS if way != "stopped"])
def test_so_it_is_out_of_sight(way: str) -> None:
    chat = talking(policy=QUIET)
    chat.ask(i.EnterBackground)
    CUTS[way](chat)
    chat.wait(30)
    if HISTORY not in chat.open_calls():
        chat.wait(30)
    assert chat.open_calls() == [HISTORY]
    words = chat.history(*PAST, LOST)
    assert words == ["heard welcome", "heard lost", POLL]
    chat.hear(LATER)
    if way in UNHEARD:
        chat.history(*PAST, LOST, LATER)
    assert heard(chat) == ["welcome", "lost", "later"]


@pytest.mark.row("20.5/2")
def test_what_a_poll_brings_waits_for_the_history_that_is_being_read() -> None:
    chat = talking(policy=QUIET)
    chat.ask(i.SendMessage, thread=CHAT, text="there?")
    chat.fail(SEND)
    assert sorted(chat.open_calls()) == [POLL, HISTORY]
    assert chat.hear(LATER) == []
    chat.history(*PAST, LOST)
    assert heard(chat) == ["welcome", "lost", "later"]


def test_a_poll_that_fails_while_the_history_is_read_asks_for_a_newer_one() -> None:
    chat = talking(policy=QUIET)
    chat.ask(i.SendMessage, thread=CHAT, text="there?")
    chat.fail(SEND)
    assert chat.fail(POLL) == ["stop GET history", "GET history"]
    chat.history(*PAST, LOST)
    assert heard(chat) == ["welcome", "lost"]
    assert chat.session.state == "ready"


@pytest.mark.row("5005", "20.5/5")
def test_what_was_held_back_is_told_before_the_end_when_the_history_is_gone() -> None:
    chat = talking(policy=QUIET)
    chat.ask(i.SendMessage, thread=CHAT, text="there?")
    chat.fail(SEND)
    chat.hear(LATER)
    words = chat.deny(HISTORY, "5005")
    assert words.index("heard later") < words.index("ended lost")


def test_an_end_that_was_held_back_tells_why_though_the_history_is_gone() -> None:
    chat = talking(policy=QUIET)
    chat.ask(i.SendMessage, thread=CHAT, text="there?")
    chat.fail(SEND)
    chat.hear(LATER, TIMED_OUT)
    words = chat.deny(HISTORY, "5005")
    assert words.index("heard later") < words.index("ended inactivity: The chat was closed.")
    assert "ended lost" not in words


def test_what_the_answer_of_an_older_center_told_is_read_back_when_it_is_lost() -> None:
    chat = started(site=V1, policy=QUIET)
    chat.hear(*PAST)
    chat.ask(i.StartTyping, thread=CHAT)
    assert HISTORY in chat.fail(SEND)
    chat.history(*PAST, LOST)
    assert heard(chat) == ["welcome", "lost"]


def test_an_answer_of_an_older_center_that_cannot_be_read_is_told() -> None:
    chat = started(site=V1, policy=QUIET)
    chat.ask(i.StartTyping, thread=CHAT)
    assert chat.reply(SEND, b"<html>") == ["undecodable not a JSON object"]


# --- every interleaving of what the polls and the history bring ---

SAID = [said(text, id=str(number), seconds=number // 2) for number, text in enumerate(("a", "b", "c", "d", "e"))]
SPLITS = [(taken, seen) for taken in range(6) for seen in range(taken, 6)]
"""How many a poll had taken that was lost, and how many the history holds: all of those, and perhaps more."""


@pytest.mark.row("W4", "W5", "W7", "20.5/9")
@pytest.mark.parametrize("hears_first", [True, False], ids=["poll first", "history first"])
@pytest.mark.parametrize(("taken", "seen"), SPLITS)
def test_history_and_polls_give_each_message_once_and_in_order(taken: int, seen: int, *, hears_first: bool) -> None:
    """A message in doubt asks for the history while a poll is open, whose answer comes before or after it."""
    chat = started(policy=QUIET)
    chat.hear(*SAID[:taken])
    chat.ask(i.SendMessage, thread=CHAT, text="mine")
    chat.fail(SEND)
    if hears_first:
        chat.hear(*SAID[taken:])
        chat.history(*SAID[:seen])
    else:
        chat.history(*SAID[:seen])
        chat.hear(*SAID[taken:])
    assert heard(chat) == ["a", "b", "c", "d", "e"]
    shown = [message.text for message in chat.thread.messages if not message.mine]
    assert shown == ["a", "b", "c", "d", "e"]


@pytest.mark.row("W7", "20.5/4")
@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_history_in_any_order_is_told_by_its_times(order: tuple[int, ...]) -> None:
    given = [said(text, id=text, seconds=number) for number, text in enumerate("abcd")]
    chat = started(policy=QUIET)
    chat.fail(POLL)
    again(chat)
    chat.history(*(given[position] for position in order))
    assert heard(chat) == ["a", "b", "c", "d"]


def test_a_second_repeated_history_brings_nothing() -> None:
    chat = talking(policy=QUIET)
    for _ in range(3):
        chat.fail(POLL)
        again(chat)
        chat.history(*PAST, LOST, WARNED)
    assert heard(chat) == ["welcome", "lost"]
    assert len(chat.thread.messages) == 2


# --- terminal signals ---

GONE = "5005"
SIGNALS = {
    "ended": (ENDED, "unknown"),
    "timed out": (TIMED_OUT, "inactivity"),
    "misspelt": (TIMED_OUT | {"event": "chat_session_inactvity_timeout"}, "inactivity"),
    "failed": (status("failed"), "failed"),
}
PAIRS = [(first, second) for first in (*SIGNALS, GONE) for second in (*SIGNALS, GONE, "all")]


@pytest.mark.row("20.5/5", "I7", "A7", "B28")
@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_terminal_signals_end_it_once_with_the_first_ones_reason(first: str, second: str) -> None:
    chat = started(policy=QUIET)
    rest = list(SIGNALS.values()) if second == "all" else [SIGNALS[second]] if second != GONE else []
    if first == GONE:
        words = chat.deny(POLL, GONE)
        reason = "lost"
    else:
        event, reason = SIGNALS[first]
        words = chat.hear(event, *(other for other, _ in rest), LATER)
    ends = [word for word in words if word.startswith("ended")]
    assert [end.partition(":")[0] for end in ends] == [f"ended {reason}"]
    assert chat.open_calls() == []
    assert chat.wait(3600) == []
    assert heard(chat) == []
    assert chat.thread.state == "ended"


@pytest.mark.row("20.5/5")
@pytest.mark.parametrize("first", SIGNALS)
def test_a_history_that_holds_the_end_ends_it_once(first: str) -> None:
    chat = talking(policy=QUIET)
    chat.fail(POLL)
    again(chat)
    event, _ = SIGNALS[first]
    words = chat.history(*PAST, LOST, event, ENDED)
    assert words.index("heard lost") < min(n for n, word in enumerate(words) if word.startswith("ended"))
    assert len([word for word in words if word.startswith("ended")]) == 1
    assert POLL not in chat.open_calls()
    chat.reply("GET availability", {"chat": "available"})
    assert chat.wait(3600) == []


def test_who_left_and_came_meanwhile_is_known() -> None:
    chat = talking(policy=QUIET)
    chat.fail(POLL)
    again(chat)
    words = chat.history(
        *PAST, left(seconds=3), joined("B-2", "Ben", seconds=4), said("hi", id="9", party="B-2", seconds=5)
    )
    assert [word for word in words if word.startswith(("left", "joined", "heard"))] == [
        "heard welcome", "left Mara L.", "joined Ben", "heard hi",
    ]  # fmt: skip
    assert [party.id for party in chat.thread.parties] == ["B-2"]
    assert AGENT not in {party.id for party in chat.thread.parties}


# --- messages that wait for an answer which does not come ---


def test_a_message_in_doubt_of_a_chat_that_proves_to_be_over_has_failed() -> None:
    chat = talking(policy=replace(QUIET, resend_uncertain=True))
    chat.ask(i.SendMessage, thread=CHAT, text="there?")
    chat.fail(SEND)
    words = chat.history(*PAST, ENDED)
    assert words.index("ended agent") < words.index("message failed")
    assert "message queued" not in words


def test_a_text_that_answers_a_form_waits_in_the_outbox_when_the_connection_is_lost() -> None:
    chat = talking(policy=replace(QUIET, free_text_forms="form"))
    chat.hear({"event": "chat_session_form_show", "form_request_id": "17", "form_name": ""})
    chat.ask(i.StartTyping, thread=CHAT)
    chat.ask(i.SendMessage, thread=CHAT, text="an answer")
    words = chat.fail(POLL)
    assert "message queued" in words
    chat.reply(SEND)
    chat.wait(1)
    chat.history(*PAST)
    assert chat.posted()["event"] == "chat_session_form_data"


def test_a_receipt_for_what_was_not_sent_holds_up_nothing_behind_it() -> None:
    chat = talking(policy=QUIET)
    note = Upload(name="a.txt", content=b"x", mime_type="text/plain")
    chat.ask(i.SendMessage, thread=CHAT, text="behind it", attachments=(note,))
    file = chat.thread.messages[-2].id
    words = chat.hear({"event": "chat_session_message_read", "ref_msg_id": file, "party_id": AGENT})
    assert words[:2] == ["stop POST files", "message seen"]
    assert "POST message" in words


@pytest.mark.parametrize("kind", [i.CancelForm, i.LoadMore, i.WrapUp])
def test_what_is_asked_while_the_history_is_read_is_settled_when_the_chat_ends_meanwhile(
    kind: type[i.AppRequest],
) -> None:
    chat = talking(policy=QUIET)
    chat.ask(i.EndThread, thread=CHAT)
    chat.reply(SEND)
    chat.fail(POLL)
    chat.wait(1)
    chat.ask(kind, **right_fields(kind))
    number = chat.asked
    assert chat.session.requests.is_open(number)
    assert "ended customer" in chat.wait(10)
    assert not chat.session.requests.is_open(number)


def test_the_longest_history_that_is_read_brings_no_event_twice() -> None:
    chat = talking(policy=QUIET)
    most = QUIET.max_events - 5
    happened = [joined(BOT, "Bot"), left(BOT, seconds=1), *(said("x", str(n), seconds=2) for n in range(most))]
    chat.hear(*happened)
    chat.fail(POLL)
    chat.wait(1)
    assert chat.history(*PAST[1:], *happened) == ["chat ready", POLL]
