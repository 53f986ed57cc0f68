"""Deadlines as data: names with the absolute time at which the session wants to be called again."""

from math import inf

__all__ = ["Deadlines"]


class Deadlines:
    """Absolute times in UTC seconds by (name, reference). ``next`` is the earliest, or None.

    Nothing is due before ``rest_until``, which is no property: every input looks at it.
    """

    __slots__ = ("_stale", "_times", "rest_until")

    def __init__(self) -> None:
        self._times: dict[tuple[str, str | int], float] = {}
        self.rest_until = inf
        self._stale = False

    @property
    def next(self) -> float | None:
        """The earliest deadline, or None."""
        if self._stale:
            self.rest_until = min(self._times.values(), default=inf)
            self._stale = False
        return self.rest_until if self._times else None

    def set(self, name: str, at: float, ref: str | int = "") -> None:
        """Set or move a deadline."""
        self._times[name, ref] = at
        if at < self.rest_until:
            self.rest_until = at
        else:
            self._stale = True

    def clear(self, name: str, ref: str | int = "") -> None:
        """Remove a deadline, if it is set."""
        if self._times.pop((name, ref), None) is not None:
            self._stale = True

    def at(self, name: str, ref: str | int = "") -> float | None:
        """Return when a deadline is due, or None if it is not set."""
        return self._times.get((name, ref))

    def pop_due(self, now: float) -> tuple[str, str | int] | None:
        """Remove and return the earliest deadline that is due, or None. Equal times come in the order they were set."""
        due = self.next
        if due is None or due > now:
            return None
        key = min(self._times, key=self._times.__getitem__)
        del self._times[key]
        self._stale = True
        return key
