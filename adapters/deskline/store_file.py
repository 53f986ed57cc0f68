"""One SQLite file of texts by owner and key: made, checked, brought up to date, read, written. All of it blocks."""

import errno
import os
import sqlite3
import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import Final, final

from deskline.store_errors import BUSY_TIMEOUT, damaged, not_ours, read_only, unknown

__all__ = ["StoreFile", "make_private"]

_APPLICATION: Final = 0x64736B6C
"""``dskl``: what tells our files from those of other programs (PRAGMA application_id)."""
_VERSION: Final = 1
"""The version of the file's form (PRAGMA user_version); version 0 had neither number, and no digests."""
_CHECKED_SIZE: Final = 2**20
"""A file of up to so many bytes is checked as a whole when it is opened, within a few milliseconds."""
_SETTINGS: Final = (
    "PRAGMA synchronous = FULL",  # on the disk when a commit returns, also in WAL mode
    "PRAGMA fullfsync = ON",  # where the system has a stronger word for that
    "PRAGMA secure_delete = ON",
    "PRAGMA cell_size_check = ON",
)
_TABLE: Final = """
    CREATE TABLE kept (
        owner TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL, digest BLOB NOT NULL, PRIMARY KEY (owner, key)
    ) WITHOUT ROWID
"""
_TABLES: Final = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%'"
_FIRST_COLUMNS: Final = ["owner", "key", "value"]
"""What the table of version 0 had."""
_making: Final = Lock()


def make_private(path: Path) -> None:
    """Let there be a file that only its owner may read, and so the side files that SQLite makes after it."""
    # Made by us and not by SQLite, which would make it readable for all. Under a lock of the process: closing any
    # descriptor of a file lets go of all locks that this process has on it, also those of a chat that just opened it.
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    with _making, suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    for each in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))):
        with suppress(FileNotFoundError):  # side files come and go with who else uses the store
            mode = each.stat().st_mode
            try:
                if mode & 0o077:
                    each.chmod(mode & 0o700)
            except PermissionError:
                raise not_ours() from None
    if not os.access(path, os.W_OK):  # SQLite would say so at the first write
        raise read_only()


@final
class StoreFile:
    """A connection to the file, opened when it is first needed. Raises sqlite3.Error, OSError and StorageFailed.

    What fails is taken back, if only by closing the connection; the next call then opens another. The file is in WAL
    mode, but on file systems that cannot have it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = None

    def load(self, owner: str) -> dict[str, str]:
        """Return all that is kept for an owner."""
        with self._open() as connection:
            rows = connection.execute("SELECT * FROM kept WHERE owner = ?", (owner,))
            return {key: value for _, key, value in map(_read, rows)}

    def write(self, owner: str, changes: Mapping[str, str | None]) -> None:
        """Keep texts and remove (None), all or nothing; on the disk when this returns."""
        with self._open() as connection, _transaction(connection):
            for key, value in changes.items():
                if value is None:
                    connection.execute("DELETE FROM kept WHERE owner = ? AND key = ?", (owner, key))
                else:
                    row = (owner, key, value, _digest(owner, key, value))
                    connection.execute("INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?)", row)

    @contextmanager
    def alone(self) -> Generator[None]:
        """Keep all others who would write away for the block."""
        with self._open() as connection, _transaction(connection):
            yield

    def close(self) -> None:
        """Close it; what it kept last is moved out of the side files, if nobody else has it open."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @contextmanager
    def _open(self) -> Generator[sqlite3.Connection]:
        try:
            if self._connection is None:
                make_private(self._path)
                self._connection = sqlite3.connect(
                    self._path, timeout=BUSY_TIMEOUT, isolation_level=None, check_same_thread=False
                )
                _prepare(self._connection)
                if self._path.stat().st_size <= _CHECKED_SIZE:
                    _check(self._connection)
        except BaseException:
            self.close()
            raise
        try:
            yield self._connection
        finally:
            if self._connection.in_transaction:  # could not even be taken back
                self.close()


def _prepare(connection: sqlite3.Connection) -> None:
    """Make it a store of this version, if it is none of a newer one and no other program's."""
    for setting in _SETTINGS:
        connection.execute(setting)
    with _transaction(connection, "DEFERRED"):  # one look at all of it: another chat may just be making it
        version = _version(connection)
    if version != _VERSION:
        with _transaction(connection):
            version = _version(connection)  # another chat may have been first
            if version != _VERSION:
                _bring_up_to_date(connection, version)
    _write_ahead(connection)


def _version(connection: sqlite3.Connection) -> int | None:
    """Return which version the file is of, None for an empty one."""
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    tables = {name for (name,) in connection.execute(_TABLES)}
    if application == _APPLICATION and version > _VERSION:
        raise unknown(version)
    if application == _APPLICATION and version == _VERSION and tables == {"kept"}:
        return _VERSION
    columns = [name for _, name, *_ in connection.execute("PRAGMA table_info(kept)")]
    if application or version or tables - {"kept"} or (tables and columns != _FIRST_COLUMNS):
        raise unknown()
    return 0 if tables else None


def _bring_up_to_date(connection: sqlite3.Connection, version: int | None) -> None:
    old: list[tuple[object, ...]] = []
    if version is not None:
        old = connection.execute("SELECT owner, key, value FROM kept").fetchall()
        connection.execute("DROP TABLE kept")
    if not all(isinstance(part, str) for row in old for part in row):
        raise damaged()
    connection.execute(_TABLE)
    rows = [(*row, _digest(*map(str, row))) for row in old]
    connection.executemany("INSERT INTO kept VALUES (?, ?, ?, ?)", rows)
    connection.execute(f"PRAGMA application_id = {_APPLICATION}")
    connection.execute(f"PRAGMA user_version = {_VERSION}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Set WAL mode, which is a mark in the file. SQLite does not always wait by itself for who is reading it."""
    until = time.monotonic() + BUSY_TIMEOUT
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
        else:
            return


def _check(connection: sqlite3.Connection) -> None:
    """Look at all of it: SQLite alone does not see that a row says what was never written, or of somebody else."""
    if connection.execute("PRAGMA quick_check(1)").fetchone() != ("ok",):
        raise damaged()
    for row in connection.execute("SELECT * FROM kept"):
        _read(row)


def _read(row: tuple[object, ...]) -> tuple[str, str, str]:
    match row:
        case (str(owner), str(key), str(value), bytes(digest)) if digest == _digest(owner, key, value):
            return owner, key, value
        case _:
            raise damaged()


@contextmanager
def _transaction(connection: sqlite3.Connection, kind: str = "IMMEDIATE") -> Generator[None]:
    connection.execute(f"BEGIN {kind}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _digest(*parts: str) -> bytes:
    """Return what tells that a row is as it was written."""
    digest = blake2b(digest_size=8)
    for part in parts:
        encoded = part.encode()
        digest.update(len(encoded).to_bytes(8, "big"))
        digest.update(encoded)
    return digest.digest()
