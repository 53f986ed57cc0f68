"""What holds on asyncio alone: cancellation counts, timeouts, task groups; the rest stands in tests/contract."""

import asyncio
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, NoReturn

import pytest

import deskline
from deskline import Chat, CXone
from deskline_transports.base import RestRequest
from deskline_transports.memory import MemoryNetwork
from deskline_transports.testing import VirtualTimeLoop, run_virtual

SITE = CXone.local("http://127.0.0.1", 1386, "chat_5f1d")


async def never(_request: RestRequest) -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError


def opened(**options: Any) -> AbstractAsyncContextManager[Chat]:
    network = MemoryNetwork(never).transport()
    return deskline.asyncio.open_chat(SITE, network=network, clock=lambda: 1_800_000_000.0, **options)


async def broken(**options: Any) -> None:
    async with opened(**options) as chat:
        chat._runner._clock._monotonic = lambda: 1 / 0
        await asyncio.sleep(3600)


def fail() -> None:
    raise KeyError("mine")


def in_virtual_time(scenario: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def test() -> None:
        run_virtual(scenario())

    return test


class SlowStore:
    """A store that takes its time to close, so that leaving the block takes time."""

    def __init__(self) -> None:
        self.closing = asyncio.Event()
        self.closed = False

    async def load(self) -> Mapping[str, str]:
        return {}

    async def save(self, key: str, value: str) -> None:
        await asyncio.sleep(1)

    async def forget(self, keys: Sequence[str]) -> None:
        await asyncio.sleep(1)

    async def aclose(self) -> None:
        self.closing.set()
        await asyncio.sleep(5)
        self.closed = True


@in_virtual_time
async def test_a_timeout_around_the_block_is_a_timeout() -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(5), opened():
            await asyncio.sleep(1000)
    assert cancelling() == 0


@in_virtual_time
async def test_a_timeout_while_the_block_is_left_is_a_timeout_after_all_is_closed() -> None:
    loop = asyncio.get_running_loop()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2), opened(store=SlowStore()):
            pass
    assert loop.time() >= 5
    assert cancelling() == 0
    assert len(asyncio.all_tasks()) == 1


@in_virtual_time
async def test_a_cancellation_while_an_exception_leaves_takes_place_at_the_next_await() -> None:
    store = SlowStore()
    seen: list[BaseException] = []

    async def main() -> None:
        try:
            async with opened(store=store):
                fail()
        except KeyError as error:
            seen.append(error)
        await asyncio.sleep(0)

    task = asyncio.create_task(main())
    await store.closing.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(seen) == 1


@in_virtual_time
async def test_many_cancellations_do_not_cut_the_closing_short() -> None:
    store = SlowStore()

    async def main() -> None:
        async with opened(store=store):
            await asyncio.sleep(1000)

    task = asyncio.create_task(main())
    for _ in range(4):
        await asyncio.sleep(1)
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert store.closed
    assert len(asyncio.all_tasks()) == 1


@in_virtual_time
async def test_an_error_of_ours_takes_its_cancellation_back() -> None:
    with pytest.raises(ZeroDivisionError):
        await broken()
    assert cancelling() == 0
    await asyncio.sleep(0)


@in_virtual_time
async def test_an_error_of_ours_and_a_cancellation_of_others() -> None:
    store = SlowStore()
    seen: list[BaseException] = []

    async def main() -> None:
        try:
            await broken(store=store)
        except ZeroDivisionError as error:
            seen.append(error)
        await asyncio.sleep(0)

    task = asyncio.create_task(main())
    await store.closing.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert len(seen) == 1


@in_virtual_time
async def test_a_chat_inside_a_task_group() -> None:
    async def hold() -> None:
        async with opened():
            await asyncio.sleep(1000)

    async def fail_later() -> None:
        await asyncio.sleep(1)
        fail()

    async def main() -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(hold())
            tasks.create_task(fail_later())

    with pytest.raises(ExceptionGroup) as group:
        await main()
    assert [type(error) for error in group.value.exceptions] == [KeyError]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with Python 3.12")
def test_tasks_may_start_at_once() -> None:
    async def main() -> None:
        asyncio.get_running_loop().set_task_factory(getattr(asyncio, "eager_task_factory"))  # noqa: B009
        async with opened() as chat:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(1):
                    await chat.ready()

    with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
        runner.run(main())


def test_the_file_of_the_store_is_read_by_the_next_chat(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"

    async def once() -> None:
        async with opened(store=path):
            await asyncio.sleep(5)

    run_virtual(once())
    assert path.stat().st_mode & 0o777 == 0o600
    run_virtual(once())


def cancelling() -> int:
    task = asyncio.current_task()
    assert task is not None
    return task.cancelling()
