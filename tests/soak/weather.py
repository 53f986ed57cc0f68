"""What the network does to all these lines, by chance but from a seed: the far side's proxy carries it out."""

import asyncio
from collections import Counter
from collections.abc import Callable
from random import Random

from deskline.center import FaultProxy
from deskline.center.wire_faults import BlackHole, Cut, Drip, Lag, Refuse, Reset, StreamFault

__all__ = ["Weather"]

_EVERY = 0.25
_KINDS: dict[str, tuple[int, Callable[[Random], StreamFault]]] = {
    "reset": (8, lambda chance: Reset(after=chance.randrange(3000), watch=chance.choice(["up", "down"]))),
    "cut": (8, lambda chance: Cut(after=chance.randrange(3000), watch=chance.choice(["up", "down"]))),
    "drip": (3, lambda chance: Drip(size=chance.randrange(20, 200))),
    "lag": (3, lambda chance: Lag(seconds=chance.uniform(0.01, 0.2))),
    "black hole": (2, lambda chance: BlackHole(flows=chance.choice(["both", "up", "down"]))),
}
_SPELL, _STORM, _AWAY = 0.02, 0.01, 1.0


class Weather:
    """While it is ``bad``, some lines break or turn slow every quarter of a second, and now and then all of them. In
    between there is a fine spell, in which all heals.

    ``share`` of the open lines is struck in a second. ``struck`` counts what was armed or has struck all, by kind.
    """

    def __init__(self, proxy: FaultProxy, *, seed: int, share: float) -> None:
        self.bad = False
        self.struck: Counter[str] = Counter()
        self._proxy = proxy
        self._share = share
        self._chance = Random(seed)

    async def run(self) -> None:
        """Go on for ever."""
        while True:
            await asyncio.sleep(_EVERY)
            if not self.bad or self._chance.random() < _SPELL:
                self._proxy.heal()
            elif self._chance.random() < _STORM:
                await self._storm()
            else:
                self._some()

    def _some(self) -> None:
        times = self._proxy.open * self._share * _EVERY
        for _ in range(int(times) + (self._chance.random() < times % 1)):
            weights = [weight for weight, _ in _KINDS.values()]
            (kind,) = self._chance.choices(list(_KINDS), weights)
            self._proxy.arm(_KINDS[kind][1](self._chance))
            self.struck[kind] += 1

    async def _storm(self) -> None:
        """Nobody gets through for a while; what was swallowed until then is reset."""
        self._proxy.strike(Refuse())
        self._proxy.strike(Reset())
        self.struck["all refused"] += 1
        await asyncio.sleep(_AWAY)
        self._proxy.heal()
