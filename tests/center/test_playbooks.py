"""This goes in, exactly these commands come out, in order."""

import json

from deskline_center import (
    AcceptSocket,
    AnswerControl,
    Center,
    Drop,
    FrameArrived,
    Push,
    RefuseControl,
    RefuseSocket,
    RequestArrived,
    Respond,
    SocketArrived,
    SocketGone,
    Tick,
)
from deskline_center.brightpattern import APP_ID
from deskline_center.controls import AgentTypes, DropSockets, Fail
from deskline_center.cxone import channel_id, default_channels
from tests.center.visitor import CUSTOMER, START, THREAD, VISITOR, channel

QUERY = f"visitorId={VISITOR}&channelId={channel().id}&sdkVersion=3.3.1&brandId=5150"


def center() -> Center:
    return Center(channels=[channel()], seed="playbook")


def event(event_type: str, data: object, event_id: str = "e-1") -> FrameArrived:
    payload = {"eventType": event_type, "customerIdentity": {"idOnExternalPlatform": CUSTOMER}, "data": data}
    return FrameArrived(socket="s1", text=json.dumps({"eventId": event_id, "payload": payload}))


def test_handshake_heartbeat_and_goodbye() -> None:
    far = center()
    assert far.handle(SocketArrived(socket="s1", query=QUERY), now=START) == [AcceptSocket(socket="s1")]
    beat = FrameArrived(socket="s1", text='{"action":"heartbeat"}')
    assert far.handle(beat, now=START) == [Push(socket="s1", text='"pong"')]
    assert far.handle(SocketGone(socket="s1", code=1001), now=START) == []
    assert far.handle(SocketGone(socket="s1", code=1001), now=START) == []
    assert far.handle(beat, now=START) == [], "a socket that is gone is not answered"
    assert far.next_deadline is None


def test_handshakes_that_are_refused() -> None:
    far = center()
    for query in ("", QUERY.replace("5150", "1"), QUERY.replace("chat_", "")):
        assert far.handle(SocketArrived(socket="s1", query=query), now=START) == [RefuseSocket(socket="s1", status=404)]
    far.handle(Fail(match="handshake", status=403), now=START)
    assert far.handle(SocketArrived(socket="s2", query=QUERY), now=START) == [RefuseSocket(socket="s2", status=403)]
    far.handle(Fail(match="handshake", status=4001), now=START)
    assert far.handle(SocketArrived(socket="s3", query=QUERY), now=START) == [
        AcceptSocket(socket="s3"),
        Drop(socket="s3", code=4001, reason="authorization failed"),
    ]


def test_typing_of_the_customer_is_acknowledged_and_that_is_all() -> None:
    far = center()
    far.handle(SocketArrived(socket="s1", query=QUERY), now=START)
    started = event("SenderTypingStarted", {"thread": {"idOnExternalPlatform": THREAD}})
    assert far.handle(started, now=START) == [Push(socket="s1", text='{"eventId":"e-1"}')]


def test_availability_and_preflight() -> None:
    far = center()
    path = f"/1.0/brand/5150/channel/{channel().id}/availability"
    headers = (
        ("access-control-allow-origin", "http://shop.test"),
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-methods", "GET, POST, PUT, OPTIONS"),
        ("access-control-allow-headers", "*"),
        ("access-control-expose-headers", "*"),
        ("cache-control", "no-store"),
    )
    asked = RequestArrived(id="r1", method="GET", path=path, headers=(("origin", "http://shop.test"),))
    kind = ("content-type", "application/json")
    assert far.handle(asked, now=START) == [
        Respond(id="r1", status=200, headers=(kind, *headers), body=b'{"status":"online"}')
    ]
    preflight = RequestArrived(id="r2", method="OPTIONS", path=path, headers=(("origin", "http://shop.test"),))
    assert far.handle(preflight, now=START) == [Respond(id="r2", status=204, headers=headers)]


def test_controls_are_settled_under_their_id() -> None:
    far = center()
    assert far.handle(AgentTypes(id="c1"), now=START) == [RefuseControl(id="c1", message="there is no thread yet")]
    assert far.handle(AgentTypes(id="c2", thread="x"), now=START) == [
        RefuseControl(id="c2", message="there is no thread 'x'")
    ]
    far.handle(SocketArrived(socket="s1", query=QUERY), now=START)
    assert far.handle(DropSockets(id="c3"), now=START) == [
        Drop(socket="s1", code=None, reason=""),
        AnswerControl(id="c3", value={"sockets": 1}),
    ]


def test_time_never_goes_back() -> None:
    far = center()
    far.handle(Tick(), now=START)
    assert far.handle(Tick(), now=START - 60) == []
    assert far.overview()["now"] == START


def test_default_channels_have_stable_ids() -> None:
    assert channel_id("single", "legacy") == "chat_00000000-0000-4000-8000-000000000011"
    assert channel_id("live", "secured") == "chat_00000000-0000-4000-8000-000000000032"
    found = {(c.mode, c.session): c.id for c in default_channels()}
    assert len(set(found.values())) == 6
    assert all(channel_id(mode, session) == id for (mode, session), id in found.items())
    assert [c["id"] for c in Center().overview()["channels"]] == [*found.values(), APP_ID]
