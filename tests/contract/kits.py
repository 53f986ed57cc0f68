"""Both runtimes behind one small face, in virtual time: a scenario is one coroutine function and runs on either."""

import asyncio
import math
import types
from collections.abc import AsyncGenerator, Callable, Coroutine, Generator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, Literal, Protocol, TypeVar, get_args

import pytest
import trio
import trio.testing

import deskline
from deskline import Events, MessageStatus
from deskline.testing import run_virtual
from deskline_transports.testing import VirtualTimeLoop

__all__ = [
    "ARRIVED",
    "KITS",
    "VENDORS",
    "AsyncioKit",
    "Group",
    "Kit",
    "TrioKit",
    "Vendor",
    "next_of",
    "on_all",
    "on_both",
]

E = TypeVar("E")
Vendor = Literal["cxone", "brightpattern"]
"""Whose site a chat is opened with."""
VENDORS: tuple[Vendor, ...] = get_args(Vendor)
ARRIVED = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.SEEN)
"""What :meth:`settled` answers of what arrived: how much more of it a far side tells is its own."""

Run = Callable[[], Coroutine[Any, Any, None]]


class Group(Protocol):
    """Tasks that end with the block that started them."""

    def start(self, run: Run) -> None: ...


class Kit(Protocol):
    """What a scenario needs of a runtime."""

    @property
    def name(self) -> str: ...

    @property
    def package(self) -> Any: ...

    def run(self, scenario: Run) -> None:
        """Run a scenario from outside of any loop, in virtual time."""

    def group(self) -> Any:
        """An async context manager that gives a Group."""

    def now(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...

    async def settle(self) -> None:
        """Let everything happen that needs no time."""

    def cancel_after(self, seconds: float) -> Any:
        """A context manager, async, that cancels its block after so many seconds, and goes on behind it."""

    def strays(self, group: Any) -> int:
        """How many tasks run below the scenario's own that do not belong to the group."""

    async def cancel_at(self, step: int, run: Run) -> bool:
        """Run it, and cancel it at its n-th await that gives way; tell whether it came that far."""


class _TrioGroup:
    def __init__(self, nursery: trio.Nursery) -> None:
        self.nursery = nursery

    def start(self, run: Run) -> None:
        self.nursery.start_soon(run)


class TrioKit:
    name = "trio"
    package = deskline.trio

    def run(self, scenario: Run) -> None:
        run_virtual(scenario, "trio", limit=math.inf)

    @asynccontextmanager
    async def group(self) -> AsyncGenerator[Group]:
        error: BaseException | None = None
        async with trio.open_nursery() as nursery:
            try:
                yield _TrioGroup(nursery)
            except trio.Cancelled:
                raise
            except BaseException as raised:  # noqa: BLE001 # comes out bare
                error = raised
            nursery.cancel_scope.cancel()
        if error is not None:
            raise error

    def now(self) -> float:
        return trio.current_time()

    async def sleep(self, seconds: float) -> None:
        await trio.sleep(seconds)

    async def settle(self) -> None:
        await trio.testing.wait_all_tasks_blocked()

    @asynccontextmanager
    async def cancel_after(self, seconds: float) -> AsyncGenerator[None]:
        with trio.move_on_after(seconds):
            yield

    def strays(self, group: Any) -> int:
        task = trio.lowlevel.current_task()
        return sum(_size(nursery) for nursery in task.child_nurseries if nursery is not group.nursery)

    async def cancel_at(self, step: int, run: Run) -> bool:
        with trio.CancelScope() as scope:
            await _stepped(run(), step, scope.cancel)
        return scope.cancel_called


def _size(nursery: trio.Nursery) -> int:
    return sum(1 + sum(map(_size, task.child_nurseries)) for task in nursery.child_tasks)


class _AsyncioGroup:
    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []

    def start(self, run: Run) -> None:
        self.tasks.append(asyncio.create_task(run()))


class AsyncioKit:
    name = "asyncio"
    package = deskline.asyncio

    def run(self, scenario: Run) -> None:
        run_virtual(scenario, "asyncio", limit=math.inf)

    @asynccontextmanager
    async def group(self) -> AsyncGenerator[Group]:
        group = _AsyncioGroup()
        try:
            yield group
        finally:
            for task in group.tasks:
                task.cancel()
            results = await asyncio.gather(*group.tasks, return_exceptions=True)
        for result in results:
            if isinstance(result, BaseException) and not isinstance(result, asyncio.CancelledError):
                raise result

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def settle(self) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualTimeLoop)
        await loop.settled()

    @asynccontextmanager
    async def cancel_after(self, seconds: float) -> AsyncGenerator[None]:
        limit = asyncio.timeout(seconds)
        try:
            async with limit:
                yield
        except TimeoutError:
            if not limit.expired():
                raise

    def strays(self, group: Any) -> int:
        return len(asyncio.all_tasks() - set(group.tasks)) - 1

    async def cancel_at(self, step: int, run: Run) -> bool:
        async def stepped() -> None:  # a task wants a coroutine, and there is no task to cancel yet
            await _stepped(run(), step, lambda: task.cancel())  # noqa: PLW0108

        task = asyncio.create_task(stepped())
        try:
            await task
        except asyncio.CancelledError:
            return True
        return bool(task.cancelling())


@types.coroutine
def _stepped(run: Coroutine[Any, Any, None], step: int, cancel: Callable[[], object]) -> Generator[Any, Any, None]:
    """Drive a coroutine as its task does, and cancel that task when it gives way for the n-th time."""
    steps = 0
    resume: Callable[[], Any] = partial(run.send, None)
    while True:
        try:
            trap = resume()
        except StopIteration:
            return
        steps += 1
        if steps == step:
            cancel()
        try:
            value = yield trap
            resume = partial(run.send, value)
        except BaseException as error:  # noqa: BLE001 # handed on
            resume = partial(run.throw, error)


KITS: tuple[Kit, ...] = (TrioKit(), AsyncioKit())


async def next_of(events: Events, kind: type[E]) -> E:
    """Return the next event of a kind, passing over the others."""
    async for event in events:
        if isinstance(event, kind):
            return event
    raise AssertionError(f"no {kind.__name__}")


def on_both(scenario: Callable[[Kit], Coroutine[Any, Any, None]]) -> Callable[[Kit], None]:
    """Make a test that runs the scenario on trio and on asyncio."""

    @pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
    def test(kit: Kit) -> None:
        kit.run(lambda: scenario(kit))

    test.__doc__ = scenario.__doc__
    return test


def on_all(scenario: Callable[[Kit, Vendor], Coroutine[Any, Any, None]]) -> Callable[[Kit, Vendor], None]:
    """Make a test that runs the scenario on both runtimes, with each vendor's site."""

    @pytest.mark.parametrize("vendor", VENDORS)
    @pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
    def test(kit: Kit, vendor: Vendor) -> None:
        kit.run(lambda: scenario(kit, vendor))

    test.__doc__ = scenario.__doc__
    return test
