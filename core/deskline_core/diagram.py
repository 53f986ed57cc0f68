"""Diagrams from data: the course of a recorded run, and the states of a table, as Mermaid text or plain SVG.

Whatever the far side sent, the text is valid: control characters are left out, and what is not a letter, a digit or
harmless punctuation is written as its number.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from .course import Arrow, Lane, Mark, trace
from .machine import Machine, graph

__all__ = ["escape", "sequence", "states"]

_NAMES: Final[dict[Lane, str]] = {
    "app": "app", "session": "session", "rest": "REST", "socket": "socket", "agent": "agent",
}  # fmt: skip
_HARMLESS: Final = frozenset(" _.,/()+=?!'-*@|…")
_ANY: Final = "any other state"
_ALL: Final = "all "
_MANY: Final = 3
_ROW_ID: Final = re.compile("[A-Z]")


def escape(text: str) -> str:
    """Return a text on one line that Mermaid shows as it is and never takes for its own syntax."""
    parts: list[str] = []
    for letter in text:
        if letter.isalnum() or letter in _HARMLESS:
            parts.append(letter)
        elif letter.isspace():
            parts.append(" ")
        elif letter.isprintable():
            parts.append(f"#{ord(letter)};")
    return "".join(parts).strip()


# --- the course of a run ---


def sequence(lines: Iterable[str], *, after: int = 0) -> str:
    """Return the Mermaid sequence diagram of a journal, or of what follows its line ``after``.

    It shows what the app asks and is told, requests with their answers, and frames by their type; state changes and
    gaps of time as notes; heartbeats counted. All of the journal is replayed for it. Raises JournalError like
    :func:`~deskline_core.journal.replay`.
    """
    course = trace(lines, after=after)
    declared = [f"    participant {lane} as {_NAMES[lane]}" for lane in course.lanes]
    return "\n".join(("sequenceDiagram", *declared, *(f"    {_line(mark)}" for mark in course.marks), ""))


def _line(mark: Mark) -> str:
    text = escape(mark.text) or "-"
    if not isinstance(mark, Arrow):
        over = mark.first if mark.first == mark.last else f"{mark.first},{mark.last}"
        return f"Note over {over}: {text}"
    line = "--" if mark.is_answer else "-"
    return f"{mark.source}{line}{'x' if mark.fails else '>>'}{mark.target}: {text}"


# --- the states of a table ---

_Edge = tuple[str, str, str]


def states(
    machine: Machine,
    projection: Mapping[str, str] | None = None,
    *,
    labels: Literal["ids", "triggers"] = "ids",
    coarse: bool = False,
) -> str:
    """Return the Mermaid state diagram of a table, drawn from its rows that lead to another state.

    Refusals and rows that change nothing are left out. ``projection`` says what the app sees of leaf states: they are
    drawn in groups, or ``coarse`` as one. ``labels`` are the ids of the rows, or their triggers. What leads there from
    every other state is drawn from one box, what from all states of a group from the group.

    Imports ``transitions.extensions``, which loads asyncio.
    """
    shown = dict(projection or {})
    names = tuple(dict.fromkeys(shown.get(state, state) for state in machine.states)) if coarse else machine.states
    groups = {} if coarse else _groups(names, shown)
    edges: dict[_Edge, None] = {}
    for row in machine.rows:
        if row.to is not None:
            sources, to = row.sources, row.to
            if coarse:
                sources, to = tuple(dict.fromkeys(shown.get(source, source) for source in sources)), shown.get(to, to)
            label = row.id if labels == "ids" else row.trigger.replace("_", " ")
            edges |= dict.fromkeys((label, source, to) for source in _origins(sources, to, names, groups))
    drawn = graph([_id(name) for name in names], [(label, _id(source), _id(to)) for label, source, to in edges])
    if any(source == _ANY for _, source, _ in edges):
        names = (*names, _ANY)
    arrows = (_arrow(line.strip()) for line in drawn if "-->" in line)
    return "\n".join(("stateDiagram-v2", *_boxes(names, groups), *arrows, ""))


def _groups(names: Iterable[str], shown: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the leaf states of each group that has more than one."""
    found: dict[str, list[str]] = {}
    for name in names:
        if name in shown:
            found.setdefault(f"{_ALL}{shown[name]}", []).append(name)
    return {group: tuple(members) for group, members in found.items() if len(members) > 1}


def _origins(
    sources: Iterable[str], to: str, names: Iterable[str], groups: Mapping[str, tuple[str, ...]]
) -> Iterator[str]:
    """Yield the boxes that arrows of a row begin at."""
    left = [source for source in sources if source != to]
    if len(left) >= _MANY and set(left) == set(names) - {to}:
        yield _ANY
        return
    for group, members in groups.items():
        if to not in members and set(members) <= set(left):
            left = [source for source in left if source not in members]
            yield group
    yield from left


def _boxes(names: Iterable[str], groups: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    grouped = {member for members in groups.values() for member in members}
    for group, members in groups.items():
        yield f'    state "{group.removeprefix(_ALL)}" as {_id(group)} {{'
        yield from (f'        state "{member}" as {_id(member)}' for member in members)
        yield "    }"
    yield from (f'    state "{name}" as {_id(name)}' for name in names if name not in grouped)


def _arrow(line: str) -> str:
    edge, colon, label = line.partition(": ")
    labels = label.split(" | ")
    if len(labels) >= _MANY and not _ROW_ID.match(label):
        labels = [*labels[: _MANY - 1], "…"]
    return f"    {edge}{colon}{', '.join(labels)}"


def _id(name: str) -> str:
    return name.replace(" ", "_").replace("-", "_")
