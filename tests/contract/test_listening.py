"""Events: everyone sees everything, in order; who does not read costs nobody anything."""

import gc

import pytest

from deskline import (
    ChatClosed,
    ChatState,
    ChatStateChanged,
    EventsSkipped,
    FormRequested,
    IllegalState,
    InvalidValue,
    MessageReceived,
    PartyJoined,
    ThreadEnded,
    ThreadStateChanged,
)
from deskline_center.brightpattern.controls import PartyJoins, ShowForm
from deskline_center.controls import AgentJoins, AgentSays
from tests.contract.far_side import desk
from tests.contract.kits import Kit, Vendor, on_all, on_both


@pytest.mark.row("T-18")
@on_all
async def test_every_listener_sees_every_event(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d:
        async with d.open(vendor=vendor) as chat:
            first, second = chat.events(), chat.events()
            await chat.ready()
        seen = [event async for event in first]
        assert [e.state for e in seen if isinstance(e, ChatStateChanged)][-2:] == [ChatState.READY, ChatState.PREPARED]
        assert [event async for event in second] == seen
        assert [event async for event in chat.events()] == []


@on_all
async def test_a_slow_listener_loses_no_state_and_stalls_nobody(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        thread = await chat.thread()
        await (await thread.send("one")).settled()
        d.do(AgentJoins())
        await kit.settle()
        slow, quick = chat.events(limit=10), chat.events()
        for number in range(100):
            d.do(AgentSays(text=f"message {number}"))
        d.cut()
        await kit.sleep(60)
        assert chat.state is ChatState.READY
        await chat.disconnect()
        got = []
        async with slow:
            async for event in slow:
                got.append(event)
                if isinstance(event, ChatStateChanged) and event.state is ChatState.PREPARED:
                    break
        skipped = [event for event in got if isinstance(event, EventsSkipped)]
        assert len(skipped) == 1
        assert got[0] is skipped[0]
        assert len(got) <= 11
        everything = []
        async for event in quick:
            everything.append(event)
            if isinstance(event, ChatStateChanged) and event.state is ChatState.PREPARED:
                break
        assert skipped[0].count + len(got) - 1 == len(everything)
        assert got[1:] == [event for event in everything if event in got]
        assert sum(isinstance(event, MessageReceived) for event in everything) == 100
        assert len(thread.messages) == 101  # what was skipped can still be read


@on_all
async def test_the_latest_of_each_state_stays(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready("live", vendor=vendor) as chat:
        listener = chat.events(limit=8)
        thread = await chat.thread()
        for _ in range(5):
            thread = await chat.thread()
            await (await thread.send("one")).settled()
            await thread.end()
        await chat.disconnect()
        got = []
        async for event in listener:
            got.append(event)
            if isinstance(event, ChatStateChanged) and event.state is ChatState.PREPARED:
                break
        assert isinstance(got[0], EventsSkipped)
        assert {event.thread for event in got if isinstance(event, ThreadEnded | ThreadStateChanged)} >= {thread.id}


@on_both
async def test_the_latest_of_each_party_and_form_stays(kit: Kit) -> None:
    async with desk(kit) as d, d.ready(vendor="brightpattern") as chat:
        thread = await chat.thread()
        listener = chat.events(limit=14)
        for control in (
            AgentJoins(),
            PartyJoins(agent=70113),
            ShowForm(name="card", secure=True),
            ShowForm(name="topic"),
            ShowForm(name="other"),
            *(AgentSays(text=f"message {number}") for number in range(40)),
        ):
            d.do(control)
        await kit.sleep(5)
        await chat.disconnect()
        got = []
        async for event in listener:
            got.append(event)
            if isinstance(event, ChatStateChanged) and event.state is ChatState.PREPARED:
                break
        assert isinstance(got[0], EventsSkipped)
        assert [e.party.id for e in got if isinstance(e, PartyJoined)] == [party.id for party in thread.parties]
        assert [e.form.name for e in got if isinstance(e, FormRequested)] == ["card", "other"]
        assert [form.name for form in thread.forms] == ["card", "other"]


@on_all
async def test_who_is_not_held_is_let_go(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        held = chat.events()
        for _ in range(10):
            chat.events()
        gc.collect()
        assert len(chat._runner.listeners._refs) == 1
        await held.aclose()
        assert [event async for event in held] == []


@on_all
async def test_one_task_reads_a_listener_at_a_time(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        events = chat.events()

        async def read() -> None:
            async for _ in events:
                pass

        d.group.start(read)
        await kit.settle()
        with pytest.raises(IllegalState, match="another task"):
            await anext(events)


@on_all
async def test_a_limit_must_leave_room_for_what_is_skipped(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        with pytest.raises(InvalidValue):
            chat.events(limit=1)


@on_all
async def test_a_cancelled_reader_loses_no_event(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        events = chat.events()
        async with kit.cancel_after(1):
            await anext(events)
        await chat.disconnect()
        event = await anext(events)
        assert isinstance(event, ChatStateChanged)


@on_all
async def test_waiting_for_an_event_that_never_comes_ends_with_the_chat(kit: Kit, vendor: Vendor) -> None:
    ended: list[str] = []

    async with desk(kit) as d:
        async with d.ready(vendor=vendor) as chat:

            async def wait() -> None:
                try:
                    await chat.wait_for(MessageReceived)
                except ChatClosed as closed:
                    ended.append(closed.message)

            d.group.start(wait)
            await kit.settle()
        await kit.settle()
        assert ended == ["the chat was closed before a MessageReceived"]


@on_all
async def test_waiting_begins_with_the_call_and_not_with_the_await(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        await (await (await chat.thread()).send("one")).settled()
        second = chat.wait_for(MessageReceived, lambda event: event.text == "second")
        first = chat.wait_for(MessageReceived)
        d.do(AgentSays(text="first"))
        d.do(AgentSays(text="second"))
        await kit.settle()
        assert ((await first).text, (await second).text) == ("first", "second")


@on_all
async def test_waiting_that_is_never_begun_leaves_no_listener(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        waiting = chat.wait_for(MessageReceived)
        assert len(chat._runner.listeners._refs) == 1
        waiting.close()
        del waiting
        gc.collect()
        assert chat._runner.listeners._refs == []
