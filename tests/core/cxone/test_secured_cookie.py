"""Customers whom a cookie stands for, or the identity token that takes its place."""

import json
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.cxone.tokens import read_cookie
from deskline_core.policy import Policy
from deskline_core.values import Secret
from tests.core.cxone.alone import CUSTOMER, START, Alone, nothing_to_recover, reach

COOKIE = (("content-type", "application/json"), ("set-cookie", "cx_digital_wi=id.0123456789; Path=/; HttpOnly; Secure"))
ANSWER = {"accessToken": "token-1", "expiresIn": 600, "customerIdentity": {"idOnExternalPlatform": CUSTOMER}}
BY_TOKEN = Policy(identity_by="token")


def connecting(**rest: Any) -> Alone:
    """Return a session that asks for its token."""
    chat = reach(S.PREPARED, secured=True, authentication="cookie", **rest)
    assert chat.ask(i.Connect) == ["chat connecting", "POST token", "Connect answered"]
    return chat


def asked_again(chat: Alone) -> None:
    """Let the token expire, and the socket go."""
    chat.saved()
    chat.opened()
    nothing_to_recover(chat)
    chat.closed()
    chat.now += 600
    assert chat.put(i.Tick()) == ["POST token"]


@pytest.mark.row("C1")
def test_the_cookie_that_an_answer_sets_is_sent_back_and_nothing_else_says_who_it_is() -> None:
    chat = connecting()
    request = chat.call("POST token")
    assert (request.body, "cookie" in dict(request.headers)) == (b"{}", False)
    assert "storageFallback" not in request.url.reveal()
    words = chat.reply("POST token", ANSWER, headers=COOKIE)
    assert words == ["save credentials", "save identity", "CustomerIdentified", "open 1"]
    assert json.loads(chat.session.kept["credentials"])["cookie"] == "id.0123456789"
    asked_again(chat)
    request = chat.call("POST token")
    assert (request.body, dict(request.headers)["cookie"]) == (b"{}", "cx_digital_wi=id.0123456789")
    chat.reply("POST token", ANSWER)  # it sets none this time: the one that is kept goes on
    again = connecting(restored={"credentials": chat.session.kept["credentials"]}, policy=Policy(token_margin=1e6))
    assert dict(again.call("POST token").headers)["cookie"] == "cx_digital_wi=id.0123456789"
    assert "0123456789" not in repr(again.log)


def test_an_identity_token_takes_the_cookies_place() -> None:
    chat = connecting(policy=BY_TOKEN)
    request = chat.call("POST token")
    assert request.url.reveal().endswith("&storageFallback=1")
    assert "authorization" not in dict(request.headers)
    chat.reply("POST token", ANSWER | {"identityToken": "id.0123456789"})
    asked_again(chat)
    request = chat.call("POST token")
    assert (request.body, dict(request.headers)["authorization"]) == (b"{}", "Bearer id.0123456789")
    assert "0123456789" not in repr(chat.log)


@pytest.mark.row("C1")
def test_a_refused_socket_costs_the_transaction_token_and_not_the_identity() -> None:
    for headers, answer, policy in (
        (COOKIE, ANSWER, Policy()), ((), ANSWER | {"identityToken": "id.0123456789"}, BY_TOKEN),
    ):  # fmt: skip
        chat = connecting(policy=policy)
        chat.reply("POST token", answer, headers=headers)
        assert chat.closed(status=401) == ["save credentials", "chat prepared", "ReauthenticationNeeded"]
        chat.ask(i.Connect)
        assert "id.0123456789" in str(dict(chat.call("POST token").headers).values())


def test_an_identity_that_is_refused_is_dropped() -> None:
    chat = connecting(restored={"credentials": json.dumps({"cookie": "id.0123456789"})})
    assert chat.reply("POST token", {"error": "x"}, status=401) == [
        "forget credentials", "chat prepared", "ReauthenticationNeeded",
    ]  # fmt: skip
    chat.ask(i.Connect)
    assert "cookie" not in dict(chat.call("POST token").headers)


def test_a_legacy_channel_with_cookies_authorizes_without_a_login() -> None:
    chat = reach(S.SOCKET, authentication="cookie")
    assert chat.opened() == ["chat connected", "frame AuthorizeCustomer"]


def test_signing_out_forgets_the_identity() -> None:
    chat = connecting(restored={"credentials": json.dumps({"cookie": "id.0123456789", "expires_at": START})})
    chat.ask(i.SignOut)
    chat.saved()
    assert chat.session.kept == {}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("cx_digital_wi=abc", "abc"),
        (" cx_digital_wi=a=b.c-d_e~/+; Secure", "a=b.c-d_e~/+"),
        ("cx_digital_wi=", ""),
        ("cx_digital_wi", ""),
        ("other=abc", ""),
        ("cx_digital_wi=a b", ""),
        ("cx_digital_wi=a\r\nx: y", ""),
        ('cx_digital_wi="a"', ""),
        ("cx_digital_wi=" + "a" * 5000, ""),
    ],
)
def test_a_cookie_is_read_only_where_it_can_be_sent_back(text: str, value: str) -> None:
    assert read_cookie((("set-cookie", "first=1"), ("set-cookie", text))).reveal() == value


def test_a_login_on_a_channel_whose_customers_do_not_log_in_takes_nothing_away() -> None:
    kept = {"credentials": json.dumps({"cookie": "id.0123456789"})}
    chat = Alone(secured=True, authentication="cookie", restored=kept)
    assert chat.ask(i.Authenticate, code=Secret("code"), verifier=Secret("verifier")) == ["Authenticate answered"]
    chat.ask(i.Open)
    chat.reply("GET configuration")
    chat.saved()
    assert chat.reply("PUT visitor")[-1] == "POST token"
    request = chat.call("POST token")
    assert (request.body, dict(request.headers)["cookie"]) == (b"{}", "cx_digital_wi=id.0123456789")
