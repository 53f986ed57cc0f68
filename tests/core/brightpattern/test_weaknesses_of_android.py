"""What the vendor's Android client gets wrong, and this one must not: section 20.2, A1 to A23."""

import json
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.events import HistoryLoaded, MessageReceived
from deskline_core.model import Upload
from deskline_core.session import Session
from tests.core.brightpattern.alone import (
    AGENT,
    BOT,
    CHAT,
    ENDED,
    HISTORY,
    POLL,
    SEED,
    SEND,
    SITE,
    START,
    TIMED_OUT,
    Alone,
    joined,
    ready,
    said,
    started,
    status,
    typing,
)


@pytest.mark.row("A1")
@pytest.mark.parametrize("call", ["GET parameters", "GET availability", "POST chats", POLL, HISTORY, SEND])
def test_no_answer_at_all_is_an_outcome(call: str) -> None:
    chat = Alone()
    chat.ask(i.Open)
    chat.ask(i.StartThread)
    chat.saved()
    if call != "GET parameters":
        chat.reply("GET parameters", {})
    if call not in ("GET parameters", "GET availability"):
        chat.reply("GET availability", {"chat": "available"})
    if call in (POLL, HISTORY, SEND):
        chat.reply("POST chats", {"chat_id": CHAT, "state": "queued", "is_new_chat": True})
    if call == HISTORY:
        chat.fail(POLL)
        chat.wait(1)
    if call == SEND:
        chat.ask(i.SendMessage, thread=CHAT, text="hello")
    chat.fail(call)
    chat.wait(0.5)
    assert chat.open_calls() or chat.session.next_deadline is not None


@pytest.mark.row("A3", "W12", "B51", "5005")
@pytest.mark.parametrize("body", [{"error_code": "5005", "error_message": "no"}, {}, None])
def test_a_chat_that_is_not_found_is_over_and_the_app_is_told_why(body: object) -> None:
    chat = started()
    words = chat.reply(POLL, body, status=404)
    assert [word for word in words if word.startswith(("thread", "ended"))] == ["thread ended", "ended lost"]
    assert chat.session.state == "ready"
    assert chat.wait(600) == []


@pytest.mark.row("A4", "N2", "11.1/6")
def test_a_poll_that_timed_out_is_stopped_and_not_sent_again_before_the_history() -> None:
    chat = started()
    words = chat.wait(30)
    assert words == ["stop GET events", "chat connecting"]
    assert chat.wait(1) == ["chat connected", HISTORY]
    assert chat.open_calls() == [HISTORY]


@pytest.mark.row("A6", "A20", "11.1/1", "20.5/1")
@pytest.mark.parametrize("kind", [i.Open, i.Connect, i.EnterActive, i.AwaitReady])
def test_to_begin_again_begins_no_second_poll_and_is_no_error(kind: type[i.AppRequest]) -> None:
    chat = started()
    assert f"{kind.__name__} answered" in chat.ask(kind)
    assert chat.open_calls() == [POLL]
    chat.ask(i.StartThread, reuse=True)
    chat.ask(i.NotePush, conversation=CHAT)
    assert chat.open_calls() == [POLL]


@pytest.mark.row("A7", "N4", "I7", "B26", "B27", "B17")
@pytest.mark.parametrize("event", [ENDED, TIMED_OUT, status("failed")], ids=["ended", "timed out", "failed"])
def test_nothing_is_asked_of_a_chat_that_is_over(event: dict[str, Any]) -> None:
    chat = started()
    words = chat.hear(event)
    assert [word for word in words if word.startswith(("GET", "POST"))] == []
    assert chat.open_calls() == []
    assert chat.session.next_deadline is None or chat.wait(600) == []


@pytest.mark.row("A9", "B11", "B12", "B13", "B14", "B16")
@pytest.mark.parametrize("state", ["ivr", "connecting", "connected", "completed"])
def test_the_state_of_a_chat_is_told(state: str) -> None:
    chat = started()
    stage = "scripted" if state == "ivr" else state
    assert f"stage {stage}" in chat.hear(status(state))
    assert chat.thread.stage == stage


WITHOUT: dict[str, tuple[dict[str, Any], str]] = {
    "file_name": ({"event": "chat_session_file", "party_id": AGENT, "msg_id": "5", "file_id": "F"}, "heard "),
    "channel": ({"event": "chat_session_message", "party_id": AGENT, "msg": "Hi", "msg_id": "5"}, "heard Hi"),
    "case_id": ({"event": "chat_session_case_set"}, ""),
    "ewt": ({"event": "chat_session_status", "state": "connected"}, "stage connected"),
    "party_id": ({"event": "chat_session_message", "msg": "Hi", "msg_id": "5"}, "heard Hi"),
    "form_timeout": ({"event": "chat_session_form_show", "form_request_id": "1", "form_name": "f"}, "form 1 f"),
    "party of a typing": ({"event": "chat_session_typing"}, "types "),
}


@pytest.mark.row("A10", "J4")
@pytest.mark.parametrize("name", WITHOUT)
def test_what_is_not_always_sent_is_not_needed(name: str) -> None:
    event, word = WITHOUT[name]
    chat = started()
    words = chat.hear(event, said("after", id="7"))
    assert not any(one.startswith(("undecodable", "unknown")) for one in words)
    assert not word or word in words
    assert "heard after" in words


@pytest.mark.row("A12", "5005")
def test_an_error_code_tells_what_a_status_does_not() -> None:
    chat = started()
    chat.hear({"event": "chat_session_case_set", "case_id": "CS-1"})
    chat.ask(i.CloseCase, thread=CHAT)
    chat.deny("POST closecase", "5601", status=404)
    assert chat.refusals[-1].remote_code == "5601"
    assert chat.thread.state == "open"
    chat.ask(i.CloseCase, thread=CHAT)
    chat.deny("POST closecase", "5005", status=404)
    chat.wait(10)
    assert chat.thread.state == "ended"


@pytest.mark.row("A13", "A14", "B23")
def test_receipts_are_matched_with_the_message_they_are_of() -> None:
    chat = started()
    for text in ("one", "two"):
        chat.ask(i.SendMessage, thread=CHAT, text=text)
        chat.reply(SEND)
    first, second = (message.id for message in chat.thread.messages)
    chat.hear({"event": "chat_session_message_read", "ref_msg_id": second, "party_id": AGENT})
    assert [(message.id, message.status) for message in chat.thread.messages] == [(first, "sent"), (second, "seen")]


@pytest.mark.row("A15")
def test_two_sessions_know_nothing_of_each_other() -> None:
    one, other = started(), ready(seed=b"another seed of sixteen bytes")
    other.ask(i.StartThread)
    other.reply("POST chats", {"chat_id": "other", "state": "queued", "is_new_chat": True})
    one.ask(i.SendMessage, thread=CHAT, text="mine")
    other.ask(i.SendMessage, thread="other", text="theirs")
    assert f"/chats/{CHAT}/events" in one.sent(SEND).url.reveal()
    assert "/chats/other/events" in other.sent(SEND).url.reveal()
    one.hear(ENDED)
    assert other.thread.state == "open"


@pytest.mark.row("A16")
def test_to_close_the_case_ends_no_chat() -> None:
    chat = started()
    chat.hear({"event": "chat_session_case_set", "case_id": "CS-1"})
    chat.ask(i.CloseCase, thread=CHAT)
    assert b"end" not in chat.sent("POST closecase").body
    assert chat.reply("POST closecase", {}) == ["CloseCase answered"]
    assert chat.thread.state == "open"


@pytest.mark.row("A17")
def test_a_session_that_was_only_made_asks_for_nothing() -> None:
    session = Session(SITE, seed=SEED)
    assert session.handle(i.Tick(), now=START) == []
    assert session.next_deadline is None


@pytest.mark.row("A19")
@pytest.mark.parametrize("word", ["notAvailable", "unavailable", "NotAvailable", "closed", "", None])
def test_whatever_is_not_available_is_closed(word: str | None) -> None:
    chat = Alone()
    chat.ask(i.Open)
    chat.saved()
    chat.reply("GET parameters", {})
    chat.reply("GET availability", {"chat": word})
    assert chat.session.state == "offline" if word else chat.session.state == "prepared"


@pytest.mark.row("A19")
def test_the_plain_text_of_a_message_counts_where_there_is_one() -> None:
    chat = started()
    chat.hear(said("<b>Hello</b>", id="1", msg_text="Hello, plain"), said("<b>Hello</b> &amp; welcome<br>x", id="3"))
    assert [message.text for message in chat.thread.messages] == ["Hello, plain", "Hello & welcome\nx"]


@pytest.mark.row("A22")
def test_a_file_is_sent_as_it_is() -> None:
    chat = started()
    content = bytes(range(256)) * 4
    upload = Upload(name="a.bin", content=content, mime_type="application/octet-stream")
    chat.ask(i.SendMessage, thread=CHAT, text="", attachments=(upload,))
    sent = chat.sent("POST files")
    kind = dict(sent.headers)["content-type"]
    boundary = kind.removeprefix("multipart/form-data; boundary=").strip('"').encode()
    assert sent.body.startswith(b"--" + boundary + b"\r\nContent-Disposition: form-data;")
    assert b"\r\n\r\n" + content + b"\r\n--" + boundary + b"--" in sent.body


@pytest.mark.row("A23", "W11", "20.5/8", "20.5/9", "F4")
def test_who_comes_back_again_and_again_is_told_and_confirms_everything_once() -> None:
    past = (said("welcome", id="0", party=BOT), joined(), said("Hi", id="4", seconds=1))
    chat = started()
    chat.hear(*past)
    while SEND in chat.open_calls():
        chat.reply(SEND)
    chat.log.clear()
    for _ in range(3):
        chat.ask(i.EnterBackground)
        chat.fail(POLL)
        chat.ask(i.EnterActive)
        words = chat.history(*past)
        assert [word for word in words if word.startswith(("heard", "POST", "joined"))] == []
    assert len(chat.thread.messages) == 2
    assert chat.told(MessageReceived) == []


@pytest.mark.row("A23", "W4", "W11", "B10", "F4")
def test_a_chat_of_before_is_read_whole_before_it_is_polled() -> None:
    chat = Alone(restored={"identity": json.dumps({"client_id": "c-1"}), "chat": CHAT})
    chat.ask(i.Open)
    chat.reply("GET parameters", {})
    assert chat.open_calls() == [HISTORY]
    words = chat.history(
        said("welcome", id="0", party=BOT), joined(), typing(), said("Hi", id="4"),
        {"event": "chat_session_case_set", "case_id": "CS-1"}, said("mine", id="m", party=CHAT, seconds=2),
    )  # fmt: skip
    assert POLL in words
    assert not any(word.startswith(("heard", "types", "POST message", "GET casehistory")) for word in words)
    (loaded,) = chat.told(HistoryLoaded)
    assert [message.text for message in loaded.messages] == ["welcome", "Hi", "mine"]
