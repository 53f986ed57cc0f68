"""The far side falls silent: whatever was asked, in whatever state, is settled, and nothing is under way for ever.

Generated from the union of inputs and the states of the connection, so that a request or a state of tomorrow is walked
by itself.
"""

import json
from functools import partial

import pytest

from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.lifecycle import MessageStatus
from deskline_core.model import Upload
from deskline_core.policy import Policy
from tests.core.cxone import alone
from tests.core.cxone.alone import _WAYS as WAYS
from tests.core.cxone.alone import THREAD, Alone, Mode
from tests.core.cxone.every_request import EVERYTHING, REQUESTS, right_fields

reach, with_thread = partial(alone.reach, settings=EVERYTHING), partial(alone.with_thread, settings=EVERYTHING)
MODES: tuple[Mode, ...] = ("multi", "live")
FOREVER = 7 * 24 * 3600.0
SETTLED_BY_THE_APP = {"StartThread", "AwaitSettled"}
"""They wait for the chat as long as the app does not connect it: nothing is under way for them."""


def asked(chat: Alone, kind: type[i.AppRequest]) -> int:
    """Ask for anything, with fields that are right; return its number."""
    given = right_fields(kind)
    if "message" in kind.__struct_fields__:
        given["message"] = newest(chat)
    chat.ask(kind, **given)
    return chat.asked


def newest(chat: Alone) -> str:
    """Return the id of the newest message of the customer's, or one of none."""
    mine = [message.id for thread in chat.session.threads.values() for message in thread.messages if message.mine]
    return mine[-1] if mine else "none"


def fall_silent(chat: Alone) -> None:
    """Let nobody answer any more, neither the far side nor the transport nor the store."""
    chat.store_answers = False
    end = chat.now + FOREVER
    steps = 0
    while (due := chat.session.next_deadline) is not None and due <= end:
        chat.now = max(chat.now, due)
        chat.put(i.Tick())
        steps += 1
        assert steps < 5_000, "it spins"


def say_little(chat: Alone, *, acknowledge: bool) -> None:
    """Let the far side open sockets and answer heartbeats, and nothing else, or acknowledge whatever comes."""
    end = chat.now + FOREVER
    seen = len(chat.log)
    while (
        (left_over(chat) or chat.leaf.line.exchanges) and (due := chat.session.next_deadline) is not None and due <= end
    ):
        chat.now = max(chat.now, due)
        chat.put(i.Tick())
        while seen < len(chat.log):
            command, seen = chat.log[seen], seen + 1
            if isinstance(command, c.OpenSocket):
                chat.put(i.SocketOpened(socket=command.socket))
            elif isinstance(command, c.CloseSocket):
                chat.put(i.SocketClosed(socket=command.socket, code=1000))
            elif isinstance(command, c.SendFrame):
                frame = json.loads(command.text)
                if frame["action"] == "heartbeat":
                    chat.hear('"pong"', socket=command.socket)
                elif acknowledge:
                    chat.hear({"eventId": frame["eventId"]}, socket=command.socket)


def left_over(chat: Alone) -> list[str]:
    """Return the requests that are not settled."""
    open_ = (number for number in range(1, chat.asked + 1) if chat.session.requests.is_open(number))
    return [chat._asked[number - 1] for number in open_]


def check_at_rest(chat: Alone) -> None:
    """Nothing is under way, and nobody waits for anything but the app."""
    leaf = chat.leaf
    assert chat.session.next_deadline is None
    assert chat.state in {S.INITIAL, S.PREPARED, S.OFFLINE, S.LOST, S.UNSUPPORTED}
    assert (leaf.line.exchanges, leaf.line.socket, leaf.line.is_drained) == ({}, None, True)
    assert not leaf.calls._open
    assert not leaf.calls._resting
    assert set(left_over(chat)) <= SETTLED_BY_THE_APP
    for outgoing in leaf.delivery.outbox:
        assert outgoing.status not in {MessageStatus.UPLOADING, MessageStatus.SENDING}


WALKED = [state for state in S if state in WAYS]
IN_MODES: list[tuple[S, Mode | None]] = [
    *((state, None) for state in WALKED),
    *((state, mode) for state in (S.RECOVERING, S.SERVING, S.RECONNECT_WAIT) for mode in MODES),
]
"""Each state by its usual way, and those of a connection in the other modes."""


@pytest.mark.parametrize(("state", "mode"), IN_MODES)
def test_no_state_waits_for_ever(state: S, mode: Mode | None) -> None:
    chat = reach(state, mode)
    chat.ask(i.AwaitReady)
    chat.ask(i.Prepare)
    fall_silent(chat)
    check_at_rest(chat)


@pytest.mark.parametrize(("state", "mode"), IN_MODES)
def test_no_request_waits_for_ever_in_any_state(state: S, mode: Mode | None) -> None:
    for kind in REQUESTS:
        chat = reach(state, mode)
        asked(chat, kind)
        fall_silent(chat)
        check_at_rest(chat)


@pytest.mark.parametrize("mode", ["single", "multi", "live"])
@pytest.mark.parametrize("kind", REQUESTS, ids=lambda kind: str(kind.__name__))
def test_no_request_of_an_open_thread_waits_for_ever(kind: type[i.AppRequest], mode: Mode) -> None:
    chat = with_thread(mode)
    chat.ask(i.SendMessage, thread=THREAD, text="first")
    asked(chat, kind)
    number = chat.asked
    fall_silent(chat)
    check_at_rest(chat)
    if kind.__name__ not in SETTLED_BY_THE_APP:
        assert not chat.session.requests.is_open(number)


@pytest.mark.parametrize("acknowledge", [False, True], ids=["beats", "acknowledges"])
@pytest.mark.parametrize(("state", "mode"), IN_MODES)
def test_a_far_side_that_only_lives_settles_all_the_same(state: S, mode: Mode | None, *, acknowledge: bool) -> None:
    for kind in REQUESTS:
        chat = reach(state, mode)
        asked(chat, kind)
        say_little(chat, acknowledge=acknowledge)
        assert set(left_over(chat)) <= SETTLED_BY_THE_APP
        assert chat.leaf.line.exchanges == {}


@pytest.mark.parametrize("acknowledge", [False, True], ids=["beats", "acknowledges"])
@pytest.mark.parametrize("mode", ["single", "multi", "live"])
def test_nor_does_an_open_thread_hang_on_it(mode: Mode, *, acknowledge: bool) -> None:
    for kind in REQUESTS:
        chat = with_thread(mode)
        chat.ask(i.SendMessage, thread=THREAD, text="first")
        asked(chat, kind)
        chat.ask(i.AwaitSettled, message=newest(chat))
        say_little(chat, acknowledge=acknowledge)
        assert not left_over(chat) or kind in {i.Disconnect, i.EnterBackground}, kind
        assert chat.leaf.line.exchanges == {}


@pytest.mark.parametrize("kind", REQUESTS, ids=lambda kind: str(kind.__name__))
def test_whatever_is_asked_is_settled_when_the_chat_is_signed_out(kind: type[i.AppRequest]) -> None:
    for state in WALKED:
        chat = reach(state)
        asked(chat, kind)
        chat.ask(i.SignOut)
        fall_silent(chat)
        assert left_over(chat) == []


def test_files_that_nobody_takes_hold_up_nothing() -> None:
    chat = with_thread()
    files = (Upload(name="a.txt", content=b"hello", mime_type="text/plain"),)
    chat.ask(i.SendMessage, thread=THREAD, text="first", attachments=files)
    chat.ask(i.SendMessage, thread=THREAD, text="second")
    fall_silent(chat)
    check_at_rest(chat)


def test_the_policy_bounds_each_wait() -> None:
    """Twice as patient: it takes longer, and ends all the same."""
    chat = reach(S.SERVING, policy=Policy(heartbeat=20, request_timeout=20, connect_timeout=10))
    chat.ask(i.AwaitReady)
    fall_silent(chat)
    check_at_rest(chat)
