"""Plays on real sockets: a center on loopback for each, and all of one runtime's plays side by side in one loop.

Those that mostly wait for a time to pass are many at once, the others few, so that none waits long for its turn: a
processor that others use as well makes all of them late, and then only what has to be in time may be what is late.
"""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, contextmanager
from functools import partial
from typing import Any, Protocol

import trio

import deskline
from deskline import Backoff, Chat, Policy
from deskline.center import CenterServer, RunningCenter
from deskline_center.controls import Control
from deskline_transports.base import Transport
from tests.end_to_end.beside import LONGEST, PATIENT
from tests.end_to_end.flows.places import Place
from tests.end_to_end.flows.play import Play, Scenario

__all__ = ["RUNTIMES", "Case", "Outcome", "play_all", "play_alone"]

Case = tuple[Scenario, Place]
Run = Callable[[], Coroutine[Any, Any, None]]
_SLOW_AT_ONCE = 16
_OTHERS_AT_ONCE = 10
_PAUSE, _LONGEST_PAUSE = 0.002, 0.05
_ALONE = 5
"""How many times longer the short times are for a play that has the processor to itself."""
_QUICK: Mapping[str, Any] = {
    "backoff": Backoff(first=0.05, jitter=(0.0, 0.0), ceiling=0.1),
    "rest_retry": Backoff(first=0.02, jitter=(0.0, 0.0), ceiling=0.05, attempts=3),
}


class Outcome:
    """What became of a play. ``before`` is what had become of it beside the others, if it was played again alone."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.seen: list[str] = []
        self.left = ""
        self.before: Outcome | None = None


class Runtime(Protocol):
    """What plays need of a runtime."""

    @property
    def name(self) -> str: ...

    @property
    def package(self) -> Any: ...

    def transport(self) -> AbstractAsyncContextManager[Transport]: ...

    def run(self, main: Run) -> None: ...

    async def together(self, runs: Iterable[Run]) -> None: ...

    async def in_time(self, run: Run) -> None: ...

    async def in_thread(self, call: Callable[[], Any]) -> Any: ...

    async def sleep(self, seconds: float) -> None: ...


class _Trio:
    name = "trio"
    package = deskline.trio

    def transport(self) -> AbstractAsyncContextManager[Transport]:
        return deskline.trio.TrioTransport(deskline.trio.Network())

    def run(self, main: Run) -> None:
        trio.run(main)

    async def together(self, runs: Iterable[Run]) -> None:
        async with trio.open_nursery() as nursery:
            for run in runs:
                nursery.start_soon(run)

    async def in_time(self, run: Run) -> None:
        with trio.fail_after(LONGEST):
            await run()

    async def in_thread(self, call: Callable[[], Any]) -> Any:
        with trio.CancelScope(shield=True):
            return await trio.to_thread.run_sync(call)

    async def sleep(self, seconds: float) -> None:
        await trio.sleep(seconds)


class _Asyncio:
    name = "asyncio"
    package = deskline.asyncio

    def transport(self) -> AbstractAsyncContextManager[Transport]:
        return deskline.asyncio.AsyncioTransport(deskline.asyncio.Network())

    def run(self, main: Run) -> None:
        asyncio.run(main())

    async def together(self, runs: Iterable[Run]) -> None:
        async with asyncio.TaskGroup() as group:
            for run in runs:
                group.create_task(run())

    async def in_time(self, run: Run) -> None:
        async with asyncio.timeout(LONGEST):
            await run()

    async def in_thread(self, call: Callable[[], Any]) -> Any:
        return await asyncio.to_thread(call)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


RUNTIMES: tuple[Runtime, ...] = (_Trio(), _Asyncio())


class _Town:
    """Where all centers of a run live: a loop in a thread. On the port ``nobody`` nobody listens."""

    def __init__(self, loop: asyncio.AbstractEventLoop, nobody: int) -> None:
        self._loop = loop
        self.nobody = f"http://127.0.0.1:{nobody}"

    def do(self, work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
        """Do something in the town's loop, from any other thread."""
        return asyncio.run_coroutine_threadsafe(work(), self._loop).result()


@contextmanager
def _town() -> Iterator[_Town]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="centers", daemon=True)
    thread.start()
    with socket.socket() as bound:  # bound, so that nobody else takes the port, but it does not listen
        bound.bind(("127.0.0.1", 0))
        try:
            yield _Town(loop, bound.getsockname()[1])
        finally:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()
            loop.close()


class _Served:
    """The stage of one play on real sockets."""

    def __init__(
        self, runtime: Runtime, transport: Transport, center: RunningCenter, nobody: str, case: Case, pace: int
    ) -> None:
        self.pace = pace
        self._runtime = runtime
        self._transport = transport
        self._center = center
        self._nobody = nobody
        self._scenario, self._place = case

    def open(self, *, reachable: bool, **options: Any) -> AbstractAsyncContextManager[Chat]:
        site = self._place.site(self._center.url if reachable else self._nobody)
        short = {name: value * self.pace for name, value in self._scenario.short.items()}
        policy = Policy(**{**_QUICK, **PATIENT, **self._place.short, **self._scenario.policy, **short})
        options = {"network": self._transport, "policy": policy, "connect": False, **options}
        opened: AbstractAsyncContextManager[Chat] = self._runtime.package.open_chat(site, **options)
        return opened

    def do(self, control: Control) -> dict[str, Any]:
        return self._center.control.do(control)

    def overview(self) -> dict[str, Any]:
        return self._center.control.overview()

    def mark(self) -> None:
        pass

    async def pause(self, turn: int = 0) -> None:
        await self._runtime.sleep(min(_PAUSE * (1 + turn / 4), _LONGEST_PAUSE))  # the center works for each look at it


def play_all(runtime: Runtime, cases: Iterable[Case]) -> dict[Case, Outcome]:
    """Play all cases on a runtime, some at a time, and return what became of each."""
    longest_first = sorted(cases, key=lambda case: -case[0].wait)
    slow = [case for case in longest_first if case[0].wait]
    return _play(runtime, ((slow, _SLOW_AT_ONCE), (longest_first[len(slow) :], _OTHERS_AT_ONCE)), pace=1)


def play_alone(runtime: Runtime, case: Case) -> Outcome:
    """Play one case with nothing beside it and with longer times, and return what became of it.

    For what failed among the others: there a starved processor may have let a short time run out before its turn came,
    which says nothing of the client. A client that is wrong is wrong here, too.
    """
    return _play(runtime, (([case], 1),), pace=_ALONE)[case]


def _play(runtime: Runtime, parts: Iterable[tuple[list[Case], int]], *, pace: int) -> dict[Case, Outcome]:
    outcomes: dict[Case, Outcome] = {}
    with _town() as town:

        async def player(waiting: Iterator[Case]) -> None:
            for case in waiting:  # all players of a part take from the same ones
                outcomes[case] = await _played(runtime, town, case, pace)

        async def main() -> None:
            shared = [(iter(cases), at_once) for cases, at_once in parts]
            await runtime.together(partial(player, cases) for cases, at_once in shared for _ in range(at_once))

        runtime.run(main)
    return outcomes


async def _played(runtime: Runtime, town: _Town, case: Case, pace: int) -> Outcome:
    scenario, place = case
    outcome = Outcome()
    server = CenterServer(channels=scenario.channels(place, is_served=True, pace=pace))
    try:
        center = await runtime.in_thread(partial(town.do, server.start))
        async with runtime.transport() as transport:
            play = Play(_Served(runtime, transport, center, town.nobody, case, pace), place)
            await runtime.in_time(partial(scenario.run, play))
            outcome.seen, outcome.left = play.seen, play.left
    except Exception as error:  # noqa: BLE001 - the test of this case raises it
        outcome.error = error
    finally:
        await runtime.in_thread(partial(town.do, server.stop))
    return outcome
