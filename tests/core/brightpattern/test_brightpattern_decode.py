"""What is odd, broken or hostile in Bright Pattern's answers: each event stands for itself, and nothing raises."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskline_core.brightpattern import decode, wire
from deskline_core.brightpattern.decode import (
    read_availability,
    read_case_history,
    read_chat,
    read_error,
    read_events,
    read_ice_servers,
    read_parameters,
    read_upload,
    read_version,
)
from deskline_core.values import Secret
from tests.core.brightpattern.brightpattern_samples import AGENT, SOURCE, at, batch, compact, event

TYPING = {"event": "chat_session_typing", "party_id": AGENT}
TYPES = wire.ChatSessionTyping(party_id=AGENT)


def refused(body: bytes) -> wire.BrokenEvent:
    read = read_events(body, max_events=10, max_source=SOURCE)
    assert isinstance(read, wire.BrokenEvent)
    return read


# --- batches ---


@pytest.mark.parametrize("body", [b"", b" \r\n", b"{}", b'{"events":null}', b'{"events":{}}', b'{"events":""}'])
def test_nothing_is_an_empty_batch(body: bytes) -> None:
    assert batch(body) == []


@pytest.mark.parametrize("body", [b"<html>500</html>", b"null", b"[]", b'"text"', b"7", b'{"events":[', b"\xff\xfe"])
def test_what_is_no_object_is_broken(body: bytes) -> None:
    assert refused(body) == wire.BrokenEvent(reason="not a JSON object", source=body.decode("utf-8", "replace"))


def test_events_that_are_no_list_are_broken() -> None:
    assert refused(b'{"events":{"a":1}}') == wire.BrokenEvent(reason="events is not a list", source='{"a":1}')


@pytest.mark.parametrize("entry", ["null", "7", '"text"', "[]"])
def test_an_entry_that_is_no_object_costs_only_itself(entry: str) -> None:
    text = json.dumps(TYPING)
    broken = wire.BrokenEvent(reason="not a readable object", source=entry)
    assert batch(f'{{"events":[{text},{entry},{text}]}}'.encode()) == [TYPES, broken, TYPES]


@pytest.mark.parametrize("entry", ['{"event":"chat_session_status","ewt":1e999}', '{"a":1e999}'])
def test_an_entry_that_puts_off_the_decoder_costs_only_itself(entry: str) -> None:
    text = json.dumps(TYPING)
    broken = wire.BrokenEvent(reason="not a readable object", source=entry)
    assert batch(f'{{"events":[{text},{entry},{text}]}}'.encode()) == [TYPES, broken, TYPES]


@pytest.mark.parametrize("half", [b"\\ud83d", b"\xed\xa0\xbd", b"\xff"])
def test_half_a_character_costs_only_itself(half: bytes) -> None:
    body = b'{"events":[{"event":"chat_session_message","msg":"a%b"},{"event":"chat_session_ended"}]}' % half
    said, ended = batch(body)
    assert isinstance(said, wire.ChatSessionMessage)
    assert said.msg[0] == "a"
    assert set(said.msg[1:]) == {"\ufffd"}
    assert ended == wire.ChatSessionEnded()


def test_a_byte_order_mark_is_passed_over() -> None:
    assert batch(b'\xef\xbb\xbf{"events":[{"event":"chat_session_ended"}]}') == [wire.ChatSessionEnded()]


def test_what_is_beyond_the_limit_is_one_broken_event() -> None:
    body = compact({"events": [TYPING, TYPING, {"event": "third"}, TYPING]})
    beyond = wire.BrokenEvent(reason="2 events beyond the first 2", source='{"event":"third"}')
    assert batch(body, max_events=2) == [TYPES, TYPES, beyond]
    assert batch(body, max_events=4)[2:] == [wire.UnknownEvent(kind="third", source='{"event":"third"}'), TYPES]


def test_sources_are_cut() -> None:
    body = compact({"events": [{"event": "ö" * 1000, "more": "x" * 10_000}, "ö" * 1000]})
    unknown, broken = batch(body, max_source=20)
    assert unknown == wire.UnknownEvent(kind="ö" * 200, source='{"event":"öööööööööö')
    assert broken == wire.BrokenEvent(reason="not a readable object", source='"' + "ö" * 19)
    assert refused(b"x" * 10_000).source == "x" * SOURCE


@pytest.mark.parametrize("depth", [20_000, 200_000])
def test_what_is_nested_too_deep_is_broken(depth: int) -> None:
    body = b'{"events":[{"event":"chat_session_signaling","data":%b}]}' % (b'{"a":' * depth + b"1" + b"}" * depth)
    assert refused(body).reason == "not a JSON object"


def test_what_can_only_just_be_read_never_raises() -> None:
    def nested(depth: int) -> bytes:
        return b'{"events":[{"event":"chat_session_signaling","data":%b}]}' % (b'{"a":' * depth + b"1" + b"}" * depth)

    reasons = set()
    for depth in range(1, 1200):
        read = read_events(nested(depth), max_events=10, max_source=SOURCE)
        first = read[0] if isinstance(read, list) else read
        reasons.add(first.reason if isinstance(first, wire.BrokenEvent) else "")
    assert reasons <= {"", "nested too deep", "not a readable object", "not a JSON object"}


# --- events ---


@pytest.mark.parametrize("fields", [{}, {"event": ""}, {"event": None}, {"event": ["chat_session_ended"]}])
def test_an_event_without_a_name_is_broken(fields: dict[str, Any]) -> None:
    assert event(fields) == wire.BrokenEvent(reason="lacks event", source=compact(fields).decode())


@pytest.mark.parametrize(
    ("name", "lacks"),
    [
        ("chat_session_status", "state"),
        ("chat_session_party_joined", "party_id"),
        ("chat_session_party_left", "party_id"),
        ("chat_session_message", "msg"),
        ("chat_session_message_delivered", "ref_msg_id"),
        ("chat_session_message_read", "ref_msg_id"),
        ("chat_session_message_delete", "ref_msg_id"),
        ("chat_session_message_edit", "msg"),
        ("chat_session_location", "url"),
        ("chat_session_file", "file_id"),
        ("chat_session_file_url", "file_url"),
        ("chat_session_form_show", "form_request_id"),
        ("chat_session_secure_form_show", "form_request_id"),
        ("chat_session_secure_form_cancel", "form_request_id"),
        ("chat_session_signaling", "data"),
    ],
)
def test_an_event_that_lacks_what_it_is_about_is_broken(name: str, lacks: str) -> None:
    assert event({"event": name}) == wire.BrokenEvent(reason=f"lacks {lacks}", source=f'{{"event":"{name}"}}')
    assert isinstance(event({"event": name, lacks: None, "more": 1}), wire.BrokenEvent)


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("chat_session_ended", wire.ChatSessionEnded()),
        ("chat_session_timeout_warning", wire.ChatSessionTimeoutWarning()),
        ("chat_session_inactivity_timeout", wire.ChatSessionInactivityTimeout()),
        ("chat_session_case_set", wire.ChatSessionCaseSet()),
        ("chat_session_info", wire.ChatSessionInfo()),
        ("chat_session_typing", wire.ChatSessionTyping()),
        ("chat_session_not_typing", wire.ChatSessionNotTyping()),
        ("chat_session_navigation", wire.ChatSessionNavigation()),
        ("chat_session_form_data", wire.ChatSessionFormData()),
        ("chat_session_disconnect", wire.ChatSessionDisconnect()),
        ("chat_session_end", wire.ChatSessionEnd()),
        ("chat_session_cobrowsing_requested", wire.ChatSessionCobrowsing(kind="requested")),
    ],
)
def test_an_event_that_can_do_without_its_fields_is_read(name: str, read: wire.WireEvent) -> None:
    assert event({"event": name}) == read
    nonsense = {"party_id": {}, "msg": [], "timestamp": {}, "case_id": True, "form_request_id": None, "title": 1e308}
    assert type(event({"event": name, **nonsense})) is type(read)


def test_a_name_of_ours_is_none_of_the_wires() -> None:
    assert isinstance(event({"event": "chat_session_cobrowsing"}), wire.UnknownEvent)


@pytest.mark.parametrize(
    ("fields", "msg", "msg_text"),
    [
        ({"msg": ""}, "", None),
        ({"msg": 7}, "7", None),
        ({"msg_text": "a"}, "", "a"),
        ({"msg": "a", "msg_text": 7}, "a", None),
        ({"msg": "a", "msg_text": ""}, "a", ""),
    ],
)
def test_a_message_says_something(fields: dict[str, Any], msg: str, msg_text: str | None) -> None:
    assert event({"event": "chat_session_message", **fields}) == wire.ChatSessionMessage(msg=msg, msg_text=msg_text)


def test_ids_may_be_numbers() -> None:
    read = event({"event": "chat_session_message", "msg": "a", "msg_id": 4, "party_id": 12})
    assert read == wire.ChatSessionMessage(msg="a", msg_id="4", party_id="12")


@pytest.mark.parametrize(
    ("timestamp", "seconds"),
    [
        ("1767225601", 1),
        (1767225601, 1),
        ("1767225601.5", 1.5),
        ("1767225601250", 1.25),
        (1767225601250, 1.25),
        (9_999_999_999, 8_232_774_399),
        (10_000_000_000, 10_000_000 - 1_767_225_600),
    ],
)
def test_timestamps(timestamp: object, seconds: float) -> None:
    assert event({**TYPING, "timestamp": timestamp}) == wire.ChatSessionTyping(party_id=AGENT, at=at(seconds))


@pytest.mark.parametrize("timestamp", [None, "", "noon", "0", 0, -5, "nan", "1e300", 10**30, True, [], {}])
def test_a_timestamp_that_is_none(timestamp: object) -> None:
    assert event({**TYPING, "timestamp": timestamp}) == TYPES


@pytest.mark.parametrize(
    ("ewt", "seconds"), [("3", 3.0), (0, 0.0), ("", None), (None, None), ("soon", None), (-1, None), ("inf", None)]
)
def test_an_estimated_wait(ewt: object, seconds: float | None) -> None:
    assert event({"event": "chat_session_status", "state": "queued", "ewt": ewt}) == wire.ChatSessionStatus(
        state="queued", ewt=seconds
    )


@pytest.mark.parametrize("attachments", [None, [], {}, "text", 7])
def test_attachments_that_are_none(attachments: object) -> None:
    read = event({"event": "chat_session_message", "msg": "a", "attachments": attachments})
    assert read == wire.ChatSessionMessage(msg="a")


# --- answers ---

READERS: dict[str, tuple[Callable[[bytes], object], object]] = {
    "chat": (read_chat, None),
    "availability": (read_availability, None),
    "parameters": (read_parameters, ()),
    "upload": (read_upload, None),
    "version": (read_version, ""),
    "ice servers": (read_ice_servers, None),
    "error": (read_error, ("", "")),
}


@pytest.mark.parametrize("body", [b"", b"<html>", b"null", b"[]", b"{}", b"7", b"\xff", b"[" * 5000])
@pytest.mark.parametrize("name", READERS)
def test_an_answer_that_says_nothing(name: str, body: bytes) -> None:
    reader, nothing = READERS[name]
    assert reader(body) == nothing


@pytest.mark.parametrize("word", ["notAvailable", "unavailable", "AVAILABLE", "closed"])
def test_nothing_but_available_is_open(word: str) -> None:
    assert read_availability(compact({"chat": word, "ewt": "x"})) == wire.AvailabilityAnswer(is_open=False)


def test_a_chat_that_says_only_its_id_is_not_new() -> None:
    assert read_chat(b'{"chat_id":"c"}') == wire.ChatAnswer(chat_id="c")
    assert read_chat(b'{"chat_id":"c","is_new_chat":"false"}') == wire.ChatAnswer(chat_id="c")


def test_parameters_that_are_none_are_left_out() -> None:
    assert read_parameters(compact({"parameters": [7, {"a": "TEXT", "b": None}, {}]})) == (("a", "TEXT"), ("b", ""))


def test_ice_servers_without_an_address_are_left_out() -> None:
    body = compact({"servers": [{"username": "u"}, 7, {"url": "turn:x", "credential": 5}]})
    assert read_ice_servers(body) == [wire.IceServer(url="turn:x", credential=Secret("5"))]


def test_what_is_secret_is_not_shown() -> None:
    shown = repr(wire.IceServer(url="turn:x", credential=Secret("p1"))) + repr(
        wire.ChatAnswer(chat_id="c", phone_number="+4670")
    )
    assert "p1" not in shown
    assert "4670" not in shown


def test_a_refusal_is_cut() -> None:
    assert read_error(compact({"error_code": "9" * 5000, "error_message": "x" * 5000})) == ("9" * 1000, "x" * 1000)


# --- the history of a case ---


def history(body: bytes, max_events: int = 10) -> list[wire.CaseSession] | wire.BrokenEvent:
    return read_case_history(body, max_events=max_events, max_source=SOURCE)


def test_a_history_that_is_none_is_broken() -> None:
    assert history(b"<html>") == wire.BrokenEvent(reason="not a JSON object", source="<html>")
    assert history(b"") == wire.BrokenEvent(reason="not a JSON object", source="")


@pytest.mark.parametrize("body", [b"{}", b'{"sessions":null}', b'{"sessions":[]}'])
def test_a_case_without_sessions(body: bytes) -> None:
    assert history(body) == []


def test_a_broken_session_costs_only_itself() -> None:
    body = compact({"sessions": [7, {"chat_id": "a", "events": "x"}, {"created_time": "?", "events": [TYPING, 8]}]})
    assert history(body) == [
        wire.CaseSession(events=(wire.BrokenEvent(reason="not a readable object", source="7"),)),
        wire.CaseSession(chat_id="a", events=(wire.BrokenEvent(reason="events is not a list", source='"x"'),)),
        wire.CaseSession(events=(TYPES, wire.BrokenEvent(reason="not a readable object", source="8"))),
    ]


def test_the_limit_is_for_all_sessions_together() -> None:
    body = compact({"sessions": [{"events": [TYPING] * 2}, {"events": [TYPING] * 3}, {"events": [TYPING]}]})
    read = history(body, max_events=3)
    assert isinstance(read, list)
    beyond = [
        wire.BrokenEvent(reason=reason, source=compact(TYPING).decode())
        for reason in ("2 events beyond the first 1", "1 events beyond the first 0")
    ]
    assert [session.events for session in read] == [(TYPES, TYPES), (TYPES, beyond[0]), (beyond[1],)]


# --- whatever comes ---

_NAMES = st.sampled_from(sorted(decode._KINDS) + sorted(decode._COBROWSING) + ["chat_session_weather"])
_KEYS = st.sampled_from(
    [
        *sorted({field.wire_name for kind in decode._KINDS.values() for field in decode._fields(kind)}),
        *("session_id", "chat_id", "chat", "is_new_chat", "created_time", "events", "servers", "parameters"),
    ]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["1767225601", "available"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS | st.text(max_size=5), inner, max_size=5),
    max_leaves=8,
)
_EVENTS = st.builds(lambda name, fields: {**fields, "event": name}, _NAMES, st.dictionaries(_KEYS, _JSON, max_size=6))


def _read_with_all(body: bytes) -> None:
    read_events(body, max_events=3, max_source=50)
    read_case_history(body, max_events=3, max_source=50)
    for reader, _ in READERS.values():
        reader(body)


@given(st.binary(max_size=200))
def test_no_bytes_raise(body: bytes) -> None:
    _read_with_all(body)


@given(st.lists(_EVENTS | _JSON, max_size=5))
def test_no_json_raises_and_no_event_is_lost(events: list[Any]) -> None:
    first = events[0] if events and isinstance(events[0], dict) else {}
    _read_with_all(json.dumps({**first, "events": events, "sessions": [{"events": events}, *events]}).encode())
    read = read_events(json.dumps({"events": events}).encode(), max_events=10, max_source=50)
    if isinstance(read, list):  # JSON knows neither NaN nor infinity: with one of these, nothing can be read
        assert len(read) == len(events)
        assert all(len(event.source) <= 50 for event in read if isinstance(event, wire.BrokenEvent | wire.UnknownEvent))
