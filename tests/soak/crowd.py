"""All visitors of one runtime, in a thread of their own, and the phases that they go through together."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from queue import SimpleQueue
from typing import Any, Final, Literal, Protocol

import trio

import deskline
from tests.end_to_end.beside import Main, pause, together
from tests.soak.accounts import Account

__all__ = ["Crowd", "Guest"]

_LOOK: Final = 0.05


class Guest(Protocol):
    """Who belongs to a crowd."""

    doing: str

    async def live(self) -> None:
        """Come, and go when the crowd is over."""
        ...


class Crowd:
    """The visitors of one runtime. ``phase`` is set from outside, by one thread; all else belongs to the crowd's own.

    While it is ``busy`` they do this and that, ``rest`` lets each of them come to an end with it and wait, ``over``
    sends them away. ``pace`` is the mean pause between two things that one of them does, in seconds;
    in the ``arrival`` they come in, one after the other.
    """

    def __init__(
        self, name: Literal["trio", "asyncio"], *, pace: float, arrival: float, accounts: "SimpleQueue[Account]"
    ) -> None:
        self.name = name
        self.pace = pace
        self.arrival = arrival
        self.phase: Literal["busy", "rest", "over"] = "over"
        self.counts: Counter[str] = Counter()
        self.errors: list[BaseException] = []
        self.resting = 0
        self.inside = 0
        self.ended: BaseException | None = None
        self.tasks: Callable[[], int] = lambda: 0
        self._accounts = accounts
        self._guests: list[Guest] = []
        self._invited: Callable[[Any], list[Guest]] | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name=f"crowd on {name}", daemon=True)
        self._thread.start()

    # --- for who leads it ---

    def invite(self, guests: Callable[[Any], list[Guest]]) -> None:
        """Let guests in, to rest at first; they are made with the transport that they may share."""
        self.phase, self._invited = "rest", guests

    @property
    def is_invited(self) -> bool:
        """Whether all who were invited are there, or were."""
        return self._invited is None

    @property
    def is_at_rest(self) -> bool:
        """Whether all who were invited are in, and rest."""
        return self.is_invited and self.resting == self.inside

    @property
    def is_empty(self) -> bool:
        """Whether all have left."""
        return self.inside == 0 and self._invited is None

    def late(self) -> list[str]:
        """Return what those are doing who do not rest yet."""
        return [guest.doing for guest in self._guests]

    def close(self) -> None:
        """End the thread; nobody may be inside."""
        self._closed = True
        self._thread.join()

    # --- for its guests ---

    @property
    def is_over(self) -> bool:
        """Whether to leave."""
        return self.phase == "over"

    @property
    def is_resting(self) -> bool:
        """Whether to come to rest."""
        return self.phase == "rest"

    async def rest(self) -> None:
        """Wait until it is busy again, or over."""
        self.resting += 1
        while self.is_resting:
            await pause(_LOOK)
        self.resting -= 1

    def account(self, account: Account) -> None:
        """Hand in what is known of a thread."""
        self._accounts.put(account)

    def failed(self, error: BaseException) -> None:
        """Note what went wrong with a guest, who leaves."""
        self.errors.append(error)

    # --- its thread ---

    def _run(self) -> None:
        try:
            if self.name == "trio":
                trio.run(self._main)
            else:
                asyncio.run(self._main())
        except BaseException as error:  # noqa: BLE001 - whoever leads it looks here
            self.ended = error

    async def _main(self) -> None:
        self.tasks = _counter()
        while not self._closed:
            if self._invited is not None:
                await self._host(self._invited)
            await pause(_LOOK)

    async def _host(self, invited: Callable[[Any], list[Guest]]) -> None:
        async with _transport(self.name) as shared:
            self._guests = invited(shared)
            self.inside = len(self._guests)
            self._invited = None
            mains: list[Main] = [self._entertained(guest) for guest in self._guests]
            await together(mains)

    def _entertained(self, guest: Guest) -> Main:
        async def live() -> None:
            try:
                await guest.live()
            finally:
                self._guests.remove(guest)
                self.inside -= 1

        return live


def _transport(runtime: str) -> AbstractAsyncContextManager[Any]:
    return deskline.trio.TrioTransport() if runtime == "trio" else deskline.asyncio.AsyncioTransport()


def _counter() -> Callable[[], int]:
    """Return what counts the tasks of the running loop, from another thread."""
    if not trio.lowlevel.in_trio_task():
        loop = asyncio.get_running_loop()

        async def count() -> int:
            return len(asyncio.all_tasks()) - 1

        return lambda: asyncio.run_coroutine_threadsafe(count(), loop).result()
    token = trio.lowlevel.current_trio_token()
    return lambda: trio.from_thread.run_sync(_trio_tasks, trio_token=token)


def _trio_tasks() -> int:
    root = trio.lowlevel.current_root_task()
    waiting, found = [] if root is None else [root], 0
    while waiting:
        task = waiting.pop()
        found += 1
        waiting += [child for nursery in task.child_nurseries for child in nursery.child_tasks]
    return found
