"""Rows B40-B45, D713-D719 and D742: leaving the agent, and ending the session (flow F2)."""

import pytest

from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.brightpattern.chat_table import OPEN, TERMINAL
from deskline_core.brightpattern.chat_table import ChatStage as C
from deskline_core.lifecycle import EndReason
from deskline_core.model import Upload
from deskline_core.policy import Backoff, Policy
from tests.core.brightpattern.alone import (
    CHAT,
    ENDED,
    HISTORY,
    POLL,
    SEND,
    TIMED_OUT,
    Alone,
    joined,
    left,
    said,
    started,
    status,
    talking,
)
from tests.core.brightpattern.standing import at_stage, unheard

HELD = Policy(poll_timeout=3600, backoff=Backoff(first=1, jitter=(0, 0)), rest_retry=Backoff(first=1, jitter=(0, 0)))
"""A far side that holds a poll for as long as it likes."""
TWICE = Policy(poll_timeout=3600, rest_attempts=2, rest_retry=Backoff(first=1, jitter=(0, 0), growth=1))
SERVED = (C.SCRIPTED, C.QUEUED, C.CONNECTING, C.CONNECTED)
NOTE = Upload(name="a.txt", content=b"x", mime_type="text/plain")
UPLOAD = "POST files"
SURVEY = {"event": "chat_session_form_show", "form_request_id": "17", "form_name": "survey_form"}


def stage(chat: Alone) -> str:
    """Return where the current chat stands."""
    return chat.leaf.desk.current.leaf


def wrapped(**settings: object) -> Alone:
    """Return a session whose customer has left the agent, which the far side took."""
    chat = at_stage(C.WRAPPING, **settings)
    chat.reply(SEND)
    return chat


# --- leaving the agent ---


@pytest.mark.row("B40")
def test_leaving_the_agent_is_said_and_the_scenario_goes_on() -> None:
    for served in SERVED:
        chat = at_stage(served)
        assert chat.ask(i.WrapUp, thread=CHAT)[0] == "stage wrapping", served
        assert chat.posted() == {"event": "chat_session_disconnect"}
        assert chat.reply(SEND) == ["WrapUp answered"]
        assert (stage(chat), chat.open_calls()) == (C.WRAPPING, [POLL])
        assert chat.ask(i.SendMessage, thread=CHAT, text="thanks")[-1] == "POST message"


@pytest.mark.row("B40")
def test_leaving_the_agent_is_said_again_where_it_may_be_lost_and_then_refused() -> None:
    chat = at_stage(C.WRAPPING, policy=TWICE)
    assert chat.fail(SEND) == []
    assert chat.wait(1) == ["POST disconnect"]
    assert chat.fail(SEND) == ["WrapUp refused connection_lost"]
    chat = at_stage(C.WRAPPING)
    assert chat.deny(SEND, "5003", 400) == ["WrapUp refused refused_by_center"]
    assert chat.refusals[-1].remote_code == "5003"


@pytest.mark.row("B40")
def test_where_the_session_is_over_there_is_no_agent_to_leave() -> None:
    for code in ("5005", ""):
        chat = unheard(at_stage(C.WRAPPING))
        words = chat.deny(SEND, code)
        assert words[:2] == ["thread ended", "ended lost"]
        assert "WrapUp answered" in words


@pytest.mark.row("B40")
def test_leaving_the_agent_waits_for_what_was_written_before_and_for_nothing_else() -> None:
    chat = talking(policy=HELD)
    for text in ("one", "two"):
        chat.ask(i.SendMessage, thread=CHAT, text=text)
    chat.ask(i.SendMessage, thread=CHAT, text="", attachments=(NOTE,))
    assert chat.ask(i.WrapUp, thread=CHAT) == ["stage wrapping"]
    chat.ask(i.SendMessage, thread=CHAT, text="three")
    assert chat.reply(SEND)[-1] == "POST message"
    assert chat.reply(SEND)[-1] == UPLOAD
    assert chat.ask(i.WrapUp, thread=CHAT) == []
    assert chat.reply(UPLOAD, {"file_id": "F"})[-1] == "POST file"
    assert chat.reply(SEND)[-2:] == ["POST disconnect", "message sending"]  # which waits behind it
    assert chat.reply(SEND) == ["WrapUp answered", "WrapUp answered", "POST message"]


@pytest.mark.row("B40")
def test_leaving_the_agent_is_said_after_a_loss_though_nobody_waits_for_it() -> None:
    chat = talking(policy=HELD)
    chat.ask(i.SendMessage, thread=CHAT, text="one")
    chat.ask(i.WrapUp, thread=CHAT)
    assert "WrapUp refused connection_lost" in chat.fail(POLL)
    chat.reply(SEND)
    chat.wait(1)
    assert "POST disconnect" in chat.history()
    assert chat.reply(SEND) == []
    assert chat.ask(i.WrapUp, thread=CHAT) == ["WrapUp answered"]


def test_where_nobody_serves_it_by_the_time_there_is_nothing_left_to_wrap_up() -> None:
    chat = talking(policy=HELD)
    chat.ask(i.SendMessage, thread=CHAT, text="one")
    chat.ask(i.WrapUp, thread=CHAT)
    assert "WrapUp answered" in chat.hear(status("completed"))
    assert "POST disconnect" not in chat.reply(SEND)


@pytest.mark.row("D742")
def test_leaving_the_agent_is_said_again_where_it_was_not_taken() -> None:
    chat = at_stage(C.WRAPPING)
    chat.deny(SEND, "5003", 400)
    assert chat.ask(i.WrapUp, thread=CHAT) == ["POST disconnect"]
    assert chat.reply(SEND) == ["WrapUp answered"]


def test_whom_the_customer_could_not_leave_ends_it() -> None:
    chat = at_stage(C.WRAPPING)
    chat.deny(SEND, "5003", 400)
    chat.hear(ENDED)
    assert chat.told(e.ThreadEnded)[0].reason is EndReason.AGENT


@pytest.mark.row("B41")
def test_leaving_the_agent_twice_is_leaving_once() -> None:
    chat = wrapped()
    assert chat.ask(i.WrapUp, thread=CHAT) == ["WrapUp answered"]
    assert chat.open_calls() == [POLL]


@pytest.mark.row("D713")
def test_where_nobody_serves_it_any_more_there_is_nothing_left_to_wrap_up() -> None:
    for state in (C.COMPLETED, C.ENDING):
        chat = at_stage(state)
        assert chat.ask(i.WrapUp, thread=CHAT) == ["WrapUp answered"]
        assert stage(chat) == state


@pytest.mark.row("D714", "D716")
def test_what_is_over_is_not_ended_again() -> None:
    for over in TERMINAL:
        for kind, says in ((i.WrapUp, "WrapUp refused thread_ended"), (i.EndThread, "EndThread answered")):
            chat = at_stage(over)
            assert chat.ask(kind, thread=CHAT) == [says]
            assert chat.open_calls() == []


@pytest.mark.row("D718")
def test_where_nothing_more_comes_it_is_ended_after_a_while() -> None:
    for word in ("", "ivr"):
        chat = wrapped(policy=HELD)
        chat.wait(70)  # the agent is in no hurry
        chat.hear(left(), *([status(word)] if word else []))
        assert chat.wait(59) == [], word
        assert chat.wait(1) == ["chat ending", "POST end"]
        assert stage(chat) == C.ENDING


@pytest.mark.row("B15")
def test_a_chat_that_somebody_has_again_is_not_ended() -> None:
    for word in ("queued", "connecting", "connected"):
        chat = wrapped(policy=HELD)
        chat.hear(left(), status(word))
        assert chat.wait(3500) == [], word
        chat.hear(joined("grace"), ENDED)
        assert chat.told(e.ThreadEnded)[0].reason is EndReason.AGENT


@pytest.mark.row("D718")
def test_whatever_comes_gives_it_more_time() -> None:
    chat = wrapped(policy=HELD)
    chat.hear(left())
    chat.wait(59)
    chat.hear(said("Thank you", "8"))
    chat.reply(SEND)
    assert chat.wait(59) == []
    assert chat.wait(1) == ["chat ending", "POST end"]


@pytest.mark.row("D719")
def test_while_the_scenario_asks_or_somebody_is_there_it_stays() -> None:
    for events in ((left(), SURVEY), ()):
        chat = wrapped(policy=HELD)
        chat.hear(*events)
        assert chat.wait(3599) == []
        assert stage(chat) == C.WRAPPING
    for state in OPEN:
        chat = at_stage(state)
        chat.leaf.desk.current.fire("wrap_up_elapsed")
        assert stage(chat) == state


# --- ending it ---


@pytest.mark.row("B42")
def test_ending_is_said_and_the_poll_goes_on() -> None:
    for living in (*OPEN, C.COMPLETED):
        chat = at_stage(living)
        chat.ask(i.EndThread, thread=CHAT)
        if living is C.WRAPPING:
            chat.reply(SEND)
        assert chat.posted() == {"event": "chat_session_end"}, living
        assert (stage(chat), chat.session.state) == (C.ENDING, "ending")
        assert chat.open_calls() == [POLL, SEND]


@pytest.mark.row("B42")
def test_what_was_written_before_goes_first() -> None:
    chat = talking()
    chat.ask(i.SendMessage, thread=CHAT, text="one")
    chat.ask(i.SendMessage, thread=CHAT, text="two")
    assert chat.ask(i.EndThread, thread=CHAT) == ["chat ending"]
    assert chat.reply(SEND) == ["message sent", "message sending", "POST message"]
    assert chat.reply(SEND) == ["message sent", "POST end"]


@pytest.mark.row("D715")
def test_whoever_ends_it_meanwhile_waits_for_that_too() -> None:
    chat = at_stage(C.ENDING)
    assert chat.ask(i.EndThread, thread=CHAT) == []
    chat.reply(SEND)
    assert chat.hear(ENDED).count("EndThread answered") == 2


@pytest.mark.row("B43")
def test_the_last_news_are_waited_for() -> None:
    chat = at_stage(C.ENDING, policy=HELD)
    assert chat.reply(SEND) == []
    assert chat.session.deadlines.at("end") == chat.now + chat.session.policy.end_confirmation
    assert chat.hear(said("Goodbye", "8"))[0] == "heard Goodbye"
    assert chat.hear(ENDED)[:2] == ["thread ended", "ended customer"]
    assert chat.session.deadlines.at("end") is None


@pytest.mark.row("B44")
def test_news_that_do_not_come_are_not_waited_for_for_ever() -> None:
    chat = at_stage(C.ENDING, policy=HELD)
    chat.reply(SEND)
    assert chat.wait(9.9) == []
    assert chat.wait(0.1) == [
        "thread ended", "ended customer", f"stop {POLL}", "EndThread answered", "forget chat", "chat ready",
    ]  # fmt: skip
    assert chat.wait(3600) == []


@pytest.mark.row("B45")
def test_an_end_that_may_be_lost_is_said_again() -> None:
    for code, http in (("5000", 500), ("5004", 503), ("5955", 500), ("5001", 503), ("", 502), ("5509", 429)):
        chat = at_stage(C.ENDING, policy=HELD)
        assert chat.deny(SEND, code, http) == [], code
        assert chat.wait(1) == ["POST end"]
        assert chat.fail(SEND) == []
        assert chat.wait(1.3) == ["POST end"]
        assert chat.deny(SEND, "5005") == []
        assert chat.hear(ENDED)[:2] == ["thread ended", "ended customer"]


@pytest.mark.row("B45")
def test_where_it_cannot_be_said_the_caller_is_told_and_it_is_said_after_the_return() -> None:
    chat = at_stage(C.ENDING, policy=TWICE)
    chat.fail(SEND)
    chat.wait(1)
    assert chat.fail(SEND) == ["EndThread refused connection_lost", "chat connecting"]
    chat.wait(6)
    assert (stage(chat), chat.posted()) == (C.ENDING, {"event": "chat_session_end"})
    assert chat.open_calls() == [POLL, SEND]


@pytest.mark.row("B45")
def test_an_end_that_was_not_confirmed_before_a_loss_is_said_again_after_it() -> None:
    chat = at_stage(C.ENDING)
    assert chat.fail(POLL) == ["chat connecting", "EndThread refused connection_lost"]
    chat.fail(SEND)
    chat.wait(1)
    assert chat.history(joined()) == ["chat ending", POLL, "POST end"]
    chat.reply(SEND)
    chat.hear(ENDED)
    assert chat.history(joined())[:2] == ["thread ended", "ended customer"]


@pytest.mark.row("D717")
def test_an_end_that_is_refused_keeps_nobody() -> None:
    for code, http in (("5003", 400), ("3000", 403), ("", 406)):
        chat = at_stage(C.ENDING)
        words = chat.deny(SEND, code, http)
        assert words[:2] == ["thread ended", "ended customer"]
        assert "EndThread answered" in words
        assert chat.told(e.ThreadEnded)[0].reason is EndReason.CUSTOMER


# --- one chat's end is not the next one's ---


def test_a_late_answer_to_the_end_of_one_chat_does_not_end_the_next() -> None:
    chat = at_stage(C.ENDING)
    assert "thread ended" in chat.hear(ENDED)
    chat.saved()
    chat.ask(i.StartThread)
    chat.reply("POST chats", {"chat_id": "another", "state": "queued", "is_new_chat": True})
    assert chat.deny(SEND, "5005") == []
    assert [thread.state for thread in chat.session.threads.values()] == ["ended", "open"]


def test_a_late_answer_to_leaving_one_agent_settles_nothing_of_the_next() -> None:
    chat = at_stage(C.WRAPPING)
    assert "WrapUp answered" in chat.hear(TIMED_OUT)
    chat.saved()
    chat.ask(i.StartThread)
    chat.reply("POST chats", {"chat_id": "another", "state": "connected", "is_new_chat": True})
    late = chat.take(SEND)
    assert chat.ask(i.WrapUp, thread="another") == ["stage wrapping", "POST disconnect"]
    assert chat.put(i.ResponseReceived(id=late, status=404, body=b'{"error_code":"5005"}', headers=())) == []
    assert chat.reply(SEND) == ["WrapUp answered"]


def test_whoever_no_longer_waits_for_the_end_is_not_told() -> None:
    chat = at_stage(C.ENDING)
    chat.withdraw(chat.asked)
    chat.reply(SEND)
    assert "EndThread answered" not in chat.hear(ENDED)
    chat = at_stage(C.WRAPPING)
    chat.withdraw(chat.asked)
    assert chat.reply(SEND) == []
    assert HISTORY not in started().open_calls()
