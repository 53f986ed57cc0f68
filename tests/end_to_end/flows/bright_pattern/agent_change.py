"""One agent hands over to another, and several at once (Bright Pattern reference, sections 8.2 and 8.4, flow F10)."""

from deskline import MessageReceived, MessageStatusChanged, PartyJoined, PartyLeft, TypingStarted, TypingStopped
from deskline_center.brightpattern.controls import PartyJoins, PartyLeaves
from deskline_center.controls import AgentJoins, AgentLeaves, AgentReads, AgentSays, AgentTypes, Hold
from tests.end_to_end.flows.bright_pattern.beginnings import said, served
from tests.end_to_end.flows.places import V2, both, of
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("bright pattern agent change", on=(V2,))
OTHER = 70113


@FLOW.scenario(on=both("who leaves comes first"), steps=("F10 1",), drawn=True)
async def another_agent_takes_over(play: Play) -> None:
    """Another agent comes and the first one goes, in either order; the stage stays, and they talk on."""
    async with served(play) as (_, thread):
        first = thread.agent
        assert first is not None
        play.do(AgentJoins(agent=OTHER))
        joined_first = play.place.name != "who leaves comes first"
        if joined_first:
            await play.hears(PartyJoined)
            assert (await play.hears(PartyLeft)).party == first
        else:
            assert (await play.hears(PartyLeft)).party == first
            await play.hears(PartyJoined)
        assert thread.stage == "connected"
        assert thread.agent is not None
        assert thread.agent.name.startswith("Ben")
        await play.says(thread, "Hello Ben")
        play.do(AgentSays(text="Hello"))
        assert (await play.hears(MessageReceived)).party == thread.agent


@FLOW.scenario(steps=("F10 1",))
async def back_in_the_queue(play: Play) -> None:
    """The agent gives the chat back to the queue, and another one takes it."""
    async with served(play) as (_, thread):
        play.do(AgentLeaves())
        await play.hears(PartyLeft)
        assert thread.agent is None
        play.do(AgentJoins(agent=OTHER))
        await play.hears(PartyJoined)
        await play.until(lambda _: thread.stage == "connected")
        assert thread.queue is None


@FLOW.scenario(steps=("F10 2",))
async def receipts_of_another_agent(play: Play) -> None:
    """The second agent reads what was written to the first: the receipt counts, whoever it is from."""
    async with served(play) as (_, thread):
        play.do(AgentJoins(agent=OTHER))
        await play.hears(PartyLeft)
        play.do(AgentReads())
        seen = await play.hears(MessageStatusChanged, lambda event: event.status == "seen")
        assert seen.message == thread.messages[-1].id


@FLOW.scenario(on=of("plain numbers"), drawn=True)
async def a_third_one_joins_in(play: Play) -> None:
    """An expert joins in beside the agent: each types and speaks as who they are, and the expert goes."""
    async with served(play) as (_, thread):
        agent = thread.agent
        assert agent is not None
        play.do(PartyJoins(agent=OTHER, kind="msteams"))
        expert = (await play.hears(PartyJoined)).party
        assert [party.id for party in thread.parties] == [agent.id, expert.id]
        play.do(AgentTypes(agent=OTHER))
        assert (await play.hears(TypingStarted)).party == expert
        play.do(AgentSays(text="It is the spring", agent=OTHER))
        await play.hears(TypingStopped)
        assert (await play.hears(MessageReceived)).party == expert
        play.do(PartyLeaves(agent=OTHER))
        assert (await play.hears(PartyLeft)).party == expert
        assert [party.id for party in thread.parties] == [agent.id]
        play.do(AgentSays(text="Thank you, Ben"))
        assert (await play.hears(MessageReceived)).party == agent
        assert said(thread)[-2:] == ["It is the spring", "Thank you, Ben"]


# --- what goes wrong ---


@FLOW.scenario("21 reordered", waits=True, drawn=True)
async def who_came_is_told_late(play: Play) -> None:
    """The newcomer is told of behind the one who went, and behind what they said: in the end all is right."""
    async with served(play) as (_, thread):
        play.do(Hold(match="chat_session_party_joined", seconds=play.seconds(3.0)))
        play.do(AgentJoins(agent=OTHER))
        play.do(AgentSays(text="Hello"))
        await play.hears(PartyLeft)
        assert (await play.hears(MessageReceived)).text == "Hello"
        joined = await play.hears(PartyJoined)
        assert thread.parties == (joined.party,)
