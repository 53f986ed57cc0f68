"""Messages that come in pieces: shown at once, read line by line, whole or failed in the end."""

import json
from typing import Any

import pytest

from deskline_core import commands as c
from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.cxone.thread import Thread
from deskline_core.model import ContentKind
from deskline_core.policy import Policy
from tests.core.cxone.alone import CONTACT, THREAD, Alone, nothing_to_recover, reach, recovered_thread, with_thread

MESSAGE = "9d2c7c11-5f0a-4a8e-b0b4-6a7c8d9e0f06"
URL = "https://stream.example.test/m/38713291?sig=s3cr3t"
OTHER = "https://stream.example.test/m/2"
FALLBACK = "Unsupported message content"
QUIET = Policy(heartbeat=3600)


def said(
    url: object = URL, protocol: object = "sse", id: str = MESSAGE, *, second: int = 3, direction: str = "outbound"
) -> dict[str, Any]:
    """Return a message that comes in pieces."""
    return {
        "id": f"p-{id}",
        "idOnExternalPlatform": id,
        "threadIdOnExternalPlatform": THREAD,
        "createdAt": f"2026-03-04T10:43:{second:02}+00:00",
        "messageContent": {
            "type": "STREAMED",
            "payload": {"protocol": protocol, "sourceUrl": url},
            "fallbackText": FALLBACK,
        },
        "direction": direction,
    }


def text(words: str, id: str = MESSAGE, second: int = 3) -> dict[str, Any]:
    """Return the same message as a text."""
    return {**said(id=id, second=second), "messageContent": {"type": "TEXT", "payload": {"text": words}}}


def push(message: dict[str, Any], kind: str = "MessageCreated") -> dict[str, Any]:
    case = {"id": CONTACT, "threadIdOnExternalPlatform": THREAD, "status": "open"}
    data = {"thread": {"idOnExternalPlatform": THREAD}, "case": case, "message": message}
    return {"eventId": "e-1", "eventType": kind, "data": data}


def begun(**rest: Any) -> Alone:
    """Return a chat in which a message comes in pieces."""
    chat = with_thread(policy=rest.pop("policy", QUIET), **rest)
    assert chat.hear(push(said())) == ["MessageReceived", "GET stream"]
    return chat


def lines(chat: Alone, *more: str) -> list[str]:
    """Hand in lines of the newest stream."""
    number = chat.call("GET stream").id
    return [word for line in more for word in chat.put(i.LineReceived(id=number, text=line))]


def delta(content: object, finish: object = None) -> str:
    return "data: " + json.dumps({"delta": {"content": content, "finish_reason": finish}})


def shown(chat: Alone, id: str = MESSAGE) -> tuple[str, ContentKind]:
    """Return what the thread shows of a message."""
    message = next(m for m in chat.session.threads[THREAD].messages if m.id == id)
    return message.text, message.kind


def failure(chat: Alone) -> str:
    """Return why the newest stream failed."""
    event = chat.told[-1]
    assert isinstance(event, e.StreamFailed)
    assert (event.thread, event.message) == (THREAD, MESSAGE)
    return event.cause


# --- the usual way ---


def test_a_message_comes_piece_by_piece() -> None:
    chat = begun()
    received = chat.told[-1]
    assert isinstance(received, e.MessageReceived)
    assert (received.text, received.message.kind) == ("", ContentKind.STREAM)
    assert lines(chat, "event: delta", delta("On its "), "") == ["TextAppended"]
    assert shown(chat) == ("On its ", ContentKind.STREAM)
    assert lines(chat, delta("way, "), "") == ["TextAppended"]
    assert lines(chat, delta("Kit.", "stop"), "") == ["TextAppended", "cancel GET stream", "MessageUpdated"]
    appended = [event.text for event in chat.told if isinstance(event, e.TextAppended)]
    assert "".join(appended) == "On its way, Kit."
    whole = chat.told[-1]
    assert isinstance(whole, e.MessageUpdated)
    assert (whole.message.text, whole.message.kind) == ("On its way, Kit.", ContentKind.TEXT)
    assert shown(chat) == ("On its way, Kit.", ContentKind.TEXT)


def test_the_request_carries_no_credentials_and_ends_by_silence_only() -> None:
    chat = begun()
    request = chat.call("GET stream")
    assert request.url.reveal() == URL
    assert dict(request.headers) == {"accept": "text/event-stream", "cache-control": "no-store"}
    assert (request.telling, request.deadline) == ("lines", chat.now + QUIET.stream_silence)
    for _ in range(5):
        assert chat.wait(QUIET.stream_silence - 1) == []
        lines(chat, ": still there")
    assert chat.wait(QUIET.stream_silence) == ["cancel GET stream", "MessageUpdated", "StreamFailed"]
    assert failure(chat) == "no answer in 30 s"


@pytest.mark.parametrize(
    "skipped",
    [
        (": a comment", ""),
        ('data: {"keepalive":true}', ""),
        ("data: null", ""),
        ('data: {"delta":{}}', ""),
        ("event: usage", 'data: {"delta":{"content":"not this"}}', ""),
        ("event: ping", "data: no JSON", ""),
        ("id: 7", "retry: 100", "anything", ""),
        ("",),
    ],
)
def test_what_is_no_piece_is_skipped(skipped: tuple[str, ...]) -> None:
    chat = begun()
    assert lines(chat, *skipped) == []
    assert lines(chat, delta("Hello", "stop"), "")[-1] == "MessageUpdated"
    assert shown(chat) == ("Hello", ContentKind.TEXT)


def test_an_event_may_take_several_lines_and_have_the_usual_name() -> None:
    chat = begun()
    lines(chat, "\ufeffevent: message", 'data:{"delta":', 'data:  {"content":"Hi",', 'data: "finish_reason":null}}', "")
    assert shown(chat) == ("Hi", ContentKind.STREAM)


def test_a_piece_without_text_is_not_told() -> None:
    chat = begun()
    assert lines(chat, delta(""), "", delta(None), "") == []
    assert lines(chat, delta("", "stop"), "") == ["cancel GET stream", "MessageUpdated"]
    assert shown(chat) == ("", ContentKind.TEXT)


def test_a_far_side_may_close_right_behind_the_last_line() -> None:
    chat = begun()
    lines(chat, delta("Done", "stop"))
    assert chat.reply("GET stream", b"") == ["TextAppended", "MessageUpdated"]


# --- failures: what came so far stays ---


@pytest.mark.parametrize(
    ("line", "cause"),
    [("data: no JSON", "its data is not JSON"), ('data: {"delta"', "its data is not JSON")],
)
def test_data_that_cannot_be_read_ends_it(line: str, cause: str) -> None:
    chat = begun()
    lines(chat, delta("On its "), "")
    assert lines(chat, line, "") == ["cancel GET stream", "StreamFailed"]
    assert failure(chat) == cause
    assert shown(chat) == ("On its ", ContentKind.STREAM)


def test_an_end_without_a_last_piece_is_a_failure() -> None:
    chat = begun()
    lines(chat, delta("On its "), "")
    assert chat.reply("GET stream", b"") == ["StreamFailed"]
    assert failure(chat) == "it ended before the message did"


def test_a_refusal_and_a_loss_are_failures() -> None:
    chat = begun()
    assert chat.reply("GET stream", b"", status=404) == ["MessageUpdated", "StreamFailed"]
    assert failure(chat) == "answered 404"
    assert shown(chat) == (FALLBACK, ContentKind.STREAM)
    chat = begun()
    assert chat.fail("GET stream") == ["MessageUpdated", "StreamFailed"]
    assert failure(chat) == "no network"


@pytest.mark.parametrize(
    ("url", "protocol", "cause"),
    [
        (URL, "websocket", "its protocol 'websocket' is not known"),
        (URL, None, "its protocol '' is not known"),
        ("", "sse", "its address is not trusted"),
        (None, "sse", "its address is not trusted"),
        ("http://stream.example.test/m/1", "sse", "its address is not trusted"),
        ("https://127.0.0.1/m/1", "sse", "its address is not trusted"),
        ("https://kit@stream.example.test/m/1", "sse", "its address is not trusted"),
    ],
)
def test_where_nothing_is_to_be_fetched_the_fallback_is_shown(url: object, protocol: object, cause: str) -> None:
    chat = with_thread(policy=QUIET)
    assert chat.hear(push(said(url, protocol))) == ["MessageReceived", "MessageUpdated", "StreamFailed"]
    assert failure(chat) == cause
    assert shown(chat) == (FALLBACK, ContentKind.STREAM)


def test_without_a_fallback_nothing_is_shown() -> None:
    chat = with_thread(policy=QUIET)
    message = said("")
    del message["messageContent"]["fallbackText"]
    assert chat.hear(push(message)) == ["MessageReceived", "StreamFailed"]


def test_a_text_that_is_too_long_ends_it() -> None:
    chat = begun(policy=Policy(heartbeat=3600, max_text=10))
    lines(chat, delta("12345"), "")
    assert lines(chat, delta("123456", "stop"), "") == ["cancel GET stream", "StreamFailed"]
    assert failure(chat) == "its text is longer than 10 characters"
    assert shown(chat) == ("12345", ContentKind.STREAM)


def test_a_stream_that_is_too_large_ends_it() -> None:
    chat = begun(policy=Policy(heartbeat=3600, max_body=1000))
    assert lines(chat, *[": " + "x" * 97] * 10) == []
    assert lines(chat, "") == ["cancel GET stream", "MessageUpdated", "StreamFailed"]
    assert failure(chat) == "it is larger than 1000 bytes"


def test_a_stream_that_never_ends_is_ended() -> None:
    chat = begun(policy=Policy(heartbeat=3600, stream_timeout=100))
    for _ in range(4):
        assert chat.wait(20) + lines(chat, "") == []
    chat.wait(20)
    assert lines(chat, "") == ["cancel GET stream", "MessageUpdated", "StreamFailed"]
    assert failure(chat) == "it takes longer than 100 s"


def test_only_so_many_come_at_once() -> None:
    chat = with_thread(policy=QUIET)
    for number in range(8):
        assert chat.hear(push(said(id=f"m{number}")))[-1] == "GET stream"
    assert chat.hear(push(said())) == ["MessageReceived", "MessageUpdated", "StreamFailed"]
    assert failure(chat) == "too many messages come in pieces already"


# --- again, and otherwise ---


@pytest.mark.row("M16")
def test_the_same_message_once_more_begins_anew() -> None:
    chat = begun()
    lines(chat, delta("On its "), "")
    assert chat.hear(push(said())) == ["cancel GET stream", "MessageUpdated", "GET stream"]
    assert shown(chat) == ("", ContentKind.STREAM)
    assert lines(chat, delta("On its way", "stop"), "")[0] == "TextAppended"
    assert shown(chat) == ("On its way", ContentKind.TEXT)


@pytest.mark.row("M16", "S46")
def test_lines_of_the_older_stream_are_dropped() -> None:
    chat = begun()
    old = chat.call("GET stream").id
    chat.hear(push(said()))
    assert chat.put(i.LineReceived(id=old, text=delta("twice", "stop"))) == []
    assert chat.put(i.LineReceived(id=old, text="")) == []
    assert chat.session.counts["stale completions"] == 2
    assert shown(chat) == ("", ContentKind.STREAM)


def test_one_that_is_whole_stays_whole_unless_it_comes_from_elsewhere() -> None:
    chat = begun()
    lines(chat, delta("Whole", "stop"), "")
    assert chat.hear(push(said())) == []
    assert shown(chat) == ("Whole", ContentKind.TEXT)
    assert chat.hear(push(said(OTHER))) == ["MessageUpdated", "GET stream"]


def test_one_that_has_failed_begins_anew() -> None:
    chat = begun()
    chat.fail("GET stream")
    assert chat.hear(push(said())) == ["MessageUpdated", "GET stream"]


@pytest.mark.parametrize("kind", ["MessageCreated", "MessageUpdated"])
def test_a_text_in_its_place_ends_it(kind: str) -> None:
    chat = begun()
    lines(chat, delta("On its "), "")
    assert chat.hear(push(text("On its way."), kind)) == ["cancel GET stream", "MessageUpdated"]
    assert shown(chat) == ("On its way.", ContentKind.TEXT)


def test_a_message_ahead_of_its_creation_is_shown_and_read_once_it_is_created() -> None:
    chat = with_thread(policy=QUIET)
    assert chat.hear(push(said(), "MessageSent")) == ["MessageReceived"]
    assert chat.hear(push(said())) == ["GET stream"]


def test_one_of_the_customer_s_own_is_not_read() -> None:
    chat = with_thread(policy=QUIET)
    assert chat.hear(push(said(direction="inbound"))) == ["MessageReceived"]


# --- loss, recovery, the end ---


def test_losing_the_socket_does_not_stop_it() -> None:
    chat = begun()
    chat.closed()
    assert lines(chat, delta("On its "), "") == ["TextAppended"]
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert "MessageUpdated" not in chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=[said()]))
    assert shown(chat) == ("On its ", ContentKind.STREAM)
    assert lines(chat, delta("way", "stop"), "")[-1] == "MessageUpdated"
    assert shown(chat) == ("On its way", ContentKind.TEXT)


def test_a_recovery_that_has_the_whole_text_ends_it() -> None:
    chat = begun()
    chat.closed()
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    words = chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=[text("On its way.")]))
    assert words[:2] == ["cancel GET stream", "MessageUpdated"]
    assert shown(chat) == ("On its way.", ContentKind.TEXT)


def test_one_that_came_while_away_is_read_once_it_is_told() -> None:
    chat = with_thread(policy=QUIET)
    chat.closed()
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    words = chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=[said()]))
    assert words[:2] == ["MessageReceived", "GET stream"]
    assert shown(chat) == ("", ContentKind.STREAM)


def test_one_that_stands_twice_in_a_recovery_is_read_once() -> None:
    chat = reach(S.RECOVERING, policy=QUIET)
    words = chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=[said(), said()]))
    assert words.count("GET stream") == 1
    assert lines(chat, delta("Hi", "stop"), "") == ["TextAppended", "cancel GET stream", "MessageUpdated"]
    assert shown(chat) == ("Hi", ContentKind.TEXT)
    assert "GET stream" not in chat.open_calls()


def test_one_that_stands_twice_takes_no_other_s_place() -> None:
    chat = reach(S.RECOVERING, policy=QUIET)
    messages = [said(), *(said(id=f"m{number}") for number in range(7)), said()]
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=messages))
    assert [message.text for message in chat.session.threads[THREAD].messages] == [""] * 8
    assert chat.open_calls().count("GET stream") == 8


def test_of_a_first_history_only_so_many_are_read_and_of_older_pages_none() -> None:
    chat = reach(S.RECOVERING, policy=QUIET)
    messages = [said(id=f"m{number}", second=50 - number) for number in range(10)]
    data = recovered_thread(messages=messages, messagesScrollToken="more")
    words = chat.answer("RecoverThread", "ThreadRecovered", data)
    assert words.count("GET stream") == 8
    assert words.index("HistoryLoaded") < words.index("GET stream")
    chat.ask(i.LoadMore, thread=THREAD)
    older = {"messages": [said(id="older", second=1)], "scrollToken": ""}
    assert chat.answer("LoadMoreMessages", "MoreMessagesLoaded", older) == ["HistoryLoaded", "LoadMore answered"]
    assert shown(chat, "older") == (FALLBACK, ContentKind.STREAM)


def test_a_known_message_may_make_room_for_what_a_recovery_brings() -> None:
    chat = begun(policy=Policy(heartbeat=3600, history=2))
    chat.closed()
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    news = [text("b", "n2", 9), text("a", "n1", 8), said()]
    assert "MessageUpdated" not in chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=news))
    assert [message.id for message in chat.session.threads[THREAD].messages] == ["n1", "n2"]


def test_signing_out_stops_it() -> None:
    chat = begun()
    words = chat.ask(i.SignOut) + chat.closed(1000)
    assert "cancel GET stream" in words
    assert lines(chat, delta("late"), "") == []


def test_forgetting_its_thread_stops_it_and_no_other() -> None:
    chat = begun()
    thread = chat.leaf.desk.threads[THREAD]
    chat.leaf.streams.forget(Thread(chat.leaf, "another"))
    assert chat.put(i.Tick()) == []
    chat.leaf.desk.discard(thread)
    assert chat.put(i.Tick()) == ["cancel GET stream"]


def test_a_message_that_is_not_kept_any_more_is_not_read_on() -> None:
    chat = begun(policy=Policy(heartbeat=3600, history=2))
    for number in (4, 5):
        chat.hear(push(text("news", id=f"n{number}", second=number)))
    assert lines(chat, delta("On its "), "") == ["cancel GET stream"]
    chat = begun(policy=Policy(heartbeat=3600, history=2))
    for number in (4, 5):
        chat.hear(push(text("news", id=f"n{number}", second=number)))
    assert chat.fail("GET stream") == ["StreamFailed"]


def test_neither_address_nor_text_are_shown_by_accident() -> None:
    chat = begun()
    lines(chat, delta("On its "), "")
    seen = repr(chat.log)
    assert "s3cr3t" not in seen
    assert "On its " not in seen
    (message,) = chat.session.threads[THREAD].messages
    assert "s3cr3t" not in message.source
    assert json.loads(message.source) == {"type": "STREAMED", "payload": {"protocol": "sse"}}


def test_of_only_so_many_it_is_known_where_they_came_from() -> None:
    chat = with_thread(policy=QUIET)
    for number in range(1001):
        chat.hear(push(said(id=f"m{number}")))
        lines(chat, delta("Whole", "stop"), "")
    assert len(chat.leaf.streams._whole) == 1000
    assert chat.hear(push(said(id="m1000"))) == []
    chat.ask(i.SignOut)
    chat.closed(1000)
    assert not chat.leaf.streams._whole


def test_progress_of_a_stream_means_nothing() -> None:
    chat = begun()
    number = chat.call("GET stream").id
    assert chat.put(i.RequestProgressed(id=number, sent=1, total=1)) == []


def test_a_chat_that_finds_nothing_reads_nothing() -> None:
    chat = reach(S.RECOVERING, policy=QUIET)
    assert "GET stream" not in nothing_to_recover(chat)
    assert not any(isinstance(command, c.CancelRequest) for command in chat.log)
