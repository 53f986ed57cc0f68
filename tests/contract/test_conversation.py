"""A customer and an agent talk: every word of the public face, on both runtimes, in virtual time."""

from math import inf

import pytest

from deskline import (
    ChatState,
    EndReason,
    IllegalState,
    InactivityCleared,
    InactivityWarned,
    InvalidValue,
    MessageReceived,
    MessageStatus,
    MessageStatusChanged,
    NotSupported,
    PartyJoined,
    PartyRole,
    QueuePositionChanged,
    ThreadEnded,
    ThreadState,
    TypingStarted,
    TypingStopped,
)
from deskline_center.controls import (
    AgentJoins,
    AgentLeaves,
    AgentReads,
    AgentSays,
    AgentTypes,
    CloseContact,
    WarnInactive,
)
from deskline_center.cxone import Choice, CXoneChannel, FieldDefinition, Survey, channel_id
from tests.contract.far_side import START, desk
from tests.contract.kits import ARRIVED, Kit, Vendor, next_of, on_all, on_both


@on_all
async def test_a_chat_opens_by_itself_and_is_entered_at_once(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.open(vendor=vendor) as chat:
        assert chat.state in {ChatState.INITIAL, ChatState.PREPARING}
        await chat.ready()
        assert chat.state is ChatState.READY
        assert "SendMessage" in chat.capabilities
        assert repr(chat) == "<Chat ready>"


@on_all
async def test_a_request_waits_for_what_it_needs(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.open(vendor=vendor) as chat:
        thread = await chat.thread()  # nothing is connected yet
        message = await thread.send("Good morning")
        assert await message.settled() in ARRIVED
        assert message.status in ARRIVED
        assert message.message is not None
        assert message.message.text == "Good morning"
        assert thread.message(message.id).status in ARRIVED
        assert thread.state is ThreadState.OPEN


@on_all
async def test_messages_travel_both_ways_and_are_seen(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        events = chat.events()
        thread = await chat.thread()
        message = await thread.send("Good morning")
        await message.settled()
        d.do(AgentJoins())
        d.do(AgentReads())
        d.do(AgentSays(text="What can I do for you?"))
        joined = received = None
        async for event in events:
            match event:
                case PartyJoined(party=party):
                    joined = party
                case MessageReceived(text=text, party=party):
                    received = (text, party.name)
                    break
                case _:
                    pass
        assert joined is not None
        assert joined.role is PartyRole.AGENT
        assert thread.agent == joined
        assert received == ("What can I do for you?", joined.name)
        assert message.status is MessageStatus.SEEN
        assert [m.text for m in thread.messages] == ["Good morning", "What can I do for you?"]
        assert [m.mine for m in thread.messages] == [True, False]
        d.do(AgentLeaves())
        await kit.settle()
        assert thread.agent is None


@on_all
async def test_the_current_thread_is_found_again(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        first = await chat.thread()
        await (await first.send("one")).settled()
        assert await chat.thread() is first
        assert await chat.thread(first.id) is first
        assert chat.threads == (first,)
        with pytest.raises(InvalidValue, match="there is no thread"):
            await chat.thread("3f0e9a5c-6f2b-4f6f-8f1a-10abcdef0000")


@on_all
async def test_typing_is_shown_to_both_sides(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        thread = await chat.thread()
        await (await thread.send("Good morning")).settled()
        d.do(AgentJoins())
        events = chat.events()
        await thread.start_typing()
        await kit.settle()
        assert d.center.overview()["threads"][0]["typing"] is True
        await thread.stop_typing()
        await kit.settle()
        assert d.center.overview()["threads"][0]["typing"] is False
        d.do(AgentTypes())
        typing = await next_of(events, TypingStarted)
        assert thread.typing == typing.party
        d.do(AgentTypes(typing=False))
        await next_of(events, TypingStopped)
        assert thread.typing is None


@on_all
async def test_a_live_chat_waits_in_the_queue_is_answered_and_ends(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready("live", vendor=vendor) as chat:
        events = chat.events()
        thread = await chat.thread()
        await (await thread.send("Good morning")).settled()
        assert (await next_of(events, QueuePositionChanged)).queue == thread.queue
        assert thread.queue is not None
        assert (thread.queue.position, thread.queue.estimated_wait) == (
            (1, None) if vendor == "cxone" else (None, 45.0)
        )
        d.do(AgentJoins())
        assert (await next_of(events, QueuePositionChanged)).queue is None
        await thread.end()
        assert (await next_of(events, ThreadEnded)).reason is EndReason.CUSTOMER
        assert thread.state is ThreadState.ENDED
        assert thread.reason is EndReason.CUSTOMER
        with pytest.raises(IllegalState):
            await thread.send("Hello?")


@on_all
async def test_a_new_conversation_follows_one_that_has_ended(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready("live", vendor=vendor) as chat:
        first = await chat.thread()
        await (await first.send("one")).settled()
        d.do(AgentJoins())
        ended = chat.events()
        d.do(CloseContact())
        assert (await next_of(ended, ThreadEnded)).reason is EndReason.AGENT
        second = await chat.thread()
        assert second is not first
        await (await second.send("two")).settled()
        assert second.state is ThreadState.OPEN
        assert chat.threads == (first, second)


@on_all
async def test_an_inactivity_warning_is_answered(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready("live", vendor=vendor) as chat:
        thread = await chat.thread()
        await (await thread.send("Good morning")).settled()
        d.do(AgentJoins())
        events = chat.events()
        d.do(WarnInactive(seconds=60))
        warned = await next_of(events, InactivityWarned)
        assert thread.inactivity == warned.inactivity
        seconds = 60 if vendor == "cxone" else inf  # Bright Pattern does not tell
        assert warned.inactivity.ends_at == pytest.approx(START + kit.now() + seconds, abs=1)
        await thread.stay()
        await next_of(events, InactivityCleared)
        await kit.sleep(120)
        assert thread.state is ThreadState.OPEN
        d.do(WarnInactive(seconds=60))
        await next_of(events, InactivityWarned)
        await thread.answer_inactivity(stay=False)
        assert (await next_of(events, ThreadEnded)).reason is EndReason.INACTIVITY
        again = await chat.thread()
        await (await again.send("Good morning")).settled()
        await again.end()
        assert again.reason is EndReason.CUSTOMER


@on_both
async def test_a_multi_thread_channel_has_several_named_threads(kit: Kit) -> None:
    async with desk(kit) as d, d.ready("multi") as chat:
        first = await chat.start_thread(name="Shoes")
        await (await first.send("one")).settled()
        second = await chat.start_thread(name="Boots")
        await (await second.send("two")).settled()
        assert await chat.thread() is second
        await second.rename("Wellingtons")
        await kit.settle()
        assert second.name == "Wellingtons"
        await first.archive()
        assert first.reason is EndReason.ARCHIVED


@on_both
async def test_older_messages_are_loaded_on_request(kit: Kit) -> None:
    channel = CXoneChannel(id=channel_id("single", "legacy"), page_size=5)
    async with desk(kit, channels=(channel,)) as d:
        store = d.memory_store()
        async with d.ready(store=store) as chat:
            thread = await chat.thread()
            for number in range(12):
                await (await thread.send(f"message {number}")).settled()
        async with d.ready(store=store) as chat:
            thread = await chat.thread()
            assert thread.has_more
            before = len(thread.messages)
            more = await thread.load_more()
            assert more > 0
            assert len(thread.messages) == before + more
            while thread.has_more:
                await thread.load_more()
            assert [m.text for m in thread.messages] == [f"message {number}" for number in range(12)]
            assert await thread.load_more() == 0


@on_both
async def test_the_survey_is_asked_and_answered(kit: Kit) -> None:
    survey = Survey(
        name="Before we start",
        fields=(
            FieldDefinition(ident="topic", label="What is it about?", required=True),
            FieldDefinition(
                ident="size",
                label="Size",
                type="list",
                choices=(Choice(name="s", value="S"), Choice(name="m", value="M")),
            ),
        ),
    )
    channel = CXoneChannel(id=channel_id("live", "legacy"), mode="live", survey=survey)
    async with desk(kit, channels=(channel,)) as d, d.ready("live") as chat:
        assert [(q.id, q.required) for q in chat.questions] == [("topic", True), ("size", False)]
        with pytest.raises(InvalidValue):
            await chat.thread()
        thread = await chat.thread(answers={"topic": "Order 4711", "size": "m"})
        await (await thread.send("Good morning")).settled()
        assert d.center.overview()["threads"][0]["contacts"][0]["fields"]["topic"] == "Order 4711"


@on_both
async def test_what_the_channel_cannot_do_is_refused_and_changes_nothing(kit: Kit) -> None:
    async with desk(kit) as d, d.ready() as chat:
        thread = await chat.thread()
        await (await thread.send("one")).settled()
        for call in (thread.end, lambda: thread.rename("x"), thread.archive):
            with pytest.raises(NotSupported) as refused:
                await call()
            assert refused.value.hint
        assert thread.state is ThreadState.OPEN


@on_all
async def test_reading_is_told_to_the_agent(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        thread = await chat.thread()
        await (await thread.send("one")).settled()
        d.do(AgentJoins())
        d.do(AgentSays(text="Hello"))
        await kit.settle()
        assert d.center.overview()["threads"][0]["messages"][-1]["seen"] is False
        await thread.mark_read()
        await kit.settle()
        assert d.center.overview()["threads"][0]["messages"][-1]["seen"] is True


@on_both
async def test_a_transcript_is_sent(kit: Kit) -> None:
    async with desk(kit) as d, d.ready("live") as chat:
        thread = await chat.thread()
        await (await thread.send("one")).settled()
        await thread.send_transcript("ada@example.test")
        assert len(d.center.overview()["letters"]) == 1


@on_all
async def test_an_event_can_be_waited_for(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        thread = await chat.thread()
        await thread.send("one")
        event = await chat.wait_for(MessageStatusChanged, lambda e: e.status in ARRIVED)
        assert event.thread == thread.id
