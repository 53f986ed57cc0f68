"""App requests that make no sense: refused with a sentence, never raised, and without any effect."""

import uuid
from datetime import UTC, datetime
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from tests.core.cxone.alone import THREAD, Alone, reach, with_thread

HALF = "half \ud83d"
CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)

TEXTS: tuple[tuple[type[i.AppRequest], str, dict[str, Any]], ...] = (
    (i.SetCustomer, "id", {}),
    (i.SetCustomer, "first_name", {"id": "x"}),
    (i.SetCustomer, "last_name", {"id": "x"}),
    (i.ExecuteTrigger, "trigger", {}),
    (i.ViewPage, "title", {"url": "app://cart"}),
    (i.ViewPage, "url", {"title": "Cart"}),
    (i.ReportConversion, "name", {"value": 1.0}),
    (i.ReportOffer, "offer", {"outcome": "shown"}),
    (i.SetThreadFields, "thread", {"fields": ()}),
    (i.StartThread, "name", {}),
    (i.OpenThread, "thread", {}),
    (i.SendMessage, "thread", {"text": "x"}),
    (i.SendMessage, "text", {"thread": THREAD}),
    (i.SendMessage, "postback", {"thread": THREAD, "text": "x"}),
    (i.RetryMessage, "message", {}),
    (i.DiscardMessage, "message", {}),
    (i.AwaitSettled, "message", {}),
    (i.StartTyping, "thread", {}),
    (i.StopTyping, "thread", {}),
    (i.MarkRead, "thread", {}),
    (i.LoadMore, "thread", {}),
    (i.EndThread, "thread", {}),
    (i.AnswerInactivity, "thread", {"stay": True}),
    (i.RenameThread, "thread", {"name": "x"}),
    (i.RenameThread, "name", {"thread": THREAD}),
    (i.ArchiveThread, "thread", {}),
    (i.SendTranscript, "thread", {"email": "kit@example.test"}),
    (i.SendTranscript, "email", {"thread": THREAD}),
)
"""Every field that holds a text."""
NO_TEXTS = (None, 5, 1.5, True, b"bytes", HALF, ["x"], {"x": "y"}, uuid.UUID(int=1), datetime(2026, 1, 1, tzinfo=UTC))
NO_PAIRS = (
    None, "text", 5, {"order": "1"}, ("order",), (("order",),), (("order", 1),), (("order", None),), (("order", b"1"),),
    ((1, "x"),), (("order", HALF),), ((HALF, "1"),), (("order", "1", "2"),), CIRCLE,
)  # fmt: skip


def chats() -> list[Alone]:
    """Return sessions of every kind of standing: before, on the way, ready, away, leaving."""
    return [
        *(reach(state) for state in (S.INITIAL, S.PREPARED, S.RECOVERING, S.RECONNECT_WAIT, S.SIGNING_OUT)),
        *(with_thread(mode) for mode in ("single", "multi", "live")),
    ]


def standing(chat: Alone) -> list[object]:
    """Return what a request could have changed."""
    threads = [(id, thread.state, thread.name, thread.messages) for id, thread in chat.session.threads.items()]
    kept = dict(chat.session.snapshot())
    return [chat.state, threads, kept, chat.session.next_deadline, len(chat.leaf.delivery.outbox), chat.leaf._held]


def is_refused_without_effect(chat: Alone, kind: type[i.AppRequest], fields: dict[str, Any]) -> None:
    """Ask, and see that the refusal is all that comes of it."""
    before = standing(chat)
    assert chat.ask(kind, **fields) == [f"{kind.__name__} refused invalid_value"], fields
    assert standing(chat) == before
    assert chat.refusal[1].startswith(kind.__name__)


@pytest.mark.parametrize("value", NO_TEXTS, ids=repr)
def test_what_is_no_text_is_refused_in_every_field_of_every_request(value: object) -> None:
    for chat in chats():
        for kind, field, rest in TEXTS:
            is_refused_without_effect(chat, kind, {**rest, field: value})


@pytest.mark.parametrize("value", NO_PAIRS, ids=lambda value: ascii(value)[:30])
def test_what_is_no_pairs_of_texts_is_refused(value: object) -> None:
    for chat in chats():
        is_refused_without_effect(chat, i.StartThread, {"answers": value})
        is_refused_without_effect(chat, i.ReportVisitorEvent, {"data": value})
        is_refused_without_effect(chat, i.SetCustomerFields, {"fields": value})
        is_refused_without_effect(chat, i.SetThreadFields, {"thread": THREAD, "fields": value})


@pytest.mark.parametrize("value", [None, 1, "yes", ()], ids=repr)
def test_what_is_neither_yes_nor_no_is_refused(value: object) -> None:
    for chat in chats():
        is_refused_without_effect(chat, i.StartThread, {"reuse": value})
        is_refused_without_effect(chat, i.AnswerInactivity, {"thread": THREAD, "stay": value})


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
