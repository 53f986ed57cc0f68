"""What outlives a chat: the store, the journal; and that many chats in one process leave one another alone."""

import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path

import pytest

from deskline import ChatState, MemoryStore, MessageStatus, Policy, SaveLost, StorageFailed
from deskline_center.cxone import channel_id
from deskline_center.model import Mode
from deskline_core.journal import verify
from tests.contract.far_side import desk
from tests.contract.kits import KITS, Kit, Vendor, on_all, on_both


@on_all
async def test_a_restart_keeps_who_the_customer_is(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d:
        store = MemoryStore()
        async with d.ready(vendor=vendor, store=store) as chat:
            first = await chat.thread()
            await (await first.send("one")).settled()
        async with d.ready(vendor=vendor, store=store) as chat:
            again = await chat.thread()
            assert again.id == first.id
            assert [m.text for m in again.messages] == ["one"]
        async with d.ready(vendor=vendor) as chat:
            assert (await chat.thread()).id != first.id
        assert len({t["customer"] for t in d.center.overview()["threads"] if t["messages"]}) == 1


@on_both
async def test_a_file_that_cannot_be_read_is_named(kit: Kit) -> None:
    async with desk(kit) as d:
        with pytest.raises(StorageFailed, match=r"the store '/missing/chat.db' cannot be opened: No such file"):
            async with d.open(store="/missing/chat.db"):
                pass


class BrokenStore:
    """A store of the app's own that cannot write."""

    def __init__(self) -> None:
        self.closed = False

    async def load(self) -> Mapping[str, str]:
        return {}

    async def write(self, changes: Mapping[str, str | None]) -> None:
        raise OSError("the disk is full")

    async def aclose(self) -> None:
        self.closed = True


@on_all
async def test_a_store_that_fails_is_told_and_the_chat_goes_on(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d:
        store = BrokenStore()
        async with d.open(vendor=vendor, store=store) as chat:
            events = chat.events()
            await chat.ready()
            thread = await chat.thread()
            with pytest.raises(StorageFailed):
                await thread.send("one")
        assert store.closed
        lost = [event async for event in events if isinstance(event, SaveLost)]
        assert lost
        assert "the disk is full" not in repr(lost)


@on_all
async def test_a_store_that_cannot_be_read_opens_no_chat(kit: Kit, vendor: Vendor) -> None:
    class Unreadable(BrokenStore):
        async def load(self) -> Mapping[str, str]:
            raise OSError("permission denied")

    async with desk(kit) as d:
        store = Unreadable()
        with pytest.raises(StorageFailed):
            async with d.open(vendor=vendor, store=store):
                pass
        assert store.closed


@on_all
async def test_a_store_that_never_closes_keeps_nobody_in_the_block(kit: Kit, vendor: Vendor) -> None:
    class Hanging(BrokenStore):
        async def aclose(self) -> None:
            await kit.sleep(1e9)

    async with desk(kit) as d:
        async with d.ready(vendor=vendor, store=Hanging(), policy=Policy(save_timeout=3.0)):
            began = kit.now()
        assert kit.now() - began < 4


@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_the_journal_holds_every_input_and_replays(kit: Kit, tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"

    async def scenario() -> None:
        async with desk(kit) as d, d.ready(journal=path) as chat:
            await (await (await chat.thread()).send("Good morning")).settled()

    kit.run(scenario)
    text = path.read_text("utf-8")
    assert verify(text.splitlines()).is_good
    for kind in ("Open", "ResponseReceived", "SocketOpened", "FrameReceived", "SendMessage", "Disconnect"):
        assert f'"{kind}"' in text


@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_a_journal_that_cannot_be_opened_opens_no_chat(kit: Kit, tmp_path: Path) -> None:
    async def scenario() -> None:
        async with desk(kit) as d:
            with pytest.raises(OSError, match="No such file"):
                async with d.open(journal=tmp_path / "missing" / "chat.jsonl"):
                    pass

    kit.run(scenario)


@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_a_journal_whose_disk_is_full_does_not_hurt_the_chat(kit: Kit, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        async with desk(kit) as d, d.ready(journal="/dev/full") as chat:
            thread = await chat.thread()
            for number in range(40):
                await (await thread.send(f"message {number}")).settled()
            assert chat.state is ChatState.READY

    with caplog.at_level(logging.WARNING, "deskline.journal"):
        kit.run(scenario)
    assert "the journal" in caplog.text


@on_both
async def test_many_chats_share_one_transport_and_do_not_meet(kit: Kit) -> None:
    async with desk(kit, script="echo") as d:
        done: list[str] = []

        async def hold(number: int, mode: Mode) -> None:
            async with d.ready(mode) as chat:
                thread = await chat.thread()
                await (await thread.send(f"I am {number}")).settled()
                await kit.sleep(10)
                texts = [m.text for m in thread.messages]
                assert texts[0] == f"I am {number}"
                assert f"You wrote: I am {number}" in texts or len(texts) >= 2
                done.append(thread.id)

        for number in range(12):
            d.group.start(partial(hold, number, ("single", "multi", "live")[number % 3]))
        await kit.sleep(60)
        assert len(set(done)) == 12
        assert d.network.sockets == ()


@pytest.mark.row("C9")
@on_both
async def test_sites_do_not_share_what_they_keep(kit: Kit) -> None:
    async with desk(kit) as d:
        identities = {
            d.site(mode, session).identity for mode in ("single", "multi", "live") for session in ("legacy", "secured")
        }
        assert len(identities) == 6
        assert all(channel_id("single", "legacy") in i for i in identities if i.endswith("11"))


@on_both
async def test_secured_sessions_work_as_legacy_ones_do(kit: Kit) -> None:
    async with desk(kit) as d, d.ready(site=d.site("live", "secured")) as chat:
        thread = await chat.thread()
        assert await (await thread.send("one")).settled() is MessageStatus.DELIVERED
        d.network.cut()
        await kit.sleep(30)
        assert chat.state is ChatState.READY


@on_both
async def test_tokens_that_cannot_be_read_are_named_as_what_they_are(kit: Kit) -> None:
    class Locked(BrokenStore):
        async def load(self) -> Mapping[str, str]:
            raise RuntimeError("locked")

    async with desk(kit) as d:
        with pytest.raises(StorageFailed, match="the tokens cannot be read: RuntimeError"):
            async with d.open(store=MemoryStore(), tokens=Locked()):
                pass
