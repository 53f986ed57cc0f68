"""``python -m tests.mutation``: change the library in a copy of the tree, and see whether the tests notice.

``traps`` takes out what keeps out of each trap of the references, one at a time; ``machines`` has cosmic-ray mutate
the machines and what they run on; ``rows`` does the same to the rows of their tables.
"""

import argparse
import sys
import time
from collections.abc import Sequence

from tests.mutation.copies import Copy, copied
from tests.mutation.guards import Change, Guard, carriers, guards, without_guard
from tests.mutation.machines import Result, evenly, modules, mutated
from tests.mutation.tables import changes, tables

__all__ = ["main"]

NOTICED, BLIND, GONE = "noticed", "not noticed", "does not apply any more"


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def tried(copy: Copy, guard: Guard) -> dict[str, str]:
    """Return what came of one guard's absence, by row."""
    if wrong := [change.faults(copy.root) for change in guard.changes if change.faults(copy.root)]:
        return dict.fromkeys(guard.rows, f"{GONE}: {'; '.join(wrong)}")
    came: dict[str, str] = {}
    with copy.changed(guard.changes):
        for row in guard.rows:
            tests = carriers().get(row, ())
            came[row] = NOTICED if tests and copy.run(tests).failed else BLIND
    return came


def traps(rows: Sequence[str], revision: str) -> int:
    """Try the guards of these rows, or all; print what came of it. 1 if one was not noticed."""
    chosen = [guard for guard in guards() if not rows or set(rows) & set(guard.rows)]
    chosen = [guard._replace(rows=tuple(row for row in guard.rows if not rows or row in rows)) for guard in chosen]
    began, results = time.monotonic(), dict[str, list[str]]()
    with copied(revision) as copy:
        tests = sorted({test for guard in chosen for row in guard.rows for test in carriers().get(row, ())})
        if not (plain := copy.run(tests, 900)).passed:
            _say(f"with all guards in place the tests fail:\n{plain.told}")
            return 2
        for guard in chosen:
            for row, result in tried(copy, guard).items():
                results.setdefault(row, []).append(result)
                if result != NOTICED:
                    _say(f"{row}: {result} ({guard.why})")
    good = [row for row, came in results.items() if set(came) == {NOTICED}]
    pairs = sum(map(len, results.values()))
    seconds = time.monotonic() - began
    _say(
        f"{len(good)} of {len(results)} rows noticed; {len(chosen)} guards, {pairs} runs in {seconds:.0f} s;"
        f" {len(without_guard())} rows without a guard of their own"
    )
    return 0 if len(good) == len(results) else 1


def machines(names: Sequence[str], *, most: int, seconds: float, tool: str, revision: str) -> int:
    """Mutate these modules, or all; print what survived and the score. 1 if something did that is not explained."""
    chosen = [module for module in modules() if not names or any(name in module.file for name in names)]
    results = list[Result]()
    with copied(revision) as copy:
        for module in chosen:
            if not (plain := copy.run(module.tests, seconds)).passed:
                _say(f"{module.file}: its tests fail as it is\n{plain.told}")
                return 2
            result = mutated(copy, module, most=most, seconds=seconds, tool=tool)
            results.append(result)
            for diff in result.unexplained:
                _say(diff)
            _say(_line(result.module.file, [result]))
    _say(_line("all", results))
    return 1 if any(result.unexplained for result in results) else 0


def rows(names: Sequence[str], *, most: int, seconds: float, revision: str) -> int:
    """Change rows of these tables, or of all; print what nobody noticed and the score. 1 if that is not explained."""
    results = list[tuple[int, int, int, int, int]]()
    with copied(revision) as copy:
        for table in (table for table in tables() if not names or any(name in table.file for name in names)):
            if not (plain := copy.run(table.tests, seconds)).passed:
                _say(f"{table.file}: its tests fail as it is\n{plain.told}")
                return 2
            there = changes(table, copy.root)
            chosen = evenly(tuple(there), most)
            blind = [name for name in chosen if not _is_noticed(copy, there[name], table.tests, seconds)]
            open = [name for name in blind if name not in table.equivalent]
            for name in open:
                _say(f"{table.file}: {name}")
            results.append((len(there), len(chosen), len(chosen) - len(blind), len(blind) - len(open), len(open)))
            _say(_cells(table.file, results[-1]))
    sums = [sum(column) for column in zip(*results, strict=True)]
    _say(_cells("all", sums))
    return 1 if sums[-1] else 0


def _is_noticed(copy: Copy, change: Change, tests: Sequence[str], seconds: float) -> bool:
    with copy.changed([change]):
        return copy.run(tests, seconds).failed


def _cells(name: str, figures: Sequence[int]) -> str:
    return f"| {name} | {' | '.join(map(str, figures))} |"


def _line(name: str, results: Sequence[Result]) -> str:
    there, tried = sum(one.there for one in results), sum(one.tried for one in results)
    noticed, survived = sum(one.noticed for one in results), sum(len(one.survived) for one in results)
    open = sum(len(one.unexplained) for one in results)
    return _cells(name, (there, tried, noticed, survived - open, open))


def main(arguments: Sequence[str] | None = None) -> int:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    command = commands.add_parser("traps", help="guards of the traps, as traps.toml has them")
    command.add_argument("--row", action="append", default=[], help="only this row; may be given again")
    command.add_argument("--list", action="store_true", help="only say what there is")
    machine = commands.add_parser("machines", help="modules of machines.toml, by cosmic-ray")
    machine.add_argument("--tool", default="cosmic-ray", help="where cosmic-ray is (on the path)")
    table = commands.add_parser("rows", help="tables of machines.toml, row by row")
    for each in (machine, table):
        each.add_argument("--module", action="append", default=[], help="only files with this in their name")
        each.add_argument("--most", type=int, default=40, help="how many mutants of a module at the most (40)")
        each.add_argument("--seconds", type=float, default=120, help="how long the tests of one may take (120)")
    for each in (command, machine, table):
        each.add_argument("--at", default="", metavar="REVISION", help="the tree at a revision, not as it is")
    chosen = parser.parse_args(arguments)
    if chosen.command == "machines":
        return machines(
            chosen.module, most=chosen.most, seconds=chosen.seconds, tool=chosen.tool, revision=chosen.at
        )  # fmt: skip
    if chosen.command == "rows":
        return rows(chosen.module, most=chosen.most, seconds=chosen.seconds, revision=chosen.at)
    if chosen.list:
        for guard in guards():
            _say(f"{' '.join(guard.rows)}: {guard.why} [{', '.join(change.file for change in guard.changes)}]")
        for row, why in without_guard().items():
            _say(f"{row}: no guard: {why}")
        return 0
    return traps(chosen.row, chosen.at)


if __name__ == "__main__":
    sys.exit(main())
