"""Requests that wait for the connection: each is settled in time, once, or withdrawn."""

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Policy
from tests.core.cxone.alone import THREAD, Alone, nothing_to_recover, reach, with_thread


def test_ready_is_answered_at_once_where_the_outcome_is_known() -> None:
    outcomes = {
        S.SERVING: "answered",
        S.ENDING: "answered",
        S.OFFLINE: "refused offline",
        S.LOST: "refused connection_lost",
        S.UNSUPPORTED: "refused version_refused",
        S.INITIAL: "refused not_connected",
        S.PREPARED: "refused not_connected",
    }
    for state in S:
        words = reach(state).ask(i.AwaitReady)
        assert words == ([f"AwaitReady {outcomes[state]}"] if state in outcomes else []), state


def test_ready_waits_for_a_chat_that_is_wanted() -> None:
    chat = Alone()
    chat.ask(i.EnterBackground)
    chat.ask(i.Open)
    assert chat.ask(i.AwaitReady) == []
    chat.ask(i.EnterActive)
    chat.reply("GET configuration")
    chat.saved()
    assert chat.reply("PUT visitor") == ["chat prepared", "chat connecting", "open 1"]
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert nothing_to_recover(chat) == ["chat ready", "AwaitReady answered"]


def test_whoever_waits_for_ready_of_a_chat_that_is_only_prepared_learns_it() -> None:
    chat = reach(S.VISITOR)
    chat.ask(i.AwaitReady)
    assert chat.reply("PUT visitor") == ["chat prepared", "Prepare answered", "AwaitReady refused not_connected"]
    assert chat.refusal[1] == "nothing connects this chat"


@pytest.mark.row("P8")
def test_ready_is_not_answered_while_the_chat_reconnects() -> None:
    chat = reach(S.RECONNECT_WAIT)
    assert chat.ask(i.AwaitReady) == []
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert nothing_to_recover(chat) == ["chat ready", "AwaitReady answered"]


def test_whoever_gave_up_is_told_nothing() -> None:
    waits: dict[S, type[i.AppRequest]] = {S.SOCKET: i.AwaitReady, S.CONFIGURATION: i.Prepare}
    for state, wait in waits.items():
        chat = reach(state)
        assert chat.ask(wait) == []
        asked = chat.asked
        assert chat.put(i.Withdraw(request=asked)) == []
        chat.ask(i.Disconnect)
        assert asked not in {refusal.request for refusal in chat.refusals}
    for leave in (i.Disconnect, i.SignOut):
        chat = reach(S.SERVING)
        chat.ask(leave)
        asked = chat.asked
        chat.put(i.Withdraw(request=asked))
        chat.closed(1000)
        chat.saved()
        assert asked not in chat.answers


@pytest.mark.parametrize("gone", [0, 1])
def test_a_held_request_that_is_withdrawn_is_not_made(gone: int) -> None:
    chat = reach(S.RECOVERING)
    asked: list[int] = []
    for trigger in ("one", "two"):
        chat.ask(i.ExecuteTrigger, trigger=trigger)
        asked.append(chat.asked)
    chat.put(i.Withdraw(request=asked[gone]))
    assert nothing_to_recover(chat) == ["chat ready", "frame ExecuteTrigger", "ExecuteTrigger answered"]
    assert chat.frame("ExecuteTrigger")["payload"]["data"]["trigger"]["id"] == ["two", "one"][gone]


def test_only_so_many_requests_wait() -> None:
    chat = reach(S.RECOVERING, policy=Policy(outbox=2))
    assert chat.ask(i.ExecuteTrigger, trigger="one") == []
    assert chat.ask(i.StartThread) == []
    assert chat.ask(i.ExecuteTrigger, trigger="three") == ["ExecuteTrigger refused limit_reached"]
    assert chat.ask(i.StartThread) == ["StartThread refused limit_reached"]


def test_a_thread_waits_over_losses_and_what_needs_the_network_does_not() -> None:
    chat = reach(S.RECOVERING)
    chat.ask(i.ExecuteTrigger, trigger="one")
    chat.ask(i.StartThread)
    assert chat.closed() == ["chat connecting", "ExecuteTrigger refused connection_lost"]
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    words = nothing_to_recover(chat)
    assert words == ["chat ready", "thread pending", "save thread", "StartThread answered"]


@pytest.mark.row("R40")
def test_what_an_app_does_in_answer_to_news_is_another_input() -> None:
    chat = with_thread()
    assert chat.closed() == ["chat connecting"]  # the app hears it, and leaves at once
    assert chat.ask(i.Disconnect) == ["chat prepared", "Disconnect answered"]
    assert chat.wait(600) == []


def test_who_waits_for_a_login_is_told_why_and_what_to_do() -> None:
    chat = reach(S.TOKEN, secured=True)
    chat.ask(i.AwaitReady)
    chat.reply("POST token", {"error": "wrong verifier"}, status=401)
    assert "wrong verifier" in chat.refusal[1]
    assert chat.refusals[-1].hint.startswith("authenticate")


def test_a_message_says_why_it_failed() -> None:
    chat = with_thread()
    chat.ask(i.SendMessage, thread=THREAD, text="hello")
    chat.deny("SendMessage", "SendingMessageFailed")
    message = chat.session.threads[THREAD].messages[-1]
    assert (message.status, message.cause) == ("failed", "SendingMessageFailed")


def test_what_waits_to_be_sent_has_failed_where_no_attempt_can_help() -> None:
    chat = with_thread()
    chat.closed()
    chat.ask(i.SendMessage, thread=THREAD, text="hello")
    chat.wait(6)
    chat.opened()
    assert "message failed" in chat.deny("AuthorizeCustomer", "SdkVersionNotSupported", "too old")
    (message,) = chat.session.outbox
    assert (message.cause, chat.state) == ("too old", S.UNSUPPORTED)
