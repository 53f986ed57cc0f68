"""What is limited: frames in a time, frames of a size, waits, words of the far side, threads."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.events import ErrorReceived, UndecodableReceived, UnknownReceived
from deskline_core.policy import Policy
from tests.core.cxone.alone import THREAD, Alone, nothing_to_recover, reach, towards_socket, with_thread

CANARY = "canary-7f3e9a12c4d5"


# --- the rate limit ---


def test_the_heartbeat_passes_the_frames_that_wait_for_the_rate_limit() -> None:
    chat = with_thread(policy=Policy(rate_limit=(2, 60.0)))
    for _ in range(5):
        chat.ask(i.MarkRead, thread=THREAD)
    assert chat.wait(10) == ["frame heartbeat"]
    chat.hear('"pong"')
    assert chat.wait(10) == ["frame heartbeat"]
    assert chat.wait(5)[-1] == "chat connecting"  # and it still tells a dead line


def test_a_request_has_its_time_from_when_its_frame_leaves() -> None:
    chat = with_thread("multi", policy=Policy(rate_limit=(4, 60.0), heartbeat=3600))
    assert chat.ask(i.RenameThread, thread=THREAD, name="Parcel") == []
    assert chat.wait(59.9) == []
    assert chat.wait(0.1) == ["frame UpdateThread"]
    assert chat.wait(9.9) == []
    assert chat.wait(0.1) == ["RenameThread refused timeout"]


def test_a_message_that_waits_for_the_rate_limit_is_not_in_doubt() -> None:
    chat = with_thread(policy=Policy(rate_limit=(2, 60.0), heartbeat=3600))
    assert chat.ask(i.SendMessage, thread=THREAD, text="x")[-1] == "message sending"
    assert chat.wait(59) == []
    assert chat.wait(1) == ["frame SendMessage"]
    assert chat.wait(10) == ["message uncertain", "thread recovering", "frame RecoverThread"]


def test_requests_are_refused_while_too_many_frames_wait_and_messages_are_not() -> None:
    chat = with_thread("multi", policy=Policy(rate_limit=(4, 60.0), outbox=3, heartbeat=3600))
    asked = [chat.ask(i.RenameThread, thread=THREAD, name=str(number)) for number in range(9)]
    assert asked[-1] == ["RenameThread refused limit_reached"]
    assert chat.ask(i.OpenThread, thread=THREAD) == ["OpenThread refused limit_reached"]
    assert "SendMessage answered" in chat.ask(i.SendMessage, thread=THREAD, text="x")
    chat.wait(60)
    assert "RenameThread refused limit_reached" not in chat.ask(i.RenameThread, thread=THREAD, name="later")


# --- frames over the limit ---


def test_a_push_over_the_transports_limit_is_told_once_and_leads_into_no_circle() -> None:
    chat = reach(S.SERVING, policy=Policy(heartbeat=10**6))
    assert chat.closed(1009, oversize=True) == ["UndecodableReceived", "chat connecting"]
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    nothing_to_recover(chat)
    chat.wait(600)  # however long it went well
    assert chat.closed(1009, oversize=True) == ["chat lost"]
    assert chat.wait(36_000) == []
    assert chat.ask(i.Open) == ["Open answered", "chat connecting", "open 3"]


def test_a_push_over_the_limit_long_after_another_is_news() -> None:
    chat = reach(S.SERVING, policy=Policy(heartbeat=10**6, oversize_memory=100))
    for _ in range(3):
        assert chat.closed(1009, oversize=True) == ["UndecodableReceived", "chat connecting"]
        chat.wait_next()
        chat.opened()
        chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
        nothing_to_recover(chat)
        chat.wait(100)


# --- what the far side asks for ---


def test_a_far_side_is_granted_only_so_long_a_wait() -> None:
    chat = reach(S.CONFIGURATION)
    chat.reply("GET configuration", status=503, headers=(("retry-after", "9999"),))
    assert chat.wait(59.9) == []
    assert chat.wait(0.1) == ["GET configuration"]
    chat = reach(S.CONFIGURATION, policy=Policy(retry_after=3))
    chat.reply("GET configuration", status=429, headers=(("retry-after", "5"),))
    assert chat.wait(2.9) == []
    assert chat.wait(0.1) == ["GET configuration"]


def test_the_far_sides_words_are_cut() -> None:
    chat = reach(S.SERVING)
    long = "x" * 100_000
    error = {"errorCode": long, "errorMessage": long, "transactionId": long}
    chat.hear({"eventId": "e-1", "error": error, "inputData": {"thread": {"idOnExternalPlatform": long}}})
    told = chat.told[-1]
    assert isinstance(told, ErrorReceived)
    assert {len(told.code), len(told.text), len(told.transaction), len(told.thread)} == {1000}
    chat.hear({"message": long, "connectionId": long, "requestId": long})
    told = chat.told[-1]
    assert isinstance(told, ErrorReceived)
    assert (len(told.text), len(told.transaction)) == (1000, 1000)


# --- secrets in what cannot be read ---


@pytest.mark.parametrize("max_source", [4096, 120], ids=["whole", "cut"])
@pytest.mark.parametrize(
    "frame",
    [
        {"eventType": "SomethingNew", "data": {"accessToken": {"token": CANARY, "expiresIn": 600}}},
        {"eventType": "SomethingNew", "data": {"transactionToken": CANARY}},
        {"eventType": "SomethingNew", "data": {"url": f"https://files.example.test/x?X-Amz-Signature={CANARY}"}},
        {"eventType": "MessageCreated", "data": {"token": CANARY, "message": 5}},
        {
            "eventType": "EventInS3",
            "data": {"originEvent": 5, "s3Object": {"url": f"https://files.example.test/{CANARY}"}},
        },
        {"eventId": "e-1", "postback": {"eventType": "TomorrowsToken", "data": {"token": CANARY}}},
        f'{{"token":"{CANARY}", not JSON',
        f"Bearer {CANARY}",
    ],
    ids=["token", "transaction token", "signed", "push", "large", "answer", "no JSON", "bearer"],
)
def test_no_token_and_no_signed_url_is_told_with_what_cannot_be_read(frame: object, max_source: int) -> None:
    chat = reach(S.SERVING, policy=Policy(max_source=max_source))
    chat.hear(frame)
    told = chat.told[-1]
    assert isinstance(told, UnknownReceived | UndecodableReceived)
    assert told.source
    assert CANARY[:12] not in str([told.source, getattr(told, "reason", ""), getattr(told, "kind", "")])


def test_no_token_is_told_with_parts_that_cannot_be_read_or_are_too_large() -> None:
    chat = reach(S.RECOVERING)
    broken: dict[str, Any] = {"contact": None, "messages": [{"id": 5, "token": CANARY}], "thread": None}
    chat.answer("RecoverThread", "ThreadRecovered", broken)
    told = [event for event in chat.told if isinstance(event, UndecodableReceived)]
    assert told
    assert CANARY not in str([event.source for event in told])
    chat = reach(S.SERVING, policy=Policy(max_frame=1000))
    chat.hear({"eventType": "SomethingNew", "data": {"token": CANARY, "x": "x" * 1000}})
    (over,) = [event for event in chat.told if isinstance(event, UndecodableReceived)]
    assert CANARY not in over.source


# --- threads ---


def listed(*ids: str) -> Alone:
    """Return a multi-thread chat, ready, with these threads known and none of them opened."""
    chat = reach(S.RECOVERING, "multi", policy=Policy(threads=2, heartbeat=3600))
    threads = [{"id": id, "idOnExternalPlatform": id, "canAddMoreMessages": True} for id in ids]
    chat.answer("FetchThreadList", "ThreadListFetched", {"threads": threads})
    metadata = [frame["eventId"] for kind, frame in chat.frames if kind == "LoadThreadMetadata"]
    for event_id in metadata:
        chat.hear({"eventId": event_id, "postback": {"eventType": "ThreadMetadataLoaded", "data": {}}})
    assert chat.state is S.SERVING
    return chat


def test_a_thread_of_ones_own_takes_the_place_of_one_that_was_never_opened() -> None:
    chat = listed("a", "b")
    words = chat.ask(i.StartThread)
    assert words == ["thread pending", "StartThread answered"]
    assert list(chat.session.threads) == ["b", chat.answers[chat.asked]]


def test_a_thread_with_messages_that_wait_makes_no_room() -> None:
    chat = listed("a", "b")
    chat.closed()
    chat.ask(i.SendMessage, thread="a", text="x")
    mine = chat.session.threads["a"].messages[-1].id
    chat.ask(i.StartThread)
    chat.wait_next()
    towards_socket(chat)
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    threads = [{"id": id, "idOnExternalPlatform": id, "canAddMoreMessages": True} for id in "ab"]
    chat.answer("FetchThreadList", "ThreadListFetched", {"threads": threads})
    for event_id in [frame["eventId"] for kind, frame in chat.frames if kind == "LoadThreadMetadata"][-2:]:
        chat.hear({"eventId": event_id, "postback": {"eventType": "ThreadMetadataLoaded", "data": {}}})
    assert list(chat.session.threads) == ["a", chat.answers[chat.asked]]
    assert chat.ask(i.AwaitSettled, message=mine) == []


def test_messages_of_a_thread_that_makes_room_go_with_it() -> None:
    chat = listed("a", "b")
    chat.ask(i.OpenThread, thread="a")
    chat.deny("RecoverThread", "RecoveringThreadFailed")
    assert chat.session.threads["a"].state == "ended"
    thread = str(chat.ask(i.StartThread) and chat.answers[chat.asked])
    chat.ask(i.SendMessage, thread=thread, text="x")
    chat.deny("SendMessage", "SendingMessageFailed")
    failed = chat.session.threads[thread].messages[-1].id
    chat.ask(i.ArchiveThread, thread=thread)
    assert chat.session.threads[thread].state == "ended"
    chat.ask(i.StartThread)
    assert thread not in chat.session.threads
    assert chat.ask(i.AwaitSettled, message=failed) == ["AwaitSettled refused unknown_message"]
