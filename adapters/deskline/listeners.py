"""Events for the app: one bounded iterator per listener, held weakly."""

import weakref
from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Any, Final, Self, final

from deskline.host import Host, require_here
from deskline_core import events as news
from deskline_core.errors import IllegalState, InvalidValue
from deskline_core.events import Event
from deskline_core.values import Value

__all__ = ["DEFAULT_LIMIT", "Events", "EventsSkipped", "Listeners"]

DEFAULT_LIMIT: Final = 1000
_LEAST: Final = 2


class EventsSkipped(Value, frozen=True, kw_only=True):
    """This listener was too slow: ``count`` events before the next one are left out.

    What follows tells the latest states; messages stay readable in the thread's ``messages``.
    """

    count: int


_KINDS: Final[dict[type[Event], str]] = {
    news.ChatStateChanged: "chat",
    news.ReauthenticationNeeded: "credentials",
    news.CustomerIdentified: "customer",
    news.ThreadStateChanged: "state",
    news.ThreadEnded: "end",
    news.ThreadRenamed: "name",
    news.PartyJoined: "agent",
    news.PartyLeft: "agent",
    news.TypingStarted: "typing",
    news.TypingStopped: "typing",
    news.StageChanged: "stage",
    news.QueuePositionChanged: "queue",
    news.FormRequested: "form",
    news.FormClosed: "form",
    news.CaseChanged: "case",
    news.DepartmentNamed: "department",
    news.InactivityWarned: "inactivity",
    news.InactivityCleared: "inactivity",
}
"""Events that tell a state: when a listener overflows, the latest of each kind stays, for each thread and whatever else
it is the state of."""
_OF_WHOM: Final[dict[type[Event], Callable[[Any], str]]] = {
    **dict.fromkeys(
        (news.PartyJoined, news.PartyLeft, news.TypingStarted, news.TypingStopped), lambda event: event.party.id
    ),
    news.FormRequested: lambda event: event.form.id,
    news.FormClosed: lambda event: event.form,
}
"""States of which a thread has several at a time, and what tells them apart."""


def _nothing_else(_event: Event) -> str:
    return ""


@final
class Events:
    """An iterator over what happens from now on: ``async for event in chat.events()``.

    Each one sees every event. At most ``limit`` wait in it; then the latest states stay, the rest is told by one
    :class:`EventsSkipped`. It ends when the chat is closed and all is read, or after :meth:`aclose`. One task reads
    it at a time.
    """

    def __init__(self, host: Host, limit: int) -> None:
        if limit < _LEAST:
            raise InvalidValue(f"the limit of waiting events must be at least {_LEAST}, not {limit}")
        require_here(host)
        self._host = host
        self._limit = limit
        self._waiting: deque[Event | EventsSkipped] = deque()
        self._signal = host.signal()
        self._wait = self._signal.wait
        self._parked = False
        self._ended = False

    def push(self, event: Event) -> None:
        """Add an event, and wake the reader."""
        if self._ended:
            return
        if len(self._waiting) >= self._limit:
            self._coalesce()
        self._waiting.append(event)
        if self._parked:
            self._signal.set()

    def _coalesce(self) -> None:
        latest: dict[tuple[str, str, str], Event] = {}
        skipped = 0
        for event in self._waiting:
            if isinstance(event, EventsSkipped):
                skipped += event.count
            elif (kind := _KINDS.get(type(event))) is None:
                skipped += 1
            else:
                which = _OF_WHOM.get(type(event), _nothing_else)
                key = (kind, getattr(event, "thread", ""), which(event))
                skipped += latest.pop(key, None) is not None
                latest[key] = event
        too_many = max(len(latest) + 2 - self._limit, 0)
        kept = list(latest.values())[too_many:]
        self._waiting = deque([EventsSkipped(count=skipped + too_many), *kept])

    def end(self) -> None:
        """Let the iteration end once all is read."""
        self._ended = True
        if self._parked:
            self._signal.set()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event | EventsSkipped:
        if self._waiting:
            await self._host.yield_if_cancelled()
            return self._waiting.popleft()
        if self._parked:
            raise IllegalState("another task waits for this iterator's next event", hint="use one chat.events() each")
        # Paid per message: no further coroutine stands between this and the runtime's trap.
        self._parked = True
        try:
            while not self._waiting:
                if self._ended:
                    raise StopAsyncIteration
                await self._wait()
        finally:
            self._parked = False
        return self._waiting.popleft()

    async def aclose(self) -> None:
        """Stop listening; what waits is dropped."""
        self._waiting.clear()
        self.end()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


@final
class Listeners:
    """All iterators of one chat. It does not keep them alive: one that nobody holds is gone."""

    __slots__ = ("_ended", "_refs")

    def __init__(self) -> None:
        self._refs: list[weakref.ref[Events]] = []
        self._ended = False

    def add(self, events: Events) -> Events:
        """Let it hear what happens from now on."""
        self._refs.append(weakref.ref(events, self._forget))
        if self._ended:
            events.end()
        return events

    def _forget(self, dead: weakref.ref[Events]) -> None:
        # A new list: the collector may call this while the old one is walked.
        self._refs = [ref for ref in self._refs if ref is not dead]

    def tell(self, event: Event) -> None:
        """Give an event to everyone."""
        for ref in self._refs:
            if (listener := ref()) is not None:
                listener.push(event)

    def end(self) -> None:
        """Tell everyone that nothing more comes."""
        self._ended = True
        for listener in [ref() for ref in self._refs]:
            if listener is not None:
                listener.end()
