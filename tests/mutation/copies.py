"""A copy of the tree in a temporary folder, and a worker that runs tests in it."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from tests.mutation.ask import ask
from tests.mutation.guards import ROOT, Change

__all__ = ["Copy", "Outcome", "copied"]

_PARTS = ("core", "transports", "adapters", "tests", "docs", "pyproject.toml", "README.md", "CHANGELOG.md", "LICENSE")
_PACKAGES = ("core", "transports", "adapters")
_NO_TESTS = 5


class Outcome(NamedTuple):
    """What came of a run: pytest's exit code, -1 for one that took too long, and the end of what it printed."""

    code: int
    told: str

    @property
    def passed(self) -> bool:
        return self.code == 0

    @property
    def failed(self) -> bool:
        """A test failed, or the change let nothing be collected, or something never ended."""
        return self.code not in (0, _NO_TESTS)


class Copy:
    """A copy of the tree; ``run`` runs tests in it."""

    def __init__(self, root: Path, door: Path) -> None:
        self.root = root
        self.door = door

    def run(self, tests: Sequence[str], seconds: float = 180) -> Outcome:
        return Outcome(*ask(str(self.door), list(tests), seconds))

    @contextmanager
    def changed(self, changes: Sequence[Change]) -> Iterator[None]:
        """Let the copy be without a guard for a while."""
        paths = {self.root / change.file for change in changes}
        before = {path: (path.read_text("utf-8"), path.stat()) for path in paths}
        try:
            for change in changes:
                path = self.root / change.file
                path.write_text(path.read_text("utf-8").replace(change.text, change.instead), "utf-8")
            for path, (_, known) in before.items():  # compiled files go by the second
                os.utime(path, (known.st_atime, known.st_mtime + 10))
            yield
        finally:
            for path, (text, known) in before.items():
                path.write_text(text, "utf-8")
                os.utime(path, ns=(known.st_atime_ns, known.st_mtime_ns))


@contextmanager
def copied(revision: str = "") -> Iterator[Copy]:
    """Copy the tree as it is, or as it is at a revision, and start a worker there."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        root = Path(folder) / "tree"
        root.mkdir()
        if revision:
            _unpack(revision, root)
        else:
            _copy(root)
        paths = os.pathsep.join(str(root / part) for part in (*_PACKAGES, "."))
        environment = os.environ | {"PYTHONPATH": paths}
        subprocess.run([sys.executable, "-m", "compileall", "-q", *_PACKAGES], cwd=root, env=environment, check=False)
        door = Path(folder) / "door"
        worker = [sys.executable, str(root / "tests" / "mutation" / "worker.py"), str(door), f"{folder}/printed"]
        with subprocess.Popen(worker, cwd=root, env=environment) as process:
            try:
                while not door.exists() and process.poll() is None:
                    time.sleep(0.05)
                yield Copy(root, door)
            finally:
                process.terminate()


def _copy(root: Path) -> None:
    ignored = shutil.ignore_patterns("__pycache__", ".hypothesis", "_build")
    for part in _PARTS:
        if (ROOT / part).is_dir():
            shutil.copytree(ROOT / part, root / part, ignore=ignored)
        elif (ROOT / part).exists():
            shutil.copy2(ROOT / part, root / part)


def _unpack(revision: str, root: Path) -> None:
    packed = subprocess.run(["git", "archive", revision], cwd=ROOT, check=True, capture_output=True)
    subprocess.run(["tar", "x"], cwd=root, input=packed.stdout, check=True)
    for file in (ROOT / "tests" / "mutation").glob("*"):  # this here tries what it knows
        if file.is_file():
            shutil.copy2(file, root / "tests" / "mutation" / file.name)
