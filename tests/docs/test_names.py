"""Every name of ours that a page prints as code is one: ``Policy.history``, ``chat.ready``, ``thread.stage``."""

import re
from pathlib import Path

import pytest

import deskline
from deskline_core.brightpattern.capabilities import capabilities
from tests.docs.mapping import found
from tests.docs.snippets import ROOT, pages

CODE = re.compile(r"`([a-zA-Z_]+(?:\.[a-zA-Z_]+)+)(?:\([^`]*\))?`")
FENCED = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
FIRST = {word for word in deskline.__all__ if word[0].isupper()} | {"chat", "thread"}
OTHERS = {"chat.db", "Choice.parent"}
"""A file, and the center's own ``Choice``."""
MIXED = {"from-the-vendor-sdks.md", "from-bright-patterns-sdks.md"}
"""Pages with names of vendors, which have tests of their own."""
VENDORS = (ROOT / "docs" / "two-vendors.md").read_text("utf-8")
GUIDE = (ROOT / "docs" / "guides" / "bright-pattern.md").read_text("utf-8")
ONLY_THERE = """
    chat.check_availability chat.configuration chat.version chat.ice_servers chat.note_push thread.wrap_up
    thread.close_case thread.photo thread.download thread.submit_form thread.cancel_form thread.send_location
    thread.send_signal thread.stage thread.case thread.parties
""".split()  # noqa: SIM905
LACKING = """
    SendTranscript ArchiveThread RenameThread FetchMenu ExecuteTrigger JoinThread CreateInvitation Authenticate
    SendOfflineMessage ReportOffer ReportConversion SetThreadFields SetCustomerFields
""".split()  # noqa: SIM905

MISLEADING = (
    "Case",
    "Disconnect",
    "End",
    "Connected",
    "Status",
    "Session, thread, contact",
    "Delivered",
    "Position and estimated wait",
    "Inactivity",
    "Ended, with a word or without",
)


def names(text: str) -> list[str]:
    return [name for name in CODE.findall(FENCED.sub("", text)) if name.split(".")[0] in FIRST and name not in OTHERS]


@pytest.mark.parametrize("path", [path for path in pages() if path.name not in MIXED], ids=lambda path: str(path.name))
def test_each_name_of_a_page_is_one(path: Path) -> None:
    for name in names(path.read_text("utf-8")):
        assert found(name) is not None


def test_each_concept_of_both_vendors_has_a_word_of_ours() -> None:
    part = VENDORS.partition("## Word by word")[2].partition("\n## ")[0]
    rows = [line.strip("|").split(" | ") for line in part.splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 30
    assert [row for row in rows if len(row) != 4] == []
    for *_, ours in rows:
        words = re.findall(r"`([^`]+)`", ours)
        assert words != []
        assert [word for word in words if found(word) is None] == []


def test_the_words_that_mislead_are_explained() -> None:
    part = VENDORS.partition("## False friends")[2]
    told = re.findall(r"^\*\*(.+?)\.\*\* \S", part, re.MULTILINE)
    assert [word for word in MISLEADING if word not in told] == []


@pytest.mark.parametrize("name", ONLY_THERE)
def test_what_only_bright_pattern_has_is_in_its_guide(name: str) -> None:
    assert found(name) is not None
    assert name in GUIDE


def test_what_the_guide_says_is_lacking_is() -> None:
    assert capabilities(deskline.BrightPattern(url="https://bp.test", app_id="shop")).isdisjoint(LACKING)
