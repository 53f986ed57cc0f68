"""Hours pass in milliseconds, on either runtime, in a whole program and step by step."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Coroutine
from functools import partial
from typing import Any, get_args

import pytest
import trio

from deskline.testing import RuntimeName, VirtualTime, in_virtual_time, run_virtual
from deskline_core.errors import InvalidValue

RUNTIMES: tuple[RuntimeName, ...] = get_args(RuntimeName)
SLEEP: dict[RuntimeName, Callable[[float], Awaitable[None]]] = {"trio": trio.sleep, "asyncio": asyncio.sleep}


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_program_that_sleeps_for_hours_is_done_at_once(runtime: RuntimeName) -> None:
    async def main() -> str:
        await SLEEP[runtime](7200)
        return "done"

    assert run_virtual(main, runtime) == "done"


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_what_never_ends_is_ended_by_the_limit(runtime: RuntimeName) -> None:
    async def main() -> None:
        while True:
            await SLEEP[runtime](60)

    with pytest.raises(TimeoutError):
        run_virtual(main, runtime, limit=3600)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_without_a_limit_it_takes_as_long_as_it_takes(runtime: RuntimeName) -> None:
    async def main() -> None:
        await SLEEP[runtime](1e8)

    run_virtual(main, runtime, limit=math.inf)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_thread_that_works_holds_the_time_back(runtime: RuntimeName) -> None:
    async def main() -> bool:
        if runtime == "trio":
            with trio.move_on_after(3600) as scope:
                await trio.to_thread.run_sync(time.sleep, 0.05, abandon_on_cancel=True)
            return scope.cancelled_caught
        async with asyncio.timeout(3600) as limit:
            await asyncio.to_thread(time.sleep, 0.05)
        return limit.expired()

    assert run_virtual(main, runtime) is False


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_who_is_ready_at_the_same_time_has_its_turn_in_the_same_order_in_every_run(runtime: RuntimeName) -> None:
    def run() -> list[int]:
        seen: list[int] = []

        async def work(number: int) -> None:
            for _ in range(4):
                await SLEEP[runtime](1)
                seen.append(number)

        with VirtualTime(runtime) as clock:
            for number in range(8):
                clock.start(partial(work, number))
            clock.advance(10)

        async def main() -> None:
            await together(*(partial(work, number) for number in range(8)))

        run_virtual(main, runtime)
        return seen

    async def together(*jobs: Callable[[], Coroutine[Any, Any, None]]) -> None:
        if runtime == "asyncio":
            await asyncio.gather(*(job() for job in jobs))
            return
        async with trio.open_nursery() as nursery:
            for job in jobs:
                nursery.start_soon(job)

    first = run()
    assert len(first) == 64
    assert all(run() == first for _ in range(5))


@in_virtual_time("trio")
async def test_a_coroutine_becomes_a_test_on_trio(tmp_path: object) -> None:
    await trio.sleep(3600)
    assert trio.current_time() == 3600
    assert tmp_path


@in_virtual_time("asyncio")
async def test_a_coroutine_becomes_a_test_on_asyncio(tmp_path: object) -> None:
    await asyncio.sleep(3600)
    assert asyncio.get_running_loop().time() == 3600
    assert tmp_path


def test_a_runtime_that_there_is_not_is_named() -> None:
    with pytest.raises(InvalidValue, match="curio"):
        VirtualTime("curio").__enter__()  # type: ignore[arg-type]


# --- step by step ---


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_time_passes_when_it_is_told_to(runtime: RuntimeName) -> None:
    seen: list[int] = []

    async def work() -> str:
        for hour in range(3):
            seen.append(hour)
            await SLEEP[runtime](3600)
        return "rang"

    with VirtualTime(runtime) as clock:
        job = clock.start(work)
        assert seen == []
        clock.advance(0)
        assert seen == [0]
        clock.advance(3599)
        assert seen == [0]
        time.sleep(0.01)
        clock.advance(1)
        assert seen == [0, 1]
        assert not job.done
        with pytest.raises(RuntimeError, match="still runs"):
            _ = job.result
        clock.advance(7200)
        assert (job.done, job.result) == (True, "rang")


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_call_is_made_inside_the_loop_and_takes_no_time(runtime: RuntimeName) -> None:
    def now() -> float:
        return trio.current_time() if runtime == "trio" else asyncio.get_running_loop().time()

    with VirtualTime(runtime) as clock:
        clock.start(lambda: SLEEP[runtime](5))  # type: ignore[arg-type,return-value]
        assert [clock.call(now), clock.call(now)] == [0, 0]
        clock.advance(2)
        assert clock.call(now) == 2

        async def main() -> float:
            await SLEEP[runtime](1)
            return now()

        assert clock.run(main) == 3
        with pytest.raises(TimeoutError):
            clock.run(lambda: SLEEP[runtime](100), limit=10)  # type: ignore[arg-type,return-value]
        assert clock.call(now) == 13


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_what_a_program_raises_comes_out_of_the_next_call(runtime: RuntimeName) -> None:
    async def fail() -> None:
        await SLEEP[runtime](5)
        raise KeyError("mine")

    with VirtualTime(runtime) as clock:
        job = clock.start(fail)
        clock.advance(4)
        with pytest.raises(KeyError, match="mine"):
            clock.advance(4)
        clock.advance(4)
        with pytest.raises(KeyError):
            _ = job.result


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_leaving_cancels_what_still_runs(runtime: RuntimeName) -> None:
    ended: list[str] = []

    async def work(name: str) -> None:
        try:
            await SLEEP[runtime](1e6)
        finally:
            ended.append(name)

    with VirtualTime(runtime) as clock:
        early = clock.start(lambda: work("early"))
        clock.start(lambda: work("late"))
        clock.advance(1)
        early.cancel()
        clock.advance(1)
        assert ended == ["early"]
    assert ended == ["early", "late"]
    with pytest.raises(RuntimeError, match="outside"):
        clock.advance(1)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_time_never_goes_back(runtime: RuntimeName) -> None:
    with VirtualTime(runtime) as clock, pytest.raises(InvalidValue):
        clock.advance(-1)
