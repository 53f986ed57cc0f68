"""Files both ways (Bright Pattern reference, flows F6 and F7)."""

from deskline import (
    IllegalState,
    InvalidValue,
    MessageReceived,
    RemoteError,
    ThreadEnded,
    Upload,
    UploadFailed,
    UploadProgressed,
)
from deskline_center.brightpattern.controls import EndSession
from deskline_center.controls import AgentSays, Delay, Fail, ForgetFaults, Lose
from tests.end_to_end.flows.bright_pattern.beginnings import heard, served
from tests.end_to_end.flows.places import READINGS, V2, both, of
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("bright pattern files", on=(V2,))
PICTURE = Upload(name="mug.png", content=bytes.fromhex("89504e470d0a1a0a") + bytes(2000), mime_type="image/png")
LETTER = Upload(name="letter.pdf", content=b"%PDF-1.7 " + bytes(500), mime_type="application/pdf")
NOTE = {"friendlyName": "label.txt", "mimeType": "text/plain", "content": "VG86IEtpdA=="}


@FLOW.scenario(
    on=both("own messages come back", "files without an id", "known messages are dropped", "no receipts"),
    steps=("F6 1", "F6 2"),
    drawn=True,
)
async def files_from_the_customer(play: Play) -> None:
    """Each file is uploaded, then told of as a message of its own; the text follows them."""
    async with served(play) as (_, thread):
        message = await thread.send("Look", attachments=[PICTURE, LETTER])
        progress = await play.hears(UploadProgressed, lambda event: event.sent == event.total)
        assert progress.total == len(PICTURE.content)
        await play.arrives(message)
        assert heard(play) == ["Where is order 4711?", "mug.png", "letter.pdf", "Look"]
        kinds = [each["content"].get("file_type") for each in play.far()["messages"][-3:]]
        assert kinds == ["image", "attachment", None]
        await play.quiet()
        assert [message.text or message.attachments[0].name for message in thread.messages[-3:]] == [
            "mug.png", "letter.pdf", "Look",
        ]  # fmt: skip


@FLOW.scenario(on=of("no receipts"), settings={"file_receipts": True}, steps=("F6 3",))
async def receipts_for_a_file(play: Play) -> None:
    """Whether files get receipts is not known: where they do, they count."""
    async with served(play) as (_, thread):
        message = await thread.send("", attachments=[PICTURE])
        await message.settled()
        await play.quiet()
        assert message.status == ("sent" if play.place.name == "no receipts" else "delivered")


@FLOW.scenario(on=both("the sender of a file is a session"), steps=("F7 1", "F7 2"), drawn=True)
async def a_file_from_the_agent(play: Play) -> None:
    """A file arrives as a message, and is fetched when the app asks for it."""
    async with served(play) as (_, thread):
        play.do(AgentSays(text="", attachments=(NOTE,)))
        message = (await play.hears(MessageReceived)).message
        (file,) = message.attachments
        assert file.name == "label.txt"
        found = await thread.download(message)
        assert (found.name, found.content) == ("label.txt", b"To: Kit")
        assert thread.agent is not None
        assert (await thread.photo(thread.agent)).mime_type == "image/png"


@FLOW.scenario(on=of("no files after the end"), steps=("F7 2",))
async def a_file_after_the_end(play: Play) -> None:
    """Whether files can be had after the end is the far side's: the caller gets them, or is told."""
    async with served(play) as (_, thread):
        play.do(AgentSays(text="", attachments=(NOTE,)))
        message = (await play.hears(MessageReceived)).message
        play.do(EndSession())
        await play.hears(ThreadEnded)
        if play.place.name == "no files after the end":
            with play.refused(IllegalState):
                await thread.download(message)
        else:
            assert (await thread.download(message)).content == b"To: Kit"


# --- what goes wrong ---


@FLOW.scenario("F6 1E refused", on=of("codes are numbers"), drawn=True)
async def the_file_is_not_taken(play: Play) -> None:
    """The far side cannot keep the file: its message fails, and nothing was told of it."""
    async with served(play) as (_, thread):
        play.do(Fail(match="upload", code="5558", times=9))
        message = await thread.send("", attachments=[PICTURE])
        assert (await play.hears(UploadFailed)).name == "mug.png"
        await play.fails(message)
        assert heard(play) == ["Where is order 4711?"]
        play.do(ForgetFaults())
        await message.retry()
        await play.arrives(message)


@FLOW.scenario("F6 1E refused")
async def the_upload_cannot_be_read(play: Play) -> None:
    """An upload is answered 400: it is not repeated, and its message fails."""
    async with served(play) as (_, thread):
        play.do(Fail(match="upload", status=400))
        message = await thread.send("", attachments=[PICTURE])
        await play.hears(UploadFailed)
        await play.fails(message)


@FLOW.scenario("F6 1E too large")
async def the_file_is_too_large(play: Play) -> None:
    """More than 25 MB are refused before anything is sent, and all of the message with it."""
    large = Upload(name="film.mp4", content=bytes(25 * 1024 * 1024 + 1), mime_type="video/mp4")
    async with served(play) as (_, thread):
        with play.refused(InvalidValue):
            await thread.send("Look", attachments=[PICTURE, large])
        assert heard(play) == ["Where is order 4711?"]


@FLOW.scenario("F6 1E too large")
async def the_far_side_takes_less(play: Play) -> None:
    """The far side takes less than it says: its message fails, or goes without the file where the policy says so."""
    async with served(play) as (_, thread):
        play.do(Fail(match="upload", code="5501"))
        message = await thread.send("", attachments=[PICTURE])
        await play.hears(UploadFailed)
        await play.fails(message)


@FLOW.scenario("F6 1E too large", policy={"attachment_failure": "drop"})
async def the_text_goes_without_its_file(play: Play) -> None:
    """Where the policy says so, a file that is not taken is dropped, and the text goes."""
    async with served(play) as (_, thread):
        play.do(Fail(match="upload", code="5501"))
        message = await thread.send("Look", attachments=[PICTURE])
        await play.hears(UploadFailed)
        await play.arrives(message)
        assert heard(play) == ["Where is order 4711?", "Look"]


@FLOW.scenario("F6 1E lost", drawn=True)
async def the_upload_breaks(play: Play) -> None:
    """The connection breaks behind an upload: it is made again, and the first one is an orphan that nobody sees."""
    async with served(play) as (_, thread):
        play.do(Lose(match="upload"))
        message = await thread.send("", attachments=[PICTURE])
        await play.arrives(message)
        assert heard(play) == ["Where is order 4711?", "mug.png"]


@FLOW.scenario("F6 2E gone", short={"end_confirmation": 0.3}, drawn=True)
async def the_session_is_gone_with_a_file(play: Play) -> None:
    """Telling of the file is the first to learn that the session is gone: without last news, it is lost."""
    async with served(play) as (_, thread):
        play.do(Fail(match="send:chat_session_file", code="5005"))
        message = await thread.send("", attachments=[PICTURE])
        assert (await play.hears(ThreadEnded)).reason == "lost"
        await play.fails(message)


@FLOW.scenario("F6 2E old server", on=(READINGS["files without an id"],), drawn=True)
async def an_older_center_wants_no_id(play: Play) -> None:
    """An older center answers 500 to a file with an id: it is told of once more, without one, and known again."""
    async with served(play) as (_, thread):
        message = await thread.send("", attachments=[PICTURE])
        await play.arrives(message)
        assert heard(play) == ["Where is order 4711?", "mug.png"]
        await play.says(thread, "Look")
        assert len([each for each in thread.messages if each.attachments]) == 1


@FLOW.scenario("F6 2E orphan", drawn=True)
async def the_file_is_an_orphan(play: Play) -> None:
    """The upload was taken, and its event is refused: the message fails, and the file is nobody's."""
    async with served(play) as (_, thread):
        play.do(Fail(match="send:chat_session_file", code="5003"))
        message = await thread.send("", attachments=[PICTURE])
        await play.fails(message)
        await message.retry()
        await play.arrives(message)
        assert heard(play) == ["Where is order 4711?", "mug.png"]


@FLOW.scenario(
    "F6 2E unknown", "21 lost: send", on=of("own messages come back", "history of messages alone"), drawn=True
)
async def the_answer_to_a_file_is_lost(play: Play) -> None:
    """Nobody knows whether the far side was told of the file: the history tells, and it is not told twice."""
    async with served(play) as (_, thread):
        play.do(Lose(match="send:chat_session_file"))
        message = await thread.send("Look", attachments=[PICTURE])
        await play.arrives(message)
        assert heard(play) == ["Where is order 4711?", "mug.png", "Look"]


@FLOW.scenario("F6 2E ended", drawn=True)
async def it_ends_during_the_upload(play: Play) -> None:
    """The far side ends the chat while a file is on its way: the message fails with it, and nobody waits."""
    async with served(play) as (_, thread):
        play.do(Delay(match="upload", seconds=3600))
        message = await thread.send("Look", attachments=[PICTURE])
        await play.until(lambda overview: overview["faults"] == 0)
        play.do(EndSession())
        await play.hears(ThreadEnded)
        await play.fails(message)


@FLOW.scenario("F7 2E rotated", on=of("codes are numbers"), drawn=True)
async def the_file_is_not_kept_any_more(play: Play) -> None:
    """The far side keeps the latest thousand files: an older one is gone, and the chat goes on."""
    async with served(play) as (_, thread):
        play.do(AgentSays(text="", attachments=(NOTE,)))
        message = (await play.hears(MessageReceived)).message
        play.do(Fail(match="file", code="5502"))
        with play.refused(RemoteError):
            await thread.download(message)
        assert thread.state == "open"
        assert (await thread.download(message)).content == b"To: Kit"


@FLOW.scenario("F7 2E rotated")
async def there_is_no_such_file(play: Play) -> None:
    """A message without a file, and a file that there is not, are refused before anything is asked."""
    async with served(play) as (_, thread):
        with play.refused(InvalidValue):
            await thread.download(thread.messages[-1])
        with play.refused(InvalidValue):
            await thread.photo("nobody")
