"""Custom fields of both scopes: checked, sent once, only what changed, and merged with what comes back (section 6)."""

import json
from typing import Any

import pytest

from deskline_center import controls as k
from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.errors import RefusalCode
from deskline_core.events import CustomerFieldsChanged, ErrorReceived, ThreadFieldsChanged
from deskline_core.lifecycle import ThreadState
from deskline_core.policy import Policy
from tests.core.cxone.alone import CONTACT, CUSTOMER, THREAD, Alone, reach, recovered_thread, with_thread
from tests.playbook import Chat

QUIET = Policy(heartbeat=1e6)
TOPIC = (("topic", "ship"),)
EARLY, LATE = "2026-03-04T10:00:00+00:00", "2030-03-04T10:00:00+00:00"


def pairs(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the custom fields of a frame."""
    return [(entry["ident"], entry["value"]) for entry in entries]


def data(chat: Alone, kind: str) -> dict[str, Any]:
    """Return the data of the newest frame of a type."""
    found: dict[str, Any] = chat.frame(kind)["payload"]["data"]
    return found


def set_thread(chat: Alone, **fields: str) -> list[str]:
    """Set fields of the thread."""
    return chat.ask(i.SetThreadFields, thread=THREAD, fields=tuple(fields.items()))


def set_customer(chat: Alone, **fields: str) -> list[str]:
    """Set fields of the customer."""
    return chat.ask(i.SetCustomerFields, fields=tuple(fields.items()))


def field(value: str | None, at: str | None = None, ident: str = "topic") -> dict[str, Any]:
    """Return a field as the far side tells it."""
    return {"ident": ident, "value": value} | ({"updatedAt": at} if at else {})


def case(*fields: dict[str, Any], contact: str = CONTACT, status: str = "open", kind: str = "CaseStatusChanged") -> Any:
    """Return a push about the thread's contact."""
    told = {"id": contact, "threadIdOnExternalPlatform": THREAD, "status": status, "customFields": list(fields)}
    return {"eventId": "e-1", "eventType": kind, "data": {"case": told}}


# --- of a conversation ---


@pytest.mark.row("T-32")
def test_the_difference_goes_at_once_to_the_threads_own_contact() -> None:
    chat = with_thread(policy=QUIET)
    assert set_thread(chat, topic="ship", size="large") == [
        "ThreadFieldsChanged",
        "SetThreadFields answered",
        "frame SetContactCustomFields",
    ]
    sent = data(chat, "SetContactCustomFields")
    assert (sent["thread"], sent["contact"]) == ({"idOnExternalPlatform": THREAD}, {"id": CONTACT})
    assert pairs(sent["customFields"]) == [("topic", "ship"), ("size", "large")]
    assert {entry["updatedAt"] for entry in sent["customFields"]} == {"2026-05-28T20:26:40Z"}
    assert chat.accept("SetContactCustomFields") == []
    assert set_thread(chat, topic="ship", size="small")[-1] == "frame SetContactCustomFields"
    assert pairs(data(chat, "SetContactCustomFields")["customFields"]) == [("size", "small")]
    assert set_thread(chat, topic="ship") == ["SetThreadFields answered"]
    assert chat.session.threads[THREAD].fields == {"topic": "ship", "size": "small"}


@pytest.mark.row("P18")
def test_each_thread_has_a_contact_of_its_own() -> None:
    chat = Chat("multi").open()
    threads = [chat.start(), chat.start()]
    for thread in threads:
        chat.say(thread, "hello")
    chat.look()
    for thread in threads:
        chat.ask(i.SetThreadFields, thread=thread, fields=(("topic", thread[:8]),))
    numbers = [chat.far(thread).contact.number for thread in threads]
    assert [frame.data["contact"]["id"] for frame in chat.wrote()] == numbers
    for thread in threads:
        assert {ident: told.value for ident, told in chat.far(thread).contact.fields.items()} == {"topic": thread[:8]}


@pytest.mark.row("T-23")
def test_before_there_is_a_contact_they_wait_for_the_first_message() -> None:
    chat = Chat("single").open()
    thread = chat.start(answers=(("order", "4711"),))
    chat.look()
    chat.ask(i.SetThreadFields, thread=thread, fields=TOPIC)
    assert chat.kinds() == []
    assert chat.session.threads[thread].fields == {"order": "4711", "topic": "ship"}
    chat.say(thread, "hello")
    (first,) = chat.wrote()
    assert pairs(first.data["contact"]["customFields"]) == [("order", "4711"), ("topic", "ship")]
    chat.say(thread, "again")
    (second,) = chat.wrote()
    assert second.data["contact"]["customFields"] == []


@pytest.mark.row("T-23")
def test_of_a_thread_that_has_ended_nothing_is_set() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.control(k.CloseContact())
    chat.look()
    assert chat.refused(i.SetThreadFields, thread=thread, fields=TOPIC) is RefusalCode.THREAD_ENDED
    assert (chat.kinds(), chat.session.threads[thread].fields) == ([], {})


@pytest.mark.row("T-31")
def test_no_later_message_carries_them_again() -> None:
    chat = with_thread(policy=QUIET)
    set_thread(chat, topic="ship")
    chat.ask(i.SendMessage, thread=THREAD, text="one")
    assert data(chat, "SendMessage")["contact"]["customFields"] == []
    chat.accept("SetContactCustomFields")
    chat.hear(case(field("parcels", LATE)))  # an agent has another word for it
    chat.ask(i.SendMessage, thread=THREAD, text="two")
    assert data(chat, "SendMessage")["contact"]["customFields"] == []
    assert chat.session.threads[THREAD].fields == {"topic": "parcels"}


def test_what_is_set_while_away_goes_after_the_recovery() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.cut()
    chat.ask(i.SetThreadFields, thread=thread, fields=TOPIC)
    chat.ask(i.SetCustomerFields, fields=(("tier", "gold"),))
    chat.look()
    chat.back()
    assert chat.kinds()[-2:] == ["SetCustomerCustomFields", "SetContactCustomFields"]
    assert chat.far(thread).contact.fields["topic"].value == "ship"
    assert chat.far(thread).customer.fields["tier"].value == "gold"


@pytest.mark.parametrize("unwritten", [True, False])
def test_what_was_lost_before_it_was_acknowledged_goes_again(unwritten: bool) -> None:
    chat = with_thread(policy=QUIET)
    set_thread(chat, topic="ship")
    set_customer(chat, tier="gold")
    frames = (chat.last_frame, chat.last_frame - 1) if unwritten else ()
    chat.closed(unwritten=frames)
    sent = len(chat.frames)
    come_back(chat)
    kinds = [kind for kind, _ in chat.frames[sent:]]
    assert kinds.count("SetContactCustomFields") == kinds.count("SetCustomerCustomFields") == 1
    assert pairs(data(chat, "SetContactCustomFields")["customFields"]) == [("topic", "ship")]
    assert pairs(data(chat, "SetCustomerCustomFields")["customFields"]) == [("tier", "gold")]


def come_back(chat: Alone, **recovered: Any) -> None:
    """Let the connection come back and find the thread as it was."""
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread() | recovered)
    assert chat.state is S.SERVING


def test_what_the_recovery_shows_need_not_go_again() -> None:
    chat = with_thread(policy=QUIET)
    set_thread(chat, topic="ship")
    chat.closed()
    sent = len(chat.frames)
    contact = {"id": CONTACT, "status": "open", "customFields": [field("ship", "2026-05-28T20:26:40Z")]}
    come_back(chat, contact=contact)
    assert "SetContactCustomFields" not in [kind for kind, _ in chat.frames[sent:]]


def test_without_an_answer_they_go_again_after_the_next_loss_only() -> None:
    chat = with_thread(policy=QUIET)
    set_thread(chat, topic="ship")
    assert chat.wait(11) == []
    assert set_thread(chat, size="large")[-1] == "frame SetContactCustomFields"
    assert pairs(data(chat, "SetContactCustomFields")["customFields"]) == [("size", "large")]
    chat.closed()
    come_back(chat)
    assert pairs(data(chat, "SetContactCustomFields")["customFields"]) == [("topic", "ship"), ("size", "large")]


def test_a_value_set_anew_while_the_older_one_is_on_its_way_goes_too() -> None:
    chat = with_thread(policy=QUIET)
    set_thread(chat, topic="ship")
    older = chat.frame("SetContactCustomFields")["eventId"]
    assert set_thread(chat, topic="late")[-1] == "frame SetContactCustomFields"
    chat.hear({"eventId": older})
    chat.closed()
    come_back(chat)
    assert pairs(data(chat, "SetContactCustomFields")["customFields"]) == [("topic", "late")]


def test_what_the_far_side_refuses_is_as_before_and_told() -> None:
    chat = with_thread(policy=QUIET)
    chat.hear(case(field("ship", EARLY)))
    set_thread(chat, topic="nonsense", size="huge")
    assert chat.deny("SetContactCustomFields", "InconsistentData", "no") == ["ThreadFieldsChanged", "ErrorReceived"]
    assert chat.told[-2] == ThreadFieldsChanged(thread=THREAD, fields=(("topic", "ship"), ("size", "")))
    assert chat.told[-1] == ErrorReceived(code="InconsistentData", text="no", transaction="t-1", thread=THREAD)
    assert chat.session.threads[THREAD].fields == {"topic": "ship"}
    set_customer(chat, tier="gold")
    assert chat.deny("SetCustomerCustomFields", "InconsistentData") == [
        "forget fields",
        "CustomerFieldsChanged",
        "ErrorReceived",
    ]
    assert chat.session.customer_fields == {}


def test_a_refusal_of_a_thread_that_is_gone_is_told() -> None:
    chat = with_thread(policy=QUIET)
    set_thread(chat, topic="ship")
    chat.leaf.desk.threads.clear()
    assert chat.deny("SetContactCustomFields", "InconsistentData") == ["ErrorReceived"]


def test_a_message_that_fails_keeps_them_for_the_next_one() -> None:
    chat = reach(S.SERVING, policy=QUIET)
    chat.ask(i.StartThread)
    thread = str(chat.answers[chat.asked])
    chat.ask(i.SetThreadFields, thread=thread, fields=TOPIC)
    for _ in range(2):
        chat.ask(i.SendMessage, thread=thread, text="hello")
        assert pairs(data(chat, "SendMessage")["contact"]["customFields"]) == list(TOPIC)
        chat.deny("SendMessage", "SendingMessageFailed")


def test_a_message_whose_copy_came_without_an_acknowledgement_has_brought_them() -> None:
    chat = reach(S.SERVING, policy=QUIET)
    chat.ask(i.StartThread)
    thread = str(chat.answers[chat.asked])
    chat.ask(i.SetThreadFields, thread=thread, fields=TOPIC)
    chat.ask(i.SendMessage, thread=thread, text="hello")
    sent = data(chat, "SendMessage")
    message = {"idOnExternalPlatform": sent["idOnExternalPlatform"], "messageContent": sent["messageContent"],
               "direction": "inbound", "createdAt": EARLY}  # fmt: skip
    told = {"message": message, "thread": {"idOnExternalPlatform": thread}, "case": {"id": "7"}}
    chat.hear({"eventId": "e-1", "eventType": "MessageCreated", "data": told})
    chat.wait(11)
    frames = len(chat.frames)
    chat.ask(i.SetThreadFields, thread=thread, fields=TOPIC)
    assert len(chat.frames) == frames


# --- the contact is over, and the thread goes on ---


def test_they_are_forgotten_with_their_contact() -> None:
    chat = with_thread(policy=QUIET)
    set_thread(chat, topic="ship")
    chat.accept("SetContactCustomFields")
    chat.hear(case(status="closed"))
    assert chat.told[-1] == ThreadFieldsChanged(thread=THREAD, fields=(("topic", ""),))
    assert chat.session.threads[THREAD].fields == {}
    assert set_thread(chat, topic="ship") == ["ThreadFieldsChanged", "SetThreadFields answered"]  # for the next one
    chat.ask(i.SendMessage, thread=THREAD, text="again")
    assert pairs(data(chat, "SendMessage")["contact"]["customFields"]) == list(TOPIC)


def test_another_contact_brings_its_own() -> None:
    chat = with_thread(policy=QUIET)
    chat.hear(case(field("ship", LATE), field("large", LATE, "size")))
    set_thread(chat, order="4711")
    chat.hear(case(field("late", EARLY), contact="9", kind="CaseCreated"))
    assert chat.session.threads[THREAD].fields == {"topic": "late", "order": "4711"}


@pytest.mark.row("P41")
def test_after_a_closed_live_chat_the_next_conversation_carries_its_own() -> None:
    chat = Chat("live")
    chat.conversation()
    chat.control(k.CloseContact())
    chat.cut()
    chat.back()
    chat.look()
    chat.start(answers=(("order", "4712"),))
    (begin,) = [frame for frame in chat.wrote() if frame.kind == "SendMessage"]
    assert pairs(begin.data["contact"]["customFields"]) == [("order", "4712")]


# --- of the customer ---


def test_the_customers_go_at_once_when_connected_and_never_again() -> None:
    chat = with_thread(policy=QUIET)
    assert set_customer(chat, tier="gold") == [
        "save fields",
        "CustomerFieldsChanged",
        "SetCustomerFields answered",
        "frame SetCustomerCustomFields",
    ]
    assert chat.accept("SetCustomerCustomFields") == ["forget fields"]
    chat.ask(i.SendMessage, thread=THREAD, text="hello")
    assert data(chat, "SendMessage")["customer"]["customFields"] == []
    assert set_customer(chat, tier="gold") == ["SetCustomerFields answered"]
    assert chat.session.customer_fields == {"tier": "gold"}


@pytest.mark.row("C3")
def test_what_is_set_before_anyone_is_known_makes_nobody_and_goes_when_ready() -> None:
    chat = Alone(policy=QUIET)
    assert set_customer(chat, tier="gold") == ["save fields", "CustomerFieldsChanged", "SetCustomerFields answered"]
    assert "identity" not in chat.session.kept
    chat.ask(i.SetCustomer, id=CUSTOMER)
    chat.ask(i.Open)
    for call in ("GET configuration", "PUT visitor"):
        chat.reply(call)
        chat.saved()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert "frame SetCustomerCustomFields" in chat.deny("RecoverThread", "RecoveringThreadFailed")
    assert pairs(data(chat, "SetCustomerCustomFields")["customFields"]) == [("tier", "gold")]


def test_what_could_not_be_sent_goes_after_a_restart() -> None:
    chat = reach(S.PREPARED)
    set_customer(chat, tier="gold", old="")
    again = reach(S.SERVING, restored=dict(chat.session.kept), seed=b"another seed of enough bytes")
    assert pairs(data(again, "SetCustomerCustomFields")["customFields"]) == [("tier", "gold"), ("old", "")]
    assert again.session.customer_fields == {"tier": "gold"}


@pytest.mark.parametrize("text", ["", "[]", '{"customFields": 5}', "\ud800"])
def test_what_cannot_be_read_of_the_store_counts_as_none(text: str) -> None:
    chat = reach(S.SERVING, restored={"fields": text})
    assert chat.session.customer_fields == {}
    assert "SetCustomerCustomFields" not in dict(chat.frames)


def test_a_date_that_cannot_be_read_of_the_store_is_an_old_one() -> None:
    kept = {"customFields": [{"ident": "tier", "value": "gold", "updatedAt": "?"}, {"ident": "size", "value": None}]}
    chat = reach(S.SERVING, restored={"fields": json.dumps(kept)})
    sent = data(chat, "SetCustomerCustomFields")["customFields"]
    assert sent[0] == {"ident": "tier", "value": "gold", "updatedAt": "1970-01-01T00:00:00Z"}


def test_signing_out_forgets_them() -> None:
    chat = with_thread()
    set_customer(chat, tier="gold")
    chat.ask(i.SignOut)
    chat.closed()
    chat.saved()
    assert (chat.session.customer_fields, chat.session.kept) == ({}, {})


# --- what comes back (6.1) ---


@pytest.mark.row("T-8")
@pytest.mark.parametrize("mode", ["single", "live"])
def test_both_recoveries_bring_them(mode: Any) -> None:
    chat = Alone(mode, policy=QUIET)
    chat.ask(i.Prepare)
    chat.reply("GET configuration")
    chat.saved()
    chat.reply("PUT visitor")
    chat.ask(i.Connect)
    if mode == "live":
        chat.reply("GET availability")
    chat.opened()
    chat.answer(
        "AuthorizeCustomer", "ConsumerAuthorized", {"customer": {"customFields": [field("gold", EARLY, "tier")]}}
    )
    assert chat.session.customer_fields == {"tier": "gold"}
    contact = {"id": CONTACT, "status": "open", "customFields": [field("ship", EARLY, "contact.customFields.topic")]}
    customer = {"customFields": [field("silver", LATE, "customer.customFields.tier"), field("blue", None, "ink")]}
    recovered = recovered_thread() | {"contact": contact, "customer": customer}
    asked, answered = {
        "single": ("RecoverThread", "ThreadRecovered"),
        "live": ("RecoverLivechat", "LivechatRecovered"),
    }[mode]
    chat.answer(asked, answered, recovered)
    assert chat.session.threads[THREAD].fields == {"topic": "ship"}
    assert chat.session.customer_fields == {"tier": "silver", "ink": "blue"}
    assert CustomerFieldsChanged(fields=(("tier", "silver"), ("ink", "blue"))) in chat.told
    assert ThreadFieldsChanged(thread=THREAD, fields=(("topic", "ship"),)) in chat.told


def test_a_token_brings_the_customers() -> None:
    chat = reach(S.TOKEN)
    who = {"idOnExternalPlatform": CUSTOMER, "customFields": [field("gold", EARLY, "tier"), {"value": "nobody's"}]}
    assert "CustomerFieldsChanged" in chat.reply(
        "POST token", {"accessToken": "t", "expiresIn": 9, "customerIdentity": who}
    )
    assert chat.session.customer_fields == {"tier": "gold"}


MERGES = [  # what comes one after another, and what stands then
    ([field("a", EARLY), field("b", LATE)], "b"),
    ([field("a", LATE), field("b", EARLY)], "a"),
    ([field("a", EARLY), field("b", EARLY)], "b"),
    ([field("a", LATE), field("b")], "b"),
    ([field("a"), field("b", EARLY)], "b"),
    ([field("a", EARLY), field("b", "yesterday")], "b"),
    ([field("a", EARLY), field("", LATE)], None),
    ([field("a", EARLY), field(None, LATE)], None),
    ([field(None, LATE), field("b", EARLY)], "b"),
    ([field("a", "2026-03-04T11:00:00+0100"), field("b", "2026-03-04T10:00:01.5z")], "b"),
]


@pytest.mark.parametrize(("told", "stands"), MERGES)
def test_the_newest_wins(told: list[dict[str, Any]], stands: str | None) -> None:
    chat = with_thread(policy=QUIET)
    for one in told:
        chat.hear(case(one))
    assert chat.session.threads[THREAD].fields == ({} if stands is None else {"topic": stands})


def test_only_changes_are_told() -> None:
    chat = with_thread(policy=QUIET)
    assert chat.hear(case(field("ship", EARLY))) == ["ThreadFieldsChanged"]
    assert chat.hear(case(field("ship", EARLY))) == []
    assert chat.hear(case(field("ship", LATE), field("large", LATE, "size"))) == ["ThreadFieldsChanged"]
    assert chat.told[-1] == ThreadFieldsChanged(thread=THREAD, fields=(("size", "large"),))
    assert chat.hear(case({"ident": "", "value": "nothing"})) == []


def test_what_is_on_its_way_gives_way_to_something_newer_only() -> None:
    chat = with_thread(policy=QUIET)
    set_thread(chat, topic="ours", size="ours", ink="ours", paper="ours")
    chat.hear(case(field("theirs", EARLY), field("theirs", LATE, "size"), field("theirs", None, "ink")))
    assert chat.session.threads[THREAD].fields == {"topic": "ours", "size": "theirs", "ink": "ours", "paper": "ours"}
    chat.deny("SetContactCustomFields", "InconsistentData")
    assert chat.session.threads[THREAD].fields == {"topic": "theirs", "size": "theirs", "ink": "theirs"}


def test_what_never_left_stays_whatever_comes() -> None:
    chat = with_thread(policy=QUIET)
    chat.closed()
    set_thread(chat, topic="ours")
    contact = {"id": CONTACT, "status": "open", "customFields": [field("theirs", LATE)]}
    come_back(chat, contact=contact)
    assert pairs(data(chat, "SetContactCustomFields")["customFields"]) == [("topic", "ours")]


def test_pushes_of_every_kind_bring_them() -> None:
    chat = with_thread("live", policy=QUIET)
    assert chat.hear(case(field("a"), kind="CaseCreated")) == ["ThreadFieldsChanged"]
    assert chat.hear(case(field("b"), kind="CaseInboxAssigneeChanged")) == ["ThreadFieldsChanged"]
    message = {"idOnExternalPlatform": "m", "messageContent": {"type": "TEXT", "payload": {"text": "x"}},
               "direction": "outbound", "createdAt": EARLY}  # fmt: skip
    told = case(field("c"))["data"] | {"message": message, "thread": {"idOnExternalPlatform": THREAD}}
    assert "ThreadFieldsChanged" in chat.hear({"eventId": "e", "eventType": "MessageCreated", "data": told})
    assert chat.session.threads[THREAD].fields == {"topic": "c"}


def test_there_is_a_limit_to_how_many_there_are() -> None:
    chat = with_thread(policy=Policy(heartbeat=1e6, max_fields=2))
    assert set_thread(chat, a="1", b="2", c="3") == ["SetThreadFields refused limit_reached"]
    assert chat.refusal[1] == "more than 2 custom fields"
    set_thread(chat, a="1", b="2")
    assert set_thread(chat, a="3")[-1] == "frame SetContactCustomFields"
    assert set_customer(chat, a="1", b="2", c="3") == ["SetCustomerFields refused limit_reached"]
    chat.hear(case(field("x", EARLY)))
    assert chat.session.counts["fields over the limit"] == 1
    assert chat.session.threads[THREAD].fields == {"a": "3", "b": "2"}


def test_over_a_crowded_line_they_are_refused() -> None:
    chat = with_thread(policy=Policy(heartbeat=1e6, outbox=1, rate_limit=(2, 1000.0)))
    set_thread(chat, topic="a")
    assert set_thread(chat, topic="b") == ["SetThreadFields refused limit_reached"]
    assert set_customer(chat, topic="b") == ["SetCustomerFields refused limit_reached"]
    assert chat.session.threads[THREAD].fields == {"topic": "a"}


def test_a_thread_that_is_not_loaded_gets_them_when_it_is_opened() -> None:
    chat = Chat("multi")
    thread = chat.conversation()
    again = Chat("multi", center=chat.center, restored=dict(chat.session.kept))
    chat.do(i.Disconnect)
    again.open()
    assert again.state_of(thread) is ThreadState.LOADED
    again.ask(i.SetThreadFields, thread=thread, fields=TOPIC)
    assert again.kinds() == []
    again.do(i.OpenThread, thread=thread)
    assert again.kinds() == ["RecoverThread", "SetContactCustomFields"]
    assert again.far(thread).contact.fields["topic"].value == "ship"


def test_what_is_larger_than_the_limits_is_left_out_and_counted() -> None:
    chat = with_thread(policy=Policy(heartbeat=1e6, max_field=10, max_fields=2))
    small = field("12345", ident="b")
    for large in (field("x" * 11), field("x", "2" * 11), field("x", ident="i" * 11)):
        chat.hear(case(large, small))
    assert chat.session.counts["fields over the limit"] == 3
    assert chat.session.threads[THREAD].fields == {"b": "12345"}
    many = [field("x", ident=ident) for ident in "cdb"]
    for count in (4, 5):  # so many are not remembered, and looked at again
        chat.hear(case(*many))
        assert chat.session.counts["fields over the limit"] == count
    assert chat.session.threads[THREAD].fields == {"b": "x", "c": "x"}


# --- what was set meanwhile ---


def test_a_value_without_a_date_that_comes_back_counts_again() -> None:
    chat = with_thread(policy=QUIET)
    chat.hear(case(field("1")))
    set_thread(chat, topic="2")
    chat.hear(case(field("1")))
    assert chat.session.threads[THREAD].fields == {"topic": "2"}
    chat.accept("SetContactCustomFields")
    assert chat.hear(case(field("1"))) == ["ThreadFieldsChanged"]
    assert chat.session.threads[THREAD].fields == {"topic": "1"}
    set_thread(chat, topic="2")
    chat.accept("SetContactCustomFields")
    assert chat.hear(case(field("1"))) == ["ThreadFieldsChanged"]


def test_after_a_refusal_what_comes_is_taken() -> None:
    chat = with_thread(policy=QUIET)
    set_thread(chat, topic="2")
    chat.hear(case(field(None)))
    chat.hear(case(field("1", EARLY)))
    chat.deny("SetContactCustomFields", "InconsistentData")
    assert chat.session.threads[THREAD].fields == {"topic": "1"}
    assert chat.hear(case(field("1", EARLY))) == []


def setting(*values: str) -> tuple[Alone, list[str]]:
    """Return a chat that sets a field again and again, and the requests that carry it."""
    chat = with_thread(policy=QUIET)
    sent = []
    for value in values:
        set_thread(chat, topic=value)
        sent.append(chat.frame("SetContactCustomFields")["eventId"])
    return chat, sent


SETTINGS: list[tuple[tuple[int, ...], str]] = [  # which requests are accepted (refused: below 0), and what stands
    ((1, -2), "1"),
    ((-1, -2), ""),
    ((-1, 2), "2"),
    ((-2, 1), "1"),
    ((-2, -1), ""),
    ((1, 2, -3), "2"),
    ((1, -2, -3), "1"),
    ((-2, 1, -3), "1"),
    ((2, 1, -3), "2"),
    ((-3, -2, 1), "1"),
    ((-3, 2, 1), "2"),
    ((3, 2, 1), "3"),
]


@pytest.mark.parametrize(("answers", "stands"), SETTINGS)
def test_a_refusal_goes_back_to_what_the_far_side_has(answers: tuple[int, ...], stands: str) -> None:
    chat, sent = setting(*map(str, range(1, len(answers) + 1)))
    for answer in answers:
        refused = {"error": {"errorCode": "InconsistentData", "errorMessage": "no"}} if answer < 0 else {}
        chat.hear({"eventId": sent[abs(answer) - 1], **refused})
    assert chat.session.threads[THREAD].fields == ({"topic": stands} if stands else {})
    assert chat.leaf.desk.threads[THREAD].custom.waiting == ()


def test_of_a_request_without_an_answer_nobody_knows() -> None:
    chat, (first, second) = setting("1", "2")
    chat.leaf.elapsed("exchange", first)
    chat.hear({"eventId": second, "error": {"errorCode": "InconsistentData", "errorMessage": "no"}})
    assert chat.session.threads[THREAD].fields == {}


def test_what_is_set_before_it_goes_takes_the_place_of_what_never_left() -> None:
    chat = reach(S.RECOVERING, policy=QUIET)
    set_customer(chat, topic="1")
    set_customer(chat, topic="2")
    chat.deny("RecoverThread", "RecoveringThreadFailed")
    chat.deny("SetCustomerCustomFields", "InconsistentData")
    assert chat.session.customer_fields == {}
