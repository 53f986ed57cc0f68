"""Values of custom fields are checked before anything is sent or kept (CXone wire reference, section 6.3)."""

from typing import Any

import pytest

from deskline_center.cxone import Choice, FieldDefinition, Survey
from deskline_core import inputs as i
from deskline_core.errors import RefusalCode
from deskline_core.events import CustomerFieldsChanged, ErrorReceived
from deskline_core.model import Question
from deskline_core.policy import Policy
from tests.playbook import Chat

QUESTIONS = (
    FieldDefinition(ident="email", label="E-mail", type="email"),
    FieldDefinition(ident="size", label="Size", type="list", choices=(
        Choice(name="l", value="Large"), Choice(name="s", value="Small"))),
    FieldDefinition(ident="topic", label="Topic", type="tree", choices=(
        Choice(name="ship", value="Shipping"), Choice(name="late", value="Late parcel", parent="ship"),
        Choice(name="lost", value="Lost", parent="ship"), Choice(name="mug", value="Mugs"),
        Choice(name="mug-lost", value="Lost", parent="mug"))),
    FieldDefinition(ident="note", label="Note"),
)  # fmt: skip

WRONG = [
    ("email", "kit", "the value of E-mail (email) is no e-mail address, such as kit@example.com"),
    ("email", "kit@example", "the value of E-mail (email) is no e-mail address, such as kit@example.com"),
    ("size", "huge", "the value of Size (size) is none of l, s"),
    ("topic", "ship", "the value of Topic (topic) is none of late, lost, mug-lost"),  # no leaf
    ("topic", "Lost", "the value of Topic (topic) is none of late, lost, mug-lost"),  # which one?
    ("note", "x" * 1025, "the value of Note (note) is longer than 1024 characters"),
    ("note", "bell \a", "the value of Note (note) is not plain text: it holds control characters"),
    ("other", "\x00", "the value of 'other' is not plain text: it holds control characters"),
    ("", "x", "'' is no id of a field"),
    (" ", "x", "' ' is no id of a field"),
    ("x" * 1025, "x", f"{'x' * 1024!r} is no id of a field"),
]


def said(chat: Chat) -> str:
    """Return what the newest refusal says."""
    return chat.refusals[max(chat.refusals)].message


def pairs(entries: list[dict[str, Any]]) -> list[tuple[str, str]]:
    """Return the custom fields of a frame."""
    return [(entry["ident"], entry["value"]) for entry in entries]


def defined(mode: Any = "single") -> Chat:
    """Return a chat of a channel with questions of all kinds, in both scopes and in its survey."""
    settings = {"customer_fields": QUESTIONS, "contact_fields": QUESTIONS,
                "survey": Survey(name="Before", fields=QUESTIONS)}  # fmt: skip
    return Chat(mode, settings=settings)


@pytest.mark.parametrize(("ident", "value", "says"), WRONG, ids=[f"{i[:9]} {v[:9]!r}" for i, v, _ in WRONG])
def test_a_value_that_the_question_does_not_allow_is_refused(ident: str, value: str, says: str) -> None:
    chat = defined("multi").open()
    thread = chat.start()
    chat.look()
    wrong = (("note", "fine"), (ident, value))
    for kind, fields in (
        (i.SetCustomerFields, {"fields": wrong}),
        (i.SetThreadFields, {"thread": thread, "fields": wrong}),
        (i.StartThread, {"answers": wrong}),
    ):
        assert chat.refused(kind, **fields) is RefusalCode.INVALID_VALUE
        assert said(chat) == says
    assert (chat.kinds(), chat.news(), len(chat.session.threads)) == ([], [], 1)
    assert (chat.session.customer_fields, chat.session.threads[thread].fields) == ({}, {})


RIGHT = [("email", "kit@example.test", "kit@example.test"), ("size", "l", "l"), ("size", "Large", "l"),
         ("topic", "late", "late"), ("topic", "Shipping / Late parcel", "late"), ("topic", "Late parcel", "late"),
         ("note", "two\nlines\tof it", "two\nlines\tof it"), ("size", "", ""), ("email", "", ""),
         ("unheard-of", "x", "x")]  # fmt: skip


@pytest.mark.parametrize(("ident", "value", "sent"), RIGHT)
def test_labels_become_names_and_unknown_fields_are_taken(ident: str, value: str, sent: str) -> None:
    chat = defined("multi").open()
    chat.ask(i.SetCustomerFields, fields=((ident, value),))
    assert pairs(chat.wrote()[-1].data["customFields"]) == [(ident, sent)]
    thread = chat.start(answers=((ident, value),))
    chat.say(thread, "hello")
    carried = [(ident, sent)] if sent else []
    assert pairs(chat.wrote()[-1].data["contact"]["customFields"]) == carried


def test_many_choices_are_named_in_part() -> None:
    many = tuple(Choice(name=f"n{number}", value=f"Name {number}") for number in range(30))
    size = FieldDefinition(ident="size", label="Size", type="list", choices=many)
    chat = Chat("single", settings={"customer_fields": (size,)}).open()
    chat.refused(i.SetCustomerFields, fields=(("size", "x"),))
    assert said(chat).endswith("n18, n19, ...")


def test_answers_are_checked_as_soon_as_the_questions_are_known() -> None:
    chat = defined()
    chat.do(i.Prepare)
    assert chat.refused(i.StartThread, answers=(("size", "huge"),)) is RefusalCode.INVALID_VALUE
    early = defined()
    request = early.do(i.StartThread, answers=(("size", "huge"),))
    early.do(i.Open)
    assert early.refusals[request].code is RefusalCode.INVALID_VALUE
    assert not early.session.threads


def test_what_was_set_of_the_customer_before_is_checked_when_the_questions_are_known() -> None:
    chat = defined()
    early = (("size", "Large"), ("email", "kit"), ("note", "fine"), ("other", "x"))
    chat.ask(i.SetCustomerFields, fields=early)
    assert chat.session.customer_fields == dict(early)
    chat.look()
    chat.do(i.Prepare)
    text = "the value of E-mail (email) is no e-mail address, such as kit@example.com"
    assert chat.news(ErrorReceived, CustomerFieldsChanged) == [
        ErrorReceived(code="invalid_value", text=text),
        CustomerFieldsChanged(fields=(("size", "l"), ("email", ""))),
    ]
    chat.do(i.Connect)
    assert pairs(chat.wrote()[-1].data["customFields"]) == [("size", "l"), ("note", "fine"), ("other", "x")]


def test_what_a_stricter_policy_does_not_allow_any_more_is_taken_back() -> None:
    chat = Chat(
        "single",
        restored={"fields": '{"customFields":[{"ident":"tier","value":"platinum"}]}'},
        policy=Policy(max_field=4),
    )
    chat.do(i.Prepare)
    (told,) = chat.news(ErrorReceived)
    assert told.text == "the value of 'tier' is longer than 4 characters"
    assert chat.session.customer_fields == {}


def test_the_definitions_can_be_read_once_prepared() -> None:
    chat = defined()
    assert (chat.session.customer_questions, chat.session.thread_questions) == ((), ())
    chat.do(i.Prepare)
    assert chat.session.customer_questions == chat.session.thread_questions
    size = Question(id="size", label="Size", kind="list", choices=(("l", "Large"), ("s", "Small")))
    assert chat.session.customer_questions[1] == size
