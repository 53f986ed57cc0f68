"""A machine that was suspended, and a grace, over real sockets: both vendors, both runtimes."""

import time
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

import deskline
from deskline import Chat, EndReason, MessageReceived, Policy, Thread, ThreadEnded
from deskline.center import RunningCenter, serve
from deskline.testing import site_for
from deskline_center.brightpattern import APP_ID, BrightPatternChannel
from deskline_center.controls import AgentJoins, AgentSays, CloseContact, Control, DropSockets
from deskline_center.cxone import CXoneChannel, channel_id
from deskline_center.model import Channel
from tests.end_to_end.beside import run_all

HOURS = 5 * 3600.0
CHANNELS: dict[str, Channel] = {
    "cxone": CXoneChannel(id=channel_id("live", "secured"), mode="live", session="secured"),
    "brightpattern": BrightPatternChannel(
        id=APP_ID, greeting="", unresponsive=None, inactivity=None, history_after_end=3600.0, hold=1.0
    ),
}
EVERYWHERE = pytest.mark.parametrize("vendor", CHANNELS)
BOTH = pytest.mark.parametrize("runtime", ["trio", "asyncio"])
QUICK: dict[str, Any] = {
    "heartbeat": 0.3, "backoff": deskline.Backoff(first=0.1, jitter=(0.0, 0.1), ceiling=0.5), "background_poll": 0.3,
}  # fmt: skip


class Machine:
    """Where the app runs: its wall clock goes on while it sleeps, and its loop's does not."""

    def __init__(self, center: RunningCenter, runtime: str, vendor: str) -> None:
        self.center = center
        self.package: Any = getattr(deskline, runtime)
        self.channel = CHANNELS[vendor]
        self.slept = 0.0

    @asynccontextmanager
    async def talking(self, **policy: Any) -> AsyncGenerator[tuple[Chat, Thread, deskline.Events]]:
        """Give a chat in which an agent has answered, and what comes from then on."""
        async with self.package.open_chat(
            site_for(self.channel, self.center.url), policy=Policy(**QUICK, **policy),
            clock=lambda: time.time() + self.slept,
        ) as chat:  # fmt: skip
            thread = await chat.thread()
            await (await thread.send("one")).settled()
            events = chat.events()
            self.do(AgentJoins(), AgentSays(text="a1"))
            await heard(events, "a1")
            yield chat, thread, events

    def do(self, *controls: Control) -> None:
        """Let the agent do something."""
        for control in controls:
            self.center.control.do(control)

    def sleep(self) -> None:
        """Be suspended for hours."""
        self.slept += HOURS


async def heard(events: deskline.Events, text: str) -> None:
    """Wait for a message."""
    async for event in events:
        if isinstance(event, MessageReceived) and event.message.text == text:
            return


def run(runtime: str, vendor: str, scenario: Callable[[Machine], Coroutine[Any, Any, None]]) -> None:
    """Play a scenario with a center of its own."""
    with serve(channels=tuple(CHANNELS.values())) as center:
        run_all(runtime, [partial(scenario, Machine(center, runtime, vendor))])


@BOTH
@EVERYWHERE
def test_a_machine_that_slept_in_sight_catches_up(runtime: str, vendor: str) -> None:
    async def scenario(machine: Machine) -> None:
        async with machine.talking() as (chat, thread, events):
            machine.do(AgentSays(text="b1"))
            machine.sleep()
            await heard(events, "b1")
            machine.do(DropSockets())
            machine.sleep()
            machine.do(AgentSays(text="b2"))
            await heard(events, "b2")
            await chat.ready()
            await (await thread.send("two")).settled()
            assert [m.text for m in thread.messages if not m.mine] == ["a1", "b1", "b2"]

    run(runtime, vendor, scenario)


@BOTH
@EVERYWHERE
def test_a_chat_that_ended_while_its_app_slept_out_of_sight_is_told_so(runtime: str, vendor: str) -> None:
    async def scenario(machine: Machine) -> None:
        async with machine.talking() as (chat, thread, events):
            await chat.enter_background()
            machine.do(AgentSays(text="Goodbye!"), CloseContact())
            machine.sleep()
            await chat.enter_active()
            await heard(events, "Goodbye!")
            async for event in events:
                if isinstance(event, ThreadEnded):
                    break
            assert thread.reason is EndReason.AGENT

    run(runtime, vendor, scenario)


@BOTH
@EVERYWHERE
def test_within_the_grace_all_goes_on_and_after_it_the_chat_rests(runtime: str, vendor: str) -> None:
    async def scenario(machine: Machine) -> None:
        async with machine.talking(background_grace=3600.0) as (chat, thread, events):
            await chat.enter_background()
            machine.do(AgentSays(text="b1"))
            await heard(events, "b1")
            assert chat.state == "ready"
            machine.sleep()
            async for event in events:
                if isinstance(event, deskline.ChatStateChanged) and event.state == "prepared":
                    break
            await chat.enter_active()
            await chat.ready()
            assert [m.text for m in thread.messages if not m.mine] == ["a1", "b1"]

    run(runtime, vendor, scenario)
