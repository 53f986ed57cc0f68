"""Rows B11-B21, B24-B28, B32, B33, D707, D708 and D738: what the far side tells."""

import json
from typing import Any

import pytest

from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.brightpattern.chat_table import LIVE, OPEN, TERMINAL
from deskline_core.brightpattern.chat_table import ChatStage as C
from deskline_core.brightpattern.decode import read_events
from deskline_core.brightpattern.wire import WireEvent
from deskline_core.lifecycle import EndReason, ThreadState
from deskline_core.model import ContentKind, PartyRole, SignalKind, Upload
from tests.core.brightpattern.alone import (
    AGENT,
    BOT,
    CHAT,
    ENDED,
    HISTORY,
    POLL,
    TIMED_OUT,
    WARNED,
    Alone,
    at,
    joined,
    left,
    ready,
    said,
    started,
    status,
    talking,
    typing,
)  # fmt: skip
from tests.core.brightpattern.standing import at_stage

SERVED = (C.SCRIPTED, C.QUEUED, C.CONNECTING, C.CONNECTED)
ALIVE = (*LIVE, C.ENDING)
SECOND = "5B60C2F7-1D9A-4E0C-8C1B-2A7D94E3F0A6"
PICTURE = Upload(name="offer.png", mime_type="image/png", content=b"picture")
FILE = {
    "event": "chat_session_file", "party_id": AGENT, "msg_id": "6", "file_id": "file-1", "file_type": "image",
    "file_name": "offer.png", "timestamp": at(1),
}  # fmt: skip
PLACE = {
    "event": "chat_session_location", "party_id": AGENT, "msg_id": "8", "latitude": "52.52", "longitude": "13.405",
    "url": "https://maps.example/1", "timestamp": at(1),
}  # fmt: skip
URL = {
    "event": "chat_session_file_url", "party_id": AGENT, "file_url": "https://cdn.example/a%20b.png",
    "file_type": "image", "timestamp": at(1),
}  # fmt: skip
CASE = {"event": "chat_session_case_set", "case_id": "CS-1001", "timestamp": at(2)}
FORM = {"event": "chat_session_form_show", "form_request_id": "17", "form_name": "survey_form", "timestamp": at(2)}
SECURE = {"event": "chat_session_secure_form_show", "form_request_id": "18", "form_id": "card_form"}
WITHDRAWN = {"event": "chat_session_secure_form_cancel", "form_request_id": "18"}
READ = {"event": "chat_session_message_read", "party_id": AGENT, "ref_msg_id": "none", "timestamp": at(2)}
INFO = {"event": "chat_session_info", "service_name": "Sales"}
MISSPELT = TIMED_OUT | {"event": "chat_session_inactvity_timeout"}
EVERYTHING: tuple[dict[str, Any], ...] = (
    joined(SECOND, "Noor"), left(SECOND), said("late", "40"), READ, typing(), WARNED, CASE, FORM, SECURE, WITHDRAWN,
    FILE, PLACE, URL, INFO, *(status(word, "5") for word in ("ivr", "queued", "connecting", "connected", "completed")),
    status("odd"), {"event": "odd"}, {"event": "chat_session_message"}, status("failed"), TIMED_OUT, ENDED,
)  # fmt: skip


def stage(chat: Alone) -> str:
    """Return where the current chat stands."""
    return chat.leaf.desk.current.leaf


def read(*events: dict[str, Any]) -> list[WireEvent]:
    """Return events as they are read."""
    batch = read_events(json.dumps({"events": events}).encode(), max_events=100, max_source=100)
    assert isinstance(batch, list)
    return batch


def hear(chat: Alone, *events: dict[str, Any]) -> list[str]:
    """Let the poll bring events; return what is told of them, without what goes out for it."""
    return [word for word in chat.hear(*events) if not word.startswith(("GET", "POST"))]


# --- status ---


@pytest.mark.row("B11")
def test_the_scenario_is_in_control_again() -> None:
    for open_ in OPEN:
        chat = at_stage(open_)
        hear(chat, status("ivr"))
        assert stage(chat) == C.SCRIPTED, open_
    assert hear(talking(), status("ivr")) == ["stage scripted"]
    assert hear(talking(), status("establishing")) == ["stage scripted"]


@pytest.mark.row("B12")
def test_a_chat_that_waits_is_told_how_long() -> None:
    for served in SERVED:
        chat = at_stage(served)
        told = [] if served is C.QUEUED else ["stage queued"]
        assert hear(chat, status("queued", "12")) == [*told, "queue 12.0"]
        assert stage(chat) == C.QUEUED
    chat = started()
    assert hear(chat, status("queued", "12"), status("queued", "12"), status("queued")) == ["queue 12.0", "queue None"]


@pytest.mark.row("B13")
def test_an_agent_is_reserved() -> None:
    for served in SERVED:
        chat = at_stage(served)
        hear(chat, status("connecting"))
        assert stage(chat) == C.CONNECTING
    assert hear(started(), status("connecting")) == ["stage connecting", "queue left"]


@pytest.mark.row("B14")
def test_an_agent_has_taken_it() -> None:
    for served in SERVED:
        chat = at_stage(served)
        hear(chat, status("connected"))
        assert stage(chat) == C.CONNECTED
    assert hear(started(), joined(), status("connected")) == ["joined Mara L.", "stage connected", "queue left"]
    assert hear(started(), status("connected"), joined()) == ["stage connected", "queue left", "joined Mara L."]


@pytest.mark.row("B15")
def test_the_scenario_gives_a_chat_that_was_wrapped_up_to_someone_again() -> None:
    for word, then in (("queued", C.QUEUED), ("connecting", C.CONNECTING), ("connected", C.CONNECTED)):
        chat = at_stage(C.WRAPPING)
        assert hear(chat, status(word))[0] == f"stage {then}"
        assert stage(chat) == then


@pytest.mark.row("B16")
def test_completed_takes_no_more_and_polls_on() -> None:
    for living in LIVE:
        chat = at_stage(living)
        told = [] if living is C.COMPLETED else ["stage completed"]
        assert hear(chat, status("completed"))[:1] == told
        assert stage(chat) == C.COMPLETED
        assert POLL in chat.open_calls()
        assert chat.thread.state is ThreadState.OPEN


@pytest.mark.row("B17")
def test_failed_is_the_end() -> None:
    for alive in ALIVE:
        chat = at_stage(alive)
        words = hear(chat, status("failed"))
        assert [word for word in words if word.startswith(("thread", "ended"))] == ["thread ended", "ended failed"]
        assert (stage(chat), chat.told(e.ThreadEnded)[0].reason) == (C.FAILED, EndReason.FAILED)
        assert "forget chat" in words
        chat.saved()
        assert POLL not in chat.open_calls()


@pytest.mark.row("B18")
def test_a_state_that_nobody_knows_is_told_and_changes_nothing() -> None:
    for living in LIVE:
        chat = at_stage(living)
        assert hear(chat, status("paused")) == ["unknown chat_session_status paused"]
        assert stage(chat) == living
    chat = talking()
    hear(chat, status("x" * 5000))
    assert len(chat.told(e.UnknownReceived)[0].kind) == chat.session.policy.max_field


# --- parties ---


@pytest.mark.row("B19", "D708")
def test_who_joins_takes_part() -> None:
    for alive in ALIVE:
        chat = at_stage(alive)
        assert hear(chat, joined(SECOND, "Noor")) == ["joined Noor"], alive
        assert chat.thread.parties[-1].name == "Noor"


@pytest.mark.row("B19")
def test_who_joins_again_has_another_name_and_the_customer_joins_untold() -> None:
    chat = talking()
    assert hear(chat, joined(name="Mara Lind", seconds=1), joined(CHAT, "me", "external")) == []
    assert [party.name for party in chat.thread.parties] == ["Mara Lind"]
    assert chat.thread.agent is not None


@pytest.mark.row("B19")
def test_a_party_is_named_by_what_there_is_and_no_type_is_lost() -> None:
    chat = started()
    hear(chat, {"event": "chat_session_party_joined", "party_id": "a", "first_name": "Ada", "last_name": "L."},
         joined("b", "", "msteams"), joined("c", "Bot", "scenario"), joined("d", "?", "new type"))  # fmt: skip
    assert [(party.name, party.role) for party in chat.thread.parties] == [
        ("Ada L.", PartyRole.AGENT), ("", PartyRole.AGENT), ("Bot", PartyRole.SCENARIO), ("?", PartyRole.AGENT),
    ]  # fmt: skip


@pytest.mark.row("B20", "D708")
def test_who_leaves_types_no_longer() -> None:
    for alive in ALIVE:
        chat = at_stage(alive)
        hear(chat, joined(SECOND, "Noor"), typing(SECOND))
        assert hear(chat, left(SECOND, 3)) == ["stopped Noor", "left Noor"], alive
        assert SECOND not in [party.id for party in chat.thread.parties]
        assert hear(chat, left("nobody")) == []


# --- messages ---


@pytest.mark.row("B21", "D708")
def test_a_message_ends_its_sender_s_typing_and_nobody_else_s() -> None:
    for alive in ALIVE:
        chat = at_stage(alive)
        hear(chat, joined(SECOND, "Noor"), typing(SECOND))
        assert hear(chat, said("Hello", "4", SECOND)) == ["stopped Noor", "heard Hello"]
        hear(chat, typing(SECOND, 9))
        assert hear(chat, said("Ours", "6", BOT)) == ["heard Ours"]
        assert [message.text for message in chat.thread.messages] == ["Hello", "Ours"]


@pytest.mark.row("B21")
def test_a_message_of_nobody_who_was_announced_is_the_scenario_s() -> None:
    chat = started()
    assert hear(chat, said("Welcome<br>to us", "0", BOT)) == ["heard Welcome\nto us"]
    (message,) = chat.thread.messages
    assert (message.party.id, message.party.role, message.mine) == (BOT, PartyRole.SCENARIO, False)


@pytest.mark.row("B32", "D708")
def test_files_and_places_are_messages() -> None:
    for alive in ALIVE:
        chat = at_stage(alive)
        texts = ["heard ", "heard https://maps.example/1", "heard "]
        assert hear(chat, FILE, PLACE, URL) == texts, alive
        file, place, url = chat.thread.messages
        assert [(it.id, it.name, it.mime_type) for it in file.attachments] == [("file-1", "offer.png", "image/*")]
        assert place.kind is ContentKind.LOCATION
        assert place.location is not None
        assert (place.location.latitude, place.location.longitude) == (52.52, 13.405)
        assert [(it.name, it.url) for it in url.attachments] == [("a b.png", "https://cdn.example/a%20b.png")]


@pytest.mark.row("D707")
def test_files_and_places_of_ours_are_told_once_as_ours_and_never_confirmed() -> None:
    for living in LIVE:
        chat = at_stage(living)
        own = [FILE | {"party_id": CHAT, "msg_id": "a"}, PLACE | {"party_id": CHAT, "msg_id": "b"}]
        assert hear(chat, *own, *own) == ["heard ", "heard https://maps.example/1"], living
        assert [message.mine for message in chat.thread.messages] == [True, True]
        assert chat.leaf.telling.receipts._unread == {}


@pytest.mark.row("D707", "D708")
def test_a_file_of_ours_that_comes_back_was_delivered() -> None:
    for leaving in (False, True):
        chat = talking()
        chat.ask(i.SendMessage, thread=CHAT, text="", attachments=(PICTURE,))
        chat.reply("POST files", {"file_id": "file-1"})
        if leaving:
            chat.ask(i.EndThread, thread=CHAT)
        own = FILE | {"party_id": CHAT, "msg_id": chat.posted()["msg_id"]}
        assert hear(chat, own) == ["message delivered"]


@pytest.mark.row("D708")
def test_what_is_said_of_ours_while_it_is_being_ended_counts() -> None:
    for status_, word in (("delivered", "message delivered"), ("read", "message seen"), ("", "message delivered")):
        chat = talking()
        chat.ask(i.SendMessage, thread=CHAT, text="Bye")
        id = chat.posted()["msg_id"]
        chat.ask(i.EndThread, thread=CHAT)
        receipt = READ | {"event": f"chat_session_message_{status_}", "ref_msg_id": id}
        assert hear(chat, receipt if status_ else said("Bye", id, CHAT)) == [word]


@pytest.mark.row("D708")
def test_a_case_is_told_while_it_is_being_ended() -> None:
    assert hear(at_stage(C.ENDING), CASE) == ["case CS-1001"]


# --- typing, warnings ---


@pytest.mark.row("B24", "D708")
def test_who_types_is_told_until_it_is_over() -> None:
    for alive in ALIVE:
        chat = at_stage(alive)
        hear(chat, joined(SECOND, "Noor"))
        assert hear(chat, typing(SECOND)) == ["types Noor"], alive
        assert hear(chat, typing(SECOND, 3)) == []
        stopped = typing(SECOND, 4) | {"event": "chat_session_not_typing"}
        assert hear(chat, stopped) == ["stopped Noor"]


@pytest.mark.row("B24")
def test_typing_of_nobody_who_was_announced_is_told_and_does_not_last_for_ever() -> None:
    chat = started()
    assert hear(chat, typing(BOT)) == ["types "]
    assert chat.wait(9.9) == []
    assert chat.wait(0.1) == ["stopped "]
    assert chat.thread.typing is None


@pytest.mark.row("B25")
def test_a_warning_is_told_and_counts_nothing_down() -> None:
    for living in LIVE:
        chat = at_stage(living)
        assert hear(chat, WARNED) == ["warned Are you still there?"], living
        assert chat.thread.inactivity is not None
        assert chat.thread.inactivity.ends_at == float("inf")
        assert hear(chat, WARNED | {"timestamp": at(99)}) == ["warned Are you still there?"]
        assert hear(chat, WARNED | {"timestamp": at(99)}) == []


def test_a_warning_without_a_time_is_told_each_time_but_not_again_for_a_history() -> None:
    chat = talking()
    undated = {"event": "chat_session_timeout_warning", "msg": "Are you there?"}
    for _ in range(2):
        assert hear(chat, undated) == ["warned Are you there?"]
    chat.fail(POLL)
    chat.wait(1)
    assert "warned Are you there?" not in chat.history(joined(), undated)


# --- the end ---


@pytest.mark.row("B26")
def test_silence_that_lasted_too_long_is_the_end_in_either_spelling() -> None:
    for alive in ALIVE:
        for event in (TIMED_OUT, MISSPELT):
            chat = at_stage(alive)
            words = hear(chat, WARNED, event)
            ends = [word for word in words if word.startswith(("thread", "ended", "warning"))]
            warning = ["warning cleared"] if alive in LIVE else []
            assert ends == [*warning, "thread ended", "ended inactivity: The chat was closed."], alive
            assert (stage(chat), chat.open_calls().count(POLL)) == (C.TIMED_OUT, 0)
            assert "chat" not in chat.session.kept


@pytest.mark.row("B27")
def test_the_far_side_ends_it() -> None:
    for alive in ALIVE:
        chat = at_stage(alive)
        words = hear(chat, ENDED)
        assert [word for word in words if word.startswith("thread")] == ["thread ended"], alive
        assert (stage(chat), chat.open_calls().count(POLL)) == (C.ENDED, 0)
        assert "chat" not in chat.session.kept
    for chat, reason in ((started(), EndReason.UNKNOWN), (talking(), EndReason.AGENT)):
        hear(chat, ENDED)
        assert [end.reason for end in chat.told(e.ThreadEnded)] == [reason]
    for leaving in (C.WRAPPING, C.ENDING):
        chat = at_stage(leaving)
        hear(chat, ENDED)
        assert [end.reason for end in chat.told(e.ThreadEnded)] == [EndReason.CUSTOMER]


@pytest.mark.row("B28")
def test_after_the_end_nothing_counts_any_more() -> None:
    for over, end in ((C.ENDED, ENDED), (C.TIMED_OUT, TIMED_OUT), (C.FAILED, status("failed"))):
        chat = talking()
        words = hear(chat, end, *EVERYTHING)
        assert words[:1] == ["thread ended"]
        assert [word for word in words if not word.startswith(("thread", "ended", "forget"))] == []
        assert len(chat.told(e.ThreadEnded)) == 1
        assert stage(chat) == over


@pytest.mark.row("B28", "D738")
def test_in_every_stage_the_far_side_may_say_anything() -> None:
    for state in (*TERMINAL, C.IDLE, C.REQUESTING):
        for event in EVERYTHING:
            chat = at_stage(state)
            chat.leaf.poll.take(read(event))
            assert chat.put(i.Tick()) == [], (state, event)
            assert stage(chat) == state


@pytest.mark.row("D738")
def test_a_chat_that_is_completed_or_being_ended_stays_so_whoever_serves_it() -> None:
    for state, events in (
        (C.COMPLETED, [status(word, "5") for word in ("ivr", "queued", "connecting", "connected")]),
        (C.ENDING, [status(word, "5") for word in ("ivr", "queued", "connecting", "connected", "completed", "odd")]),
        (C.ENDING, [WARNED, FORM, SECURE, WITHDRAWN]),
    ):
        chat = at_stage(state)
        assert hear(chat, *events) == []
        assert stage(chat) == state


# --- the rest ---


@pytest.mark.row("B33", "D708")
def test_what_is_not_for_the_chat_is_passed_on() -> None:
    for alive in ALIVE:
        chat = at_stage(alive)
        signal = {"event": "chat_session_signaling", "msg_id": "1", "party_id": AGENT, "data": {"type": "END_CALL"}}
        hear(chat, INFO, signal, {"event": "chat_session_cobrowsing_requested", "msg_id": "2"}, {"event": "odd"})
        assert [it.name for it in chat.told(e.DepartmentNamed)] == ["Sales"], alive
        call, browsing = chat.told(e.SignalReceived)
        assert (call.kind, call.data) == (SignalKind.CALL, '{"type":"END_CALL"}')
        assert (browsing.kind, browsing.party) == (SignalKind.COBROWSING_REQUESTED, None)
        assert [it.kind for it in chat.told(e.UnknownReceived)] == ["odd"]


@pytest.mark.row("B33")
def test_one_that_is_broken_costs_none_of_its_neighbours() -> None:
    chat = talking()
    broken: Any = [{"event": "chat_session_message"}, 7, None, {"event": 3}, []]
    words = hear(chat, said("one", "2"), *broken, said("two", "6"))
    assert [word for word in words if word.startswith("heard")] == ["heard one", "heard two"]
    assert len([word for word in words if word.startswith(("undecodable", "unknown 3"))]) == len(broken)


@pytest.mark.row("B33")
def test_messages_are_changed_and_taken_back() -> None:
    chat = talking()
    hear(chat, said("Hello", "4"), said("Bye", "6"))
    edit = {"event": "chat_session_message_edit", "party_id": AGENT, "ref_msg_id": "4", "msg": "Hello <b>again</b>"}
    assert hear(chat, edit, {"event": "chat_session_message_delete", "ref_msg_id": "6"}) == [
        "updated Hello again", "MessageDeleted",
    ]  # fmt: skip
    assert [message.text for message in chat.thread.messages] == ["Hello again"]
    hear(chat, edit | {"ref_msg_id": "40"}, {"event": "chat_session_message_delete", "ref_msg_id": "40"})
    assert chat.session.counts["edits of unknown messages"] == 1
    assert chat.session.counts["deletions of unknown messages"] == 1
    assert hear(chat, said("Bye", "6", seconds=8)) == []


def test_what_is_our_own_in_a_history_is_no_news() -> None:
    own: list[dict[str, Any]] = [
        {"event": "chat_session_cobrowsing_started", "party_id": CHAT, "timestamp": at(1)},
        {"event": "chat_session_navigation", "party_id": CHAT, "msg_id": "n", "page": "https://shop.example"},
        READ | {"party_id": CHAT, "ref_msg_id": "4"},
        {"event": "chat_session_signaling", "party_id": CHAT, "msg_id": "s", "data": {"type": "REQUEST_CALL"}},
        typing(CHAT),
    ]
    assert hear(talking(), *own) == []
    chat = ready()
    assert HISTORY not in chat.open_calls()
