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

from deskline_core.cxone.connection import CONNECTION
from deskline_core.cxone.rules import RULES, STANDING, Rules
from deskline_core.cxone.thread import THREAD
from deskline_core.machine import Machine, Row, Rule, undeclared_pairs

MACHINES = (CONNECTION, THREAD)
Test = Callable[[], None]


def rows_of(id: str) -> tuple[Row | Rule, ...]:
    """Return all rows and rules of an id."""
    standing: list[Row | Rule] = [*CONNECTION.rows, *THREAD.rows, *RULES]
    return tuple(row for row in standing if row.id == id)


@contextmanager
def dropped(*gone: Row | Rule) -> Iterator[None]:
    """Let sessions run without these rows and rules."""
    kept = [(part, _contents(part)) for part in (*MACHINES, STANDING)]
    try:
        for machine in MACHINES:
            _put(machine, _contents(_without(machine, gone)))
        _put(STANDING, _contents(Rules(rule for rule in RULES if rule not in gone)))
        yield
    finally:
        for part, contents in kept:
            _put(part, contents)


def _without(machine: Machine, gone: tuple[Row | Rule, ...]) -> Machine:
    rows = tuple(row for row in machine.rows if row not in gone)
    missed = undeclared_pairs(machine.states, rows) | _all_pairs(machine, gone, rows)
    filled = tuple(
        Row(id="gone", trigger=row.trigger, sources=(source,), says="changes nothing")
        for row in gone
        if isinstance(row, Row) and row in machine.rows and _acts(row)
        for source in row.sources
        if (source, row.trigger) in missed
    )
    return Machine(
        machine.name, states=machine.states, rows=(*rows, *filled), owner=machine.owner, attribute=machine.attribute
    )


def _all_pairs(machine: Machine, gone: tuple[Row | Rule, ...], rows: tuple[Row, ...]) -> set[tuple[str, str]]:
    """Return the pairs of triggers that no row names any more."""
    left = {row.trigger for row in rows}
    lost = {row.trigger for row in gone if isinstance(row, Row)} - left
    return {(state, trigger) for state in machine.states for trigger in lost}


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
