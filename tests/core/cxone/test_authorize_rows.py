"""Rows S24-S28: from an open socket to ready, and what can go wrong on the way."""

import json

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.events import ChatStateChanged, CustomerIdentified, HistoryLoaded, ThreadStateChanged
from deskline_core.policy import Policy
from tests.core.cxone.alone import CUSTOMER, THREAD, Alone, Mode, nothing_to_recover, reach, recovered_thread

RECOVERIES: dict[Mode, str] = {"single": "RecoverThread", "multi": "FetchThreadList", "live": "RecoverLivechat"}
ACCESS = {"accessToken": {"token": "access-1", "expiresIn": 3600}}
SEED = b"another seed of enough bytes"


def with_access_token() -> Alone:
    """Return a legacy session that got an access token, was lost and has another socket."""
    chat = reach(S.AUTHORIZING)
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", ACCESS)
    nothing_to_recover(chat)
    chat.closed()
    chat.wait(6)
    assert chat.state is S.SOCKET
    return chat


@pytest.mark.row("S24")
def test_an_authorized_session_recovers_what_its_mode_asks_for() -> None:
    for mode, recovery in RECOVERIES.items():
        chat = reach(S.AUTHORIZING, mode)
        assert chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {}) == [f"frame {recovery}"]
        assert chat.state is S.RECOVERING


@pytest.mark.row("S24", "R23")
def test_nothing_of_a_thread_is_sent_before_the_recovery_is_complete() -> None:
    chat = reach(S.SOCKET)
    assert chat.ask(i.StartThread) == []
    assert chat.opened() == ["chat connected", "frame AuthorizeCustomer"]
    assert chat.ask(i.ExecuteTrigger, trigger="hello") == []
    assert chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {}) == ["frame RecoverThread"]
    assert nothing_to_recover(chat) == [
        "chat ready", "thread pending", "save thread", "StartThread answered", "frame ExecuteTrigger",
        "ExecuteTrigger answered",
    ]  # fmt: skip


@pytest.mark.row("S24")
def test_the_thread_of_an_earlier_run_is_the_one_that_is_recovered() -> None:
    chat = reach(S.AUTHORIZING, restored={"thread": THREAD})
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert chat.frame("RecoverThread")["payload"]["data"] == {"thread": {"idOnExternalPlatform": THREAD}}


@pytest.mark.row("S24")
def test_the_customer_of_an_authorization_is_the_customer() -> None:
    chat = reach(S.AUTHORIZING)
    identity = {"consumerIdentity": {"idOnExternalPlatform": CUSTOMER}}
    words = chat.answer("AuthorizeCustomer", "ConsumerAuthorized", identity)
    assert words == ["save identity", "CustomerIdentified", "frame RecoverThread"]
    assert chat.told[-1] == CustomerIdentified(customer=CUSTOMER)
    assert json.loads(chat.session.kept["identity"])["customer"] == CUSTOMER


@pytest.mark.row("S21", "S24", "R10")
def test_an_access_token_reconnects_instead() -> None:
    chat = with_access_token()
    assert chat.opened() == ["chat connected", "frame ReconnectConsumer"]
    assert chat.frame("ReconnectConsumer")["payload"]["data"] == {"accessToken": {"token": "access-1"}}
    assert chat.answer("ReconnectConsumer", "ConsumerReconnected") == ["frame RecoverThread"]
    chat = with_access_token()
    chat.opened()
    assert chat.accept("ReconnectConsumer") == ["frame RecoverThread"]  # some only acknowledge


@pytest.mark.row("S25", "P12", "R12", "R38")
def test_a_refused_reconnect_authorizes_once_without_the_token() -> None:
    for code in ("ConsumerReconnectionFailed", "CustomerReconnectionFailed"):
        chat = with_access_token()
        chat.opened()
        assert chat.deny("ReconnectConsumer", code) == ["forget credentials", "frame AuthorizeCustomer"]
        assert chat.state is S.AUTHORIZING
        assert "credentials" not in chat.session.kept
        words = chat.deny("AuthorizeCustomer", "ConsumerAuthorizationFailed")
        assert words == ["chat prepared", "close 2 1000", "ReauthenticationNeeded"]


@pytest.mark.row("S26", "P50", "R12")
def test_a_refused_authorization_closes_and_asks_for_credentials() -> None:
    for code in ("ConsumerAuthorizationFailed", "CustomerAuthorizationFailed"):
        chat = reach(S.AUTHORIZING)
        chat.ask(i.AwaitReady)
        assert chat.deny("AuthorizeCustomer", code) == [
            "chat prepared", "close 1 1000", "ReauthenticationNeeded", "AwaitReady refused authorization_failed",
        ]  # fmt: skip
        assert chat.closed(1000) == []
        assert (chat.state, chat.wait(600)) == (S.PREPARED, [])
        assert chat.ask(i.Connect) == ["chat connecting", "open 2", "Connect answered"]  # the app may try again


@pytest.mark.row("S27", "R6")
def test_nothing_to_recover_is_ready() -> None:
    for mode in RECOVERIES:
        chat = reach(S.RECOVERING, mode)
        chat.ask(i.AwaitReady)
        assert nothing_to_recover(chat) == ["chat ready", "AwaitReady answered"]
        assert chat.state is S.SERVING


@pytest.mark.row("S27", "P20")
def test_a_recovered_thread_is_told_before_ready() -> None:
    chat = reach(S.RECOVERING)
    words = chat.answer("RecoverThread", "ThreadRecovered", recovered_thread())
    assert words == ["thread recovering", "save thread", "HistoryLoaded", "thread open", "chat ready"]
    assert [type(event) for event in chat.told[-4:]] == [
        ThreadStateChanged, HistoryLoaded, ThreadStateChanged, ChatStateChanged,
    ]  # fmt: skip


@pytest.mark.row("S27", "P13")
def test_a_multi_thread_chat_is_ready_when_all_metadata_is_there_or_refused() -> None:
    chat = reach(S.RECOVERING, "multi")
    listed = [{"id": n, "idOnExternalPlatform": f"thread-{n}", "canAddMoreMessages": True} for n in "12"]
    words = chat.answer("FetchThreadList", "ThreadListFetched", {"threads": listed})
    assert words == ["thread received", "frame LoadThreadMetadata"] * 2
    assert chat.deny("LoadThreadMetadata", "MetadataLoadFailed") == ["ErrorReceived"]
    chat.frames.pop()
    assert chat.answer("LoadThreadMetadata", "ThreadMetadataLoaded", {}) == ["thread loaded", "chat ready"]


@pytest.mark.row("S28", "P35", "R36", "R51")
def test_a_recovery_without_an_answer_in_time_is_tried_again() -> None:
    for mode, recovery in RECOVERIES.items():
        chat = reach(S.RECOVERING, mode, policy=Policy(heartbeat=60))
        assert chat.wait(9.9) == []
        assert chat.wait(0.1) == ["chat connecting", "close 1 1000"]
        assert chat.told[-1] == ChatStateChanged(state="connecting", cause=f"{recovery}: no answer in time")  # type: ignore[arg-type]
        assert (chat.closed(1000), chat.state) == ([], S.RECONNECT_WAIT)
        assert chat.wait(6) == ["open 2"]
        assert chat.leaf.connection.attempts == 1


@pytest.mark.row("S28")
def test_an_authorization_without_an_answer_in_time_is_tried_again() -> None:
    chat = reach(S.AUTHORIZING, policy=Policy(heartbeat=60))
    assert chat.wait(10) == ["chat connecting", "close 1 1000"]
    assert chat.state is S.RECONNECT_WAIT


@pytest.mark.row("S28")
def test_an_answer_that_cannot_be_read_is_as_good_as_none() -> None:
    for mode, kind in (("single", "ThreadRecovered"), ("live", "LivechatRecovered"), ("multi", "ThreadListFetched")):
        chat = reach(S.RECOVERING, mode)  # type: ignore[arg-type]
        words = chat.answer(RECOVERIES[chat.mode], kind, {"threads": 5, "thread": 5, "messages": "none"})
        assert words[-3:] == ["UndecodableReceived", "chat connecting", "close 1 1000"]
        assert chat.state is S.RECONNECT_WAIT
    for bare in ("AuthorizeCustomer", "RecoverThread"):
        chat = reach(S.AUTHORIZING if bare == "AuthorizeCustomer" else S.RECOVERING)
        assert chat.accept(bare) == ["chat connecting", "close 1 1000"]


@pytest.mark.row("S28", "P33")
def test_a_refused_list_of_threads_is_no_empty_list() -> None:
    chat = reach(S.RECOVERING, "multi")
    assert chat.deny("FetchThreadList", "InconsistentData") == ["chat connecting", "close 1 1000"]
    assert chat.state is S.RECONNECT_WAIT


@pytest.mark.row("P49")
def test_a_recovery_that_fails_in_strict_channels_is_told_and_the_chat_is_ready() -> None:
    chat = reach(S.RECOVERING, "live")
    assert chat.deny("RecoverLivechat", "RecoveringLivechatFailed") == ["ErrorReceived", "chat ready"]
