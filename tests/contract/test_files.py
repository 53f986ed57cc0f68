"""Files both ways through the public face, on both runtimes, in virtual time."""

from datetime import UTC, datetime

import pytest

from deskline import (
    Attachment,
    Choice,
    ContentKind,
    InvalidValue,
    LimitReached,
    Message,
    MessageReceived,
    MessageStatus,
    MessageStatusChanged,
    NotSupported,
    Party,
    PartyRole,
    Policy,
    Upload,
    UploadFailed,
    UploadProgressed,
)
from deskline.cli.narration import message_line, told
from deskline_center.controls import AgentSays, Delay, Fail
from deskline_center.cxone import CXoneChannel, channel_id, contents
from deskline_core.policy import Backoff
from deskline_transports.base import RestRequest
from deskline_transports.memory import Crossing, Fate
from tests.contract.far_side import desk
from tests.contract.kits import Kit, on_both

PICTURE = Upload(name="mug.png", content=bytes(range(256)) * 1024, mime_type="image/png")
NOTE = Upload(name="note.txt", content=b"hello harbour", mime_type="text/plain")
NO_FILES = (CXoneChannel(id=channel_id("single", "legacy"), mode="single", attachments=False),)


def test_a_terminal_shows_files_and_choices_and_nothing_of_where_they_lie() -> None:
    message = Message(
        id="m",
        thread="t",
        party=Party(id="1", role=PartyRole.AGENT, name="Noor"),
        text="look\nme: fine",
        created_at=datetime(2026, 3, 4, tzinfo=UTC),
        status=MessageStatus.DELIVERED,
        attachments=(Attachment(name="mug\x1b[2J.png", url="https://a.test/signed"), Attachment(name="", url="u")),
        choices=(Choice(text="Early", postback="slot:early"),),
    )
    assert message_line(message).split("\n") == [
        "Noor: look me: fine",
        "      file: mug[2J.png",
        "      file: without a name",
        "      [Early]",
    ]
    failed = UploadFailed(thread="t", message="m", attachment=0, name="n", cause="'n' was not taken: \x1b[2J")
    assert told(failed) == ("file", "'n' was not taken: [2J")


@on_both
async def test_a_message_with_files_arrives_with_them(kit: Kit) -> None:
    async with desk(kit) as d, d.ready() as chat:
        events = chat.events()
        thread = await chat.thread()
        message = await thread.send("", attachments=[PICTURE, NOTE])
        assert await message.settled() is MessageStatus.DELIVERED
        assert message.message is not None
        files = message.message.attachments
        assert [(file.name, file.mime_type) for file in files] == [("mug.png", "image/png"), ("note.txt", "text/plain")]
        for file, upload in zip(files, (PICTURE, NOTE), strict=True):
            answer = await d.transport.rest.send(RestRequest(method="GET", url=file.url))
            assert (answer.status, answer.body) == (200, upload.content)
        statuses, progress = [], []
        async for event in events:
            if isinstance(event, UploadProgressed):
                progress.append((event.attachment, event.sent, event.total))
            elif isinstance(event, MessageStatusChanged):
                statuses.append(event.status)
                if event.status is MessageStatus.DELIVERED:
                    break
        assert statuses == ["queued", "uploading", "sending", "sent", "delivered"]
        assert progress == sorted(progress)
        assert len([x for x in progress if x[0] == 0]) > 2
        assert (0, len(PICTURE.content), len(PICTURE.content)) in progress
        assert progress[-1] == (1, len(NOTE.content), len(NOTE.content))


@on_both
async def test_wrong_files_are_refused_before_anything_is_sent(kit: Kit) -> None:
    async with desk(kit) as d, d.ready() as chat:
        assert chat.file_limits is not None
        assert chat.file_limits.types == ("image/*", "application/pdf", "text/plain")
        thread = await chat.thread()
        wrong = Upload(name="setup.exe", content=b"x", mime_type="application/x-msdownload")
        with pytest.raises(InvalidValue, match=r"'setup.exe' has the type .* allowed: image/\*"):
            await thread.send("look", attachments=[NOTE, wrong])
        with pytest.raises(InvalidValue, match="11 files in one message"):
            await thread.send("look", attachments=[NOTE] * 11)
        with pytest.raises(InvalidValue, match="the text is empty"):
            await thread.send("")
        assert thread.messages == ()
    policy = Policy(upload_memory=5)
    async with desk(kit) as d, d.ready(policy=policy) as chat:
        with pytest.raises(LimitReached, match="20 bytes, of 5"):
            await (await chat.thread()).send("look", attachments=[NOTE])
    async with desk(kit, channels=NO_FILES) as d, d.ready() as chat:
        thread = await chat.thread()
        with pytest.raises(NotSupported, match="takes no files"):
            await thread.send("look", attachments=[NOTE])


@on_both
async def test_a_file_that_is_not_taken_fails_its_message_which_may_go_again(kit: Kit) -> None:
    async with desk(kit) as d, d.ready() as chat:
        thread = await chat.thread()
        await (await thread.send("hello")).settled()
        d.do(Fail(match="rest:attachment", status=403, code="Nope"))
        failed = chat.wait_for(UploadFailed)
        message = await thread.send("look", attachments=[NOTE, PICTURE])
        event = await failed
        assert (event.message, event.attachment, event.name) == (message.id, 0, "note.txt")
        assert event.cause == "'note.txt' was not taken: answered 403 Nope"
        assert await message.settled() is MessageStatus.FAILED
        assert len(d.center.overview()["threads"][0]["messages"]) == 1
        await message.retry()
        assert await message.settled() is MessageStatus.DELIVERED
        assert message.message is not None
        assert [file.name for file in message.message.attachments] == ["note.txt", "mug.png"]


@on_both
async def test_with_the_dropping_policy_the_rest_of_the_message_goes(kit: Kit) -> None:
    async with desk(kit) as d, d.ready(policy=Policy(attachment_failure="drop")) as chat:
        thread = await chat.thread()
        d.do(Fail(match="rest:attachment", status=403))
        failed = chat.wait_for(UploadFailed)
        message = await thread.send("look", attachments=[NOTE, PICTURE])
        assert (await failed).name == "note.txt"
        assert await message.settled() is MessageStatus.DELIVERED
        assert message.message is not None
        assert [file.name for file in message.message.attachments] == ["mug.png"]


@on_both
async def test_a_discarded_message_stops_its_upload(kit: Kit) -> None:
    def slow(crossing: Crossing) -> Fate:
        return Fate(delay=60.0) if crossing.kind == "request" and "/attachment" in crossing.text else Fate()

    async with desk(kit, fate=slow) as d, d.ready() as chat:
        thread = await chat.thread()
        uploading = chat.wait_for(UploadProgressed)
        message = await thread.send("look", attachments=[PICTURE])
        behind = await thread.send("behind")
        await uploading
        assert (message.status, behind.status) == (MessageStatus.UPLOADING, MessageStatus.QUEUED)
        started = kit.now()
        await message.discard()
        assert await behind.settled() is MessageStatus.DELIVERED
        assert kit.now() - started < 5
        await kit.sleep(120)
        assert [shown.text for shown in thread.messages] == ["behind"]


@on_both
async def test_leaving_the_chat_stops_an_upload(kit: Kit) -> None:
    async with desk(kit) as d:
        async with d.ready() as chat:
            d.do(Delay(match="rest:attachment", seconds=1000))
            thread = await chat.thread()
            started = kit.now()
            await thread.send("look", attachments=[PICTURE])
        assert kit.now() - started < 10


@on_both
async def test_an_upload_outlives_a_lost_connection(kit: Kit) -> None:
    asked = 0

    def count(crossing: Crossing) -> Fate:
        nonlocal asked
        asked += crossing.kind == "request" and crossing.text.endswith("/attachment")
        return Fate()

    policy = Policy(backoff=Backoff(first=1.0, jitter=(0.0, 0.0)))
    async with desk(kit, fate=count) as d, d.ready(policy=policy) as chat:
        thread = await chat.thread()
        await (await thread.send("hello")).settled()
        d.do(Delay(match="rest:attachment", seconds=0.5))
        message = await thread.send("look", attachments=[NOTE])
        d.network.cut()
        back = chat.wait_for(MessageStatusChanged, lambda event: event.status is MessageStatus.QUEUED)
        assert (await back).message == message.id  # uploaded, and no connection to send it on
        assert await message.settled() is MessageStatus.DELIVERED
    assert asked == 1


@on_both
async def test_what_an_agent_offers_is_shown_and_chosen(kit: Kit) -> None:
    async with desk(kit) as d, d.ready() as chat:
        thread = await chat.thread()
        await (await thread.send("hello")).settled()
        received = chat.wait_for(MessageReceived)
        d.do(AgentSays(content=contents.quick_replies("When?", ("Early", "slot:early"), ("Late", "slot:late"))))
        offer = (await received).message
        assert (offer.kind, offer.text) == (ContentKind.QUICK_REPLIES, "When?")
        message = await thread.choose(offer.choices[1])
        assert await message.settled() is MessageStatus.DELIVERED
        assert message.message is not None
        assert (message.message.text, message.message.postback) == ("Late", "slot:late")


@on_both
async def test_an_agent_sends_a_file(kit: Kit) -> None:
    async with desk(kit) as d, d.ready() as chat:
        thread = await chat.thread()
        await (await thread.send("hello")).settled()
        received = chat.wait_for(MessageReceived)
        note = {"friendlyName": "note.txt", "mimeType": "text/plain", "content": "aGVsbG8="}
        d.do(AgentSays(text="", attachments=(note,)))
        message = (await received).message
        (file,) = message.attachments
        assert isinstance(file, Attachment)
        assert (message.text, file.name, file.mime_type) == ("", "note.txt", "text/plain")
        answer = await d.transport.rest.send(RestRequest(method="GET", url=file.url))
        assert answer.body == b"hello"
        assert file.url not in repr(message)
