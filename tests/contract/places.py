"""The sites at which the one script is played: each vendor's, in every reading of what its reference leaves open."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Literal

from deskline import BrightPattern, Chat, CXone
from deskline.testing import site_for
from deskline_center.brightpattern import APP_ID, BrightPatternChannel
from deskline_center.cxone import CXoneChannel, channel_id
from deskline_center.model import Channel
from tests.contract.far_side import Desk, desk
from tests.contract.kits import Kit
from tests.contract.projection import Owner

__all__ = ["CXONE", "PLACES", "Place"]

URL = "http://127.0.0.1"


@dataclass(frozen=True, eq=False)
class Place:
    """A site, and the channel that its center has for it."""

    name: str
    owner: Owner
    channel: Channel

    @property
    def site(self) -> CXone | BrightPattern:
        if "v1" in self.owner:
            return BrightPattern(url=URL, app_id=APP_ID, version="v1")
        return site_for(self.channel, URL)

    @asynccontextmanager
    async def open(self, kit: Kit, **options: Any) -> AsyncGenerator[tuple[Desk, Chat]]:
        """Open a chat there, with a center of its own."""
        async with desk(kit, channels=(self.channel,)) as d, d.open(site=self.site, **options) as chat:
            yield d, chat


def _cxone(session: Literal["legacy", "secured"]) -> Place:
    return Place(session, "cxone", CXoneChannel(id=channel_id("live", session), mode="live", session=session))


def _bright_pattern(name: str, owner: Owner = "v2", **settings: Any) -> Place:
    """Make a place where no scenario speaks: CXone's live chats have none."""
    settings = {"v1_is_full": owner == "full v1", **settings}
    return Place(name, owner, BrightPatternChannel(id=APP_ID, mode="live", greeting="", **settings))


CXONE = _cxone("legacy")
PLACES: tuple[Place, ...] = (
    CXONE,
    _cxone("secured"),
    _bright_pattern("v2"),
    _bright_pattern("redelivered", aborted_poll="redelivered"),
    _bright_pattern("unnoticed", aborted_poll="unnoticed"),
    _bright_pattern("first poll ended", parallel_poll="first_ended"),
    _bright_pattern("echo", echo=True),
    _bright_pattern("connected first", start_order="connected_first"),
    _bright_pattern("no connecting", start_order="no_connecting"),
    _bright_pattern("ended after inactivity", after_timeout="ended"),
    _bright_pattern("silent after the end", after_end="silent"),
    _bright_pattern("milliseconds", timestamps="milliseconds"),
    _bright_pattern("numbers", timestamps="number"),
    _bright_pattern("plain ids", numbering="plain"),
    _bright_pattern("polls without a body", empty_poll="no_body"),
    _bright_pattern("5511 and 404", empty_poll="5511_404"),
    _bright_pattern("history of messages alone", history="messages"),
    _bright_pattern("codes as numbers", error_codes="number"),
    _bright_pattern("v1", "v1"),
    _bright_pattern("v1 at its oldest", "v1", v1_stage="establishing", file_ids="empty", file_sender="session_id"),
    _bright_pattern("v1 with copies", "v1", v1_answer="copies"),
    _bright_pattern("v1 with receipts", "full v1"),
)
