"""Ids are texts: compared exactly, sent back as they came. Reading a history is one thing at a time."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Policy
from tests.core.cxone.alone import CONTACT, THREAD, Alone, Mode, reach, recovered_thread

QUIET = Policy(heartbeat=3600)
UPPER = THREAD.upper()


def said(id: str, thread: str, second: int = 3, **rest: Any) -> dict[str, Any]:
    return {
        "idOnExternalPlatform": id,
        "threadIdOnExternalPlatform": thread,
        "createdAt": f"2026-05-28T20:30:{second:02}+00:00",
        "messageContent": {"type": "TEXT", "payload": {"text": id}},
        "direction": "outbound",
        **rest,
    }


def push(thread: str, message: dict[str, Any]) -> dict[str, Any]:
    case = {"id": CONTACT, "threadIdOnExternalPlatform": thread, "status": "open"}
    data = {"thread": {"idOnExternalPlatform": thread}, "case": case, "message": message}
    return {"eventId": "e-1", "eventType": "MessageCreated", "data": data}


# --- the case of letters ---


@pytest.mark.row("T-12")
@pytest.mark.parametrize("id", [UPPER, "not-a-uuid", THREAD[:8] + UPPER[8:]])
def test_a_thread_s_id_goes_back_as_it_came(id: str) -> None:
    chat = reach(S.RECOVERING, policy=QUIET)
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(thread=id))
    chat.saved()
    assert list(chat.session.threads) == [id]
    chat.ask(i.SendMessage, thread=id, text="hello")
    assert chat.frame("SendMessage")["payload"]["data"]["thread"]["idOnExternalPlatform"] == id
    chat.ask(i.MarkRead, thread=id)
    assert chat.frame("MessageSeenByCustomer")["payload"]["data"]["thread"]["idOnExternalPlatform"] == id
    assert chat.hear(push(id, said("M-1", id))) == ["MessageReceived"]


@pytest.mark.row("T-12")
@pytest.mark.parametrize("other", [THREAD, THREAD.replace("e", "E", 1)])
def test_ids_that_differ_in_case_are_others(other: str) -> None:
    chat = reach(S.RECOVERING, policy=QUIET)
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(thread=UPPER))
    chat.saved()
    assert "MessageReceived" not in chat.hear(push(other, said("m-1", other)))
    chat.hear(push(UPPER, said("m-1", UPPER)))
    assert chat.hear(push(UPPER, said("M-1", UPPER, second=4))) == ["MessageReceived"]
    assert [message.id for message in chat.session.threads[UPPER].messages] == ["m-1", "M-1"]
    assert chat.ask(i.SendMessage, thread=other, text="x") == ["SendMessage refused unknown_thread"]


# --- appearing and disappearing ---


def listed(mode: Mode = "multi") -> Alone:
    """Return a chat that knows of a thread, and has not opened it."""
    chat = reach(S.RECOVERING, mode, policy=QUIET)
    thread = {"id": "1", "idOnExternalPlatform": THREAD, "canAddMoreMessages": True}
    chat.answer("FetchThreadList", "ThreadListFetched", {"threads": [thread]})
    chat.answer("LoadThreadMetadata", "ThreadMetadataLoaded", {})
    return chat


@pytest.mark.row("L14")
def test_a_thread_that_is_opened_again_and_again_is_read_once() -> None:
    chat = listed()
    assert chat.ask(i.OpenThread, thread=THREAD) == ["thread recovering", "frame RecoverThread"]
    for _ in range(3):
        assert chat.ask(i.OpenThread, thread=THREAD) == []
        chat.put(i.Withdraw(request=chat.asked))  # it disappears again
    assert len([kind for kind, _ in chat.frames if kind == "RecoverThread"]) == 1
    words = chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=[said("m-1", THREAD)]))
    assert words.count("OpenThread answered") == 1
    assert chat.session.threads[THREAD].state == "open"
    assert chat.ask(i.OpenThread, thread=THREAD) == ["OpenThread answered"]


@pytest.mark.row("L14")
@pytest.mark.parametrize("gone", [True, False])
def test_what_comes_while_a_thread_is_read_is_not_lost(gone: bool) -> None:
    chat = listed()
    chat.ask(i.OpenThread, thread=THREAD)
    if gone:  # nobody looks any more
        chat.put(i.Withdraw(request=chat.asked))
    assert chat.hear(push(THREAD, said("m-2", THREAD, second=9))) == []
    words = chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=[said("m-1", THREAD)]))
    assert [word for word in words if word.startswith(("History", "Message"))] == ["HistoryLoaded", "MessageReceived"]
    assert [message.id for message in chat.session.threads[THREAD].messages] == ["m-1", "m-2"]
