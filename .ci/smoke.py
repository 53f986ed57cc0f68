"""Look at a built wheel and sdist, then use the wheel that is installed here, without any extra."""

import importlib
import importlib.util
import sys
import tarfile
import zipfile
from pathlib import Path

PACKAGES = {"deskline", "deskline_center", "deskline_core", "deskline_transports"}
SOURCES = {".ci", "adapters", "core", "docs", "tests", "transports"}


def expect(fact: bool, sentence: str) -> None:  # noqa: FBT001 - reads like an assert
    """Stop with the sentence unless the fact holds (an assert would vanish under -O)."""
    if not fact:
        sys.exit(f"not so: {sentence}")


def look_at_wheel(path: str) -> None:
    """Check that the four typed packages are in the wheel, and nothing else."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    tops = {name.partition("/")[0] for name in names}
    expect({top for top in tops if not top.endswith(".dist-info")} == PACKAGES, f"the wheel holds {PACKAGES}: {tops}")
    expect({f"{package}/py.typed" for package in PACKAGES} <= set(names), "each package says that it is typed")


def look_at_sdist(path: str) -> None:
    """Check that the sdist brings what is needed to build the docs and to run the tests."""
    with tarfile.open(path) as archive:
        names = [name.partition("/")[2] for name in archive.getnames()]
    tops = {name.partition("/")[0] for name in names}
    expect(tops >= SOURCES, f"the sdist holds {SOURCES}: {tops}")
    expect(not [name for name in names if "__pycache__" in name or ".venv" in name], "the sdist holds sources only")


def use() -> None:
    """Check that the bare install imports, and loads no more than it must."""
    importlib.import_module("deskline_core")
    loaded = {"trio", "asyncio", "ssl"} & set(sys.modules)
    expect(not loaded, f"the bare core loads neither runtime nor TLS: {loaded}")
    expect(importlib.util.find_spec("trio") is None, "no extra is installed")
    package = importlib.import_module("deskline")
    loaded = {"trio", "asyncio"} & set(sys.modules)
    expect(not loaded, f"the public package loads no runtime: {loaded}")
    expect(Path(package.__file__ or "").is_relative_to(sys.prefix), "the installed package is used, not a checkout")


look_at_wheel(sys.argv[1])
look_at_sdist(sys.argv[2])
use()
sys.stdout.write("The wheel holds the four typed packages; the bare core imports alone.\n")
