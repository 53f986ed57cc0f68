"""A CXone session that goes on where an earlier run was left: what waits, what is in doubt, what the app knows."""

import json
from typing import Any

import pytest

from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.lifecycle import MessageStatus
from deskline_core.policy import Policy
from tests.core.cxone.alone import (
    CUSTOMER,
    START,
    THREAD,
    Alone,
    Mode,
    nothing_to_recover,
    recovered_thread,
    towards_socket,
)

WHO = json.dumps({"visitor": "10d02d8f-f1ec-49de-8b69-15f564da96ac", "customer": CUSTOMER, "destination": "d-1"})
MODES: tuple[Mode, ...] = ("single", "multi", "live")


def message(id: str, text: str, order: int = 1, **more: Any) -> dict[str, str]:
    """Return the record of a message."""
    fields = {
        "order": order, "id": id, "thread": THREAD, "party": {"id": CUSTOMER, "role": "customer"},
        "at": "2026-05-28T20:26:46Z", "stage": "waits", "text": text, **more,
    }  # fmt: skip
    return {f"message.{id}": json.dumps(fields)}


def kept(state: str = "open", **more: Any) -> dict[str, str]:
    """Return the records of a customer with one thread."""
    return {"identity": WHO, "thread": THREAD, f"thread.{THREAD}": json.dumps({"state": state, **more})}


def restored(records: dict[str, str], mode: Mode = "single", **rest: Any) -> Alone:
    """Return a durable session that found these records, on its way to ready: it has asked what there is."""
    chat = Alone(mode, restored=records, durable=True, **rest)
    chat.ask(i.Open)
    chat.reply("GET configuration")
    chat.saved()
    chat.reply("PUT visitor")
    towards_socket(chat)
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    if mode == "multi":
        listed = {"id": "1", "idOnExternalPlatform": THREAD, "canAddMoreMessages": True}
        chat.answer("FetchThreadList", "ThreadListFetched", {"threads": [listed]})
    return chat


def recover(chat: Alone, *messages: dict[str, Any], **data: Any) -> list[str]:
    """Let the thread be found, with these messages, newest first."""
    kind = "Livechat" if chat.mode == "live" else "Thread"
    return chat.answer(f"Recover{kind}", f"{kind}Recovered", recovered_thread(messages=list(messages), **data))


def not_found(chat: Alone) -> None:
    """Let the far side have no such thread."""
    if chat.mode == "live":
        nothing_to_recover(chat)
    else:
        chat.deny("RecoverThread", "RecoveringThreadFailed")


def written(id: str, text: str, *, ours: bool = False, seconds: int = 0) -> dict[str, Any]:
    """Return a message of the far side's history."""
    return {
        "id": "1", "idOnExternalPlatform": id, "threadIdOnExternalPlatform": THREAD,
        "direction": "inbound" if ours else "outbound", "createdAt": f"2026-05-28T20:26:{seconds:02}Z",
        "messageContent": {"type": "TEXT", "payload": {"text": text}},
    }  # fmt: skip


def said(chat: Alone) -> list[str]:
    """Return the texts that were written, in order."""
    return [frame["payload"]["data"]["messageContent"]["payload"]["text"]
            for name, frame in chat.frames if name == "SendMessage"]  # fmt: skip


@pytest.mark.parametrize("mode", MODES)
def test_what_waited_goes_in_order_when_its_thread_is_there(mode: Mode) -> None:
    chat = restored(kept() | message("m-2", "two", 2) | message("m-1", "one", 1), mode)
    assert [outgoing.text for outgoing in chat.session.outbox] == ["one", "two"]
    assert chat.session.threads[THREAD].state == "recovering"
    recover(chat)
    assert said(chat) == []
    chat.saved()
    assert said(chat) == ["one", "two"]


@pytest.mark.parametrize("mode", MODES)
def test_what_may_have_left_is_looked_for_and_what_follows_waits(mode: Mode) -> None:
    records = kept() | message("m-1", "one", stage="left") | message("m-2", "two", 2)
    chat = restored(records, mode)
    assert [outgoing.status for outgoing in chat.session.outbox] == ["uncertain", "queued"]
    chat.ask(i.AwaitSettled, message="m-1")
    number = chat.asked
    recover(chat, written("m-1", "one", ours=True))
    assert chat.answers[number] == MessageStatus.DELIVERED
    chat.saved()
    assert said(chat) == ["two"]
    assert "message.m-1" not in chat.session.kept
    assert chat.events(e.MessageReceived) == []


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("again", [False, True])
def test_what_is_not_found_has_failed_or_is_sent_again_by_policy(mode: Mode, again: bool) -> None:
    policy = Policy(resend_uncertain=again)
    chat = restored(kept() | message("m-1", "one", stage="left", writes=1), mode, policy=policy)
    recover(chat, written("a-1", "hi"))
    chat.saved()
    (outgoing,) = chat.session.outbox
    assert (outgoing.status, said(chat)) == (("sending", ["one"]) if again else ("failed", []))
    if not again:
        assert outgoing.cause == "not found in the recovered history"
        chat.ask(i.RetryMessage, message="m-1")
        chat.saved()
        assert said(chat) == ["one"]


def test_the_history_is_read_back_to_where_what_is_in_doubt_would_stand() -> None:
    records = kept(told={"told": "a-2", "last": "a-2"}) | message("m-1", "one", stage="left", behind="a-1")
    chat = restored(records)
    recover(chat, written("a-2", "later", seconds=9), messagesScrollToken="more")
    page = {"messages": [written("a-1", "hi")], "scrollToken": "still more"}
    assert chat.answer("LoadMoreMessages", "MoreMessagesLoaded", page)[0] == "HistoryLoaded"
    assert chat.state is S.SERVING
    assert chat.session.outbox[0].status == "failed"


@pytest.mark.parametrize("mode", MODES)
def test_a_thread_that_the_far_side_does_not_know_yet_is_pending_again(mode: Mode) -> None:
    chat = restored(kept("pending", name="Orders") | message("m-1", "one"), mode)
    assert chat.session.threads[THREAD].state == "recovering", "the run before may have known more than it could keep"
    not_found(chat)
    assert chat.session.threads[THREAD].state == "pending"
    assert chat.state is S.SERVING
    chat.saved()
    assert said(chat) == ["one"]
    assert chat.session.threads[THREAD].name == "Orders"


@pytest.mark.row("D103")
@pytest.mark.parametrize("mode", MODES)
def test_a_thread_that_began_though_no_record_says_so_is_found_with_what_was_said_in_it(mode: Mode) -> None:
    chat = restored(
        kept("pending") | message("m-2", "two", 2), mode
    )  # that the first one arrived is all that was noted
    recover(chat, written("a-1", "hi", seconds=2), written("m-1", "one", ours=True, seconds=1))
    assert chat.session.threads[THREAD].state == "open"
    assert [event.text for event in chat.events(e.MessageReceived)] == ["one", "hi"]
    chat.saved()
    assert said(chat) == ["two"]


@pytest.mark.parametrize("mode", MODES)
def test_a_first_message_that_may_have_left_is_looked_for_before_it_is_given_up(mode: Mode) -> None:
    chat = restored(kept("pending") | message("m-1", "one", stage="left"), mode)
    assert chat.session.threads[THREAD].state == "recovering"
    assert chat.state is S.RECOVERING
    not_found(chat)
    assert chat.session.threads[THREAD].state == "pending"
    assert chat.session.outbox[0].status == "failed"
    chat.ask(i.RetryMessage, message="m-1")
    chat.saved()
    assert said(chat) == ["one"]


def test_what_begins_a_live_chat_is_sent_again_if_it_never_arrived_and_shown_to_nobody() -> None:
    begin = message("m-0", "Begin", stage="left", hidden=True, parameters={"isInitialMessage": True})
    chat = restored(kept("pending") | begin | message("m-1", "one", 2), "live")
    assert [outgoing.text for outgoing in chat.session.outbox] == ["one"]
    nothing_to_recover(chat)
    chat.saved()
    assert said(chat) == ["Begin", "one"]
    assert chat.frame("SendMessage")["payload"]["data"].get("parameters", {}) == {}


def test_what_began_a_live_chat_is_not_sent_twice() -> None:
    begin = message("m-0", "Begin", stage="left", hidden=True, parameters={"isInitialMessage": True})
    chat = restored(kept("pending") | begin | message("m-1", "one", 2), "live")
    recover(chat, written("m-0", "Begin", ours=True))
    chat.saved()
    assert said(chat) == ["one"]


@pytest.mark.parametrize("mode", MODES)
def test_what_is_left_of_a_thread_that_ended_while_away_has_failed_or_stays_in_doubt(mode: Mode) -> None:
    records = {"identity": WHO} | message("m-1", "one") | message("m-2", "two", 2, stage="left")
    records |= message("m-3", "three", 3, stage="failed", cause="refused") | message("m-4", "four", 4, hidden=True)
    chat = Alone(mode, restored=records | {"thread.gone": "{}", "thread.x": '{"state":"ended"}'}, durable=True)
    chat.ask(i.Open)
    chat.reply("GET configuration")
    chat.saved()
    chat.reply("PUT visitor")
    towards_socket(chat)
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    assert [outgoing.status for outgoing in chat.session.outbox] == ["queued", "uncertain", "failed"]
    nothing_to_recover(chat)
    chat.wait(0)
    assert [(outgoing.status, outgoing.cause) for outgoing in chat.session.outbox] == [
        ("failed", "the thread ended before the message was sent"), ("uncertain", ""), ("failed", "refused"),
    ]  # fmt: skip
    assert [key for key in chat.session.kept if "." in key] == ["message.m-1", "message.m-2", "message.m-3"]
    chat.ask(i.RetryMessage, message="m-1")
    assert chat.refusal[0] == "thread_ended"
    chat.ask(i.AwaitSettled, message="m-2")
    assert chat.answers[chat.asked] == MessageStatus.UNCERTAIN
    chat.ask(i.DiscardMessage, message="m-2")
    chat.saved()
    assert chat.answers[chat.asked] == "m-2"


@pytest.mark.parametrize("mode", MODES)
def test_what_was_told_is_history_and_what_came_since_is_news(mode: Mode) -> None:
    chat = restored(kept(told={"told": "a-1", "last": "m-1"}), mode)
    recover(chat, written("a-2", "new", seconds=3), written("m-1", "mine", ours=True, seconds=2), written("a-1", "old"))
    (page,) = chat.events(e.HistoryLoaded)
    assert [message.text for message in page.messages] == ["old", "mine"]
    assert [event.message.text for event in chat.events(e.MessageReceived)] == ["new"]
    chat.wait(2)
    assert json.loads(chat.session.kept[f"thread.{THREAD}"])["told"] == {"told": "a-2", "last": "a-2"}


def test_fields_that_the_far_side_does_not_have_go_with_the_first_message_of_the_next_run() -> None:
    fields = [{"ident": "order", "value": "4711", "updatedAt": "2026-05-28T20:26:46Z"}]
    chat = restored(kept("pending", fields=fields) | message("m-1", "one"), "multi")
    not_found(chat)
    assert chat.session.threads[THREAD].fields == {"order": "4711"}
    chat.saved()
    assert '"value": "4711"' in json.dumps(chat.frame("SendMessage"))
    chat.accept("SendMessage")
    chat.wait(chat.session.policy.keep_pause)
    assert "fields" not in json.loads(chat.session.kept[f"thread.{THREAD}"])


def test_before_it_is_opened_a_restored_chat_shows_what_there_is() -> None:
    chat = Alone(restored=kept() | message("m-1", "one") | message("m-2", "two", 2, stage="left"), durable=True)
    assert chat.session.threads[THREAD].state == "open"
    assert [message.text for message in chat.thread.messages] == ["one", "two"]
    chat.ask(i.SendMessage, thread=THREAD, text="three")
    assert chat.saved() == ["message queued", "SendMessage answered"]
    assert [outgoing.text for outgoing in chat.session.outbox] == ["one", "two", "three"]
    assert chat.now == START


def test_where_nobody_can_say_what_was_told_all_of_it_counts_as_told() -> None:
    chat = restored(kept(told={"told": "gone", "last": "gone"}))
    recover(chat, written("a-1", "hi"))
    assert [message.text for page in chat.events(e.HistoryLoaded) for message in page.messages] == ["hi"]
    assert chat.events(e.MessageReceived) == []


def test_what_waits_for_a_thread_that_cannot_be_opened_fails_and_is_not_asked_for_for_ever() -> None:
    listed = {"id": "1", "idOnExternalPlatform": THREAD, "canAddMoreMessages": True}
    records = {"identity": WHO} | message("m-1", "one") | message("m-2", "two", 2, stage="left")
    chat = restored(records, "multi")
    chat.answer("LoadThreadMetadata", "ThreadMetadataLoaded", {"thread": listed})
    assert chat.state is S.SERVING
    assert chat.session.threads[THREAD].state == "recovering"
    words = chat.deny("RecoverThread", "NotNow")
    assert words == ["ErrorReceived", "message failed", "save message.m-1", "thread loaded"]
    assert chat.session.outbox[0].cause == "its conversation could not be opened: NotNow"
    assert [outgoing.status for outgoing in chat.session.outbox] == ["failed", "uncertain"]


def test_a_thread_whose_record_cannot_be_read_is_none() -> None:
    chat = restored({"thread.11111111-1111-4111-8111-111111111111": "not a record"})
    assert chat.session.threads == {}


@pytest.mark.parametrize("id", ["x" * 10_000, "\ud800"])
def test_nor_is_one_whose_id_cannot_be_one(id: str) -> None:
    assert restored({f"thread.{id}": '{"state":"open"}'}).session.threads == {}
