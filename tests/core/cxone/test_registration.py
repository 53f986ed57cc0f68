"""Where pushes to the device go: kept until it is replaced, and told with every registration of the visitor."""

import json
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.events import ErrorReceived
from deskline_core.values import Secret
from tests.core.cxone.alone import Alone, reach

DEVICE: dict[str, Any] = {"token": Secret("device-0123456789")}


def told(chat: Alone) -> object:
    """Return the device that the newest registration names."""
    return json.loads(chat.call("PUT visitor").body)["browserFingerprint"].get("deviceToken")


@pytest.mark.row("C4")
def test_a_device_is_told_at_once_with_every_prepare_and_in_the_next_run() -> None:
    chat = reach(S.PREPARED)
    assert told(chat) is None
    assert chat.ask(i.RegisterDevice, **DEVICE) == ["save identity", "RegisterDevice answered", "PUT visitor"]
    assert told(chat) == "device-0123456789"
    assert chat.reply("PUT visitor") == []
    assert chat.ask(i.RegisterDevice, **DEVICE) == ["RegisterDevice answered"]  # known already
    chat.ask(i.Prepare)
    chat.reply("GET configuration")
    assert told(chat) == "device-0123456789"
    again = reach(S.VISITOR, restored=dict(chat.session.kept), seed=b"another seed of enough bytes")
    assert told(again) == "device-0123456789"


@pytest.mark.row("C4")
def test_a_device_from_before_the_prepare_travels_with_it() -> None:
    chat = Alone()
    assert chat.ask(i.RegisterDevice, **DEVICE) == ["save identity", "RegisterDevice answered"]
    chat.ask(i.Prepare)
    chat.reply("GET configuration")
    chat.saved()
    assert told(chat) == "device-0123456789"
    assert chat.reply("PUT visitor") == ["chat prepared", "Prepare answered"]


def test_a_device_from_amid_the_prepare_is_told_after_it() -> None:
    chat = reach(S.VISITOR)
    assert chat.ask(i.RegisterDevice, **DEVICE) == ["save identity", "RegisterDevice answered"]
    assert chat.reply("PUT visitor") == ["chat prepared", "Prepare answered", "PUT visitor"]
    assert told(chat) == "device-0123456789"


def test_a_device_may_be_taken_back() -> None:
    chat = reach(S.PREPARED)
    chat.ask(i.RegisterDevice, **DEVICE)
    assert chat.ask(i.RegisterDevice, token=Secret(""))[-1] == "PUT visitor"
    assert told(chat) is None


@pytest.mark.parametrize("answered", [True, False])
def test_a_registration_that_comes_to_nothing_is_told(answered: bool) -> None:
    chat = reach(S.PREPARED)
    chat.ask(i.RegisterDevice, **DEVICE)
    if answered:
        assert chat.reply("PUT visitor", b"", status=400) == ["ErrorReceived"]
        cause = "the visitor request was answered 400"
    else:
        for _ in range(3):
            chat.fail("PUT visitor")
            chat.wait(5)
        assert chat.fail("PUT visitor") == ["ErrorReceived"]
        cause = "no network"
    assert chat.told[-1] == ErrorReceived(code="CreateOrUpdateVisitorFailed", text=cause)


@pytest.mark.parametrize("resting", [True, False])
def test_the_newest_device_is_the_last_one_told(resting: bool) -> None:
    chat = reach(S.PREPARED)
    chat.ask(i.RegisterDevice, **DEVICE)
    if resting:
        assert chat.reply("PUT visitor", b"", status=503) == []
    words = chat.ask(i.RegisterDevice, token=Secret("another"))
    assert words[2:] == (["PUT visitor"] if resting else ["cancel PUT visitor", "PUT visitor"])
    assert chat.reply("PUT visitor") == []
    assert chat.wait(10) == []  # the older one is not repeated
    assert told(chat) == "another"


def test_a_prepare_takes_the_place_of_an_older_registration() -> None:
    chat = reach(S.PREPARED)
    chat.ask(i.RegisterDevice, **DEVICE)
    chat.saved()
    chat.reply("PUT visitor", b"", status=503)
    chat.ask(i.Prepare)
    assert chat.reply("GET configuration") == ["PUT visitor"]
    assert chat.reply("PUT visitor") == ["chat prepared", "Prepare answered"]
    assert chat.wait(10) == []


def test_a_device_whose_registration_failed_can_be_told_again() -> None:
    chat = reach(S.PREPARED)
    chat.ask(i.RegisterDevice, **DEVICE)
    chat.reply("PUT visitor", b"", status=400)
    assert chat.ask(i.RegisterDevice, **DEVICE) == ["RegisterDevice answered", "PUT visitor"]
    assert told(chat) == DEVICE["token"].reveal()
    chat.reply("PUT visitor")
    assert chat.ask(i.RegisterDevice, **DEVICE) == ["RegisterDevice answered"]


def test_a_device_is_refused_where_nothing_can_come_of_it() -> None:
    for state, code in ((S.SIGNING_OUT, "chat_closed"), (S.UNSUPPORTED, "version_refused")):
        assert reach(state).ask(i.RegisterDevice, **DEVICE) == [f"RegisterDevice refused {code}"]
    assert reach(S.INITIAL).ask(i.RegisterDevice, token=Secret("x" * 40_000)) == [
        "RegisterDevice refused invalid_value"
    ]


def test_signing_out_forgets_the_device() -> None:
    chat = reach(S.PREPARED)
    chat.ask(i.RegisterDevice, **DEVICE)
    chat.ask(i.SignOut)
    chat.saved()
    chat.ask(i.Prepare)
    chat.reply("GET configuration")
    chat.saved()
    assert told(chat) is None


def test_a_device_does_not_show() -> None:
    chat = reach(S.PREPARED)
    chat.ask(i.RegisterDevice, **DEVICE)
    assert "device-0123456789" not in repr(chat.log) + repr(chat.leaf.identity) + repr(
        i.RegisterDevice(request=1, **DEVICE)
    )


def test_a_registration_whose_prepare_was_stopped_is_not_made() -> None:
    chat = Alone()
    chat.ask(i.Prepare)
    chat.reply("GET configuration")
    chat.ask(i.Disconnect)
    assert chat.saved() == []
