"""The product's source files, read once for all tests of the house rules."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
PURE = ("deskline_core", "deskline_center")
# Inside, a vendor's fields are named as the vendor names them; what is for others leaves through few names.
VENDOR_PACKAGES = ("deskline_core.cxone", "deskline_core.brightpattern", "deskline_center")
ROOTS = {
    "deskline_core": ROOT / "core",
    "deskline_center": ROOT / "core",
    "deskline_transports": ROOT / "transports",
    "deskline": ROOT / "adapters",
}


class Source(NamedTuple):
    """One file: its dotted module name, its lines and its tree."""

    path: Path
    module: str
    lines: int
    tree: ast.Module

    @property
    def package(self) -> str:
        return self.module.partition(".")[0]

    @property
    def is_public(self) -> bool:
        return not any(part.startswith("_") for part in self.module.split("."))

    @property
    def is_vendors(self) -> bool:
        return self.module.startswith(VENDOR_PACKAGES)

    def nodes(self) -> Iterator[ast.AST]:
        return ast.walk(self.tree)

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        return (node for node in self.nodes() if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))

    def where(self, node: ast.stmt | ast.expr | ast.arg) -> str:
        return f"{self.path.relative_to(ROOT)}:{node.lineno}"


def _read(path: Path, root: Path) -> Source:
    parts = path.relative_to(root).with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    text = path.read_text("utf-8")
    return Source(path, module, len(text.splitlines()), ast.parse(text, str(path)))


@cache
def sources() -> tuple[Source, ...]:
    return tuple(
        _read(path, root) for package, root in ROOTS.items() for path in sorted((root / package).rglob("*.py"))
    )
