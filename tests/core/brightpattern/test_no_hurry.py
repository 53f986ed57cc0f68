"""Whatever the far side answers, and however fast: it is asked no more often than it has to be (11.1; traps I1, A2).

Everything is answered at once, for an hour of virtual time. Requests are counted.
"""

import json
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.brightpattern.refusals import ERRORS
from deskline_core.model import PushNetwork, Upload
from deskline_core.policy import Policy
from deskline_core.values import Secret
from tests.core.brightpattern.alone import (
    AGENT,
    CHAT,
    HISTORY,
    POLL,
    SEND,
    V1,
    Alone,
    at,
    joined,
    left,
    name_of,
    said,
    started,
    status,
    talking,
    typing,
)  # fmt: skip

HOUR = 3600.0
AT_ONCE = 150
"""More requests than this without any time in between are a hot loop."""
Answer = tuple[int, bytes]
Far = Callable[[str], Answer | None]

USUAL: dict[str, Answer] = {
    "GET availability": (200, b'{"chat":"available"}'),
    "GET parameters": (200, b'{"parameters":[]}'),
    "GET active": (404, b'{"error_code":"5005"}'),
    "POST chats": (200, b'{"chat_id":"c-2","state":"queued","is_new_chat":true}'),
    "POST files": (200, b'{"file_id":"F"}'),
    HISTORY: (200, b'{"events":[]}'),
    POLL: (200, b'{"events":[]}'),
    SEND: (200, b""),
    "POST notifications": (200, b"{}"),
}


def usual(name: str) -> Answer:
    """Return what a request is answered with when all is well."""
    return USUAL.get(name, (200, b"{}"))


def events(*given: dict[str, Any]) -> bytes:
    """Return the body of a poll."""
    return json.dumps({"events": list(given)}).encode()


def error(code: str) -> bytes:
    """Return the body of a refusal."""
    return json.dumps({"error_code": code, "error_message": "no"}).encode()


def live(chat: Alone, far: Far, seconds: float = HOUR) -> Counter[str]:
    """Let the far side answer everything at once for a while; None is a failure on the way. Count what was asked."""
    asked: Counter[str] = Counter()
    end, at_once = chat.now + seconds, 0
    while True:
        chat.saved()
        if chat.calls:
            number, request = next(iter(chat.calls.items()))
            del chat.calls[number]
            name = name_of(request)
            asked[name] += 1
            at_once += 1
            assert at_once < AT_ONCE, f"a hot loop: {asked}"
            answer = far(name)
            if answer is None:
                chat.put(i.RequestFailed(id=number, sent="maybe", reason="no network"))
            else:
                chat.put(i.ResponseReceived(id=number, status=answer[0], body=answer[1]))
            continue
        due = chat.session.next_deadline
        if due is None or due > end:
            return asked
        if due > chat.now:
            at_once = 0
        chat.now = max(chat.now, due)
        chat.put(i.Tick())


STATUSES = (
    100, 201, 204, 301, 304, 400, 401, 402, 403, 404, 405, 406, 408, 409, 410, 413, 418, 425, 429, 431, 451, 500, 501,
    502, 503, 504, 511, 599, 0, 999,
)  # fmt: skip
BROKEN: dict[str, bytes] = {
    "no JSON": b"<html>Bad gateway</html>",
    "cut": b'{"events":[{"event":"chat_session_mess',
    "a list": b"[]",
    "null": b"null",
    "a text": b'"events"',
    "events no list": b'{"events":5}',
    "half a character": b"\xff\xfe\x00",
    "a page of an error": b"\x1f\x8b\x08",
}
REFUSALS: dict[str, Answer | None] = {
    "no network": None,
    **{f"status {code}": (code, b"") for code in STATUSES if not 200 <= code < 300},
    **{f"status {code}, a page": (code, b"<html>no</html>") for code in (400, 403, 404, 429, 500, 503)},
    **{f"code {code}": (status_, error(code)) for code in ERRORS for status_ in (404,) if code != "5511"},
    **{f"code {code} with 500": (500, error(code)) for code in ERRORS if code != "5511"},
    "a code of tomorrow": (500, error("7777")),
    **{name: (200, body) for name, body in BROKEN.items()},
}
"""What tells a poll that something is wrong."""


@pytest.mark.row("I1", "A2", "W3", "11.1/5", "20.5/3")
@pytest.mark.parametrize("name", REFUSALS)
def test_a_poll_that_fails_at_once_is_asked_ever_more_rarely(name: str) -> None:
    asked = live(talking(), lambda call: REFUSALS[name] if call == POLL else usual(call))
    assert asked[POLL] <= HOUR / 20 + 2, asked
    assert asked.total() <= 2 * (HOUR / 20 + 2), asked


def test_all_that_fails_at_once_is_asked_ever_more_rarely() -> None:
    for name, answer in REFUSALS.items():
        asked = live(talking(), lambda _, answer=answer: answer)  # type: ignore[misc]
        assert asked.total() <= 2 * HOUR / 20, (name, asked)


def test_a_history_that_fails_at_once_is_asked_ever_more_rarely() -> None:
    for name, answer in REFUSALS.items():
        chat = talking()
        chat.fail(POLL)
        far = {POLL: None, HISTORY: answer}
        asked = live(chat, lambda call, far=far: far[call] if call in far else usual(call))  # type: ignore[misc]
        assert asked.total() <= 2 * HOUR / 20, (name, asked)


NOTHING: dict[str, Answer] = {
    "no events": (200, events()),
    "nothing": (200, b""),
    "created, and nothing": (201, b""),
    "no content": (204, b""),
    "no list": (200, b"{}"),
    "events null": (200, b'{"events":null}'),
    "5511": (200, error("5511")),
    "5511 with 404": (404, error("5511")),
    "5511 with 500": (500, error("5511")),
}
REPEATED: dict[str, list[bytes]] = {
    "a message": [events(said("Hi", id="9"))],
    "a message without an id": [events(said("Hi", id=""))],
    "a message without anything": [events({"event": "chat_session_message", "msg": "Hi"})],
    "a status": [events(status("connected"))],
    "states to and fro": [events(status("queued"), status("connected"))],
    "typing": [events(typing())],
    "typing and not": [events(typing(), {"event": "chat_session_not_typing", "party_id": AGENT})],
    "joined and left": [events(joined(), left())],
    "a case set and taken": [
        events({"event": "chat_session_case_set", "case_id": "C"}, {"event": "chat_session_case_set"})
    ],
    "a form": [events({"event": "chat_session_form_show", "form_request_id": "17", "form_name": "survey_form"})],
    "a secure form and its end": [events(
        {"event": "chat_session_secure_form_show", "form_request_id": "18", "form_id": "card"},
        {"event": "chat_session_secure_form_cancel", "form_request_id": "18"},
    )],
    "a warning": [events({"event": "chat_session_timeout_warning", "msg": "?", "timestamp": at(5)})],
    "an unknown event": [events({"event": "chat_session_hologram"})],
    "a broken event": [events({"event": "chat_session_party_left"})],
    "no event at all": [b'{"events":[5]}'],
    "a receipt": [events({"event": "chat_session_message_read", "ref_msg_id": "nobody's", "party_id": AGENT})],
    "an edit": [events({"event": "chat_session_message_edit", "ref_msg_id": "9", "msg": "x"})],
    "more than is remembered": [events(*(said("x", id=str(number)) for number in range(120)))],
    "one state, then another": [events(status("queued")), events(status("connected"))],
}  # fmt: skip
"""Batches that come again and again, one after another."""


@pytest.mark.row("B47")
@pytest.mark.parametrize("name", NOTHING)
def test_polls_that_bring_nothing_at_once_are_a_second_apart(name: str) -> None:
    hour = HOUR if name == "no events" else HOUR / 12
    asked = live(talking(), lambda call: NOTHING[name] if call == POLL else usual(call), hour)
    assert 0.9 * hour <= asked[POLL] <= hour + 2, asked
    assert asked.total() == asked[POLL]


@pytest.mark.row("B47")
@pytest.mark.parametrize("name", REPEATED)
def test_a_batch_that_comes_again_at_once_brings_nothing(name: str) -> None:
    bodies = REPEATED[name]
    chat = talking(policy=Policy(remembered_ids=50, history=20))
    turn = [0]

    def far(call: str) -> Answer:
        if call != POLL:
            return usual(call)
        turn[0] += 1
        return 200, bodies[turn[0] % len(bodies)]

    asked = live(chat, far, 100)
    assert asked[POLL] <= (103 if len(bodies) == 1 else 100 * 20 + 101), asked


def test_what_is_always_new_is_polled_for_no_faster_than_the_policy_allows() -> None:
    chat = talking(policy=Policy(rate_limit=(10, 5.0)))
    number = [0]

    def far(call: str) -> Answer:
        number[0] += 1
        return (200, events(said("x", id=str(number[0])))) if call == POLL else usual(call)

    asked = live(chat, far, 500)
    assert 900 <= asked[POLL] <= 1000 + 10


# --- requests of the app, at a far side that refuses them for ever ---

NOTE = Upload(name="a.txt", content=b"x", mime_type="text/plain")
ASKED: dict[str, tuple[type[i.AppRequest], dict[str, Any]]] = {
    "message": (i.SendMessage, {"thread": CHAT, "text": "hello"}),
    "file": (i.SendMessage, {"thread": CHAT, "text": "", "attachments": (NOTE,)}),
    "typing": (i.StartTyping, {"thread": CHAT}),
    "preview": (i.PreviewText, {"thread": CHAT, "text": "hel"}),
    "read": (i.MarkRead, {"thread": CHAT}),
    "page": (i.ViewPage, {"title": "Cart", "url": "app://cart"}),
    "signal": (i.SendSignal, {"thread": CHAT, "kind": "call", "data": "{}"}),
    "form": (i.SubmitForm, {"thread": CHAT, "form": "17", "data": (("service", "1"),)}),
    "no form": (i.CancelForm, {"thread": CHAT, "form": "17"}),
    "older": (i.LoadMore, {"thread": CHAT}),
    "close case": (i.CloseCase, {"thread": CHAT}),
    "device": (i.RegisterDevice, {"token": Secret("t"), "network": PushNetwork.FIREBASE_ANDROID}),
    "wrap up": (i.WrapUp, {"thread": CHAT}),
    "end": (i.EndThread, {"thread": CHAT}),
    "version": (i.FetchVersion, {}),
    "photo": (i.FetchPhoto, {"thread": CHAT, "party": AGENT}),
}


def asked_for(name: str, chat: Alone) -> Alone:
    """Return a chat in which this was asked for, with all that it needs."""
    chat.hear(
        said("Hello", id="4"),
        {"event": "chat_session_form_show", "form_request_id": "17", "form_name": "survey_form"},
        {"event": "chat_session_case_set", "case_id": "CS-1"},
    )
    kind, fields = ASKED[name]
    chat.ask(kind, **fields)
    return chat


FOREVER: list[Answer | None] = [None, (500, b""), (429, b""), (503, error("5001")), (200, b"<html>")]


@pytest.mark.parametrize("policy", [Policy(), Policy(resend_uncertain=True)], ids=["once", "resent"])
@pytest.mark.parametrize("name", ASKED)
def test_what_is_refused_for_ever_is_not_asked_for_ever(name: str, policy: Policy) -> None:
    for answer in FOREVER:
        chat = asked_for(name, talking(policy=policy))
        far = {POLL: usual(POLL), HISTORY: usual(HISTORY)}
        asked = live(chat, lambda call, far=far, answer=answer: far.get(call, answer), 100)  # type: ignore[misc]
        del asked[POLL]
        assert asked.total() <= 120, (answer, asked)


@pytest.mark.parametrize("name", ["message", "file", "typing", "page", "end"])
def test_nor_is_it_at_an_older_center(name: str) -> None:
    chat = started(site=V1, policy=Policy(resend_uncertain=True))
    chat.ask(*ASKED[name][:1], **ASKED[name][1])
    asked = live(chat, lambda call: (500, b"") if call == SEND else usual(call), 600)
    del asked[POLL]
    assert asked.total() <= 150, asked
