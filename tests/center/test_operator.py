"""What the operator does, and what is impossible."""

import pytest

from deskline_center import Script
from deskline_center.controls import (
    AgentJoins,
    AgentLeaves,
    AgentReads,
    AgentSays,
    AgentStreams,
    AgentTypes,
    CloseContact,
    Control,
    Delay,
    DropSockets,
    Fail,
    Hold,
    Lose,
    QueuePlace,
    Repeat,
    RunScript,
    WarnInactive,
)
from deskline_center.scripts import Warn
from tests.center.visitor import THREAD, Far, data_of, names


def test_every_control_is_carried_out() -> None:
    assert set(Far().center._operator._carry) == set(Control.__subclasses__())


def test_handing_a_contact_over() -> None:
    far = Far(mode="live")
    visitor = far.visitor()
    visitor.say()
    visitor.frames()
    assert far.do(AgentJoins())["agent"] == 70112
    assert far.do(AgentJoins(agent=70113))["agent"] == 70113
    far.do(AgentLeaves())
    frames = visitor.frames()
    assert names(frames)[-2:] == ["CaseInboxAssigneeChanged", "SetPositionInQueue"]
    changes = [f["data"] for f in frames if f["eventType"] == "CaseInboxAssigneeChanged"]
    agents = [[d[k] and d[k]["id"] for k in ("previousInboxAssignee", "inboxAssignee")] for d in changes]
    assert agents == [[None, 70112], [70112, 70113], [70113, None]]
    data = data_of(visitor.ask("RecoverLivechat", {})[0])
    assert (data["inboxAssignee"], data["previousInboxAssignee"]["id"], data["ownerAssignee"]["id"]) == (
        None,
        70113,
        70112,
    )


@pytest.mark.parametrize(
    ("control", "reason"),
    [
        (AgentJoins(agent=1), "there is no agent 1"),
        (AgentTypes(agent=1), "there is no agent 1"),
        (AgentJoins(thread="x"), "there is no thread 'x'"),
        (AgentLeaves(), "no agent has the contact"),
    ],
)
def test_what_is_impossible_changes_nothing(control: Control, reason: str) -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    visitor.frames()
    assert far.refused(control) == reason
    assert visitor.frames() == []


def test_a_closed_contact_is_closed() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    far.do(CloseContact())
    for control in (CloseContact(), AgentJoins(), AgentLeaves()):
        assert far.refused(control) == "the thread has no open contact"
    visitor.frames()
    said = far.do(AgentSays(text="One more thing"))
    assert names(visitor.frames()) == ["CaseCreated", "MessageCreated"], "an agent's message opens a new one"
    assert said["contact"] == "48000002"


def test_an_agents_message_with_all_it_may_have() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    file = {"url": "https://files.example.test/a1", "fileName": "mug.jpg"}
    far.do(AgentSays(text="Look", agent=70199, attachments=(file,), message=THREAD))
    message = visitor.frames()[-1]["data"]["message"]
    assert message["idOnExternalPlatform"] == THREAD
    assert message["authorUser"]["isBotUser"] is True
    assert (message["attachments"][0]["friendlyName"], message["attachments"][0]["mimeType"]) == (
        "mug.jpg",
        "application/octet-stream",
    )


def test_reading_tells_how_long_it_took() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    visitor.frames()
    far.now += 245
    assert far.do(AgentReads()) == {"read": 1}
    assert far.do(AgentReads()) == {"read": 0}
    (frame,) = visitor.frames()
    assert frame["context"] == {"initiator": {"type": "user", "id": "70112"}}
    message = frame["data"]["message"]
    assert (message["isRead"], message["readAt"]) == (True, "2026-03-04T10:24:10+00:00")
    waited = {"notReflectingBusinessHours": 245, "reflectingBusinessHours": 245}
    assert message["userStatistics"] == {
        "seenAt": message["readAt"],
        "readAt": message["readAt"],
        "createdToReadSeconds": waited,
    }


def test_the_history_of_a_contact_is_bounded() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    for _ in range(120):
        far.do(AgentJoins())
    far.do(CloseContact())
    visitor.say()
    assert len(data_of(visitor.ask("RecoverThread", {})[0])["contactHistory"]) == 1
    bounded = Far(frame_limit=10_000_000)
    visitor = bounded.visitor()
    visitor.say()
    for _ in range(120):
        bounded.do(AgentJoins())
    assert len(data_of(visitor.ask("RecoverThread", {})[0])["contactHistory"]) == 100


def test_the_latest_thread_is_meant_when_none_is_named() -> None:
    far = Far(mode="multi")
    visitor = far.visitor()
    visitor.say(on=THREAD)
    visitor.say(on=THREAD.upper())
    assert far.do(CloseContact())["contact"] == "48000002"
    far.now += 1
    visitor.say(on=THREAD)
    assert far.do(CloseContact())["contact"] == "48000001"


def test_the_overview_shows_it_all() -> None:
    far = Far(mode="live")
    far.visitor().say()
    overview = far.center.overview()
    assert overview["channels"][0]["queue"] == ["48000001"]
    assert overview["threads"][0]["contacts"][0]["place"] == 1
    assert overview["threads"][0]["messages"][0]["content"]["text"] == "The handle came off."
    assert overview["sockets"][0]["authorized"] is True
    assert overview["agents"][0] == {"id": 70112, "name": "Noor Haas", "status": "online"}
    assert overview["nextDeadline"] is None


def nested(depth: int) -> dict[str, object]:
    value: dict[str, object] = {}
    for _ in range(depth):
        value = {"x": value}
    return value


@pytest.mark.parametrize(
    "control",
    [
        WarnInactive(seconds=10**400),
        WarnInactive(seconds=366 * 24 * 3600 + 1),
        AgentStreams(pieces=("a",), seconds=1e308),
        AgentStreams(pieces=("a",), seconds=float("inf")),
        Hold(match="*", seconds=float("nan")),
        Delay(match="*", seconds=-1),
        Lose(match="*", times=10**9),
        Repeat(match="*", copies=10**9),
        QueuePlace(place=10**400),
        AgentJoins(agent=10**5000),
        DropSockets(code=10**5000),
        Fail(match="*", status=10**5000),
        RunScript(script=Script(name="x", steps=(Warn(seconds=10**400),))),
        AgentSays(text="\ud800"),
        AgentSays(content={"x": object()}),
        AgentSays(content=nested(100)),
        AgentSays(content=nested(10_000)),
    ],
    ids=lambda control: type(control).__name__,
)
def test_what_no_frame_or_date_can_be_made_of_is_refused(control: Control) -> None:
    far = Far(mode="live")
    visitor = far.visitor()
    visitor.say()
    visitor.frames()
    before = far.center.next_deadline
    assert far.refused(control)
    assert (visitor.frames(), far.center.next_deadline, far.center.overview()["faults"]) == ([], before, 0)


def test_what_is_large_and_still_possible() -> None:
    far = Far(mode="live")
    visitor = far.visitor()
    visitor.say()
    for control in (WarnInactive(seconds=366 * 24 * 3600), QueuePlace(place=2**53), AgentSays(content=nested(50))):
        far.do(control)
    assert names(visitor.frames())[-3:] == ["MessageCreated", "SetPositionInQueue", "MessageCreated"]
