"""Take rows out of the tables in use, to see who notices.

::

    with dropped(*rows_of("S29")):
        ...                         # the session runs as if the row did not stand

A pair that a dropped row leaves undeclared changes nothing from then on, as if the totality rows had taken it over; so
a test has to notice what the row does, and not only that something is missing. Only where the row itself changes
nothing does its pair become undeclared.
"""

import importlib
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from deskline_core.cxone.connection import CONNECTION
from deskline_core.cxone.rules import RULES, STANDING
from deskline_core.cxone.thread import THREAD
from deskline_core.machine import Machine, Row, Rule, Rules

MACHINES = (CONNECTION, THREAD)
Test = Callable[[], None]


def rows_of(id: str) -> tuple[Row | Rule, ...]:
    """Return all rows and rules of an id."""
    standing: list[Row | Rule] = [*CONNECTION.rows, *THREAD.rows, *RULES]
    return tuple(row for row in standing if row.id == id)


@contextmanager
def dropped(*gone: Row | Rule, source: str = "") -> Iterator[None]:
    """Let sessions run without these rows and rules, or without them in one state only."""
    kept = [(part, _contents(part)) for part in (*MACHINES, STANDING)]
    try:
        for machine in MACHINES:
            if any(row in machine.rows for row in gone):
                _put(machine, _contents(_without(machine, gone, source)))
        rules = (_narrowed(rule, source) if rule in gone else rule for rule in RULES)
        _put(STANDING, _contents(Rules(rule for rule in rules if rule is not None)))
        yield
    finally:
        for part, contents in kept:
            _put(part, contents)


def _narrowed(rule: Rule, state: str) -> Rule | None:
    """Return what is left of a rule that does not hold in a state, None if that is nothing."""
    states = tuple(other for other in rule.states if other != state)
    return replace(rule, states=states) if state and states else None


def _without(machine: Machine, gone: tuple[Row | Rule, ...], source: str) -> Machine:
    rows: list[Row] = []
    lost: list[Row] = []
    for row in machine.rows:
        if row in gone:
            sources = tuple(other for other in row.sources if source and other != source)
            rows += [replace(row, sources=sources)] if sources else []
            lost.append(replace(row, sources=tuple(other for other in row.sources if other not in sources)))
        else:
            rows.append(row)
    rows += _filled(rows, lost)
    return Machine(machine.name, states=machine.states, rows=rows, owner=machine.owner, attribute=machine.attribute)


def _filled(rows: list[Row], lost: list[Row]) -> list[Row]:
    """Return rows that change nothing, for the pairs that lost a row that did something."""
    declared = {(source, row.trigger) for row in rows if row.guard is None for source in row.sources}
    pairs = {(source, row.trigger) for row in lost if _acts(row) for source in row.sources} - declared
    return [
        Row(id="gone", trigger=trigger, sources=(state,), says="changes nothing") for state, trigger in sorted(pairs)
    ]


def _acts(row: Row) -> bool:
    return bool(row.to or row.then or row.refuse)


def _contents(part: Machine | Rules) -> dict[str, Any]:
    return {name: getattr(part, name) for name in type(part).__slots__}


def _put(part: Machine | Rules, contents: dict[str, Any]) -> None:
    for name, value in contents.items():
        setattr(part, name, value)


def carriers() -> dict[str, dict[str, Test]]:
    """Return the tests of all modules of rows beside this one, by the ids that they carry."""
    found: dict[str, dict[str, Test]] = {}
    for path in sorted(Path(__file__).parent.glob("test_*_rows.py")):
        module = importlib.import_module(f"tests.core.cxone.{path.stem}")
        for name, test in vars(module).items():
            for mark in getattr(test, "pytestmark", ()):
                if mark.name == "row" and name.startswith("test_"):
                    assert not inspect.signature(test).parameters, f"{path.stem}.{name} has to be callable as it is"
                    for id in mark.args:
                        found.setdefault(id, {})[f"{path.stem}.{name}"] = test
    return found


def notices(test: Test) -> bool:
    """Whether a test fails as things are now."""
    try:
        test()
    except Exception:  # noqa: BLE001 - any failure will do
        return True
    return False
