"""What is kept of messages on their way, step by step: nothing is accepted, and nothing leaves, before it is noted."""

from typing import Any, cast

import msgspec
import pytest

from deskline_core import inputs as i
from deskline_core.commands import Command, Forget, Notify, Save, SendFrame
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.lifecycle import MessageStatus
from deskline_core.model import Upload
from deskline_core.policy import Policy
from tests.core.brightpattern import alone as bp
from tests.core.cxone.alone import THREAD, Alone, case_changed, reach, recovered_thread, with_thread

NOTE = Upload(name="note.txt", content=b"note", mime_type="text/plain")
FAILED = "the message could not be kept"


def saving(mode: Any = "single", **rest: Any) -> Alone:
    """Return a durable session that is ready, with one open thread whose record is kept."""
    chat = with_thread(mode, durable=True, **rest)
    chat.wait(2)
    chat.saved()
    return chat


def send(chat: Alone, text: str = "hello", **more: Any) -> list[str]:
    return chat.ask(i.SendMessage, thread=THREAD, text=text, **more)


def stored(chat: Alone, command: Command) -> list[str]:
    """Report one save as done."""
    number = cast("Save", command).id
    chat.saves.remove(number)
    return chat.put(i.Saved(id=number))


def lost(chat: Alone, command: Command, reason: str = "disk full") -> list[str]:
    """Report one save as failed."""
    number = cast("Save", command).id
    chat.saves.remove(number)
    return chat.put(i.SaveFailed(id=number, reason=reason))


def record(chat: Alone, id: object) -> Any:
    """Return what is kept of a message."""
    return msgspec.json.decode(chat.session.kept[f"message.{id}"])


def record_of_thread(chat: Alone) -> Any:
    """Return what is kept of the thread."""
    return msgspec.json.decode(chat.session.kept[f"thread.{THREAD}"])


def saves(chat: Alone) -> list[Save]:
    """Return the saves that the store has not answered."""
    return [command for command in chat.log if isinstance(command, Save) and command.id in chat.saves]


def said(chat: Alone) -> list[str]:
    """Return the texts that were written, in order."""
    return [frame["payload"]["data"]["messageContent"]["payload"]["text"]
            for name, frame in chat.frames if name == "SendMessage"]  # fmt: skip


# --- accepting ---


def test_a_message_is_accepted_and_leaves_when_one_record_says_both() -> None:
    chat = saving()
    (word,) = send(chat)
    (save,) = saves(chat)
    assert word == f"save {save.key}"
    assert msgspec.json.decode(save.value.reveal())["stage"] == "left"
    assert (chat.session.outbox, chat.thread.messages) == ((), ())
    assert chat.saved() == ["message queued", "SendMessage answered", "message sending", "frame SendMessage"]


def test_a_message_that_waits_is_noted_again_before_it_leaves() -> None:
    chat = saving()
    chat.closed()
    send(chat)
    (save,) = saves(chat)
    assert msgspec.json.decode(save.value.reveal())["stage"] == "waits"
    assert chat.saved() == ["message queued", "SendMessage answered"]


@pytest.mark.parametrize("how", ["fails", "silent"])
def test_what_cannot_be_kept_is_refused_and_nothing_of_it_stays(how: str) -> None:
    chat = saving()
    send(chat)
    (save,) = saves(chat)
    if how == "fails":
        came = lost(chat, save)
    else:
        chat.store_answers = False
        chat.wait(chat.session.policy.save_timeout - 1)
        assert chat.refusals == []
        came = chat.wait(1)
    assert came[-2:] == [f"forget {save.key}", "SendMessage refused storage_failed"]
    assert "SaveLost" in came
    assert chat.refusal[1] == FAILED
    assert "without a store" in chat.refusals[-1].hint
    chat.saves.clear()
    assert stored_late(chat, save) == []
    assert (chat.session.outbox, said(chat)) == ((), [])


def stored_late(chat: Alone, save: Save) -> list[str]:
    return chat.put(i.Saved(id=save.id))


@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_message_with_files_is_kept_with_all_of_it_or_refused(place: int) -> None:
    chat = saving()
    send(chat, attachments=(NOTE, NOTE))
    kept = saves(chat)
    assert [command.key.split(".")[0] for command in kept] == ["file", "file", "message"]
    assert kept[0].value.reveal() == "bm90ZQ=="
    for number, save in enumerate(kept[:-1]):
        came = lost(chat, save) if number == place else stored(chat, save)
        assert [word for word in came if word != "SaveLost" and not word.startswith("save")] == []
    came = lost(chat, kept[-1]) if place == 2 else stored(chat, kept[-1])
    forgotten = " ".join(command.key for command in (kept[2], *kept[:2]))
    assert came[-2:] == [f"forget {forgotten}", "SendMessage refused storage_failed"]
    assert chat.session.outbox == ()


def test_several_are_accepted_in_their_order_whatever_the_store_answers_first() -> None:
    chat = saving()
    for text in ("one", "two", "three"):
        send(chat, text)
    first, second, third = saves(chat)
    assert stored(chat, third) == stored(chat, second) == []
    chat.put(i.Saved(id=first.id))
    assert said(chat) == ["one", "two", "three"]


def test_one_that_cannot_be_kept_holds_up_no_other() -> None:
    chat = saving()
    send(chat, "one")
    send(chat, "two")
    first, second = saves(chat)
    assert stored(chat, second) == []
    assert "SendMessage refused storage_failed" in lost(chat, first)
    assert said(chat) == ["two"]


def test_what_is_not_accepted_yet_counts_for_all_limits() -> None:
    chat = saving(policy=Policy(outbox=2, upload_memory=10))
    send(chat, "", attachments=(NOTE,))
    assert send(chat, "", attachments=(NOTE,))[-1].endswith("limit_reached")
    assert "16 bytes" in chat.refusal[1]
    send(chat)
    assert send(chat) == ["SendMessage refused limit_reached"]
    for save in saves(chat):
        lost(chat, save)
    assert send(chat)[0].startswith("save message.")
    assert send(chat, "", attachments=(NOTE,))[0].startswith("save file.")


def test_a_caller_who_is_gone_sends_nothing() -> None:
    chat = saving()
    send(chat, "one")
    send(chat, "two")
    first, second = saves(chat)
    chat.withdraw(chat.asked)
    assert [stored(chat, second), "frame SendMessage" in stored(chat, first)] == [[], True]
    assert any(command.keys == (second.key,) for command in chat.log if isinstance(command, Forget))
    assert ([outgoing.text for outgoing in chat.session.outbox], said(chat), chat.refusals) == (["one"], ["one"], [])


def test_what_is_tried_again_waits_for_a_later_run_too() -> None:
    chat = saving()
    send(chat, "", attachments=(NOTE,))
    chat.saved()
    message = str(chat.answers[chat.asked])
    assert "message failed" in chat.reply("POST file", status=400)
    assert record(chat, message)["stage"] == "failed"
    chat.closed()
    chat.ask(i.RetryMessage, message=message)
    assert record(chat, message)["stage"] == "waits"


def test_the_place_of_each_message_is_kept() -> None:
    chat = saving()
    for text in ("one", "two", "three"):
        send(chat, text)
        chat.saved()
    orders = [record(chat, outgoing.id)["order"] for outgoing in chat.session.outbox]
    assert len(orders) == 3
    assert orders == sorted(set(orders))


def test_who_was_gone_before_another_came_takes_only_one_message_along() -> None:
    chat = saving()
    send(chat, "one")
    gone = chat.asked
    send(chat, "two")
    chat.withdraw(gone)
    assert "frame SendMessage" in chat.saved()
    assert ([outgoing.text for outgoing in chat.session.outbox], said(chat), chat.refusals) == (["two"], ["two"], [])


def test_a_message_whose_thread_ended_meanwhile_is_refused_and_forgotten() -> None:
    chat = saving("multi")
    send(chat)
    (save,) = saves(chat)
    chat.ask(i.ArchiveThread, thread=THREAD)
    chat.answer("ArchiveThread", "ThreadArchived")
    came = stored(chat, save)
    assert came == [f"forget thread.{THREAD}", f"forget {save.key}", "SendMessage refused thread_ended"]
    assert chat.session.outbox == ()


def test_nobody_inherits_anything() -> None:
    chat = saving()
    send(chat, "one")
    chat.saved()
    send(chat, "two")
    save = saves(chat)[-1]
    chat.ask(i.SignOut)
    came = chat.closed(1000)
    assert "SendMessage refused chat_closed" in came
    assert any(save.key in command.keys for command in came.commands if isinstance(command, Forget))
    assert stored(chat, save) == []
    chat.wait(5)
    assert [key for key in chat.session.kept if "." in key] == []
    assert (chat.session.outbox, said(chat)) == ((), ["one"])


def test_what_is_accepted_out_of_sight_waits() -> None:
    chat = saving()
    send(chat)
    chat.ask(i.EnterBackground)
    chat.closed(1000)
    assert chat.saved()[:2] == ["message queued", "SendMessage answered"]
    assert said(chat) == []


# --- leaving ---


def waiting(**rest: Any) -> tuple[Alone, str]:
    """Return a session that is ready again, with a message whose record is to say that it leaves; and its id."""
    chat = saving(**rest)
    chat.closed()
    send(chat, "one")
    chat.saved()
    id = str(chat.answers[chat.asked])
    back(chat)
    return chat, id


def back(chat: Alone) -> None:
    """Come back to a thread in which nothing happened; the store answers nothing meanwhile."""
    chat.store_answers = False
    while chat.leaf.connection.state != S.SOCKET:
        chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread())
    assert chat.state is S.SERVING


def test_a_message_leaves_when_its_record_says_so() -> None:
    chat, id = waiting()
    assert said(chat) == []
    assert record(chat, id)["stage"] == "left"
    assert chat.session.outbox[0].status == MessageStatus.QUEUED
    came = chat.saved()
    assert came[-2:] == ["message sending", "frame SendMessage"]


def test_a_message_that_the_store_cannot_note_fails_and_is_not_sent() -> None:
    chat, id = waiting()
    came = chat.not_saved()
    assert "message failed" in came
    assert said(chat) == []
    (failed,) = chat.session.outbox
    assert (failed.status, failed.cause) == (MessageStatus.FAILED, "it was not sent: the store could not note that")
    assert record(chat, id)["stage"] == "failed"
    chat.saved()
    chat.ask(i.RetryMessage, message=id)
    assert record(chat, id)["stage"] == "left"
    chat.saved()
    assert said(chat) == ["one"]


def test_one_that_is_discarded_meanwhile_neither_fails_nor_leaves() -> None:
    chat, id = waiting()
    (save,) = [save for save in saves(chat) if save.key == f"message.{id}"]
    came = chat.ask(i.DiscardMessage, message=id)
    assert came == [f"forget message.{id}"]
    assert lost(chat, save) == ["SaveLost"]
    assert chat.saved()[-1] == "DiscardMessage answered"
    assert (said(chat), chat.session.outbox, f"message.{id}" in chat.session.kept) == ([], (), False)


def test_discarding_is_answered_when_no_later_run_will_send_it() -> None:
    chat, id = waiting()
    chat.saved()
    chat.closed()
    chat.saved()
    assert chat.session.outbox[0].status == MessageStatus.UNCERTAIN
    assert chat.ask(i.DiscardMessage, message=id) == [f"forget message.{id}"]
    assert chat.saved() == ["DiscardMessage answered"]


def test_discarding_is_refused_where_the_store_still_has_the_message_and_done_when_it_can_be() -> None:
    chat, id = waiting()
    chat.closed()
    while chat.saves:
        chat.saved()
    chat.ask(i.DiscardMessage, message=id)
    assert chat.not_saved() == ["SaveLost", "DiscardMessage refused storage_failed"]
    assert "a later run may send it" in chat.refusal[1]
    assert chat.session.outbox == ()
    send(chat)
    assert f"forget message.{id}" in chat.saved()


def test_without_a_store_a_discarded_message_is_gone_at_once() -> None:
    chat = with_thread()
    chat.closed()
    send(chat)
    assert chat.ask(i.DiscardMessage, message=chat.answers[chat.asked]) == ["DiscardMessage answered"]


def test_what_could_not_leave_after_all_is_not_doubted_by_a_later_run() -> None:
    chat, id = waiting()
    chat.closed()
    chat.saved()
    assert record(chat, id)["stage"] == "waits"
    chat = saving()
    send(chat)
    chat.closed()
    chat.saved()
    assert record(chat, chat.answers[chat.asked])["stage"] == "waits"


def test_several_leave_in_order_and_none_before_its_own_record() -> None:
    chat, _ = waiting()
    send(chat, "two")
    first, second = (save for save in saves(chat) if save.key.startswith("message."))
    assert msgspec.json.decode(second.value.reveal())["stage"] == "waits"
    stored(chat, second)
    assert said(chat) == []
    (third,) = (save for save in saves(chat) if save.key == second.key)
    assert msgspec.json.decode(third.value.reveal())["stage"] == "left"
    assert stored(chat, third)[-2:] == [f"save {second.key}"] or said(chat) == []
    stored(chat, first)
    chat.saved()
    assert said(chat) == ["one", "two"]


def test_a_message_that_arrived_is_forgotten() -> None:
    chat = saving()
    send(chat)
    chat.saved()
    (id,) = (message.id for message in chat.session.outbox)
    chat.accept("SendMessage")
    assert record(chat, id)["stage"] == "left"
    copy = {
        "id": "1",
        "idOnExternalPlatform": id,
        "threadIdOnExternalPlatform": THREAD,
        "direction": "inbound",
        "createdAt": "2026-05-28T20:26:46Z",
        "messageContent": {"type": "TEXT", "payload": {"text": "hello"}},
    }
    case = {"id": "48215077", "threadIdOnExternalPlatform": THREAD, "status": "open"}
    data = {"case": case, "thread": {"id": "1", "idOnExternalPlatform": THREAD}, "message": copy}
    came = chat.hear({"eventId": "e-1", "eventType": "MessageCreated", "data": data})
    assert f"forget message.{id}" in came
    assert "message delivered" in came


# --- threads ---


def test_the_state_of_a_thread_is_kept_at_once_and_what_was_told_after_a_pause() -> None:
    chat = reach(S.RECOVERING, durable=True)
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread())
    assert chat.session.next_deadline == chat.now
    assert chat.wait(0) == [f"save thread.{THREAD}"]
    assert record_of_thread(chat)["state"] == "open"
    chat.wait(4)
    push = {
        "id": "1",
        "idOnExternalPlatform": "m-1",
        "threadIdOnExternalPlatform": THREAD,
        "direction": "outbound",
        "createdAt": "2026-05-28T20:26:46Z",
        "messageContent": {"type": "TEXT", "payload": {"text": "hi"}},
    }
    case = {"id": "48215077", "threadIdOnExternalPlatform": THREAD, "status": "open"}
    data = {"case": case, "thread": {"id": "1", "idOnExternalPlatform": THREAD}, "message": push}
    assert chat.hear({"eventId": "e-1", "eventType": "MessageCreated", "data": data}) == ["MessageReceived"]
    assert chat.wait(chat.session.policy.keep_pause / 2) == []
    assert chat.wait(chat.session.policy.keep_pause / 2) == [f"save thread.{THREAD}"]
    assert record_of_thread(chat)["told"]["told"] == "m-1"


def test_what_was_set_of_a_thread_is_kept_until_the_far_side_has_it() -> None:
    chat = saving("live")
    chat.ask(i.SetThreadFields, thread=THREAD, fields=(("size", "L"),))
    chat.wait(chat.session.policy.keep_pause)
    assert [field["ident"] for field in record_of_thread(chat)["fields"]] == ["size"]
    chat.saved()
    assert chat.accept("SetContactCustomFields") == []
    assert chat.wait(chat.session.policy.keep_pause / 2) == []
    assert chat.wait(chat.session.policy.keep_pause / 2) == [f"save thread.{THREAD}"]
    assert "fields" not in record_of_thread(chat)


def test_a_message_is_not_kept_before_its_thread() -> None:
    chat = Alone("multi", durable=True)
    chat.ask(i.Open)
    chat.reply("GET configuration")
    chat.saved()
    chat.reply("PUT visitor")
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    chat.answer("FetchThreadList", "ThreadListFetched", {"threads": []})
    chat.ask(i.StartThread)
    thread = str(chat.answers[chat.asked])
    came = chat.ask(i.SendMessage, thread=thread, text="hello")
    assert [word.split(".")[0] for word in came] == ["save thread", "save message"]


def test_a_thread_whose_record_could_not_be_kept_is_kept_when_the_store_can_again() -> None:
    chat = Alone("multi", durable=True)
    chat.ask(i.Open)
    chat.reply("GET configuration")
    chat.saved()
    chat.reply("PUT visitor")
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    chat.answer("FetchThreadList", "ThreadListFetched", {"threads": []})
    chat.saved()
    chat.store_answers = False
    chat.ask(i.StartThread)
    thread = str(chat.answers[chat.asked])
    assert chat.wait(0) == [f"save thread.{thread}"]
    chat.not_saved()
    chat.ask(i.SendMessage, thread=thread, text="hello")
    assert f"save thread.{thread}" in chat.saved()


def test_a_message_of_the_protocol_whose_thread_ended_meanwhile_is_forgotten() -> None:
    chat = saving("live")
    chat.leaf.delivery.queue_hidden(chat.thread, "I am here", "stay", "isInactivityPopupAnswer")
    chat.put(i.Tick())
    (save,) = saves(chat)
    chat.hear(case_changed("closed"))
    assert stored(chat, save)[-1] == f"forget {save.key}"
    assert len(chat.leaf.delivery.outbox) == 0


def test_the_content_of_a_file_is_held_once() -> None:
    chat = saving()
    chat.closed()
    send(chat, attachments=(NOTE,))
    chat.saved()
    assert [text for key, text in chat.session.kept.items() if key.startswith("file.")] == [""]
    assert "bm90ZQ==" in chat.session.snapshot().records.values()


def test_a_thread_that_ended_is_forgotten() -> None:
    chat = saving("multi")
    chat.ask(i.ArchiveThread, thread=THREAD)
    chat.answer("ArchiveThread", "ThreadArchived")
    assert chat.wait(0) == [f"forget thread.{THREAD}"]
    assert chat.wait(100) is not None
    assert [command for command in chat.log if isinstance(command, Forget)][1:] == []


# --- Bright Pattern: one at a time ---


def talking(**rest: Any) -> bp.Alone:
    chat = bp.talking(chat=bp.Alone(durable=True, **rest))
    chat.wait(0)
    chat.wait(2)
    chat.saved()
    return chat


def test_of_several_only_the_first_leaves_with_its_acceptance() -> None:
    chat = talking()
    for text in ("one", "two"):
        chat.ask(i.SendMessage, thread=bp.CHAT, text=text)
    stages = [msgspec.json.decode(command.value.reveal())["stage"]
              for command in chat.log if isinstance(command, Save) and command.id in chat.saves]  # fmt: skip
    assert stages == ["left", "waits"]
    assert chat.saved()[-1] == "SendMessage answered"
    assert chat.posted()["msg"] == "one"
    came = chat.reply(bp.SEND)
    assert came[0] == "message sent"
    assert [word for word in came if word.startswith("POST")] == []
    assert "POST message" in chat.saved()
    assert chat.posted()["msg"] == "two"


def test_files_and_words_of_one_request_are_accepted_together() -> None:
    chat = talking()
    came = chat.ask(i.SendMessage, thread=bp.CHAT, text="look", attachments=(NOTE,))
    assert [word.split(".")[0] for word in came] == ["save file", "save message", "save message"]
    assert [word for word in chat.not_saved() if word != "SaveLost"][-1] == "SendMessage refused storage_failed"
    assert (chat.session.outbox, [key for key in chat.session.kept if key.startswith(("file", "message"))]) == ((), [])


def test_a_conversation_that_ended_meanwhile_takes_nothing() -> None:
    chat = talking()
    chat.ask(i.SendMessage, thread=bp.CHAT, text="late")
    chat.hear(bp.ENDED)
    came = chat.saved()
    assert "SendMessage refused thread_ended" in came
    assert [key for key in chat.session.kept if key.startswith("message")] == []


def test_a_frame_is_never_ahead_of_its_record() -> None:
    for chat in (saving(), saving("live"), saving("multi")):
        send(chat)
        assert not isinstance(chat.log[-1], SendFrame | Notify)


@pytest.mark.parametrize("leave", [i.Disconnect, i.EnterBackground])
def test_who_leaves_in_order_is_told_nothing_twice(leave: Any) -> None:
    chat = with_thread(durable=True)
    chat.wait(2)
    push = {
        "id": "1", "idOnExternalPlatform": "m-1", "threadIdOnExternalPlatform": THREAD, "direction": "outbound",
        "createdAt": "2026-05-28T20:26:46Z", "messageContent": {"type": "TEXT", "payload": {"text": "hi"}},
    }  # fmt: skip
    case = {"id": "48215077", "threadIdOnExternalPlatform": THREAD, "status": "open"}
    data = {"case": case, "thread": {"id": "1", "idOnExternalPlatform": THREAD}, "message": push}
    chat.hear({"eventId": "e-1", "eventType": "MessageCreated", "data": data})
    assert chat.ask(leave)[0] == f"save thread.{THREAD}"
    assert record_of_thread(chat)["told"]["told"] == "m-1"
    other = talking()
    other.hear(bp.said("hi"))
    assert f"save thread.{bp.CHAT}" in other.ask(leave)


def test_what_is_not_accepted_is_in_no_snapshot_but_what_belongs_to_the_protocol_is() -> None:
    chat = saving()
    send(chat, "one")
    assert [key for key in chat.session.snapshot().records if key.startswith("message")] == []
    live = reach(S.SERVING, "live", durable=True)
    live.ask(i.StartThread)
    (begin,) = (key for key in live.session.snapshot().records if key.startswith("message"))
    assert msgspec.json.decode(live.session.snapshot().records[begin])["hidden"]
    live.saved()
    assert begin in live.session.snapshot().records


def test_a_record_says_behind_what_its_message_stands_before_it_leaves() -> None:
    chat = reach(S.RECOVERING, durable=True)
    hi = {
        "id": "1", "idOnExternalPlatform": "a-1", "threadIdOnExternalPlatform": THREAD, "direction": "outbound",
        "createdAt": "2026-05-28T20:26:46Z", "messageContent": {"type": "TEXT", "payload": {"text": "hi"}},
    }  # fmt: skip
    chat.answer("RecoverThread", "ThreadRecovered", recovered_thread(messages=[hi]))
    send(chat)
    (save,) = (save for save in saves(chat) if save.key.startswith("message."))
    assert msgspec.json.decode(save.value.reveal())["behind"] == "a-1"
