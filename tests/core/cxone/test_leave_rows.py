"""Rows S34-S37 and S47: leaving, signing out, and coming back."""

import json

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import CONNECTED, UNDER_WAY
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Policy
from tests.core.cxone.alone import Alone, Mode, reach, with_thread

STOPPED = {
    S.AVAILABILITY: ["cancel GET availability"],
    S.TOKEN: ["cancel POST token"],
    S.SOCKET: ["close 1 1000"],
    S.RECONNECT_WAIT: [],
    **{state: ["close 1 1000"] for state in CONNECTED},
    S.ENDING: ["close 1 1000", "EndThread refused connection_lost"],
}
"""What of each state is under way, and how it is stopped."""


def background(chat: Alone) -> list[str]:
    """Let the app go out of sight; return what came out, and what a closed socket brings."""
    words = chat.ask(i.EnterBackground)
    return words + (chat.closed(1000) if any(word.startswith("close") for word in words) else [])


# --- disconnect and background ---


@pytest.mark.row("S34", "P3", "P4", "P10", "R5", "R17", "R35", "R49")
def test_disconnect_stops_whatever_is_under_way() -> None:
    for state in UNDER_WAY:
        chat = reach(state)
        words = chat.ask(i.Disconnect)
        if "close 1 1000" in STOPPED[state]:
            assert words == ["chat prepared", *STOPPED[state]]
            assert chat.closed(1000) == ["Disconnect answered"]
        else:
            assert words == ["chat prepared", *STOPPED[state], "Disconnect answered"]
        assert chat.state is S.PREPARED
        assert chat.wait(3600) == []  # no heartbeat, no pause, no attempt is left


@pytest.mark.row("S34")
def test_background_closes_like_disconnect_but_keeps_the_intent() -> None:
    for state in UNDER_WAY:
        chat = reach(state)
        assert chat.ask(i.EnterBackground) == ["chat prepared", *STOPPED[state], "EnterBackground answered"]
        assert (chat.state, chat.leaf.presence.intent) == (S.PREPARED, "wanted")


@pytest.mark.row("S34", "P8")
def test_whoever_waits_learns_that_the_chat_is_left() -> None:
    chat = reach(S.SOCKET)
    chat.ask(i.AwaitReady)
    assert chat.ask(i.Disconnect) == ["chat prepared", "close 1 1000", "AwaitReady refused not_connected"]
    chat = reach(S.RECOVERING)
    chat.ask(i.ExecuteTrigger, trigger="hello")
    assert chat.ask(i.Disconnect) == ["chat prepared", "close 1 1000", "ExecuteTrigger refused connection_lost"]


@pytest.mark.row("C1")
def test_disconnect_forgets_nothing_that_is_kept() -> None:
    chat = reach(S.SERVING, secured=True)
    kept = dict(chat.session.kept)
    assert set(kept) == {"identity", "credentials"}
    chat.ask(i.Disconnect)
    chat.closed(1000)
    assert chat.session.kept == kept


@pytest.mark.row("S34")
def test_disconnect_does_not_wait_for_ever_for_a_socket() -> None:
    chat = reach(S.SERVING)
    chat.ask(i.Disconnect)
    assert chat.wait(1.9) == []
    assert chat.wait(0.1) == ["Disconnect answered"]


@pytest.mark.row("S35")
def test_an_offline_or_lost_chat_has_nothing_to_close() -> None:
    for state in (S.OFFLINE, S.LOST):
        assert reach(state).ask(i.Disconnect) == ["chat prepared", "Disconnect answered"]
        assert reach(state).ask(i.EnterBackground) == ["chat prepared", "EnterBackground answered"]


@pytest.mark.row("S36")
def test_disconnect_without_a_connection_only_withdraws_the_intent() -> None:
    assert reach(S.INITIAL).ask(i.Disconnect) == ["Disconnect answered"]
    chat = reach(S.SERVING)
    background(chat)
    chat.ask(i.AwaitReady)  # waits: the chat is still wanted
    assert chat.ask(i.Disconnect) == ["AwaitReady refused not_connected", "Disconnect answered"]
    assert chat.state is S.PREPARED
    chat = reach(S.INITIAL)
    chat.ask(i.EnterBackground)
    chat.ask(i.Open)
    chat.ask(i.AwaitReady)
    assert chat.ask(i.Disconnect) == ["AwaitReady refused not_connected", "Disconnect answered"]
    assert chat.state is S.INITIAL


# --- sign out ---


@pytest.mark.row("S37", "C10")
def test_signing_out_closes_drains_and_only_then_clears() -> None:
    chat = with_thread(secured=True)
    assert set(chat.session.kept) == {"identity", "credentials", "thread"}
    assert chat.ask(i.SignOut) == ["chat signing out", "close 1 1000"]
    assert set(chat.session.kept) == {"identity", "credentials", "thread"}
    assert chat.closed(1000) == [
        "chat initial", "forget credentials", "thread ended", "ended lost", "forget thread",
        "forget identity credentials thread visit fields welcome",
    ]  # fmt: skip
    assert chat.saved() == ["SignOut answered"]
    assert (chat.session.kept, dict(chat.session.threads), chat.state) == ({}, {}, S.INITIAL)


@pytest.mark.row("S37")
def test_signing_out_does_not_wait_for_ever_for_a_socket() -> None:
    chat = reach(S.SERVING)
    chat.ask(i.SignOut)
    assert chat.wait(1.9) == []
    assert chat.wait(0.1) == ["chat initial", "forget identity credentials thread visit fields welcome"]


@pytest.mark.row("S37")
def test_one_signs_out_from_anywhere() -> None:
    for state in S:
        if state is S.SIGNING_OUT:
            continue
        chat = reach(state)
        words = chat.ask(i.SignOut)
        assert words[0] == "chat signing out"
        if "close 1 1000" in words:
            words = chat.closed(1000)
        assert words[-1] == "forget identity credentials thread visit fields welcome"
        assert chat.saved()[-1] == "SignOut answered"
        assert (chat.state, chat.session.state) == (S.INITIAL, "initial")
        assert chat.wait(3600) == []


@pytest.mark.row("S37", "C10", "P34")
def test_what_comes_after_signing_out_is_another_customer() -> None:
    chat = reach(S.TOKEN)
    (number,) = chat.calls
    before = json.loads(chat.session.kept["identity"])
    assert chat.ask(i.SignOut)[:2] == ["chat signing out", "cancel POST token"]
    chat.saved()
    late = b'{"accessToken": "token-1", "expiresIn": 600}'
    assert chat.put(i.ResponseReceived(id=number, status=200, body=late)) == []
    assert chat.session.kept == {}
    chat.ask(i.Prepare)
    chat.reply("GET configuration")
    after = json.loads(chat.session.kept["identity"])
    assert not set(before.values()) & set(after.values()) - {"", False}


@pytest.mark.row("S37")
def test_signing_out_tells_whoever_waits() -> None:
    chat = reach(S.RECOVERING)
    chat.ask(i.AwaitReady)
    chat.ask(i.StartThread)
    assert chat.ask(i.SignOut) == [
        "chat signing out", "AwaitReady refused chat_closed", "close 1 1000", "StartThread refused chat_closed",
    ]  # fmt: skip
    chat = reach(S.VISITOR)
    assert "Prepare refused chat_closed" in chat.ask(i.SignOut)


def test_signing_out_twice_is_joined() -> None:
    chat = reach(S.SIGNING_OUT)
    assert chat.ask(i.SignOut) == []
    assert chat.ask(i.Disconnect) == []
    assert chat.closed(1000) == [
        "Disconnect answered",
        "chat initial",
        "forget identity credentials thread visit fields welcome",
    ]
    assert chat.saved() == ["SignOut answered", "SignOut answered"]


def test_a_chat_that_is_wanted_again_while_it_signs_out_begins_anew() -> None:
    chat = reach(S.SIGNING_OUT)
    assert chat.ask(i.Open) == ["Open answered"]
    assert chat.ask(i.AwaitReady) == []
    chat.closed(1000)
    assert chat.saved() == ["SignOut answered", "chat preparing", "GET configuration"]
    assert chat.reply("GET configuration") == ["save identity"]


# --- back again ---


@pytest.mark.row("S47")
def test_an_app_that_is_back_connects_if_the_chat_is_wanted() -> None:
    for secured, towards in ((False, "open 2"), (True, "POST token")):
        chat = reach(S.SERVING, secured=secured)
        background(chat)
        chat.wait(600)
        assert chat.ask(i.EnterActive) == ["chat connecting", towards, "EnterActive answered"]
    chat = reach(S.SERVING, "live")
    background(chat)
    chat.wait(60)
    assert chat.ask(i.EnterActive) == ["chat connecting", "GET availability", "EnterActive answered"]


@pytest.mark.row("S47")
def test_an_app_that_is_back_tries_a_lost_chat_again() -> None:
    kinds: list[tuple[Mode, bool, str]] = [
        ("single", False, "open 2"), ("single", True, "POST token"), ("live", False, "GET availability"),
    ]  # fmt: skip
    for mode, secured, towards in kinds:
        chat = reach(S.SOCKET, mode, secured=secured)
        chat.closed()
        assert chat.state is S.LOST
        chat.wait(600)
        assert chat.ask(i.EnterActive) == ["chat connecting", towards, "EnterActive answered"]


@pytest.mark.row("S47")
def test_an_app_that_is_back_asks_again_whether_anyone_is_available() -> None:
    chat = reach(S.OFFLINE)
    assert chat.ask(i.EnterActive) == ["chat connecting", "GET availability", "EnterActive answered"]


@pytest.mark.row("S47")
def test_an_app_that_is_back_recovers_what_was_open() -> None:
    chat = with_thread()
    (thread,) = chat.session.threads
    background(chat)
    chat.ask(i.EnterActive)
    chat.opened()
    words = chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert words == ["thread recovering", "frame RecoverThread"]
    assert chat.frame("RecoverThread")["payload"]["data"] == {"thread": {"idOnExternalPlatform": thread}}


@pytest.mark.row("S35")
def test_an_app_that_is_back_does_not_connect_what_nobody_wants() -> None:
    for state in (S.PREPARED, S.LOST, S.OFFLINE):
        chat = reach(state)
        chat.ask(i.Disconnect)
        assert chat.ask(i.EnterActive) == ["EnterActive answered"]
        assert chat.state is S.PREPARED


def test_an_app_that_is_back_prepares_what_was_wanted_in_the_background() -> None:
    chat = Alone()
    chat.ask(i.EnterBackground)
    assert chat.ask(i.Open) == ["Open answered"]
    assert chat.ask(i.EnterActive) == ["chat preparing", "GET configuration", "EnterActive answered"]


def test_a_connect_out_of_sight_is_a_wish_for_later() -> None:
    chat = reach(S.PREPARED)
    chat.ask(i.EnterBackground)
    assert chat.ask(i.Connect) == ["Connect answered"]
    assert (chat.state, chat.wait(600)) == (S.PREPARED, [])
    assert chat.ask(i.EnterActive) == ["chat connecting", "open 1", "EnterActive answered"]


def test_a_new_socket_waits_until_the_old_one_is_closed() -> None:
    chat = reach(S.SERVING)
    chat.ask(i.EnterBackground)
    assert chat.ask(i.EnterActive) == ["chat connecting", "EnterActive answered"]
    assert chat.closed(1000, socket=1) == ["open 2"]
    assert chat.opened() == ["chat connected", "frame AuthorizeCustomer"]


def test_a_new_socket_waits_two_seconds_for_an_old_one_that_is_never_reported() -> None:
    chat = reach(S.SERVING, policy=Policy(connect_timeout=3))
    chat.ask(i.EnterBackground)
    chat.ask(i.EnterActive)
    assert chat.wait(1.9) == []
    assert chat.wait(0.1) == ["open 2"]
    assert chat.wait(2.9) == []  # and has its own time to open
    assert chat.wait(0.1) == ["close 2 1000"]  # it was connected before it went out of sight: tried again, not lost
    assert chat.state is S.RECONNECT_WAIT


def test_leaving_while_a_new_socket_waits_opens_none() -> None:
    chat = reach(S.SERVING)
    chat.ask(i.EnterBackground)
    chat.ask(i.EnterActive)
    assert chat.ask(i.Disconnect) == ["chat prepared"]
    assert chat.closed(1000, socket=1) == ["Disconnect answered"]
    assert (chat.state, chat.wait(3600)) == (S.PREPARED, [])


def test_a_connect_out_of_sight_is_refused_where_it_would_be_in_sight() -> None:
    for state in (S.INITIAL, S.UNSUPPORTED):
        chat = reach(state)
        chat.ask(i.EnterBackground)
        assert chat.ask(i.Connect)[0].startswith("Connect refused"), state
    chat = reach(S.PREPARED)
    chat.ask(i.EnterBackground)
    assert chat.ask(i.Connect) == ["Connect answered"]
    assert chat.ask(i.EnterActive)[0] == "chat connecting"
