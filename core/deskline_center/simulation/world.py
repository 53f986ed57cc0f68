"""A world in virtual time: a center, some customers, and the networks between them. One seed makes all of it."""

from collections import Counter
from collections.abc import Callable, Sequence
from heapq import heappop, heappush
from typing import Any

from deskline_core.commands import Command as CustomerCommand
from deskline_core.inputs import Input as CustomerInput

from .. import controls as k
from ..center import Center, Input
from ..commands import (
    Abandon,
    AcceptSocket,
    AnswerControl,
    Command,
    Continue,
    Drop,
    Push,
    RefuseSocket,
    Respond,
)
from ..inputs import Tick
from ..model import Thread
from .customer import Customer
from .digest import Digest
from .figures import Figures
from .network import Network
from .parcels import Line, Parcel, Strike, Trip
from .plan import BASE, START, Settings
from .promises import Broken

__all__ = ["World"]

_TICK = Tick()
_WINDOW = 5.0
_MOST_COMMANDS = 220
"""More than the policy's frames, an outbox of messages and their uploads take in one window."""


class World:
    """Joins the customers' programs with a center. ``now`` is UTC seconds; only :meth:`advance` lets time pass.

    ``is_calm`` once faults have stopped. ``lines`` and ``trips`` are the connections that the center knows, by the
    names that it knows them by. ``choose``, where it is given, decides what becomes of each parcel.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        choose: Callable[[Network, Parcel], Strike | None] | None = None,
        watch: Callable[[Customer, CustomerInput | None, Sequence[CustomerCommand]], None] | None = None,
    ) -> None:
        self.settings = settings
        self.now = START
        self.center = Center(channels=(settings.channel,), seed=f"{settings.vendor} {settings.seed}", base_url=BASE)
        self.figures = Figures(worlds=1, chats=settings.customers)
        self.digest = Digest()
        self.is_calm = False
        self.is_lossy = False
        self.lines: dict[str, tuple[Network, Line]] = {}
        self.trips: dict[str, tuple[Network, Trip]] = {}
        self.agent_said: Counter[str] = Counter()
        self._choose = choose
        self._watch = watch
        self._heap: list[tuple[float, int, Callable[..., object], tuple[Any, ...]]] = []
        self._count = 0
        self._busy: list[tuple[float, int]] = [(0.0, 0)] * settings.customers
        self.customers: list[Customer] = []
        for number in range(settings.customers):
            self.customers.append(Customer(self, number, settings))

    # --- time ---

    def later(self, at: float, call: Callable[..., object], *arguments: object) -> None:
        """Arrange a call at a time."""
        self._count += 1
        heappush(self._heap, (at, self._count, call, arguments))

    def after(self, seconds: float, call: Callable[..., object], *arguments: object) -> None:
        """Arrange a call so many seconds from now."""
        self.later(self.now + seconds, call, *arguments)

    def advance(self, end: float) -> None:
        """Let time pass until ``end``: all that arrives or is due happens in its order."""
        heap, center = self._heap, self.center
        while True:
            at, whose = (heap[0][0], None) if heap else (end + 1.0, None)
            for customer in self.customers:
                if customer.due < at:
                    at, whose = customer.due, customer
            due = center.next_deadline
            is_centers = due is not None and due < at
            if due is not None and is_centers:
                at = due
            if at > end:
                break
            self.now = max(self.now, at)
            if is_centers:
                self.to_center(_TICK)
            elif whose is not None:
                whose.tick()
            else:
                _, _, call, arguments = heappop(heap)
                call(*arguments)
        self.now = end

    # --- the center ---

    def to_center(self, input: Input) -> dict[str, Any] | None:
        """Hand something to the center, and carry what it says. Return what came of a control, or None."""
        done: dict[str, Any] | None = None
        add = self.digest.add
        for command in self.center.handle(input, now=self.now):
            add("center", command)
            if isinstance(command, AnswerControl):
                done = command.value
            else:
                self._carry(command)
        return done

    def _carry(self, command: Command) -> None:
        if isinstance(command, Push | AcceptSocket | RefuseSocket | Drop):
            if (known := self.lines.get(command.socket)) is not None:  # else the center learns now that it is gone
                known[0].to_socket(known[1], command)
        elif isinstance(command, Respond | Abandon | Continue) and (asked := self.trips.get(command.id)) is not None:
            asked[0].to_request(asked[1], command)

    def control(self, control: k.Control) -> dict[str, Any] | None:
        """Let the operator do something; return what came of it, None if it was not possible."""
        return self.to_center(control)

    def thread(self, id: str) -> Thread | None:
        """Return a thread as the center has it."""
        return self.center.thread(self.settings.channel.id, id)

    # --- what passes ---

    def fate(self, network: Network, parcel: Parcel) -> Strike | None:
        """Say what becomes of a parcel that would arrive now; None lets it arrive."""
        if self._choose is not None:
            strike = self._choose(network, parcel)
        elif self.is_calm or not network.strikes:
            return None
        else:
            strike = network.struck(parcel)
        if strike is not None:
            self.count(strike.fate)
        return strike

    def count(self, fault: str) -> None:
        """Count a fault."""
        self.figures.faults[fault] += 1

    def started(self, customer: Customer) -> None:
        """A customer's program was started."""
        if self._watch is not None:
            self._watch(customer, None, ())

    def noted(self, customer: Customer, input: CustomerInput, commands: Sequence[CustomerCommand]) -> None:
        """A session has taken an input: sum up what it says, and see that it is not too much."""
        if self._watch is not None:
            self._watch(customer, input, commands)
        number = customer.number
        add, who = self.digest.add, f"c{number}"
        for command in commands:
            add(who, command)
        began, count = self._busy[number]
        if self.now >= began + _WINDOW:
            began, count = self.now, 0
        count += len(commands)
        self._busy[number] = began, count
        if count > _MOST_COMMANDS:
            raise Broken("no busy loop", f"{count} commands in {_WINDOW:g} s", number)
