"""A thread outlives its contacts: what is told late of an older one changes nothing of the contact that it has now."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.policy import Policy
from tests.core.cxone.alone import CONTACT, THREAD, Alone, case_changed, with_thread

QUIET = Policy(heartbeat=1e6)
AGENT = {"id": 7, "firstName": "Ana"}
MESSAGE = {
    "idOnExternalPlatform": "m1",
    "threadIdOnExternalPlatform": THREAD,
    "createdAt": "2026-05-28T20:26:40+00:00",
    "direction": "outbound",
    "messageContent": {"type": "TEXT", "payload": {"text": "Bye."}},
}
KINDS = ("MessageCreated", "CaseStatusChanged", "CaseInboxAssigneeChanged", "CaseCreated", "MessageAddedIntoCase")


def push(kind: str, contact: str = CONTACT, status: str = "closed", fields: Any = ()) -> dict[str, Any]:
    """Return a push of any kind about a contact of the thread."""
    case = {"id": contact, "threadIdOnExternalPlatform": THREAD, "status": status, "customFields": list(fields)}
    data = {"case": case, "message": MESSAGE, "thread": {"idOnExternalPlatform": THREAD}, "inboxAssignee": AGENT}
    return {"eventId": "e-1", "eventType": kind, "data": data}


def renewed(mode: Any = "single") -> Alone:
    """Return a chat whose thread has another contact by now, with a field of it."""
    chat = with_thread(mode, policy=QUIET)
    chat.hear(case_changed("open", "99"))
    chat.ask(i.SetThreadFields, thread=THREAD, fields=(("topic", "ship"),))
    chat.accept("SetContactCustomFields")
    return chat


@pytest.mark.row("P30")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["single", "multi", "live"])
def test_late_news_of_an_older_contact_is_none_of_the_thread(mode: Any, kind: str) -> None:
    chat = renewed(mode)
    told = chat.hear(push(kind, fields=[{"ident": "topic", "value": "old"}]))
    assert told == (["MessageReceived"] if kind == "MessageCreated" else [])
    thread = chat.leaf.desk.threads[THREAD]
    assert (thread.contact, dict(thread.fields), thread.state, thread.agent) == ("99", {"topic": "ship"}, "open", None)


@pytest.mark.row("P30", "T-23")
@pytest.mark.parametrize("kind", KINDS)
def test_a_contact_that_is_over_is_not_taken_up_again(kind: str) -> None:
    chat = with_thread(policy=QUIET)
    chat.hear(case_changed("closed"))
    chat.hear(push(kind))
    assert chat.leaf.desk.threads[THREAD].contact == ""
    words = chat.ask(i.SetThreadFields, thread=THREAD, fields=(("topic", "ship"),))
    assert words == ["ThreadFieldsChanged", "SetThreadFields answered"]  # for the contact to come


@pytest.mark.row("T-21")
@pytest.mark.parametrize("kind", KINDS)
def test_any_of_them_tells_of_a_new_contact(kind: str) -> None:
    chat = with_thread(policy=QUIET)
    chat.hear(case_changed("closed"))
    chat.hear(push(kind, "99", "open"))
    assert chat.leaf.desk.threads[THREAD].contact == "99"


def test_of_a_thread_that_is_over_a_closed_contact_is_its_own() -> None:
    chat = with_thread("live", policy=QUIET)
    chat.hear(case_changed("closed"))
    chat.leaf.desk.threads[THREAD].contact = ""
    chat.hear(push("MessageCreated"))
    assert chat.leaf.desk.threads[THREAD].contact == CONTACT
    chat.hear(push("MessageCreated", "98"))
    assert chat.leaf.desk.threads[THREAD].contact == CONTACT
