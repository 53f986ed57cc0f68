"""Timing side by side: what is compared runs in turns, so that a busy machine disturbs all alike."""

import gc
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from statistics import median
from time import perf_counter

import msgspec

__all__ = ["Figure", "collector_at_rest", "interleaved", "timed"]


class Figure(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the table: what was measured, beside what, and the goal.

    ``ratio`` is the value divided by the reference's; the goal holds for the ratio where there is one, else for the
    value. ``at_least`` turns the goal around.
    """

    id: str
    what: str
    value: float
    unit: str
    reference: str = ""
    reference_value: float | None = None
    goal: float | None = None
    at_least: bool = False
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """The value in terms of the reference; how many times faster than it where the goal is a least one."""
        if not self.reference_value:
            return None
        return self.reference_value / self.value if self.at_least else self.value / self.reference_value

    @property
    def met(self) -> bool | None:
        """Whether the goal is met; None where there is none."""
        if self.goal is None:
            return None
        judged = self.value if self.ratio is None else self.ratio
        return judged >= self.goal if self.at_least else judged <= self.goal


@contextmanager
def collector_at_rest() -> Generator[None]:
    """Keep what is there now out of the collector's sight; what the block makes is collected as ever."""
    gc.collect()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def timed(run: Callable[[], object], items: int) -> float:
    """Return the microseconds that each of so many items took."""
    start = perf_counter()
    run()
    return (perf_counter() - start) / items * 1e6


def interleaved(candidates: Mapping[str, Callable[[int], float]], repeats: int) -> dict[str, float]:
    """Run each candidate in turn, so many times and once more to warm up; return the medians.

    A candidate takes the number of the repeat, and returns what it cost.
    """
    costs: dict[str, list[float]] = {name: [] for name in candidates}
    for repeat in range(repeats + 1):
        for name, run in _in_turn(candidates, repeat):
            cost = run(repeat)
            if repeat:
                costs[name].append(cost)
    return {name: median(found) for name, found in costs.items()}


def _in_turn(
    candidates: Mapping[str, Callable[[int], float]], repeat: int
) -> Sequence[tuple[str, Callable[[int], float]]]:
    """Each goes first once in a while: what runs behind another finds its caches."""
    pairs = list(candidates.items())
    first = repeat % len(pairs)
    return pairs[first:] + pairs[:first]
