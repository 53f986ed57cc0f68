"""Whatever a client sends: nothing raises, everything that leaves can be written, and the next client is served."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskline_center import FrameArrived, Push, RequestArrived, Respond, SocketArrived, SocketGone
from deskline_center.cxone.parse import is_uuid
from deskline_center.cxone.wire import _EVENTS  # pyright: ignore[reportPrivateUsage]
from deskline_center.parse import parse_object, tame
from tests.center.visitor import CHANNEL, CUSTOMER, MESSAGE, THREAD, Far, names

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
LEAVES = st.none() | st.booleans() | NUMBERS | st.text(max_size=20)
LEAVES |= st.sampled_from([THREAD, MESSAGE, CUSTOMER, "48000001", "", "null", "TEXT"])
KNOWN = "thread idOnExternalPlatform messageContent payload text type postback contact customFields attachments "
KNOWN += "accessToken token scrollToken id ident value consumer invitation code"
KEYS = st.text(max_size=8) | st.sampled_from(KNOWN.split())
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)
THREAD_DATA = st.fixed_dictionaries(
    {"thread": st.just({"idOnExternalPlatform": THREAD}), "idOnExternalPlatform": st.just(MESSAGE)},
    optional={"messageContent": JSON, "contact": JSON, "attachments": JSON, "customer": JSON, "scrollToken": JSON},
)


def leaves_are_writable(far: Far) -> None:
    for command in far.commands:
        if isinstance(command, Push):
            json.loads(command.text.encode())
        if isinstance(command, Respond):
            "".join(value for _, value in command.headers).encode("latin-1")
    far.commands.clear()
    json.dumps(far.center.overview())


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(_EVENTS)), JSON | THREAD_DATA, st.sampled_from(["single", "multi", "live"]))
def test_any_data_in_any_event(event_type: str, data: Any, mode: str) -> None:
    far = Far(mode=mode)
    visitor = far.visitor()
    visitor.say()
    frames = visitor.ask(event_type, data)
    assert len(frames) >= 1, "everything is answered"
    assert frames[0]["eventId"] == visitor.event_id
    leaves_are_writable(far)


@settings(max_examples=150, deadline=None)
@given(
    st.text()
    | JSON.map(json.dumps)
    | st.dictionaries(KEYS, JSON).map(lambda p: json.dumps({"eventId": "1", "payload": p}))
)
def test_any_text_as_a_frame(text: str) -> None:
    far = Far()
    visitor = far.visitor()
    visitor.text(text)
    leaves_are_writable(far)
    assert names(visitor.say()) == ["ack", "CaseCreated", "MessageCreated"]


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["GET", "POST", "PUT", "OPTIONS", "BREW"]),
    st.sampled_from(
        ["/", "/oauth/token", f"/chat/1.0/brand/5150/channel/{CHANNEL}", "/1.0/brand/5150/messages/x"]
    ).flatmap(lambda root: st.sampled_from(["", "/attachment", "/availability", "/\n"]).map(lambda end: root + end))
    | st.text().map(lambda t: f"/{t}"),
    st.text() | st.just(f"brandId=5150&channelId={CHANNEL}&visitorId=v"),
    st.binary() | JSON.map(lambda value: json.dumps(value).encode()),
)
def test_any_request(method: str, path: str, query: str, body: bytes) -> None:
    far = Far()
    commands = far.feed(RequestArrived(id="r", method=method, path=path, query=query, body=body))
    assert [c.id for c in commands if isinstance(c, Respond)] == ["r"]
    leaves_are_writable(far)


@settings(max_examples=100, deadline=None)
@given(st.text())
def test_any_handshake(query: str) -> None:
    far = Far()
    assert len(far.feed(SocketArrived(socket="s", query=query))) == 1


@pytest.mark.parametrize("depth", [65, 3000, 200_000])
@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}")])
def test_absurd_depth(depth: int, opening: str, closing: str) -> None:
    far = Far()
    visitor = far.visitor()
    text = f'{{"eventId":"1","payload":{opening * depth}1{closing * depth}}}'
    assert "Internal server error" in visitor.text(text)[0]
    assert parse_object(text) is None


def test_depth_that_is_still_taken() -> None:
    deep: Any = 1
    for _ in range(63):
        deep = [deep]
    assert tame(deep)
    assert not tame([deep])


@pytest.mark.parametrize("text", ['"\\ud800"', '{"eventId":"\ud800"}', "1e999", "{", "\x00"])
def test_text_that_is_no_json(text: str) -> None:
    far = Far()
    assert "Internal server error" in far.visitor().text(text)[0]


def test_frames_for_sockets_nobody_opened() -> None:
    far = Far()
    assert far.feed(FrameArrived(socket="ghost", text="{}")) == []
    assert far.feed(SocketGone(socket="ghost")) == []


def test_previews_of_threads_nobody_knows_are_not_kept() -> None:
    far = Far()
    visitor = far.visitor()
    assert names(visitor.ask("SendMessagePreview", visitor.thread())) == ["ack"]
    assert far.center.overview()["previews"] == {}


@pytest.mark.parametrize(
    "text", ["", "x" * 36, "5e6f1a77-3a59-4c1e-8f0d-2f6d1b3c9a0", "5e6f1a77_3a59-4c1e-8f0d-2f6d1b3c9a02"]
)
def test_no_uuids(text: str) -> None:
    assert not is_uuid(text)
