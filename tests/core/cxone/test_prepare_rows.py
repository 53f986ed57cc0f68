"""Rows S1-S10: preparing, and what can come of it."""

import json

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import PREPARING, UNDER_WAY, project
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Backoff, Policy
from tests.core.cxone.alone import START, VERSION_REFUSED, Alone, each, reach


@pytest.mark.row("S1", "P44", "R16", "R32")
def test_prepare_is_told_and_then_fetches_the_configuration() -> None:
    chat = Alone()
    assert chat.ask(i.Prepare) == ["chat preparing", "GET configuration"]
    assert chat.state is S.CONFIGURATION
    request = chat.call("GET configuration")
    assert request.url.reveal() == (
        "https://channels-de-eu1.niceincontact.com/chat/1.0/brand/1386"
        "/channel/chat_0d9f4b6e-2f1c-4f0e-9a55-6f2b8f6f1a10?locale=en_US"
    )
    assert (request.body, request.deadline) == (b"", START + 40)
    assert chat.wait(39) == []  # nothing connects by itself


@pytest.mark.row("S2")
def test_preparing_again_keeps_visitor_and_customer() -> None:
    chat = reach(S.PREPARED)
    kept, url = chat.session.kept, chat.call("PUT visitor").url
    assert chat.ask(i.Prepare) == ["chat preparing", "GET configuration"]
    assert chat.reply("GET configuration") == ["PUT visitor"]  # there is nothing new to keep
    assert chat.reply("PUT visitor") == ["chat prepared", "Prepare answered"]
    assert (chat.session.kept, chat.call("PUT visitor").url) == (kept, url)


@pytest.mark.row("S2")
def test_preparing_again_from_offline_goes_on_if_the_chat_is_wanted() -> None:
    chat = reach(S.OFFLINE)
    assert chat.ask(i.Prepare) == ["chat preparing", "GET configuration"]
    assert chat.reply("GET configuration") == ["PUT visitor"]
    assert chat.reply("PUT visitor") == ["chat prepared", "Prepare answered", "chat connecting", "GET availability"]


@pytest.mark.row("S3", "R34")
def test_preparing_is_joined() -> None:
    chat = reach(S.CONFIGURATION)
    assert (chat.ask(i.Prepare), chat.state) == ([], S.CONFIGURATION)
    chat.reply("GET configuration")
    chat.saved()
    assert (chat.ask(i.Prepare), chat.state) == ([], S.VISITOR)
    assert chat.reply("PUT visitor") == ["chat prepared", *["Prepare answered"] * 3]


@pytest.mark.row("S4")
def test_a_chat_that_is_connecting_connected_or_lost_is_not_prepared() -> None:
    for state in (*UNDER_WAY, S.LOST):
        chat = reach(state)
        assert chat.ask(i.Prepare) == ["Prepare refused illegal_state"]
        assert chat.refusal[1] == "prepare is not for a chat that is connecting, connected or lost"
        assert chat.refusals[-1].hint == f"the chat is {project(state)}"
        assert chat.state is state


@pytest.mark.row("S5")
def test_an_unsupported_chat_is_not_prepared() -> None:
    chat = reach(S.UNSUPPORTED)
    assert chat.ask(i.Prepare) == ["Prepare refused version_refused"]
    assert chat.state is S.UNSUPPORTED


@pytest.mark.row("S6")
def test_new_ids_are_kept_before_they_are_used() -> None:
    chat = reach(S.CONFIGURATION)
    assert chat.reply("GET configuration") == ["save identity"]
    assert chat.state is S.VISITOR
    assert chat.saved() == ["PUT visitor"]
    identity = json.loads(chat.session.kept["identity"])
    request = chat.call("PUT visitor")
    assert request.url.reveal().endswith(f"/web-analytics/1.0/tenants/1386/visitors/{identity['visitor']}")
    assert json.loads(request.body)["customerIdentity"]["idOnExternalPlatform"] == identity["customer"]


@pytest.mark.row("S6")
def test_a_store_that_fails_is_told_and_stops_nothing() -> None:
    chat = reach(S.CONFIGURATION)
    chat.reply("GET configuration")
    assert chat.put(i.SaveFailed(id=chat.saves.pop(), reason="disk full")) == ["SaveLost", "PUT visitor"]


@pytest.mark.row("S6")
def test_ids_of_an_earlier_run_are_used_again() -> None:
    kept = dict(reach(S.PREPARED).session.kept)
    chat = reach(S.CONFIGURATION, restored=kept, seed=b"another seed of enough bytes")
    assert chat.reply("GET configuration") == ["PUT visitor"]
    assert dict(chat.session.kept) == kept


@pytest.mark.row("S7")
def test_a_stored_visitor_ends_preparing() -> None:
    chat = reach(S.VISITOR)
    assert chat.reply("PUT visitor") == ["chat prepared", "Prepare answered"]
    assert chat.state is S.PREPARED
    assert chat.wait(600) == []


@pytest.mark.row("S7", "R28", "R29")
def test_what_was_wanted_meanwhile_goes_on_when_prepared() -> None:
    chat = Alone()
    assert chat.ask(i.Open) == ["Open answered", "chat preparing", "GET configuration"]
    assert chat.ask(i.AwaitReady) == []
    chat.reply("GET configuration")
    chat.saved()
    assert chat.reply("PUT visitor") == ["chat prepared", "chat connecting", "open 1"]


@pytest.mark.row("S8", "R27", "P22")
def test_preparing_gives_up_after_its_retries() -> None:
    for state, call in ((S.CONFIGURATION, "GET configuration"), (S.VISITOR, "PUT visitor")):
        chat = reach(state)
        for least, most in ((0.2, 0.4), (0.4, 0.8), (0.8, 1.6)):
            assert chat.reply(call, status=503) == []
            assert chat.wait(least - 0.01) == []  # each pause is longer than the one before
            assert chat.wait(most - least + 0.01) == [call]
        assert chat.fail(call) == ["chat initial", "Prepare refused connection_lost"]
        assert (chat.state, chat.wait(600)) == (S.INITIAL, [])


@pytest.mark.row("S8", "R27")
def test_what_no_retry_can_help_is_not_retried() -> None:
    for state, call in ((S.CONFIGURATION, "GET configuration"), (S.VISITOR, "PUT visitor")):
        chat = reach(state)
        assert chat.reply(call, status=404) == ["chat initial", "Prepare refused connection_lost"]
    chat = reach(S.CONFIGURATION)
    assert chat.reply("GET configuration", b"<html>") == ["chat initial", "Prepare refused connection_lost"]
    assert chat.refusal[1] == "the configuration cannot be read: not a channel configuration"


@pytest.mark.row("S8", "R18")
def test_whoever_waits_for_ready_learns_that_preparing_failed() -> None:
    chat = Alone()
    chat.ask(i.Open)
    chat.ask(i.AwaitReady)
    assert chat.reply("GET configuration", status=404) == ["chat initial", "AwaitReady refused connection_lost"]
    assert chat.refusal[1] == "the configuration request was answered 404: there is no such brand or channel"
    assert chat.ask(i.Open) == ["Open answered", "chat preparing", "GET configuration"]  # and may try again


@pytest.mark.row("S9", "R13", "R41")
def test_a_refused_version_is_final() -> None:
    for state, call in ((S.CONFIGURATION, "GET configuration"), (S.VISITOR, "PUT visitor")):
        chat = reach(state)
        assert chat.reply(call, VERSION_REFUSED, status=400) == ["chat unsupported", "Prepare refused version_refused"]
        assert chat.refusal[1] == "too old"
        assert (chat.state, chat.wait(600)) == (S.UNSUPPORTED, [])


@pytest.mark.row("S10", "P9", "R17", "R35")
def test_disconnect_stops_preparing_and_its_late_answer_counts_no_more() -> None:
    for state, call in ((S.CONFIGURATION, "GET configuration"), (S.VISITOR, "PUT visitor")):
        chat = reach(state)
        (number,) = chat.calls
        assert chat.ask(i.Disconnect) == [
            "chat initial", f"cancel {call}", "Prepare refused chat_closed", "Disconnect answered",
        ]  # fmt: skip
        assert chat.put(i.ResponseReceived(id=number, status=200, body=b"{}")) == []
        assert (chat.state, chat.session.counts["stale completions"]) == (S.INITIAL, 1)


@pytest.mark.row("S10", "R17")
def test_disconnect_stops_a_pause_between_attempts_and_a_save() -> None:
    chat = reach(S.CONFIGURATION)
    chat.reply("GET configuration", status=503)
    assert chat.ask(i.Disconnect) == ["chat initial", "Prepare refused chat_closed", "Disconnect answered"]
    assert chat.wait(600) == []
    chat = reach(S.CONFIGURATION)
    chat.reply("GET configuration")
    assert chat.ask(i.Disconnect) == ["chat initial", "Prepare refused chat_closed", "Disconnect answered"]
    assert (chat.saved(), chat.state) == ([], S.INITIAL)


def test_each_attempt_has_its_own_time() -> None:
    chat = reach(S.CONFIGURATION, policy=Policy(rest_timeout=3, rest_attempts=2))
    assert chat.wait(2.9) == []
    assert chat.wait(0.1) == ["cancel GET configuration"]
    assert chat.wait(0.4) == ["GET configuration"]
    assert chat.wait(3) == ["cancel GET configuration", "chat initial", "Prepare refused connection_lost"]
    assert chat.refusal[1] == "no answer in 3 s"


def test_background_lets_preparing_finish_and_rest() -> None:
    for state in PREPARING:
        chat = reach(state)
        chat.leaf.presence.want()
        assert chat.ask(i.EnterBackground) == ["EnterBackground answered"]
        if state is S.CONFIGURATION:
            chat.reply("GET configuration")
            chat.saved()
        assert chat.reply("PUT visitor") == ["chat prepared", "Prepare answered"]
        assert chat.wait(600) == []


def test_pauses_follow_the_policy() -> None:
    retry = Backoff(first=7, jitter=(0, 0), growth=1, ceiling=30, attempts=3)
    chat = reach(S.CONFIGURATION, policy=Policy(rest_retry=retry))
    chat.fail("GET configuration")
    assert chat.session.next_deadline == chat.now + 7


def test_states_of_one_step_are_reached_alike() -> None:
    assert [chat.state for chat in each(S)] == list(S)
