"""Visits: announced once the far side took it, sliding, kept, and told over REST."""

import json

import pytest

from deskline_core import inputs as i
from deskline_core.commands import SendRequest
from deskline_core.cxone.connection_table import ConnectionState as S
from tests.core.cxone.alone import START, Alone, reach


def report(chat: Alone, type: str = "PageView", **data: str) -> list[str]:
    """Report a visitor event."""
    return chat.ask(i.ReportVisitorEvent, type=type, data=tuple(data.items()))


def bodies(chat: Alone) -> list[dict[str, object]]:
    """Return the bodies of all visitor events, in order."""
    return [
        json.loads(command.body)
        for command in chat.log
        if isinstance(command, SendRequest) and command.method == "POST"
    ]


def kept(chat: Alone) -> dict[str, object]:
    """Return what is kept of the visit."""
    record: dict[str, object] = json.loads(chat.session.snapshot()["visit"])
    return record


def test_the_first_event_of_a_visit_announces_it() -> None:
    chat = reach(S.PREPARED)
    assert report(chat, title="Mugs", url="https://shop.example.test/mugs") == [
        "save visit",
        "POST event",
        "POST event",
    ]
    visit, page = bodies(chat)
    assert (visit["type"], page["type"]) == ("VisitorVisit", "PageView")
    assert visit["visitId"] == page["visitId"]
    assert page["data"] == {"title": "Mugs", "url": "https://shop.example.test/mugs"}
    assert visit["id"] != page["id"]
    identity = json.loads(chat.session.snapshot()["identity"])
    url = chat.call("POST event").url.reveal()
    assert url.endswith(f"/web-analytics/1.0/tenants/1386/visitors/{identity['visitor']}/events")


def test_an_event_is_answered_when_the_far_side_took_it() -> None:
    chat = reach(S.PREPARED)
    report(chat)
    assert chat.reply("POST event") == ["ReportVisitorEvent answered"]
    assert chat.reply("POST event") == ["save visit"]
    assert report(chat) == ["save visit", "POST event"]
    assert chat.reply("POST event", status=400) == ["ReportVisitorEvent refused refused_by_center"]
    assert chat.refusal[1] == "the visitor event was not taken: it was answered 400"
    report(chat)
    assert chat.fail("POST event") == ["ReportVisitorEvent refused refused_by_center"]


@pytest.mark.row("P21")
def test_a_visit_is_announced_only_when_the_far_side_took_it() -> None:
    chat = reach(S.PREPARED)
    report(chat)
    chat.reply("POST event")
    assert chat.fail("POST event") == []
    assert kept(chat)["announced"] is False
    assert report(chat) == ["save visit", "POST event", "POST event"]
    chat.reply("POST event")
    assert chat.reply("POST event") == ["save visit"]
    assert kept(chat)["announced"] is True
    assert report(chat) == ["save visit", "POST event"]


def test_a_visit_slides_for_half_an_hour() -> None:
    chat = reach(S.PREPARED)
    report(chat)
    first = kept(chat)
    assert first["expires_at"] == START + 1800
    chat.reply("POST event")
    chat.reply("POST event")
    chat.wait(1799)
    report(chat)
    assert kept(chat) == {"id": first["id"], "expires_at": START + 3599, "announced": True}
    chat.reply("POST event")
    chat.wait(1800)
    assert report(chat) == ["save visit", "POST event", "POST event"]
    assert kept(chat)["id"] != first["id"]


def test_a_visit_goes_on_after_a_restart() -> None:
    chat = reach(S.PREPARED)
    report(chat)
    chat.reply("POST event")
    chat.reply("POST event")
    again = reach(S.PREPARED, restored=dict(chat.session.snapshot()), seed=b"another seed of enough bytes")
    assert report(again) == ["save visit", "POST event"]
    assert kept(again)["id"] == kept(chat)["id"]


@pytest.mark.parametrize("text", ["", "[]", '{"id": 5}', "\ud800"])
def test_a_visit_that_cannot_be_read_counts_as_none(text: str) -> None:
    chat = reach(S.PREPARED, restored={"visit": text})
    assert report(chat) == ["save visit", "POST event", "POST event"]


def test_events_that_make_no_sense_are_refused_before_anything_is_sent() -> None:
    chat = reach(S.PREPARED)
    for type, value in (
        ("VisitorVisit", "x"),
        ("Nonsense", "x"),
        ("PageView", "half \ud83d"),
        ("PageView", "x" * 40_000),
    ):
        assert report(chat, type, title=value) == ["ReportVisitorEvent refused invalid_value"]
    assert "visit" not in chat.session.snapshot()


@pytest.mark.row("R49")
def test_leaving_stops_no_event_and_its_request_is_settled() -> None:
    chat = reach(S.SERVING)
    report(chat, "TimeSpentOnPage", seconds="3")
    assert chat.ask(i.EnterBackground) == ["chat prepared", "close 1 1000", "EnterBackground answered"]
    assert chat.reply("POST event") == ["ReportVisitorEvent answered"]


@pytest.mark.row("C10")
def test_an_answer_after_signing_out_keeps_nothing_of_the_visit() -> None:
    chat = reach(S.PREPARED)
    report(chat)
    chat.ask(i.SignOut)
    chat.saved()
    chat.reply("POST event")
    assert chat.reply("POST event") == []
    assert chat.session.snapshot() == {}


def test_an_answer_about_a_visit_that_is_over_does_not_bring_it_back() -> None:
    chat = reach(S.PREPARED)
    report(chat)
    chat.reply("POST event")
    chat.session.deadlines.clear("call", max(chat.calls))  # a transport that takes its time
    chat.now += 1800
    report(chat)
    current = kept(chat)
    number = min(chat.calls)
    assert chat.put(i.ResponseReceived(id=number, status=200)) == []
    assert kept(chat) == current
