"""Events that come by URL: fetched without credentials, if the address can be trusted; answers among them."""

import json
from typing import Any

import pytest

from deskline_center import controls as k
from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.errors import RefusalCode
from deskline_core.events import ChatStateChanged, ErrorReceived, MessageReceived, UndecodableReceived
from deskline_core.policy import Policy
from tests.playbook import Chat, push


def via_url(url: str, kind: str = "MessageCreated") -> dict[str, Any]:
    return push("EventInS3", {"s3Object": {"url": url}, "originEvent": {"eventType": kind}})


class ByHand(Chat):
    """A chat whose large events are answered by the test."""

    by_hand = False

    def _request(self, command: c.SendRequest) -> None:
        if not self.by_hand:
            super()._request(command)

    def asked(self) -> list[c.SendRequest]:
        found = [x for x in self.log[self.seen_commands :] if isinstance(x, c.SendRequest)]
        self.seen_commands = len(self.log)
        return found


def waiting() -> tuple[ByHand, str]:
    chat = ByHand("single")
    thread = chat.conversation()
    chat.by_hand = True
    chat.look()
    return chat, thread


@pytest.mark.row("M20", "M15")
def test_a_large_push_is_fetched_and_means_what_it_would_have_meant() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.control(k.ViaUrl(match="MessageCreated"))
    chat.control(k.AgentSays(text="a long story"))
    (request,) = (x for x in chat.log[chat.seen_commands :] if isinstance(x, c.SendRequest))
    assert (request.method, request.body) == ("GET", b"")
    assert not any("authorization" in name.lower() for name, _ in request.headers)
    assert "large-websocket-events" not in repr(request)
    assert [event.text for event in chat.news(MessageReceived)] == ["a long story"]
    assert chat.texts(thread) == ["hello", "a long story"]


@pytest.mark.row("M20")
def test_an_answer_may_come_by_url() -> None:
    for mode in ("single", "multi", "live"):
        chat = Chat(mode, settings={"page_size": 2})
        thread = chat.conversation()
        chat.control(k.ViaUrl(match="*", times=9))
        chat.lose()
        chat.control(k.AgentSays(thread=thread, text="while away"))
        chat.look()
        chat.back()
        assert [event.text for event in chat.news(MessageReceived)] == ["while away"]
        assert chat.news(ErrorReceived) == []


@pytest.mark.row("M20")
def test_a_download_that_may_be_an_answer_prolongs_the_wait_for_it() -> None:
    chat = ByHand("single")
    chat.conversation()
    chat.lose()
    chat.control(k.ViaUrl(match="ThreadRecovered"))
    chat.by_hand = True
    chat.look()
    chat.advance(8)
    (request,) = chat.asked()
    assert chat.state == "connected"
    chat.advance(20)
    assert chat.state == "connected"
    body = chat.center._cxone.gate.stored(request.url.reveal().partition("8080")[2].partition("?")[0])
    assert body is not None
    chat.put(i.ResponseReceived(id=request.id, status=200, body=body))
    assert chat.state == "ready"


@pytest.mark.row("M20")
@pytest.mark.parametrize("another", [False, True])
def test_a_download_that_failed_prolongs_nothing_any_more(another: bool) -> None:
    chat = ByHand("single")
    chat.conversation()
    chat.lose()
    chat.control(k.ViaUrl(match="ThreadRecovered"))
    chat.by_hand = True
    chat.look()
    chat.advance(8)
    (request,) = chat.asked()
    if another:
        chat.hear(via_url("https://files.example.test/e.json?sig=1"))
    chat.look()
    chat.put(i.ResponseReceived(id=request.id, status=403))
    chat.advance(11)
    states = [event.state for event in chat.news(ChatStateChanged)]
    assert states[:1] == ([] if another else ["connecting"])  # another one may still be the answer


@pytest.mark.row("M20")
def test_a_download_that_never_ends_fails_at_its_own_time() -> None:
    chat, _ = waiting()
    chat.hear(via_url("https://files.example.test/e.json?sig=1"))
    (request,) = chat.asked()
    chat.advance(29)
    assert chat.news() == []
    chat.advance(2)
    (failed,) = chat.news()
    assert (failed.code, "files.example.test" in failed.text) == ("S3EventLoadFailed", False)
    assert c.CancelRequest(id=request.id) in chat.log


@pytest.mark.row("M20")
def test_a_download_that_fails_is_told_and_changes_nothing() -> None:
    for how in ("status", "network", "loop", "garbage"):
        chat, thread = waiting()
        chat.hear(via_url("https://files.example.test/e.json?sig=1"))
        (request,) = chat.asked()
        match how:
            case "status":
                chat.put(i.ResponseReceived(id=request.id, status=403, body=b"<Error/>"))
            case "network":
                chat.put(i.RequestFailed(id=request.id, sent="maybe", reason="reset"))
            case "loop":
                body = json.dumps(via_url("https://files.example.test/f.json")).encode()
                chat.put(i.ResponseReceived(id=request.id, status=200, body=body))
            case _:
                chat.put(i.ResponseReceived(id=request.id, status=200, body=b"\xff\xfe{"))
        (told,) = chat.news()
        assert isinstance(told, ErrorReceived | UndecodableReceived)
        assert "sig=1" not in repr(told)
        assert (chat.asked(), chat.texts(thread), chat.state) == ([], ["hello"], "ready")


def test_an_address_that_cannot_be_trusted_is_not_fetched() -> None:
    for url in (
        "http://files.example.test/e.json",
        "file:///etc/passwd",
        "ftp://files.example.test/x",
        "https://user:secret@files.example.test/x",
        "https://10.0.0.1/x",
        "javascript:alert(1)",
        "",
        "https://",
    ):
        chat, _ = waiting()
        chat.hear(via_url(url))
        assert chat.asked() == [], url
        (told,) = chat.news()
        assert told.code == "S3EventLoadFailed", url


def test_a_policy_may_keep_to_the_sites_own_host() -> None:
    chat = ByHand("single", policy=Policy(foreign_urls="same_host"))
    chat.conversation()
    chat.hear(via_url("https://files.example.test/e.json"))
    assert [event.code for event in chat.news()] == ["S3EventLoadFailed"]


def test_a_body_over_the_limit_is_not_read() -> None:
    chat = ByHand("single", policy=Policy(max_body=100_000))
    chat.conversation()
    chat.by_hand = True
    chat.look()
    chat.hear(via_url("https://files.example.test/e.json"))
    (request,) = chat.asked()
    assert request.limit == 100_000
    chat.put(i.ResponseReceived(id=request.id, status=200, body=b" " * 100_001))
    (told,) = chat.news()
    assert isinstance(told, UndecodableReceived)


@pytest.mark.row("P25")
def test_a_loss_ends_the_downloads_and_recovery_brings_what_they_would_have() -> None:
    chat, thread = waiting()
    chat.control(k.ViaUrl(match="MessageCreated"))
    chat.control(k.AgentSays(text="a long story"))
    (request,) = chat.asked()
    chat.lose()
    assert c.CancelRequest(id=request.id) in chat.log
    chat.put(i.ResponseReceived(id=request.id, status=200, body=b"{}"))
    assert chat.session.counts["stale completions"] == 1
    chat.by_hand = False
    chat.back()
    assert chat.texts(thread) == ["hello", "a long story"]
    chat.control(k.ViaUrl(match="MessageCreated"))
    chat.look()
    chat.control(k.AgentSays(text="another"))
    assert len(chat.asked()) == 1  # once, however often it was lost before


def test_only_so_many_are_fetched_at_once() -> None:
    chat, _ = waiting()
    for number in range(20):
        chat.hear(via_url(f"https://files.example.test/{number}.json"))
    assert len(chat.asked()) == 16
    assert [event.code for event in chat.news()] == ["S3EventLoadFailed"] * 4


def test_a_large_event_that_fails_leaves_the_request_to_its_time() -> None:
    chat = ByHand("single", settings={"page_size": 1})
    thread = chat.conversation()
    chat.advance(1)
    chat.say(thread, "two")
    kept = dict(chat.session.kept)
    later = ByHand("single", center=chat.center, restored=kept, seed=b"another seed of 16 bytes", now=chat.now)
    later.open()
    later.control(k.ViaUrl(match="MoreMessagesLoaded"))
    later.by_hand = True
    later.look()
    asked = later.do(i.LoadMore, thread=thread)
    request = later.asked()[0]
    later.put(i.ResponseReceived(id=request.id, status=500))
    assert asked not in later.refusals
    later.advance(31)
    assert later.refusals[asked].code is RefusalCode.TIMEOUT
