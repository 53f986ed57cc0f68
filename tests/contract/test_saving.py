"""How what a session wants kept gets into stores: in order, together where it waits, tokens apart."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from deskline import KeyringStore, MemoryStore, StorageFailed
from deskline.asyncio.host import AsyncioHost
from deskline.asyncio.waiting import in_thread
from deskline.opening import Options, _store
from deskline.saving import Apart, Saving
from deskline_core.commands import Forget, Save
from deskline_core.cxone.site import CXone
from deskline_core.inputs import Saved, SaveFailed
from deskline_core.values import Secret

Change = dict[str, str | None]


class Noting:
    """A store that notes each write, and refuses values that are bad."""

    def __init__(self, kept: Mapping[str, str] | None = None, *, is_full: bool = False) -> None:
        self.memory = MemoryStore(kept)
        self.is_full = is_full
        self.writes: list[Change] = []

    async def load(self) -> Mapping[str, str]:
        return await self.memory.load()

    async def write(self, changes: Mapping[str, str | None]) -> None:
        self.writes.append(dict(changes))
        if self.is_full:
            raise StorageFailed("the disk is full", hint="make room")
        if "bad" in changes.values():
            raise OSError("secret words")
        await self.memory.write(changes)

    async def aclose(self) -> None:
        self.writes.append({"closed": None})


def save(id: int, key: str, value: str = "value", *, secret: bool = False) -> Save:
    return Save(id=id, key=key, value=Secret(value), secret=secret)


def forget(id: int, *keys: str) -> Forget:
    return Forget(id=id, keys=keys)


def reports(store: Apart, *commands: Save | Forget) -> list[Saved | SaveFailed]:
    """Return what is reported of commands that are given one right after the other."""
    told: list[Saved | SaveFailed] = []

    async def main() -> None:
        async with AsyncioHost() as host:
            await store.load()
            saving = Saving(store, host=host, feed=told.append)
            for command in commands:
                saving.keep(command)
            assert told == []
            await saving.all_kept()
            await saving.all_kept()

    asyncio.run(main())
    return told


def test_what_waits_is_written_at_once_and_reported_in_order() -> None:
    store = Noting({"old": "1"})
    told = reports(
        Apart(store), save(1, "a"), forget(2, "old", "missing"), save(3, "a", "b"), save(4, "t", secret=True)
    )
    assert told == [Saved(id=1), Saved(id=2), Saved(id=3), Saved(id=4)]
    assert store.writes == [{"a": "b", "old": None}, {"t": "value"}]


def test_one_that_cannot_be_kept_takes_no_other_with_it() -> None:
    store = Noting()
    told = reports(Apart(store), save(1, "a"), save(2, "b", "bad"), save(3, "c"))
    assert told == [Saved(id=1), SaveFailed(id=2, reason="OSError"), Saved(id=3)]
    assert store.memory.kept == {"a": "value", "c": "value"}


def test_a_store_that_keeps_nothing_is_not_asked_for_ever() -> None:
    store = Noting(is_full=True)
    told = reports(Apart(store), *(save(number, f"key {number}") for number in range(1, 9)))
    assert told == [SaveFailed(id=number, reason="the disk is full") for number in range(1, 9)]
    assert len(store.writes) == 3  # together, and two alone


def test_a_single_one_that_fails_is_tried_once() -> None:
    store = Noting(is_full=True)
    assert reports(Apart(store), save(1, "a")) == [SaveFailed(id=1, reason="the disk is full")]
    assert len(store.writes) == 1


def test_very_many_become_several_writes() -> None:
    store = Noting()
    told = reports(Apart(store), *(save(number, f"key {number}") for number in range(1500)))
    assert told == [Saved(id=number) for number in range(1500)]
    assert [len(write) for write in store.writes] == [1000, 500]


def test_tokens_go_to_a_store_of_their_own_and_nothing_else_does() -> None:
    plain, tokens = Noting(), Noting()
    store = Apart(plain, tokens)
    told = reports(store, save(1, "a"), save(2, "t", secret=True), forget(3, "a"), save(4, "b"))
    assert told == [Saved(id=1), Saved(id=2), Saved(id=3), Saved(id=4)]
    assert (plain.memory.kept, tokens.memory.kept) == ({"b": "value"}, {"t": "value"})
    assert tokens.writes == [{"t": "value"}]
    assert plain.writes == [{"a": "value"}, {"a": None}, {"b": "value"}]


def test_who_is_forgotten_is_forgotten_in_both() -> None:
    plain, tokens = Noting({"a": "1", "b": "2"}), Noting({"t": "3"})
    assert reports(Apart(plain, tokens), forget(1, "a", "t", "missing")) == [Saved(id=1)]
    assert (plain.memory.kept, tokens.memory.kept) == ({"b": "2"}, {})
    assert reports(Apart(plain, tokens), forget(1, "missing")) == [Saved(id=1)]
    assert (len(plain.writes), len(tokens.writes)) == (1, 1)


def test_tokens_of_an_earlier_version_move_when_they_are_kept_anew() -> None:
    plain, tokens = Noting({"t": "old", "a": "1"}), Noting()
    assert reports(Apart(plain, tokens), save(1, "t", "new", secret=True)) == [Saved(id=1)]
    assert (plain.memory.kept, tokens.memory.kept) == ({"a": "1"}, {"t": "new"})
    assert asyncio.run(_loaded(Apart(Noting({"t": "old", "a": "1"}), tokens))) == {"a": "1", "t": "new"}


def test_one_store_for_all_takes_out_nothing_that_it_was_given() -> None:
    both = Noting({"a": "old", "t": "old"})
    assert reports(Apart(both, both), save(1, "a"), save(2, "t", secret=True)) == [Saved(id=1), Saved(id=2)]
    assert both.memory.kept == {"a": "value", "t": "value"}


@pytest.mark.parametrize("name", ["chat.db", "link.db"])
def test_one_file_for_all_keeps_all(name: str, tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "chat.db")

    async def scenario() -> None:
        async with AsyncioHost() as host:
            for value in ("1", "2"):
                options = Options(store=str(tmp_path / "chat.db"), tokens=tmp_path / name)
                store = _store(host, CXone(environment="EU1", brand_id=1, channel_id="chat_1"), options)
                assert store is not None
                await store.load()
                await store.write([save(1, "a", value), forget(2, "b")])
                await store.write([save(3, "t", value, secret=True)])
                assert await store.load() == {"a": value, "t": value}
                await store.aclose()

    asyncio.run(scenario())


def test_no_write_that_fails_leaves_tokens_with_another_customer() -> None:
    plain, tokens = Noting({"identity": "ada"}, is_full=True), Noting({"credentials": "ada's"})
    assert reports(Apart(plain, tokens), forget(1, "identity", "credentials")) == [
        SaveFailed(id=1, reason="the disk is full")
    ]
    assert (plain.memory.kept, tokens.memory.kept) == ({"identity": "ada"}, {})

    async def restored() -> None:
        store = Apart(plain, tokens)
        await tokens.memory.write({"credentials": "ada's"})
        await store.load()
        with pytest.raises(StorageFailed):
            await store.replace({"identity": "ben", "credentials": "ben's"})

    asyncio.run(restored())
    assert (plain.memory.kept, tokens.memory.kept) == ({"identity": "ada"}, {})


async def _loaded(store: Apart) -> Mapping[str, str]:
    return await store.load()


def test_what_failed_to_be_written_is_removed_all_the_same() -> None:
    """Nobody knows what became of it."""
    plain = Noting()
    assert reports(Apart(plain), save(1, "a", "bad"), save(2, "t", secret=True), forget(3, "a"))[-1] == Saved(id=3)
    assert plain.writes[-1] == {"t": "value", "a": None}


def test_both_are_closed_whatever_happens() -> None:
    class Broken(Noting):
        async def aclose(self) -> None:
            await super().aclose()
            raise OSError("secret words")

    plain, tokens = Noting(), Broken()

    async def main() -> None:
        with pytest.raises(OSError, match="secret words"):
            await Apart(plain, tokens).aclose()

    asyncio.run(main())
    assert plain.writes == tokens.writes == [{"closed": None}]


# --- a keyring ---


class Ring:
    """What the ``keyring`` package has, in memory."""

    def __init__(self) -> None:
        self.passwords: dict[tuple[str, str], str] = {}
        self.is_locked = False

    def get_password(self, name: str, owner: str) -> str | None:
        return self.passwords.get((name, owner))

    def set_password(self, name: str, owner: str, password: str) -> None:
        if self.is_locked:
            raise PermissionError("locked")
        self.passwords[name, owner] = password

    def delete_password(self, name: str, owner: str) -> None:
        del self.passwords[name, owner]  # which refuses, too, what is not there


def ring_store(ring: Ring, owner: str = "ada", **named: Any) -> KeyringStore:
    return KeyringStore(ring, owner=owner, in_thread=in_thread, **named)


def test_a_keyring_keeps_one_password_for_each_owner() -> None:
    async def main() -> None:
        ring = Ring()
        store = ring_store(ring)
        assert await store.load() == {}
        await store.write({"missing": None})
        assert ring.passwords == {}
        await store.write({"token": "one", "other": "two"})
        await store.aclose()
        store = ring_store(ring)
        assert await store.load() == {"token": "one", "other": "two"}
        assert await ring_store(ring, "ben").load() == {}
        assert await ring_store(ring, name="another program").load() == {}
        ring.is_locked = True
        with pytest.raises(PermissionError):
            await store.write({"token": "lost", "other": None})
        ring.is_locked = False
        await store.write({"third": "3"})
        assert ring.passwords == {("deskline", "ada"): '{"token":"one","other":"two","third":"3"}'}
        await store.write({"token": None, "other": None, "third": None})
        assert ring.passwords == {}

    asyncio.run(main())


@pytest.mark.parametrize("password", ["swordfish", '["token"]', '{"token":1}'])
def test_a_password_of_somebody_else_is_refused_and_not_told(password: str) -> None:
    async def main() -> None:
        ring = Ring()
        ring.passwords["deskline", "ada"] = password
        with pytest.raises(StorageFailed, match="the password 'deskline' of 'ada' in the keyring is none") as refused:
            await ring_store(ring).load()
        assert password not in str(refused.value)

    asyncio.run(main())
