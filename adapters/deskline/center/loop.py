"""The one loop around the pure center: feed an input, carry out the commands, re-arm the one timer; and its thread."""

import asyncio
import contextlib
import threading
import time
from collections.abc import Coroutine, Generator
from typing import Any, Protocol, TypeVar

from deskline_center import (
    Abandon,
    AcceptSocket,
    AnswerControl,
    Center,
    Command,
    Continue,
    Drop,
    Input,
    Push,
    RefuseControl,
    RefuseSocket,
    RequestGone,
    Respond,
    Tick,
)

__all__ = ["CenterLoop", "SocketOrder", "in_thread", "running_loop"]

SocketOrder = AcceptSocket | RefuseSocket | Push | Drop


class CenterLoop:
    """Runs a center on the running asyncio loop. All methods are for that loop's thread only.

    A REST request waits on a future (None stands for "no answer, cut the connection"), and reads from a queue what
    follows if its answer says so; a socket reads its orders from a queue, a control waits on a future for its value.
    """

    def __init__(self, center: Center) -> None:
        self.center = center
        self.answers: dict[str, asyncio.Future[Respond | None]] = {}
        self.parts: dict[str, asyncio.Queue[Continue | None]] = {}
        self.orders: dict[str, asyncio.Queue[SocketOrder]] = {}
        self.controls: dict[str, asyncio.Future[AnswerControl | RefuseControl]] = {}
        self._loop = asyncio.get_running_loop()
        self._offset = time.time() - self._loop.time()
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False
        self._count = 0

    def name(self, kind: str) -> str:
        """Return a name no other request, socket or control of this loop has."""
        self._count += 1
        return f"{kind}{self._count}"

    @property
    def now(self) -> float:
        """UTC seconds that never go back: one reading of the wall clock, and the loop's own clock since."""
        return self._loop.time() + self._offset

    def feed(self, input: Input) -> None:
        """Give the center an input, and do what it says. Carrying out never feeds: whoever waits is only woken."""
        for command in self.center.handle(input, now=self.now):
            self._carry_out(command)
        self._arm()

    def _carry_out(self, command: Command) -> None:
        match command:
            case Respond(id=id):
                _settle(self.answers.get(id), command)
            case Continue(id=id):
                self._follow(id, command)
            case Abandon(id=id):
                _settle(self.answers.get(id), None)
                self._follow(id, None)
            case AnswerControl(id=id) | RefuseControl(id=id):
                _settle(self.controls.get(id), command)
            case AcceptSocket() | RefuseSocket() | Push() | Drop():
                queue = self.orders.get(command.socket)
                if queue is not None:
                    queue.put_nowait(command)

    def _follow(self, id: str, part: Continue | None) -> None:
        if (queue := self.parts.get(id)) is not None:
            queue.put_nowait(part)

    def follow_no_more(self, id: str) -> None:
        """Let the center know that nobody reads what follows of an answer."""
        del self.parts[id]
        self.feed(RequestGone(id=id))

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        due = self.center.next_deadline
        self._timer = (
            None if due is None or self._stopped else self._loop.call_at(due - self._offset, self.feed, Tick())
        )

    def stop(self) -> None:
        """Let nothing run on: no timer, now or later, and no request that waits."""
        self._stopped = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        for answer in self.answers.values():
            _settle(answer, None)
        for id in self.parts:
            self._follow(id, None)


def _settle(future: "asyncio.Future[Any] | None", value: object) -> None:
    if future is not None and not future.done():
        future.set_result(value)


T_co = TypeVar("T_co", covariant=True)


class _Started(Protocol[T_co]):
    """What runs in an asyncio loop between its start and its stop."""

    def start(self) -> Coroutine[Any, Any, T_co]: ...

    def stop(self) -> Coroutine[Any, Any, None]: ...


@contextlib.contextmanager
def in_thread(what: _Started[T_co], *, name: str) -> Generator[T_co]:
    """Run it in a thread with a loop of its own, and give what its start returns."""
    home = asyncio.new_event_loop()
    thread = threading.Thread(target=home.run_forever, name=name, daemon=True)
    thread.start()
    try:
        yield asyncio.run_coroutine_threadsafe(what.start(), home).result()
    finally:
        asyncio.run_coroutine_threadsafe(what.stop(), home).result()
        home.call_soon_threadsafe(home.stop)
        thread.join()
        home.close()


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the asyncio loop that runs in this thread, if one does."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
