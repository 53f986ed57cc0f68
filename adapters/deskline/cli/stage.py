"""Where a demo plays: what happens is told with its time, and each step is awaited, checked and named."""

import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, Final, TypeVar, final

from deskline.center import Controls
from deskline.chat import Chat
from deskline.cli.narration import told
from deskline.cli.terminal import clean, say
from deskline.host import Host
from deskline.listeners import Events, EventsSkipped
from deskline_core.errors import DesklineError
from deskline_core.events import Event

__all__ = ["Missing", "Stage"]

E = TypeVar("E")
T = TypeVar("T")
_MOMENT: Final = 0.02


class Missing(Exception):
    """A step failed; the message says how."""


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
        """Ask the center until something holds there: news travels to it over the socket."""
        self.begin(step)
        while not holds(await self._host.in_thread(self.control.overview)):
            await self._host.within(_MOMENT, self._host.signal().wait)
        self.succeed()
