# ruff: noqa: D102 # the Protocol says what its methods do
"""Ways to wait on trio that cost little: a signal with one waiter, and a timer that is one task."""

import math
from collections.abc import Callable
from typing import final

import trio
from trio.lowlevel import Abort, Task, current_task, reschedule, wait_task_rescheduled

from deskline.host import Run

__all__ = ["TrioSignal", "TrioTimer", "within"]


@final
class TrioSignal:
    """See :class:`deskline.host.Signal`. Wakes its waiter without an event object per wait."""

    __slots__ = ("_set", "_task")

    def __init__(self) -> None:
        self._set = False
        self._task: Task | None = None

    def set(self) -> None:
        if self._task is None:
            self._set = True
        else:
            reschedule(self._task)
            self._task = None

    async def wait(self) -> None:
        if not self._set:
            self._task = current_task()
            await wait_task_rescheduled(self._abort)
        self._set = False

    def _abort(self, _: object) -> Abort:
        self._task = None
        return Abort.SUCCEEDED


@final
class TrioTimer:
    """Sleeps until it is set to ring; setting it costs no task switch."""

    __slots__ = ("_at", "_ring", "_sleep")

    def __init__(self, ring: Callable[[], None]) -> None:
        self._at = math.inf
        self._ring = ring
        self._sleep = trio.CancelScope()

    def set(self, at: float) -> None:
        """Ring at ``at`` by trio's clock, and not before."""
        self._at = self._sleep.deadline = at

    async def run(self) -> None:
        """Sleep and ring, for ever."""
        while True:
            with trio.CancelScope(deadline=self._at) as self._sleep:
                await trio.sleep_forever()
            self._at = math.inf
            self._ring()


async def within(seconds: float, run: Run) -> bool:
    """Run it for at most so many seconds; tell whether it ended by itself."""
    with trio.move_on_after(seconds):
        await run()
        return True
    return False
