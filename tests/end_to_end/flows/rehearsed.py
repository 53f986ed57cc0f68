"""Plays in memory and in virtual time, the same each time: what the pages show, and what real ones must give."""

import asyncio
import tempfile
from collections.abc import AsyncGenerator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from deskline import Chat, Policy
from deskline_center.controls import Control
from deskline_core.diagram import sequence
from tests.contract.far_side import Desk, desk
from tests.contract.kits import AsyncioKit
from tests.end_to_end.flows.places import Place
from tests.end_to_end.flows.play import Play, Scenario
from tests.pair import SEED

__all__ = ["Rehearsal", "rehearsed"]

_URL = "http://127.0.0.1"
_LONGEST = 7200.0  # heartbeats would keep a play going for ever that waits for what never comes


class Rehearsal(NamedTuple):
    """What a play gave: what was seen, where it was left, and the journal of its last chat from line ``begins`` on."""

    seen: tuple[str, ...]
    left: str
    journal: tuple[str, ...]
    begins: int

    @property
    def picture(self) -> str:
        """The Mermaid text of the flow."""
        return sequence(self.journal, after=self.begins)


class _InMemory:
    """The stage of one play in memory."""

    pace = 1

    def __init__(self, far: Desk, scenario: Scenario, place: Place, folder: Path) -> None:
        self._far = far
        self._scenario = scenario
        self._place = place
        self._folder = folder
        self._newest: tuple[Chat, Path] | None = None
        self.begins = 0
        self.lines: tuple[str, ...] = ()

    def open(self, *, reachable: bool, **options: Any) -> AbstractAsyncContextManager[Chat]:
        return self._opened(reachable=reachable, **options)

    @asynccontextmanager
    async def _opened(self, *, reachable: bool, **options: Any) -> AsyncGenerator[Chat]:
        self._far.network.reachable = reachable
        options = {"policy": Policy(**self._scenario.policy), "connect": False, "seed": SEED, **options}
        self.begins = 0
        path = self._folder / f"journal {len(list(self._folder.iterdir()))}"
        async with self._far.open(site=self._place.site(_URL), journal=path, **options) as chat:
            self._newest = chat, path
            yield chat
            if self._newest == (chat, path):  # leaving the chat is no part of the flow
                self.lines = self._written()

    def _written(self) -> tuple[str, ...]:
        assert self._newest is not None
        chat, path = self._newest
        journal: Any = chat._runner._journal
        journal._file.flush()
        return tuple(path.read_text("utf-8").splitlines())

    def do(self, control: Control) -> dict[str, Any]:
        return self._far.do(control)

    def overview(self) -> dict[str, Any]:
        return self._far.center.overview()

    def mark(self) -> None:
        self.begins = len(self._written())

    async def pause(self, turn: int = 0) -> None:
        await self._far.kit.sleep(0.01)


@cache
def rehearsed(scenario: Scenario, place: Place) -> Rehearsal:
    """Play a scenario at a place, once in this process, and return what it gave."""
    kit, found = AsyncioKit(), []

    async def main() -> None:
        with tempfile.TemporaryDirectory() as folder:
            async with desk(kit, channels=scenario.channels(place)) as far:
                stage = _InMemory(far, scenario, place, Path(folder))
                play = Play(stage, place)
                async with asyncio.timeout(_LONGEST):
                    await scenario.run(play)
            found.append(Rehearsal(tuple(play.seen), play.left, stage.lines, stage.begins))

    kit.run(main)
    return found[0]
