"""The event loop whose time jumps."""

import asyncio
import threading
import time

import pytest

from deskline_transports.testing import VirtualTimeLoop, run_virtual
from tests.transports.peers import Line, peer


def test_hours_pass_at_once_and_in_order() -> None:
    async def main() -> list[tuple[float, str]]:
        loop = asyncio.get_running_loop()
        seen: list[tuple[float, str]] = []

        async def tick(name: str, seconds: float, count: int) -> None:
            for _ in range(count):
                await asyncio.sleep(seconds)
                seen.append((loop.time(), name))

        assert loop.time() == 0
        await asyncio.gather(tick("hour", 3600, 2), tick("day", 86400, 1), tick("odd", 0.1, 1))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(30):
                await asyncio.Event().wait()
        seen.append((loop.time(), "timeout"))
        return seen

    began = time.monotonic()
    seen = run_virtual(main())
    assert time.monotonic() - began < 60  # no more than a sign that nobody slept for a day
    assert seen == [(0.1, "odd"), (3600, "hour"), (7200, "hour"), (86400, "day"), (86430, "timeout")]


def test_time_stands_still_while_tasks_run() -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        for _ in range(1000):
            await asyncio.sleep(0)
        assert loop.time() == 0

    run_virtual(main())


def test_time_stands_still_while_a_thread_works() -> None:
    async def main() -> tuple[str, float]:
        timer = asyncio.create_task(asyncio.sleep(3600))
        work_done = threading.Event()

        def work() -> str:
            # Had the time jumped, the timer would be done and would let this end early.
            return "timer" if work_done.wait(0.05) else "work"

        timer.add_done_callback(lambda _: work_done.set())
        result = await asyncio.to_thread(work)
        now = asyncio.get_running_loop().time()
        timer.cancel()
        return result, now

    assert run_virtual(main()) == ("work", 0)


def test_a_thread_that_calls_back() -> None:
    async def main() -> str:
        loop = asyncio.get_running_loop()
        future: asyncio.Future[str] = loop.create_future()
        await asyncio.to_thread(loop.call_soon_threadsafe, future.set_result, "called")
        return await future

    assert run_virtual(main()) == "called"


def test_waiting_for_what_never_comes_is_told() -> None:
    async def main() -> None:
        await asyncio.Event().wait()

    with pytest.raises(RuntimeError, match="nothing will ever happen"):
        run_virtual(main())


def test_sockets_work() -> None:
    def reply(line: Line) -> None:
        line.send(line.exactly(4).upper())

    with peer(reply) as far:

        async def main() -> bytes:
            reader, writer = await asyncio.open_connection("127.0.0.1", far.port)
            writer.write(b"ping")
            answer = await reader.readexactly(4)
            writer.close()
            await writer.wait_closed()
            return answer

        assert run_virtual(main()) == b"PING"


def test_the_loop_is_an_ordinary_one() -> None:
    loop = VirtualTimeLoop()
    called: list[float] = []
    loop.call_at(1e9 + 0.3, lambda: called.append(loop.time()))
    loop.call_later(1e9 + 1, loop.stop)
    loop.run_forever()
    loop.close()
    assert called == [1e9 + 0.3]
