"""No token, seed or URL with one in it comes out anywhere: not in logs, journals, exceptions, events or prints."""

import asyncio
import logging
import sqlite3
import traceback
from collections.abc import Callable, Coroutine
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import trio

import deskline
from deskline import ChatState, ChatStateChanged, CXone, DesklineError, Policy
from deskline.center import RunningCenter, serve
from deskline_center.controls import AgentJoins, AgentSays, DropSockets, ExpireTokens, Fail
from deskline_center.cxone import CXoneChannel, FieldDefinition, Survey, channel_id
from deskline_core.policy import Backoff

SEEDS = (b"canary-of-the-first-seed-0123456789", b"canary-of-the-other-seed-0123456789")
TEXT = "canary-of-the-customers-text"
RUNS: dict[str, Callable[[Callable[[], Coroutine[Any, Any, None]]], None]] = {
    "trio": trio.run,
    "asyncio": lambda main: asyncio.run(main()),
}
SURVEY = Survey(name="Before we start", fields=(FieldDefinition(ident="topic", label="Topic"),))
CHANNELS = (
    CXoneChannel(id=channel_id("live", "legacy"), mode="live", survey=SURVEY, anonymous_access_token=True),
    CXoneChannel(id=channel_id("live", "secured"), mode="live", survey=SURVEY, session="secured"),
)
POLICY = Policy(backoff=Backoff(first=0.1, jitter=(0.0, 0.05)))


@pytest.mark.parametrize("session", ["legacy", "secured"])
@pytest.mark.parametrize("runtime", ["trio", "asyncio"])
def test_no_secret_and_no_text_comes_out(
    runtime: str,
    session: Any,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    told: list[str] = []
    store, journal = tmp_path / "chats.db", tmp_path / "chat.jsonl"
    with caplog.at_level(logging.DEBUG), serve(channels=CHANNELS) as center:
        for logger in ("httpx", "httpcore", "websockets", "trio-websocket", "deskline"):
            logging.getLogger(logger).setLevel(logging.DEBUG)
        for seed in SEEDS:
            RUNS[runtime](
                partial(_chat, runtime, session, center, {"store": store, "journal": journal, "seed": seed}, told)
            )
        tokens = _tokens(store)
        secrets = tokens | {text for seed in SEEDS for text in (seed.decode(), seed.hex())}
    printed = "".join(capfd.readouterr())
    logged = "\n".join(f"{record.name} {record.getMessage()} {record.args!r}" for record in caplog.records)
    assert "deskline.session" in logged
    assert tokens
    for place, text in {
        "log": logged,
        "print": printed,
        "journal": journal.read_text("utf-8"),
        "told": "\n".join(told),
    }.items():
        for secret in secrets:
            assert secret not in text, f"{secret!r} is in the {place}"
        assert "transactionToken=" not in text, place
        if place != "journal":
            assert TEXT not in text, place


async def _chat(runtime: str, session: Any, center: RunningCenter, options: dict[str, Any], told: list[str]) -> None:
    package = getattr(deskline, runtime)
    site = CXone.local(center.url, 1386, channel_id("live", session))
    async with package.open_chat(site, policy=POLICY, **options) as chat:
        everything = chat.events()
        told += [repr(chat), repr(site)]
        thread = await chat.thread(answers={"topic": TEXT})
        message = await thread.send(TEXT)
        await message.settled()
        center.control.do(AgentJoins())
        for control in (ExpireTokens(), Fail(match="SendMessage"), AgentSays(text="Hello"), Fail(match="rest:token")):
            try:
                center.control.do(control)
                await (await thread.send(TEXT)).settled()
                await thread.send("x" * 40_000)
            except DesklineError as error:
                told += [repr(error), "".join(traceback.format_exception(error))]
        events = chat.events()
        center.control.do(DropSockets())
        async for event in events:
            told.append(repr(event))
            if isinstance(event, ChatStateChanged) and event.state in {ChatState.READY, ChatState.LOST}:
                break
        told += [repr(thread), repr(message), repr(thread.messages), repr(chat.threads)]
    told += [repr(event) async for event in everything]


def _tokens(store: Path) -> set[str]:
    """Return the tokens that the chat has kept."""
    with closing(sqlite3.connect(store)) as connection:
        rows = connection.execute("SELECT value FROM kept WHERE key = 'credentials'").fetchall()
    return {msgspec.json.decode(value)["token"] for (value,) in rows}
