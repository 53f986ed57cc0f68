"""Rows B46-B53, B57, B58, D720-D724: the long poll, and what fills a gap (reference, section 11.1)."""

import pytest

from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.brightpattern.chat_table import LIVE, TERMINAL
from deskline_core.brightpattern.chat_table import ChatStage as C
from deskline_core.brightpattern.connection_table import ConnectionState as S
from deskline_core.lifecycle import EndReason
from deskline_core.policy import Policy
from tests.core.brightpattern.alone import (
    AGENT,
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
    at,
    joined,
    left,
    said,
    started,
    status,
    talking,
    typing,
    when,
)
from tests.core.brightpattern.standing import KEPT, ONCE, at_stage, known, reach

ALIVE = (*LIVE, C.ENDING)
CASE = {"event": "chat_session_case_set", "case_id": "CS-1001", "timestamp": at(2)}
SURVEY = {"event": "chat_session_form_show", "form_request_id": "17", "form_name": "survey_form", "timestamp": at(8)}
SECURE = {"event": "chat_session_secure_form_show", "form_request_id": "18", "form_id": "card_form"}
PAGE = {"event": "chat_session_navigation", "party_id": CHAT, "msg_id": "p", "page": "x", "timestamp": at(9)}


def stage(chat: Alone) -> str:
    """Return where the current chat stands."""
    return chat.leaf.desk.current.leaf


@pytest.mark.row("B46")
def test_events_are_told_in_their_order_and_the_next_poll_follows_at_once() -> None:
    for living in LIVE:
        chat = at_stage(living)
        for number in range(3):
            words = chat.hear(said("two", f"{number}2", seconds=9), said("one", f"{number}4", seconds=5))
            assert [word for word in words if word.startswith("heard")] == ["heard two", "heard one"], living
            assert words[-1] == POLL
    sent = started().sent(POLL)
    assert sent.held
    assert sent.deadline == started().now + 30
    assert sent.url.reveal().endswith(f"/chats/{CHAT}/events?tenantUrl=acme.brightpattern.com")


@pytest.mark.row("B47")
def test_a_poll_that_brings_nothing_is_repeated_and_after_a_pause_if_that_came_too_fast() -> None:
    for living in LIVE:
        bodies: tuple[object, ...] = ({"events": []}, b"", {"error_code": "5511"}, {})
        for body in bodies:
            chat = at_stage(living)
            chat.wait(10)
            assert chat.reply(POLL, body) == [POLL], (living, body)
            assert chat.reply(POLL, body) == [POLL]
            assert chat.reply(POLL, body) == []
            assert chat.wait(0.9) == []
            assert chat.wait(0.1) == [POLL]
            chat.wait(1)
            assert chat.reply(POLL, body) == [POLL]
            assert chat.reply(POLL, body) == [POLL]


def test_no_events_with_an_error_status_are_no_events_either() -> None:
    chat = talking()
    chat.wait(10)
    assert chat.deny(POLL, "5511", 404) == [POLL]


@pytest.mark.row("D720")
def test_while_it_is_being_ended_it_is_polled_on() -> None:
    chat = at_stage(C.ENDING)
    for number in range(4):
        assert chat.hear(said("Bye", f"{number}0")) == ["heard Bye", POLL]
    chat = at_stage(C.ENDING)
    assert [chat.hear(), chat.hear(), chat.wait(1)] == [[POLL], [], [POLL]]


@pytest.mark.row("B48", "B57")
def test_a_poll_that_fails_is_a_gap_and_the_history_comes_before_the_next() -> None:
    for alive in ALIVE:
        for code, http in (
            ("", 0),
            ("5000", 500),
            ("5001", 503),
            ("5004", 503),
            ("5500", 500),
            ("5955", 500),
            ("", 502),
        ):
            chat = at_stage(alive)
            words = chat.deny(POLL, code, http) if http else chat.fail(POLL)
            assert "chat connecting" in words
            assert POLL not in chat.open_calls()
            assert chat.wait(0.9) == []
            assert chat.wait(0.1) == ["chat connected", HISTORY]
            words = chat.history(said("missed", "8"))
            assert words[0] == "heard missed"
            assert words.index("heard missed") < words.index(POLL)


@pytest.mark.row("B48")
def test_a_poll_that_is_not_answered_in_time_or_answered_with_nonsense_has_failed() -> None:
    chat = talking()
    assert chat.wait(30) == [f"stop {POLL}", "chat connecting"]
    for body in (b"<html>", b"[]", b'{"events": 7}', b'{"events": [', b"\xff"):
        chat = talking()
        words = chat.reply(POLL, body)
        assert words[-1] == "chat connecting"
        assert words[0].startswith("undecodable")


@pytest.mark.row("B48")
def test_a_poll_that_fails_while_a_history_is_read_makes_it_be_read_again() -> None:
    chat = talking()
    chat.ask(i.SendMessage, thread=CHAT, text="one")
    assert chat.fail(SEND) == ["message uncertain", "chat connected", HISTORY]
    assert chat.fail(POLL) == [f"stop {HISTORY}", HISTORY]
    assert chat.history(said("one", chat.posted()["msg_id"], CHAT), said("missed", "8"))[:3] == [
        "message delivered", "heard missed", "chat ready",
    ]  # fmt: skip


@pytest.mark.row("B49")
def test_another_poll_is_waited_for_longer_than_it_is_held() -> None:
    for alive in ALIVE:
        for code, http in (("5509", 429), ("", 429), ("", 400), ("5509", 400), ("", 406)):
            chat = at_stage(alive)
            if SEND in chat.open_calls():
                chat.reply(SEND)
            chat.session.deadlines.clear("end")
            assert chat.deny(POLL, code, http) == []
            assert chat.wait(19.9) == [], alive
            assert chat.wait(0.1)[-1:] == [HISTORY]
            words = chat.history(said("taken by it", "8"))
            assert ("heard taken by it" in words, POLL in words) == (True, True)
            assert (stage(chat), chat.leaf.poll.gap) == (alive, False)


@pytest.mark.row("B50")
def test_wrong_settings_end_it() -> None:
    for living in LIVE:
        for code, http in (("3000", 403), ("5006", 404), ("", 403), ("", 401)):
            chat = at_stage(living)
            words = chat.deny(POLL, code, http)
            assert "ended failed" in words, living
            assert (stage(chat), chat.open_calls().count(POLL)) == (C.FAILED, 0)
            assert chat.told(e.ThreadEnded)[0].reason is EndReason.FAILED


@pytest.mark.row("D721")
def test_wrong_settings_while_it_is_being_ended_are_its_end() -> None:
    chat = at_stage(C.ENDING)
    assert chat.deny(POLL, "3000", 403)[:2] == ["thread ended", "ended customer"]


@pytest.mark.row("B51")
def test_a_session_that_is_gone_is_lost_or_has_ended_as_was_asked() -> None:
    for alive in ALIVE:
        for code in ("5005", ""):
            chat = at_stage(alive)
            words = chat.deny(POLL, code)
            reason = "ended customer" if alive is C.ENDING else "ended lost"
            assert [word for word in words if word.startswith("ended")] == [reason]
            assert (stage(chat), chat.open_calls().count(POLL)) == (C.ENDED if alive is C.ENDING else C.LOST, 0)
            assert "chat" not in chat.session.kept


def test_out_of_sight_the_poll_finishes_and_is_then_slow() -> None:
    for alive in ALIVE:
        chat = at_stage(alive)
        if SEND in chat.open_calls():
            chat.reply(SEND)
        chat.session.deadlines.clear("end")
        chat.ask(i.EnterBackground)
        assert chat.open_calls() == [POLL], alive
        assert chat.hear(said("Hello")) == ["heard Hello"]
        assert chat.wait(29.9) == []
        assert chat.wait(0.1) == [POLL]


@pytest.mark.row("B52")
def test_out_of_sight_a_chat_that_rests_between_polls_goes_on_slowly() -> None:
    for alive in ALIVE:
        chat = at_stage(alive)
        if SEND in chat.open_calls():
            chat.reply(SEND)
        chat.session.deadlines.clear("end")
        chat.deny(POLL, "5509", 429)
        chat.ask(i.EnterBackground)
        assert chat.session.deadlines.at("poll") == chat.now + 30, alive


def test_out_of_sight_what_may_be_lost_is_read_before_the_next_poll() -> None:
    chat = talking()
    chat.ask(i.EnterBackground)
    assert chat.fail(POLL) == []
    assert chat.wait(30) == [HISTORY]
    assert chat.fail(HISTORY) == []
    assert chat.wait(30) == [HISTORY]
    assert chat.history(said("missed", "8")) == ["heard missed", POLL]
    assert chat.hear() == [HISTORY]
    assert chat.history(said("missed", "8")) == [POLL]
    assert chat.hear() == []
    assert chat.wait(30) == [POLL]


def test_back_in_sight_while_a_history_is_read_it_is_not_asked_for_again() -> None:
    chat = talking()
    chat.ask(i.EnterBackground)
    chat.fail(POLL)
    assert chat.wait(30) == [HISTORY]
    assert chat.ask(i.EnterActive) == ["EnterActive answered", "chat connected"]
    assert chat.history(said("missed", "8"))[:3] == ["heard missed", "chat ready", POLL]


@pytest.mark.row("B53")
def test_back_in_sight_after_a_rest_the_history_is_read_and_then_it_is_polled() -> None:
    for alive in ALIVE:
        chat = at_stage(alive)
        if SEND in chat.open_calls():
            chat.reply(SEND)
        chat.session.deadlines.clear("end")
        chat.ask(i.EnterBackground)
        chat.hear()
        assert chat.open_calls() == []
        assert chat.ask(i.EnterActive)[-1] == HISTORY, alive
        assert chat.history()[-1] == POLL


@pytest.mark.row("B53")
def test_back_in_sight_the_history_comes_first_if_something_may_be_lost() -> None:
    chat = talking()
    chat.ask(i.EnterBackground)
    chat.fail(POLL)
    assert chat.ask(i.EnterActive) == ["EnterActive answered", "chat connected", HISTORY]
    assert chat.history(said("missed", "8"))[:3] == ["heard missed", "chat ready", POLL]


@pytest.mark.row("B53")
def test_back_after_a_loss_it_goes_on() -> None:
    chat = reach(S.WAITING)
    chat.wait(1)
    assert chat.history() == ["chat ready", POLL]


@pytest.mark.row("B57")
def test_of_a_history_only_what_is_new_is_told() -> None:
    for alive in ALIVE:
        chat = at_stage(alive)
        chat.hear(said("known", "2", seconds=1), typing(seconds=2))
        chat.fail(POLL)
        chat.wait(1)
        words = chat.history(said("known", "2", seconds=1), said("missed", "6", seconds=3), left("nobody"))
        assert [word for word in words if word.startswith(("heard", "types"))] == ["heard missed"], alive
        assert chat.thread.messages[-1].created_at == when(3)


@pytest.mark.row("B57")
def test_what_came_while_the_history_was_read_follows_it_once() -> None:
    chat = talking()
    chat.ask(i.SendMessage, thread=CHAT, text="one")
    chat.fail(SEND)
    assert chat.hear(said("live", "10", seconds=9)) == []
    words = chat.history(said("missed", "8", seconds=8), said("live", "10", seconds=9))
    assert [word for word in words if word.startswith("heard")] == ["heard missed", "heard live"]


@pytest.mark.row("B57")
def test_the_end_may_be_in_it() -> None:
    for end, over, reason in ((ENDED, C.ENDED, "ended agent"), (TIMED_OUT, C.TIMED_OUT, "ended inactivity"),
                              (status("failed"), C.FAILED, "ended failed")):  # fmt: skip
        chat = talking()
        chat.fail(POLL)
        chat.wait(1)
        words = chat.history(said("Bye", "8"), end)
        assert words[:2] == ["heard Bye", "thread ended"]
        assert words[2].startswith(reason)
        assert stage(chat) == over


@pytest.mark.row("B57")
def test_of_what_passes_the_last_counts() -> None:
    chat = talking()
    chat.fail(POLL)
    chat.wait(1)
    words = chat.history(
        CASE | {"case_id": "CS-1"}, WARNED, status("queued", "9"), CASE, status("connected"), SECURE, SURVEY, PAGE
    )
    assert words[:4] == ["form 18 card_form", "case CS-1001", "form 17 survey_form", "warned Are you still there?"]


@pytest.mark.row("B58")
def test_a_history_that_is_gone_is_the_end() -> None:
    for living in LIVE:
        for code in ("5005", "", "5502"):
            chat = at_stage(living)
            chat.fail(POLL)
            chat.wait(1)
            words = chat.deny(HISTORY, code)
            assert [word for word in words if word.startswith("ended")] == ["ended lost"], living
            assert words[-2:] == ["chat connecting", "GET availability"]
            assert stage(chat) == C.LOST


@pytest.mark.row("D724")
def test_a_history_that_is_gone_while_it_is_being_ended_is_its_end() -> None:
    chat = at_stage(C.ENDING)
    chat.fail(POLL)
    chat.wait(1)
    assert chat.deny(HISTORY, "5005")[:2] == ["thread ended", "ended customer"]


def test_a_history_that_cannot_be_read_is_told_and_tried_again() -> None:
    chat = reach(S.WAITING)
    chat.wait(1)
    words = chat.reply(HISTORY, b"<html>")
    assert words == ["undecodable not a JSON object", "chat connecting"]
    assert chat.wait(2) == ["chat connected", HISTORY]


def test_what_is_held_back_is_bounded_and_counted() -> None:
    chat = talking(policy=Policy(max_events=2, backoff=STEADY.backoff))
    chat.ask(i.SendMessage, thread=CHAT, text="one")
    chat.fail(SEND)
    chat.hear(said("a", "10"), said("b", "12"), said("c", "14"))
    assert chat.session.counts["events over the limit"] == 1
    words = chat.history()
    assert [word for word in words if word.startswith("heard")] == ["heard a", "heard b"]


def test_a_chat_of_before_is_one_page_and_what_of_it_still_stands() -> None:
    chat = known(Alone(restored=KEPT))
    words = chat.history(
        {"event": "chat_session_message", "msg_id": "1", "msg": "Hi", "timestamp": at(0)},
        joined("B", "Noor", seconds=1), said("Noor here", "2", "B", 1), left("B", 2), joined(seconds=3),
        said("Mara here", "4", seconds=3), typing(seconds=4), status("connected"), CASE, SECURE, SURVEY, PAGE,
    )  # fmt: skip
    assert words == [
        "thread open", "stage connected", "joined Mara L.", "loaded Hi | Noor here | Mara here", "form 18 card_form",
        "case CS-1001", "form 17 survey_form", "chat ready", POLL,
    ]  # fmt: skip
    mine, noor, mara = chat.thread.messages
    assert (mine.mine, noor.party.name, mara.party.name) == (True, "Noor", "Mara L.")
    assert [party.id for party in chat.thread.parties] == [AGENT]


def test_a_form_that_was_answered_and_a_warning_that_was_too_no_longer_stand() -> None:
    chat = known(Alone(restored=KEPT))
    answered = {"event": "chat_session_form_data", "form_request_id": "18", "party_id": CHAT}
    gone = {"event": "chat_session_secure_form_cancel", "form_request_id": "19"}
    reply = said("I am here", "9", CHAT, 9)
    warned = WARNED | {"timestamp": at(8)}
    words = chat.history(SURVEY, SECURE, SECURE | {"form_request_id": "19"}, warned, answered, gone, reply)
    assert words == ["thread open", "stage scripted", "loaded I am here", "chat ready", POLL]


def test_messages_of_one_second_stay_in_their_order_and_others_are_sorted() -> None:
    chat = known(Alone(restored=KEPT))
    undated = {key: value for key, value in said("c", "6").items() if key != "timestamp"}
    chat.history(said("d", "8", seconds=9), said("a", "4", seconds=5), said("b", "2", seconds=5), undated)
    assert [message.text for message in chat.thread.messages] == ["a", "b", "c", "d"]


@pytest.mark.row("D722")
def test_a_push_for_somebody_else_is_not_ours() -> None:
    for alive in ALIVE:
        chat = at_stage(alive)
        before = chat.open_calls()
        assert chat.ask(i.NotePush, conversation="another") == ["NotePush answered"]
        assert chat.answers[chat.asked] is False
        assert chat.open_calls() == before


@pytest.mark.row("D723")
def test_a_push_that_nobody_wants_now_is_not_followed() -> None:
    for state in (C.IDLE, C.REQUESTING, *TERMINAL):
        chat = at_stage(state)
        if state is not C.REQUESTING:
            chat.ask(i.Disconnect)
        before = chat.open_calls()
        assert chat.ask(i.NotePush, conversation="another")[-1] == "NotePush answered", state
        assert chat.answers[chat.asked] is False
        assert chat.open_calls() == before


def test_what_an_older_center_answers_a_post_with_is_taken_as_if_polled() -> None:
    chat = talking(site=V1)
    chat.ask(i.SendMessage, thread=CHAT, text="one")
    assert chat.reply(SEND, {"events": [said("live", "8"), said("x", "9")]})[:2] == ["heard live", "heard x"]
    words = chat.hear(said("live", "8"), said("x", "9"))
    assert [word for word in words if word.startswith("heard")] == []
    chat.ask(i.SendMessage, thread=CHAT, text="two")
    assert chat.reply(SEND, b"<html>")[:2] == ["undecodable not a JSON object", "message sent"]


def test_a_poll_that_is_due_while_the_history_is_read_waits_for_that() -> None:
    chat = talking()
    chat.deny(POLL, "5509", 429)
    chat.ask(i.SendMessage, thread=CHAT, text="one")
    assert chat.fail(SEND, sent="no") == ["message queued", "chat connecting"]
    assert chat.wait(1) == ["chat connected", HISTORY]
    assert chat.wait(20) == ["stop GET history", HISTORY], "the other one took on after that was asked for"
    assert chat.open_calls() == [HISTORY]
    assert POLL in chat.history()


@pytest.mark.row("B49")
def test_what_another_poll_took_behind_an_early_history_is_read_before_anything_else_is_told() -> None:
    chat = talking()
    chat.deny(POLL, "5509", 429)
    chat.ask(i.SendMessage, thread=CHAT, text="one")
    chat.fail(SEND)  # in doubt: the history is read while the other poll is still open
    assert POLL in chat.history()
    assert chat.hear(said("after it", "9")) == ["chat connected", HISTORY]
    words = chat.history(said("taken by it", "8"), said("after it", "9"))
    assert [word for word in words if word.startswith("heard")] == ["heard taken by it", "heard after it"]
    assert POLL in words
    assert chat.hear(said("and on", "10"))[-1] == POLL


def test_what_waited_for_a_history_that_tells_the_end_is_answered_by_it() -> None:
    chat = reach(S.WAITING)
    chat.wait(1)
    chat.ask(i.LoadMore, thread=CHAT)
    chat.ask(i.WrapUp, thread=CHAT)
    chat.ask(i.StartThread)
    words = chat.history(ENDED)
    assert [word for word in words if " answered" in word or " refused" in word] == [
        "LoadMore answered",
        "WrapUp refused thread_ended",
    ]
    assert chat.reply("GET availability", {"chat": "available"})[-1] == "POST chats"


def test_what_waited_for_its_turn_does_not_go_after_the_end() -> None:
    chat = talking()
    chat.ask(i.SendMessage, thread=CHAT, text="one")
    chat.ask(i.WrapUp, thread=CHAT)
    assert "WrapUp answered" in chat.hear(ENDED)
    chat.saved()
    assert (chat.reply(SEND), chat.open_calls()) == (["message sent"], [])
    chat = talking()
    chat.ask(i.SendMessage, thread=CHAT, text="one")
    assert chat.hear(said("two", "8")) == ["heard two", POLL]
    chat.hear(ENDED)
    assert (chat.reply(SEND), chat.open_calls()) == (["message sent"], [])


def test_a_lost_chat_is_not_polled() -> None:
    chat = talking(policy=ONCE)
    chat.fail(POLL)
    assert (chat.wait(3600), chat.open_calls()) == ([], [])
