"""Files both ways over real sockets, on both runtimes."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import pytest
import trio

import deskline
from deskline import CXone, MessageReceived, MessageStatus, Upload, UploadFailed, UploadProgressed
from deskline.center import RunningCenter, serve
from deskline_center.controls import AgentSays, Fail
from deskline_center.cxone import channel_id, contents
from deskline_core.journal import verify
from tests.end_to_end.beside import LONGEST

RUNS: dict[str, Callable[[Callable[[], Coroutine[Any, Any, None]]], None]] = {
    "trio": trio.run,
    "asyncio": lambda main: asyncio.run(main()),
}
PICTURE = Upload(name="mug.png", content=bytes(range(256)) * 8192, mime_type="image/png")  # 2 MiB
NOTE = Upload(name="canary-note.txt", content=b"hello canary-harbour", mime_type="text/plain")


def fetched(url: str) -> bytes:
    parts = urlsplit(url)
    connection = HTTPConnection(parts.netloc, timeout=LONGEST)
    connection.request("GET", parts.path)
    body = connection.getresponse().read()
    connection.close()
    return body


def site(center: RunningCenter, mode: Any) -> CXone:
    return CXone.local(center.url, 1386, channel_id(mode, "legacy"))


@pytest.mark.parametrize("mode", ["single", "multi", "live"])
@pytest.mark.parametrize("runtime", RUNS)
def test_files_both_ways(runtime: str, mode: str, tmp_path: Any) -> None:
    journal = tmp_path / "chat.jsonl"
    with serve() as center:
        RUNS[runtime](partial(_both_ways, runtime, center, mode, journal))
    lines = journal.read_text("ascii").splitlines()
    assert verify(lines).is_good
    assert "/chat/files/" not in "".join(lines)


async def _both_ways(runtime: str, center: RunningCenter, mode: str, journal: Any) -> None:
    package = getattr(deskline, runtime)
    async with package.open_chat(site(center, mode), journal=journal) as chat:
        events = chat.events()
        thread = await chat.thread()
        message = await thread.send("look", attachments=[PICTURE, NOTE])
        assert await message.settled() is MessageStatus.DELIVERED
        assert message.message is not None
        assert [fetched(file.url) for file in message.message.attachments] == [PICTURE.content, NOTE.content]
        progress = []
        async for event in events:
            if isinstance(event, UploadProgressed):
                progress.append((event.attachment, event.sent, event.total))
                if event.attachment == 1:
                    break
        sizes = [len(PICTURE.content), len(NOTE.content)]
        assert progress == sorted(progress)
        assert [max(sent for at, sent, _ in progress if at == number) for number in (0, 1)] == sizes
        assert len(progress) > 5

        received = chat.wait_for(MessageReceived, lambda event: bool(event.message.attachments))
        note = {"friendlyName": "answer.txt", "mimeType": "text/plain", "content": "aGVsbG8="}
        center.control.do(AgentSays(text="here you are", attachments=(note,)))
        (file,) = (await received).message.attachments
        assert (file.name, fetched(file.url)) == ("answer.txt", b"hello")

        received = chat.wait_for(MessageReceived, lambda event: bool(event.message.choices))
        center.control.do(AgentSays(content=contents.time_picker("Visit", "When?", "2026-03-06T09:00:00+00:00")))
        (slot,) = (await received).message.choices
        chosen = await thread.choose(slot)
        assert await chosen.settled() is MessageStatus.DELIVERED


@pytest.mark.parametrize("runtime", RUNS)
def test_what_goes_wrong_with_files(runtime: str) -> None:
    with serve() as center:
        RUNS[runtime](partial(_wrong, runtime, center))


async def _wrong(runtime: str, center: RunningCenter) -> None:
    package = getattr(deskline, runtime)
    async with package.open_chat(site(center, "single")) as chat:
        thread = await chat.thread()
        await (await thread.send("hello")).settled()
        large = Upload(name="l.png", content=bytes(25 * 1024 * 1024 + 1), mime_type="image/png")
        with pytest.raises(deskline.InvalidValue, match=r"is too large: 25.0 MiB .* 25.0 MiB \(26214400 bytes\) are"):
            await thread.send("look", attachments=[large])
        for status, cause in ((200, "the far side gave no address"), (413, "answered 413 Refused")):
            center.control.do(Fail(match="rest:attachment", status=status))
            failed = chat.wait_for(UploadFailed)
            message = await thread.send("look", attachments=[NOTE])
            assert (await failed).cause == f"'canary-note.txt' was not taken: {cause}"
            assert await message.settled() is MessageStatus.FAILED
            await message.retry()
            assert await message.settled() is MessageStatus.DELIVERED
        center.control.do(Fail(match="rest:attachment", status=503))
        message = await thread.send("look", attachments=[NOTE])  # tried again by itself
        assert await message.settled() is MessageStatus.DELIVERED
    async with package.open_chat(site(center, "single"), policy=deskline.Policy(attachment_failure="drop")) as chat:
        thread = await chat.thread()
        center.control.do(Fail(match="rest:attachment", status=403))
        message = await thread.send("look", attachments=[NOTE, PICTURE])
        assert await message.settled() is MessageStatus.DELIVERED
        assert message.message is not None
        assert [file.name for file in message.message.attachments] == ["mug.png"]
