"""An access token that ends while the chat is connected: renewed in time, once, with what is sent meanwhile parked."""

import json
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.cxone.credentials_table import CredentialState as C
from deskline_core.events import ErrorReceived, ReauthenticationNeeded
from deskline_core.model import Upload
from deskline_core.policy import Backoff, Policy
from deskline_core.values import Secret
from tests.core.cxone.alone import START, Alone, recovered_thread
from tests.core.cxone.logins import CODE, QUIET, THIRD_PARTY, UNION, back_on_a_socket, logged_in, prepared

RENEWED = {"access_token": "access-2", "refresh_token": "refresh-2", "expires_in": 3600}
BOTH = pytest.mark.parametrize("secured", [False, True], ids=["legacy", "secured"])


def renewing(secured: bool) -> str:
    """Return the word of a renewal."""
    return "POST token" if secured else "frame RefreshToken"


def renewed(chat: Alone, life: float = 3600) -> list[str]:
    """Let the renewal succeed."""
    if chat.secured:
        return chat.reply("POST token", {"thirdParty": RENEWED | {"expires_in": life}})
    return chat.answer("RefreshToken", "TokenRefreshed", {"accessToken": {"token": "access-2", "expiresIn": life}})


def failed(chat: Alone) -> list[str]:
    """Let the renewal fail for now."""
    return chat.reply("POST token", b"", status=503) if chat.secured else chat.accept("RefreshToken")


def refused(chat: Alone) -> list[str]:
    """Let the renewal be refused."""
    if chat.secured:
        return chat.reply("POST token", {"error": "invalid_grant"}, status=400)
    return chat.deny("RefreshToken", "TokenRefreshingFailed")


def short(secured: bool, life: float) -> dict[str, Any]:
    """Return the answer to a login whose access token lives so long."""
    if secured:
        return UNION | {"thirdParty": THIRD_PARTY | {"expires_in": life}}
    return {"accessToken": {"token": "access-1", "expiresIn": life}}


def talking(*, secured: bool, life: float = 3600, policy: Policy = QUIET) -> tuple[Alone, str]:
    """Return a session with an open thread, and the thread."""
    chat = logged_in(secured=secured, answer=short(secured, life), policy=policy)
    chat.ask(i.StartThread)
    thread = str(chat.answers[chat.asked])
    chat.ask(i.SendMessage, thread=thread, text="one")
    chat.accept("SendMessage")
    chat.saved()
    return chat, thread


def say(chat: Alone, thread: str) -> list[str]:
    """Send a message."""
    return chat.ask(i.SendMessage, thread=thread, text="two")


def token_of(chat: Alone) -> str:
    """Return the access token that the newest message carries."""
    token: str = chat.frame("SendMessage")["payload"]["data"]["accessToken"]["token"]
    return token


@BOTH
def test_messages_carry_the_access_token(secured: bool) -> None:
    chat, _ = talking(secured=secured)
    assert token_of(chat) == "access-1"


@BOTH
@pytest.mark.row("R10")
def test_it_is_renewed_the_margin_before_its_end(secured: bool) -> None:
    chat, thread = talking(secured=secured)
    assert renewing(secured) not in chat.wait(3569.9)
    assert chat.wait(0.1) == [renewing(secured)]
    if secured:
        grant = {"grant_type": "refresh_token", "refresh_token": "refresh-1"}
        assert json.loads(chat.call("POST token").body) == {"thirdParty": grant}
    else:
        assert chat.frame("RefreshToken")["payload"]["data"] == {"accessToken": {"token": "access-1"}}
    assert renewed(chat) == ["save credentials"]
    say(chat, thread)
    assert token_of(chat) == "access-2"
    assert chat.wait(3570 - 1e-3)[-1] != renewing(secured)
    assert chat.wait(1e-3) == [renewing(secured)]  # and again


@pytest.mark.parametrize(("life", "at"), [(40, 20), (20, 10), (61, 31), (2, 1)])
def test_a_short_life_is_renewed_after_its_half(life: float, at: float) -> None:
    chat = logged_in(secured=True, answer=short(True, life), policy=QUIET)
    assert chat.wait(at - 0.1) == []
    assert chat.wait(0.1) == ["POST token"]


@BOTH
@pytest.mark.parametrize("life", [1.9, 0.001, 1e-9])
def test_lives_that_are_too_short_are_renewed_less_and_less_often(secured: bool, life: float) -> None:
    policy = Policy(heartbeat=1e6, backoff=Backoff(first=3, jitter=(0, 0), growth=2, ceiling=10))
    chat = logged_in(secured=secured, answer=short(secured, life), policy=policy)
    for pause in (3, 6, 10, 10):
        assert chat.wait(pause - 0.1) == []
        assert chat.wait(0.1) == [renewing(secured)]
        renewed(chat, life)
    assert chat.wait(10) == [renewing(secured)]
    renewed(chat)
    chat.wait(3569.9)
    assert chat.wait(0.1) == [renewing(secured)]
    renewed(chat, life)
    assert chat.wait(2.9) == []
    assert chat.wait(0.1) == [renewing(secured)]  # from the beginning


def test_a_pause_is_never_shorter_than_the_floor() -> None:
    policy = Policy(heartbeat=1e6, shortest_token_life=4, backoff=Backoff(first=0.01, jitter=(0, 0)))
    chat = logged_in(secured=True, answer=short(True, 3.9), policy=policy)
    assert chat.wait(3.9) == []
    assert chat.wait(0.1) == ["POST token"]


@BOTH
def test_a_message_goes_with_a_token_whose_life_is_too_short_or_waits_for_the_next(secured: bool) -> None:
    policy = Policy(heartbeat=1e6, backoff=Backoff(first=3, jitter=(0, 0), growth=2, ceiling=10))
    chat, thread = talking(secured=secured, life=1e-9, policy=policy)
    assert say(chat, thread)[-1] == "frame SendMessage"
    chat.accept("SendMessage")
    chat.wait(2)
    assert say(chat, thread) == ["message queued", "SendMessage answered"]  # and asks for nothing
    assert chat.wait(1) == [renewing(secured)]
    assert "frame SendMessage" in renewed(chat, 1e-9)


def test_a_renewal_that_brings_no_access_token_is_tried_again_less_and_less_often() -> None:
    policy = Policy(heartbeat=1e6, backoff=Backoff(first=3, jitter=(0, 0), growth=2, ceiling=10))
    chat, thread = talking(secured=True, policy=policy)
    chat.wait(3570)
    for pause in (3, 6, 10):
        assert chat.reply("POST token", {"accessToken": "token-2", "expiresIn": 600}) == ["save credentials"]
        assert chat.wait(pause - 0.1) == []
        assert chat.wait(0.1) == ["POST token"]
    assert renewed(chat) == ["save credentials"]
    say(chat, thread)
    assert token_of(chat) == "access-2"


@BOTH
def test_a_life_that_is_not_told_is_not_renewed(secured: bool) -> None:
    chat, thread = talking(secured=secured, life=0)
    chat.wait(100_000)
    assert say(chat, thread)[-1] == "frame SendMessage"
    assert token_of(chat) == "access-1"


@BOTH
@pytest.mark.row("C11", "P29")
def test_what_is_sent_while_renewing_waits_and_renews_nothing_more(secured: bool) -> None:
    chat, thread = talking(secured=secured)
    chat.wait(3570)
    assert say(chat, thread) == ["message queued", "SendMessage answered"]
    assert say(chat, thread) == ["message queued", "SendMessage answered"]
    words = renewed(chat)
    assert [word for word in words if word.startswith(("save", "frame"))] == [
        "save credentials", "frame SendMessage", "frame SendMessage",
    ]  # fmt: skip
    assert token_of(chat) == "access-2"


@BOTH
@pytest.mark.row("C11", "P29")
def test_what_finds_the_token_dead_while_it_is_renewed_renews_nothing_more(secured: bool) -> None:
    chat, thread = talking(secured=secured, policy=Policy(heartbeat=1e6, token_margin=5))
    assert chat.wait(3595) == [renewing(secured)]
    chat.wait(5)
    for _ in range(2):
        assert say(chat, thread) == ["message queued", "SendMessage answered"]
    assert "frame SendMessage" in renewed(chat)


@BOTH
def test_a_renewal_that_fails_is_tried_again_soon_and_the_old_token_goes_on(secured: bool) -> None:
    policy = Policy(heartbeat=1e6, backoff=Backoff(first=2, jitter=(0, 0), growth=2, ceiling=10))
    chat, thread = talking(secured=secured, policy=policy)
    chat.wait(3570)
    assert failed(chat) == []
    assert chat.leaf.credentials.state == C.VALID
    say(chat, thread)
    chat.accept("SendMessage")
    assert token_of(chat) == "access-1"
    for pause in (2, 4, 8, 10):  # seconds, so that six are left of its life
        assert renewing(secured) not in chat.wait(pause - 0.1)
        assert chat.wait(0.1) == [renewing(secured)]
        assert failed(chat) == []
    chat.wait(7)
    assert say(chat, thread) == ["message queued", "SendMessage answered"]  # dead now: it waits, and asks for nothing
    assert chat.wait(3) == [renewing(secured)]
    assert "frame SendMessage" in renewed(chat)
    assert token_of(chat) == "access-2"


@BOTH
def test_a_renewal_without_an_answer_in_time_has_failed(secured: bool) -> None:
    chat, _ = talking(secured=secured)
    chat.wait(3570)
    words = chat.wait(30 if secured else 10)
    assert ("cancel POST token" in words) == secured
    assert chat.leaf.credentials.state == C.VALID
    assert renewing(secured) in chat.wait(7)


@BOTH
@pytest.mark.row("P12")
def test_a_refused_renewal_fails_what_waits_and_asks_the_app_once(secured: bool) -> None:
    chat, thread = talking(secured=secured)
    chat.wait(3570)
    say(chat, thread)
    words = refused(chat)
    assert words == [
        "forget credentials", "message failed", "chat prepared", "close 1 1000", "ReauthenticationNeeded",
    ]  # fmt: skip
    assert isinstance(chat.told[-1], ReauthenticationNeeded)
    assert chat.leaf.credentials.state == C.REAUTH_NEEDED
    assert (chat.closed(1000), chat.wait(100)) == ([], [])
    assert chat.ask(i.AwaitReady) == ["AwaitReady refused authorization_failed"]
    assert chat.ask(i.Authenticate, **CODE)[-1] == ("POST token" if secured else "open 2")


def test_a_refused_renewal_fails_a_message_whose_file_is_being_uploaded() -> None:
    chat, thread = talking(secured=True)
    chat.wait(3569)
    letter = Upload(name="a.txt", content=b"a letter", mime_type="text/plain")
    assert "POST file" in chat.ask(i.SendMessage, thread=thread, text="two", attachments=(letter,))
    chat.wait(1)
    words = refused(chat)
    assert "message failed" in words
    assert words[-1] == "ReauthenticationNeeded"
    assert "POST file" not in chat.open_calls()  # nobody waits for it


def test_a_refused_renewal_uses_a_login_that_is_at_hand() -> None:
    chat, _ = talking(secured=True)
    chat.ask(i.Authenticate, code=Secret("code-2"))
    chat.wait(3570)
    assert refused(chat)[-2:] == ["chat connecting", "POST token"]
    assert "code-2" in chat.call("POST token").body.decode()


def test_an_expired_token_that_nothing_can_renew_is_found_by_the_next_message() -> None:
    answer = {"accessToken": "token-1", "expiresIn": 600, "thirdParty": {"access_token": "a-1", "expires_in": 60}}
    chat = logged_in(secured=True, answer=answer, policy=QUIET)
    chat.ask(i.StartThread)
    thread = str(chat.answers[chat.asked])
    assert chat.wait(59) == []
    assert say(chat, thread)[-1] == "frame SendMessage"
    chat.accept("SendMessage")
    chat.wait(1)
    words = say(chat, thread)
    assert words == [
        "message queued", "SendMessage answered", "forget credentials", "message failed", "chat prepared",
        "close 1 1000", "ReauthenticationNeeded",
    ]  # fmt: skip


def test_a_token_that_nothing_can_renew_goes_on_until_it_is_dead() -> None:
    chat = logged_in(secured=True, answer={"accessToken": "token-1", "expiresIn": 600}, policy=QUIET)
    chat.leaf.credentials.fire("refresh")
    assert chat.leaf.credentials.state == C.VALID


@pytest.mark.row("P40")
def test_a_kept_token_is_renewed_by_what_is_left_of_its_life() -> None:
    restored = dict(logged_in(secured=False).session.kept)
    chat = prepared(secured=False, restored=restored, policy=QUIET, seed=b"another seed of enough bytes")
    chat.now = START + 3000
    chat.ask(i.Open)
    chat.opened()
    chat.answer("ReconnectConsumer", "ConsumerReconnected")
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread())
    assert renewing(secured=False) not in chat.wait(569.9)
    assert chat.wait(0.1) == ["frame RefreshToken"]
    chat.closed()
    chat.now = START + 3590
    chat.put(i.Tick())
    chat.opened()
    chat.answer("ReconnectConsumer", "ConsumerReconnected")
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread())
    assert "frame RefreshToken" in chat.wait(0)  # its time is over already


@BOTH
def test_nothing_is_renewed_in_advance_without_a_connection(secured: bool) -> None:
    chat, _ = talking(secured=secured)
    chat.ask(i.Disconnect)
    chat.closed(1000)
    assert chat.wait(4000) == []
    assert chat.session.next_deadline is None


def test_a_renewal_over_rest_goes_on_while_the_socket_is_lost() -> None:
    chat, _ = talking(secured=True)
    chat.wait(3570)
    chat.closed()
    assert chat.wait(6) == []  # it needs a transaction token, and joins the renewal
    assert chat.state is S.TOKEN
    words = renewed(chat)
    assert words == ["save credentials", "POST token"]  # which brought none
    assert json.loads(chat.call("POST token").body)["thirdParty"]["refresh_token"] == "refresh-2"


def test_a_renewal_that_fails_for_who_joined_is_asked_for_anew() -> None:
    chat, _ = talking(secured=True)
    chat.wait(3570)
    chat.closed()
    chat.wait(6)
    assert failed(chat) == ["POST token"]
    assert chat.leaf.credentials.state == C.ACQUIRING


def test_a_renewal_that_is_refused_for_who_joined_loses_the_chat() -> None:
    chat, _ = talking(secured=True)
    chat.wait(3570)
    chat.closed()
    chat.wait(6)
    assert refused(chat) == ["forget credentials", "chat lost", "ReauthenticationNeeded"]


def test_what_a_renewal_brings_after_leaving_is_kept() -> None:
    chat, _ = talking(secured=True)
    chat.wait(3570)
    chat.ask(i.Disconnect)
    chat.closed(1000)
    assert renewed(chat) == ["save credentials"]
    assert json.loads(chat.session.kept["credentials"])["refresh_token"] == "refresh-2"


def test_a_renewal_over_the_socket_ends_with_it() -> None:
    chat, _ = talking(secured=False)
    chat.wait(3570)
    chat.closed()
    assert chat.leaf.credentials.state == C.VALID
    words = chat.wait(6)
    assert words == ["open 2"]
    assert chat.opened() == ["chat connected", "frame ReconnectConsumer"]


def test_a_renewal_brings_a_transaction_token_too_where_the_far_side_gives_one() -> None:
    chat, _ = talking(secured=True)
    chat.wait(3570)
    chat.reply("POST token", {"accessToken": "token-2", "expiresIn": 600, **RENEWED})
    assert back_on_a_socket(chat) == ["open 2"]
    assert chat.url["transactionToken"] == "token-2"


@pytest.mark.parametrize("life", [-1, 0])
def test_a_renewed_life_that_makes_no_sense_is_not_known(life: float) -> None:
    chat, thread = talking(secured=False)
    chat.wait(3570)
    renewed(chat, life)
    assert chat.wait(10_000) == []
    assert say(chat, thread)[-1] == "frame SendMessage"


def test_a_renewal_that_is_answered_without_a_token_has_failed() -> None:
    chat, _ = talking(secured=False)
    chat.wait(3570)
    chat.answer("RefreshToken", "TokenRefreshed", {"accessToken": {"token": ""}})
    assert chat.leaf.credentials.state == C.VALID
    assert "frame RefreshToken" in chat.wait(7)


def test_a_version_that_is_refused_ends_a_renewal_too() -> None:
    for secured in (True, False):
        chat, _ = talking(secured=secured)
        chat.wait(3570)
        error = {"error": {"errorCode": "SdkVersionNotSupported", "errorMessage": "too old"}}
        words = (
            chat.reply("POST token", error, status=403)
            if secured
            else chat.deny("RefreshToken", "SdkVersionNotSupported")
        )
        assert words[:2] == ["chat unsupported", "close 1 1000"]


@pytest.mark.row("C6")
def test_a_blocked_address_is_an_error_of_its_own_and_costs_no_tokens() -> None:
    blocked = {"error": {"errorCode": "ip_blocked", "errorMessage": "not from there"}}
    for status, answer in ((403, blocked), (400, {"errorCode": "ip_blocked"}), (200, {"error": "ip_blocked"})):
        chat = prepared(secured=True, restored={"credentials": '{"refresh_token": "refresh-1"}'})
        chat.ask(i.Open)
        chat.ask(i.AwaitReady)
        assert chat.reply("POST token", answer, status=status) == [
            "ErrorReceived", "chat lost", "AwaitReady refused address_blocked",
        ]  # fmt: skip
        assert isinstance(chat.told[-2], ErrorReceived)
        assert chat.told[-2].code == "ip_blocked"
        assert "credentials" in chat.session.kept
        assert chat.wait(600) == []
        assert chat.ask(i.Connect)[1] == "POST token"  # the app may try again, from somewhere else


@pytest.mark.row("C6")
def test_a_blocked_address_ends_the_attempts_and_leaves_a_connection_alone() -> None:
    chat, _ = talking(secured=True)
    chat.wait(3570)
    assert chat.reply("POST token", {"error": "ip_blocked"}, status=403) == ["ErrorReceived"]
    assert (chat.state, chat.leaf.credentials.state) == (S.SERVING, C.VALID)
    chat.closed()
    chat.wait(6)
    assert chat.reply("POST token", {"error": "ip_blocked"}, status=403)[:2] == ["ErrorReceived", "chat lost"]
    assert chat.wait(600) == []


def test_the_access_token_of_a_legacy_login_is_kept_whole() -> None:
    chat = logged_in(secured=False)
    assert json.loads(chat.session.kept["credentials"]) == {
        "access_token": "access-1", "access_expires_at": START + 3600, "renew_at": START + 3570,
    }  # fmt: skip
    assert "access-1" not in repr(chat.log)
