"""Mutation of the tables, which are the program: cosmic-ray sees only data in them.

Each row is taken out, loses its guard, what follows, its destination, or one of its source states. A row that is gone
leaves its pairs to the totality rows, which change nothing.
"""

import ast
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

from tests.mutation.guards import ROOT, Change
from tests.mutation.machines import found

__all__ = ["Table", "changes", "tables"]

DATA = Path(__file__).with_name("machines.toml")
_ROWS = {"row", "refusal", "Row", "_request", "Rule", "_towards", "_by_word"}
_DESTINATION = 4
"""Where a row has its destination, if not by name."""
_SOURCES = 2


_Span = Callable[[ast.expr | ast.keyword], tuple[int, int]]


class Table(NamedTuple):
    """A file with a table, and the tests that should notice. ``equivalent`` says of a change why none can."""

    file: str
    tests: tuple[str, ...]
    equivalent: dict[str, str]


def tables() -> tuple[Table, ...]:
    """Return the tables, in their order."""
    return tuple(
        Table(entry["file"], found(entry["tests"]), dict(entry.get("equivalent", {})))
        for entry in tomllib.loads(DATA.read_text("utf-8"))["table"]
    )


def changes(table: Table, root: Path = ROOT) -> dict[str, Change]:
    """Return every change of a table by what it is called: its row, its trigger, what becomes of it."""
    text = (root / table.file).read_text("utf-8")
    begins = [0]
    for line in text.splitlines(keepends=True):
        begins.append(begins[-1] + len(line))

    def span(node: ast.expr | ast.keyword) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return begins[node.lineno - 1] + node.col_offset, begins[node.end_lineno - 1] + node.end_col_offset

    named: dict[str, Change] = {}
    for element in _elements(ast.parse(text)):
        for what, (start, end), instead in _of_row(element, span, text):
            name = f"{_called(element)}: {what}"
            while name in named:
                name += "'"
            named[name] = Change(table.file, text, text[:start] + instead + text[end:])
    return named


def _elements(tree: ast.Module) -> Iterator[ast.expr]:
    for statement in tree.body:
        value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
        if isinstance(value, ast.Tuple):
            yield from (element for element in value.elts if _call(element) is not None)


def _call(element: ast.expr) -> ast.Call | None:
    inner = element.value if isinstance(element, ast.Starred) else element
    is_row = isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id in _ROWS
    return inner if isinstance(inner, ast.Call) and is_row else None


def _called(element: ast.expr) -> str:
    call = _call(element)
    assert call is not None
    given = [*call.args[:2], *(keyword.value for keyword in call.keywords if keyword.arg in ("id", "trigger"))]
    return " ".join(str(one.value) for one in given if isinstance(one, ast.Constant))


def _of_row(element: ast.expr, span: _Span, text: str) -> Iterator[tuple[str, tuple[int, int], str]]:
    call = _call(element)
    assert call is not None
    start, end = span(element)
    yield "taken out", (start, text.index(",", end) + 1), ""
    named = {keyword.arg: keyword for keyword in call.keywords}
    for name, what in (("guard", "without its guard"), ("then", "without what follows"), ("to", "stays")):
        if name in named:
            begin, over = span(named[name])
            yield what, (begin, over), f"{name}=None"
    if len(call.args) > _DESTINATION and isinstance(call.func, ast.Name) and call.func.id == "row":
        yield "stays", span(call.args[_DESTINATION]), "None"
    given = [named["sources"].value] if "sources" in named else call.args[_SOURCES : _SOURCES + 1]
    for sources in given:
        if not isinstance(sources, ast.Tuple) or len(sources.elts) == 1:
            continue
        rest = ", ".join(text[slice(*span(one))] for one in sources.elts[1:])
        yield "without its first state", span(sources), f"({rest},)"
