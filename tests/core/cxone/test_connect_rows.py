"""Rows S11-S23 and S49: from a connect to an open socket, and what can go wrong on the way."""

import json
from urllib.parse import urlsplit

import pytest

from deskline_core import inputs as i
from deskline_core.commands import OpenSocket
from deskline_core.cxone.connection_table import PREPARING, UNDER_WAY, project
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.cxone.site import CXone
from deskline_core.policy import Policy
from tests.core.cxone.alone import CHANNEL, CUSTOMER, START, Alone, reach, towards_socket

SHORT = {"accessToken": "token-1", "expiresIn": 40}  # good for 10 s: the margin is 30 s


def lost(mode: str = "single", *, secured: bool = False, **rest: object) -> Alone:
    """Return a chat that was connecting and is lost."""
    chat = reach(S.PREPARED, mode, secured=secured, **rest)  # type: ignore[arg-type]
    chat.ask(i.Connect)
    towards_socket(chat)
    chat.closed()
    assert chat.state is S.LOST
    return chat


def reconnecting(**rest: object) -> Alone:
    """Return a secured chat that lost its connection, and whose token has expired since."""
    chat = reach(S.TOKEN, **rest)  # type: ignore[arg-type]
    chat.reply("POST token", SHORT)
    chat.opened()
    chat.deny("RecoverThread", "RecoveringThreadFailed")
    chat.wait(9)
    chat.closed()
    assert chat.wait_next() == ["POST token"]
    return chat


# --- towards the socket ---


@pytest.mark.row("S11")
def test_a_live_chat_first_asks_whether_anyone_is_available() -> None:
    chat = reach(S.PREPARED, "live")
    assert chat.ask(i.Connect) == ["chat connecting", "GET availability", "Connect answered"]
    assert chat.state is S.AVAILABILITY
    assert chat.call("GET availability").url.reveal().endswith(f"/channel/{CHANNEL}/availability")


@pytest.mark.row("S11", "C12")
def test_a_secured_session_first_gets_a_token() -> None:
    chat = reach(S.PREPARED, secured=True)
    assert chat.ask(i.Connect) == ["chat connecting", "POST token", "Connect answered"]
    assert chat.state is S.TOKEN


@pytest.mark.row("S11")
def test_a_legacy_session_opens_the_socket_at_once() -> None:
    chat = reach(S.PREPARED)
    assert chat.ask(i.Connect) == ["chat connecting", "open 1", "Connect answered"]
    assert chat.state is S.SOCKET
    assert chat.session.next_deadline == START + 5
    identity = json.loads(chat.session.kept["identity"])
    assert chat.url["customerId"] == identity["customer"]
    assert chat.url["visitorId"] == identity["visitor"]


@pytest.mark.row("S11")
def test_a_lost_chat_connects_like_a_prepared_one() -> None:
    assert lost().ask(i.Connect) == ["chat connecting", "open 2", "Connect answered"]
    chat = lost("live")
    chat.wait(60)
    assert chat.ask(i.Connect) == ["chat connecting", "GET availability", "Connect answered"]
    chat = lost(secured=True)
    chat.wait(600)
    assert chat.ask(i.Connect) == ["chat connecting", "POST token", "Connect answered"]


@pytest.mark.row("S11")
def test_an_answer_about_availability_is_good_for_a_minute() -> None:
    chat = lost("live")
    chat.wait(59.9)
    assert chat.ask(i.Connect) == ["chat connecting", "open 2", "Connect answered"]


@pytest.mark.row("P28")
def test_the_question_whether_anyone_is_available_holds_nothing_up() -> None:
    chat = reach(S.AVAILABILITY)
    assert chat.ask(i.ReportWindowOpened) == ["save visit", "POST event", "POST event"]
    assert chat.ask(i.StartThread) == []
    assert chat.ask(i.Disconnect) == ["chat prepared", "cancel GET availability", "Disconnect answered"]


@pytest.mark.row("R44", "R50")
def test_every_region_has_its_hosts_and_a_site_may_name_its_own() -> None:
    own = {"chat_url": "https://chat.example.test/c", "gateway_url": "wss://gate.example.test/"}
    hosts: dict[str, CXone] = {
        "chat-gw-de-na1.niceincontact.com": CXone(environment="NA1", brand_id=1, channel_id=CHANNEL),
        "chat-gw-de-au2.nicecxone-sov1.au": CXone(environment="AU2", brand_id=1, channel_id=CHANNEL),
        "gate.example.test": CXone(environment="NA1", brand_id=1, channel_id=CHANNEL, **own),  # type: ignore[arg-type]
    }
    for host, site in hosts.items():
        chat = reach(S.SOCKET, site=site)
        (opening,) = (command for command in chat.log if isinstance(command, OpenSocket))
        assert urlsplit(opening.url.reveal()).hostname == host


@pytest.mark.row("S12", "R22")
def test_an_offline_chat_may_connect_and_asks_again() -> None:
    chat = reach(S.OFFLINE)
    assert chat.ask(i.Connect) == ["chat connecting", "GET availability", "Connect answered"]
    assert chat.reply("GET availability") == ["open 1"]


@pytest.mark.row("S13")
def test_nobody_available_is_offline_and_no_socket() -> None:
    chat = reach(S.AVAILABILITY)
    chat.ask(i.AwaitReady)
    assert chat.reply("GET availability", {"status": "offline"}) == ["chat offline", "AwaitReady refused offline"]
    assert (chat.state, chat.wait(600)) == (S.OFFLINE, [])


@pytest.mark.row("S14", "R33")
def test_a_failed_question_about_availability_is_asked_again_after_a_while() -> None:
    chat = reach(S.AVAILABILITY, policy=Policy(rest_attempts=1))
    assert chat.fail("GET availability") == []  # to the app it is connecting as before
    assert chat.state is S.RECONNECT_WAIT
    assert chat.wait(1.99) == []  # 1 s + U(1, 5)
    assert chat.wait(4.01) == ["GET availability"]
    assert chat.reply("GET availability") == ["open 1"]


@pytest.mark.row("S14", "R48")
def test_the_question_itself_is_repeated_before() -> None:
    for status in (0, 503):
        chat = reach(S.AVAILABILITY)
        for _ in range(3):
            words = chat.reply("GET availability", status=status) if status else chat.fail("GET availability")
            assert (words, chat.state) == ([], S.AVAILABILITY)
            assert chat.wait(2) == ["GET availability"]
        chat.fail("GET availability")
        assert chat.state is S.RECONNECT_WAIT


@pytest.mark.row("S14")
def test_an_answer_that_says_nothing_is_a_failure() -> None:
    for body, status in (({}, 200), (b"<html>", 200), (None, 404)):
        chat = reach(S.AVAILABILITY)
        assert chat.reply("GET availability", body, status=status) == []
        assert chat.state is S.RECONNECT_WAIT


def test_the_policy_may_give_up_on_the_first_question() -> None:
    chat = reach(S.AVAILABILITY, policy=Policy(rest_attempts=1, retry_first_availability=False))
    assert chat.fail("GET availability") == ["chat lost"]
    assert chat.wait(600) == []


def test_a_version_refused_while_connecting_is_final() -> None:
    body = {"error": {"errorCode": "SdkVersionNotSupported"}}
    for state, call in ((S.AVAILABILITY, "GET availability"), (S.TOKEN, "POST token")):
        chat = reach(state)
        chat.ask(i.AwaitReady)
        assert chat.reply(call, body, status=400) == ["chat unsupported", "AwaitReady refused version_refused"]
        assert chat.wait(600) == []


def test_a_token_follows_availability_where_sessions_are_secured() -> None:
    chat = reach(S.AVAILABILITY, secured=True)
    assert chat.reply("GET availability") == ["POST token"]


@pytest.mark.row("S15", "P42", "R34")
def test_a_redundant_connect_says_again_where_the_chat_stands() -> None:
    for state in UNDER_WAY:
        chat = reach(state)
        assert chat.ask(i.Connect) == [f"chat {project(state)}", "Connect answered"]
        assert chat.state is state


@pytest.mark.row("S16")
def test_connect_needs_a_prepared_chat_and_is_not_remembered() -> None:
    for state in (S.INITIAL, *PREPARING):
        chat = reach(state)
        assert chat.ask(i.Connect) == ["Connect refused illegal_state"]
        assert chat.refusal[1] == "connect needs a prepared chat"
        assert chat.state is state
    chat = reach(S.VISITOR)
    chat.ask(i.Connect)
    assert chat.reply("PUT visitor") == ["chat prepared", "Prepare answered"]


# --- the token ---


@pytest.mark.row("S17", "R44")
def test_a_token_is_kept_and_goes_into_the_url() -> None:
    chat = reach(S.TOKEN)
    assert chat.reply("POST token") == ["save credentials", "open 1"]
    assert chat.state is S.SOCKET
    assert chat.url["transactionToken"] == "token-1"
    assert "customerId" not in chat.url
    assert json.loads(chat.session.kept["credentials"]) == {"token": "token-1", "expires_at": START + 600}


@pytest.mark.row("S17", "C8")
def test_the_customer_of_a_token_is_the_customer() -> None:
    chat = reach(S.TOKEN)
    answer = {"accessToken": "token-1", "expiresIn": 600, "customerIdentity": {"idOnExternalPlatform": CUSTOMER}}
    assert chat.reply("POST token", answer) == ["save credentials", "save identity", "CustomerIdentified", "open 1"]
    assert json.loads(chat.session.kept["identity"])["customer"] == CUSTOMER
    chat.opened()
    assert chat.frame("RecoverThread")["payload"]["customerIdentity"] == {"idOnExternalPlatform": CUSTOMER}


@pytest.mark.row("S18", "P27", "R9")
def test_an_expired_token_that_cannot_be_renewed_asks_for_credentials() -> None:
    chat = reach(S.TOKEN)
    chat.ask(i.AwaitReady)
    words = chat.reply("POST token", {"error": "invalid_grant"}, status=401)
    assert words == ["chat prepared", "ReauthenticationNeeded", "AwaitReady refused authorization_failed"]
    assert (chat.state, chat.wait(600)) == (S.PREPARED, [])
    assert chat.ask(i.Connect) == ["chat connecting", "POST token", "Connect answered"]


@pytest.mark.row("S19", "P27", "P48", "C6")
def test_a_refused_token_request_is_told_and_not_repeated() -> None:
    chat = reach(S.TOKEN)
    chat.ask(i.AwaitReady)
    words = chat.reply("POST token", {"error": {"errorCode": "IpAddressBlocked"}}, status=403)
    assert words == ["chat prepared", "ReauthenticationNeeded", "AwaitReady refused authorization_failed"]
    assert chat.told[-1].cause == "the token request was refused with status 403 IpAddressBlocked"  # type: ignore[union-attr]
    assert (chat.state, chat.wait(600)) == (S.PREPARED, [])


@pytest.mark.row("S20", "P1", "P27")
def test_a_token_service_that_is_down_ends_the_first_attempt() -> None:
    chat = reach(S.TOKEN)
    chat.ask(i.AwaitReady)
    assert chat.reply("POST token", status=503) == ["chat lost", "AwaitReady refused connection_lost"]
    assert (chat.state, chat.wait(600)) == (S.LOST, [])
    assert reach(S.TOKEN).fail("POST token") == ["chat lost"]
    assert reach(S.TOKEN).reply("POST token", b"{}") == ["chat lost"]


@pytest.mark.row("S20", "R43", "R47")
def test_a_token_request_has_its_time() -> None:
    chat = reach(S.TOKEN)
    assert chat.wait(29.9) == []  # no heartbeat either: there is no socket yet
    assert chat.wait(0.1) == ["cancel POST token", "chat lost"]


@pytest.mark.row("S20")
def test_a_token_service_that_is_down_while_reconnecting_is_asked_again() -> None:
    chat = reconnecting()
    assert chat.fail("POST token") == []
    assert chat.state is S.RECONNECT_WAIT
    assert chat.wait(8) == ["POST token"]


# --- the socket ---


@pytest.mark.row("S21")
def test_an_open_socket_is_connected_and_then_authorizes() -> None:
    chat = reach(S.SOCKET)
    assert chat.opened() == ["chat connected", "frame AuthorizeCustomer"]
    assert chat.state is S.AUTHORIZING
    assert chat.session.deadlines.at("heartbeat") == chat.now + 10
    assert chat.session.deadlines.at("connect") is None


@pytest.mark.row("S21", "R11")
def test_a_secured_session_has_nothing_to_authorize() -> None:
    chat = reach(S.SOCKET, secured=True)
    assert chat.opened() == ["chat connected", "frame RecoverThread"]
    assert chat.state is S.RECOVERING


@pytest.mark.row("S22", "P24", "R42", "R32", "R51")
def test_a_socket_that_does_not_open_at_first_is_lost() -> None:
    chat = reach(S.SOCKET)
    chat.ask(i.AwaitReady)
    assert chat.closed(status=503) == ["chat lost", "AwaitReady refused connection_lost"]
    assert chat.told[-1].cause == "the socket was refused with status 503"  # type: ignore[union-attr]
    assert (chat.state, chat.wait(600)) == (S.LOST, [])


@pytest.mark.row("S22", "P1")
def test_a_socket_has_its_time_to_open() -> None:
    chat = reach(S.SOCKET)
    assert chat.wait(4.9) == []
    assert chat.wait(0.1) == ["close 1 1000", "chat lost"]
    assert chat.opened() == []  # too late
    assert chat.session.counts["stale completions"] == 1


@pytest.mark.row("S23")
def test_a_socket_that_does_not_open_while_reconnecting_is_tried_again() -> None:
    chat = reach(S.RECONNECT_WAIT)
    assert chat.wait(6) == ["open 2"]
    assert chat.closed() == []
    assert chat.state is S.RECONNECT_WAIT
    assert chat.wait(8) == ["open 3"]
    assert chat.opened() == ["chat connected", "frame AuthorizeCustomer"]


@pytest.mark.row("S23")
def test_the_policy_may_retry_the_first_socket() -> None:
    chat = reach(S.SOCKET, policy=Policy(retry_first_open=True))
    assert chat.closed() == []
    assert chat.state is S.RECONNECT_WAIT
    assert chat.wait(6) == ["open 2"]


@pytest.mark.row("S49")
def test_an_unsupported_chat_does_not_connect() -> None:
    chat = reach(S.UNSUPPORTED)
    assert chat.ask(i.Connect) == ["Connect refused version_refused"]
    assert chat.state is S.UNSUPPORTED


def test_a_token_of_an_earlier_run_that_is_refused_is_replaced_once() -> None:
    kept = dict(reach(S.SOCKET, secured=True).session.kept)
    chat = reach(S.PREPARED, secured=True, restored=kept)
    assert chat.ask(i.Connect) == ["chat connecting", "open 1", "Connect answered"]
    assert chat.closed(status=401) == ["forget credentials", "POST token"]
    assert chat.reply("POST token", {"accessToken": "token-2", "expiresIn": 600}) == ["save credentials", "open 2"]
    assert chat.url["transactionToken"] == "token-2"
    assert chat.closed(status=401) == ["forget credentials", "chat prepared", "ReauthenticationNeeded"]
    assert chat.wait(600) == []


def test_a_chat_that_signs_out_does_not_connect_or_prepare() -> None:
    chat = reach(S.SIGNING_OUT)
    assert chat.ask(i.Connect) == ["Connect refused illegal_state"]
    assert chat.ask(i.Prepare) == ["Prepare refused illegal_state"]
