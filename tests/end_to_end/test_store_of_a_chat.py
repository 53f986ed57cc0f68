"""A chat with a store in a file, on real sockets: what lies where, and who may have it."""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

import deskline
from deskline import InvalidValue, MemoryStore, Policy, SaveLost, StorageFailed, StoreInUse
from deskline.center import serve
from deskline.testing import site_for
from deskline_center.cxone import CXoneChannel, channel_id
from tests.contract.kits import ARRIVED
from tests.end_to_end.beside import PATIENT, Main, run_all

CHANNEL = CXoneChannel(id=channel_id("live", "secured"))
Open = Callable[..., Any]


def rows(path: Path) -> dict[str, str]:
    with closing(sqlite3.connect(path)) as connection:
        return dict(connection.execute("SELECT key, value FROM kept").fetchall())


@pytest.fixture(params=["trio", "asyncio"])
def play(request: pytest.FixtureRequest) -> Callable[[Callable[[Open], Any]], None]:
    """Run a scenario on a runtime; it is given what opens chats with a center of its own."""

    def play(scenario: Callable[[Open], Any]) -> None:
        package = deskline.trio if request.param == "trio" else deskline.asyncio
        with serve() as center:
            site = site_for(CHANNEL, center.url)

            def open_chat(**options: Any) -> Any:
                return package.open_chat(site, policy=Policy(**PATIENT), **options)

            main: Main = lambda: scenario(open_chat)  # noqa: E731 # it has a type
            run_all(request.param, [main])

    return play


Play = Callable[[Callable[[Open], Any]], None]


async def talk(open_chat: Open, **options: Any) -> None:
    async with open_chat(**options) as chat:
        message = await (await chat.thread()).send("one")
        assert await message.settled() in ARRIVED


def test_tokens_lie_beside_the_file_and_not_in_it(play: Play, tmp_path: Path) -> None:
    path, beside = tmp_path / "chat.db", tmp_path / "chat.db-tokens"
    play(lambda open_chat: talk(open_chat, store=path))
    assert rows(beside).keys() == {"credentials"}
    assert "identity" in rows(path)
    assert "credentials" not in rows(path)
    assert {each.name: each.stat().st_mode & 0o777 for each in tmp_path.iterdir()} == {
        "chat.db": 0o600,
        "chat.db-tokens": 0o600,
    }


def test_tokens_lie_where_the_app_wants_them(play: Play, tmp_path: Path) -> None:
    async def scenario(open_chat: Open) -> None:
        tokens = MemoryStore()
        await talk(open_chat, store=str(tmp_path / "chat.db"), tokens=tokens)
        assert tokens.kept.keys() == {"credentials"}
        await talk(open_chat, store=MemoryStore(), tokens=tmp_path / "tokens.db")
        own = MemoryStore()
        await talk(open_chat, store=own)
        assert {"identity", "credentials"} <= own.kept.keys()
        with pytest.raises(InvalidValue, match="tokens without a store"):
            await talk(open_chat, tokens=own)

    play(scenario)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["chat.db", "tokens.db"]
    assert rows(tmp_path / "tokens.db").keys() == {"credentials"}


def test_a_second_chat_of_one_customer_is_kept_out(play: Play, tmp_path: Path) -> None:
    path = tmp_path / "chat.db"

    async def scenario(open_chat: Open) -> None:
        async with open_chat(store=path) as chat:
            with pytest.raises(StoreInUse, match="close that chat"):
                await talk(open_chat, store=path)
            await talk(open_chat, store=path, profile="ben")
            message = await (await chat.thread()).send("one")
            assert await message.settled() in ARRIVED
        await talk(open_chat, store=path)

    play(scenario)
    assert {each.name for each in tmp_path.iterdir()} == {"chat.db", "chat.db-tokens"}


def test_a_store_that_cannot_be_used_opens_no_chat(play: Play, tmp_path: Path) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("none of a chat's" * 100)

    async def scenario(open_chat: Open) -> None:
        with pytest.raises(StorageFailed, match=r"notes.txt' cannot be opened: it is no store of deskline"):
            await talk(open_chat, store=path)
        with pytest.raises(StorageFailed, match=r"notes.txt' cannot be opened: it is no store of deskline"):
            await talk(open_chat, store=tmp_path / "chat.db", tokens=path)
        await talk(open_chat, store=tmp_path / "chat.db")  # whose lease was released

    play(scenario)


def test_a_disk_that_is_full_amid_a_chat_takes_no_message_and_the_chat_goes_on(play: Play, tmp_path: Path) -> None:
    class Filling(MemoryStore):
        is_full = False

        async def write(self, changes: Mapping[str, str | None]) -> None:
            if self.is_full:
                raise StorageFailed("the disk is full", hint="make room on it")
            await super().write(changes)

    async def scenario(open_chat: Open) -> None:
        store = Filling()
        async with open_chat(store=store) as chat:
            await chat.ready()
            thread = await chat.thread()
            lost = chat.wait_for(SaveLost)
            store.is_full = True
            with pytest.raises(StorageFailed, match="the message could not be kept"):
                await thread.send("one")
            assert (await lost).cause == "the disk is full"
            store.is_full = False
            assert await (await thread.send("two")).settled() in ARRIVED
            assert [message.text for message in thread.messages] == ["two"]

    play(scenario)
