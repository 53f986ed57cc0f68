"""Application Enters Background, and comes back (lifecycle reference, section 3.2)."""

from deskline import IllegalState, MessageReceived, NotConnected
from deskline_center.controls import AgentSays, Availability, Delay, Fail, Hold
from tests.end_to_end.flows.places import ANYWHERE, LIVE
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("application enters background")


def no_sockets(overview: dict[str, object]) -> bool:
    return overview["sockets"] == []


@FLOW.scenario(on=ANYWHERE, drawn=True)
async def out_of_sight_and_back(play: Play) -> None:
    """The page is left and the socket closed; back in sight, the chat comes back with what was said meanwhile."""
    async with play.talking() as (chat, thread):
        await chat.view_page("Orders", "https://shop.example/orders")
        await play.until(lambda _: "VisitorVisit" in play.visitor())
        play.begin(chat)
        await chat.enter_background()
        await play.becomes("prepared")
        await play.until(no_sockets)
        await play.until(lambda _: play.visitor()[-1] == "TimeSpentOnPage")
        play.do(AgentSays(text="It left on Tuesday"))
        await chat.enter_active()
        assert (await play.hears(MessageReceived)).text == "It left on Tuesday"
        await play.becomes("ready")
        assert thread.state == "open"


@FLOW.scenario()
async def what_is_written_out_of_sight_waits(play: Play) -> None:
    """A message that is sent out of sight stays in the outbox, and goes when the app is back."""
    async with play.talking() as (chat, thread):
        await chat.enter_background()
        message = await thread.send("And order 4712?")
        assert message.status == "queued"
        await chat.enter_active()
        assert await message.settled() == "delivered"


@FLOW.scenario("3.2 2E no page")
async def no_page_is_open(play: Play) -> None:
    """Without an open page there is none to report."""
    async with play.ready() as chat:
        await chat.leave_page()
        await chat.enter_background()
        await play.becomes("prepared")
        assert play.visitor() == ["visitor"]


@FLOW.scenario("3.2 2E server error", drawn=True)
async def the_page_is_not_taken(play: Play) -> None:
    """The far side does not take the time spent on the page: that stops nothing."""
    async with play.ready() as chat:
        await chat.view_page("Orders", "https://shop.example/orders")
        await play.until(lambda _: "VisitorVisit" in play.visitor())
        play.begin(chat)
        play.do(Fail(match="rest:visitor-events", status=500))
        await chat.enter_background()
        await play.becomes("prepared")
        await play.until(no_sockets)
        await play.until(lambda overview: overview["faults"] == 0)


@FLOW.scenario("3.2 2E wrong state")
async def a_page_is_left_too_early(play: Play) -> None:
    """Before the chat is prepared no page can have been viewed."""
    async with play.chat(connect=False) as chat:
        with play.refused(IllegalState):
            await chat.leave_page()


@FLOW.scenario("3.2 4 by state")
async def out_of_sight_before_anything(play: Play) -> None:
    """A chat that has not begun has nothing to close, and begins when the app is in sight."""
    async with play.chat(connect=False) as chat:
        await chat.enter_background()
        assert chat.state == "initial"
        await chat.connect()
        await chat.enter_active()
        await play.becomes("ready")


@FLOW.scenario("3.2 4 by state", waits=True)
async def out_of_sight_while_preparing(play: Play) -> None:
    """The requests under way are finished, and the chat rests in prepared until the app is back."""
    play.do(Delay(match="rest:channel", seconds=play.seconds(3.0)))
    async with play.chat() as chat:
        await play.becomes("preparing")
        await chat.enter_background()
        await play.becomes("prepared")
        assert play.stage.overview()["sockets"] == []


@FLOW.scenario("3.2 4 by state", on=LIVE)
async def out_of_sight_while_offline(play: Play) -> None:
    """A live chat that nobody serves now rests in prepared; back in sight, it asks again."""
    play.do(Availability(online=False))
    async with play.chat() as chat:
        await play.becomes("offline")
        await chat.enter_background()
        await play.becomes("prepared")
        await chat.enter_active()
        await play.becomes("offline")


@FLOW.scenario("3.2 6 return", drawn=True)
async def back_in_sight_from_lost(play: Play) -> None:
    """A chat that was lost is tried again when the app is back; nothing else tries."""
    play.do(Fail(match="handshake", status=503))
    async with play.chat() as chat:
        await play.becomes("lost")
        await chat.enter_background()
        await play.becomes("prepared")
        await chat.enter_active()
        await play.becomes("ready")


@FLOW.scenario("3.2 5 in flight", drawn=True)
async def requests_under_way_are_settled(play: Play) -> None:
    """What waits for an answer when the app leaves is refused; nobody waits for ever."""
    async with play.talking() as (chat, thread):
        play.do(Hold(match="MessageCreated", seconds=3600))
        message = await thread.send("And order 4712?")
        await play.until(lambda _: len(play.far()["messages"]) == 2)
        await chat.enter_background()
        with play.refused(NotConnected):
            await thread.load_more()
        await chat.enter_active()
        assert await message.settled() == "delivered"


@FLOW.scenario()
async def disconnected_stays_so(play: Play) -> None:
    """After a disconnect the app no longer wants the chat: coming back does not connect."""
    async with play.ready() as chat:
        await chat.disconnect()
        await chat.enter_background()
        await chat.enter_active()
        assert chat.state == "prepared"
        await chat.connect()
        await chat.ready()
