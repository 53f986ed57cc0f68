"""Small worlds, all of them: one customer, two messages, and up to two faults at any of the first deliveries.

Every parcel takes the same time, so that a world is told by its faults alone: what becomes of which delivery, counted
from 0. At each delivery it arrives, or has one of the fates that a parcel of its kind can have
(:data:`~deskline_center.simulation.parcels.FATES`): that is the whole of the choice, and it is walked to its end.
"""

from collections.abc import Iterator, Mapping
from typing import Final, Literal

from deskline_core.brightpattern.site import BrightPattern
from deskline_core.cxone.site import CXone
from deskline_core.policy import Policy

from ..brightpattern.channel import BrightPatternChannel
from ..cxone.channel import CXoneChannel, channel_id
from ..model import Mode
from .network import Network
from .parcels import FATES, Fate, Parcel, Strike
from .plan import BASE, Plan, Settings, Step, Vendor
from .promises import Broken
from .simulation import broken_by
from .world import World

__all__ = ["HORIZON", "SmallWorlds"]

HORIZON: Final = 40
"""At how many deliveries, from the first on, a fault may strike."""
_AMOUNTS: Final[Mapping[Fate, float]] = {"hold": 3.0, "fail": 503.0}
_LEFT_OUT: Final = "repeat"
"""A proxy that sends a request again doubles a message wherever the center stores what it knows already."""
_STEPS: Final = (Step(1.0, 0, "say", 1), Step(1.015, 0, "agent says", 1))
"""Both messages are under way at the same time."""

Choices = Mapping[int, Fate]


class SmallWorlds:
    """All worlds of one channel: a vendor's, and of CXone's a ``mode``, with sessions secured or not."""

    def __init__(self, vendor: Vendor, mode: Mode = "live", *, secured: bool = False) -> None:
        self.vendor: Vendor = vendor
        self._settings = _settings(vendor, mode, secured=secured)

    @classmethod
    def all(cls) -> Iterator[tuple[str, "SmallWorlds"]]:
        """Yield the small worlds of every kind of channel, each with a title."""
        for mode in ("single", "multi", "live"):
            for secured in (False, True):
                yield f"CXone {mode}, {'secured' if secured else 'legacy'}", cls("cxone", mode, secured=secured)
        yield "Bright Pattern", cls("bright-pattern")

    def run(self, choices: Choices, horizon: int = HORIZON) -> tuple[list[str], Broken | None]:
        """Run the world with these faults; return the kinds of the first deliveries, and the promise it broke."""
        kinds: list[str] = []

        def choose(_network: Network, parcel: Parcel) -> Strike | None:
            place = len(kinds)
            if place >= horizon:
                return None
            kinds.append(parcel.kind)
            fate = choices.get(place)
            return None if fate is None else Strike(fate, (), _AMOUNTS.get(fate, 0.0))

        world = World(self._settings, choose=choose)
        world.is_calm = True
        return kinds, broken_by(world, Plan(self._settings, _STEPS))

    def walk(self, faults: int = 2, horizon: int = HORIZON) -> Iterator[tuple[Choices, Broken | None]]:
        """Run every world with at most so many faults within the horizon; yield each with the promise it broke."""
        waiting: list[dict[int, Fate]] = [{}]
        while waiting:
            choices = waiting.pop()
            kinds, broken = self.run(choices, horizon)
            yield choices, broken
            if len(choices) < faults:
                first = max(choices, default=-1) + 1
                for place in range(len(kinds) - 1, first - 1, -1):
                    for fate in FATES[kinds[place]]:
                        more: dict[int, Fate] = {**choices, place: fate}
                        if fate != _LEFT_OUT:
                            waiting.append(more)


def _settings(vendor: Vendor, mode: Mode, *, secured: bool) -> Settings:
    session: Literal["legacy", "secured"] = "secured" if secured else "legacy"
    channel = (
        CXoneChannel(id=channel_id(mode, session), mode=mode, session=session)
        if vendor == "cxone"
        else BrightPatternChannel(id="harbour-chat")
    )
    site = CXone.local(BASE, channel.brand, channel.id) if isinstance(channel, CXoneChannel) else None
    return Settings(
        seed=0, vendor=vendor, customers=1, channel=channel, policy=Policy(), skews=(0.0,), drops_repeats=False,
        site=site or BrightPattern(url=BASE, app_id=channel.id),
    )  # fmt: skip
