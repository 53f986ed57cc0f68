"""Rows D601-D637: getting ready, losing the site and coming back, leaving, forgetting."""

import pytest

from deskline_core import inputs as i
from deskline_core.brightpattern.connection_table import TRYING
from deskline_core.brightpattern.connection_table import ConnectionState as S
from deskline_core.errors import RefusalCode
from deskline_core.events import ChatStateChanged
from deskline_core.policy import Backoff, Policy
from tests.core.brightpattern.alone import CHAT, HISTORY, POLL, SEND, Alone, joined, ready, said, started, talking
from tests.core.brightpattern.standing import KEPT, ONCE, WHO, known, reach

AVAILABILITY, ACTIVE, PARAMETERS = "GET availability", "GET active", "GET parameters"
EAGER = Policy(rest_attempts=1, backoff=Backoff(first=1, jitter=(0, 0), growth=2))
"""No single request is repeated, but the whole attempt is."""


def moved(chat: Alone, state: str) -> Alone:
    """Return a session as if it stood elsewhere with its site, for pairs that no visit leads to."""
    chat.leaf.connection.state = state
    return chat


# --- prepare ---


@pytest.mark.row("D601")
def test_preparing_makes_the_client_id_keeps_it_and_asks_what_the_site_asks() -> None:
    chat = Alone()
    assert chat.ask(i.Prepare) == ["chat preparing", "save identity"]
    assert chat.saved() == [PARAMETERS]
    header, who = chat.sent(PARAMETERS).headers[0]
    assert (header, who) == (
        "authorization", f'MOBILE-API-140-327-PLAIN appId="shop", clientId="{chat.leaf.identity.client_id}"',
    )  # fmt: skip
    words = chat.reply(PARAMETERS, {"parameters": [{"email": "EMAIL"}]})
    assert words == ["chat prepared", "Prepare answered"]
    assert [(question.id, question.kind) for question in chat.session.questions] == [("email", "email")]


@pytest.mark.row("D601")
def test_preparing_again_fetches_it_again_and_goes_on_where_the_chat_is_wanted() -> None:
    for state, after in ((S.PREPARED, []), (S.OFFLINE, ["chat connecting", AVAILABILITY])):
        chat = reach(state)
        assert chat.ask(i.Prepare) == ["chat preparing", PARAMETERS]
        assert chat.reply(PARAMETERS, {"parameters": []}) == ["chat prepared", "Prepare answered", *after]


@pytest.mark.row("D602")
def test_whoever_prepares_meanwhile_joins() -> None:
    chat = reach(S.PREPARING)
    assert chat.ask(i.Prepare) == []
    assert chat.open_calls() == [PARAMETERS]
    assert "Prepare answered" in chat.reply(PARAMETERS, {"parameters": []})


@pytest.mark.row("D603", "D633")
def test_prepare_is_refused_later() -> None:
    for state in (*TRYING, S.SERVING, S.WAITING, S.LOST, S.SIGNING_OUT):
        chat = reach(state)
        assert chat.ask(i.Prepare) == ["Prepare refused illegal_state"], state
        says = "the chat is signing out" if state is S.SIGNING_OUT else "prepare is not for a chat that is connecting"
        assert chat.refusal[1].startswith(says)
        assert chat.leaf.connection.state == state


@pytest.mark.row("D604")
def test_prepared_goes_on_if_the_chat_is_wanted() -> None:
    chat = reach(S.PREPARING)
    assert chat.reply(PARAMETERS, {"parameters": []}) == ["chat prepared", "chat connecting", AVAILABILITY]
    chat = Alone()
    chat.ask(i.Prepare)
    chat.ask(i.AwaitReady)
    chat.saved()
    assert chat.reply(PARAMETERS, b"no list") == [
        "chat prepared", "Prepare answered", "AwaitReady refused not_connected",
    ]  # fmt: skip
    assert chat.session.questions == ()


@pytest.mark.row("D605")
def test_who_we_are_or_nobody_there_stands_in_the_way_of_preparing() -> None:
    for status, code, refusal in (
        (403, "3000", RefusalCode.SITE_REFUSED), (429, "", RefusalCode.REFUSED_BY_CENTER),
        (503, "5001", RefusalCode.REFUSED_BY_CENTER), (500, "5000", RefusalCode.TIMEOUT),
    ):  # fmt: skip
        chat = Alone(policy=ONCE)
        chat.ask(i.Prepare)
        chat.saved()
        chat.ask(i.Connect)
        chat.ask(i.AwaitReady)
        words = chat.deny(PARAMETERS, code, status)
        assert words == ["chat initial", f"Prepare refused {refusal}", f"AwaitReady refused {refusal}"]
        assert chat.open_calls() == []
        assert chat.wait(3600) == []
        assert chat.ask(i.Open) == ["Open answered", "chat preparing", PARAMETERS]


@pytest.mark.row("D604")
def test_a_list_that_the_site_does_not_have_is_no_hindrance() -> None:
    for status in (400, 404, 406):
        chat = reach(S.PREPARING)
        assert chat.reply(PARAMETERS, status=status) == ["chat prepared", "chat connecting", AVAILABILITY]


# --- connect ---


@pytest.mark.row("D606")
def test_connecting_prepares_first() -> None:
    assert Alone().ask(i.Connect) == ["Connect answered", "chat preparing", "save identity"]


@pytest.mark.row("D607")
def test_connecting_asks_whether_the_site_is_open() -> None:
    for state in (S.PREPARED, S.OFFLINE):
        assert reach(state).ask(i.Connect) == ["Connect answered", "chat connecting", AVAILABILITY]


@pytest.mark.row("D607")
def test_connecting_with_a_living_chat_reads_its_history() -> None:
    chat = reach(S.LOST)
    assert chat.ask(i.Connect) == ["Connect answered", "chat connected", HISTORY]
    assert chat.history(joined()) == ["chat ready", POLL]


@pytest.mark.row("D607")
def test_back_in_sight_while_the_poll_is_still_open_nothing_is_missing() -> None:
    chat = talking()
    assert chat.ask(i.EnterBackground) == ["chat prepared", "EnterBackground answered"]
    assert chat.ask(i.EnterActive) == ["EnterActive answered", "chat ready"]
    assert chat.open_calls() == [POLL]


@pytest.mark.row("D607")
def test_an_id_of_before_is_looked_for_by_its_history_and_a_known_client_by_the_active_chat() -> None:
    assert known(Alone(restored=KEPT)).open_calls() == [HISTORY]
    assert known(Alone(restored={"identity": WHO})).open_calls() == [ACTIVE]


@pytest.mark.row("D607", "D624", "D625")
def test_the_way_to_ready_leads_over_what_is_missing() -> None:
    ways = [("connect", S.PREPARED), ("connect", S.OFFLINE), ("connect", S.LOST)]
    for trigger, state in (*ways, ("wait_elapsed", S.WAITING), ("network_returned", S.WAITING)):
        for chat, gap, then, calls in (
            (talking(), False, S.SERVING, [POLL]),
            (talking(), True, S.RECOVERING, [POLL, HISTORY]),
            (reach(S.PREPARED, restored={"identity": WHO}), False, S.FINDING, [ACTIVE]),
            (ready(), False, S.CHECKING, [AVAILABILITY]),
        ):
            chat.leaf.poll.gap = gap
            chat.leaf.presence.want()
            moved(chat, state).leaf.connection.fire(trigger)
            chat.put(i.Tick())
            assert chat.leaf.connection.state == then, (trigger, state, then)
            assert chat.open_calls() == calls


@pytest.mark.row("D608")
def test_what_is_not_in_sight_is_not_connected() -> None:
    for state in (S.INITIAL, S.PREPARED, S.OFFLINE, S.LOST):
        chat = moved(Alone(), state)
        chat.ask(i.EnterBackground)
        assert chat.ask(i.Connect) == ["Connect answered"]
        assert chat.leaf.connection.state == state
        assert chat.open_calls() == []


@pytest.mark.row("D609")
def test_connecting_when_ready_says_so_once_more() -> None:
    chat = ready()
    assert chat.ask(i.Connect) == ["Connect answered", "chat ready"]
    assert chat.open_calls() == []


@pytest.mark.row("D610")
def test_connecting_on_the_way_changes_nothing() -> None:
    for state in (S.PREPARING, *TRYING, S.WAITING):
        chat = reach(state)
        before = chat.open_calls()
        assert chat.ask(i.Connect) == ["Connect answered"], state
        assert (chat.leaf.connection.state, chat.open_calls()) == (state, before)


@pytest.mark.row("D611")
def test_a_chat_that_is_active_is_read_before_anything_is_told_of_it() -> None:
    chat = reach(S.FINDING)
    assert chat.reply(ACTIVE, {"chat_id": CHAT, "state": "queued"}) == ["chat connected", HISTORY]
    assert chat.history(said("Hello")) == [
        "thread open", "stage queued", "save chat", "loaded Hello", "chat ready", POLL,
    ]  # fmt: skip


@pytest.mark.row("D612")
def test_where_there_is_no_chat_of_before_the_site_is_asked_whether_it_is_open() -> None:
    for status, body in ((404, None), (404, {"error_code": "5005"}), (200, {"state": "none"}), (406, None)):
        chat = reach(S.FINDING)
        assert chat.reply(ACTIVE, body, status=status) == [AVAILABILITY]
        assert chat.leaf.connection.state is S.CHECKING
    chat = reach(S.RECOVERING)
    assert chat.deny(HISTORY, "5005") == ["forget chat", "chat connecting", AVAILABILITY]


@pytest.mark.row("D613")
def test_an_open_site_is_ready() -> None:
    chat = reach(S.CHECKING)
    chat.ask(i.AwaitReady)
    assert chat.reply(AVAILABILITY, {"chat": "available", "ewt": "3"}) == ["chat ready", "AwaitReady answered"]


@pytest.mark.row("D613")
def test_a_chat_that_was_found_while_the_site_was_asked_is_read_first() -> None:
    chat = ready()
    chat.ask(i.StartThread)
    chat.ask(i.EnterBackground)
    assert chat.ask(i.EnterActive) == ["EnterActive answered", "chat connecting", AVAILABILITY]
    words = chat.reply("POST chats", {"chat_id": CHAT, "state": "queued", "is_new_chat": False})
    assert "StartThread answered" in words
    assert chat.reply(AVAILABILITY, {"chat": "available"}) == ["chat connected", HISTORY]


@pytest.mark.row("D614")
def test_a_closed_site_is_offline() -> None:
    chat = reach(S.CHECKING)
    chat.ask(i.AwaitReady)
    assert chat.reply(AVAILABILITY, {"chat": "notAvailable"}) == ["chat offline", "AwaitReady refused offline"]
    chat = reach(S.CHECKING, policy=ONCE)
    assert chat.deny(AVAILABILITY, "5001", 503) == ["chat offline"]


@pytest.mark.row("D615")
def test_ready_is_told_after_all_that_the_history_brings() -> None:
    chat = reach(S.RECOVERING)
    chat.ask(i.AwaitReady)
    words = chat.history(said("Hello"), joined())
    assert words == [
        "thread open", "stage connected", "joined Mara L.", "loaded Hello", "chat ready", POLL, "AwaitReady answered",
    ]  # fmt: skip


@pytest.mark.row("D616")
def test_a_first_attempt_that_fails_is_not_tried_again() -> None:
    for state, call in ((S.FINDING, ACTIVE), (S.CHECKING, AVAILABILITY), (S.RECOVERING, HISTORY)):
        chat = reach(state, policy=EAGER)
        chat.ask(i.AwaitReady)
        assert chat.fail(call) == ["chat prepared", "AwaitReady refused connection_lost"]
        assert chat.wait(3600) == []
        chat.ask(i.EnterBackground)
        assert chat.ask(i.EnterActive) == ["EnterActive answered"]  # nobody wants it any more


def test_who_was_out_of_sight_is_no_beginner() -> None:
    chat = talking()
    chat.ask(i.EnterBackground)
    chat.hear(said("Are you there?"))
    chat.wait(600)
    assert chat.ask(i.EnterActive)[-1] == HISTORY
    assert (chat.fail(HISTORY), chat.leaf.connection.state) == (["chat connecting"], S.WAITING)


def test_a_chat_that_was_lost_is_wanted_still_and_tried_again_in_sight() -> None:
    chat = reach(S.LOST)
    chat.ask(i.EnterBackground)
    assert chat.ask(i.EnterActive)[-1] == HISTORY
    chat.fail(HISTORY)
    assert (chat.leaf.connection.state, chat.session.state) == (S.WAITING, "connecting")  # no beginner either


@pytest.mark.row("D616")
def test_a_chat_that_could_not_be_read_at_first_is_looked_for_again_with_the_next_connect() -> None:
    chat = reach(S.RECOVERING)
    chat.fail(HISTORY)
    assert chat.ask(i.Connect) == ["Connect answered", "chat connecting", "chat connected", HISTORY]
    chat = reach(S.FINDING)
    chat.fail(ACTIVE)
    assert chat.ask(i.Connect) == ["Connect answered", "chat connecting", ACTIVE]


@pytest.mark.row("D617", "D618")
def test_later_attempts_are_repeated_until_they_are_used_up() -> None:
    chat = talking(policy=Policy(backoff=Backoff(first=1, jitter=(0, 0), growth=2, attempts=3)))
    chat.ask(i.AwaitReady)
    chat.fail(POLL)
    waited = []
    for _ in range(2):
        assert chat.session.next_deadline is not None
        waited.append(chat.session.next_deadline - chat.now)
        chat.wait(waited[-1])
        assert chat.fail(HISTORY) == ["chat connecting"]
    assert waited == [1, 2]
    chat.wait(4)
    chat.ask(i.AwaitReady)
    assert chat.fail(HISTORY) == ["chat lost", "AwaitReady refused connection_lost"]
    assert chat.wait(3600) == []


@pytest.mark.row("D617", "D618")
def test_every_way_to_ready_is_repeated_and_given_up_alike() -> None:
    for state in TRYING:
        chat = reach(state)
        chat.leaf.connection.served_before = True
        chat.leaf.connection.fire("attempt_failed")
        assert chat.leaf.connection.state is S.WAITING
        assert chat.session.deadlines.at("wait") == chat.now + 1
        chat = reach(state, policy=ONCE)
        chat.leaf.connection.served_before = True
        chat.leaf.connection.fire("attempt_failed")
        assert chat.leaf.connection.state is S.LOST


@pytest.mark.row("D619")
def test_wrong_settings_end_the_first_attempt() -> None:
    for state, call in ((S.FINDING, ACTIVE), (S.CHECKING, AVAILABILITY), (S.RECOVERING, HISTORY)):
        chat = reach(state)
        chat.ask(i.AwaitReady)
        assert chat.deny(call, "3000", 403) == ["chat prepared", "AwaitReady refused site_refused"]
        assert chat.wait(3600) == []


@pytest.mark.row("D620")
def test_wrong_settings_end_what_was_ready_before() -> None:
    chat = reach(S.WAITING)
    chat.ask(i.AwaitReady)
    chat.wait(1)
    assert chat.deny(HISTORY, "2003", 403) == ["chat lost", "AwaitReady refused site_refused"]
    assert chat.told(ChatStateChanged)[-1].cause.endswith("(2003)")
    assert chat.wait(3600) == []


@pytest.mark.row("D620")
def test_wrong_settings_end_every_later_attempt() -> None:
    for state in (*TRYING, S.SERVING):
        chat = reach(state)
        chat.leaf.connection.served_before = True
        chat.leaf.connection.fire("refused")
        assert chat.leaf.connection.state is S.LOST


# --- loss and return ---


@pytest.mark.row("D621")
def test_a_poll_that_fails_is_a_loss_and_the_next_attempt_follows() -> None:
    chat = talking()
    assert chat.fail(POLL) == ["chat connecting"]
    assert chat.told(ChatStateChanged)[-1].cause == "no network"
    assert chat.wait(0.9) == []
    assert chat.wait(0.1) == ["chat connected", HISTORY]


@pytest.mark.row("D622")
def test_a_poll_that_fails_ends_it_where_nothing_is_tried_twice() -> None:
    chat = talking(policy=ONCE)
    assert chat.fail(POLL) == ["chat lost"]
    assert chat.wait(3600) == []


@pytest.mark.row("D623")
def test_what_is_in_doubt_is_looked_up_where_the_site_is_closed_too() -> None:
    chat = reach(S.OFFLINE)
    assert chat.ask(i.NotePush, conversation=CHAT)[-2:] == ["chat connected", HISTORY]


@pytest.mark.row("D623")
def test_what_is_in_doubt_leads_to_the_history_at_once() -> None:
    chat = ready()
    chat.ask(i.StartThread)
    words = chat.reply("POST chats", {"chat_id": CHAT, "state": "queued", "is_new_chat": False})
    assert words[-2:] == ["chat connected", HISTORY]


@pytest.mark.row("D624")
def test_after_the_pause_an_open_poll_that_lost_nothing_is_enough() -> None:
    chat = talking()
    chat.ask(i.SendMessage, thread=CHAT, text="hello")
    assert chat.fail(SEND, sent="no") == ["message queued", "chat connecting"]
    assert chat.wait(1) == ["chat ready", "message sending", "POST message"]


@pytest.mark.row("D625")
def test_a_network_that_is_back_ends_the_pause() -> None:
    chat = reach(S.WAITING)
    assert chat.put(i.NetworkReturned()) == ["chat connected", HISTORY]
    assert chat.session.deadlines.at("wait") is None


# --- away, and no more ---


@pytest.mark.row("D626")
def test_out_of_sight_what_is_under_way_is_let_go_of() -> None:
    for state, stopped in ((S.FINDING, ACTIVE), (S.CHECKING, AVAILABILITY), (S.RECOVERING, HISTORY)):
        chat = reach(state)
        words = chat.ask(i.EnterBackground)
        assert words == ["chat prepared", f"stop {stopped}", "EnterBackground answered"], state
        assert chat.wait(3600) == []
    for state in (S.SERVING, S.WAITING):
        chat = reach(state)
        assert chat.ask(i.EnterBackground) == ["chat prepared", "EnterBackground answered"]


@pytest.mark.row("D626")
def test_back_in_sight_it_goes_on_by_itself() -> None:
    for state, then in (
        (S.FINDING, ["chat connecting", ACTIVE]), (S.CHECKING, ["chat connecting", AVAILABILITY]),
        (S.RECOVERING, ["chat connecting", "chat connected", HISTORY]), (S.WAITING, ["chat connected", HISTORY]),
    ):  # fmt: skip
        chat = reach(state)
        chat.ask(i.EnterBackground)
        assert chat.ask(i.EnterActive) == ["EnterActive answered", *then], state


@pytest.mark.row("D627", "D635")
def test_out_of_sight_what_rests_still_rests() -> None:
    for state in (S.INITIAL, S.PREPARING, S.PREPARED, S.OFFLINE, S.LOST, S.SIGNING_OUT):
        chat = reach(state)
        before = chat.open_calls()
        assert chat.ask(i.EnterBackground) == ["EnterBackground answered"], state
        assert (chat.leaf.connection.state, chat.open_calls()) == (state, before)


@pytest.mark.row("D628")
def test_what_is_no_longer_wanted_is_let_go_of() -> None:
    for state in (*TRYING, S.SERVING, S.OFFLINE, S.WAITING, S.LOST):
        chat = reach(state)
        stopped = [f"stop {call}" for call in chat.open_calls()]
        assert chat.ask(i.Disconnect) == ["chat prepared", *stopped, "Disconnect answered"], state
        assert chat.wait(3600) == []
    chat = talking()
    assert chat.ask(i.Disconnect) == ["chat prepared", f"stop {POLL}", "Disconnect answered"]
    assert chat.ask(i.Connect) == ["Connect answered", "chat connected", HISTORY]


@pytest.mark.row("D629")
def test_out_of_sight_a_disconnect_stops_the_poll_and_settles_who_waits() -> None:
    for state in (S.PREPARED, S.PREPARING):
        chat = talking()
        chat.ask(i.EnterBackground)
        if state is S.PREPARING:
            chat.ask(i.Prepare)
        assert chat.leaf.connection.state == state
        assert chat.ask(i.Disconnect) == [f"stop {POLL}", "Disconnect answered"]
    chat = reach(S.INITIAL)
    assert chat.ask(i.EnterBackground) + chat.ask(i.Open) == ["EnterBackground answered", "Open answered"]
    assert chat.ask(i.AwaitReady) == []
    assert chat.ask(i.Disconnect) == ["AwaitReady refused not_connected", "Disconnect answered"]


def test_a_chat_that_is_to_begin_waits_over_a_disconnect() -> None:
    for state in (S.INITIAL, S.PREPARING, S.PREPARED, S.CHECKING):
        chat = reach(state)
        assert chat.ask(i.StartThread) == []
        assert "StartThread" not in " ".join(chat.ask(i.Disconnect))
        assert "StartThread refused chat_closed" in chat.ask(i.SignOut)


@pytest.mark.row("D636")
def test_what_is_signing_out_goes_on_with_it() -> None:
    chat = reach(S.SIGNING_OUT)
    assert chat.ask(i.Disconnect) == ["Disconnect answered"]
    assert chat.saved() == ["chat initial", "SignOut answered"]


def test_preparing_outlasts_a_disconnect() -> None:
    chat = reach(S.PREPARING)
    chat.ask(i.AwaitReady)
    words = chat.ask(i.Disconnect)
    assert words == ["Disconnect answered"]
    assert chat.reply(PARAMETERS, {"parameters": []}) == ["chat prepared", "AwaitReady refused not_connected"]


@pytest.mark.row("D630", "D631")
def test_signing_out_forgets_all_and_then_begins_anew() -> None:
    for state in S:
        if state is not S.SIGNING_OUT:
            chat = reach(state)
            words = chat.ask(i.SignOut)
            assert "chat signing out" in words, state
            assert "SignOut answered" not in words
            assert chat.open_calls() == []
            assert chat.saved()[-2:] == ["chat initial", "SignOut answered"], state
            assert dict(chat.session.kept) == {}
            assert not chat.session.threads
            assert chat.wait(3600) == []


@pytest.mark.row("D632")
def test_signing_out_twice_is_signing_out_once() -> None:
    chat = reach(S.SIGNING_OUT)
    assert chat.ask(i.SignOut) == []
    assert chat.saved() == ["chat initial", "SignOut answered", "SignOut answered"]


@pytest.mark.row("D634", "D631")
def test_what_is_wanted_again_meanwhile_begins_after_it() -> None:
    chat = reach(S.SIGNING_OUT)
    assert chat.ask(i.Connect) == ["Connect answered"]
    assert chat.open_calls() == []
    assert chat.saved() == ["chat initial", "SignOut answered", "chat preparing", "save identity"]


@pytest.mark.row("D637")
def test_what_belongs_to_nothing_under_way_changes_nothing() -> None:
    late = {
        "parameters_known": (S.PREPARING,), "preparation_failed": (S.PREPARING,), "found": (S.FINDING,),
        "found_none": (S.FINDING, S.RECOVERING), "available": (S.CHECKING,), "unavailable": (S.CHECKING,),
        "caught_up": (S.RECOVERING,), "attempt_failed": TRYING, "refused": (*TRYING, S.SERVING),
        "poll_lost": (S.SERVING,), "doubt": (S.SERVING, S.OFFLINE), "wait_elapsed": (S.WAITING,),
        "network_returned": (S.WAITING,), "cleared": (S.SIGNING_OUT,),
    }  # fmt: skip
    for trigger, meant in late.items():
        for state in S:
            if state not in meant:
                chat = reach(state)
                before = chat.open_calls()
                chat.leaf.connection.fire(trigger)
                assert chat.put(i.Tick()) == [], (trigger, state)
                assert (chat.leaf.connection.state, chat.open_calls()) == (state, before)


# --- how long it holds ---


def test_the_attempts_count_anew_after_a_while_in_ready() -> None:
    chat = talking()
    for _ in range(3):
        chat.fail(POLL)
        chat.wait(30)
        chat.history()
    assert chat.leaf.connection.attempts == 3
    chat.wait(4.9)
    assert chat.leaf.connection.attempts == 3
    chat.wait(0.1)
    assert chat.leaf.connection.attempts == 0


def test_a_conversation_is_only_told_of_when_its_history_is_there() -> None:
    chat = reach(S.RECOVERING)
    assert not chat.session.threads
    chat.history(said("Hello"))
    assert [thread.id for thread in chat.session.threads.values()] == [CHAT]
    chat = started()
    assert [thread.id for thread in chat.session.threads.values()] == [CHAT]


def test_what_cannot_be_read_is_said_to_be_so() -> None:
    chat = reach(S.CHECKING)
    chat.reply(AVAILABILITY, b"<html>")
    assert chat.told(ChatStateChanged)[-1].cause == "the answer cannot be read (status 200)"
