"""Scripted agents."""

from typing import Any

import msgspec
import pytest

from deskline_center import ECHO, Script
from deskline_center.controls import CloseContact, RunScript
from deskline_center.scripts import Again, Close, Expect, Join, Leave, Lose, Read, Say, Step, Type, Wait, Warn
from tests.center.visitor import Far, Visitor, Wire, names


def running(*steps: Step, **settings: Any) -> tuple[Far, Visitor]:
    far = Far(script="it", scripts=[Script(name="it", steps=steps)], **settings)
    return far, far.visitor()


def texts(frames: list[Wire]) -> list[str]:
    return [f["data"]["message"]["messageContent"]["text"] for f in frames if f.get("eventType") == "MessageCreated"]


def test_a_script_begins_behind_the_opening_message() -> None:
    _far, visitor = running(Join(), Say(text="Hello"))
    joined = ["CaseInboxAssigneeChanged", "CaseStatusChanged", "MessageCreated"]
    assert names(visitor.say()) == ["ack", "CaseCreated", "MessageCreated", *joined]


def test_waiting_and_typing_take_their_time() -> None:
    far, visitor = running(Wait(seconds=1.5), Type(seconds=2), Say(text="Hello"))
    assert names(visitor.say()) == ["ack", "CaseCreated", "MessageCreated"]
    assert far.center.next_deadline == far.now + 1.5
    assert names(far.later(1.5)) == ["SenderTypingStarted"]
    assert far.center.next_deadline == far.now + 2
    assert names(far.later(1.9)) == []
    assert names(far.later(0.1)) == ["SenderTypingEnded", "MessageCreated"]
    assert far.center.next_deadline is None


def test_what_was_due_is_served_at_its_own_time() -> None:
    far, visitor = running(Wait(seconds=1), Say(text="one"), Wait(seconds=1), Say(text="two"))
    visitor.say()
    frames = far.later(3600)
    assert [f["createdAt"] for f in frames] == ["2026-03-04T10:20:06+00:00", "2026-03-04T10:20:07+00:00"]


def test_expecting_waits_for_the_right_words() -> None:
    far, visitor = running(Expect(text="please"), Say(text="{heard}!"), Close())
    visitor.say()
    assert names(visitor.say("Now!")) == ["ack", "MessageCreated"]
    assert texts(visitor.say("PLEASE"))[1:] == ["PLEASE!"]
    assert far.center.next_deadline is None


def test_messages_that_came_early_are_not_lost() -> None:
    far, visitor = running(Wait(seconds=5), Expect(), Expect(text="two"), Say(text="{heard}"))
    visitor.say("opening")
    for text in ("one", "1.5", "two"):
        visitor.say(text)
    assert texts(far.later(5)) == ["two"]


def test_two_messages_at_once_answer_one_expectation() -> None:
    _far, visitor = running(
        Expect(text="opening"),
        Expect(),
        Say(text="first: {heard}"),
        Wait(seconds=9),
        Expect(),
        Say(text="then: {heard}"),
    )
    visitor.say("opening")
    assert texts(visitor.say("one")) == ["one", "first: one"]
    assert texts(visitor.say("two")) == ["two"]
    assert texts(visitor.far.later(9)) == ["then: two"]


def test_reading_leaving_warning_and_closing() -> None:
    far, visitor = running(
        Join(agent=70113), Read(), Leave(), Join(agent=1), Warn(seconds=20), Wait(seconds=1), Close(), mode="live"
    )
    frames = visitor.say()
    assert names(frames)[4:] == [
        "CaseInboxAssigneeChanged",
        "CaseStatusChanged",
        "MessageReadChanged",
        "CaseInboxAssigneeChanged",
        "SetPositionInQueue",
        "CaseInboxAssigneeChanged",
        "MessageCreated",
    ]
    agents = [f["data"]["inboxAssignee"] for f in frames if f.get("eventType") == "CaseInboxAssigneeChanged"]
    assert [agent and agent["id"] for agent in agents] == [70113, None, 70112], "an unknown agent is the first one"
    (closed,) = far.later(1)
    assert closed["context"]["initiator"] == {"type": "user", "id": "70112"}
    assert far.later(60) == [], "the countdown ended with the contact"


def test_a_whole_content() -> None:
    card = {"type": "ADAPTIVE_CARD", "payload": {"body": []}}
    _far, visitor = running(Say(content=card))
    assert visitor.say()[-1]["data"]["message"]["messageContent"] == card


@pytest.mark.parametrize("code", [None, 4000])
def test_losing_the_socket(code: int | None) -> None:
    _far, visitor = running(Lose(code=code), Say(text="into the void"))
    visitor.say()
    assert visitor.dropped is not None
    assert visitor.dropped.code == code


def test_a_loop_without_a_wait_is_stopped() -> None:
    far, visitor = running(Say(text="x"), Again(step=-3))
    assert len(texts(visitor.say())) == 501
    assert far.later(60) == []


def test_closing_ends_the_script() -> None:
    far, visitor = running(Type(seconds=1), Say(text="never"))
    visitor.say()
    far.do(CloseContact())
    assert far.later(60) == []
    far, visitor = running(Wait(seconds=1), Say(text="never"))
    visitor.say()
    far.do(CloseContact())
    assert far.later(60) == []


def test_an_expectation_that_closing_overtakes() -> None:
    far, visitor = running(Expect(text="heard"), Say(text="never"))
    visitor.say()
    far.do(CloseContact())
    assert texts(visitor.say("new contact")) == ["new contact"], "the new contact runs a script of its own"
    assert texts(visitor.say("heard")) == ["heard", "never"]


def test_a_script_hears_what_opened_the_contact_but_not_what_opens_a_live_chat() -> None:
    _far, visitor = running(Expect(text="open"), Say(text="At nine."))
    assert texts(visitor.say("When do you open?"))[-1] == "At nine."
    _far, visitor = running(Expect(), Say(text="never"), mode="live")
    assert "never" not in texts(visitor.say())


def test_the_operator_runs_a_script_instead() -> None:
    far, visitor = running(Wait(seconds=1), Say(text="the channel's"))
    visitor.say()
    given = Script(name="given", steps=(Say(text="the operator's"),))
    assert far.do(RunScript(script=given))["script"] == "given"
    assert texts(visitor.frames())[1:] == ["the operator's"]
    assert far.later(10) == []
    assert far.do(RunScript(name="echo"))["script"] == "echo"
    assert far.refused(RunScript(name="nobody's")) == "there is no script 'nobody\\'s'".replace(
        "'nobody\\'s'", '"nobody\'s"'
    )


def test_the_stock_script_echoes() -> None:
    far = Far(script="echo")
    visitor = far.visitor()
    visitor.say("A cup")
    assert texts(far.later(2)) == [ECHO.steps[4].text, "You wrote: A cup"]  # type: ignore[union-attr]
    assert "MessageReadChanged" in names(visitor.say("A mug"))
    assert texts(far.later(2)) == ["You wrote: A mug"]
    visitor.say("Two")
    assert texts(far.later(2)) == ["You wrote: Two"]


def test_scripts_are_data() -> None:
    text = msgspec.json.encode(ECHO)
    assert msgspec.json.decode(text, type=Script) == ECHO
    assert b'{"do":"wait","seconds":0.5},{"do":"join","agent":0},{"do":"read"}' in text
