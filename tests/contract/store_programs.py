"""Programs that a test starts beside itself, each with a store: ``python -m tests.contract.store_programs NAME PATH``.

Each prints what it saw, a line each. They read the file only: everything they need is loaded before.
"""

import asyncio
import os
import resource
import sys
from collections.abc import Callable
from pathlib import Path

from deskline import SqliteStore, StorageFailed
from deskline.asyncio.waiting import in_thread

NOBODY = 65534


def store(path: Path, owner: str = "ada") -> SqliteStore:
    return SqliteStore(path, owner=owner, in_thread=in_thread)


def say(line: object) -> None:
    print(line, flush=True)  # noqa: T201 # it is what the test reads


async def told(store: SqliteStore, changes: dict[str, str | None]) -> None:
    try:
        await store.write(changes)
        say("kept")
    except StorageFailed as failed:
        say(failed.message)


async def hold(path: Path) -> None:
    """Have the store until the input ends, or the process is killed."""
    held = store(path)
    await held.write({"by": "another program"})
    say("held")
    await in_thread(sys.stdin.read)
    await held.aclose()


async def fill(path: Path) -> None:
    """Write on where no file may grow any more, and then where it may again."""
    full = store(path)
    await told(full, {"one": "1"})
    _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.with_name(path.name + "-wal").stat().st_size + 5000, most))
    await told(full, {"two": "2" * 50_000, "one": None})
    say(dict(await full.load()))
    await told(full, {"three": "3"})
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    await told(full, {"four": "4"})
    await full.aclose()


async def read_only(path: Path) -> None:
    """Be somebody whom the system does not let write everywhere."""
    await in_thread(lambda: None)  # loads what a user without rights may not
    if os.geteuid() == 0:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    refused = store(path)
    try:
        await refused.load()
    except StorageFailed as failed:
        say(failed.message)
        say(failed.hint)
    await refused.aclose()


PROGRAMS: dict[str, Callable[[Path], object]] = {
    "hold": lambda path: asyncio.run(hold(path)),
    "fill": lambda path: asyncio.run(fill(path)),
    "read_only": lambda path: asyncio.run(read_only(path)),
}

if __name__ == "__main__":
    PROGRAMS[sys.argv[1]](Path(sys.argv[2]))
