"""What the pages say about tables and runs is what the tables and runs say."""

import importlib.util
import re
import sys
from types import ModuleType

import pytest

from tests.core.mermaid import check_sequence, check_states
from tests.docs.snippets import ROOT, fences


@pytest.fixture(scope="module")
def generate() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    spec.loader.exec_module(module)
    sys.path[:] = before
    return module


def test_no_generated_block_is_stale(generate: ModuleType) -> None:
    """If this fails: .venv/bin/python docs/generate.py"""
    assert list(generate.stale()) == []
    assert generate.main(["--check"]) == 0


def test_every_block_is_somewhere_and_marked_right(generate: ModuleType) -> None:
    texts = [(ROOT / name).read_text("utf-8") for name in generate.PAGES]
    found = {match["name"] for text in texts for match in generate.BLOCK.finditer(text)}
    assert found == set(generate.blocks())
    for text in texts:
        assert len(re.findall("<!-- (?:generated: |end of )", text)) == 2 * len(generate.BLOCK.findall(text))


def test_a_changed_row_makes_a_page_stale(generate: ModuleType) -> None:
    page = (ROOT / "docs" / "tables.md").read_text("utf-8")
    wrong = page.replace("fetch the channel configuration", "fetch nothing", 1)
    assert wrong != page
    assert generate.renewed(wrong) == page


def test_stale_pages_are_named_and_rewritten(generate: ModuleType, tmp_path: object, monkeypatch: pytest.MonkeyPatch,
                                             capsys: pytest.CaptureFixture[str]) -> None:  # fmt: skip
    copy = type(ROOT)(str(tmp_path))
    for name in generate.PAGES:
        (copy / name).parent.mkdir(parents=True, exist_ok=True)
        (copy / name).write_text((ROOT / name).read_text("utf-8"), "utf-8")
    wrong = copy / "docs" / "diagrams.md"
    wrong.write_text(wrong.read_text("utf-8").replace("initial -->", "nowhere -->"), "utf-8")
    monkeypatch.setattr(generate, "ROOT", copy)
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().err == "docs/diagrams.md\n"
    assert generate.main([]) == 0
    assert wrong.read_text("utf-8") == (ROOT / "docs" / "diagrams.md").read_text("utf-8")
    assert generate.main(["--check"]) == 0


def test_every_row_and_rule_is_listed(generate: ModuleType) -> None:
    page = (ROOT / "docs" / "tables.md").read_text("utf-8")
    listed = set(re.findall(r"^\| ([STDB]\d+) \|", page, re.MULTILINE))
    rows = [row for machine in generate.MACHINES.values() for row in machine.rows]
    standing = [*rows, *generate.RULES, *generate.bright_pattern_rules.RULES]
    assert listed == {each.id for each in standing}
    for each in standing:
        assert each.says in page


def test_every_picture_of_the_pages_is_valid(generate: ModuleType) -> None:
    states, sequences = 0, 0
    for name in generate.PAGES:
        for fence in fences(ROOT / name):
            if fence.language == "mermaid" and fence.text.startswith("stateDiagram"):
                check_states(fence.text)
                states += 1
            elif fence.language == "mermaid" and "participant app as app" in fence.text:
                check_sequence(fence.text)
                sequences += 1
    assert states == len([block for block in generate.blocks() if block.endswith(" states")])
    drawn = sum(scenario.drawn for flow in generate.FLOWS for scenario in flow.scenarios)
    assert sequences == 2 + drawn  # the run of the README is that of the diagrams, too
