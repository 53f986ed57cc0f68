"""A handle stands for an id: it shows what the chat knows of it now, and outlives what it stands for."""

import gc
from typing import Any

import pytest

from deskline import EndReason, IllegalState, InvalidValue, MessageStatus, Policy, ThreadState
from deskline_center.controls import AgentSays
from deskline_center.cxone import CXoneChannel, channel_id
from deskline_core.inputs import AppRequest
from tests.contract.far_side import desk
from tests.contract.kits import ARRIVED, Kit, Vendor, on_all, on_both


@on_both
async def test_a_live_chat_that_is_opened_again_shows_in_the_handle_that_is_held(kit: Kit) -> None:
    channel = CXoneChannel(id=channel_id("live", "legacy"), mode="live", closed_live_chat="reopen")
    async with desk(kit, channels=(channel,)) as d, d.ready("live") as chat:
        thread = await chat.thread()
        first = await thread.send("hello")
        await first.settled()
        await thread.end()
        reasons = [thread.reason]
        d.network.cut()
        d.do(AgentSays(thread=thread.id, text="me again"))
        await chat.ready()
        await kit.sleep(30)
        assert await chat.thread() is thread
        assert thread.state is ThreadState.OPEN
        assert [*reasons, thread.reason] == [EndReason.CUSTOMER, None]
        assert [m.text for m in thread.messages] == ["hello", "me again"]
        assert first.status is MessageStatus.DELIVERED
        assert await (await thread.send("and me")).settled() is MessageStatus.DELIVERED


@on_all
async def test_a_handle_whose_thread_is_gone_shows_its_end_and_refuses(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready("live", vendor=vendor) as chat:
        thread = await chat.thread()
        message = await thread.send("hello")
        await message.settled()
        await chat.sign_out()
        assert chat.threads == ()
        assert thread.state is ThreadState.ENDED
        assert [m.text for m in thread.messages] == ["hello"]
        assert repr(message).endswith(f" {message.status}>")
        assert message.status in ARRIVED
        with pytest.raises(InvalidValue, match="there is no thread"):
            await thread.send("still there?")
        await chat.connect()
        again = await chat.thread()
        assert again is not thread
        assert thread.state is ThreadState.ENDED
        with pytest.raises(InvalidValue, match="there is no thread"):
            await thread.send("still there?")
        for ask in (thread.mark_read, thread.load_more, thread.end):
            with pytest.raises(InvalidValue, match="there is no thread"):
                await ask()


@on_all
async def test_a_thread_that_goes_before_its_caller_wakes_up_is_no_key_error(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d, d.ready(vendor=vendor) as chat:

        async def ask(_request: AppRequest) -> str:
            return "signed out meanwhile"

        runner: Any = chat._runner
        runner.ask = ask
        for call in (chat.start_thread(), chat.thread()):
            with pytest.raises(IllegalState, match="is gone again"):
                await call


@on_both
async def test_handles_do_not_pile_up(kit: Kit) -> None:
    async with desk(kit) as d, d.ready("multi", policy=Policy(threads=3)) as chat:
        held = await chat.start_thread(name="held")

        async def come_and_go(name: str) -> None:
            thread = await chat.start_thread(name=name)
            await (await thread.send("hello")).settled()
            await thread.archive()

        for number in range(8):
            await come_and_go(str(number))
        assert held in chat.threads
        gc.collect()
        assert len(chat._handles) == 1
        assert next(iter(chat.threads)) is held
