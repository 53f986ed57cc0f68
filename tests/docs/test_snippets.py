"""Every Python snippet of the README and of the docs runs as it is printed."""

import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from tests.docs.snippets import ROOT, Snippet, fences, pages, snippets

LANGUAGES = {"console", "json", "jsonl", "mermaid", "python", "sh", "text", "toml"}
WORD = re.compile(r"no-run|with-[a-z-]+")
NOT_RUN_LIMIT = 5  # of all snippets; illustrations are rare


@pytest.mark.parametrize("snippet", [each for each in snippets() if each.is_run], ids=lambda each: each.where)
def test_snippet_runs(
    snippet: Snippet, request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in snippet.fixtures:
        request.getfixturevalue(name)
    monkeypatch.chdir(tmp_path)
    main = ModuleType("__main__")  # in sys.modules, since what defines classes looks there for their annotations
    monkeypatch.setitem(sys.modules, "__main__", main)
    exec(snippet.compiled(), vars(main))


@pytest.mark.parametrize("snippet", snippets(), ids=lambda each: each.where)
def test_snippet_says_how_it_runs(snippet: Snippet) -> None:
    assert [word for word in snippet.info[1:] if not WORD.fullmatch(word)] == []
    snippet.compiled()


def test_few_snippets_are_not_run() -> None:
    assert len([each for each in snippets() if not each.is_run]) <= NOT_RUN_LIMIT


def test_no_python_hides_under_another_name() -> None:
    strange = [
        f"{fence.where} {fence.language or 'nothing'}"
        for path in pages()
        for fence in fences(path)
        if fence.language not in LANGUAGES and not fence.language.startswith("{")
    ]
    hidden = [
        fence.where
        for path in pages()
        for fence in fences(path)
        if re.match(r"\{(code|doctest|literal)", fence.language)
    ]
    assert (strange, hidden) == ([], [])


def test_fences_are_found() -> None:
    page = ROOT / "tests" / "docs" / "sample.txt"
    found = list(fences(page))
    assert [(each.line, each.info, each.text) for each in found] == [
        (4, ("python", "with-center"), "x = 1\n\ny = 2\n"),
        (12, ("text",), "not python\n"),
        (18, ("python", "no-run"), "    indented = True\n"),
    ]
    assert [each.fixtures for each in found] == [("with_center",), (), ()]
    assert [each.is_run for each in found] == [True, True, False]
