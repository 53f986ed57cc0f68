"""The stock Machine of `transitions` is the reference: on random machines and on our tables both do the same."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from random import Random
from typing import Any, NamedTuple

import pytest
from transitions import Machine as StockMachine
from transitions import MachineError

from deskline_center import controls as k
from deskline_core import inputs as i
from deskline_core.brightpattern.connection import CONNECTION as BRIGHT_PATTERN
from deskline_core.brightpattern.conversation import CONVERSATION
from deskline_core.cxone.connection import CONNECTION
from deskline_core.cxone.credentials import CREDENTIALS
from deskline_core.cxone.thread import THREAD
from deskline_core.machine import CompiledEvent, Machine, Row, build, compiled
from deskline_core.outgoing import MESSAGE
from deskline_core.presence import INTENT, VISIBILITY
from tests.playbook import Chat

MACHINES = 250
STEPS = 420  # on each: 105,000 in all
DEEPEST = 3
TABLES = (CONNECTION, THREAD, MESSAGE, CREDENTIALS, VISIBILITY, INTENT, BRIGHT_PATTERN, CONVERSATION)


class Plain(StockMachine):
    event_cls = CompiledEvent


class Boom(Exception):
    """What a callback raises now and then."""


class Letter(StrEnum):
    A = "a"
    B = "b"
    C = "c"
    D = "d"
    E = "e"


class Subject:
    """Notes every call with the state it saw, and draws what happens next from its own source."""

    def __init__(self, machine: StockMachine, state: str, seed: int, attribute: str) -> None:
        self.machine = machine
        self.attribute = attribute
        self.random = Random(seed)
        self.notes: list[tuple[object, ...]] = []
        self.depth = 0
        self.triggers = sorted(machine.events)
        setattr(self, attribute, state)

    @property
    def now(self) -> object:
        return getattr(self, self.attribute)

    def fire(self, trigger: str, input: object) -> object:
        """Fire, and say "none" where there is no transition, which one tells by raising, the other by False."""
        self.depth += 1
        try:
            return self.machine.events[trigger].trigger(self, self, (input, trigger))
        except MachineError:
            return False
        finally:
            self.depth -= 1


Callback = Callable[..., object]
ODD = (True, True, True, False, False, 1, 0, 2, None, "", "yes")


def condition(name: str) -> Callback:
    def ask(subject: Subject, input: object) -> object:
        answer = subject.random.choice(ODD)
        subject.notes.append((name, subject.now, input, answer))
        return answer

    return ask


def act(name: str) -> Callback:
    def do(subject: Subject, input: object) -> None:
        subject.notes.append((name, subject.now, input))
        choice = subject.random.random()
        if choice < 0.01:
            raise Boom(name)
        if choice < 0.15 and subject.depth < DEEPEST:
            nested = subject.fire(subject.random.choice(subject.triggers), name)
            subject.notes.append((name, "nested", nested, subject.now))

    return do


class Step(NamedTuple):
    """One transition as both machines are given it."""

    trigger: str
    source: str
    dest: str | None
    callbacks: dict[str, Any]


class Plan(NamedTuple):
    """One random machine as data."""

    states: list[dict[str, Any]]
    steps: list[Step]

    def build(self, kind: type[StockMachine], attribute: str) -> StockMachine:
        machine = kind(
            model=None, states=[dict(state) for state in self.states], initial=self.states[0]["name"],
            auto_transitions=False, model_attribute=attribute,
        )  # fmt: skip
        for step in self.steps:
            machine.add_transition(step.trigger, step.source, step.dest, **step.callbacks)
        return machine


def callbacks(random: Random, make: Callable[[str], Callback], name: str, weights: Sequence[int]) -> list[Callback]:
    count = random.choices(range(len(weights)), weights)[0]
    return [make(f"{name}.{n}") for n in range(count)]


def draw(random: Random) -> Plan:
    letters: list[Any] = list(Letter) if random.random() < 0.5 else [str(letter.value) for letter in Letter]
    names = letters[: random.randint(1, 5)]
    states = [
        {
            "name": name,
            "on_enter": callbacks(random, act, f"enter {name}", (2, 2, 1)),
            "on_exit": callbacks(random, act, f"exit {name}", (3, 2)),
        }
        for name in names
    ]
    steps = []
    for number in range(random.randint(1, 8 * len(names))):
        source = random.choice(names)
        dest = random.choice((None, source, *names))
        kinds = {
            "conditions": callbacks(random, condition, f"if {number}", (3, 2, 1)),
            "unless": callbacks(random, condition, f"unless {number}", (5, 2, 1)),
            "before": callbacks(random, act, f"before {number}", (3, 2, 1)),
            "after": callbacks(random, act, f"after {number}", (3, 2, 1)),
        }
        steps.append(Step(random.choice(("go", "turn", "stop")), source, dest, kinds))
    return Plan(states, steps)


def attempt(subject: Subject, trigger: str, input: object) -> object:
    try:
        return subject.fire(trigger, input)
    except Boom as boom:
        return f"raised {boom}"


def test_compiled_events_do_what_stock_events_do_on_random_machines() -> None:
    random = Random(20260304)
    taken = happened = nested = raised = 0
    for number in range(MACHINES):
        plan = draw(random)
        attribute = random.choice(("state", "mood"))
        machines = [plan.build(kind, attribute) for kind in (StockMachine, Plain)]
        for event in machines[1].events.values():
            compiled(event)
        stock, ours = (Subject(machine, plan.states[0]["name"], number, attribute) for machine in machines)
        for step in range(STEPS):
            trigger = random.choice(stock.triggers)
            results = attempt(stock, trigger, step), attempt(ours, trigger, step)
            assert repr(results[0]) == repr(results[1])
            assert ours.now is stock.now
            assert ours.notes == stock.notes
            happened += results[0] is True
            raised += isinstance(results[0], str)
            nested += sum(note[1] == "nested" for note in stock.notes)
            taken += 1
            stock.notes.clear()
            ours.notes.clear()
    assert taken >= 100_000
    assert min(happened, nested, raised) > 1_000  # the machines were not idle


# --- our own tables ---


def recorder(rows: Sequence[Row]) -> type[Any]:
    """Return an owner for a table whose methods note their calls and draw the answers of the guards."""

    def guard(name: str) -> Callback:
        def ask(self: Any, input: object) -> bool:
            answer: bool = self.random.random() < 0.5
            self.notes.append((name, self.state, input, answer))
            return answer

        return ask

    def follow(name: str) -> Callback:
        def do(self: Any, input: object, *row: object) -> None:
            self.notes.append((name, self.state, input, *row))

        return do

    members: dict[str, Callback] = {name: follow(name) for name in ("entered", "refused")}
    members |= {row.guard: guard(row.guard) for row in rows if row.guard}
    members |= {row.then: follow(row.then) for row in rows if row.then}
    return type("Recorder", (), members)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_our_tables_do_what_the_stock_machine_does_with_the_same_rows(table: Machine) -> None:
    owner = recorder(table.rows)
    stock = build(StockMachine, table.states, table.rows, owner, "state")
    ours = Machine(table.name, states=table.states, rows=table.rows, owner=owner)
    for state in table.states:
        for trigger in table.triggers:
            for seed in range(12):
                one, other = owner(), owner()
                for subject in (one, other):
                    subject.state, subject.random, subject.notes = state, Random(seed), []
                assert stock.events[trigger].trigger(one, one, "input") is True
                ours.fire(trigger, other, "input")
                assert (other.state, other.notes) == (one.state, one.notes)


@contextmanager
def stock_engine() -> Iterator[None]:
    """Run all tables on the stock machine."""
    kept = [table.events for table in TABLES]
    try:
        for table in TABLES:
            stock = build(StockMachine, table.states, table.rows, table.owner, table.attribute)
            table.events = dict(stock.events)  # type: ignore[arg-type]
        yield
    finally:
        for table, events in zip(TABLES, kept, strict=True):
            table.events = events


def conversation() -> list[object]:
    """Run a live chat through most of its life; return everything that came out."""
    chat = Chat("live", "secured")
    thread = chat.conversation()
    chat.control(k.AgentJoins())
    chat.control(k.AgentSays(text="hello"))
    chat.unwritten = True
    chat.say(thread, "are you there?")
    chat.cut()
    chat.back()
    chat.do(i.EnterBackground)
    chat.do(i.EnterActive)
    chat.do(i.EndThread, thread=thread)
    chat.do(i.StartThread)
    chat.do(i.SignOut)
    chat.do(i.Connect)
    return list(chat.log)


def test_a_whole_chat_runs_on_the_stock_machine_just_as_well() -> None:
    with stock_engine():
        expected = conversation()
    assert conversation() == expected
    assert len(expected) > 60
