"""What keeps the library out of each trap of the CXone lifecycle reference, section 8, as data: ``traps.toml``.

A guard is text of a source file, and what stands in its place where it is taken out or turned round. The tests that
carry one of its rows have to fail then.
"""

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["ROOT", "Change", "Guard", "carriers", "guards", "without_guard"]

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).with_name("traps.toml")
TRAP = re.compile(r"[RCLMP]\d+|T-\d+")


class Change(NamedTuple):
    """One place where a guard stands, and what takes its place there."""

    file: str
    text: str
    instead: str

    def faults(self, root: Path = ROOT) -> str:
        """Return why it cannot be made, or ""."""
        path = root / self.file
        if not path.is_file():
            return f"there is no file {self.file}"
        times = path.read_text("utf-8").count(self.text)
        if times != 1:
            return f"stands {times} times in {self.file}: {self.text.strip()[:80]!r}"
        return "changes nothing" if self.text == self.instead else ""


class Guard(NamedTuple):
    """What keeps out of the traps of some rows; ``why`` says what goes wrong without it."""

    rows: tuple[str, ...]
    why: str
    changes: tuple[Change, ...]


def _change(entry: dict[str, Any]) -> Change:
    return Change(entry["file"], entry["text"], entry["instead"])


@cache
def _data() -> dict[str, Any]:
    return tomllib.loads(DATA.read_text("utf-8"))


def guards() -> tuple[Guard, ...]:
    """Return all guards, in their order."""
    return tuple(
        Guard(tuple(entry["rows"]), entry["why"], tuple(map(_change, entry.get("change", [entry]))))
        for entry in _data()["guard"]
    )


def without_guard() -> dict[str, str]:
    """Return the rows that no text guards, and why."""
    return dict(_data().get("without", {}))


@cache
def carriers() -> dict[str, tuple[str, ...]]:
    """Return the tests that carry each row of the traps, as pytest names them."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                for row in _rows_of(node):
                    found.setdefault(row, []).append(f"{path.relative_to(ROOT).as_posix()}::{node.name}")
    return {row: tuple(tests) for row, tests in found.items()}


def _rows_of(test: ast.FunctionDef | ast.AsyncFunctionDef) -> set[str]:
    calls = [mark for mark in test.decorator_list if isinstance(mark, ast.Call)]
    marks = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "row"]
    ids = [given.value for mark in marks for given in mark.args if isinstance(given, ast.Constant)]
    return {id for id in ids if isinstance(id, str) and TRAP.fullmatch(id)}
