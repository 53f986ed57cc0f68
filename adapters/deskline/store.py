"""Where a chat keeps what must outlive the program: who the customer is, threads, messages to be sent, and tokens."""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock
from typing import Protocol, TypeVar, final

import msgspec

from deskline.store_errors import told
from deskline.store_file import StoreFile
from deskline.store_lease import Lease
from deskline_core.errors import StorageFailed

__all__ = ["InThread", "Keyring", "KeyringStore", "MemoryStore", "SqliteStore", "Store", "TokenFile"]

T = TypeVar("T")


class Store(Protocol):
    """Keeps texts by key for one chat. What it keeps is secret: people's words, and tokens if it is given them.

    It may raise anything; while a chat runs it goes on, and the app is told by a ``SaveLost`` event. Of a
    :class:`~deskline.StorageFailed` the sentence is told too, of all else the name of its type.
    """

    async def load(self) -> Mapping[str, str]:
        """Return all that is kept. Called once, before all else; raise StoreInUse where another chat is at it."""
        ...

    async def write(self, changes: Mapping[str, str | None]) -> None:
        """Keep these texts, and remove what is kept under keys with None: all or nothing, durable when it returns.

        Keys under which nothing is kept do not matter. Never called while an earlier call runs.
        """
        ...

    async def aclose(self) -> None:
        """Close what is open. Called once, at the end, also where ``load`` has raised."""
        ...


class MemoryStore:
    """Keeps it in ``kept`` as long as the object lives: for tests, and for chats that end with the program."""

    def __init__(self, kept: Mapping[str, str] | None = None) -> None:
        self.kept: dict[str, str] = dict(kept or {})

    async def load(self) -> Mapping[str, str]:
        """Return all that is kept."""
        return dict(self.kept)

    async def write(self, changes: Mapping[str, str | None]) -> None:
        """Keep and remove."""
        _apply(changes, self.kept)

    async def aclose(self) -> None:
        """Do nothing; what is kept stays."""


class InThread(Protocol):
    """How a runtime runs something that blocks, such as ``trio.to_thread.run_sync`` or ``asyncio.to_thread``."""

    async def __call__(self, run: Callable[[], T], /) -> T:
        """Run it, and return what it returns."""
        ...


@final
class SqliteStore:
    """Keeps it in an SQLite file that only its owner may read; several chats, sites and programs may share the file.

    ``owner`` tells them apart; whoever has it keeps a second one out until :meth:`aclose`, or until the process ends.
    Each write is one durable transaction in WAL mode; another program's lock is waited for, up to 5 s. ``in_thread``
    keeps the file away from the loop. Raises :class:`~deskline.StorageFailed`, which says what is wrong, and of it
    :class:`~deskline.StoreInUse` while another has this owner's part.
    """

    def __init__(self, path: str | Path, *, owner: str, in_thread: InThread) -> None:
        self._path = Path(path)
        self._owner = owner
        self._in_thread = in_thread
        self._lock = Lock()
        real = Path(os.path.realpath(path))  # one lease for all names of a file; and the program may change its folder
        self._file = StoreFile(real)
        self._lease = Lease(real, owner)

    async def load(self) -> Mapping[str, str]:
        """Return all that is kept for this owner, and keep others out from now on."""
        return await self._in_thread(self._load)

    async def write(self, changes: Mapping[str, str | None]) -> None:
        """Keep and remove; it is on the disk when this returns."""
        await self._in_thread(lambda: self._write(changes))

    async def aclose(self) -> None:
        """Close the file, and let others in."""
        await self._in_thread(self._close)

    def _load(self) -> Mapping[str, str]:
        with self._lock, told("opened", self._path):
            self._lease.take(self._file)
            return self._file.load(self._owner)

    def _write(self, changes: Mapping[str, str | None]) -> None:
        with self._lock, told("written"):
            self._lease.take(self._file)
            self._file.write(self._owner, changes)

    def _close(self) -> None:
        with self._lock, told("closed"):
            try:
                self._lease.release(self._file)
            finally:
                self._file.close()


@final
class TokenFile:
    """Keeps tokens in a file like that of :class:`SqliteStore`, which is open only while it is read or written.

    It has no lease of its own: the store beside which it stands keeps a second chat out.
    """

    def __init__(self, path: str | Path, *, owner: str, in_thread: InThread) -> None:
        self._path = Path(os.path.realpath(path))
        self._owner = owner
        self._in_thread = in_thread

    async def load(self) -> Mapping[str, str]:
        """Return all that is kept for this owner; nothing, if there is no file."""
        return await self._in_thread(self._load)

    async def write(self, changes: Mapping[str, str | None]) -> None:
        """Keep and remove; it is on the disk when this returns."""
        await self._in_thread(lambda: self._write(changes))

    async def aclose(self) -> None:
        """Do nothing: it is closed."""

    def _load(self) -> Mapping[str, str]:
        with told("opened", self._path):
            if not self._path.exists():
                return {}
            file = StoreFile(self._path)
            try:
                return file.load(self._owner)
            finally:
                file.close()

    def _write(self, changes: Mapping[str, str | None]) -> None:
        with told("written"):
            file = StoreFile(self._path)
            try:
                file.write(self._owner, changes)
            finally:
                file.close()


class Keyring(Protocol):
    """What keeps passwords: the ``keyring`` package itself, one of its backends, or anything with these methods."""

    def get_password(self, name: str, owner: str, /) -> str | None:
        """Return what is kept for an owner under a name, or None."""
        ...

    def set_password(self, name: str, owner: str, password: str, /) -> None:
        """Keep it, in place of what was kept."""
        ...

    def delete_password(self, name: str, owner: str, /) -> None:
        """Remove what is kept."""
        ...


@final
class KeyringStore:
    """Keeps it in a keyring, as one password per ``owner`` under ``name``: for tokens, which are short.

    ``in_thread`` keeps the keyring away from the loop: it may ask a person to unlock it. Raises what the keyring
    raises, and :class:`~deskline.StorageFailed` for a password that is not of this class.
    """

    def __init__(self, keyring: Keyring, *, owner: str, name: str = "deskline", in_thread: InThread) -> None:
        self._keyring = keyring
        self._owner = owner
        self._name = name
        self._in_thread = in_thread
        self._kept: dict[str, str] = {}

    async def load(self) -> Mapping[str, str]:
        """Return all that is kept for this owner."""
        text = await self._in_thread(lambda: self._keyring.get_password(self._name, self._owner))
        try:
            self._kept = msgspec.json.decode(text, type=dict[str, str]) if text else {}
        except msgspec.DecodeError:
            raise StorageFailed(
                f"the password {self._name!r} of {self._owner!r} in the keyring is none of deskline",
                hint="give another name or owner",
            ) from None
        return dict(self._kept)

    async def write(self, changes: Mapping[str, str | None]) -> None:
        """Keep and remove; the keyring has it when this returns."""
        kept = dict(self._kept)
        _apply(changes, kept)
        await self._in_thread(lambda: self._put(kept))
        self._kept = kept

    async def aclose(self) -> None:
        """Do nothing: nothing is open."""

    def _put(self, kept: dict[str, str]) -> None:
        if kept:
            self._keyring.set_password(self._name, self._owner, msgspec.json.encode(kept).decode())
        elif self._kept:
            self._keyring.delete_password(self._name, self._owner)


def _apply(changes: Mapping[str, str | None], kept: dict[str, str]) -> None:
    for key, value in changes.items():
        if value is None:
            kept.pop(key, None)
        else:
            kept[key] = value
