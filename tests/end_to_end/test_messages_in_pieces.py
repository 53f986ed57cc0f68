"""Messages in pieces and messages that come cut, over real sockets, on both runtimes."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest
import trio

import deskline
from deskline import CXone, ErrorReceived, MessageReceived, MessageUpdated, Policy, StreamFailed, TextAppended
from deskline.center import RunningCenter, serve
from deskline_center.controls import AgentSays, AgentStreams, DropSockets, Fail, StreamPiece, ViaUrl
from deskline_center.cxone import channel_id
from deskline_core.journal import verify
from deskline_core.policy import Backoff

SOON = Policy(backoff=Backoff(first=0.05, jitter=(0.0, 0.05)))
RUNS: dict[str, Callable[[Callable[[], Coroutine[Any, Any, None]]], None]] = {
    "trio": trio.run,
    "asyncio": lambda main: asyncio.run(main()),
}


def site(center: RunningCenter, mode: Any, session: Any) -> CXone:
    return CXone.local(center.url, 1386, channel_id(mode, session))


@pytest.mark.parametrize(("mode", "session"), [("single", "legacy"), ("multi", "secured"), ("live", "secured")])
@pytest.mark.parametrize("runtime", RUNS)
def test_a_message_in_pieces(runtime: str, mode: str, session: str, tmp_path: Any) -> None:
    journal = tmp_path / "chat.jsonl"
    with serve() as center:
        RUNS[runtime](partial(_in_pieces, runtime, center, site(center, mode, session), journal))
    lines = journal.read_text("ascii").splitlines()
    assert verify(lines).is_good
    assert "/chat/streams/" not in "".join(lines)


async def _in_pieces(runtime: str, center: RunningCenter, where: CXone, journal: Any) -> None:
    async with getattr(deskline, runtime).open_chat(where, journal=journal, policy=SOON) as chat:
        thread = await chat.thread()
        await (await thread.send("Where is it?")).settled()
        events = chat.events()
        center.control.do(AgentStreams(end="open"))
        text = ""
        async for event in events:
            match event:
                case MessageReceived():
                    center.control.do(StreamPiece(raw=": a comment\n\n", text="On its "))
                case TextAppended(text=piece):
                    text += piece
                    if piece == "On its ":
                        center.control.do(DropSockets())  # a stream does not mind
                        center.control.do(StreamPiece(text="wäy, ✓"))
                        center.control.do(StreamPiece(text=".", end="stop"))
                case MessageUpdated(message=message):
                    assert message.text == text == "On its wäy, ✓."
                    break
        await chat.ready()
        assert thread.messages[-1].text == text


@pytest.mark.parametrize("runtime", RUNS)
def test_what_goes_wrong_on_the_way(runtime: str) -> None:
    with serve() as center:
        RUNS[runtime](partial(_wrong, runtime, center))


async def _wrong(runtime: str, center: RunningCenter) -> None:
    where = site(center, "single", "legacy")
    async with getattr(deskline, runtime).open_chat(where, policy=Policy(stream_silence=1.5)) as chat:
        thread = await chat.thread()
        await (await thread.send("Where is it?")).settled()

        async def failing(control: AgentStreams) -> StreamFailed:
            failed = chat.wait_for(StreamFailed)
            center.control.do(control)
            event: StreamFailed = await failed
            return event

        assert (await failing(AgentStreams(pieces=("On its ",), seconds=0, end="close"))).cause.startswith("it ended")
        assert "answered" in (await failing(AgentStreams(pieces=("On its ",), seconds=0.05, end="cut"))).cause
        assert (await failing(AgentStreams(end="open"))).cause == "no answer in 1.5 s"
        center.control.do(Fail(match="rest:stream", status=503))
        assert (await failing(AgentStreams(pieces=("x",)))).cause == "answered 503"
        assert "trusted" in (await failing(AgentStreams(url="https://localhost.evil.test@127.0.0.1/x"))).cause


@pytest.mark.parametrize("runtime", RUNS)
def test_a_message_that_comes_cut(runtime: str) -> None:
    with serve() as center:
        RUNS[runtime](partial(_cut, runtime, center))


async def _cut(runtime: str, center: RunningCenter) -> None:
    async with getattr(deskline, runtime).open_chat(site(center, "live", "secured")) as chat:
        thread = await chat.thread()
        await (await thread.send("Where is it?")).settled()
        center.control.do(Fail(match="rest:message", status=401))
        failed = chat.wait_for(ErrorReceived)
        center.control.do(AgentSays(text="It is somewhere", partial=True))
        assert (await failed).code == "FullContentFailed"
        assert thread.messages[-1].text == "It is somewhere"
        center.control.do(ViaUrl(match="MessageCreated"))
        received = chat.wait_for(MessageReceived)
        center.control.do(AgentSays(text="At the harbour", partial=True))
        assert (await received).text == "At the harbour"
