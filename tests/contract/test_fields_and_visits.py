"""Custom fields, the welcome text, offers and visits by the public face, on both runtimes, in virtual time."""

import pytest

from deskline import (
    ChatState,
    ConnectionLost,
    CustomerFieldsChanged,
    IllegalState,
    InvalidValue,
    LimitReached,
    MessageReceived,
    MessageStatus,
    OfferOutcome,
    OfferReceived,
    Policy,
    RemoteError,
    ThreadFieldsChanged,
)
from deskline_center.controls import CloseContact, Delay, Fail, Lose, ProactiveAction, SetFields
from deskline_center.cxone import Choice, CXoneChannel, FieldDefinition, Survey, Trigger, channel_id
from tests.contract.far_side import desk
from tests.contract.kits import Kit, on_both

TOPIC = FieldDefinition(
    ident="topic", label="Topic", type="list",
    choices=(Choice(name="ship", value="Shipping"), Choice(name="late", value="Late parcel")),
)  # fmt: skip
EMAIL = FieldDefinition(ident="email", label="E-mail", type="email")
OFFER = ProactiveAction(kind="PopupBox", name="Spring", text="Half price", button="Go", fields={"source": "spring"})
CHANNEL = CXoneChannel(
    id=channel_id("live", "legacy"), mode="live", survey=Survey(name="Before", fields=(TOPIC,)),
    customer_fields=(EMAIL,), contact_fields=(TOPIC,), triggers=(Trigger(on="Conversion", action=OFFER),),
)  # fmt: skip


@on_both
async def test_fields_of_both_scopes_reach_the_center_and_come_back(kit: Kit) -> None:
    async with desk(kit, channels=(CHANNEL,)) as d, d.open("live") as chat:
        await chat.set_fields({"email": "kit@example.test"})  # nothing is connected yet
        await chat.ready()
        assert [question.id for question in chat.customer_questions] == ["email"]
        assert [question.choices for question in chat.thread_questions] == [
            (("ship", "Shipping"), ("late", "Late parcel"))
        ]
        thread = await chat.start_thread({"topic": "Shipping"})
        await (await thread.send("Good morning")).settled()
        assert (chat.fields, thread.fields) == ({"email": "kit@example.test"}, {"topic": "ship"})
        await thread.set_fields({"topic": "Late parcel", "parcel": "4711"})
        changed = chat.wait_for(ThreadFieldsChanged)
        told = chat.wait_for(CustomerFieldsChanged)
        await kit.settle()
        (seen,) = d.center.overview()["threads"]
        assert seen["customerFields"] == {"email": "kit@example.test"}
        assert seen["contacts"][0]["fields"] == {"topic": "late", "parcel": "4711"}
        d.do(SetFields(contact={"topic": "ship"}, customer={"tier": "gold"}, tell=True))
        assert (await changed).fields == (("topic", "ship"),)
        d.do(CloseContact())
        await kit.settle()
        with pytest.raises(IllegalState):
            await thread.set_fields({"topic": "ship"})
        await chat.disconnect()
        await chat.connect()
        await chat.ready()
        assert (await told).fields == (("tier", "gold"),)


@on_both
async def test_wrong_values_are_refused_with_what_is_allowed(kit: Kit) -> None:
    async with desk(kit, channels=(CHANNEL,)) as d, d.ready("live", policy=Policy(max_fields=2)) as chat:
        with pytest.raises(InvalidValue, match="E-mail \\(email\\) is no e-mail address"):
            await chat.set_fields({"email": "kit"})
        with pytest.raises(InvalidValue, match="Topic \\(topic\\) is none of ship, late"):
            await chat.start_thread({"topic": "nonsense"})
        thread = await chat.thread()
        with pytest.raises(InvalidValue, match="none of ship, late"):
            await thread.set_fields({"topic": "nonsense"})
        with pytest.raises(LimitReached):
            await thread.set_fields({"a": "1", "b": "2", "c": "3"})
        assert (chat.fields, thread.fields) == ({}, {})


@on_both
async def test_the_welcome_is_a_message_and_stands_before_the_first_one(kit: Kit) -> None:
    async with desk(kit) as d, d.ready("multi") as chat:
        offered = chat.wait_for(OfferReceived)
        d.do(ProactiveAction(text="Hi {{customer.firstName|there}}!"))
        await offered
        welcomed = chat.wait_for(MessageReceived)
        thread = await chat.start_thread()
        assert (await welcomed).text == "Hi there!"
        await (await thread.send("Hello")).settled()
        assert [message.text for message in thread.messages] == ["Hi there!", "Hello"]
        (seen,) = d.center.overview()["threads"]
        assert [message["direction"] for message in seen["messages"]] == ["outbound", "inbound"]


@on_both
async def test_a_visit_leads_to_an_offer_and_what_became_of_it_is_told(kit: Kit) -> None:
    async with desk(kit, channels=(CHANNEL,)) as d, d.ready("live") as chat:
        offered = chat.wait_for(OfferReceived)
        await chat.report_window_opened()
        await chat.view_page("Mugs", "https://shop.example.test/mugs")
        await kit.sleep(12)
        await chat.view_page("Cart", "app://cart")
        await chat.report_conversion("sale", 12.5)
        offer = (await offered).offer
        assert (offer.text, offer.button) == ("Half price", "Go")
        await chat.report_offer(offer, OfferOutcome.SHOWN)
        await chat.report_offer(offer, OfferOutcome.CLICKED)
        await chat.report_visitor_event({"shelf": "mugs"})
        await kit.sleep(3)
        await chat.enter_background()
        await kit.settle()
        (events,) = [events for events in d.center.overview()["visitorEvents"].values() if events]
        assert sorted(event["type"] for event in events) == [  # those of one moment go beside each other
            "ChatWindowOpened", "Conversion", "Custom", "PageView", "PageView",
            "ProactiveActionClicked", "ProactiveActionDisplayed", "TimeSpentOnPage", "TimeSpentOnPage", "VisitorVisit",
        ]  # fmt: skip
        assert len({event["visitId"] for event in events}) == 1
        spent = [event["data"]["timeSpentOnPage"] for event in events if event["type"] == "TimeSpentOnPage"]
        assert spent == [12, 3]
        await chat.enter_active()
        thread = await chat.thread()
        assert thread.fields == {"source": "spring"}


@on_both
async def test_an_event_that_fails_disturbs_nothing(kit: Kit) -> None:
    async with desk(kit) as d, d.ready() as chat:
        d.do(Fail(match="rest:visitor-events", times=2, status=503))
        with pytest.raises(RemoteError):
            await chat.view_page("Mugs", "app://mugs")
        d.do(Lose(match="rest:visitor-events", times=2))
        with pytest.raises(ConnectionLost):
            await chat.report_conversion("sale", 1.0)
        assert chat.state is ChatState.READY
        thread = await chat.thread()
        assert await (await thread.send("Good morning")).settled() is MessageStatus.DELIVERED


@on_both
async def test_a_caller_who_is_gone_is_told_nothing_and_the_event_goes(kit: Kit) -> None:
    async with desk(kit) as d, d.ready() as chat:
        d.do(Delay(match="rest:visitor-events", times=2, seconds=5))
        async with kit.cancel_after(1):
            await chat.report_window_opened()
        await chat.leave_page()
        (seen,) = d.center.overview()["visitors"].values()
        assert sorted(seen) == ["ChatWindowOpened", "VisitorVisit", "visitor"]


@on_both
async def test_before_the_chat_is_prepared_there_is_no_visit(kit: Kit) -> None:
    async with desk(kit) as d, d.open(connect=False) as chat:
        with pytest.raises(IllegalState, match="prepared"):
            await chat.view_page("Mugs", "app://mugs")
        await chat.prepare()
        await chat.view_page("Mugs", "app://mugs")
