"""View Page (lifecycle reference, section 3.3)."""

from deskline import IllegalState, OfferOutcome, OfferReceived, RemoteError
from deskline_center.controls import Availability, Fail, ProactiveAction
from deskline_center.cxone import Trigger
from tests.end_to_end.flows.places import ANYWHERE, LIVE
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("view page")
ORDERS = ("Orders", "https://shop.example/orders")
PAGE = ("PageView", "TimeSpentOnPage")
HELP = ("Help", "https://shop.example/help")


@FLOW.scenario(on=ANYWHERE, drawn=True)
async def from_page_to_page(play: Play) -> None:
    """The first page begins a visit; each further page ends the one before, and leaving ends the last."""
    async with play.chat(connect=False) as chat:
        await chat.prepare()
        play.begin(chat)
        await chat.view_page(*ORDERS)
        await chat.view_page(*HELP)
        await chat.leave_page()
        await play.until(lambda _: sorted(play.visitor()) == sorted([*PAGE, *PAGE, "VisitorVisit", "visitor"]))


@FLOW.scenario(on=LIVE)
async def whatever_the_chat_does(play: Play) -> None:
    """Pages need a prepared chat only: they are reported also while nobody is available."""
    play.do(Availability(online=False))
    async with play.chat() as chat:
        await play.becomes("offline")
        await chat.view_page(*ORDERS)
        await play.until(lambda _: sorted(play.visitor()) == ["PageView", "VisitorVisit", "visitor"])


@FLOW.scenario(drawn=True)
async def other_things_to_report(play: Play) -> None:
    """The chat's window was opened, the visit led to something, and what only this app knows."""
    async with play.ready() as chat:
        await chat.report_window_opened()
        await chat.report_conversion("purchase", 49.9)
        await chat.report_visitor_event({"colour": "blue"})
        events = ["ChatWindowOpened", "Conversion", "Custom", "VisitorVisit", "visitor"]
        await play.until(lambda _: sorted(play.visitor()) == events)


OFFER = ProactiveAction(kind="CustomPopupBox", name="Help with orders", text="Shall we look together?")


@FLOW.scenario(on=ANYWHERE, drawn=True, settings={"triggers": (Trigger(on="PageView", action=OFFER),)})
async def an_offer_follows(play: Play) -> None:
    """The far side makes an offer because of the page; the app shows it, and says what became of it."""
    async with play.ready() as chat:
        await chat.view_page(*ORDERS)
        offer = (await play.hears(OfferReceived)).offer
        assert (offer.name, offer.text) == ("Help with orders", "Shall we look together?")
        await chat.report_offer(offer, OfferOutcome.SHOWN)
        await chat.report_offer(offer, OfferOutcome.CLICKED)
        outcomes = [event for event in play.visitor() if event.startswith("Proactive")]
        assert outcomes == ["ProactiveActionDisplayed", "ProactiveActionClicked"]


@FLOW.scenario("3.3 1E wrong state", drawn=True)
async def too_early(play: Play) -> None:
    """Before the chat is prepared a page is refused, and nothing is sent."""
    async with play.chat(connect=False) as chat:
        with play.refused(IllegalState):
            await chat.view_page(*ORDERS)
        assert play.stage.overview()["visitors"] == {}


@FLOW.scenario("3.3 2E visit", drawn=True)
async def the_visit_is_not_taken(play: Play) -> None:
    """The far side takes neither the visit nor the page: the caller is told, and the next page announces the visit."""
    async with play.ready() as chat:
        play.do(Fail(match="rest:visitor-events", status=400, times=2))
        with play.refused(RemoteError):
            await chat.view_page(*ORDERS)
        while "VisitorVisit" not in play.visitor():  # the refusal of the visit may come after that of the page
            await chat.view_page(*HELP)
            await chat.leave_page()
        assert play.visitor().count("VisitorVisit") == 1


@FLOW.scenario("3.3 3E same page")
async def the_same_page_again(play: Play) -> None:
    """A page that is open already is not reported again."""
    async with play.ready() as chat:
        await chat.view_page(*ORDERS)
        await chat.view_page(*ORDERS)
        await play.until(lambda _: sorted(play.visitor()) == ["PageView", "VisitorVisit", "visitor"])


@FLOW.scenario("3.3 5E page view")
async def the_page_view_is_not_taken(play: Play) -> None:
    """The far side does not take the page view: the caller is told, and the chat is not disturbed."""
    async with play.ready() as chat:
        await chat.report_window_opened()
        await play.until(lambda _: "VisitorVisit" in play.visitor())
        play.do(Fail(match="rest:visitor-events", status=400))
        with play.refused(RemoteError):
            await chat.view_page(*HELP)
        await chat.leave_page()
        assert play.visitor()[-1] == "TimeSpentOnPage"
