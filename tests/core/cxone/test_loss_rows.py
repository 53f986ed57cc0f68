"""Rows S29-S33 and S48: losing a connection, and coming back or not."""

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import CONNECTED
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Backoff, Policy
from tests.core.cxone.alone import THREAD, Alone, nothing_to_recover, reach, recovered_thread, with_thread

ONCE = Policy(backoff=Backoff(attempts=1), rest_attempts=1)
SHORT = {"accessToken": "token-1", "expiresIn": 31}  # good for 1 s: the margin is 30 s


def back(chat: Alone) -> None:
    """Take a chat from its open socket to ready."""
    chat.opened()
    if not chat.secured:
        chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    nothing_to_recover(chat)
    assert chat.state is S.SERVING


def waiting_with_old_token(**rest: object) -> Alone:
    """Return a secured chat that lost its connection, and whose token has expired."""
    chat = reach(S.TOKEN, **rest)  # type: ignore[arg-type]
    chat.reply("POST token", SHORT)
    back(chat)
    chat.closed()
    assert chat.state is S.RECONNECT_WAIT
    return chat


# --- loss ---


@pytest.mark.row("S29", "R1", "R2", "R30", "R31", "R45", "R14")
def test_a_loss_shows_at_once_and_once_and_another_attempt_follows() -> None:
    for state in CONNECTED:
        for code in (None, 1001, 1006, 1011):
            chat = reach(state)
            given_up = ["EndThread refused connection_lost"] if state is S.ENDING else []
            assert chat.closed(code) == ["chat connecting", *given_up]
            assert chat.state is S.RECONNECT_WAIT
            assert chat.session.deadlines.at("heartbeat") is None
            assert chat.session.deadlines.at("exchange", "") is None
            assert chat.wait(1.99) == []  # 1 s + U(1, 5): P5, the pause is never left out
            assert chat.wait(4.01) == ["open 2"]
            assert chat.opened() == ["chat connected", "frame AuthorizeCustomer"]


@pytest.mark.row("S29", "P5", "R8")
def test_pauses_grow_up_to_a_ceiling() -> None:
    policy = Policy(backoff=Backoff(first=1, jitter=(1, 1), growth=1.5, ceiling=10))
    chat = reach(S.SERVING, policy=policy)
    pauses = []
    for _ in range(6):
        chat.closed()
        assert chat.session.next_deadline is not None
        pauses.append(chat.session.next_deadline - chat.now)
        chat.wait_next()
    assert pauses == [2, 3, 4.5, 6.75, 10, 10]


@pytest.mark.row("S29", "R1", "P37")
def test_a_heartbeat_that_nothing_answers_is_a_loss_and_closes_the_socket() -> None:
    chat = reach(S.SERVING)
    assert chat.wait(10) == ["frame heartbeat"]
    assert chat.wait(4.9) == []
    assert chat.wait(0.1) == ["close 1 1001", "chat connecting"]
    assert chat.state is S.RECONNECT_WAIT
    assert chat.closed(1001) == []
    assert chat.wait(6) == ["open 2"]


@pytest.mark.row("S29", "P8", "P35")
def test_requests_under_way_end_with_the_connection() -> None:
    chat = with_thread("multi")
    chat.ask(i.RenameThread, thread=next(iter(chat.session.threads)), name="Parcel")
    assert chat.closed() == ["RenameThread refused connection_lost", "chat connecting"]
    assert not chat.leaf.line.exchanges


@pytest.mark.row("S29", "R24", "R25", "P36")
def test_the_gate_closes_again_on_every_loss() -> None:
    chat = with_thread()
    (thread,) = chat.session.threads
    assert chat.ask(i.SendMessage, thread=thread, text="one") == [
        "message queued", "SendMessage answered", "message sending", "frame SendMessage",
    ]  # fmt: skip
    chat.closed(unwritten=(chat.last_frame,))
    assert chat.ask(i.SendMessage, thread=thread, text="two") == ["message queued", "SendMessage answered"]
    assert chat.wait(6) == ["open 2"]
    assert chat.opened() == ["chat connected", "frame AuthorizeCustomer"]
    words = chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert words == ["thread recovering", "frame RecoverThread"]


@pytest.mark.row("S30", "P23")
def test_a_close_in_order_by_the_far_side_is_a_loss_too() -> None:
    for state in CONNECTED:
        chat = reach(state)
        assert chat.closed(1000)[0] == "chat connecting"
        assert chat.told[-1].cause == "the socket was closed with code 1000"  # type: ignore[union-attr]
        assert chat.state is S.RECONNECT_WAIT
        assert chat.wait(6) == ["open 2"]


# --- the next attempt ---


@pytest.mark.row("S31")
def test_after_the_pause_a_legacy_session_opens_a_socket() -> None:
    chat = reach(S.RECONNECT_WAIT)
    assert chat.wait(6) == ["open 2"]
    assert chat.state is S.SOCKET


@pytest.mark.row("S31", "P6")
def test_a_token_that_is_still_good_is_used_again_and_an_old_one_is_not() -> None:
    chat = reach(S.RECONNECT_WAIT, secured=True)
    assert chat.wait(6) == ["open 2"]
    assert chat.url["transactionToken"] == "token-1"
    chat = waiting_with_old_token()
    assert chat.wait(6) == ["POST token"]
    assert chat.reply("POST token", {"accessToken": "token-2", "expiresIn": 600}) == ["save credentials", "open 2"]
    assert chat.url["transactionToken"] == "token-2"


@pytest.mark.row("P43")
def test_a_new_token_takes_the_place_of_the_old_one_in_the_store() -> None:
    chat = waiting_with_old_token()
    before = dict(chat.session.kept)
    chat.wait_next()
    chat.reply("POST token", {"accessToken": "token-2", "expiresIn": 600})
    after = dict(chat.session.kept)
    assert set(after) == set(before)
    assert "token-1" in before["credentials"]
    assert "token-2" in after["credentials"]
    assert not any("token-1" in kept for kept in after.values())


@pytest.mark.row("S31")
def test_a_live_chat_that_never_was_connected_asks_for_availability_again() -> None:
    chat = reach(S.AVAILABILITY, policy=ONCE)
    chat.fail("GET availability")
    assert chat.wait(6) == ["GET availability"]


@pytest.mark.row("S31")
def test_a_live_chat_that_was_connected_goes_on_whoever_is_available_now() -> None:
    chat = reach(S.RECONNECT_WAIT, "live")
    chat.now += 600
    assert chat.wait(0) == ["open 2"]


@pytest.mark.row("S32", "R46", "P2", "P38")
def test_after_the_last_attempt_the_chat_is_lost_and_says_so_once() -> None:
    chat = reach(S.RECONNECT_WAIT)
    chat.ask(i.AwaitReady)
    for attempt in range(2, 21):
        assert chat.wait_next() == [f"open {attempt}"]
        assert chat.closed() == []
    assert chat.wait_next() == ["open 21"]
    assert chat.closed() == ["chat lost", "AwaitReady refused connection_lost"]
    assert (chat.state, chat.wait(3600)) == (S.LOST, [])
    assert chat.ask(i.Connect) == ["chat connecting", "open 22", "Connect answered"]


@pytest.mark.row("S32")
def test_the_attempts_end_wherever_the_last_one_fails() -> None:
    chat = reach(S.AVAILABILITY, policy=ONCE)
    chat.fail("GET availability")
    chat.wait(6)
    assert chat.fail("GET availability") == ["chat lost"]
    chat = waiting_with_old_token(policy=ONCE)
    chat.wait(6)
    assert chat.fail("POST token") == ["chat lost"]
    for code in (None, 1000):
        chat = reach(S.RECONNECT_WAIT, policy=ONCE)
        chat.wait_next()
        chat.opened()
        assert chat.closed(code) == ["chat lost"]
        chat = reach(S.RECONNECT_WAIT, policy=ONCE)
        chat.wait_next()
        chat.opened()
        chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
        assert chat.closed(code) == ["chat lost"]
        chat = reach(S.RECONNECT_WAIT, policy=ONCE)
        chat.wait_next()
        back(chat)
        assert chat.closed(code) == ["chat lost"]
        assert chat.wait(3600) == []


@pytest.mark.row("S32")
def test_the_attempts_may_end_while_a_contact_is_being_ended() -> None:
    for code in (None, 1000):
        chat = with_thread("live", policy=ONCE)
        chat.closed()
        chat.wait_next()
        chat.opened()
        chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
        chat.answer("RecoverLivechat", "LivechatRecovered", recovered_thread())
        chat.ask(i.EndThread, thread=THREAD)
        assert chat.state is S.ENDING
        assert chat.closed(code) == ["chat lost", "EndThread refused connection_lost"]


@pytest.mark.row("S32")
def test_a_last_attempt_that_recovers_nothing_is_closed() -> None:
    policy = Policy(backoff=Backoff(attempts=1), heartbeat=60)
    chat = reach(S.RECONNECT_WAIT, policy=policy)
    chat.wait_next()
    chat.opened()
    assert chat.wait(10) == ["chat lost", "close 2 1000"]
    chat = reach(S.RECONNECT_WAIT, policy=policy)
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert chat.wait(10) == ["chat lost", "close 2 1000"]


@pytest.mark.row("S32", "P7")
def test_the_attempts_count_anew_after_a_while_in_ready() -> None:
    chat = reach(S.SERVING, policy=ONCE)
    for socket in range(2, 5):
        chat.wait(5)
        assert chat.closed() == ["chat connecting"]
        assert chat.wait(6) == [f"open {socket}"]
        back(chat)
    chat.wait(4.9)
    assert chat.closed() == ["chat lost"]


@pytest.mark.row("S33", "R37")
def test_credentials_refused_while_reconnecting_end_it() -> None:
    for error, status in (("invalid_grant", 401), ("invalid_request", 400)):
        chat = waiting_with_old_token()
        chat.ask(i.AwaitReady)
        chat.wait(6)
        assert chat.reply("POST token", {"error": error}, status=status) == [
            "forget credentials", "chat lost", "ReauthenticationNeeded", "AwaitReady refused authorization_failed",
        ]  # fmt: skip
        assert (chat.state, chat.wait(3600)) == (S.LOST, [])


@pytest.mark.row("S33", "R37")
def test_a_fresh_token_refused_by_the_gateway_while_reconnecting_ends_it() -> None:
    chat = waiting_with_old_token()
    chat.wait(6)
    chat.reply("POST token", {"accessToken": "token-2", "expiresIn": 600})
    assert chat.closed(status=401) == ["forget credentials", "chat lost", "ReauthenticationNeeded"]
    assert (chat.state, chat.wait(3600)) == (S.LOST, [])


# --- the network is back ---


@pytest.mark.row("S48", "R30")
def test_a_network_that_returns_ends_the_pause_and_changes_no_count() -> None:
    chat = reach(S.RECONNECT_WAIT)
    assert chat.put(i.NetworkReturned()) == ["open 2"]
    assert (chat.state, chat.leaf.connection.attempts) == (S.SOCKET, 1)
    chat.opened()
    assert "open 3" not in chat.wait(9)  # the old pause is over
    chat = waiting_with_old_token()
    chat.wait(1)
    assert chat.put(i.NetworkReturned()) == ["POST token"]
    chat = reach(S.AVAILABILITY, policy=ONCE)
    chat.fail("GET availability")
    assert chat.put(i.NetworkReturned()) == ["GET availability"]


def test_a_network_that_returns_starts_nothing_that_did_not_wait() -> None:
    for state in S:
        if state is not S.RECONNECT_WAIT:
            chat = reach(state)
            assert chat.put(i.NetworkReturned()) == []
            assert chat.state is state


# --- frames over the limit ---


def test_a_frame_over_the_transports_limit_is_told_and_the_second_time_final() -> None:
    chat = reach(S.SERVING)
    assert chat.closed(1009, oversize=True) == ["UndecodableReceived", "chat connecting"]
    chat.wait(6)
    back(chat)
    assert chat.closed(1009, oversize=True) == ["chat lost"]
    assert chat.wait(3600) == []


def test_frames_over_the_limit_are_forgiven_after_a_while() -> None:
    chat = reach(S.SERVING, policy=Policy(oversize_memory=4, heartbeat=60))
    chat.closed(1009, oversize=True)
    chat.wait(6)
    back(chat)
    assert chat.closed(1009, oversize=True) == ["UndecodableReceived", "chat connecting"]
