"""What stands around a chat: transcripts, offline messages, guests, proactive actions, REST at its edges."""

import json
from typing import Any

import pytest

from deskline_center.controls import (
    AgentStatus,
    Availability,
    CloseContact,
    ProactiveAction,
    QueuePlace,
    SetFields,
)
from deskline_center.cxone import Choice, FieldDefinition, Survey, Trigger
from tests.center.strict import check
from tests.center.visitor import CHANNEL, CUSTOMER, MESSAGE, THREAD, VISITOR, Far, data_of, names

ROOT = f"/chat/1.0/brand/5150/channel/{CHANNEL}"
TO = [{"idOnExternalPlatform": "kit@example.test"}]


def test_transcripts() -> None:
    far = Far(mode="live")
    visitor = far.visitor()
    number = visitor.say()[1]["data"]["case"]["id"]
    wanted = {"consumerContact": {"id": number}, "consumerRecipients": TO}
    assert names(visitor.ask("SendTranscript", wanted)) == ["TranscriptSent"]
    assert names(visitor.ask("SendTranscript", {**wanted, "consumerRecipients": []})) == ["error"]
    assert far.center.overview()["letters"] == [{"kind": "transcript", "contact": number, "to": ["kit@example.test"]}]
    off = Far(mode="live", transcripts=False).visitor()
    off.say()
    assert off.ask("SendTranscript", wanted)[0]["error"]["errorCode"] == "SendingTranscriptFailed"


def test_offline_messages() -> None:
    far = Far(mode="live")
    visitor = far.visitor()
    message = {"messageContent": {"type": "TEXT", "payload": {"text": "Call me"}}}
    assert names(visitor.ask("SendOfflineMessage", message)) == ["error"]
    author = {**TO[0], "firstName": "Kit", "lastName": "Marlow"}
    assert names(visitor.ask("SendOfflineMessage", {**message, "authorCustomerIdentity": author})) == [
        "OfflineMessageSent"
    ]
    assert far.center.overview()["letters"] == [
        {"kind": "offline", "from": "kit@example.test", "name": "Kit Marlow", "text": "Call me"}
    ]


def test_a_guest_is_invited_takes_part_and_leaves() -> None:
    far = Far(mode="live")
    owner, guest = far.visitor(), far.visitor("guest")
    number = owner.say()[1]["data"]["case"]["id"]
    contact = {"contact": {"id": number}}
    invited = data_of(owner.ask("CreateInvitationToGroupChat", contact)[0])
    assert data_of(owner.ask("CreateInvitationToGroupChat", contact)[0]) == invited
    mail = {**contact, **invited, "recipients": TO}
    assert names(owner.ask("SendEmailInvitationToGroupChat", mail)) == ["EmailInvitationToGroupChatSent"]
    assert names(owner.ask("SendEmailInvitationToGroupChat", {**mail, "invitation": {"code": "x"}})) == ["error"]
    assert names(guest.ask("JoinGroupChat", {"invitation": {"code": "x"}})) == ["error"]
    joined = guest.ask("JoinGroupChat", invited)
    assert names(joined) == ["GroupChatJoined", "ContactRecipientsChanged"]
    assert [r["isPrimary"] for r in joined[1]["data"]["contact"]["recipients"]] == [True, False]
    assert names(guest.ask("JoinGroupChat", invited)) == ["GroupChatJoined"]
    owner.frames()
    assert names(guest.say("Hello")) == ["ack", "MessageCreated"]
    assert names(owner.frames()) == ["MessageCreated"]
    assert far.center.overview()["threads"][0]["guests"] == ["guest"]
    assert names(owner.ask("LeaveGroupChat", contact)) == ["ack"], "the owner stays"
    assert names(guest.ask("LeaveGroupChat", contact)) == ["ack", "ContactRecipientsChanged"]
    owner.say()
    assert names(guest.frames())[-1] == "ContactRecipientsChanged"
    assert names(guest.ask("LeaveGroupChat", contact)) == ["error"]
    far.do(CloseContact())
    assert names(owner.ask("SendEmailInvitationToGroupChat", mail)) == ["error"], "the code stands no more"
    assert names(owner.ask("CreateInvitationToGroupChat", contact)) == ["error"]
    assert names(guest.ask("JoinGroupChat", invited)) == ["error"]


@pytest.mark.parametrize("settings", [{"group_chat": False}, {"invitations": False}])
def test_a_channel_may_let_nobody_be_invited(settings: dict[str, Any]) -> None:
    far = Far(mode="live", **settings)
    owner = far.visitor()
    number = owner.say()[1]["data"]["case"]["id"]
    contact = {"contact": {"id": number}}
    assert names(owner.ask("CreateInvitationToGroupChat", contact)) == ["error"]
    far.center._floor.contacts[number].invitation = "H7"
    mail = {**contact, "invitation": {"code": "H7"}, "recipients": TO}
    assert names(owner.ask("SendEmailInvitationToGroupChat", mail)) == ["error"]
    joined = names(far.visitor("guest").ask("JoinGroupChat", {"invitation": {"code": "H7"}}))
    assert joined[0] == ("GroupChatJoined" if settings.get("group_chat", True) else "error")


@pytest.mark.parametrize("key", ["code", "invitationCode"])
def test_where_the_code_stands_and_what_a_joining_names_is_the_channel_s(key: str) -> None:
    far = Far(mode="live", invitation_key=key, names_joined=False)
    owner = far.visitor()
    contact = {"contact": {"id": owner.say()[1]["data"]["case"]["id"]}}
    code = data_of(owner.ask("CreateInvitationToGroupChat", contact)[0])[key]
    joined = far.visitor("guest").ask("JoinGroupChat", {"invitation": {"code": code}})
    assert joined[0]["postback"] == {"eventType": "GroupChatJoined"}


def test_agents_see_what_is_being_written_until_it_is_sent() -> None:
    content = {"messageContent": {"type": "TEXT", "payload": {"text": "The han"}}}
    for previews, seen in ((True, {THREAD: "The han"}), (False, {})):
        far = Far(mode="live", previews=previews)
        visitor = far.visitor()
        visitor.say()
        assert names(visitor.ask("SendMessagePreview", {**visitor.thread(), **content})) == ["ack"]
        assert far.center.overview()["previews"] == seen
        visitor.say("The handle")
        assert far.center.overview()["previews"] == {}


def test_triggers_fire_proactive_actions() -> None:
    welcome = ProactiveAction(text="Need a hand?", fields={"source": "welcome"})
    popup = ProactiveAction(kind="CustomPopupBox", name="Box", content={"variables": {"a": 1}}, destination="d-3")
    rules = (Trigger(on=MESSAGE, action=welcome), Trigger(on="ChatWindowOpened", action=popup))
    far = Far(triggers=rules)
    visitor = far.visitor()
    frames = visitor.ask("ExecuteTrigger", {"trigger": {"id": MESSAGE}}, destination={"id": "d-1"})
    assert names(frames) == ["ack", "FireProactiveAction"]
    assert frames[1]["data"]["destination"] == {"id": "d-1"}
    body = frames[1]["data"]["proactiveAction"]["action"]
    assert body["data"]["content"]["bodyText"] == "Need a hand?"
    assert [f["ident"] for f in body["data"]["handover"]["customFields"]] == ["source"]
    visitor.frames()
    path = f"/web-analytics/1.0/tenants/5150/visitors/{VISITOR}/events"
    far.rest("POST", path, {"type": "ChatWindowOpened", "destination": {"id": "d-2"}})
    far.rest("POST", path.replace(VISITOR, "another"), {"type": "ChatWindowOpened"})
    (fired,) = visitor.frames()
    assert fired["data"]["destination"] == {"id": "d-2"}
    assert fired["data"]["proactiveAction"]["action"]["data"]["content"]["variables"] == {"a": 1}
    stored = {"visitorEvents": [{"type": "ChatWindowOpened"}, "odd"]}
    frames = visitor.ask("StoreVisitorEvents", stored)
    assert names(frames) == ["ack", "FireProactiveAction"]
    assert frames[1]["data"]["destination"] == {"id": "d-3"}


def test_the_operator_fires_at_one_customer_or_at_all() -> None:
    far = Far()
    kit, ana = far.visitor("kit"), far.visitor("ana")
    kit.ask("FetchThreadList", {}, destination={"id": "d-1"})
    kit.frames(), ana.frames()
    assert far.do(ProactiveAction(customer="kit")) == {"sockets": 1}
    assert [f["data"]["destination"]["id"] for f in kit.frames()] == ["d-1"]
    assert far.do(ProactiveAction()) == {"sockets": 2}
    assert names(ana.frames()) == ["FireProactiveAction"]


def test_availability_is_the_operators() -> None:
    far = Far(mode="live")

    def status() -> Any:
        return json.loads(far.rest("GET", f"{ROOT}/availability").body)["status"]

    far.do(Availability(online=False))
    assert status() == "offline"
    assert json.loads(far.rest("GET", ROOT).body)["availability"] == {"status": "offline"}
    far.do(Availability(channel=CHANNEL, online=True))
    assert status() == "online"
    assert far.refused(Availability(channel="x")) == "there is no channel 'x'"
    assert json.loads(Far(online=False).rest("GET", f"{ROOT}/availability").body) == {"status": "offline"}


def test_the_state_of_agents_is_told_to_everyone_and_to_the_queue() -> None:
    far = Far(mode="live")
    visitor = far.visitor()
    visitor.say()
    visitor.frames()
    for agent in (70112, 70113, 70199):
        far.do(AgentStatus(agent=agent, status="offline"))
    far.do(AgentStatus(status="na", tell=True))
    (told,) = visitor.frames()
    assert told["data"]["userStatus"]["type"] == "na"
    far.do(QueuePlace(place=7))
    (place,) = visitor.frames()
    assert (place["data"]["positionInQueue"], place["data"]["isAnyAgentOnlineForQueue"]) == (7, False)


def test_the_first_place_may_be_zero() -> None:
    assert Far(mode="live", first_place=0).visitor().say()[3]["data"]["positionInQueue"] == 0


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/", None, 404),
        ("DELETE", ROOT, None, 404),
        ("GET", ROOT.replace("5150", "1"), None, 404),
        ("GET", ROOT.replace("5150", "1") + "/availability", None, 404),
        ("GET", ROOT.replace("5150", "1") + "/persistent-menu-items", None, 404),
        ("POST", ROOT.replace("5150", "1") + "/attachment", {}, 404),
        ("POST", ROOT + "/attachment", b"x", 400),
        ("POST", ROOT + "/attachment", {"mimeType": "text/plain", "content": "&&&"}, 400),
        ("POST", ROOT + "/attachment", {"mimeType": "text/plain"}, 400),
        ("PUT", "/web-analytics/1.0/tenants/5150/visitors/v", b"x", 400),
        ("POST", "/web-analytics/1.0/tenants/5150/visitors/v/events", b"[]", 400),
        ("GET", "/chat/large-websocket-events/5150/none.json", None, 403),
        ("GET", "/chat/files/5150/none/none", None, 404),
        ("POST", "/logger-public", {"level": "2"}, 204),
    ],
)
def test_rest_at_its_edges(method: str, path: str, body: object, status: int) -> None:
    assert Far().rest(method, path, body).status == status


def test_the_persistent_menu_is_an_array() -> None:
    menu = json.loads(Far().rest("GET", f"{ROOT}/persistent-menu-items").body)
    assert menu[0] == {"id": "m1", "label": "Track my parcel", "postback": "menu/track"}


def test_paths_without_the_chat_segment() -> None:
    assert Far().rest("GET", ROOT.removeprefix("/chat")).status == 200


def test_uploads_wrapped_into_lines_and_with_odd_names() -> None:
    far = Far()
    upload = {"content": "aGVs\nbG8=\n", "fileName": "../ä b", "mimeType": "text/plain"}
    url = json.loads(far.rest("POST", f"{ROOT}/attachment", upload).body)["fileUrl"]
    assert url.endswith("/.._a_b".replace("a", "_"))
    assert far.rest("GET", url.removeprefix("http://center.test")).body == b"hello"
    nameless = {"content": "aGVsbG8=", "mimeType": "image/odd kind\r\n"}
    url = json.loads(far.rest("POST", f"{ROOT}/attachment", nameless).body)["fileUrl"]
    back = far.rest("GET", url.removeprefix("http://center.test"))
    assert url.endswith("/file")
    assert ("content-type", "application/octet-stream") in back.headers


def test_attachments_may_be_off() -> None:
    far = Far(attachments=False)
    upload = {"content": "aGVsbG8=", "fileName": "x", "mimeType": "text/plain"}
    assert json.loads(far.rest("POST", f"{ROOT}/attachment", upload).body)["isAttachmentsEnabled"] is False


def test_the_survey_and_the_field_definitions() -> None:
    topic = FieldDefinition(
        ident="topic",
        label="Topic",
        type="tree",
        required=True,
        choices=(Choice(name="ship", value="Shipping"), Choice(name="late", value="Late", parent="ship")),
    )
    far = Far(survey=Survey(name="Before", fields=(topic,)), customer_fields=(topic,), contact_fields=(topic,))
    body = json.loads(far.rest("GET", ROOT).body)
    (field,) = body["preContactForm"]["customFields"]
    assert field["isRequired"] is True
    assert field["definition"]["values"] == [
        {"name": "ship", "value": "Shipping"},
        {"name": "late", "value": "Late", "parentId": "ship"},
    ]
    assert body["endUserCustomFields"] == body["caseCustomFields"] == [field["definition"]]


def test_fields_without_a_value_and_of_another_contact() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    nothing = {"customFields": [{"ident": "topic", "value": None}, {"ident": "size", "value": 3}]}
    assert names(visitor.ask("SetContactCustomFields", {**visitor.thread(), **nothing})) == ["ack"]
    foreign = {**visitor.thread(), **nothing, "contact": {"id": "1"}}
    assert names(visitor.ask("SetContactCustomFields", foreign)) == ["error"]
    assert far.center.overview()["threads"][0]["contacts"][0]["fields"] == {"topic": None, "size": "3"}


def test_an_agent_sets_fields_which_the_next_news_brings() -> None:
    far = Far(prefixed_fields=True)
    visitor = far.visitor()
    assert far.refused(SetFields(contact={"topic": "ship"})) == "there is no thread yet"
    number = visitor.say()[1]["data"]["case"]["id"]
    visitor.frames()
    assert far.do(SetFields(contact={"topic": "ship"}, customer={"tier": "gold"})) == {"contact": number}
    assert visitor.frames() == []
    far.do(SetFields(contact={"size": "l"}, tell=True))
    (told,) = visitor.frames()
    fields = [(field["ident"], field["value"]) for field in told["data"]["case"]["customFields"]]
    assert (told["eventType"], told["context"]["initiator"]["type"]) == ("CaseStatusChanged", "user")
    assert fields == [("topic", "ship"), ("size", "l")]
    recovered = data_of(visitor.ask("RecoverThread", visitor.thread())[0])
    assert [field["ident"] for field in recovered["contact"]["customFields"]] == [
        "contact.customFields.topic",
        "contact.customFields.size",
    ]
    assert [field["ident"] for field in recovered["customer"]["customFields"]] == ["customer.customFields.tier"]
    (customer,) = far.center.overview()["customers"]
    assert (customer["customer"], customer["fields"]) == (CUSTOMER, {"tier": "gold"})
    far.do(CloseContact())
    assert far.refused(SetFields(contact={"topic": "late"})) == "the thread has no open contact"


def test_an_offer_names_its_button_both_ways_and_takes_any_data() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.frames()
    far.do(ProactiveAction(kind="PopupBox", button="Go", data={"template": {"id": "imageLeft"}}))
    body = visitor.frames()[0]["data"]["proactiveAction"]["action"]["data"]
    assert body["callToAction"] == body["call2action"] == {"isVisible": True, "text": "Go"}
    assert body["template"] == {"id": "imageLeft"}


def test_visitor_events_can_be_read_as_they_came() -> None:
    far = Far()
    visitor = far.visitor()
    event = {"type": "PageView", "visitId": "v-1", "data": {"title": "Mugs"}}
    far.rest("POST", f"/web-analytics/1.0/tenants/5150/visitors/{VISITOR}/events", event)
    visitor.ask("StoreVisitorEvents", {"visitorEvents": [{"type": "Custom", "data": {"a": "b"}}]})
    overview = far.center.overview()
    assert overview["visitors"][VISITOR] == ["PageView", "Custom"]
    assert overview["visitorEvents"][VISITOR] == [event, {"type": "Custom", "data": {"a": "b"}}]


def test_nothing_to_recover_without_failing() -> None:
    visitor = Far(mode="live", recover_never_fails=True).visitor()
    (frame,) = visitor.ask("RecoverLivechat", {})
    assert data_of(frame) == {"messages": [], "messagesScrollToken": "", "contactHistory": []}


def test_visitors_are_forgotten_when_they_are_too_many() -> None:
    far = Far()
    for number in range(1001):
        far.rest("PUT", f"/web-analytics/1.0/tenants/5150/visitors/{number}", {})
    assert next(iter(far.center.overview()["visitors"])) == "1"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("2026-03-04T10:22:10.000z", "2026-03-04T10:22:10+00:00"),
        ("2026-03-04T12:22:10+02:00", "2026-03-04T10:22:10+00:00"),
        ("2026-03-04T10:22:10.999999", "2026-03-04T10:22:10+00:00"),
        ("0001-01-01T00:00:00+09:00", "2026-03-04T10:20:05+00:00"),
        ("yesterday", "2026-03-04T10:20:05+00:00"),
        (None, "2026-03-04T10:20:05+00:00"),
        (7, "2026-03-04T10:20:05+00:00"),
    ],
)
def test_the_date_of_a_field_is_one_that_every_client_reads(given: object, told: str) -> None:
    visitor = Far().visitor()
    visitor.say()
    field = {"ident": "topic", "value": "ship", "updatedAt": given}
    visitor.ask("SetContactCustomFields", {**visitor.thread(), "customFields": [field]})
    (recovered,) = visitor.ask("RecoverThread", visitor.thread())
    assert check(recovered) == "ThreadRecovered"
    assert [each["updatedAt"] for each in data_of(recovered)["contact"]["customFields"]] == [told]


@pytest.mark.parametrize("fallback", [7, "", None, ["x"]])
def test_what_a_client_makes_of_content_harms_no_other_client(fallback: object) -> None:
    visitor = Far().visitor()
    payload = {"text": "x", "elements": [{"type": "x"}]}
    odd = {"type": 5, "payload": payload, "fallbackText": fallback, "isAutoTranslated": "so"}
    assert [check(frame) for frame in visitor.say(messageContent=odd)] == ["ack", "CaseCreated", "MessageCreated"]
    content = data_of(visitor.ask("RecoverThread", {})[0])["messages"][0]["messageContent"]
    assert (content["type"], content["fallbackText"], content["isAutoTranslated"]) == (
        "5",
        "Unsupported message content",
        False,
    )
    own = {"type": "HOLOGRAM", "payload": payload, "fallbackText": "look up", "isAutoTranslated": True}
    assert visitor.say(messageContent=own)[1]["data"]["message"]["messageContent"].items() >= own.items()


@pytest.mark.parametrize(
    ("given", "answer", "name"),
    [({}, "error", "Mug"), ({"threadName": None}, "error", "Mug"), ({"threadName": ""}, "ack", "")],
)
def test_only_a_name_renames_a_thread(given: dict[str, Any], answer: str, name: str) -> None:
    visitor = Far(mode="multi").visitor()
    visitor.say()
    visitor.ask("UpdateThread", visitor.thread(threadName="Mug"))
    assert names(visitor.ask("UpdateThread", visitor.thread(**given))) == [answer]
    assert visitor.far.center.overview()["threads"][0]["name"] == name
