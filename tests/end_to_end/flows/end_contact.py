"""End Contact (lifecycle reference, section 3.10)."""

from deskline import IllegalState, NotConnected, NotSupported, PartyJoined, RemoteError, ResponseTimeout, ThreadEnded
from deskline_center.controls import AgentJoins, DropSockets, Fail, Hold, Lose, LosePush
from tests.end_to_end.flows.places import LIVE, MULTI, SINGLE
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("end contact")


@FLOW.scenario(on=LIVE, drawn=True)
async def the_customer_ends_it(play: Play) -> None:
    """The customer ends the conversation, and the far side confirms it; a transcript and a new one can follow."""
    async with play.talking() as (chat, thread):
        play.do(AgentJoins())
        await play.hears(PartyJoined)
        play.begin(chat)
        await thread.end()
        assert (await play.hears(ThreadEnded)).reason == "customer"
        assert play.far()["contacts"][0]["status"] == "closed"
        await thread.send_transcript("ada@mail.example")
        again = await chat.thread()
        assert again.id != thread.id
        await play.says(again, "One more thing")


@FLOW.scenario(on=LIVE)
async def ended_twice(play: Play) -> None:
    """Ending what has ended is no error."""
    async with play.talking() as (_, thread):
        await thread.end()
        await thread.end()
        await play.hears(ThreadEnded)


@FLOW.scenario("3.10 1E not live", on=(*SINGLE, *MULTI))
async def there_is_no_contact_to_end(play: Play) -> None:
    """Only a live chat has an end of this kind; other threads are archived, or just go on."""
    async with play.talking() as (_, thread):
        with play.refused(NotSupported):
            await thread.end()


@FLOW.scenario("3.10 1E no contact", on=LIVE, waits=True)
async def ended_before_it_began(play: Play) -> None:
    """The far side does not know the conversation yet: there is nothing to end."""
    play.do(Hold(match="ack", seconds=play.seconds(3.0)))
    play.do(Hold(match="CaseCreated", seconds=play.seconds(3.0)))
    play.do(Hold(match="MessageCreated", seconds=play.seconds(3.0)))
    async with play.ready() as chat:
        thread = await chat.thread()
        with play.refused(IllegalState):
            await thread.end()
        await play.thread_becomes("open")


@FLOW.scenario("3.10 1E not ready", on=LIVE)
async def ended_while_the_connection_is_lost(play: Play) -> None:
    """Ending needs the network: without it the request is refused, and the conversation stays."""
    async with play.talking() as (_, thread):
        play.do(Fail(match="handshake", status=503))
        play.do(DropSockets())
        await play.becomes("connecting")
        with play.refused(NotConnected):
            await thread.end()
        await play.becomes("ready")
        assert thread.state == "open"


@FLOW.scenario("3.10 6E never confirmed", on=LIVE, drawn=True, short={"request_timeout": 3.0, "end_confirmation": 3.0})
async def the_end_is_confirmed_by_recovery(play: Play) -> None:
    """The confirmation is lost: after its deadline the thread is recovered, and found to have ended."""
    async with play.talking() as (_, thread):
        play.do(LosePush(match="CaseStatusChanged"))
        await thread.end()
        assert (await play.hears(ThreadEnded)).reason == "customer"


@FLOW.scenario("3.10 6E never confirmed", on=LIVE, short={"request_timeout": 3.0, "end_confirmation": 3.0})
async def the_end_never_arrived(play: Play) -> None:
    """The far side never got it: after the deadline the thread is recovered, and is open as before."""
    async with play.talking() as (chat, thread):
        play.do(Lose(match="EndContact", done=False))
        with play.refused(ResponseTimeout):
            await thread.end()
        assert thread.state == "open"
        assert chat.state == "ready"


@FLOW.scenario("3.10 6E never confirmed", on=LIVE, drawn=True)
async def the_end_is_refused(play: Play) -> None:
    """The far side refuses to end it: the conversation goes on."""
    async with play.talking() as (chat, thread):
        play.do(Fail(match="EndContact"))
        with play.refused(RemoteError):
            await thread.end()
        assert chat.state == "ready"
        await play.says(thread, "One more thing")
