"""Rows T22-T30: ended is absorbing. And what concerns threads that there are not."""

from typing import Any

import pytest

from deskline_center import controls as k
from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.cxone.thread import Thread
from deskline_core.errors import RefusalCode
from deskline_core.events import ThreadEnded, ThreadStateChanged
from deskline_core.lifecycle import EndReason, ThreadState
from tests.playbook import Chat, answer, push, refusal


def ended(mode: Any = "live", **settings: Any) -> tuple[Chat, str]:
    """Return a chat whose one thread has ended: closed by an agent, or archived."""
    chat = Chat(mode, settings=settings)
    thread = chat.conversation()
    chat.control(k.AgentJoins())
    if mode == "live":
        chat.control(k.CloseContact())
    elif mode == "multi":
        chat.ask(i.ArchiveThread, thread=thread)
    else:
        chat.far(thread).archived = True
        chat.lose()
        chat.back()
    assert chat.state_of(thread) is ThreadState.ENDED
    chat.look()
    return chat, thread


def unmoved(chat: Chat, thread: str) -> bool:
    """Whether the thread is ended and nothing else was told of it."""
    states = chat.news(ThreadStateChanged, ThreadEnded)
    return chat.state_of(thread) is ThreadState.ENDED and not states


@pytest.mark.row("T22", "T-10", "P30")
def test_what_still_arrives_is_merged_and_reopens_nothing() -> None:
    for mode in ("single", "multi", "live"):
        chat, thread = ended(mode)
        place = {"thread": {"idOnExternalPlatform": thread}}
        case = {"id": "48000001", "threadIdOnExternalPlatform": thread, "status": "open"}
        agent = {"id": 7, "firstName": "Ann", "surname": "Li"}
        late = {
            "idOnExternalPlatform": "late",
            "threadIdOnExternalPlatform": thread,
            "createdAt": "2026-05-28T20:30:00+00:00",
            "messageContent": {"type": "TEXT", "payload": {"text": "goodbye"}},
            "direction": "outbound",
            "authorUser": agent,
        }
        chat.hear(push("MessageCreated", {"message": late, "case": case, **place}))
        assert chat.texts(thread) == ["hello", "goodbye"]
        chat.hear(push("CaseInboxAssigneeChanged", {"case": case, "inboxAssignee": agent}))
        chat.hear(push("SenderTypingStarted", {**place, "user": agent}))
        chat.hear(push("SenderTypingEnded", {**place, "user": agent}))
        chat.hear(push("CaseStatusChanged", {"case": case}))
        chat.hear(push("CaseStatusChanged", {"case": {**case, "status": "closed"}}))
        chat.hear(push("SetPositionInQueue", {"consumerContact": case, "positionInQueue": 3}))
        chat.hear(push("CaseCreated", {"case": case}))
        assert unmoved(chat, thread), mode
        view = chat.session.threads[thread]
        assert (view.typing, view.queue, view.inactivity) == (None, None, None)


@pytest.mark.row("T23", "T-6")
def test_an_ended_thread_takes_no_message() -> None:
    for mode in ("single", "multi", "live"):
        chat, thread = ended(mode)
        assert chat.refused(i.SendMessage, thread=thread, text="one more") is RefusalCode.THREAD_ENDED
        assert chat.texts(thread) == ["hello"]
        assert chat.wrote() == []


@pytest.mark.row("T24", "T-6")
def test_an_ended_thread_is_neither_typed_in_nor_renamed() -> None:
    for mode in ("single", "multi", "live"):
        chat, thread = ended(mode)
        assert chat.refused(i.StartTyping, thread=thread) is RefusalCode.THREAD_ENDED
        named = RefusalCode.THREAD_ENDED if mode == "multi" else RefusalCode.NOT_SUPPORTED
        assert chat.refused(i.RenameThread, thread=thread, name="x") is named
        assert (chat.wrote(), chat.news()) == ([], [])


@pytest.mark.row("T25")
def test_reading_an_ended_thread_tells_nobody() -> None:
    chat, thread = ended()
    assert chat.ask(i.MarkRead, thread=thread) is None
    assert chat.wrote() == []


@pytest.mark.row("T26", "T-6")
def test_an_ended_thread_is_not_archived_again() -> None:
    chat, thread = ended("multi")
    assert chat.refused(i.ArchiveThread, thread=thread) is RefusalCode.THREAD_ENDED
    assert chat.wrote() == []


@pytest.mark.row("T27", "L7", "L8")
def test_ending_what_has_ended_is_done_already() -> None:
    chat, thread = ended()
    assert chat.ask(i.EndThread, thread=thread) is None
    assert chat.ask(i.EndThread, thread=thread) is None
    assert (chat.wrote(), chat.news(), chat.state) == ([], [], "ready")


@pytest.mark.row("T28")
def test_opening_an_ended_messaging_thread_needs_no_network() -> None:
    for mode in ("single", "multi"):
        chat, thread = ended(mode)
        assert chat.ask(i.OpenThread, thread=thread) == thread
        assert chat.wrote() == []


@pytest.mark.row("T29", "T-22")
def test_the_history_of_an_ended_live_chat_can_be_asked_for() -> None:
    chat, thread = ended()
    chat.control(k.AgentSays(thread=thread, text="unheard"))  # a contact of its own, which we do not see
    assert chat.ask(i.OpenThread, thread=thread) == thread
    (frame,) = chat.wrote()
    assert (frame.kind, frame.data) == ("RecoverLivechat", {"thread": {"idOnExternalPlatform": thread}})


@pytest.mark.row("T29", "T-22", "T-10")
def test_a_closed_contact_that_is_recovered_brings_history_and_reopens_nothing() -> None:
    chat, thread = ended()
    chat.do(i.OpenThread, thread=thread)
    (frame,) = chat.wrote()
    assert frame.kind == "RecoverLivechat"
    assert unmoved(chat, thread)
    assert chat.texts(thread) == ["hello"]
    assert chat.session.threads[thread].reason is EndReason.AGENT


@pytest.mark.row("T30")
def test_a_transcript_may_be_asked_for_afterwards() -> None:
    chat, thread = ended()
    assert chat.ask(i.SendTranscript, thread=thread, email="kim@example.test") is None
    assert chat.kinds() == ["SendTranscript"]
    chat, thread = ended(transcripts=False)
    assert chat.refused(i.SendTranscript, thread=thread, email="kim@example.test") is RefusalCode.NOT_SUPPORTED


@pytest.mark.row("D122")
def test_older_messages_of_an_ended_thread_can_be_loaded() -> None:
    chat = Chat("live", settings={"page_size": 2})
    thread = chat.conversation("0")
    for number in range(1, 5):
        chat.advance(1)
        chat.say(thread, str(number))
    later = Chat("live", center=chat.center, restored=dict(chat.session.kept), seed=b"another seed of 16 bytes",
                 now=chat.now)  # fmt: skip
    later.open()
    later.control(k.CloseContact())
    assert later.state_of(thread) is ThreadState.ENDED
    assert later.texts(thread) == ["3", "4"]
    assert later.ask(i.LoadMore, thread=thread) == 2
    assert later.texts(thread) == ["1", "2", "3", "4"]


@pytest.mark.row("D129")
def test_signing_out_ends_and_forgets_every_thread() -> None:
    for mode in ("single", "multi", "live"):
        chat = Chat(mode)
        thread = chat.conversation()
        chat.control(k.Lose(match="SendMessage", done=False))
        waiting = chat.do(i.AwaitSettled, message=chat.say(thread, "too late"))
        chat.look()
        asked = chat.do(i.SignOut)
        assert asked in chat.answers
        assert chat.answers[waiting] == "failed"
        assert chat.news(ThreadEnded) == [ThreadEnded(thread=thread, reason=EndReason.LOST)]
        assert (dict(chat.session.threads), dict(chat.session.kept)) == ({}, {})


@pytest.mark.row("D130")
def test_who_is_assigned_and_who_types_moves_no_state() -> None:
    chat = Chat("live").open()
    chat.control(k.Lose(match="SendMessage", done=False))
    thread = chat.start()
    chat.look()
    case = {"id": "48000001", "threadIdOnExternalPlatform": thread, "status": "new"}
    agent = {"id": 7, "firstName": "Ann", "surname": "Li"}
    chat.hear(push("CaseInboxAssigneeChanged", {"case": case, "inboxAssignee": agent}))
    chat.hear(push("SenderTypingStarted", {"thread": {"idOnExternalPlatform": thread}, "user": agent}))
    assert [type(event).__name__ for event in chat.news()] == ["PartyJoined", "TypingStarted"]
    assert chat.state_of(thread) is ThreadState.PENDING


@pytest.mark.row("D132")
def test_what_ended_ends_once() -> None:
    for mode in ("single", "multi", "live"):
        chat, _ = ended(mode)
        chat.ask(i.SignOut)
        assert chat.news(ThreadStateChanged, ThreadEnded) == []
        assert not chat.session.threads


@pytest.mark.row("D133")
def test_the_table_refuses_what_is_asked_of_a_thread_that_was_never_there() -> None:
    chat = Chat("multi").open()
    vendor: Any = chat.session._vendor
    stranger = Thread(vendor, "never")
    asked = i.SendMessage(request=999, thread="never", text="x")
    chat.session.requests.accept(999)
    stranger.fire("send", asked)
    (refusal,) = chat.session._commands
    assert isinstance(refusal, c.Refuse)
    assert (refusal.request, refusal.code) == (999, RefusalCode.UNKNOWN_THREAD)


@pytest.mark.row("D131", "T-10")
def test_a_recovery_that_comes_after_the_end_ends_nothing_twice_and_reopens_nothing() -> None:
    chat, thread = ended()
    chat.control(k.Lose(match="RecoverLivechat", times=2, done=False))
    for reply in ("open", "refused"):
        chat.do(i.OpenThread, thread=thread)
        (frame,) = chat.wrote()
        if reply == "refused":
            chat.hear(refusal(frame.event_id, "RecoveringLivechatFailed"))
        else:
            contact = {"id": chat.far(thread).contact.number, "status": "closed"}
            data = {"contact": contact, "thread": {"idOnExternalPlatform": thread}, "messages": []}
            chat.hear(answer(frame.event_id, "LivechatRecovered", data))
        assert unmoved(chat, thread), reply


def test_an_ended_thread_is_the_last_one_unless_a_contact_is_open() -> None:
    for mode, kinds in (("single", ["AuthorizeCustomer"]), ("live", ["AuthorizeCustomer", "RecoverLivechat"])):
        chat, thread = ended(mode)
        chat.lose()
        chat.look()
        chat.back()
        assert chat.kinds() == kinds
        assert unmoved(chat, thread)


@pytest.mark.row("T-13")
def test_a_contact_that_is_open_again_is_a_new_thread_object() -> None:
    chat, thread = ended(closed_live_chat="reopen")
    old = chat.session.threads[thread]
    chat.lose()
    chat.control(k.AgentSays(thread=thread, text="me again"))
    chat.look()
    chat.back()
    new = chat.session.threads[thread]
    assert new is not old
    assert (old.state, new.state) == (ThreadState.ENDED, ThreadState.OPEN)
    assert chat.texts(thread) == ["hello", "me again"]


def test_a_thread_that_there_is_not_is_refused() -> None:
    chat = Chat("multi")
    chat.conversation()
    for kind, fields in _EVERY_REQUEST:
        can = kind.__name__ in chat.session.capabilities
        code = RefusalCode.UNKNOWN_THREAD if can else RefusalCode.NOT_SUPPORTED
        assert chat.refused(kind, thread="nowhere", **fields) is code
    assert (chat.wrote(), chat.news()) == ([], [])


_EVERY_REQUEST: tuple[tuple[type[i.AppRequest], dict[str, object]], ...] = (
    (i.OpenThread, {}),
    (i.SendMessage, {"text": "x"}),
    (i.StartTyping, {}),
    (i.StopTyping, {}),
    (i.MarkRead, {}),
    (i.LoadMore, {}),
    (i.EndThread, {}),
    (i.AnswerInactivity, {"stay": True}),
    (i.RenameThread, {"name": "x"}),
    (i.ArchiveThread, {}),
    (i.SendTranscript, {"email": "x@example.test"}),
)
