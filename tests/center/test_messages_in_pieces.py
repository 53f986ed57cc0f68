"""Messages that come in pieces, and what the agents' side can do around a conversation."""

import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from deskline_center import Abandon, Continue, RequestArrived, RequestGone, Respond, Script
from deskline_center.controls import (
    AgentJoins,
    AgentReceives,
    AgentRewrites,
    AgentSays,
    AgentStreams,
    AlertAgent,
    ContactStatus,
    Lose,
    MoveContact,
    NameThread,
    PreferAgent,
    QueuePlace,
    StreamPiece,
)
from deskline_center.cxone import streams
from deskline_center.scripts import Stream
from tests.center.visitor import CHANNEL, THREAD, Far, Visitor, data_of, names


def conversation(**settings: Any) -> tuple[Far, Visitor]:
    far = Far(**settings)
    visitor = far.visitor()
    visitor.say()
    visitor.frames()
    return far, visitor


def begun(far: Far, visitor: Visitor, **fields: Any) -> str:
    """Let a message come in pieces; return the path where it lies."""
    far.do(AgentStreams(**fields))
    (created,) = visitor.frames()
    content = created["data"]["message"]["messageContent"]
    assert (content["type"], content["payload"]["protocol"]) == ("STREAMED", "sse")
    assert content["fallbackText"]
    path: str = urlsplit(content["payload"]["sourceUrl"]).path
    return path


def get(far: Far, path: str) -> tuple[str, Respond]:
    """Ask for a stream; return the request's id and the answer."""
    id = far.uuid()
    (answer,) = [c for c in far.feed(RequestArrived(id=id, method="GET", path=path)) if isinstance(c, Respond)]
    return id, answer


def pieces(body: bytes) -> list[tuple[str, str | None]]:
    """Return what the events of a body say."""
    events = [block.split("\n") for block in body.decode().split("\n\n") if block]
    assert all(event[0] == "event: delta" for event in events)
    deltas = [json.loads(event[1].removeprefix("data: "))["delta"] for event in events]
    return [(delta["content"], delta["finish_reason"]) for delta in deltas]


def followed(far: Far, id: str) -> list[Continue | Abandon]:
    return [c for c in far.commands if isinstance(c, Continue | Abandon) and c.id == id]


def test_who_reads_gets_piece_by_piece() -> None:
    far, visitor = conversation()
    path = begun(far, visitor, pieces=("On its ", "way, ", "Kit."), seconds=1)
    id, answer = get(far, path)
    assert (answer.status, answer.body, answer.more) == (200, b"", True)
    assert ("content-type", "text/event-stream") in answer.headers
    for _ in range(3):
        far.later(1)
    parts = [part for part in followed(far, id) if isinstance(part, Continue)]
    assert pieces(b"".join(part.body for part in parts)) == [("On its ", None), ("way, ", None), ("Kit.", "stop")]
    assert [part.more for part in parts] == [True, True, True, False]


def test_who_comes_late_gets_all_of_it() -> None:
    far, visitor = conversation()
    path = begun(far, visitor, pieces=("On its ", "way."), seconds=1)
    far.later(1)
    _, early = get(far, path)
    assert (pieces(early.body), early.more) == ([("On its ", None)], True)
    far.later(1)
    _, late = get(far, path)
    assert (pieces(late.body), late.more) == ([("On its ", None), ("way.", "stop")], False)


@pytest.mark.parametrize("end", ["close", "cut"])
def test_it_may_end_without_having_said_so(end: Any) -> None:
    far, visitor = conversation()
    path = begun(far, visitor, pieces=("On its ",), seconds=1, end=end)
    id, _ = get(far, path)
    far.later(2)
    last = followed(far, id)[-1]
    assert last == (Abandon(id=id) if end == "cut" else Continue(id=id, more=False))
    far.later(1)
    assert far.center.overview()["threads"][0]["messages"]


def test_it_goes_on_by_the_operator() -> None:
    far, visitor = conversation()
    assert far.refused(StreamPiece(text="x")) == "no message comes in pieces now"
    path = begun(far, visitor, end="open", message=far.uuid())
    id, _ = get(far, path)
    assert far.do(StreamPiece(raw=": still there\n\n"))["readers"] == 1
    far.do(StreamPiece(text="Almost"))
    far.do(StreamPiece(text=" there", end="stop"))
    bodies = [part.body for part in followed(far, id) if isinstance(part, Continue)]
    assert bodies[0] == b": still there\n\n"
    assert pieces(b"".join(bodies[1:])) == [("Almost", None), (" there", "stop")]
    assert far.refused(StreamPiece(text="x")) == "no message comes in pieces now"
    begun(far, visitor, end="open", pieces=("late",), seconds=5)
    far.do(StreamPiece(end="cut"))
    assert far.later(10) == []
    older = far.do(AgentStreams(end="close", seconds=5))["message"]
    visitor.frames()
    begun(far, visitor, end="open")
    assert far.do(StreamPiece(message=older, end="close"))["message"] == older
    assert far.later(10) == []


@pytest.mark.parametrize("end", ["close", "cut"])
def test_a_last_piece_may_be_said_before_it_ends_without_having_said_so(end: Any) -> None:
    far, visitor = conversation()
    id, _ = get(far, begun(far, visitor, end="open"))
    far.do(StreamPiece(text="half", end=end))
    said, last = followed(far, id)
    assert isinstance(said, Continue)
    assert pieces(said.body) == [("half", None)]
    assert last == (Abandon(id=id) if end == "cut" else Continue(id=id, more=False))
    assert far.refused(StreamPiece(text="x")) == "no message comes in pieces now"


def test_one_without_pieces_ends_too() -> None:
    far, visitor = conversation()
    id, _ = get(far, begun(far, visitor, seconds=2))
    far.later(1)
    assert followed(far, id) == []
    far.later(1)
    said, last = followed(far, id)
    assert isinstance(said, Continue)
    assert (pieces(said.body), last) == ([("", "stop")], Continue(id=id, more=False))


def test_who_is_gone_reads_no_more() -> None:
    far, visitor = conversation()
    path = begun(far, visitor, end="open")
    gone, stays = get(far, path)[0], get(far, path)[0]
    for id in (gone, gone, "nobody"):
        assert far.feed(RequestGone(id=id)) == []
    far.do(Lose(match="rest:stream"))
    far.feed(RequestArrived(id="lost", method="GET", path=path))
    assert far.do(StreamPiece(text="x"))["readers"] == 1
    assert (followed(far, gone), len(followed(far, stays)), followed(far, "lost")) == ([], 1, [Abandon(id="lost")])


@pytest.mark.parametrize("end", ["stop", "close", "cut"])
def test_a_message_that_was_changed_meanwhile_stays_as_it_is(end: Any) -> None:
    far, visitor = conversation()
    begun(far, visitor, pieces=("On its ", "way."), seconds=1, end=end)
    far.later(1)
    far.do(AgentRewrites(text="removed"))
    far.later(5)
    newest = data_of(visitor.ask("RecoverThread", visitor.thread())[0])["messages"][0]["messageContent"]
    assert newest["text"] == "removed"


def test_it_may_say_that_it_lies_elsewhere() -> None:
    far, visitor = conversation()
    far.do(AgentStreams(url="https://stream.example.test/m/1", protocol="carrier pigeon"))
    (created,) = visitor.frames()
    payload = created["data"]["message"]["messageContent"]["payload"]
    assert (payload["protocol"], payload["sourceUrl"]) == ("carrier pigeon", "https://stream.example.test/m/1")


@pytest.mark.parametrize(("setting", "expected"), [("text", "TEXT"), ("stream", "STREAMED")])
def test_what_was_said_stands_in_history_as_the_channel_has_it(setting: str, expected: str) -> None:
    far, visitor = conversation(streamed_history=setting)
    begun(far, visitor, pieces=("On its ", "way."), seconds=0)
    far.later(1)
    newest = data_of(visitor.ask("RecoverThread", visitor.thread())[0])["messages"][0]["messageContent"]
    assert newest["type"] == expected
    assert newest["payload"].get("text", "On its way.") == "On its way."


def test_there_are_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_MOST", 2)
    far, visitor = conversation()
    first = begun(far, visitor, end="open")
    reader, _ = get(far, first)
    others = [begun(far, visitor, end="open") for _ in range(2)]
    assert followed(far, reader) == [Abandon(id=reader)]
    assert get(far, first)[1].status == 404
    assert [get(far, path)[1].status for path in others] == [200, 200]
    assert get(far, "/chat/streams/1/none")[1].status == 404


def test_a_script_may_say_it_in_pieces() -> None:
    script = Script(name="slow", steps=(Stream(pieces=("On its ", "way."), seconds=1),))
    far = Far(script="slow")
    far.center._floor.scripts["slow"] = script
    visitor = far.visitor()
    visitor.say()
    far.later(0)
    created = [frame for frame in visitor.frames() if frame.get("eventType") == "MessageCreated"][-1]
    path = urlsplit(created["data"]["message"]["messageContent"]["payload"]["sourceUrl"]).path
    far.later(2)
    assert pieces(get(far, path)[1].body) == [("On its ", None), ("way.", "stop")]


# --- around the conversation ---


def test_a_message_is_changed() -> None:
    far, visitor = conversation()
    said = far.do(AgentSays(text="wrong"))["message"]
    visitor.frames()
    far.do(AgentRewrites(message=said, text="right"))
    (updated,) = visitor.frames()
    assert names([updated]) == ["MessageUpdated"]
    assert updated["data"]["message"]["idOnExternalPlatform"] == said
    assert updated["data"]["message"]["messageContent"]["text"] == "right"
    far.do(AgentRewrites(content={"type": "HOLOGRAM"}))
    assert visitor.frames()[0]["data"]["message"]["messageContent"] == {"type": "HOLOGRAM"}
    assert far.refused(AgentRewrites(message="nothing")) == "there is no message 'nothing'"


def test_a_message_is_delivered_to_the_agent() -> None:
    far, visitor = conversation()
    far.do(AgentReceives())
    to_user, status = visitor.frames()
    assert names([to_user, status]) == ["MessageDeliveredToUser", "MessageDeliveryStatusChanged"]
    assert to_user["data"]["messageDelivered"]["deliveredAt"]
    point = status["data"]["pointOfContact"]
    assert (point["id"], point["isTrackingMessageDeliveryStatus"]) == (CHANNEL, True)
    delivered = [frame["data"]["message"]["delivered"] for frame in (to_user, status)]
    delivered.append(data_of(visitor.ask("RecoverThread", {})[0])["messages"][0]["delivered"])
    assert delivered == [[{"userId": 70112, "endUserId": None, "deliveredAt": "2026-03-04T10:20:05+00:00"}]] * 3


def test_a_channel_may_not_track_what_is_delivered() -> None:
    far, visitor = conversation(tracks_delivery=False)
    far.do(AgentReceives())
    (frame,) = visitor.frames()
    assert frame["eventType"] == "MessageDeliveredToUser"
    assert frame["data"]["channel"]["isTrackingMessageDeliveryStatus"] is False


def test_queues_and_agents_of_a_contact() -> None:
    far, visitor = conversation()
    far.do(MoveContact(queue="Repairs"))
    far.do(MoveContact(queue=""))
    far.do(AlertAgent(agent=70113))
    far.do(PreferAgent(agent=70113))
    far.do(PreferAgent(agent=None))
    moved, out, alerted, preferred, nobody = visitor.frames()
    assert names([moved, alerted, preferred]) == [
        "CaseToRoutingQueueAssignmentChanged",
        "ConsumerContactInboxPreAssigneeChanged",
        "ContactPreferredUserChanged",
    ]
    assert (moved["data"]["routingQueue"]["name"], out["data"]["routingQueue"]) == ("Repairs", None)
    assert moved["data"]["previousRoutingQueue"]["name"] == "Front desk"
    assert out["data"]["previousRoutingQueue"] == moved["data"]["routingQueue"]
    assert moved["data"]["case"]["routingQueueId"] == moved["data"]["routingQueue"]["id"]
    assert out["data"]["case"]["routingQueueId"] is None
    assert alerted["data"]["consumerContact"]["inboxPreAssigneeUser"]["id"] == 70113
    assert nobody["data"]["previousPreferredUserForNextAssign"]["id"] == 70113
    assert alerted["eventObject"] == "ConsumerContact"
    assert alerted["data"]["inboxPreAssignee"]["id"] == 70113
    assert preferred["data"]["preferredUserForNextAssign"]["id"] == 70113
    assert nobody["data"]["preferredUserForNextAssign"] is None


def test_what_became_of_a_contact_is_told_from_then_on() -> None:
    far, visitor = conversation(mode="live")
    far.do(MoveContact(queue="Repairs"))
    far.do(PreferAgent(agent=70113))
    far.do(QueuePlace(place=2))
    far.do(MoveContact(queue=""))
    far.do(QueuePlace(place=1))
    moved, _, placed, _, nowhere = (frame["data"] for frame in visitor.frames())
    assert (placed["routingQueue"]["id"], nowhere["routingQueue"]) == (moved["routingQueue"]["id"], {})
    history = data_of(visitor.ask("RecoverLivechat", {})[0])["contactHistory"]
    name = "CaseToRoutingQueueAssignmentChanged"
    assert [push["eventType"] for push in history] == ["CaseCreated", name, name]
    far.do(AlertAgent(agent=70113))
    far.do(ContactStatus(status="pending"))
    assert visitor.frames()[-1]["data"]["preferredUserForNextAssign"]["id"] == 70113
    far.do(AgentJoins())
    joined = visitor.frames()[0]["data"]
    assert (joined["case"]["inboxPreAssigneeUser"], joined["preferredUserForNextAssign"]) == (None, None)


def test_a_thread_is_named_by_the_agents() -> None:
    far, visitor = conversation(mode="multi")
    assert far.do(NameThread(name="Parcel")) == {"thread": THREAD, "name": "Parcel"}
    (renamed,) = visitor.frames()
    assert (renamed["eventType"], renamed["data"]["thread"]["threadName"]) == ("ThreadUpdated", "Parcel")
