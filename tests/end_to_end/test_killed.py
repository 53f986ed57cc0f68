"""A chat that is killed between any two commands loses no message for which ``send`` has returned, and doubles none."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from deskline.center import RunningCenter, serve
from tests.contract.kits import ARRIVED
from tests.house.product import ROOT


def known(center: RunningCenter) -> Counter[str]:
    """Return how often the center knows each text of a customer."""
    contents = [
        message["content"]
        for thread in center.control.overview()["threads"]
        for message in thread["messages"]
        if message["direction"] == "inbound"
    ]
    texts = [str(content.get("text", content.get("msg"))) for content in contents]
    return Counter(text for text in texts if text != "Begin Conversation")


def killed(center: RunningCenter, runtime: str, vendor: str, folder: Path, first: int, step: int) -> list[Any]:
    words = [runtime, vendor, center.url, str(folder), str(first), str(step)]
    command = [sys.executable, "-m", "tests.end_to_end.killed", *words]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


EACH = [
    pytest.param("asyncio", "cxone", 5, 29),
    pytest.param("trio", "cxone", 12, 29),
    pytest.param("trio", "brightpattern", 19, 29),
    pytest.param("asyncio", "brightpattern", 26, 29),
    *(
        pytest.param(runtime, vendor, 1, 1, marks=pytest.mark.slow)
        for runtime in ("trio", "asyncio")
        for vendor in ("cxone", "brightpattern")
    ),
]


@pytest.mark.parametrize(("runtime", "vendor", "first", "step"), EACH)
def test_what_was_sent_is_not_lost(runtime: str, vendor: str, first: int, step: int, tmp_path: Path) -> None:
    with serve() as center:
        plays = killed(center, runtime, vendor, tmp_path, first, step)
        counts = known(center)
    *cut, whole = plays
    assert [play["ended"] for play in cut] == [-9] * len(cut)
    assert [play["again"] for play in plays] == [0] * len(plays)
    assert len([note for note in whole["notes"] if "returned" in note]) == 3
    assert max(counts.values()) == 1, counts
    for play in plays:
        notes = play["notes"]
        there = {note.get("there") for note in notes if note.get("status") in ARRIVED}
        for note in notes:
            if "returned" in note:
                assert note["returned"] in there, play
                assert counts[note["text"]] == 1, play
