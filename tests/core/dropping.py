"""Take rows out of the tables in use, to see who notices.

::

    with TABLES.dropped(*TABLES.rows_of("S29")):
        ...                         # the session runs as if the row did not stand

A pair that a dropped row leaves undeclared changes nothing from then on, as if the totality rows had taken it over; so
a test has to notice what the row does, and not only that something is missing. Only where the row itself changes
nothing does its pair become undeclared.
"""

import importlib
import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from deskline_core.machine import Machine, Row, Rule, Rules

__all__ = ["Tables", "Test", "notices", "words"]

Test = Callable[[], None]
ROOT = Path(__file__).parents[2]


class Tables:
    """The machines and rules that a vendor's sessions run by. ``tests`` is where the tests of their rows stand.

    Tests that walk over everything may carry rows, too; ``walks`` is what such modules are called.
    """

    def __init__(
        self, machines: Sequence[Machine], rules: Sequence[Rule], standing: Rules, tests: str, walks: str = "none"
    ) -> None:
        self.machines = machines
        self.rules = rules
        self.standing = standing
        self.tests = tests
        self.walks = re.compile(walks)

    @property
    def rows(self) -> list[Row | Rule]:
        """All rows and rules, in their order."""
        return [*(row for machine in self.machines for row in machine.rows), *self.rules]

    def rows_of(self, id: str) -> tuple[Row | Rule, ...]:
        """Return all rows and rules of an id."""
        return tuple(row for row in self.rows if row.id == id)

    @contextmanager
    def dropped(self, *gone: Row | Rule, source: str = "") -> Iterator[None]:
        """Let sessions run without these rows and rules, or without them in one state only."""
        parts: list[Machine | Rules] = [*self.machines, self.standing]
        kept = [(part, _contents(part)) for part in parts]
        try:
            for machine in self.machines:
                _take_out(machine, gone, source)
            rules = (_narrowed(rule, source) if rule in gone else rule for rule in self.rules)
            _put(self.standing, _contents(Rules(rule for rule in rules if rule is not None)))
            yield
        finally:
            for part, contents in kept:
                _put(part, contents)

    @cached_property
    def carriers(self) -> dict[str, dict[str, Test]]:
        """The tests of rows, by the ids that they carry."""
        found: dict[str, dict[str, Test]] = {}
        for path in sorted(ROOT.glob(self.tests)):
            if self.walks.fullmatch(path.stem):
                continue
            module = importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
            for name, test in vars(module).items():
                marks = getattr(test, "pytestmark", ()) if name.startswith("test_") else ()
                ids = [id for mark in marks if mark.name == "row" for id in mark.args]
                for id in ids:
                    found.setdefault(id, {})[f"{path.stem}.{name}"] = _callable(f"{path.stem}.{name}", test)
        return found


def _callable(name: str, test: Any) -> Test:
    """Return what runs a test with all of its parameters, one after another."""
    marks = [mark for mark in test.pytestmark if mark.name == "parametrize"]
    runs = [{}] if not marks else [_joined(choice) for choice in product(*(_choices(mark) for mark in marks))]
    missing = set(inspect.signature(test).parameters) - set(runs[0])
    assert not missing, f"{name} has to be callable as it is, without {missing}"

    def run() -> None:
        for arguments in runs:
            test(**arguments)

    return run


def _choices(mark: Any) -> list[dict[str, object]]:
    names, values = mark.args
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    rows = [value.values if hasattr(value, "marks") else value if len(names) > 1 else (value,) for value in values]
    return [dict(zip(names, row, strict=True)) for row in rows]


def _joined(choice: tuple[dict[str, object], ...]) -> dict[str, object]:
    return {name: value for part in choice for name, value in part.items()}


def notices(test: Test) -> bool:
    """Whether a test fails as things are now."""
    try:
        test()
    except (Exception, pytest.fail.Exception):  # noqa: BLE001 - any failure will do
        return True
    return False


def words(row: Row | Rule) -> str:
    """Return what to call a row in a list of tests."""
    return f"{row.id} {row.trigger} {row.to}" if isinstance(row, Row) else row.id


# --- taking out ---


def _narrowed(rule: Rule, state: str) -> Rule | None:
    """Return what is left of a rule that does not hold in a state, None if that is nothing."""
    states = tuple(other for other in rule.states if other != state)
    return replace(rule, states=states) if state and states else None


def _take_out(machine: Machine, gone: tuple[Row | Rule, ...], source: str) -> None:
    """Build the events anew that lose a row."""
    triggers = {row.trigger for row in gone if isinstance(row, Row) and row in machine.rows}
    if not triggers:
        return
    rows: list[Row] = []
    lost: list[Row] = []
    for row in machine.rows:
        if row.trigger not in triggers:
            continue
        if row in gone:
            sources = tuple(other for other in row.sources if source and other != source)
            rows += [replace(row, sources=sources)] if sources else []
            lost.append(replace(row, sources=tuple(other for other in row.sources if other not in sources)))
        else:
            rows.append(row)
    rows += _filled(rows, lost)
    made = Machine(machine.name, states=machine.states, rows=rows, owner=machine.owner, attribute=machine.attribute)
    others = {name: event for name, event in machine.events.items() if name not in triggers}
    machine.events = others | made.events
    machine.rows = tuple(row for row in machine.rows if row.trigger not in triggers) + made.rows


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
