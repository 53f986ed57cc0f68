"""What a record says of a message, to the letter, and which records are read."""

import json
from typing import Any

import pytest

from deskline_core.ledger import Ledger
from deskline_core.model import Party, PartyRole, Upload
from deskline_core.outbox import Outbox
from deskline_core.outgoing import Outgoing
from deskline_core.records import is_content, is_of_outbox, is_secret, messages_in, record_of
from tests.core.bare import NOW, bare, ledger

ME = Party(id="me", role=PartyRole.CUSTOMER)
FILE = Upload(name="a.txt", mime_type="text/plain", content=b"abc")


def outgoing(id: str = "m-1", *uploads: Upload) -> Outgoing:
    session = bare()
    records: Ledger = ledger(session)
    box = Outbox(session, records, lambda _: None)
    return Outgoing(box, id=id, thread="t-1", text="hi", postback="", party=ME, at=NOW, uploads=uploads)


def told(message: Outgoing, stage: Any, **rest: Any) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(record_of(message, stage, **rest))
    return record


@pytest.mark.parametrize(
    ("key", "kinds"),
    [
        ("credentials", (True, False, False)), ("customer", (False, False, False)), ("visit", (False, False, False)),
        ("message.m-1", (False, True, False)), ("file.m-1.0", (False, True, True)), ("thread.t", (False, True, False)),
    ],
)  # fmt: skip
def test_which_records_are_which(key: str, kinds: tuple[bool, bool, bool]) -> None:
    assert (is_secret(key), is_of_outbox(key), is_content(key)) == kinds


@pytest.mark.parametrize(
    ("stage", "writes", "kept"),
    [("waits", 0, 0), ("left", 0, 1), ("failed", 0, 0), ("waits", 2, 2), ("left", 2, 2), ("failed", 2, 2)],
)
def test_a_record_counts_the_write_that_it_speaks_of(stage: str, writes: int, kept: int) -> None:
    message = outgoing()
    message.writes = writes
    assert told(message, stage).get("writes", 0) == kept


def test_a_file_that_was_packed_is_kept_as_such_in_a_snapshot_only() -> None:
    message = outgoing("m-1", FILE)
    (plain,) = told(message, "waits", packed=True)["files"]
    message.files[0].packed(b"packed")
    (stored,), (frozen,) = told(message, "waits")["files"], told(message, "waits", packed=True)["files"]
    assert [file.get("packed", False) for file in (plain, stored, frozen)] == [False, False, True]


@pytest.mark.parametrize("wrong", ["message.m-0", "message.m-2", "message.m-11"])
def test_a_record_under_another_key_is_not_read_and_hides_none_behind_it(wrong: str) -> None:
    first, second = outgoing("m-1"), outgoing("m-9")
    kept = {wrong: record_of(first, "waits"), "message.m-9": record_of(second, "waits")}
    pairs, useless = messages_in(kept, int, 10)
    assert ([record.id for record, _ in pairs], useless) == (["m-9"], [wrong])


def test_what_was_dropped_and_what_was_not_is_read_as_it_was() -> None:
    message = outgoing("m-1", FILE, FILE)
    message.files[1].dropped = True
    ((_, files),), _ = messages_in({"message.m-1": record_of(message, "waits")}, int, 10)
    assert [file.dropped for file in files] == [False, True]
    assert [file.get("dropped") for file in told(message, "waits")["files"]] == [None, True]
