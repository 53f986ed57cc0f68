"""Agents, typing, queue, inactivity: what the other side does in a conversation, and what a loss makes of it."""

from typing import Any

import pytest

from deskline_center import controls as k
from deskline_core import inputs as i
from deskline_core.errors import RefusalCode
from deskline_core.events import (
    InactivityCleared,
    InactivityWarned,
    PartyJoined,
    PartyLeft,
    QueuePositionChanged,
    ThreadEnded,
    TypingStarted,
    TypingStopped,
)
from deskline_core.lifecycle import EndReason
from deskline_core.model import QueuePosition
from tests.playbook import Chat, push


def place(contact: str, position: int, **rest: Any) -> dict[str, Any]:
    consumer = {"id": contact, **rest}
    return push(
        "SetPositionInQueue",
        {"consumerContact": consumer, "positionInQueue": position, "isAnyAgentOnlineForQueue": True},
    )


# --- queue ---


@pytest.mark.row("L1", "P17")
def test_a_place_that_comes_before_its_contact_is_kept() -> None:
    chat = Chat("live").open()
    chat.control(k.LosePush(match="CaseCreated"))
    chat.control(k.LosePush(match="SetPositionInQueue"))
    chat.control(k.Hold(match="MessageCreated", seconds=1))
    thread = chat.start()
    contact = chat.far(thread).contact.number
    chat.look()
    chat.hear(place(contact, 4))
    assert (chat.thread.queue, chat.news()) == (None, [])
    chat.advance(1)
    assert chat.thread.queue == QueuePosition(position=4)
    assert QueuePositionChanged(thread=thread, queue=QueuePosition(position=4)) in chat.news()


@pytest.mark.row("L1", "P30")
def test_the_place_of_another_contact_is_not_ours() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    contact = chat.far(thread).contact.number
    chat.hear(place("48999999", 7))
    chat.hear(place("48999998", 7, threadIdOnExternalPlatform=thread))
    assert chat.news() == []
    assert chat.thread.contact == contact
    single = Chat("single")
    single.conversation()
    single.hear(place("48999999", 7))
    assert single.news() == []


@pytest.mark.row("L1", "T-21")
def test_a_place_that_names_the_thread_tells_its_contact() -> None:
    chat = Chat("live").open()
    for kind in ("CaseCreated", "SetPositionInQueue", "MessageCreated"):
        chat.control(k.LosePush(match=kind))
    thread = chat.start()
    contact = chat.far(thread).contact.number
    chat.hear(place(contact, 2, threadIdOnExternalPlatform=thread))
    assert chat.thread.queue == QueuePosition(position=2)
    assert chat.do(i.EndThread, thread=thread) in chat.answers


@pytest.mark.row("L2", "L3", "L6")
def test_the_place_is_hidden_while_an_agent_is_there_and_shown_at_a_hand_over() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    assert chat.thread.queue == QueuePosition(position=1)
    chat.control(k.AgentJoins())
    assert chat.news(QueuePositionChanged) == [QueuePositionChanged(thread=thread, queue=None)]
    chat.control(k.QueuePlace(place=3))
    assert chat.news(QueuePositionChanged) == [QueuePositionChanged(thread=thread, queue=QueuePosition(position=3))]
    chat.control(k.QueuePlace(place=3))
    assert chat.news() == []
    chat.control(k.AgentJoins(agent=0))
    chat.control(k.AgentLeaves())
    assert chat.thread.queue == QueuePosition(position=1)


@pytest.mark.row("L2", "P17")
def test_an_agent_in_the_recovery_hides_the_place() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.lose()
    assert chat.thread.queue is None  # whether it still holds is not known
    chat.control(k.AgentJoins(thread=thread))
    chat.back()
    assert (chat.thread.queue, chat.thread.agent.name) == (None, "Noor Haas")


# --- agents ---


@pytest.mark.row("L5", "L6", "T-13")
def test_agents_join_change_and_leave() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.control(k.AgentJoins())
    (joined,) = chat.news(PartyJoined, PartyLeft)
    first = joined.party
    chat.control(k.AgentJoins())
    assert chat.news(PartyJoined, PartyLeft) == []
    case = {"id": chat.thread.contact, "threadIdOnExternalPlatform": thread, "status": "open"}
    other = {"id": 8, "firstName": "Ann", "surname": "Li"}
    chat.hear(push("CaseInboxAssigneeChanged", {"case": case, "inboxAssignee": other}))
    left, joined = chat.news(PartyJoined, PartyLeft)
    assert (left, joined.party.name) == (PartyLeft(thread=thread, party=first), "Ann Li")
    chat.hear(push("CaseInboxAssigneeChanged", {"case": case, "inboxAssignee": {**other, "nickname": "Annie"}}))
    assert (chat.news(PartyJoined, PartyLeft), chat.thread.agent.name) == ([], "Annie")
    chat.hear(push("CaseInboxAssigneeChanged", {"case": case}))
    (left,) = chat.news(PartyJoined, PartyLeft)
    assert (type(left), chat.thread.agent) == (PartyLeft, None)


@pytest.mark.row("L4")
def test_an_agent_who_is_only_the_owner_counts_after_recovery() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.control(k.AgentJoins())
    far = chat.far(thread).contact
    chat.lose()
    far.owner, far.agent = far.agent, None
    chat.back()
    assert chat.thread.agent.name == "Noor Haas"


@pytest.mark.parametrize("newest_first", [False, True])
def test_an_agent_who_left_while_the_chat_was_away_is_gone_though_still_the_owner(newest_first: bool) -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.control(k.AgentJoins())
    chat.lose()
    chat.advance(2)
    chat.control(k.AgentLeaves())
    far = chat.far(thread).contact
    assert (far.owner is not None, far.agent) == (True, None)
    if newest_first:
        far.records.reverse()
    chat.look()
    chat.back()
    assert [event.party.name for event in chat.news(PartyLeft)] == ["Noor Haas"]
    assert chat.thread.agent is None


@pytest.mark.row("T21")
def test_an_assignment_that_says_closed_ends_the_live_chat() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    case = {"id": chat.thread.contact, "threadIdOnExternalPlatform": thread, "status": "closed"}
    chat.hear(push("CaseInboxAssigneeChanged", {"case": case}))
    assert chat.news(ThreadEnded) == [ThreadEnded(thread=thread, reason=EndReason.UNKNOWN)]


@pytest.mark.row("T-4")
def test_what_concerns_other_threads_changes_nothing_here() -> None:
    chat = Chat("live")
    chat.conversation()
    case = {"id": "48999999", "threadIdOnExternalPlatform": "elsewhere", "status": "closed"}
    user = {"id": 8, "firstName": "Ann", "surname": "Li"}
    chat.hear(push("CaseInboxAssigneeChanged", {"case": case, "inboxAssignee": user}))
    chat.hear(push("CaseStatusChanged", {"case": case}))
    chat.hear(push("CaseCreated", {"case": case}))
    chat.hear(push("SenderTypingStarted", {"thread": {"idOnExternalPlatform": "elsewhere"}, "user": user}))
    chat.hear(push("SenderTypingEnded", {"thread": {"idOnExternalPlatform": "elsewhere"}, "user": user}))
    assert chat.news() == []


# --- typing ---


@pytest.mark.row("M13", "P45")
def test_the_agents_typing_ends_by_its_end_a_message_a_leave_or_time() -> None:
    for ending in ("end", "message", "leave", "time", "loss", "close"):
        chat = Chat("live")
        thread = chat.conversation()
        chat.control(k.AgentJoins())
        chat.look()
        chat.control(k.AgentTypes())
        chat.control(k.AgentTypes())
        (started,) = chat.news(TypingStarted, TypingStopped)
        assert chat.thread.typing == started.party
        match ending:
            case "end":
                chat.control(k.AgentTypes(typing=False))
            case "message":
                chat.control(k.AgentSays(text="there"))
            case "leave":
                chat.control(k.AgentLeaves())
            case "loss":
                chat.lose()
            case "close":
                chat.control(k.CloseContact())
            case _:
                chat.advance(9.9)
                assert chat.thread.typing is not None
                chat.advance(0.2)
        assert chat.news(TypingStarted, TypingStopped) == [TypingStopped(thread=thread, party=started.party)], ending
        assert chat.thread.typing is None
        chat.advance(20)
        assert chat.news(TypingStarted, TypingStopped) == []


@pytest.mark.row("P45")
def test_typing_that_goes_on_does_not_end() -> None:
    chat = Chat("live")
    chat.conversation()
    chat.control(k.AgentTypes())
    for _ in range(5):
        chat.advance(9)
        chat.control(k.AgentTypes())
    assert len(chat.news(TypingStarted)) == 1
    assert chat.told(TypingStopped) == []


@pytest.mark.row("M14", "M13")
def test_typing_without_a_user_counts_only_if_it_is_the_other_sides() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    data = {"thread": {"idOnExternalPlatform": thread}}
    chat.hear(push("SenderTypingStarted", data))
    chat.hear(push("SenderTypingStarted", {**data, "direction": "inbound"}))
    assert chat.news() == []
    chat.hear(push("SenderTypingStarted", {**data, "direction": "outbound"}))
    (started,) = chat.news()
    assert started.party.id == ""


@pytest.mark.row("M13")
def test_own_typing_ends_with_the_connection_and_begins_anew() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.ask(i.StartTyping, thread=thread)
    chat.lose()
    chat.look()
    chat.back()
    assert "SenderTypingEnded" not in chat.kinds()
    chat.ask(i.StartTyping, thread=thread)
    assert chat.kinds() == ["SenderTypingStarted"]


# --- inactivity ---


def warned(seconds: int = 90) -> tuple[Chat, str]:
    chat = Chat("live")
    thread = chat.conversation()
    chat.control(k.WarnInactive(seconds=seconds))
    return chat, thread


@pytest.mark.row("L10")
def test_a_warning_counts_down_from_its_receipt_on_our_clock() -> None:
    chat = Chat("live", now=86_400.0)  # our clock is decades behind the far side's
    thread = chat.conversation()
    chat.center._floor.now += 1.9e9
    chat.control(k.WarnInactive(seconds=90))
    (warning,) = chat.news()
    assert isinstance(warning, InactivityWarned)
    assert warning.inactivity.ends_at == chat.now + 90
    assert chat.thread.inactivity == warning.inactivity
    assert (warning.inactivity.stay.text, warning.inactivity.end.text) != ("", "")
    assert chat.texts(thread) == ["hello"]


@pytest.mark.row("L10")
def test_staying_keeps_the_chat_and_clears_the_warning() -> None:
    chat, thread = warned()
    stay = chat.thread.inactivity.stay
    chat.look()
    assert chat.ask(i.AnswerInactivity, thread=thread, stay=True) is None
    (frame,) = chat.wrote()
    assert frame.data["messageContent"]["postback"] == stay.postback
    assert frame.data["messageContent"]["parameters"] == {"isInactivityPopupAnswer": True}
    assert chat.news() == [InactivityCleared(thread=thread)]
    assert chat.refused(i.AnswerInactivity, thread=thread, stay=True) is RefusalCode.ILLEGAL_STATE
    chat.advance(200)
    assert chat.state_of(thread) == "open"


def test_an_answer_or_its_lack_ends_the_chat_by_inactivity() -> None:
    for answered in (True, False):
        chat, thread = warned()
        if answered:
            chat.ask(i.AnswerInactivity, thread=thread, stay=False)
        else:
            chat.advance(91)
        assert chat.told(ThreadEnded) == [ThreadEnded(thread=thread, reason=EndReason.INACTIVITY)]
        assert chat.told(InactivityCleared) == [InactivityCleared(thread=thread)]
        assert chat.thread.inactivity is None


def test_an_agent_who_closes_during_a_warning_is_still_the_reason() -> None:
    chat, thread = warned()
    chat.control(k.CloseContact())
    assert chat.told(ThreadEnded) == [ThreadEnded(thread=thread, reason=EndReason.AGENT)]


@pytest.mark.row("L11")
def test_a_warning_stands_again_after_a_loss_if_nothing_came_after_it() -> None:
    chat, thread = warned()
    chat.look()
    chat.lose()
    assert chat.news(InactivityCleared) == [InactivityCleared(thread=thread)]
    chat.back()
    (again,) = chat.news(InactivityWarned)
    assert again.inactivity.message
    assert chat.ask(i.AnswerInactivity, thread=thread, stay=True) is None
    chat.lose()
    chat.back()
    assert chat.news(InactivityWarned) == []
    assert chat.thread.inactivity is None


@pytest.mark.row("L11")
def test_a_warning_that_comes_back_counts_from_its_first_receipt() -> None:
    chat, _ = warned()
    ends = chat.thread.inactivity.ends_at
    chat.advance(20)
    chat.lose()
    chat.back()
    assert chat.thread.inactivity.ends_at == ends


@pytest.mark.row("L11")
def test_a_warning_whose_answer_is_on_its_way_is_not_told_again() -> None:
    chat, thread = warned()
    chat.unwritten = True
    chat.ask(i.AnswerInactivity, thread=thread, stay=True)
    chat.look()
    chat.cut(reported=False)
    chat.back()
    assert chat.news(InactivityWarned) == []
    chat.advance(200)
    assert chat.state_of(thread) == "open"  # the answer went again by itself


@pytest.mark.row("L11")
def test_a_warning_with_something_after_it_is_over() -> None:
    chat, thread = warned()
    chat.advance(1)
    chat.lose()
    chat.control(k.AgentSays(thread=thread, text="never mind"))
    chat.look()
    chat.back()
    assert chat.news(InactivityWarned) == []
    assert chat.texts(thread) == ["hello", "never mind"]


def test_a_repeated_warning_is_told_once() -> None:
    chat = Chat("live")
    chat.conversation()
    chat.control(k.Repeat(match="MessageCreated", copies=3))
    chat.control(k.WarnInactive(seconds=90))
    assert len(chat.news(InactivityWarned)) == 1


def test_a_warning_that_ran_out_is_not_told_again_when_it_is_recovered() -> None:
    chat = Chat("single")  # where nobody ends the thread
    chat.conversation()
    chat.control(k.WarnInactive(seconds=5))
    chat.advance(10)
    chat.look()
    chat.lose()
    chat.back()
    assert chat.news(InactivityWarned) == []
    assert chat.thread.inactivity is None
    due = chat.session.next_deadline
    assert due is None or due >= chat.now


def test_only_an_open_warning_can_be_answered() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    assert chat.refused(i.AnswerInactivity, thread=thread, stay=True) is RefusalCode.ILLEGAL_STATE
    assert chat.wrote() == []


# --- triggers and identity ---


def test_a_trigger_is_sent_when_the_chat_is_ready() -> None:
    chat = Chat("single").open()
    assert chat.ask(i.ExecuteTrigger, trigger="hello") is None
    (frame,) = chat.wrote()
    assert (frame.kind, frame.data) == ("ExecuteTrigger", {"trigger": {"id": "hello"}})
    for trigger in ("x" * 257, "half \ud83d"):
        assert chat.refused(i.ExecuteTrigger, trigger=trigger) is RefusalCode.INVALID_VALUE
    chat.lose()
    assert chat.refused(i.ExecuteTrigger, trigger="hello") is RefusalCode.NOT_CONNECTED


def test_a_trigger_during_recovery_waits_for_it() -> None:
    chat = Chat("single")
    chat.conversation()
    chat.control(k.Delay(match="RecoverThread", seconds=2))
    chat.lose()
    while chat.state != "connected":
        chat.advance(0.5)
    asked = chat.do(i.ExecuteTrigger, trigger="hello")
    assert asked not in chat.answers
    chat.back()
    assert asked in chat.answers
    assert chat.kinds()[-1] == "ExecuteTrigger"


@pytest.mark.row("C3", "C5", "C7")
def test_who_the_customer_is_can_be_said_first_and_travels_along() -> None:
    chat = Chat("single")
    for fields in ({"id": ""}, {"id": "x" * 1025}, {"id": "7", "first_name": "\ud83d"}):
        assert chat.refused(i.SetCustomer, **fields) is RefusalCode.INVALID_VALUE
    assert chat.ask(i.SetCustomer, id="0042", first_name="Kim", last_name="Doe") is None
    thread = chat.conversation()
    assert chat.far(thread).customer.id == "0042"
    assert chat.session.threads[thread].messages[0].party.id == "0042"
    assert chat.refused(i.SetCustomer, id="43") is RefusalCode.ILLEGAL_STATE
