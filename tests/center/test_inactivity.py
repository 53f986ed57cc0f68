"""The question whether the customer is still there."""

import json

import pytest

from deskline_center.controls import AgentJoins, CloseContact, WarnInactive
from tests.center.visitor import Far, Visitor, Wire, names


def asked(seconds: int = 90) -> tuple[Far, Visitor, list[Wire]]:
    far = Far(mode="live")
    visitor = far.visitor()
    visitor.say()
    far.do(AgentJoins())
    visitor.frames()
    far.do(WarnInactive(seconds=seconds))
    content = visitor.frames()[-1]["data"]["message"]["messageContent"]
    return far, visitor, content["payload"]["elements"][0]["elements"]


def answer(visitor: Visitor, button: Wire, **payload: str) -> list[str]:
    content = {
        "type": "TEXT",
        "payload": {"text": button["text"], **payload},
        "parameters": {"isInactivityPopupAnswer": True},
    }
    if not payload:
        content["postback"] = button["postback"]
    return names(visitor.say(messageContent=content))


def test_six_elements_in_their_order() -> None:
    _far, _visitor, elements = asked()
    assert [e["type"] for e in elements] == ["TITLE", "TEXT", "COUNTDOWN", "TEXT", "BUTTON", "BUTTON"]
    assert elements[2]["variables"] == {"startedAt": "2026-03-04T10:20:05+00:00", "numberOfSeconds": 90}
    stay, end = (json.loads(e["postback"]) for e in elements[4:])
    assert (stay["isExpired"], end["isExpired"]) == (False, True)
    assert stay["type"] == end["type"] == "sessionExpiration"
    assert stay["workflowJobId"] == end["workflowJobId"]
    assert '"isExpired":false' in elements[4]["postback"]
    assert len({e["id"] for e in elements}) == 6


def test_the_countdown_closes_the_contact() -> None:
    far, _visitor, elements = asked(seconds=30)
    assert far.center.overview()["threads"][0]["contacts"][0]["waiting"] is True
    assert far.later(29) == []
    (closed,) = far.later(1)
    job = json.loads(elements[4]["postback"])["workflowJobId"]
    assert closed["data"]["case"]["status"] == "closed"
    assert closed["context"] == {"initiator": {"type": "workflowJob", "id": job}}
    assert far.center.next_deadline is None


@pytest.mark.parametrize("place", ["content", "payload"])
def test_staying_stops_the_countdown(place: str) -> None:
    far, visitor, elements = asked()
    more = {"postback": elements[4]["postback"]} if place == "payload" else {}
    assert answer(visitor, elements[4], **more) == ["ack", "MessageCreated"]
    assert far.later(3600) == []


def test_ending_closes_at_once() -> None:
    far, visitor, elements = asked()
    assert answer(visitor, elements[5]) == ["ack", "MessageCreated", "CaseStatusChanged"]
    assert far.later(3600) == []


def test_any_message_is_a_sign_of_life() -> None:
    far, visitor, _elements = asked()
    assert names(visitor.say("Still here")) == ["ack", "MessageCreated"]
    assert far.later(3600) == []


def test_an_answer_to_an_older_question_changes_nothing() -> None:
    far, visitor, elements = asked(seconds=30)
    far.do(WarnInactive(seconds=60))
    visitor.frames()
    assert answer(visitor, elements[5]) == ["ack", "MessageCreated"]
    assert far.later(59) == [], "the first countdown is gone"
    assert names(far.later(1)) == ["CaseStatusChanged"]


def test_an_answer_without_a_question_is_a_message() -> None:
    far, visitor, elements = asked(seconds=30)
    assert answer(visitor, elements[4]) == answer(visitor, elements[5]) == ["ack", "MessageCreated"]
    assert far.later(3600) == []


def test_closing_ends_the_countdown() -> None:
    far, visitor, elements = asked()
    far.do(CloseContact())
    assert far.later(3600) == []
    assert answer(visitor, elements[4]) == ["error"]
    assert "no open contact" in far.refused(WarnInactive())
