"""One test per point of the simulator checklist: CXone wire reference, section 9."""

import json
import re
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from deskline_center import AcceptSocket, SocketArrived
from deskline_center.controls import AgentJoins, AgentSays, CloseContact
from deskline_center.cxone import FieldDefinition, Survey
from tests.center.visitor import CHANNEL, CUSTOMER, MESSAGE, START, THREAD, VISITOR, Far, Visitor, data_of, names

CONFIGURATION = f"/chat/1.0/brand/5150/channel/{CHANNEL}"
MODES = ["single", "multi", "live"]
SESSIONS = ["legacy", "secured"]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("session", SESSIONS)
def test_point_1_configuration_has_what_each_client_requires(mode: str, session: str) -> None:
    survey = Survey(name="Before we start", fields=(FieldDefinition(ident="email", label="E-mail", type="email"),))
    answer = Far(mode=mode, session=session, survey=survey).rest("GET", CONFIGURATION, query="locale=en_US")
    body = json.loads(answer.body)
    settings = body["settings"]
    assert answer.status == 200
    assert settings["securedSessions"] is settings["features"]["securedSessions"] is (session == "secured")
    assert settings["features"]["isRecoverLivechatDoesNotFailEnabled"] is False
    assert body["isLiveChat"] is (mode == "live")
    assert settings["hasMultipleThreadsPerEndUser"] is (mode == "multi")
    assert body["isUnsecuredConnectionAllowed"] is (session == "legacy")
    assert (body["isAuthorizationEnabled"], body["isSecuredCookieEnabled"]) == (False, False)
    assert body["availability"] == {"status": "online"}
    assert settings["isProactiveChatEnabled"] is settings["liveChatAllowTranscript"] is True
    assert settings["fileRestrictions"]["allowedFileSize"] == "25"
    assert settings["fileRestrictions"]["isAttachmentsEnabled"] is True
    assert {"id": CHANNEL} in body["preContactForm"]["channels"]


def test_point_2_visitor_and_events_are_taken() -> None:
    far = Far()
    path = f"/web-analytics/1.0/tenants/5150/visitors/{VISITOR}"
    assert far.rest("PUT", path, {"browserFingerprint": {"os": "iOS"}}).status == 200
    assert far.rest("POST", f"{path}/events", {"type": "VisitorVisit", "data": {}}).status == 200
    assert far.center.overview()["visitors"] == {VISITOR: ["visitor", "VisitorVisit"]}


def test_point_3_token_endpoint_answers_with_the_union() -> None:
    far = Far(session="secured", authentication="oauth")
    grant = {"grant_type": "authorization_code", "authorization_code": "ac-1", "code_verifier": "v"}
    first = far.token({"thirdParty": grant})
    token = first["thirdParty"]["refresh_token"]
    body = far.token({"thirdParty": {"grant_type": "refresh_token", "refresh_token": token}})
    assert body["expiresIn"] == 600
    assert body["accessToken"] != first["accessToken"]
    assert body["customerIdentity"]["idOnExternalPlatform"] == first["customerIdentity"]["idOnExternalPlatform"]
    assert body["thirdParty"] == {k: body[k] for k in ("access_token", "refresh_token", "expires_in")}


def test_point_4_any_order_of_query_parameters_and_the_token_at_the_handshake() -> None:
    far = Far(session="secured")
    visitor = Visitor(far)
    assert visitor.connect() == 401
    assert visitor.connect("txn.false") == 401
    token = far.token()["accessToken"]
    assert visitor.connect(token, v="1.0", sdkPlatform="ios") is None
    far.now += 600
    assert visitor.connect(token) == 401


@pytest.mark.parametrize("order", [*permutations(("brandId", "channelId", "visitorId", "transactionToken"))])
def test_point_4_no_order_of_the_parameters_matters(order: tuple[str, ...]) -> None:
    far = Far(session="secured")
    values = {"brandId": "5150", "channelId": CHANNEL, "visitorId": VISITOR}
    values |= {"transactionToken": far.token()["accessToken"], "unknown": "1"}
    query = "&".join(f"{name}={values[name]}" for name in ("unknown", *order))
    assert AcceptSocket(socket="s") in far.feed(SocketArrived(socket="s", query=query))


def test_point_5_text_heartbeat_is_answered_with_exactly_pong() -> None:
    """Protocol pings are the server's: see the end-to-end tests."""
    assert Far().visitor().text('{"action":"heartbeat"}') == ['"pong"']


@pytest.mark.parametrize("key", ["customerIdentity", "consumerIdentity"])
@pytest.mark.parametrize(
    ("set_contact", "set_customer", "contact", "customer", "seen"),
    [
        ("SetContactCustomFields", "SetCustomerCustomFields", "contact", "customer", "MessageSeenByCustomer"),
        (
            "SetConsumerContactCustomFields",
            "SetConsumerCustomFields",
            "consumerContact",
            "consumer",
            "MessageSeenByConsumer",
        ),
    ],
)
def test_point_6_both_vocabularies_and_missing_data(
    key: str, set_contact: str, set_customer: str, contact: str, customer: str, seen: str
) -> None:
    far = Far()
    visitor = far.visitor()
    visitor.identity = key
    assert names(visitor.ask("RecoverThread")) == ["error"]
    fields: dict[str, Any] = {contact: {"customFields": [{"ident": "topic", "value": "mug"}]}}
    fields |= {customer: {"customFields": [{"ident": "email", "value": "kit@example.test"}]}}
    visitor.say(**fields)
    field = {"customFields": [{"ident": "colour", "value": "moss", "updatedAt": "2026-03-04T10:22:10Z"}]}
    assert visitor.ask(set_contact, {**visitor.thread(), **field, "contact": {"id": "null"}}) == [
        {"eventId": visitor.event_id}
    ]
    assert visitor.ask(set_customer, field) == [{"eventId": visitor.event_id}]
    assert visitor.ask(seen, visitor.thread()) == [{"eventId": visitor.event_id}]
    recovered = data_of(visitor.ask("RecoverThread", {"thread": {"client_type": "no_thread_id"}})[0])
    assert {f["ident"]: f["value"] for f in recovered["contact"]["customFields"]} == {"topic": "mug", "colour": "moss"}
    assert [f["ident"] for f in recovered["customer"]["customFields"]] == ["email", "colour"]
    assert recovered["contact"]["customFields"][1]["updatedAt"] == "2026-03-04T10:22:10+00:00"


BARE = [
    ("MessageSeenByCustomer", {"thread": {"idOnExternalPlatform": THREAD}}),
    ("SenderTypingStarted", {"thread": {"idOnExternalPlatform": THREAD}}),
    ("SenderTypingEnded", {"thread": {"idOnExternalPlatform": THREAD}}),
    ("SendMessagePreview", {"thread": {"idOnExternalPlatform": THREAD}, "messageContent": {"payload": {"text": "x"}}}),
    ("UpdateThread", {"thread": {"idOnExternalPlatform": THREAD, "threadName": "Mug"}}),
    ("SetCustomerCustomFields", {"customFields": []}),
    ("SetContactCustomFields", {"thread": {"idOnExternalPlatform": THREAD}, "customFields": []}),
    ("ExecuteTrigger", {"trigger": {"id": MESSAGE}}),
    ("StoreVisitorEvents", {"visitorEvents": []}),
    ("SendPageViews", {}),
    ("StoreVisitor", {}),
    ("AddVisitorTags", {}),
    ("RemoveVisitorTags", {}),
]


@pytest.mark.parametrize(("event_type", "data"), BARE, ids=[event for event, _ in BARE])
def test_point_7_bare_ack_echoes_the_event_id(event_type: str, data: dict[str, object]) -> None:
    visitor = Far().visitor()
    visitor.say()
    assert visitor.ask(event_type, data, "5B9C-Upper") == [{"eventId": "5B9C-Upper"}]


NAMED = [
    ("RecoverThread", {}, "ThreadRecovered"),
    ("RecoverLivechat", {"thread": {"idOnExternalPlatform": THREAD}}, "LivechatRecovered"),
    ("FetchThreadList", None, "ThreadListFetched"),
    ("LoadThreadMetadata", {"thread": {"idOnExternalPlatform": THREAD}}, "ThreadMetadataLoaded"),
    ("ArchiveThread", {"thread": {"idOnExternalPlatform": THREAD}}, "ThreadArchived"),
    (
        "SendTranscript",
        {"consumerContact": {"id": "48000001"}, "consumerRecipients": [{"idOnExternalPlatform": "kit@example.test"}]},
        "TranscriptSent",
    ),
    (
        "SendOfflineMessage",
        {
            "messageContent": {"payload": {"text": "Call me"}},
            "authorCustomerIdentity": {"idOnExternalPlatform": "k@e.test"},
        },
        "OfflineMessageSent",
    ),
    (
        "GenerateAuthorizationToken",
        {"thread": {"idOnExternalPlatform": THREAD}, "url": "/chat/1.0/brand/5150/messages/1"},
        "AuthorizationTokenGenerated",
    ),
]


@pytest.mark.parametrize(("event_type", "data", "answer"), NAMED, ids=[event for event, _, _ in NAMED])
def test_point_7_named_answers_echo_the_event_id(event_type: str, data: dict[str, object] | None, answer: str) -> None:
    visitor = Far().visitor()
    visitor.say()
    (frame,) = visitor.ask(event_type, data, "5B9C-Upper")
    assert frame["eventId"] == "5B9C-Upper"
    assert frame["postback"]["eventType"] == answer


EVERY_REQUEST = [
    "AuthorizeCustomer", "AuthorizeConsumer", "ReconnectCustomer", "ReconnectConsumer", "RefreshToken", "RecoverThread",
    "RecoverLivechat", "FetchThreadList", "LoadThreadMetadata", "ArchiveThread", "UpdateThread", "SendMessage",
    "SendOutbound", "LoadMoreMessages", "MessageSeenByCustomer", "MessageSeenByConsumer", "SetContactCustomFields",
    "SetConsumerContactCustomFields", "SetCustomerCustomFields", "SetConsumerCustomFields", "SenderTypingStarted",
    "SenderTypingEnded", "SendMessagePreview", "EndContact", "SendTranscript", "SendOfflineMessage",
    "CreateInvitationToGroupChat", "SendEmailInvitationToGroupChat", "JoinGroupChat", "LeaveGroupChat",
    "GenerateAuthorizationToken", "ExecuteTrigger", "StoreVisitorEvents", "SendPageViews", "StoreVisitor",
    "AddVisitorTags", "RemoveVisitorTags", "SomethingNew",
]  # fmt: skip


@pytest.mark.parametrize("data", [None, {}, {"thread": {"idOnExternalPlatform": THREAD}}], ids=["none", "empty", "one"])
@pytest.mark.parametrize("event_type", EVERY_REQUEST)
def test_point_7_whatever_is_asked_is_answered_once_under_its_event_id(
    event_type: str, data: dict[str, object] | None
) -> None:
    visitor = Far(mode="live").visitor()
    visitor.say()
    answers = [frame for frame in visitor.ask(event_type, data, "5B9C-Upper") if frame["eventId"] == "5B9C-Upper"]
    assert len(answers) == 1


def test_point_7_tokens_pages_and_groups_are_answered_by_name() -> None:
    far = Far(mode="live", page_size=1, anonymous_access_token=True)
    visitor = far.visitor(authorize=False)
    token = {"accessToken": data_of(visitor.authorize()[0])["accessToken"]}
    visitor.say()
    contact = {"contact": {"id": data_of(visitor.say()[1])["case"]["id"]}}
    page = data_of(visitor.ask("RecoverLivechat", visitor.thread())[0])["messagesScrollToken"]
    code = data_of(visitor.ask("CreateInvitationToGroupChat", contact)[0])
    mails = {"recipients": [{"idOnExternalPlatform": "ana@example.test"}]}
    answers = [
        visitor.ask(event_type, data, event_type)[0]
        for event_type, data in (
            ("RefreshToken", token),
            ("ReconnectCustomer", token),
            ("ReconnectConsumer", token),
            ("LoadMoreMessages", {**visitor.thread(), "scrollToken": page}),
            ("CreateInvitationToGroupChat", contact),
            ("SendEmailInvitationToGroupChat", {**contact, **code, **mails}),
            ("JoinGroupChat", code),
        )
    ]
    assert [(frame["eventId"], frame["postback"]["eventType"]) for frame in answers] == [
        ("RefreshToken", "TokenRefreshed"),
        ("ReconnectCustomer", "ConsumerReconnected"),
        ("ReconnectConsumer", "ConsumerReconnected"),
        ("LoadMoreMessages", "MoreMessagesLoaded"),
        ("CreateInvitationToGroupChat", "InvitationToGroupChatCreated"),
        ("SendEmailInvitationToGroupChat", "EmailInvitationToGroupChatSent"),
        ("JoinGroupChat", "GroupChatJoined"),
    ]


def test_point_8_authorized_has_status_at_the_top() -> None:
    (frame,) = Far().visitor(authorize=False).authorize()
    assert frame["status"] == "success"
    assert frame["postback"]["eventType"] == "ConsumerAuthorized"
    assert data_of(frame)["consumerIdentity"]["idOnExternalPlatform"] == CUSTOMER


@pytest.mark.parametrize(("mode", "event_type"), [("single", "RecoverThread"), ("live", "RecoverLivechat")])
def test_point_9_recovery_is_complete(mode: str, event_type: str) -> None:
    visitor = Far(mode=mode).visitor()
    visitor.say()
    data = data_of(visitor.ask(event_type, {})[0])
    assert data["contact"]["customFields"] == []
    assert data["customer"]["customFields"] == []
    assert [event["eventType"] for event in data["contactHistory"]] == ["CaseCreated"]
    assert data["messagesScrollToken"] == ""
    assert data["thread"]["channelId"] == CHANNEL
    assert data["thread"]["canAddMoreMessages"] is True
    assert data["inboxAssignee"] is data["ownerAssignee"] is None


def test_point_10_pushes_have_their_envelope() -> None:
    far = Far(mode="live")
    visitor = far.visitor()
    frames = visitor.say()[1:]
    far.do(AgentJoins())
    far.do(CloseContact())
    pushes = [f for f in frames + visitor.frames() if "eventObject" in f]
    assert {f["eventObject"] for f in pushes} == {"Case", "Message"}
    assert {f["createdAt"] for f in pushes} == {"2026-03-04T10:20:05+00:00"}
    assert {f["createdAtWithMilliseconds"] for f in pushes} == {"2026-03-04T10:20:05.204+00:00"}
    assert {(f["data"]["brand"]["id"], f["data"]["channel"]["id"]) for f in pushes} == {(5150, CHANNEL)}
    assert all(f["eventId"] for f in pushes)


def test_point_11_agents_say_what_they_are() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    far.do(AgentJoins(agent=70199))
    agent = next(f for f in visitor.frames() if f.get("eventType") == "CaseInboxAssigneeChanged")["data"][
        "inboxAssignee"
    ]
    assert (agent["isBotUser"], agent["isSurveyUser"]) == (True, False)
    assert agent["publicImageUrl"].startswith("http://center.test/")


def test_point_12_messages_have_all_their_parts() -> None:
    far = Far()
    visitor = far.visitor()
    own = data_of(visitor.say()[2])["message"]
    far.do(AgentSays(text="Sorry to hear that."))
    theirs = data_of(visitor.frames()[-1])["message"]
    for message in (own, theirs):
        assert message["attachments"] == []
        assert message["customerStatistics"] == {"seenAt": None}
        assert message["userStatistics"]["readAt"] is None
        assert message["hasAdditionalMessageContent"] is False
        assert message["messageContent"]["fallbackText"]
    assert (own["direction"], theirs["direction"]) == ("inbound", "outbound")


def test_point_13_ids_keep_their_case_and_are_uuids() -> None:
    far = Far()
    visitor = far.visitor()
    thread, message = THREAD.upper(), MESSAGE.upper()
    created = data_of(visitor.say(on=thread, message=message)[2])
    assert created["message"]["idOnExternalPlatform"] == message
    assert created["thread"]["idOnExternalPlatform"] == thread
    assert created["case"]["threadIdOnExternalPlatform"] == thread
    assert names(visitor.ask("RecoverThread", visitor.thread(THREAD))) == ["error"], "ids are compared exactly"
    assert visitor.say(on="my-thread")[0]["error"]["errorCode"] == "SendingMessageFailed"
    assert visitor.say(message="1")[0]["error"]["errorCode"] == "SendingMessageFailed"


ERRORS = [
    ("RecoverThread", "RecoveringThreadFailed"),
    ("RecoverLivechat", "RecoveringLivechatFailed"),
    ("ReconnectCustomer", "ConsumerReconnectionFailed"),
    ("ReconnectConsumer", "ConsumerReconnectionFailed"),
    ("RefreshToken", "TokenRefreshingFailed"),
    ("SendMessage", "SendingMessageFailed"),
    ("SendOutbound", "SendingOutboundFailed"),
    ("UpdateThread", "UpdatingThreadFailed"),
    ("ArchiveThread", "ArchivingThreadFailed"),
    ("SendTranscript", "SendingTranscriptFailed"),
    ("SendOfflineMessage", "SendingOfflineMessageFailed"),
    ("LoadThreadMetadata", "InconsistentData"),
    ("LoadMoreMessages", "InconsistentData"),
    ("MessageSeenByCustomer", "InconsistentData"),
    ("SetContactCustomFields", "InconsistentData"),
    ("EndContact", "InconsistentData"),
    ("CreateInvitationToGroupChat", "InconsistentData"),
    ("SendEmailInvitationToGroupChat", "InconsistentData"),
    ("JoinGroupChat", "InconsistentData"),
    ("LeaveGroupChat", "InconsistentData"),
    ("NoSuchEvent", "InconsistentData"),
]


@pytest.mark.parametrize(("event_type", "code"), ERRORS)
def test_point_14_errors_have_all_three_fields_and_a_known_code(event_type: str, code: str) -> None:
    visitor = Far().visitor()
    (frame,) = visitor.ask(event_type, visitor.thread())
    assert frame["eventId"] == visitor.event_id
    assert frame["error"]["errorCode"] == code
    assert frame["error"]["errorMessage"]
    assert frame["error"]["transactionId"]
    assert frame["inputData"] == visitor.thread()


def test_point_15_large_bodies_go_by_url_and_keep_the_event_id() -> None:
    far = Far()
    visitor = far.visitor()
    for _ in range(3):
        visitor.say("x" * 60_000)
    (frame,) = visitor.ask("RecoverThread", {})
    assert frame["eventType"] == "EventInS3"
    assert frame["eventObject"] == "S3Object"
    assert frame["createdAt"] == "2026-03-04T10:20:05.204Z"
    assert frame["data"]["originEvent"] == {"eventType": "ThreadRecovered"}
    path, _, query = frame["data"]["s3Object"]["url"].removeprefix("http://center.test").partition("?")
    body = far.rest("GET", path, query=query)
    assert body.status == 200
    assert len(body.body) > 128 * 1024
    assert json.loads(body.body)["eventId"] == frame["eventId"] == visitor.event_id
    far.now += 900
    assert far.rest("GET", path).status == 403


def test_point_15_only_what_is_over_the_limit_goes_by_url() -> None:
    assert Far().channel.frame_limit == 128 * 1024
    size = len(json.dumps(Far().visitor().say("x" * 5000)[2], separators=(",", ":")))
    for limit, event_type in ((size, "MessageCreated"), (size - 1, "EventInS3")):
        assert Far(frame_limit=limit).visitor().say("x" * 5000)[2]["eventType"] == event_type


def test_point_15_pushes_go_by_url_too() -> None:
    visitor = Far(frame_limit=600).visitor()
    visitor.say()
    pushed = visitor.frames()
    assert [f["data"]["originEvent"] for f in pushed if f.get("eventType") == "EventInS3"] == [
        {"eventType": "CaseCreated", "eventObject": "Case"},
        {"eventType": "MessageCreated", "eventObject": "Message"},
    ]


@pytest.mark.parametrize("session", SESSIONS)
@pytest.mark.parametrize("mode", MODES)
def test_point_16_first_message(mode: str, session: str) -> None:
    far = Far(mode=mode, session=session)
    visitor = far.visitor()
    waiting = ["SetPositionInQueue"] if mode == "live" else []
    assert names(visitor.say()) == ["ack", "CaseCreated", "MessageCreated", *waiting]
    assert names(visitor.say()) == ["ack", "MessageCreated"]
    visitor.frames()
    far.do(AgentJoins())
    assert names(visitor.frames()) == ["CaseInboxAssigneeChanged", "CaseStatusChanged"]


def test_point_16_places_in_the_queue_move_up() -> None:
    far = Far(mode="live")
    visitors = [far.visitor(f"customer {n}") for n in range(3)]
    for number, visitor in enumerate(visitors):
        visitor.say(on=THREAD.replace("5e6f", f"5e6{number}"))
    places = [[f["data"]["positionInQueue"] for f in v.frames() if "Queue" in f.get("eventType", "")] for v in visitors]
    assert places == [[1], [2], [3]]
    far.do(AgentJoins(thread=THREAD.replace("5e6f", "5e60")))
    moved = [[f["data"].get("positionInQueue") for f in v.frames()] for v in visitors]
    assert moved == [[None, None], [1], [2]]


def test_point_17_end_of_contact() -> None:
    visitor = Far(mode="live").visitor()
    contact = data_of(visitor.say()[1])["case"]["id"]
    ack, closed = visitor.ask("EndContact", {**visitor.thread(), "contact": {"id": contact}})
    assert ack == {"eventId": visitor.event_id}
    assert closed["eventType"] == "CaseStatusChanged"
    assert closed["data"]["case"]["status"] == "closed"
    assert closed["context"] == {"initiator": {"type": "external", "id": CUSTOMER}}


def test_point_18_missed_pushes_are_never_replayed() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    visitor.close()
    far.do(AgentSays(text="Are you there?"))
    assert visitor.connect() is None
    assert names(visitor.authorize()) == ["ConsumerAuthorized"]
    assert names(visitor.frames()) == ["ConsumerAuthorized"]
    data = data_of(visitor.ask("RecoverThread", {})[0])
    assert data["messages"][0]["messageContent"]["text"] == "Are you there?"


def test_virtual_time_is_the_only_time() -> None:
    far = Far()
    visitor = far.visitor()
    far.now = START + 86_400
    assert visitor.say()[1]["createdAt"] == "2026-03-05T10:20:05+00:00"


@pytest.mark.parametrize(("module", "points"), [("test_checklist", 18), ("test_web_demands", 15)])
def test_every_point_has_a_test_that_carries_its_number(module: str, points: int) -> None:
    text = Path(__file__).with_name(f"{module}.py").read_text("utf-8")
    assert {int(number) for number in re.findall(r"^def test_(?:point|demand)_(\d+)_", text, re.MULTILINE)} == set(
        range(1, points + 1)
    )
