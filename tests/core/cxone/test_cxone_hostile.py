"""Whatever a far side sends, nothing raises, nothing grows, and the two ways of reading agree."""

import json
import random
import tracemalloc
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskline_core import inputs as i
from deskline_core.cxone import decode as decode_module
from deskline_core.cxone import wire
from deskline_core.cxone.content import is_hidden, is_unsupported, read_message
from deskline_core.cxone.decode import decode_answer_body, decode_frame, decode_message
from deskline_core.cxone.inactivity import read_inactivity
from deskline_core.cxone.rest import (
    Configuration,
    read_availability,
    read_configuration,
    read_error,
)
from deskline_core.cxone.site import CXone
from deskline_core.cxone.sse import Delta, EventReader, read_delta
from deskline_core.cxone.tokens import TokenAnswer, read_token
from tests.core.cxone.alone import THREAD, with_thread
from tests.core.cxone.cxone_samples import LIMIT, compact, frame, samples

PUSHES = get_args(wire.Push)
RECEIVED = get_args(wire.Received)
SOURCE = 100
SITE = CXone(environment="EU1", brand_id=1, channel_id="chat_1")
FRAMES = [frame(name) for name in samples() if not name.startswith(("rest.", "sse.", "raw."))]
BODIES = [compact(message) for name, message in samples().items() if name.startswith("rest.")]


def messages(received: wire.Received) -> list[wire.WireMessage]:
    """Return all messages that a frame holds."""
    inner = received.received if isinstance(received, wire.Partial) else received
    data = getattr(inner.postback if isinstance(inner, wire.Postback) else inner, "data", None)
    single = [getattr(data, name, None) for name in ("message", "last_message")]
    return [entry for entry in (*single, *(getattr(data, "messages", None) or ())) if entry is not None]


def survives(text: str, limit: int = LIMIT) -> wire.Received:
    """Read a frame in every way, check what always holds, and return what was read."""
    received = decode_frame(text, limit=limit, max_source=SOURCE)
    assert type(received) in RECEIVED
    body = text.encode("utf-8", "surrogatepass")
    assert type(decode_answer_body(body, limit=limit, max_source=SOURCE)) in RECEIVED
    left_out = received.left_out if isinstance(received, wire.Partial) else ()
    for odd in (received, *left_out):
        if isinstance(odd, wire.Unknown | wire.Undecodable):
            assert len(odd.source) <= SOURCE
            odd.source.encode()
        if isinstance(odd, wire.Undecodable):
            assert 0 < len(odd.reason) <= 200
    for message in messages(received):
        read = read_message(message, "t", 1.0)
        assert read.created_at.tzinfo is not None
        assert read.text.isprintable() or read.text.encode("utf-8")
        assert is_hidden(message) in {True, False}
        assert is_unsupported(message) in {True, False}
        warning = read_inactivity(message, 5.0)
        assert warning is None or warning.ends_at >= 5.0
    return received


def without_empty_context(received: wire.Received) -> wire.Received:
    """Take ``[]`` for no context, which is what it means."""
    if isinstance(received, wire.CaseStatusChanged) and isinstance(received.context, list):
        return wire.CaseStatusChanged(event_id=received.event_id, data=received.data)
    return received


def agrees(text: str) -> None:
    """Check that what the strict way accepts is what the lenient way reads."""
    survives(text)
    try:
        # raw parts are compared as text, so it must be written in the one way in which they are written again
        plain = msgspec.json.encode(msgspec.json.decode(text)).decode()
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return
    received = survives(plain)
    again = decode_module._leniently(plain, LIMIT, SOURCE)
    if isinstance(received, wire.Postback) and isinstance(again, wire.Postback):
        assert (again.event_id, again.postback) == (received.event_id, received.postback)
    else:
        assert without_empty_context(again) == without_empty_context(received)


def survives_rest(body: bytes) -> None:
    assert isinstance(read_configuration(body), Configuration | str)
    assert isinstance(read_availability(body), bool | str)
    assert isinstance(read_token(body), TokenAnswer | str)
    error = read_error(400, body)
    assert len(error.code) <= 1000
    assert len(error.text) <= 1000
    data = body.decode("utf-8", "surrogateescape")
    assert isinstance(read_delta(data), Delta | str | None)
    assert isinstance(decode_message(body, limit=LIMIT, max_source=SOURCE), wire.WireMessage | wire.Undecodable)
    assert SITE.trusts(data, "any_https") in {True, False}


# --- a table of the worst ---

DEEP = 200_000
WORST = {
    "deep lists": "[" * DEEP,
    "deep objects": '{"a":' * DEEP,
    "deep and whole": '{"data":' + "[" * DEEP + "]" * DEEP + "}",
    "deep in a push": '{"eventType":"MessageCreated","eventId":"e","data":' + "[" * DEEP + "]" * DEEP + "}",
    "deep in an answer": '{"eventId":"e","postback":' + '{"a":' * DEEP + "1" + "}" * (DEEP + 1),
    "deep error": '{"eventId":"e","error":' + "[" * DEEP + "]" * DEEP + "}",
    "deep unknown field": '{"eventId":"e","x":' + "[" * DEEP + "]" * DEEP + "}",
    "not a number": '{"eventId":"e","error":NaN}',
    "infinite": '{"eventId":"e","error":Infinity}',
    "huge exponent": '{"eventId":"e","error":1e999999}',
    "huge whole number": '{"eventId":' + "9" * 100_000 + "}",
    "large whole number": '{"eventId":' + "9" * 400 + "}",
    "same key twice": '{"eventId":"a","eventId":"b"}',
    "same type twice": '{"eventType":"MessageCreated","eventType":"CaseCreated","data":{}}',
    "a zero character": '{"eventId":"a\x00b"}',
    "escaped zero": '{"eventId":"a\\u0000b"}',
    "half a character": '{"eventId":"a\ud83d"}',
    "escaped half": '{"eventId":"a\\ud83d"}',
    "bad escape": '{"eventId":"a\\x"}',
    "cut escape": '{"eventId":"a\\u12',
    "byte order mark": '\ufeff{"eventId":"a"}',
    "two values": '{"eventId":"a"}{"eventId":"b"}',
    "comment": '{"eventId":"a" /* b */}',
    "single quotes": "{'eventId':'a'}",
    "type of a wrong type": '{"eventType":{"a":1},"data":{}}',
    "long type": '{"eventType":"' + "x" * 100_000 + '"}',
    "numeric type": '{"eventType":7,"postback":7,"data":7}',
    "nothing": "",
    "only space": " \n\t",
}


@pytest.mark.parametrize("name", WORST)
def test_the_worst(name: str) -> None:
    survives(WORST[name])
    survives_rest(WORST[name].encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize(
    ("name", "event_id"),
    [
        ("deep in an answer", "e"),
        ("deep error", "e"),
        ("not a number", "e"),
        ("infinite", "e"),
        ("huge exponent", "e"),
        ("two values", "a"),
    ],
)
def test_the_worst_still_tells_its_request(name: str, event_id: str) -> None:
    received = survives(WORST[name])
    assert isinstance(received, wire.Undecodable)
    assert received.event_id == event_id


def test_the_last_of_two_keys_counts() -> None:
    assert survives(WORST["same key twice"]) == wire.Ack(event_id="b")


def test_a_nested_frame_says_so() -> None:
    received = survives(WORST["deep in a push"])
    assert isinstance(received, wire.Undecodable)
    assert received.reason == "nested too deep"


def test_memory_stays_in_proportion() -> None:
    size = 256 * 1024
    head = '{"eventId":"e","postback":{"eventType":"ThreadRecovered","data":{"messages":['
    tracemalloc.start()
    try:
        for filling in ("0,", "[],", "{},", '"x",', '{"idOnExternalPlatform":"x"},'):
            text = head + filling * (size // len(filling)) + "0]}}}"
            tracemalloc.reset_peak()
            before = tracemalloc.get_traced_memory()[0]
            assert isinstance(survives(text), wire.Undecodable)
            assert tracemalloc.get_traced_memory()[1] - before < 64 * size
    finally:
        tracemalloc.stop()


# --- arbitrary JSON ---

KEYS = st.sampled_from(
    [
        "action", "authorUser", "authorizationStatus", "case", "connectionId", "consumerContact", "context",
        "createdAt", "data", "direction", "error", "errorCode", "eventId", "eventType", "id", "idOnExternalPlatform",
        "inputData", "message", "messageContent", "messages", "parameters", "payload", "postback", "requestId",
        "status", "text", "thread", "threads", "type", "user",
    ]
) | st.text(max_size=5)  # fmt: skip
WORDS = st.sampled_from(
    [kind.__name__ for kind in (*PUSHES, *get_args(wire.AnyAnswer))]
    + ["TEXT", "PLUGIN", "INACTIVITY_POPUP", "QUICK_REPLIES", "inbound", "outbound", "2026-03-04T10:20:05+0100"]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | WORDS | st.text(max_size=8)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=6),
    max_leaves=25,
)


@given(JSON)
def test_any_json(value: object) -> None:
    agrees(json.dumps(value))
    survives_rest(json.dumps(value).encode())


@given(st.text(st.characters(), max_size=60), st.integers(min_value=1, max_value=80))
def test_any_text(text: str, limit: int) -> None:
    survives(text, limit)
    survives(f'{{"eventId":"{text}', limit)


@given(st.binary(max_size=60))
def test_any_bytes(body: bytes) -> None:
    assert type(decode_answer_body(body, limit=LIMIT, max_source=SOURCE)) in RECEIVED
    survives_rest(body)


# --- samples, damaged ---

ODD: list[Any] = [
    None, True, False, 0, -1, 1.5, 2**70, 1e300, "", "x", "5", "true", "\ud83d", "\x00", [], {}, [None], [[]],
    {"id": 5}, {"text": {"content": "c"}}, "2026-03-04T10:20:05.123z", "MessageCreated", "x" * 300,
]  # fmt: skip


def places(value: Any) -> list[tuple[Any, Any]]:
    """Return every (container, key) below a value."""
    if isinstance(value, dict):
        keys: list[Any] = list(value)
    elif isinstance(value, list):
        keys = list(range(len(value)))
    else:
        return []
    return [(value, key) for key in keys] + [place for key in keys for place in places(value[key])]


def damage(value: Any, rng: random.Random) -> None:
    """Change one part of a message: delete, replace, move or wrap it."""
    found = places(value)
    if not found:
        return
    container, key = rng.choice(found)
    match rng.randrange(4):
        case 0:
            del container[key]
        case 1:
            container[key] = rng.choice(ODD)
        case 2:
            other, other_key = rng.choice(found)
            container[key] = json.loads(json.dumps(other[other_key]))
        case _:
            container[key] = [container[key]]


def damage_text(text: str, rng: random.Random) -> str:
    """Change the text itself: cut it, double or drop a piece, put something in."""
    start = rng.randrange(len(text) + 1)
    end = min(len(text), start + rng.randrange(40))
    match rng.randrange(5):
        case 0:
            return text[:start]
        case 1:
            return text[:end] + text[start:end] + text[end:]
        case 2:
            return text[:start] + text[end:]
        case 3:
            return text[:start] + rng.choice(['"', "\\", "\\ud83d", "\ud83d", "{", "[" * 2000, "\x00"]) + text[start:]
        case _:
            return text.replace('"eventId"', '"eventId":"first","eventId"', 1)


def fuzz(seed: int, rounds: int) -> None:
    rng = random.Random(seed)
    for _ in range(rounds):
        value = json.loads(rng.choice(FRAMES + BODIES))
        for _ in range(rng.randrange(4)):
            damage(value, rng)
        text = json.dumps(value, ensure_ascii=rng.random() < 0.5, separators=(",", ":"))
        if rng.random() < 0.3:
            text = damage_text(text, rng)
        agrees(text)
        survives_rest(text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("seed", range(4))
def test_damaged_samples(seed: int) -> None:
    fuzz(seed, 300)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 120))
def test_many_damaged_samples(seed: int) -> None:
    fuzz(seed, 5000)


@given(st.sampled_from(FRAMES), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_a_cut_frame(text: str, rng: random.Random) -> None:
    assert isinstance(survives(text[: rng.randrange(len(text))]), wire.Undecodable)


# --- messages in pieces ---

LINES = [
    "",
    "data",
    "data:",
    ":",
    "event: delta",
    "event:",
    "id: 1",
    'data: {"delta":{"content":"x"}}',
    "data: 1",
    "\ufeff",
]


@given(st.lists(st.one_of(st.sampled_from(LINES), st.text(st.characters(), max_size=20)), max_size=20))
def test_any_lines_of_a_stream(said: list[str]) -> None:
    reader = EventReader()
    for line in said:
        data = reader.feed(line)
        assert data is None or isinstance(read_delta(data), Delta | str | None)
        assert line == "" or data is None, "only a blank line ends an event"
    assert reader.end() is None or said
    assert reader.end() is None


@given(JSON, st.lists(st.one_of(st.sampled_from(LINES), st.text(st.characters(), max_size=20)), max_size=8))
@settings(max_examples=50)
def test_any_stream_leaves_a_chat_that_works(payload: object, said: list[str]) -> None:
    chat = with_thread()
    content = {"type": "STREAMED", "payload": payload, "fallbackText": "?"}
    message = {
        "idOnExternalPlatform": "m",
        "messageContent": content,
        "direction": "outbound",
        "createdAt": "2026-03-04T10:43:03+00:00",
    }
    news = {"thread": {"idOnExternalPlatform": THREAD}, "message": message}
    for url in ({}, {"protocol": "sse", "sourceUrl": "https://stream.example.test/m/1"}):
        content["payload"] = url or payload
        chat.hear(json.dumps({"eventId": "e", "eventType": "MessageCreated", "data": news}))
    number = chat.call("GET stream").id
    for line in said:
        chat.put(i.LineReceived(id=number, text=line))
    chat.put(i.ResponseReceived(id=number, status=200))
    chat.wait(60)
    assert not chat.leaf.streams._under_way
    (shown,) = chat.session.threads[THREAD].messages
    assert shown.id == "m"
    assert chat.ask(i.SendMessage, thread=THREAD, text="still there?")[0] == "message queued"


@pytest.mark.parametrize("text", FRAMES)
def test_both_ways_agree_on_whole_samples(text: str) -> None:
    agrees(text)
