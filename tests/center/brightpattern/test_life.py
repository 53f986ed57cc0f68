"""The life of a chat, what agents and the scenario do in it, and what its customer sends: sections 6 to 9."""

import json

import msgspec
import pytest

from deskline_center import Agent, Center, RequestArrived, Script
from deskline_center.brightpattern import APP_ID, BrightPatternChannel
from deskline_center.brightpattern.controls import (
    DeleteMessage,
    PartyJoins,
    PartyLeaves,
    RequestCobrowsing,
    ScenarioSays,
    SendEvents,
    SendInfo,
    SendLocation,
    SendSignal,
    SetCase,
    SetStage,
)
from deskline_center.controls import (
    AgentJoins,
    AgentLeaves,
    AgentReads,
    AgentReceives,
    AgentRewrites,
    AgentSays,
    AgentStatus,
    AgentTypes,
    AlertAgent,
    CloseContact,
    Control,
    DropSockets,
    NameThread,
    QueuePlace,
    RunScript,
    WarnInactive,
)
from deskline_center.scripts import Close, Expect, Join, Leave, Lose, Read, Say, Stream, Type, Wait, Warn
from tests.center.brightpattern.client import APP, Desk, code, names, served
from tests.center.visitor import CHANNEL, channel

NOW = "1767225600"


# who comes and goes


def test_an_agent_who_accepts_in_time_and_one_who_does_not() -> None:
    desk = Desk(accept_seconds=10)
    client = desk.chat()
    desk.do(AlertAgent())
    desk.do(AlertAgent(agent=70113))
    assert client.poll() == [{"event": "chat_session_status", "state": "connecting", "ewt": "0"}]
    desk.later(10)
    assert client.poll() == [{"event": "chat_session_status", "state": "queued", "ewt": "45"}]
    desk.do(AlertAgent())
    desk.do(AgentJoins())
    joined = {
        "event": "chat_session_party_joined", "party_id": "", "first_name": "Noor", "last_name": "Haas",
        "display_name": "Noor H.", "type": "internal", "timestamp": "1767225610",
    }  # fmt: skip
    events = client.poll()
    assert names(events) == ["status connecting", "party_joined", "status connected"]
    assert {**events[1], "party_id": ""} == joined
    desk.do(AlertAgent(agent=70113))
    desk.later(10)
    assert client.poll() == [], "an offer to another agent changes nothing for the customer"


@pytest.mark.parametrize(
    ("setting", "order"),
    [("joined_first", ["party_joined", "party_left"]), ("left_first", ["party_left", "party_joined"])],
)
def test_a_transfer_leaves_the_state_alone(setting: str, order: list[str]) -> None:
    desk, client, party = served(transfer_order=setting, party_left_type=True)
    desk.do(AgentJoins(agent=70113))
    events = client.poll()
    assert names(events) == order
    (left,) = [e for e in events if e["event"] == "chat_session_party_left"]
    assert left == {"event": "chat_session_party_left", "party_id": party, "type": "internal", "timestamp": NOW}
    desk.do(AgentJoins(agent=70113))
    assert client.poll() == [], "who is there already"
    assert desk.seen()["stage"] == "connected"


def test_an_agent_who_leaves_puts_the_chat_back_into_the_queue() -> None:
    desk, client, _ = served(inactivity=60.0)
    desk.do(WarnInactive())
    client.poll()
    desk.do(AgentLeaves())
    assert names(client.poll()) == ["party_left", "status queued"]
    desk.later(1000)
    assert client.poll() == [], "no clock runs without an agent"


def test_a_conference() -> None:
    desk, client, _ = served()
    party = desk.do(PartyJoins(agent=70113))["party"]
    expert = desk.do(PartyJoins(agent=70199, kind="msteams"))["party"]
    kinds = [(e["party_id"], e["type"], e["display_name"]) for e in client.poll()]
    assert kinds == [(party, "internal", "Ben I."), (expert, "msteams", "Pilot")]
    assert desk.refused(PartyJoins(agent=70113)) == "agent 70113 is there already"
    desk.do(PartyLeaves(agent=70113))
    assert names(client.poll()) == ["party_left"]
    for control in (PartyLeaves(agent=70113), PartyLeaves()):
        assert desk.refused(control).endswith("is not there, or has the contact")
    desk.do(AgentLeaves())
    assert names(client.poll()) == ["party_left", "status queued"]
    desk.do(CloseContact())
    assert names(client.poll()) == ["party_left", "ended"]


def test_a_bot_and_the_scenario_are_parties_of_their_own_kind() -> None:
    desk = Desk(announced=True, greeting="Welcome")
    client = desk.client()
    client.begin()
    joined, greeting, _ = client.poll()
    assert (joined["type"], joined["display_name"], joined["party_id"]) == (
        "scenario", "Harbour Goods", greeting["party_id"],
    )  # fmt: skip
    desk.do(AgentJoins(agent=70199))
    assert [e.get("type") for e in client.poll()] == [None, "scenario", None]
    client.send("disconnect")
    assert names(client.poll()) == ["party_left", "form_show"], "the scenario stays"


def test_an_agent_without_a_surname() -> None:
    center = Center(channels=(BrightPatternChannel(id=APP),), agents=(Agent(id=1, first_name="Kim"),))
    desk = Desk()
    desk.center = center
    client = desk.chat()
    desk.do(AgentJoins())
    assert [e.get("display_name") for e in client.poll()] == [None, "Kim", None]


def test_a_queue_that_is_told_again_and_any_other_state() -> None:
    desk = Desk(first_stage="ivr")
    client = desk.chat()
    assert desk.do(SetStage(ewt="90")) == {"stage": "queued", "ewt": "90"}
    assert desk.center.overview()["channels"][0]["queue"] == ["48000001"]
    desk.do(SetStage(ewt="30"))
    desk.do(SetStage(stage="parked"))
    assert [(e["state"], e["ewt"]) for e in client.poll()] == [("queued", "90"), ("queued", "30"), ("parked", "")]
    desk.do(SetStage(stage="completed"))
    assert names(client.poll()) == ["status completed"]
    assert not client.is_over
    desk.do(SetStage(stage="failed"))
    assert names(client.poll()) == ["status failed"]
    assert client.is_over
    assert desk.refused(SetStage()) == "the chat is over"


# messages


def test_messages_both_ways() -> None:
    desk, client, party = served()
    client.say("It is <br>PX-9", "m1", msg_text="It is \nPX-9", channel="web", directive_id="dir-3")
    said = desk.do(AgentSays(text="A <b>\nand c"))
    delivered, message = client.poll()
    assert delivered == {
        "event": "chat_session_message_delivered", "party_id": party, "ref_msg_id": "m1", "timestamp": NOW,
    }  # fmt: skip
    assert message == {
        "event": "chat_session_message", "party_id": party, "msg_id": said["message"], "msg": "A &lt;b&gt;<br>and c",
        "msg_text": "A <b>\nand c", "channel": "web", "timestamp": NOW,
    }  # fmt: skip
    own = [e for e in client.history() if e.get("msg_id") == "m1"]
    assert own == [
        {"event": "chat_session_message", "party_id": client.chat, "msg_id": "m1", "msg": "It is <br>PX-9",
         "msg_text": "It is \nPX-9", "channel": "web", "directive_id": "dir-3", "timestamp": NOW}
    ]  # fmt: skip


def test_a_message_as_odd_as_one_likes() -> None:
    desk, client, _ = served()
    card = {"id": "k1", "contentType": "text/html", "content": "<p>card</p>", "name": "card"}
    desk.do(AgentSays(content={"msg": "see card", "attachments": [card]}))
    desk.do(ScenarioSays(text="Again?", content={"directive_id": "dir-3"}))
    desk.do(AgentSays(text="By this id", message="mine"))
    first, second, third = client.poll()
    assert (first["attachments"], "msg_text" in first) == ([card], False)
    assert (second["msg"], second["directive_id"]) == ("Again?", "dir-3")
    assert second["party_id"] != first["party_id"]
    assert third["msg_id"] == "mine"


def test_a_message_whose_content_says_that_it_is_no_event_at_all() -> None:
    desk, client, _ = served()
    client.ask("POST", f"chats/{client.chat}/notifications", {"android_firebase_device_token": "x"})
    odds: tuple[object, ...] = ([], {"of": "what"}, 5, None)
    for odd in odds:
        desk.do(AgentSays(content={"event": odd}))
        desk.do(AgentRewrites(content={"event": odd}))
        assert [event["event"] for event in client.poll()] == [odd, odd]
    assert desk.seen()["pushed"] == []


def test_files_of_agents() -> None:
    desk, client, party = served()
    files = (
        {"content": "aGVsbG8=", "friendlyName": "note.txt", "mimeType": "text/plain"},
        {"url": "https://cdn.example.test/a.png", "mimeType": "image/png"},
    )
    desk.do(AgentSays(text="Here", attachments=files))
    message, file, link = client.poll()
    assert message["msg"] == "Here"
    assert {**file, "file_id": "", "msg_id": ""} == {
        "event": "chat_session_file", "party_id": party, "msg_id": "", "file_id": "", "file_type": "attachment",
        "file_name": "note.txt", "timestamp": NOW,
    }  # fmt: skip
    assert link == {
        "event": "chat_session_file_url", "party_id": party, "file_url": "https://cdn.example.test/a.png",
        "file_type": "image", "timestamp": NOW,
    }  # fmt: skip
    assert client.ask("GET", f"chats/{client.chat}/files/{file['file_id']}").body == b"hello"
    assert desk.refused(AgentSays(attachments=({"content": "no base64!"},))) == "an attachment's content is no base64"
    desk.do(AgentSays(text="", attachments=({"content": "aGk="},)))
    assert [e["file_name"] for e in client.poll()] == ["file"]


def test_files_and_places_of_the_customer() -> None:
    desk, client, _ = served(echo=True)
    client.send("file", msg_id="m1", file_id="F", file_type="image", file_name="a.png")
    client.send("location", msg_id="m2", latitude="59.33", longitude="18.06")
    desk.do(AgentReads())
    assert names(client.poll()) == ["file", "location"], "no receipts for them"
    file, place = client.history()[-2:]
    assert (file["file_id"], file["party_id"], place["latitude"]) == ("F", client.chat, "59.33")
    kinds = [m["content"]["event"] for m in desk.center.overview()["threads"][0]["messages"]]
    assert kinds == ["chat_session_file", "chat_session_location"]


def test_receipts_for_files() -> None:
    desk, client, _ = served(file_receipts=True)
    client.send("file", msg_id="m1", file_id="F", file_type="image", file_name="a.png")
    assert [(e["event"], e["ref_msg_id"]) for e in client.poll()] == [("chat_session_message_delivered", "m1")]
    assert desk.seen()["over"] is False


@pytest.mark.parametrize(("setting", "sender"), [("party_id", "party_id"), ("session_id", "session_id")])
def test_who_sent_a_file_in_older_servers(setting: str, sender: str) -> None:
    desk, client, party = served(file_sender=setting)
    desk.do(AgentSays(text="", attachments=({"content": "aGk="},)))
    assert client.poll()[0][sender] == party


@pytest.mark.parametrize(
    ("setting", "id", "answer"),
    [("any", "m1", (200, None)), ("empty", "m1", (500, "5500")), ("empty", "", (200, None))],
)
def test_ids_of_files_in_older_servers(setting: str, id: str, answer: object) -> None:
    client = Desk(file_ids=setting).chat()
    sent = client.send("file", msg_id=id, file_id="F", file_type="image")
    assert (sent.status, json.loads(sent.body or b"{}").get("error_code")) == answer
    assert code(client.send("file", msg_id="")) == (400, "5003")


@pytest.mark.parametrize(("setting", "told"), [("at_once", ["message_delivered"]), ("by_control", [])])
def test_delivery(setting: str, told: list[str]) -> None:
    desk = Desk(delivers=setting)
    client = desk.chat()
    client.say("Hello", "m1")
    assert client.poll() == [], "nobody is there"
    desk.do(AgentJoins())
    assert names(client.poll())[3:] == told
    desk.do(AgentReceives())
    desk.do(AgentReads())
    assert names(client.poll()) == ["message_delivered", "message_read"]


def test_edits_and_deletions() -> None:
    desk, client, party = served()
    client.say("Hello", "m1")
    said = desk.do(AgentSays(text="Helo"))["message"]
    client.poll()
    desk.do(AgentRewrites(text="Hello"))
    desk.do(AgentRewrites(message="m1", content={"msg": "***"}))
    edit, own = client.poll()
    assert edit == {
        "event": "chat_session_message_edit", "party_id": party, "ref_msg_id": said, "msg": "Hello",
        "msg_text": "Hello", "timestamp": NOW,
    }  # fmt: skip
    assert (own["party_id"], own["ref_msg_id"], own["msg"]) == (client.chat, "m1", "***")
    assert desk.do(DeleteMessage()) == {"message": said}
    assert client.poll() == [{"event": "chat_session_message_delete", "ref_msg_id": said}]
    assert desk.refused(DeleteMessage(message=said)) == f"there is no message {said!r}"


def test_typing_of_agents() -> None:
    desk, client, party = served()
    desk.do(AgentTypes())
    desk.do(AgentTypes(typing=False))
    assert [(e["event"], e["party_id"]) for e in client.poll()] == [
        ("chat_session_typing", party), ("chat_session_not_typing", party),
    ]  # fmt: skip


def test_what_the_customer_confirms() -> None:
    desk, client, _ = served()
    said = desk.do(AgentSays(text="Hello"))["message"]
    client.send("message_delivered", ref_msg_id=said)
    client.send("message_read", ref_msg_id=said)
    client.send("message_read", ref_msg_id=said)
    assert client.send("message_read", ref_msg_id="nothing").status == 200
    assert desk.seen()["receipts"] == [f"delivered {said}", *[f"read {said}"] * 2, "read nothing"]
    assert desk.center.overview()["threads"][0]["messages"][0]["seen"] is True


def test_places_signals_and_the_rest_of_what_agents_send() -> None:
    desk, client, party = served()
    desk.do(SendLocation(url="https://maps.example.test"))
    desk.do(SendLocation())
    desk.do(SendSignal(data={"type": "OFFER_CALL", "offerVideo": "true", "sdp": "v=0"}))
    desk.do(RequestCobrowsing())
    desk.do(SendInfo(service="Sales"))
    place, bare, signal, cobrowsing, info = client.poll()
    assert {**place, "msg_id": ""} == {
        "event": "chat_session_location", "msg_id": "", "party_id": party, "url": "https://maps.example.test",
        "latitude": "52.52", "longitude": "13.405", "timestamp": NOW,
    }  # fmt: skip
    assert "url" not in bare
    assert (set(signal), signal["party_id"]) == ({"event", "msg_id", "party_id", "data"}, party)
    assert set(cobrowsing) == {"event", "msg_id"}
    assert info == {"event": "chat_session_info", "service_name": "Sales"}
    assert desk.do(SendSignal())["message"].isdecimal()


@pytest.mark.parametrize("kept", [True, False])
def test_any_events_at_all(kept: bool) -> None:
    desk, client, _ = served()
    odd = ({"event": "chat_session_weather", "sky": "grey"}, {"no": "event"}, {"event": ["no", {"name": 5}]})
    desk.do(SendEvents(events=odd, kept=kept))
    assert client.poll() == list(odd)
    assert client.history()[-3:] == list(odd) if kept else odd[0] not in client.history()


@pytest.mark.parametrize("setting", [True, False])
def test_signals_of_the_customer(setting: bool) -> None:
    desk = Desk(signals_in_history=setting)
    client = desk.chat()
    client.send("signaling", msg_id="1", destination_party_id="x", data={"type": "REQUEST_CALL", "offerVideo": True})
    assert [s["data"]["type"] for s in desk.seen()["signals"]] == ["REQUEST_CALL"]
    assert ("signaling" in names(client.history())) is setting


def test_what_else_the_customer_sends_is_noted() -> None:
    desk = Desk()
    client = desk.chat()
    client.send("cobrowsing_started", provider_type="example", cobrowsing_url="https://cobrowse.example.test")
    client.send("cobrowsing_ended")
    assert client.send("weather", sky="grey").status == 200
    assert names(desk.seen()["other"]) == ["cobrowsing_started", "cobrowsing_ended", "weather"]
    assert names(client.history())[1:] == ["cobrowsing_started", "cobrowsing_ended"]


@pytest.mark.parametrize(("setting", "taken"), [("atomic", 0), ("partial", 1)])
def test_several_events_of_which_one_is_bad(setting: str, taken: int) -> None:
    client = Desk(several_events=setting).chat()
    good = {"event": "chat_session_message", "msg": "Hello", "msg_id": "m1"}
    assert code(client.ask("POST", client.events, {"events": [good, {"event": "chat_session_message"}, good]})) == (
        400, "5003",
    )  # fmt: skip
    assert names(client.history()).count("message") == taken


def test_several_events_of_which_one_ends_the_chat() -> None:
    desk = Desk()
    client = desk.chat()
    events = [{"event": "chat_session_disconnect"}, {"event": "chat_session_end"}, {"event": "chat_session_typing"}]
    assert client.ask("POST", client.events, {"events": events}).status == 200
    assert names(client.poll()) == ["form_show", "ended"]
    assert desk.center.overview()["threads"][0]["typing"] is False


# scripts, and the other vendor


def test_scripts_serve_these_chats_too() -> None:
    steps = (
        Expect(text="parcel"), Join(), Type(seconds=1), Read(), Say(text="You wrote: {heard}"),
        Stream(pieces=("On its ", "way."), seconds=1), Leave(), Join(), Warn(seconds=5), Expect(), Lose(),
        Wait(seconds=1), Close(),
    )  # fmt: skip
    desk = Desk(script="s", scripts=[Script(name="s", steps=steps)], receipts=False)
    initial = {"event": "chat_session_message", "msg": "My <b>parcel</b>", "msg_id": "1"}
    client = desk.chat(initial_message=initial)
    client.poll()
    desk.later(1)
    events = client.poll()
    assert [e["msg_text"] for e in events if e["event"] == "chat_session_message"] == [
        "You wrote: My parcel", "On its way.",
    ]  # fmt: skip
    assert names(events)[-5:] == [
        "status queued", "status connecting", "party_joined", "status connected", "timeout_warning",
    ]  # fmt: skip
    poll = client.hold()
    client.say("Yes")
    assert client.was_cut(poll)
    desk.later(1)
    assert names(client.poll()) == ["party_left", "ended"]


def test_the_script_that_is_always_there() -> None:
    desk = Desk(script="echo", receipts=False)
    client = desk.chat()
    desk.later(0.5)
    desk.later(0.5)
    client.poll()
    client.say("Anyone?")
    desk.later(0.5)
    assert client.poll()[-1]["msg_text"] == "You wrote: Anyone?"
    desk.do(RunScript(name="echo"))


@pytest.mark.parametrize(
    "control",
    [NameThread(), QueuePlace(), DropSockets(thread="{}")],
    ids=lambda control: type(control).__name__,
)
def test_what_only_the_other_vendor_has_is_impossible_here(control: Control) -> None:
    desk = Desk()
    client = desk.chat()
    named = msgspec.structs.replace(control, thread=client.chat)
    assert desk.refused(named) == "the thread cannot do that: only those on a CXoneChannel can"
    desk.do(AgentStatus(tell=True))
    assert client.poll() == []


def test_both_vendors_on_one_center() -> None:
    desk = Desk(channel())
    assert desk.refused(SetCase()) == "there is no thread yet"
    client = desk.chat()
    answer = desk.center.handle(
        RequestArrived(id="r", method="GET", path=f"/chat/1.0/brand/5150/channel/{CHANNEL}/availability"), now=desk.now
    )
    assert answer[0].status == 200  # type: ignore[union-attr]
    assert desk.do(AgentSays(text="Hello"))["contact"] == "48000001"
    assert names(client.poll()) == ["message"]
    assert Center().overview()["channels"][-1]["id"] == APP_ID
