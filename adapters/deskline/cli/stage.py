"""Where a demo plays: what happens is told with its time, and each step is awaited, checked and named."""

import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final, NamedTuple, TypeVar, final

from deskline.center import Controls
from deskline.chat import Chat
from deskline.cli.narration import told
from deskline.cli.terminal import clean, say
from deskline.host import Host
from deskline.listeners import Events, EventsSkipped
from deskline.thread import Thread
from deskline_center.controls import Control
from deskline_center.model import Channel
from deskline_center.scripts import Script
from deskline_core.errors import DesklineError
from deskline_core.events import Event, MessageReceived
from deskline_core.session import Site

__all__ = ["Missing", "Play", "Stage", "has", "says", "thread_of"]

E = TypeVar("E")
T = TypeVar("T")
_MOMENT: Final = 0.02


class Missing(Exception):
    """A step failed; the message says how."""


class Play(NamedTuple):
    """What a demo plays: with whom, what the agent does by itself, the story, and what is true when all is closed.

    ``site`` makes the site from the center's address. ``closed`` names what must hold of the center's overview.
    """

    title: str
    channel: Channel
    script: Script
    site: Callable[[str], Site]
    story: Callable[["Stage"], Coroutine[Any, Any, None]]
    closed: tuple[str, Callable[[dict[str, Any]], bool]]


@final
class Stage:
    """Tells the chat's events as they come, and holds them for the steps that look for them.

    ``open`` is the step that has begun and not happened yet, "" between steps; ``done`` are those that happened.
    """

    def __init__(self, chat: Chat, host: Host, control: Controls, began: float) -> None:
        self.chat = chat
        self.control = control
        self.open = ""
        self.done: list[str] = []
        self._host = host
        self._began = began
        self._seen: list[Event | EventsSkipped] = []
        self._more = host.signal()
        host.spawn(partial(self._listen, chat.events()))

    async def _listen(self, events: Events) -> None:
        async for event in events:
            who, what = told(event)
            if what:
                say(f"{time.monotonic() - self._began:7.2f} s  {who:<10} {what}")
            self._seen.append(event)
            self._more.set()

    # --- steps ---

    def begin(self, step: str) -> None:
        """Name the step that is to happen now."""
        self.open = step

    def succeed(self) -> None:
        """It has happened."""
        say(f"{'':<10} {'':<10} ok: {self.open}")
        self.done.append(self.open)
        self.open = ""

    def failed(self, why: str) -> None:
        """It has not happened, and it is known why."""
        say(f"{'':<10} {'':<10} failed: {self.open}: {clean(why)}")

    async def see(self, step: str, kind: type[E], where: Callable[[E], bool] = lambda _event: True) -> E:
        """Wait for an event that no earlier step has looked for; events may come before they are looked for."""
        self.begin(step)
        while True:
            for event in self._seen:
                if isinstance(event, kind) and where(event):
                    self._seen.remove(event)
                    self.succeed()
                    return event
            await self._more.wait()

    async def do(self, step: str, call: Coroutine[Any, Any, T]) -> T:
        """Do something; a refusal fails the step."""
        self.begin(step)
        try:
            answer = await call
        except DesklineError as error:
            raise Missing(str(error)) from error
        self.succeed()
        return answer

    async def check(self, step: str, holds: Callable[[], bool]) -> None:
        """See that something holds now."""
        self.begin(step)
        if not holds():
            raise Missing("it is not so")
        self.succeed()

    async def agrees(self, step: str, holds: Callable[[dict[str, Any]], bool]) -> None:
        """Ask the center until something holds there: what the chat has done takes a moment to arrive."""
        self.begin(step)
        while not holds(await self._host.in_thread(self.control.overview)):
            await self._host.within(_MOMENT, self._host.signal().wait)
        self.succeed()

    async def operate(self, control: Control) -> None:
        """Let the operator of the center do something."""
        await self._host.in_thread(partial(self.control.do, control))


# --- what a step looks for ---


def has(**fields: object) -> Callable[[Any], bool]:
    """Tell events with these fields."""
    return lambda event: all(getattr(event, name) == value for name, value in fields.items())


def says(text: str) -> Callable[[MessageReceived], bool]:
    """Tell messages with this in their text."""
    return lambda event: text in event.text


def thread_of(center: dict[str, Any], thread: Thread) -> dict[str, Any]:
    """Return what the center knows of a thread."""
    found: dict[str, Any] = next(known for known in center["threads"] if known["thread"] == thread.id)
    return found
