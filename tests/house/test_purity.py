"""The pure packages stay pure.

The import contracts follow chains of imports but know packages of others as a whole, and only names that were thought
of. This is the other half: a list of all that may be imported, and of what may not be called.
"""

import ast
import subprocess
import sys
from collections.abc import Iterator

from tests.house.product import PURE, Source, sources

STDLIB = {
    "abc", "base64", "binascii", "bisect", "collections", "collections.abc", "copy", "dataclasses", "datetime",
    "decimal", "email", "email.message", "enum", "functools", "hashlib", "heapq", "hmac", "html", "html.parser",
    "itertools", "json", "math",
    "operator", "re", "string", "struct", "textwrap", "types", "typing", "unicodedata", "urllib.parse", "zlib",
}  # fmt: skip
# `email` loads more than it needs; what is used of it reads the headers of an upload, and nothing else.
OTHERS = {"msgspec", "transitions"}
FOR_TESTS = {"hypothesis"}  # deskline_core.testing offers strategies to those who have it
# The `hash` of a string differs from run to run; the rest reaches the world.
CALLS = {"__import__", "breakpoint", "eval", "exec", "hash", "input", "open", "print"}
CLOCKS = {"now", "today", "utcnow"}


def _pure() -> Iterator[Source]:
    return (source for source in sources() if source.package in PURE)


def _imports(source: Source) -> Iterator[tuple[str, str]]:
    for node in source.nodes():
        match node:
            case ast.Import(names=names):
                yield from ((source.where(node), alias.name) for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield source.where(node), module


def _is_allowed(name: str, source: Source) -> bool:
    top = name.partition(".")[0]
    tests = FOR_TESTS if ".testing" in source.module else set[str]()
    return name in STDLIB or top in OTHERS | tests or top in PURE


def test_only_pure_modules_are_imported() -> None:
    found = [
        f"{where} {name}" for source in _pure() for where, name in _imports(source) if not _is_allowed(name, source)
    ]
    assert found == []


def _impure_calls(source: Source) -> Iterator[str]:
    exempt = {
        id(call) for node in source.functions() if node.name == "__hash__" for call in ast.walk(node)
    }  # a hash of parts is what that method is for
    for node in source.nodes():
        match node:
            case ast.Call() if id(node) in exempt:
                pass
            case ast.Call(func=ast.Name(id=name)) if name in CALLS:
                yield f"{source.where(node)} {name}"
            case ast.Attribute(attr=name, value=ast.Name(id="datetime" | "date")) if name in CLOCKS:
                yield f"{source.where(node)} {name}"


def test_nothing_reads_a_clock_or_reaches_the_world() -> None:
    assert [call for source in _pure() for call in _impure_calls(source)] == []


def _loaded_by(*modules: str) -> set[str]:
    program = f"import sys, {', '.join(modules)}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, check=True)
    return set(run.stdout.split())


def test_no_pure_module_loads_a_runtime() -> None:
    modules = [source.module for source in _pure() if ".testing" not in source.module]
    assert _loaded_by(*modules) & {"trio", "asyncio", "ssl", "httpx"} == set()


def test_the_public_package_loads_no_runtime() -> None:
    assert _loaded_by("deskline") & {"trio", "asyncio", "httpx", "starlette", "uvicorn"} == set()
