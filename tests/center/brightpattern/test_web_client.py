"""One test per demand of the vendor's web client, under the prefix of v1: Bright Pattern reference, section 23."""

import json
import re
from pathlib import Path

import pytest

from deskline_center.brightpattern.controls import CutPolls, SetStage, ShowForm
from deskline_center.controls import AgentJoins, AgentSays, AgentTypes, CloseContact, Lose
from tests.center.brightpattern.client import APP, Client, Desk, authorization, code, names

ORIGIN = "https://shop.example.test"


def page(desk: Desk) -> Client:
    """A browser, known by its cookie alone."""
    client = desk.client(version="v1")
    client.headers = {"authorization": authorization("WebChat"), "origin": ORIGIN}
    answer = client.ask("GET", "availability")
    client.headers["cookie"] = dict(answer.headers)["set-cookie"].partition(";")[0]
    return client


def chatting(desk: Desk) -> Client:
    client = page(desk)
    client.begin()
    desk.do(AgentJoins())
    client.poll()
    return client


@pytest.mark.parametrize(
    ("setting", "keys"), [("object", {"name", "definition", "styles", "cobrowsing"}), ("widgets", {"widgets"})]
)
def test_demand_1_the_configuration_is_one_object(setting: str, keys: set[str]) -> None:
    answer = page(Desk(configuration=setting)).get("configuration")
    assert set(answer) == keys
    if setting == "object":
        assert {"chatInitiations", "forms", "chatWidgetStyling"} <= set(answer["definition"])
    else:
        assert "contact_tab" in answer["widgets"][0]["definition"]


def test_demand_2_ice_servers_behind_two_slashes() -> None:
    client = page(Desk())
    servers = {"servers": [{"url": "stun:stun.center.test:3478"}]}
    assert client.get("/clientweb/api/v1//iceservers", query="tenantUrl=acme.test&sessionId=x") == servers


def test_demand_3_files_and_pictures_are_plain_links() -> None:
    desk = Desk()
    client = chatting(desk)
    file = client.desk.do(AgentSays(text="", attachments=({"content": "aGk=", "mimeType": "image/png"},)))
    assert file
    (shown,) = client.poll()
    (party,) = desk.seen()["parties"]
    client.headers = {}
    for path in (f"files/{shown['file_id']}", f"profilephotos/{party}", "chaticon"):
        answer = client.ask("GET", f"chats/{client.chat}/{path}", query="")
        assert (answer.status, dict(answer.headers)["content-type"]) == (200, "image/png")


def test_demand_4_the_upload_answer_has_the_name() -> None:
    client = page(Desk())
    body = b'--x\r\ncontent-disposition: form-data; name="file-upload-input"; filename="a.png"\r\n\r\nhi\r\n--x--\r\n'
    client.headers["content-type"] = "multipart/form-data; boundary=x"
    assert json.loads(client.ask("POST", "files", body).body)["file_name"] == "a.png"


def test_demand_5_every_answer_is_labelled_json_and_error_codes_are_strings() -> None:
    client = page(Desk())
    refused = client.ask("GET", "chats/active")
    assert json.loads(refused.body)["error_code"] == "5005"
    client.begin()
    answers = [refused, client.ask("GET", client.events), client.send("typing"), client.ask("GET", "nothing")]
    client.version = "v2"
    answers += [client.send("typing")]
    assert [dict(answer.headers)["content-type"] for answer in answers] == ["application/json"] * 5


def test_demand_5_or_bare_numbers_as_in_older_servers() -> None:
    assert code(page(Desk(error_codes="number")).ask("GET", "chats/active")) == (404, 5005)


def test_demand_6_an_empty_poll_is_an_empty_array_in_less_than_13_seconds() -> None:
    desk = Desk()
    client = chatting(desk)
    poll = client.hold()
    desk.later(12.9)
    answer = client.answer(poll)
    assert answer is not None
    assert (answer.status, json.loads(answer.body)) == (200, {"events": []})


def test_demand_7_history_has_states_forms_navigation_and_parties() -> None:
    desk = Desk()
    client = chatting(desk)
    client.send("navigation", msg_id="1", title="Shop", page=ORIGIN)
    desk.do(ShowForm(name="topic"))
    assert names(client.history()) == [
        "status queued", "status connecting", "party_joined", "status connected", "navigation", "form_show",
    ]  # fmt: skip
    assert client.history()[4]["party_id"] == client.chat


def test_demand_8_history_of_an_ended_chat_is_refused() -> None:
    desk = Desk()
    client = chatting(desk)
    desk.do(CloseContact())
    assert client.is_over
    assert client.begin()["is_new_chat"] is True


def test_demand_9_the_own_end_is_followed_by_ended() -> None:
    client = chatting(Desk())
    client.send("end")
    assert names(client.poll()) == ["ended"]


def test_demand_10_ids_never_fall_below_the_clients_next_one() -> None:
    desk = Desk(greeting="Welcome")
    client = page(desk)
    client.begin()
    ids = [int(client.poll()[0]["msg_id"])]
    for own in (1, 3, 5):
        client.say("Hi", str(own))
        desk.do(AgentSays(text="Hello"))
        ids += [int(e["msg_id"]) for e in client.poll() if e["event"].endswith("_message") and "msg" in e]
    assert ids[0] == 0, "the greeting"
    assert all(id >= own + 2 for id, own in zip(ids[1:], (1, 3, 5), strict=True))
    assert ids == sorted(set(ids))


def test_demand_11_a_text_is_no_answer_to_a_question_for_free_text() -> None:
    desk = Desk()
    client = chatting(desk)
    form = desk.do(ShowForm())["form"]
    asked = {"form_request_id": form, "form_name": ""}
    assert client.send("form_data", **asked, data="Form not found").status == 200
    assert desk.seen()["forms"] == {form: ""}
    assert client.send("form_data", **asked, data={"text": "Parcels"}).status == 200
    assert desk.seen()["forms"] == {}
    assert desk.seen()["answers"] == [{**asked, "data": "Form not found"}, {**asked, "data": {"text": "Parcels"}}]


@pytest.mark.parametrize(("setting", "told"), [(True, ["status connected"]), (False, [])])
def test_demand_12_behind_a_form_the_state_is_told_again(setting: bool, told: list[str]) -> None:
    desk = Desk(status_after_form=setting)
    client = chatting(desk)
    form = desk.do(ShowForm(name="topic"))["form"]
    client.poll()
    assert client.send("form_data", form_request_id=form, form_name="topic", data="Form not found").status == 200
    assert names(client.poll()) == told


def test_demand_13_warning_and_timeout_have_a_text_all_the_same() -> None:
    desk = Desk(inactivity=60.0)
    client = chatting(desk)
    texts = []
    for _ in range(2):
        desk.later(30)
        texts += [e["msg"] for e in client.poll()]
    assert texts == ["Are you still there?", "The chat was closed, since nobody answered."]


def test_demand_14_connected_is_told_and_agents_who_type_are_announced_as_internal() -> None:
    desk = Desk()
    client = page(desk)
    client.begin()
    desk.do(AgentJoins())
    events = client.poll()
    assert "status connected" in names(events)
    (joined,) = [e for e in events if e["event"] == "chat_session_party_joined"]
    desk.do(AgentTypes())
    assert (joined["type"], joined["party_id"]) == ("internal", client.poll()[0]["party_id"])


def test_demand_15_the_inactivity_timeout_is_spelt_right() -> None:
    desk = Desk(inactivity=60.0, warning_text="")
    client = chatting(desk)
    desk.later(60)
    assert client.poll()[0]["event"] == "chat_session_inactivity_timeout"


def test_demand_16_typing_with_and_without_text() -> None:
    desk = Desk()
    client = chatting(desk)
    seen = []
    for name, text in (("typing", {}), ("typing", {"msg": "My pa"}), ("not_typing", {}), ("typing", {})):
        client.send(name, **text)
        seen.append((desk.center.overview()["threads"][0]["typing"], desk.seen()["preview"]))
    assert seen == [(True, ""), (True, "My pa"), (False, ""), (True, "")]


def test_demand_17_attaching_again_brings_nothing_twice() -> None:
    desk = Desk()
    client = chatting(desk)
    desk.do(AgentSays(text="Hello"))
    assert "message" in names(client.history()), "the probe"
    assert names(client.poll()) == ["message"], "what nobody has polled yet"
    client.send("navigation", msg_id="1", title="Shop", page=ORIGIN)
    assert names(client.history())[-2:] == ["message", "navigation"]
    assert client.poll() == []


@pytest.mark.parametrize("way", ["cut", "gone"])
def test_demand_18_what_happens_after_a_broken_poll_waits_for_the_next(way: str) -> None:
    desk = Desk()
    client = chatting(desk)
    poll = client.hold()
    if way == "cut":
        assert desk.do(CutPolls()) == {"polls": 1}
        assert client.was_cut(poll)
        assert desk.do(CutPolls()) == {"polls": 0}
    client.gone(poll)
    desk.do(AgentSays(text="Hello"))
    assert names(client.poll()) == ["message"]


def test_demand_19_a_second_tab_relies_on_the_cookie() -> None:
    desk = Desk()
    first = page(desk)
    begun = first.begin()
    assert begun["is_new_chat"] is True
    second = desk.client(version="v1")
    second.headers = {**first.headers, "cookie": f"other=1; {first.headers['cookie']}"}
    again = second.begin()
    assert (again["chat_id"], again["is_new_chat"]) == (begun["chat_id"], False)
    stranger = page(desk)
    assert stranger.begin()["chat_id"] != begun["chat_id"]


def test_demand_19_the_cookie_may_be_set_on_any_answer() -> None:
    client = Desk().client()
    client.headers = {"authorization": authorization("WebChat")}
    answer = client.ask("POST", "chats", {})
    cookie = dict(answer.headers)["set-cookie"]
    assert cookie.endswith("HttpOnly; SameSite=Lax")
    client.headers["origin"] = ORIGIN
    cookie = dict(client.ask("GET", "chats/active").headers)["set-cookie"]
    assert cookie.endswith("HttpOnly; SameSite=None; Secure")
    client.headers["cookie"] = cookie
    assert "set-cookie" not in dict(client.ask("GET", "availability").headers)
    client.headers["cookie"] = cookie.replace("=", "=" + "x" * 2048, 1)
    assert "set-cookie" in dict(client.ask("GET", "availability").headers), "nobody is known by that"


def test_demand_20_a_preflight_and_the_exact_origin() -> None:
    client = Desk().client()
    client.headers = {"origin": ORIGIN, "access-control-request-headers": "authorization,content-type"}
    answer = client.ask("OPTIONS", "chats")
    headers = dict(answer.headers)
    assert answer.status == 204
    assert headers["access-control-allow-origin"] == ORIGIN
    assert headers["access-control-allow-credentials"] == "true"
    assert headers["access-control-allow-headers"] == "authorization,content-type"
    client.headers = {"origin": ORIGIN, "authorization": authorization()}
    assert dict(client.ask("GET", "availability").headers)["access-control-allow-origin"] == ORIGIN


def test_demand_21_the_first_message_comes_with_the_request() -> None:
    desk = Desk(greeting="Welcome")
    client = page(desk)
    initial = {"event": "chat_session_message", "msg": "Where &amp; when?<br>Please", "msg_id": "1"}
    client.begin(parameters={"message": "Where & when?", "location": {}}, initial_message=initial)
    first, greeting, _ = client.history()
    assert (first["msg"], first["party_id"], first["msg_id"]) == (initial["msg"], client.chat, "1")
    assert first["msg_text"] == "Where & when?\nPlease"
    assert int(greeting["msg_id"]) > 1
    assert desk.seen()["asked"]["parameters"] == {"message": "Where & when?", "location": {}}


def test_demand_21_a_first_message_that_is_none_is_passed_over() -> None:
    client = page(Desk())
    client.begin(initial_message={"event": "chat_session_message"})
    assert names(client.history()) == ["status queued"]


def test_demand_22_a_client_that_stumbles_over_a_survey_can_go_without() -> None:
    """It throws on ``survey_form`` and polls again only after its timer: another name spares it that."""
    desk = Desk(survey="feedback")
    client = chatting(desk)
    client.send("disconnect")
    assert [e.get("form_name") for e in client.poll()] == [None, "feedback"]
    bare = chatting(Desk(survey=""))
    bare.send("disconnect")
    assert names(bare.poll()) == ["party_left", "ended"]


def test_demand_22_a_client_that_ignores_failed_polls_finds_the_events_later() -> None:
    desk = Desk()
    client = chatting(desk)
    desk.do(Lose(match="poll", done=False))
    desk.do(SetStage(stage="connected"))
    assert client.was_cut(client.arrive("GET", client.events))
    assert names(client.poll()) == ["status connected"]
    assert desk.seen()["channel"] == APP


def test_every_demand_has_a_test_that_carries_its_number() -> None:
    text = Path(__file__).read_text("utf-8")
    assert {int(n) for n in re.findall(r"^def test_demand_(\d+)_", text, re.MULTILINE)} == set(range(1, 23))
