"""Long polls under a chat, by the smallest vendor there can be: it polls, and does nothing else; on both runtimes."""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pytest

from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.lifecycle import ChatState
from deskline_core.session import Session, Vendor
from deskline_core.values import Secret
from deskline_transports.base import Response, RestRequest
from deskline_transports.memory import MemoryNetwork
from tests.contract.kits import KITS, Kit, on_both

HOLD = 15.0
"""Seconds that the far side holds a poll (Bright Pattern reference, section 10)."""


class Poller:
    """Polls from the opening to the end; every typing of the app is a request beside it."""

    chat_state = ChatState.READY
    threads: Mapping[str, Any] = MappingProxyType({})

    def __init__(self, session: Session) -> None:
        self.session = session
        self.open = 0
        self.last = 0

    def send(self, path: str, *, held: bool) -> int:
        self.last += 1
        url = Secret(f"https://chat.example/{path}")
        deadline = self.session.now + 30
        self.session.emit(c.SendRequest(id=self.last, method="GET", url=url, deadline=deadline, limit=1000, held=held))
        self.session.deadlines.set("answer", deadline, self.last)
        return self.last

    def take(self, input: i.AppRequest) -> None:
        if isinstance(input, i.Open):
            self.open = self.send("poll", held=True)
        elif isinstance(input, i.EnterBackground):
            self.session.emit(c.CancelRequest(id=self.open))
            self.session.deadlines.clear("answer", self.open)
        elif isinstance(input, i.LeavePage):
            self.send("send", held=False)
        self.session.requests.answer(input.request)

    def answered(self, report: i.ResponseReceived) -> None:
        self.session.deadlines.clear("answer", report.id)
        if report.id == self.open:
            self.open = self.send("poll", held=True)

    def failed(self, report: i.RequestFailed) -> None:
        raise AssertionError(report)

    def elapsed(self, name: str, ref: str | int) -> None:
        raise AssertionError(name, ref)

    reports: Mapping[type, Any] = MappingProxyType({i.ResponseReceived: answered, i.RequestFailed: failed})


class Site:
    identity = "polling"

    def attach(self, session: Session) -> Vendor:
        poller: Any = Poller(session)
        checked: Vendor = poller
        return checked


class FarSide:
    """Holds polls and answers everything else; counts what it is asked, and what of that is still held."""

    def __init__(self, kit: Kit, hold: float = HOLD) -> None:
        self.kit = kit
        self.hold = hold
        self.asked: list[tuple[str, bool]] = []
        self.holding = 0

    async def respond(self, request: RestRequest) -> Response:
        path = request.url.rpartition("/")[2]
        self.asked.append((path, request.held))
        if path == "poll":
            self.holding += 1
            try:
                await self.kit.sleep(self.hold)
            finally:
                self.holding -= 1
        return Response(status=200)

    def open_chat(self) -> Any:
        return self.kit.package.open_chat(Site(), network=MemoryNetwork(self.respond).transport())


@on_both
async def test_polls_are_held_and_what_is_sent_is_not(kit: Kit) -> None:
    far = FarSide(kit)
    async with far.open_chat() as chat:
        await kit.settle()
        await chat.leave_page()
        await kit.settle()
        assert far.asked == [("poll", True), ("send", False)]
        await kit.sleep(HOLD + 1)
        assert far.asked == [("poll", True), ("send", False), ("poll", True)]


@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_an_idle_chat_does_one_thing_for_each_poll_and_nothing_between(
    kit: Kit, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        far = FarSide(kit)
        async with far.open_chat():
            await kit.sleep(1)
            caplog.clear()
            await kit.sleep(3600)
            # Everything that goes in or comes out of the session: one answer in, one request out.
            told = [record.getMessage().partition("(")[0] for record in caplog.records]
            assert told == ["> ResponseReceived", "< SendRequest"] * round(3600 / HOLD)

    caplog.set_level(logging.DEBUG, "deskline.session")
    kit.run(scenario)


@on_both
async def test_leaving_waits_for_no_answer(kit: Kit) -> None:
    far = FarSide(kit, hold=1e9)
    async with kit.group() as group:
        began = kit.now()
        async with far.open_chat():
            await kit.sleep(10)
            assert far.holding == 1
        assert kit.now() == began + 10
        assert far.holding == 0
        assert kit.strays(group) == 0


@on_both
async def test_a_cancelled_poll_is_over_at_once(kit: Kit) -> None:
    far = FarSide(kit, hold=1e9)
    async with far.open_chat() as chat:
        await kit.sleep(10)
        began = kit.now()
        await chat.enter_background()
        await kit.settle()
        assert far.holding == 0
        assert kit.now() - began < 0.001
        await kit.sleep(3600)
        assert far.asked == [("poll", True)]
