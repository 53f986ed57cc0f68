"""The store among other programs, other users, and on a full disk."""

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest

from deskline import SqliteStore, StorageFailed, StoreInUse
from deskline.asyncio.waiting import in_thread
from tests.contract.store_programs import NOBODY
from tests.house.product import ROOT


@contextmanager
def program(name: str, path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.contract.store_programs", name, str(path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def said(name: str, path: Path) -> list[str]:
    with program(name, path) as running:
        out, _ = running.communicate()
        assert running.returncode == 0
        return out.splitlines()


async def kept(path: Path, owner: str = "ada") -> Mapping[str, str]:
    store = SqliteStore(path, owner=owner, in_thread=in_thread)
    try:
        return await store.load()
    finally:
        await store.aclose()


def test_another_program_keeps_a_second_one_out_until_it_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    with program("hold", path) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(StoreInUse, match="another chat has this customer's part of it"):
            asyncio.run(kept(path))
        assert asyncio.run(kept(path, "ben")) == {}  # two programs on one store
        other.kill()
        other.wait()
    assert asyncio.run(kept(path)) == {"by": "another program"}
    assert [each.name for each in tmp_path.iterdir()] == ["chats.db"]


def test_another_program_that_closes_lets_the_next_one_in(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    with program("hold", path) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        other.communicate()
        assert asyncio.run(kept(path)) == {"by": "another program"}


def test_a_full_disk_is_told_takes_nothing_and_is_gone_on_from(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    full = "the store cannot be written: the disk failed, or lets no file grow"
    one, *others = said("fill", path)
    assert (one, others) == ("kept", [full, "{'one': '1'}", "kept", "kept"])
    assert asyncio.run(kept(path)) == {"one": "1", "three": "3", "four": "4"}


def test_a_database_that_may_not_grow_is_told(tmp_path: Path) -> None:
    async def scenario() -> None:
        store = SqliteStore(tmp_path / "chats.db", owner="ada", in_thread=in_thread)
        await store.write({"one": "1"})
        connection = store._file._connection
        assert connection is not None
        connection.execute("PRAGMA max_page_count = 3")
        with pytest.raises(StorageFailed, match=r"^the store cannot be written: the disk is full \(make room on it\)"):
            await store.write({"two": "2" * 50_000, "one": None})
        assert await store.load() == {"one": "1"}
        await store.aclose()

    asyncio.run(scenario())


@pytest.fixture
def shown() -> Iterator[Path]:
    """Give a folder that others may look into."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o700)
    shutil.rmtree(folder)


READ_ONLY_HINT = "let this user write the file and its folder"
FOLDER_HINT = "its folder must exist, and be this user's to write"
READ_ONLY = [
    pytest.param(0o700, 0o400, "it can be read only", READ_ONLY_HINT, id="file"),
    pytest.param(0o500, 0o600, "it can be read only", READ_ONLY_HINT, id="folder"),
    pytest.param(0o500, None, "Permission denied", FOLDER_HINT, id="folder without file"),
]


def given_to_nobody(*paths: Path) -> None:
    if os.geteuid() == 0:  # who the system lets do everything; the program gives that up
        for path in paths:
            os.chown(path, NOBODY, NOBODY)


@pytest.mark.parametrize(("folder", "file", "sentence", "hint"), READ_ONLY)
def test_what_cannot_be_written_is_refused_when_it_is_opened(
    folder: int, file: int | None, sentence: str, hint: str, shown: Path
) -> None:
    path = shown / "chats.db"
    if file is not None:
        asyncio.run(kept(path))
        path.chmod(file)
    given_to_nobody(shown, *shown.iterdir())
    shown.chmod(folder)
    assert said("read_only", path) == [f"the store {str(path)!r} cannot be opened: {sentence}", hint]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs a file of somebody else's")
def test_what_somebody_else_could_read_is_refused_when_it_is_opened(shown: Path) -> None:
    path = shown / "chats.db"
    asyncio.run(kept(path))
    given_to_nobody(shown)
    path.chmod(0o666)
    sentence, hint = said("read_only", path)
    assert sentence.endswith("cannot be opened: it belongs to somebody else, and others may read it")
    assert hint == "give it to this user, or give another path"
