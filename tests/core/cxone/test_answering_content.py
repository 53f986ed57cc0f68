"""What is sent back for content: buttons and slots that were chosen, and the hidden word that some cannot be shown."""

from typing import Any

import pytest

from deskline_center import controls as k
from deskline_core import inputs as i
from deskline_core.events import HistoryLoaded, MessageReceived
from deskline_core.model import ContentKind
from deskline_core.policy import Policy
from tests.playbook import Chat, Frame, push

FLAG = "isUnsupportedMessageTypeAnswer"
HOLOGRAM = {"type": "HOLOGRAM", "payload": {"elements": [{"type": "BEAM"}]}, "fallbackText": "Please update your app"}
REPLIES = {
    "type": "QUICK_REPLIES",
    "payload": {
        "text": {"content": "When?"},
        "actions": [
            {"type": "REPLY_BUTTON", "text": "Early", "postback": "slot:early"},
            {"type": "REPLY_BUTTON", "text": "Whenever"},
        ],
    },
}
PICKER = {
    "type": "LIST_PICKER",
    "payload": {"title": {"content": "Colours"}, "actions": [{"text": "Moss", "postback": "glaze/moss"}]},
}
SLOTS = {
    "type": "TIME_PICKER",
    "payload": {"event": {"timeSlots": [{"id": "t1", "duration": 1800, "startTime": "2026-03-06T09:00:00+00:00"}]}},
}
MENU = {
    "type": "PLUGIN",
    "payload": {
        "elements": [{"type": "MENU", "elements": [{"type": "BUTTON", "text": "Repairs", "postback": "menu/repairs"}]}]
    },
    "fallbackText": "A menu",
}


def answers(frames: list[Frame]) -> list[dict[str, Any]]:
    """Return the data of the hidden answers among frames."""
    sent = (frame.data for frame in frames if frame.kind == "SendMessage")
    return [data for data in sent if FLAG in data["messageContent"].get("parameters", {})]


def choose(chat: Chat, thread: str, number: int = 0) -> Any:
    """Choose what the newest message offers, as the app would; return the frame's data."""
    choice = chat.session.threads[thread].messages[-1].choices[number]
    chat.look()
    chat.ask(i.SendMessage, thread=thread, text=choice.text, postback=choice.postback)
    return chat.wrote()[-1].data


# --- choosing ---


@pytest.mark.row("M7")
@pytest.mark.parametrize(
    ("content", "number", "text", "postback"),
    [
        (REPLIES, 0, "Early", "slot:early"),
        (PICKER, 0, "Moss", "glaze/moss"),
        (SLOTS, 0, "2026-03-06T09:00:00+00:00", "t1"),
        (MENU, 0, "Repairs", "menu/repairs"),
    ],
)
def test_a_choice_goes_with_its_postback_in_both_places_to_its_own_thread(
    content: dict[str, Any], number: int, text: str, postback: str
) -> None:
    chat = Chat("multi")
    first = chat.conversation()
    second = chat.start()
    chat.say(second, "another matter")
    chat.control(k.AgentSays(thread=first, content=content))
    data = choose(chat, first, number)
    assert data["thread"]["idOnExternalPlatform"] == first
    assert data["messageContent"] == {
        "type": "TEXT",
        "payload": {"text": text, "postback": postback},
        "postback": postback,
    }
    got = chat.far(first).messages[-1]
    assert (got.content["payload"]["text"], got.content["postback"]) == (text, postback)
    shown = chat.session.threads[first].messages[-1]
    assert (shown.text, shown.postback, shown.status) == (text, postback, "delivered")
    assert chat.texts(second) == ["another matter"]


def test_a_choice_without_a_postback_is_its_text() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.control(k.AgentSays(content=REPLIES))
    content = choose(chat, thread, 1)["messageContent"]
    assert content == {"type": "TEXT", "payload": {"text": "Whenever"}}


# --- content that cannot be shown ---


@pytest.mark.row("M10")
@pytest.mark.parametrize("mode", ["single", "multi", "live"])
def test_the_other_side_is_told_once_and_hidden(mode: Any) -> None:
    chat = Chat(mode)
    thread = chat.conversation()
    shown = len(chat.texts(thread))
    chat.control(k.Repeat(match="MessageCreated"))
    chat.control(k.AgentSays(content=HOLOGRAM))
    (answer,) = answers(chat.wrote())
    assert answer["messageContent"] == {
        "type": "TEXT",
        "payload": {"text": "This message could not be shown."},
        "parameters": {FLAG: True},
    }
    assert answer["thread"]["idOnExternalPlatform"] == thread
    assert chat.texts(thread)[shown:] == ["Please update your app"]
    (told,) = chat.news(MessageReceived)
    assert told.message.kind is ContentKind.UNKNOWN
    assert chat.far(thread).messages[-1].content["parameters"] == {FLAG: True}
    assert len(chat.session._vendor.delivery.outbox) == 0  # type: ignore[attr-defined]


@pytest.mark.row("M10")
def test_the_hidden_answer_stays_hidden_in_recovery_and_in_older_pages() -> None:
    chat = Chat("single", settings={"page_size": 2})
    thread = chat.conversation()
    chat.control(k.AgentSays(content=HOLOGRAM))
    for number in range(3):
        chat.say(thread, f"later {number}")
    seen = ["hello", "Please update your app", "later 0", "later 1", "later 2"]
    assert chat.texts(thread) == seen
    chat.look()
    chat.lose()
    chat.back()
    assert chat.texts(thread) == seen
    assert answers(chat.wrote()) == []  # and what was answered is not answered again
    fresh = Chat("single", center=chat.center, restored=chat.session.kept, now=chat.now)
    fresh.open()
    while fresh.session.threads[thread].has_more:
        fresh.ask(i.LoadMore, thread=thread)
    assert fresh.texts(thread) == seen
    loaded = [message.text for event in fresh.told(HistoryLoaded) for message in event.messages]
    assert sorted(loaded) == sorted(seen)
    assert answers(fresh.wrote()) == []


def test_what_came_while_away_is_shown_and_not_answered() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.lose()
    chat.control(k.AgentSays(content=HOLOGRAM))
    chat.back()
    assert chat.texts(thread)[-1] == "Please update your app"
    assert answers(chat.wrote()) == []


def test_nobody_is_told_by_policy() -> None:
    chat = Chat("single", policy=Policy(unsupported_text=""))
    thread = chat.conversation()
    chat.control(k.AgentSays(content=HOLOGRAM))
    assert chat.texts(thread)[-1] == "Please update your app"
    assert chat.wrote() == []


def test_nobody_is_told_of_a_thread_that_is_not_open() -> None:
    chat = Chat("live")
    thread = chat.conversation()
    chat.control(k.CloseContact())
    chat.look()
    chat.hear(push("MessageCreated", {"message": raw(thread, HOLOGRAM)}))
    assert chat.texts(thread)[-1] == "Please update your app"
    assert chat.wrote() == []


def test_the_far_side_cannot_fill_the_outbox() -> None:
    chat = Chat("single", policy=Policy(outbox=3))
    chat.conversation()
    chat.unwritten = True
    for number in range(10):
        chat.hear(push("MessageCreated", {"message": raw(chat.thread.id, HOLOGRAM, f"m-{number}")}))
    assert len(answers(chat.wrote())) == 3


@pytest.mark.parametrize("type_", ["TEXT", "QUICK_REPLIES", "RICH_LINK", "ADAPTIVE_CARD", "STREAMED", "POSTBACK"])
def test_what_can_be_shown_is_not_answered(type_: str) -> None:
    chat = Chat("single")
    chat.conversation()
    chat.control(k.AgentSays(content={"type": type_, "payload": {}, "fallbackText": "f"}))
    assert answers(chat.wrote()) == []


@pytest.mark.parametrize("type_", ["FILE", "FORM", "HOLOGRAM", "PLUGIN"])
def test_what_cannot_be_shown_is_answered(type_: str) -> None:
    chat = Chat("single")
    chat.conversation()
    chat.control(k.AgentSays(content={"type": type_, "payload": {}, "fallbackText": "f"}))
    assert len(answers(chat.wrote())) == 1


# --- one that cannot be read loses nothing else ---


def raw(thread: str, content: dict[str, Any], id: str = "m-1", **rest: Any) -> dict[str, Any]:
    return {
        "idOnExternalPlatform": id,
        "threadIdOnExternalPlatform": thread,
        "messageContent": content,
        "createdAt": "2026-06-01T10:00:00+00:00",
        "direction": "outbound",
        **rest,
    }


def test_content_of_every_odd_kind_in_one_conversation() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    contents: list[dict[str, Any]] = [REPLIES, {"type": "NEW"}, {"type": "FILE", "payload": 5}, PICKER]
    for number, content in enumerate(contents):
        chat.hear(push("MessageCreated", {"message": raw(thread, content, f"m-{number}", attachments="odd")}))
    assert [message.kind for message in chat.session.threads[thread].messages[1:]] == [
        ContentKind.QUICK_REPLIES,
        ContentKind.UNKNOWN,
        ContentKind.UNKNOWN,
        ContentKind.LIST_PICKER,
    ]
