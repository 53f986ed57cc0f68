"""What is wrong with a store's file, in sentences: what SQLite and the system raise becomes StorageFailed."""

import sqlite3
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from deskline_core.errors import StorageFailed, StoreInUse

__all__ = ["BUSY_TIMEOUT", "damaged", "in_use", "not_ours", "read_only", "told", "unknown"]

BUSY_TIMEOUT: Final = 5.0
"""How long another program's write is waited for, in seconds."""

_ANEW: Final = "move it away to begin with a new customer, or give another path"
_DAMAGED: Final = ("it is damaged", f"restore it from a copy; or {_ANEW}")
_READ_ONLY: Final = ("it can be read only", "let this user write the file and its folder")
_FAULTS: Final = {
    sqlite3.SQLITE_ERROR: _DAMAGED,  # our statements are right, unless the table is not what it was
    sqlite3.SQLITE_PERM: ("this user may not use it", "give it to this user, or give another path"),
    sqlite3.SQLITE_BUSY: (f"another program has not let go of it for {BUSY_TIMEOUT:g} s", "close that program"),
    sqlite3.SQLITE_LOCKED: ("another chat of this program has not let go of it", "close that chat"),
    sqlite3.SQLITE_READONLY: _READ_ONLY,
    sqlite3.SQLITE_IOERR: ("the disk failed, or lets no file grow", "look after the disk and its limits"),
    sqlite3.SQLITE_CORRUPT: _DAMAGED,
    sqlite3.SQLITE_FULL: ("the disk is full", "make room on it"),
    sqlite3.SQLITE_CANTOPEN: ("SQLite cannot open it", "its folder must exist, and be this user's to write"),
    sqlite3.SQLITE_NOTADB: ("it is no store of deskline", "give another path"),
}
_MASK: Final = 0xFF
"""What of SQLite's extended codes is the primary one."""


def damaged() -> StorageFailed:
    """Return what to raise for a file that holds what was never written so."""
    return _failed(*_DAMAGED)


def not_ours() -> StorageFailed:
    """Return what to raise for a file that others may read, where that cannot be helped."""
    return _failed("it belongs to somebody else, and others may read it", "give it to this user, or give another path")


def read_only() -> StorageFailed:
    """Return what to raise for a file that this user may not write."""
    return _failed(*_READ_ONLY)


def in_use() -> StoreInUse:
    """Return what to raise for a part of the store that another chat has."""
    return StoreInUse(
        "another chat has this customer's part of it",
        hint="close that chat, in this program or another; or give this one a profile of its own",
    )


def unknown(version: int | None = None) -> StorageFailed:
    """Return what to raise for another program's file, or for one of a newer version than is known."""
    if version is None:
        return _failed("it is another program's file", "give another path")
    return _failed(f"a newer deskline has written it (version {version})", "update deskline, or give another path")


@contextmanager
def told(doing: str, path: Path | None = None) -> Generator[None]:
    """Raise what SQLite and the system raise in the block as StorageFailed, which says what could not be done.

    With a ``path`` the sentence names the file: that is for whoever opens it. A chat's events and its journal say
    nothing of where files lie.
    """
    store = "the store" if path is None else f"the store {str(path)!r}"
    try:
        yield
    except StorageFailed as failed:
        raise type(failed)(f"{store} cannot be {doing}: {failed.message}", hint=failed.hint) from failed
    except (sqlite3.Error, UnicodeDecodeError) as error:  # what cannot be decoded may be SQLite's own message, too
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT)
        fault, hint = _FAULTS.get(code & _MASK, (type(error).__name__, ""))
        raise StorageFailed(f"{store} cannot be {doing}: {fault}", hint=hint) from error
    except OSError as error:
        raise StorageFailed(
            f"{store} cannot be {doing}: {error.strerror or type(error).__name__}",
            hint="its folder must exist, and be this user's to write",
        ) from error


def _failed(fault: str, hint: str) -> StorageFailed:
    return StorageFailed(fault, hint=hint)
