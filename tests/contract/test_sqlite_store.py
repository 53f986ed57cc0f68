"""The store in a file: durable, private, shared without disturbing, and never in the loop's way."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
import trio

from deskline import SqliteStore, StorageFailed, Store, StoreInUse
from deskline.asyncio.waiting import in_thread
from deskline.store import InThread, TokenFile

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


def modes_in(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}


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


def test_a_write_is_done_whole_or_not_at_all(run: Callable[[Scenario], None]) -> None:
    async def scenario(make: Callable[[str], SqliteStore]) -> None:
        store = make("ada")
        await store.write({"one": "1", "two": "2"})
        with pytest.raises(UnicodeEncodeError):
            await store.write({"one": None, "two": "new", "half": "\ud800"})
        assert await store.load() == {"one": "1", "two": "2"}
        await store.write({"one": None})
        assert await kept(store) == {"two": "2"}

    run(scenario)


def test_only_its_owner_may_read_the_file_and_those_beside_it(run: Callable[[Scenario], None], tmp_path: Path) -> None:
    (tmp_path / "chats.db").touch(mode=0o644)
    (tmp_path / "chats.db-shm").touch(mode=0o644)

    async def scenario(make: Callable[[str], SqliteStore]) -> None:
        store = make("ada")
        await store.write({"key": "value"})
        modes = modes_in(tmp_path)
        assert set(modes.values()) == {0o600}
        assert {"chats.db", "chats.db-wal", "chats.db-shm"} < modes.keys()
        await store.aclose()

    run(scenario)
    assert [path.name for path in tmp_path.iterdir()] == ["chats.db"]


def test_a_write_is_in_the_log_and_on_the_disk(run: Callable[[Scenario], None], tmp_path: Path) -> None:
    async def scenario(make: Callable[[str], SqliteStore]) -> None:
        store = make("ada")
        await store.write({"key": "value"})
        assert store._file._connection is not None
        assert store._file._connection.execute("PRAGMA synchronous").fetchone() == (2,)
        with closing(sqlite3.connect(tmp_path / "chats.db")) as other:
            assert other.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        await store.aclose()

    run(scenario)


def test_many_who_write_at_once_wait_for_one_another(tmp_path: Path) -> None:
    async def write(number: int) -> Mapping[str, str]:
        store = SqliteStore(tmp_path / "chats.db", owner=f"owner {number}", in_thread=in_thread)
        for key in range(20):
            await store.write({str(key): str(number)})
        return await kept(store)

    with ThreadPoolExecutor(6) as threads:  # each with a loop of its own, as other programs have
        found = list(threads.map(lambda number: asyncio.run(write(number)), range(6)))
    assert found == [{str(key): str(number) for key in range(20)} for number in range(6)]


# --- the lease ---


def test_a_second_owner_is_kept_out_until_the_first_has_closed(run: Callable[[Scenario], None], tmp_path: Path) -> None:
    async def scenario(make: Callable[[str], SqliteStore]) -> None:
        first, second = make("ada"), make("ada")
        await first.write({"key": "value"})
        for _ in range(2):  # who was refused has let go of nothing that the first one holds
            with pytest.raises(StoreInUse, match=r"chats.db' cannot be opened: another chat has") as refused:
                await second.load()
            assert refused.value.code == "store_in_use"
            assert "profile" in refused.value.hint
        assert await kept(make("ben")) == {}
        await second.aclose()
        with pytest.raises(StoreInUse):
            await kept(make("ada"))
        assert await kept(first) == {"key": "value"}
        assert await second.load() == {"key": "value"}
        await second.aclose()

    run(scenario)
    assert [path.name for path in tmp_path.iterdir()] == ["chats.db"]


def test_all_names_of_a_file_have_one_lease(run: Callable[[Scenario], None], tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    link = folder / "link.db"
    link.symlink_to(tmp_path / "chats.db")

    async def scenario(make: Callable[[str], SqliteStore]) -> None:
        first = make("ada")
        await first.write({"key": "value"})
        with pytest.raises(StoreInUse, match=r"link\.db"):
            await kept(SqliteStore(link, owner="ada", in_thread=in_thread_of(first)))
        await first.aclose()
        assert await kept(SqliteStore(link, owner="ada", in_thread=in_thread_of(first))) == {"key": "value"}

    run(scenario)
    assert [path.name for path in folder.iterdir()] == ["link.db"]


def in_thread_of(store: SqliteStore) -> InThread:
    return store._in_thread


def test_a_program_may_change_its_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()

    async def scenario() -> None:
        monkeypatch.chdir(tmp_path)
        stores: list[Store] = [
            SqliteStore("chats.db", owner="ada", in_thread=in_thread),
            TokenFile("tokens.db", owner="ada", in_thread=in_thread),
        ]
        for store in stores:
            await store.load()
        monkeypatch.chdir(folder)
        for store in stores:
            await store.write({"a": "1"})
            await store.aclose()

    asyncio.run(scenario())
    assert [each.name for each in sorted(tmp_path.rglob("*"))] == ["chats.db", "folder", "tokens.db"]


def test_what_is_removed_with_a_lease_is_never_the_lock_of_another(tmp_path: Path) -> None:
    """However many come and go at once, no two have it at a time."""
    inside: list[int] = []
    entered: list[int] = []

    async def enter(number: int) -> None:
        for _ in range(30):
            store = SqliteStore(tmp_path / "chats.db", owner="ada", in_thread=in_thread)
            try:
                await store.load()
            except StoreInUse:
                continue
            else:
                inside.append(number)
                assert len(inside) == 1
                await store.write({"by": str(number)})
                inside.remove(number)
                entered.append(number)
            finally:
                await store.aclose()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda number: asyncio.run(enter(number)), range(4)))
    assert entered != []


def test_many_that_open_a_new_store_at_once_all_have_it(tmp_path: Path) -> None:
    together = Barrier(4)

    async def enter(folder: int, owner: str) -> None:
        store = SqliteStore(tmp_path / f"{folder}.db", owner=owner, in_thread=in_thread)
        together.wait()
        assert await store.load() == {}
        await store.aclose()

    with ThreadPoolExecutor(4) as threads:
        for folder in range(40):
            list(threads.map(lambda owner, folder=folder: asyncio.run(enter(folder, owner)), "abcd"))


def test_a_side_file_that_another_takes_away_meanwhile_is_no_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, side = tmp_path / "chats.db", tmp_path / "chats.db-journal"
    side.touch(0o644)
    narrow = Path.chmod

    def late(self: Path, mode: int) -> None:
        side.unlink(missing_ok=True)  # another has just finished with it
        narrow(self, mode)

    monkeypatch.setattr(Path, "chmod", late)

    async def scenario() -> None:
        store = SqliteStore(path, owner="ada", in_thread=in_thread)
        assert await store.load() == {}
        await store.aclose()

    asyncio.run(scenario())


# --- tokens ---


def test_a_file_of_tokens_is_made_when_there_is_one(tmp_path: Path) -> None:
    path = tmp_path / "chats.db-tokens"

    async def scenario() -> None:
        tokens = TokenFile(path, owner="ada", in_thread=in_thread)
        assert await tokens.load() == {}
        assert modes_in(tmp_path) == {}
        await tokens.write({"token": "t", "other": "o"})
        assert modes_in(tmp_path) == {path.name: 0o600}  # nothing of it lies beside it
        await tokens.write({"other": None})
        assert await TokenFile(path, owner="ada", in_thread=in_thread).load() == {"token": "t"}
        await tokens.aclose()

    asyncio.run(scenario())


# --- files that are none of ours, or not what they were ---


def made(path: Path, *statements: str) -> Path:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statement in statements:
            connection.execute(statement)
    return path


def fault(path: Path) -> StorageFailed:
    """Return how a file is refused, both as a store and as a file of tokens."""
    there = path.exists()

    async def tried(store: SqliteStore | TokenFile) -> StorageFailed:
        with pytest.raises(StorageFailed) as failed:
            await store.load()
        await store.aclose()
        return failed.value

    async def scenario() -> StorageFailed:
        first = await tried(SqliteStore(path, owner="ada", in_thread=in_thread))
        if there:
            assert str(await tried(TokenFile(path, owner="ada", in_thread=in_thread))) == str(first)
        return first

    return asyncio.run(scenario())


FIRST_FORM = "CREATE TABLE kept (owner TEXT, key TEXT, value TEXT, PRIMARY KEY (owner, key))"
ALREADY = [
    ((FIRST_FORM, "PRAGMA user_version = 7"), "it is another program's file"),
    (("CREATE TABLE songs (title TEXT)",), "it is another program's file"),
    (("CREATE TABLE kept (title TEXT)",), "it is another program's file"),
    (("PRAGMA application_id = 7",), "it is another program's file"),
    (
        ("PRAGMA application_id = 1685285740", "PRAGMA user_version = 2", "CREATE TABLE messages (id TEXT)"),
        "a newer deskline has written it (version 2)",
    ),
]


@pytest.mark.parametrize(("statements", "sentence"), ALREADY)
def test_a_file_of_somebody_else_is_refused_and_stays_as_it_is(
    statements: tuple[str, ...], sentence: str, tmp_path: Path
) -> None:
    path = made(tmp_path / "their.db", *statements)
    content = path.read_bytes()
    refused = fault(path)
    assert refused.message == f"the store {str(path)!r} cannot be opened: {sentence}"
    assert refused.hint.endswith("give another path")
    assert path.read_bytes() == content


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_bytes(b"this is no database, however you look at it" * 100)
    assert fault(tmp_path / "notes.txt").message.endswith("it is no store of deskline")


def test_a_folder_and_a_missing_folder_are_refused(tmp_path: Path) -> None:
    assert fault(tmp_path).message.endswith("cannot be opened: Is a directory")
    missing = fault(tmp_path / "missing" / "chats.db")
    assert missing.message.endswith("cannot be opened: No such file or directory")
    assert missing.hint == "its folder must exist, and be this user's to write"


def test_a_file_that_another_program_does_not_let_go_of_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deskline.store_file.BUSY_TIMEOUT", 0.05)
    path = made(tmp_path / "chats.db", FIRST_FORM)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert fault(path).message.endswith("another program has not let go of it for 5 s")


def test_a_file_that_another_program_reads_is_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "chats.db"
    asyncio.run(kept(SqliteStore(path, owner="ada", in_thread=in_thread)))
    made(path, "PRAGMA journal_mode = DELETE")  # as a file is that another program has copied

    async def scenario() -> None:
        with closing(sqlite3.connect(path, isolation_level=None)) as other:
            other.execute("BEGIN")
            other.execute("SELECT * FROM kept").fetchall()
            opened = asyncio.create_task(kept(SqliteStore(path, owner="ada", in_thread=in_thread)))
            await asyncio.sleep(0.2)
            assert not opened.done()
            other.execute("COMMIT")
            assert await opened == {}

    asyncio.run(scenario())


@pytest.mark.parametrize("statement", [FIRST_FORM, FIRST_FORM.replace(", PRIMARY KEY (owner, key)", "")])
def test_a_store_of_the_first_form_is_brought_up_to_date(statement: str, tmp_path: Path) -> None:
    rows = ["INSERT INTO kept VALUES ('ada', 'key', 'of ada')", "INSERT INTO kept VALUES ('ben', 'key', 'of ben')"]
    path = made(tmp_path / "chats.db", statement, *rows)

    async def both() -> list[Mapping[str, str]]:
        stores = [SqliteStore(path, owner=owner, in_thread=in_thread) for owner in ("ada", "ben")]
        return [await kept(store) for store in stores]

    for _ in range(2):
        assert asyncio.run(both()) == [{"key": "of ada"}, {"key": "of ben"}]
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)


def test_a_store_of_the_first_form_is_brought_up_to_date_whole_or_not_at_all(tmp_path: Path) -> None:
    path = made(tmp_path / "chats.db", FIRST_FORM, "INSERT INTO kept VALUES ('ada', 'key', NULL)")
    assert fault(path).message.endswith("cannot be opened: it is damaged")
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT * FROM kept").fetchall() == [("ada", "key", None)]
