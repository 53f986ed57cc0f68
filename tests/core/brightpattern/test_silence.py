"""The far side falls silent, or is gone: whatever was asked, in whatever state, is settled, and nothing waits for ever.

Generated from the union of inputs and the states of both tables, so that a request or a state of tomorrow is walked by
itself.
"""

from typing import Literal

import pytest

from deskline_core import inputs as i
from deskline_core.brightpattern.chat_table import TERMINAL, ChatStage
from deskline_core.brightpattern.connection_table import ConnectionState
from deskline_core.lifecycle import MessageStatus, Visibility
from deskline_core.model import Upload
from tests.core.brightpattern.alone import CHAT, Alone, name_of, said, talking
from tests.core.brightpattern.every_request import REQUESTS, right_fields
from tests.core.brightpattern.promises import keep_promises
from tests.core.brightpattern.standing import at_stage, reach

FOREVER = 7 * 24 * 3600.0
AWAY = 3 * 3600.0
"""Out of sight, a living chat is looked after for as long as that lasts, at a slow pace (B52)."""
SETTLED_BY_THE_APP = {"StartThread", "AwaitSettled"}
"""They wait for the chat as long as the app does not connect it: nothing is under way for them."""
STANDINGS = [("connection", str(state)) for state in ConnectionState] + [("chat", str(stage)) for stage in ChatStage]
FORM = {"event": "chat_session_form_show", "form_request_id": "17", "form_name": "survey_form"}
CASE = {"event": "chat_session_case_set", "case_id": "CS-1"}


def standing(table: str, state: str) -> Alone:
    """Return a session in this state of this table."""
    return reach(state) if table == "connection" else at_stage(state)


def newest(chat: Alone) -> str:
    """Return the id of the newest message of the customer's, or one of none."""
    mine = [message.id for thread in chat.session.threads.values() for message in thread.messages if message.mine]
    return mine[-1] if mine else "none"


def asked(chat: Alone, kind: type[i.AppRequest]) -> int:
    """Ask for anything, with fields that are right; return its number."""
    given = right_fields(kind)
    if "message" in kind.__struct_fields__:
        given["message"] = newest(chat)
    chat.ask(kind, **given)
    keep_promises(chat)
    return chat.asked


def fall_silent(chat: Alone) -> None:
    """Let nobody answer any more, neither the far side nor the transport nor the store."""
    is_away = chat.leaf.presence.visibility == Visibility.BACKGROUND
    end, steps = chat.now + (AWAY if is_away else FOREVER), 0
    while (due := chat.session.next_deadline) is not None and due <= end:
        chat.now = max(chat.now, due)
        chat.put(i.Tick())
        steps += 1
        assert steps < 5_000, "it spins"
    keep_promises(chat)


Way = Literal["5005", "404", "empty", "503", "429", "403", "page", "no"]
WAYS: dict[Way, tuple[int, bytes] | None] = {
    "5005": (404, b'{"error_code":"5005"}'),
    "404": (404, b""),
    "empty": (200, b""),
    "503": (503, b""),
    "429": (429, b""),
    "403": (403, b""),
    "page": (200, b"<html>"),
    "no": None,
}


def answer_all(chat: Alone, way: Way, seconds: float = 900) -> None:
    """Let the far side say one and the same to everything, for a while."""
    end, steps = chat.now + seconds, 0
    while True:
        chat.saved()
        for number, request in list(chat.calls.items()):
            if number not in chat.calls:
                continue
            if WAYS[way] == (200, b"") and name_of(request) == "GET events":
                continue  # a poll is held
            del chat.calls[number]
            answer = WAYS[way]
            if answer is None:
                chat.put(i.RequestFailed(id=number, sent="maybe", reason="no network"))
            else:
                chat.put(i.ResponseReceived(id=number, status=answer[0], body=answer[1]))
        chat.saved()
        steps += 1
        assert steps < 2_000, "it spins"
        due = chat.session.next_deadline
        if due is None or due > end:
            break
        chat.now = max(chat.now, due)
        chat.put(i.Tick())
    keep_promises(chat)


def left_over(chat: Alone) -> list[str]:
    """Return the requests that are not settled."""
    open_ = (number for number in range(1, chat.asked + 1) if chat.session.requests.is_open(number))
    return [chat._asked[number - 1] for number in open_]


def check_at_rest(chat: Alone) -> None:
    """Nothing is under way, and nobody waits for anything but the app."""
    leaf = chat.leaf
    assert chat.session.next_deadline is None
    assert leaf.connection.state in ("initial", "prepared", "offline", "lost")
    assert not leaf.calls._open
    assert not leaf.calls._resting
    assert set(left_over(chat)) <= SETTLED_BY_THE_APP
    for outgoing in leaf.delivery.outbox:
        assert outgoing.status not in {MessageStatus.UPLOADING, MessageStatus.SENDING}


@pytest.mark.parametrize(("table", "state"), STANDINGS)
def test_no_state_waits_for_ever(table: str, state: str) -> None:
    chat = standing(table, state)
    chat.ask(i.AwaitReady)
    chat.ask(i.Prepare)
    fall_silent(chat)
    if chat.leaf.connection.is_serving:  # ready, without a chat: there is nothing that could be noticed
        assert not chat.leaf.desk.is_alive
        assert chat.session.next_deadline is None
    else:
        check_at_rest(chat)


@pytest.mark.parametrize(("table", "state"), STANDINGS)
def test_no_request_waits_for_ever_in_any_state(table: str, state: str) -> None:
    for kind in REQUESTS:
        chat = standing(table, state)
        number = asked(chat, kind)
        fall_silent(chat)
        assert set(left_over(chat)) <= SETTLED_BY_THE_APP, kind
        if kind.__name__ not in SETTLED_BY_THE_APP:
            assert not chat.session.requests.is_open(number), kind


def busy() -> Alone:
    """Return a chat with an agent, a form, a case, and something to read and to wait for."""
    chat = talking()
    chat.hear(said("Hello", id="4"), FORM, CASE)
    chat.ask(i.SendMessage, thread=CHAT, text="first")
    return chat


@pytest.mark.parametrize("kind", REQUESTS, ids=lambda kind: str(kind.__name__))
def test_no_request_of_an_open_chat_waits_for_ever(kind: type[i.AppRequest]) -> None:
    chat = busy()
    number = asked(chat, kind)
    fall_silent(chat)
    if kind is not i.EnterBackground:
        check_at_rest(chat)
    if kind.__name__ not in SETTLED_BY_THE_APP:
        assert not chat.session.requests.is_open(number)


@pytest.mark.row("5005", "B38", "B51", "B58")
@pytest.mark.parametrize(("table", "state"), STANDINGS)
def test_a_far_side_that_says_one_and_the_same_to_all_settles_all(table: str, state: str) -> None:
    for way in WAYS:
        chat = standing(table, state)
        for kind in (i.AwaitReady, i.LoadMore, i.WrapUp, i.SendMessage, i.StartTyping, i.EndThread):
            asked(chat, kind)
        answer_all(chat, way)
        assert set(left_over(chat)) <= SETTLED_BY_THE_APP, way
        if way == "5005" and chat.leaf.connection.state != "lost":
            assert chat.leaf.desk.current.leaf in TERMINAL or not chat.leaf.desk.is_alive


@pytest.mark.row("5005")
@pytest.mark.parametrize("kind", REQUESTS, ids=lambda kind: str(kind.__name__))
def test_nor_does_an_open_chat_hang_on_it(kind: type[i.AppRequest]) -> None:
    for way in WAYS:
        chat = busy()
        number = asked(chat, kind)
        chat.ask(i.AwaitSettled, message=newest(chat))
        answer_all(chat, way)
        if kind.__name__ not in SETTLED_BY_THE_APP:
            assert not chat.session.requests.is_open(number), way
        if way == "5005" and kind not in (i.Disconnect, i.EnterBackground, i.SignOut):
            assert chat.thread.state == "ended"
            assert chat.thread.reason in ("lost", "customer")
        assert set(left_over(chat)) <= SETTLED_BY_THE_APP, way


@pytest.mark.parametrize("kind", REQUESTS, ids=lambda kind: str(kind.__name__))
def test_whatever_is_asked_is_settled_when_the_chat_is_signed_out(kind: type[i.AppRequest]) -> None:
    for table, state in STANDINGS:
        chat = standing(table, state)
        asked(chat, kind)
        chat.ask(i.SignOut)
        keep_promises(chat)
        fall_silent(chat)
        assert left_over(chat) == []


def test_files_that_nobody_takes_hold_up_nothing() -> None:
    chat = talking()
    files = (Upload(name="a.txt", content=b"hello", mime_type="text/plain"),)
    chat.ask(i.SendMessage, thread=CHAT, text="first", attachments=files)
    chat.ask(i.SendMessage, thread=CHAT, text="second")
    fall_silent(chat)
    check_at_rest(chat)
