"""What comes in: answers settle requests, errors are told, what cannot be read changes nothing else."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.events import ErrorReceived, MessageReceived, UndecodableReceived, UnknownReceived
from deskline_core.policy import Policy
from tests.core.cxone.alone import THREAD, Alone, reach, recovered_thread, with_thread


def unanswered(chat: Alone, kind: type[i.AppRequest], **fields: object) -> None:
    """Ask for something of the thread that goes out in a frame."""
    words = chat.ask(kind, thread=THREAD, **fields)
    assert any(word.startswith("frame") for word in words), words


# --- answers ---


def test_a_bare_acknowledgement_settles_what_needs_no_data() -> None:
    chat = with_thread("multi")
    unanswered(chat, i.RenameThread, name="Parcel")
    assert chat.accept("UpdateThread") == ["ThreadRenamed", "RenameThread answered"]
    assert chat.accept("UpdateThread") == []
    unanswered(chat, i.ArchiveThread)
    assert chat.accept("ArchiveThread") == ["thread ended", "ended archived", "ArchiveThread answered"]


def test_an_answer_of_an_unknown_kind_settles_its_request_too() -> None:
    chat = with_thread("multi")
    unanswered(chat, i.RenameThread, name="Parcel")
    assert chat.answer("UpdateThread", "NameChanged") == ["UnknownReceived", "ThreadRenamed", "RenameThread answered"]


def test_a_renaming_may_have_an_answer_of_its_own() -> None:
    chat = with_thread("multi")
    unanswered(chat, i.RenameThread, name="Parcel")
    assert chat.answer("UpdateThread", "ThreadUpdated") == ["ThreadRenamed", "RenameThread answered"]


def test_an_answer_without_data_settles_its_request() -> None:
    chat = with_thread("multi")
    unanswered(chat, i.ArchiveThread)
    assert chat.answer("ArchiveThread", "ThreadArchived") == [
        "thread ended",
        "ended archived",
        "ArchiveThread answered",
    ]


def test_an_acknowledgement_is_no_history() -> None:
    chat = reach(S.RECOVERING)
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messagesScrollToken="more"))
    unanswered(chat, i.LoadMore)
    assert chat.accept("LoadMoreMessages") == ["LoadMore refused timeout"]


def test_a_thread_that_is_gone_is_renamed_silently() -> None:
    chat = with_thread("multi")
    unanswered(chat, i.RenameThread, name="Parcel")
    chat.leaf.desk.threads.clear()
    assert chat.accept("UpdateThread") == ["RenameThread answered"]
    chat = with_thread("multi")
    unanswered(chat, i.ArchiveThread)
    chat.leaf.desk.threads.clear()
    assert chat.accept("ArchiveThread") == []


# --- refusals ---


@pytest.mark.row("R18", "R26")
def test_a_refusal_goes_to_the_request_that_it_answers() -> None:
    chat = with_thread("multi")
    unanswered(chat, i.RenameThread, name="Parcel")
    assert chat.deny("UpdateThread", "UpdatingThreadFailed", "no") == ["RenameThread refused refused_by_center"]
    refusal = chat.refusals[-1]
    assert (refusal.message, refusal.remote_code, refusal.transaction) == ("no", "UpdatingThreadFailed", "t-1")
    unanswered(chat, i.ArchiveThread)
    assert chat.deny("ArchiveThread", "ArchivingThreadFailed") == [
        "thread open",
        "ArchiveThread refused refused_by_center",
    ]
    assert chat.refusal[1] == "ArchivingThreadFailed"


@pytest.mark.row("R18", "R26", "P26")
def test_a_refusal_that_answers_nothing_is_told_and_completes_nothing() -> None:
    chat = with_thread("multi")
    unanswered(chat, i.RenameThread, name="Parcel")
    error = {"errorCode": "InconsistentData", "errorMessage": "odd", "transactionId": "t-9"}
    frame: dict[str, Any] = {
        "eventId": "e-9",
        "error": error,
        "inputData": {"thread": {"idOnExternalPlatform": THREAD}},
    }
    assert chat.hear(frame) == ["ErrorReceived"]
    assert chat.told[-1] == ErrorReceived(code="InconsistentData", text="odd", transaction="t-9", thread=THREAD)
    assert chat.accept("UpdateThread") == ["ThreadRenamed", "RenameThread answered"]


def test_an_error_of_the_gateway_is_told() -> None:
    chat = reach(S.SERVING)
    frame = {"message": "Internal server error", "connectionId": "c-1", "requestId": "r-1"}
    assert chat.hear(frame) == ["ErrorReceived"]
    assert chat.told[-1] == ErrorReceived(code="GatewayError", text="Internal server error", transaction="r-1")


@pytest.mark.row("P26")
def test_requests_without_an_answer_in_time_are_refused() -> None:
    chat = with_thread("multi", policy=Policy(heartbeat=60))
    unanswered(chat, i.RenameThread, name="Parcel")
    assert chat.wait(10) == ["RenameThread refused timeout"]
    assert chat.accept("UpdateThread") == []
    unanswered(chat, i.ArchiveThread)
    assert chat.wait(10) == ["thread open", "ArchiveThread refused timeout"]


@pytest.mark.row("R13")
def test_a_refused_version_that_answers_nothing_is_final_all_the_same() -> None:
    chat = reach(S.SERVING)
    error = {"errorCode": "SdkVersionNotSupported", "transactionId": "t-1"}
    assert chat.hear({"eventId": "e-1", "error": error}) == ["chat unsupported", "close 1 1000"]


# --- what cannot be read ---


def test_what_is_not_known_is_told_counted_and_changes_nothing() -> None:
    chat = with_thread(policy=Policy(max_source=20))
    assert chat.hear({"eventType": "SomethingNew", "data": {"a": "x" * 100}}) == ["UnknownReceived"]
    told = chat.told[-1]
    assert isinstance(told, UnknownReceived)
    assert (told.kind, len(told.source)) == ("SomethingNew", 20)
    assert chat.hear("{") == ["UndecodableReceived"]
    assert isinstance(chat.told[-1], UndecodableReceived)
    assert (chat.session.counts["unknown"], chat.session.counts["undecodable"]) == (1, 1)
    assert chat.state is S.SERVING


def test_parts_that_cannot_be_read_are_told_and_the_rest_counts() -> None:
    chat = reach(S.RECOVERING)
    broken = recovered_thread(messages=[{"id": 5}])
    words = chat.answer("RecoverThread", "ThreadRecovered", broken)
    assert words == [
        "UndecodableReceived",
        "thread recovering",
        "save thread",
        "HistoryLoaded",
        "thread open",
        "chat ready",
    ]


def test_a_frame_over_the_limit_is_told_once() -> None:
    chat = reach(S.SERVING, policy=Policy(max_frame=1000))
    for words in (["UndecodableReceived"], [], []):
        assert chat.hear({"eventType": "SomethingNew", "data": "x" * 1000}) == words
    assert chat.state is S.SERVING


def test_a_recovery_over_the_limit_is_asked_for_once_more_and_no_more() -> None:
    chat = reach(S.RECOVERING, policy=Policy(max_frame=1000))
    large = {"eventType": "SomethingNew", "data": "x" * 1000}
    assert chat.hear(large) == ["UndecodableReceived", "chat connecting", "close 1 1000"]
    chat.closed(1000)
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert chat.hear(large) == ["close 2 1000", "chat lost"]
    chat.closed(1000)
    assert (chat.state, chat.wait(3600)) == (S.LOST, [])


def test_an_answer_over_the_limit_is_as_good_as_none() -> None:
    chat = with_thread("multi", policy=Policy(max_frame=2000))
    unanswered(chat, i.RenameThread, name="Parcel")
    frame = {"eventId": chat.frame("UpdateThread")["eventId"], "postback": {"eventType": "X", "data": "x" * 2000}}
    assert chat.hear(frame) == ["UndecodableReceived", "RenameThread refused timeout"]


@pytest.mark.row("R21")
def test_no_frame_makes_the_session_send_what_brings_the_same_frame_again() -> None:
    chat = with_thread("multi")
    for frame in ({"eventType": "SomethingNew"}, {"eventId": "e-1"}, {"error": {"errorCode": "X"}}, "[]", "5", ""):
        assert not [word for word in chat.hear(frame) if word.startswith("frame")]


def test_a_plugin_that_warns_of_nothing_is_a_message() -> None:
    chat = with_thread()
    message: dict[str, Any] = {
        "idOnExternalPlatform": "m1",
        "threadIdOnExternalPlatform": THREAD,
        "direction": "outbound",
        "createdAt": "2026-03-04T10:20:05+00:00",
        "messageContent": {"type": "PLUGIN", "payload": {"elements": [{"type": "MENU"}]}, "fallbackText": "a menu"},
    }
    chat.hear({"eventType": "MessageCreated", "data": {"message": message}})
    told = chat.told[-1]
    assert isinstance(told, MessageReceived)
    assert told.message.text == "a menu"
