"""A lease on one owner's part of a store: no second chat may have it, of this or of another program. It blocks."""

import sqlite3
from hashlib import blake2b
from pathlib import Path
from typing import final

from deskline.store_errors import in_use
from deskline.store_file import StoreFile, make_private

__all__ = ["Lease"]


@final
class Lease:
    """A lock that the system lets go of when the process ends, however it ends.

    It is an open exclusive transaction on an empty file beside the store, which is removed with the lease; one that a
    killed process has left is used again. Taken and released alone, so that nobody locks a file that is removed.
    """

    def __init__(self, path: Path, owner: str) -> None:
        name = blake2b(owner.encode(), digest_size=8).hexdigest()
        self._path = path.with_name(f"{path.name}-lock-{name}")
        self._lock: sqlite3.Connection | None = None

    def take(self, file: StoreFile) -> None:
        """Take it, unless it is taken. Raises StoreInUse at once if another has it."""
        if self._lock is None:
            with file.alone():
                make_private(self._path)
                self._lock = _locked(self._path)

    def release(self, file: StoreFile) -> None:
        """Release it, if it is taken."""
        if self._lock is not None:
            try:
                with file.alone():
                    self._let_go()
                    self._path.unlink(missing_ok=True)
            finally:
                self._let_go()

    def _let_go(self) -> None:
        if self._lock is not None:
            self._lock.close()
            self._lock = None


def _locked(path: Path) -> sqlite3.Connection:
    lock = sqlite3.connect(path, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        lock.execute("BEGIN EXCLUSIVE")
    except BaseException as error:
        lock.close()
        if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode == sqlite3.SQLITE_BUSY:
            raise in_use() from None
        raise
    return lock
