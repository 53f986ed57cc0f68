"""Customers who log in: issued codes and tokens, renewals in each form, cookies, and the token that messages carry."""

import json
from typing import Any

import pytest

from deskline_center import Center
from deskline_center.controls import ExpireTokens, IssueLogin
from deskline_center.cxone import channel_id, login_channels
from tests.center.visitor import CHANNEL, VISITOR, Far, Visitor, data_of, names

QUERY = f"brandId=5150&channelId={CHANNEL}&visitorId={VISITOR}"


def ask(far: Far, **grant: str) -> tuple[int, Any]:
    """Ask for tokens with a grant."""
    answer = far.rest("POST", "/oauth/token", {"thirdParty": grant}, QUERY)
    return answer.status, json.loads(answer.body)


def by_code(far: Far, code: str, verifier: str = "") -> tuple[int, Any]:
    """Change a code for tokens."""
    parts = {"code_verifier": verifier} if verifier else {}
    return ask(far, grant_type="authorization_code", authorization_code=code, **parts)


def test_an_issued_code_is_good_once_and_with_its_verifier() -> None:
    far = Far(session="secured", authentication="oauth", logins="issued")
    issued = far.do(IssueLogin(channel=CHANNEL, customer="kit", verifier="v8c1"))
    status, answer = by_code(far, issued["code"], "v8c1")
    assert (status, answer["customerIdentity"]["idOnExternalPlatform"], issued["customer"]) == (200, "kit", "kit")
    assert by_code(far, issued["code"], "v8c1") == (401, {"error": "invalid_grant"})
    for verifier in ("", "other"):
        code = far.do(IssueLogin(channel=CHANNEL, verifier="v8c1"))["code"]
        assert by_code(far, code, verifier)[0] == 401
        assert by_code(far, code, "v8c1")[0] == 401, "a wrong verifier spends it, too"
    code = far.do(IssueLogin(channel=CHANNEL))["code"]
    assert by_code(far, code, "whatever")[0] == 200
    assert by_code(far, "ac.guessed")[0] == 401


def test_a_code_ends_after_ten_minutes() -> None:
    far = Far(session="secured", authentication="oauth", logins="issued")
    code = far.do(IssueLogin(channel=CHANNEL))["code"]
    far.now += 600
    assert by_code(far, code)[0] == 401


def test_any_code_is_a_login_where_the_channel_says_so() -> None:
    far = Far(session="secured", authentication="oauth")
    first, second = by_code(far, "ac-1")[1], by_code(far, "ac-1")[1]
    assert first["customerIdentity"] == second["customerIdentity"]
    issued = far.do(IssueLogin(channel=CHANNEL, customer="kit"))["code"]
    assert by_code(far, issued)[1]["customerIdentity"]["idOnExternalPlatform"] == "kit"


def test_a_token_of_the_third_party_is_good_until_it_expires() -> None:
    far = Far(session="secured", authentication="oauth", logins="issued")
    token = far.do(IssueLogin(channel=CHANNEL, customer="kit", kind="token"))["token"]
    for _ in range(2):
        status, answer = ask(far, grant_type="implicit", access_token=token)
        assert (status, answer["customerIdentity"]["idOnExternalPlatform"]) == (200, "kit")
    assert far.do(ExpireTokens(kind="token")) == {"tokens": 1}
    assert ask(far, grant_type="implicit", access_token=token)[0] == 401
    lenient = Far(session="secured", authentication="oauth")
    assert ask(lenient, grant_type="implicit", access_token="eyJ.any")[0] == 200
    assert ask(lenient, grant_type="implicit")[0] == 401


def test_a_legacy_socket_takes_issued_codes_only_once() -> None:
    far = Far(authentication="oauth", logins="issued")
    code = far.do(IssueLogin(channel=CHANNEL, customer="kit", verifier="v"))["code"]
    visitor = Visitor(far)
    assert visitor.connect() is None
    login = {"authorization": {"authorizationCode": code, "codeVerifier": "v"}}
    assert data_of(visitor.authorize(**login)[0])["consumerIdentity"]["idOnExternalPlatform"] == "kit"
    again = Visitor(far)
    assert again.connect() is None
    (error,) = again.authorize(**login)
    assert error["error"]["errorMessage"] == "The authorization code is not valid"


@pytest.mark.parametrize("channel", ["chat_nowhere", CHANNEL])
def test_logins_are_issued_for_channels_that_know_them(channel: str) -> None:
    assert "whose customers log in" in Far().refused(IssueLogin(channel=channel))


@pytest.mark.parametrize(
    ("form", "keys"),
    [
        ("union", {"accessToken", "expiresIn", "customerIdentity", "contact", "thirdParty", "access_token",
                   "refresh_token", "expires_in"}),
        ("third_party", {"thirdParty"}),
        ("top_level", {"access_token", "refresh_token", "expires_in"}),
        ("full", {"accessToken", "expiresIn", "customerIdentity", "contact", "thirdParty"}),
    ],
)  # fmt: skip
def test_a_renewal_has_the_form_that_the_channel_says(form: str, keys: set[str]) -> None:
    far = Far(session="secured", authentication="oauth", refresh_answer=form)
    first = by_code(far, "ac-1")[1]
    assert "accessToken" in first, "the form is that of a renewal only"
    status, answer = ask(far, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (status, set(answer)) == (200, keys)


@pytest.mark.parametrize("setting", ["optional", "required"])
def test_messages_carry_a_good_access_token(setting: str) -> None:
    far = Far(session="secured", authentication="oauth", message_proof=setting)
    answer = by_code(far, "ac-1")[1]
    visitor = Visitor(far, answer["customerIdentity"]["idOnExternalPlatform"])
    assert visitor.connect(answer["accessToken"]) is None
    assert (names(visitor.say()) == ["error"]) == (setting == "required")
    good: dict[str, Any] = {"accessToken": {"token": answer["access_token"]}}
    assert "MessageCreated" in names(visitor.say(**good))
    assert far.do(ExpireTokens(kind="access")) == {"tokens": 1}
    assert names(visitor.say(**good)) == ["error"]
    assert names(visitor.ask("FetchThreadList")) == ["ThreadListFetched"], "only messages carry it"


def test_anonymous_messages_need_none() -> None:
    far = Far(message_proof="required")
    assert "MessageCreated" in names(far.visitor().say())


@pytest.mark.parametrize(("setting", "status"), [("new", 200), ("refuse", 401)])
def test_an_identity_that_is_not_known(setting: str, status: int) -> None:
    far = Far(session="secured", authentication="cookie", unknown_identity=setting)
    assert far.rest("POST", "/oauth/token", {}, QUERY).status == 200, "nobody yet is always new"
    for headers in ({"cookie": "cx_digital_wi=id.false"}, {"authorization": "Bearer id.false"}):
        assert far.rest("POST", "/oauth/token", {}, QUERY, **headers).status == status


@pytest.mark.parametrize(
    ("base_url", "headers", "attributes"),
    [
        ("http://center.test", {}, "SameSite=Lax"),
        ("http://center.test", {"origin": "https://shop.test"}, "SameSite=None; Secure"),
        ("https://center.test", {}, "SameSite=None; Secure"),
    ],
)
def test_the_cookie_lives_as_long_as_its_identity_and_fits_who_asks(
    base_url: str, headers: dict[str, str], attributes: str
) -> None:
    far = Far(session="secured", authentication="cookie")
    far.center = Center(channels=(far.channel,), base_url=base_url)
    cookie = dict(far.rest("POST", "/oauth/token", {}, QUERY, **headers).headers)["set-cookie"]
    assert cookie.partition("; ")[2] == f"Path=/; Max-Age=2592000; HttpOnly; {attributes}"
    far.now += 2592000 - 1
    known = {"cookie": cookie.partition(";")[0]}
    again = json.loads(far.rest("POST", "/oauth/token", {}, QUERY, **known).body)
    assert [c["customer"] for c in far.center.overview()["customers"]] == [
        again["customerIdentity"]["idOnExternalPlatform"]
    ]


def test_there_is_a_channel_for_each_mode_and_way_to_log_in() -> None:
    found = {channel.id: (channel.mode, channel.session, channel.authentication) for channel in login_channels()}
    assert len(found) == 9
    for id, (mode, session, way) in found.items():
        assert channel_id(mode, session, way) == id
    assert channel_id("live", "secured", "oauth") == "chat_00000000-0000-4000-8000-000000000132"
    assert channel_id("live", "secured") == "chat_00000000-0000-4000-8000-000000000032"


def test_tokens_of_other_kinds_stay() -> None:
    far = Far(session="secured", authentication="oauth")
    by_code(far, "ac-1")
    assert far.do(ExpireTokens(kind="transaction", channel=CHANNEL)) == {"tokens": 1}
    assert far.do(ExpireTokens(kind="transaction", channel="another")) == {"tokens": 0}
    assert far.do(ExpireTokens()) == {"tokens": 2}
