"""The fixtures as users have them: turned on by name, under every runner of coroutine tests."""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import anyio
import pytest
from trio.testing import MockClock

from deskline import Chat, MessageReceived
from deskline.testing import At, MemoryCenter, in_virtual_time
from deskline.testing.virtual_trio import virtual_clock
from deskline_center.controls import AgentSays
from deskline_center.cxone import CXoneChannel
from deskline_transports.testing import VirtualTimeLoop

Open = Callable[..., AbstractAsyncContextManager[Chat]]
pytestmark = pytest.mark.center(channels=(CXoneChannel(id="chat_1", mode="live"),))


async def visit(center: MemoryCenter, open_chat: Open) -> None:
    """Say something, and hear an answer."""
    async with open_chat() as chat:
        thread = await chat.thread()
        answer = chat.wait_for(MessageReceived)
        await (await thread.send("hello")).settled()
        center.do(AgentSays(text="Good day"))
        assert (await answer).text == "Good day"


@in_virtual_time("trio")
async def test_on_trio(center: MemoryCenter, open_chat: Open) -> None:
    await visit(center, open_chat)
    assert list(center.channels) == ["chat_1"]


@in_virtual_time("asyncio")
async def test_on_asyncio(center: MemoryCenter, open_chat: Open) -> None:
    await visit(center, open_chat)


async def test_under_pytest_trio(center: MemoryCenter, open_chat: Open, autojump_clock: MockClock) -> None:
    await visit(center, open_chat)


@pytest.mark.parametrize("options", [{"backend": "trio"}, {"backend": "asyncio"}], ids=lambda each: each["backend"])
def test_under_anyio(center: MemoryCenter, open_chat: Open, options: dict[str, str]) -> None:
    virtual = {"clock": virtual_clock()} if options["backend"] == "trio" else {"loop_factory": VirtualTimeLoop}

    async def main() -> None:
        await visit(center, open_chat)
        await anyio.sleep(3600)

    anyio.run(main, backend=options["backend"], backend_options=virtual)


def test_with_a_bare_loop(center: MemoryCenter, open_chat: Open) -> None:
    asyncio.run(visit(center, open_chat))


@pytest.mark.center(faults=(At(seconds=1, do=AgentSays(thread="nowhere", text="lost")),))
@in_virtual_time("trio")
async def test_a_closer_marker_adds_to_the_others(center: MemoryCenter) -> None:
    assert list(center.channels) == ["chat_1"]
    assert center.center.next_deadline is None


TEST = """
import pytest
from deskline.testing import VirtualTime, in_virtual_time
from deskline_center.brightpattern import BrightPatternChannel
from deskline_center.controls import AgentSays

@pytest.mark.center(channels=(BrightPatternChannel(id="entry"),))
@in_virtual_time("asyncio")
async def test_that_is_well(center, open_chat):
    async with open_chat() as chat:
        await chat.ready()
        assert list(center.channels) == ["entry"]

def test_that_leaves_a_chat_open(center, open_chat):
    clock = VirtualTime("trio").__enter__()
    async def hold():
        async with open_chat() as chat:
            await chat.events().__anext__()
            await chat.ready()
            await chat.wait_for(int)
    clock.start(hold)
    clock.advance(5)
"""


def test_they_are_turned_on_by_name_and_see_what_is_left_open(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["deskline.testing.fixtures"]\n', "utf-8")
    (tmp_path / "test_bot.py").write_text(TEST, "utf-8")
    command = [sys.executable, "-m", "pytest", "--strict-markers", "-p", "no:trio", "-p", "no:xdist", str(tmp_path)]
    bare = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}  # they measure our own run
    run = subprocess.run(command, capture_output=True, text=True, check=False, cwd=tmp_path, env=bare)
    assert "2 passed, 1 error in" in run.stdout, run.stdout
    assert "AssertionError: left open: socket 1" in run.stdout


def test_without_them_nothing_of_pytest_is_loaded(tmp_path: Path) -> None:
    program = (
        "import sys, deskline.testing as t; t.Pair; t.MemoryCenter; t.VirtualTime; t.FaultScript; t.Playbook\n"
        "print({'trio', 'asyncio', 'pytest', 'hypothesis', 'starlette'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=tmp_path)
    assert run.stdout.strip() == "set()"
