"""What the center sends has the keys and the kinds of values of the composed samples, no more and no less."""

import json
from pathlib import Path
from typing import Any

import pytest

from deskline_center.brightpattern import IceServer, Parameter
from deskline_center.brightpattern.controls import (
    CancelForm,
    DeleteMessage,
    PartyJoins,
    PartyLeaves,
    RequestCobrowsing,
    ScenarioSays,
    SendInfo,
    SendLocation,
    SendSignal,
    SetCase,
    SetStage,
    ShowForm,
)
from deskline_center.controls import (
    AgentJoins,
    AgentReads,
    AgentRewrites,
    AgentSays,
    AgentTypes,
    CloseContact,
    Fail,
    WarnInactive,
)
from tests.center.brightpattern.client import Desk, served

SAMPLES: dict[str, Any] = {
    line["name"]: line["message"]
    for line in map(
        json.loads, (Path(__file__).parents[2] / "core/brightpattern/samples.jsonl").read_text().splitlines()
    )
}
FILE = {"content": "aGk=", "friendlyName": "a.txt", "mimeType": "text/plain"}


def kinds(value: dict[str, Any]) -> dict[str, str]:
    return {key: type(item).__name__ for key, item in value.items()}


def everything() -> dict[str, dict[str, Any]]:
    """One event of each name, or of each name and state or type, as the poll brings it."""
    desk, client, _ = served(inactivity=None, first_stage="queued")
    client.say("My parcel is lost", "x:1")
    for control in (
        AgentReads(), AgentTypes(), AgentTypes(typing=False), PartyJoins(agent=70113), PartyLeaves(agent=70113),
        AgentSays(text="Hello"), AgentSays(text="", attachments=(FILE,)),
        AgentSays(text="", attachments=({"url": "https://cdn.example.test/a.png", "mimeType": "image/png"},)),
        ScenarioSays(text="Again?", content={"directive_id": "dir-3"}), AgentRewrites(content={"msg": "Hello again"}),
        SendLocation(url="https://maps.example.test"), SendSignal(), RequestCobrowsing(), SendInfo(), SetCase(),
        ShowForm(name="topic"), ShowForm(name="card_form", secure=True), CancelForm(), DeleteMessage(), WarnInactive(),
        SetStage(stage="completed"), SetStage(stage="failed"),
    ):  # fmt: skip
        desk.do(control)
    events = client.poll()
    ended, over, _ = served(history_after_end=60.0)
    ended.do(CloseContact())
    timed, out, _ = served()
    timed.do(WarnInactive(seconds=0))
    timed.later(0)
    return {e["event"]: e for e in (*over.poll(), *out.poll(), *events)}


EVENTS = everything()
# Not among those of one chat: a state in the place of another, and what only history has.
NAMES = sorted(name for name in SAMPLES if name.startswith("event.") and not name.endswith("own_in_history"))
# A sample whose message differs from the others of its name by a field of its own.
OWN_FIELDS = {"event.chat_session_message.buttons": {"directive_id"}, "event.chat_session_case_set.cleared": set[str]()}
FROM_THE_CLIENT = {
    "event.chat_session_cobrowsing_rejected", "event.chat_session_cobrowsing_started",
    "event.chat_session_cobrowsing_ended",
}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in NAMES if name not in FROM_THE_CLIENT])
def test_events(name: str) -> None:
    sample = {key: item for key, item in SAMPLES[name].items() if key not in OWN_FIELDS.get(name, set())}
    sent = EVENTS[sample["event"]]
    extra = {"directive_id"} if sample["event"] == "chat_session_message" else set[str]()
    assert kinds({key: item for key, item in sent.items() if key not in extra}) == kinds(sample)


def test_own_events_in_history() -> None:
    desk, client, _ = served()
    client.say("My parcel is lost", "x:1", msg_text="My parcel is lost")
    client.send("cobrowsing_started", provider_type="example", cobrowsing_url="https://cobrowse.example.test")
    client.send("cobrowsing_rejected")
    client.send("cobrowsing_ended")
    client.send("navigation", msg_id="x:5", title="Track a parcel", page="https://parcel.example.test")
    own = {e["event"]: e for e in client.history() if e.get("party_id") == client.chat}
    names = [name for name in SAMPLES if name.endswith("own_in_history")] + sorted(FROM_THE_CLIENT)
    for sample in (SAMPLES[name] for name in names):
        assert kinds(own[sample["event"]]) == kinds(sample)
    assert desk.seen()["over"] is False


ANSWERS = [
    ("rest.availability.open", "availability"),
    ("rest.active_chat", "chats/active"),
    ("rest.version", "version"),
    ("rest.poll.empty", ""),
]


@pytest.mark.parametrize(("name", "path"), ANSWERS)
def test_answers(name: str, path: str) -> None:
    desk = Desk()
    client = desk.chat()
    if path:
        assert kinds(client.get(path)) == kinds(SAMPLES[name])
    else:
        poll = client.hold()
        desk.later(10)
        answer = client.answer(poll)
        assert answer is not None
        assert json.loads(answer.body) == SAMPLES[name]


def test_the_answers_that_are_lists() -> None:
    expected = tuple(
        Parameter(name=n, type=t) for one in SAMPLES["rest.parameters"]["parameters"] for n, t in one.items()
    )
    servers = tuple(IceServer(**one) for one in SAMPLES["rest.iceservers"]["servers"])
    client = Desk(expected=expected, ice_servers=servers).client()
    assert client.get("parameters") == SAMPLES["rest.parameters"]
    assert client.get("iceservers") == SAMPLES["rest.iceservers"]
    assert kinds(client.begin()) == kinds(SAMPLES["rest.request_chat.new_queued"])
    assert kinds(client.begin()) == kinds(SAMPLES["rest.request_chat.existing"])


def test_a_case_and_its_history() -> None:
    desk = Desk()
    client = desk.chat()
    desk.do(AgentJoins())
    desk.do(SetCase())
    sample = SAMPLES["rest.case_history"]["sessions"][0]
    assert kinds(client.get("casehistory")["sessions"][0]) == kinds(sample)
    assert json.loads(client.ask("POST", "closecase").body) == SAMPLES["rest.close_case"]


@pytest.mark.parametrize("name", [name for name in SAMPLES if name.startswith("error.")])
def test_errors(name: str) -> None:
    client = Desk().client()
    client.desk.do(Fail(match="availability", code=name.removeprefix("error.")))
    answer = json.loads(client.ask("GET", "availability").body)
    assert kinds(answer) == kinds(SAMPLES[name])
    assert answer["error_code"] == SAMPLES[name]["error_code"]


@pytest.mark.parametrize("name", [name for name in SAMPLES if name.startswith("client.")])
def test_what_clients_send_is_taken(name: str) -> None:
    client = Desk().chat()
    assert client.ask("POST", client.events, {"events": [SAMPLES[name]]}).status == 200


def test_requests_are_taken() -> None:
    desk = Desk()
    client = desk.client()
    for name in ("request.request_chat", "request.request_chat.initial_message"):
        client.begin(**SAMPLES[name])
        assert client.ask("POST", client.events, SAMPLES["request.send_events"]).status == 200
        for push in ("apns", "fcm_ios", "fcm_android", "cancel"):
            body = SAMPLES[f"request.notifications.{push}"]
            assert client.ask("POST", f"chats/{client.chat}/notifications", body).status == 200
        desk.do(CloseContact())


def test_what_would_be_pushed() -> None:
    desk, client, _ = served()
    for kind, sample in (("apns", "push.apns_message"), ("fcm_android", "push.fcm_data")):
        client.ask("POST", f"chats/{client.chat}/notifications", SAMPLES[f"request.notifications.{kind}"])
        desk.do(AgentSays(text="Hello"))
        assert kinds(desk.seen()["pushed"][-1]) == kinds(SAMPLES[sample])
