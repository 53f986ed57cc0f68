# ruff: noqa: D102 # the Protocol says what its methods do
"""What asyncio gives to a chat."""

import asyncio
from collections.abc import Callable
from threading import get_ident
from types import TracebackType
from typing import Any, Self, cast, final

from deskline.asyncio.waiting import AsyncioSignal, checkpoint, finished, in_thread, nothing, within
from deskline.host import Run

__all__ = ["AsyncioHost"]


@final
class AsyncioHost:
    """A set of tasks, one timer handle. See :class:`deskline.host.Host`."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = get_ident()
        self._block = cast("asyncio.Task[Any]", asyncio.current_task())
        self._before = self._block.cancelling()
        self._jobs: set[asyncio.Task[None]] = set()
        self._fault: BaseException | None = None
        self._cut = False
        self._missed = False
        self._timer: asyncio.TimerHandle | None = None
        self.time = self._loop.time
        self.signal = AsyncioSignal
        self.checkpoint = checkpoint
        self.yield_if_cancelled = nothing
        self.within = within
        self.in_thread = in_thread

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        block = self._block
        await self.shielded(self.stop)
        if self._cut:
            # Our own cancellation of the block is taken back, so that a timeout around it counts only its own.
            self._missed = block.uncancel() > self._before
        if self._missed and self._fault is None and error is None:
            raise asyncio.CancelledError
        if self._missed and (self._fault is not None or not isinstance(error, asyncio.CancelledError)):
            # Another exception comes out now; the cancellation takes place at the next await.
            block.uncancel()
            block.cancel()
        if self._fault is not None:
            raise self._fault

    def is_here(self) -> bool:
        return get_ident() == self._thread and asyncio.get_running_loop() is self._loop

    def spawn(self, run: Run) -> asyncio.Task[None]:
        task = self._loop.create_task(run())
        self._jobs.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._jobs.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.fail(error)

    def fail(self, error: BaseException) -> None:
        if self._fault is None:
            self._fault = error
            self._cut = self._block.cancel()

    async def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        while self._jobs:
            for task in self._jobs:
                task.cancel()
            await asyncio.wait(self._jobs)

    def arm(self, at: float, ring: Callable[[], None]) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_at(at, self._try, ring)

    def _try(self, ring: Callable[[], None]) -> None:
        try:
            ring()
        except BaseException as error:  # noqa: BLE001 # comes out of the host
            self.fail(error)

    async def shielded(self, run: Run) -> None:
        task = self._loop.create_task(run())
        self._missed = await finished(task) or self._missed
        task.result()
