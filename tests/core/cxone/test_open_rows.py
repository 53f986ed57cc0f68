"""Rows T18-T21: what an open thread can do, how it is archived and how its contact ends."""

import pytest

from deskline_center import controls as k
from deskline_core import inputs as i
from deskline_core.errors import RefusalCode
from deskline_core.events import ChatStateChanged, ThreadEnded, ThreadRenamed, ThreadStateChanged
from deskline_core.lifecycle import ChatState, EndReason, ThreadState
from deskline_core.policy import Policy
from tests.playbook import Chat, push


def archiving(*, before: ThreadState = ThreadState.OPEN) -> tuple[Chat, str, int]:
    """Return a chat whose thread is being archived, and the number of the request."""
    chat = Chat("multi")
    thread = chat.conversation()
    if before is ThreadState.LOADED:
        chat = Chat("multi", center=chat.center, restored=dict(chat.session.kept), seed=b"another seed of 16 bytes")
        chat.open()
    assert chat.last_state is before
    chat.control(k.Delay(match="ArchiveThread", seconds=1))
    asked = chat.do(i.ArchiveThread, thread=thread)
    assert chat.state_of(thread) is ThreadState.ARCHIVING
    return chat, thread, asked


# --- T18 ---


@pytest.mark.row("T18")
def test_a_message_of_an_open_thread_goes_out_at_once() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    message = chat.say(thread, "and another thing")
    (frame,) = chat.wrote()
    assert (frame.kind, frame.data["idOnExternalPlatform"]) == ("SendMessage", message)
    assert chat.status(message) == "delivered"


@pytest.mark.row("T18")
def test_custom_fields_of_an_open_thread_go_out_at_once() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.ask(i.SetThreadFields, thread=thread, fields=(("topic", "ship"),))
    assert chat.kinds() == ["SetContactCustomFields"]
    assert chat.far(thread).contact.fields["topic"].value == "ship"


@pytest.mark.row("T18")
def test_typing_is_shown_once_and_ends_by_itself() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    for _ in range(4):
        chat.ask(i.StartTyping, thread=thread)
        chat.advance(1.0)
    assert chat.kinds() == ["SenderTypingStarted"]
    chat.advance(0.49)
    assert chat.kinds() == []
    chat.advance(0.02)
    assert chat.kinds() == ["SenderTypingEnded"]
    chat.advance(60)
    assert chat.kinds() == []


@pytest.mark.row("T18")
def test_typing_ends_when_the_customer_stops_or_sends() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.ask(i.StartTyping, thread=thread)
    chat.ask(i.StopTyping, thread=thread)
    chat.ask(i.StopTyping, thread=thread)
    assert chat.kinds() == ["SenderTypingStarted", "SenderTypingEnded"]
    chat.ask(i.StartTyping, thread=thread)
    chat.say(thread, "done")
    assert chat.kinds() == ["SenderTypingStarted", "SenderTypingEnded", "SendMessage"]
    chat.advance(5)
    assert chat.kinds() == []


@pytest.mark.row("T18")
def test_reading_is_told_to_the_far_side() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.control(k.AgentSays(text="hello"))
    assert chat.ask(i.MarkRead, thread=thread) is None
    (frame,) = chat.wrote()
    assert (frame.kind, frame.data) == ("MessageSeenByCustomer", {"thread": {"idOnExternalPlatform": thread}})
    assert chat.far(thread).messages[-1].seen_at is not None


@pytest.mark.row("T18")
def test_a_name_counts_when_it_is_acknowledged() -> None:
    chat = Chat("multi")
    thread = chat.conversation()
    chat.control(k.Delay(match="UpdateThread", seconds=1))
    asked = chat.do(i.RenameThread, thread=thread, name="Parcel")
    assert (asked in chat.answers, chat.news(), chat.thread.name) == (False, [], "")
    chat.advance(1)
    assert asked in chat.answers
    assert chat.news() == [ThreadRenamed(thread=thread, name="Parcel")]
    assert [frame.kind for frame in chat.wrote()] == ["UpdateThread"]
    chat.ask(i.RenameThread, thread=thread, name="Parcel")
    assert chat.news() == []  # the same name is no news


@pytest.mark.row("T18")
def test_a_name_that_is_refused_unanswered_or_lost_does_not_count() -> None:
    chat = Chat("multi")
    thread = chat.conversation()
    chat.control(k.Fail(match="UpdateThread"))
    assert chat.refused(i.RenameThread, thread=thread, name="Parcel") is RefusalCode.REFUSED_BY_CENTER
    chat.control(k.Lose(match="UpdateThread", done=False))
    unanswered = chat.do(i.RenameThread, thread=thread, name="Parcel")
    chat.advance(10)
    assert chat.refusals[unanswered].code is RefusalCode.TIMEOUT
    chat.control(k.Lose(match="UpdateThread", done=False))
    lost = chat.do(i.RenameThread, thread=thread, name="Parcel")
    chat.cut()
    assert chat.refusals[lost].code is RefusalCode.CONNECTION_LOST
    assert chat.thread.name == ""
    assert chat.news(ThreadRenamed) == []


def test_a_name_that_cannot_be_sent_is_refused_before_anything_happens() -> None:
    chat = Chat("multi")
    thread = chat.conversation()
    for name in ("x" * 1025, "half \ud83d"):
        assert chat.refused(i.RenameThread, thread=thread, name=name) is RefusalCode.INVALID_VALUE
    assert (chat.news(), chat.wrote()) == ([], [])


@pytest.mark.row("T18")
def test_older_messages_are_loaded_page_by_page() -> None:
    chat = Chat("single", settings={"page_size": 3})
    thread = chat.conversation("0")
    for number in range(1, 8):
        chat.advance(1)
        chat.say(thread, str(number))
    later = Chat("single", center=chat.center, restored=dict(chat.session.kept), seed=b"another seed of 16 bytes",
                 now=chat.now)  # fmt: skip
    later.open()
    assert later.texts(thread) == ["5", "6", "7"]
    assert later.thread.has_more
    assert later.ask(i.LoadMore, thread=thread) == 3
    (frame,) = later.wrote()
    assert frame.kind == "LoadMoreMessages"
    assert frame.data["scrollToken"]
    assert later.ask(i.LoadMore, thread=thread) == 2
    assert later.texts(thread) == [str(number) for number in range(8)]
    assert not later.thread.has_more
    later.look()
    assert later.ask(i.LoadMore, thread=thread) == 0
    assert later.wrote() == []


@pytest.mark.row("T18")
def test_a_transcript_is_sent_if_the_channel_allows_it() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    assert chat.ask(i.SendTranscript, thread=thread, email="kim@example.test") is None
    (frame,) = chat.wrote()
    assert frame.data == {
        "consumerContact": {"id": chat.far(thread).contact.number},
        "consumerRecipients": [{"idOnExternalPlatform": "kim@example.test"}],
    }
    assert chat.news() == []


@pytest.mark.row("D124", "D166", "L9")
def test_a_transcript_that_the_channel_does_not_allow_is_refused() -> None:
    chat = Chat("live", settings={"transcripts": False})
    thread = chat.conversation()
    assert chat.refused(i.SendTranscript, thread=thread, email="kim@example.test") is RefusalCode.NOT_SUPPORTED
    assert chat.wrote() == []
    for transcripts, code in ((False, RefusalCode.NOT_SUPPORTED), (True, RefusalCode.ILLEGAL_STATE)):
        pending = Chat("single", settings={"transcripts": transcripts}).open()
        assert pending.refused(i.SendTranscript, thread=pending.start(), email="x@example.test") is code
    chat.control(k.CloseContact())
    assert chat.refused(i.SendTranscript, thread=thread, email="kim@example.test") is RefusalCode.NOT_SUPPORTED
    chat, thread, _ = archiving()
    assert chat.refused(i.SendTranscript, thread=thread, email="kim@example.test") is RefusalCode.ILLEGAL_STATE


@pytest.mark.row("T18")
def test_a_transcript_may_be_refused_unanswered_or_lost() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.control(k.Fail(match="SendTranscript", code="SendingTranscriptFailed", message="No such address"))
    refused = chat.do(i.SendTranscript, thread=thread, email="nobody@example.test")
    assert (chat.refusals[refused].code, chat.refusals[refused].remote_code) == (
        RefusalCode.REFUSED_BY_CENTER,
        "SendingTranscriptFailed",
    )
    assert chat.refusals[refused].transaction
    chat.control(k.Lose(match="SendTranscript"))
    unanswered = chat.do(i.SendTranscript, thread=thread, email="kim@example.test")
    chat.advance(10)
    assert chat.refusals[unanswered].code is RefusalCode.TIMEOUT
    chat.control(k.Lose(match="SendTranscript"))
    lost = chat.do(i.SendTranscript, thread=thread, email="kim@example.test")
    chat.cut()
    assert chat.refusals[lost].code is RefusalCode.CONNECTION_LOST


# --- T19: archive ---


@pytest.mark.row("T19", "T-7", "T-15", "T-16")
def test_a_thread_is_archived_when_the_far_side_says_so() -> None:
    for before in (ThreadState.OPEN, ThreadState.LOADED):
        chat, thread, asked = archiving(before=before)
        assert [frame.kind for frame in chat.wrote()][-1:] == ["ArchiveThread"]
        assert asked not in chat.answers
        chat.look()
        chat.advance(1)
        assert chat.answers[asked] is None
        assert chat.news() == [
            ThreadStateChanged(thread=thread, state=ThreadState.ENDED),
            ThreadEnded(thread=thread, reason=EndReason.ARCHIVED),
        ]
        assert chat.far(thread).archived


@pytest.mark.row("T19", "T-15")
def test_a_thread_that_is_not_archived_is_as_before() -> None:
    for before in (ThreadState.OPEN, ThreadState.LOADED):
        chat, thread, _ = archiving(before=before)
        chat.advance(1)
        for fault, code in (
            (k.Fail(match="ArchiveThread"), RefusalCode.REFUSED_BY_CENTER),
            (k.Lose(match="ArchiveThread", done=False), RefusalCode.TIMEOUT),
        ):
            chat = Chat("multi")
            thread = chat.conversation()
            if before is ThreadState.LOADED:
                kept = dict(chat.session.kept)
                chat = Chat("multi", center=chat.center, restored=kept, seed=b"another seed of 16 bytes").open()
            chat.control(fault)
            chat.look()
            asked = chat.do(i.ArchiveThread, thread=thread)
            chat.advance(10)
            assert chat.refusals[asked].code is code
            assert [event.state for event in chat.news(ThreadStateChanged)] == [ThreadState.ARCHIVING, before]
            assert chat.news(ThreadEnded) == []


@pytest.mark.row("T19")
def test_a_loss_while_archiving_leaves_the_thread_to_recovery() -> None:
    chat, thread, asked = archiving()
    chat.cut()
    assert chat.refusals[asked].code is RefusalCode.CONNECTION_LOST
    assert chat.state_of(thread) is ThreadState.OPEN
    chat.back()
    assert chat.state_of(thread) is ThreadState.ENDED  # the far side had archived it


@pytest.mark.row("D116", "T-17", "L8")
def test_archiving_is_asked_for_once() -> None:
    chat, thread, first = archiving()
    second = chat.do(i.ArchiveThread, thread=thread)
    assert [frame.kind for frame in chat.wrote()].count("ArchiveThread") == 1
    chat.advance(1)
    assert (chat.answers[first], chat.answers[second]) == (None, None)


@pytest.mark.row("D111", "D112", "D113", "D115", "D118", "D119", "D123", "D126")
def test_a_thread_that_is_being_archived_takes_nothing_that_would_be_lost() -> None:
    chat, thread, _ = archiving()
    chat.look()
    assert chat.refused(i.SendMessage, thread=thread, text="wait") is RefusalCode.ILLEGAL_STATE
    assert chat.refused(i.RenameThread, thread=thread, name="x") is RefusalCode.ILLEGAL_STATE
    assert chat.refused(i.LoadMore, thread=thread) is RefusalCode.ILLEGAL_STATE
    assert chat.refused(i.EndThread, thread=thread) is RefusalCode.ILLEGAL_STATE
    assert chat.ask(i.StartTyping, thread=thread) is None
    assert chat.ask(i.OpenThread, thread=thread) == thread
    assert chat.wrote() == []
    assert chat.ask(i.MarkRead, thread=thread) is None
    assert chat.kinds() == ["MessageSeenByCustomer"]
    chat.control(k.AgentSays(text="just a second"))
    assert chat.texts(thread) == ["hello", "just a second"]
    assert chat.state_of(thread) is ThreadState.ARCHIVING


# --- T20: end contact ---


@pytest.mark.row("T20", "S38", "S39", "P19")
def test_the_customer_ends_a_live_chat() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.control(k.Delay(match="EndContact", seconds=1))
    asked = chat.do(i.EndThread, thread=thread)
    (frame,) = chat.wrote()
    assert frame.kind == "EndContact"
    assert frame.data == {
        "thread": {"idOnExternalPlatform": thread},
        "contact": {"id": chat.far(thread).contact.number},
    }
    told = chat.news()
    assert told[0] == ChatStateChanged(state=ChatState.ENDING)
    assert told[-1] == ChatStateChanged(state=ChatState.READY)
    assert ThreadEnded(thread=thread, reason=EndReason.CUSTOMER) in told
    assert asked in chat.answers
    chat.advance(60)
    assert chat.news() == []


@pytest.mark.row("T20", "L8")
def test_ending_is_asked_for_once() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.control(k.Hold(match="CaseStatusChanged", seconds=2))
    asked = [chat.do(i.EndThread, thread=thread) for _ in range(3)]
    assert chat.kinds() == ["EndContact"]
    assert not any(number in chat.answers for number in asked)
    chat.advance(2)
    assert all(chat.answers[number] is None for number in asked)
    assert chat.told(ThreadEnded) == [ThreadEnded(thread=thread, reason=EndReason.CUSTOMER)]


@pytest.mark.row("T20")
def test_only_a_live_chat_has_a_contact_to_end() -> None:
    for mode in ("single", "multi"):
        chat = Chat(mode)
        thread = chat.conversation()
        assert chat.refused(i.EndThread, thread=thread) is RefusalCode.NOT_SUPPORTED
        assert (chat.wrote(), chat.news()) == ([], [])


@pytest.mark.row("T20", "T-21")
def test_a_contact_whose_number_is_not_known_cannot_be_ended() -> None:
    chat = Chat("live").open()
    chat.control(k.LosePush(match="CaseCreated"))
    chat.control(k.LosePush(match="MessageCreated"))
    chat.control(k.LosePush(match="SetPositionInQueue"))
    thread = chat.start()
    chat.look()
    assert chat.state_of(thread) is ThreadState.OPEN
    assert chat.refused(i.EndThread, thread=thread) is RefusalCode.ILLEGAL_STATE
    assert (chat.wrote(), chat.state) == ([], ChatState.READY)


@pytest.mark.row("T20", "D20", "P46")
def test_an_end_that_is_never_confirmed_is_looked_for() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.control(k.Lose(match="EndContact", done=False))
    asked = chat.do(i.EndThread, thread=thread)
    chat.look()
    chat.advance(10)
    assert chat.kinds() == ["RecoverLivechat"]
    assert chat.refusals[asked].code is RefusalCode.TIMEOUT
    assert (chat.state_of(thread), chat.state) == (ThreadState.OPEN, ChatState.READY)

    chat.control(k.LosePush(match="CaseStatusChanged"))
    asked = chat.do(i.EndThread, thread=thread)
    assert chat.state_of(thread) is ThreadState.OPEN
    chat.advance(10)
    assert chat.told(ThreadEnded) == [ThreadEnded(thread=thread, reason=EndReason.CUSTOMER)]
    assert asked in chat.answers
    assert chat.state == "ready"


@pytest.mark.row("T20", "D20")
def test_an_end_that_is_refused_leaves_the_conversation_as_it_was() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.control(k.Fail(match="EndContact", message="not now"))
    asked = chat.do(i.EndThread, thread=thread)
    assert chat.refusals[asked].code is RefusalCode.REFUSED_BY_CENTER
    assert (chat.state_of(thread), chat.state) == (ThreadState.OPEN, ChatState.READY)
    chat.control(k.CloseContact())
    assert chat.thread.reason is EndReason.AGENT  # the refused wish does not count


# --- T21: the case is closed ---


@pytest.mark.row("T21", "D4", "T-20")
def test_a_closed_case_ends_a_live_chat_once() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.control(k.AgentJoins())
    chat.look()
    chat.control(k.Repeat(match="CaseStatusChanged", copies=3))
    chat.control(k.CloseContact())
    assert chat.news(ThreadStateChanged, ThreadEnded) == [
        ThreadStateChanged(thread=thread, state=ThreadState.ENDED),
        ThreadEnded(thread=thread, reason=EndReason.AGENT),
    ]
    assert chat.state == ChatState.READY


@pytest.mark.row("D107", "T-20")
def test_a_closed_case_does_not_end_a_messaging_thread() -> None:
    for mode in ("single", "multi"):
        chat = Chat(mode)
        thread = chat.conversation()
        chat.control(k.AgentJoins())
        chat.control(k.AgentTypes())
        first = chat.far(thread).contact.number
        chat.look()
        chat.control(k.CloseContact())
        assert chat.news(ThreadStateChanged, ThreadEnded) == []
        assert (chat.thread.agent, chat.thread.typing) == (None, None)
        chat.say(thread, "one more thing")
        assert chat.far(thread).contact.number != first
        assert chat.texts(thread) == ["hello", "one more thing"]


@pytest.mark.row("T21")
def test_a_closed_case_ends_a_thread_of_a_multi_thread_channel_if_the_policy_says_so() -> None:
    chat = Chat("multi", policy=Policy(closed_case_ends_multi_thread=True))
    thread = chat.conversation()
    chat.control(k.CloseContact())
    assert chat.told(ThreadEnded) == [ThreadEnded(thread=thread, reason=EndReason.AGENT)]


@pytest.mark.row("P30")
def test_an_older_contact_of_the_thread_ends_nothing() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    for status in ("closed", "open"):
        case = {"id": "48999999", "threadIdOnExternalPlatform": thread, "status": status}
        if status == "closed":
            chat.hear(push("CaseStatusChanged", {"case": case}))
            assert chat.news() == []
    for status in ("pending", "escalated", "resolved", "trashed", "whatever"):
        chat.control(k.ContactStatus(status=status))
    assert chat.news() == []
    assert chat.state_of(thread) is ThreadState.OPEN


@pytest.mark.row("D108")
def test_a_conversation_that_is_open_is_not_replaced() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    assert chat.refused(i.StartThread) is RefusalCode.ILLEGAL_STATE
    assert (list(chat.session.threads), chat.wrote(), chat.news()) == ([thread], [], [])


@pytest.mark.row("D109")
def test_only_threads_of_a_multi_thread_channel_are_named_and_archived() -> None:
    for mode in ("single", "live"):
        chat = Chat(mode)
        thread = chat.conversation()
        assert chat.refused(i.RenameThread, thread=thread, name="x") is RefusalCode.NOT_SUPPORTED
        assert chat.refused(i.ArchiveThread, thread=thread) is RefusalCode.NOT_SUPPORTED
        assert (chat.wrote(), chat.news()) == ([], [])


@pytest.mark.row("D114", "D117", "D118", "D123", "D112", "D113")
def test_what_a_thread_that_is_being_loaded_can_do() -> None:
    chat = Chat("multi")
    thread = chat.conversation()
    chat = Chat("multi", center=chat.center, restored=dict(chat.session.kept), seed=b"another seed of 16 bytes").open()
    chat.control(k.Delay(match="RecoverThread", seconds=1))
    chat.do(i.OpenThread, thread=thread)
    chat.look()
    assert chat.refused(i.ArchiveThread, thread=thread) is RefusalCode.ILLEGAL_STATE
    assert chat.refused(i.EndThread, thread=thread) is RefusalCode.ILLEGAL_STATE
    assert chat.refused(i.LoadMore, thread=thread) is RefusalCode.ILLEGAL_STATE
    assert chat.ask(i.StartTyping, thread=thread) is None
    assert chat.wrote() == []
    assert chat.ask(i.RenameThread, thread=thread, name="Parcel") is None
    assert chat.ask(i.MarkRead, thread=thread) is None
    assert chat.kinds() == ["UpdateThread", "MessageSeenByCustomer"]
    assert chat.thread.name == "Parcel"
    assert chat.ask(i.OpenThread, thread=chat.start()) == chat.thread.id


@pytest.mark.row("D119")
def test_an_open_thread_is_open_already() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    assert chat.ask(i.OpenThread, thread=thread) == thread
    assert chat.wrote() == []


@pytest.mark.row("D121", "D112")
def test_a_pending_thread_has_nothing_older_and_nobody_sees_it_typed_in() -> None:
    chat = Chat("single").open()
    thread = chat.start()
    assert chat.ask(i.LoadMore, thread=thread) == 0
    assert chat.ask(i.StartTyping, thread=thread) is None
    chat.advance(5)
    assert chat.kinds() == []
