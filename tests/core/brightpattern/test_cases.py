"""The case of a chat: told, its earlier sessions read, closed (B29, B59; flow F5)."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.events import CaseChanged, HistoryLoaded
from deskline_core.policy import Policy
from tests.core.brightpattern.alone import AGENT, BOT, CHAT, ENDED, SEND, START, Alone, at, joined, said, talking, when

CASE = {"event": "chat_session_case_set", "case_id": "CS-1001", "timestamp": at(2)}
NO_CASE = {"event": "chat_session_case_set", "case_id": "", "timestamp": at(3)}
READ, CLOSE = "GET casehistory", "POST closecase"
FIRST, SECOND = "11111111-77d1-4b0e-8a4e-c2f1d86a3b90", "22222222-77d1-4b0e-8a4e-c2f1d86a3b90"


def with_case(**settings: Any) -> Alone:
    """Return a session whose conversation has a case and one message."""
    chat = talking(**settings)
    chat.hear(CASE, said("How can I help?", seconds=10))
    chat.reply(SEND)  # it is told that it came
    return chat


def session(id: str, seconds: float | None, *events: dict[str, Any]) -> dict[str, Any]:
    """Return a session of a case history."""
    began = {} if seconds is None else {"created_time": int(START + seconds)}
    return {"chat_id": id, **began, "events": list(events)}


def load(chat: Alone, *sessions: dict[str, Any]) -> list[str]:
    """Ask for older messages, and answer with these sessions."""
    assert chat.ask(i.LoadMore, thread=CHAT) == [READ]
    return chat.reply(READ, {"sessions": list(sessions)})


def texts(chat: Alone) -> list[str]:
    """Return what the conversation holds."""
    return [message.text for message in chat.thread.messages]


@pytest.mark.row("B29")
def test_a_case_is_told_when_it_changes_and_only_then() -> None:
    chat = talking()
    assert (chat.thread.case, chat.thread.has_more) == ("", False)
    assert chat.hear(NO_CASE) == ["GET events"]
    assert chat.hear(CASE) == ["case CS-1001", "GET events"]
    assert (chat.thread.case, chat.thread.has_more) == ("CS-1001", True)
    assert chat.hear(CASE) == ["GET events"]
    chat.hear(NO_CASE)
    assert chat.told(CaseChanged)[-1] == CaseChanged(thread=CHAT, case="")
    assert not chat.thread.has_more


@pytest.mark.row("B59")
def test_older_sessions_join_the_history_oldest_first_without_the_current_one() -> None:
    chat = with_case()
    words = load(
        chat,
        session(CHAT, 0, said("How can I help?", seconds=10)),
        session(SECOND, -2000, joined(BOT, "Robin", "scenario", -1999), said("Second", party=BOT, seconds=-1990)),
        session(FIRST, -9000, said("First", party=FIRST, seconds=-8999), said("Yes", party=AGENT, seconds=-8999)),
    )
    assert words == ["loaded First | Yes | Second", "LoadMore answered"]
    assert chat.answers[chat.asked] == 3
    assert texts(chat) == ["First", "Yes", "Second", "How can I help?"]
    first, yes, second = chat.thread.messages[:3]
    assert (first.id, first.mine, first.thread) == (f"{FIRST}:{FIRST}:4", True, CHAT)
    assert (yes.id, yes.party.role) == (f"{FIRST}:{AGENT}:4", "scenario")  # nobody said who that was
    assert (second.party.name, second.created_at) == ("Robin", when(-1990))
    assert chat.told(HistoryLoaded)[-1].has_more is False
    assert not chat.thread.has_more
    assert chat.ask(i.LoadMore, thread=CHAT) == ["LoadMore answered"]
    assert chat.answers[chat.asked] == 0


def test_files_places_edits_and_deletions_of_an_older_session_are_read() -> None:
    chat = with_case()
    events: list[dict[str, Any]] = [
        said("Old", id="2", seconds=-90),
        said("Gone", id="4", seconds=-80),
        {"event": "chat_session_file", "party_id": AGENT, "msg_id": "6", "file_id": "F1", "file_name": "offer.pdf"},
        {"event": "chat_session_file_url", "party_id": AGENT, "file_url": "https://cdn.example/a.png"},
        {"event": "chat_session_location", "msg_id": "8", "latitude": "1", "longitude": "2", "timestamp": at(-70)},
        {"event": "chat_session_message_edit", "party_id": AGENT, "ref_msg_id": "2", "msg": "New"},
        {"event": "chat_session_message_delete", "ref_msg_id": "4"},
        {"event": "chat_session_message_delete", "party_id": BOT, "ref_msg_id": "2"},
        {"event": "chat_session_typing", "party_id": AGENT},
        {"event": "chat_session_dance"},
        {"event": "chat_session_message"},
        {"event": "chat_session_message", "msg": "Thanks", "timestamp": at(-60)},
    ]
    words = load(chat, session(FIRST, -100, *events))
    assert words == [
        "unknown chat_session_dance", "undecodable lacks msg", "loaded New |  |  | 1, 2 | Thanks", "LoadMore answered",
    ]  # fmt: skip
    new, file, named, place, thanks = chat.thread.messages[:5]
    assert file.attachments[0].url.endswith(f"/chats/{FIRST}/files/F1")
    assert (file.created_at, named.created_at) == (when(-80), when(-80))  # they say no time
    assert named.id == f"{FIRST}:{AGENT}:#3"
    assert place.location is not None
    assert thanks.mine
    assert new.text == "New"


def test_what_is_read_again_is_known_again() -> None:
    chat = with_case()
    untimed = {"event": "chat_session_message", "party_id": AGENT, "msg": "No id"}
    load(chat, session(FIRST, None, untimed))
    assert chat.thread.messages[0].created_at == when(10)  # nothing tells its time: before what is there
    chat.hear(NO_CASE, {**CASE, "case_id": "CS-1002"})
    words = load(chat, session(FIRST, None, untimed), session(SECOND, -50, said("More", seconds=-40)))
    assert words == ["loaded More", "LoadMore answered"]
    assert texts(chat) == ["More", "No id", "How can I help?"]


def test_an_empty_conversation_can_have_older_messages() -> None:
    chat = talking()
    chat.hear(CASE)
    load(chat, session(FIRST, None, {"event": "chat_session_message", "party_id": AGENT, "msg": "Hello"}))
    assert chat.thread.messages[0].created_at == when(0)


def test_what_has_no_room_is_not_told() -> None:
    chat = with_case(policy=Policy(history=2))
    words = load(chat, session(FIRST, -9, said("1", id="1", seconds=-9), said("2", id="2", seconds=-8)))
    assert words == ["loaded 2", "LoadMore answered"]
    assert texts(chat) == ["2", "How can I help?"]


def test_nothing_older_is_told_by_the_count_alone() -> None:
    chat = with_case()
    assert load(chat) == ["LoadMore answered"]
    assert chat.answers[chat.asked] == 0
    assert chat.told(HistoryLoaded) == []


def test_all_who_want_older_messages_get_them_by_one_request() -> None:
    chat = with_case()
    assert chat.ask(i.LoadMore, thread=CHAT) == [READ]
    assert chat.ask(i.LoadMore, thread=CHAT) == []
    assert chat.withdraw(chat.asked) == []
    assert chat.reply(READ, {"sessions": []}) == ["LoadMore answered"]


def test_nobody_waits_for_it_any_more() -> None:
    chat = with_case()
    chat.ask(i.LoadMore, thread=CHAT)
    assert chat.withdraw(chat.asked) == ["stop GET casehistory"]
    assert chat.ask(i.LoadMore, thread=CHAT) == [READ]
    assert chat.withdraw(99) == []


@pytest.mark.row("B59")
@pytest.mark.parametrize("ending", ["/casehistory", "/closecase"])
def test_a_path_that_is_not_found_is_tried_once_as_the_reference_has_it(ending: str) -> None:
    chat = with_case()
    kind, call = (i.LoadMore, READ) if ending == "/casehistory" else (i.CloseCase, CLOSE)
    chat.ask(kind, thread=CHAT)
    assert f"/chats/{CHAT}{ending}" in chat.sent(call).url.reveal()
    assert chat.reply(call, status=404) == [call]
    assert f"/v2{ending}?" in chat.sent(call).url.reveal()
    assert chat.reply(call, {"sessions": []}) == [f"{kind.__name__} answered"]
    chat.hear({**CASE, "case_id": "CS-2"})
    chat.ask(kind, thread=CHAT)
    chat.reply(call, status=404)
    assert chat.reply(call, status=404) == [f"{kind.__name__} refused refused_by_center"]
    assert chat.thread.state == "open"


def test_the_second_try_can_be_called_off_too() -> None:
    chat = with_case()
    chat.ask(i.LoadMore, thread=CHAT)
    chat.reply(READ, status=404)
    assert chat.withdraw(chat.asked) == ["stop GET casehistory"]


@pytest.mark.row("B59")
@pytest.mark.parametrize(("code", "status"), [("5601", 406), ("5602", 500)])
@pytest.mark.parametrize(("kind", "call"), [(i.LoadMore, READ), (i.CloseCase, CLOSE)])
def test_the_far_side_s_refusal_is_the_app_s(kind: type[i.AppRequest], call: str, code: str, status: int) -> None:
    chat = with_case()
    chat.ask(kind, thread=CHAT)
    words = chat.deny(call, code, status)
    while not words:  # reading is tried again after a 500
        assert chat.wait(5) == [call]
        words = chat.deny(call, code, status)
    assert words == [f"{kind.__name__} refused refused_by_center"]
    assert chat.refusals[-1].remote_code == code


@pytest.mark.row("B59")
def test_a_case_is_closed() -> None:
    chat = with_case()
    assert chat.ask(i.CloseCase, thread=CHAT) == [CLOSE]
    assert chat.sent(CLOSE).body == b""
    assert chat.reply(CLOSE, {}) == ["CloseCase answered"]
    assert chat.thread.case == "CS-1001"  # the far side tells when there is none


def test_a_scenario_that_does_not_allow_it_is_named() -> None:
    chat = with_case()
    chat.ask(i.LoadMore, thread=CHAT)
    assert chat.reply(READ, status=403) == ["LoadMore refused refused_by_center"]
    _, says, hint = chat.refusal
    assert says == "the case's history could not be read: the contact center does not allow it"
    assert "Set Case" in hint


def test_a_history_that_cannot_be_read_is_told() -> None:
    chat = with_case()
    chat.ask(i.LoadMore, thread=CHAT)
    assert chat.reply(READ, b"<html>") == ["undecodable not a JSON object", "LoadMore refused refused_by_center"]
    assert chat.refusal[1] == "the case's history cannot be read: not a JSON object"
    assert chat.thread.has_more


def test_a_session_that_is_gone_ends_the_conversation() -> None:
    chat = with_case()
    chat.ask(i.LoadMore, thread=CHAT)
    assert chat.deny(READ, "5005") == ["LoadMore refused thread_ended"]
    assert "ended agent" in chat.hear(ENDED)


@pytest.mark.row("B59")
def test_a_late_answer_finds_the_conversation_ended_and_its_messages_join_all_the_same() -> None:
    chat = with_case()
    chat.ask(i.LoadMore, thread=CHAT)
    assert chat.thread.has_more
    chat.hear(ENDED)
    assert not chat.thread.has_more
    older = session(FIRST, -9, said("Old", seconds=-9))
    assert chat.reply(READ, {"sessions": [older]}) == ["loaded Old", "LoadMore answered"]
    assert texts(chat) == ["Old", "How can I help?"]


def test_a_late_answer_finds_somebody_else() -> None:
    chat = with_case()
    chat.ask(i.LoadMore, thread=CHAT)
    chat.ask(i.SignOut)
    assert chat.reply(READ, {"sessions": [session(FIRST, -9, said("Old", seconds=-9))]}) == ["LoadMore answered"]
    assert chat.answers[chat.asked - 1] == 0


def test_a_late_answer_says_nothing_of_another_case() -> None:
    chat = with_case()
    chat.ask(i.LoadMore, thread=CHAT)
    chat.hear({**CASE, "case_id": "CS-2"})
    chat.reply(READ, {"sessions": []})
    assert chat.thread.has_more


def test_another_chat_asks_of_its_own_case() -> None:
    chat = with_case()
    chat.ask(i.LoadMore, thread=CHAT)
    chat.hear(ENDED)
    chat.saved()
    chat.ask(i.StartThread)
    chat.reply("POST chats", {"chat_id": SECOND, "state": "connected", "is_new_chat": True})
    chat.hear(CASE)
    assert chat.ask(i.LoadMore, thread=SECOND) == [f"stop {READ}", "LoadMore refused thread_ended", READ]
    assert chat.ask(i.LoadMore, thread=SECOND) == []
    words = chat.reply(READ, {"sessions": [session(FIRST, -9, said("Old", seconds=-9))]})
    assert words == ["loaded Old", "LoadMore answered", "LoadMore answered"]
