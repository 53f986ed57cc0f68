"""Rows T1-T12: a thread is created, and is pending until the far side knows it."""

import pytest

from deskline_center import controls as k
from deskline_center.cxone.channel import FieldDefinition, Survey
from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.errors import RefusalCode
from deskline_core.events import (
    MessageStatusChanged,
    QueuePositionChanged,
    ThreadEnded,
    ThreadRenamed,
    ThreadStateChanged,
)
from deskline_core.lifecycle import ChatState, EndReason, MessageStatus, ThreadState
from deskline_core.model import QueuePosition
from tests.core.cxone.alone import Mode, nothing_to_recover, reach, recovered_thread
from tests.playbook import Chat, Frame, answer

SURVEY = Survey(
    name="Before we start",
    fields=(
        FieldDefinition(ident="order", label="Order number", required=True),
        FieldDefinition(ident="mood", label="How are you?"),
    ),
)


def unheard(mode: str) -> tuple[Chat, str]:
    """Return a chat with a pending thread, whose far side takes no message."""
    chat = Chat(mode).open()
    chat.control(k.Lose(match="SendMessage", times=9, done=False))
    thread = chat.start()
    chat.look()
    return chat, thread


# --- create ---


@pytest.mark.row("T1", "T-1", "T-5")
def test_a_new_thread_is_pending_and_its_id_is_ours_and_kept() -> None:
    chat = Chat("single").open()
    thread = chat.start(answers=(("order", "4711"),), name="Parcel")
    assert chat.news() == [ThreadStateChanged(thread=thread, state=ThreadState.PENDING)]
    assert chat.kinds() == []  # the far side learns of it with the first message
    assert thread == thread.lower()
    assert len(thread) == 36
    assert chat.session.kept["thread"] == thread
    assert (chat.session.threads[thread].name, chat.session.threads[thread].reason) == ("Parcel", None)


@pytest.mark.row("T1")
def test_threads_of_a_multi_thread_channel_are_many_and_none_is_kept() -> None:
    chat = Chat("multi").open()
    first, second = chat.start(), chat.start()
    assert list(chat.session.threads) == [first, second]
    assert "thread" not in chat.session.kept


def values(frame: Frame) -> list[tuple[str, str]]:
    """Return the custom fields of the conversation that a message takes along."""
    return [(field["ident"], field["value"]) for field in frame.data["contact"]["customFields"]]


@pytest.mark.row("T1", "L12", "T-28")
def test_a_live_chat_begins_with_one_hidden_message() -> None:
    chat = Chat("live").open()
    thread = chat.start(answers=(("order", "4711"),))
    (begin,) = chat.wrote()
    assert begin.kind == "SendMessage"
    assert begin.data["thread"]["idOnExternalPlatform"] == thread
    assert begin.data["messageContent"]["payload"] == {"text": "Begin Conversation"}
    assert begin.data["messageContent"]["parameters"] == {"isInitialMessage": True}
    assert values(begin) == [("order", "4711")]
    assert chat.news() == [
        ThreadStateChanged(thread=thread, state=ThreadState.PENDING),
        ThreadStateChanged(thread=thread, state=ThreadState.OPEN),
        QueuePositionChanged(thread=thread, queue=QueuePosition(position=1)),
    ]
    assert chat.texts(thread) == []


@pytest.mark.row("T2", "P15")
def test_without_the_required_answers_nothing_is_created() -> None:
    for mode in ("single", "multi", "live"):
        chat = Chat(mode, settings={"survey": SURVEY}).open()
        before = dict(chat.session.kept)
        for answers in ((), (("mood", "fine"),), (("order", ""),)):
            assert chat.refused(i.StartThread, answers=answers) is RefusalCode.MISSING_ANSWERS
        assert not chat.session.threads
        assert (chat.news(), chat.wrote(), chat.session.kept) == ([], [], before)
        assert chat.start(answers=(("order", "4711"),)) in chat.session.threads


@pytest.mark.row("T2", "P15")
def test_an_ended_conversation_stays_until_the_next_one_may_begin() -> None:
    chat = Chat("live", settings={"survey": SURVEY}).open()
    old = chat.start(answers=(("order", "4711"),))
    chat.control(k.CloseContact())
    chat.look()
    assert chat.refused(i.StartThread) is RefusalCode.MISSING_ANSWERS
    assert list(chat.session.threads) == [old]
    assert chat.wrote() == []


@pytest.mark.row("T2", "P15")
def test_a_conversation_that_is_being_ended_stays_until_the_next_one_may_begin() -> None:
    chat = Chat("live", settings={"survey": SURVEY}).open()
    old = chat.start(answers=(("order", "4711"),))
    chat.control(k.Lose(match="EndContact", done=False))
    chat.do(i.EndThread, thread=old)
    chat.look()
    assert chat.refused(i.StartThread) is RefusalCode.MISSING_ANSWERS
    assert (list(chat.session.threads), chat.session.threads[old].state) == ([old], ThreadState.OPEN)
    assert (chat.news(), chat.wrote(), chat.session.state) == ([], [], ChatState.ENDING)


@pytest.mark.row("T3")
def test_a_single_thread_channel_has_one_thread() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    assert chat.refused(i.StartThread) is RefusalCode.NOT_SUPPORTED
    assert list(chat.session.threads) == [thread]
    assert (chat.news(), chat.wrote()) == ([], [])


@pytest.mark.row("T4", "S40", "L13", "R20")
def test_a_live_chat_that_is_being_ended_gives_way_to_a_new_one() -> None:
    chat = Chat("live")
    old = chat.conversation()
    chat.control(k.Lose(match="EndContact", done=False))
    asked = chat.do(i.EndThread, thread=old)
    assert chat.state == ChatState.ENDING
    chat.look()
    new = chat.start()
    assert list(chat.session.threads) == [old, new]  # the old one can still be read
    assert chat.texts(old) == ["hello"]
    told = chat.news(ThreadStateChanged, ThreadEnded)
    assert told[:2] == [
        ThreadStateChanged(thread=old, state=ThreadState.ENDED),
        ThreadEnded(thread=old, reason=EndReason.REPLACED),
    ]
    assert {event.thread for event in told[2:]} == {new}  # nothing is told of the old one any more
    assert asked in chat.answers  # it is over
    assert chat.state == ChatState.READY
    assert chat.session.kept["thread"] == new


@pytest.mark.row("T4", "L13")
def test_after_the_end_a_new_conversation_is_a_new_thread() -> None:
    chat = Chat("live")
    old = chat.conversation()
    contact = chat.far(old).contact.number
    chat.control(k.CloseContact())
    ended = chat.session.threads[old]
    chat.look()
    new = chat.start()
    assert new != old
    assert list(chat.session.threads) == [old, new]  # the old one can still be read
    assert chat.texts(old) == ["hello"]
    assert ended.state is ThreadState.ENDED
    assert {event.thread for event in chat.news(ThreadStateChanged)} == {new}
    assert [frame.data["thread"]["idOnExternalPlatform"] for frame in chat.wrote()] == [new]
    case = {"id": contact, "threadIdOnExternalPlatform": old, "status": "closed"}
    chat.look()
    chat.hear({"eventId": "late", "eventType": "CaseStatusChanged", "data": {"case": case}})
    assert (chat.news(), chat.state_of(new)) == ([], ThreadState.OPEN)


# --- pending ---


@pytest.mark.row("T5", "T-31")
def test_the_first_message_creates_the_thread_and_carries_the_answers_once() -> None:
    chat = Chat("multi").open()
    thread = chat.start(answers=(("order", "4711"), ("mood", "fine")), name="Parcel")
    chat.look()
    chat.control(k.Delay(match="SendMessage", seconds=1))
    first = chat.say(thread, "one")
    chat.control(k.Hold(match="MessageCreated", seconds=1))
    assert chat.thread.state in (ThreadState.PENDING, ThreadState.OPEN)
    chat.advance(2)
    second = chat.say(thread, "two")
    frames = chat.wrote()
    assert [frame.kind for frame in frames] == ["SendMessage", "SendMessage"]
    assert [frame.data["idOnExternalPlatform"] for frame in frames] == [first, second]
    assert frames[0].data["thread"] == {"idOnExternalPlatform": thread, "threadName": "Parcel"}
    assert values(frames[0]) == [("order", "4711"), ("mood", "fine")]
    assert values(frames[1]) == []
    chat.advance(2)
    assert (chat.status(first), chat.status(second)) == ("delivered", "delivered")


@pytest.mark.row("T5")
def test_a_message_of_a_pending_thread_is_shown_at_once() -> None:
    chat, thread = unheard("single")
    message = chat.say(thread, "anyone?")
    assert chat.news() == [
        MessageStatusChanged(thread=thread, message=message, status=MessageStatus.QUEUED),
        MessageStatusChanged(thread=thread, message=message, status=MessageStatus.SENDING),
    ]
    assert chat.texts(thread) == ["anyone?"]
    assert chat.last_state is ThreadState.PENDING


@pytest.mark.row("T6")
def test_an_acknowledgement_opens_the_thread() -> None:
    chat = Chat("single").open()
    thread = chat.start()
    chat.control(k.LosePush(match="MessageCreated"))
    message = chat.say(thread, "hello")
    assert chat.last_state is ThreadState.OPEN
    assert chat.status(message) == "sent"


@pytest.mark.row("T6", "T-21")
def test_the_far_sides_copy_opens_the_thread_and_tells_its_contact() -> None:
    chat = Chat("live").open()
    chat.control(k.LosePush(match="ack"))
    chat.control(k.LosePush(match="CaseCreated"))
    thread = chat.start()
    assert chat.last_state is ThreadState.OPEN
    chat.look()
    chat.do(i.EndThread, thread=thread)
    (end,) = chat.wrote()
    assert end.data["contact"]["id"] == chat.far(thread).contact.number


@pytest.mark.row("T7")
def test_the_name_of_a_pending_thread_travels_with_the_first_message() -> None:
    chat = Chat("multi").open()
    thread = chat.start()
    chat.look()
    chat.ask(i.RenameThread, thread=thread, name="Parcel")
    assert chat.news() == [ThreadRenamed(thread=thread, name="Parcel")]
    assert chat.wrote() == []
    chat.say(thread, "hello")
    assert chat.wrote()[0].data["thread"]["threadName"] == "Parcel"
    assert chat.far(thread).name == "Parcel"


@pytest.mark.row("T8", "T-3")
def test_a_pending_thread_is_archived_here_only() -> None:
    chat, thread = unheard("multi")
    chat.ask(i.ArchiveThread, thread=thread)
    assert chat.news() == [
        ThreadStateChanged(thread=thread, state=ThreadState.ENDED),
        ThreadEnded(thread=thread, reason=EndReason.ARCHIVED),
    ]
    assert chat.wrote() == []
    assert chat.session.threads[thread].reason is EndReason.ARCHIVED


@pytest.mark.row("T9")
def test_there_is_nothing_to_read_in_a_pending_thread() -> None:
    chat, thread = unheard("single")
    assert chat.ask(i.MarkRead, thread=thread) is None
    assert (chat.news(), chat.wrote(), chat.last_state) == ([], [], ThreadState.PENDING)


@pytest.mark.row("T10")
def test_a_pending_live_chat_has_no_contact_to_end() -> None:
    chat, thread = unheard("live")
    assert chat.refused(i.EndThread, thread=thread) is RefusalCode.ILLEGAL_STATE
    assert (chat.news(), chat.wrote(), chat.state) == ([], [], ChatState.READY)


@pytest.mark.row("T11", "T-26")
def test_there_is_nothing_to_load_in_a_pending_thread() -> None:
    for mode in ("single", "multi", "live"):
        chat, thread = unheard(mode)
        assert chat.ask(i.OpenThread, thread=thread) == thread
        assert (chat.news(), chat.wrote()) == ([], [])


@pytest.mark.row("T11", "T-26", "P32")
def test_a_pending_thread_is_not_asked_for_after_a_loss() -> None:
    for mode in ("single", "multi"):
        chat = Chat(mode).open()
        thread = chat.start()
        chat.ask(i.OpenThread, thread=thread)
        chat.lose()
        chat.look()
        chat.back()
        assert "RecoverThread" not in (kinds := chat.kinds())
        assert "LoadThreadMetadata" not in kinds
        assert chat.state_of(thread) is ThreadState.PENDING


@pytest.mark.row("T12")
def test_that_nothing_was_recovered_leaves_a_pending_thread_alone() -> None:
    chat = Chat("live")
    old = chat.conversation()
    chat.control(k.CloseContact())
    chat.control(k.Lose(match="RecoverLivechat", done=False))
    chat.look()
    chat.do(i.OpenThread, thread=old)
    (asked,) = chat.wrote()
    chat.control(k.Lose(match="SendMessage", done=False))
    new = chat.start()
    chat.look()
    late = {"contact": {"id": "48000999", "status": "closed"}, "thread": {"idOnExternalPlatform": new}}
    chat.hear(answer(asked.event_id, "LivechatRecovered", late))
    assert chat.state_of(new) is ThreadState.PENDING
    assert (chat.news(), chat.state) == ([], ChatState.READY)


@pytest.mark.row("T-2", "T-24", "R6")
def test_nothing_to_recover_is_a_normal_outcome_and_no_error() -> None:
    for mode in ("single", "multi", "live"):
        chat = Chat(mode)
        chat.do(i.Open)
        assert chat.state == ChatState.READY
        assert {type(event).__name__ for event in chat.events} == {"ChatStateChanged"}
        assert not [command for command in chat.log if isinstance(command, c.Refuse)]
        assert not chat.session.threads


@pytest.mark.row("T-29")
def test_two_who_start_while_the_chat_recovers_get_one_thread() -> None:
    modes: tuple[Mode, ...] = ("single", "live")
    for mode, recovered in ((mode, recovered) for mode in modes for recovered in (True, False)):
        chat = reach(S.RECOVERING, mode)
        assert chat.ask(i.StartThread, reuse=True) == chat.ask(i.StartThread, reuse=True) == []
        if recovered:
            chat.answer(next(kind for kind, _ in chat.frames[::-1]), "LivechatRecovered", recovered_thread())
        else:
            nothing_to_recover(chat)
        assert chat.answers[chat.asked - 1] == chat.answers[chat.asked] == next(iter(chat.session.threads))
        assert len(chat.session.threads) == 1
        begun = [frame for kind, frame in chat.frames if kind == "SendMessage"]
        assert len(begun) == (mode == "live" and not recovered)
        chat.ask(i.StartThread, reuse=True)  # and whoever comes while it is still being made
        assert len(chat.session.threads) == 1
