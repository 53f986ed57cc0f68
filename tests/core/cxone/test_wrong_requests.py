"""App requests that make no sense: refused with a sentence, never raised, and without any effect."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.asking import LACKING
from deskline_core.cxone.connection_table import ConnectionState as S
from tests.core.cxone.alone import THREAD, Alone, reach, with_thread
from tests.core.cxone.every_request import EVERYTHING, REQUESTS, right_fields
from tests.core.wrong_fields import WRONG_FIELDS


def chats() -> list[Alone]:
    """Return sessions of every kind of standing: before, on the way, ready, away, leaving."""
    return [
        *(reach(state) for state in (S.INITIAL, S.PREPARED, S.RECOVERING, S.RECONNECT_WAIT, S.SIGNING_OUT)),
        *(with_thread(mode) for mode in ("single", "multi", "live")),
    ]


def standing(chat: Alone) -> list[object]:
    """Return what a request could have changed."""
    threads = [(id, thread.state, thread.name, thread.messages) for id, thread in chat.session.threads.items()]
    kept = dict(chat.session.kept)
    return [chat.state, threads, kept, chat.session.next_deadline, len(chat.leaf.delivery.outbox), chat.leaf._held]


def is_refused_without_effect(chat: Alone, kind: type[i.AppRequest], fields: dict[str, Any]) -> None:
    """Ask, and see that the refusal is all that comes of it."""
    before = standing(chat)
    assert chat.ask(kind, **fields) == [f"{kind.__name__} refused invalid_value"], fields
    assert standing(chat) == before
    assert chat.refusal[1].startswith(kind.__name__)


@pytest.mark.parametrize(("kind", "name", "value"), WRONG_FIELDS)
def test_what_is_of_another_type_is_refused_in_every_field(kind: type[i.AppRequest], name: str, value: object) -> None:
    for chat in chats():
        is_refused_without_effect(chat, kind, {**right_fields(kind), name: value})


# --- of the right type, and wrong all the same ---

LONG = "x" * 40_000
NO_CONTENT: dict[type[i.AppRequest], tuple[tuple[dict[str, Any], str], ...]] = {
    i.SetCustomer: (
        ({"id": ""}, "a customer needs an id"),
        ({"id": LONG}, "the customer's identity is longer than 1024 characters"),
        ({"first_name": LONG}, "the customer's identity is longer than 1024 characters"),
        ({"last_name": LONG}, "the customer's identity is longer than 1024 characters"),
    ),
    i.ExecuteTrigger: (
        ({"trigger": " "}, "the trigger's id is empty"),
        ({"trigger": LONG}, "the trigger's id is longer than 256 characters"),
    ),
    i.SendMessage: (({"text": " "}, "the text is empty"), ({"text": LONG}, "the text is longer than 32768 characters")),
    i.PreviewText: (({"text": LONG}, "the text is longer than 32768 characters"),),
    i.RenameThread: (({"name": LONG}, "the name is longer than 1024 characters"),),
    i.SendTranscript: (
        ({"email": ""}, "the address is no e-mail address, such as kit@example.com"),
        ({"email": "kit@example"}, "the address is no e-mail address, such as kit@example.com"),
        ({"email": "kit@example.test\n"}, "the address is no e-mail address, such as kit@example.com"),
    ),
    i.SendOfflineMessage: (
        ({"email": "kit"}, "the sender's address is no e-mail address, such as kit@example.com"),
        ({"text": ""}, "the text is empty"),
        ({"text": LONG}, "the text is longer than 32768 characters"),
        ({"first_name": LONG}, "the sender's name is longer than 1024 characters"),
    ),
    i.JoinThread: (
        ({"code": ""}, "the invitation's code is empty"),
        ({"code": LONG}, "the invitation's code is longer than 256 characters"),
    ),
    i.SendInvitation: (
        ({"code": ""}, "the invitation's code is empty"),
        ({"emails": ()}, "an invitation needs an e-mail address to go to"),
        ({"emails": ("kit",)}, "one of the addresses is no e-mail address, such as kit@example.com"),
    ),
}
"""What stands beside a chat, and the chat itself: fields whose content makes no sense, and what is said of them."""
ELSEWHERE = {
    "AnswerInactivity", "Authenticate", "RegisterDevice", "ReportConversion", "ReportOffer", "ReportVisitorEvent",
    "SetCustomerFields", "SetThreadFields", "StartThread", "ViewPage",
}  # fmt: skip
"""Tested with what they belong to: logins, visits, custom fields."""
ABSENT = {kind.__name__ for kind in LACKING}
"""Refused whatever they say: another vendor has them."""
NAMES_ONLY = {"request", "thread", "message", "reuse"}


def test_every_request_that_says_something_is_here() -> None:
    telling = {kind.__name__ for kind in REQUESTS if set(kind.__struct_fields__) - NAMES_ONLY}
    assert telling == {kind.__name__ for kind in NO_CONTENT} | ELSEWHERE | (ABSENT & telling)


@pytest.mark.parametrize(
    ("kind", "changes", "says"),
    [(kind, changes, says) for kind, cases in NO_CONTENT.items() for changes, says in cases],
    ids=lambda value: value.__name__ if isinstance(value, type) else ascii(value)[:30],
)
def test_what_makes_no_sense_is_refused(kind: type[i.AppRequest], changes: dict[str, Any], says: str) -> None:
    chat = reach(S.INITIAL) if kind is i.SetCustomer else with_thread("live", settings=EVERYTHING)
    if kind is i.RenameThread:
        chat = with_thread("multi")
    before = standing(chat)
    assert chat.ask(kind, **{**right_fields(kind), **changes}) == [f"{kind.__name__} refused invalid_value"]
    assert (chat.refusal[1], standing(chat)) == (says, before)


def test_ids_of_nothing_are_refused() -> None:
    chat = with_thread("live", settings=EVERYTHING)
    can = chat.session.capabilities
    for kind in (each for each in REQUESTS if each.__name__ in can):
        for name in {"thread", "message"} & set(kind.__struct_fields__):
            words = chat.ask(kind, **{**right_fields(kind), name: "nowhere"})
            assert words == [f"{kind.__name__} refused unknown_{name}"]


@pytest.mark.parametrize("kind", LACKING, ids=lambda kind: str(kind.__name__))
def test_what_only_other_vendors_have_is_refused_without_effect(kind: type[i.AppRequest]) -> None:
    for chat in chats():
        before = standing(chat)
        assert chat.ask(kind, **right_fields(kind)) == [f"{kind.__name__} refused not_supported"]
        assert (chat.refusal[1], standing(chat)) == (f"a CXone channel has no {kind.__name__}", before)
        assert kind.__name__ not in chat.session.capabilities


def test_a_refusal_shows_nothing_of_what_was_asked() -> None:
    chat = with_thread()
    chat.ask(i.SendMessage, thread=THREAD, text=b"my card number")
    assert "card" not in chat.refusal[1]


def test_lists_serve_as_well_as_tuples() -> None:
    chat = reach(S.SERVING)
    assert "StartThread answered" in chat.ask(i.StartThread, answers=[["order", "1"]])


@pytest.mark.parametrize("number", [None, "1", 1.5, [], {}], ids=repr)
def test_a_request_without_a_number_cannot_be_answered_and_does_nothing(number: Any) -> None:
    chat = with_thread()
    before = standing(chat)
    assert chat.put(i.SendMessage(request=number, thread=THREAD, text="x")) == []
    assert chat.put(i.Withdraw(request=number)) == []
    assert standing(chat) == before
    assert chat.session.counts["requests without a number"] == 1


class Dance(i.AppRequest, frozen=True, kw_only=True):
    """A request that no session knows."""


def test_a_request_that_is_not_known_is_refused() -> None:
    chat = reach(S.SERVING)
    assert chat.ask(Dance)[0].startswith("Dance refused")
