"""Every fault at every stage of a chat, on real sockets: nothing is lost, doubled or swapped, and every wait ends."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import pytest

import deskline
from deskline import Chat, IllegalState, MessageStatus, Policy
from deskline.center import CenterServer, FaultProxy, RunningCenter
from deskline.center.wire_faults import Refuse
from tests.end_to_end.beside import Main, in_thread, in_time, run_all
from tests.end_to_end.faults.cases import CASES, PATIENT, Case
from tests.end_to_end.faults.customer import STAGES, Customer

LONGEST = 120.0
AT_ONCE = 40
AWAY = 1.0
"""For how many seconds nobody is let in."""
RUNTIMES = ("trio", "asyncio")
PLAYS = [
    pytest.param(runtime, case, id=f"{runtime}-{case.name}", marks=() if is_first else pytest.mark.slow)
    for runtime in RUNTIMES
    for case in CASES
    for is_first in [RUNTIMES[case.turn] == runtime]
]
"""By default each fault at each stage is on one runtime: by turns, from stage to stage and from fault to fault."""
SETTINGS = {"cxone": {}, "brightpattern": {"greeting": "", "hold": 1.0}}


class Town:
    """Where all centers and proxies live: a loop in a thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def do(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result()

    def later(self, seconds: float, call: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(self._loop.call_later, seconds, call)


@contextmanager
def town() -> Iterator[Town]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="centers", daemon=True)
    thread.start()
    try:
        yield Town(loop)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


class Play:
    """One case being played: the center, the proxy in front of it, and what both ends know in the end."""

    def __init__(self, case: Case, far: "Town", center: RunningCenter, proxy: FaultProxy) -> None:
        self._far = far
        self._case = case
        self._center = center
        self._proxy = proxy
        self.step = ""

    async def run(self, package: Any) -> None:
        site = self._case.place.site(self._center.url)
        policy = Policy(**{**PATIENT, **self._case.fault.policy})
        async with package.open_chat(site, policy=policy, connect=False) as chat:
            await self._converse(chat)
        await self._is_over()

    async def _converse(self, chat: Chat) -> None:
        customer = Customer(chat, self._center.control.do)
        for step in STAGES:
            self.step = step.__name__
            if self.step == self._case.step:
                self._strike()
            if self.step == "opens":
                await chat.connect()
            await step(customer)
        assert self._proxy.struck, "the fault did not strike"
        self._agree(customer)

    def _strike(self) -> None:
        for fault in self._case.arms:
            self._proxy.arm(fault)
        if self._case.fault.refuses:
            self._proxy.strike(Refuse())
            self._far.later(AWAY, self._come_back)

    def _come_back(self) -> None:
        with suppress(IllegalState):  # the play may be over
            self._proxy.heal()

    def _agree(self, customer: Customer) -> None:
        """Compare what both ends know."""
        (far,) = (each for each in self._center.control.overview()["threads"] if each["thread"] == customer.thread.id)
        arrived = [each["message"] for each in far["messages"] if each["direction"] == "inbound"]
        arrived = [each for each in arrived if each in {handle.id for handle in customer.sent}]
        assert len(arrived) == len(set(arrived)), "a message was doubled"
        sure = [handle.id for handle in customer.sent if handle.id not in customer.doubtful]
        assert [each for each in arrived if each in sure] == sure, "messages were lost, or swapped"
        for handle in customer.sent:
            if handle.status is not MessageStatus.UNCERTAIN:
                assert handle.id in arrived, f"{handle} was lost"
        said = [_text(each["content"]) for each in far["messages"] if each["direction"] == "outbound"]
        assert customer.told == said, "what the agent said was lost, doubled or swapped"
        assert [each.text for each in customer.thread.messages if not each.mine] == said
        assert far["contacts"][-1]["status"] == "closed"

    async def _is_over(self) -> None:
        """Nothing is left open, but for what a black hole keeps."""
        self._proxy.heal()
        for _ in range(100_000):
            if not self._proxy.open:
                return
            await in_thread(lambda: self._proxy.arm(self._case.arms[0]))
        raise AssertionError("a connection is left open")


def _text(content: dict[str, Any]) -> str:
    """Return the text of a message as it travels with either vendor."""
    text: str = content.get("text") or content["msg"]
    return text


async def _played(package: Any, far: Town, case: Case) -> BaseException | None:
    proxy = FaultProxy()
    vendor = "cxone" if case.place.name.startswith("live") else "brightpattern"
    channel = case.place.channel(SETTINGS[vendor], is_served=True)
    server = CenterServer(channels=(channel,), proxy=proxy)
    center = await in_thread(partial(far.do, server.start))
    play = Play(case, far, center, proxy)
    try:
        await in_time(LONGEST, partial(play.run, package))
    except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001 - the test of this case raises it
        error.add_note(f"at {play.step}, struck {proxy.struck}")
        return error
    finally:
        await in_thread(partial(far.do, server.stop))
    return None


def play_all(runtime: str, cases: Iterable[Case]) -> dict[Case, BaseException | None]:
    """Play cases on a runtime beside each other, and return what went wrong with each."""
    found: dict[Case, BaseException | None] = {}
    package = getattr(deskline, runtime)
    waiting = iter(cases)
    with town() as far:

        async def player() -> None:
            for case in waiting:  # all players take from the same ones
                found[case] = await _played(package, far, case)

        mains: list[Main] = [player] * AT_ONCE
        run_all(runtime, mains)
    return found


@pytest.fixture(scope="module")
def outcomes(request: pytest.FixtureRequest) -> dict[tuple[str, Case], BaseException | None]:
    """What became of all cases that this run asks for: they are played side by side, and looked at one by one."""
    items = [item for item in request.session.items if isinstance(item, pytest.Function)]
    asked: list[dict[str, Any]] = [item.callspec.params for item in items if item.module is request.module]
    return {
        (runtime, case): error
        for runtime in RUNTIMES
        for case, error in play_all(runtime, [a["case"] for a in asked if a["runtime"] == runtime]).items()
    }


@pytest.mark.parametrize(("runtime", "case"), PLAYS)
def test_nothing_is_lost_doubled_or_stuck(
    outcomes: dict[tuple[str, Case], BaseException | None], runtime: str, case: Case
) -> None:
    error = outcomes[runtime, case]
    if error is not None:
        raise error
