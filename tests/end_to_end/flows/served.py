"""Plays on real sockets: a center on loopback for each, and all of one runtime's plays side by side in one loop."""

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
from tests.end_to_end.flows.places import Place
from tests.end_to_end.flows.play import Play, Scenario

__all__ = ["RUNTIMES", "Case", "Outcome", "play_all"]

Case = tuple[Scenario, Place]
Run = Callable[[], Coroutine[Any, Any, None]]
_AT_ONCE = 24
_LONGEST = 30.0
_PAUSE = 0.002
_QUICK: Mapping[str, Any] = {
    "backoff": Backoff(first=0.05, jitter=(0.0, 0.0), ceiling=0.1),
    "rest_retry": Backoff(first=0.02, jitter=(0.0, 0.0), ceiling=0.05, attempts=3),
}


class Outcome:
    """What became of a play."""

    def __init__(self) -> None:
        self.error: BaseException | None = None
        self.seen: list[str] = []
        self.left = ""


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
        with trio.fail_after(_LONGEST):
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
        async with asyncio.timeout(_LONGEST):
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

    def __init__(self, runtime: Runtime, transport: Transport, center: RunningCenter, nobody: str, case: Case) -> None:
        self._runtime = runtime
        self._transport = transport
        self._center = center
        self._nobody = nobody
        self._scenario, self._place = case

    def open(self, *, reachable: bool, **options: Any) -> AbstractAsyncContextManager[Chat]:
        site = self._place.site(self._center.url if reachable else self._nobody)
        policy = Policy(**{**_QUICK, **self._place.short, **self._scenario.policy, **self._scenario.short})
        options = {"network": self._transport, "policy": policy, "connect": False, **options}
        opened: AbstractAsyncContextManager[Chat] = self._runtime.package.open_chat(site, **options)
        return opened

    def do(self, control: Control) -> dict[str, Any]:
        return self._center.control.do(control)

    def overview(self) -> dict[str, Any]:
        return self._center.control.overview()

    def mark(self) -> None:
        pass

    async def pause(self) -> None:
        await self._runtime.sleep(_PAUSE)


def play_all(runtime: Runtime, cases: Iterable[Case]) -> dict[Case, Outcome]:
    """Play all cases on a runtime, a few at a time, and return what became of each."""
    outcomes = {case: Outcome() for case in cases}
    with _town() as town:

        async def main() -> None:
            waiting = iter(outcomes.items())

            async def player() -> None:
                for case, outcome in waiting:  # all players take from the same ones
                    await _played(runtime, town, case, outcome)

            await runtime.together([player] * _AT_ONCE)

        runtime.run(main)
    return outcomes


async def _played(runtime: Runtime, town: _Town, case: Case, outcome: Outcome) -> None:
    scenario, place = case
    server = CenterServer(channels=scenario.channels(place, is_served=True))
    try:
        center = await runtime.in_thread(partial(town.do, server.start))
        async with runtime.transport() as transport:
            play = Play(_Served(runtime, transport, center, town.nobody, case), place)
            await runtime.in_time(partial(scenario.run, play))
            outcome.seen, outcome.left = play.seen, play.left
    except Exception as error:  # noqa: BLE001 - the test of this case raises it
        outcome.error = error
    finally:
        await runtime.in_thread(partial(town.do, server.stop))
