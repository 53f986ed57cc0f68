"""What is told and asked beside messages, in every stage: rows B25, B29-B31, B54-B56, B59, B60, D722-D736, D741."""

from typing import Any, Final

import pytest

from deskline_core import inputs as i
from deskline_core.brightpattern.chat_table import LIVE, OPEN, STATES, TERMINAL
from deskline_core.brightpattern.chat_table import ChatStage as C
from deskline_core.model import PushNetwork
from deskline_core.values import Secret
from tests.core.brightpattern.alone import CHAT, HISTORY, SEND, WARNED, Alone, at, status
from tests.core.brightpattern.standing import at_stage

CASE: Final = {"event": "chat_session_case_set", "case_id": "CS-1", "timestamp": at(2)}
SURVEY: Final = {
    "event": "chat_session_form_show", "form_request_id": "17", "form_name": "survey_form", "timestamp": at(5),
}  # fmt: skip
CARD: Final = {
    "event": "chat_session_secure_form_show", "form_request_id": "18", "form_id": "card", "timestamp": at(7),
}  # fmt: skip
TAKEN_BACK: Final = {"event": "chat_session_secure_form_cancel", "form_request_id": "18"}
THERE: Final = (*LIVE, C.ENDING)
LATE: Final = (C.ENDING, *TERMINAL)
FORMS: Final[tuple[tuple[type[i.AppRequest], dict[str, Any]], ...]] = (
    (i.SubmitForm, {"form": "17", "data": (("a", "1"),)}),
    (i.CancelForm, {"form": "17"}),
)
TOLD: Final[tuple[tuple[type[i.AppRequest], dict[str, Any]], ...]] = (
    (i.StartTyping, {}), (i.StopTyping, {}), (i.PreviewText, {"text": "H"}),
    (i.SendSignal, {"data": "{}", "kind": "call", "party": "A"}),
)  # fmt: skip


def ask(chat: Alone, kind: type[i.AppRequest], /, **fields: Any) -> str:
    """Ask something of the conversation; return the first word that came of it."""
    return chat.ask(kind, thread=CHAT, **fields)[0]


def push(chat: Alone, conversation: str = CHAT) -> tuple[bool, list[str]]:
    """Note a push; return whether it is ours, and what followed."""
    words = chat.ask(i.NotePush, conversation=conversation)
    return chat.answers[chat.asked] is True, words[1:]


# --- told ---


@pytest.mark.row("B25")
@pytest.mark.parametrize("stage", LIVE)
def test_a_warning_is_told_with_its_text_and_without_an_end(stage: str) -> None:
    chat = at_stage(stage)
    assert chat.hear(WARNED) == ["warned Are you still there?", "GET events"]
    warning = chat.thread.inactivity
    assert warning is not None
    assert (warning.text, warning.ends_at, warning.title) == ("Are you still there?", float("inf"), "")
    assert chat.thread.state == "open"


@pytest.mark.row("B29")
@pytest.mark.parametrize("stage", LIVE)
def test_a_case_is_told(stage: str) -> None:
    chat = at_stage(stage)
    assert chat.hear(CASE) == ["case CS-1", "GET events"]
    assert chat.hear({**CASE, "case_id": ""}) == ["case ", "GET events"]


@pytest.mark.row("B30")
@pytest.mark.parametrize("stage", LIVE)
def test_forms_are_told(stage: str) -> None:
    chat = at_stage(stage)
    assert chat.hear(SURVEY, CARD) == ["form 17 survey_form", "form 18 card", "GET events"]


@pytest.mark.row("B31")
@pytest.mark.parametrize("stage", LIVE)
def test_a_form_that_is_taken_back_is_told(stage: str) -> None:
    chat = at_stage(stage)
    chat.hear(SURVEY, CARD)
    assert chat.hear(TAKEN_BACK) == ["form 18 closed", "GET events"]
    assert [form.id for form in chat.thread.forms] == ["17"]


# --- pushes ---


@pytest.mark.row("B54")
@pytest.mark.parametrize("stage", THERE)
def test_a_push_of_this_chat_brings_what_is_new(stage: str) -> None:
    chat = at_stage(stage)
    chat.fail("GET events")
    assert chat.open_calls() in ([], [SEND])
    is_ours, words = push(chat)
    assert is_ours
    assert words[-1] == HISTORY


@pytest.mark.row("D722")
@pytest.mark.parametrize("stage", THERE)
def test_a_push_of_somebody_else_s_chat_is_not_ours(stage: str) -> None:
    assert push(at_stage(stage), "another") == (False, [])


@pytest.mark.row("B55")
@pytest.mark.parametrize("stage", [C.IDLE, *TERMINAL])
def test_a_push_of_another_chat_finds_it(stage: str) -> None:
    chat = at_stage(stage)
    is_ours, words = push(chat, "next")
    assert is_ours
    assert words[-1] == HISTORY
    assert "thread open" in chat.history(status("queued"))
    assert chat.thread.id == "next"


@pytest.mark.row("D723")
@pytest.mark.parametrize("stage", [C.IDLE, C.REQUESTING, *TERMINAL])
def test_a_push_that_nobody_wants_is_not_ours(stage: str) -> None:
    chat = at_stage(stage)
    if stage == C.IDLE:
        chat.ask(i.Disconnect)
    assert push(chat) == (False, [])


@pytest.mark.row("B56")
@pytest.mark.parametrize("stage", THERE)
def test_a_new_device_is_told_at_once(stage: str) -> None:
    chat = at_stage(stage)
    words = chat.ask(i.RegisterDevice, token=Secret("t"), network=PushNetwork.FIREBASE_IOS)
    assert words == ["save identity", "RegisterDevice answered", "POST notifications"]
    assert chat.deny("POST notifications", "5603", 406) == ["error 5603"]
    assert not chat.leaf.device.is_subscribed


# --- asked ---


@pytest.mark.row("B59")
@pytest.mark.parametrize("stage", LIVE)
def test_a_case_is_read_and_closed(stage: str) -> None:
    chat = at_stage(stage)
    chat.hear(CASE)
    assert ask(chat, i.LoadMore) == "GET casehistory"
    assert ask(chat, i.CloseCase) == "POST closecase"


@pytest.mark.row("D725")
@pytest.mark.parametrize("stage", LIVE)
def test_without_a_case_nothing_is_older(stage: str) -> None:
    chat = at_stage(stage)
    assert ask(chat, i.LoadMore) == "LoadMore answered"
    assert chat.answers[chat.asked] == 0


@pytest.mark.row("D726")
@pytest.mark.parametrize("stage", LIVE)
def test_without_a_case_there_is_none_to_close(stage: str) -> None:
    assert ask(at_stage(stage), i.CloseCase) == "CloseCase refused illegal_state"


@pytest.mark.row("D727")
@pytest.mark.parametrize("stage", LATE)
def test_nothing_older_can_be_had_afterwards(stage: str) -> None:
    chat = at_stage(stage)
    assert ask(chat, i.LoadMore) == "LoadMore answered"
    assert chat.answers[chat.asked] == 0


@pytest.mark.row("D728")
@pytest.mark.parametrize("stage", LATE)
def test_a_case_cannot_be_closed_afterwards(stage: str) -> None:
    assert ask(at_stage(stage), i.CloseCase) == "CloseCase refused thread_ended"


@pytest.mark.row("B60")
@pytest.mark.parametrize("stage", LIVE)
@pytest.mark.parametrize(("kind", "fields"), FORMS)
def test_a_form_is_answered_or_declined(stage: str, kind: type[i.AppRequest], fields: dict[str, Any]) -> None:
    chat = at_stage(stage)
    chat.hear(SURVEY)
    if SEND in chat.open_calls():
        chat.reply(SEND)  # that it is wrapped up
    ask(chat, kind, **fields)
    assert chat.posted()["form_request_id"] == "17"
    assert chat.reply(SEND) == ["form 17 closed", f"{kind.__name__} answered"]


@pytest.mark.row("D729")
@pytest.mark.parametrize("stage", LIVE)
@pytest.mark.parametrize(("kind", "fields"), FORMS)
def test_only_a_form_that_is_asked_for(stage: str, kind: type[i.AppRequest], fields: dict[str, Any]) -> None:
    chat = at_stage(stage)
    chat.hear(CARD)
    assert ask(chat, kind, **fields) == f"{kind.__name__} refused illegal_state"


@pytest.mark.row("D730")
@pytest.mark.parametrize("stage", LATE)
@pytest.mark.parametrize(("kind", "fields"), FORMS)
def test_no_form_is_answered_afterwards(stage: str, kind: type[i.AppRequest], fields: dict[str, Any]) -> None:
    assert ask(at_stage(stage), kind, **fields) == f"{kind.__name__} refused thread_ended"


@pytest.mark.row("D731")
@pytest.mark.parametrize("stage", OPEN)
@pytest.mark.parametrize(("kind", "fields"), [*TOLD, (i.MarkRead, {})])
def test_an_open_chat_is_told(stage: str, kind: type[i.AppRequest], fields: dict[str, Any]) -> None:
    chat = at_stage(stage)
    words = chat.ask(kind, thread=CHAT, **fields)
    while SEND in chat.open_calls():
        words += chat.reply(SEND)
    assert f"{kind.__name__} answered" in words


@pytest.mark.row("D732")
@pytest.mark.parametrize("stage", [C.COMPLETED, C.ENDING])
@pytest.mark.parametrize(("kind", "fields"), TOLD)
def test_a_chat_that_takes_nothing_more(stage: str, kind: type[i.AppRequest], fields: dict[str, Any]) -> None:
    assert ask(at_stage(stage), kind, **fields) == f"{kind.__name__} refused illegal_state"


@pytest.mark.row("D733")
@pytest.mark.parametrize("stage", TERMINAL)
@pytest.mark.parametrize(("kind", "fields"), TOLD)
def test_a_chat_that_is_over(stage: str, kind: type[i.AppRequest], fields: dict[str, Any]) -> None:
    assert ask(at_stage(stage), kind, **fields) == f"{kind.__name__} refused thread_ended"


@pytest.mark.row("D741")
@pytest.mark.parametrize("stage", [C.COMPLETED, C.ENDING, *TERMINAL])
def test_what_was_read_too_late_is_nobody_s_matter(stage: str) -> None:
    chat = at_stage(stage)
    before = chat.open_calls()
    assert ask(chat, i.MarkRead) == "MarkRead answered"
    assert chat.open_calls() == before


@pytest.mark.row("D736")
@pytest.mark.parametrize("stage", [stage for stage in STATES if stage != C.IDLE])
def test_whether_the_site_is_open_can_be_asked_in_every_stage(stage: str) -> None:
    chat = at_stage(stage)
    assert chat.ask(i.CheckAvailability) == ["GET availability"]
    assert chat.reply("GET availability", {"chat": "available"}) == ["CheckAvailability answered"]
