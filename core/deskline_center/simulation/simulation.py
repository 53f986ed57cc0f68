"""Runs worlds by their seeds, each twice, and tells what was wrong with one that breaks a promise."""

from collections.abc import Sequence
from typing import ClassVar, Final

import msgspec

from deskline_core import inputs as i
from deskline_core.errors import InvalidValue
from deskline_core.lifecycle import ThreadState

from .. import controls as k
from .checks import check, is_quiet
from .customer import Customer
from .figures import Figures
from .happenings import happen
from .plan import START, VENDORS, Plan, Vendor, planned
from .promises import Broken
from .shrinking import shrink
from .world import World

__all__ = ["Simulation", "Violation"]

_MOST_PAGES: Final = 60
_REST: Final = 400.0
"""How many seconds a chat may take, when faults have stopped, to be ready with nothing under way."""


class Violation(msgspec.Struct, frozen=True):
    """A promise that a seed breaks to a customer. ``steps`` are the places of the steps that it takes, None for all."""

    vendor: Vendor
    seed: int
    promise: str
    says: str
    customer: int
    steps: tuple[int, ...] | None = None

    @property
    def command(self) -> str:
        """The command that replays it."""
        kept = "" if self.steps is None else f" --steps {','.join(map(str, self.steps)) or 'none'}"
        return f"deskline simulate --vendor {self.vendor} --seed {self.seed}{kept}"


class Simulation:
    """Worlds of one vendor's, of some ``customers`` each, to each of whom so many ``steps`` happen.

    Raises InvalidValue for a vendor or a number that there cannot be.
    """

    CUSTOMERS: ClassVar = 4
    STEPS: ClassVar = 40

    def __init__(self, vendor: Vendor = "cxone", *, customers: int = CUSTOMERS, steps: int = STEPS) -> None:
        if vendor not in VENDORS or customers < 1 or steps < 0:
            asked = f"no world of {vendor!r:.50} with {customers} customers and {steps} steps"
            raise InvalidValue(asked, hint=f"a vendor is one of {', '.join(VENDORS)}")
        self.vendor: Vendor = vendor
        self.customers = customers
        self.steps = steps

    def plan(self, seed: int, only: Sequence[int] | None = None) -> Plan:
        """Return what happens in the world of a seed; ``only`` names the places of the steps that are kept."""
        plan = planned(self.vendor, seed, customers=self.customers, steps=self.steps)
        return plan if only is None else plan.only(only)

    def run(self, seed: int, only: Sequence[int] | None = None) -> tuple[Figures, Violation | None]:
        """Run one world twice; return its figures, and which promise it broke, if any."""
        plan = self.plan(seed, only)
        try:
            first, broken = _twice(plan)
        except Exception as error:
            error.add_note(f"deskline simulate --vendor {self.vendor} --seed {seed}")
            raise
        if broken is None:
            return first.figures, None
        first.figures.broken[broken.promise] += 1
        steps = None if only is None else tuple(only)
        return first.figures, Violation(self.vendor, seed, broken.promise, broken.says, broken.customer, steps)

    def shrunk(self, violation: Violation) -> Violation:
        """Return the same violation with as few steps as possible."""
        least = violation

        def fails(kept: list[int]) -> bool:
            nonlocal least
            _, found = self.run(violation.seed, kept)
            if found is None or found.promise != violation.promise:
                return False
            least = found
            return True

        places = list(violation.steps or range(len(self.plan(violation.seed).steps)))
        shrink(places, fails)
        return least


def _twice(plan: Plan) -> tuple[World, Broken | None]:
    """Let a plan happen, and once more; return the first world, and the promise that was broken."""
    first, second = World(plan.settings), World(plan.settings)
    broken = broken_by(first, plan) or broken_by(second, plan)
    if broken is None and first.digest.text() != second.digest.text():
        broken = Broken("the same seed gives the same commands", "two runs differ")
    return first, broken


def broken_by(world: World, plan: Plan) -> Broken | None:
    """Let a plan happen; return the promise that it breaks, if it does."""
    try:
        play(world, plan)
    except Broken as broken:
        return broken
    return None


def play(world: World, plan: Plan) -> None:
    """Let a plan happen in its world, let all come to rest, and check. Raises Broken."""
    for step in plan.steps:
        world.advance(START + step.at)
        happen(world.customers[step.customer], step)
    restless = settle(world)
    check(world)
    for customer in restless:
        raise customer.broken("every wait ends", "the chat does not come to rest")
    world.figures.commands = world.digest.commands
    world.figures.seconds = (world.now - START) * len(world.customers)


def settle(world: World) -> list[Customer]:
    """Stop all faults, have everyone in sight, and wait until nothing is under way; then once more behind a cut.

    Only that brings what a center has left out, or sent behind what came later. Return those who do not come to rest.
    """
    world.is_calm = True
    world.control(k.ForgetFaults())
    world.control(k.Availability())
    for customer in world.customers:
        customer.network.strikes.clear()
        customer.network.is_up = True
        customer.store_fails, customer.slow_writes, customer.commands_left = False, 0, -1
        customer.start_again()
        customer.wake()
        customer.app.is_hidden = False
        customer.app.ask(i.EnterActive)
        customer.app.ask(i.Open)
        customer.app.look()
    _rest(world)
    world.advance(world.now + world.settings.policy.poll_timeout)  # a poll that a center holds back is given up
    restless = _rest(world)
    for customer in world.customers:
        _load_all(customer)
    if world.is_lossy:
        for customer in world.customers:
            customer.network.cut_all()
        restless = _rest(world)
    return restless


def _load_all(customer: Customer) -> None:
    """Have the app open what it has not, and load older messages until it has all: a restart brings back one page."""
    world = customer.world
    for id in list(customer.session.threads):
        thread = customer.session.threads[id]
        if thread.state is ThreadState.LOADED:
            customer.app.ask(i.OpenThread, thread=id)
            world.advance(world.now + 0.1)
        left = _MOST_PAGES
        while left and thread.state is ThreadState.OPEN and thread.has_more:
            left -= 1
            customer.app.ask(i.LoadMore, thread=id)
            world.advance(world.now + 0.1)


def _rest(world: World) -> list[Customer]:
    """Wait until nothing is under way; return those with whom something still is."""
    end = world.now + _REST
    world.advance(world.now + 0.5)
    while (restless := [each for each in world.customers if not is_quiet(each)]) and world.now < end:
        world.advance(world.now + 2.5)
    world.advance(world.now + 0.5)
    return restless
