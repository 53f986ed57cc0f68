"""What a crash of the machine or of the disk leaves of a store's files: the state before or after, or a clear word."""

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from deskline import StorageFailed
from deskline.store_errors import told
from deskline.store_file import StoreFile

MEMORY = Path("/dev/shm")
FRAME, PAGE, HEADER = 24, 4096, 32
"""The log of SQLite: a header, then frames, each a head and a page (its file format, section 4.1)."""
BEFORE: dict[str, str | None] = {f"key {number}": "text " * number for number in range(12)}
LAST: dict[str, str | None] = {"key 3": "another", "key 5": None, "key 9": "long " * 2000, "new": "one"}


class Left(NamedTuple):
    """What lies there before and after the last write, and what it means."""

    main: bytes
    log: bytes
    begin: int
    before: Mapping[str, str]
    after: Mapping[str, str]
    closed: bytes


@pytest.fixture
def folder() -> Iterator[Path]:
    """Give a folder in which a thousand files are soon written: in memory, where there is such a place."""
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture
def left(folder: Path) -> Left:
    path, log = folder / "first.db", folder / "first.db-wal"
    file = StoreFile(path)
    file.write("ada", BEFORE)
    file.write("ben", {"key 3": "of ben"})
    before, begin = file.load("ada"), log.stat().st_size
    file.write("ada", LAST)
    after, main, content = file.load("ada"), path.read_bytes(), log.read_bytes()
    file.close()
    return Left(main, content, begin, before, after, path.read_bytes())


def found(folder: Path, main: bytes, log: bytes | None = None) -> Mapping[str, str] | str:
    """Return what a store finds in such files, or what it says of them."""
    shutil.rmtree(folder / "copy", ignore_errors=True)
    path = folder / "copy" / "chats.db"
    path.parent.mkdir()
    path.write_bytes(main)
    if log is not None:
        path.with_name("chats.db-wal").write_bytes(log)
    file = StoreFile(path)
    try:
        with told("opened"):
            return file.load("ada")
    except StorageFailed as failed:
        return failed.message
    finally:
        file.close()


def places(left: Left, step: int) -> Iterator[int]:
    """Yield each place in the head of a frame of the last write, and each so many of its page."""
    for start in range(left.begin, len(left.log), FRAME + PAGE):
        yield from range(start, start + FRAME)
        yield from range(start + FRAME, min(start + FRAME + PAGE, len(left.log)), step)


STEPS = [pytest.param(97, id="here and there"), pytest.param(1, id="everywhere", marks=pytest.mark.slow)]


@pytest.mark.parametrize("step", STEPS)
def test_a_log_that_is_torn_off_gives_the_state_before(step: int, left: Left, folder: Path) -> None:
    assert (len(left.log) - HEADER) % (FRAME + PAGE) == 0
    assert len(left.log) - left.begin > 3 * PAGE  # a write of several pages
    for at in places(left, step):
        assert found(folder, left.main, left.log[:at]) == left.before
    assert found(folder, left.main, left.log) == left.after


@pytest.mark.parametrize("step", STEPS)
def test_a_log_that_is_scrambled_gives_the_state_before(step: int, left: Left, folder: Path) -> None:
    for at in places(left, step):
        assert found(folder, left.main, scrambled(left.log, at)) == left.before


@pytest.mark.parametrize("step", STEPS)
def test_a_page_of_the_file_that_was_half_moved_is_moved_again(step: int, left: Left, folder: Path) -> None:
    """Moving the log into the file may be torn too: the log still has it all."""
    size = max(len(left.main), len(left.closed))
    for at in range(0, size, 5 * step):
        torn = left.closed[:at] + left.main[at:]
        assert found(folder, torn, left.log) == left.after


@pytest.mark.parametrize("step", STEPS)
def test_a_scrambled_file_is_named_and_never_believed(step: int, left: Left, folder: Path) -> None:
    sentences: set[str] = set()
    for at in range(0, len(left.closed), 7 * step):
        match found(folder, scrambled(left.closed, at)):
            case str() as sentence:
                sentences.add(sentence.partition(" (")[0])
            case kept:
                assert kept == left.after  # it was a place that nothing is kept at
    opened = "the store cannot be opened: "
    assert opened + "it is damaged" in sentences
    if step == 1:
        assert sentences == {
            opened + "it is damaged",
            opened + "it is no store of deskline",
            opened + "it is another program's file",
            opened + "a newer deskline has written it",
        }


def scrambled(content: bytes, at: int, bits: int = 0xA5) -> bytes:
    return content[:at] + bytes([content[at] ^ bits]) + content[at + 1 :]


def test_a_large_file_is_not_read_as_a_whole_but_what_is_taken_from_it_is_checked(left: Left, folder: Path) -> None:
    path = folder / "first.db"
    file = StoreFile(path)
    for owner in range(20):
        file.write(f"owner {owner}", {"key": "x" * 2**17})
    file.close()
    content = path.read_bytes()
    assert len(content) > 2**21
    at = content.index(b"another")
    assert found(folder, scrambled(content, at, 1)) == "the store cannot be opened: it is damaged"
    assert found(folder, scrambled(content, content.rindex(b"x" * 100), 1)) == left.after


SCRAMBLED = [
    pytest.param(b"another", 1, id="a letter of what is kept"),
    pytest.param(b"another", 0x80, id="no letter any more"),
    pytest.param(b"adakey 4", 1, id="whose it is"),
    pytest.param(b"adakey 4", 0x80, id="nobody whose it is"),
    pytest.param(b"TABLE kept", 0x80, id="what SQLite itself quotes"),
    pytest.param(b"owner TEXT", 1, id="what the table has"),
]


@pytest.mark.parametrize(("place", "bits"), SCRAMBLED)
def test_what_sqlite_may_not_see_is_seen(place: bytes, bits: int, left: Left, folder: Path) -> None:
    at = left.closed.rindex(place)
    assert found(folder, scrambled(left.closed, at, bits)) == "the store cannot be opened: it is damaged"
