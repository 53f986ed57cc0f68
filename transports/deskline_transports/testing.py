"""Virtual time for asyncio, as trio has it in ``trio.testing.MockClock(autojump_threshold=0)``.

::

    def test_something():
        run_virtual(main())     # a main() that sleeps for hours is done at once
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor
from typing import Any, TypeVar, TypeVarTuple

__all__ = ["VirtualTimeLoop", "run_virtual"]

_T = TypeVar("_T")
_Ts = TypeVarTuple("_Ts")


class _JumpingSelector(selectors.DefaultSelector):
    """A selector that never sleeps while only time is waited for: it moves the time instead."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.working = 0  # calls that run in threads: their end is not a matter of time
        self.calm: list[asyncio.Future[None]] = []  # who wants to know that nothing is left to do at this time

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if ready := super().select(0):
            return ready
        if timeout is not None and timeout <= 0:
            return []
        if self.working:
            return super().select(None)
        if self.calm:
            waiting, self.calm = self.calm, []
            for future in waiting:
                if not future.done():
                    future.set_result(None)
            return []
        if timeout is not None:
            self.now += timeout
            return []
        # Nothing is due, ever. The loop's own wake-up pipe is one of the registered files.
        if len(self.get_map()) <= 1:
            raise RuntimeError("every task waits for another: nothing will ever happen")
        return super().select(None)


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose time starts at 0 and jumps to the next timer when every task waits.

    Sockets work, but an open one does not hold the time back. A call of ``run_in_executor`` or ``asyncio.to_thread``
    does. When nothing can ever happen again, a RuntimeError says so instead of a test that hangs; calls from threads
    that the loop did not start are not foreseen.
    """

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)
        # asyncio adds this to the time before it looks for due timers. Its own 1 ns gets lost in the rounding once the
        # time is some months, and a timer that is due would then never run, while a real clock just moves on.
        self._clock_resolution = 1e-6

    def time(self) -> float:
        """Return the virtual time, in seconds."""
        return self._jumping.now

    async def settled(self) -> None:
        """Return when everything has happened that needs no time: every task waits, and no thread works."""
        future = self.create_future()
        self._jumping.calm.append(future)
        await future

    def run_in_executor(self, executor: Executor | None, func: Callable[[*_Ts], _T], *args: *_Ts) -> asyncio.Future[_T]:
        """Run in a thread; until that is done, time stands still."""
        future = super().run_in_executor(executor, func, *args)
        self._jumping.working += 1
        future.add_done_callback(self._worked)
        return future

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncio's own
        """Wait for the threads' end; until then, time stands still."""
        del timeout  # threads end by themselves, and virtual time does not measure them
        self._jumping.working += 1
        try:
            await super().shutdown_default_executor()
        finally:
            self._jumping.working -= 1

    def _worked(self, _: object) -> None:
        self._jumping.working -= 1


def run_virtual(main: Coroutine[Any, Any, _T]) -> _T:
    """Run ``main`` as :func:`asyncio.run` does, in virtual time, and return its result."""
    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        return runner.run(main)
