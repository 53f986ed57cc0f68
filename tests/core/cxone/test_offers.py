"""Offers of the far side: read leniently, remembered, and reported about (CXone wire reference, section 4.6)."""

import json
from typing import Any

import pytest

from deskline_center import controls as k
from deskline_core import inputs as i
from deskline_core.commands import SendRequest
from deskline_core.events import OfferReceived
from deskline_core.model import Offer, OfferKind, OfferOutcome
from deskline_core.policy import Policy
from tests.core.cxone.alone import THREAD, Alone, with_thread
from tests.playbook import Chat

QUIET = Policy(heartbeat=1e6)
SPRING = "7e6b0bd2-0a5f-4c1c-9a51-3b1a2c3d4e5f"


def offered(action: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """Return the push of an offer."""
    given = {"actionId": SPRING, "actionName": "Spring", "actionType": "PopupBox", **action}
    data = {"proactiveAction": {"action": given}, **rest}
    return {"eventId": "e-1", "eventObject": "ChatWindow", "eventType": "FireProactiveAction", "data": data}


def told(chat: Alone) -> Offer:
    """Return the newest offer that the app was told of."""
    return next(event.offer for event in reversed(chat.told) if isinstance(event, OfferReceived))


def reported(chat: Alone) -> list[tuple[str, dict[str, Any]]]:
    """Return type and data of the visitor events, but for the visit's announcement."""
    bodies = [json.loads(command.body) for command in chat.log if isinstance(command, SendRequest) and command.body]
    return [(body["type"], body["data"]) for body in bodies if body.get("type") not in (None, "VisitorVisit")]


def test_an_offer_is_told_with_all_that_it_has() -> None:
    chat = with_thread(policy=QUIET)
    content = {"bodyText": "Half price", "headlineText": "Mugs", "headlineSecondaryText": "today", "image": "https://x/i.png",
               "variables": {"a": [1, "two"]}}  # fmt: skip
    data = {"content": content, "callToAction": {"isVisible": True, "text": "Go"}, "design": {"odd": None},
            "handover": {"customFields": [{"ident": "source", "value": "spring"}, {"value": "lost"}, 5]}}  # fmt: skip
    assert chat.hear(offered({"data": data}, destination={"id": "d-1"})) == ["OfferReceived"]
    offer = told(chat)
    assert json.loads(offer.source) == {
        "actionId": SPRING, "actionName": "Spring", "actionType": "PopupBox", "data": data,
    }  # fmt: skip
    assert json.loads(offer.variables) == {"a": [1, "two"]}
    assert offer == Offer(
        id=SPRING, name="Spring", kind=OfferKind.POPUP, text="Half price", headline="Mugs", second_line="today",
        image="https://x/i.png", button="Go", fields=(("source", "spring"),), variables=offer.variables,
        source=offer.source,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("action", "expected"),
    [
        ({"actionType": "CustomPopupBox"}, {"kind": OfferKind.CUSTOM_POPUP}),
        ({"actionType": "PushNotification"}, {"kind": OfferKind.PUSH}),
        ({"actionType": "GuideTemplate"}, {"kind": OfferKind.GUIDE}),
        ({"actionType": "Hologram"}, {"kind": OfferKind.OTHER}),
        ({"actionType": None, "actionName": None}, {"kind": OfferKind.OTHER, "name": ""}),
        ({"data": {"call2action": {"text": "Go"}}}, {"button": "Go"}),
        ({"data": {"callToAction": {"text": None}, "call2action": {"text": "Go"}}}, {"button": "Go"}),
        ({"data": {"content": {"body": "older"}}}, {"text": "older"}),
        ({"data": {"content": {"bodyText": None, "image": {"no": "text"}}}}, {"text": "", "image": ""}),
        ({"data": {"content": []}}, {"text": ""}),
        ({"data": "nonsense"}, {"text": "", "fields": ()}),
        ({"data": {"handover": {"customFields": {}}}}, {"fields": ()}),
    ],
)
def test_offers_of_every_kind_and_vendor_are_read(action: dict[str, Any], expected: dict[str, object]) -> None:
    chat = with_thread(policy=QUIET)
    chat.hear(offered(action))
    offer = told(chat)
    assert {name: getattr(offer, name) for name in expected} == expected


def test_an_offer_without_an_id_cannot_be_reported_about() -> None:
    chat = with_thread(policy=QUIET)
    assert chat.hear(offered({"actionId": None})) == ["UndecodableReceived"]


@pytest.mark.parametrize(
    ("outcome", "type"),
    [
        (OfferOutcome.SHOWN, "ProactiveActionDisplayed"),
        (OfferOutcome.CLICKED, "ProactiveActionClicked"),
        (OfferOutcome.SUCCEEDED, "ProactiveActionSuccess"),
        (OfferOutcome.FAILED, "ProactiveActionFailed"),
    ],
)
def test_what_became_of_an_offer_is_told_to_analytics(outcome: OfferOutcome, type: str) -> None:
    chat = with_thread(policy=QUIET)
    chat.hear(offered({"actionType": "Hologram"}))
    assert chat.ask(i.ReportOffer, offer=SPRING, outcome=outcome) == ["save visit", "POST event", "POST event"]
    assert reported(chat) == [(type, {"actionId": SPRING, "actionName": "Spring", "actionType": "Hologram"})]
    assert chat.reply("POST event") == ["ReportOffer answered"]


def test_an_offer_that_is_not_known_cannot_be_reported_about() -> None:
    chat = with_thread(policy=Policy(heartbeat=1e6, offers=2))
    assert chat.ask(i.ReportOffer, offer=SPRING, outcome=OfferOutcome.SHOWN) == ["ReportOffer refused invalid_value"]
    assert chat.refusals[-1].hint == "the newest 2 are known, until the customer signs out"
    for id in ("a", "b", "a", "c"):
        chat.hear(offered({"actionId": id}))
    known = [chat.ask(i.ReportOffer, offer=id, outcome=OfferOutcome.SHOWN)[-1] for id in "abc"]
    assert known == ["POST event", "ReportOffer refused invalid_value", "POST event"]
    chat.ask(i.SignOut)
    chat.closed()
    chat.saved()
    chat.ask(i.Prepare)
    chat.reply("GET configuration")
    chat.saved()
    chat.reply("PUT visitor")
    assert chat.ask(i.ReportOffer, offer="a", outcome=OfferOutcome.SHOWN) == ["ReportOffer refused invalid_value"]


SOURCE = {"data": {"handover": {"customFields": [{"ident": "source", "value": "spring"}, {"ident": "x", "value": ""}]}}}


def test_the_fields_of_an_offer_go_with_the_conversation_when_it_is_clicked() -> None:
    chat = with_thread(policy=QUIET)
    chat.hear(offered(SOURCE))
    chat.ask(i.ReportOffer, offer=SPRING, outcome=OfferOutcome.SHOWN)
    assert chat.session.threads[THREAD].fields == {}
    words = chat.ask(i.ReportOffer, offer=SPRING, outcome=OfferOutcome.CLICKED)
    assert words[:2] == ["ThreadFieldsChanged", "frame SetContactCustomFields"]
    assert chat.session.threads[THREAD].fields == {"source": "spring"}


def test_without_a_conversation_they_go_with_the_next_one_and_with_no_other() -> None:
    chat = Chat("multi").open()
    chat.control(k.ProactiveAction(kind="PopupBox", fields={"source": "spring", "order": "0"}))
    (event,) = chat.news(OfferReceived)
    chat.do(i.ReportOffer, offer=event.offer.id, outcome=OfferOutcome.CLICKED)
    first, second = chat.start(answers=(("order", "4711"),)), chat.start()
    assert chat.session.threads[first].fields == {"order": "4711", "source": "spring"}  # what the customer said stays
    assert chat.session.threads[second].fields == {}


def test_what_a_thread_has_no_room_for_is_left_out() -> None:
    chat = with_thread(policy=Policy(heartbeat=1e6, max_fields=1))
    chat.ask(i.SetThreadFields, thread=THREAD, fields=(("topic", "ship"),))
    chat.hear(offered(SOURCE))
    chat.ask(i.ReportOffer, offer=SPRING, outcome=OfferOutcome.CLICKED)
    assert chat.session.threads[THREAD].fields == {"topic": "ship"}
