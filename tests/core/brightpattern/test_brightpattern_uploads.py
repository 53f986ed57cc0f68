"""Files to Bright Pattern: each a message of its own, uploaded before the chat is told (row B61, flow F6)."""

from typing import Any

import pytest

from deskline_core import commands as c
from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.lifecycle import MessageStatus
from deskline_core.model import FileLimits, Location, Upload
from deskline_core.policy import Policy
from tests.core.brightpattern.alone import CHAT, ENDED, POLL, SEND, START, STEADY, V1, Alone, at, talking

PICTURE = Upload(name="mug.png", content=b"\x89picture", mime_type="image/png")
NOTE = Upload(name="note.txt", content=b"note", mime_type="text/plain")
FILES = "POST files"
FILE_URL = f"https://acme.brightpattern.com/clientweb/api/v2/chats/{CHAT}/files/"


def send(chat: Alone, *files: Upload, text: str = "", **more: Any) -> list[str]:
    return chat.ask(i.SendMessage, thread=CHAT, text=text, attachments=files, **more)


def statuses(chat: Alone) -> list[str]:
    return [message.status for message in chat.thread.messages]


def file_event(file_id: str, id: str = "", seconds: float = 2) -> dict[str, Any]:
    return {
        "event": "chat_session_file", "party_id": CHAT, "msg_id": id, "file_id": file_id, "file_type": "image",
        "file_name": "mug.png", "timestamp": at(seconds),
    }  # fmt: skip


# --- the way of a file ---


@pytest.mark.row("B61")
def test_a_file_is_uploaded_and_then_told() -> None:
    chat = talking()
    assert send(chat, PICTURE) == ["message queued", "SendMessage answered", "message uploading", FILES]
    call = chat.sent(FILES)
    assert call.url.reveal() == "https://acme.brightpattern.com/clientweb/api/v2/files?tenantUrl=acme.brightpattern.com"
    assert (call.telling, call.deadline) == ("progress", START + 120)
    kind = dict(call.headers)["content-type"]
    boundary = kind.removeprefix("multipart/form-data; boundary=")
    assert (
        call.body
        == (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="mug.png"\r\n'
            f"Content-Type: image/png\r\n\r\n"
        ).encode()
        + b"\x89picture"
        + f"\r\n--{boundary}--\r\n".encode()
    )
    assert chat.reply(FILES, {"file_id": "F1", "file_name": "mug.png"}) == ["message sending", "POST file"]
    assert chat.posted() == {
        "event": "chat_session_file",
        "msg_id": chat.answers[chat.asked],
        "file_id": "F1",
        "file_type": "image",
        "file_name": "mug.png",
    }
    assert chat.reply(SEND) == ["message sent"]
    (message,) = chat.thread.messages
    (file,) = message.attachments
    assert (file.id, file.name, file.mime_type, file.url) == ("F1", "mug.png", "image/png", FILE_URL + "F1")


@pytest.mark.row("B61")
def test_files_and_their_text_and_a_place_behind_go_one_after_another() -> None:
    chat = talking()
    send(chat, PICTURE, NOTE, text="look")
    assert chat.answers[chat.asked] == chat.thread.messages[-1].id
    chat.ask(i.SendLocation, thread=CHAT, location=Location(latitude=1, longitude=2))
    assert chat.answers[chat.asked] == chat.thread.messages[-1].id
    assert statuses(chat) == ["uploading", "queued", "queued", "queued"]
    chat.reply(FILES, {"file_id": "F1"})
    assert chat.reply(SEND) == ["message sent", "message uploading", FILES]
    chat.reply(FILES, {"file_id": "F2"})
    assert chat.posted()["file_type"] == "attachment"
    assert chat.reply(SEND) == ["message sent", "message sending", "POST message"]
    assert chat.reply(SEND) == ["message sent", "message sending", "POST location"]
    chat.reply(SEND)
    assert [message.text for message in chat.thread.messages] == ["", "", "look", "1, 2"]
    assert chat.leaf.delivery.outbox.held == 0


def test_progress_is_told_in_bytes_of_the_file() -> None:
    chat = talking()
    send(chat, PICTURE)
    number = chat.sent(FILES).id
    assert chat.put(i.RequestProgressed(id=number, sent=100, total=200)) == ["UploadProgressed"]
    (told,) = chat.told(e.UploadProgressed)
    assert (told.message, told.attachment, told.sent, told.total) == (chat.answers[chat.asked], 0, 4, 8)
    assert chat.put(i.LineReceived(id=number, text="?")) == []


def test_what_the_site_takes_is_told() -> None:
    assert talking().session.file_limits == FileLimits(allowed=True, largest=26214400, most=10)


@pytest.mark.row("B61")
@pytest.mark.parametrize(
    ("files", "policy", "refused", "says"),
    [
        ((NOTE, NOTE), Policy(max_uploads=1), "invalid_value", "2 files in one message"),
        ((Upload(name="big", content=bytes(26214401), mime_type="a/b"),), STEADY, "invalid_value",
         "'big' is too large: 25.0 MiB (26214401 bytes), and 25.0 MiB (26214400 bytes) are allowed"),
        ((NOTE, NOTE), Policy(outbox=1), "limit_reached", "0 messages wait already"),
        ((NOTE, NOTE), Policy(upload_memory=7), "limit_reached",
         "the files that wait would take 8 bytes, of 7 that the policy allows"),
    ],
)  # fmt: skip
def test_files_are_taken_whole_or_not_at_all(
    files: tuple[Upload, ...], policy: Policy, refused: str, says: str
) -> None:
    chat = talking(policy=policy)
    assert send(chat, *files) == [f"SendMessage refused {refused}"]
    assert chat.refusal[1] == says
    assert chat.thread.messages == ()


def test_a_wrong_text_holds_back_its_files() -> None:
    chat = talking()
    assert send(chat, NOTE, text="a" * 32769) == ["SendMessage refused invalid_value"]
    assert chat.thread.messages == ()


# --- a file that is not taken ---


def test_what_came_with_a_file_that_was_not_taken_fails_with_it() -> None:
    chat = talking()
    send(chat, PICTURE, NOTE, text="look")
    assert chat.deny(FILES, "5501", 400) == [
        "UploadFailed", "message failed", "message failed", "message failed",
    ]  # fmt: skip
    first, *others = chat.thread.messages
    cause = "'mug.png' was not taken: the file is too large for the contact center (5501)"
    assert [message.cause for message in (first, *others)] == [cause] * 3
    (told,) = chat.told(e.UploadFailed)
    assert (told.message, told.attachment, told.name, told.cause) == (first.id, 0, "mug.png", cause)
    outgoing = chat.leaf.delivery.outbox.get(first.id)
    assert outgoing is not None
    assert outgoing.remote_code == "5501"


def test_by_policy_what_came_with_it_goes_without_it() -> None:
    chat = talking(policy=Policy(attachment_failure="drop"))
    send(chat, PICTURE, text="look")
    assert chat.reply(FILES, {}) == ["UploadFailed", "message failed", "message sending", "POST message"]
    assert chat.thread.messages[0].cause == "'mug.png' was not taken: the answer names no file"


def test_what_was_given_up_before_does_not_fail_again() -> None:
    chat = talking()
    send(chat, PICTURE, text="look")
    text = chat.answers[chat.asked]
    chat.ask(i.DiscardMessage, message=text)
    assert chat.deny(FILES, "5501", 400) == ["UploadFailed", "message failed"]
    file = chat.thread.messages[0].id
    chat.ask(i.RetryMessage, message=file)
    send(chat, text="look")
    assert chat.deny(FILES, "5501", 400) == ["UploadFailed", "message failed", "message sending", "POST message"]


def test_what_failed_with_it_does_not_fail_twice() -> None:
    chat = talking()
    send(chat, PICTURE, text="look")
    file = chat.thread.messages[0].id
    chat.deny(FILES, "5501", 400)
    chat.ask(i.RetryMessage, message=file)
    assert chat.deny(FILES, "5501", 400) == ["UploadFailed", "message failed"]


def test_a_failed_file_is_uploaded_again_with_what_is_left() -> None:
    chat = talking()
    send(chat, PICTURE)
    body = chat.sent(FILES).body
    id = chat.answers[chat.asked]
    chat.deny(FILES, "5501", 400)
    assert chat.ask(i.RetryMessage, message=id) == [
        "message queued", "RetryMessage answered", "message uploading", FILES,
    ]  # fmt: skip
    assert chat.sent(FILES).body == body
    assert dict(chat.sent(FILES).headers)["content-type"].startswith("multipart/form-data; boundary=")


def test_a_file_that_never_left_waits_for_the_network() -> None:
    chat = talking(policy=Policy(rest_attempts=1))
    send(chat, PICTURE)
    assert chat.fail(FILES, "no") == ["message queued", "chat connecting"]
    assert FILES in chat.wait(8)


def test_a_file_that_was_uploaded_meanwhile_waits_for_the_connection() -> None:
    chat = talking()
    send(chat, PICTURE)
    chat.fail(POLL)
    assert chat.reply(FILES, {"file_id": "F1"}) == ["message queued"]
    chat.wait(1)
    assert chat.history()[-2:] == ["message sending", "POST file"]


def test_discarding_stops_the_upload() -> None:
    chat = talking()
    send(chat, PICTURE, text="look")
    file = chat.thread.messages[0].id
    assert chat.ask(i.DiscardMessage, message=file) == [
        f"stop {FILES}", "DiscardMessage answered", "message sending", "POST message",
    ]  # fmt: skip


# --- the end ---


@pytest.mark.row("B42")
def test_the_end_waits_for_no_file() -> None:
    chat = talking()
    send(chat, PICTURE, text="look")
    assert chat.ask(i.EndThread, thread=CHAT) == [
        "chat ending", f"stop {FILES}", "message failed", "message sending", "POST message",
    ]  # fmt: skip
    assert chat.thread.messages[0].cause == "the conversation was ended before the file was uploaded"
    assert chat.reply(SEND) == ["message sent", "POST end"]


def test_an_end_stops_the_upload() -> None:
    chat = talking()
    send(chat, PICTURE)
    assert f"stop {FILES}" in chat.hear(ENDED)
    assert statuses(chat) == ["failed"]


# --- older centers ---


def old(chat: Alone) -> None:
    send(chat, PICTURE)
    chat.reply(FILES, {"file_id": "F1"})


def test_an_older_center_is_told_again_without_an_id() -> None:
    chat = talking(site=V1)
    old(chat)
    assert chat.reply(SEND, status=500) == ["POST file"]
    assert (chat.posted()["msg_id"], chat.posted()["file_id"]) == ("", "F1")
    assert chat.reply(SEND) == ["message sent"]


def test_it_is_told_so_once() -> None:
    chat = talking(site=V1)
    old(chat)
    chat.reply(SEND, status=500)
    assert chat.reply(SEND, status=500) == ["message uncertain", "chat connected", "GET history"]
    assert chat.history(file_event("F1"))[0] == "message delivered"
    assert statuses(chat) == ["delivered"]


def test_a_file_without_an_id_is_known_again_by_its_own() -> None:
    chat = talking(site=V1)
    old(chat)
    chat.reply(SEND, status=500)
    chat.reply(SEND)
    assert chat.hear(file_event("F1")) == ["message delivered", POLL]
    assert chat.hear(file_event("F2"))[0] == "heard "
    assert statuses(chat) == ["delivered", "delivered"]


def test_as_many_files_without_an_id_are_remembered_as_ids() -> None:
    chat = talking(site=V1, policy=Policy(remembered_ids=1))
    for file_id in ("F1", "F2"):
        send(chat, PICTURE)
        chat.reply(FILES, {"file_id": file_id})
        chat.reply(SEND, status=500)
        chat.reply(SEND)
    assert len(chat.leaf.delivery._nameless) == 1


@pytest.mark.parametrize("text", ["", "look"], ids=["a newer center", "a text"])
def test_all_else_that_is_answered_500_is_in_doubt(text: str) -> None:
    chat = talking(site=V1) if text else talking()
    if text:
        send(chat, text=text)
    else:
        old(chat)
    assert chat.reply(SEND, status=500)[0] == "message uncertain"


def test_only_what_is_still_needed_is_held() -> None:
    chat = talking()
    send(chat, PICTURE)
    assert chat.leaf.delivery.outbox.held == len(chat.sent(FILES).body)
    chat.reply(FILES, {"file_id": "F1"})
    assert chat.leaf.delivery.outbox.held == 0
    assert [type(x).__name__ for x in chat.log if isinstance(x, c.CancelRequest)] == []
    assert statuses(chat) == [MessageStatus.SENDING]


def test_a_request_that_failed_with_its_files_is_sent_again_as_a_whole() -> None:
    chat = talking()
    send(chat, NOTE, NOTE, text="look")
    last = str(chat.answers[chat.asked])
    chat.reply(FILES, {"error_message": "too large"}, status=400)
    assert [message.status for message in chat.session.outbox] == ["failed"] * 3
    first = chat.session.outbox[0].id
    chat.ask(i.RetryMessage, message=last)
    assert [message.status for message in chat.session.outbox] == ["uploading", "queued", "queued"]
    chat.reply(FILES, {"file_id": "f-1", "file_name": "note.txt"})
    assert chat.posted()["msg_id"] == first
    chat.reply(SEND)
    chat.reply(FILES, {"file_id": "f-2", "file_name": "note.txt"})
    chat.reply(SEND)
    assert (chat.posted()["msg_id"], chat.posted()["msg"]) == (last, "look")


def test_what_came_after_a_message_is_not_sent_again_with_it() -> None:
    chat = talking()
    send(chat, NOTE, text="look")
    chat.reply(FILES, {"error_message": "too large"}, status=400)
    chat.ask(i.RetryMessage, message=chat.session.outbox[0].id)
    assert [message.status for message in chat.session.outbox] == ["uploading", "failed"]


def test_a_file_that_is_on_its_way_again_is_not_begun_anew_with_what_came_with_it() -> None:
    chat = talking()
    send(chat, NOTE, text="look")
    chat.reply(FILES, {"error_message": "too large"}, status=400)
    file, words = (message.id for message in chat.session.outbox)
    chat.ask(i.RetryMessage, message=file)
    chat.ask(i.RetryMessage, message=words)
    assert chat.refusals == []
    assert [message.status for message in chat.session.outbox] == ["uploading", "queued"]
