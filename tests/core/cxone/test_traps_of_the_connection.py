"""Traps of connecting, losing and leaving that the rows' own tests do not reach: lifecycle reference, section 8."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Backoff, Policy
from tests.core.cxone.alone import THREAD, Alone, Mode, nothing_to_recover, reach, recovered_thread, with_thread


def back(chat: Alone) -> None:
    """Open the socket that is asked for, and come as far as ready."""
    chat.opened()
    if not chat.secured:
        chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    nothing_to_recover(chat)
    assert chat.state is S.SERVING


def frames(words: list[str]) -> list[str]:
    """Return what of some words went over the socket."""
    return [word for word in words if word.startswith("frame")]


# --- the heartbeat ---


@pytest.mark.row("R3", "R4")
def test_how_long_a_heartbeat_may_go_unanswered_is_policy() -> None:
    chat = reach(S.SERVING, policy=Policy(heartbeat_answer=7))
    assert chat.wait(10) == ["frame heartbeat"]
    assert chat.wait(6.9) == []
    assert chat.wait(0.1) == ["close 1 1001", "chat connecting"]


@pytest.mark.row("P5")
def test_after_a_missed_heartbeat_there_is_a_pause_as_after_any_other_loss() -> None:
    chat = reach(S.SERVING)
    chat.wait(15)
    assert (chat.closed(1001), chat.state) == ([], S.RECONNECT_WAIT)
    assert chat.wait(1.9) == []  # 1 + U(1, 5) seconds at the least
    assert chat.wait(4.1) == ["open 2"]


@pytest.mark.row("R43")
@pytest.mark.parametrize("secured", [False, True])
def test_a_heart_beats_from_the_open_on_and_not_before(*, secured: bool) -> None:
    chat = reach(S.SOCKET, secured=secured)
    assert frames(chat.wait(4.9)) == []
    chat.opened()
    assert "frame heartbeat" in chat.wait(10)


# --- asked for, or lost ---


@pytest.mark.row("R5")
def test_the_end_of_a_socket_that_was_closed_on_purpose_is_no_loss_of_the_next_one() -> None:
    chat = reach(S.SERVING)
    chat.ask(i.Disconnect)
    chat.ask(i.Connect)
    assert chat.closed(1000, socket=1) == ["Disconnect answered", "open 2"]
    assert chat.state is S.SOCKET


@pytest.mark.row("R16")
def test_a_chat_that_is_only_prepared_connects_nothing() -> None:
    for secured in (False, True):
        chat = reach(S.VISITOR, secured=secured)
        assert chat.reply("PUT visitor") == ["chat prepared", "Prepare answered"]
        assert (chat.wait(600), chat.state) == ([], S.PREPARED)


@pytest.mark.parametrize("code", [1008, 3000, 4401])
def test_a_token_that_is_refused_by_a_close_code_is_not_tried_again(code: int) -> None:
    chat = reach(S.RECOVERING, secured=True)
    assert chat.closed(code) == ["forget credentials", "chat connecting"]
    assert chat.wait(6) == ["POST token"]


def test_so_it_is_where_there_was_nothing_to_recover() -> None:
    chat = reach(S.RECOVERING, mode="single", secured=True)
    nothing_to_recover(chat)
    chat.ask(i.StartThread)
    chat.closed()
    chat.wait(6)
    chat.opened()
    assert chat.state is S.SERVING  # the thread is pending: nothing is asked
    assert chat.closed(4401) == ["forget credentials", "chat connecting"]


@pytest.mark.parametrize("code", [None, 1000, 1001, 1006, 1011])
def test_any_other_end_of_a_socket_says_nothing_of_its_token(code: int | None) -> None:
    chat = reach(S.RECOVERING, secured=True)
    assert chat.closed(code) == ["chat connecting"]
    assert chat.wait(6) == ["open 2"]


@pytest.mark.row("R38")
@pytest.mark.parametrize("state", [S.AUTHORIZING, S.RECOVERING])
@pytest.mark.parametrize("code", [None, 1000, 1006])
def test_a_drop_before_ready_is_a_loss_and_no_cancellation(state: S, code: int | None) -> None:
    chat = reach(state)
    assert chat.closed(code) == ["chat connecting"]
    assert chat.wait(6) == ["open 2"]
    back(chat)


@pytest.mark.row("C1")
def test_who_disconnects_comes_back_as_the_same_customer_and_visitor() -> None:
    for secured in (False, True):
        chat = reach(S.SERVING, secured=secured)
        before = chat.url
        chat.ask(i.Disconnect)
        chat.closed(1000)
        chat.ask(i.Connect)
        assert chat.url == before


# --- attempts ---


@pytest.mark.row("P7")
def test_a_connection_that_holds_for_a_moment_only_uses_up_the_attempts() -> None:
    chat = reach(S.SERVING, policy=Policy(backoff=Backoff(attempts=3)))
    for socket in (2, 3, 4):
        chat.wait(1)
        assert chat.closed() == ["chat connecting"]
        assert chat.wait_next() == [f"open {socket}"]
        back(chat)
    chat.wait(1)
    assert chat.closed() == ["chat lost"]


@pytest.mark.row("P38")
def test_whoever_connects_again_after_the_last_attempt_has_all_of_them_anew() -> None:
    chat = reach(S.RECONNECT_WAIT, policy=Policy(backoff=Backoff(attempts=1)))
    chat.wait(6)
    assert chat.closed() == ["chat lost"]
    chat.ask(i.Connect)
    back(chat)
    assert chat.closed() == ["chat connecting"]
    chat.wait(6)
    assert chat.closed() == ["chat lost"]


# --- the gate ---


@pytest.mark.row("P36", "R24")
def test_what_waited_for_its_turn_on_a_lost_socket_does_not_go_ahead_of_the_authorization() -> None:
    chat = with_thread(policy=Policy(rate_limit=(6, 5.0)))
    for number in range(9):
        chat.ask(i.SendMessage, thread=THREAD, text=str(number))
    assert len(chat.leaf.line._waiting) > 0
    chat.closed(unwritten=tuple(range(1, chat.last_frame + 1)))
    chat.wait(6)
    assert chat.opened() == ["chat connected", "frame AuthorizeCustomer"]
    assert frames(chat.wait(3)) == []


@pytest.mark.row("R23", "R24", "P31", "P36")
@pytest.mark.parametrize("state", [S.RECONNECT_WAIT, S.SOCKET, S.AUTHORIZING, S.RECOVERING])
def test_a_failed_message_that_is_sent_again_while_away_waits_for_the_recovery(state: S) -> None:
    chat = with_thread()
    chat.ask(i.SendMessage, thread=THREAD, text="hello")
    message = chat.frame("SendMessage")["payload"]["data"]["idOnExternalPlatform"]
    chat.deny("SendMessage", "SendingMessageFailed")
    chat.closed()
    towards(chat, state)
    assert chat.ask(i.RetryMessage, message=message) == ["message queued", "RetryMessage answered"]
    assert chat.ask(i.SendMessage, thread=THREAD, text="and this")[0] == "message queued"
    assert frames(chat.wait(0)) == []
    towards(chat, S.RECOVERING)
    words = chat.answer("RecoverThread", "ThreadRecovered", recovered_thread())
    assert frames(words) == ["frame SendMessage", "frame SendMessage"]


@pytest.mark.row("R23", "R24")
@pytest.mark.parametrize("state", [S.RECONNECT_WAIT, S.SOCKET, S.AUTHORIZING, S.RECOVERING])
def test_the_first_message_of_a_new_thread_waits_for_the_recovery_of_the_others(state: S) -> None:
    chat = reach(S.SERVING, "multi")
    chat.ask(i.StartThread)
    (thread,) = chat.session.threads
    chat.closed()
    towards(chat, state)
    assert chat.ask(i.SendMessage, thread=thread, text="hello") == ["message queued", "SendMessage answered"]
    towards(chat, S.RECOVERING)
    assert frames(nothing_to_recover(chat)) == ["frame SendMessage"]


@pytest.mark.row("R25")
@pytest.mark.parametrize("state", [S.RECONNECT_WAIT, S.SOCKET, S.AUTHORIZING, S.RECOVERING])
def test_what_a_visitor_does_goes_ahead_of_no_authorization(state: S) -> None:
    chat = reach(S.SERVING, policy=Policy(custom_events="socket"))
    assert frames(chat.ask(i.ReportVisitorEvent, data=(("size", "L"),))) == ["frame StoreVisitorEvents"]
    chat.closed()
    towards(chat, state)
    for kind, given in ((i.ReportWindowOpened, {}), (i.ReportVisitorEvent, {"data": (("size", "M"),)})):
        words = chat.ask(kind, **given)
        assert (frames(words), words[-1]) == ([], "POST event")


def towards(chat: Alone, state: S) -> None:
    """Go on from a loss as far as a state of the way back."""
    way: dict[S, tuple[S, Any]] = {
        S.RECONNECT_WAIT: (S.SOCKET, lambda: chat.wait(6)),
        S.SOCKET: (S.AUTHORIZING, chat.opened),
        S.AUTHORIZING: (S.RECOVERING, lambda: chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})),
    }
    while chat.state is not state:
        _, step = way[chat.state]
        step()


# --- answers and those who wait ---


@pytest.mark.row("T-16", "R26")
def test_an_answer_under_another_event_id_is_nobodys() -> None:
    chat = with_thread("multi")
    chat.ask(i.ArchiveThread, thread=THREAD)
    assert chat.hear({"eventId": "another", "postback": {"eventType": "ThreadArchived"}}) == []
    assert chat.hear({"eventId": "another"}) == []
    assert chat.session.threads[THREAD].state == "archiving"
    assert chat.session.counts["stale completions"] == 1
    assert chat.answer("ArchiveThread", "ThreadArchived")[-1] == "ArchiveThread answered"


@pytest.mark.row("P8")
@pytest.mark.parametrize(
    ("mode", "kind", "before"),
    [("multi", i.OpenThread, "LoadThreadMetadata"), ("single", i.LoadMore, ""), ("live", i.EndThread, "")],
)
def test_who_waits_for_a_thread_learns_of_the_loss(mode: Mode, kind: type[i.AppRequest], before: str) -> None:
    if before:
        chat = reach(S.RECOVERING, mode)
        listed = {"id": "1", "idOnExternalPlatform": THREAD, "canAddMoreMessages": True}
        chat.answer("FetchThreadList", "ThreadListFetched", {"threads": [listed]})
        chat.answer(before, "ThreadMetadataLoaded", {})
    else:
        chat = reach(S.RECOVERING, mode)
        data = recovered_thread(messagesScrollToken="more")
        recover = "RecoverLivechat" if mode == "live" else "RecoverThread"
        chat.answer(recover, "LivechatRecovered" if mode == "live" else "ThreadRecovered", data)
    assert f"{kind.__name__} answered" not in chat.ask(kind, thread=THREAD)
    assert f"{kind.__name__} refused connection_lost" in chat.closed()


@pytest.mark.row("P13")
def test_metadata_that_never_come_hold_up_no_other_thread() -> None:
    chat = reach(S.RECOVERING, "multi", policy=Policy(heartbeat=60))
    listed = [{"id": n, "idOnExternalPlatform": f"thread-{n}", "canAddMoreMessages": True} for n in "12"]
    chat.answer("FetchThreadList", "ThreadListFetched", {"threads": listed})
    assert chat.answer("LoadThreadMetadata", "ThreadMetadataLoaded", {}) == ["thread loaded"]
    assert chat.wait(10) == ["chat ready"]


# --- who comes after ---


@pytest.mark.row("P34")
def test_nothing_of_a_conversation_outlives_its_customer() -> None:
    chat = with_thread("live")
    chat.ask(i.SendMessage, thread=THREAD, text="hello")
    message = chat.frame("SendMessage")["payload"]["data"]["idOnExternalPlatform"]
    chat.ask(i.SignOut)
    chat.closed(1000)
    chat.saved()
    assert (dict(chat.session.threads), chat.state) == ({}, S.INITIAL)
    assert chat.ask(i.AwaitSettled, message=message) == ["AwaitSettled refused unknown_message"]
    chat.ask(i.Open)
    chat.reply("GET configuration")
    chat.saved()
    chat.reply("PUT visitor")
    chat.reply("GET availability")
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert nothing_to_recover(chat) == ["chat ready"]
    assert frames(chat.ask(i.StartThread)) == ["frame SendMessage"]  # it begins as the first one did
