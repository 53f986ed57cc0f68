"""A Bright Pattern session that goes on where an earlier run was left: what waits, what is in doubt, what is known."""

import json
from typing import Any

import pytest

from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.lifecycle import MessageStatus
from deskline_core.policy import Policy
from tests.core.brightpattern.alone import AGENT, CHAT, ENDED, HISTORY, SEND, STEADY, Alone, joined, said, status

FILES = "POST files"


def message(id: str, text: str, order: int = 1, **more: Any) -> dict[str, str]:
    """Return the record of a message."""
    fields = {
        "order": order, "id": id, "thread": CHAT, "party": {"id": CHAT, "role": "customer"},
        "at": "2026-05-28T20:26:46Z", "stage": "waits", "text": text, **more,
    }  # fmt: skip
    return {f"message.{id}": json.dumps(fields)}


def kept(**told: str) -> dict[str, str]:
    """Return the records of a client with a living chat."""
    return {"identity": '{"client_id": "c-1"}', "chat": CHAT, f"thread.{CHAT}": json.dumps({"told": told})}


def restored(records: dict[str, str], **rest: Any) -> Alone:
    """Return a durable session that found these records, and waits for the history."""
    chat = Alone(restored=records, durable=True, **rest)
    chat.ask(i.Open)
    chat.saved()
    chat.reply("GET parameters", {"parameters": []})
    assert chat.open_calls() == [HISTORY]
    return chat


def serve(chat: Alone, *events: dict[str, Any]) -> list[str]:
    """Answer the history, and have the store note what follows."""
    return chat.history(joined(), status("connected"), *events) + chat.saved()


def own(text: str, id: str) -> dict[str, Any]:
    """Return a message of the customer's as histories have it."""
    return said(text, id, party=CHAT)


def test_what_waited_goes_in_order_one_at_a_time() -> None:
    chat = restored(kept() | message("m-2", "two", 2) | message("m-1", "one"))
    assert [outgoing.text for outgoing in chat.session.outbox] == ["one", "two"]
    assert chat.thread.state == "open"
    serve(chat)
    assert chat.posted()["msg"] == "one"
    chat.reply(SEND)
    assert chat.posted()["msg"] == "one"
    chat.saved()
    assert (chat.posted()["msg"], chat.posted()["msg_id"]) == ("two", "m-2")


def test_what_may_have_left_is_found_in_the_history() -> None:
    chat = restored(kept() | message("m-1", "one", stage="left") | message("m-2", "two", 2))
    chat.ask(i.AwaitSettled, message="m-1")
    number = chat.asked
    serve(chat, own("one", "m-1"))
    assert chat.answers[number] == MessageStatus.DELIVERED
    assert chat.posted()["msg"] == "two"
    assert "message.m-1" not in chat.session.kept


@pytest.mark.parametrize("again", [False, True])
def test_what_is_not_found_has_failed_or_is_sent_again_by_policy(again: bool) -> None:
    policy = Policy(backoff=STEADY.backoff, resend_uncertain=again)
    chat = restored(kept(told=f"{AGENT}:4") | message("m-1", "one", stage="left"), policy=policy)
    serve(chat, said("hi"))
    (outgoing,) = chat.session.outbox
    assert outgoing.status == ("sending" if again else "failed")
    if not again:
        assert outgoing.cause == "not found in the conversation's history"
        chat.ask(i.RetryMessage, message="m-1")
        chat.saved()
    assert (chat.posted()["msg_id"], chat.posted()["msg"]) == ("m-1", "one")


def test_what_was_told_is_history_and_what_came_since_is_news_and_gets_its_receipt() -> None:
    chat = restored(kept(told=f"{AGENT}:4", last="m-1"))
    chat.history(joined(), said("old"), own("mine", "m-1"), said("new", "6"), status("connected"))
    (page,) = chat.told(e.HistoryLoaded)
    assert [message.text for message in page.messages] == ["old", "mine"]
    assert [event.message.text for event in chat.told(e.MessageReceived)] == ["new"]
    assert (chat.posted()["event"], chat.posted()["ref_msg_id"]) == ("chat_session_message_delivered", "6")


@pytest.mark.parametrize("over", [[ENDED], None])
def test_a_conversation_that_ended_while_away_takes_what_waits_along(over: list[dict[str, Any]] | None) -> None:
    records = kept() | message("m-1", "one") | message("m-2", "two", 2, stage="left")
    records |= message("m-3", "three", 3, stage="failed", cause="refused")
    chat = restored(records)
    if over is None:
        chat.deny(HISTORY, "5005")
    else:
        chat.history(joined(), said("hi"), *over)
    chat.wait(1)
    seen = {outgoing.text: (outgoing.status, outgoing.cause) for outgoing in chat.session.outbox}
    assert seen.pop("one") == ("failed", "the conversation ended before the message was sent")
    assert seen.pop("three") == ("failed", "refused")
    assert seen["two"][0] == ("failed" if over else "uncertain")
    assert (chat.session.kept.get("chat"), f"thread.{CHAT}" in chat.session.kept) == (None, False)


def test_messages_of_a_chat_of_which_nothing_is_known_are_not_sent_into_another() -> None:
    records = {"identity": '{"client_id": "c-1"}'} | message("m-1", "one") | message("m-2", "two", 2, stage="left")
    chat = Alone(restored=records | {"thread.other": "{}"}, durable=True)
    chat.ask(i.Open)
    chat.saved()
    chat.reply("GET parameters", {"parameters": []})
    chat.deny("GET active", "5005")
    chat.reply("GET availability", {"chat": "available"})
    chat.wait(0)
    assert [outgoing.status for outgoing in chat.session.outbox] == ["failed", "uncertain"]
    assert "thread.other" not in chat.session.kept
    chat.ask(i.AwaitSettled, message="m-2")
    assert chat.answers[chat.asked] == MessageStatus.UNCERTAIN


def test_a_chat_that_is_known_by_its_id_alone_has_its_messages_sent() -> None:
    records = {"identity": '{"client_id": "c-1"}', "chat": CHAT} | message("m-1", "one")
    chat = restored(records)
    serve(chat, said("hi"))
    assert chat.posted()["msg"] == "one"
    assert [len(page.messages) for page in chat.told(e.HistoryLoaded)] == [1]


def test_files_places_choices_and_what_came_with_them_go_on_where_they_were() -> None:
    file = {"name": "a.txt", "mime_type": "text/plain", "size": 4}
    told = {**file, "url": "https://acme.brightpattern.com/f-9", "id": "f-9"}
    place = {"latitude": 48.1, "longitude": 11.5, "url": ""}
    records = kept() | message("m-1", "", 1, files=[file], followers=["m-4", "gone"]) | {"file.m-1.0": "bm90ZQ=="}
    records |= message("m-2", "", 2, files=[told]) | message("m-3", "48.1, 11.5", 3, location=place)
    records |= message("m-4", "yes", 4, postback="choice-1")
    chat = restored(records)
    serve(chat)
    assert b"note" in chat.sent(FILES).body
    chat.reply(FILES, {"file_id": "f-1", "file_name": "a.txt"})
    posted: list[dict[str, Any]] = []
    for _ in range(4):
        chat.saved()
        posted.append(chat.posted())
        chat.reply(SEND)
    assert [event.get("file_id", event.get("latitude", event.get("msg"))) for event in posted] == [
        "f-1", "f-9", "48.1", "yes",
    ]  # fmt: skip
    assert chat.session.outbox == ()
    chat.saved()
    assert [key for key in chat.session.kept if key.startswith(("message", "file"))] == []


def test_a_file_that_is_refused_in_the_next_run_takes_what_came_with_it_along() -> None:
    file = {"name": "a.txt", "mime_type": "text/plain", "size": 4}
    records = kept() | message("m-1", "", 1, files=[file], followers=["m-2"]) | message("m-2", "look", 2)
    chat = restored(records | {"file.m-1.0": "bm90ZQ=="})
    serve(chat)
    chat.reply(FILES, {"error_message": "too large"}, status=400)
    assert [outgoing.status for outgoing in chat.session.outbox] == ["failed", "failed"]


def test_before_it_is_opened_a_restored_chat_shows_what_there_is() -> None:
    chat = Alone(restored=kept() | message("m-1", "one") | message("m-2", "two", 2, stage="left"), durable=True)
    assert [(shown.text, shown.status) for shown in chat.thread.messages] == [("one", "queued"), ("two", "uncertain")]
    chat.ask(i.SendMessage, thread=CHAT, text="three")
    assert chat.saved() == ["message queued", "SendMessage answered"]


def test_a_chat_whose_record_cannot_be_read_is_looked_for_by_its_id_alone() -> None:
    chat = restored({"chat": CHAT, f"thread.{CHAT}": "not a record"})
    assert chat.session.threads == {}
