"""Virtual time on asyncio."""

import asyncio
import math
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, final

from deskline_transports.testing import VirtualTimeLoop, run_virtual

__all__ = ["AsyncioStepper", "run", "stepper", "within"]

T = TypeVar("T")
Main = Callable[[], Coroutine[Any, Any, T]]


def run(main: Main[T]) -> T:
    """Run to the end."""
    return run_virtual(main())


async def within(seconds: float, main: Main[T]) -> T:
    """Run with a limit of time; raise TimeoutError."""
    async with asyncio.timeout(None if seconds == math.inf else seconds):
        return await main()


def stepper() -> "AsyncioStepper":
    """Return a loop that stands still."""
    return AsyncioStepper()


@final
class AsyncioStepper:
    """A loop that runs only while it is told to. See :mod:`deskline.testing.virtual`."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner(loop_factory=VirtualTimeLoop)
        self._tasks: set[asyncio.Task[None]] = set()

    def run(self, main: Main[T]) -> T:
        """Let the loop go on until the coroutine is done."""
        return self._runner.run(main())

    def start(self, run: Main[None]) -> Callable[[], object]:
        """Start a task, and return what cancels it."""
        task = self._runner.get_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task.cancel

    async def sleep(self, seconds: float) -> None:
        """Let time pass, and then everything happen that is due."""
        if seconds > 0:
            await asyncio.sleep(seconds)
        loop = asyncio.get_running_loop()
        if isinstance(loop, VirtualTimeLoop):
            await loop.settled()

    def close(self) -> None:
        """Cancel what runs, and wait for its end."""
        self._runner.close()
