"""Messages in pieces and messages that come cut, through the public face, on both runtimes, in virtual time."""

from deskline import (
    Chat,
    ContentKind,
    ErrorReceived,
    MessageReceived,
    MessageStatus,
    MessageStatusChanged,
    MessageUpdated,
    PartyAlerted,
    PartyPreferred,
    PartyStatusChanged,
    QueueChanged,
    StreamFailed,
    TextAppended,
    Thread,
    ThreadRenamed,
)
from deskline_center.controls import (
    AgentJoins,
    AgentReads,
    AgentRewrites,
    AgentSays,
    AgentStatus,
    AgentStreams,
    AlertAgent,
    Delay,
    Fail,
    MoveContact,
    NameThread,
    PreferAgent,
    StreamPiece,
)
from deskline_center.cxone import CXoneChannel, channel_id
from deskline_core.policy import Policy
from tests.contract.far_side import desk
from tests.contract.kits import Kit, next_of, on_both


async def talking(chat: Chat) -> Thread:
    thread = await chat.thread()
    await (await thread.send("Where is it?")).settled()
    return thread


@on_both
async def test_a_message_grows_before_the_app_s_eyes(kit: Kit) -> None:
    async with desk(kit) as d, d.ready() as chat:
        thread = await talking(chat)
        events = chat.events()
        began = kit.now()
        d.do(AgentStreams(pieces=("On its ", "way, ", "Kit."), seconds=2))
        received = await next_of(events, MessageReceived)
        assert (received.text, received.message.kind) == ("", ContentKind.STREAM)
        told = [(await next_of(events, TextAppended)).text for _ in range(3)]
        assert told == ["On its ", "way, ", "Kit."]
        assert kit.now() - began == 6
        whole = await next_of(events, MessageUpdated)
        assert (whole.message.text, whole.message.kind) == ("On its way, Kit.", ContentKind.TEXT)
        assert thread.messages[-1] == whole.message


@on_both
async def test_a_stream_outlives_the_socket(kit: Kit) -> None:
    async with desk(kit) as d, d.ready() as chat:
        thread = await talking(chat)
        events = chat.events()
        d.do(AgentStreams(pieces=("On its ", "way."), seconds=3))
        await next_of(events, MessageReceived)
        d.network.cut()
        whole = await next_of(events, MessageUpdated)
        assert whole.message.text == "On its way."
        await chat.ready()
        assert [message.text for message in thread.messages] == ["Where is it?", "On its way."]


@on_both
async def test_what_fails_on_the_way_is_told_and_stays(kit: Kit) -> None:
    async with desk(kit) as d, d.ready(policy=Policy(stream_silence=10)) as chat:
        thread = await talking(chat)
        events = chat.events()
        for control, cause in (
            (AgentStreams(pieces=("On its ",), end="close"), "it ended before the message did"),
            (AgentStreams(pieces=("On its ",), end="cut"), "the connection was lost"),
            (AgentStreams(pieces=("On its ",), end="open"), "no answer in 10 s"),
        ):
            d.do(control)
            failed = await next_of(events, StreamFailed)
            assert cause in failed.cause
            assert thread.message(failed.message).message is not None
            assert thread.messages[-1].text == "On its "
        d.do(AgentStreams(end="open"))
        await next_of(events, MessageReceived)
        await kit.settle()
        d.do(StreamPiece(raw="data: no JSON\n\n"))
        assert (await next_of(events, StreamFailed)).cause == "its data is not JSON"
        d.do(AgentStreams(url="http://203.0.113.7/stream"))
        assert (await next_of(events, StreamFailed)).cause == "its address is not trusted"
        d.do(Fail(match="rest:stream", status=404))
        d.do(AgentStreams(pieces=("x",)))
        assert (await next_of(events, StreamFailed)).cause == "answered 404"


@on_both
async def test_leaving_a_chat_leaves_no_stream_behind(kit: Kit) -> None:
    async with desk(kit) as d:
        async with d.ready() as chat:
            await talking(chat)
            events = chat.events()
            d.do(AgentStreams(pieces=("On its ",), end="open"))
            await next_of(events, TextAppended)
        await kit.settle()
        assert kit.strays(d.group) == 0


@on_both
async def test_the_rest_of_a_cut_message_is_fetched(kit: Kit) -> None:
    async with desk(kit) as d, d.ready() as chat:
        thread = await talking(chat)
        events = chat.events()
        d.do(Delay(match="rest:message", seconds=2))
        d.do(AgentSays(text="A long answer", partial=True))
        first = await next_of(events, MessageReceived)
        d.do(AgentSays(text="Anything else?"))
        assert (await next_of(events, MessageReceived)).text == "Anything else?"
        await kit.sleep(3)
        assert [message.id for message in thread.messages][-2] == first.message.id
        d.do(Fail(match="rest:message", status=401))
        d.do(AgentSays(text="Another one", partial=True))
        failed = await next_of(events, ErrorReceived)
        assert (failed.code, thread.messages[-1].text) == ("FullContentFailed", "Another one")


@on_both
async def test_what_is_told_more_than_once_is_shown_once(kit: Kit) -> None:
    channel = CXoneChannel(id=channel_id("single", "legacy"), mode="single", chatty=True)
    async with desk(kit, channels=(channel,)) as d, d.ready() as chat:
        events = chat.events()
        thread = await chat.thread()
        message = await thread.send("Where is it?")
        assert await message.settled() is MessageStatus.DELIVERED
        d.do(AgentJoins())
        d.do(AgentSays(text="On its way."))
        assert (await next_of(events, MessageReceived)).text == "On its way."
        d.do(AgentReads())
        seen = await next_of(events, MessageStatusChanged)
        assert seen.status is MessageStatus.SEEN
        await kit.settle()
        assert [m.text for m in thread.messages] == ["Where is it?", "On its way."]
        d.do(AgentSays(text="Bye."))
        assert (await next_of(events, MessageReceived)).text == "Bye."  # and nothing between


@on_both
async def test_what_happens_around_a_conversation_is_told(kit: Kit) -> None:
    async with desk(kit) as d, d.ready("multi") as chat:
        thread = await talking(chat)
        events = chat.events()
        d.do(MoveContact(queue="Repairs"))
        assert (await next_of(events, QueueChanged)).queue == "Repairs"
        d.do(AlertAgent(agent=70113))
        assert (await next_of(events, PartyAlerted)).party.id == "70113"
        d.do(PreferAgent(agent=70113))
        preferred = (await next_of(events, PartyPreferred)).party
        assert preferred is not None
        assert preferred.id == "70113"
        d.do(NameThread(name="Parcel"))
        assert (await next_of(events, ThreadRenamed)).name == thread.name == "Parcel"
        d.do(AgentStatus(status="na", tell=True))
        assert (await next_of(events, PartyStatusChanged)).status == "na"
        d.do(AgentSays(text="wrong"))
        d.do(AgentRewrites(text="right"))
        assert (await next_of(events, MessageUpdated)).message.text == "right"
        assert thread.messages[-1].text == "right"
