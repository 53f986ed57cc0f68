"""A post or a history that finds no session any more may overtake the end, which the poll brings: rows D743-D746."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.brightpattern.chat_table import LIVE
from deskline_core.model import Upload
from tests.core.brightpattern.alone import (
    CHAT,
    ENDED,
    HISTORY,
    POLL,
    SEND,
    TIMED_OUT,
    Alone,
    said,
    started,
    status,
    talking,
)
from tests.core.brightpattern.standing import at_stage

CASE = {"event": "chat_session_case_set", "case_id": "CS-1"}
SURVEY = {"event": "chat_session_form_show", "form_request_id": "17", "form_name": "survey"}
READ = "GET casehistory"
NOTE = Upload(name="note.txt", content=b"note", mime_type="text/plain")


def over_there(*, chat: Alone | None = None) -> Alone:
    """Return a session whose chat is over at the far side, as a message has found out before the poll did."""
    chat = chat or talking()
    chat.ask(i.SendMessage, thread=CHAT, text="And the price?")
    assert chat.deny(SEND, "5005") == ["message failed"]
    assert chat.thread.state == "open"
    return chat


def ends(words: list[str]) -> list[str]:
    return [word for word in words if word.startswith(("heard", "ended"))]


@pytest.mark.row("D743")
def test_the_agent_s_last_words_are_told_and_who_ended_it() -> None:
    chat = over_there()
    assert ends(chat.hear(said("It is 20 euros. Goodbye!", "5"), ENDED)) == [
        "heard It is 20 euros. Goodbye!",
        "ended agent",
    ]
    assert [message.text for message in chat.thread.messages] == ["It is 20 euros. Goodbye!", "And the price?"]
    assert (chat.open_calls(), chat.session.deadlines.at("last news")) == ([], None)


@pytest.mark.row("D743")
def test_it_is_polled_on_until_the_end_comes() -> None:
    chat = over_there()
    assert chat.hear(said("One moment", "5")) == ["heard One moment", POLL]
    assert chat.wait(5) == []
    assert ends(chat.hear(ENDED)) == ["ended agent"]


@pytest.mark.row("B51")
def test_a_poll_that_finds_it_gone_as_well_ends_it_at_once() -> None:
    chat = over_there()
    assert ends(chat.deny(POLL, "5005")) == ["ended lost"]
    assert chat.session.deadlines.at("last news") is None


@pytest.mark.row("B58")
def test_a_poll_that_fails_meanwhile_leaves_it_to_the_history() -> None:
    chat = over_there()
    assert chat.fail(POLL) == ["chat connecting"]
    assert chat.wait(1) == ["chat connected", HISTORY]
    assert ends(chat.deny(HISTORY, "5005")) == ["ended lost"]


@pytest.mark.row("D744")
def test_nor_does_a_lost_connection_keep_it_open() -> None:
    chat = over_there()
    chat.fail(POLL)
    for _ in range(3):
        chat.wait(1)
        if HISTORY in chat.open_calls():
            chat.fail(HISTORY)
    assert "ended lost" in chat.wait(8)


@pytest.mark.row("D744")
def test_what_else_finds_it_gone_does_not_make_the_wait_longer() -> None:
    chat = talking()
    chat.hear(CASE)
    over_there(chat=chat)
    chat.wait(9)
    chat.ask(i.LoadMore, thread=CHAT)
    assert chat.deny(READ, "5005") == ["LoadMore refused thread_ended"]
    assert ends(chat.wait(1)) == ["ended lost"]


def in_doubt() -> Alone:
    """Return a session that reads the history, and has asked about the case before that; its poll is open."""
    chat = talking()
    chat.hear(CASE)
    chat.ask(i.LoadMore, thread=CHAT)
    chat.ask(i.SendMessage, thread=CHAT, text="there?")
    assert HISTORY in chat.fail(SEND)
    return chat


@pytest.mark.row("D743")
def test_what_is_held_back_until_the_history_is_read_stays_in_order() -> None:
    chat = in_doubt()
    assert chat.deny(READ, "5005") == ["LoadMore refused thread_ended"]
    assert ends(chat.hear(said("two", "6", seconds=6), ENDED)) == []
    assert ends(chat.history(said("one", "5", seconds=5))) == ["heard one", "heard two", "ended agent"]


@pytest.mark.row("B38")
def test_what_is_held_back_is_told_before_the_end_where_nothing_more_can_come() -> None:
    chat = in_doubt()
    chat.hear(said("two", "6", seconds=6))
    assert POLL not in chat.open_calls()
    assert ends(chat.deny(READ, "5005")) == ["heard two", "ended lost"]


@pytest.mark.row("D746")
def test_a_history_that_is_gone_overtakes_the_last_words_no_more_than_a_post_does() -> None:
    chat = in_doubt()
    assert chat.deny(HISTORY, "5005") == ["chat ready"]
    assert ends(chat.hear(said("Goodbye", "5"), ENDED)) == ["heard Goodbye", "ended agent"]
    assert chat.open_calls() == [READ]


@pytest.mark.row("D746")
def test_nor_does_one_that_is_read_once_more_after_a_loss() -> None:
    chat = talking()
    chat.fail(POLL)
    chat.wait(1)
    chat.history()
    chat.hear(said("one", "5"))
    over_there(chat=chat)
    assert ends(chat.deny(HISTORY, "5005")) == ["heard one"]
    assert ends(chat.hear(said("Goodbye", "6"), ENDED)) == ["heard Goodbye", "ended agent"]


@pytest.mark.row("D746", "D744")
@pytest.mark.parametrize("stage", [*LIVE, "ending"])
def test_no_longer_than_for_a_while(stage: str) -> None:
    chat = at_stage(stage)
    chat.leaf.desk.current.fire("history_gone")
    reason = "customer" if stage == "ending" else "lost"
    assert ends(chat.wait(9.9)) == []
    assert f"ended {reason}" in chat.wait(0.1)


# --- nothing more is sent ---


@pytest.mark.row("D743")
def test_nothing_is_posted_meanwhile_and_whoever_waits_is_answered_when_it_ends() -> None:
    chat = talking()
    chat.hear(SURVEY, said("Hello", "4"))
    chat.reply(SEND)  # it is told that it came
    over_there(chat=chat)
    assert chat.ask(i.SendMessage, thread=CHAT, text="there?") == ["message queued", "SendMessage answered"]
    chat.ask(i.AwaitSettled, message=chat.answers[chat.asked])
    chat.ask(i.SendMessage, thread=CHAT, text="", attachments=(NOTE,))
    chat.ask(i.StartTyping, thread=CHAT)
    chat.ask(i.MarkRead, thread=CHAT)
    chat.ask(i.ViewPage, title="Help", url="https://shop.example/help")
    chat.ask(i.SubmitForm, thread=CHAT, form="17", data=(("a", "b"),))
    chat.ask(i.WrapUp, thread=CHAT)
    chat.wait(3)
    chat.ask(i.EndThread, thread=CHAT)
    assert chat.open_calls() == [POLL]
    words = chat.hear(said("Goodbye", "5"), ENDED)
    assert ends(words) == ["heard Goodbye", "ended customer"]
    assert [word for word in words if " refused " in word or " answered" in word or word == "message failed"] == [
        "ViewPage refused thread_ended", "SubmitForm refused thread_ended", "EndThread answered", "WrapUp answered",
        "message failed", "AwaitSettled answered", "message failed",
    ]  # fmt: skip
    assert SEND not in chat.open_calls()
    assert chat.wait(600) == []


@pytest.mark.row("D743")
def test_a_file_that_is_uploaded_meanwhile_is_not_told_of() -> None:
    chat = talking()
    chat.hear(CASE)
    chat.ask(i.SendMessage, thread=CHAT, text="", attachments=(NOTE,))
    chat.ask(i.CloseCase, thread=CHAT)
    assert chat.deny("POST closecase", "5005") == ["CloseCase refused thread_ended"]
    assert chat.reply("POST files", {"file_id": "F"}) == ["message queued"]
    assert chat.open_calls() == [POLL]
    assert "message failed" in chat.hear(ENDED)


# --- the next one ---


@pytest.mark.row("D745")
@pytest.mark.parametrize("reuse", [False, True])
@pytest.mark.parametrize("stage", LIVE)
def test_the_next_one_begins_when_this_one_has_ended(stage: str, *, reuse: bool) -> None:
    chat = at_stage(stage)
    chat.leaf.desk.current.fire("post_gone")
    assert chat.ask(i.StartThread, reuse=reuse) == []
    words = chat.hear(ENDED)
    assert words.index("thread ended") < words.index("POST chats")
    chat.reply("POST chats", {"chat_id": "another", "state": "queued", "is_new_chat": True})
    assert [(thread.id, thread.state) for thread in chat.session.threads.values()] == [
        (CHAT, "ended"),
        ("another", "open"),
    ]
    assert "ended lost" not in chat.wait(20)


@pytest.mark.row("D745")
def test_what_was_said_behind_the_end_is_not_of_the_next_one() -> None:
    chat = over_there()
    chat.ask(i.StartThread)
    chat.hear(ENDED, TIMED_OUT)
    chat.reply("POST chats", {"chat_id": "another", "state": "queued", "is_new_chat": True})
    assert ends(chat.hear(ENDED)) == ["ended unknown"]


# --- out of sight, and no more ---


@pytest.mark.row("D743")
def test_out_of_sight_the_last_words_come_all_the_same() -> None:
    chat = over_there()
    chat.ask(i.EnterBackground)
    assert ends(chat.wait(5)) == []
    assert chat.open_calls() == [POLL]
    assert ends(chat.hear(said("Goodbye", "5"), ENDED)) == ["heard Goodbye", "ended agent"]


@pytest.mark.row("D743")
def test_a_post_that_is_answered_out_of_sight_waits_for_them_too() -> None:
    chat = talking()
    chat.ask(i.SendMessage, thread=CHAT, text="And the price?")
    chat.ask(i.EnterBackground)
    chat.wait(5)
    assert chat.deny(SEND, "5005") == ["message failed"]
    assert ends(chat.hear(said("Goodbye", "5"), ENDED)) == ["heard Goodbye", "ended agent"]


@pytest.mark.row("D744")
@pytest.mark.parametrize("kind", [i.EnterBackground, i.Disconnect])
def test_nor_is_it_waited_for_any_longer_where_the_app_is_gone(kind: Any) -> None:
    chat = over_there()
    chat.ask(kind)
    assert ends(chat.wait(9.9)) == []
    assert ends(chat.wait(0.1)) == ["ended lost"]


@pytest.mark.row("D743")
def test_back_in_sight_nothing_is_posted_either() -> None:
    chat = over_there()
    chat.ask(i.EnterBackground)
    chat.ask(i.SendMessage, thread=CHAT, text="there?")
    chat.wait(5)
    chat.ask(i.EnterActive)
    assert (chat.session.state, chat.open_calls()) == ("ready", [POLL])
    assert "message failed" in chat.hear(ENDED)


@pytest.mark.row("D737")
def test_whoever_signs_out_waits_for_no_last_words() -> None:
    chat = over_there()
    assert ends(chat.ask(i.SignOut)) == ["ended lost"]
    assert chat.session.deadlines.at("last news") is None


def test_a_scenario_that_ends_it_meanwhile_is_told_as_it_says() -> None:
    chat = over_there(chat=started())
    assert ends(chat.hear(status("failed"))) == ["ended failed"]
    assert chat.wait(600) == []
