"""Connections for requests that the far side may hold: a lane of its own for each, so that none waits for another."""

import math
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Final, Generic, Protocol, TypeVar

from deskline_core.errors import RequestNotAnswered
from deskline_transports.runtime import Event, current_runtime

__all__ = ["Lane", "Lanes"]

_KEPT: Final = 5.0
"""Seconds that a connection is kept for the next request; httpx keeps the others as long."""


class Lane(Protocol):
    """What carries one request at a time, over a connection that it keeps for the next one."""

    def aclose(self) -> Awaitable[object]:
        """Close the connection, also while it is in use."""
        ...


L = TypeVar("L", bound=Lane)


class Lanes(Generic[L]):
    """Lanes by the place they lead to.

    A pool of a thousand connections looks at each of them twice for every request, and a thousand chats ask a hundred
    times a second: taking a lane costs the same however many there are. At most ``limit`` are in use at a time, without
    end if it is None; who comes then waits, first come, first served. Those not used for five seconds are closed at the
    next :meth:`take`.
    """

    __slots__ = ("_busy", "_closed", "_free", "_idle", "_waiting")

    def __init__(self, limit: int | None) -> None:
        self._free = math.inf if limit is None else limit
        self._busy: dict[L, str] = {}
        self._idle: dict[L, tuple[str, float]] = {}
        """The lanes that nobody uses, with their places and since when: the oldest first."""
        self._waiting: deque[Event] = deque()
        self._closed = False

    async def take(self, place: str, make: Callable[[], L]) -> L:
        """Return a lane to ``place``: the one used last, or a new one. Raises RequestNotAnswered once closed."""
        await self._enter()
        try:
            await self._sweep()
            return self._pick(place, make)
        except BaseException:
            self._leave()
            raise

    def give_back(self, lane: L) -> None:
        """Keep a lane for the next request. One that is not in use is left as it is."""
        place = self._busy.pop(lane, None)
        if place is not None:
            self._idle[lane] = place, current_runtime().now()
            self._leave()

    async def end(self, lane: L) -> None:
        """Close a lane instead of giving it back: what it still carries is not known."""
        if self._busy.pop(lane, None) is not None:
            self._leave()
        await lane.aclose()

    async def aclose(self) -> None:
        """Close all lanes, those in use too, also when it is cancelled amid them; who waits for one is refused."""
        self._closed = True
        while self._waiting:
            self._leave()
        async with AsyncExitStack() as rest:
            for lane in (*self._busy, *self._idle):
                rest.push_async_callback(lane.aclose)
            self._busy.clear()
            self._idle.clear()

    async def _enter(self) -> None:
        if self._free > 0:
            self._free -= 1
            return
        turn = current_runtime().event()
        self._waiting.append(turn)
        try:
            await turn.wait()
        except BaseException:
            if turn in self._waiting:
                self._waiting.remove(turn)
            else:  # it was our turn just now: the next one's
                self._leave()
            raise

    def _leave(self) -> None:
        if self._waiting:
            self._waiting.popleft().set()
        else:
            self._free += 1

    def _pick(self, place: str, make: Callable[[], L]) -> L:
        if self._closed:
            raise RequestNotAnswered("the transport is closed", sent="no")
        kept = (lane for lane, (to, _) in reversed(self._idle.items()) if to == place)
        lane = next(kept, None) or make()
        self._idle.pop(lane, None)
        self._busy[lane] = place
        return lane

    async def _sweep(self) -> None:
        """Close what was not used for long; its connection is most likely closed by the far side."""
        if not self._idle:
            return
        long_ago = current_runtime().now() - _KEPT
        while self._idle:
            lane = next(iter(self._idle))
            if self._idle[lane][1] > long_ago:
                break
            del self._idle[lane]
            await lane.aclose()
