"""The time that a session sees: UTC seconds that never decrease, on any runtime, real or virtual."""

import time
from collections.abc import Callable
from typing import Final, final

__all__ = ["LONGEST_SLEEP", "Clock"]

LONGEST_SLEEP: Final = 30.0
"""Seconds after which a sleeping timer looks at the clock again: a runtime's clock may stand still while the machine
is suspended, the wall clock does not."""

_ASTRAY: Final = 5.0
_ROUNDING: Final = 0.001


@final
class Clock:
    """One reading of the wall clock, carried on by the runtime's own clock.

    ``monotonic`` is the runtime's clock, ``wall`` gives UTC seconds. Where the wall clock is found more than 5 s ahead,
    the machine was suspended or the wall clock was set: then the time jumps ahead, too. It never jumps back.
    """

    __slots__ = ("_ahead", "_last", "_monotonic", "_wall")

    def __init__(self, monotonic: Callable[[], float], wall: Callable[[], float] = time.time) -> None:
        self._monotonic = monotonic
        self._wall = wall
        self._last = wall()
        self._ahead = self._last - monotonic()

    def now(self) -> float:
        """Return UTC seconds, never less than before."""
        now = self._ahead + self._monotonic()
        behind = self._wall() - now
        if behind > _ASTRAY:
            self._ahead += behind
            now += behind
        if now > self._last:  # noqa: PLR1730 # on every path, and half the price of max()
            self._last = now
        return self._last

    def reached(self, deadline: float) -> bool:
        """Whether the deadline is due; a difference that is only rounding counts as due, and as passed."""
        if self.now() < deadline - _ROUNDING:
            return False
        self._last = max(self._last, deadline)
        return True

    def wake_at(self, deadline: float) -> float:
        """Return when to wake for a deadline, by the runtime's clock; at most :data:`LONGEST_SLEEP` from now."""
        start = self._monotonic()
        return start + min(max(deadline - self._ahead - start, 0.0), LONGEST_SLEEP)
