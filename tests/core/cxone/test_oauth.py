"""Customers who log in elsewhere: by a code and its verifier, a ready token, or what was kept of an earlier login."""

import json
from typing import Any

import pytest

from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ERRANDS
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.cxone.credentials_table import CredentialState as C
from deskline_core.events import ErrorReceived, ReauthenticationNeeded
from deskline_core.values import Secret
from tests.core.cxone.alone import CUSTOMER, START, Alone, nothing_to_recover, reach
from tests.core.cxone.logins import (
    ACCESS,
    CODE,
    QUIET,
    THIRD_PARTY,
    TOKEN,
    UNION,
    back_on_a_socket,
    logged_in,
    prepared,
)

SEED = b"another seed of enough bytes"


def body(chat: Alone) -> object:
    """Return what the newest token request says."""
    return json.loads(chat.call("POST token").body)


def kept(**tokens: object) -> dict[str, str]:
    """Return what an earlier run kept."""
    return {"identity": json.dumps({"visitor": "v-1", "customer": CUSTOMER}), "credentials": json.dumps(tokens)}


# --- the decision, whole (lifecycle reference, section 5.3) ---

GOOD, OLD = START + 600, START + 30
REFRESH, CODED, IMPLICIT = "refresh_token", "authorization_code", "implicit"
DECISIONS: list[tuple[Any, dict[str, object], dict[str, Any] | None, str]] = [
    ("anonymous", {}, None, "anonymous"),
    ("anonymous", {"token": "t", "expires_at": GOOD}, None, "use it"),
    ("anonymous", {"token": "t", "expires_at": OLD}, None, "anonymous"),
    ("cookie", {}, None, "cookie"),
    ("cookie", {"token": "t", "expires_at": GOOD, "cookie": "c"}, None, "use it"),
    ("cookie", {"token": "t", "expires_at": OLD, "cookie": "c"}, None, "cookie"),
    ("cookie", {"cookie": "c"}, None, "cookie"),
    ("oauth", {}, None, "ask the app"),
    ("oauth", {}, CODE, CODED),
    ("oauth", {}, TOKEN, IMPLICIT),
    ("oauth", {"refresh_token": "r"}, None, REFRESH),
    ("oauth", {"access_token": "a"}, None, "ask the app"),
    ("oauth", {"token": "t", "expires_at": GOOD}, None, "use it"),
    ("oauth", {"token": "t", "expires_at": GOOD}, CODE, CODED),
    ("oauth", {"token": "t", "expires_at": GOOD}, TOKEN, IMPLICIT),
    ("oauth", {"token": "t", "expires_at": GOOD, "refresh_token": "r"}, None, "use it"),
    ("oauth", {"token": "t", "expires_at": OLD}, None, "ask the app"),
    ("oauth", {"token": "t", "expires_at": OLD, "refresh_token": "r"}, None, REFRESH),
    ("oauth", {"token": "t", "expires_at": OLD, "refresh_token": "r"}, CODE, CODED),
    ("oauth", {"token": "t", "expires_at": OLD}, TOKEN, IMPLICIT),
]  # fmt: skip


@pytest.mark.parametrize(("channel", "stored", "login", "decision"), DECISIONS)
@pytest.mark.row("R9", "C12")
def test_what_is_stored_decides_what_is_asked_for(
    channel: Any, stored: dict[str, object], login: dict[str, Any] | None, decision: str
) -> None:
    restored = kept(**stored) if stored else {}
    chat = reach(S.PREPARED, secured=True, authentication=channel, restored=restored)
    if login is not None:
        chat.ask(i.Authenticate, **login)
    words = chat.ask(i.Connect)
    if "POST token" in words:
        asked: Any = body(chat)
        assert decision == asked.get("type", asked.get("thirdParty", {}).get("grant_type", "cookie"))
    else:
        assert decision == ("use it" if "open 1" in words else "ask the app")
        assert ("ReauthenticationNeeded" in words) == (decision == "ask the app")


# --- secured: the token endpoint ---


@pytest.mark.row("C12", "R9")
def test_a_code_and_its_verifier_become_tokens() -> None:
    chat = prepared(secured=True, login=CODE)
    assert chat.ask(i.Connect) == ["chat connecting", "POST token", "Connect answered"]
    assert body(chat) == {
        "thirdParty": {
            "grant_type": "authorization_code", "authorization_code": "code-7781", "code_verifier": "verifier-31",
        }
    }  # fmt: skip
    identity = {"customerIdentity": {"idOnExternalPlatform": CUSTOMER}}
    assert chat.reply("POST token", UNION | identity) == [
        "save credentials", "save identity", "CustomerIdentified", "open 1",
    ]  # fmt: skip
    assert chat.url["transactionToken"] == "token-1"
    assert json.loads(chat.session.kept["credentials"]) == {
        "token": "token-1", "expires_at": START + 600, "access_token": "access-1", "access_expires_at": START + 3600,
        "renew_at": START + 3570, "refresh_token": "refresh-1",
    }  # fmt: skip


def test_a_code_may_come_without_a_verifier() -> None:
    chat = prepared(secured=True, login={"code": Secret("code-1")})
    chat.ask(i.Connect)
    assert body(chat) == {"thirdParty": {"grant_type": "authorization_code", "authorization_code": "code-1"}}


def test_a_token_of_the_app_is_an_implicit_grant() -> None:
    chat = prepared(secured=True, login=TOKEN)
    chat.ask(i.Connect)
    assert body(chat) == {"thirdParty": {"grant_type": "implicit", "access_token": "eyJh.of-the-app.x"}}


@pytest.mark.parametrize("secured", [False, True])
def test_without_a_login_nothing_is_sent_and_the_app_is_asked(secured: bool) -> None:
    chat = prepared(secured=secured)
    assert chat.ask(i.Open) == ["Open answered", "chat connecting", "chat prepared", "ReauthenticationNeeded"]
    assert chat.ask(i.AwaitReady) == ["AwaitReady refused authorization_failed"]
    assert chat.told[-1] == ReauthenticationNeeded(cause="the customer has to be logged in")
    assert chat.leaf.credentials.state == C.REAUTH_NEEDED
    assert chat.wait(600) == []
    words = chat.ask(i.Authenticate, **CODE)  # and the answer goes on
    assert words == ["Authenticate answered", "chat connecting", "POST token" if secured else "open 1"]


def test_a_login_before_anything_is_known_is_used_when_it_is() -> None:
    for secured in (True, False):
        chat = Alone(secured=secured, authentication="oauth")
        assert chat.ask(i.Authenticate, **CODE) == ["Authenticate answered"]
        chat.ask(i.Open)
        chat.reply("GET configuration")
        chat.saved()
        assert chat.reply("PUT visitor")[-1] == ("POST token" if secured else "open 1")


@pytest.mark.parametrize(
    ("expires_in", "words"), [(30, ["POST token"]), (31, ["open 2"])], ids=["within the margin", "good"]
)
def test_a_transaction_token_is_used_again_until_it_is_about_to_expire(expires_in: int, words: list[str]) -> None:
    chat = logged_in(secured=True)
    chat.closed()
    chat.now = START + 600 - expires_in
    assert chat.put(i.Tick()) == words


@pytest.mark.row("P6")
def test_an_expired_transaction_token_is_renewed_with_the_refresh_token() -> None:
    chat = logged_in(secured=True)
    chat.now += 600
    assert back_on_a_socket(chat) == ["POST token"]
    assert body(chat) == {"thirdParty": {"grant_type": "refresh_token", "refresh_token": "refresh-1"}}
    again = {"accessToken": "token-2", "expiresIn": 600, "thirdParty": THIRD_PARTY | {"access_token": "access-2"}}
    assert chat.reply("POST token", again) == ["save credentials", "open 2"]
    assert chat.url["transactionToken"] == "token-2"


@pytest.mark.parametrize("form", [THIRD_PARTY, {"thirdParty": THIRD_PARTY}])
def test_a_renewal_that_brings_no_transaction_token_cannot_connect(form: dict[str, object]) -> None:
    chat = logged_in(secured=True)
    chat.now += 600
    back_on_a_socket(chat)
    assert chat.reply("POST token", form) == ["forget credentials", "chat lost", "ReauthenticationNeeded"]


def test_an_expired_transaction_token_without_a_refresh_token_needs_the_app() -> None:
    tokens = kept(token="token-1", expires_at=START + 20, access_token="access-1")
    chat = prepared(secured=True, restored=tokens)
    assert chat.ask(i.Connect) == ["chat connecting", "chat prepared", "ReauthenticationNeeded", "Connect answered"]
    assert chat.leaf.credentials.state == C.REAUTH_NEEDED


@pytest.mark.row("R37")
def test_the_same_while_reconnecting_is_lost_and_stays_so() -> None:
    chat = logged_in(secured=True, answer={"accessToken": "token-1", "expiresIn": 600})
    chat.now += 600
    chat.closed()
    assert chat.wait(6) == ["chat lost", "ReauthenticationNeeded"]
    assert chat.wait(3600) == []
    assert chat.ask(i.Authenticate, **CODE)[-1] == "POST token"


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (401, {"error": "unauthorized"}),
        (401, {"error": "invalid_grant"}),
        (400, {"error": "invalid_grant"}),
        (403, {"error": {"errorCode": "Forbidden", "errorMessage": "no"}}),
        (401, b""),
        (400, b"<html>"),
    ],
)
@pytest.mark.row("S19")
def test_a_refused_login_asks_the_app_and_is_forgotten(status: int, answer: object) -> None:
    chat = prepared(secured=True, login=CODE)
    chat.ask(i.Connect)
    assert chat.reply("POST token", answer, status=status) == ["chat prepared", "ReauthenticationNeeded"]
    assert chat.ask(i.Connect)[-2:] == ["ReauthenticationNeeded", "Connect answered"]
    assert not chat.calls


def test_an_answer_without_a_transaction_token_spends_the_code_all_the_same() -> None:
    chat = prepared(secured=True, login=CODE)
    chat.ask(i.Connect)
    assert chat.reply("POST token", {"thirdParty": THIRD_PARTY}) == ["chat prepared", "ReauthenticationNeeded"]


def test_an_anonymous_answer_without_a_transaction_token_is_none() -> None:
    chat = reach(S.TOKEN)
    assert chat.reply("POST token", {"thirdParty": THIRD_PARTY}) == ["chat lost"]


def test_a_life_that_is_not_told_is_the_policys() -> None:
    chat = reach(S.TOKEN)
    chat.reply("POST token", {"accessToken": "token-1"})
    assert json.loads(chat.session.kept["credentials"])["expires_at"] == START + 600


# --- a code is used once ---


def test_a_code_that_certainly_never_left_can_be_used_again() -> None:
    chat = prepared(secured=True, login=CODE)
    chat.ask(i.Connect)
    assert chat.fail("POST token", sent="no") == ["chat lost"]
    assert chat.ask(i.Connect) == ["chat connecting", "POST token", "Connect answered"]
    assert "code-7781" in chat.call("POST token").body.decode()


@pytest.mark.parametrize("status", [0, 500, 429])
def test_a_code_that_may_have_been_used_is_not_used_again(status: int) -> None:
    chat = prepared(secured=True, login=CODE)
    chat.ask(i.Connect)
    lost = chat.reply("POST token", b"", status=status) if status else chat.fail("POST token", sent="maybe")
    assert lost == ["chat lost"]
    words = ["chat connecting", "chat lost", "ReauthenticationNeeded", "Connect answered"]
    assert [word for word in chat.ask(i.Connect) if word != "chat prepared"] in (words, words[:1] + words[2:])
    assert not chat.calls


def test_a_token_of_the_app_can_be_used_until_it_is_refused() -> None:
    chat = prepared(secured=True, login=TOKEN)
    chat.ask(i.Connect)
    assert chat.reply("POST token", b"", status=500) == ["chat lost"]
    assert chat.ask(i.Connect) == ["chat connecting", "POST token", "Connect answered"]
    assert chat.reply("POST token", b"", status=401) == ["chat prepared", "ReauthenticationNeeded"]
    assert chat.ask(i.Connect)[-2:] == ["ReauthenticationNeeded", "Connect answered"]


def test_a_login_that_is_being_used_outlives_the_attempt() -> None:
    """Logging in takes the app into the background: what the code was given for is worth keeping."""
    chat = prepared(secured=True, login=CODE)
    chat.ask(i.Open)
    assert chat.ask(i.EnterBackground) == ["chat prepared", "EnterBackground answered"]
    assert chat.leaf.credentials.state == C.ACQUIRING
    assert chat.ask(i.EnterActive) == ["chat connecting", "EnterActive answered"]  # joins the one under way
    chat.ask(i.EnterBackground)
    assert chat.reply("POST token", UNION) == ["save credentials"]
    assert chat.ask(i.EnterActive) == ["chat connecting", "open 1", "EnterActive answered"]


@pytest.mark.parametrize("leaving", [i.EnterBackground, i.Disconnect])
def test_a_token_of_the_app_is_still_there_after_an_attempt_that_was_left(leaving: Any) -> None:
    chat = prepared(secured=True, login=TOKEN)
    chat.ask(i.Open)
    assert "cancel POST token" in chat.ask(leaving)
    back = i.EnterActive if leaving is i.EnterBackground else i.Open
    assert "POST token" in chat.ask(back)
    assert body(chat) == {"thirdParty": {"grant_type": "implicit", "access_token": "eyJh.of-the-app.x"}}
    assert chat.reply("POST token", UNION) == ["save credentials", "open 1"]


def test_a_newer_login_is_not_replaced_by_the_token_of_an_attempt_that_was_left() -> None:
    chat = prepared(secured=True, login=TOKEN)
    chat.ask(i.Open)
    chat.ask(i.EnterBackground)
    chat.ask(i.Authenticate, **CODE)
    chat.ask(i.EnterActive)
    assert "code-7781" in chat.call("POST token").body.decode()


def test_signing_out_gives_no_token_of_the_app_back() -> None:
    chat = prepared(secured=True, login=TOKEN)
    chat.ask(i.Open)
    chat.ask(i.SignOut)
    assert not chat.leaf.credentials.has_login


def test_a_refresh_outlives_the_attempt() -> None:
    """Its answer may bring another refresh token, in place of the one that is used up."""
    chat = prepared(secured=True, restored=kept(token="t", expires_at=OLD, refresh_token="r-1"))
    chat.ask(i.Open)
    assert chat.ask(i.EnterBackground) == ["chat prepared", "EnterBackground answered"]
    assert chat.ask(i.EnterActive) == ["chat connecting", "EnterActive answered"]  # joins the one under way
    chat.ask(i.EnterBackground)
    assert chat.reply("POST token", {"thirdParty": THIRD_PARTY, **UNION}) == ["save credentials"]
    assert json.loads(chat.session.kept["credentials"])["refresh_token"] == "refresh-1"
    assert chat.ask(i.EnterActive) == ["chat connecting", "open 1", "EnterActive answered"]


def test_another_login_takes_the_place_of_one_that_is_being_used() -> None:
    chat = prepared(secured=True, login=CODE)
    chat.ask(i.Connect)
    assert chat.ask(i.Authenticate, code=Secret("code-2")) == [
        "cancel POST token",
        "POST token",
        "Authenticate answered",
    ]
    assert "code-2" in chat.call("POST token").body.decode()
    assert chat.reply("POST token", UNION) == ["save credentials", "open 1"]


def test_a_login_in_a_connected_chat_is_for_the_next_connect() -> None:
    for secured in (True, False):
        chat = logged_in(secured=secured)
        assert chat.ask(i.Authenticate, code=Secret("code-2")) == ["forget credentials", "Authenticate answered"]
        assert chat.leaf.credentials.riding == Secret("access-1")  # what is connected goes on
        words = back_on_a_socket(chat)
        if secured:
            assert words == ["POST token"]
            assert "code-2" in chat.call("POST token").body.decode()
            continue
        assert words == ["open 2"]
        assert chat.opened() == ["chat connected", "frame AuthorizeCustomer"]
        assert chat.frame("AuthorizeCustomer")["payload"]["data"]["authorization"] == {"authorizationCode": "code-2"}


def test_nothing_of_an_older_login_is_kept_while_a_newer_one_waits() -> None:
    chat = logged_in(secured=True, policy=QUIET)
    chat.ask(i.Authenticate, code=Secret("code-2"))
    chat.wait(3570)
    assert "save credentials" not in chat.reply("POST token", UNION)
    assert "credentials" not in chat.session.kept


# --- a token of the app's is asked for again exactly once ---


def test_a_token_that_is_refused_is_asked_for_again_exactly_once() -> None:
    chat = prepared(secured=True, login=TOKEN)
    chat.ask(i.Open)
    assert chat.reply("POST token", {"error": "x"}, status=401) == ["chat prepared", "ReauthenticationNeeded"]
    for _ in range(2):
        assert chat.ask(i.Authenticate, **TOKEN)[-1] == "POST token"
        assert chat.reply("POST token", {"error": "x"}, status=401) == ["chat prepared", "ErrorReceived"]
        cause = "the token request was refused with status 401 x"
        assert chat.told[-1] == ErrorReceived(code="InvalidAccessToken", text=cause)
    chat.ask(i.Authenticate, token=Secret("a good one"))
    assert chat.reply("POST token", {"accessToken": "token-1", "expiresIn": 10})[-1] == "open 1"
    chat.opened()
    nothing_to_recover(chat)
    back_on_a_socket(chat)
    assert isinstance(chat.told[-1], ReauthenticationNeeded)  # accepted once, so it is asked for again


# --- legacy: over the socket ---


@pytest.mark.row("R11")
def test_a_legacy_session_authorizes_with_the_code_and_reconnects_with_the_token() -> None:
    chat = prepared(secured=False, login=CODE)
    assert chat.ask(i.Connect) == ["chat connecting", "open 1", "Connect answered"]
    assert chat.opened() == ["chat connected", "frame AuthorizeCustomer"]
    assert chat.frame("AuthorizeCustomer")["payload"]["data"]["authorization"] == {
        "authorizationCode": "code-7781", "codeVerifier": "verifier-31",
    }  # fmt: skip
    assert chat.answer("AuthorizeCustomer", "ConsumerAuthorized", ACCESS) == ["save credentials", "frame RecoverThread"]
    nothing_to_recover(chat)
    assert back_on_a_socket(chat) == ["open 2"]
    assert chat.opened() == ["chat connected", "frame ReconnectConsumer"]
    assert chat.frame("ReconnectConsumer")["payload"]["data"] == {"accessToken": {"token": "access-1"}}


@pytest.mark.parametrize("data", [{}, {"accessToken": None}, {"accessToken": {"token": ""}}])
def test_a_legacy_login_without_an_access_token_has_failed(data: dict[str, object]) -> None:
    chat = prepared(secured=False, login=CODE)
    chat.ask(i.Connect)
    chat.opened()
    words = chat.answer("AuthorizeCustomer", "ConsumerAuthorized", data)
    assert words == ["chat prepared", "close 1 1000", "ReauthenticationNeeded"]
    assert chat.told[-1] == ReauthenticationNeeded(cause="the authorization brought no access token")


def test_a_kept_access_token_reconnects_in_the_next_run() -> None:
    restored = dict(logged_in(secured=False).session.kept)
    chat = prepared(secured=False, restored=restored, seed=SEED)
    assert chat.ask(i.Connect) == ["chat connecting", "open 1", "Connect answered"]
    assert chat.opened() == ["chat connected", "frame ReconnectConsumer"]
    assert chat.answer("ReconnectConsumer", "ConsumerReconnected") == ["frame RecoverThread"]


@pytest.mark.row("P12")
def test_a_refused_reconnect_without_a_login_asks_the_app_and_nothing_else_runs() -> None:
    chat = prepared(secured=False, restored=kept(access_token="access-1"))
    chat.ask(i.Connect)
    chat.opened()
    assert chat.deny("ReconnectConsumer", "ConsumerReconnectionFailed") == [
        "forget credentials", "chat prepared", "close 1 1000", "ReauthenticationNeeded",
    ]  # fmt: skip
    assert (chat.closed(1000), chat.wait(60)) == ([], [])


def test_a_refused_reconnect_uses_a_login_that_is_at_hand() -> None:
    chat = prepared(secured=False, restored=kept(access_token="access-1"))
    chat.ask(i.Connect)
    chat.opened()
    assert chat.ask(i.Authenticate, **CODE) == ["forget credentials", "Authenticate answered"]
    assert chat.deny("ReconnectConsumer", "ConsumerReconnectionFailed") == ["frame AuthorizeCustomer"]


def test_a_ready_token_reconnects_a_legacy_session() -> None:
    chat = prepared(secured=False, login=TOKEN)
    chat.ask(i.Connect)
    assert chat.opened() == ["chat connected", "save credentials", "frame ReconnectConsumer"]
    assert chat.frame("ReconnectConsumer")["payload"]["data"] == {"accessToken": {"token": "eyJh.of-the-app.x"}}
    assert chat.deny("ReconnectConsumer", "ConsumerReconnectionFailed")[-1] == "ReauthenticationNeeded"


@pytest.mark.parametrize("written", [False, True])
def test_a_legacy_code_that_was_not_written_can_be_used_again(written: bool) -> None:
    chat = prepared(secured=False, login=CODE)
    chat.ask(i.Connect)
    chat.opened()
    chat.closed(unwritten=() if written else (chat.last_frame,))
    assert [word for word in chat.wait(6) if word != "chat connecting"] == (
        ["chat lost", "ReauthenticationNeeded"] if written else ["open 2"]
    )


def test_a_reconnect_that_is_lost_is_tried_again_with_its_token() -> None:
    chat = prepared(secured=False, restored=kept(access_token="access-1"))
    chat.ask(i.Connect)
    chat.opened()
    chat.closed()
    assert chat.wait(6) == ["open 2"]
    assert chat.opened() == ["chat connected", "frame ReconnectConsumer"]


def test_a_token_answer_that_cannot_be_read_is_tried_again_later() -> None:
    chat = reach(S.TOKEN)
    assert chat.reply("POST token", b"<html>") == ["chat lost"]
    assert chat.leaf.credentials.state == C.NONE


def test_a_version_that_is_refused_is_no_refused_login() -> None:
    chat = prepared(secured=False, login=CODE)
    chat.ask(i.Connect)
    chat.opened()
    assert chat.deny("AuthorizeCustomer", "SdkVersionNotSupported") == ["chat unsupported", "close 1 1000"]


def test_a_kept_transaction_token_is_of_no_use_where_sessions_are_legacy_now() -> None:
    chat = prepared(secured=False, restored=kept(token="token-1", expires_at=START + 600))
    chat.ask(i.Connect)
    assert chat.opened()[-1] == "ReauthenticationNeeded"


# --- what the app may ask, and when ---


@pytest.mark.parametrize(
    "fields", [{}, {"verifier": Secret("v")}, {**CODE, **TOKEN}, {**TOKEN, "verifier": Secret("v")}]
)
def test_a_login_is_a_code_or_a_token(fields: dict[str, object]) -> None:
    chat = reach(S.INITIAL)
    assert chat.ask(i.Authenticate, **fields) == ["Authenticate refused invalid_value"]
    assert chat.ask(i.Authenticate, code=Secret("x" * 40_000)) == ["Authenticate refused invalid_value"]


def test_a_login_is_taken_in_every_state_but_one() -> None:
    for state in [state for state in S if state not in ERRANDS]:
        chat = reach(state)
        chat.leaf.configuration = None
        taken = chat.ask(i.Authenticate, **CODE)
        expected = "refused version_refused" if state is S.UNSUPPORTED else "answered"
        assert f"Authenticate {expected}" in taken, state


def test_a_channel_without_logins_says_so_once_it_is_known() -> None:
    chat = Alone()
    assert chat.ask(i.Authenticate, **CODE) == ["Authenticate answered"]
    chat = reach(S.PREPARED)
    assert "Authenticate" not in chat.session.capabilities
    assert chat.ask(i.Authenticate, **CODE) == ["Authenticate refused not_supported"]
    assert "Authenticate" in prepared(secured=True).session.capabilities


def test_a_login_for_a_channel_without_logins_changes_nothing() -> None:
    chat = Alone(secured=True)
    chat.ask(i.Authenticate, **CODE)
    chat.ask(i.Open)
    chat.reply("GET configuration")
    chat.saved()
    chat.reply("PUT visitor")
    assert body(chat) == {
        "type": "anonymous",
        "customerIdentity": {"idOnExternalPlatform": chat.leaf.identity.customer},
    }
    chat.reply("POST token")
    chat.opened()
    nothing_to_recover(chat)
    assert back_on_a_socket(chat) == ["open 2"]


# --- signing out ---


@pytest.mark.row("C10")
def test_a_late_token_after_signing_out_is_dropped() -> None:
    chat = logged_in(secured=True, policy=QUIET)
    chat.wait(3570)
    (number,) = chat.calls
    assert chat.ask(i.SignOut) == ["chat signing out", "close 1 1000"]
    assert chat.closed(1000)[:3] == ["chat initial", "cancel POST token", "forget credentials"]
    assert chat.saved() == ["SignOut answered"]
    late = json.dumps(UNION).encode()
    assert chat.put(i.ResponseReceived(id=number, status=200, body=late)) == []
    assert chat.session.kept == {}
    assert chat.leaf.credentials.state == C.NONE


def test_a_login_from_before_is_forgotten_and_one_from_meanwhile_is_not() -> None:
    chat = prepared(secured=True, login=CODE)
    chat.ask(i.SignOut)
    chat.saved()
    chat.ask(i.Open)
    chat.reply("GET configuration")
    chat.saved()
    assert chat.reply("PUT visitor")[-1] == "ReauthenticationNeeded"
    chat = logged_in(secured=True)
    chat.ask(i.SignOut)
    assert chat.ask(i.Authenticate, **CODE) == ["forget credentials", "Authenticate answered"]
    chat.closed(1000)
    chat.saved()
    chat.ask(i.Open)
    chat.reply("GET configuration")
    chat.saved()
    assert chat.reply("PUT visitor")[-1] == "POST token"


def test_no_part_of_a_login_shows() -> None:
    chat = prepared(secured=True, login=CODE)
    chat.ask(i.Connect)
    shown = repr(chat.log) + repr(i.Authenticate(request=1, **CODE)) + repr(chat.leaf.credentials._spending)
    assert "code-7781" not in shown
    assert "verifier-31" not in shown
    sent = [x for x in chat.log if isinstance(x, c.SendRequest)]
    assert "code-7781" in sent[-1].body.decode()
