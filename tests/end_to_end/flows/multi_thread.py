"""Multi-Thread: the list of threads, each loaded when it is opened (lifecycle reference, sections 2.3 and 3.6)."""

from deskline import (
    HistoryLoaded,
    IllegalState,
    MessageReceived,
    RemoteError,
    ResponseTimeout,
    ThreadEnded,
    ThreadRenamed,
)
from deskline_center.controls import AgentSays, DropSockets, Fail, Lose
from tests.end_to_end.flows.places import MULTI
from tests.end_to_end.flows.play import Flow, Play
from tests.end_to_end.flows.stores import two_remembered

FLOW = Flow("multi-thread")


@FLOW.scenario(on=MULTI, drawn=True)
async def the_list_is_loaded(play: Play) -> None:
    """The chat is ready with all threads and the last message of each; the history comes when one is opened."""
    async with two_remembered(play) as chat:
        assert [thread.state for thread in chat.threads] == ["loaded", "loaded"]
        assert [[message.text for message in thread.messages] for thread in chat.threads] == [["b1"], ["a2"]]
        thread = chat.threads[-1]
        await thread.open()
        await play.hears(HistoryLoaded)
        assert [message.text for message in thread.messages] == ["a1", "a2"]


@FLOW.scenario(on=MULTI)
async def threads_go_on_side_by_side(play: Play) -> None:
    """A message of one thread does not disturb the other."""
    async with two_remembered(play) as chat:
        first, second = chat.threads
        await play.says(first, "more of b")
        await play.says(second, "more of a")
        assert {thread["thread"] for thread in play.stage.overview()["threads"]} == {first.id, second.id}
        assert [first.state, second.state] == ["open", "open"]


@FLOW.scenario(on=MULTI, drawn=True)
async def a_thread_is_named_and_archived(play: Play) -> None:
    """A thread gets a name; archived, it has ended, and it stays so for the next chat."""
    async with play.talking() as (_, thread):
        await thread.rename("Order 4711")
        await play.hears(ThreadRenamed)
        await thread.archive()
        assert (await play.hears(ThreadEnded)).reason == "archived"
        far = play.far()
        assert (far["name"], far["archived"]) == ("Order 4711", True)
        with play.refused(IllegalState):
            await thread.send("too late")


@FLOW.scenario(on=MULTI)
async def a_thread_that_nobody_knows_is_archived_here(play: Play) -> None:
    """A thread without a message is known to this side only: named and archived without the network."""
    async with play.ready() as chat:
        thread = await chat.start_thread(name="Order 4711")
        await thread.rename("Order 4712")
        await thread.archive()
        assert (await play.hears(ThreadEnded)).reason == "archived"
        assert play.stage.overview()["threads"] == []


@FLOW.scenario("3.6 1E list", on=MULTI, drawn=True, short={"request_timeout": 3.0})
async def the_list_does_not_come(play: Play) -> None:
    """No answer comes: the socket is closed, and the chat tries again after a while."""
    play.do(Lose(match="FetchThreadList"))
    async with play.chat(connect=False) as chat:
        await chat.prepare()
        play.begin(chat)
        await chat.connect()
        await play.becomes("connected")
        await play.becomes("connecting")
        await play.becomes("ready")


@FLOW.scenario("3.6 3E metadata", on=MULTI, drawn=True)
async def one_thread_cannot_be_looked_at(play: Play) -> None:
    """What cannot be said of one thread does not keep the others from the app: the chat is ready."""
    play.do(Fail(match="LoadThreadMetadata"))
    async with two_remembered(play) as chat:
        assert sorted(thread.state for thread in chat.threads) == ["loaded", "received"]


@FLOW.scenario("3.6 3E metadata", on=MULTI, short={"request_timeout": 3.0})
async def one_thread_is_not_answered(play: Play) -> None:
    """No answer comes for one of the threads: the chat waits for it no longer than for any answer."""
    play.do(Lose(match="LoadThreadMetadata"))
    async with two_remembered(play) as chat:
        assert sorted(thread.state for thread in chat.threads) == ["loaded", "received"]


@FLOW.scenario("3.6 5E recovery failed", on=MULTI, drawn=True)
async def one_thread_cannot_be_opened(play: Play) -> None:
    """The far side does not have this thread: it has ended for the app, and the others stay."""
    async with two_remembered(play) as chat:
        play.do(Fail(match="RecoverThread"))
        first, second = chat.threads
        with play.refused(RemoteError):
            await first.open()
        assert (await play.hears(ThreadEnded)).reason == "failed"
        await second.open()


@FLOW.scenario("3.6 5E recovery failed", on=MULTI, short={"request_timeout": 3.0})
async def opening_a_thread_is_not_answered(play: Play) -> None:
    """No answer comes: the app is told, and may try again."""
    async with two_remembered(play) as chat:
        play.do(Lose(match="RecoverThread"))
        thread = chat.threads[0]
        with play.refused(ResponseTimeout):
            await thread.open()
        assert thread.state == "loaded"
        await thread.open()


@FLOW.scenario("3.6 6E archive failed", on=MULTI, drawn=True)
async def archiving_is_refused(play: Play) -> None:
    """The far side keeps the thread as it is: it is open as before."""
    async with play.talking() as (_, thread):
        play.do(Fail(match="ArchiveThread"))
        with play.refused(RemoteError):
            await thread.archive()
        assert thread.state == "open"
        await thread.archive()
        assert thread.state == "ended"


@FLOW.scenario("3.6 6E archive failed", on=MULTI, short={"request_timeout": 3.0})
async def archiving_is_not_answered(play: Play) -> None:
    """No answer comes: the thread is open as before, and the app is told."""
    async with play.talking() as (_, thread):
        play.do(Lose(match="ArchiveThread"))
        with play.refused(ResponseTimeout):
            await thread.archive()
        assert thread.state == "open"


@FLOW.scenario(on=MULTI)
async def a_thread_made_elsewhere_shows_up(play: Play) -> None:
    """A thread of the same customer that this device does not know shows itself with its first message."""
    async with two_remembered(play) as chat:
        play.do(AgentSays(thread=chat.threads[0].id, text="News of b"))
        assert (await play.hears(MessageReceived)).text == "News of b"


@FLOW.scenario(on=MULTI)
async def a_loss_brings_back_what_was_open(play: Play) -> None:
    """After a loss the list comes again, and the thread that was open is open again."""
    async with play.talking() as (chat, thread):
        play.do(DropSockets())
        await play.becomes("connecting")
        play.do(AgentSays(text="It left on Tuesday"))
        assert (await play.hears(MessageReceived)).text == "It left on Tuesday"
        await play.becomes("ready")
        assert thread.state == "open"
        assert chat.threads == (thread,)
