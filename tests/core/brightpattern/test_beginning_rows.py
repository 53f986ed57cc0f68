"""Rows B2-B10 and D701-D706: requesting a chat, and looking for one of before."""

import json

import pytest

from deskline_core import inputs as i
from deskline_core.brightpattern.chat_table import LIVE, TERMINAL
from deskline_core.brightpattern.chat_table import ChatStage as C
from deskline_core.brightpattern.connection_table import ConnectionState as S
from deskline_core.errors import RefusalCode
from deskline_core.lifecycle import ThreadState
from deskline_core.policy import Backoff, Policy
from tests.core.brightpattern.alone import (
    AGENT,
    CHAT,
    ENDED,
    HISTORY,
    POLL,
    SEND,
    TIMED_OUT,
    Alone,
    joined,
    left,
    ready,
    said,
    status,
    talking,
)  # fmt: skip
from tests.core.brightpattern.standing import KEPT, ONCE, at_stage, known, reach

CHATS, ACTIVE = "POST chats", "GET active"
WORDS = {
    "ivr": C.SCRIPTED, "establishing": C.SCRIPTED, "queued": C.QUEUED, "connecting": C.CONNECTING,
    "connected": C.CONNECTED, "completed": C.COMPLETED, "Connected": C.CONNECTED, "paused": C.SCRIPTED, "": C.SCRIPTED,
}  # fmt: skip
"""The far side's word for the state of a chat that begins, and ours."""


def answer(state: str = "queued", *, is_new: bool = True, chat_id: str = CHAT, **more: object) -> dict[str, object]:
    """Return what the far side answers to a request for a chat."""
    return {"chat_id": chat_id, "state": state, "is_new_chat": is_new, **more}


def requesting(**settings: object) -> Alone:
    """Return a session that has requested a chat."""
    return at_stage(C.REQUESTING, **settings)


def stage(chat: Alone) -> str:
    """Return where the current chat stands."""
    return chat.leaf.desk.current.leaf


# --- start ---


@pytest.mark.row("B2")
def test_a_chat_is_requested_with_what_the_customer_said() -> None:
    chat = Alone()
    chat.ask(i.SetCustomer, id="customer-7", first_name="Ada", last_name="Lovelace")
    ready(chat=chat)
    given = (("email", "ada@example.test"), ("phone_number", "+15550100"), ("company", ""))
    assert chat.ask(i.StartThread, answers=given) == [CHATS]
    assert json.loads(chat.sent(CHATS).body) == {
        "phone_number": "+15550100", "from": "Ada Lovelace",
        "parameters": {"first_name": "Ada", "last_name": "Lovelace", "email": "ada@example.test"},
    }  # fmt: skip
    assert not chat.session.threads


@pytest.mark.row("B2")
def test_a_new_chat_takes_the_place_of_one_that_is_over() -> None:
    for over in TERMINAL:
        chat = at_stage(over)
        assert chat.ask(i.StartThread) == [CHATS]
        words = chat.reply(CHATS, answer(chat_id="another"))
        assert words == ["thread open", "stage queued", "save chat", "StartThread answered", "queue None", POLL]
        assert [thread.state for thread in chat.session.threads.values()] == [ThreadState.ENDED, ThreadState.OPEN]


@pytest.mark.row("D701")
def test_whoever_would_have_the_current_one_waits_for_it() -> None:
    chat = requesting()
    assert chat.ask(i.StartThread, reuse=True) == []
    words = chat.reply(CHATS, answer())
    assert words.count("StartThread answered") == 2
    assert [chat.answers[chat.asked - 1], chat.answers[chat.asked]] == [CHAT, CHAT]


@pytest.mark.row("B3")
def test_a_second_request_is_refused() -> None:
    chat = requesting()
    assert chat.ask(i.StartThread) == ["StartThread refused illegal_state"]
    assert chat.refusal[1:] == ("a chat is being requested already", "the conversation is requesting")
    assert chat.open_calls() == [CHATS]


@pytest.mark.row("D702")
def test_whoever_would_have_the_current_one_has_it() -> None:
    for living in LIVE:
        chat = at_stage(living)
        assert chat.ask(i.StartThread, reuse=True) == ["StartThread answered"], living
        assert chat.answers[chat.asked] == CHAT


@pytest.mark.row("D703")
def test_there_is_one_conversation_at_a_time() -> None:
    for living in LIVE:
        assert at_stage(living).ask(i.StartThread) == ["StartThread refused illegal_state"], living


@pytest.mark.row("D704")
def test_the_next_one_begins_when_the_last_has_ended() -> None:
    chat = at_stage(C.ENDING)
    assert chat.ask(i.StartThread) == []
    chat.reply(SEND)
    words = chat.hear(ENDED)
    assert words.index("ended customer") < words.index(CHATS)
    chat.reply(CHATS, answer(chat_id="another"))
    assert [thread.id for thread in chat.session.threads.values()] == [CHAT, "another"]


# --- it is made ---


@pytest.mark.row("B4")
def test_a_new_chat_stands_where_the_far_side_says() -> None:
    for word, then in WORDS.items():
        chat = requesting()
        words = chat.reply(CHATS, answer(word, ewt="45"))
        waits = ["queue 45.0"] if then is C.QUEUED else []
        assert words == ["thread open", f"stage {then}", "save chat", "StartThread answered", *waits, POLL], word
        assert stage(chat) == then
        assert chat.answers[chat.asked] == CHAT
        assert chat.session.kept["chat"] == CHAT


@pytest.mark.row("B4", "B5")
def test_a_chat_whose_first_word_is_that_it_failed_is_none() -> None:
    for is_new in (True, False):
        chat = requesting()
        assert chat.reply(CHATS, answer("failed", is_new=is_new)) == ["StartThread refused refused_by_center"]
        assert (stage(chat), chat.open_calls(), dict(chat.session.threads)) == (C.FAILED, [], {})
        assert "chat" not in chat.session.kept
        assert chat.ask(i.StartThread) == [CHATS]


@pytest.mark.row("B5")
def test_of_a_chat_that_was_there_the_history_is_read_before_the_poll_begins() -> None:
    for word, then in WORDS.items():
        chat = requesting()
        words = chat.reply(CHATS, answer(word, is_new=False, ewt="3"))
        waits = ["queue 3.0"] if then is C.QUEUED else []
        assert words == [
            "thread open", f"stage {then}", "save chat", "StartThread answered", *waits, "chat connected", HISTORY,
        ], word  # fmt: skip
        assert chat.open_calls() == [HISTORY]
        assert chat.history(said("Hello")) == ["loaded Hello", "chat ready", POLL]
        assert chat.hear(said("Hello"), said("Here I am", id="6")) == [HISTORY, POLL]  # a poll of before may take some
        assert chat.history(said("Hello"), said("Here I am", id="6"))[0] == "heard Here I am"


@pytest.mark.row("B5")
def test_a_chat_that_was_there_and_is_found_out_of_sight_is_polled_after_its_history() -> None:
    chat = requesting()
    chat.ask(i.EnterBackground)
    assert chat.reply(CHATS, answer(is_new=False))[-1] != HISTORY
    assert chat.open_calls() == []
    assert chat.wait(29) == []
    assert chat.wait(1) == [HISTORY]
    assert chat.history(said("Hello")) == ["loaded Hello", POLL]


# --- it is not made ---


@pytest.mark.row("B6")
def test_wrong_settings_are_told_and_nothing_is_repeated() -> None:
    for code, status_ in (
        ("1000", 403),
        ("3000", 403),
        ("5006", 403),
        ("", 403),
        ("5003", 400),
        ("", 404),
        ("5502", 404),
    ):
        chat = requesting()
        (word,) = chat.deny(CHATS, code, status_)
        assert word.startswith("StartThread refused"), code
        assert chat.refusals[-1].remote_code == code
        assert (stage(chat), chat.wait(3600)) == (C.IDLE, [])
        assert chat.ask(i.StartThread) == [CHATS]


@pytest.mark.row("B7")
def test_no_chat_server_is_told_at_once() -> None:
    for code in ("5001", ""):
        chat = requesting()
        assert chat.deny(CHATS, code, 503) == ["StartThread refused offline"]
        assert (stage(chat), chat.wait(3600)) == (C.IDLE, [])
        assert chat.ask(i.StartThread) == [CHATS]


@pytest.mark.row("B8")
def test_what_may_have_been_made_is_requested_again() -> None:
    chat = requesting(policy=Policy(rest_retry=Backoff(first=1, jitter=(0, 0), growth=2), rest_attempts=3))
    assert chat.fail(CHATS) == []
    assert chat.wait(0.9) == []
    assert chat.wait(0.1) == [CHATS]
    assert chat.deny(CHATS, "5000", 500) == []
    assert chat.wait(1.9) == []
    assert chat.wait(0.1) == [CHATS]
    assert chat.reply(CHATS, b"no chat") == ["StartThread refused refused_by_center"]
    assert (stage(chat), chat.wait(3600)) == (C.IDLE, [])


@pytest.mark.row("B8")
def test_the_repeat_brings_the_session_that_the_lost_answer_told_of() -> None:
    chat = requesting()
    chat.fail(CHATS)
    chat.wait(1)
    words = chat.reply(CHATS, answer(is_new=False))
    assert "StartThread answered" in words
    assert words[-1] == HISTORY


@pytest.mark.row("B8")
def test_the_attempts_are_counted_anew_for_each_request() -> None:
    chat = requesting(policy=ONCE)
    assert chat.fail(CHATS) == ["StartThread refused connection_lost"]
    assert chat.ask(i.StartThread) == [CHATS]


# --- nobody wants it ---


@pytest.mark.row("B9")
def test_a_late_session_is_ended_unseen() -> None:
    chat = requesting()
    assert chat.withdraw(chat.asked) == []
    assert chat.open_calls() == [CHATS]
    assert chat.reply(CHATS, answer()) == ["save chat", "POST end"]
    assert (stage(chat), dict(chat.session.threads), chat.session.state) == (C.ENDING, {}, "ready")
    chat.saved()
    assert chat.reply(SEND) == []
    assert chat.wait(10) == ["forget chat"]
    assert (stage(chat), chat.session.kept.get("chat")) == (C.ENDED, None)


@pytest.mark.row("B9")
def test_a_late_session_is_ended_before_a_disconnect_is_done() -> None:
    chat = requesting()
    assert chat.ask(i.Disconnect) == ["chat prepared", "StartThread refused connection_lost"]
    assert chat.reply(CHATS, answer()) == ["save chat", "POST end"]
    assert chat.deny(SEND, "5005") == ["forget chat", "Disconnect answered"]


def test_whoever_comes_meanwhile_has_it_all_the_same() -> None:
    chat = requesting()
    chat.withdraw(chat.asked)
    assert chat.ask(i.StartThread, reuse=True) == []
    assert "thread open" in chat.reply(CHATS, answer())


def test_one_of_several_who_no_longer_waits_changes_nothing() -> None:
    chat = requesting()
    first = chat.asked
    chat.ask(i.StartThread, reuse=True)
    chat.withdraw(first)
    assert chat.reply(CHATS, answer()) == [
        "thread open", "stage queued", "save chat", "StartThread answered", "queue None", POLL,
    ]  # fmt: skip


@pytest.mark.row("D705")
def test_a_late_session_of_an_earlier_attempt_is_ended_too_and_one_of_before_is_not() -> None:
    chat = requesting()
    chat.fail(CHATS)
    chat.withdraw(chat.asked)
    assert chat.wait(1) == [CHATS]
    assert chat.reply(CHATS, answer(is_new=False)) == ["save chat", "POST end"]
    chat = requesting()
    chat.withdraw(chat.asked)
    assert chat.reply(CHATS, answer(is_new=False))[-1] == HISTORY


@pytest.mark.row("D705", "B9")
def test_the_end_of_a_late_session_is_repeated_and_then_left_to_the_far_side() -> None:
    chat = requesting(policy=Policy(rest_attempts=2, rest_retry=Backoff(first=1, jitter=(0, 0), growth=1)))
    chat.fail(CHATS)
    chat.withdraw(chat.asked)
    chat.wait(1)
    chat.reply(CHATS, answer(is_new=False))
    assert chat.fail(SEND) == []
    assert chat.wait(1)[-1] == "POST end"
    assert chat.fail(SEND) == []
    assert chat.wait(10) == ["forget chat"]


# --- of before ---


@pytest.mark.row("B10")
def test_a_chat_of_before_stands_where_its_history_says() -> None:
    for word, then in WORDS.items():
        chat = known(Alone(restored=KEPT))
        words = chat.history(said("Hello"), status("ivr"), status(word) | {"state": word or "ivr"})
        told = {"paused": ["unknown chat_session_status paused"], "queued": ["queue None"]}.get(word, [])
        assert words == ["thread open", f"stage {then}", "loaded Hello", *told, "chat ready", POLL], word
        assert stage(chat) == then


@pytest.mark.row("B10")
def test_without_a_status_the_state_is_told_by_who_is_there() -> None:
    for events, then in (
        ((), C.SCRIPTED), ((joined(),), C.CONNECTED), ((joined(), left()), C.SCRIPTED),
        ((joined(type="scenario"),), C.SCRIPTED),
    ):  # fmt: skip
        chat = known(Alone(restored=KEPT))
        chat.history(*events)
        assert stage(chat) == then
    chat = reach(S.FINDING)
    chat.reply(ACTIVE, {"chat_id": CHAT, "state": "queued"})
    chat.history(said("Hello"))
    assert stage(chat) == C.QUEUED


@pytest.mark.row("B10")
def test_a_chat_of_before_that_is_over_is_told_with_its_end_and_one_that_failed_is_not() -> None:
    for end, reason in ((ENDED, "agent"), (TIMED_OUT, "inactivity: The chat was closed.")):
        chat = known(Alone(restored=KEPT))
        words = chat.history(joined(), said("Bye"), end)
        assert words == [
            "thread open", "stage connected", "joined Mara L.", "loaded Bye", "thread ended", f"ended {reason}",
            "forget chat", "chat connecting", "GET availability",
        ]  # fmt: skip
    chat = known(Alone(restored=KEPT))
    assert chat.history(said("Bye"), status("failed")) == ["forget chat", "chat connecting", "GET availability"]
    assert (stage(chat), dict(chat.session.threads)) == (C.FAILED, {})


@pytest.mark.row("B10")
def test_a_chat_of_before_that_is_gone_is_forgotten() -> None:
    for code, http in (("5005", 404), ("", 404), ("5502", 404)):
        chat = known(Alone(restored=KEPT))
        assert chat.deny(HISTORY, code, http) == ["forget chat", "chat connecting", "GET availability"]
        assert (stage(chat), chat.leaf.desk.current.chat_id) == (C.IDLE, "")
        assert not chat.session.threads


@pytest.mark.row("D706")
def test_the_id_of_a_chat_that_could_not_be_looked_for_is_kept() -> None:
    for let in ("fail", "leave", "rest"):
        chat = known(Alone(restored=KEPT))
        if let == "fail":
            assert chat.fail(HISTORY) == ["chat prepared"]
        else:
            chat.ask(i.Disconnect if let == "leave" else i.EnterBackground)
        assert (stage(chat), chat.session.kept["chat"]) == (C.IDLE, CHAT)
        chat.ask(i.Connect if let != "rest" else i.EnterActive)
        assert chat.open_calls() == [HISTORY]


def test_what_is_requested_is_not_given_up_with_the_connection() -> None:
    chat = requesting()
    chat.ask(i.EnterBackground)
    assert (stage(chat), chat.open_calls()) == (C.REQUESTING, [CHATS])
    assert "StartThread answered" in chat.reply(CHATS, answer())


# --- another customer ---


def test_what_was_requested_for_one_customer_is_never_another_s() -> None:
    chat = requesting()
    chat.fail(CHATS)
    assert chat.ask(i.SignOut)[:2] == ["chat signing out", "StartThread refused chat_closed"]
    chat.saved()
    assert chat.wait(3600) == []
    chat = requesting()
    number = next(iter(chat.calls))
    assert f"stop {CHATS}" in chat.ask(i.SignOut)
    chat.saved()
    ready(chat=chat)
    chat.ask(i.StartThread)
    body = json.dumps(answer()).encode()
    assert chat.put(i.ResponseReceived(id=number, status=200, body=body, headers=())) == []
    assert stage(chat) == C.REQUESTING


def test_the_customer_s_own_answers_are_checked() -> None:
    chat = ready(policy=Policy(max_fields=1))
    assert chat.ask(i.StartThread, answers=(("email", "\ud800"),)) == ["StartThread refused invalid_value"]
    assert chat.ask(i.StartThread, answers=(("\ud800", "x"),)) == ["StartThread refused invalid_value"]
    assert chat.ask(i.StartThread, answers=(("a", "x"), ("b", "y"))) == ["StartThread refused limit_reached"]
    assert chat.refusals[-1].code == RefusalCode.LIMIT_REACHED
    assert chat.ask(i.StartThread, answers=(("a", "x"),)) == [CHATS]


def test_a_chat_that_is_wanted_while_the_site_is_looked_for_begins_when_it_is_open() -> None:
    chat = reach(S.CHECKING)
    assert chat.ask(i.StartThread) == []
    assert chat.reply("GET availability", {"chat": "available"}) == ["chat ready", CHATS]
    chat = talking()
    assert AGENT in chat.leaf.desk.current.parties_by_id
