"""Virtual time on trio."""

import time
from collections.abc import Callable, Coroutine, Generator
from contextlib import ExitStack, contextmanager
from importlib import import_module
from queue import SimpleQueue
from typing import Any, Final, TypeVar, final

import trio
from trio.testing import MockClock, wait_all_tasks_blocked

__all__ = ["TrioStepper", "one_order", "run", "stepper", "virtual_clock", "within"]

T = TypeVar("T")
Main = Callable[[], Coroutine[Any, Any, T]]
_NAP: Final = 0.0005
_CHANCE: Final = "_r"
_SWITCH: Final = "_ALLOW_DETERMINISTIC_SCHEDULING"


def virtual_clock(may_jump: Callable[[], bool] = lambda: True) -> MockClock:
    """Return a clock for ``trio.run`` that jumps to the next deadline when every task waits, and when it may.

    Unlike a bare ``MockClock(autojump_threshold=0)`` it stands still while a thread works, such as one that saves.
    """
    clock = MockClock(autojump_threshold=0)
    jump = vars(MockClock)["_autojump"]

    def jump_when_idle() -> None:
        if trio.to_thread.current_default_thread_limiter().borrowed_tokens:
            time.sleep(_NAP)
        elif may_jump():
            jump(clock)

    vars(clock)["_autojump"] = jump_when_idle
    return clock


@contextmanager
def one_order() -> Generator[None]:
    """Let tasks that are ready at the same time have their turns in an order that is the same in every run.

    trio shuffles them, and has a switch by which Hypothesis makes that repeatable; one that has none is left alone.
    """
    names: dict[str, Any] = vars(import_module("trio._core._run"))
    if _CHANCE not in names or _SWITCH not in names:
        yield
        return
    chance, switch = names[_CHANCE], names[_SWITCH]
    state = chance.getstate()
    chance.seed(0)
    names[_SWITCH] = True
    try:
        yield
    finally:
        names[_SWITCH] = switch
        chance.setstate(state)


def run(main: Main[T]) -> T:
    """Run to the end."""
    with one_order():
        return trio.run(main, clock=virtual_clock())


async def within(seconds: float, main: Main[T]) -> T:
    """Run with a limit of time; raise TimeoutError."""
    try:
        with trio.fail_after(seconds):
            return await main()
    except trio.TooSlowError as slow:
        raise TimeoutError(f"not done after {seconds} s of virtual time") from slow


def stepper() -> "TrioStepper":
    """Return a loop that stands still."""
    return TrioStepper()


@final
class TrioStepper:
    """A run in guest mode, whose host lets it go on only until a coroutine is done.

    The clock jumps only then. See :mod:`deskline.testing.virtual`.
    """

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], object]] = SimpleQueue()
        self._over: list[Any] = []
        self._nursery: trio.Nursery | None = None
        self._order = ExitStack()
        self._order.enter_context(one_order())
        self._jumps = False  # between two calls it may not: what is called next belongs to the present time
        trio.lowlevel.start_guest_run(
            self._main,
            run_sync_soon_threadsafe=self._calls.put,
            done_callback=self._over.append,
            clock=virtual_clock(lambda: self._jumps),
        )
        self._pump(lambda: self._nursery is not None)

    async def _main(self) -> None:
        self._token = trio.lowlevel.current_trio_token()
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            await trio.sleep_forever()

    def run(self, main: Main[T]) -> T:
        """Let the loop go on until the coroutine is done."""
        results: list[T] = []
        errors: list[BaseException] = []

        async def work() -> None:
            self._jumps = True
            try:
                results.append(await main())
            except BaseException as error:  # noqa: BLE001 # comes out below
                errors.append(error)
            finally:
                self._jumps = False

        self.start(work)
        self._pump(lambda: bool(results or errors))
        for error in errors:
            raise error
        return results[0]

    def start(self, run: Main[None]) -> Callable[[], object]:
        """Start a task, and return what cancels it."""
        scope = trio.CancelScope()

        async def work() -> None:
            with scope:
                await run()

        self._token.run_sync_soon(self._begin, work)
        return scope.cancel

    def _begin(self, work: Main[None]) -> None:
        if self._nursery is not None:
            self._nursery.start_soon(work)

    async def sleep(self, seconds: float) -> None:
        """Let time pass, and then everything happen that is due."""
        if seconds > 0:
            await trio.sleep(seconds)
        await wait_all_tasks_blocked()

    def close(self) -> None:
        """Cancel what runs, and wait for its end."""
        self._jumps = True
        if self._nursery is not None:
            self._token.run_sync_soon(self._nursery.cancel_scope.cancel)
        try:
            self._pump(lambda: False)
        finally:
            self._order.close()

    def _pump(self, done: Callable[[], bool]) -> None:
        while not self._over and not done():
            self._calls.get()()
