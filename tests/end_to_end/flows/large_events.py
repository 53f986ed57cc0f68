"""Process Large Events: what is too large for a frame comes by URL (lifecycle reference, section 3.11)."""

from deskline import ErrorReceived, MessageReceived
from deskline_center.controls import AgentSays, Delay, DropSockets, Fail, ForgetFaults, Lose, ViaUrl
from tests.end_to_end.flows.places import ANYWHERE
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("process large events")
LONG = "It left on Tuesday. " * 8000


@FLOW.scenario(on=ANYWHERE, drawn=True)
async def a_large_message(play: Play) -> None:
    """A message that is larger than the gateway's limit is fetched by its URL, and is then no different."""
    async with play.talking() as (_, thread):
        play.do(AgentSays(text=LONG))
        assert (await play.hears(MessageReceived)).text == LONG
        assert thread.messages[-1].text == LONG


@FLOW.scenario(on=ANYWHERE, drawn=True)
async def a_large_answer(play: Play) -> None:
    """The answer to a request may come by URL as well: the recovery waits for it."""
    async with play.talking() as (_, thread):
        for kind in ("ThreadRecovered", "LivechatRecovered", "ThreadListFetched"):
            play.do(ViaUrl(match=kind))
        play.do(DropSockets())
        await play.becomes("connecting")
        await play.becomes("ready")
        assert thread.state == "open"
        await play.says(thread, "Thank you")


@FLOW.scenario("3.11 2E status", on=ANYWHERE, drawn=True)
async def the_event_is_not_there(play: Play) -> None:
    """The URL does not give the event: the app is told, and the next recovery brings the message."""
    async with play.talking() as (_, thread):
        play.do(Fail(match="rest:large-event", status=403, times=9))
        play.do(AgentSays(text=LONG))
        await play.hears(ErrorReceived)
        assert len(thread.messages) == 1
        play.do(ForgetFaults())
        play.do(DropSockets())
        assert (await play.hears(MessageReceived)).text == LONG


@FLOW.scenario("3.11 2E network", on=ANYWHERE)
async def the_download_breaks(play: Play) -> None:
    """The connection of the download breaks: the app is told, and the chat goes on."""
    async with play.talking() as (_, thread):
        play.do(Lose(match="rest:large-event", times=9))
        play.do(AgentSays(text=LONG))
        await play.hears(ErrorReceived)
        await play.says(thread, "Hello?")


@FLOW.scenario("3.11 2E network", short={"download_timeout": 0.5})
async def the_download_never_ends(play: Play) -> None:
    """The download has its deadline."""
    async with play.talking() as (_, thread):
        play.do(Delay(match="rest:large-event", seconds=3600, times=9))
        play.do(AgentSays(text=LONG))
        await play.hears(ErrorReceived)
        await play.says(thread, "Hello?")


@FLOW.scenario("3.11 2E status", short={"request_timeout": 3.0})
async def the_answer_is_not_there(play: Play) -> None:
    """An answer that the URL does not give is no answer: the recovery is tried again."""
    async with play.talking() as (_, thread):
        play.do(ViaUrl(match="ThreadRecovered"))
        play.do(Fail(match="rest:large-event", status=403))
        play.do(DropSockets())
        await play.becomes("connecting")
        await play.becomes("connected")
        await play.becomes("connecting")
        await play.becomes("ready")
        assert thread.state == "open"


@FLOW.scenario("3.11 5 order", on=ANYWHERE, waits=True, drawn=True)
async def small_ones_overtake_it(play: Play) -> None:
    """A small message that came later is shown at once; in the history the order is that of the far side."""
    async with play.talking() as (_, thread):
        play.do(Delay(match="rest:large-event", seconds=play.seconds(3.0)))
        play.do(AgentSays(text=LONG))
        await play.stage.pause()  # two messages of one millisecond have no order
        play.do(AgentSays(text="Was that all?"))
        assert (await play.hears(MessageReceived)).text == "Was that all?"
        assert (await play.hears(MessageReceived)).text == LONG
        assert [message.text for message in thread.messages][1:] == [LONG, "Was that all?"]


@FLOW.scenario("3.11 6 once")
async def once_after_many_connects(play: Play) -> None:
    """However often the chat has connected, each event is fetched once."""
    async with play.talking() as (_, thread):
        for _ in range(3):
            play.do(DropSockets())
            await play.becomes("connecting")
            await play.becomes("ready")
        play.do(Fail(match="rest:large-event", status=500, times=9))
        before = play.stage.overview()["faults"]
        play.do(AgentSays(text=LONG))
        await play.hears(ErrorReceived)
        await play.says(thread, "Hello?")
        assert before - play.stage.overview()["faults"] == 1
