"""What the vendor's web and Java clients and a bridge get wrong: sections 20.3, 20.4; the rules of 11.1 and 20.5."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.events import MessageReceived, MessageStatusChanged
from tests.core.brightpattern.alone import (
    AGENT,
    BOT,
    CHAT,
    ENDED,
    HISTORY,
    POLL,
    SEND,
    Alone,
    joined,
    ready,
    said,
    started,
    status,
    talking,
    typing,
)
from tests.core.brightpattern.test_no_hurry import REFUSALS

FILE = {"event": "chat_session_file", "party_id": AGENT, "msg_id": "5", "file_id": "F", "file_name": "offer.pdf"}
CASE = {"event": "chat_session_case_set", "case_id": "CS-1"}


# --- the web client ---


@pytest.mark.row("W2")
@pytest.mark.parametrize("way", ["history", "message", "form", "end"])
def test_an_end_that_is_not_learned_from_the_poll_stops_it_all_the_same(way: str) -> None:
    chat = started()
    match way:
        case "history":
            chat.ask(i.SendMessage, thread=CHAT, text="there?")
            chat.fail(SEND)
            words = chat.history(ENDED)
        case "message":
            chat.ask(i.SendMessage, thread=CHAT, text="there?")
            chat.deny(SEND, "5005")
            words = chat.wait(10)
        case "form":
            chat.hear({"event": "chat_session_form_show", "form_request_id": "17", "form_name": "f"})
            chat.ask(i.SubmitForm, thread=CHAT, form="17", data=(("a", "b"),))
            chat.deny(SEND, "5005")
            words = chat.wait(10)
        case _:
            chat.ask(i.EndThread, thread=CHAT)
            chat.deny(SEND, "5005")
            words = chat.wait(10)
    assert "stop GET events" in words
    assert "thread ended" in words
    assert chat.wait(600).count(POLL) == 0


@pytest.mark.row("W3", "11.1/5", "20.5/10")
def test_each_kind_of_failure_has_its_own_pace() -> None:
    for answer, pause in (((503, b""), 1.0), ((429, b""), 20.0), ((400, b""), 20.0)):
        chat = started()
        chat.reply(POLL, answer[1], status=answer[0])
        assert chat.wait(pause - 0.1) == []
        assert chat.wait(0.1) != []


@pytest.mark.row("W3", "11.1/5", "20.5/3")
def test_pauses_grow_up_to_a_limit_and_begin_anew_when_all_is_well() -> None:
    chat = started()
    for pause in (1, 2, 4, 8, 16, 30, 30):
        chat.fail(POLL)
        assert HISTORY not in chat.wait(pause - 0.1)
        assert HISTORY in chat.wait(0.1)
        chat.history()
    chat.wait(5)  # steady for a while
    chat.hear()
    chat.history()
    chat.fail(POLL)
    assert HISTORY in chat.wait(1)


@pytest.mark.row("W6")
def test_files_and_messages_are_told_in_the_order_in_which_they_came() -> None:
    chat = started()
    chat.hear(said("look", id="4"), FILE, said("there", id="6"))
    told = [event.message for event in chat.told(MessageReceived)]
    assert [message.text or message.attachments[0].name for message in told] == ["look", "offer.pdf", "there"]


@pytest.mark.row("W7")
def test_a_message_is_known_by_its_party_and_id_and_by_nothing_else() -> None:
    chat = started()
    for number in range(5):
        chat.ask(i.SendMessage, thread=CHAT, text=f"m{number}")
        chat.reply(SEND)
    same_second = [said(text, id=id) for text, id in (("a", "9"), ("b", "1"), ("c", "0"))]
    chat.hear(*same_second, said("a", id="9"), said("d", id="9", party=BOT))
    assert [event.message.text for event in chat.told(MessageReceived)] == ["a", "b", "c", "d"]


@pytest.mark.row("W9", "B37", "20.5/6")
@pytest.mark.parametrize("answer", [400, 406, 403])
def test_a_message_that_is_not_taken_has_failed_and_was_never_shown_as_sent(answer: int) -> None:
    chat = started()
    chat.ask(i.SendMessage, thread=CHAT, text="hello")
    assert "message failed" in chat.reply(SEND, {"error_code": "5003"} if answer == 400 else None, status=answer)
    assert [event.status for event in chat.told(MessageStatusChanged)] == ["queued", "sending", "failed"]


@pytest.mark.row("W10", "B3", "B8")
def test_a_second_start_is_refused_and_a_first_that_fails_is_repeated_and_told() -> None:
    chat = ready()
    assert chat.ask(i.StartThread) == ["POST chats"]
    assert chat.ask(i.StartThread) == ["StartThread refused illegal_state"]
    chat.fail("POST chats")
    assert chat.wait(1) == ["POST chats"]
    for _ in range(3):
        chat.fail("POST chats")
        chat.wait(5)
    assert chat.open_calls() == []
    assert chat.refusal[0] == "connection_lost"


@pytest.mark.row("W11", "20.5/9")
def test_what_is_past_begins_nothing() -> None:
    chat = Alone(restored={"identity": '{"client_id":"c"}', "chat": CHAT})
    chat.ask(i.Open)
    chat.reply("GET parameters", {})
    words = chat.history(joined(), said("Hi"), FILE, typing(), CASE, status("connected"))
    assert "GET casehistory" not in chat.open_calls()
    assert not any(word.startswith(("heard", "types")) for word in words)


# --- the Java client, the bridge ---


@pytest.mark.row("J1", "11.1/5")
def test_failures_over_hours_end_no_chat() -> None:
    chat = started()
    for _ in range(60):
        chat.wait(20)
        chat.hear()
        if HISTORY in chat.open_calls():
            chat.history()
        chat.fail(POLL)
        chat.wait(1)
        chat.history()
        assert chat.session.state == "ready"
    assert chat.thread.state == "open"


@pytest.mark.row("J2")
@pytest.mark.parametrize("answer", [500, 503, 429])
def test_an_error_does_not_say_that_there_is_no_chat(answer: int) -> None:
    chat = Alone(restored={"identity": '{"client_id":"c"}'})
    chat.ask(i.Open)
    chat.reply("GET parameters", {})
    chat.reply("GET active", status=answer)
    assert chat.session.state != "ready"
    assert chat.ask(i.Open) != []
    assert chat.open_calls() == ["GET active"]  # it is looked for again
    chat.reply("GET active", {"chat_id": CHAT, "state": "connected"})
    assert chat.open_calls() == [HISTORY]


@pytest.mark.row("J3", "11.1/3")
def test_a_batch_is_told_in_its_order() -> None:
    chat = started()
    words = chat.hear(said("a", id="1"), joined(), said("b", id="2"), status("connected"), typing(), said("c", id="3"))
    assert [word for word in words if not word.startswith(("POST", "GET", "queue"))] == [
        "heard a", "joined Mara L.", "heard b", "stage connected", "types Mara L.", "stopped Mara L.", "heard c",
    ]  # fmt: skip


@pytest.mark.row("J5", "11.1/3", "B28")
def test_what_stands_before_the_end_in_a_batch_is_told_and_nothing_after_it() -> None:
    chat = started()
    words = chat.hear(said("a", id="1"), ENDED, said("b", id="2"), joined())
    assert [word for word in words if word.startswith(("heard", "joined", "ended"))] == ["heard a", "ended unknown"]


@pytest.mark.row("J5")
def test_what_stood_after_the_end_is_not_taken_for_known_in_the_next_chat() -> None:
    chat = started()
    chat.hear(ENDED, said("late", id="0", party=BOT), status("connected"))
    chat.saved()
    chat.ask(i.StartThread)
    chat.reply("POST chats", {"chat_id": "next", "state": "queued", "is_new_chat": True})
    words = chat.hear(said("late", id="0", party=BOT), status("connected"))
    assert {"heard late", "stage connected"} <= set(words)


@pytest.mark.row("N1", "11.1/3", "B46")
def test_after_an_answer_it_is_polled_at_once() -> None:
    chat = started()
    for number in range(10):
        chat.wait(0.2)
        assert POLL in chat.hear(said("x", id=str(number)))


# --- the rules ---


@pytest.mark.row("11.1/4", "B47")
@pytest.mark.parametrize("code", [200, 404, 500])
def test_no_events_is_no_error(code: int) -> None:
    chat = started()
    chat.wait(10)
    assert chat.deny(POLL, "5511", status=code) == [POLL]
    assert chat.session.state == "ready"


@pytest.mark.row("11.1/7", "B38", "5005")
def test_a_session_that_is_gone_is_over_wherever_that_is_met() -> None:
    for call in (POLL, SEND, HISTORY):
        chat = started()
        if call != POLL:
            chat.ask(i.SendMessage, thread=CHAT, text="there?")
        if call == HISTORY:
            chat.fail(SEND)
        words = chat.deny(call, "5005")
        is_poll = call == POLL
        assert "ended lost" in (words if is_poll else chat.wait(10))  # what its poll brings is waited for (D743, D746)
        assert chat.thread.state == "ended"


@pytest.mark.row("11.1/8", "20.5/10", "B50")
@pytest.mark.parametrize("name", [f"code {code}" for code in (1000, 2000, 2001, 2002, 2003, 2004, 3000, 5006)])
def test_what_will_not_change_by_itself_is_not_tried_again(name: str) -> None:
    answer = REFUSALS[name]
    assert answer is not None
    chat = started()
    words = chat.reply(POLL, answer[1], status=answer[0])
    assert "ended failed" in words
    assert chat.open_calls() == []
    assert chat.wait(3600) == []


@pytest.mark.row("11.1/9", "B49")
@pytest.mark.parametrize(("status_", "code"), [(429, "5509"), (400, "5509"), (429, ""), (400, "")])
def test_a_second_poll_waits_until_the_first_is_over(status_: int, code: str) -> None:
    chat = started()
    chat.reply(POLL, {"error_code": code}, status=status_)
    assert chat.session.state == "ready"
    assert chat.wait(15) == []
    assert HISTORY in chat.wait(5)
    assert POLL in chat.history()


@pytest.mark.row("20.5/7")
def test_what_is_sent_goes_one_after_another() -> None:
    chat = talking()
    for number in range(4):
        chat.ask(i.SendMessage, thread=CHAT, text=f"m{number}")
    chat.ask(i.SendSignal, thread=CHAT, kind="call", data="{}")
    said_: list[Any] = []
    while SEND in chat.open_calls():
        assert chat.open_calls().count(SEND) == 1
        said_.append(chat.posted().get("msg_text", chat.posted()["event"]))
        chat.reply(SEND)
    texts = [text for text in said_ if text.startswith("m")]
    assert texts == ["m0", "m1", "m2", "m3"]
    assert "chat_session_signaling" in said_


@pytest.mark.row("20.5/8")
def test_no_receipt_leaves_out_of_sight_and_each_goes_once() -> None:
    chat = started()
    chat.ask(i.EnterBackground)
    words = chat.hear(said("Hi", id="4"))
    assert "heard Hi" in words
    assert not any(word.startswith("POST") for word in words)
    chat.ask(i.EnterActive)
    assert "POST message_delivered" in chat.history(said("Hi", id="4"))
    chat.reply(SEND)
    chat.fail(POLL)
    chat.wait(1)
    chat.history(said("Hi", id="4"))
    assert SEND not in chat.open_calls()
