"""The line goes and comes back, the app goes out of sight, the user leaves: the state is always the true one."""

import pytest

from deskline import (
    ChatOffline,
    ChatState,
    ChatStateChanged,
    ConnectionLost,
    Events,
    MessageReceived,
    MessageStatus,
    NotConnected,
    Policy,
)
from deskline_center.controls import AgentJoins, AgentSays, Availability, DropSockets
from deskline_core.policy import Backoff
from tests.contract.far_side import desk
from tests.contract.kits import ARRIVED, Kit, Vendor, next_of, on_all, on_both


async def state(events: Events, wanted: ChatState) -> None:
    while (await next_of(events, ChatStateChanged)).state is not wanted:
        pass


@on_both
async def test_a_lost_socket_is_seen_at_once_and_comes_back_by_itself(kit: Kit) -> None:
    async with desk(kit) as d, d.ready() as chat:
        thread = await chat.thread()
        await (await thread.send("one")).settled()
        d.do(AgentJoins())
        events = chat.events()
        d.network.cut()
        await state(events, ChatState.CONNECTING)
        waiting = await thread.send("two")
        assert waiting.status is MessageStatus.QUEUED
        with pytest.raises(NotConnected):
            await thread.send_transcript("ada@example.test")
        d.do(AgentSays(text="said meanwhile"))
        received = await next_of(events, MessageReceived)
        assert received.text == "said meanwhile"
        assert await waiting.settled() is MessageStatus.DELIVERED
        assert chat.state is ChatState.READY
        assert sorted(m.text for m in thread.messages) == ["one", "said meanwhile", "two"]


@on_all
async def test_a_message_that_may_have_been_written_is_neither_lost_nor_doubled(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        thread = await chat.thread()
        await (await thread.send("one")).settled()
        doubtful = await thread.send("two")
        d.cut()  # the frame is on its way, or not
        await doubtful.settled()
        there = [m for m in d.center.overview()["threads"][0]["messages"] if m["message"] == doubtful.id]
        assert len(there) == (doubtful.status in ARRIVED)


@on_all
async def test_nobody_iterates_and_the_chat_goes_on(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        thread = await chat.thread()
        await (await thread.send("one")).settled()
        d.do(AgentJoins())
        forgotten = chat.events()  # held, never read
        for number in range(50):
            d.do(AgentSays(text=f"message {number}"))
            await kit.sleep(11)  # heartbeats go on, or the far side's pushes would not arrive; polls, too
        d.cut()
        await kit.sleep(60)
        assert chat.state is ChatState.READY
        assert len(thread.messages) == 51
        del forgotten


@on_all
async def test_the_background_closes_the_socket_and_keeps_the_wish(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        thread = await chat.thread()
        await (await thread.send("one")).settled()
        await chat.enter_background()
        await kit.settle()
        assert d.network.sockets == ()
        waiting = await thread.send("two")
        await kit.sleep(3600)
        assert waiting.status is MessageStatus.QUEUED
        await chat.enter_active()
        assert await waiting.settled() in ARRIVED


@on_all
async def test_a_chat_may_open_in_the_background(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.open(vendor=vendor, background=True) as chat:
        await kit.sleep(60)
        assert d.network.sockets == ()
        await chat.enter_active()
        await chat.ready()


@on_both
async def test_a_chat_may_open_without_connecting(kit: Kit) -> None:
    async with desk(kit) as d, d.open(connect=False) as chat:
        await kit.sleep(60)
        assert chat.state == "initial"
        await chat.set_customer("customer-17", "Ada", "Lovelace")
        await chat.prepare()
        assert chat.state is ChatState.PREPARED
        await chat.connect()
        await chat.ready()
        assert [s["customer"] for s in d.center.overview()["sockets"]] == ["customer-17"]


@on_all
async def test_disconnect_and_connect_again(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        thread = await chat.thread()
        await (await thread.send("one")).settled()
        await chat.disconnect()
        assert d.network.sockets == ()
        assert chat.state is ChatState.PREPARED
        await chat.connect()
        await chat.ready()
        assert await chat.thread() is thread


@on_both
async def test_sign_out_forgets_the_customer(kit: Kit) -> None:
    async with desk(kit) as d:
        store = d.memory_store()
        async with d.ready(store=store) as chat:
            await (await (await chat.thread()).send("one")).settled()
            assert store.kept
            await chat.sign_out()
            assert chat.state is ChatState.INITIAL
            assert chat.threads == ()
            await kit.settle()
            assert not [key for key in store.kept if "thread" in key or "credential" in key]


@on_all
async def test_nobody_is_there(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d:
        d.do(Availability(online=False))
        async with d.open("live", vendor=vendor) as chat:
            with pytest.raises(ChatOffline):
                await chat.ready()
            assert chat.state is ChatState.OFFLINE
            d.do(Availability(online=True))
            await kit.sleep(120)
            await chat.connect()
            await chat.ready()


@on_all
async def test_there_is_no_network(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d:
        d.network.reachable = False
        async with d.open(vendor=vendor) as chat:
            with pytest.raises(ConnectionLost):
                await chat.thread()
            with pytest.raises(NotConnected):  # nothing tries again by itself
                await chat.ready()
            d.network.reachable = True
            await chat.connect()
            await chat.ready()


@on_all
async def test_the_network_is_back(kit: Kit, vendor: Vendor) -> None:
    policy = Policy(backoff=Backoff(first=1000.0, jitter=(0.0, 0.0), ceiling=1000.0))
    async with desk(kit) as d, d.ready(vendor=vendor, policy=policy) as chat:
        await chat.thread()  # without one, Bright Pattern has no line that could be cut
        await kit.settle()
        events = chat.events()
        d.cut()
        await state(events, ChatState.CONNECTING)
        began = kit.now()
        chat.network_returned()
        await chat.ready()
        assert kit.now() - began < 100


@on_both
async def test_the_far_side_closes_in_order(kit: Kit) -> None:
    async with desk(kit) as d, d.ready() as chat:
        events = chat.events()
        d.do(DropSockets(code=1001, reason="maintenance"))
        await state(events, ChatState.CONNECTING)
        await chat.ready()


@on_all
async def test_a_suspended_machine_is_noticed(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        thread = await chat.thread()
        await (await thread.send("one")).settled()
        d.wall_ahead = 7200.0  # the lid was closed for two hours; the runtime's clock stood still
        answered = await thread.send("two")
        await answered.settled()
        message = answered.message
        assert message is not None
        assert chat._runner._clock.now() == pytest.approx(d.wall(), abs=1)
