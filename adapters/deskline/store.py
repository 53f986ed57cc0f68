"""Where a chat keeps what must outlive the program: who the customer is, which threads there are, tokens."""

import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final, Protocol, TypeVar, final

__all__ = ["InThread", "MemoryStore", "SqliteStore", "Store"]

T = TypeVar("T")
_BUSY_TIMEOUT: Final = 5.0


class Store(Protocol):
    """Keeps texts by key for one chat. What it keeps is secret: it holds tokens.

    It may raise anything; the chat then goes on, and the app is told by a ``SaveLost`` event.
    """

    async def load(self) -> Mapping[str, str]:
        """Return all that is kept."""
        ...

    async def save(self, key: str, value: str) -> None:
        """Keep a text; it is durable when this returns."""
        ...

    async def forget(self, keys: Sequence[str]) -> None:
        """Remove what is kept under these keys; missing ones do not matter."""
        ...

    async def aclose(self) -> None:
        """Close what is open."""
        ...


@final
class MemoryStore:
    """Keeps it in ``kept`` as long as the object lives: for tests, and for chats that end with the program."""

    def __init__(self, kept: Mapping[str, str] | None = None) -> None:
        self.kept: dict[str, str] = dict(kept or {})

    async def load(self) -> Mapping[str, str]:
        """Return all that is kept."""
        return dict(self.kept)

    async def save(self, key: str, value: str) -> None:
        """Keep a text."""
        self.kept[key] = value

    async def forget(self, keys: Sequence[str]) -> None:
        """Remove what is kept under these keys."""
        for key in keys:
            self.kept.pop(key, None)

    async def aclose(self) -> None:
        """Do nothing; what is kept stays."""


class InThread(Protocol):
    """How a runtime runs something that blocks."""

    async def __call__(self, run: Callable[[], T], /) -> T:
        """Run it, and return what it returns; a cancelled call waits for it to end."""
        ...


@final
class SqliteStore:
    """Keeps it in a file that only its owner may read; several chats, sites and programs may share the file.

    ``owner`` tells them apart. Each save is one durable transaction; another program's lock is waited for, up to 5 s.
    ``in_thread`` keeps the file away from the loop. Raises :class:`sqlite3.Error` or OSError.
    """

    def __init__(self, path: str | Path, *, owner: str, in_thread: InThread) -> None:
        self._path = Path(path)
        self._owner = owner
        self._in_thread = in_thread
        self._lock = Lock()
        self._connection: sqlite3.Connection | None = None

    async def load(self) -> Mapping[str, str]:
        """Return all that is kept for this owner."""
        rows = await self._run("SELECT key, value FROM kept WHERE owner = ?", [(self._owner,)])
        return dict(rows)

    async def save(self, key: str, value: str) -> None:
        """Keep a text; it is on the disk when this returns."""
        await self._run("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", [(self._owner, key, value)])

    async def forget(self, keys: Sequence[str]) -> None:
        """Remove what is kept under these keys, all or nothing."""
        await self._run("DELETE FROM kept WHERE owner = ? AND key = ?", [(self._owner, key) for key in keys])

    async def aclose(self) -> None:
        """Close the file."""
        await self._in_thread(self._close)

    async def _run(self, statement: str, parameters: Sequence[tuple[str, ...]]) -> list[Any]:
        def run() -> list[Any]:
            with self._lock, self._opened() as connection:
                rows: list[Any] = []
                for values in parameters:
                    rows += connection.execute(statement, values).fetchall()
                return rows

        return await self._in_thread(run)

    def _opened(self) -> sqlite3.Connection:
        if self._connection is None:
            # Made by us and not by SQLite, which would make it readable for all; its side files follow it.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            self._path.chmod(0o600)
            connection = sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT, check_same_thread=False)
            try:
                connection.execute("PRAGMA synchronous = FULL")
                connection.execute("PRAGMA secure_delete = ON")
                connection.execute(
                    "CREATE TABLE IF NOT EXISTS kept (owner TEXT, key TEXT, value TEXT, PRIMARY KEY (owner, key))"
                )
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _close(self) -> None:
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None
