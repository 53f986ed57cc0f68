"""What becomes of a message when its thread ends, its socket goes, or the far side keeps silent: always told, once."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.events import ErrorReceived, ThreadEnded
from deskline_core.lifecycle import EndReason
from deskline_core.policy import Policy
from tests.core.cxone.alone import (
    THREAD,
    Alone,
    case_changed,
    nothing_to_recover,
    reach,
    recovered_thread,
    towards_socket,
    with_thread,
)

QUIET = Policy(heartbeat=3600)


def say(chat: Alone, text: str = "hello", thread: str = THREAD) -> str:
    """Send a message and wait for its outcome; return its id."""
    chat.ask(i.SendMessage, thread=thread, text=text)
    mine: str = chat.session.threads[thread].messages[-1].id
    chat.ask(i.AwaitSettled, message=mine)
    return mine


def data(chat: Alone, number: int = -1) -> dict[str, Any]:
    """Return what one of the messages sent so far says, the newest by default."""
    sent = [frame["payload"]["data"] for kind, frame in chat.frames if kind == "SendMessage"]
    found: dict[str, Any] = sent[number]
    return found


def copy(chat: Alone) -> dict[str, Any]:
    """Return the push of the newest message sent."""
    message = {
        "idOnExternalPlatform": data(chat)["idOnExternalPlatform"],
        "threadIdOnExternalPlatform": data(chat)["thread"]["idOnExternalPlatform"],
        "createdAt": "2026-05-28T20:30:00+00:00",
        "messageContent": {"type": "TEXT", "payload": {"text": "x"}},
        "direction": "inbound",
    }
    thread = {"idOnExternalPlatform": message["threadIdOnExternalPlatform"]}
    return {"eventId": "e-1", "eventType": "MessageCreated", "data": {"message": message, "thread": thread}}


def connect_again(chat: Alone) -> None:
    """Come back after a loss, as far as the recovery."""
    chat.wait_next()
    towards_socket(chat)
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})


# --- the thread ends ---


def test_a_message_without_an_answer_whose_thread_ended_is_uncertain() -> None:
    chat = with_thread("live", policy=QUIET)
    say(chat)
    chat.hear(case_changed("closed"))
    assert chat.wait(9.9) == []
    assert chat.wait(0.1) == ["message uncertain", "AwaitSettled answered"]
    assert chat.answers[chat.asked] == "uncertain"


def test_a_message_under_way_when_thread_and_socket_go_is_uncertain() -> None:
    chat = with_thread("live", policy=QUIET)
    mine = say(chat)
    chat.hear(case_changed("closed"))
    assert chat.closed() == ["message uncertain", "AwaitSettled answered", "chat connecting"]
    assert chat.ask(i.AwaitSettled, message=mine) == ["AwaitSettled answered"]  # nobody will ever look
    connect_again(chat)
    nothing_to_recover(chat)
    assert chat.ask(i.AwaitSettled, message=mine) == ["AwaitSettled answered"]
    assert chat.answers[chat.asked] == "uncertain"


def test_a_message_in_doubt_whose_thread_ends_while_it_is_looked_for_is_uncertain() -> None:
    chat = with_thread("live", policy=QUIET)
    say(chat)
    assert chat.wait(10) == ["message uncertain", "thread recovering", "frame RecoverLivechat"]
    words = chat.hear(case_changed("closed"))
    assert words == ["thread ended", "ended unknown", "AwaitSettled answered", "forget thread"]
    assert chat.answers[chat.asked] == "uncertain"


def test_an_accepted_message_whose_thread_ends_was_sent() -> None:
    chat = with_thread("live", policy=QUIET)
    say(chat)
    chat.accept("SendMessage")
    assert "AwaitSettled answered" in chat.hear(case_changed("closed"))
    assert chat.answers[chat.asked] == "sent"


def test_a_message_accepted_after_its_thread_ended_was_sent() -> None:
    chat = with_thread("live", policy=QUIET)
    say(chat)
    chat.hear(case_changed("closed"))
    assert chat.accept("SendMessage") == ["message sent"]
    assert chat.wait(10) == ["AwaitSettled answered"]
    assert chat.answers[chat.asked] == "sent"


def test_a_message_that_was_certainly_not_written_fails_with_its_thread() -> None:
    chat = with_thread("live", policy=QUIET)
    say(chat)
    chat.hear(case_changed("closed"))
    words = chat.closed(unwritten=(chat.last_frame,))
    assert words == ["message queued", "message failed", "AwaitSettled answered", "chat connecting"]


def test_what_is_heard_of_messages_that_are_gone_changes_nothing() -> None:
    for heard in ("answer", "refusal", "silence", "loss"):
        chat = with_thread(policy=QUIET)
        chat.ask(i.SendMessage, thread=THREAD, text="x")
        chat.leaf.delivery.outbox.clear()
        match heard:
            case "answer":
                assert chat.accept("SendMessage") == []
            case "refusal":
                assert chat.deny("SendMessage", "SendingMessageFailed") == []
            case "silence":
                assert chat.wait(10) == []
            case _:
                assert chat.closed() == ["chat connecting"]


def test_what_is_heard_of_a_message_whose_thread_is_gone_is_told() -> None:
    chat = with_thread(policy=QUIET)
    say(chat)
    chat.leaf.desk.threads.clear()
    assert chat.wait(10) == ["message uncertain", "AwaitSettled answered"]
    chat = with_thread(policy=QUIET)
    say(chat)
    chat.leaf.desk.threads.clear()
    assert chat.accept("SendMessage") == ["message sent"]
    chat = with_thread(policy=QUIET)
    say(chat)
    chat.leaf.desk.threads.clear()
    assert chat.closed() == ["message uncertain", "AwaitSettled answered", "chat connecting"]


def test_messages_that_have_no_answer_at_once_are_looked_for_once() -> None:
    chat = with_thread(policy=QUIET)
    for text in ("one", "two"):
        chat.ask(i.SendMessage, thread=THREAD, text=text)
    words = chat.wait(10)
    assert words == ["message uncertain", "thread recovering", "frame RecoverThread", "message uncertain"]
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread())
    assert [message.status for message in chat.session.threads[THREAD].messages] == ["failed", "failed"]


def test_a_retry_that_nobody_asked_for_is_refused_silently() -> None:
    chat = with_thread(policy=QUIET)
    mine = say(chat)
    chat.leaf.delivery.outbox.get(mine).fire("retry")
    assert chat.put(i.Tick()) == []
    assert chat.session.threads[THREAD].messages[-1].status == "sending"


# --- the socket is closed by us ---


def test_what_a_closing_socket_did_not_write_goes_out_again_in_order() -> None:
    chat = with_thread(policy=QUIET)
    frames = [chat.ask(i.SendMessage, thread=THREAD, text=str(number)) and chat.last_frame for number in range(3)]
    chat.ask(i.EnterBackground)
    chat.ask(i.EnterActive)
    assert chat.closed(1000, unwritten=tuple(frames))[:3] == ["message queued"] * 3
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    words = chat.answer("RecoverThread", "ThreadRecovered", recovered_thread())
    assert words[-6:] == ["message sending", "frame SendMessage"] * 3
    assert [data(chat, number)["messageContent"]["payload"]["text"] for number in (-3, -2, -1)] == ["0", "1", "2"]


def test_what_a_closing_socket_says_nothing_of_is_in_doubt() -> None:
    chat = with_thread(policy=QUIET)
    chat.ask(i.SendMessage, thread=THREAD, text="x")
    chat.ask(i.EnterBackground)
    assert chat.wait(1.9) == []
    assert chat.wait(0.1) == ["message uncertain"]


# --- the outbox ---


def test_accepted_messages_without_a_copy_leave_room_for_others() -> None:
    chat = with_thread(policy=Policy(outbox=2, heartbeat=3600))
    first = say(chat, "0")
    waits = chat.asked
    chat.accept("SendMessage")
    for number in range(1, 20):
        assert "SendMessage answered" in chat.ask(i.SendMessage, thread=THREAD, text=str(number))
        chat.accept("SendMessage")
    assert chat.answers[waits] == "sent"  # whoever waited for one that went to make room was told
    assert chat.ask(i.AwaitSettled, message=first) == ["AwaitSettled refused unknown_message"]
    assert [message.text for message in chat.session.threads[THREAD].messages] == ["16", "17", "18", "19"]
    assert chat.session.counts["messages over the limit"] == 16


def test_answers_to_warnings_never_find_the_outbox_full() -> None:
    chat = with_thread("live", policy=Policy(outbox=1, heartbeat=3600))
    for number in range(9):
        chat.hear(warning(f"w{number}"))
        words = chat.ask(i.AnswerInactivity, thread=THREAD, stay=True)
        assert words == ["frame SendMessage", "InactivityCleared", "AnswerInactivity answered"]
    assert chat.ask(i.SendMessage, thread=THREAD, text="x") == ["SendMessage refused limit_reached"]


def warning(id: str, seconds: int = 90, **rest: Any) -> dict[str, Any]:
    """Return the push of an inactivity warning."""
    return {"eventId": "e-1", "eventType": "MessageCreated", "data": {"message": popup(id, seconds, **rest)}}


def popup(id: str, seconds: int = 90, started: str = "2026-05-28T20:30:00+00:00", **rest: Any) -> dict[str, Any]:
    """Return the message that an inactivity warning is."""
    buttons = [
        {"type": "BUTTON", "text": text, "postback": f'{{"isExpired":{expired},"id":"{id}"}}'}
        for text, expired in (("Yes", "false"), ("No", "true"))
    ]
    countdown = {"type": "COUNTDOWN", "variables": {"startedAt": started, "numberOfSeconds": seconds}}
    elements = [{"type": "TITLE", "text": "Still there?"}, {"type": "TEXT", "text": "You were quiet."}, countdown]
    payload = {"elements": [{"type": "INACTIVITY_POPUP", "elements": [*elements, *buttons]}]}
    return {
        "idOnExternalPlatform": id,
        "threadIdOnExternalPlatform": THREAD,
        "createdAt": started,
        "messageContent": {"type": "PLUGIN", "payload": payload},
        "direction": "outbound",
        **rest,
    }


# --- messages of the protocol ---


def begun() -> Alone:
    """Return a live chat whose beginning is on its way."""
    chat = reach(S.SERVING, "live", policy=QUIET)
    assert chat.ask(i.StartThread)[-2:] == ["frame SendMessage", "StartThread answered"]
    return chat


@pytest.mark.row("P16")
def test_a_beginning_that_is_refused_ends_its_thread_and_another_can_be_started() -> None:
    chat = begun()
    thread = str(chat.answers[chat.asked])
    chat.ask(i.SendMessage, thread=thread, text="hello?")
    chat.ask(i.AwaitSettled, message=chat.session.threads[thread].messages[-1].id)
    begin = chat.frames[-2][1]["eventId"]
    words = chat.hear({"eventId": begin, "error": {"errorCode": "SendingMessageFailed", "errorMessage": "no"}})
    assert words == ["ErrorReceived", "thread ended", "ended failed", "forget thread"]
    told = next(event for event in chat.told if isinstance(event, ErrorReceived))
    assert (told.code, told.text, told.thread) == ("SendingMessageFailed", "no", thread)
    assert "StartThread answered" in chat.ask(i.StartThread)


def test_a_beginning_that_never_arrives_is_sent_only_so_often() -> None:
    chat = begun()
    thread = str(chat.answers[chat.asked])
    for writes in (2, 3):
        chat.closed()
        connect_again(chat)
        words = nothing_to_recover(chat)
        assert words.count("frame SendMessage") == 1, writes
    chat.closed()
    connect_again(chat)
    words = nothing_to_recover(chat)
    assert [word for word in words if word != "forget thread"][-4:] == [
        "chat ready", "ErrorReceived", "thread ended", "ended failed",
    ]  # fmt: skip
    assert ThreadEnded(thread=thread, reason=EndReason.FAILED) in chat.told
    assert not len(chat.leaf.delivery.outbox)
    assert "StartThread answered" in chat.ask(i.StartThread)


def test_an_answer_to_a_warning_that_is_refused_restores_the_warning() -> None:
    chat = with_thread("live", policy=QUIET)
    chat.hear(warning("w"))
    ends = chat.now + 90
    chat.wait(30)
    chat.ask(i.AnswerInactivity, thread=THREAD, stay=True)
    assert chat.deny("SendMessage", "SendingMessageFailed") == ["ErrorReceived", "InactivityWarned"]
    standing = chat.session.threads[THREAD].inactivity
    assert standing is not None
    assert standing.ends_at == ends
    assert chat.ask(i.AnswerInactivity, thread=THREAD, stay=True)[-1] == "AnswerInactivity answered"
    chat.wait(5)
    chat.accept("SendMessage")
    assert chat.wait(100) == []


def test_an_answer_to_a_warning_that_is_refused_too_late_restores_nothing() -> None:
    chat = with_thread("live", policy=Policy(heartbeat=3600, request_timeout=200))
    chat.hear(warning("w"))
    chat.ask(i.AnswerInactivity, thread=THREAD, stay=True)
    chat.wait(90)
    assert chat.deny("SendMessage", "SendingMessageFailed") == ["ErrorReceived"]
    assert chat.ask(i.AnswerInactivity, thread=THREAD, stay=True) == ["AnswerInactivity refused illegal_state"]


def test_a_refused_answer_to_a_warning_of_a_thread_that_is_gone_is_only_told() -> None:
    chat = with_thread("live", policy=QUIET)
    chat.hear(warning("w"))
    chat.ask(i.AnswerInactivity, thread=THREAD, stay=True)
    chat.leaf.desk.threads.clear()
    assert chat.deny("SendMessage", "SendingMessageFailed") == ["ErrorReceived"]


def test_a_refused_beginning_of_a_conversation_that_goes_on_is_only_told() -> None:
    chat = begun()
    begin = chat.frame("SendMessage")["eventId"]
    chat.ask(i.SendMessage, thread=str(chat.answers[chat.asked]), text="hello?")
    chat.accept("SendMessage")  # the message after it opened the thread
    words = chat.hear({"eventId": begin, "error": {"errorCode": "SendingMessageFailed"}})
    assert words == ["ErrorReceived"]


# --- the survey's answers ---

ORDER = (("order", "4711"),)


def answers(chat: Alone, number: int = -1) -> list[str]:
    """Return the survey's answers that one of the messages sent so far carries."""
    contact = data(chat, number)["contact"]
    return [field["value"] for field in contact["customFields"]]


def asked() -> tuple[Alone, str]:
    """Return a chat with a new thread whose survey is answered."""
    chat = reach(S.SERVING, policy=QUIET)
    chat.ask(i.StartThread, answers=ORDER)
    return chat, str(chat.answers[chat.asked])


@pytest.mark.row("T-31")
def test_answers_travel_with_the_first_message_only() -> None:
    chat, thread = asked()
    for text in ("one", "two", "three"):
        chat.ask(i.SendMessage, thread=thread, text=text)
    assert [answers(chat, number) for number in range(3)] == [["4711"], [], []]
    chat.hear(copy(chat))
    chat.ask(i.SendMessage, thread=thread, text="four")
    assert answers(chat) == []


@pytest.mark.row("T-31")
def test_answers_travel_with_the_next_message_if_the_first_one_failed() -> None:
    chat, thread = asked()
    chat.ask(i.SendMessage, thread=thread, text="one")
    first = data(chat)["idOnExternalPlatform"]
    chat.deny("SendMessage", "SendingMessageFailed")
    chat.ask(i.SendMessage, thread=thread, text="two")
    chat.ask(i.RetryMessage, message=first)
    assert [answers(chat, number) for number in range(3)] == [["4711"], ["4711"], []]


@pytest.mark.row("T-31")
def test_answers_travel_again_with_a_first_message_that_is_sent_again() -> None:
    chat, thread = asked()
    chat.ask(i.SendMessage, thread=thread, text="one")
    first = data(chat)["idOnExternalPlatform"]
    chat.deny("SendMessage", "SendingMessageFailed")
    chat.ask(i.RetryMessage, message=first)
    assert [answers(chat, number) for number in range(2)] == [["4711"], ["4711"]]
