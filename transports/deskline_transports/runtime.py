"""The little that runs on both runtimes by one text: events, the runtime's clock, and waiting until a time.

It looks at where it is called, so whatever is built on it needs no flavour; virtual clocks of both runtimes hold.
"""

import sys
from typing import Literal, Protocol

__all__ = ["Bell", "Event", "Runtime", "current_runtime"]


class Event(Protocol):
    """What an event of trio and one of asyncio have in common."""

    def set(self) -> object:
        """Wake all who wait."""
        ...

    async def wait(self) -> object:
        """Wait until it is set."""
        ...


class Runtime(Protocol):
    """One runtime's primitives; times are seconds of its own clock."""

    @property
    def name(self) -> Literal["trio", "asyncio"]:
        """What it is called."""
        ...

    def now(self) -> float:
        """Return the time of the running loop."""
        ...

    def event(self) -> Event:
        """Return a new event."""
        ...

    async def checkpoint(self) -> None:
        """Let others run, and be cancelled if that is asked."""
        ...

    async def wait(self, event: Event, until: float | None) -> None:
        """Wait for the event, or until a time."""
        ...


class _Trio:
    name: Literal["trio", "asyncio"] = "trio"

    def now(self) -> float:
        import trio  # noqa: PLC0415 - loaded only where it runs already

        return trio.current_time()

    def event(self) -> Event:
        import trio  # noqa: PLC0415 - only where it is loaded

        return trio.Event()

    async def checkpoint(self) -> None:
        import trio  # noqa: PLC0415 - only where it is loaded

        await trio.lowlevel.checkpoint()

    async def wait(self, event: Event, until: float | None) -> None:
        import trio  # noqa: PLC0415 - only where it is loaded

        with trio.move_on_at(float("inf") if until is None else until):
            await event.wait()


class _Asyncio:
    name: Literal["trio", "asyncio"] = "asyncio"

    def now(self) -> float:
        import asyncio  # noqa: PLC0415 - only where it is loaded

        return asyncio.get_running_loop().time()

    def event(self) -> Event:
        import asyncio  # noqa: PLC0415 - only where it is loaded

        return asyncio.Event()

    async def checkpoint(self) -> None:
        import asyncio  # noqa: PLC0415 - only where it is loaded

        await asyncio.sleep(0)

    async def wait(self, event: Event, until: float | None) -> None:
        import asyncio  # noqa: PLC0415 - only where it is loaded

        scope = asyncio.timeout_at(until)
        try:
            async with scope:
                await event.wait()
        except TimeoutError:
            if not scope.expired():
                raise


_TRIO, _ASYNCIO = _Trio(), _Asyncio()


def current_runtime() -> Runtime:
    """Return the runtime of the calling task."""
    trio = sys.modules.get("trio")
    return _TRIO if trio is not None and trio.lowlevel.in_trio_task() else _ASYNCIO


class Bell:
    """Wakes all who wait now; needs no runtime to be made or rung."""

    __slots__ = ("_waiting",)

    def __init__(self) -> None:
        self._waiting: list[Event] = []

    def ring(self) -> None:
        """Wake all who wait."""
        waiting, self._waiting = self._waiting, []
        for event in waiting:
            event.set()

    async def wait(self, until: float | None = None) -> None:
        """Wait for the next ring, or until a time of the runtime's clock."""
        runtime = current_runtime()
        event = runtime.event()
        self._waiting.append(event)
        try:
            await runtime.wait(event, until)
        finally:
            if event in self._waiting:
                self._waiting.remove(event)
