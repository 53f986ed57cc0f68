"""Messages left with nobody there: over the line where the chat is ready, else on an errand (rows D40-D53, D320)."""

from collections.abc import Callable
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import CONNECTED, ERRANDS, STATES
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Policy
from tests.core.cxone.alone import VERSION_REFUSED, Alone, nothing_to_recover, reach
from tests.core.cxone.logins import ACCESS, CODE, UNION

WORD: dict[str, Any] = {"email": "kit@example.test", "text": "Please call me tomorrow."}
REFUSED = "SendOfflineMessage refused"


def leave_word(chat: Alone, **changes: object) -> list[str]:
    """Leave a message for nobody."""
    return chat.ask(i.SendOfflineMessage, **{**WORD, **changes})


# --- over the line ---


def test_a_ready_chat_sends_it_over_the_line() -> None:
    chat = reach(S.SERVING, "live")
    assert leave_word(chat, first_name="Kit", last_name="Marlow") == ["frame SendOfflineMessage"]
    payload = chat.frame("SendOfflineMessage")["payload"]
    assert payload["data"] == {
        "messageContent": {"type": "TEXT", "payload": {"text": "Please call me tomorrow."}},
        "authorCustomerIdentity": {
            "idOnExternalPlatform": "kit@example.test", "firstName": "Kit", "lastName": "Marlow",
        },
    }  # fmt: skip
    assert "consumerIdentity" in payload
    assert chat.answer("SendOfflineMessage", "OfflineMessageSent", {}) == ["SendOfflineMessage answered"]
    assert chat.state is S.SERVING
    leave_word(chat)
    assert chat.deny("SendOfflineMessage", "SendingOfflineMessageFailed", "No") == [f"{REFUSED} refused_by_center"]
    assert (chat.refusals[-1].remote_code, chat.refusals[-1].transaction) == ("SendingOfflineMessageFailed", "t-1")


def test_who_the_customer_is_stands_in_for_names_that_are_not_given() -> None:
    chat = Alone("live")
    chat.ask(i.SetCustomer, id="kit", first_name="Kit", last_name="Marlow")
    chat.ask(i.Open)
    chat.reply("GET configuration")
    chat.saved()
    chat.reply("PUT visitor")
    chat.reply("GET availability", {"status": "offline"})
    leave_word(chat)
    leave_word(chat, first_name="Ada")
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    authors = [
        frame["payload"]["data"]["authorCustomerIdentity"]
        for kind, frame in chat.frames
        if kind == "SendOfflineMessage"
    ]
    assert [(who["firstName"], who["lastName"]) for who in authors] == [("Kit", "Marlow"), ("Ada", "")]


def test_it_waits_for_recovery_and_goes_down_with_the_connection() -> None:
    for state in (S.AUTHORIZING, S.RECOVERING):
        chat = reach(state, "live")
        assert leave_word(chat) == []
        if state is S.AUTHORIZING:
            chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
        assert nothing_to_recover(chat) == ["chat ready", "frame SendOfflineMessage"]
        chat = reach(state, "live")
        leave_word(chat)
        assert chat.closed() == ["chat connecting", f"{REFUSED} connection_lost"]


def test_what_a_loss_says_of_it_is_honest() -> None:
    for unwritten, code in ((False, "delivery_uncertain"), (True, "connection_lost")):
        chat = reach(S.SERVING, "live")
        leave_word(chat)
        frames = (chat.last_frame,) if unwritten else ()
        assert f"{REFUSED} {code}" in chat.closed(unwritten=frames)


# --- the errand ---


@pytest.mark.parametrize("secured", [False, True])
def test_an_offline_chat_runs_an_errand_and_is_offline_again(secured: bool) -> None:
    chat = reach(S.OFFLINE, "live", secured=secured)
    words = leave_word(chat)
    if secured:
        assert (words, chat.state) == (["POST token"], S.ERRAND_TOKEN)
        words = chat.reply("POST token")
        assert words == ["save credentials", "open 1"]
    assert (words[-1], chat.state) == ("open 1", S.ERRAND_SOCKET)
    words = chat.opened()
    if not secured:
        assert (words, chat.state) == (["frame AuthorizeCustomer"], S.ERRAND_AUTHORIZING)
        words = chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert (words, chat.state) == (["frame SendOfflineMessage"], S.ERRAND)
    assert chat.session.state == "offline"
    words = chat.answer("SendOfflineMessage", "OfflineMessageSent", {})
    assert words == ["SendOfflineMessage answered", "close 1 1000"]
    assert chat.state is S.OFFLINE
    chat.saved()
    assert chat.closed(1000) == []
    assert chat.session.next_deadline is None


def test_several_go_on_one_errand() -> None:
    chat = reach(S.OFFLINE, "live")
    assert leave_word(chat) == ["open 1"]
    assert leave_word(chat, text="And bring the parcel.") == []
    chat.opened()
    assert leave_word(chat, text="Twice.") == []
    assert chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {}) == ["frame SendOfflineMessage"] * 3
    assert leave_word(chat, text="Thrice.") == ["frame SendOfflineMessage"]
    texts = [
        frame["payload"]["data"]["messageContent"]["payload"]["text"]
        for kind, frame in chat.frames
        if kind == "SendOfflineMessage"
    ]
    assert texts == ["Please call me tomorrow.", "And bring the parcel.", "Twice.", "Thrice."]
    sent = [frame for kind, frame in chat.frames if kind == "SendOfflineMessage"]
    for frame in sent[:-1]:
        assert chat.hear({"eventId": frame["eventId"]}) == ["SendOfflineMessage answered"]
    assert chat.state is S.ERRAND
    assert chat.hear({"eventId": sent[-1]["eventId"]}) == ["SendOfflineMessage answered", "close 1 1000"]


def test_a_refused_one_does_not_hold_up_the_others() -> None:
    chat = reach(S.ERRAND)
    leave_word(chat)
    first, second = (frame["eventId"] for kind, frame in chat.frames if kind == "SendOfflineMessage")
    error = {"errorCode": "SendingOfflineMessageFailed", "errorMessage": "No", "transactionId": "t"}
    assert chat.hear({"eventId": first, "error": error}) == [f"{REFUSED} refused_by_center"]
    assert chat.hear({"eventId": second}) == ["SendOfflineMessage answered", "close 1 1000"]


def test_one_more_errand_waits_for_the_socket_of_the_last_one() -> None:
    chat = reach(S.ERRAND)
    chat.accept("SendOfflineMessage")
    assert leave_word(chat) == []
    assert chat.closed(1000, socket=1) == ["open 2"]


EDGES: dict[str, tuple[tuple[S, ...], Callable[[Alone], list[str]], str]] = {
    "the token request is refused": (
        (S.ERRAND_TOKEN,), lambda chat: chat.reply("POST token", {}, status=403), "authorization_failed",
    ),
    "the token has run out": (
        (S.ERRAND_TOKEN,),
        lambda chat: chat.reply("POST token", {"error": "invalid_grant"}, status=400),
        "authorization_failed",
    ),
    "the token request fails": ((S.ERRAND_TOKEN,), lambda chat: chat.fail("POST token"), "connection_lost"),
    "the token endpoint is down": (
        (S.ERRAND_TOKEN,), lambda chat: chat.reply("POST token", {}, status=503), "connection_lost",
    ),
    "the socket does not open": ((S.ERRAND_SOCKET,), lambda chat: chat.closed(), "connection_lost"),
    "the customer is not admitted": (
        (S.ERRAND_AUTHORIZING,),
        lambda chat: chat.deny("AuthorizeCustomer", "CustomerAuthorizationFailed"),
        "authorization_failed",
    ),
    "the authorization is answered by something else": (
        (S.ERRAND_AUTHORIZING,), lambda chat: chat.accept("AuthorizeCustomer"), "connection_lost",
    ),
    "the socket is lost": ((S.ERRAND_AUTHORIZING,), lambda chat: chat.closed(), "connection_lost"),
    "the socket is closed in order": ((S.ERRAND_AUTHORIZING,), lambda chat: chat.closed(1000), "connection_lost"),
    "the socket is lost under it": ((S.ERRAND,), lambda chat: chat.closed(), "delivery_uncertain"),
    "the socket is closed in order under it": ((S.ERRAND,), lambda chat: chat.closed(1000), "delivery_uncertain"),
    "a frame is too large": (
        (S.ERRAND_AUTHORIZING,), lambda chat: chat.hear('{"eventId":"x","data":"' + "x" * 2_000_000 + '"}'),
        "connection_lost",
    ),
    "nobody answers": (ERRANDS[:3], lambda chat: chat.wait(40), "connection_lost"),
    "nobody answers it": ((S.ERRAND,), lambda chat: chat.wait(10), "timeout"),
    "the far side refuses it": (
        (S.ERRAND,), lambda chat: chat.deny("SendOfflineMessage", "SendingOfflineMessageFailed"), "refused_by_center",
    ),
}  # fmt: skip
"""What ends an errand before its time: in which states, how, and what the caller is told."""
CASES = [(name, state) for name, (states, _, _) in EDGES.items() for state in states]


@pytest.mark.parametrize(("name", "state"), CASES, ids=str)
def test_whatever_fails_is_refused_and_leaves_the_chat_offline_and_at_rest(name: str, state: S) -> None:
    _, happen, code = EDGES[name]
    chat = reach(state, policy=Policy(heartbeat=3600))
    chat.ask(i.AwaitReady)
    words = happen(chat)
    words += chat.closed(1000) if any(word.startswith("close") for word in words) else []
    assert f"{REFUSED} {code}" in words, words
    assert "AwaitReady refused offline" in words
    assert not [word for word in words if word.startswith("chat")]
    assert ("ReauthenticationNeeded" in words) is (code == "authorization_failed")
    assert chat.state is S.OFFLINE
    assert chat.wait(3600) == []
    assert chat.session.next_deadline is None  # nothing is tried again
    assert "refused" not in " ".join(leave_word(chat))  # but it may be asked for again


def test_frames_that_are_too_large_again_and_again_end_each_errand() -> None:
    chat = reach(S.ERRAND_AUTHORIZING)
    for _ in range(2):
        assert chat.closed(oversize=True)[-1] == f"{REFUSED} connection_lost"
        assert chat.state is S.OFFLINE
        assert leave_word(chat)[-1] == f"open {chat.socket}"
        chat.opened()
    too_large = '{"eventId":"x","data":"' + "x" * 2_000_000 + '"}'
    assert chat.hear(too_large)[-1] == f"{REFUSED} connection_lost"
    assert chat.state is S.OFFLINE


@pytest.mark.parametrize("state", ERRANDS)
@pytest.mark.parametrize(
    ("leave", "after", "code"),
    [
        (i.Disconnect, S.PREPARED, "connection_lost"),
        (i.EnterBackground, S.PREPARED, "connection_lost"),
        (i.SignOut, S.SIGNING_OUT, "chat_closed"),
    ],
)
def test_leaving_ends_an_errand(state: S, leave: type[i.AppRequest], after: S, code: str) -> None:
    chat = reach(state)
    words = chat.ask(leave)
    if state is S.ERRAND:  # it is on its way: only the close of the socket tells what became of it
        assert not any(word.startswith(REFUSED) for word in words)
        assert chat.state is after
        code = "delivery_uncertain"
    elif after is S.SIGNING_OUT and not any(word.startswith("close") for word in words):
        after = S.INITIAL
    if any(word.startswith("close") for word in words):
        words += chat.closed(1000)
        after = S.INITIAL if after is S.SIGNING_OUT else after
    assert f"{REFUSED} {code}" in words
    chat.saved()
    assert (chat.state, chat.leaf.line.exchanges) == (after, {})
    assert chat.wait(3600) == []


@pytest.mark.parametrize(
    ("state", "refuse"),
    [
        (S.ERRAND_TOKEN, lambda chat: chat.reply("POST token", VERSION_REFUSED, status=403)),
        (S.ERRAND_AUTHORIZING, lambda chat: chat.deny("AuthorizeCustomer", "SdkVersionNotSupported")),
        (S.ERRAND, lambda chat: chat.deny("SendOfflineMessage", "SdkVersionNotSupported")),
    ],
)
def test_a_client_version_that_is_refused_ends_everything(state: S, refuse: Callable[[Alone], list[str]]) -> None:
    chat = reach(state)
    words = refuse(chat)
    assert ("close 1 1000" in words) is (state is not S.ERRAND_TOKEN)
    assert (words[0], words[-1]) == ("chat unsupported", f"{REFUSED} version_refused")
    assert chat.state is S.UNSUPPORTED
    assert leave_word(chat) == [f"{REFUSED} version_refused"]


def test_a_token_of_an_earlier_attempt_is_renewed_once() -> None:
    chat = reach(S.ERRAND, secured=True)
    chat.accept("SendOfflineMessage")
    chat.closed(1000)
    assert leave_word(chat) == ["open 2"]
    assert chat.closed(status=401) == ["forget credentials", "POST token"]
    assert chat.reply("POST token", {"accessToken": "token-2", "expiresIn": 600}) == ["save credentials", "open 3"]
    words = chat.closed(status=401)
    assert words == ["forget credentials", f"{REFUSED} authorization_failed", "ReauthenticationNeeded"]
    assert chat.state is S.OFFLINE


def test_a_stored_access_token_that_is_refused_is_dropped() -> None:
    chat = reach(S.ERRAND_SOCKET)
    token = {"accessToken": {"token": "a-1", "expiresIn": 3600}}
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", token)
    chat.accept("SendOfflineMessage")
    chat.closed(1000)
    leave_word(chat)
    assert chat.opened() == ["frame ReconnectConsumer"]
    words = chat.deny("ReconnectConsumer", "ConsumerReconnectionFailed")
    assert words == ["forget credentials", "frame AuthorizeCustomer"]
    assert chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {}) == ["frame SendOfflineMessage"]


@pytest.mark.parametrize("secured", [False, True])
def test_customers_who_log_in_do_so_for_an_errand_too(secured: bool) -> None:
    chat = reach(S.OFFLINE, "live", secured=secured, authentication="oauth")
    assert leave_word(chat) == [f"{REFUSED} authorization_failed", "ReauthenticationNeeded"]
    assert (chat.state, chat.session.next_deadline) == (S.OFFLINE, None)
    chat.ask(i.Authenticate, **CODE)
    assert chat.state is S.OFFLINE
    leave_word(chat)
    if secured:
        chat.reply("POST token", UNION)
    chat.opened()
    if not secured:
        chat.answer("AuthorizeCustomer", "ConsumerAuthorized", ACCESS)
    assert chat.frames[-1][0] == "SendOfflineMessage"
    assert chat.accept("SendOfflineMessage") == ["SendOfflineMessage answered", "close 1 1000"]


# --- the caller is gone ---


@pytest.mark.parametrize("state", ERRANDS[:3])
def test_an_errand_that_nobody_wants_any_more_is_broken_off(state: S) -> None:
    chat = reach(state)
    words = chat.put(i.Withdraw(request=chat.asked))
    assert words == (["cancel POST token"] if state is S.ERRAND_TOKEN else ["close 1 1000"])
    assert chat.state is S.OFFLINE
    if state is S.ERRAND_TOKEN:
        chat.ask(i.SignOut)  # no token request is left to answer


def test_one_that_was_sent_is_waited_for_though_nobody_asks() -> None:
    chat = reach(S.ERRAND)
    assert chat.put(i.Withdraw(request=chat.asked)) == []
    assert chat.accept("SendOfflineMessage") == ["close 1 1000"]
    chat = reach(S.ERRAND_SOCKET)
    first = chat.asked
    leave_word(chat)
    assert chat.put(i.Withdraw(request=first)) == []
    chat.opened()
    assert chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {}) == ["frame SendOfflineMessage"]


# --- what is asked of the chat meanwhile ---


@pytest.mark.parametrize("state", ERRANDS)
def test_a_chat_that_is_wanted_meanwhile_asks_again_after_the_errand(state: S) -> None:
    for ask in (i.Connect, i.Open, i.EnterActive):
        chat = reach(state)
        chat.leaf.presence.want()
        words = chat.ask(ask)
        assert "chat offline" in words
        chat.ask(i.AwaitReady)
        gone = i.Withdraw(request=chat.asked - 2)  # two were asked since
        words = chat.accept("SendOfflineMessage") if state is S.ERRAND else chat.put(gone)
        assert words[-2:] == ["chat connecting", "GET availability"]
        chat.reply("GET availability", {"status": "offline"})
        assert chat.state is S.OFFLINE
        assert chat.refusal[0] == "offline"


def test_a_chat_that_is_not_wanted_stays_offline() -> None:
    chat = reach(S.ERRAND)
    chat.leaf.presence.detach()
    chat.ask(i.EnterActive)
    assert chat.accept("SendOfflineMessage") == ["SendOfflineMessage answered", "close 1 1000"]
    assert chat.state is S.OFFLINE


@pytest.mark.parametrize("state", ERRANDS)
def test_preparing_has_to_wait(state: S) -> None:
    assert reach(state).ask(i.Prepare) == ["Prepare refused illegal_state"]


# --- refused before anything is sent ---


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"email": ""}, "the sender's address is no e-mail address, such as kit@example.com"),
        ({"email": "kit"}, "the sender's address is no e-mail address, such as kit@example.com"),
        ({"email": "kit@example"}, "the sender's address is no e-mail address, such as kit@example.com"),
        ({"email": "kit@exämple.test"}, "the sender's address is no e-mail address, such as kit@example.com"),
        ({"text": ""}, "the text is empty"),
        ({"text": " \n"}, "the text is empty"),
        ({"text": "x" * 40_000}, "the text is longer than 32768 characters"),
        ({"first_name": "x" * 1025}, "the sender's name is longer than 1024 characters"),
        ({"last_name": "x" * 1025}, "the sender's name is longer than 1024 characters"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_cannot_be_sent_is_refused(changes: dict[str, str], says: str) -> None:
    for state in (S.OFFLINE, S.SERVING):
        chat = reach(state, "live")
        assert leave_word(chat, **changes) == [f"{REFUSED} invalid_value"]
        assert chat.refusal[1] == says
        assert chat.state is state


def test_only_a_live_chat_takes_them() -> None:
    for mode in ("single", "multi"):
        assert leave_word(reach(S.SERVING, mode)) == [f"{REFUSED} not_supported"]


@pytest.mark.parametrize("state", [s for s in STATES if s not in (*CONNECTED, *ERRANDS, S.OFFLINE)])
def test_whether_anybody_is_there_must_be_known(state: S) -> None:
    code = {S.UNSUPPORTED: "version_refused", S.SIGNING_OUT: "chat_closed"}.get(state, "not_connected")
    chat = reach(state)
    can = "SendOfflineMessage" in chat.session.capabilities
    assert leave_word(chat) == [f"{REFUSED} {code if can else 'not_supported'}"]
    assert chat.state is state


def test_they_are_bounded() -> None:
    chat = reach(S.ERRAND_SOCKET, policy=Policy(outbox=2))
    assert leave_word(chat) == []
    assert leave_word(chat) == [f"{REFUSED} limit_reached"]
    chat = reach(S.SERVING, "live", policy=Policy(outbox=2, rate_limit=(2, 60.0), heartbeat=3600))  # both are used
    assert leave_word(chat) == leave_word(chat) == []
    assert leave_word(chat) == [f"{REFUSED} limit_reached"]
