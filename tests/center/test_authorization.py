"""Who it is: OAuth, cookies, access tokens, foreign identities."""

import json

import pytest

from tests.center.visitor import CHANNEL, VISITOR, Far, Visitor, data_of, names

CODE = {"authorization": {"authorizationCode": "ac-7781", "codeVerifier": "v8c1"}}


def test_legacy_oauth_gives_an_identity_and_a_token() -> None:
    far = Far(authentication="oauth")
    visitor = Visitor(far)
    assert visitor.connect() is None
    assert visitor.authorize()[0]["error"]["errorCode"] == "CustomerAuthorizationFailed"
    (frame,) = visitor.authorize(**CODE)
    data = data_of(frame)
    identity = data["consumerIdentity"]["idOnExternalPlatform"]
    assert len(identity) == 64
    assert data["accessToken"]["expiresIn"] == 3600
    assert names(visitor.say()) == ["error"], "the frame names another customer"
    visitor.customer = identity
    assert names(visitor.say(accessToken={"token": data["accessToken"]["token"]})) == [
        "ack",
        "CaseCreated",
        "MessageCreated",
    ]
    again = Visitor(far)
    assert again.connect() is None
    assert data_of(again.authorize(**CODE)[0])["consumerIdentity"]["idOnExternalPlatform"] == identity


def test_an_unauthorized_oauth_socket_gets_no_pushes_by_naming_somebody() -> None:
    far = Far(authentication="oauth")
    owner = Visitor(far)
    assert owner.connect() is None
    owner.customer = data_of(owner.authorize(**CODE)[0])["consumerIdentity"]["idOnExternalPlatform"]
    spy = Visitor(far, owner.customer)
    assert spy.connect() is None
    assert names(spy.ask("ReconnectConsumer", {"accessToken": {"token": "guessed"}})) == ["error"]
    owner.say()
    assert names(spy.frames()) == ["error"]


def test_reconnecting_and_refreshing() -> None:
    far = Far(authentication="oauth")
    first = Visitor(far)
    assert first.connect() is None
    data = data_of(first.authorize(**CODE)[0])
    token, identity = data["accessToken"]["token"], data["consumerIdentity"]["idOnExternalPlatform"]
    second = Visitor(far, identity)
    assert second.connect() is None
    assert names(second.ask("ReconnectCustomer", {"accessToken": {"token": token}})) == ["ConsumerReconnected"]
    assert names(second.say()) == ["ack", "CaseCreated", "MessageCreated"]
    renewed = data_of(second.ask("RefreshToken", {"accessToken": {"token": token}})[0])["accessToken"]["token"]
    far.now += 3600
    for event, code in (("ReconnectConsumer", "ConsumerReconnectionFailed"), ("RefreshToken", "TokenRefreshingFailed")):
        (error,) = second.ask(event, {"accessToken": {"token": renewed}})
        assert error["error"]["errorCode"] == code
    (error,) = second.ask("ReconnectConsumer", {})
    assert error["error"]["errorCode"] == "ConsumerReconnectionFailed"


def test_anonymous_customers_must_say_who_they_are() -> None:
    visitor = Visitor(Far())
    visitor.customer = ""
    assert visitor.connect() is None
    assert visitor.authorize()[0]["error"]["errorCode"] == "CustomerAuthorizationFailed"
    assert visitor.ask("AuthorizeConsumer", {})[0]["error"]["errorCode"] == "ConsumerAuthorizationFailed"
    assert names(visitor.ask("FetchThreadList")) == ["error"]
    visitor.customer = "kit"
    assert names(visitor.ask("FetchThreadList")) == ["ThreadListFetched"]
    visitor.customer = ""
    assert names(visitor.ask("FetchThreadList")) == ["ThreadListFetched"], "the socket knows by now"


@pytest.mark.parametrize(("setting", "answer"), [("refuse", ["error"]), ("accept", ["ThreadListFetched"])])
def test_secured_frames_that_name_somebody_else(setting: str, answer: list[str]) -> None:
    far = Far(session="secured", foreign_identity=setting)
    visitor = far.visitor()
    assert names(visitor.ask("FetchThreadList")) == ["ThreadListFetched"]
    visitor.customer = "somebody-else"
    assert names(visitor.ask("FetchThreadList")) == answer


def test_a_secured_channel_may_admit_legacy_sessions() -> None:
    far = Far(session="secured", unsecured_allowed=True)
    visitor = Visitor(far)
    assert visitor.connect("txn.false") == 401
    assert visitor.connect() is None
    assert names(visitor.authorize()) == ["ConsumerAuthorized"]


def test_a_legacy_channel_takes_a_good_token_too() -> None:
    far = Far()
    visitor = Visitor(far)
    token = far.token({"customerIdentity": {"idOnExternalPlatform": visitor.customer}})["accessToken"]
    assert visitor.connect(token) is None
    assert names(visitor.say()) == ["ack", "CaseCreated", "MessageCreated"]


def test_the_token_answer_knows_the_customer() -> None:
    far = Far(session="secured")
    visitor = far.visitor()
    visitor.ask("SetCustomerCustomFields", {"customFields": [{"ident": "email", "value": "k@e.test"}, {"value": "x"}]})
    who = {"idOnExternalPlatform": visitor.customer, "firstName": "Kit", "lastName": "Marlow"}
    identity = far.token({"customerIdentity": who})["customerIdentity"]
    assert (identity["firstName"], identity["lastName"]) == ("Kit", "Marlow")
    assert [(f["ident"], f["value"]) for f in identity["customFields"]] == [("email", "k@e.test")]


def test_the_cookie_and_what_stands_in_for_it() -> None:
    far = Far(session="secured", authentication="cookie")
    query = f"brandId=5150&channelId={CHANNEL}&visitorId={VISITOR}"
    first = far.rest("POST", "/oauth/token", {}, query)
    cookie = dict(first.headers)["set-cookie"].partition(";")[0]
    identity = json.loads(first.body)["customerIdentity"]["idOnExternalPlatform"]
    assert far.token({}, cookie=f"a=b; {cookie}")["customerIdentity"]["idOnExternalPlatform"] == identity
    assert far.token({})["customerIdentity"]["idOnExternalPlatform"] != identity
    token = cookie.partition("=")[2]
    assert far.token({}, authorization=f"Bearer {token}")["customerIdentity"]["idOnExternalPlatform"] == identity


@pytest.mark.parametrize(
    ("grant", "status"),
    [
        ({}, 401),
        ({"grant_type": "authorization_code"}, 401),
        ({"grant_type": "refresh_token", "refresh_token": "rt.false"}, 401),
        ({"grant_type": "implicit"}, 401),
    ],
)
def test_grants_that_are_refused(grant: dict[str, str], status: int) -> None:
    far = Far(session="secured", authentication="oauth")
    query = f"brandId=5150&channelId={CHANNEL}&visitorId={VISITOR}"
    answer = far.rest("POST", "/oauth/token", {"thirdParty": grant}, query)
    assert (answer.status, json.loads(answer.body)) == (status, {"error": "invalid_grant"})


@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("", {}),
        (f"brandId=5150&channelId={CHANNEL}", {}),
        (f"brandId=1&channelId={CHANNEL}&visitorId=v", {}),
        (f"brandId=5150&channelId={CHANNEL}&visitorId=v", b"not json"),
        (f"brandId=5150&channelId={CHANNEL}&visitorId=v", []),
    ],
)
def test_token_requests_that_make_no_sense(query: str, body: object) -> None:
    assert Far(session="secured").rest("POST", "/oauth/token", body, query).status == 400


def test_tokens_of_one_channel_open_no_other() -> None:
    from tests.center.visitor import channel

    far = Far(channel(id="chat_other", session="secured"), session="secured")
    token = far.token(channel="chat_other")["accessToken"]
    visitor = Visitor(far)
    assert visitor.connect(token) == 401
    assert visitor.connect(token, channelId="chat_other") is None
