"""The in-memory center that users have too, with the words that the scenarios use."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from msgspec.structs import replace

from deskline import MemoryStore, Policy
from deskline.chat import Chat
from deskline.testing import MemoryCenter, site_for
from deskline_center import Script
from deskline_center.brightpattern import APP_ID, BrightPatternChannel, default_channel
from deskline_center.cxone import CXoneChannel, channel_id, default_channels
from deskline_center.model import Channel, Mode
from deskline_transports.memory import Crossing, Fate
from tests.contract.kits import Group, Kit, Vendor

__all__ = ["START", "Desk", "desk"]

START = 1_800_000_000.0
"""The UTC second at which every scenario begins."""


class Desk(MemoryCenter):
    """One center, one network, and ways to open chats with them."""

    def __init__(self, kit: Kit, group: Group, **rest: Any) -> None:
        super().__init__(start=START, **rest)
        self.kit = kit
        self.group = group

    def site(self, mode: Any = "single", session: Any = "legacy", vendor: Vendor = "cxone") -> Any:
        """Return the site of a vendor's channel."""
        if vendor == "cxone":
            return site_for(CXoneChannel(id=channel_id(mode, session)), "http://127.0.0.1")
        return site_for(BrightPatternChannel(id=APP_ID), "http://127.0.0.1")

    def open(self, mode: Mode = "single", *, vendor: Vendor = "cxone", site: Any = None, **options: Any) -> Any:
        """Open a chat, in virtual time. Bright Pattern's channels are of one kind."""
        return self.open_chat(site or self.site(mode, vendor=vendor), **{"policy": Policy(), **options})

    @asynccontextmanager
    async def ready(self, mode: Mode = "single", **options: Any) -> AsyncGenerator[Chat]:
        async with self.open(mode, **options) as chat:
            await chat.ready()
            yield chat

    def memory_store(self) -> MemoryStore:
        return MemoryStore()


def _quiet(script: str) -> BrightPatternChannel:
    """Return Bright Pattern's entry, in which no scenario says a word: CXone's have none."""
    return replace(default_channel(script=script), greeting="")


@asynccontextmanager
async def desk(
    kit: Kit,
    *,
    script: str = "",
    scripts: tuple[Script, ...] = (),
    channels: tuple[Channel, ...] | None = None,
    fate: Callable[[Crossing], Fate] | None = None,
) -> AsyncGenerator[Desk]:
    """Give a center, and see in the end that no socket and no poll is left open."""
    usual = (*default_channels(script=script), _quiet(script))
    async with kit.group() as group:
        desk = Desk(kit, group, channels=usual if channels is None else channels, scripts=scripts, fate=fate)
        yield desk
        assert desk.network.sockets == ()
        blind = {each.id for each in channels or () if getattr(each, "aborted_poll", "") == "unnoticed"}
        polled = [chat for chat in desk.overview().get("chats", ()) if chat["polling"]]
        assert [chat for chat in polled if chat["channel"] not in blind] == []
