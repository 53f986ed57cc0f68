"""Forms that the far side asks for: shown, replaced, taken back, answered and declined (B30, B31, B60; section 9.6)."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.events import FormClosed, FormRequested
from deskline_core.model import Form
from deskline_core.policy import Policy
from tests.core.brightpattern.alone import CHAT, ENDED, SEND, STEADY, Alone, at, left, status, talking

SURVEY = {
    "event": "chat_session_form_show", "form_request_id": "17", "form_name": "survey_form", "form_timeout": "60",
    "timestamp": at(5),
}  # fmt: skip
FREE = {"event": "chat_session_form_show", "form_request_id": "19", "form_name": "", "timestamp": at(6)}
CARD = {
    "event": "chat_session_secure_form_show", "form_request_id": "18", "form_id": "card_form", "timestamp": at(7),
}  # fmt: skip


def cancelled(id: str) -> dict[str, Any]:
    """Return that a secure form is taken back."""
    return {"event": "chat_session_secure_form_cancel", "form_request_id": id}


def submit(chat: Alone, form: str = "17", data: tuple[tuple[str, str], ...] = (("service", "1"),)) -> list[str]:
    """Answer a form."""
    return chat.ask(i.SubmitForm, thread=CHAT, form=form, data=data)


def ids(chat: Alone) -> list[str]:
    """Return which forms stand."""
    return [form.id for form in chat.thread.forms]


@pytest.mark.row("B30")
def test_a_form_is_told_with_what_the_far_side_says_of_it() -> None:
    chat = talking()
    assert chat.hear(SURVEY) == ["form 17 survey_form", "GET events"]
    survey = Form(id="17", name="survey_form", timeout=60.0)
    assert chat.told(FormRequested) == [FormRequested(thread=CHAT, form=survey)]
    chat.hear(CARD)
    assert list(chat.thread.forms) == [survey, Form(id="18", name="card_form", secure=True)]
    assert chat.hear(SURVEY) == ["GET events"]  # told already


@pytest.mark.row("B30")
def test_a_plain_form_replaces_an_older_plain_one_and_no_secure_one() -> None:
    chat = talking()
    chat.hear(CARD, SURVEY)
    assert chat.hear(FREE) == ["form 17 closed", "form 19 ", "GET events"]
    assert ids(chat) == ["18", "19"]


def test_a_form_that_is_asked_for_once_more_stands_once() -> None:
    chat = talking()
    chat.hear(CARD, {**SURVEY, "form_request_id": "18"})
    assert chat.told(FormClosed) == [FormClosed(thread=CHAT, form="18")]
    assert [form.secure for form in chat.thread.forms] == [False]


def test_many_forms_make_room_for_newer_ones() -> None:
    chat = talking(policy=Policy(forms=2))
    chat.hear(CARD, {**CARD, "form_request_id": "20"})
    assert chat.hear({**CARD, "form_request_id": "21"}) == ["form 18 closed", "form 21 card_form", "GET events"]
    assert ids(chat) == ["20", "21"]


@pytest.mark.row("B31")
def test_only_the_form_that_is_named_is_taken_back() -> None:
    chat = talking()
    chat.hear(SURVEY, CARD)
    assert chat.hear(cancelled("99")) == ["GET events"]
    assert chat.hear(cancelled("18")) == ["form 18 closed", "GET events"]
    assert ids(chat) == ["17"]


def test_a_form_that_was_answered_elsewhere_is_closed() -> None:
    chat = talking()
    chat.hear(SURVEY)
    answered = {"event": "chat_session_form_data", "party_id": CHAT, "form_request_id": "17", "timestamp": at(9)}
    assert chat.hear(answered) == ["form 17 closed", "GET events"]


@pytest.mark.row("B60")
@pytest.mark.parametrize(
    ("form", "kind", "name"),
    [("17", "chat_session_form_data", "survey_form"), ("18", "chat_session_secure_form_data", "card_form")],
)
def test_an_answer_is_settled_when_the_far_side_took_it(form: str, kind: str, name: str) -> None:
    chat = talking()
    chat.hear(SURVEY, CARD)
    word = kind.removeprefix("chat_session_")
    assert submit(chat, form) == [f"POST {word}"]
    assert chat.posted() == {"event": kind, "form_request_id": form, "form_name": name, "data": {"service": "1"}}
    assert form not in ids(chat)
    assert submit(chat, form) == ["SubmitForm refused illegal_state"]  # it is on its way
    assert chat.reply(SEND) == [f"form {form} closed", "SubmitForm answered"]
    assert submit(chat, form) == ["SubmitForm refused illegal_state"]


@pytest.mark.row("B60")
@pytest.mark.parametrize(("form", "kind"), [("17", "chat_form_data_cancel"), ("18", "chat_session_secure_form_cancel")])
def test_a_form_can_be_declined(form: str, kind: str) -> None:
    chat = talking()
    chat.hear(SURVEY, CARD)
    chat.ask(i.CancelForm, thread=CHAT, form=form)
    assert chat.posted()["event"] == kind
    assert "data" not in chat.posted()
    assert chat.reply(SEND) == [f"form {form} closed", "CancelForm answered"]


@pytest.mark.row("B60")
def test_a_form_stands_again_when_its_answer_is_not_taken() -> None:
    chat = talking()
    chat.hear(SURVEY)
    submit(chat)
    assert chat.deny(SEND, "5003", 400) == ["SubmitForm refused refused_by_center"]
    assert chat.refusals[-1].remote_code == "5003"
    assert chat.refusal[1].startswith("the form '17' was not taken: ")
    assert ids(chat) == ["17"]
    submit(chat)
    chat.fail(SEND)
    assert chat.refusal[0] == "connection_lost"
    assert ids(chat) == ["17"]
    assert chat.told(FormClosed) == []


@pytest.mark.row("B60")
def test_an_answer_that_comes_too_late_ends_no_session() -> None:
    chat = talking()
    chat.hear(SURVEY)
    submit(chat)
    assert chat.reply(SEND, status=404) == ["form 17 closed", "SubmitForm refused refused_by_center"]
    assert chat.refusal[1] == "the contact center no longer waits for this form (status 404)"
    assert chat.thread.state == "open"


def test_an_answer_that_finds_the_session_gone_ends_it() -> None:
    chat = talking()
    chat.hear(SURVEY, CARD)
    submit(chat)
    assert chat.deny(SEND, "5005") == ["SubmitForm refused thread_ended"]
    assert ids(chat) == ["17", "18"]
    assert "ended agent" in chat.hear(ENDED)
    assert [closed.form for closed in chat.told(FormClosed)] == ["17", "18"]


def test_a_form_that_was_replaced_while_its_answer_went_does_not_stand_again() -> None:
    chat = talking()
    chat.hear(SURVEY)
    submit(chat)
    assert chat.hear(FREE) == ["form 19 ", "GET events"]
    assert chat.deny(SEND, "5500", 500) == ["form 17 closed", "SubmitForm refused refused_by_center"]
    assert ids(chat) == ["19"]


def test_a_form_that_was_taken_back_while_its_answer_went_is_closed_once() -> None:
    chat = talking()
    chat.hear(CARD)
    submit(chat, "18")
    assert chat.hear(cancelled("18")) == ["form 18 closed", "GET events"]
    assert chat.deny(SEND, "5500", 500) == ["SubmitForm refused refused_by_center"]
    assert ids(chat) == []


def test_an_answer_whose_caller_is_gone_goes_all_the_same() -> None:
    chat = talking()
    chat.hear(SURVEY, CARD)
    submit(chat)
    submit(chat, "18")
    chat.withdraw(chat.asked - 1)
    assert chat.reply(SEND) == ["form 17 closed", "POST secure_form_data"]
    assert chat.reply(SEND) == ["form 18 closed", "SubmitForm answered"]


def test_taking_back_one_form_says_nothing_of_another_whose_answer_goes() -> None:
    chat = talking()
    chat.hear(CARD, {**CARD, "form_request_id": "20"})
    submit(chat, "20")
    assert chat.hear(cancelled("18")) == ["form 18 closed", "GET events"]
    assert chat.reply(SEND) == ["form 20 closed", "SubmitForm answered"]


def test_an_answer_that_waits_is_refused_when_the_connection_is_lost() -> None:
    chat = talking()
    chat.hear(SURVEY)
    chat.ask(i.StartTyping, thread=CHAT)
    assert submit(chat) == []  # behind what is being sent
    assert "SubmitForm refused connection_lost" in chat.fail("GET events")
    assert ids(chat) == ["17"]


def test_the_end_closes_all_forms_before_it_is_told() -> None:
    chat = talking()
    chat.hear(SURVEY, CARD)
    submit(chat)
    words = chat.hear(ENDED)
    assert words.index("form 18 closed") < words.index("form 17 closed") < words.index("ended agent")
    assert chat.reply(SEND) == ["SubmitForm answered"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ((("x" * 1025, "1"),), "a field of the form is longer than 1024 characters"),
        ((("a", "x" * 40_000),), "a field of the form is longer than 32768 characters"),
        ((("a", "1"), ("a", "2")), "a form has each field once"),
        (tuple((str(n), "") for n in range(201)), "a form has no more than 200 fields"),
    ],
)
def test_what_cannot_be_sent_is_refused_and_the_form_stands(data: tuple[tuple[str, str], ...], says: str) -> None:
    chat = talking()
    chat.hear(SURVEY)
    assert submit(chat, data=data) == ["SubmitForm refused invalid_value"]
    assert chat.refusal[1] == says
    assert ids(chat) == ["17"]


def test_a_form_holds_up_the_end_that_follows_wrapping_up_and_its_answer_gives_more_time() -> None:
    chat = talking()
    chat.hear(SURVEY)
    chat.ask(i.WrapUp, thread=CHAT)
    chat.reply(SEND)
    chat.hear(left())
    for _ in range(3):
        chat.wait(25)
        chat.hear()
    assert chat.session.deadlines.at("wrap up") is None  # it has passed
    submit(chat)
    chat.reply(SEND)
    deadline = chat.session.deadlines.at("wrap up")
    assert deadline == chat.now + chat.session.policy.wrap_up


# --- free text ---


def send(chat: Alone, text: str) -> list[str]:
    """Send a text."""
    return chat.ask(i.SendMessage, thread=CHAT, text=text)


def test_free_text_goes_as_the_form_and_as_a_message() -> None:
    chat = talking()
    chat.hear(CARD, SURVEY, FREE)
    send(chat, "Kit")
    assert chat.posted() == {
        "event": "chat_session_form_data", "form_request_id": "19", "form_name": "", "data": {"text": "Kit"},
    }  # fmt: skip
    words = chat.reply(SEND)
    assert words[:1] == ["form 19 closed"]
    assert words[-1] == "POST message"
    assert ids(chat) == ["18"]


def test_free_text_goes_as_the_form_alone() -> None:
    chat = talking(policy=Policy(free_text_forms="form"))
    chat.hear(FREE)
    send(chat, "Kit")
    assert chat.posted()["event"] == "chat_session_form_data"
    assert chat.reply(SEND) == ["form 19 closed", "message sent"]
    assert chat.open_calls() == ["GET events"]


def test_free_text_goes_as_a_message_alone() -> None:
    chat = talking(policy=Policy(free_text_forms="message"))
    chat.hear(FREE)
    assert "form 19 closed" in send(chat, "Kit")
    assert chat.posted()["event"] == "chat_session_message"


def test_a_named_form_takes_no_free_text() -> None:
    chat = talking()
    chat.hear(SURVEY)
    send(chat, "Kit")
    assert chat.posted()["event"] == "chat_session_message"
    assert ids(chat) == ["17"]


def test_free_text_that_was_not_taken_is_asked_for_still() -> None:
    chat = talking()
    chat.hear(FREE)
    send(chat, "Kit")
    chat.deny(SEND, "5003", 400)
    assert ids(chat) == ["19"]


def test_a_form_in_a_history_is_asked_for_if_nothing_followed_it() -> None:
    chat = talking(policy=STEADY)
    chat.fail("GET events")
    chat.wait(1)
    words = chat.history(status("connected"), SURVEY)
    assert "form 17 survey_form" in words
