"""Leads the soak: two crowds of visitors in this process, the far side in another, and what is measured at rest."""

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from queue import SimpleQueue
from typing import Any, Final

import msgspec

import deskline
from deskline import BrightPattern, CXone, Network
from deskline_center.cxone import channel_id
from tests.benchmarks.load import pipes
from tests.benchmarks.poll_peer import raise_file_limit
from tests.soak.accounts import Account, Audit
from tests.soak.crowd import Crowd
from tests.soak.meter import Margin, Measure, measure
from tests.soak.visitor import Visitor

__all__ = ["Plan", "Report", "Stuck", "soak"]

_ARRIVAL: Final = 0.02
"""Seconds that each session has to itself when all come in, on average."""
_PATIENCE: Final = 1200.0
"""Seconds until those who do not come to rest count as stuck: longer than one wait of theirs may take."""
_EMPTY: Final = {
    "resident": Margin(share=0.1, number=16 * 1024),
    "objects": Margin(share=0.02, number=1000),
    "blocks": Margin(share=0.02, number=5000),
    "descriptors": Margin(share=0, number=2),
    "tasks": Margin(share=0, number=0),
    "threads": Margin(share=0, number=4),
}
"""With nobody there, after all have been there and left: threads are those that the runtimes keep for a while."""
_FULL: Final = {
    **_EMPTY,
    "objects": Margin(share=0.05, number=1000),
    "blocks": Margin(share=0.05, number=5000),
    "descriptors": Margin(share=0.2, number=20),
    "tasks": Margin(share=0.1, number=10),
}
"""With all of them at rest: each has as many idle connections and waiting requests as it happens to have."""


class Stuck(Exception):
    """Somebody waits for what does not come."""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """How much of it: ``rounds`` of ``seconds`` each, with everybody at rest behind each; one more to warm up.

    The weather, which ``seed`` decides, strikes a ``share`` of the lines in a second.
    """

    sessions: int = 500
    rounds: int = 5
    seconds: float = 50.0
    pace: float = 5.0
    seed: int = 5
    share: float = 0.03


class Report(msgspec.Struct, kw_only=True):
    """What came of it. ``empty`` was measured with nobody there, before and after; ``full`` behind each round."""

    plan: Plan
    seconds: float = 0.0
    empty: list[Measure] = []
    full: list[Measure] = []
    counts: dict[str, int] = {}
    struck: dict[str, int] = {}
    audit: Audit = msgspec.field(default_factory=Audit)
    errors: list[str] = []

    @property
    def grown(self) -> list[str]:
        """What has grown, in words. While all are there, in the first half of the rounds it may: threads get longer."""
        return [
            f"{what} {name}: {getattr(first, name)} -> {getattr(last, name)}"
            for what, found, margins in (("empty", self.empty, _EMPTY), ("full", self.full, _FULL))
            for first, last in [(found[(len(found) - 1) // 2], found[-1])]
            for name, margin in margins.items()
            if not margin.allows(getattr(first, name), getattr(last, name))
        ]


class _FarSide:
    """The other process, by its pipes. For one thread."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._told, self._asked = pipes(process)
        self.url: str = self._read(dict[str, str])["url"]

    def weather(self, *, bad: bool) -> dict[str, int]:
        """Let it blow or not; return what has struck so far."""
        self._write({"weather": bad})
        struck: dict[str, int] = self._read(dict[str, dict[str, int]])["struck"]
        return struck

    def account(self, account: Account) -> None:
        """Pass an account on."""
        self._write({"account": account})

    def audit(self) -> Audit:
        """Let all accounts be compared; return what came of all so far."""
        self._write({"audit": True})
        audit: Audit = self._read(Audit)
        return audit

    def close(self) -> None:
        """Let it end."""
        self._asked.close()

    def _write(self, order: dict[str, Any]) -> None:
        self._asked.write(msgspec.json.encode(order).decode() + "\n")
        self._asked.flush()

    def _read(self, kind: Any) -> Any:
        return msgspec.json.decode(self._told.readline(), type=kind)


@contextmanager
def _far_side(plan: Plan) -> Generator[_FarSide]:
    with subprocess.Popen(
        [sys.executable, "-m", "tests.soak.far_side", str(plan.seed), str(plan.share)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        far = _FarSide(process)
        try:
            yield far
        finally:
            far.close()


class _Leader:
    def __init__(self, plan: Plan, far: _FarSide, say: Callable[[str], None]) -> None:
        self.report = Report(plan=plan)
        self._plan = plan
        self._far = far
        self._say = say
        self._begun = time.monotonic()
        self._accounts: SimpleQueue[Account] = SimpleQueue()
        self._crowds = [
            Crowd(name, pace=plan.pace, arrival=plan.sessions * _ARRIVAL, accounts=self._accounts)
            for name in ("trio", "asyncio")
        ]

    def lead(self) -> None:
        """All of it."""
        try:
            self._season(1, [])
            self.report.empty.append(self._measure())
            self._season(self._plan.rounds, self.report.full)
            self.report.empty.append(self._measure())
        except Stuck as stuck:
            self.report.errors.append(str(stuck))
        else:
            for crowd in self._crowds:
                crowd.close()
        self.report.seconds = time.monotonic() - self._begun
        self.report.audit = self._far.audit()
        self.report.counts = dict(sum((crowd.counts for crowd in self._crowds), Counter()))

    def _season(self, rounds: int, measured: list[Measure]) -> None:
        """Let everybody in, live through some rounds, and let them leave."""
        shares = (self._plan.sessions + 1) // 2, self._plan.sessions // 2
        for crowd, first, share in zip(self._crowds, (0, shares[0]), shares, strict=True):
            crowd.invite(partial(_guests, crowd, self._far.url, range(first, first + share)))
        self._wait("come in", lambda crowd: crowd.is_at_rest)
        for _ in range(rounds):
            self._phase("busy")
            self._far.weather(bad=True)
            self._pass(self._plan.seconds)
            self.report.struck = self._far.weather(bad=False)
            self._phase("rest")
            self._wait("rest", lambda crowd: crowd.is_at_rest)
            measured.append(self._measure())
        self._phase("over")
        self._wait("leave", lambda crowd: crowd.is_empty)

    def _phase(self, phase: Any) -> None:
        for crowd in self._crowds:
            crowd.phase = phase

    def _measure(self) -> Measure:
        sessions = sum(crowd.inside for crowd in self._crowds)
        found = measure(sessions, sum(crowd.tasks() for crowd in self._crowds))
        self._say(f"{time.monotonic() - self._begun:.1f} s: {found}")
        return found

    def _pass(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            self._hand_on()
            time.sleep(min(left, 0.1))

    def _wait(self, what: str, holds: Callable[[Crowd], bool]) -> None:
        end = time.monotonic() + _PATIENCE
        while not all(holds(crowd) for crowd in self._crowds):
            self._pass(0.1)
            if time.monotonic() > end:
                raise Stuck(f"they do not {what}: {[crowd.late() for crowd in self._crowds]}")
        self._hand_on()

    def _hand_on(self) -> None:
        while not self._accounts.empty():
            self._far.account(self._accounts.get())
        for crowd in self._crowds:
            while crowd.errors:
                self.report.errors.append(_told(crowd.errors.pop(0)))
                self._say(self.report.errors[-1])
            if crowd.ended is not None:
                raise Stuck(f"the crowd on {crowd.name} is gone: {_told(crowd.ended)}")


def soak(plan: Plan, say: Callable[[str], None] = lambda _: None) -> Report:
    """Soak; ``say`` is told what was measured, when it was."""
    raise_file_limit()
    with _far_side(plan) as far:
        leader = _Leader(plan, far, say)
        leader.lead()
        return leader.report


def _guests(crowd: Crowd, url: str, numbers: range, shared: Any) -> list[Any]:
    """Make the visitors: of either vendor every second one; of four, three share their connections."""
    package = getattr(deskline, crowd.name)
    return [
        Visitor(crowd, number, package.open_chat, _site(url, number), shared if number % 4 else Network())
        for number in numbers
    ]


def _site(url: str, number: int) -> CXone | BrightPattern:
    if number % 2:
        return BrightPattern(url=url, app_id="harbour-chat")
    mode, session = (("live", "legacy"), ("live", "secured"), ("multi", "secured"))[number // 2 % 3]
    return CXone.local(url, 1386, channel_id(mode, session))  # type: ignore[arg-type]


def _told(error: BaseException) -> str:
    causes = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    return " / ".join([repr(error), *getattr(error, "__notes__", ()), *map(_told, causes)])
