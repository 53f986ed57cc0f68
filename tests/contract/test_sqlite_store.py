"""The store in a file: durable, private, shared without disturbing, and never in the loop's way."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import trio

from deskline import SqliteStore, StorageFailed
from deskline.asyncio.waiting import in_thread
from deskline.store import InThread

Scenario = Callable[[Callable[[str], SqliteStore]], Coroutine[Any, Any, None]]


@pytest.fixture(params=["trio", "asyncio"])
def run(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[Scenario], None]:
    """Run a scenario on a runtime; it is given what makes stores in one file."""
    way: InThread = trio.to_thread.run_sync if request.param == "trio" else in_thread

    def run(scenario: Scenario) -> None:
        async def main() -> None:
            await scenario(lambda owner: SqliteStore(tmp_path / "chats.db", owner=owner, in_thread=way))

        trio.run(main) if request.param == "trio" else asyncio.run(main())

    return run


async def kept(store: SqliteStore) -> Mapping[str, str]:
    try:
        return await store.load()
    finally:
        await store.aclose()


def test_what_is_saved_is_there_in_the_next_run(run: Callable[[Scenario], None]) -> None:
    async def first(make: Callable[[str], SqliteStore]) -> None:
        store = make("ada")
        assert await store.load() == {}
        await store.write({"one": "1"})
        await store.write({"one": "2", "two": "zwei\n\N{SNOWMAN}", "three": None})
        await store.aclose()
        await store.aclose()

    async def second(make: Callable[[str], SqliteStore]) -> None:
        assert await kept(make("ada")) == {"one": "2", "two": "zwei\n\N{SNOWMAN}"}
        store = make("ada")
        await store.write({"one": None, "two": None})
        await store.aclose()
        assert await kept(make("ada")) == {}

    run(first)
    run(second)


@pytest.mark.row("C9")
def test_owners_in_one_file_do_not_meet(run: Callable[[Scenario], None]) -> None:
    async def scenario(make: Callable[[str], SqliteStore]) -> None:
        ada, ben = make("ada"), make("ben")
        await ada.write({"key": "of ada"})
        await ben.write({"key": "of ben"})
        await ada.write({"key": None})
        assert await ada.load() == {}
        assert await ben.load() == {"key": "of ben"}
        await ada.aclose()
        await ben.aclose()

    run(scenario)


def test_only_its_owner_may_read_the_file(run: Callable[[Scenario], None], tmp_path: Path) -> None:
    (tmp_path / "chats.db").touch(mode=0o644)

    async def scenario(make: Callable[[str], SqliteStore]) -> None:
        store = make("ada")
        await store.write({"key": "value"})
        await store.aclose()

    run(scenario)
    assert {path.stat().st_mode & 0o777 for path in tmp_path.iterdir()} == {0o600}


def test_many_who_write_at_once_wait_for_one_another(tmp_path: Path) -> None:
    async def write(number: int) -> Mapping[str, str]:
        store = SqliteStore(tmp_path / "chats.db", owner=f"owner {number}", in_thread=in_thread)
        for key in range(20):
            await store.write({str(key): str(number)})
        return await kept(store)

    with ThreadPoolExecutor(6) as threads:  # each with a loop of its own, as other programs have
        found = list(threads.map(lambda number: asyncio.run(write(number)), range(6)))
    assert found == [{str(key): str(number) for key in range(20)} for number in range(6)]


def test_a_file_that_is_none_raises(run: Callable[[Scenario], None], tmp_path: Path) -> None:
    (tmp_path / "chats.db").write_bytes(b"this is no database, however you look at it" * 100)

    async def scenario(make: Callable[[str], SqliteStore]) -> None:
        store = make("ada")
        with pytest.raises(StorageFailed, match="is no store of deskline"):
            await store.load()
        await store.aclose()

    run(scenario)
