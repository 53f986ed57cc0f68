"""Several scenarios beside each other, in one loop of either runtime, and the patience that all of them need."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from typing import Any, Final

import trio

__all__ = ["LONGEST", "PATIENT", "Main", "run_all"]

Main = Callable[[], Coroutine[Any, Any, None]]

LONGEST: Final = 120.0
"""Seconds after which nothing will come any more, however little a processor has left for the tests."""
PATIENT: Final[Mapping[str, Any]] = dict.fromkeys(
    (
        "agent_typing",
        "connect_timeout",
        "download_timeout",
        "end_confirmation",
        "heartbeat_answer",
        "poll_timeout",
        "request_timeout",
        "rest_timeout",
        "save_timeout",
        "stream_silence",
        "token_timeout",
        "typing_idle",
        "wrap_up",
    ),
    LONGEST,
)
"""The policy for real sockets: what does not run out unless a test wants it to, and then says so."""


async def together(mains: list[Main]) -> None:
    """Run them beside each other, on whichever runtime this is called."""
    if trio.lowlevel.in_trio_task():
        async with trio.open_nursery() as nursery:
            for main in mains:
                nursery.start_soon(main)
    else:
        async with asyncio.TaskGroup() as group:
            for main in mains:
                group.create_task(main())


def run_all(runtime: str, mains: list[Main]) -> None:
    """Run them beside each other."""
    if runtime == "trio":
        trio.run(together, mains)
    else:
        asyncio.run(together(mains))


async def in_time(seconds: float, main: Main) -> None:
    """Run it, on whichever runtime this is called; raise TimeoutError when it does not end in time."""
    if not trio.lowlevel.in_trio_task():
        async with asyncio.timeout(seconds):
            await main()
        return
    with trio.move_on_after(seconds) as scope:
        await main()
    if scope.cancelled_caught:
        raise TimeoutError


async def in_thread(call: Callable[[], Any]) -> Any:
    """Do something that blocks, without keeping the loop from the others."""
    if not trio.lowlevel.in_trio_task():
        return await asyncio.to_thread(call)
    with trio.CancelScope(shield=True):
        return await trio.to_thread.run_sync(call)


async def pause(seconds: float) -> None:
    """Let others run for a while, on whichever runtime this is called."""
    if trio.lowlevel.in_trio_task():
        await trio.sleep(seconds)
    else:
        await asyncio.sleep(seconds)
