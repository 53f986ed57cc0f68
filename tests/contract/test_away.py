"""Out of sight and back, and a machine that was suspended: on both runtimes, with each vendor's site."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any, Literal

import pytest

from deskline import Chat, ChatState, EndReason, MessageReceived, Policy, Thread, ThreadEnded
from deskline_center import controls as k
from deskline_center.brightpattern import APP_ID, BrightPatternChannel
from deskline_center.cxone import CXoneChannel, channel_id
from deskline_center.inputs import Tick
from deskline_transports.memory import Crossing, Fate
from tests.contract.far_side import Desk, desk
from tests.contract.kits import KITS, Kit, Vendor, on_all

HOURS = 5 * 3600.0
Loss = Literal["", "reported", "unreported"]
LOSSES: tuple[Loss, ...] = ("", "reported", "unreported")
CHANNELS = (
    CXoneChannel(id=channel_id("live", "legacy"), mode="live"),
    BrightPatternChannel(
        id=APP_ID, mode="live", greeting="", unresponsive=None, inactivity=None, history_after_end=86_400.0
    ),
)


class Machine:
    """What the app runs on. Asleep, its own clock stands; the wall clock and the center's go on."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit
        self.dead: set[int] = set()
        self.is_dark = False

    def fate(self, crossing: Crossing) -> Fate:
        """Let nothing cross on what is lost without a word: a socket for ever, requests while it is dark."""
        return Fate(lost=crossing.socket in self.dead or (self.is_dark and crossing.socket == 0))

    @asynccontextmanager
    async def talking(self, vendor: Vendor, **options: Any) -> AsyncGenerator[tuple[Desk, Chat, Thread]]:
        """Give a chat in which an agent has answered."""
        async with (
            desk(self.kit, channels=CHANNELS, fate=self.fate) as d,
            d.ready("live", vendor=vendor, **options) as chat,
        ):
            thread = await chat.thread()
            await (await thread.send("one")).settled()
            d.do(k.AgentJoins())
            d.do(k.AgentSays(text="a1"))
            await self.kit.sleep(5)
            assert [m.text for m in thread.messages] == ["one", "a1"]
            yield d, chat, thread

    async def sleep(self, d: Desk, loss: Loss, *controls: k.Control) -> None:
        """Be suspended for hours, in which the agent does this; awake again, the loss is told, or found out."""
        self.is_dark = loss == "unreported"
        if self.is_dark:
            self.dead |= {socket.number for socket in d.network.sockets}
        for control in controls:
            d.do(control)
        d._time._zero += HOURS
        d.feed(Tick())
        if loss == "reported":
            d.cut()
        await self.kit.settle()
        self.is_dark = False


@pytest.mark.parametrize("is_away", [False, True], ids=["in sight", "out of sight"])
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("vendor", ["cxone", "brightpattern"])
@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_a_machine_that_slept_catches_up(kit: Kit, vendor: Vendor, loss: Loss, is_away: bool) -> None:
    async def scenario() -> None:
        machine = Machine(kit)
        async with machine.talking(vendor) as (d, chat, thread):
            events = chat.events()
            if is_away:
                await chat.enter_background()
                await kit.settle()
            await machine.sleep(d, loss, k.AgentSays(text="b1"), k.AgentSays(text="b2"))
            if is_away:
                await chat.enter_active()
            await kit.sleep(60)
            assert chat.state is ChatState.READY
            assert [m.text for m in thread.messages] == ["one", "a1", "b1", "b2"]
            await (await thread.send("two")).settled()
            assert d.texts("customer")[-1] == "two"
        told = [event.message.text async for event in events if isinstance(event, MessageReceived)]
        assert told == ["b1", "b2"]

    kit.run(scenario)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("vendor", ["cxone", "brightpattern"])
@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_a_chat_that_ended_while_the_machine_slept_is_told_so(kit: Kit, vendor: Vendor, loss: Loss) -> None:
    async def scenario() -> None:
        machine = Machine(kit)
        async with machine.talking(vendor) as (d, chat, thread):
            events = chat.events()
            await chat.enter_background()
            await machine.sleep(d, loss, k.AgentSays(text="Goodbye!"), k.CloseContact())
            await chat.enter_active()
            await chat.ready()
            await kit.settle()
            assert (thread.reason, thread.messages[-1].text) == (EndReason.AGENT, "Goodbye!")
            assert (await chat.thread()).id != thread.id
        news = [event async for event in events if isinstance(event, MessageReceived | ThreadEnded)]
        assert [type(event) for event in news] == [MessageReceived, ThreadEnded]

    kit.run(scenario)


@on_all
async def test_who_is_back_within_the_grace_never_was_away(kit: Kit, vendor: Vendor) -> None:
    machine = Machine(kit)
    async with machine.talking(vendor, policy=Policy(background_grace=30)) as (d, chat, thread):
        before = len(d.network.sockets)
        for text in ("b1", "b2", "b3"):
            await chat.enter_background()
            d.do(k.AgentSays(text=text))
            await kit.sleep(20)
            assert thread.messages[-1].text == text
            await chat.enter_active()
        assert (chat.state, len(d.network.sockets)) == (ChatState.READY, before)


@on_all
async def test_after_the_grace_the_chat_rests(kit: Kit, vendor: Vendor) -> None:
    machine = Machine(kit)
    async with machine.talking(vendor, policy=Policy(background_grace=30)) as (d, chat, thread):
        await chat.enter_background()
        await kit.sleep(31)
        assert (chat.state, d.network.sockets) == (ChatState.PREPARED, ())
        d.do(k.AgentSays(text="b1"))
        await chat.enter_active()
        await chat.ready()
        assert thread.messages[-1].text == "b1"


@on_all
async def test_a_grace_that_ran_out_asleep_is_over(kit: Kit, vendor: Vendor) -> None:
    machine = Machine(kit)
    async with machine.talking(vendor, policy=Policy(background_grace=30)) as (d, chat, thread):
        await chat.enter_background()
        await machine.sleep(d, "", k.AgentSays(text="b1"))
        await kit.sleep(30)
        assert chat.state is ChatState.PREPARED
        await chat.enter_active()
        await chat.ready()
        assert [m.text for m in thread.messages].count("b1") == 1
