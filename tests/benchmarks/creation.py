"""V6 and the core's part of V5: what a session costs to make, and to keep."""

import gc
import tracemalloc
from collections.abc import Callable
from statistics import median

from deskline_core.policy import DEFAULT_POLICY
from deskline_core.session import Session
from tests.benchmarks import frames, sessions
from tests.benchmarks.measure import Figure, collector_at_rest, interleaved, timed

__all__ = ["core_memory", "creation"]

_MANY = 500
_KEPT = 100


def creation(repeats: int) -> list[Figure]:
    """V6: a new session object, as each chat makes one."""

    def new(_repeat: int) -> float:
        made: list[Session] = []

        def run() -> None:
            made.extend(
                Session(sessions.SITE, policy=DEFAULT_POLICY, seed=sessions.SEED, restored={}) for _ in range(_MANY)
            )

        with collector_at_rest():
            return timed(run, _MANY)

    found = interleaved({"new": new}, repeats)
    return [Figure(id="V6", what="a new session object", value=found["new"], unit="us", goal=50.0)]


def core_memory(repeats: int) -> list[Figure]:
    """V5: what a ready session with one thread holds, and what 100 messages of history add."""
    held = _traced(lambda _number: sessions.ready(), repeats)
    with_history = _traced(lambda number: _with_history(number * _KEPT), repeats)
    return [
        Figure(id="V5", what="core of a ready session, one thread, no history", value=held, unit="KiB", goal=4.0),
        Figure(id="V5", what="100 messages of history", value=with_history - held, unit="KiB", goal=150.0),
    ]


def _with_history(first: int) -> Session:
    session = sessions.ready()
    sessions.deliver(session, frames.messages_created(first, 100))
    return session


def _traced(make: Callable[[int], Session], repeats: int) -> float:
    """Return the KiB that each of many holds; all have a seed and a site in common."""
    make(0)
    sizes: list[float] = []
    for _ in range(min(repeats, 3)):
        kept: list[Session] = []
        gc.collect()
        tracemalloc.start()
        try:
            kept.extend(make(number) for number in range(_KEPT))
            gc.collect()
            sizes.append(tracemalloc.get_traced_memory()[0] / _KEPT / 1024)
        finally:
            tracemalloc.stop()
    return median(sizes)
