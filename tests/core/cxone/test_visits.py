"""Visits: announced once the far side took it, sliding, kept, and told over REST (flow 3.3)."""

import json
import math
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.commands import SendRequest
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Policy
from tests.core.cxone.alone import START, Alone, reach

MUGS = {"title": "Mugs", "url": "https://shop.example.test/mugs"}
CART = {"title": "Cart", "url": "app://cart"}
EVENT = ["save visit", "POST event"]
FIRST = ["save visit", "POST event", "POST event"]


def bodies(chat: Alone) -> list[dict[str, Any]]:
    """Return the bodies of all visitor events, in order."""
    return [
        json.loads(command.body)
        for command in chat.log
        if isinstance(command, SendRequest) and command.method == "POST"
    ]


def reported(chat: Alone) -> list[tuple[str, dict[str, Any]]]:
    """Return type and data of all visitor events but the announcements, in order."""
    return [(body["type"], body["data"]) for body in bodies(chat) if body["type"] != "VisitorVisit"]


def kept(chat: Alone) -> dict[str, object]:
    """Return what is kept of the visit."""
    record: dict[str, object] = json.loads(chat.session.kept["visit"])
    return record


def settle(chat: Alone) -> list[str]:
    """Let the far side take everything."""
    words: list[str] = []
    while chat.calls:
        words += chat.reply("POST event")
    return words


def visiting() -> Alone:
    """Return a prepared chat whose visit is announced."""
    chat = reach(S.PREPARED)
    chat.ask(i.ReportWindowOpened)
    settle(chat)
    return chat


# --- the visit ---


def test_the_first_event_of_a_visit_announces_it() -> None:
    chat = reach(S.PREPARED)
    assert chat.ask(i.ViewPage, **MUGS) == FIRST
    visit, page = bodies(chat)
    assert (visit["type"], page["type"]) == ("VisitorVisit", "PageView")
    assert visit["data"] == {}
    assert visit["visitId"] == page["visitId"]
    assert page["data"] == MUGS
    assert visit["id"] != page["id"]
    identity = json.loads(chat.session.kept["identity"])
    assert visit["destination"] == {"id": chat.leaf.identity.destination}
    url = chat.call("POST event").url.reveal()
    assert url.endswith(f"/web-analytics/1.0/tenants/1386/visitors/{identity['visitor']}/events")


def test_an_event_is_answered_when_the_far_side_took_it() -> None:
    chat = reach(S.PREPARED)
    chat.ask(i.ReportWindowOpened)
    assert chat.reply("POST event") == ["ReportWindowOpened answered"]
    assert chat.reply("POST event") == ["save visit"]
    chat.wait(1)
    assert chat.ask(i.ReportWindowOpened) == EVENT
    assert chat.reply("POST event", status=400) == ["ReportWindowOpened refused refused_by_center"]
    assert chat.refusal[1] == "the visitor event was not taken: it was answered 400"


def test_an_event_that_does_not_arrive_is_told_to_its_caller_only() -> None:
    chat = visiting()
    chat.ask(i.ReportWindowOpened)
    assert chat.fail("POST event") == ["ReportWindowOpened refused connection_lost"]
    assert chat.refusal[1] == "the visitor event was not taken: no network"
    assert chat.state is S.PREPARED


@pytest.mark.row("P21")
def test_a_visit_is_announced_only_when_the_far_side_took_it() -> None:
    chat = reach(S.PREPARED)
    chat.ask(i.ReportWindowOpened)
    chat.reply("POST event")
    assert chat.fail("POST event") == []
    assert kept(chat)["announced"] is False
    assert chat.ask(i.ReportWindowOpened) == ["POST event", "POST event"]
    chat.reply("POST event")
    assert chat.reply("POST event", status=500) == []
    chat.wait(1)
    assert chat.ask(i.ReportWindowOpened) == FIRST
    assert settle(chat) == ["ReportWindowOpened answered", "save visit"]
    assert kept(chat)["announced"] is True
    chat.wait(1)
    assert chat.ask(i.ReportWindowOpened) == EVENT


def test_two_quick_events_announce_their_visit_once_and_wait_for_nobody() -> None:
    chat = reach(S.PREPARED)
    assert chat.ask(i.ReportWindowOpened) == FIRST
    assert chat.ask(i.ViewPage, **MUGS) == ["POST event"]
    assert [body["type"] for body in bodies(chat)] == ["VisitorVisit", "ChatWindowOpened", "PageView"]


def test_a_visit_slides_for_half_an_hour() -> None:
    chat = visiting()
    first = kept(chat)
    assert first["expires_at"] == START + 1800
    chat.wait(1799)
    chat.ask(i.ReportWindowOpened)
    assert kept(chat) == {"id": first["id"], "expires_at": START + 3599, "announced": True}
    settle(chat)
    chat.wait(1800)
    assert chat.ask(i.ReportWindowOpened) == FIRST
    assert kept(chat)["id"] != first["id"]


def test_a_visit_goes_on_after_a_restart() -> None:
    chat = visiting()
    again = reach(S.PREPARED, restored=dict(chat.session.kept), seed=b"another seed of enough bytes")
    again.wait(1)
    assert again.ask(i.ReportWindowOpened) == EVENT
    assert kept(again)["id"] == kept(chat)["id"]


@pytest.mark.parametrize("text", ["", "[]", '{"id": 5}', "\ud800"])
def test_a_visit_that_cannot_be_read_counts_as_none(text: str) -> None:
    chat = reach(S.PREPARED, restored={"visit": text})
    assert chat.ask(i.ReportWindowOpened) == FIRST


# --- pages ---


def test_a_page_is_left_when_another_one_is_looked_at() -> None:
    chat = visiting()
    chat.ask(i.ViewPage, **MUGS)
    chat.wait(17.9)
    assert chat.ask(i.ViewPage, **CART) == ["save visit", "POST event", "POST event"]
    assert reported(chat)[-2:] == [("TimeSpentOnPage", {**MUGS, "timeSpentOnPage": 17}), ("PageView", CART)]
    assert chat.reply("POST event") == ["ViewPage answered"]
    assert chat.fail("POST event") == []  # nobody asked for it


@pytest.mark.row("P21")
@pytest.mark.parametrize("other", [{"title": "Mug"}, {"url": "https://shop.example.test/mugs?colour=moss"}])
def test_a_page_is_another_one_if_only_its_title_or_its_url_differs(other: dict[str, str]) -> None:
    chat = visiting()
    chat.ask(i.ViewPage, **MUGS)
    chat.ask(i.ViewPage, **MUGS | other)
    assert [type for type, _ in reported(chat)[-3:]] == ["PageView", "TimeSpentOnPage", "PageView"]


def test_the_same_page_again_is_nothing() -> None:
    chat = visiting()
    chat.ask(i.ViewPage, **MUGS)
    chat.wait(5)
    assert chat.ask(i.ViewPage, **MUGS) == ["ViewPage answered"]
    chat.wait(5)
    chat.ask(i.LeavePage)
    assert reported(chat)[-1] == ("TimeSpentOnPage", {**MUGS, "timeSpentOnPage": 10})


def test_a_page_is_left_once_and_the_shortest_time_is_a_second() -> None:
    chat = visiting()
    chat.ask(i.ViewPage, **MUGS)
    settle(chat)
    assert chat.ask(i.LeavePage) == ["POST event"]
    assert reported(chat)[-1] == ("TimeSpentOnPage", {**MUGS, "timeSpentOnPage": 1})
    assert chat.reply("POST event") == ["LeavePage answered"]
    assert chat.ask(i.LeavePage) == ["LeavePage answered"]


@pytest.mark.parametrize("request_", [i.EnterBackground, i.Disconnect])
def test_a_page_is_left_when_the_app_goes_which_disturbs_nothing(request_: type[i.AppRequest]) -> None:
    chat = reach(S.SERVING)
    chat.ask(i.ViewPage, **MUGS)
    settle(chat)
    chat.saved()
    chat.wait(3)
    left = chat.ask(request_)
    assert left[:2] == EVENT
    assert {"chat prepared", "close 1 1000"} < set(left)
    assert reported(chat)[-1] == ("TimeSpentOnPage", {**MUGS, "timeSpentOnPage": 3})
    assert chat.fail("POST event") == []
    assert "POST event" not in chat.ask(request_)  # it is left by now


@pytest.mark.parametrize("state", [S.CONFIGURATION, S.VISITOR])
def test_a_page_is_forgotten_where_nothing_can_be_reported(state: S) -> None:
    chat = visiting()
    chat.ask(i.ViewPage, **MUGS)
    settle(chat)
    chat.ask(i.Prepare)  # once more (S2)
    if state is S.VISITOR:
        chat.reply("GET configuration")
    assert chat.state is state
    chat.ask(i.EnterBackground)
    assert len(reported(chat)) == 2
    chat.ask(i.EnterActive)


@pytest.mark.row("R49")
def test_leaving_stops_no_event_and_its_request_is_settled() -> None:
    chat = reach(S.SERVING)
    chat.ask(i.ReportWindowOpened)
    assert chat.ask(i.EnterBackground) == ["chat prepared", "close 1 1000", "EnterBackground answered"]
    assert chat.reply("POST event") == ["ReportWindowOpened answered"]


# --- the other events ---


@pytest.mark.parametrize(("value", "sent"), [(12.5, 12.5), (3.0, 3), (5, 5), (-1.0, -1), (0.0, 0)])
def test_a_conversion_has_a_number_and_a_time(value: float, sent: float) -> None:
    chat = visiting()
    chat.ask(i.ReportConversion, name="sale", value=value)
    type, data = reported(chat)[-1]
    assert type == "Conversion"
    date = bodies(chat)[-1]["createdAtWithMilliseconds"]
    assert data == {"conversionType": "sale", "conversionValue": sent, "conversionTimeWithMilliseconds": date}
    assert isinstance(data["conversionValue"], int) == float(value).is_integer()


@pytest.mark.parametrize(
    ("kind", "fields", "says"),
    [
        (i.ReportConversion, {"name": " ", "value": 1.0}, "a conversion needs a name"),
        (i.ReportConversion, {"name": "sale", "value": math.inf}, "the value of a conversion is no number"),
        (i.ReportConversion, {"name": "sale", "value": math.nan}, "the value of a conversion is no number"),
        (
            i.ReportConversion,
            {"name": "x" * 40_000, "value": 1.0},
            "a text of the event is longer than 32768 characters",
        ),
        (i.ViewPage, {"title": "x" * 40_000, "url": ""}, "a text of the event is longer than 32768 characters"),
        (i.ReportVisitorEvent, {"data": (("x", "y" * 40_000),)}, "a text of the event is longer than 32768 characters"),
    ],
)
def test_events_that_make_no_sense_are_refused_before_anything_is_sent(
    kind: type[i.AppRequest], fields: dict[str, Any], says: str
) -> None:
    chat = reach(S.PREPARED)
    assert chat.ask(kind, **fields) == [f"{kind.__name__} refused invalid_value"]
    assert chat.refusal[1] == says
    assert "visit" not in chat.session.kept


def test_an_event_of_the_apps_own_goes_by_rest() -> None:
    chat = visiting()
    assert chat.ask(i.ReportVisitorEvent, data=(("shelf", "mugs"),)) == ["POST event"]
    assert reported(chat)[-1] == ("Custom", {"shelf": "mugs"})


SOCKET = Policy(custom_events="socket", heartbeat=1e6)


def test_an_event_of_the_apps_own_goes_over_the_socket_by_policy() -> None:
    chat = reach(S.SERVING, policy=SOCKET)
    assert chat.ask(i.ReportVisitorEvent, data=(("shelf", "mugs"),)) == [
        "save visit",
        "POST event",
        "frame StoreVisitorEvents",
    ]
    payload = chat.frame("StoreVisitorEvents")["payload"]
    (event,) = payload["data"]["visitorEvents"]
    assert (event["type"], event["data"]) == ("Custom", {"shelf": "mugs"})
    assert event["createdAtWithMilliseconds"].endswith("Z")
    assert payload["destination"] == {"id": chat.leaf.identity.destination}
    assert payload["visitor"] == {"id": chat.leaf.identity.visitor}
    assert chat.accept("StoreVisitorEvents") == ["ReportVisitorEvent answered"]
    chat.ask(i.ReportVisitorEvent)
    assert chat.deny("StoreVisitorEvents", "InconsistentData") == ["ReportVisitorEvent refused refused_by_center"]
    chat.ask(i.ReportVisitorEvent)
    assert "ReportVisitorEvent refused connection_lost" in chat.closed()


def test_without_a_connection_it_goes_by_rest_all_the_same() -> None:
    chat = reach(S.PREPARED, policy=SOCKET)
    assert chat.ask(i.ReportVisitorEvent) == FIRST


def test_over_a_crowded_socket_it_is_refused() -> None:
    chat = reach(S.SERVING, policy=Policy(custom_events="socket", heartbeat=1e6, outbox=1, rate_limit=(4, 1000.0)))
    for _ in range(4):
        chat.ask(i.ReportVisitorEvent)
    assert chat.ask(i.ReportVisitorEvent) == ["ReportVisitorEvent refused limit_reached"]


# --- signing out ---


@pytest.mark.row("C10")
def test_an_answer_after_signing_out_keeps_nothing_of_the_visit() -> None:
    chat = reach(S.PREPARED)
    chat.ask(i.ReportWindowOpened)
    chat.ask(i.SignOut)
    chat.saved()
    chat.reply("POST event")
    assert chat.reply("POST event") == []
    assert chat.session.kept == {}


def test_a_page_is_forgotten_by_signing_out() -> None:
    chat = visiting()
    chat.ask(i.ViewPage, **MUGS)
    settle(chat)
    chat.ask(i.SignOut)
    chat.saved()
    chat.ask(i.Prepare)
    chat.reply("GET configuration")
    chat.saved()
    chat.reply("PUT visitor")
    assert chat.ask(i.LeavePage) == ["LeavePage answered"]


def test_an_answer_about_a_visit_that_is_over_does_not_bring_it_back() -> None:
    chat = reach(S.PREPARED)
    chat.ask(i.ReportWindowOpened)
    chat.reply("POST event")
    chat.session.deadlines.clear("call", max(chat.calls))  # a transport that takes its time
    chat.now += 1800
    chat.ask(i.ReportWindowOpened)
    current = kept(chat)
    number = min(chat.calls)
    assert chat.put(i.ResponseReceived(id=number, status=200)) == []
    assert kept(chat) == current
