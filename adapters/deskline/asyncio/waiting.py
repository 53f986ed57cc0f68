# ruff: noqa: D102 # the Protocol says what its methods do
"""Ways to wait on asyncio: a signal with one waiter, and a wait that no cancellation cuts short."""

import asyncio
from collections.abc import Callable
from typing import Any, TypeVar, final

from deskline.host import Run

__all__ = ["AsyncioSignal", "checkpoint", "finished", "in_thread", "nothing", "within"]

T = TypeVar("T")


@final
class AsyncioSignal:
    """See :class:`deskline.host.Signal`."""

    __slots__ = ("_set", "_waiter")

    def __init__(self) -> None:
        self._set = False
        self._waiter: asyncio.Future[None] | None = None

    def set(self) -> None:
        if self._waiter is None:
            self._set = True
        elif not self._waiter.done():
            self._waiter.set_result(None)

    async def wait(self) -> None:
        if not self._set:
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        self._set = False


async def checkpoint() -> None:
    """Let other tasks run."""
    await asyncio.sleep(0)


async def nothing() -> None:
    """Go on: asyncio cancels only where something is waited for."""


async def within(seconds: float, run: Run) -> bool:
    """Run it for at most so many seconds; tell whether it ended by itself."""
    limit = asyncio.timeout(seconds)
    try:
        async with limit:
            await run()
    except TimeoutError:
        if not limit.expired():
            raise
        return False
    return True


async def finished(future: asyncio.Future[Any]) -> bool:
    """Wait for its end whatever happens; tell whether a cancellation was asked for meanwhile."""
    missed = False
    while not future.done():
        try:
            await asyncio.wait([future])
        except asyncio.CancelledError:
            missed = True
    return missed


async def in_thread(run: Callable[[], T]) -> T:
    """Run something that blocks; a cancelled call waits for it to end."""
    future = asyncio.get_running_loop().run_in_executor(None, run)
    if await finished(future):
        future.exception()
        raise asyncio.CancelledError
    return future.result()
