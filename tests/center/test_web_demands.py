"""One test per demand of the vendor's web client: CXone wire reference, section 11."""

import json
from base64 import b64encode
from datetime import datetime

import pytest

from deskline_center.controls import AgentJoins, AgentSays, AgentTypes, LosePush, ViaUrl
from tests.center.visitor import CHANNEL, THREAD, VISITOR, Far, Visitor, Wire, data_of, names

CODE = {"authorization": {"authorizationCode": "ac-7781", "codeVerifier": "v8c1"}}


def test_demand_1_identity_is_taken_from_each_frame() -> None:
    far = Far()
    visitor = Visitor(far)
    assert visitor.connect(customerId="somebody") is None
    visitor.identity = "consumerIdentity"
    visitor.authorize()
    visitor.say()
    visitor.customer = "after-a-reset"
    assert names(visitor.ask("RecoverThread", {})) == ["error"]
    assert far.center.overview()["sockets"][0]["customer"] == "after-a-reset"


def test_demand_2_success_has_no_error_and_a_postback_no_data_at_the_top() -> None:
    visitor = Far(mode="multi").visitor()
    visitor.say()
    for event in ("RecoverThread", "FetchThreadList", "LoadThreadMetadata", "ArchiveThread"):
        (frame,) = visitor.ask(event, visitor.thread())
        assert "error" not in frame
        assert set(frame) == {"eventId", "postback"}
    assert all("error" not in frame for frame in visitor.frames())


def test_demand_3_every_frame_is_json_text() -> None:
    visitor = Far().visitor()
    assert json.loads(visitor.text('{"action":"heartbeat"}')[0]) == "pong"
    for text in ("pong", "", "[]", '"ping"', "{}"):
        assert isinstance(json.loads(visitor.text(text)[0]), dict)


@pytest.mark.parametrize(("status", "refused"), [(401, True), (4401, False)])
def test_demand_4_a_bad_token_is_refused_at_the_handshake(status: int, refused: bool) -> None:
    far = Far(session="secured", handshake_refusal=status)
    visitor = Visitor(far)
    assert visitor.connect("txn.stale") == (401 if refused else None)
    assert refused is (visitor.dropped is None)
    if visitor.dropped:
        assert visitor.dropped.code == 4401
    assert far.center.overview()["sockets"] == []


def test_demand_5_queued_frames_ahead_of_the_authorization_are_tolerated() -> None:
    visitor = Far().visitor(authorize=False)
    assert visitor.text('{"action":"heartbeat"}') == ['"pong"']
    assert names(visitor.say()) == ["ack", "CaseCreated", "MessageCreated"]
    assert names(visitor.authorize()) == ["ConsumerAuthorized"]


@pytest.mark.parametrize(("setting", "first"), [("ignore", []), ("refuse", ["error"])])
def test_demand_5_or_they_are_ignored_or_refused(setting: str, first: list[str]) -> None:
    visitor = Far(before_authorization=setting).visitor(authorize=False)
    assert names(visitor.say()) == first
    assert names(visitor.authorize()) == ["ConsumerAuthorized"]
    assert names(visitor.say()) == ["ack", "CaseCreated", "MessageCreated"]


def logged_in(far: Far) -> tuple[Visitor, Wire]:
    """Return a client of a legacy OAuth session that has just reconnected, and the access token that it brings."""
    visitor = far.visitor(authorize=False)
    data = data_of(visitor.authorize(**CODE)[0])
    visitor.customer = data["consumerIdentity"]["idOnExternalPlatform"]
    visitor.close()
    assert visitor.connect() is None
    return visitor, {"accessToken": {"token": data["accessToken"]["token"]}}


def test_demand_5_a_good_access_token_ahead_of_the_authorization_proves_who_it_is() -> None:
    visitor, token = logged_in(Far(authentication="oauth", message_proof="required"))
    assert names(visitor.say(**token)) == ["ack", "CaseCreated", "MessageCreated"]
    assert names(visitor.ask("ReconnectConsumer", token)) == ["ConsumerReconnected"]


@pytest.mark.parametrize("setting", ["ignore", "refuse"])
def test_demand_5_a_token_proves_nothing_where_nothing_is_processed(setting: str) -> None:
    visitor, token = logged_in(Far(authentication="oauth", before_authorization=setting))
    assert names(visitor.say(**token)) == ([] if setting == "ignore" else ["error"])


def test_demand_5_what_proves_nothing_is_held_until_the_authorization_and_served_in_order() -> None:
    far = Far(authentication="oauth")
    visitor, token = logged_in(far)
    other = far.visitor("other", authorize=False)
    assert visitor.ask("SenderTypingStarted", visitor.thread()) == []
    assert visitor.say("queued", accessToken={"token": "at.false"}) == []
    assert visitor.say("queued") == []
    assert names(visitor.ask("ReconnectConsumer", {"accessToken": {"token": "at.false"}})) == ["error"]
    far.do(LosePush(match="ConsumerReconnected"))
    served = names(visitor.ask("ReconnectConsumer", token))
    assert served == ["ack", "error", "ack", "CaseCreated", "MessageCreated"]
    assert names(visitor.ask("FetchThreadList")) == ["ThreadListFetched"]
    assert other.frames() == []


def test_demand_5_what_is_held_at_the_first_login_is_of_whoever_logs_in() -> None:
    visitor = Far(authentication="oauth").visitor(authorize=False)
    assert visitor.ask("SenderTypingStarted", visitor.thread()) == []
    assert names(visitor.authorize(**CODE)) == ["ConsumerAuthorized", "ack"]
    assert names(visitor.ask("FetchThreadList")) == ["error"], "by now the client knows"


def test_demand_5_only_so_much_is_held() -> None:
    visitor, token = logged_in(Far(authentication="oauth"))
    assert [names(visitor.ask("FetchThreadList")) for _ in range(101)] == [[]] * 100 + [["error"]]
    assert names(visitor.ask("ReconnectConsumer", token)) == ["ConsumerReconnected"] + ["ThreadListFetched"] * 100
    visitor, token = logged_in(visitor.far)
    assert names(visitor.say("x" * 600_000)) == []
    assert names(visitor.say("x" * 600_000)) == ["error"]
    assert names(visitor.ask("FetchThreadList")) == []


def test_demand_6_legacy_sessions_learn_that_they_may_beat() -> None:
    (frame,) = Far().visitor(authorize=False).authorize()
    assert frame["authorizationStatus"] == "authorized"
    own, frame = Far(authorization_status="own_frame").visitor(authorize=False).authorize()
    assert own == {"authorizationStatus": "authorized"}
    assert "authorizationStatus" not in frame
    (frame,) = Far(authorization_status="absent").visitor(authorize=False).authorize()
    assert "authorizationStatus" not in frame


def test_demand_6_secured_sessions_beat_from_the_open_on() -> None:
    visitor = Far(session="secured").visitor()
    assert visitor.frames() == []
    assert visitor.text('{"action":"heartbeat"}') == ['"pong"']


@pytest.mark.parametrize("event_type", ["RecoverThread", "RecoverLivechat"])
def test_demand_7_newest_first_with_a_history_of_the_contact(event_type: str) -> None:
    visitor = Far(mode="live").visitor()
    for text in ("one", "two", "three"):
        visitor.far.now += 1
        visitor.say(text)
    data = data_of(visitor.ask(event_type, visitor.thread())[0])
    assert [m["messageContent"]["text"] for m in data["messages"]] == ["three", "two", "one"]
    assert isinstance(data["contactHistory"], list)


def test_demand_7_the_history_of_the_contact_may_be_left_out() -> None:
    visitor = Far(contact_history=False).visitor()
    visitor.say()
    assert data_of(visitor.ask("RecoverThread", {})[0])["contactHistory"] == []


def test_demand_7_older_pages_too() -> None:
    visitor = Far(mode="live", page_size=1).visitor()
    for text in ("one", "two", "three"):
        visitor.far.now += 1
        visitor.say(text)
    page = data_of(visitor.ask("RecoverLivechat", visitor.thread())[0])["messagesScrollToken"]
    data = data_of(visitor.ask("LoadMoreMessages", {**visitor.thread(), "scrollToken": page})[0])
    assert [m["messageContent"]["text"] for m in data["messages"]] == ["two"]
    assert data["contactHistory"] == []


def test_demand_8_pushes_name_their_thread() -> None:
    far = Far(mode="live")
    visitor = far.visitor()
    visitor.say()
    far.do(AgentJoins())
    far.do(AgentTypes())
    far.do(AgentSays(text="Hello"))
    visitor.ask("MessageSeenByConsumer", visitor.thread())
    pushes = [f for f in visitor.frames() if "eventObject" in f]
    assert len({f["eventId"] for f in pushes}) == len(pushes) == 7
    for push in pushes:
        data = push["data"]
        named = [data.get("thread", {}).get("idOnExternalPlatform")]
        named += [data.get(key, {}).get("threadIdOnExternalPlatform") for key in ("case", "message")]
        assert THREAD in named, push["eventType"]
        assert datetime.fromisoformat(push["createdAt"]).tzinfo is not None


def test_demand_9_no_message_is_to_be_fetched_again() -> None:
    far = Far()
    visitor = far.visitor()
    created = visitor.say()[2]["data"]
    assert created["brand"]["id"] == 5150
    assert created["thread"]["idOnExternalPlatform"] == THREAD
    assert created["message"]["hasAdditionalMessageContent"] is False


def test_demand_9_unless_the_message_has_more() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    far.do(AgentSays(text="A very long answer", partial=True))
    message = visitor.frames()[-1]["data"]["message"]
    assert message["hasAdditionalMessageContent"] is True
    path = f"/chat/1.0/brand/5150/messages/{message['id']}"
    (frame,) = visitor.ask("GenerateAuthorizationToken", {**visitor.thread(), "url": path})
    token = data_of(frame)["authorizationToken"]["token"]
    whole = json.loads(far.rest("GET", path, authorization=f"Bearer {token}").body)
    assert whole["hasAdditionalMessageContent"] is False
    assert whole["messageContent"]["text"] == "A very long answer"
    assert far.rest("GET", path, authorization="Bearer mt.other").status == 401
    assert far.rest("GET", path.replace(message["id"], "nobody"), authorization=f"Bearer {token}").status == 401
    assert far.rest("GET", path.replace("5150", "1"), authorization=f"Bearer {token}").status == 401


def test_demand_10_the_contact_is_known_before_typing_preview_and_end() -> None:
    visitor = Far(mode="live").visitor()
    assert names(visitor.say())[1] == "CaseCreated"
    preview = {**visitor.thread(), "messageContent": {"type": "TEXT", "payload": {"text": "The han"}}}
    assert names(visitor.ask("SendMessagePreview", preview)) == ["ack"]
    assert visitor.far.center.overview()["previews"] == {THREAD: "The han"}
    assert names(visitor.ask("EndContact", visitor.thread())) == ["ack", "CaseStatusChanged"]


def test_demand_11_typing_has_a_direction() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    visitor.frames()
    far.do(AgentTypes())
    far.do(AgentTypes(typing=False))
    started, ended = visitor.frames()
    assert (started["eventType"], ended["eventType"]) == ("SenderTypingStarted", "SenderTypingEnded")
    assert started["data"]["direction"] == ended["data"]["direction"] == "outbound"
    assert started["data"]["user"]["id"] == 70112


def test_demand_12_uploads() -> None:
    far = Far(allowed_file_size=1)
    path = f"/chat/1.0/brand/5150/channel/{CHANNEL}/attachment"
    content = b64encode(b"hello harbour").decode()
    taken = far.rest("POST", path, {"content": content, "fileName": "a note.txt", "mimeType": "text/plain"})
    assert taken.status == 200
    url = json.loads(taken.body)["fileUrl"]
    back = far.rest("GET", url.removeprefix("http://center.test"))
    assert (back.status, back.body) == (200, b"hello harbour")
    assert ("content-type", "text/plain") in back.headers
    large = b64encode(bytes(1024 * 1024 + 1)).decode()
    for refused in ({"mimeType": "video/mp4", "content": content}, {"mimeType": "image/png", "content": large}):
        answer = far.rest("POST", path, {"fileName": "x", **refused})
        assert answer.status == 200
        assert set(json.loads(answer.body)) == {"allowedFileSize", "allowedFileTypes", "isAttachmentsEnabled"}


@pytest.mark.parametrize(
    ("authentication", "body", "headers"),
    [
        ("anonymous", {"type": "anonymous", "customerIdentity": {"idOnExternalPlatform": "kit"}}, {}),
        ("anonymous", {"customerIdentity": {"idOnExternalPlatform": "kit", "firstName": "Kit"}}, {}),
        ("anonymous", b"", {}),
        ("cookie", {}, {}),
        ("oauth", {"thirdParty": {"grant_type": "authorization_code", "authorization_code": "ac"}}, {}),
    ],
)
def test_demand_13_the_token_endpoint_takes_every_body(
    authentication: str, body: object, headers: dict[str, str]
) -> None:
    far = Far(session="secured", authentication=authentication)
    query = f"storageFallback=1&visitorId={VISITOR}&brandId=5150&channelId={CHANNEL}"
    answer = far.rest("POST", "/oauth/token", body, query, **headers)
    assert answer.status == 200
    token = json.loads(answer.body)
    assert ("identityToken" in token) is (authentication == "cookie")
    visitor = Visitor(far, token["customerIdentity"]["idOnExternalPlatform"])
    assert visitor.connect(token["accessToken"]) is None
    assert names(visitor.say()) == ["ack", "CaseCreated", "MessageCreated"]


def test_demand_13_a_refresh_token_is_the_fourth_body() -> None:
    far = Far(session="secured", authentication="oauth")
    first = far.token({"thirdParty": {"grant_type": "authorization_code", "authorization_code": "ac"}})
    again = far.token({"thirdParty": {"grant_type": "refresh_token", "refresh_token": first["refresh_token"]}})
    visitor = Visitor(far, again["customerIdentity"]["idOnExternalPlatform"])
    assert visitor.connect(again["accessToken"]) is None
    assert names(visitor.say()) == ["ack", "CaseCreated", "MessageCreated"]


@pytest.mark.parametrize("way", ["cookie", "authorization"])
def test_demand_13_a_secured_cookie_or_what_stands_for_it_is_the_same_customer(way: str) -> None:
    far = Far(session="secured", authentication="cookie")
    query = f"storageFallback=1&visitorId={VISITOR}&brandId=5150&channelId={CHANNEL}"
    first = json.loads(far.rest("POST", "/oauth/token", {}, query).body)
    token = first["identityToken"]
    header = {"cookie": f"a=b; cx_digital_wi={token}"} if way == "cookie" else {"authorization": f"Bearer {token}"}
    again = json.loads(far.rest("POST", "/oauth/token", {}, query, **header).body)
    assert again["customerIdentity"] == first["customerIdentity"]
    assert json.loads(far.rest("POST", "/oauth/token", {}, query).body)["customerIdentity"] != first["customerIdentity"]


def test_demand_14_a_large_answer_keeps_its_event_id_and_may_be_overtaken() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.say()
    far.do(ViaUrl(match="ThreadRecovered"))
    (notice,) = visitor.ask("RecoverThread", {})
    asked = visitor.event_id
    overtaking = visitor.say()
    path = notice["data"]["s3Object"]["url"].removeprefix("http://center.test").partition("?")[0]
    body = json.loads(far.rest("GET", path).body)
    assert body["eventId"] == asked
    assert len(body["postback"]["data"]["messages"]) == 1
    assert names(overtaking) == ["ack", "MessageCreated"]


def test_demand_15_plain_acknowledgements() -> None:
    far = Far(mode="live")
    visitor = far.visitor()
    outbound = {
        **visitor.thread(),
        "messageContent": {"type": "TEXT", "payload": {"text": "Hello Kit"}},
        "idOnExternalPlatform": far.uuid(),
        "consumerContact": {"customFields": []},
        "browserFingerprint": {"os": "iOS"},
    }
    assert visitor.ask("SendOutbound", outbound)[0] == {"eventId": visitor.event_id}
    assert visitor.say()[0] == {"eventId": visitor.event_id}, "the answer goes ahead of the pushes"
    for event in ("UpdateThread", "SenderTypingStarted", "MessageSeenByConsumer", "SetConsumerContactCustomFields"):
        frames = visitor.ask(event, {**visitor.thread(threadName="Mug"), "customFields": []})
        assert frames[0] == {"eventId": visitor.event_id}
    text = {"messageContent": {"type": "TEXT", "payload": {"text": "The han"}}}
    for event in ("SendMessagePreview", "SenderTypingEnded", "SetConsumerCustomFields"):
        assert visitor.ask(event, {**visitor.thread(), **text, "customFields": []}) == [{"eventId": visitor.event_id}]
    assert visitor.ask("EndContact", visitor.thread())[0] == {"eventId": visitor.event_id}


def test_demand_15_or_more_than_that() -> None:
    far = Far(mode="live", anonymous_access_token=True)
    visitor = far.visitor(authorize=False)
    token = {"accessToken": data_of(visitor.authorize()[0])["accessToken"]}
    contact = {"consumerContact": {"id": data_of(visitor.say()[1])["case"]["id"]}}
    to = {"consumerRecipients": [{"idOnExternalPlatform": "kit@example.test"}]}
    left = {"messageContent": {"payload": {"text": "Call me"}}, "authorCustomerIdentity": to["consumerRecipients"][0]}
    for event, data in (("SendTranscript", contact | to), ("SendOfflineMessage", left), ("ReconnectConsumer", token)):
        (frame,) = visitor.ask(event, data)
        assert (frame["eventId"], "error" in frame) == (visitor.event_id, False)
