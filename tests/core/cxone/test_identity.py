"""Who chats: ids made once and kept as one record, and a customer of the app's own."""

import json
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.cxone.identity import Identity, restore
from deskline_core.ids import Ids
from tests.core.cxone.alone import CUSTOMER, Alone, reach, towards_socket

SEED = b"a seed of at least sixteen bytes"
KEPT: dict[str, Any] = {
    "visitor": "v-1",
    "customer": "c-1",
    "first_name": "Kit",
    "last_name": "Marlow",
    "destination": "d-1",
}


def test_ids_are_made_where_they_are_missing_and_the_destination_always() -> None:
    identity = Identity()
    assert identity.complete(Ids(SEED))
    first = json.loads(identity.text())
    assert len({first["visitor"], first["customer"], first["destination"]}) == 3
    assert not identity.complete(Ids(b"another seed of enough bytes"))
    second = json.loads(identity.text())
    assert (second["visitor"], second["customer"]) == (first["visitor"], first["customer"])
    assert second["destination"] != first["destination"]


def test_half_a_record_is_completed_and_kept() -> None:
    identity = Identity(customer=CUSTOMER)
    assert identity.complete(Ids(SEED))
    assert (identity.customer, bool(identity.visitor)) == (CUSTOMER, True)


def test_a_record_goes_into_the_store_and_back() -> None:
    assert restore(json.dumps(KEPT)) == Identity(**KEPT)
    assert restore(Identity(**KEPT).text()) == Identity(**KEPT)


@pytest.mark.parametrize("text", ["", "nonsense", "[]", "null", '{"visitor": 5}', "\ud800"])
def test_a_record_that_cannot_be_read_counts_as_none(text: str) -> None:
    assert restore(text) == Identity()


@pytest.mark.row("C3", "C5", "C7")
def test_a_customer_of_the_apps_own_is_kept_and_used_everywhere() -> None:
    chat = Alone()
    assert chat.ask(i.SetCustomer, id="00042", first_name="Kit", last_name="Marlow") == ["SetCustomer answered"]
    chat.ask(i.Open)
    assert chat.reply("GET configuration") == ["save identity"]
    assert json.loads(chat.session.kept["identity"])["customer"] == "00042"  # a text, not a number
    chat.saved()
    body = json.loads(chat.call("PUT visitor").body)
    assert body["customerIdentity"] == {"idOnExternalPlatform": "00042", "firstName": "Kit", "lastName": "Marlow"}
    chat.reply("PUT visitor")
    towards_socket(chat)
    assert chat.url["customerId"] == "00042"
    chat.opened()
    identity = chat.frame("AuthorizeCustomer")["payload"]["customerIdentity"]
    assert identity == {"idOnExternalPlatform": "00042", "firstName": "Kit", "lastName": "Marlow"}


def test_a_customer_said_after_a_restart_is_kept_at_once() -> None:
    chat = Alone(restored={"identity": json.dumps({**KEPT, "customer": CUSTOMER})})
    assert chat.ask(i.SetCustomer, id=CUSTOMER, first_name="Kim") == ["save identity", "SetCustomer answered"]
    assert json.loads(chat.session.kept["identity"])["first_name"] == "Kim"


@pytest.mark.parametrize(
    "fields",
    [
        {"id": ""},
        {"id": "half \ud83d"},
        {"id": "x" * 1025},
        {"id": "x", "first_name": "\udc00"},
        {"id": "x", "last_name": "x" * 1025},
    ],
    ids=["empty", "broken", "long", "broken name", "long name"],
)
def test_a_customer_that_cannot_be_sent_is_refused(fields: dict[str, str]) -> None:
    chat = Alone()
    assert chat.ask(i.SetCustomer, **fields) == ["SetCustomer refused invalid_value"]
    assert chat.leaf.identity == Identity()


@pytest.mark.row("R17", "R35")
def test_a_save_of_an_earlier_attempt_registers_nobody_twice() -> None:
    chat = reach(S.CONFIGURATION)
    assert chat.reply("GET configuration") == ["save identity"]
    chat.ask(i.Disconnect)
    chat.ask(i.Prepare)
    assert chat.reply("GET configuration") == []  # waits for the save that is still under way
    assert chat.saved() == ["PUT visitor"]
    assert chat.saved() == []


def test_an_identity_that_cannot_be_kept_in_time_is_told_and_used() -> None:
    chat = reach(S.CONFIGURATION)
    chat.store_answers = False
    chat.reply("GET configuration")
    assert chat.wait(9.9) == []
    assert chat.wait(0.1) == ["SaveLost", "PUT visitor"]
    assert chat.saved() == []
    assert chat.session.counts["stale completions"] == 1
