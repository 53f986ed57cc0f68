"""What an app sees of messages that have not arrived: over a loss, a restart, a change of process and runtime."""

from collections.abc import Mapping

import pytest

from deskline import ChatClosed, InvalidValue, MemoryStore, MessageReceived, MessageStatus, Snapshot, StorageFailed
from deskline.testing import site_for
from deskline_center.controls import AgentJoins, AgentSays
from deskline_center.cxone import CXoneChannel
from tests.contract.far_side import Desk, desk
from tests.contract.kits import ARRIVED, Kit, Vendor, on_all


class Disk:
    """A store that may be full."""

    def __init__(self) -> None:
        self.full = False
        self._kept = MemoryStore()

    async def load(self) -> Mapping[str, str]:
        return await self._kept.load()

    async def write(self, changes: Mapping[str, str | None]) -> None:
        if self.full:
            raise OSError("no space left on the device")
        await self._kept.write(changes)

    async def aclose(self) -> None:
        await self._kept.aclose()


def said(d: Desk) -> list[str]:
    """Return what the center has of the customer, in its order."""
    contents = [message["content"] for message in d.overview()["threads"][-1]["messages"]]
    texts = [content["payload"]["text"] if "payload" in content else content.get("msg_text") for content in contents]
    return [text for text in texts if text in ("one", "two", "three", "four")]


@on_all
async def test_what_was_not_sent_is_sent_by_the_next_run(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d:
        store = MemoryStore()
        async with d.ready(vendor=vendor, store=store) as chat:
            thread = await chat.thread()
            await (await thread.send("one")).settled()
            await chat.disconnect()
            waiting = [await thread.send("two"), await thread.send("three")]
            assert [handle.status for handle in waiting] == [MessageStatus.QUEUED] * 2
        async with d.open(vendor=vendor, store=store, connect=False) as chat:
            assert [handle.id for handle in chat.outbox] == [handle.id for handle in waiting]
            assert [handle.message.text for handle in chat.outbox if handle.message] == ["two", "three"]
            assert chat.threads[-1].id == thread.id
            await chat.threads[-1].send("four")
            await chat.connect()
            for handle in chat.outbox:
                assert await handle.settled() in ARRIVED
            assert chat.outbox == ()
        assert said(d) == ["one", "two", "three", "four"]


@on_all
async def test_what_came_while_nobody_ran_is_news(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d:
        store = MemoryStore()
        async with d.ready(vendor=vendor, store=store) as chat:
            heard = chat.wait_for(MessageReceived, lambda event: event.text == "before")
            await (await (await chat.thread()).send("one")).settled()
            d.do(AgentJoins())
            d.do(AgentSays(text="before"))
            await heard
            await kit.sleep(2)
        d.do(AgentSays(text="meanwhile"))
        async with d.open(vendor=vendor, store=store) as chat:
            events = chat.events()
            await chat.ready()
            texts = [message.text for message in chat.threads[-1].messages]
            assert texts[-3:] == ["one", "before", "meanwhile"]
        assert [event.text async for event in events if isinstance(event, MessageReceived)] == ["meanwhile"]


@on_all
async def test_a_frozen_chat_goes_on_elsewhere(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d:
        async with d.ready(vendor=vendor) as chat:
            thread = await chat.thread()
            await (await thread.send("one")).settled()
            await chat.disconnect()
            two = await thread.send("two")
            frozen = await chat.freeze()
            with pytest.raises(ChatClosed):
                await thread.send("three")
            with pytest.raises(ChatClosed):
                await chat.freeze()
        text = frozen.text()
        assert "two" in text
        assert "two" not in repr(frozen)
        store = MemoryStore({"message.old": "{}"})
        async with d.open(vendor=vendor, restored=Snapshot.read(text), store=store) as chat:
            assert store.kept == dict(frozen.records)
            (handle,) = chat.outbox
            assert handle.id == two.id
            assert await handle.settled() in ARRIVED


@on_all
async def test_a_freeze_that_is_given_up_takes_nothing_from_the_store(kit: Kit, vendor: Vendor) -> None:
    class Slow(MemoryStore):
        async def write(self, changes: Mapping[str, str | None]) -> None:
            await kit.sleep(1)
            await super().write(changes)

    async with desk(kit) as d:
        store = Slow()
        async with d.ready(vendor=vendor, store=store) as chat:
            message = await (await chat.thread()).send("one")
            assert await message.settled() in ARRIVED
            assert f"message.{message.id}" in store.kept  # that it has arrived waits to be written
            async with kit.cancel_after(0.1):
                await chat.freeze()
            assert f"message.{message.id}" in store.kept
        assert f"message.{message.id}" not in store.kept


@on_all
async def test_what_cannot_be_kept_is_not_sent(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d:
        store = Disk()
        async with d.ready(vendor=vendor, store=store) as chat:
            thread = await chat.thread()
            store.full = True
            with pytest.raises(StorageFailed, match="the message could not be kept"):
                await thread.send("one")
            store.full = False
            assert await (await thread.send("two")).settled() in ARRIVED
        assert said(d) == ["two"]


@on_all
async def test_a_snapshot_of_another_site_is_refused(kit: Kit, vendor: Vendor) -> None:
    elsewhere = site_for(CXoneChannel(id="chat_1"), "http://localhost:8080")
    async with desk(kit) as d:
        with pytest.raises(InvalidValue, match="the snapshot is of 'nowhere'"):
            async with d.open(vendor=vendor, restored=Snapshot(site="nowhere", records={})):
                pass
        assert elsewhere.identity != "nowhere"
