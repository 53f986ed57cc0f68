"""Reads a page that sets a vendor's names beside ours: tables with the columns There, Here and Remark."""

import inspect
import re
from typing import get_args

import deskline
from deskline.thread import MessageHandle
from tests.docs.snippets import ROOT

CODE = re.compile(r"`([^`]+)`")
HANDLES = {"chat": deskline.Chat, "thread": deskline.Thread, "message": MessageHandle}
EVENTS = {kind.__name__ for kind in get_args(deskline.Event)} | {"EventsSkipped"}
METHODS = {
    f"{word}.{name}"
    for word, handle in HANDLES.items()
    for name, member in vars(handle).items()
    if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property))
}
ERRORS = {
    name
    for name in deskline.__all__
    if inspect.isclass(getattr(deskline, name)) and issubclass(getattr(deskline, name), deskline.DesklineError)
}


def rows(text: str) -> list[list[str]]:
    """Return the cells of every line of every table."""
    lines = [line for line in text.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in lines]


def found(name: str) -> object:
    """Return what a name of ours stands for; raises AttributeError where it is none."""
    first, *rest = name.split(".")
    thing: object = HANDLES.get(first) or getattr(deskline, first)
    for part in rest:
        thing = getattr(thing, part)
    return thing


class Page:
    """One such page."""

    def __init__(self, name: str) -> None:
        self.text = (ROOT / "docs" / name).read_text("utf-8")
        self.vendors, _, self._own = self.text.partition("## Ours only")

    @property
    def named(self) -> set[str]:
        """All that stands as code anywhere."""
        return set(CODE.findall(self.text))

    @property
    def ours_there(self) -> list[str]:
        """What stands in the columns Here, beside a name of theirs."""
        return [name for row in rows(self.vendors) if len(row) > 1 for name in CODE.findall(row[1])]

    @property
    def ours_only(self) -> list[str]:
        """What the list of what only we have names."""
        return [name for row in rows(self._own) for name in CODE.findall(row[0])]

    @property
    def ours(self) -> list[str]:
        """Both."""
        return [*self.ours_there, *self.ours_only]

    def poor(self) -> list[list[str]]:
        """Return the rows that neither name something of ours nor say why not."""
        return [
            row
            for row in rows(self.vendors)
            if row[0] != "There" and not (CODE.search(row[1]) or (row[1] == "not there" and len(row) > 2 and row[2]))
        ]

    def parts(self, *titles: str) -> list[str]:
        """Return the parts of the third level with these titles."""
        return re.findall(rf"^### (?:{'|'.join(titles)})\n(.*?)(?=^#|\Z)", self.text, re.MULTILINE | re.DOTALL)

    def events_among_errors(self, *titles: str) -> list[list[str]]:
        """Return the rows of errors that name an event."""
        parts = self.parts(*titles)
        return [row for part in parts for row in rows(part) if EVENTS.intersection(CODE.findall(row[1]))]
