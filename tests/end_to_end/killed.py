"""A program that is killed: ``python -m tests.end_to_end.killed RUNTIME VENDOR URL FOLDER FIRST STEP``.

It plays one short chat again and again, each time as another customer, in a process of its own, which kills itself at
the first, second, third ... of its points: before each command that it obeys, and before and after each write of the
store. Another process then opens the same store. A line of JSON for each time says what they saw; the last one is of
the chat that came to its end.
"""

import asyncio
import json
import os
import signal
import ssl
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from pathlib import Path
from typing import Any

import trio

import deskline
from deskline import Backoff, MessageStatus, Network, Policy, opening
from deskline.store_file import StoreFile
from deskline.testing import site_for
from deskline_center.brightpattern import APP_ID, BrightPatternChannel
from deskline_center.cxone import CXoneChannel, channel_id
from deskline_core.commands import Command
from deskline_core.inputs import Input
from deskline_core.session import Session, Site
from tests.end_to_end.beside import PATIENT

NETWORK = Network(ssl_context=ssl.create_default_context())
"""Made once: each of a hundred processes would need a quarter of a second for it."""
TEXTS = ("one", "two", "three")
QUICK: Mapping[str, Any] = {
    "backoff": Backoff(first=0.02, jitter=(0.0, 0.0), ceiling=0.1),
    "rest_retry": Backoff(first=0.02, jitter=(0.0, 0.0), ceiling=0.05, attempts=3),
}


class Points:
    """Counts the points at which the process may die, and dies at the chosen one."""

    def __init__(self, last: int) -> None:
        self.last = last
        self.passed = 0

    def __call__(self, pause: float = 0.0) -> None:
        self.passed += 1
        if self.passed == self.last:
            time.sleep(pause)
            os.kill(os.getpid(), signal.SIGKILL)

    def before_each(self, commands: list[Command]) -> "_Deadly":
        return _Deadly(self, commands)


class _Deadly(list[Command]):
    def __init__(self, points: Points, commands: list[Command]) -> None:
        super().__init__(commands)
        self._points = points

    def __iter__(self) -> Iterator[Command]:
        for command in super().__iter__():
            self._points()
            yield command


def dying(points: Points) -> None:
    """Let sessions and stores pass the points from now on, in this process."""

    class Mortal(Session):
        __slots__ = ()

        def handle(self, input: Input, *, now: float) -> list[Command]:
            return points.before_each(super().handle(input, now=now))

    write = StoreFile.write

    def mortal_write(self: StoreFile, owner: str, changes: Mapping[str, str | None]) -> None:
        points(pause=0.05)  # all that does not wait for the write goes on meanwhile
        write(self, owner, changes)
        points()

    opening.Session = Mortal  # type: ignore[attr-defined]
    StoreFile.write = mortal_write  # type: ignore[method-assign]


def noted(path: Path, **what: object) -> None:
    """Write a line that outlives the process."""
    with path.open("a", encoding="utf-8") as notes:
        notes.write(json.dumps(what) + "\n")


async def talk(open_chat: Callable[[], Any], notes: Path, name: str) -> None:
    """Send a message that goes at once, and two that have to wait; each whose ``send`` returned is noted."""
    async with open_chat() as chat:
        thread = await chat.thread()
        handles = []
        for text in TEXTS:
            handle = await thread.send(f"{name} {text}")
            noted(notes, returned=handle.id, text=f"{name} {text}")
            handles.append(handle)
            if text == TEXTS[0]:
                await handle.settled()
                await chat.disconnect()
        await chat.connect()
        for handle in handles:
            await handle.settled()


async def look(open_chat: Callable[[], Any], notes: Path, name: str) -> None:
    """Open it again: note what is known of each message, and send again what has failed."""
    async with open_chat() as chat:
        await chat.ready()
        for handle in chat.outbox:
            status = await handle.settled()
            noted(notes, outbox=handle.id, status=status)
            if status is MessageStatus.FAILED:
                await handle.retry()
                await handle.settled()
        for thread in chat.threads:
            for message in thread.messages:
                noted(notes, there=message.id, status=message.status)


def in_process(main: Callable[[], None]) -> int:
    """Run it in a process of its own; return how that ended."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            main()
            status = 0
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def site_of(vendor: str, url: str) -> Site:
    if vendor == "cxone":
        return site_for(CXoneChannel(id=channel_id("live", "legacy")), url)
    return site_for(BrightPatternChannel(id=APP_ID), url)


class Program:
    """One runtime, one vendor's site, one folder."""

    def __init__(self, runtime: str, vendor: str, url: str, folder: Path) -> None:
        self.runtime = runtime
        self.vendor = vendor
        self.site = site_of(vendor, url)
        self.folder = folder

    def run(self, main: Callable[[Callable[[], Any], Path, str], Any], name: str, store: Path | None) -> None:
        package = deskline.trio if self.runtime == "trio" else deskline.asyncio
        policy = Policy(**{**PATIENT, **QUICK})

        def open_chat() -> Any:
            return package.open_chat(self.site, store=store, profile=name, policy=policy, network=NETWORK)

        arguments = (open_chat, self.folder / f"{name}.jsonl", name)
        if self.runtime == "trio":
            trio.run(main, *arguments)
        else:
            asyncio.run(main(*arguments))

    def load(self) -> None:
        """Load all that a chat loads, so that no later process does. Without a store no thread is left behind."""
        self.run(talk, "first of all", None)

    def play(self, last: int) -> bool:
        """Play it once, to the given point; tell whether it came to its end before."""
        name = f"{self.runtime} {self.vendor} {last}"
        store, notes = self.folder / "chats.db", self.folder / f"{name}.jsonl"

        def first() -> None:
            dying(Points(last))
            self.run(talk, name, store)

        ended = in_process(first)
        again = in_process(lambda: self.run(look, name, store))
        lines = notes.read_text("utf-8").splitlines() if notes.exists() else []
        line = {"point": last, "ended": ended, "again": again, "notes": [json.loads(line) for line in lines]}
        print(json.dumps(line), flush=True)  # noqa: T201 # it is what the test reads
        return ended == 0


def main(runtime: str, vendor: str, url: str, folder: str, first: str, step: str) -> None:
    program = Program(runtime, vendor, url, Path(folder))
    program.load()
    for last in count(int(first), int(step)):
        if program.play(last):
            return


if __name__ == "__main__":
    main(*sys.argv[1:])
