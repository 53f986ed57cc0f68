"""A flow as scenarios, each written once: it runs on real sockets on both runtimes, and in memory for its page.

A scenario gets a :class:`Play`: it opens chats through it, lets the operator act, and waits for what the app is told.
It asserts states, events and refusals, never times.
"""

from collections.abc import AsyncGenerator, Callable, Coroutine, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

from deskline import Chat, ChatStateChanged, MessageHandle, Thread, ThreadStateChanged
from deskline_center.controls import Control
from deskline_center.model import Channel
from tests.end_to_end.flows.places import CXonePlace, Place

__all__ = ["Flow", "Play", "Scenario", "Stage"]

E = TypeVar("E")
Run = Callable[["Play"], Coroutine[Any, Any, None]]

_MOST_TURNS = 5000
_CLOCKS = ("access_token_lifetime", "hold", "inactivity", "survey_seconds")
"""The settings of a channel that are short times."""


class Stage(Protocol):
    """Where a play takes place: a center with one channel, and a network between it and the chats.

    ``pace`` is how many times longer the short times of a scenario are there than they are written.
    """

    @property
    def pace(self) -> int: ...

    def open(self, *, reachable: bool, **options: Any) -> AbstractAsyncContextManager[Chat]:
        """Open a chat that does not connect yet. With ``reachable`` False nobody listens where the site is."""

    def do(self, control: Control) -> dict[str, Any]:
        """Let the operator do something."""

    def overview(self) -> dict[str, Any]:
        """Return what the center knows."""

    def mark(self) -> None:
        """The flow begins here: what came before is not drawn."""

    async def pause(self, turn: int = 0) -> None:
        """Give the others a turn; ``turn`` is how many there were already."""


@dataclass(frozen=True, eq=False)
class Scenario:
    """One way through a flow. ``branches`` are the error branches of the vendor's reference that it takes.

    ``steps`` are those of the reference's flow that it goes through, where the flow has numbered ones;
    ``settings`` are the channel's, ``policy`` the chat's; ``short`` is policy that is laid over it on real sockets
    only, so that nobody waits there for what virtual time passes in no time: each of them has to run out, and nothing
    that has to be in time runs against less than some seconds. With ``waits`` its sense is a time that passes, too.
    """

    run: Run
    on: tuple[Place, ...]
    branches: tuple[str, ...] = ()
    steps: tuple[str, ...] = ()
    drawn: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    policy: Mapping[str, Any] = field(default_factory=dict)
    short: Mapping[str, Any] = field(default_factory=dict)
    waits: bool = False

    @property
    def name(self) -> str:
        return self.run.__name__

    @property
    def wait(self) -> float:
        """About how long it mostly waits, on real sockets; 0 if it does not."""
        clocks: list[float] = [seconds for name, seconds in self.settings.items() if name in _CLOCKS]
        return float(max(0.0, self.waits, *self.short.values(), *clocks))

    @property
    def says(self) -> str:
        """The scenario in a sentence or two."""
        return " ".join((self.run.__doc__ or "").split())

    def channels(self, place: Place, *, is_served: bool = False, pace: int = 1) -> tuple[Channel, ...]:
        """Return the channel that the center has."""
        settings = {name: value * pace if name in _CLOCKS else value for name, value in self.settings.items()}
        return (place.channel(settings, is_served=is_served),)


class Flow:
    """A flow and its scenarios, in the order of their page; ``on`` is where they take place if they do not say."""

    def __init__(self, name: str, on: tuple[Place, ...] = (CXonePlace("single", "legacy"),)) -> None:
        self.name = name
        self._on = on
        self.scenarios: list[Scenario] = []

    def scenario(
        self, *branches: str, on: tuple[Place, ...] = (), drawn: bool = False, **rest: Any
    ) -> Callable[[Run], Scenario]:
        """Make a scenario of a coroutine function; with branches it is one of what goes wrong."""

        def make(run: Run) -> Scenario:
            scenario = Scenario(run=run, on=on or self._on, branches=branches, drawn=drawn, **rest)
            self.scenarios.append(scenario)
            return scenario

        return make


class Play:
    """A scenario under way. ``seen`` is what the app was told and what the scenario looked at, in words."""

    def __init__(self, stage: Stage, place: Place) -> None:
        self.stage = stage
        self.place = place
        self.seen: list[str] = []
        self.left = ""

    # --- the app ---

    @asynccontextmanager
    async def chat(self, *, connect: bool = True, reachable: bool = True, **options: Any) -> AsyncGenerator[Chat]:
        """Open a chat; all that it tells from its beginning can be waited for."""
        async with self.stage.open(reachable=reachable, **options) as chat:
            self.events = chat.events()
            if connect:
                await chat.connect()
            yield chat
            self.left = _standing(chat)

    @asynccontextmanager
    async def ready(self, **options: Any) -> AsyncGenerator[Chat]:
        """Open a chat that is ready; the flow begins there."""
        async with self.chat(**options) as chat:
            await chat.ready()
            self.begin(chat)
            yield chat

    @asynccontextmanager
    async def talking(self, text: str = "Where is order 4711?", **options: Any) -> AsyncGenerator[tuple[Chat, Thread]]:
        """Open a chat with a thread in which a message was delivered; the flow begins there."""
        async with self.chat(**options) as chat:
            thread = await chat.thread()
            await self.says(thread, text)
            self.begin(chat)
            yield chat, thread

    def begin(self, chat: Chat) -> None:
        """The flow begins here: what came before is neither drawn nor waited for."""
        self.stage.mark()
        self.events = chat.events()  # what was told before is no part of the flow

    async def says(self, thread: Thread, text: str) -> MessageHandle:
        """Send a message, and see that it arrives."""
        message = await thread.send(text)
        assert await message.settled() in self.place.arrives
        return message

    async def arrives(self, message: MessageHandle, *statuses: str) -> None:
        """See that a message arrives, with one of these statuses where they are named."""
        assert await message.settled() in (statuses or self.place.arrives)
        self.seen.append("message arrived")

    async def fails(self, message: MessageHandle) -> None:
        """See that a message fails."""
        assert await message.settled() == "failed"
        self.seen.append("message failed")

    async def hears(self, kind: type[E], where: Callable[[E], bool] | None = None) -> E:
        """Wait for an event of a kind, passing over the others."""
        event = await self._next(kind, where)
        self.seen.append(f"`{kind.__name__}`")
        return event

    async def becomes(self, state: str) -> ChatStateChanged:
        """Wait until the chat is told to be in a state."""
        event = await self._next(ChatStateChanged, lambda event: event.state == state)
        self.seen.append(f"chat {state}")
        return event

    async def thread_becomes(self, state: str) -> ThreadStateChanged:
        """Wait until a thread is told to be in a state."""
        event = await self._next(ThreadStateChanged, lambda event: event.state == state)
        self.seen.append(f"thread {state}")
        return event

    async def _next(self, kind: type[E], where: Callable[[E], bool] | None) -> E:
        async for event in self.events:
            if isinstance(event, kind) and (where is None or where(event)):
                return event
        raise AssertionError(f"no {kind.__name__}")

    @contextmanager
    def refused(self, kind: type[BaseException]) -> Iterator[None]:
        """See that what is asked for is refused."""
        try:
            yield
        except kind as refusal:
            if type(refusal) is not kind:
                raise
        else:
            raise AssertionError(f"no {kind.__name__}")
        self.seen.append(f"`{kind.__name__}` raised")

    # --- the center ---

    def seconds(self, seconds: float) -> float:
        """Return a time of the far side that something else has to be ahead of, as long as this stage needs it."""
        return seconds * self.stage.pace

    def do(self, control: Control) -> dict[str, Any]:
        """Let the operator do something."""
        return self.stage.do(control)

    def far(self, index: int = -1) -> dict[str, Any]:
        """Return the center's newest thread."""
        threads: list[dict[str, Any]] = self.stage.overview()["threads"]
        return threads[index]

    def far_chat(self) -> dict[str, Any]:
        """Return what the center has of the newest chat, where chats have more than threads."""
        chat: dict[str, Any] = self.stage.overview()["chats"][-1]
        return chat

    async def quiet(self) -> None:
        """Wait until a poll is held, and nothing waits for it: then all that happened was told."""
        await self.until(lambda _: self.far_chat()["polling"] and not self.far_chat()["waiting"])

    @property
    def channel(self) -> str:
        """The id of the center's channel."""
        id: str = self.stage.overview()["channels"][0]["id"]
        return id

    def visitor(self) -> list[str]:
        """Return what the center was told of the one visitor."""
        (events,) = self.stage.overview()["visitors"].values()
        return list(events)

    async def until(self, holds: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Wait until the center has come to something; for what the app is told nothing about."""
        for turn in range(_MOST_TURNS):
            if holds(overview := self.stage.overview()):
                return overview
            await self.stage.pause(turn)
        raise AssertionError("the center never came to it")


def _standing(chat: Chat) -> str:
    threads = chat.threads
    thread = f", thread {threads[-1].state}" if threads else ""
    reason = f" ({threads[-1].reason})" if threads and threads[-1].reason else ""
    return f"chat {chat.state}{thread}{reason}"
