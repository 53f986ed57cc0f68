"""The bounds of a session, and the odd ends of what a thread is asked or told."""

import pytest

from deskline_center import controls as k
from deskline_core import inputs as i
from deskline_core.errors import RefusalCode
from deskline_core.events import MessageReceived, MessageStatusChanged
from deskline_core.policy import Policy
from tests.playbook import Chat, push


def test_threads_are_bounded_and_ended_ones_make_room() -> None:
    chat = Chat("multi", policy=Policy(threads=2)).open()
    first, second = chat.start(), chat.start()
    assert chat.refused(i.StartThread) is RefusalCode.LIMIT_REACHED
    chat.ask(i.ArchiveThread, thread=first)
    third = chat.start()
    assert list(chat.session.threads) == [second, third]


def test_threads_made_elsewhere_are_bounded_too() -> None:
    chat = Chat("multi", policy=Policy(threads=1))
    thread = chat.conversation()
    for number in range(3):
        chat.hear(push("MessageCreated", {"message": message(f"m{number}", f"elsewhere {number}")}))
    assert list(chat.session.threads) == [thread]
    assert chat.session.counts["threads over the limit"] == 3
    assert chat.news() == []


def message(id: str, thread: str = "", **rest: object) -> dict[str, object]:
    return {
        "idOnExternalPlatform": id,
        "createdAt": "2026-05-28T20:30:00+00:00",
        "messageContent": {"type": "TEXT", "payload": {"text": id}},
        "direction": "outbound",
        **({"threadIdOnExternalPlatform": thread} if thread else {}),
        **rest,
    }


@pytest.mark.parametrize("where", ["message", "thread", "case"])
def test_a_message_names_its_thread_in_any_of_three_places(where: str) -> None:
    chat = Chat("single")
    thread = chat.conversation()
    data: dict[str, object] = {"message": message("m", thread if where == "message" else "")}
    if where == "thread":
        data["thread"] = {"idOnExternalPlatform": thread}
    if where == "case":
        data["case"] = {"id": chat.thread.contact, "threadIdOnExternalPlatform": thread, "status": "open"}
    chat.hear(push("MessageCreated", data))
    assert [event.text for event in chat.news(MessageReceived)] == ["m"]


def test_a_message_that_names_no_thread_is_dropped_and_counted() -> None:
    chat = Chat("multi")
    chat.conversation()
    chat.hear(push("MessageCreated", {"message": message("m")}))
    assert chat.session.counts["messages of unknown threads"] == 1
    assert chat.news() == []


def test_a_copy_that_was_seen_already_says_so() -> None:
    chat = Chat("single")
    thread = chat.conversation()
    chat.control(k.Hold(match="MessageCreated", seconds=5))
    mine = chat.say(thread, "hello?")
    statistics = {"seenAt": "2026-05-28T20:30:00+00:00"}
    copy = message(mine, thread, direction="inbound", userStatistics=statistics)
    chat.hear(push("MessageCreated", {"message": copy, "thread": {"idOnExternalPlatform": thread}}))
    statuses = [event.status for event in chat.told(MessageStatusChanged) if event.message == mine]
    assert statuses[-2:] == ["delivered", "seen"]
    chat.advance(6)
    assert chat.status(mine) == "seen"  # the later copy without it changes nothing


def test_answers_that_cannot_be_sent_are_refused() -> None:
    chat = Chat("single", policy=Policy(max_field=5)).open()
    for value in ("123456", "\ud83d"):
        assert chat.refused(i.StartThread, answers=(("order", value),)) is RefusalCode.INVALID_VALUE
    assert not chat.session.threads


def test_more_answers_than_there_may_be_fields_are_refused() -> None:
    chat = Chat("single", policy=Policy(max_fields=2))
    answers = tuple((f"q{number}", "x") for number in range(3))
    assert chat.refused(i.StartThread, answers=answers) is RefusalCode.LIMIT_REACHED
    chat.open()
    assert chat.refused(i.StartThread, answers=answers) is RefusalCode.LIMIT_REACHED
    assert not chat.session.threads
    assert len(chat.session.threads[chat.start(answers=answers[:2])].fields) == 2


def test_the_newest_thread_that_has_not_ended_is_used_again_if_asked_so() -> None:
    chat = Chat("multi").open()
    first, second = chat.start(), chat.start()
    assert chat.start(reuse=True) == second
    chat.ask(i.ArchiveThread, thread=second)
    assert chat.start(reuse=True) == first
    chat.ask(i.ArchiveThread, thread=first)
    assert chat.start(reuse=True) not in (first, second)


def test_a_message_into_a_thread_that_is_not_open_waits_while_the_chat_is_away() -> None:
    first = Chat("multi")
    thread = first.conversation()
    kept = dict(first.session.kept)
    chat = Chat("multi", center=first.center, restored=kept, seed=b"another seed of 16 bytes", now=first.now).open()
    assert chat.state_of(thread) == "loaded"
    chat.lose()
    mine = chat.say(thread, "are you there?")
    chat.look()
    chat.back()
    assert chat.status(mine) == "delivered"
    assert chat.texts(thread) == ["hello", "are you there?"]


def test_history_is_bounded_and_its_oldest_go_first() -> None:
    chat = Chat("single", policy=Policy(history=3))
    thread = chat.conversation("0")
    for number in range(1, 6):
        chat.advance(1)
        chat.say(thread, str(number))
    assert chat.texts(thread) == ["3", "4", "5"]
    chat.lose()
    chat.look()
    chat.back()
    assert chat.texts(thread) == ["3", "4", "5"]
    assert chat.news(MessageReceived) == []  # those that went are no news
