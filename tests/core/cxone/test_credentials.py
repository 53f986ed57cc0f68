"""Credentials: kept over restarts, requested once at a time, wiped when they are refused or someone else's."""

import json

import pytest

from deskline_core import inputs as i
from deskline_core.commands import Save
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.cxone.credentials_table import CredentialState as C
from deskline_core.cxone.tokens import TokenAnswer
from deskline_core.policy import Policy
from deskline_core.values import Secret
from tests.core.cxone.alone import CUSTOMER, START, THREAD, Alone, reach

TOKEN = TokenAnswer(token=Secret("token-9"), expires_in=600)
ACCESS = {"access_token": "kept-1", "access_expires_at": START + 600, "renew_at": START + 570}


def kept(expires_at: float) -> dict[str, str]:
    """Return what an earlier run kept of a customer with a token."""
    identity, token = {"visitor": "v-1", "customer": CUSTOMER}, {"token": "kept-1", "expires_at": expires_at}
    return {"identity": json.dumps(identity), "credentials": json.dumps(token)}


@pytest.mark.row("P40")
def test_a_kept_token_is_used_until_it_is_about_to_expire() -> None:
    chat = reach(S.PREPARED, secured=True, restored=kept(START + 30.1))
    assert chat.ask(i.Connect) == ["chat connecting", "open 1", "Connect answered"]
    assert chat.url["transactionToken"] == "kept-1"
    chat = reach(S.PREPARED, secured=True, restored=kept(START + 30))
    assert chat.ask(i.Connect) == ["chat connecting", "POST token", "Connect answered"]
    chat = reach(S.PREPARED, secured=True, restored=kept(START + 30), policy=Policy(token_margin=1))
    assert chat.ask(i.Connect) == ["chat connecting", "open 1", "Connect answered"]


@pytest.mark.parametrize("identity", [{}, {"identity": "torn"}])
def test_a_token_is_of_no_use_without_the_customer_it_is_for(identity: dict[str, str]) -> None:
    tokens = json.loads(kept(START + 600)["credentials"]) | {"cookie": "c"}
    restored = {**identity, "credentials": json.dumps(tokens)}
    chat = reach(S.PREPARED, secured=True, authentication="cookie", restored=restored)
    stored = json.loads(chat.session.kept["credentials"])
    assert (stored["cookie"], "token" in stored) == ("c", False)
    assert [save.key for save in chat.log if isinstance(save, Save)] == ["credentials", "identity"]
    assert chat.ask(i.Connect) == ["chat connecting", "POST token", "Connect answered"]
    assert chat.leaf.credentials.tokens.cookie.reveal() == "c"


@pytest.mark.parametrize("text", ["", "{}", "null", "[1]", '{"token": 5, "expires_at": 1}', "\ud800", '{"token": "x"}'])
def test_a_record_that_cannot_be_read_counts_as_none(text: str) -> None:
    chat = reach(S.PREPARED, secured=True, restored={"credentials": text})
    assert chat.ask(i.Connect) == ["chat connecting", "POST token", "Connect answered"]


@pytest.mark.row("C8", "P51")
def test_token_and_expiry_are_kept_as_one_record() -> None:
    chat = reach(S.TOKEN)
    assert chat.reply("POST token").count("save credentials") == 1
    assert json.loads(chat.session.kept["credentials"]) == {"token": "token-1", "expires_at": START + 600}


@pytest.mark.row("C11", "P29")
def test_one_request_serves_all_who_need_a_token() -> None:
    chat = reach(S.TOKEN)
    chat.leaf.credentials.need()
    assert chat.put(i.Tick()) == []
    assert chat.leaf.credentials.state == C.ACQUIRING
    assert chat.reply("POST token") == ["save credentials", "open 1"]


@pytest.mark.row("C10")
def test_a_request_that_nobody_needs_any_more_is_stopped_and_made_anew() -> None:
    chat = reach(S.TOKEN)
    (number,) = chat.calls
    assert chat.ask(i.Disconnect) == ["chat prepared", "cancel POST token", "Disconnect answered"]
    assert chat.leaf.credentials.state == C.NONE
    assert chat.put(i.ResponseReceived(id=number, status=200, body=b'{"accessToken": "late"}')) == []
    assert "credentials" not in chat.session.kept
    assert chat.ask(i.Connect) == ["chat connecting", "POST token", "Connect answered"]


def test_the_token_request_names_the_customer_who_is_known() -> None:
    chat = Alone(secured=True)
    chat.ask(i.SetCustomer, id=CUSTOMER)
    chat.ask(i.Open)
    chat.reply("GET configuration")
    chat.saved()
    chat.reply("PUT visitor")
    request = chat.call("POST token")
    assert CUSTOMER in request.body.decode()
    assert request.deadline == chat.now + 30
    assert "oauth/token?brandId=1386&channelId=chat_" in request.url.reveal()


def test_an_access_token_that_an_authorization_brings_is_kept() -> None:
    chat = reach(S.AUTHORIZING)
    data = {"accessToken": {"token": "access-1", "expiresIn": 3600}}
    assert chat.answer("AuthorizeCustomer", "ConsumerAuthorized", data) == ["save credentials", "frame RecoverThread"]
    restored = dict(chat.session.kept)
    again = reach(S.SOCKET, restored=restored, seed=b"another seed of enough bytes")
    assert again.opened() == ["chat connected", "frame ReconnectConsumer"]
    assert again.frame("ReconnectConsumer")["payload"]["data"] == {"accessToken": {"token": "access-1"}}


def test_the_policy_names_the_reconnect() -> None:
    policy = Policy(reconnect_event="ReconnectCustomer")
    chat = reach(S.SOCKET, restored={"credentials": json.dumps(ACCESS)}, policy=policy)
    assert chat.opened() == ["chat connected", "frame ReconnectCustomer"]
    assert chat.answer("ReconnectCustomer", "ConsumerReconnected") == ["frame RecoverThread"]


@pytest.mark.row("C5")
def test_another_customer_gets_neither_the_token_nor_the_thread_of_the_last_one() -> None:
    identity = {"visitor": "v-1", "customer": "someone else", "first_name": "", "last_name": "", "destination": ""}
    restored = {**kept(START + 600), "identity": json.dumps(identity), "thread": THREAD}
    chat = Alone(secured=True, restored=restored)
    words = chat.ask(i.SetCustomer, id=CUSTOMER)
    assert words == ["forget credentials", "forget thread", "save identity", "SetCustomer answered"]
    chat = Alone(secured=True, restored=restored)
    assert chat.ask(i.SetCustomer, id="someone else") == ["save identity", "SetCustomer answered"]
    assert set(chat.session.kept) == {"identity", "thread", "credentials"}


# --- the table, where the session does not lead yet ---


def credentials(state: C) -> Alone:
    """Return a prepared session whose credentials are in a state."""
    chat = reach(S.PREPARED)
    chat.leaf.credentials.fire("given", TOKEN)
    chat.leaf.credentials.state = state
    chat.put(i.Tick())
    return chat


@pytest.mark.parametrize(
    ("state", "trigger", "to"),
    [
        (C.VALID, "refresh", C.VALID),
        (C.REFRESHING, "need", C.REFRESHING),
        (C.REFRESHING, "granted", C.VALID),
        (C.REFRESHING, "failed", C.VALID),
        (C.REFRESHING, "dropped", C.REFRESHING),
        (C.VALID, "stale", C.NONE),
        (C.REFRESHING, "refused", C.REAUTH_NEEDED),
        (C.REAUTH_NEEDED, "wiped", C.NONE),
        (C.REAUTH_NEEDED, "granted", C.REAUTH_NEEDED),
        (C.NONE, "failed", C.NONE),
        (C.NONE, "given", C.VALID),
    ],
)
def test_the_life_of_a_token(state: C, trigger: str, to: C) -> None:
    chat = credentials(state)
    chat.leaf.credentials.fire(trigger, None)
    assert chat.leaf.credentials.state == to
    wiped = trigger in ("refused", "wiped", "stale")
    assert chat.put(i.Tick()) == (["forget credentials"] if wiped else [])
    assert (chat.leaf.credentials.token is None) == wiped
