"""``deskline simulate``: many chats in virtual time, and what became of them."""

import argparse
import signal
import sys
import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from functools import partial
from itertools import islice
from multiprocessing import get_context
from typing import Final

from deskline.cli.terminal import say
from deskline_center.simulation import Figures, Simulation, SmallWorlds, Violation, diagram
from deskline_center.simulation.plan import VENDORS, Vendor
from deskline_core.errors import InvalidValue

__all__ = ["run"]

_WIDTH: Final = 30
_SHOWN: Final = 10
"""So many violations are told of one by one, as soon as each is found."""
_INTERRUPTED: Final = 130
_TOGETHER: Final = 2
"""So many worlds are handed to a process at once, and ended when the rest is given up."""

World = tuple[Vendor, int]


def run(options: argparse.Namespace) -> int:
    """Run what was asked for; return 0 only if no promise was broken."""
    _check(options)
    vendors: Sequence[Vendor] = [options.vendor] if options.vendor else VENDORS
    if options.small:
        return _all_small(vendors)
    if options.seed is not None:
        return max(_one(vendor, options.seed, options.steps) for vendor in vendors)
    return _many(vendors, options)


def _check(options: argparse.Namespace) -> None:
    for name, least in (("chats", 1), ("processes", 1)):
        if getattr(options, name) < least:
            raise InvalidValue(f"--{name} is at least {least}, not {getattr(options, name)}")
    if options.steps is not None and options.seed is None:
        raise InvalidValue("--steps are those of one world", hint="give its --seed, too")


# --- one ---


def _one(vendor: Vendor, seed: int, steps: str | None) -> int:
    simulation = Simulation(vendor)
    only = None if steps is None else _places(steps, len(simulation.plan(seed).steps))
    figures, violation = simulation.run(seed, only)
    if violation is None:
        say(f"{vendor}, seed {seed}: {figures.chats} chats, {figures.messages} messages, no promise broken")
        return 0
    _explain(simulation, violation)
    return 1


def _places(steps: str, count: int) -> list[int]:
    try:
        places = [] if steps == "none" else [int(place) for place in steps.split(",")]
    except ValueError:
        raise InvalidValue(f"--steps are numbers with commas between them, or none, not {steps:.50}") from None
    if not all(0 <= place < count for place in places):
        raise InvalidValue(f"the world has {count} steps, counted from 0; not all of --steps are among them")
    return sorted(set(places))


def _explain(simulation: Simulation, violation: Violation) -> None:
    """Tell what was broken, the command that replays the least of it, and how that goes."""
    least = simulation.shrunk(violation)
    say(f"{violation.vendor}, seed {violation.seed}: {least.promise}: {least.says}")
    say(f"replay it:  {violation.command}\nor less:    {least.command}\n")
    say(diagram(simulation.plan(least.seed, least.steps), least.customer))


# --- many ---


def _many(vendors: Sequence[Vendor], options: argparse.Namespace) -> int:
    worlds = _worlds(vendors, options.first_seed)
    count = -(-options.chats // Simulation.CUSTOMERS)
    figures, found, began = Figures(), list[Violation](), time.monotonic()
    pool = ProcessPoolExecutor(options.processes, get_context("spawn")) if options.processes > 1 else None
    bar = _Bar(count)
    with pool or nullcontext():
        try:
            results = _results(pool, islice(worlds, count))
            for one, violation in results:
                figures.add(one)
                if violation is not None:
                    found.append(violation)
                    bar.clear()
                    _tell_of(found)
                bar.show(figures.worlds)
        except KeyboardInterrupt:
            if pool is not None:
                pool.shutdown(wait=False, cancel_futures=True)
            bar.clear()
            _tell(figures, found, time.monotonic() - began)
            _tell_how_to_go_on(vendors, options, figures)
            return _INTERRUPTED
    bar.clear()
    _tell(figures, found, time.monotonic() - began)
    for violation in found[:1]:
        _explain(Simulation(violation.vendor), violation)
    return 1 if found else 0


def _results(pool: ProcessPoolExecutor | None, worlds: Iterator[World]) -> Iterator[tuple[Figures, Violation | None]]:
    if pool is None:
        return map(_world, worlds)
    with _undisturbed():
        return pool.map(_world, worlds, chunksize=_TOGETHER)


@contextmanager
def _undisturbed() -> Generator[None]:
    """Keep Ctrl-C from what is started in the block: those processes end what they are at. Here it comes later."""
    usual = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def _worlds(vendors: Sequence[Vendor], first: int) -> Iterator[World]:
    seed = first
    while True:
        for vendor in vendors:
            yield vendor, seed
        seed += 1


def _world(world: World) -> tuple[Figures, Violation | None]:
    vendor, seed = world
    return Simulation(vendor).run(seed)


def _tell(figures: Figures, found: Sequence[Violation], seconds: float) -> None:
    per_second = figures.chats / seconds if seconds else 0.0
    faults = ", ".join(f"{count} {fault}" for fault, count in sorted(figures.faults.items()))
    say(f"{figures.chats} chats in {figures.worlds} worlds, each run twice, {figures.messages} messages")
    say(f"{figures.seconds / 3600:.1f} simulated hours in {seconds:.1f} s: {per_second:.0f} chats a second")
    say(f"{sum(figures.faults.values())} faults: {faults}")
    say(f"lost {figures.lost}, doubled {figures.doubled}, swapped {figures.swapped}, any promise broken {len(found)}")


def _tell_of(found: Sequence[Violation]) -> None:
    """Tell of the one that was found last."""
    if len(found) <= _SHOWN:
        say(f"{found[-1].command}    # {found[-1].promise}: {found[-1].says}")


def _tell_how_to_go_on(vendors: Sequence[Vendor], options: argparse.Namespace, figures: Figures) -> None:
    seed = options.first_seed + figures.worlds // len(vendors)
    left = max(options.chats - (seed - options.first_seed) * len(vendors) * Simulation.CUSTOMERS, 0)
    vendor = f" --vendor {options.vendor}" if options.vendor else ""
    say(f"go on with:  deskline simulate{vendor} --chats {left} --first-seed {seed}")


# --- small ones ---


def _all_small(vendors: Sequence[Vendor]) -> int:
    status = 0
    for title, worlds in SmallWorlds.all():
        if worlds.vendor not in vendors:
            continue
        bar, began, count, broken = _Bar(None), time.monotonic(), 0, 0
        for choices, wrong in worlds.walk():
            count += 1
            bar.show(count)
            if wrong is not None:
                broken += 1
                status = 1
                bar.clear()
                say(f"{title}, {dict(choices)}: {wrong}")
        bar.clear()
        say(f"{title}: {count} worlds in {time.monotonic() - began:.0f} s, {broken} of them break a promise")
    return status


class _Bar:
    """A bar of progress, where a person looks on; ``most`` is None where the end is not known."""

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._is_seen = sys.stderr.isatty()
        self._shown_at = 0.0
        self._write = partial(print, end="", file=sys.stderr, flush=True)

    def show(self, done: int) -> None:
        """Show how far it is."""
        if not self._is_seen or time.monotonic() < self._shown_at + 0.1:
            return
        self._shown_at = time.monotonic()
        if self._most is None:
            self._write(f"\r{done} worlds")
        else:
            filled = _WIDTH * done // self._most
            self._write(f"\r[{'#' * filled}{' ' * (_WIDTH - filled)}] {done} of {self._most} worlds")

    def clear(self) -> None:
        """Leave no trace of it."""
        if self._is_seen:
            self._write("\r\x1b[K")
