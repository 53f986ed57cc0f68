"""Where pushes go, and the pushes that come (section 3.13; B54-B56; flow F3)."""

import json
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.events import ErrorReceived
from deskline_core.model import PushNetwork
from deskline_core.values import Secret
from tests.core.brightpattern.alone import (
    CHAT,
    ENDED,
    HISTORY,
    POLL,
    STEADY,
    TIMED_OUT,
    V1,
    Alone,
    ready,
    said,
    status,
    talking,
)

TOLD = "POST notifications"
DEVICE: dict[str, Any] = {"token": Secret("device-0123456789"), "network": PushNetwork.FIREBASE_ANDROID}
APPLE: dict[str, Any] = {"token": Secret("0a1b2c"), "network": PushNetwork.APNS, "app": "com.acme.chat"}
NONE: dict[str, Any] = {"token": Secret("")}


def register(chat: Alone, **device: Any) -> list[str]:
    """Say where pushes go."""
    return chat.ask(i.RegisterDevice, **(device or DEVICE))


def body(chat: Alone) -> Any:
    """Return what the far side was told last."""
    return json.loads(chat.sent(TOLD).body)


def subscribed() -> Alone:
    """Return a session whose device is known to the far side."""
    chat = talking()
    register(chat)
    chat.reply(TOLD, {})
    chat.saved()
    return chat


@pytest.mark.row("B56")
def test_a_device_is_told_at_once_where_there_is_a_chat_and_only_when_it_changes() -> None:
    chat = talking()
    assert register(chat) == ["save identity", "RegisterDevice answered", TOLD]
    assert (
        chat.sent(TOLD)
        .url.reveal()
        .startswith(f"https://acme.brightpattern.com/clientweb/api/v2/chats/{CHAT}/notifications?")
    )
    assert body(chat) == {"android_firebase_device_token": "device-0123456789"}
    assert not chat.leaf.device.is_subscribed
    assert chat.reply(TOLD, {}) == []
    assert chat.leaf.device.is_subscribed
    assert register(chat) == ["RegisterDevice answered"]
    assert register(chat, **APPLE)[-1] == TOLD
    assert body(chat) == {"ios_apns_device_token": "0a1b2c", "ios_app_bundle_id": "com.acme.chat"}
    assert not chat.leaf.device.is_subscribed
    register(chat, token=Secret("t"), network=PushNetwork.FIREBASE_IOS)
    assert body(chat) == {"ios_firebase_device_token": "t"}


@pytest.mark.row("B4")
def test_a_device_from_before_is_told_in_each_chat_once() -> None:
    chat = ready()
    assert register(chat) == ["save identity", "RegisterDevice answered"]
    for id in (CHAT, "next"):
        chat.ask(i.StartThread)
        words = chat.reply("POST chats", {"chat_id": id, "state": "queued", "is_new_chat": True})
        assert words.count(TOLD) == 1
        chat.reply(TOLD, {})
        assert chat.leaf.device.is_subscribed
        chat.hear(ENDED)


def test_a_device_of_the_run_before_is_told_again_with_the_chat_of_then() -> None:
    first = subscribed()
    chat = Alone(restored=dict(first.session.kept), seed=b"another seed of enough bytes")
    chat.ask(i.Open)
    chat.saved()
    chat.reply("GET parameters", {"parameters": []})
    assert TOLD in chat.history(status("connected"))
    assert body(chat) == {"android_firebase_device_token": "device-0123456789"}


def test_a_device_is_taken_back_where_it_was_told() -> None:
    chat = talking()
    assert register(chat, **NONE) == ["RegisterDevice answered"]
    register(chat)
    chat.reply(TOLD, {})
    assert register(chat, **NONE)[-1] == TOLD
    assert body(chat) == {}
    chat.reply(TOLD, {})
    assert not chat.leaf.device.is_subscribed


def test_taking_it_back_is_tried_again_with_the_next_return() -> None:
    chat = subscribed()
    register(chat, **NONE)
    refuse_for_good(chat)
    chat.fail(POLL)
    chat.wait(1)
    assert TOLD in chat.history()
    assert body(chat) == {}


def refuse_for_good(chat: Alone) -> list[str]:
    """Let the subscription fail until it is given up."""
    words: list[str] = []
    while TOLD in chat.open_calls():
        words = chat.deny(TOLD, "5500", 500)
        if not words:
            assert chat.wait(5) == [TOLD]
    return words


@pytest.mark.row("B56")
@pytest.mark.parametrize("code", ["5603", ""])
def test_pushes_that_are_not_offered_are_off_for_this_chat(code: str) -> None:
    chat = talking()
    register(chat)
    assert chat.deny(TOLD, code, 406) == [f"error {code or 'notifications'}"]
    (told,) = chat.told(ErrorReceived)
    assert told.text.startswith("pushes are off: ")
    assert told.thread == CHAT
    assert not chat.leaf.device.is_subscribed
    chat.fail(POLL)
    chat.wait(1)
    assert TOLD not in chat.history()


def test_a_subscription_that_failed_on_the_way_is_told_with_the_next_return() -> None:
    chat = talking()
    register(chat)
    assert refuse_for_good(chat) == ["error 5500"]
    chat.fail(POLL)
    chat.wait(1)
    assert TOLD in chat.history()


def test_a_subscription_of_a_chat_that_is_gone_is_no_news() -> None:
    chat = talking()
    register(chat)
    assert chat.deny(TOLD, "5005") == []
    chat = talking()
    register(chat)
    chat.hear(ENDED)
    assert chat.reply(TOLD, status=406) == []


def test_the_newest_device_is_the_last_one_told() -> None:
    chat = talking()
    register(chat)
    assert register(chat, **APPLE)[2:] == [f"stop {TOLD}", TOLD]


@pytest.mark.parametrize(
    ("device", "says"),
    [
        ({"token": Secret("x")}, "a device's token is of one network: its name is missing"),
        ({"token": Secret("x"), "network": PushNetwork.APNS}, "pushes by Apple's service need the app's id"),
        ({**DEVICE, "token": Secret("x" * 40_000)}, "the device's token is longer than 32768 characters"),
        ({**DEVICE, "app": "x" * 1025}, "the app's id is longer than 1024 characters"),
    ],
)
def test_a_device_that_cannot_be_told_is_refused(device: dict[str, Any], says: str) -> None:
    chat = ready()
    assert register(chat, **device) == ["RegisterDevice refused invalid_value"]
    assert chat.refusal[1] == says


def test_an_older_center_has_no_pushes() -> None:
    chat = ready(site=V1)
    assert register(chat) == ["RegisterDevice refused not_supported"]
    assert chat.ask(i.NotePush, conversation=CHAT) == ["NotePush refused not_supported"]


def test_a_site_that_became_an_older_one_is_told_nothing() -> None:
    kept = dict(subscribed().session.kept)
    chat = Alone(site=V1, restored=kept, seed=b"another seed of enough bytes")
    chat.ask(i.Open)
    chat.saved()
    chat.reply("GET parameters", {"parameters": []})
    assert TOLD not in chat.history(status("connected"))


def test_signing_out_forgets_the_device() -> None:
    chat = subscribed()
    chat.ask(i.SignOut)
    chat.saved()
    assert not chat.leaf.device.is_subscribed
    assert "device-0123456789" not in str(chat.session.kept)


def test_a_device_does_not_show() -> None:
    chat = subscribed()
    shown = repr(chat.log) + repr(chat.leaf.identity.kept) + repr(i.RegisterDevice(request=1, **DEVICE))
    assert "device-0123456789" not in shown


# --- pushes that come ---


def push(chat: Alone, conversation: str = CHAT) -> tuple[list[str], object]:
    """Note a push; return what came of it, and the answer."""
    words = chat.ask(i.NotePush, conversation=conversation)
    return words, chat.answers.get(chat.asked)


@pytest.mark.row("B54")
def test_a_push_of_the_living_chat_brings_the_poll_back() -> None:
    chat = subscribed()
    assert push(chat) == (["NotePush answered"], True)  # its poll is open
    chat.ask(i.EnterBackground)
    assert chat.hear(said("One")) == ["heard One"]  # and rests
    chat.wait(600)
    words, is_ours = push(chat)
    assert is_ours is True
    assert words == ["NotePush answered", HISTORY]
    assert chat.history(said("Two", "6")) == ["heard Two", POLL]


def test_a_push_out_of_sight_has_one_more_poll_follow_an_open_one() -> None:
    chat = subscribed()
    chat.ask(i.EnterBackground)
    assert push(chat) == (["NotePush answered"], True)
    assert chat.hear() == [POLL]  # it was answered before there was anything to push
    assert chat.hear(said("One")) == ["heard One"]
    assert chat.open_calls() == []


@pytest.mark.row("B54")
def test_a_push_amid_a_wait_tries_again_at_once() -> None:
    chat = subscribed()
    chat.fail(POLL)
    assert push(chat)[0] == ["NotePush answered", "chat connected", HISTORY]


@pytest.mark.row("B55")
def test_a_push_finds_a_chat_that_is_not_known_here() -> None:
    chat = ready()
    words, is_ours = push(chat)
    assert is_ours is True
    assert words[-1] == HISTORY
    words = chat.history(status("connected"), said("One"))
    assert "thread open" in words
    assert "loaded One" in words


@pytest.mark.row("B55")
def test_a_push_after_the_end_finds_the_next_chat() -> None:
    chat = talking()
    chat.hear(ENDED)
    assert push(chat, CHAT)[1] is False
    assert push(chat, "next")[1] is True
    assert "thread open" in chat.history(status("queued"))
    assert chat.thread.id == "next"


def test_a_push_that_names_nothing_is_ignored() -> None:
    assert push(Alone(), "") == (["NotePush answered"], False)


@pytest.mark.row("B55")
def test_a_chat_that_a_push_told_of_is_looked_for_until_somebody_can_tell() -> None:
    chat = ready(policy=STEADY)
    assert "save chat" not in push(chat, "next")[0]
    chat.fail(HISTORY)
    assert chat.wait(1)[-1] == HISTORY
    words = chat.history(status("queued"))
    assert {"thread open", "save chat"} <= set(words)
    assert chat.thread.id == "next"


def test_what_came_after_the_end_of_one_chat_is_news_in_the_next() -> None:
    chat = talking()
    chat.hear(TIMED_OUT, ENDED)  # a second end that changes nothing
    push(chat, "next")
    chat.history(status("connected"))
    chat.hear(ENDED)
    assert "thread ended" in chat.history(status("connected"))


@pytest.mark.parametrize("answer", [200, 406])
def test_out_of_sight_it_is_polled_again_when_pushes_end(answer: int) -> None:
    chat = subscribed()
    chat.ask(i.EnterBackground)
    chat.hear()
    assert chat.session.next_deadline is None
    register(chat, **(NONE if answer == 200 else APPLE))
    chat.reply(TOLD, {}, status=answer)
    assert chat.wait(chat.session.policy.background_poll)[-1:] == [POLL]


@pytest.mark.parametrize("status_", [403, 400, 404])
def test_a_push_of_somebody_elses_chat_takes_nothing_down(status_: int) -> None:
    chat = ready(policy=STEADY)
    push(chat, "theirs")
    chat.reply(HISTORY, status=status_)
    chat.reply("GET availability", {"chat": "available"})
    assert (chat.session.state, dict(chat.session.threads)) == ("ready", {})
    chat.ask(i.Disconnect)
    assert "GET availability" in chat.ask(i.Open)  # and it is not looked for again
