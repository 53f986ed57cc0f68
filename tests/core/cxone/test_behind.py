"""What is pushed while a thread's history is read back is told behind it: an app hears everything in order."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.events import MessageReceived
from deskline_core.policy import Policy
from tests.core.cxone.alone import CONTACT, THREAD, Alone, case_changed, reach, recovered_thread, with_thread


def message(id: str, second: int = 3) -> dict[str, Any]:
    return {
        "idOnExternalPlatform": id, "threadIdOnExternalPlatform": THREAD, "direction": "outbound",
        "createdAt": f"2026-05-28T20:30:{second:02}+00:00",
        "messageContent": {"type": "TEXT", "payload": {"text": id}},
    }  # fmt: skip


def push(id: str, second: int = 3, kind: str = "MessageCreated") -> dict[str, Any]:
    data: dict[str, Any] = {"thread": {"idOnExternalPlatform": THREAD}, "message": message(id, second)}
    if kind == "MessageCreated":
        data["case"] = {"id": CONTACT, "threadIdOnExternalPlatform": THREAD, "status": "open"}
    return {"eventId": f"e-{id}", "eventType": kind, "data": data}


def reading(**rest: Any) -> Alone:
    """Return a chat that was lost, and reads a thread's history back."""
    chat = with_thread("single", **rest)
    chat.closed()
    back(chat)
    return chat


def back(chat: Alone) -> None:
    chat.wait(6)
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})


def in_doubt() -> tuple[Alone, str]:
    """Return a chat that was lost while the first message of a new thread was on its way, and that thread."""
    chat = reach(S.SERVING)
    chat.ask(i.StartThread)
    thread = next(iter(chat.session.threads))
    chat.ask(i.SendMessage, thread=thread, text="hello?")
    chat.closed()
    return chat, thread


def heard(chat: Alone) -> list[str]:
    return [event.text for event in chat.told if isinstance(event, MessageReceived)]


@pytest.mark.parametrize("kind", ["MessageCreated", "MessageSent"])
def test_a_message_that_comes_ahead_of_the_history_is_told_behind_it(kind: str) -> None:
    chat = reading()
    assert chat.hear(push("m-2", 9, kind)) == []
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=[message("m-1")]))
    assert heard(chat) == ["m-1", "m-2"]


def test_so_is_one_that_comes_ahead_of_the_authorization() -> None:
    chat = with_thread("single")
    chat.closed()
    chat.wait(6)
    chat.opened()
    assert chat.hear(push("m-2", 9)) == []
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=[message("m-1")]))
    assert heard(chat) == ["m-1", "m-2"]


def pushed_of(thread: str) -> dict[str, Any]:
    """Return that an agent wrote in a thread that was begun here."""
    pushed = push("m-2", 9)
    case = {"id": CONTACT, "threadIdOnExternalPlatform": thread, "status": "open"}
    pushed["data"] |= {"thread": {"idOnExternalPlatform": thread}, "case": case}
    return pushed


@pytest.mark.row("D103")
def test_so_it_is_where_the_thread_itself_is_in_doubt() -> None:
    chat, thread = in_doubt()
    chat.wait(6)
    chat.opened()
    assert chat.hear(pushed_of(thread)) == []
    assert chat.session.threads[thread].state == "pending"
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(thread=thread, messages=[message("m-1")]))
    assert heard(chat) == ["m-1", "m-2"]


@pytest.mark.row("D103")
def test_nor_is_it_lost_where_the_message_in_doubt_is_given_up_meanwhile() -> None:
    chat, thread = in_doubt()
    chat.wait(6)
    chat.opened()
    chat.hear(pushed_of(thread))
    chat.ask(i.DiscardMessage, message=chat.session.outbox[0].id)
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(thread=thread, messages=[message("m-1")]))
    assert heard(chat) == ["m-1", "m-2"]


@pytest.mark.row("D103")
def test_a_first_message_that_was_not_found_is_looked_for_at_each_return_as_it_may_be_late() -> None:
    chat, thread = in_doubt()
    back(chat)
    chat.deny("RecoverThread", "RecoveringThreadFailed")
    (failed,) = chat.session.outbox
    assert (failed.status, chat.session.threads[thread].state) == ("failed", "pending")
    chat.closed()
    back(chat)
    late = message(failed.id) | {"direction": "inbound"}
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(thread=thread, messages=[message("m-1", 9), late]))
    assert [shown.status for shown in chat.session.threads[thread].messages] == ["delivered", "delivered"]
    assert heard(chat) == ["m-1"]


def test_one_that_the_history_holds_as_well_is_told_once() -> None:
    chat = reading()
    chat.hear(push("m-2", 9))
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=[message("m-2", 9), message("m-1")]))
    assert heard(chat) == ["m-1", "m-2"]


def test_it_waits_over_another_loss() -> None:
    chat = reading()
    chat.hear(push("m-2", 9))
    chat.closed()
    back(chat)
    assert heard(chat) == []
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=[message("m-1")]))
    assert heard(chat) == ["m-1", "m-2"]


def test_it_is_told_where_the_thread_ends_before_its_history_came() -> None:
    chat = with_thread("live")
    chat.closed()
    back(chat)
    chat.hear(push("m-2", 9))
    words = chat.hear(case_changed("closed"))
    assert words[:3] == ["thread ended", "MessageReceived", "ended unknown"]


def test_no_more_wait_than_a_history_holds() -> None:
    chat = reading(policy=Policy(history=1))
    assert (chat.hear(push("m-2", 9)), chat.hear(push("m-3", 10))) == ([], ["MessageReceived"])


def test_whoever_signs_in_next_is_told_nothing_of_it() -> None:
    chat = reading()
    chat.hear(push("m-2", 9))
    chat.ask(i.SignOut)
    chat.closed(1000)
    assert heard(chat) == []


def test_a_message_in_doubt_of_a_conversation_that_is_over_has_failed_and_is_not_sent_again() -> None:
    chat = with_thread("live", policy=Policy(resend_uncertain=True))
    chat.ask(i.SendMessage, thread=THREAD, text="one")
    chat.wait(10)  # nobody answers: its history is asked for
    assert chat.hear(case_changed("closed"))[0] == "thread ended"
    contact = {"id": CONTACT, "threadIdOnExternalPlatform": THREAD, "status": "closed"}
    words = chat.answer("RecoverLivechat", "LivechatRecovered", recovered_thread() | {"contact": contact})
    assert "message failed" in words


def test_an_answer_that_the_end_of_a_live_chat_has_overtaken_brings_it_not_back() -> None:
    chat = with_thread("live")
    chat.closed()
    back(chat)
    chat.hear(push("m-2", 9))
    chat.hear(case_changed("closed"))
    words = chat.answer("RecoverLivechat", "LivechatRecovered", recovered_thread(messages=[message("m-1")]))
    assert (words, chat.session.threads[THREAD].state) == (["HistoryLoaded", "chat ready"], "ended")
    assert [shown.text for shown in chat.session.threads[THREAD].messages] == ["m-1", "m-2"]


def test_one_that_is_asked_for_after_the_end_brings_a_new_conversation() -> None:
    chat = with_thread("live")
    chat.hear(case_changed("closed"))
    chat.closed()
    back(chat)
    words = chat.answer("RecoverLivechat", "LivechatRecovered", recovered_thread())
    assert "thread open" in words
