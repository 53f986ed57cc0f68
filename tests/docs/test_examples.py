"""The examples are programs: each runs as a reader would run it, in a folder of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.snippets import ROOT

EXAMPLES = ROOT / "docs" / "examples"
GUIDE = (ROOT / "docs" / "guides" / "testing.md").read_text("utf-8")
LONGEST = 300


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the examples, where nothing of this repository's settings holds."""
    return Path(shutil.copytree(EXAMPLES, tmp_path / "examples", ignore=shutil.ignore_patterns("__pycache__")))


def run(folder: Path, *command: str, input: str = "", code: int = 0) -> str:
    """Run a program until it exits with this code, and return what it printed; how this run is measured is not its."""
    bare = {name: value for name, value in os.environ.items() if name != "PYTEST_ADDOPTS"}
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, input=input, capture_output=True, text=True, check=False,
        timeout=LONGEST, env=bare,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


def run_tests(folder: Path, *options: str, code: int = 0) -> str:
    return run(folder, "-m", "pytest", "-q", "-p", "no:xdist", "-p", "no:cacheprovider", *options, ".", code=code)


def test_the_kiosk(folder: Path) -> None:
    printed = run(folder, "kiosk.py", input="Where is order 4711?\n\nI thank you\n")
    said = [line.partition(": ")[2] for line in printed.splitlines() if ": " in line]
    assert said == ["It left this morning.", "You are welcome. Goodbye!"]
    assert printed.splitlines()[-1] == "  (the conversation is over)"


def test_the_bridge(folder: Path) -> None:
    assert run(folder, "bridge.py") == "The guest was told: It left this morning.\n"


def test_the_tests_of_the_bridge(folder: Path) -> None:
    _change(folder / "test_bridge.py", "settings(max_examples=30,", "settings(derandomize=True, max_examples=30,")
    assert "3 passed" in run_tests(folder)


def test_the_model_notices_a_bridge_that_swaps_texts(folder: Path) -> None:
    _change(
        folder / "bridge.py", "            guest.show(each.text)", "            guest.received.insert(0, each.text)"
    )
    _change(  # what it finds need not be made small here
        folder / "test_bridge.py",
        "settings(max_examples=30,",
        "settings(phases=[Phase.generate], derandomize=True, max_examples=300,",
    )
    _change(folder / "test_bridge.py", "import settings", "import Phase, settings")
    printed = run_tests(folder, "-k", "Bridged", code=1)
    assert "1 failed" in printed
    assert "state.agent_says(" in printed


def _change(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), "utf-8")


def test_each_example_is_in_the_guide() -> None:
    for path in EXAMPLES.glob("*.py"):
        assert path.name == "conftest.py" or f"examples/{path.name}" in GUIDE, path.name
