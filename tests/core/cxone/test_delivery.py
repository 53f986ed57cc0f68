"""Messages both ways: statuses, receipts, doubt, limits; nothing lost, doubled or swapped."""

from itertools import pairwise
from typing import Any

import pytest

from deskline_center import controls as k
from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.errors import RefusalCode
from deskline_core.events import (
    ErrorReceived,
    HistoryLoaded,
    MessageReceived,
    MessageStatusChanged,
    MessageUpdated,
    ThreadStateChanged,
)
from deskline_core.policy import Policy
from tests.playbook import Chat, push

MODES = ("single", "multi", "live")


def statuses(chat: Chat, message: str) -> list[str]:
    """Return the statuses that were told of a message."""
    return [str(event.status) for event in chat.told(MessageStatusChanged) if event.message == message]


def receipt(message: str, **statistics: str) -> dict[str, Any]:
    copy = {
        "idOnExternalPlatform": message,
        "createdAt": "2026-05-28T20:30:00+00:00",
        "messageContent": {"type": "TEXT", "payload": {"text": "x"}},
        "direction": "inbound",
        "userStatistics": statistics,
    }
    return {"message": copy}


SEEN = {"seenAt": "2026-05-28T20:30:00+00:00"}


# --- out ---


@pytest.mark.row("M1", "M2", "T-1")
def test_a_message_rises_through_its_statuses_and_is_there_once() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    message = chat.say(thread, "one")
    assert statuses(chat, message) == ["queued", "sending", "sent", "delivered"]
    chat.control(k.AgentReads())
    assert statuses(chat, message)[-1] == "seen"
    chat.control(k.AgentReads())
    assert statuses(chat, message).count("seen") == 1
    assert chat.texts(thread) == ["hello", "one"]
    assert chat.told(MessageReceived) == []  # our own message is no news


@pytest.mark.row("M11", "M12")
def test_a_receipt_before_the_message_counts_when_it_comes() -> None:
    for early in ("queued", "unknown"):
        chat = Chat("single")
        thread = chat.conversation()
        chat.control(k.Hold(match="MessageCreated", seconds=1))
        chat.control(k.Delay(match="SendMessage", seconds=1))
        message = chat.say(thread, "one")
        if early == "queued":
            chat.hear(push("MessageSeenChanged", receipt(message, **SEEN)))
            assert chat.status(message) == "seen"
            assert chat.texts(thread) == ["hello", "one"]
            chat.advance(3)
            assert chat.texts(thread) == ["hello", "one"]
        else:
            chat.hear(push("MessageReadChanged", receipt("elsewhere", **SEEN)))
            copy = {
                "idOnExternalPlatform": "elsewhere",
                "threadIdOnExternalPlatform": thread,
                "createdAt": "2026-05-28T20:30:00+00:00",
                "messageContent": {"type": "TEXT", "payload": {"text": "from my phone"}},
                "direction": "inbound",
            }
            chat.hear(push("MessageCreated", {"message": copy, "thread": {"idOnExternalPlatform": thread}}))
            chat.advance(3)
            message = "elsewhere"
        assert chat.status(message) == "seen"


@pytest.mark.row("M11")
def test_only_so_many_early_receipts_are_kept() -> None:
    chat = Chat("single", policy=Policy(early_receipts=2))
    chat.conversation()
    for number in range(9):
        chat.hear(push("MessageSeenChanged", receipt(f"m{number}", **SEEN)))
    assert len(chat.session._vendor.receipts._early) == 2  # type: ignore[attr-defined]
    assert chat.news() == []


def test_a_receipt_that_says_nothing_changes_nothing() -> None:
    chat = Chat("single")
    chat.conversation()
    chat.hear(push("MessageSeenChanged", receipt("m")))
    outbound = {**receipt("m", **SEEN)["message"], "direction": "outbound"}
    chat.hear(push("MessageSeenChanged", {"message": outbound}))
    assert chat.news() == []
    assert not chat.session._vendor.receipts._early  # type: ignore[attr-defined]


def test_the_text_must_be_something_that_can_be_sent() -> None:
    chat = Chat("single", policy=Policy(max_text=10))
    thread = chat.conversation()
    for text in ("", "  \n", "x" * 11, "half \ud83d"):
        assert chat.refused(i.SendMessage, thread=thread, text=text) is RefusalCode.INVALID_VALUE
    assert chat.refused(i.SendMessage, thread=thread, text="x", postback="y" * 11) is RefusalCode.INVALID_VALUE
    assert (chat.wrote(), chat.news()) == ([], [])
    assert chat.ask(i.SendMessage, thread=thread, text="", postback="yes")
    assert chat.wrote()[0].data["messageContent"]["postback"] == "yes"


@pytest.mark.row("P11")
def test_a_refused_message_fails_alone_and_keeps_its_place_for_a_retry() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.control(k.Fail(match="SendMessage", message="too rude"))
    failed = chat.say(thread, "damn")
    waiting = chat.ask(i.AwaitSettled, message=failed)
    chat.control(k.AgentSays(text="meanwhile"))
    chat.say(thread, "sorry")
    assert waiting == "failed"
    assert (chat.status(failed), chat.texts(thread)) == ("failed", ["hello", "meanwhile", "sorry", "damn"])
    changed = [event for event in chat.told(MessageStatusChanged) if event.message == failed]
    assert changed[-1].cause == "too rude"
    assert chat.ask(i.RetryMessage, message=failed) == failed
    assert chat.status(failed) == "delivered"
    assert [m.external_id for m in chat.far(thread).messages].count(failed) == 1
    assert chat.refused(i.RetryMessage, message=failed) is RefusalCode.ILLEGAL_STATE
    assert chat.refused(i.DiscardMessage, message=failed) is RefusalCode.ILLEGAL_STATE


def test_a_failed_message_can_be_discarded() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.control(k.Fail(match="SendMessage"))
    failed = chat.say(thread, "damn")
    assert chat.ask(i.DiscardMessage, message=failed) == failed
    assert chat.texts(thread) == ["hello"]
    for kind in (i.RetryMessage, i.DiscardMessage, i.AwaitSettled):
        assert chat.refused(kind, message=failed) is RefusalCode.UNKNOWN_MESSAGE


def test_a_failed_message_of_an_ended_thread_is_not_sent_again() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.control(k.Fail(match="SendMessage"))
    failed = chat.say(thread, "damn")
    chat.control(k.CloseContact())
    assert chat.refused(i.RetryMessage, message=failed) is RefusalCode.THREAD_ENDED
    assert chat.ask(i.DiscardMessage, message=failed) == failed


@pytest.mark.row("R23", "R24", "P36", "P31")
def test_what_is_said_while_away_waits_for_recovery_and_goes_in_order() -> None:
    for mode in MODES:
        chat = Chat(mode)
        thread = chat.conversation()
        chat.lose()
        chat.look()
        messages = [chat.say(thread, str(number)) for number in range(5)]
        assert chat.wrote() == []
        assert {chat.status(message) for message in messages} == {"queued"}
        chat.back()
        kinds = chat.kinds()
        recovered = [n for n, kind in enumerate(kinds) if kind.startswith("Recover")]
        assert kinds[-5:] == ["SendMessage"] * 5
        assert max(recovered) < len(kinds) - 5
        assert chat.texts(thread) == ["hello", "0", "1", "2", "3", "4"]
        assert [m.external_id for m in chat.far(thread).messages][-5:] == messages
        assert {chat.status(message) for message in messages} == {"delivered"}


@pytest.mark.row("R28", "R29")
def test_a_thread_and_messages_asked_for_before_the_chat_is_ready_wait() -> None:
    chat = Chat("single")
    started = chat.do(i.StartThread)
    chat.do(i.Open)
    assert chat.answers[started] == chat.thread.id


def test_certainly_unwritten_messages_go_again_in_order_once() -> None:
    for mode in MODES:
        chat = Chat(mode)
        thread = chat.conversation()
        chat.unwritten = True
        messages = [chat.say(thread, str(number)) for number in range(3)]
        assert {chat.status(message) for message in messages} == {"sending"}
        chat.cut()
        assert {chat.status(message) for message in messages} == {"queued"}
        chat.back()
        visible = [m.external_id for m in chat.far(thread).messages]
        assert visible[-3:] == messages
        assert len(set(visible)) == len(visible)
        assert {chat.status(message) for message in messages} == {"delivered"}


def test_a_message_in_doubt_that_arrived_is_delivered_by_recovery() -> None:
    for mode in MODES:
        chat = Chat(mode)
        thread = chat.conversation()
        chat.control(k.Lose(match="SendMessage"))
        chat.control(k.LosePush(match="MessageCreated"))
        message = chat.say(thread, "did you get this?")
        waiting = chat.do(i.AwaitSettled, message=message)
        chat.cut()
        assert (chat.status(message), waiting in chat.answers) == ("uncertain", False)
        chat.back()
        assert chat.answers[waiting] == "delivered"
        assert statuses(chat, message) == ["queued", "sending", "uncertain", "delivered"]
        assert [m.external_id for m in chat.far(thread).messages].count(message) == 1
        assert chat.texts(thread) == ["hello", "did you get this?"]
        assert chat.told(MessageReceived) == []


def test_a_message_in_doubt_that_is_absent_has_failed_and_goes_again_under_its_id() -> None:
    for mode in MODES:
        chat = Chat(mode)
        thread = chat.conversation()
        chat.control(k.Lose(match="SendMessage", done=False))
        message = chat.say(thread, "did you get this?")
        waiting = chat.do(i.AwaitSettled, message=message)
        chat.cut()
        chat.back()
        assert (chat.status(message), chat.answers[waiting]) == ("failed", "failed")
        assert chat.ask(i.RetryMessage, message=message) == message
        assert chat.status(message) == "delivered"
        assert [m.external_id for m in chat.far(thread).messages].count(message) == 1


def test_sites_that_drop_repeats_get_it_again_by_itself() -> None:
    chat = Chat("single", policy=Policy(resend_uncertain=True), settings={"repeated_message": "drop"})
    thread = chat.conversation()
    chat.control(k.Lose(match="SendMessage", done=False))
    message = chat.say(thread, "did you get this?")
    chat.cut()
    chat.back()
    assert chat.status(message) == "delivered"
    assert [m.external_id for m in chat.far(thread).messages].count(message) == 1


@pytest.mark.row("P16", "L12", "T-28")
def test_a_hidden_beginning_that_was_lost_goes_again_by_itself() -> None:
    for reported in (True, False):
        chat = Chat("live").open()
        chat.unwritten = True
        thread = chat.start()
        assert chat.state_of(thread) == "pending"
        chat.cut(reported=reported)
        chat.back()
        assert chat.state_of(thread) == "open"
        (begin,) = chat.far(thread).messages
        assert begin.content["payload"]["text"] == "Begin Conversation"
        assert chat.texts(thread) == []
        assert chat.told(MessageStatusChanged) == []


@pytest.mark.row("P16")
def test_a_hidden_beginning_that_is_refused_is_told_and_the_customer_can_begin_again() -> None:
    chat = Chat("live").open()
    chat.control(k.Fail(match="SendMessage", code="SendingMessageFailed"))
    refused = chat.start()
    (told,) = chat.news(ErrorReceived)
    assert (told.code, told.thread) == ("SendingMessageFailed", refused)
    thread = chat.start(reuse=True)
    assert chat.status(chat.say(thread, "hello?")) == "delivered"
    assert chat.state_of(thread) == "open"


def test_no_answer_in_time_is_doubt_and_the_history_is_read_back() -> None:
    for done, status in ((True, "delivered"), (False, "failed")):
        chat = Chat("single")
        thread = chat.conversation()
        chat.control(k.Lose(match="SendMessage", done=done))
        chat.control(k.LosePush(match="MessageCreated"))
        message = chat.say(thread, "hm")
        chat.control(k.ForgetFaults())
        waiting = chat.do(i.AwaitSettled, message=message)
        chat.look()
        chat.advance(9.9)
        assert chat.status(message) == "sending"
        chat.advance(0.2)
        assert chat.kinds() == ["RecoverThread"]
        assert chat.answers[waiting] == status
        assert chat.state == "ready"


def test_an_acknowledgement_without_a_copy_counts_as_sent() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.control(k.LosePush(match="MessageCreated"))
    message = chat.say(thread, "hm")
    waiting = chat.do(i.AwaitSettled, message=message)
    assert waiting not in chat.answers
    chat.advance(10)
    assert chat.answers[waiting] == "sent"
    assert chat.ask(i.AwaitSettled, message=message) == "sent"  # nothing more will come by itself
    chat.lose()
    chat.back()
    assert chat.ask(i.AwaitSettled, message=message) == "delivered"


def test_who_asks_for_an_outcome_that_nobody_looks_for_is_told_so() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.control(k.Lose(match="SendMessage", done=False))
    chat.control(k.Lose(match="RecoverThread", done=False))
    message = chat.say(thread, "hm")
    early = chat.do(i.AwaitSettled, message=message)
    chat.advance(20)
    assert chat.answers[early] == "uncertain"
    assert chat.ask(i.AwaitSettled, message=message) == "uncertain"
    chat.lose()
    late = chat.do(i.AwaitSettled, message=message)
    assert late not in chat.answers  # the next recovery tells
    chat.back()
    assert chat.answers[late] == "failed"


def test_who_no_longer_waits_is_not_answered() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.control(k.Delay(match="SendMessage", seconds=1))
    chat.control(k.Hold(match="MessageCreated", seconds=2))
    message = chat.say(thread, "hm")
    waiting, gone = (chat.do(i.AwaitSettled, message=message) for _ in range(2))
    chat.put(i.Withdraw(request=gone))
    chat.advance(5)
    assert chat.answers[waiting] == "delivered"
    assert gone not in chat.answers


def test_what_the_thread_will_not_take_any_more_has_failed() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.control(k.Lose(match="SendMessage", done=False))
    chat.say(thread, "in doubt")
    chat.lose()
    queued = chat.say(thread, "queued")
    waiting = chat.do(i.AwaitSettled, message=queued)
    chat.control(k.CloseContact(thread=thread))
    chat.back()
    assert chat.state_of(thread) == "ended"
    assert chat.answers[waiting] == "failed"
    assert {m.status for m in chat.thread.messages if m.text != "hello"} == {"failed"}


def test_the_outbox_is_bounded() -> None:
    chat = Chat("single", policy=Policy(outbox=3))
    thread = chat.conversation()
    chat.lose()
    messages = [chat.say(thread, str(number)) for number in range(3)]
    assert chat.refused(i.SendMessage, thread=thread, text="too many") is RefusalCode.LIMIT_REACHED
    assert chat.ask(i.DiscardMessage, message=messages[1]) == messages[1]
    chat.say(thread, "room again")
    chat.back()
    assert chat.texts(thread) == ["hello", "0", "2", "room again"]


def test_requests_that_wait_for_the_chat_are_bounded() -> None:
    chat = Chat("single", policy=Policy(outbox=2))
    chat.network = False
    waiting = [chat.do(i.StartThread, reuse=True) for _ in range(2)]
    assert chat.refused(i.StartThread) is RefusalCode.LIMIT_REACHED
    chat.put(i.Withdraw(request=waiting[0]))
    chat.network = True
    chat.do(i.Open)
    assert waiting[0] not in chat.answers
    assert chat.answers[waiting[1]] == chat.thread.id


# --- in ---


@pytest.mark.row("M1", "M2", "M16")
def test_a_repeated_message_is_told_once() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.control(k.Repeat(match="MessageCreated", copies=5))
    chat.control(k.AgentSays(text="once"))
    assert [event.text for event in chat.news(MessageReceived)] == ["once"]
    assert chat.texts(thread) == ["hello", "once"]


def test_a_message_with_new_content_is_an_update() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.control(k.AgentSays(text="first", message="0a000000-0000-4000-8000-00000000000a"))
    text = chat.session.threads[thread].messages[-1]
    copy = {
        "idOnExternalPlatform": text.id,
        "threadIdOnExternalPlatform": thread,
        "createdAt": text.created_at.isoformat(),
        "messageContent": {"type": "TEXT", "payload": {"text": "second thoughts"}},
        "direction": "outbound",
    }
    chat.look()
    chat.hear(push("MessageCreated", {"message": copy, "thread": {"idOnExternalPlatform": thread}}))
    (updated,) = chat.news()
    assert isinstance(updated, MessageUpdated)
    assert chat.texts(thread) == ["hello", "second thoughts"]


@pytest.mark.row("M9")
def test_messages_that_overtake_each_other_are_shown_in_the_far_sides_order() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.control(k.Hold(match="MessageCreated", seconds=2))
    chat.advance(0.001)
    chat.control(k.AgentSays(text="one"))
    chat.advance(0.001)
    chat.control(k.AgentSays(text="two"))
    chat.advance(3)
    assert chat.texts(thread) == ["hello", "one", "two"]
    assert [event.text for event in chat.news(MessageReceived)] == ["two", "one"]


@pytest.mark.row("L10", "M10", "L12")
def test_what_belongs_to_the_protocol_is_never_shown() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.control(k.WarnInactive(seconds=90))
    chat.ask(i.AnswerInactivity, thread=thread, stay=True)
    assert chat.texts(thread) == ["hello"]
    chat.lose()
    chat.back()
    assert chat.texts(thread) == ["hello"]
    later = Chat("live", center=chat.center, restored=dict(chat.session.kept), seed=b"another seed of 16 bytes",
                 now=chat.now)  # fmt: skip
    chat.do(i.Disconnect)
    later.open()
    assert later.texts(thread) == ["hello"]
    (loaded,) = later.told(HistoryLoaded)
    assert [message.text for message in loaded.messages] == ["hello"]


# --- limits of time ---


def test_frames_beyond_the_rate_limit_wait_their_turn_in_order() -> None:
    chat = Chat("single", policy=Policy(rate_limit=(5, 5.0)))
    thread = chat.conversation()
    chat.advance(6)
    chat.look()
    for number in range(9):
        chat.do(i.SendMessage, thread=thread, text=str(number))
    assert len(chat.wrote()) < 9
    chat.advance(5)
    chat.advance(5)
    assert chat.texts(thread) == ["hello", *map(str, range(9))]


def test_what_still_waits_for_its_turn_when_the_socket_dies_was_never_written() -> None:
    chat = Chat("single", policy=Policy(rate_limit=(5, 5.0)))
    thread = chat.conversation()
    chat.advance(6)
    messages = [chat.say(thread, str(number)) for number in range(9)]
    chat.cut()
    assert chat.status(messages[-1]) == "queued"
    chat.back()
    chat.advance(20)
    assert chat.texts(thread) == ["hello", *map(str, range(9))]
    assert len(chat.far(thread).messages) == 10


@pytest.mark.row("T-9")
def test_a_message_in_hand_never_changes() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    before = chat.session.threads[thread].messages
    chat.control(k.AgentReads())
    assert [message.status for message in before] == ["delivered"]
    assert [message.status for message in chat.session.threads[thread].messages] == ["seen"]


def test_no_state_of_a_thread_is_told_twice_in_a_row() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    for _ in range(3):
        chat.lose()
        chat.back()
    states = [event.state for event in chat.told(ThreadStateChanged) if event.thread == thread]
    assert all(one != other for one, other in pairwise(states))
    assert not [command for command in chat.log if isinstance(command, c.Refuse)]
