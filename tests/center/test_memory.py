"""What clients can add to without end does not grow without end: the oldest goes."""

import json
from base64 import b64encode
from typing import Any
from urllib.parse import urlsplit

import pytest

from deskline_center import floor
from deskline_center.controls import AgentSays, ViaUrl
from deskline_center.cxone import gate, noted, rest, tokens
from deskline_center.kept import Kept
from tests.center.visitor import CHANNEL, CUSTOMER, THREAD, VISITOR, Far, Visitor, data_of, names

ROOT = f"/chat/1.0/brand/5150/channel/{CHANNEL}"
EVENTS = "/web-analytics/1.0/tenants/5150/visitors/{}/events"
LONG = "x" * 2049


def test_the_oldest_go_by_number_and_by_size() -> None:
    kept: Kept[str] = Kept(most=3, most_size=10)
    for key, size in (("a", 1), ("b", 1), ("c", 1), ("d", 1)):
        kept.put(key, key, size)
    assert list(kept) == ["b", "c", "d"]
    kept.put("e", "e", 9)
    assert list(kept) == ["d", "e"]
    kept.put("f", "f", 11)
    assert (list(kept), kept.get("e")) == ([], None)
    kept.put("g", "g", 10)
    assert (kept.get("g"), kept.drop_where(lambda thing: thing == "g"), len(kept)) == ("g", 1, 0)
    kept.put("h", "h", 10)
    assert list(kept) == ["h"]


def upload(far: Far, size: int) -> str:
    file = {"content": b64encode(bytes(size)).decode(), "fileName": "a.txt", "mimeType": "text/plain"}
    url: str = json.loads(far.rest("POST", f"{ROOT}/attachment", file).body)["fileUrl"]
    return urlsplit(url).path


def test_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rest, "_MOST_BYTES", 250)
    far = Far()
    paths = [upload(far, 100) for _ in range(3)]
    assert [far.rest("GET", path).status for path in paths] == [404, 200, 200]


def test_large_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "_MOST_STORED_BYTES", 40_000)
    far = Far()
    visitor = far.visitor()
    visitor.say()
    visitor.frames()
    far.do(ViaUrl(match="*", times=3))
    for _ in range(3):
        far.do(AgentSays(text="x" * 5000))
    paths = [urlsplit(frame["data"]["s3Object"]["url"]).path for frame in visitor.frames()]
    assert [far.rest("GET", path).status for path in paths] == [403, 200, 200]


def test_what_visitors_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noted, "_MOST_BYTES", 1000)
    far = Far()
    for visitor in ("ana", "ben", "ana"):
        far.rest("POST", EVENTS.format(visitor), {"type": "PageView", "data": "x" * 400})
    assert far.center.overview()["visitors"] == {"ana": ["PageView"], "ben": ["PageView"]}
    far.rest("POST", EVENTS.format("ben"), {"type": "PageView", "data": "x" * 400})
    assert far.center.overview()["visitors"] == {"ben": ["PageView", "PageView"]}
    far.rest("POST", EVENTS.format("ben"), {"type": "PageView", "data": "x" * 1000})
    assert far.center.overview()["visitorEvents"] == {}


def test_what_one_visitor_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noted, "_MOST", 2)
    far = Far()
    for kind in ("a", "b", "c"):
        far.rest("POST", EVENTS.format(VISITOR), {"type": kind})
    assert far.center.overview()["visitors"] == {VISITOR: ["b", "c"]}


def test_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(noted, "_MOST_BYTES", 1000)
    visitor = Far(mode="live").visitor()
    author: dict[str, Any] = {"authorCustomerIdentity": {"idOnExternalPlatform": "kit@example.test"}}
    for letter in "abc":
        content = {"type": "TEXT", "payload": {"text": letter * 400}}
        assert names(visitor.ask("SendOfflineMessage", {"messageContent": content, **author})) == ["OfflineMessageSent"]
    assert [letter["text"][0] for letter in visitor.far.center.overview()["letters"]] == ["b", "c"]


def test_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_PURGE_FROM", 3)
    far = Far(session="secured", token_lifetime=60)
    far.center._cxone.tokens._purge_at = 3
    grants = far.center._cxone.tokens._grants
    held = []
    for seconds in (0, 60, 0, 0, 0, 30, 30, 0, 0):
        far.now += seconds
        far.token()
        held.append(len(grants))
    assert held == [1, 2, 2, 3, 4, 5, 6, 7, 4], "whenever there are twice as many as the last time"
    assert Visitor(far).connect(far.token()["accessToken"]) is None


def test_too_many_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_MOST", 2)
    far = Far(session="secured")
    first, *others = [far.token()["accessToken"] for _ in range(3)]
    assert Visitor(far).connect(first) == 401
    assert [Visitor(far).connect(token) for token in others] == [None, None]


def test_customers_who_never_wrote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(floor, "_MOST_CUSTOMERS", 4)
    far = Far(session="secured", authentication="cookie")
    first, second = far.token(), far.token()
    writer = Visitor(far, second["customerIdentity"]["idOnExternalPlatform"])
    assert writer.connect(second["accessToken"]) is None
    writer.say()
    for _ in range(3):
        far.token()
    known = [customer["customer"] for customer in far.center.overview()["customers"]]
    assert (known[0], len(known)) == (writer.customer, 3)
    late = Visitor(far, first["customerIdentity"]["idOnExternalPlatform"])
    assert late.connect(first["accessToken"]) is None
    late.say(on=far.uuid())
    assert late.customer in [customer["customer"] for customer in far.center.overview()["customers"]]
    assert names(writer.ask("RecoverThread", writer.thread(THREAD))) == ["ThreadRecovered"]


def test_what_is_kept_for_long_is_not_long() -> None:
    far = Far()
    visitor = far.visitor()
    visitor.ask("FetchThreadList", customerIdentity={"idOnExternalPlatform": CUSTOMER, "firstName": LONG})
    assert far.center.overview()["customers"][0]["name"] == ""
    nobody = Visitor(far, LONG)
    assert nobody.connect() is None
    assert names(nobody.authorize()) == ["error"]
    given = Far(session="secured").token({"customerIdentity": {"idOnExternalPlatform": LONG}})
    assert len(given["customerIdentity"]["idOnExternalPlatform"]) == 36
    visitor.say()
    path = f"/chat/1.0/brand/5150/messages/{data_of(visitor.ask('RecoverThread')[0])['messages'][0]['id']}"
    token = data_of(visitor.ask("GenerateAuthorizationToken", {"url": LONG + path})[0])["authorizationToken"]["token"]
    assert far.rest("GET", path, authorization=f"Bearer {token}").status == 401
