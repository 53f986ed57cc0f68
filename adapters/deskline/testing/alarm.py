"""The time of whichever loop runs, and an alarm in it: for what stands beside the tasks of a program."""

import math
from collections.abc import Callable
from typing import Any, Protocol, final

from deskline_transports.runtime import current_runtime

__all__ = ["Alarm", "LoopTime"]


class _Timer(Protocol):
    """One alarm of one loop."""

    def set(self, at: float) -> None:
        """Ring at a time of the loop's own clock; infinity for never."""
        ...


def _home() -> object | None:
    """Return the loop that runs here, or None."""
    try:
        if current_runtime().name == "trio":
            import trio  # noqa: PLC0415 - only where it is loaded

            return trio.lowlevel.current_trio_token()
        import asyncio  # noqa: PLC0415 - only where it is loaded

        return asyncio.get_running_loop()
    except RuntimeError:
        return None


@final
class LoopTime:
    """Seconds that go on from one loop to the next, and stand still while none runs."""

    def __init__(self, start: float) -> None:
        self._last = start
        self._home: object | None = None
        self._zero = start

    def now(self) -> float:
        """Return the time, never less than before."""
        home = _home()
        if home is not None:
            seconds = current_runtime().now()
            if home is not self._home:
                self._home, self._zero = home, self._last - seconds
            self._last = max(self._last, self._zero + seconds)
        return self._last

    @staticmethod
    def runs() -> bool:
        """Whether a loop runs here."""
        return _home() is not None

    def in_loop(self, at: float) -> float:
        """Return the time of the loop's own clock."""
        return at - self._zero

    def from_loop(self, at: float) -> float:
        """Return what the loop's own clock calls ``at``."""
        return at + self._zero


@final
class Alarm:
    """Calls ``ring`` at a time, in whichever loop runs; one that was set in a loop that has ended is forgotten."""

    def __init__(self, time: LoopTime, ring: Callable[[], None]) -> None:
        self._time = time
        self._ring = ring
        self._home: object | None = None
        self._timer: _Timer | None = None

    def set(self, at: float | None) -> None:
        """Ring at ``at``, or not at all; does nothing where no loop runs."""
        home = _home()
        if home is None:
            return
        if home is not self._home or self._timer is None:
            self._home, self._timer = home, _timer(self._ring)
        self._time.now()
        self._timer.set(math.inf if at is None else self._time.in_loop(at))


def _timer(ring: Callable[[], None]) -> _Timer:
    if current_runtime().name == "trio":
        import trio  # noqa: PLC0415 - only where it is loaded

        from deskline.trio.waiting import TrioTimer  # noqa: PLC0415 - needs trio

        timer = TrioTimer(ring)
        trio.lowlevel.spawn_system_task(timer.run)
        return timer
    return _AsyncioTimer(ring)


class _AsyncioTimer:
    def __init__(self, ring: Callable[[], None]) -> None:
        import asyncio  # noqa: PLC0415 - only where it is loaded

        self._loop = asyncio.get_running_loop()
        self._ring = ring
        self._armed: Any = None

    def set(self, at: float) -> None:
        if self._armed is not None:
            self._armed.cancel()
        self._armed = None if at == math.inf else self._loop.call_at(at, self._ring)
