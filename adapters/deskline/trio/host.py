# ruff: noqa: D102 # the Protocol says what its methods do
"""What trio gives to a chat."""

from collections.abc import Callable
from threading import get_ident
from types import TracebackType
from typing import Self, TypeVar, final

import trio
from trio.lowlevel import current_trio_token, enable_ki_protection

from deskline.host import Run
from deskline.trio.waiting import TrioSignal, TrioTimer, within

__all__ = ["TrioHost"]


T = TypeVar("T")


@final
class TrioHost:
    """One nursery, one timer. See :class:`deskline.host.Host`."""

    def __init__(self) -> None:
        self._home = (current_trio_token(), get_ident())
        self._opening = trio.open_nursery()
        self._jobs: set[trio.CancelScope] = set()
        self._ended = TrioSignal()
        self._fault: BaseException | None = None
        self._timer: TrioTimer | None = None
        self.time = trio.current_time
        self.signal = TrioSignal
        self.checkpoint = trio.lowlevel.checkpoint
        self.yield_if_cancelled = trio.lowlevel.checkpoint_if_cancelled
        self.within = within

    async def __aenter__(self) -> Self:
        self._nursery = await self._opening.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The nursery is not told of `error`, so that it comes out bare. The shield keeps a cancellation from the
        # outside, which `error` may be, from turning into a second exception here.
        self._nursery.cancel_scope.shield = True
        for scope in (self._nursery.cancel_scope, *self._jobs):
            scope.cancel()
        await self._opening.__aexit__(None, None, None)
        if self._fault is not None:
            raise self._fault

    def is_here(self) -> bool:
        return get_ident() == self._home[1] and current_trio_token() is self._home[0]

    def spawn(self, run: Run) -> trio.CancelScope:
        # Shielded: when the block is cancelled, the sockets go on until they are closed in order.
        scope = trio.CancelScope(shield=True)
        self._jobs.add(scope)
        self._nursery.start_soon(self._run, scope, run)
        return scope

    # Protected: Ctrl-C belongs to the block, and never comes out in the middle of a job.
    @enable_ki_protection
    async def _run(self, scope: trio.CancelScope, run: Run) -> None:
        try:
            with scope:
                await run()
        except trio.Cancelled:
            raise
        except BaseException as error:  # noqa: BLE001 # comes out of the host
            self.fail(error)
        finally:
            self._jobs.discard(scope)
            self._ended.set()

    def fail(self, error: BaseException) -> None:
        self._fault = self._fault or error
        self._nursery.cancel_scope.cancel()

    async def stop(self) -> None:
        while self._jobs:
            for scope in self._jobs:
                scope.cancel()
            await self._ended.wait()

    def arm(self, at: float, ring: Callable[[], None]) -> None:
        if self._timer is None:
            self._timer = TrioTimer(ring)
            self.spawn(self._timer.run)
        self._timer.set(at)

    async def shielded(self, run: Run) -> None:
        with trio.CancelScope(shield=True):
            await run()

    async def in_thread(self, run: Callable[[], T]) -> T:
        return await trio.to_thread.run_sync(run)
