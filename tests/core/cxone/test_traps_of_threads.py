"""Traps of threads and messages that the rows' own tests do not reach: lifecycle reference, sections 8.3 to 8.6."""

from typing import Any

import pytest

from deskline_center import controls as k
from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.model import QueuePosition
from deskline_core.policy import Policy
from tests.core.cxone.alone import (
    CONTACT,
    THREAD,
    Alone,
    Mode,
    case_changed,
    reach,
    recovered_thread,
    with_thread,
)
from tests.playbook import Chat

QUIET = Policy(heartbeat=3600)
AGENT = {"id": 7, "firstName": "Noor", "surname": "Haas"}
NOT_APPLICABLE = {
    "M18": "A freeze of a list on a screen while it is swapped; there is no screen here, and no list that is swapped: "
    "all threads are one mapping, and which of them have ended is a state of each.",
}
"""Traps of section 8 that cannot be fallen into here at all, and why."""

CASE = {"id": CONTACT, "threadIdOnExternalPlatform": THREAD, "status": "open"}
LINE = {"idOnExternalPlatform": THREAD}


def push(kind: str, **data: Any) -> dict[str, Any]:
    """Return a push of the far side."""
    return {"eventId": "e-9", "eventType": kind, "data": data}


def said(id: str, *, direction: str = "outbound", second: int = 0, **more: Any) -> dict[str, Any]:
    """Return a message of either side."""
    return {
        "idOnExternalPlatform": id,
        "threadIdOnExternalPlatform": THREAD,
        "createdAt": f"2026-05-28T20:30:{second:02}+00:00",
        "messageContent": {"type": "TEXT", "payload": {"text": id}, **more.pop("content", {})},
        "direction": direction,
        **more,
    }


def place(contact: str, position: int = 1, **more: Any) -> dict[str, Any]:
    """Return the push of a place in the queue."""
    return push("SetPositionInQueue", consumerContact={"id": contact, **more}, positionInQueue=position)


# --- news sends nothing ---

NEWS = {
    "message": push("MessageCreated", thread=LINE, case=CASE, message=said("m1")),
    "own message": push("MessageCreated", thread=LINE, case=CASE, message=said("m2", direction="inbound")),
    "receipt": push("MessageReadChanged", message=said("m2", direction="inbound", userStatistics={"readAt": "x"})),
    "typing": push("SenderTypingStarted", thread=LINE, user=AGENT),
    "contact": push("CaseCreated", case=CASE, thread=LINE),
    "status": case_changed("pending"),
    "fields": push("CaseStatusChanged", case=CASE | {"customFields": [{"ident": "topic", "value": ""}]}),
    "agent": push("CaseInboxAssigneeChanged", case=CASE, inboxAssignee=AGENT),
    "nobody": push("CaseInboxAssigneeChanged", case=CASE, inboxAssignee=None),
    "place": place(CONTACT),
}


@pytest.mark.row("R21", "T-19")
@pytest.mark.parametrize("name", NEWS)
@pytest.mark.parametrize("mode", ["single", "multi", "live"])
def test_news_of_a_known_thread_refreshes_nothing_and_sends_nothing(name: str, mode: Mode) -> None:
    chat = with_thread(mode)
    for _ in range(3):
        words = chat.hear(NEWS[name])
        assert [word for word in words if word.startswith(("frame", "GET", "POST", "PUT"))] == []
        assert not chat.leaf.line.exchanges


@pytest.mark.row("T-25")
def test_every_change_of_the_list_is_told() -> None:
    chat = reach(S.SERVING, "multi")
    assert chat.ask(i.StartThread) == ["thread pending", "StartThread answered"]
    (thread,) = chat.session.threads
    assert chat.session.threads[thread].state == "pending"
    chat.closed()
    chat.wait(6)
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    listed = {"id": "1", "idOnExternalPlatform": THREAD, "canAddMoreMessages": True}
    words = chat.answer("FetchThreadList", "ThreadListFetched", {"threads": [listed]})
    assert words[0] == "thread received"
    assert list(chat.session.threads) == [thread, THREAD]
    assert chat.ask(i.ArchiveThread, thread=thread)[:2] == ["thread ended", "ended archived"]


# --- typing ---

UNRELATED = [name for name in NEWS if name not in ("message", "typing", "nobody")]


@pytest.mark.row("M13")
@pytest.mark.parametrize("name", UNRELATED)
def test_typing_is_untouched_by_what_is_no_typing(name: str) -> None:
    chat = with_thread("live", policy=Policy(heartbeat=3600, agent_typing=60))
    chat.hear(NEWS["agent"])
    chat.hear(NEWS["typing"])
    typing = chat.session.threads[THREAD].typing
    assert typing is not None
    words = chat.hear(NEWS[name])
    assert "TypingStopped" not in words
    assert chat.session.threads[THREAD].typing == typing
    assert "TypingStarted" not in chat.hear(NEWS["typing"])


@pytest.mark.row("M13")
@pytest.mark.parametrize("name", [name for name in NEWS if name != "typing"])
def test_nobody_types_by_what_is_no_typing(name: str) -> None:
    chat = with_thread("live")
    chat.hear(NEWS[name])
    assert chat.session.threads[THREAD].typing is None


# --- messages ---


@pytest.mark.row("P11")
def test_a_refusal_fails_the_message_that_it_names_and_no_newer_one() -> None:
    chat = with_thread(policy=QUIET)
    chat.ask(i.SendMessage, thread=THREAD, text="one")
    first = chat.frame("SendMessage")
    chat.ask(i.SendMessage, thread=THREAD, text="two")
    error = {"errorCode": "SendingMessageFailed", "errorMessage": "", "transactionId": "t-1"}
    chat.hear({"eventId": first["eventId"], "error": error})
    assert [(m.text, m.status) for m in chat.session.threads[THREAD].messages] == [
        ("one", "failed"),
        ("two", "sending"),
    ]


@pytest.mark.row("M12")
def test_a_message_stays_seen_whatever_comes_after_it() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    message = chat.say(thread, "one")
    chat.control(k.AgentSays(text="two"))
    chat.control(k.AgentReads())  # what was read is not the newest message
    assert chat.status(message) == "seen"
    chat.control(k.AgentSays(text="three"))
    chat.lose()
    chat.back()
    assert chat.status(message) == "seen"


@pytest.mark.row("M10", "L12", "L10")
@pytest.mark.parametrize("flag", ["isInitialMessage", "isUnsupportedMessageTypeAnswer", "isInactivityPopupAnswer"])
@pytest.mark.parametrize("way", ["push", "recovery", "page"])
def test_what_a_client_says_by_itself_is_hidden_wherever_it_turns_up(flag: str, way: str) -> None:
    hidden = said("m1", direction="inbound", content={"parameters": {flag: True}})
    shown = said("m2", direction="inbound", content={"parameters": {flag: False}})
    chat = reach(S.RECOVERING)
    known = [hidden, shown] if way == "recovery" else []
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=known, messagesScrollToken="more"))
    if way == "push":
        for message in (hidden, shown):
            chat.hear(push("MessageCreated", thread=LINE, message=message))
    elif way == "page":
        chat.ask(i.LoadMore, thread=THREAD)
        chat.answer("LoadMoreMessages", "MoreMessagesLoaded", {"messages": [hidden, shown], "scrollToken": ""})
    assert [message.id for message in chat.session.threads[THREAD].messages] == ["m2"]


@pytest.mark.row("M17")
def test_what_is_shown_follows_from_all_that_is_known_however_it_came() -> None:
    chat = reach(S.RECOVERING)
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=page(9, 8, 7), messagesScrollToken="a"))
    chat.hear(push("MessageCreated", thread=LINE, message=said("m10", second=10)))
    for numbers, token in (((7, 6, 5), "b"), ((5, 4), "c"), ((4, 3), "")):  # pages that overlap
        assert chat.session.threads[THREAD].has_more
        chat.ask(i.LoadMore, thread=THREAD)
        chat.answer("LoadMoreMessages", "MoreMessagesLoaded", {"messages": page(*numbers), "scrollToken": token})
    assert list(chat.answers.values())[-3:] == [2, 1, 1]
    thread = chat.session.threads[THREAD]
    assert [message.id for message in thread.messages] == [f"m{number}" for number in range(3, 11)]
    assert not thread.has_more
    assert chat.ask(i.LoadMore, thread=THREAD) == ["LoadMore answered"]


def page(*numbers: int) -> list[dict[str, Any]]:
    """Return messages of the other side as a page has them, the newest first."""
    return [said(f"m{number}", second=number) for number in numbers]


# --- the contact and the queue ---

CARRIERS = {
    "message": push("MessageCreated", thread=LINE, case=CASE, message=said("m1")),
    "contact": push("CaseCreated", case=CASE, thread=LINE),
    "status": case_changed("open"),
    "agent": push("CaseInboxAssigneeChanged", case=CASE, inboxAssignee=AGENT),
    "place": place(CONTACT, threadIdOnExternalPlatform=THREAD),
}


@pytest.mark.row("T-21")
@pytest.mark.parametrize("carrier", CARRIERS)
def test_whatever_tells_the_contacts_number_lets_it_be_ended(carrier: str) -> None:
    chat = reach(S.RECOVERING, "live")
    unnamed = recovered_thread()
    del unnamed["contact"]
    chat.answer("RecoverLivechat", "LivechatRecovered", unnamed)
    assert chat.ask(i.EndThread, thread=THREAD) == ["EndThread refused illegal_state"]
    chat.hear(CARRIERS[carrier])
    assert chat.ask(i.EndThread, thread=THREAD) == ["chat ending", "frame EndContact"]
    assert chat.frame("EndContact")["payload"]["data"]["contact"] == {"id": CONTACT}


@pytest.mark.row("T-21")
@pytest.mark.parametrize("key", ["contact", "consumerContact"])
def test_a_recovery_tells_the_contacts_number(key: str) -> None:
    chat = reach(S.RECOVERING, "live")
    data = recovered_thread()
    data[key] = data.pop("contact")
    chat.answer("RecoverLivechat", "LivechatRecovered", data)
    chat.ask(i.EndThread, thread=THREAD)
    assert chat.frame("EndContact")["payload"]["data"]["contact"] == {"id": CONTACT}


@pytest.mark.row("T-23", "P18")
def test_fields_wait_until_the_contact_of_their_thread_is_known() -> None:
    chat = reach(S.RECOVERING, "live")
    unnamed = recovered_thread()
    del unnamed["contact"]
    chat.answer("RecoverLivechat", "LivechatRecovered", unnamed)
    words = chat.ask(i.SetThreadFields, thread=THREAD, fields=(("topic", "mug"),))
    assert [word for word in words if word.startswith("frame")] == []
    assert "frame SetContactCustomFields" in chat.hear(CARRIERS["contact"])
    assert chat.frame("SetContactCustomFields")["payload"]["data"]["contact"] == {"id": CONTACT}


@pytest.mark.row("L1")
def test_an_early_place_is_for_its_own_contact_only() -> None:
    chat = reach(S.SERVING, "live")
    chat.ask(i.StartThread)
    (thread,) = chat.session.threads
    chat.hear(place("48999999", 7))
    case = {"id": CONTACT, "threadIdOnExternalPlatform": thread, "status": "new"}
    chat.hear(push("CaseCreated", case=case, thread={"idOnExternalPlatform": thread}))
    assert (chat.session.threads[thread].queue, chat.leaf.desk.threads[thread].contact) == (None, CONTACT)
    chat.hear(place(CONTACT, 2))
    assert chat.session.threads[thread].queue == QueuePosition(position=2)


@pytest.mark.row("P17", "L4")
@pytest.mark.parametrize("key", ["inboxAssignee", "ownerAssignee"])
def test_an_early_place_is_void_when_the_recovery_brings_an_agent(key: str) -> None:
    chat = reach(S.RECOVERING, "live")
    chat.hear(place(CONTACT, 4))
    chat.answer("RecoverLivechat", "LivechatRecovered", recovered_thread() | {key: AGENT})
    thread = chat.session.threads[THREAD]
    assert thread.agent is not None
    assert (thread.queue, thread.agent.name) == (None, "Noor Haas")


# --- one thread, one object, one outcome ---


@pytest.mark.row("T-28")
@pytest.mark.parametrize("mode", ["single", "multi", "live"])
def test_a_thread_that_is_recovered_is_the_same_object(mode: Mode) -> None:
    chat = with_thread(mode)
    thread = chat.session.threads[THREAD]
    chat.hear(push("MessageCreated", thread=LINE, message=said("m1")))
    chat.closed()
    chat.wait(6)
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    recover = "RecoverLivechat" if mode == "live" else "RecoverThread"
    assert [name for name, _ in chat.frames].count(recover) == 2
    if mode == "multi":
        listed = {"id": "1", "idOnExternalPlatform": THREAD, "canAddMoreMessages": True}
        chat.answer("FetchThreadList", "ThreadListFetched", {"threads": [listed]})
    data = recovered_thread(messages=[said("m1")])
    chat.answer(recover, "LivechatRecovered" if mode == "live" else "ThreadRecovered", data)
    assert chat.session.threads[THREAD] is thread
    assert [message.id for message in thread.messages] == ["m1"]


def nothing_there(chat: Alone, way: str) -> list[str]:
    """Say that there is no such thread, in one of the ways in which a far side does.

    That an error is told where the channel promises none is left out (trap P49).
    """
    recover = "RecoverLivechat" if chat.mode == "live" else "RecoverThread"
    if way == "empty":
        return chat.answer(recover, "LivechatRecovered", {"messages": [], "messagesScrollToken": ""})
    words = chat.deny(recover, "RecoveringLivechatFailed" if chat.mode == "live" else "RecoveringThreadFailed")
    return [word for word in words if word != "ErrorReceived"]


@pytest.mark.row("T-11")
@pytest.mark.parametrize("mode", ["single", "live"])
def test_an_id_of_an_earlier_run_that_leads_nowhere_is_not_recovered_again(mode: Mode) -> None:
    chat = reach(S.RECOVERING, mode, restored={"thread": THREAD})
    recover = "RecoverLivechat" if mode == "live" else "RecoverThread"
    assert chat.frame(recover)["payload"]["data"]["thread"]["idOnExternalPlatform"] == THREAD
    assert nothing_there(chat, "error") == ["forget thread", "chat ready"]
    chat.closed()
    chat.wait(6)
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert "thread" not in chat.frame(recover)["payload"]["data"]


@pytest.mark.row("T-30")
@pytest.mark.parametrize("way", ["error", "empty"])
@pytest.mark.parametrize("mode", ["single", "live"])
def test_that_nothing_is_there_has_one_outcome_however_it_is_said(mode: Mode, way: str) -> None:
    chat = reach(S.RECOVERING, mode)
    assert nothing_there(chat, way) == ["chat ready"]
    chat.ask(i.StartThread)
    if mode == "single":
        chat.ask(i.SendMessage, thread=next(iter(chat.session.threads)), text="hello")
    (thread,) = chat.session.threads
    chat.closed()  # its first message is in doubt
    chat.wait(6)
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert "chat ready" in nothing_there(chat, way)
    assert chat.session.threads[thread].state == "pending"


@pytest.mark.row("T-30")
@pytest.mark.parametrize("way", ["error", "empty"])
@pytest.mark.parametrize("mode", ["single", "live"])
def test_a_thread_that_is_no_longer_there_ends_however_it_is_said(mode: Mode, way: str) -> None:
    chat = with_thread(mode)
    chat.saved()
    chat.closed()
    chat.wait(6)
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    words = nothing_there(chat, way)
    assert words[0] == "thread ended"
    assert words[-1] == "chat ready"
