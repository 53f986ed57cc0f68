"""Rows S38-S46: what a chat that is ready does, and what requests are admitted when."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import CONNECTED, PREPARING, ConnectionState
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.events import ChatStateChanged
from tests.core.cxone.alone import CONTACT, CUSTOMER, THREAD, Alone, case_changed, reach, with_thread

NEEDS_NETWORK: tuple[tuple[type[i.AppRequest], dict[str, Any]], ...] = (
    (i.OpenThread, {}),
    (i.StartTyping, {}),
    (i.StopTyping, {}),
    (i.MarkRead, {}),
    (i.LoadMore, {}),
    (i.EndThread, {}),
    (i.RenameThread, {"name": "Parcel"}),
    (i.ArchiveThread, {}),
    (i.SendTranscript, {"email": "kit@example.test"}),
)


def ending() -> Alone:
    """Return a live chat whose contact is being ended."""
    return reach(S.ENDING)


# --- ending a contact ---


@pytest.mark.row("S38", "P19")
def test_the_customer_ends_the_contact() -> None:
    chat = with_thread("live")
    assert chat.ask(i.EndThread, thread=THREAD) == ["chat ending", "frame EndContact"]
    assert chat.state is S.ENDING
    data = chat.frame("EndContact")["payload"]["data"]
    assert data["contact"]["id"] == CONTACT
    assert data["thread"]["idOnExternalPlatform"] == THREAD


@pytest.mark.row("S39", "P19")
def test_the_far_side_confirms_the_end() -> None:
    chat = ending()
    words = chat.hear(case_changed("closed"))
    assert words[:2] == ["thread ended", "ended customer"]
    assert sorted(words[2:]) == ["EndThread answered", "chat ready", "forget thread"]
    assert chat.state is S.SERVING


@pytest.mark.row("S40")
def test_a_new_conversation_may_begin_before_the_old_one_is_confirmed() -> None:
    chat = ending()
    words = chat.ask(i.StartThread)
    assert "chat ready" in words
    assert "StartThread answered" in words
    assert chat.state is S.SERVING
    assert list(chat.session.threads) != [THREAD]


def test_an_end_that_is_refused_leaves_the_conversation_as_it_was() -> None:
    chat = ending()
    assert chat.deny("EndContact", "InconsistentData") == ["EndThread refused refused_by_center", "chat ready"]
    assert (chat.state, chat.session.threads[THREAD].state) == (S.SERVING, "open")


@pytest.mark.row("S41", "R13", "R41", "P52")
def test_a_version_refused_by_a_later_answer_is_final() -> None:
    chat = with_thread("multi")
    chat.ask(i.RenameThread, thread=THREAD, name="Parcel")
    words = chat.deny("UpdateThread", "SdkVersionNotSupported", "too old")
    assert words == ["chat unsupported", "close 1 1000", "RenameThread refused version_refused"]
    assert chat.told[-1] == ChatStateChanged(state="unsupported", cause="too old")  # type: ignore[arg-type]
    chat.closed(1000)
    assert (chat.state, chat.wait(3600)) == (S.UNSUPPORTED, [])


def test_a_version_refused_before_ready_is_final_too() -> None:
    frames = {S.AUTHORIZING: "AuthorizeCustomer", S.RECOVERING: "RecoverThread", S.ENDING: "EndContact"}
    for state, frame in frames.items():
        chat = reach(state)
        assert chat.deny(frame, "SdkVersionNotSupported")[:2] == ["chat unsupported", "close 1 1000"]
        chat.closed(1000)
        assert chat.wait(3600) == []


# --- request rules ---


@pytest.mark.row("S42", "P3", "P31")
def test_what_needs_a_connection_is_refused_without_one_and_disturbs_nothing() -> None:
    for state in S:
        if state in CONNECTED:
            continue
        chat = reach(state)
        due = chat.session.next_deadline
        for request, fields in NEEDS_NETWORK:
            code = "not_connected" if request.__name__ in chat.session.capabilities else "not_supported"
            assert chat.ask(request, thread=THREAD, **fields) == [f"{request.__name__} refused {code}"]
        assert chat.ask(i.ExecuteTrigger, trigger="hello") == ["ExecuteTrigger refused not_connected"]
        assert chat.refusal[1] == "this needs a connection, and there is none"
        assert (chat.state, chat.session.next_deadline) == (state, due)


@pytest.mark.row("S42")
def test_a_thread_without_a_connection_is_not_touched() -> None:
    chat = with_thread()
    chat.closed()
    assert chat.ask(i.MarkRead, thread=THREAD) == ["MarkRead refused not_connected"]
    assert chat.ask(i.LoadMore, thread=THREAD) == ["LoadMore refused not_connected"]


@pytest.mark.row("S43")
def test_visitor_events_need_a_prepared_chat() -> None:
    for state in (S.INITIAL, *PREPARING):
        chat = reach(state)
        assert chat.ask(i.ReportWindowOpened) == ["ReportWindowOpened refused illegal_state"]
        assert chat.refusal[1] == "visitor events need a prepared chat"


@pytest.mark.row("S44")
def test_visitor_events_go_by_rest_whatever_the_socket_does() -> None:
    for state in S:
        if state in (S.INITIAL, *PREPARING, S.SIGNING_OUT, S.UNSUPPORTED):
            continue
        chat = reach(state)
        assert chat.ask(i.ReportWindowOpened) == ["save visit", "POST event", "POST event"]
        assert chat.state is state


@pytest.mark.row("S45", "C5")
def test_who_the_customer_is_can_be_said_in_initial_only() -> None:
    for state in S:
        if state is S.INITIAL:
            continue
        chat = reach(state)
        kept = dict(chat.session.kept)
        assert chat.ask(i.SetCustomer, id=CUSTOMER) == ["SetCustomer refused illegal_state"]
        assert chat.refusal[1] == "who the customer is can be set in initial only"
        assert chat.session.kept == kept


@pytest.mark.row("S46", "R35", "C10")
def test_an_answer_to_a_cancelled_request_is_dropped_and_counted() -> None:
    chat = reach(S.AVAILABILITY)
    (number,) = chat.calls
    chat.ask(i.Disconnect)
    assert chat.put(i.ResponseReceived(id=number, status=200, body=b'{"status": "online"}')) == []
    assert chat.put(i.RequestFailed(id=number)) == []
    assert chat.put(i.ResponseReceived(id=4711, status=200)) == []
    assert (chat.session.counts["stale completions"], chat.state) == (3, S.PREPARED)


@pytest.mark.row("S46", "R35")
def test_reports_of_an_older_socket_are_dropped_and_counted() -> None:
    chat = reach(S.RECONNECT_WAIT)
    chat.wait_next()
    assert (chat.state, chat.socket) == (S.SOCKET, 2)
    assert chat.put(i.SocketOpened(socket=1)) == []
    assert chat.closed(1006, socket=1) == []
    assert chat.hear("no frame at all", socket=1) == []
    assert (chat.session.counts["stale completions"], chat.state) == (3, S.SOCKET)
    assert chat.opened() == ["chat connected", "frame AuthorizeCustomer"]
    assert chat.hear("no frame at all", socket=1) == []


@pytest.mark.row("S46", "R26")
def test_an_answer_that_nothing_waits_for_is_dropped_and_counted() -> None:
    chat = reach(S.SERVING)
    assert chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {}) == []
    assert (chat.session.counts["stale completions"], chat.state) == (1, S.SERVING)


def test_where_nothing_is_reported_any_more_visitor_events_are_refused() -> None:
    for state in (S.SIGNING_OUT, S.UNSUPPORTED):
        assert reach(state).ask(i.ReportWindowOpened) == ["ReportWindowOpened refused illegal_state"]


def test_messages_and_threads_are_kept_in_every_state_but_two() -> None:
    refusals = {ConnectionState.SIGNING_OUT: "chat_closed", ConnectionState.UNSUPPORTED: "version_refused"}
    for state in S:
        chat = reach(state)
        words = chat.ask(i.StartThread)
        if state in refusals:
            assert words == [f"StartThread refused {refusals[state]}"]
        else:
            assert not any("StartThread refused" in word for word in words)
