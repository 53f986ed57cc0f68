"""Pushes that bring no message of their own: each is told in the field's words, and moves no state."""

from typing import Any, get_args

import pytest

from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.cxone import wire
from deskline_core.cxone.inbox import PUSHES
from deskline_core.cxone.notices import NOTICES
from deskline_core.cxone.reception import Reception
from deskline_core.model import Party, PartyRole
from tests.core.cxone.alone import CONTACT, THREAD, Alone, case_changed, with_thread

NOOR = {"id": 70112, "firstName": "Noor", "surname": "Haas"}
PARTY = Party(id="70112", role=PartyRole.AGENT, name="Noor Haas")
CASE = {"id": CONTACT, "threadIdOnExternalPlatform": THREAD, "status": "open"}
QUEUE = {"id": "q-1", "name": "Repairs"}
STRAY = {"idOnExternalPlatform": "m", "messageContent": {"type": "TEXT"}, "direction": "outbound"}
OWN = "c1a0f1de-7b7e-4d43-8c1b-5b8b0c9e2d01"


def push(kind: str, **data: Any) -> dict[str, Any]:
    return {"eventId": "e-1", "eventType": kind, "data": data}


def recipients(*ids: str, own: str = OWN) -> dict[str, Any]:
    named = [{"idOnExternalPlatform": id, "name": f"Customer {id}"} for id in ids]
    return {**CASE, "recipients": [{"idOnExternalPlatform": own, "name": "Kit"}, *named]}


TOLD: dict[str, tuple[dict[str, Any], e.Event]] = {
    "another queue": (
        push("CaseToRoutingQueueAssignmentChanged", case=CASE, routingQueue=QUEUE),
        e.QueueChanged(thread=THREAD, queue="Repairs"),
    ),
    "a queue without a name": (
        push("CaseToRoutingQueueAssignmentChanged", case=CASE, routingQueue={"id": "q-1"}),
        e.QueueChanged(thread=THREAD, queue="q-1"),
    ),
    "a queue of which nothing is known": (
        push("CaseToRoutingQueueAssignmentChanged", case=CASE, routingQueue={}),
        e.QueueChanged(thread=THREAD, queue=""),
    ),
    "no queue": (
        push("CaseToRoutingQueueAssignmentChanged", case=CASE, routingQueue=None),
        e.QueueChanged(thread=THREAD, queue=""),
    ),
    "offered to an agent": (
        push("ConsumerContactInboxPreAssigneeChanged", consumerContact=CASE, inboxPreAssignee=NOOR),
        e.PartyAlerted(thread=THREAD, party=PARTY),
    ),
    "an agent preferred": (
        push("ContactPreferredUserChanged", case=CASE, preferredUserForNextAssign=NOOR),
        e.PartyPreferred(thread=THREAD, party=PARTY),
    ),
    "nobody preferred": (
        push("ContactPreferredUserChanged", case=CASE, preferredUserForNextAssign=None),
        e.PartyPreferred(thread=THREAD, party=None),
    ),
    "a page": (
        push(
            "PageViewCreated",
            pageView={"pageTitle": "Cart", "pageUrl": "app://cart"},
            thread={"idOnExternalPlatform": THREAD},
        ),
        e.PageViewed(thread=THREAD, title="Cart", url="app://cart"),
    ),
    "a page of no thread": (
        push("PageViewCreated", pageView={"pageTitle": None}),
        e.PageViewed(thread="", title="", url=""),
    ),
    "a page of another thread": (
        push("PageViewCreated", pageView={}, thread={"idOnExternalPlatform": "elsewhere"}),
        e.PageViewed(thread="", title="", url=""),
    ),
    "an agent away": (
        push("UserStatusChanged", user=NOOR, userStatus={"type": "na", "name": "Lunch"}),
        e.PartyStatusChanged(party=PARTY, status="na"),
    ),
    "an agent in a state of the site's own": (
        push("UserStatusChanged", user=NOOR, userStatus={"name": "Lunch"}),
        e.PartyStatusChanged(party=PARTY, status="Lunch"),
    ),
    "an agent in a state without a word": (
        push("UserStatusChanged", user=NOOR, userStatus={}),
        e.PartyStatusChanged(party=PARTY, status=""),
    ),
    "another name": (
        push("ThreadUpdated", thread={"idOnExternalPlatform": THREAD, "threadName": "Parcel"}),
        e.ThreadRenamed(thread=THREAD, name="Parcel"),
    ),
}


def test_every_push_has_someone_who_receives_it() -> None:
    received = set(PUSHES) | set(NOTICES) | set(Reception._receivers)
    assert set(get_args(wire.Push)) <= received
    assert not set(PUSHES) & set(NOTICES)


@pytest.mark.parametrize("name", TOLD)
def test_it_is_told(name: str) -> None:
    chat = with_thread()
    frame, event = TOLD[name]
    chat.hear(frame)
    assert chat.told[-1] == event
    assert chat.session.threads[THREAD].state == "open"


@pytest.mark.parametrize(
    "frame",
    [
        push("ConsumerContactInboxPreAssigneeChanged", consumerContact=CASE),
        push("ThreadUpdated", thread={"idOnExternalPlatform": THREAD}),
        push("ThreadUpdated", thread={"idOnExternalPlatform": "elsewhere", "threadName": "Parcel"}),
        push("MessageAddedIntoCase", message=STRAY),
        push("MessageSeenByEndUser", message=STRAY),
        push("MessageDeliveredToEndUser", message=STRAY),
    ],
    ids=lambda frame: frame["eventType"],
)  # fmt: skip
def test_what_says_nothing_is_not_told(frame: dict[str, Any]) -> None:
    chat = with_thread()
    assert chat.hear(frame) == []


_ABOUT_A_CONTACT = [name for name, (frame, _) in TOLD.items() if CASE in frame["data"].values()]


@pytest.mark.parametrize("name", _ABOUT_A_CONTACT)
def test_of_another_contact_or_thread_it_is_no_news(name: str) -> None:
    frame, _ = TOLD[name]
    for other in ({"id": "1"}, {**CASE, "id": "1"}, {"id": "1", "threadIdOnExternalPlatform": "elsewhere"}):
        chat = with_thread()
        data = {key: other if value is CASE else value for key, value in frame["data"].items()}
        assert chat.hear({**frame, "data": data}) == []


@pytest.mark.parametrize("name", _ABOUT_A_CONTACT)
def test_of_a_thread_that_has_ended_it_is_no_news(name: str) -> None:
    chat = with_thread("live")
    chat.hear(case_changed("closed"))
    assert chat.hear(TOLD[name][0]) == []


def test_a_contact_is_known_by_its_number_alone() -> None:
    chat = with_thread()
    chat.hear(push("CaseToRoutingQueueAssignmentChanged", case={"id": CONTACT}, routingQueue=QUEUE))
    assert chat.told[-1] == e.QueueChanged(thread=THREAD, queue="Repairs")


def test_its_custom_fields_are_taken_too() -> None:
    chat = with_thread()
    case = {**CASE, "customFields": [{"ident": "topic", "value": "parcel", "updatedAt": "2026-05-28T20:30:09+00:00"}]}
    chat.hear(push("CaseToRoutingQueueAssignmentChanged", case=case, routingQueue=QUEUE))
    assert chat.told[-2] == e.ThreadFieldsChanged(thread=THREAD, fields=(("topic", "parcel"),))
    assert chat.session.threads[THREAD].fields == {"topic": "parcel"}


def _message(**rest: Any) -> dict[str, Any]:
    content = {"type": "TEXT", "payload": {"text": "hello"}}
    return {"idOnExternalPlatform": "m-1", "messageContent": content, "direction": "outbound", **rest}


@pytest.mark.row("T-21")
@pytest.mark.parametrize("where", ["message", "case"])
def test_a_message_that_was_put_into_a_contact_brings_its_number(where: str) -> None:
    chat = with_thread("multi")
    chat.hear(case_changed("closed"))
    thread = chat.leaf.desk.threads[THREAD]
    assert thread.contact == ""
    named = {"threadIdOnExternalPlatform": THREAD}
    case = {"id": "2", **(named if where == "case" else {})}
    assert (
        chat.hear(push("MessageAddedIntoCase", case=case, message=_message(**(named if where == "message" else {}))))
        == []
    )
    assert thread.contact == "2"


def test_a_closed_or_unknown_contact_is_not_taken() -> None:
    chat = with_thread("multi")
    chat.hear(case_changed("closed"))
    for case in ({**CASE, "status": "closed"}, {**CASE, "threadIdOnExternalPlatform": "elsewhere"}):
        chat.hear(push("MessageAddedIntoCase", case=case, message=_message()))
        assert chat.leaf.desk.threads[THREAD].contact == ""


# --- participants ---


def taking_part(chat: Alone) -> tuple[str, ...]:
    return tuple(chat.session.threads[THREAD].participants)


def test_other_customers_come_and_go() -> None:
    chat = with_thread()
    own = chat.leaf.identity.customer
    assert chat.hear(push("ContactRecipientsChanged", contact=recipients("ana", "bo", own=own))) == [
        "ParticipantsChanged"
    ]
    assert taking_part(chat) == ("Customer ana", "Customer bo")
    assert chat.told[-1] == e.ParticipantsChanged(thread=THREAD, participants=taking_part(chat))
    assert chat.hear(push("ContactRecipientsChanged", contact=recipients("ana", "bo", own=own))) == []
    assert chat.hear(push("ContactRecipientsChanged", contact=recipients(own=own))) == ["ParticipantsChanged"]
    assert taking_part(chat) == ()


def test_who_has_no_name_is_shown_by_the_address() -> None:
    chat = with_thread()
    contact = {**CASE, "endUserRecipients": [{"idOnExternalPlatform": "ana@example.test"}]}
    chat.hear(push("ContactRecipientsChanged", contact=contact))
    assert taking_part(chat) == ("ana@example.test",)
    assert chat.hear(push("ContactRecipientsChanged", contact={**contact, "id": "1"})) == []


# --- names, from both ways ---


def test_a_renaming_is_told_once_whoever_says_it_first() -> None:
    for pushed_first in (True, False):
        chat = with_thread("multi")
        chat.ask(i.RenameThread, thread=THREAD, name="Parcel")
        news = push("ThreadUpdated", thread={"idOnExternalPlatform": THREAD, "threadName": "Parcel"})
        words = chat.hear(news) if pushed_first else []
        words += chat.answer("UpdateThread", "ThreadUpdated")
        words += [] if pushed_first else chat.hear(news)
        assert sorted(words) == ["RenameThread answered", "ThreadRenamed"]
        assert chat.session.threads[THREAD].name == "Parcel"


@pytest.mark.row("T-19")
@pytest.mark.parametrize("name", TOLD)
def test_what_is_told_asks_for_nothing(name: str) -> None:
    chat = with_thread("multi")
    words = chat.hear(TOLD[name][0])
    assert len(words) == 1
    assert not words[0].startswith(("frame", "GET", "POST"))
