"""What is due later: a queue of calls, each at an absolute time."""

from collections.abc import Callable
from heapq import heappop, heappush

__all__ = ["Deadlines", "Timer"]


class Timer:
    """One call that is due at ``at`` (UTC seconds). ``cancel`` may be called at any time, even twice."""

    __slots__ = ("at", "cancelled", "due")

    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at = at
        self.due = call
        self.cancelled = False

    def cancel(self) -> None:
        """See to it that the call is not made."""
        self.cancelled = True


class Deadlines:
    """All timers of one center, served in the order of their times; equal times in the order they were set."""

    __slots__ = ("_count", "_heap")

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, Timer]] = []
        self._count = 0

    def at(self, when: float, call: Callable[[], None]) -> Timer:
        """Arrange that ``call`` is made at ``when`` (UTC seconds)."""
        timer = Timer(when, call)
        self._count += 1
        heappush(self._heap, (when, self._count, timer))
        return timer

    @property
    def next(self) -> float | None:
        """The earliest time at which something is due, in UTC seconds, or None."""
        while self._heap and self._heap[0][2].cancelled:
            heappop(self._heap)
        return self._heap[0][0] if self._heap else None

    def take(self, now: float) -> tuple[float, Callable[[], None]] | None:
        """Remove the earliest call that is due at ``now``; return its time and the call."""
        if self.next is None or self._heap[0][0] > now:
            return None
        at, _, timer = heappop(self._heap)
        return at, timer.due
