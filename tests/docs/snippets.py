"""Finds the Python of the README and of the docs, so that it can be run.

The info string of a fence says how it runs, and readers see it too:

- ``python``: by itself, in an empty folder, as if it were a file;
- ``python with-NAME``: the same, while the pytest fixture ``with_NAME`` holds (``-`` becomes ``_``);
- ``python no-run``: not at all, and then only its syntax is checked.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>```+|~~~+|:::+)(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=indent)(?P=fence) *$",
    re.MULTILINE | re.DOTALL,
)


class Snippet(NamedTuple):
    """One fence: where its first line stands, the words of its info string, its text."""

    path: Path
    line: int
    info: tuple[str, ...]
    text: str

    @property
    def where(self) -> str:
        return f"{self.path.relative_to(ROOT).as_posix()}:{self.line}"

    @property
    def language(self) -> str:
        return self.info[0] if self.info else ""

    @property
    def is_run(self) -> bool:
        return "no-run" not in self.info

    @property
    def fixtures(self) -> tuple[str, ...]:
        return tuple(word.replace("-", "_") for word in self.info if word.startswith("with-"))

    def compiled(self) -> CodeType:
        """Return the code, numbered as in its page, so that a traceback points there."""
        return compile("\n" * (self.line - 1) + self.text, str(self.path), "exec", dont_inherit=True)


def pages() -> Iterator[Path]:
    """Yield the README and every page of the docs."""
    yield ROOT / "README.md"
    yield from (path for path in sorted((ROOT / "docs").rglob("*.md")) if "_build" not in path.parts)


def fences(path: Path) -> Iterator[Snippet]:
    """Yield every fence of a page, whatever its language."""
    text = path.read_text("utf-8")
    for match in FENCE.finditer(text):
        line = text.count("\n", 0, match.start("body")) + 1
        indent = match["indent"]
        body = "".join(part.removeprefix(indent) for part in match["body"].splitlines(keepends=True))
        yield Snippet(path, line, tuple(match["info"].split()), body)


def snippets() -> list[Snippet]:
    """Return the Python fences of all pages."""
    return [fence for path in pages() for fence in fences(path) if fence.language == "python"]
