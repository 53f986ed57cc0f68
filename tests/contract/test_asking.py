"""Asking: cancelled calls withdraw, refusals are typed, and a chat belongs to one loop and one thread."""

import asyncio
import threading
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest
import trio

from deskline import ChatState, CXone, IllegalState, InvalidValue, LimitReached, MessageStatus, Policy
from tests.contract.far_side import desk
from tests.contract.kits import ARRIVED, Kit, Vendor, on_all


@on_all
async def test_a_cancelled_call_withdraws_its_request(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.open(vendor=vendor, connect=False) as chat:
        async with kit.cancel_after(5):
            await chat.start_thread()
        await chat.connect()
        await chat.ready()
        await kit.sleep(10)
        assert chat.threads == ()  # nobody waits for a thread any more, so there is none
        assert chat._runner._asked == {}


@on_all
async def test_a_cancelled_wait_leaves_the_message_as_it_is(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        thread = await chat.thread()
        await chat.enter_background()
        message = await thread.send("one")
        async with kit.cancel_after(5):
            await message.settled()
        assert message.status is MessageStatus.QUEUED
        await chat.enter_active()
        assert await message.settled() in ARRIVED


@on_all
async def test_a_queued_message_can_be_discarded(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        thread = await chat.thread()
        await chat.enter_background()
        message = await thread.send("one")
        await message.discard()
        assert message.status is None
        assert message.message is None
        with pytest.raises(InvalidValue):
            await message.settled()


@on_all
async def test_refusals_are_typed_and_change_nothing(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor, policy=Policy(outbox=2)) as chat:
        thread = await chat.thread()
        for wrong in ("", "x" * 100_000):
            with pytest.raises(InvalidValue):
                await thread.send(wrong)
        await chat.enter_background()
        await thread.send("one")
        await thread.send("two")
        with pytest.raises(LimitReached):
            await thread.send("three")
        delivered = thread.message(thread.messages[-1].id)
        with pytest.raises(IllegalState):
            await delivered.retry()


@pytest.mark.row("M19")
@on_all
async def test_calls_from_another_thread_are_refused(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        refused: list[str] = []

        def elsewhere() -> None:
            calls: tuple[Callable[[], object], ...] = (
                chat.network_returned,
                chat.events,
                lambda: _step(chat.ready()),
                lambda: trio.run(chat.ready),
                lambda: asyncio.run(chat.ready()),
            )
            for call in calls:
                try:
                    call()
                except IllegalState as error:
                    refused.append(str(error))

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert len(refused) == 5
        assert "one chat belongs to one loop and thread" in refused[0]
        assert chat.state is ChatState.READY


def _step(coroutine: Coroutine[Any, Any, None]) -> None:
    try:
        coroutine.send(None)
    finally:
        coroutine.close()


@on_all
async def test_requests_of_many_tasks_are_settled_each_for_its_own(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        thread = await chat.thread()
        settled: dict[str, str] = {}

        async def say(text: str) -> None:
            message = await thread.send(text)
            await message.settled()
            assert message.message is not None
            settled[text] = message.message.text

        for number in range(30):
            d.group.start(partial(say, f"message {number}"))
        await kit.sleep(60)
        assert settled == {text: text for text in (f"message {number}" for number in range(30))}


@on_all
async def test_what_is_no_kind_of_event_and_no_site_is_refused_at_once(kit: Kit, vendor: Vendor) -> None:
    wrong: Any = "MessageReceived"
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:
        with pytest.raises(InvalidValue, match="wait_for wants a kind of event"):
            await chat.wait_for(wrong)
        answers: Any = {"topic": "mug"}
        with pytest.raises(InvalidValue, match="the id of a thread is a text"):
            await chat.thread(answers)
    with pytest.raises(InvalidValue, match="a chat needs a site"):
        async with kit.package.open_chat("http://127.0.0.1"):
            pass
    with pytest.raises(InvalidValue, match="policy must be a Policy"):
        async with kit.package.open_chat(CXone(environment="EU1", brand_id=1, channel_id="chat_1"), policy={}):
            pass
