"""What goes wrong between a program and a center in memory, and when: as data.

::

    BAD_DAY = (
        On(crossing="frame", contains="SendMessage", nth=2, do=Cut()),  # the second message, on its way
        On(crossing="answer", contains="/token", do=Slow(seconds=8)),
        At(seconds=60, do=Unreachable(seconds=20)),
        At(seconds=90, do=Fail(match="rest:token", status=401)),        # any control of the center's
    )
    center = MemoryCenter(faults=BAD_DAY)

What the center itself does wrong are its controls (:mod:`deskline_center.controls`): they go by names, not by places.
"""

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from typing import Any, Final, Literal, cast, final, get_args

from deskline_center.controls import Control
from deskline_core.errors import InvalidValue
from deskline_core.values import Value
from deskline_transports.memory import Crossing, Fate

__all__ = [
    "At",
    "Cut",
    "Double",
    "FaultPlay",
    "FaultScript",
    "HalfOpen",
    "NetworkFault",
    "On",
    "Slow",
    "Unreachable",
    "Vanish",
]


_Kind = Literal["open", "frame", "close", "request", "answer", "*"]
"""What crosses a network."""


class Cut(Value, frozen=True, kw_only=True):
    """The connection ends abruptly, and what is on its way in it never arrives. At a time: every connection."""


class Slow(Value, frozen=True, kw_only=True):
    """It takes so many seconds; later frames of its socket wait behind it. At a time: all from then on."""

    seconds: float


class Vanish(Value, frozen=True, kw_only=True):
    """It never arrives, and nobody is told. At a time: the next one that crosses."""


class Double(Value, frozen=True, kw_only=True):
    """It arrives twice. At a time: the next one that crosses."""


class HalfOpen(Value, frozen=True, kw_only=True):
    """From here on nothing passes in its socket, either way, and neither end is told. At a time: in all open ones."""


class Unreachable(Value, frozen=True, kw_only=True):
    """Every connection is cut, and for so many seconds all new ones are refused, with nothing sent."""

    seconds: float


NetworkFault = Cut | Slow | Vanish | Double | HalfOpen | Unreachable


class At(Value, frozen=True, kw_only=True):
    """Do something at a time: seconds since the time of the center began."""

    seconds: float
    do: NetworkFault | Control


class On(Value, frozen=True, kw_only=True):
    """Do something when a certain thing crosses the network.

    ``crossing`` is the opening of a socket, a frame, a close, a REST request or its answer; "*" any of them.
    ``contains`` is a part of the frame's text, else of the address; ``method`` that of a request. ``up`` tells whether
    it goes towards the center; None is both. ``nth`` counts such crossings from 1; from then on it happens ``times``
    times. Raises InvalidValue for a crossing that there is not.
    """

    crossing: _Kind
    do: NetworkFault | Control
    contains: str = ""
    method: str = ""
    up: bool | None = None
    nth: int = 1
    times: int = 1

    def __post_init__(self) -> None:
        if self.crossing not in (kinds := get_args(_Kind)):
            raise InvalidValue(f"{self.crossing!r:.50} crosses no network", hint=f"one of {', '.join(kinds)}")

    def is_meant(self, crossing: Crossing) -> bool:
        """Whether it is such a crossing."""
        return (
            self.crossing in ("*", crossing.kind)
            and self.contains in crossing.text
            and self.method in ("", crossing.method)
            and self.up in (None, crossing.up)
        )


FaultScript = Sequence[At | On]
"""What goes wrong; the order matters only where two things happen at once."""

_CALM: Final = Fate()
_FATES: Final[dict[type, Fate]] = {Cut: Fate(cut=True), Vanish: Fate(lost=True), Double: Fate(copies=2)}


@final
class FaultPlay:
    """A script in use. ``cut`` ends every connection, ``reach`` tells whether new ones get through."""

    def __init__(
        self,
        script: FaultScript,
        *,
        began: float,
        do: Callable[[Control], None],
        cut: Callable[[], None],
        reach: Callable[[bool], None],
    ) -> None:
        self._do = do
        self._cut = cut
        self._reach = reach
        self._order = count()
        self._timed: list[tuple[float, int, NetworkFault | Control | None]] = []
        self._awaited: list[On] = []
        self._seen: Counter[int] = Counter()
        self._dead: set[int] = set()
        self._open: set[int] = set()
        self._slow = 0.0
        self._next: list[NetworkFault] = []
        self._now = began
        for step in script:
            _check(step)
            if isinstance(step, At):
                self._later(began + step.seconds, step.do)
            else:
                self._awaited.append(step)

    @property
    def next_due(self) -> float | None:
        """When something happens next by itself."""
        return self._timed[0][0] if self._timed else None

    def pass_time(self, now: float) -> None:
        """Let happen what is due."""
        self._now = now
        while self._timed and self._timed[0][0] <= now:
            self._happen(heapq.heappop(self._timed)[2])

    def fate(self, crossing: Crossing) -> Fate:
        """Return what becomes of a crossing."""
        if crossing.kind == "open":
            self._open.add(crossing.socket)
        if crossing.socket in self._dead:
            return Fate(lost=True)
        found = [*self._met(crossing)]
        if not found and self._next:
            found = [self._next.pop(0)]
        fate = _CALM if not self._slow else Fate(delay=self._slow)
        for what in found:
            fate = self._fate(what, crossing) or fate
        return fate

    def _met(self, crossing: Crossing) -> Iterator[NetworkFault | Control]:
        for index, step in enumerate(self._awaited):
            if step.is_meant(crossing):
                self._seen[index] += 1
                if step.nth <= self._seen[index] < step.nth + step.times:
                    yield step.do

    def _fate(self, what: NetworkFault | Control, crossing: Crossing) -> Fate | None:
        """Return what becomes of one crossing, None if it goes as it would."""
        match what:
            case Cut() | Vanish() | Double():
                return _FATES[type(what)]
            case Slow(seconds=seconds):
                return Fate(delay=seconds)
            case HalfOpen():
                if crossing.socket:
                    self._dead.add(crossing.socket)
                return Fate(lost=True)
            case Unreachable():
                self._happen(what)
                return Fate(cut=True)
            case _:
                self._do(what)
                return None

    def _happen(self, what: NetworkFault | Control | None) -> None:
        match what:
            case None:
                self._reach(True)
            case Cut():
                self._cut()
            case Slow(seconds=seconds):
                self._slow = seconds
            case HalfOpen():
                self._dead |= self._open
            case Vanish() | Double():
                self._next.append(what)
            case Unreachable(seconds=seconds):
                self._reach(False)
                self._cut()
                if seconds < math.inf:
                    self._later(self._now + seconds, None)
            case _:
                self._do(what)

    def _later(self, at: float, what: NetworkFault | Control | None) -> None:
        heapq.heappush(self._timed, (at, next(self._order), what))


def _check(step: At | On) -> None:
    """Refuse what would never happen, or something else than it says."""
    known = isinstance(cast("Any", step), At | On) and isinstance(cast("Any", step.do), NetworkFault | Control)
    if not known:
        raise InvalidValue(f"a fault script has steps of At and On, not {step!r:.100}")
    wait = step.seconds if isinstance(step, At) else min(step.nth, step.times) - 1
    lasts = step.do.seconds if isinstance(step.do, Slow | Unreachable) else 0
    if not (wait >= 0 and lasts >= 0):
        raise InvalidValue(f"a fault is at no time before the beginning: {step!r:.100}")
