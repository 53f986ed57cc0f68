"""The REST side: the samples, what is wrong with answers, and the exact bodies that we send."""

import json
from typing import Any

import pytest

from deskline_core.cxone.parts import CustomField
from deskline_core.cxone.rest import (
    ChannelMode,
    Configuration,
    RestError,
    read_availability,
    read_configuration,
    read_error,
    visitor_body,
    visitor_event,
    visitor_event_body,
)
from deskline_core.cxone.tokens import TokenAnswer, anonymous_body, read_token
from deskline_core.model import Question
from deskline_core.values import Secret
from tests.core.cxone.cxone_samples import body, compact, samples

NOT_BUILT = {
    "rest.attachment.ok": "attachments are not sent yet",
    "rest.attachment.refused": "attachments are not sent yet",
    "rest.persistentMenu": "the menu is an optional feature",
    "rest.fullMessage": "a message's full content is an optional feature",
}
CUSTOMER = "c1a0f1de-7b7e-4d43-8c1b-5b8b0c9e2d01"
OAUTH_CUSTOMER = "b74f194fc24fe84f054f6d4faa4f314f774f904fde4f2b4f8c4f134ff44f064f"
SURVEY = (
    Question(id="email", label="E-mail", required=True, kind="email"),
    Question(id="note", label="Note", kind="text"),
    Question(id="colour", label="Colour", kind="list", choices=(("moss", "Moss"), ("sand", "Sand"))),
    Question(
        id="topic",
        label="Topic",
        required=True,
        kind="tree",
        choices=(("ship-late", "Shipping / Late parcel"), ("ship-lost", "Shipping / Lost parcel")),
    ),
)
OFF = {"isCoBrowsingEnabled", "isCreditCardMaskingEnabled", "isRecoverLivechatDoesNotFailEnabled", "liveChatLogoHidden"}
CHANNEL = Configuration(
    mode=ChannelMode.SINGLE_THREAD,
    name="Harbour messaging",
    disabled=frozenset(OFF),
    attachments_allowed=True,
    max_attachment=25 * 1024 * 1024,
    attachment_types=("image/*", "application/pdf", "text/plain"),
    online=True,
    has_menu=True,
)


def changed(value: Configuration, **changes: Any) -> Configuration:
    return Configuration(**{name: getattr(value, name) for name in value.__struct_fields__} | changes)


CHANNELS = {
    "rest.channel.multiThread.legacy": changed(
        CHANNEL,
        mode=ChannelMode.MULTI_THREAD,
        name="Harbour messaging",
        disabled=frozenset(OFF | {"securedSessions"}),
        survey=SURVEY,
        has_menu=True,
    ),
    "rest.channel.singleThread.securedAnonymous": CHANNEL,
    "rest.channel.singleThread.securedOAuth": changed(CHANNEL, authentication="oauth"),
    "rest.channel.liveChat.securedCookie": changed(
        CHANNEL,
        mode=ChannelMode.LIVE_CHAT,
        name="Harbour live chat",
        authentication="secured cookie",
        transcript_allowed=True,
        survey=SURVEY,
    ),
}
TOKENS = {
    "rest.token.anonymous": TokenAnswer(token=Secret("txn.example.k3"), expires_in=600, customer=CUSTOMER),
    "rest.token.thirdParty": TokenAnswer(
        token=Secret("txn.example.k4"),
        expires_in=600,
        customer=OAUTH_CUSTOMER,
        first_name="Kit",
        last_name="Marlow",
        access_token=Secret("at-21"),
        refresh_token=Secret("rt-21"),
        access_expires_in=3600,
        fields=(CustomField(ident="loyalty", value="gold", updated_at="2026-03-04T10:19:40+00:00"),),
    ),
    "rest.token.refresh.union": TokenAnswer(
        token=Secret("txn.example.k5"),
        expires_in=600,
        customer=OAUTH_CUSTOMER,
        access_token=Secret("at-22"),
        refresh_token=Secret("rt-22"),
        access_expires_in=3600,
    ),
    "rest.token.cookieFallback": TokenAnswer(
        token=Secret("txn.example.k6"), expires_in=600, customer=CUSTOMER, identity_token=Secret("id.example.7")
    ),
}
AVAILABILITY = {"rest.availability.online": True, "rest.availability.offline": False}
ERRORS = {
    "rest.error.sdkVersion": RestError(
        status=403, code="SdkVersionNotSupported", text="This SDK release is no longer accepted"
    ),
    "rest.error.token": RestError(status=403, code="invalid_grant"),
}

# --- samples ---


def test_every_rest_sample_has_its_reader() -> None:
    found = {name for name in samples() if name.startswith("rest.")}
    assert found == set(NOT_BUILT) | set(CHANNELS) | set(TOKENS) | set(AVAILABILITY) | set(ERRORS)


@pytest.mark.parametrize("name", CHANNELS)
def test_a_channel(name: str) -> None:
    assert read_configuration(body(name)) == CHANNELS[name]


@pytest.mark.parametrize("name", TOKENS)
def test_a_token(name: str) -> None:
    assert read_token(body(name)) == TOKENS[name]


def test_availability() -> None:
    assert {name: read_availability(body(name)) for name in AVAILABILITY} == AVAILABILITY


def test_errors() -> None:
    assert {name: read_error(403, body(name)) for name in ERRORS} == ERRORS
    assert {name: error.refuses_version for name, error in ERRORS.items()} == {
        "rest.error.sdkVersion": True,
        "rest.error.token": False,
    }


# --- configuration ---


def configuration(channel: str = "", settings: object = None, **parts: object) -> Configuration:
    whole = {"isLiveChat": False, "settings": {"x": 1} if settings is None else settings, **parts}
    read = read_configuration(compact(whole).encode(), channel)
    assert isinstance(read, Configuration)
    return read


def test_a_feature_that_is_not_named_is_on() -> None:
    bare = configuration()
    assert bare.secured
    assert bare.recover_does_not_fail
    assert bare.feature("anything")


@pytest.mark.parametrize(
    ("value", "on"), [(True, True), (False, False), ("false", False), (0, False), (None, True), ([], True)]
)
def test_a_feature(value: object, on: bool) -> None:
    features = {"securedSessions": value, "isRecoverLivechatDoesNotFailEnabled": value}
    read = configuration(settings={"features": features})
    assert (read.secured, read.recover_does_not_fail) == (on, on)


def test_a_bare_channel_is_an_anonymous_single_thread() -> None:
    assert configuration() == Configuration(mode=ChannelMode.SINGLE_THREAD)


def test_a_live_chat_wins_over_many_threads_and_a_cookie_over_a_login() -> None:
    read = configuration(
        settings={"hasMultipleThreadsPerEndUser": True},
        isLiveChat="true",
        isSecuredCookieEnabled=True,
        isAuthorizationEnabled=True,
    )
    assert (read.mode, read.authentication) == (ChannelMode.LIVE_CHAT, "secured cookie")


@pytest.mark.parametrize(("status", "online"), [("online", True), ("offline", False), ("away", False), (None, None)])
def test_the_status_in_the_configuration(status: str | None, online: bool | None) -> None:
    assert configuration(availability={"status": status}).online is online


@pytest.mark.parametrize(
    ("size", "expected"), [("40", 40 << 20), (40, 40 << 20), (0.5, 1 << 19), ("x", 0), (-1, 0), ("nan", 0), (None, 0)]
)
def test_the_size_of_attachments(size: object, expected: int) -> None:
    restrictions = {
        "allowedFileSize": size,
        "allowedFileTypes": [{"mimeType": "a/b"}, {}, 4],
        "isAttachmentsEnabled": 1,
    }
    read = configuration(settings={"fileRestrictions": restrictions})
    assert (read.max_attachment, read.attachment_types, read.attachments_allowed) == (expected, ("a/b",), True)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "{}", '{"isLiveChat":true}', '{"isLiveChat":true,"settings":[]}', '{"settings":{"a":1}}'],
)
def test_what_is_no_configuration(text: str) -> None:
    assert read_configuration(text.encode()) == "not a channel configuration"


# --- survey ---

FIELD = {"isRequired": True, "definition": {"ident": "note", "label": "Note", "type": "text", "values": []}}
NOTE = Question(id="note", label="Note", required=True, kind="text")


def survey(channels: object, *fields: object, channel: str = "chat_1", **parts: object) -> tuple[Question, ...]:
    return configuration(channel, preContactForm={"channels": channels, "customFields": list(fields)}, **parts).survey


def test_a_survey_is_asked_where_it_lists_the_channel_or_none() -> None:
    listed: list[object] = [[{"id": "chat_1"}], ["chat_1"], ["chat_2", "chat_1"], [], None, "chat_2"]
    assert [survey(channels, FIELD) for channels in listed] == [(NOTE,)] * 6
    not_listed: list[object] = [[{"id": "chat_2"}], ["chat_2"], [{}]]
    assert [survey(channels, FIELD) for channels in not_listed] == [()] * 3


def test_the_channel_s_own_name_tells_whether_it_is_listed() -> None:
    assert survey(["chat_7"], FIELD, channel="", channelIdOnExternalPlatform="7") == (NOTE,)
    assert survey(["chat_7"], FIELD, channel="", channelIdOnExternalPlatform="8") == ()


def test_questions_that_cannot_be_asked_are_skipped() -> None:
    odd = {"definition": {"ident": "x", "type": "hologram"}}
    bare = {"definition": {"ident": "y", "type": "list", "values": [{"name": "a"}, {"value": "nameless"}, 5]}}
    assert survey([], odd, {"definition": {"type": "text"}}, 4, None, bare) == (
        Question(id="y", label="y", kind="list", choices=(("a", "a"),)),
    )


def test_a_tree_that_closes_a_circle() -> None:
    circle = [{"name": "a", "parentId": "b"}, {"name": "b", "parentId": "a"}, {"name": "c", "parentId": "a"}]
    (question,) = survey([], {"definition": {"ident": "t", "type": "tree", "values": circle}})
    assert [name for name, _ in question.choices] == ["c"]
    assert question.choices[0][1].endswith(" / b / a / c")


# --- availability, token, error ---


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"status":null}', '{"status":{}}'])
def test_an_availability_that_says_nothing(text: str) -> None:
    assert read_availability(text.encode()) == "no status"


def test_anything_but_online_is_offline() -> None:
    assert read_availability(b'{"status":"busy"}') is False


def test_a_refreshed_token_in_each_of_its_forms() -> None:
    third_party = {"access_token": "at", "refresh_token": "rt", "expires_in": 60}
    expected = TokenAnswer(access_token=Secret("at"), refresh_token=Secret("rt"), access_expires_in=60)
    for answer in (third_party, {"thirdParty": third_party}):
        assert read_token(compact(answer).encode()) == expected


@pytest.mark.parametrize(("life", "seconds"), [(600, 600), ("600", 600), (None, 0), (-5, 0), ("soon", 0), ([], 0)])
def test_the_life_of_a_token(life: object, seconds: float) -> None:
    read = read_token(compact({"accessToken": "t", "expiresIn": life}).encode())
    assert read == TokenAnswer(token=Secret("t"), expires_in=seconds)


@pytest.mark.parametrize("text", ["", "null", "{}", '{"accessToken":""}', '{"accessToken":null}', '{"thirdParty":{}}'])
def test_an_answer_without_a_token(text: str) -> None:
    assert read_token(text.encode()) == "no token"


def test_tokens_that_fit_nowhere_are_none() -> None:
    assert read_token(compact({"accessToken": "t" * 40_000}).encode()) == "no token"
    for odd in ("a b", "a\r\nx: y", "ü", "t" * 5_000):
        read = read_token(compact({"accessToken": "t", "identityToken": odd}).encode())
        assert read == TokenAnswer(token=Secret("t"))


def test_tokens_do_not_show() -> None:
    assert "txn" not in repr(read_token(body("rest.token.refresh.union")))


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            {"error": {"errorCode": "a", "errorMessage": "b", "transactionId": "c"}},
            RestError(status=400, code="a", text="b", transaction="c"),
        ),
        (
            {"errorCode": "ip_blocked", "errorMessage": "b", "transactionId": "c"},
            RestError(status=400, code="ip_blocked", text="b", transaction="c"),
        ),
        ({"error": "invalid_grant"}, RestError(status=400, code="invalid_grant")),
        ({"message": "Forbidden"}, RestError(status=400, text="Forbidden")),
        ({"error": [], "message": 5}, RestError(status=400, text="5")),
        ([], RestError(status=400)),
        ({"error": "x" * 5000}, RestError(status=400, code="x" * 1000)),
    ],
)
def test_where_an_error_may_stand(answer: object, expected: RestError) -> None:
    assert read_error(400, compact(answer).encode()) == expected


def test_an_error_page_says_nothing() -> None:
    assert read_error(502, b"<html>Bad gateway</html>") == RestError(status=502)


# --- what we send ---


def test_a_visitor() -> None:
    assert json.loads(visitor_body(CUSTOMER, locale="en_CZ", device_token="9f3c77aa10")) == {
        "customerIdentity": {"idOnExternalPlatform": CUSTOMER},
        "browserFingerprint": {
            "country": "CZ",
            "language": "en",
            "applicationType": "native",
            "deviceType": "other",
            "deviceToken": "9f3c77aa10",
        },
    }
    named = json.loads(visitor_body("c", "Kit", "Marlow", locale="cs"))
    assert named["customerIdentity"] == {"idOnExternalPlatform": "c", "firstName": "Kit", "lastName": "Marlow"}
    assert named["browserFingerprint"] == {"language": "cs", "applicationType": "native", "deviceType": "other"}


def test_a_token_request() -> None:
    assert json.loads(anonymous_body()) == {"type": "anonymous"}
    assert json.loads(anonymous_body("c")) == {"type": "anonymous", "customerIdentity": {"idOnExternalPlatform": "c"}}


AT = 1772619322.12


def test_a_visitor_event() -> None:
    data = {"url": "app://cart", "title": "Cart", "timeSpentOnPage": 17}
    event = visitor_event("0b6f1b7a-6c5e-4d55-9e2b-71c1c1f0a901", "TimeSpentOnPage", AT, data)
    assert event == {
        "id": "0b6f1b7a-6c5e-4d55-9e2b-71c1c1f0a901",
        "type": "TimeSpentOnPage",
        "createdAtWithMilliseconds": "2026-03-04T10:15:22.120Z",
        "data": data,
    }
    visit, destination = "2f0f9a57-0e7c-4b7c-8a25-9d1e5b6a7c02", "f5d3a0c1-12bb-4f60-8e04-3a3f4b5c6d03"
    sent = json.loads(visitor_event_body(event, visit, destination))
    assert sent == {**event, "visitId": visit, "destination": {"id": destination}}


def test_the_custom_fields_that_a_channel_defines() -> None:
    email = {"ident": "email", "label": "E-mail", "type": "email", "required": True}
    topic = {"ident": "topic", "type": "list", "values": [{"name": "ship", "value": "Shipping"}]}
    body = {"isLiveChat": False, "settings": {"x": 1}, "endUserCustomFields": [email, {"ident": "odd"}, 5]}
    read = read_configuration(json.dumps(body | {"caseCustomFields": [topic]}).encode())
    assert isinstance(read, Configuration)
    assert read.customer_questions == (Question(id="email", label="E-mail", required=True, kind="email"),)
    assert read.thread_questions == (Question(id="topic", label="topic", kind="list", choices=(("ship", "Shipping"),)),)
