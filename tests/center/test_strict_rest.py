"""Every REST answer, in every mode and session style, taken by the strictest readers (sections 2.2 to 2.9)."""

import json
from base64 import b64encode

import msgspec
import pytest

from deskline_center.controls import Fail
from deskline_center.cxone import FieldDefinition, Survey
from deskline_center.cxone.channel import Choice
from tests.center.strict_rest import (
    Availability,
    Configuration,
    FileRefused,
    FileTaken,
    MenuItem,
    RestError,
    ThirdParty,
    Token,
)
from tests.center.visitor import CHANNEL, Far

ROOT = f"/chat/1.0/brand/5150/channel/{CHANNEL}"
MODES = ["single", "multi", "live"]
SESSIONS = ["legacy", "secured"]
LOGINS = ["anonymous", "cookie", "oauth"]
TREE = (Choice(name="ship", value="Shipping"), Choice(name="ship-late", value="Late parcel", parent="ship"))
FIELDS = (
    FieldDefinition(ident="email", label="E-mail", type="email", required=True),
    FieldDefinition(ident="topic", label="Topic", type="tree", choices=TREE),
)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("session", SESSIONS)
@pytest.mark.parametrize("authentication", LOGINS)
@pytest.mark.parametrize("survey", [None, Survey(name="Before we start", fields=FIELDS)], ids=["no survey", "survey"])
def test_configuration(mode: str, session: str, authentication: str, survey: Survey | None) -> None:
    far = Far(
        mode=mode, session=session, authentication=authentication, survey=survey, customer_fields=FIELDS,
        contact_fields=FIELDS,
    )  # fmt: skip
    body = msgspec.json.decode(far.rest("GET", ROOT, query="locale=en_US").body, type=Configuration)
    assert f"chat_{body.channel_id_on_external_platform}" == CHANNEL
    assert body.settings.secured_sessions is body.settings.features.secured_sessions is (session == "secured")
    assert (body.is_authorization_enabled, body.is_secured_cookie_enabled) == (
        authentication == "oauth",
        authentication == "cookie",
    )
    assert (body.pre_contact_form is None) is (survey is None)
    if body.pre_contact_form is not None:
        assert CHANNEL in [channel.id for channel in body.pre_contact_form.channels]
        assert [asked.is_required for asked in body.pre_contact_form.custom_fields] == [True, False]
        assert [value.parent_id for value in body.pre_contact_form.custom_fields[1].definition.values] == [None, "ship"]


@pytest.mark.parametrize("mode", MODES)
def test_availability(mode: str) -> None:
    far = Far(mode=mode)
    body = msgspec.json.decode(far.rest("GET", f"{ROOT}/availability").body, type=Availability)
    assert body.status == "online"


@pytest.mark.parametrize("authentication", LOGINS)
def test_token(authentication: str) -> None:
    far = Far(session="secured", authentication=authentication)
    code = {"grant_type": "authorization_code", "authorization_code": "ac-1"}
    body = far.token({"thirdParty": code} if authentication == "oauth" else {})
    msgspec.convert(body, Token)
    if authentication == "oauth":
        first = msgspec.convert(body, ThirdParty)
        again = {"grant_type": "refresh_token", "refresh_token": first.refresh_token}
        refreshed = msgspec.convert(far.token({"thirdParty": again}), ThirdParty)
        assert refreshed.transaction_token != first.transaction_token


def test_uploads() -> None:
    far = Far()
    file = {"content": b64encode(b"hello").decode(), "fileName": "a.txt", "mimeType": "text/plain"}
    msgspec.json.decode(far.rest("POST", f"{ROOT}/attachment", file).body, type=FileTaken)
    refused = far.rest("POST", f"{ROOT}/attachment", {**file, "mimeType": "video/mp4"})
    assert refused.status == 200
    msgspec.json.decode(refused.body, type=FileRefused)


def test_the_menu_is_an_array() -> None:
    answer = Far().rest("GET", f"{ROOT}/persistent-menu-items")
    assert len(msgspec.json.decode(answer.body, type=list[MenuItem])) == 2


def test_an_error_body_has_both_fields_and_the_one_code_that_is_named() -> None:
    far = Far()
    far.do(Fail(match="rest:channel", status=403, code="SdkVersionNotSupported", message="too old"))
    answer = far.rest("GET", ROOT)
    assert (answer.status, msgspec.json.decode(answer.body, type=RestError).error.error_code) == (
        403,
        "SdkVersionNotSupported",
    )
    msgspec.json.decode(far.rest("GET", "/chat/1.0/nothing").body, type=RestError)
    assert json.loads(far.rest("POST", "/oauth/token", {}, "").body) == {"error": "invalid_request"}
