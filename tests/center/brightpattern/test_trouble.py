"""Faults on purpose, whatever a client sends, and how much of it is kept."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskline_center import RequestArrived, RequestGone, Respond, Script
from deskline_center.brightpattern import chat as chat_module
from deskline_center.brightpattern import chats, files, line
from deskline_center.brightpattern.controls import SendEvents, SetCase, SetStage, ShowForm
from deskline_center.brightpattern.on_events import _EVENTS  # pyright: ignore[reportPrivateUsage]
from deskline_center.brightpattern.rest import ROUTES
from deskline_center.controls import (
    AgentJoins,
    AgentSays,
    AgentTypes,
    CloseContact,
    Control,
    Delay,
    Fail,
    ForgetFaults,
    Hold,
    Lose,
    LosePush,
    Repeat,
    Spoil,
    ViaUrl,
)
from deskline_center.scripts import Join, Leave, Say, Wait
from deskline_center.scripts import Lose as Cut
from tests.center.brightpattern.client import Desk, code, names, served
from tests.center.brightpattern.test_endpoints import path_of, ready
from tests.center.visitor import Far
from tests.center.visitor import names as frame_names

NAMED = sorted({route.name for route in ROUTES})


# faults of requests


@pytest.mark.parametrize("name", NAMED)
def test_every_request_fails_by_its_name(name: str) -> None:
    client = ready()
    client.desk.do(Fail(match=name, code="5500", message="on purpose"))
    method, path, body = path_of(client, name)
    answer = client.ask(method, path, body)
    assert (code(answer), json.loads(answer.body)["error_message"]) == ((500, "5500"), "on purpose")


@pytest.mark.parametrize("name", NAMED)
@pytest.mark.parametrize("done", [True, False])
def test_every_answer_is_lost_by_its_name(name: str, done: bool) -> None:
    client = ready()
    client.desk.do(Lose(match=name, done=done))
    method, path, body = path_of(client, name)
    assert client.was_cut(client.arrive(method, path, body))


@pytest.mark.parametrize("name", NAMED)
def test_every_answer_is_delayed_by_its_name(name: str) -> None:
    client = ready()
    client.desk.do(Delay(match=name, seconds=4))
    method, path, body = path_of(client, name)
    asked = client.arrive(method, path, body)
    assert client.answer(asked) is None
    client.desk.later(4)
    assert client.answer(asked) is not None


def test_a_failure_without_a_code_and_a_page_of_a_proxy() -> None:
    client = Desk().client()
    client.desk.do(Fail(match="availability"))
    assert code(client.ask("GET", "availability")) == (500, None)
    client.desk.do(Fail(match="availability", status=502, page="<html>Bad Gateway</html>"))
    answer = client.ask("GET", "availability")
    assert (answer.status, answer.body) == (502, b"<html>Bad Gateway</html>")
    assert dict(answer.headers)["content-type"] == "text/html; charset=utf-8"
    client.desk.do(Fail(match="availability", page="<html>"))
    assert client.ask("GET", "availability").status == 500


@pytest.mark.parametrize(("done", "count"), [(True, 2), (False, 1)])
def test_a_message_whose_answer_is_lost_is_there_or_not(done: bool, count: int) -> None:
    desk = Desk()
    client = desk.chat()
    desk.do(Lose(match="send:chat_session_message", done=done))
    client.send("typing")
    body = {"events": [{"event": "chat_session_message", "msg": "Hello", "msg_id": "m1"}]}
    assert client.was_cut(client.arrive("POST", client.events, body))
    client.say("Hello", "m2")
    assert names(client.history()).count("message") == count


def test_a_chat_whose_answer_is_lost_comes_back_as_a_living_one() -> None:
    desk = Desk()
    client = desk.client()
    desk.do(Lose(match="request-chat"))
    assert client.was_cut(client.arrive("POST", "chats", {}))
    assert client.begin()["is_new_chat"] is False


def test_a_fault_for_everything_leaves_polls_alone() -> None:
    desk = Desk()
    client = desk.chat()
    desk.do(Fail(match="*", code="5005"))
    client.hold()
    assert code(client.send("typing")) == (404, "5005")
    assert client.send("typing").status == 200
    desk.do(Fail(match="*", times=5))
    desk.do(ForgetFaults())
    assert client.send("typing").status == 200


def test_an_answer_that_is_too_late_for_who_has_gone() -> None:
    desk = Desk(aborted_poll="redelivered")
    client = desk.chat()
    desk.do(Delay(match="poll", seconds=30))
    poll = client.hold()
    desk.do(AgentSays(text="Hello"))
    client.gone(poll)
    client.gone("nothing")
    assert names(client.poll()) == ["message"]


# faults of events


@pytest.mark.parametrize(
    ("fault", "polled"),
    [
        (LosePush(match="chat_session_typing"), ["not_typing"]),
        (LosePush(match="*"), ["not_typing"]),
        (Repeat(match="chat_session_typing", copies=2), ["typing", "typing", "typing", "not_typing"]),
        (Hold(match="chat_session_typing", seconds=1), ["not_typing"]),
        (ViaUrl(match="chat_session_typing"), ["typing", "not_typing"]),
        (
            Spoil(match="chat_session_typing", behind=({"event": "chat_session_weather"},)),
            ["typing", "weather", "not_typing"],
        ),
        (Spoil(match="chat_session_not_typing", ahead=({"event": "chat_session_weather"},)),
         ["typing", "weather", "not_typing"]),
    ],
)  # fmt: skip
def test_faults_of_events(fault: Control, polled: list[str]) -> None:
    desk = Desk()
    client = desk.chat()
    desk.do(fault)
    desk.do(AgentTypes())
    desk.do(AgentTypes(typing=False))
    assert names(client.poll()) == polled
    desk.later(1)
    assert names(client.poll()) == (["typing"] if isinstance(fault, Hold) else [])


def test_an_event_with_a_field_missing_and_a_numeric_wait() -> None:
    desk = Desk()
    client = desk.chat()
    desk.do(Spoil(match="chat_session_message", leave_out=("party_id", "timestamp")))
    desk.do(Spoil(match="chat_session_status", lay_over={"ewt": 45}))
    desk.do(AgentSays(text="Hello"))
    desk.do(SetStage(stage="queued"))
    message, status = client.poll()
    assert set(message) == {"event", "msg_id", "msg", "msg_text", "channel"}
    assert status == {"event": "chat_session_status", "state": "queued", "ewt": 45}
    assert "party_id" in client.history()[-2], "the history is as it should be"


def test_a_message_that_has_the_id_of_the_customers_own() -> None:
    desk, client, party = served(receipts=False)
    client.say("Hello", "m1")
    desk.do(AgentSays(text="Hello", message="m1"))
    assert [(e["party_id"], e["msg_id"]) for e in client.poll()] == [(party, "m1")]
    client.send("message_read", ref_msg_id="m1")
    seen = [(m["direction"], m["seen"]) for m in desk.center.overview()["threads"][0]["messages"]]
    assert seen == [("inbound", False), ("outbound", True)]


def test_party_events_in_another_order() -> None:
    desk = Desk()
    client = desk.chat()
    desk.do(Hold(match="chat_session_party_joined", seconds=1))
    desk.do(AgentJoins())
    desk.do(AgentJoins(agent=70113))
    assert names(client.poll()) == ["status connecting", "status connected", "party_joined", "party_left"]
    desk.later(1)
    assert names(client.poll()) == ["party_joined"]


def test_frames_of_the_other_vendor_are_spoiled_the_same_way() -> None:
    far = Far()
    visitor = far.visitor()
    far.do(Spoil(match="CaseCreated", leave_out=("data",), behind=({"eventType": "Weather"},)))
    assert frame_names(visitor.say()) == ["ack", "CaseCreated", "Weather", "MessageCreated"]
    path = f"/chat/1.0/brand/5150/channel/{far.channel.id}/availability"
    far.do(Fail(match="rest:availability", status=502, page="<html>"))
    assert (far.rest("GET", path).status, far.rest("GET", path).status) == (502, 200)


# when things fall on the same moment


def test_a_script_that_says_something_and_cuts_the_poll() -> None:
    script = Script(name="s", steps=(Leave(), Join(), Wait(seconds=1), Say(text="Hello"), Cut()))
    desk = Desk(script="s", scripts=[script], receipts=False)
    client = desk.chat()
    client.poll()
    poll = client.hold()
    desk.later(1)
    assert client.was_cut(poll)
    assert names(client.poll()) == ["message"]


def test_a_hold_that_is_over_just_as_something_happens() -> None:
    script = Script(name="s", steps=(Wait(seconds=10), Say(text="Hello")))
    desk = Desk(script="s", scripts=[script], receipts=False)
    client = desk.chat()
    poll = client.hold()
    desk.later(10)
    answer = client.answer(poll)
    assert answer is not None
    assert names(json.loads(answer.body)["events"]) == ["message"]
    assert client.poll() == []


# whatever a client sends

NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
LEAVES = st.none() | st.booleans() | NUMBERS | st.text(max_size=20)
LEAVES |= st.sampled_from(["17", "m1", "topic", "", "chat_session_message"])
KNOWN = "event msg msg_id msg_text ref_msg_id form_request_id data file_id file_type latitude events from parameters "
KNOWN += "initial_message phone_number text first_name"
KEYS = st.text(max_size=8) | st.sampled_from(KNOWN.split())
JSON = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=12
)


def leaves_are_writable(desk: Desk) -> None:
    for command in desk.commands:
        if isinstance(command, Respond):
            command.body.decode()
            "".join(value for _, value in command.headers).encode("latin-1")
    json.dumps(desk.center.overview())


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(sorted(_EVENTS)), st.dictionaries(KEYS, JSON, max_size=5), st.sampled_from(["v1", "v2"]))
def test_any_event_of_a_client(name: str, fields: dict[str, Any], version: str) -> None:
    desk, client, _ = served(echo=True)
    desk.do(ShowForm(name="topic"))
    client.version = version
    client.ask("POST", client.events, {"events": [{**fields, "event": name}]})
    client.ask("POST", client.events, {"events": [fields, fields]})
    leaves_are_writable(desk)
    assert desk.client("another").begin()["is_new_chat"] is True


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_any_body_of_a_request_for_a_chat(body: Any) -> None:
    desk = Desk(greeting="Welcome")
    client = desk.client()
    answer = client.ask("POST", "chats", body)
    assert answer.status in (200, 400)
    leaves_are_writable(desk)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(["GET", "POST"]), st.text(max_size=30), st.binary(max_size=60), st.text(max_size=60),
    st.text(max_size=30),
)  # fmt: skip
def test_any_request(method: str, path: str, body: bytes, header: str, query: str) -> None:
    desk = Desk()
    client = desk.chat()
    for where in (f"/clientweb/{path}", f"/clientweb/api/v2/chats/{client.chat}/{path}", "/clientweb/api/v2/files"):
        for credentials in (header, client.headers["authorization"]):
            head = (("authorization", credentials), ("content-type", header), ("cookie", header))
            asked = RequestArrived(
                id="r", method=method, path=where, query=f"tenantUrl=x&{query}", headers=head, body=body
            )
            assert [c.id for c in desk.feed(asked) if isinstance(c, Respond)] in (["r"], [])
            desk.feed(RequestGone(id="r"))
    leaves_are_writable(desk)


def test_a_body_nested_absurdly_deep() -> None:
    client = Desk().chat()
    deep = b'{"events":' + b"[" * 5000 + b"]" * 5000 + b"}"
    assert code(client.ask("POST", client.events, deep)) == (400, "5003")


# how much is kept


def test_only_so_many_events_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line, "_MOST", 3)
    desk = Desk()
    client = desk.chat()
    desk.do(SendEvents(events=tuple({"event": str(n)} for n in range(5))))
    assert [e["event"] for e in client.poll()] == ["2", "3", "4"]


def test_only_so_much_history(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_module, "_MOST_BYTES", 1000)
    client = Desk().chat()
    for n in range(5):
        client.send("navigation", title="x" * 300, page=str(n))
    assert [e["page"] for e in client.history()] == ["3", "4"]


def test_only_so_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "_MOST", 2)
    desk = Desk()
    client = desk.chat()
    for _ in range(3):
        desk.do(AgentSays(text="", attachments=({"content": "aGk="},)))
    ids = [e["file_id"] for e in client.poll()]
    assert [client.ask("GET", f"/clientweb/file/{id}").status for id in ids] == [404, 200, 200]


def test_only_so_many_chats_that_are_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chats, "_MOST_OVER", 2)
    desk = Desk()
    living = desk.client("living")
    living.begin()
    ended = []
    for n in range(5):
        client = desk.client(f"client {n // 2}")
        client.begin()
        desk.do(SetCase(thread=client.chat))
        desk.do(CloseContact(thread=client.chat))
        ended.append(client.chat)
    known = [chat["chat"] for chat in desk.center.overview()["chats"]]
    assert known == [living.chat, *ended[2:]], "two, and the newest"
    assert [thread["thread"] for thread in desk.center.overview()["threads"]] == known
    assert desk.client("client 1").begin()["is_new_chat"] is True


def test_only_so_much_is_noted_for_the_operator() -> None:
    desk = Desk()
    client = desk.chat()
    for n in range(120):
        client.send("weather", number=n)
    assert [len(desk.seen()["other"]), desk.seen()["other"][0]["number"]] == [100, 20]


def test_an_idle_poll_costs_nothing_until_its_hold_is_over() -> None:
    desk = Desk(unresponsive=120.0, hold=300.0)
    client = desk.chat()
    poll = client.hold()
    deadlines = []
    while client.answer(poll) is None:
        assert desk.center.next_deadline is not None
        deadlines.append(desk.center.next_deadline - desk.now)
        desk.later(deadlines[-1])
    assert deadlines == pytest.approx([120, 120, 60])


def test_the_same_inputs_give_the_same_commands() -> None:
    def run() -> list[Any]:
        desk = Desk(script="echo", greeting="Welcome", inactivity=60.0, unresponsive=30.0)
        client = desk.chat()
        desk.do(AgentJoins())
        client.say()
        for seconds in (0.5, 0.5, 0.5, 20, 20):
            desk.later(seconds)
            client.poll()
        return desk.commands

    assert run() == run()
