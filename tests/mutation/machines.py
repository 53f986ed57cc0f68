"""Mutation of the machines by cosmic-ray: mutants of a module by its operators, sampled evenly, and its own tests.

Which module has which tests is data: ``machines.toml``. cosmic-ray itself is not needed for anything else, so that it
is no dependency: a command of that name has to be there, wherever it is installed.
"""

import sqlite3
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from tests.mutation.copies import Copy
from tests.mutation.guards import ROOT

__all__ = ["Module", "Result", "evenly", "found", "modules", "mutated"]

T = TypeVar("T")
DATA = Path(__file__).with_name("machines.toml")
_CONFIGURATION = """\
[cosmic-ray]
module-path = "{module}"
timeout = {timeout}
excluded-modules = []
test-command = "{command}"

[cosmic-ray.distributor]
name = "local"
"""
_SAMPLED = """
select job_id, operator_name, start_pos_row, start_pos_col from mutation_specs
order by start_pos_row, start_pos_col, operator_name, occurrence
"""


class Module(NamedTuple):
    """A module, the tests that should notice, and what of its mutants that survive is no defect, with the reasons."""

    file: str
    tests: tuple[str, ...]
    equivalent: tuple[tuple[str, str], ...] = ()

    def is_equivalent(self, diff: str) -> bool:
        return any(text in diff for text, _ in self.equivalent)


class Result(NamedTuple):
    """What came of a module's mutants: how many there are, were tried, noticed; and what survived, as differences."""

    module: Module
    there: int
    tried: int
    noticed: int
    survived: tuple[str, ...]

    @property
    def unexplained(self) -> tuple[str, ...]:
        return tuple(diff for diff in self.survived if not self.module.is_equivalent(diff))


def _data() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text("utf-8"))


def found(patterns: Sequence[str]) -> tuple[str, ...]:
    """Return the test files of patterns, each once, in their order."""
    files = [path.relative_to(ROOT).as_posix() for pattern in patterns for path in sorted(ROOT.glob(pattern))]
    return tuple(dict.fromkeys(files))


def modules() -> tuple[Module, ...]:
    """Return the modules, in their order."""
    return tuple(
        Module(entry["file"], found(entry["tests"]), tuple((e["text"], e["why"]) for e in entry.get("equivalent", [])))
        for entry in _data()["module"]
    )


def mutated(copy: Copy, module: Module, *, most: int, seconds: float, tool: str) -> Result:
    """Mutate one module in the copy; at most so many mutants, spread evenly over its lines."""
    session = copy.door.parent / f"{module.file.replace('/', '.')}.sqlite"
    configuration = session.with_suffix(".toml")
    asking = [sys.executable, "-S", str(copy.root / "tests" / "mutation" / "ask.py"), str(copy.door), str(seconds)]
    command = " ".join([*asking, *module.tests])
    configuration.write_text(_CONFIGURATION.format(module=module.file, timeout=seconds + 60, command=command), "utf-8")

    def cosmic_ray(*arguments: str) -> None:
        subprocess.run([tool, *arguments, str(configuration), str(session)], cwd=copy.root, check=True)

    cosmic_ray("init")
    there, tried = _sample(session, most, (copy.root / module.file).read_text("utf-8").splitlines())
    cosmic_ray("exec")
    outcomes = Counter[str]()
    survived: list[str] = []
    for outcome, diff in _results(session):
        outcomes[outcome] += 1
        if outcome == "SURVIVED":
            survived.append(diff)
    return Result(module, there, tried, outcomes["KILLED"] + outcomes["INCOMPETENT"], tuple(survived))


def _sample(session: Path, most: int, lines: Sequence[str]) -> tuple[int, int]:
    """Leave only so many mutants in a session; return how many there are and how many are left.

    The tool takes a star between parameters for a multiplication; that is no mutant of anything, and neither is what
    only those see who check types.
    """
    with sqlite3.connect(session) as database:
        left_out = tuple(_data()["operators_left_out"])
        jobs = [
            job
            for job, operator, row, column in database.execute(_SAMPLED)
            if not operator.startswith(left_out) and not _is_of_no_use(lines[row - 1], column)
        ]
        kept = set(evenly(jobs, most))
        everything = [job for (job,) in database.execute("select job_id from work_items")]
        gone = [(job,) for job in everything if job not in kept]
        for table in ("mutation_specs", "work_items"):
            database.executemany(f"delete from {table} where job_id = ?", gone)
    return len(jobs), len(kept)


def _is_of_no_use(line: str, column: int) -> bool:
    return line.startswith("*,", column) or line == "if TYPE_CHECKING:"


def evenly(found: Sequence[T], most: int) -> list[T]:
    """Return at most so many of them, from the first to the last."""
    if len(found) <= most:
        return list(found)
    return [found[place * len(found) // most] for place in range(most)]


def _results(session: Path) -> Iterator[tuple[str, str]]:
    with sqlite3.connect(session) as database:
        yield from database.execute(
            "select coalesce(test_outcome, 'INCOMPETENT'), coalesce(diff, '') from work_results"
            " where worker_outcome != 'NO_TEST'"
        )
