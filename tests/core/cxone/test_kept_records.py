"""What an earlier run kept may be damaged, or made by somebody else: what cannot be used counts as none."""

import json
import math
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Policy
from tests.core.cxone.alone import CUSTOMER, START, THREAD, Alone, Mode, recovered_thread, towards_socket
from tests.core.cxone.logins import QUIET

NUMBERS = ["1e300", "-1e300", "1e400", "253402300800", "1e18", "-1", "0", "NaN", "true", '"x"', "null", "[]"]
TEXTS = ['""', '"\\ud800"', '"\\u0000"', '"a\\nb"', '"a/../b?c#d"', '" "', "5", "null", f'"{"x" * 100_000}"']
DATES = ['"9999-12-31T23:59:59-14:00"', '"0001-01-01T00:00:00+14:00"', '"soon"', "5", "null"]
BROKEN = ["", "{}", "[]", "null", "\ud800", "[" * 100_000, '{"x": ' + "[" * 100_000]

WHO = ("visitor", "customer", "first_name", "last_name", "destination", "device_token")
TIMES = ("expires_at", "access_expires_at", "renew_at")
TOKENS = ("token", "access_token", "refresh_token", "cookie", "identity_token")
IDENTITY = json.dumps({"visitor": "v-1", "customer": CUSTOMER})


def with_all(names: tuple[str, ...], value: str, **rest: object) -> str:
    """Return a record with one value everywhere."""
    parts = [f'"{name}": {value}' for name in names]
    return "{" + ", ".join([*parts, json.dumps(rest)[1:-1]] if rest else parts) + "}"


def greeting(**parts: str) -> str:
    """Return a record of a welcome with one greeting, its parts as they are written."""
    written = {"message": '"m-1"', "text": '"hi"', "at": "1e9"} | parts
    inner = ", ".join(f'"{name}": {value}' for name, value in written.items())
    return f'{{"template": "Hi {{{{contact.name}}}}", "greetings": {{"{THREAD}": {{{inner}}}}}}}'


HOSTILE: list[tuple[str, str]] = [
    *(("identity", with_all(WHO, text, named=True)) for text in TEXTS),
    *(("credentials", with_all(TIMES, number, token="t", access_token="a", refresh_token="r")) for number in NUMBERS),
    *(("credentials", with_all(TOKENS, text, expires_at=START + 600)) for text in TEXTS),
    *(("thread", text) for text in ("a/b\n", "\0", "x" * 100_000)),
    *(("visit", f'{{"id": "v", "expires_at": {number}, "announced": true}}') for number in NUMBERS),
    *(("visit", f'{{"id": {text}, "expires_at": {START + 60}}}') for text in TEXTS),
    *(("fields", f'{{"customFields": [{{"ident": {text}, "value": {text}}}]}}') for text in TEXTS),
    *(("fields", f'{{"customFields": [{{"ident": "a", "value": "b", "updatedAt": {date}}}]}}') for date in DATES),
    *(("welcome", greeting(at=number)) for number in NUMBERS),
    *(("welcome", greeting(message=text, text=text)) for text in TEXTS),
    *((key, text) for key in ("identity", "credentials", "thread", "visit", "fields", "welcome") for text in BROKEN),
]


def used(mode: Mode, restored: dict[str, str], **rest: Any) -> Alone:
    """Return a session with what was kept, that was used for all that may read it."""
    chat = Alone(mode, restored=restored, **rest)
    chat.ask(i.Open)
    chat.reply("GET configuration")
    chat.saved()
    chat.reply("PUT visitor")
    towards_socket(chat)
    chat.opened()
    if chat.state is S.AUTHORIZING:
        (kind, _) = chat.frames[-1]
        chat.answer(kind, "ConsumerAuthorized" if kind == "AuthorizeCustomer" else "ConsumerReconnected", {})
    kind = "RecoverLivechat" if mode == "live" else "RecoverThread"
    chat.answer(kind, "LivechatRecovered" if mode == "live" else "ThreadRecovered", recovered_thread())
    assert chat.state is S.SERVING, chat.state
    chat.ask(i.ViewPage, title="Cart", url="app://cart")
    chat.ask(i.SetCustomerFields, fields=(("size", "L"),))
    chat.ask(i.SendMessage, thread=THREAD, text="hello")
    return chat


@pytest.mark.parametrize(("key", "text"), HOSTILE, ids=lambda value: value[:60].encode("ascii", "replace").decode())
@pytest.mark.parametrize(("mode", "secured"), [("single", False), ("live", True)])
def test_no_record_disturbs_the_chat(key: str, text: str, mode: Mode, secured: bool) -> None:
    restored = {"identity": IDENTITY, key: text}
    chat = used(mode, restored, secured=secured, authentication="cookie" if secured else "anonymous", policy=QUIET)
    chat.wait(100)
    assert "SendMessage" in [kind for kind, _ in chat.frames]
    assert all(math.isfinite(at) for at in chat.session.deadlines._times.values())


@pytest.mark.parametrize("at", ["1e300", "253402300800", "-1e300", "1e18"])
def test_a_greeting_without_a_time_is_none(at: str) -> None:
    chat = used("live", {"identity": IDENTITY, "welcome": greeting(at=at)})
    assert [message.text for message in chat.session.threads[THREAD].messages] == ["hello"]


def test_a_visit_that_would_never_end_is_none() -> None:
    endless = json.dumps({"id": "v-1", "expires_at": START + 1801, "announced": True})
    chat = used("single", {"identity": IDENTITY, "visit": endless})
    assert json.loads(chat.session.kept["visit"])["id"] != "v-1"
    sound = json.dumps({"id": "v-1", "expires_at": START + 1800, "announced": True})
    chat = used("single", {"identity": IDENTITY, "visit": sound})
    assert json.loads(chat.session.kept["visit"])["id"] == "v-1"


def test_a_thread_id_that_cannot_be_sent_is_none() -> None:
    for id in ("\ud800", "x" * 1025):
        chat = used("single", {"identity": IDENTITY, "thread": id})
        assert chat.frame("RecoverThread")["payload"]["data"] == {}


def test_no_more_fields_are_taken_than_there_is_room_for() -> None:
    many = [{"ident": f"a{number}", "value": "b"} for number in range(50)]
    fields = json.dumps({"customFields": [{"ident": "", "value": "b"}, *many]})
    chat = Alone(restored={"identity": IDENTITY, "fields": fields}, policy=Policy(max_fields=3))
    assert list(chat.session.customer_fields) == ["a0", "a1", "a2"]


@pytest.mark.parametrize("text", ["a\r\nb: c", "ä", '"', "x" * 4097])
def test_what_cannot_stand_in_a_header_is_not_used(text: str) -> None:
    kept = json.dumps({"cookie": text, "identity_token": text, "token": "old", "expires_at": START})
    for policy in (Policy(identity_by="cookie"), Policy(identity_by="token")):
        restored = {"identity": IDENTITY, "credentials": kept}
        chat = used("single", restored, secured=True, authentication="cookie", policy=policy)
        assert not {"cookie", "authorization"} & {name for name, _ in chat.call("POST token").headers}
