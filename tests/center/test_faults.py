"""Faults on purpose: of requests, of frames, of handshakes and heartbeats."""

import json
from typing import Any

import pytest

from deskline_center import Abandon, AcceptSocket, RequestArrived, Respond, SocketArrived, SocketGone, Tick
from deskline_center.controls import (
    AgentJoins,
    AgentSays,
    Delay,
    DropSockets,
    ExpireTokens,
    Fail,
    ForgetFaults,
    Hold,
    Lose,
    LosePush,
    Repeat,
    SendPush,
    SendRaw,
    ViaUrl,
)
from tests.center.visitor import CHANNEL, Far, Visitor, names

AVAILABILITY = f"/chat/1.0/brand/5150/channel/{CHANNEL}/availability"


def test_failing_the_next_requests() -> None:
    far = Far()
    visitor = far.visitor()
    assert far.do(Fail(match="SendMessage", times=2)) == {"waiting": 2}
    assert visitor.say()[0]["error"]["errorCode"] == "SendingMessageFailed"
    far.do(Fail(match="FetchThreadList", code="SdkVersionNotSupported", message="Too old"))
    error = visitor.ask("FetchThreadList")[0]["error"]
    assert (error["errorCode"], error["errorMessage"]) == ("SdkVersionNotSupported", "Too old")
    assert names(visitor.say()) == ["error"]
    assert names(visitor.say()) == ["ack", "CaseCreated", "MessageCreated"]
    far.do(Fail(match="*", code="gateway"))
    (frame,) = visitor.ask("FetchThreadList")
    assert set(frame) == {"message", "connectionId", "requestId"}


def test_delaying_answers_but_not_pushes() -> None:
    far = Far()
    visitor = far.visitor()
    far.do(Delay(match="SendMessage", seconds=3))
    assert names(visitor.say()) == ["CaseCreated", "MessageCreated"]
    assert far.center.next_deadline == far.now + 3
    assert far.later(3) == [{"eventId": visitor.event_id}]


def test_a_delayed_answer_ends_with_its_socket() -> None:
    far = Far()
    visitor = far.visitor()
    far.do(Delay(match="SendMessage", seconds=3))
    visitor.say()
    visitor.close()
    assert far.later(3) == []


@pytest.mark.parametrize(("done", "pushes"), [(True, ["CaseCreated", "MessageCreated"]), (False, [])])
def test_losing_answers(done: bool, pushes: list[str]) -> None:
    far = Far()
    visitor = far.visitor()
    far.do(Lose(match="SendMessage", done=done))
    assert names(visitor.say()) == pushes
    assert len(far.center.overview()["threads"]) == int(done)


def test_repeating_and_losing_pushes() -> None:
    far = Far()
    visitor = far.visitor()
    far.do(Repeat(match="MessageCreated", copies=2))
    frames = visitor.say()
    assert names(frames) == ["ack", "CaseCreated", *["MessageCreated"] * 3]
    assert frames[2] == frames[3] == frames[4]
    far.do(LosePush(match="*"))
    assert names(visitor.say()) == ["MessageCreated"]
    far.do(LosePush(match="error"))
    assert visitor.ask("RecoverThread", visitor.thread("x")) == []


def test_holding_a_push_lets_others_overtake() -> None:
    far = Far()
    visitor = far.visitor()
    far.do(Hold(match="CaseCreated", seconds=2))
    assert names(visitor.say()) == ["ack", "MessageCreated"]
    assert names(far.later(2)) == ["CaseCreated"]


def test_by_url_whatever_the_size() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    far.do(ViaUrl(match="MessageCreated"))
    visitor.frames()
    far.do(AgentSays(text="small"))
    (notice,) = visitor.frames()
    path = notice["data"]["s3Object"]["url"].removeprefix("http://center.test").partition("?")[0]
    far.do(Fail(match="rest:large-event", status=500))
    assert far.rest("GET", path).status == 500
    body = json.loads(far.rest("GET", path).body)
    assert body["data"]["message"]["messageContent"]["text"] == "small"


def test_frames_without_an_event_id_never_go_by_url() -> None:
    far = Far(frame_limit=10, authorization_status="own_frame")
    own, answer = far.visitor(authorize=False).authorize()
    assert own == {"authorizationStatus": "authorized"}
    assert answer["eventType"] == "EventInS3"


def test_forgetting_faults() -> None:
    far = Far()
    visitor = far.visitor()
    far.do(Fail(match="*", times=9))
    far.do(LosePush(match="*", times=9))
    far.do(Fail(match="*", times=0))
    assert far.center.overview()["faults"] == 18
    assert far.do(ForgetFaults()) == {"waiting": 0}
    assert names(visitor.say()) == ["ack", "CaseCreated", "MessageCreated"]


def test_heartbeats() -> None:
    far = Far()
    visitor = far.visitor()
    beat = '{"action":"heartbeat"}'
    far.do(Lose(match="*"))
    assert visitor.text(beat) == ['"pong"'], "only by their name"
    far.do(ForgetFaults())
    far.do(Lose(match="heartbeat"))
    far.do(Fail(match="heartbeat"))
    far.do(Delay(match="heartbeat", seconds=6, times=2))
    assert visitor.text(beat) == visitor.text(beat) == visitor.text(beat) == []
    assert far.later(6) == list[object](["pong"])
    assert visitor.text(beat) == []
    visitor.close()
    assert far.later(6) == []


def test_handshakes_late_and_never() -> None:
    far = Far()
    query = f"brandId=5150&channelId={CHANNEL}"
    far.do(Delay(match="handshake", seconds=5, times=2))
    assert far.feed(SocketArrived(socket="late", query=query)) == []
    assert far.feed(SocketArrived(socket="impatient", query=query)) == []
    far.feed(SocketGone(socket="impatient"))
    far.now += 5
    assert far.feed(Tick()) == [AcceptSocket(socket="late")]
    far.do(Lose(match="handshake"))
    assert far.feed(SocketArrived(socket="never", query=query)) == []
    assert [s["socket"] for s in far.center.overview()["sockets"]] == ["late"]


def test_rest() -> None:
    far = Far()
    far.do(Fail(match="rest:availability", status=503))
    assert far.rest("GET", AVAILABILITY).status == 503
    far.do(Fail(match="rest:channel", status=403, code="SdkVersionNotSupported", message="Too old"))
    refused = far.rest("GET", AVAILABILITY.removesuffix("/availability"))
    assert json.loads(refused.body) == {"error": {"errorCode": "SdkVersionNotSupported", "errorMessage": "Too old"}}
    asked = RequestArrived(id="r", method="GET", path=AVAILABILITY)
    far.do(Delay(match="rest:availability", seconds=4))
    assert far.feed(asked) == []
    far.now += 4
    (late,) = far.feed(Tick())
    assert isinstance(late, Respond)
    far.do(Lose(match="rest:availability"))
    assert far.feed(asked) == [Abandon(id="r")]


def test_a_lost_request_is_done_or_not() -> None:
    far = Far()
    path = "/web-analytics/1.0/tenants/5150/visitors/v"
    put = RequestArrived(id="r", method="PUT", path=path, body=b"{}")
    for done in (False, True):
        far.do(Lose(match="rest:visitor", done=done))
        far.feed(put)
        assert bool(far.center.overview()["visitors"]) is done


def test_refusing_and_expiring_tokens() -> None:
    far = Far(session="secured")
    far.do(Fail(match="rest:token", status=401))
    query = f"brandId=5150&channelId={CHANNEL}&visitorId=v"
    refused = far.rest("POST", "/oauth/token", {}, query)
    assert (refused.status, json.loads(refused.body)) == (401, {"error": "invalid_grant"})
    far.do(Fail(match="rest:token", status=403, code="ip_blocked"))
    assert json.loads(far.rest("POST", "/oauth/token", {}, query).body)["error"]["errorCode"] == "ip_blocked"
    token = far.token()["accessToken"]
    assert far.do(ExpireTokens(channel="another")) == {"tokens": 0}
    assert Visitor(far).connect(token) is None
    assert far.do(ExpireTokens()) == {"tokens": 1}
    assert Visitor(far).connect(token) == 401
    assert len(far.center.overview()["sockets"]) == 1, "an open socket is left alone"


def test_dropping_sockets() -> None:
    far = Far()
    first, second, third = far.visitor("one"), far.visitor("two"), far.visitor("three")
    first.say()
    assert far.do(DropSockets(customer="two", code=4000, reason="bye")) == {"sockets": 1}
    assert second.dropped is not None
    assert (second.dropped.code, second.dropped.reason) == (4000, "bye")
    thread = far.center.overview()["threads"][0]["thread"]
    assert far.do(DropSockets(thread=thread)) == {"sockets": 1}
    assert first.dropped is not None
    assert first.dropped.code is None
    assert far.do(DropSockets(channel="another")) == {"sockets": 0}
    assert far.do(DropSockets(channel=CHANNEL, socket=third.socket)) == {"sockets": 1}
    assert third.say() == [], "a dropped socket is not served"
    for code in (1005, 1006, 1015, 999, 2000, 5000):
        assert "no code" in far.refused(DropSockets(code=code))


@pytest.mark.parametrize("status", [0, 100, 600, 999, 1006])
def test_impossible_statuses(status: int) -> None:
    assert "neither" in Far().refused(Fail(match="handshake", status=status))


def test_sending_anything() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    visitor.frames()
    assert far.do(SendRaw(text='{"a":1}')) == {"sockets": 1}
    assert far.do(SendRaw(text="[]", customer="nobody")) == {"sockets": 0}
    data: dict[str, Any] = {"brand": {"id": 5150}, "new": True}
    sent = far.do(SendPush(event_type="SomethingNew", event_object="FutureObject", data=data))
    raw, push = visitor.frames()
    assert raw == {"a": 1}
    assert (push["eventId"], push["eventType"], push["eventObject"]) == (
        sent["eventId"],
        "SomethingNew",
        "FutureObject",
    )
    assert push["data"] == data


def test_pushes_reach_every_socket_of_the_customer_and_no_other() -> None:
    far = Far()
    here, there, other = far.visitor(), far.visitor(), far.visitor("somebody-else")
    here.say()
    far.do(AgentJoins())
    mine = ["CaseCreated", "MessageCreated", "CaseInboxAssigneeChanged", "CaseStatusChanged"]
    assert names(there.frames()) == ["ConsumerAuthorized", *mine]
    assert names(other.frames()) == ["ConsumerAuthorized"]
