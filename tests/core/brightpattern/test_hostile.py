"""Whatever a far side answers, nothing raises, nothing grows, no promise is broken, and the chat goes on."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskline_core import inputs as i
from deskline_core.events import MessageReceived, PartyJoined, PartyLeft, UndecodableReceived, UnknownReceived
from deskline_core.model import PushNetwork, Upload
from deskline_core.policy import Policy
from deskline_core.values import Secret
from tests.core.brightpattern.alone import (
    AGENT,
    CHAT,
    HISTORY,
    POLL,
    SEND,
    Alone,
    left,
    ready,
    said,
    started,
    status,
    talking,
    typing,
)
from tests.core.brightpattern.brightpattern_samples import samples
from tests.core.brightpattern.promises import keep_promises

CANARY = "canary-7f3e9a12c4d5"
DEEP = 100_000
WORST: dict[str, bytes] = {
    "deep lists": b"[" * DEEP,
    "deep objects": b'{"a":' * DEEP,
    "deep and whole": b'{"events":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "deep event": b'{"events":[{"event":"chat_session_message","msg":' + b"[" * DEEP + b"]" * DEEP + b"}]}",
    "deep unknown field": b'{"events":[],"x":' + b"[" * DEEP + b"]" * DEEP + b"}",
    "not a number": b'{"events":NaN}',
    "huge exponent": b'{"events":[{"event":"chat_session_status","state":"queued","ewt":1e999999}]}',
    "huge whole number": b'{"events":[{"event":"chat_session_status","state":"queued","ewt":' + b"9" * 5000 + b"}]}",
    "same key twice": b'{"events":[],"events":[{"event":"chat_session_ended2"}]}',
    "a zero character": b'{"events":[{"event":"chat_session_message","msg":"a\x00b"}]}',
    "half a character": b'{"events":[{"event":"chat_session_message","msg":"a\\ud83d","msg_id":"\\ud83d"}]}',
    "byte order mark": b'\xef\xbb\xbf{"events":[]}',
    "another encoding": '{"events":[]}'.encode("utf-16"),
    "two values": b'{"events":[]}{"events":[]}',
    "a long name": b'{"events":[{"event":"' + b"x" * 100_000 + b'"}]}',
    "numbers for all": b'{"events":[{"event":7,"msg":7,"party_id":7,"msg_id":7}]}',
    "objects for all": b'{"events":[{"event":"chat_session_message","msg":{"a":1},"party_id":[],"msg_id":{}}]}',
    "nothing": b"",
    "nulls": b"\x00" * 100,
    "an error in a success": b'{"error_code":"5005","error_message":"no"}',
}
CALLS = (
    "GET parameters", "GET availability", "POST chats", POLL, HISTORY, SEND, "GET casehistory", "POST closecase",
    "POST files", "POST notifications", "GET version", "GET iceservers", "GET configuration", "GET files",
    "GET profilephotos", "GET active",
)  # fmt: skip


def waiting_for(call: str) -> Alone:
    """Return a session in which this request is open."""
    if call == "GET active":
        chat = Alone(restored={"identity": '{"client_id":"c"}'})
    else:
        chat = Alone() if call in CALLS[:2] else ready() if call == "POST chats" else talking()
    if call in ("GET parameters", "GET availability", "GET active"):
        chat.ask(i.Open)
        chat.saved()
        if call != "GET parameters":
            chat.reply("GET parameters", {})
    ask: dict[str, tuple[type[i.AppRequest], dict[str, Any]]] = {
        "POST chats": (i.StartThread, {}),
        SEND: (i.StartTyping, {"thread": CHAT}),
        "GET casehistory": (i.LoadMore, {"thread": CHAT}),
        "POST closecase": (i.CloseCase, {"thread": CHAT}),
        "GET version": (i.FetchVersion, {}),
        "GET iceservers": (i.FetchIceServers, {}),
        "GET configuration": (i.FetchConfiguration, {}),
        "GET profilephotos": (i.FetchPhoto, {"thread": CHAT, "party": AGENT}),
    }
    if call in ("GET casehistory", "POST closecase"):
        chat.hear({"event": "chat_session_case_set", "case_id": "CS-1"})
    if call == HISTORY:
        chat.fail(POLL)
        chat.wait(1)
    elif call == "GET files":
        chat.hear({"event": "chat_session_file", "party_id": AGENT, "msg_id": "5", "file_id": "F"})
        chat.ask(i.FetchFile, thread=CHAT, message=chat.thread.messages[-1].id)
    elif call == "POST files":
        chat.ask(i.SendMessage, thread=CHAT, text="", attachments=(Upload(name="a", content=b"x", mime_type="a/b"),))
    elif call == "POST notifications":
        chat.ask(i.RegisterDevice, token=Secret("t"), network=PushNetwork.FIREBASE_IOS)
    elif call in ask:
        chat.ask(ask[call][0], **ask[call][1])
    assert call in chat.open_calls()
    return chat


def works(chat: Alone) -> None:
    """See that the chat goes on, if it is still alive: whatever waits is answered, and a message goes."""
    for _ in range(20):
        chat.saved()
        for name, body in (
            ("GET parameters", {}), ("GET availability", {"chat": "available"}), (HISTORY, {"events": []}),
        ):  # fmt: skip
            if name in chat.open_calls():
                chat.reply(name, body)
        if chat.leaf.connection.is_serving:
            break
        chat.ask(i.Open)
        chat.wait(1)
    keep_promises(chat)
    assert chat.session.state in ("ready", "ending")
    if not chat.leaf.desk.is_alive and chat.leaf.desk.current.leaf != "requesting":
        chat.ask(i.StartThread)
        chat.reply("POST chats", {"chat_id": "next", "state": "queued", "is_new_chat": True})
    keep_promises(chat)


@pytest.mark.parametrize("call", CALLS)
def test_the_worst(call: str) -> None:
    for body in WORST.values():
        chat = waiting_for(call)
        chat.reply(call, body)
        keep_promises(chat)
        works(chat)


ANSWERS = [message for name, message in samples().items() if name.startswith(("rest.", "error.", "variant.", "event."))]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("code", [200, 404, 500])
def test_any_answer_of_another_request_settles_this_one(call: str, code: int) -> None:
    for answer in ANSWERS if code == 200 else ANSWERS[::6]:
        chat = waiting_for(call)
        number = chat.take(call)
        text = b"" if answer is None else json.dumps(answer).encode()
        chat.put(i.ResponseReceived(id=number, status=code, body=text))
        keep_promises(chat)
        chat.wait(3)
        assert number not in chat.calls


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
NAMES = st.sampled_from(
    [message["event"] for message in samples().values() if isinstance(message, dict) and "event" in message]
)
FIELDS = st.sampled_from(
    ["party_id", "msg_id", "msg", "msg_text", "timestamp", "state", "ewt", "ref_msg_id", "case_id", "form_request_id",
     "form_name", "form_id", "file_id", "file_url", "data", "latitude", "type", "display_name", "attachments"]
)  # fmt: skip
EVENT = st.builds(lambda name, more: {**more, "event": name}, NAMES, st.dictionaries(FIELDS, JSON, max_size=6))


@given(st.lists(st.one_of(EVENT, JSON), max_size=6), st.booleans())
@settings(max_examples=60, deadline=None, derandomize=True, database=None)
def test_any_events_leave_a_chat_that_works(events: list[Any], in_history: bool) -> None:
    chat = talking()
    body = json.dumps({"events": events}).encode("utf-8", "surrogatepass")
    if in_history:
        chat.fail(POLL)
        chat.wait(1)
        chat.reply(HISTORY, body)
    else:
        chat.reply(POLL, body)
    keep_promises(chat)
    works(chat)


# --- what is told of nonsense ---


def test_what_cannot_be_read_is_told_without_tokens() -> None:
    chat = started()
    chat.hear(
        {
            "event": "chat_session_tomorrow",
            "token": CANARY,
            "url": f"https://f.example.test/x?X-Amz-Signature={CANARY}",
        },
        {"event": "chat_session_message", "authorization": f"Bearer {CANARY}"},
    )
    assert len(chat.told(UnknownReceived)) == len(chat.told(UndecodableReceived)) == 1
    sources = [event.source for event in chat.told(UnknownReceived)]
    sources += [event.source for event in chat.told(UndecodableReceived)]
    assert CANARY not in str(sources)


def test_the_far_sides_words_are_cut() -> None:
    chat = started()
    long = "x" * 200_000
    chat.hear(
        said(long, id="1"), {"event": "chat_session_party_joined", "party_id": "p", "display_name": long},
        {"event": "chat_session_case_set", "case_id": long}, status(long),
    )  # fmt: skip
    assert len(chat.thread.messages[0].text) == Policy().max_text
    (unknown,) = chat.told(UnknownReceived)
    assert len(unknown.kind) <= Policy().max_field


# --- bounds ---


def test_a_batch_is_taken_as_far_as_the_policy_allows_and_the_rest_is_told() -> None:
    chat = started(policy=Policy(max_events=10))
    chat.hear(*(said("x", id=str(number)) for number in range(15)))
    assert len(chat.told(MessageReceived)) == 10
    (over,) = chat.told(UndecodableReceived)
    assert over.reason == "5 events beyond the first 10"


def test_a_chat_of_any_length_keeps_what_the_policy_says() -> None:
    policy = Policy(history=50, remembered_ids=100, forms=3, early_receipts=5, rate_limit=(10_000, 1.0))
    chat = started(policy=policy)
    for number in range(250):
        id = str(number)
        chat.ask(i.SendMessage, thread=CHAT, text=id)
        while SEND in chat.open_calls():
            chat.reply(SEND)
        chat.hear(
            said(f"m{id}", id=id), typing(f"p{id}"), left(f"p{id}"),
            {"event": "chat_session_message_read", "ref_msg_id": f"r{id}", "party_id": AGENT},
            {"event": "chat_session_secure_form_show", "form_request_id": id, "form_id": "card"},
            {"event": "chat_session_message_edit", "ref_msg_id": f"e{id}", "msg": "x"},
            {"event": "chat_session_timeout_warning", "msg": id},
        )  # fmt: skip
    leaf, current = chat.leaf, chat.leaf.desk.current
    assert len(current.history.messages) == 50
    assert len(current.forms) == 3
    assert len(leaf.news._seen) <= 100
    assert len(leaf.delivery.outbox) == len(leaf.posting._posts) == 0
    assert len(leaf.delivery.early._told) <= 5
    assert len(leaf.telling.receipts._owed) <= 50
    assert len(leaf.telling.receipts._unread) <= 50


def test_parties_without_end_are_bounded() -> None:
    chat = started(policy=Policy(remembered_ids=100, parties=20, rate_limit=(10_000, 1.0)))
    for number in range(300):
        chat.hear(
            {"event": "chat_session_party_joined", "party_id": f"p{number}", "display_name": "x", "type": "internal"}
        )
    assert len(chat.leaf.desk.current.parties_by_id) == len(chat.told(PartyJoined)) - len(chat.told(PartyLeft)) == 20
    assert len(chat.leaf.news.people) == 100


def test_what_waits_for_the_chat_is_bounded() -> None:
    chat = Alone(policy=Policy(outbox=5))
    for _ in range(10):
        chat.ask(i.StartThread)
    assert [refusal.code for refusal in chat.refusals] == ["limit_reached"] * 5
    chat = talking(policy=Policy(outbox=5))
    for _ in range(30):
        chat.ask(i.SendMessage, thread=CHAT, text="x")
        chat.ask(i.SendSignal, thread=CHAT, kind="call", data="{}")
        chat.ask(i.StartTyping, thread=CHAT)
    assert len(chat.leaf.posting._posts) <= 20
    assert {refusal.code for refusal in chat.refusals} == {"limit_reached"}
