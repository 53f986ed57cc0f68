"""Several scenarios beside each other, in one loop of either runtime."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import trio

__all__ = ["Main", "run_all"]

Main = Callable[[], Coroutine[Any, Any, None]]


async def _in_trio(mains: list[Main]) -> None:
    async with trio.open_nursery() as nursery:
        for main in mains:
            nursery.start_soon(main)


async def _in_asyncio(mains: list[Main]) -> None:
    async with asyncio.TaskGroup() as group:
        for main in mains:
            group.create_task(main())


def run_all(runtime: str, mains: list[Main]) -> None:
    """Run them beside each other."""
    if runtime == "trio":
        trio.run(_in_trio, mains)
    else:
        asyncio.run(_in_asyncio(mains))
