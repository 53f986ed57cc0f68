"""Forms, cases, pushes and the ends of a chat: Bright Pattern reference, sections 9.6, 10, 12 and 13."""

import json
from typing import Any

import pytest

from deskline_center import Script
from deskline_center.brightpattern.controls import (
    CancelForm,
    EndSession,
    SendInfo,
    SetCase,
    SetStage,
    ShowForm,
)
from deskline_center.controls import (
    AgentJoins,
    AgentSays,
    AgentTypes,
    CloseContact,
    WarnInactive,
)
from deskline_center.scripts import Close, Expect, Join, Say, Type
from tests.center.brightpattern.client import START, Desk, code, names, served

NOW = "1767225600"


# forms


def test_forms_wait_for_their_answer() -> None:
    desk, client, _ = served(late_form="refused")
    form = desk.do(ShowForm(name="topic", seconds=30))["form"]
    (shown,) = client.poll()
    assert shown == {
        "event": "chat_session_form_show", "form_request_id": form, "form_name": "topic", "form_timeout": "30",
        "channel": "web", "timestamp": NOW,
    }  # fmt: skip
    answer = {"form_request_id": form, "form_name": "topic", "data": {"topic": "parcels"}}
    assert code(client.send("secure_form_data", **answer)) == (404, None), "it is no secure one"
    assert client.send("form_data", **answer).status == 200
    assert names(client.poll()) == ["status connected"]
    assert code(client.send("form_data", **answer)) == (404, None)
    assert desk.seen()["answers"] == [answer]
    late = desk.do(ShowForm(name="topic", seconds=30))["form"]
    desk.later(30)
    assert code(client.send("form_data", form_request_id=late, data={})) == (404, None)


@pytest.mark.parametrize(("setting", "told"), [(True, ["status connected"]), (False, [])])
def test_late_answers_may_be_ignored(setting: bool, told: list[str]) -> None:
    desk, client, _ = served(status_after_form=setting)
    form = desk.do(ShowForm(name="topic"))["form"]
    desk.do(ShowForm(name="other"))
    client.poll()
    assert client.send("form_data", form_request_id=form, data={}).status == 200, "a newer one has replaced it"
    assert names(client.poll()) == told, "the vendor's web client has forgotten where the chat stands"
    assert list(desk.seen()["forms"].values()) == ["other"]
    assert client.send("chat_form_data_cancel", form_request_id=form).status == 200
    assert names(client.poll()) == told
    (other,) = desk.seen()["forms"]
    client.send("chat_form_data_cancel", form_request_id=other, form_name="other")
    assert (names(client.poll()), desk.seen()["forms"]) == (told, {})


def test_secure_forms_stand_beside_the_others() -> None:
    desk, client, _ = served()
    first = desk.do(ShowForm(name="card_form", secure=True))["form"]
    second = desk.do(ShowForm(name="card_form", secure=True))["form"]
    desk.do(ShowForm(name="topic"))
    shown = client.poll()[0]
    assert shown == {
        "event": "chat_session_secure_form_show", "form_request_id": first, "form_id": "card_form", "timestamp": NOW,
    }  # fmt: skip
    assert desk.do(CancelForm()) == {"form": second}
    assert client.poll() == [{"event": "chat_session_secure_form_cancel", "form_request_id": second}]
    assert desk.refused(CancelForm(form=second)) == "there is no such secure form"
    client.send("secure_form_cancel", form_request_id=first, form_name="card_form")
    assert list(desk.seen()["forms"].values()) == ["topic"]
    third = desk.do(ShowForm(name="card_form", secure=True))["form"]
    client.send("secure_form_data", form_request_id=third, form_name="card_form", data={"number": "000"})
    assert desk.seen()["answers"][-1]["data"] == {"number": "000"}
    assert "number" not in json.dumps(client.history()), "kept out of transcripts"


@pytest.mark.parametrize(
    ("answer", "last"),
    [("form_data", ["message", "ended"]), ("chat_form_data_cancel", ["ended"])],
)
def test_a_survey_is_the_last_thing(answer: str, last: list[str]) -> None:
    desk, client, _ = served(status_after_disconnect=True)
    client.send("disconnect")
    left, status, form = client.poll()
    assert names([left, status, form]) == ["party_left", "status ivr", "form_show"]
    client.send(answer, form_request_id=form["form_request_id"], form_name="survey_form", data={"service": "1"})
    assert names(client.poll()) == last
    assert client.is_over
    assert desk.center.overview()["threads"][0]["contacts"][0]["status"] == "closed"


def test_a_survey_waits_as_long_as_the_channel_says() -> None:
    desk, client, _ = served(survey_seconds=5)
    client.send("disconnect")
    assert client.poll()[1]["form_timeout"] == "5"
    desk.later(5)
    assert names(client.poll()) == ["ended"]


def test_a_survey_without_thanks_and_one_that_is_passed_over() -> None:
    desk, client, _ = served(thanks="")
    client.send("disconnect")
    client.poll()
    (form,) = desk.seen()["forms"]
    client.send("form_data", form_request_id=form, data={"service": "1"})
    assert names(client.poll()) == ["ended"]
    _, client, _ = served()
    client.send("disconnect")
    client.send("end")
    assert names(client.poll()) == ["party_left", "form_show", "ended"]


# the end


@pytest.mark.parametrize(("setting", "events"), [("goes_on", ["form_show"]), ("ignored", [])])
def test_a_disconnect_without_an_agent(setting: str, events: list[str]) -> None:
    desk = Desk(disconnect_alone=setting)
    client = desk.chat()
    client.send("disconnect")
    assert names(client.poll()) == events
    assert desk.center.overview()["channels"][0]["queue"] == ([] if events else ["48000001"])


def test_a_chat_that_somebody_takes_after_a_disconnect() -> None:
    desk, client, _ = served()
    client.send("disconnect")
    client.poll()
    desk.do(AgentJoins())
    assert names(client.poll()) == ["status connecting", "party_joined", "status connected"]
    desk.later(60)
    assert client.poll() == [], "no survey ends it any more"
    client.send("disconnect")
    assert names(client.poll()) == ["party_left", "form_show"]


def test_a_script_ends_when_the_customer_wants_no_agent_any_more() -> None:
    steps = (Join(), Say(text="Hello"), Expect(), Type(seconds=1), Say(text="You wrote: {heard}"), Close())
    desk = Desk(script="s", scripts=[Script(name="s", steps=steps)], receipts=False)
    client = desk.chat()
    client.say("Is anyone there?", "m1")
    assert names(client.poll())[-1] == "typing"
    client.send("disconnect")
    client.say("Never mind", "m2")
    desk.later(30)
    assert names(client.poll()) == ["party_left", "form_show"], "who has left says and closes nothing"
    assert not client.is_over


def test_an_end_while_queued() -> None:
    desk = Desk()
    client = desk.chat()
    client.send("end")
    assert names(client.poll()) == ["ended"]
    assert desk.center.overview()["channels"][0]["queue"] == []


@pytest.mark.parametrize(
    ("setting", "events"), [("ended", ["party_left", "ended"]), ("survey", ["party_left", "form_show"])]
)
def test_the_agent_closes_the_chat(setting: str, events: list[str]) -> None:
    desk, client, _ = served(after_agent=setting)
    desk.do(CloseContact())
    assert names(client.poll()) == events
    if setting == "survey":
        client.say("Anyone?")
        assert client.poll() == [], "nobody is there to whom it could be delivered"
        assert desk.refused(CloseContact()) == "the thread has no open contact"
        assert desk.do(SetStage(stage="queued")) == {"stage": "queued", "ewt": "45"}
        desk.later(60)
        assert names(client.poll()) == ["status queued", "ended"]
    assert client.is_over


@pytest.mark.parametrize(
    ("how", "events"), [("ended", ["party_left", "ended"]), ("timeout", ["inactivity_timeout"]), ("lost", [])]
)
def test_the_session_ends_otherwise(how: Any, events: list[str]) -> None:
    desk, client, _ = served()
    poll = client.hold()
    desk.do(EndSession(how=how))
    answer = client.answer(poll)
    assert answer is not None
    if events:
        assert names(json.loads(answer.body)["events"]) == events
    else:
        assert code(answer) == (404, "5005")
    assert client.is_over


def test_after_the_end_nothing_is_possible_and_a_new_chat_is() -> None:
    desk, client, _ = served()
    old = client.chat
    desk.do(CloseContact())
    for control in (AgentSays(text="Hello?"), AgentTypes(), AgentJoins(thread=old), SetCase(), SendInfo()):
        assert desk.refused(control) == "the chat is over"
    assert client.begin()["is_new_chat"] is True
    assert client.chat != old
    desk.do(AgentJoins())
    assert [chat["over"] for chat in desk.center.overview()["chats"]] == [True, False]


def test_a_warning_by_control_that_is_answered_and_one_that_is_not() -> None:
    desk, client, _ = served(receipts=False)
    assert desk.do(WarnInactive(seconds=30))["until"] == START + 30
    assert names(client.poll()) == ["timeout_warning"]
    client.say()
    desk.later(30)
    assert client.poll() == []
    desk.do(WarnInactive(seconds=30))
    desk.later(30)
    assert names(client.poll()) == ["timeout_warning", "inactivity_timeout"]


@pytest.mark.parametrize(("setting", "fields"), [("empty", {"case_id": ""}), ("absent", {})])
def test_a_case_comes_and_goes(setting: str, fields: dict[str, str]) -> None:
    desk, client, _ = served(case_cleared=setting)
    desk.do(SetCase(case="CS-1"))
    desk.do(SetCase(case=""))
    given, taken = client.poll()
    assert given == {"event": "chat_session_case_set", "case_id": "CS-1", "timestamp": NOW}
    assert taken == {"event": "chat_session_case_set", **fields, "timestamp": NOW}


# pushes


def test_a_subscription_to_nothing_is_none() -> None:
    desk = Desk()
    client = desk.chat()
    assert client.ask("POST", f"chats/{client.chat}/notifications", {"ios_app_bundle_id": "b"}).status == 200
    desk.do(AgentSays(text="Hello"))
    assert (desk.seen()["subscription"], desk.seen()["pushed"]) == ({}, [])


@pytest.mark.parametrize("setting", [True, False])
def test_a_subscription_may_keep_a_chat_alive_without_polls(setting: bool) -> None:
    desk = Desk(push_keeps_alive=setting, unresponsive=120.0)
    client = desk.chat()
    path = f"chats/{client.chat}/notifications"
    client.ask("POST", path, {"android_firebase_device_token": "x"})
    desk.later(500)
    assert client.is_over is not setting
    if setting:
        client.ask("POST", path, {})
        desk.later(120)
        assert client.is_over


@pytest.mark.parametrize(("setting", "count"), [(False, 1), (True, 2)])
def test_what_a_subscription_would_bring(setting: bool, count: int) -> None:
    desk, client, _ = served(push_while_polling=setting)
    path = f"chats/{client.chat}/notifications"
    client.ask("POST", path, {"ios_apns_device_token": "00ff", "ios_app_bundle_id": "b"})
    desk.do(AgentTypes())
    desk.do(AgentSays(text="Hello"))
    client.poll()
    client.hold()
    desk.do(AgentSays(text="Again"))
    pushed = desk.seen()["pushed"]
    assert [push["aps"]["alert"]["body"] for push in pushed] == ["Hello", "Again"][:count]
    assert pushed[0]["chatID"] == client.chat
    client.ask("POST", path, {"android_firebase_device_token": "x"})
    desk.do(WarnInactive())
    assert desk.seen()["pushed"][count:] == [{"chatID": client.chat}]
