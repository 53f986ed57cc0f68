"""One meaning per word: names that could mean anything are not used, and no text points out of the repository."""

import ast
import re
from collections.abc import Iterator

from tests.house.product import ROOT, Source, sources

UNUSED = {"effect", "action", "output", "handler", "manager", "helper", "util", "utility", "service"}

OURS = (".ci", "adapters", "core", "docs", "tests", "tools", "transports")
SUFFIXES = {"", ".json", ".jsonl", ".md", ".py", ".svg", ".toml", ".txt", ".yaml", ".yml"}
HOME = re.compile(r"(?<![\w.~])/(?:home|root|Users|work|workspace|mnt)/\w+")
UPWARDS = re.compile(r"(?<![\w./])(?:\.\./)+[\w./-]*")


def _words(name: str) -> set[str]:
    """Return the words of a snake_case or CamelCase name, in lower case and in the singular."""
    words = (word.lower() for word in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name))
    return {"utility" if word == "utilities" else word.removesuffix("s") for word in words}


def _names(source: Source) -> Iterator[tuple[str, str]]:
    yield source.path.name, source.module.rpartition(".")[2]
    for node in source.nodes():
        match node:
            case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                yield source.where(node), name
            case ast.arg(arg=name) | ast.Name(id=name, ctx=ast.Store()) if not source.is_vendors:
                yield source.where(node), name


def test_words_are_found_in_names() -> None:
    assert _words("MessageHandler") == {"message", "handler"}
    assert _words("to_utils") == {"to", "util"}
    assert _words("HTTPServices2") == {"http", "service"}


def test_names_that_could_mean_anything_are_not_used() -> None:
    found = [
        f"{where} {name}"
        for source in sources()
        for where, name in _names(source)
        # on the wire, `action` is a word of both vendors
        if _words(name) & (UNUSED - {"action"} if source.is_vendors else UNUSED)
    ]
    assert found == []


def _texts() -> Iterator[tuple[str, str]]:
    folders = [path for name in OURS for path in (ROOT / name).rglob("*")]
    for path in [*folders, *ROOT.iterdir()]:
        name = path.relative_to(ROOT).as_posix()
        is_made = path.name.startswith(".coverage") or name.startswith("docs/_build/")
        if path.is_file() and path.suffix in SUFFIXES and not is_made:
            yield name, path.read_text("utf-8")


def test_no_text_points_out_of_the_repository() -> None:
    found = [
        f"{name}: {match}"
        for name, text in _texts()
        for match in [*HOME.findall(text), *UPWARDS.findall(text)]
        if match.startswith("/") or not (ROOT / name).parent.joinpath(match).resolve().is_relative_to(ROOT)
    ]
    assert found == []
