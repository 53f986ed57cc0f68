"""Files of messages: checked before anything happens, uploaded one after another, kept with their message."""

import json
from base64 import b64decode
from typing import Any

import pytest

from deskline_core import commands as c
from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.cxone.rest import read_configuration
from deskline_core.cxone.uploads import packed_size, read_upload
from deskline_core.model import FileLimits, Upload
from deskline_core.policy import DEFAULT_POLICY, Policy
from tests.core.cxone.alone import (
    CUSTOMER,
    FILES,
    THREAD,
    VERSION_REFUSED,
    Alone,
    case_changed,
    configuration,
    reach,
    recovered_thread,
    with_thread,
)

PICTURE = Upload(name="mug.png", content=b"picture", mime_type="image/png")
NOTE = Upload(name="note.txt", content=b"note", mime_type="text/plain")
DROPPING = Policy(attachment_failure="drop")


def url(name: str) -> dict[str, str]:
    return {"fileUrl": f"https://files.example.test/{name}"}


def send(chat: Alone, *files: Upload, text: str = "", thread: str = THREAD, **rest: Any) -> list[str]:
    return chat.ask(i.SendMessage, thread=thread, text=text, attachments=files, **rest)


def sent_files(chat: Alone) -> list[dict[str, str]]:
    found: list[dict[str, str]] = chat.frame("SendMessage")["payload"]["data"]["attachments"]
    return found


def newest(chat: Alone) -> Any:
    """The newest message of the thread, as the app sees it."""
    return chat.session.threads[THREAD].messages[-1]


def held(chat: Alone) -> int:
    return int(chat.leaf.delivery.outbox.held)


def copy_of(chat: Alone) -> list[str]:
    """Let the far side show its copy of the newest message."""
    data = chat.frame("SendMessage")["payload"]["data"]
    message = {
        "idOnExternalPlatform": data["idOnExternalPlatform"],
        "threadIdOnExternalPlatform": THREAD,
        "messageContent": data["messageContent"],
        "createdAt": "2026-05-28T20:30:00+00:00",
        "direction": "inbound",
        "attachments": data["attachments"],
        "authorEndUserIdentity": {"idOnExternalPlatform": CUSTOMER},
    }
    return chat.hear({"eventId": "e-1", "eventType": "MessageCreated", "data": {"message": message}})


def said_by_channel(files: object) -> Any:
    """Return what is known of a channel that says this of files."""
    return read_configuration(json.dumps(configuration("single", secured=False, files=files)).encode())


def back(chat: Alone) -> list[str]:
    """Let a lost connection come back, and its thread be recovered."""
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})
    return chat.answer("RecoverThread", "ThreadRecovered", recovered_thread())


# --- the way of a file ---


@pytest.mark.row("D402")
def test_a_file_is_uploaded_then_the_message_is_written_with_its_address() -> None:
    chat = with_thread()
    assert send(chat, PICTURE, text="look") == [
        "message queued",
        "SendMessage answered",
        "message uploading",
        "POST file",
    ]
    call = chat.call("POST file")
    assert call.url.reveal().endswith("/1.0/brand/1386/channel/chat_0d9f4b6e-2f1c-4f0e-9a55-6f2b8f6f1a10/attachment")
    assert call.telling == "progress"
    assert dict(call.headers)["content-type"] == "application/json"
    assert json.loads(call.body) == {"content": "cGljdHVyZQ==", "fileName": "mug.png", "mimeType": "image/png"}
    assert chat.reply("POST file", url("mug.png")) == ["message sending", "frame SendMessage"]
    assert sent_files(chat) == [
        {
            "url": "https://files.example.test/mug.png",
            "friendlyName": "mug.png",
            "mimeType": "image/png",
            "fileName": "mug.png",
        }
    ]


def test_several_files_go_one_after_another_in_their_order() -> None:
    chat = with_thread()
    send(chat, PICTURE, NOTE, PICTURE)
    assert chat.reply("POST file", url("1")) == ["POST file"]
    assert b64decode(json.loads(chat.call("POST file").body)["content"]) == b"note"
    assert chat.reply("POST file", url("2")) == ["POST file"]
    assert chat.reply("POST file", url("3")) == ["message sending", "frame SendMessage"]
    assert [file["url"][-1] for file in sent_files(chat)] == ["1", "2", "3"]
    assert [file["fileName"] for file in sent_files(chat)] == ["mug.png", "note.txt", "mug.png"]


@pytest.mark.row("M8")
def test_files_alone_need_no_words_and_nothing_at_all_is_refused() -> None:
    chat = with_thread()
    send(chat, NOTE)
    chat.reply("POST file", url("1"))
    content = chat.frame("SendMessage")["payload"]["data"]["messageContent"]
    assert (content["type"], content["payload"]["text"]) == ("TEXT", "")
    for text in ("", " \n"):
        assert send(chat, text=text) == ["SendMessage refused invalid_value"]
    assert chat.refusal[1] == "the text is empty"


def test_the_app_sees_the_files_of_a_message_that_waits() -> None:
    chat = with_thread()
    send(chat, PICTURE, NOTE, text="look")
    assert [(file.name, file.url, file.mime_type) for file in newest(chat).attachments] == [
        ("mug.png", "", "image/png"),
        ("note.txt", "", "text/plain"),
    ]
    chat.reply("POST file", url("1"))
    assert [file.url for file in newest(chat).attachments] == ["https://files.example.test/1", ""]
    assert "files.example" not in repr(newest(chat))


def test_progress_is_told_in_bytes_of_the_file() -> None:
    chat = with_thread()
    send(chat, Upload(name="a", content=bytes(900), mime_type="image/png"), NOTE)
    number = chat.call("POST file").id
    chat.put(i.RequestProgressed(id=number, sent=600, total=1200))
    chat.put(i.RequestProgressed(id=number, sent=1200, total=1200))
    assert chat.put(i.LineReceived(id=number, text="not asked for")) == []
    chat.reply("POST file", url("1"))
    chat.put(i.RequestProgressed(id=number, sent=1200, total=1200))  # too late
    chat.put(i.RequestProgressed(id=chat.call("POST file").id, sent=0, total=0))
    told = [event for event in chat.told if isinstance(event, e.UploadProgressed)]
    assert [(event.attachment, event.sent, event.total) for event in told] == [(0, 450, 900), (0, 900, 900), (1, 0, 4)]
    assert {event.message for event in told} == {newest(chat).id}


def test_progress_of_what_did_not_ask_for_it_is_nothing() -> None:
    chat = reach(S.CONFIGURATION)
    assert chat.put(i.RequestProgressed(id=1, sent=1, total=1)) == []
    assert chat.put(i.RequestProgressed(id=99, sent=1, total=1)) == []


# --- order ---


def test_later_messages_of_the_thread_wait_behind_an_upload() -> None:
    chat = with_thread()
    send(chat, NOTE, text="first")
    assert send(chat, text="second") == ["message queued", "SendMessage answered"]
    assert send(chat, PICTURE, text="third") == ["message queued", "SendMessage answered"]
    assert chat.reply("POST file", url("1")) == [
        "message sending", "frame SendMessage", "message sending", "frame SendMessage", "message uploading",
        "POST file",
    ]  # fmt: skip
    assert chat.reply("POST file", url("2")) == ["message sending", "frame SendMessage"]
    texts = [frame["payload"]["data"]["messageContent"]["payload"]["text"] for _, frame in chat.frames[-3:]]
    assert texts == ["first", "second", "third"]


def test_what_belongs_to_the_protocol_does_not_wait_behind_an_upload() -> None:
    chat = with_thread()
    send(chat, NOTE)
    message = {
        "idOnExternalPlatform": "m-1",
        "threadIdOnExternalPlatform": THREAD,
        "messageContent": {"type": "HOLOGRAM", "fallbackText": "f"},
        "createdAt": "2026-05-28T20:30:00+00:00",
        "direction": "outbound",
    }
    words = chat.hear({"eventId": "e-1", "eventType": "MessageCreated", "data": {"message": message}})
    assert words == ["MessageReceived", "frame SendMessage"]


def test_another_thread_does_not_wait() -> None:
    chat = with_thread("multi")
    send(chat, NOTE)
    chat.ask(i.StartThread)
    other = str(chat.answers[chat.asked])
    assert send(chat, text="elsewhere", thread=other)[-1] == "frame SendMessage"


# --- loss, retries ---


@pytest.mark.row("D404")
def test_a_lost_socket_does_not_stop_an_upload() -> None:
    chat = with_thread()
    send(chat, NOTE, PICTURE, text="look")
    chat.closed()
    assert chat.reply("POST file", url("1")) == ["POST file"]
    assert chat.reply("POST file", url("2")) == ["message queued"]
    assert held(chat) == 0
    words = back(chat)
    assert words[-2:] == ["message sending", "frame SendMessage"]
    assert "POST file" not in words
    assert [file["url"][-1] for file in sent_files(chat)] == ["1", "2"]


def test_an_upload_that_may_succeed_later_is_repeated() -> None:
    chat = with_thread()
    send(chat, NOTE)
    assert chat.reply("POST file", status=503) == []
    assert chat.wait_next() == ["POST file"]
    assert chat.fail("POST file", "maybe") == []
    assert chat.wait_next() == ["POST file"]
    assert chat.reply("POST file", url("1"))[0] == "message sending"


def test_an_upload_has_its_own_time() -> None:
    policy = Policy(upload_timeout=7.0, rest_attempts=1, heartbeat=100.0)
    chat = with_thread(policy=policy)
    send(chat, NOTE)
    assert chat.call("POST file").deadline == chat.now + 7.0
    words = chat.wait(7.0)
    assert words == ["cancel POST file", "UploadFailed", "message failed"]


def early(*files: Upload, said: object = FILES, policy: Policy = DEFAULT_POLICY) -> tuple[Alone, list[str]]:
    """Return a session that was given files before the channel was known, and what its first connection brought."""
    chat = with_thread(policy=policy)
    chat.closed()
    chat.leaf.configuration = None
    assert send(chat, *files, text="look") == ["message queued", "SendMessage answered"]
    chat.leaf.configuration = said_by_channel(said)
    return chat, back(chat)


LARGE = Upload(name="large.png", content=bytes(1024 * 1024 + 1), mime_type="image/png")


@pytest.mark.row("R29")
def test_files_of_before_the_chat_was_ready_go_when_it_is() -> None:
    chat, words = early(NOTE)
    assert words[-2:] == ["message uploading", "POST file"]
    assert chat.reply("POST file", url("1")) == ["message sending", "frame SendMessage"]


@pytest.mark.parametrize(
    ("file", "said", "cause"),
    [
        (LARGE, FILES, "'large.png' is too large: 1.0 MiB (1048577 bytes), and 1.0 MiB (1048576 bytes) are allowed"),
        (NOTE, FILES | {"isAttachmentsEnabled": False}, "the channel takes no files"),
        (NOTE, FILES | {"allowedFileTypes": [{"mimeType": "a/b"}]}, "these are allowed: a/b"),
    ],
)
def test_what_could_not_be_checked_before_is_checked_then(file: Upload, said: object, cause: str) -> None:
    chat, words = early(file, said=said)
    assert words[-3:] == ["message uploading", "UploadFailed", "message failed"]
    told = chat.told[-1]
    assert isinstance(told, e.MessageStatusChanged)
    assert cause in told.cause
    assert held(chat) == packed_size(len(file.content))  # until it is discarded: it may be sent again
    _, words = early(file, NOTE, said=said, policy=DROPPING)
    assert words.count("UploadFailed") == (2 if file is NOTE else 1)
    chat, words = early(file, said=said, policy=DROPPING)
    assert words[-3:] == ["UploadFailed", "message sending", "frame SendMessage"]


# --- refusals ---


@pytest.mark.row("M8")
@pytest.mark.parametrize(
    ("body", "address", "reason"),
    [
        (b'{"fileUrl":"https://a.test/f"}', "https://a.test/f", ""),
        (json.dumps(FILES).encode(), "", "the far side refused it; allowed: up to 1 MB; image/*, text/plain"),
        (b'{"allowedFileTypes":[{"mimeType":"image/*"},5]}', "", "the far side refused it; allowed: image/*"),
        (b'{"fileUrl":""}', "", "the far side gave no address"),
        (b'{"fileUrl":5}', "", "the far side gave no address"),
        (b'{"fileUrl":null}', "", "the far side gave no address"),
        (b'{"fileUrl":"https://a.test/\\ud83d"}', "https://a.test/\ufffd", ""),
        (b"{}", "", "the far side gave no address"),
        (b"", "", "the far side gave no address"),
        (b"<html>", "", "the far side gave no address"),
    ],
)
def test_what_an_upload_is_answered(body: bytes, address: str, reason: str) -> None:
    assert read_upload(body) == (address, reason)


@pytest.mark.row("M8")
@pytest.mark.parametrize(
    ("status", "body", "cause"),
    [
        (200, FILES, "'note.txt' was not taken: the far side refused it; allowed: up to 1 MB; image/*, text/plain"),
        (200, {}, "'note.txt' was not taken: the far side gave no address"),
        (413, None, "'note.txt' was not taken: answered 413"),
        (403, {"error": {"errorCode": "No", "errorMessage": "x"}}, "'note.txt' was not taken: answered 403 No"),
    ],
)
def test_a_refused_upload_fails_its_message_and_nothing_is_sent(status: int, body: object, cause: str) -> None:
    chat = with_thread()
    send(chat, NOTE, PICTURE, text="look")
    send(chat, text="behind")
    words = chat.reply("POST file", body, status=status)
    assert words == ["UploadFailed", "message failed", "message sending", "frame SendMessage"]
    failed = next(event for event in chat.told if isinstance(event, e.UploadFailed))
    assert (failed.attachment, failed.name, failed.cause) == (0, "note.txt", cause)
    assert next(x.cause for x in chat.told if isinstance(x, e.MessageStatusChanged) and x.status == "failed") == cause
    assert chat.frame("SendMessage")["payload"]["data"]["messageContent"]["payload"]["text"] == "behind"


def test_what_was_uploaded_is_not_uploaded_again() -> None:
    chat = with_thread()
    send(chat, NOTE, PICTURE, text="look")
    message = newest(chat).id
    chat.reply("POST file", url("1"))
    chat.reply("POST file", {}, status=400)
    assert chat.ask(i.RetryMessage, message=message) == [
        "message queued",
        "RetryMessage answered",
        "message uploading",
        "POST file",
    ]
    assert json.loads(chat.call("POST file").body)["fileName"] == "mug.png"
    chat.reply("POST file", url("2"))
    assert [file["url"][-1] for file in sent_files(chat)] == ["1", "2"]


@pytest.mark.row("P11")
def test_a_message_that_was_refused_goes_again_with_what_was_uploaded() -> None:
    chat = with_thread()
    send(chat, NOTE)
    message = newest(chat).id
    chat.reply("POST file", url("1"))
    send(chat, text="later")
    first = next(frame for kind, frame in chat.frames if kind == "SendMessage")
    error = {"errorCode": "SendingMessageFailed", "errorMessage": "no", "transactionId": "t"}
    assert chat.hear({"eventId": first["eventId"], "error": error}) == ["message failed"]
    statuses = {kept.id: kept.status for kept in chat.session.threads[THREAD].messages}
    assert [status for id, status in statuses.items() if id != message] == ["sending"]  # its own, not the last one
    assert statuses[message] == "failed"
    assert chat.ask(i.RetryMessage, message=message) == [
        "message queued",
        "RetryMessage answered",
        "message sending",
        "frame SendMessage",
    ]
    assert sent_files(chat)[0]["url"] == "https://files.example.test/1"


def test_with_the_dropping_policy_the_rest_goes() -> None:
    chat = with_thread(policy=DROPPING)
    send(chat, NOTE, PICTURE, text="look")
    assert chat.reply("POST file", {}, status=400) == ["UploadFailed", "POST file"]
    assert [file.name for file in newest(chat).attachments] == ["mug.png"]
    assert chat.reply("POST file", url("2")) == ["message sending", "frame SendMessage"]
    assert [file["fileName"] for file in sent_files(chat)] == ["mug.png"]
    assert held(chat) == 0


def test_with_the_dropping_policy_no_file_is_left_in_the_store() -> None:
    chat = with_thread(policy=DROPPING, durable=True)
    chat.saved()
    send(chat, NOTE, PICTURE)
    chat.saved()
    chat.reply("POST file", {}, status=400)
    chat.reply("POST file", url("2"))
    chat.saved()
    assert [file["fileName"] for file in sent_files(chat)] == ["mug.png"]
    copy_of(chat)
    assert [key for key in chat.session.kept if key.startswith(("file", "message"))] == []


def test_with_the_dropping_policy_words_are_enough() -> None:
    chat = with_thread(policy=DROPPING)
    send(chat, NOTE, text="look")
    assert chat.reply("POST file", {}, status=400) == ["UploadFailed", "message sending", "frame SendMessage"]
    assert sent_files(chat) == []


def test_with_the_dropping_policy_a_message_of_nothing_fails_and_all_is_tried_again() -> None:
    chat = with_thread(policy=DROPPING)
    send(chat, NOTE, PICTURE)
    message = newest(chat).id
    chat.reply("POST file", {}, status=400)
    assert chat.reply("POST file", {}, status=400) == ["UploadFailed", "message failed"]
    assert chat.told[-1] == e.MessageStatusChanged(
        thread=THREAD, message=message, status=newest(chat).status, cause="none of its files was taken"
    )
    chat.ask(i.RetryMessage, message=message)
    chat.reply("POST file", url("1"))
    chat.reply("POST file", url("2"))
    assert [file["fileName"] for file in sent_files(chat)] == ["note.txt", "mug.png"]


def test_a_retry_while_uploading_is_refused_and_changes_nothing() -> None:
    chat = with_thread(policy=DROPPING)
    send(chat, NOTE, PICTURE)
    chat.reply("POST file", {}, status=400)
    assert chat.ask(i.RetryMessage, message=newest(chat).id) == ["RetryMessage refused illegal_state"]
    chat.reply("POST file", url("2"))
    assert [file["fileName"] for file in sent_files(chat)] == ["mug.png"]


def test_a_refused_version_ends_everything() -> None:
    chat = with_thread()
    send(chat, NOTE)
    words = chat.reply("POST file", VERSION_REFUSED, status=403)
    assert words[:2] == ["UploadFailed", "message failed"]
    assert chat.state is S.UNSUPPORTED


# --- what stops an upload ---


def test_discarding_the_message_stops_its_upload() -> None:
    chat = with_thread()
    send(chat, NOTE)
    send(chat, text="behind")
    message = chat.session.threads[THREAD].messages[-2].id
    words = chat.ask(i.DiscardMessage, message=message)
    assert words == ["cancel POST file", "DiscardMessage answered", "message sending", "frame SendMessage"]
    assert held(chat) == 0


def test_discarding_stops_an_upload_that_waits_for_its_next_attempt() -> None:
    chat = with_thread()
    send(chat, NOTE)
    chat.reply("POST file", status=503)
    chat.ask(i.DiscardMessage, message=newest(chat).id)
    assert "POST file" not in chat.wait(60.0)


@pytest.mark.parametrize("resting", [False, True])
def test_another_thread_s_upload_goes_on(resting: bool) -> None:
    chat = with_thread("multi")
    chat.ask(i.StartThread)
    other = str(chat.answers[chat.asked])
    send(chat, NOTE)
    first = newest(chat).id
    send(chat, PICTURE, thread=other)
    if resting:
        chat.reply("POST file", status=503)
        chat.reply("POST file", status=503)
    words = chat.ask(i.DiscardMessage, message=first)
    assert words == ["DiscardMessage answered"] if resting else ["cancel POST file", "DiscardMessage answered"]
    if resting:
        assert chat.wait_next() == ["POST file"]
    assert b64decode(json.loads(chat.call("POST file").body)["content"]) == b"picture"
    assert chat.reply("POST file", url("1"))[0] == "message sending"


def test_signing_out_stops_it() -> None:
    chat = with_thread()
    send(chat, NOTE)
    words = chat.ask(i.SignOut)
    assert "cancel POST file" in words
    assert "message failed" in words


def test_the_end_of_the_thread_stops_it() -> None:
    chat = with_thread("live")
    send(chat, NOTE)
    words = chat.hear(case_changed("closed"))
    assert words.index("cancel POST file") < words.index("message failed")


def test_leaving_in_order_does_not_stop_it() -> None:
    chat = with_thread()
    send(chat, NOTE)
    assert "cancel POST file" not in chat.ask(i.EnterBackground)
    assert chat.reply("POST file", url("1")) == ["message queued"]


def test_a_late_answer_changes_nothing() -> None:
    chat = with_thread()
    send(chat, NOTE)
    number = chat.call("POST file").id
    chat.ask(i.DiscardMessage, message=newest(chat).id)
    assert chat.put(i.ResponseReceived(id=number, status=200, body=json.dumps(url("1")).encode())) == []


# --- memory ---


def test_content_is_held_once_and_not_after_the_upload() -> None:
    chat = with_thread()
    content = bytes(30_000)
    send(chat, Upload(name="a.png", content=content, mime_type="image/png"), text="x")
    (outgoing,) = chat.leaf.delivery.outbox
    assert outgoing.files[0].content == b""
    assert outgoing.files[0].body is chat.call("POST file").body
    assert held(chat) == len(chat.call("POST file").body)
    chat.reply("POST file", url("1"))
    assert held(chat) == 0


def test_a_copy_that_comes_while_its_files_are_uploaded_again_lets_go_what_waits_behind() -> None:
    chat = with_thread()
    send(chat, PICTURE)
    first = str(chat.answers[chat.asked])
    assert chat.ask(i.SendMessage, thread=THREAD, text="two") == ["message queued", "SendMessage answered"]
    copy = {
        "id": "p-1", "idOnExternalPlatform": first, "threadIdOnExternalPlatform": THREAD, "direction": "inbound",
        "createdAt": "2026-05-28T20:26:41+00:00", "messageContent": {"type": "TEXT", "payload": {"text": "one"}},
    }  # fmt: skip
    data = {"thread": {"idOnExternalPlatform": THREAD}, "message": copy}
    words = chat.hear({"eventId": "e-1", "eventType": "MessageCreated", "data": data})
    assert words[0] == "cancel POST file"
    assert "frame SendMessage" in words


def test_what_waits_is_bounded() -> None:
    chat = with_thread(policy=Policy(upload_memory=16))  # as base64, of 12 and 8 bytes
    assert send(chat, PICTURE, NOTE) == ["SendMessage refused limit_reached"]
    assert chat.refusal[1] == "the files that wait would take 20 bytes, of 16 that the policy allows"
    assert send(chat, PICTURE)[0] == "message queued"
    assert send(chat, NOTE) == ["SendMessage refused limit_reached"]
    chat.reply("POST file", url("1"))
    assert send(chat, NOTE)[0] == "message queued"


# --- checks ---


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (Upload(name=" ", content=b"x", mime_type="image/png"), "a file has no name"),
        (Upload(name="n" * 1025, content=b"x", mime_type="image/png"), "longer than 1024 characters"),
        (Upload(name="\ud83d", content=b"x", mime_type="image/png"), "half of a surrogate pair"),
        (Upload(name="a.png", content=b"", mime_type="image/png"), "'a.png' is empty"),
        (Upload(name="a.png", content=b"x", mime_type="png"), "'a.png' has the type 'png', which is none"),
        (Upload(name="a.png", content=b"x", mime_type="a/b\r\nc"), "which is none"),
        (
            Upload(name="a.pdf", content=b"x", mime_type="application/pdf"),
            "'a.pdf' has the type 'application/pdf', and these are allowed: image/*, text/plain",
        ),
        (
            Upload(name="a.png", content=bytes(1024 * 1024 + 1), mime_type="image/png"),
            "'a.png' is too large: 1.0 MiB (1048577 bytes), and 1.0 MiB (1048576 bytes) are allowed",
        ),
    ],
)
def test_a_file_that_cannot_go_is_refused_before_anything(file: Upload, reason: str) -> None:
    chat = with_thread()
    assert send(chat, NOTE, file, text="x") == ["SendMessage refused invalid_value"]
    assert reason in chat.refusal[1]
    assert len(chat.leaf.delivery.outbox) == 0


@pytest.mark.parametrize("mime_type", ["image/png", "IMAGE/SVG+XML", "text/plain; charset=utf-8", "Text/Plain"])
def test_types_that_are_allowed(mime_type: str) -> None:
    chat = with_thread()
    assert send(chat, Upload(name="a", content=b"x", mime_type=mime_type))[0] == "message queued"


@pytest.mark.parametrize(
    ("files", "mime_type", "word"),
    [
        (None, "image/png", "SendMessage refused not_supported"),
        (FILES | {"isAttachmentsEnabled": False}, "image/png", "SendMessage refused not_supported"),
        ({"isAttachmentsEnabled": True}, "model/stl", "message queued"),
        (FILES | {"allowedFileTypes": []}, "model/stl", "message queued"),
        (FILES | {"allowedFileTypes": [{"mimeType": "*/*"}]}, "model/stl", "message queued"),
        (FILES | {"allowedFileTypes": [{"mimeType": "model"}]}, "model/stl", "SendMessage refused invalid_value"),
        (FILES | {"allowedFileSize": 0}, "image/png", "message queued"),
    ],
)
def test_what_a_channel_says_of_files(files: object, mime_type: str, word: str) -> None:
    chat = with_thread()
    chat.leaf.configuration = said_by_channel(files)
    assert send(chat, Upload(name="a", content=bytes(1024), mime_type=mime_type))[0] == word


def test_an_app_can_look_at_what_a_channel_takes() -> None:
    chat = Alone()
    assert chat.session.file_limits is None
    chat = with_thread(policy=Policy(max_uploads=3))
    assert chat.session.file_limits == FileLimits(
        allowed=True, largest=1024 * 1024, types=("image/*", "text/plain"), most=3
    )
    chat.leaf.configuration = said_by_channel(None)
    assert chat.session.file_limits == FileLimits(allowed=False, most=3)


def test_too_many_files() -> None:
    chat = with_thread(policy=Policy(max_uploads=2))
    assert send(chat, NOTE, NOTE, NOTE) == ["SendMessage refused invalid_value"]
    assert chat.refusal[1] == "3 files in one message"
    assert send(chat, NOTE, NOTE)[0] == "message queued"


def test_content_and_names_are_not_shown() -> None:
    request = i.SendMessage(request=1, thread="t", text="x", attachments=(NOTE,))
    assert "note'" not in repr(request)
    assert "b'note" not in repr(request)


def test_commands_do_not_show_content() -> None:
    chat = with_thread()
    send(chat, PICTURE)
    assert "cGljdHVyZQ" not in repr([x for x in chat.log if isinstance(x, c.SendRequest)])


def test_what_waits_is_counted_as_large_as_it_gets() -> None:
    chat = with_thread(policy=Policy(upload_memory=12_000))
    chat.closed()
    file = Upload(name="a.png", content=bytes(3000), mime_type="image/png")
    words = [send(chat, file)[0] for _ in range(4)]
    assert words == ["message queued"] * 3 + ["SendMessage refused limit_reached"]
