"""Virtual time on either runtime: hours pass in milliseconds, and every run is the same.

A whole program runs by :func:`run_virtual`, an ``async def`` test by :func:`in_virtual_time`. A test that is no
coroutine lets the time pass itself::

    with VirtualTime("asyncio") as time:
        bot = time.start(run_bot)
        time.advance(3600)
        assert not bot.done
"""

from collections.abc import Callable, Coroutine
from functools import wraps
from importlib import import_module
from types import TracebackType
from typing import Any, Final, Generic, Literal, ParamSpec, Protocol, Self, TypeVar, cast, final

from deskline_core.errors import InvalidValue

__all__ = ["DAY", "Job", "RuntimeName", "VirtualTime", "in_virtual_time", "run_virtual"]

DAY: Final = 86_400.0
RuntimeName = Literal["trio", "asyncio"]
"""Whose tasks and timers a program uses."""

T = TypeVar("T")
P = ParamSpec("P")
Main = Callable[[], Coroutine[Any, Any, T]]


def run_virtual(main: Main[T], runtime: RuntimeName, *, limit: float = DAY) -> T:
    """Run a program as ``trio.run`` or ``asyncio.run`` does, but in virtual time; return its result.

    Raises TimeoutError in it when it is not done after ``limit`` virtual seconds: heartbeats would keep a chat going
    for ever in which a test waits for what never comes.
    """

    async def limited() -> T:
        return await _runtime(runtime).within(limit, main)

    return _runtime(runtime).run(limited)


def in_virtual_time(
    runtime: RuntimeName, *, limit: float = DAY
) -> Callable[[Callable[P, Coroutine[Any, Any, T]]], Callable[P, T]]:
    """Make a plain function, such as a test, of a coroutine function: calling it is :func:`run_virtual`.

    pytest finds its fixtures as before, and needs no plugin for coroutines.
    """

    def plain(function: Callable[P, Coroutine[Any, Any, T]]) -> Callable[P, T]:
        @wraps(function)
        def run(*args: P.args, **kwargs: P.kwargs) -> T:
            return run_virtual(lambda: function(*args, **kwargs), runtime, limit=limit)

        return run

    return plain


def _nothing() -> None:
    """Stop nothing: it has not begun."""


@final
class Job(Generic[T]):
    """A program that runs under a :class:`VirtualTime`; ``cancel`` lets it be cancelled in the next call there."""

    def __init__(self) -> None:
        self.done = False
        self.error: BaseException | None = None
        self.cancel: Callable[[], object] = _nothing
        self._result: T | None = None

    @property
    def result(self) -> T:
        """What it returned; raises what it raised, and RuntimeError while it runs."""
        if self.error is not None:
            raise self.error
        if not self.done:
            raise RuntimeError("it still runs")
        return cast("T", self._result)

    async def work(self, main: Main[T]) -> None:
        """Run it, and keep what becomes of it."""
        try:
            self._result = await main()
        except BaseException as error:
            self.error = error
            raise
        finally:
            self.done = True


class _Stepper(Protocol):
    """One runtime's loop, which stands still between two calls."""

    def run(self, main: Main[T]) -> T:
        """Let the loop go on until the coroutine is done."""
        ...

    def start(self, run: Main[None]) -> Callable[[], object]:
        """Start a task, and return what cancels it."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let time pass, and then everything happen that is due."""
        ...

    def close(self) -> None:
        """Cancel what runs, and wait for its end."""
        ...


@final
class VirtualTime:
    """A loop of one runtime, used inside ``with``, whose time passes only when it is told to.

    Programs run in the loop by :meth:`start`; what happens at once happens in the next call of any method. What a
    program raises by itself comes out of that call. Leaving the block cancels what still runs.
    """

    def __init__(self, runtime: RuntimeName) -> None:
        self.runtime: RuntimeName = runtime
        self._stepper: _Stepper | None = None
        self._failed: list[BaseException] = []

    def __enter__(self) -> Self:
        self._stepper = _runtime(self.runtime).stepper()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        stepper, self._stepper = self._stepper, None
        if stepper is not None:
            stepper.close()
        if error is None:
            self._raise()

    def start(self, main: Main[T]) -> "Job[T]":
        """Let a program run beside the others; it takes its first step in the next call."""
        job = Job[T]()

        async def work() -> None:
            try:
                await job.work(main)
            except Exception as failed:  # noqa: BLE001 # comes out of the next call
                self._failed.append(failed)

        job.cancel = self._loop.start(work)
        return job

    def run(self, main: Main[T], *, limit: float = DAY) -> T:
        """Run a program to its end, which takes as long as it takes, and return its result.

        Raises TimeoutError in it after ``limit`` virtual seconds.
        """
        runtime = _runtime(self.runtime)
        result = self._loop.run(lambda: runtime.within(limit, main))
        self._raise()
        return result

    def call(self, call: Callable[[], T]) -> T:
        """Call a plain function inside the loop, as a task would; it takes no time."""

        async def main() -> T:
            result = call()
            await self._loop.sleep(0)
            return result

        return self.run(main)

    def advance(self, seconds: float) -> None:
        """Let so many seconds pass, and everything happen that is due by then."""
        if seconds < 0:
            raise InvalidValue("time never goes back", hint="advance by zero or more seconds")
        stepper = self._loop
        stepper.run(lambda: stepper.sleep(seconds))
        self._raise()

    @property
    def _loop(self) -> _Stepper:
        if self._stepper is None:
            raise RuntimeError("virtual time is used outside of its block")
        return self._stepper

    def _raise(self) -> None:
        if self._failed:
            failed, self._failed = self._failed, []
            raise failed[0]


class _Runtime(Protocol):
    """How one runtime runs in virtual time."""

    def run(self, main: Main[T]) -> T:
        """Run to the end."""
        ...

    def within(self, seconds: float, main: Main[T]) -> Coroutine[Any, Any, T]:
        """Run with a limit of time; raise TimeoutError."""
        ...

    def stepper(self) -> _Stepper:
        """Return a loop that stands still."""
        ...


def _runtime(name: RuntimeName) -> _Runtime:
    if name not in ("trio", "asyncio"):
        raise InvalidValue(f"there is no runtime {name!r:.100}", hint='"trio" or "asyncio"')
    return cast("_Runtime", import_module(f"deskline.testing.virtual_{name}"))
