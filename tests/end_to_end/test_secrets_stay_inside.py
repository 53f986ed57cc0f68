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
WAYS: tuple[tuple[Any, Any], ...] = (("legacy", "oauth"), ("secured", "oauth"), ("secured", "cookie"))
CODE, VERIFIER, DEVICE = "canary-of-the-code-0123", "canary-of-the-verifier-0123", "canary-of-the-device-0123"
CHANNELS = (
    CXoneChannel(id=channel_id("live", "legacy"), mode="live", survey=SURVEY, anonymous_access_token=True),
    CXoneChannel(id=channel_id("live", "secured"), mode="live", survey=SURVEY, session="secured"),
    *(
        CXoneChannel(
            id=channel_id("live", session, way), mode="live", survey=SURVEY, session=session, authentication=way,
            message_proof="required",
        )
        for session, way in WAYS
    ),
)  # fmt: skip
ENDS = {ChatState.READY, ChatState.LOST, ChatState.PREPARED}
POLICY = Policy(backoff=Backoff(first=0.1, jitter=(0.0, 0.05)))


@pytest.mark.parametrize(("session", "way"), [("legacy", "anonymous"), ("secured", "anonymous"), *WAYS])
@pytest.mark.parametrize("runtime", ["trio", "asyncio"])
def test_no_secret_and_no_text_comes_out(
    runtime: str,
    session: Any,
    way: Any,
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
                partial(
                    _chat,
                    runtime,
                    channel_id("live", session, way),
                    center,
                    {"store": store, "journal": journal, "seed": seed},
                    told,
                )
            )
        tokens = _tokens(tmp_path / "chats.db-tokens")
        assert _tokens(store) == set()
        secrets = tokens | {CODE, VERIFIER, DEVICE} | {text for seed in SEEDS for text in (seed.decode(), seed.hex())}
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


async def _chat(runtime: str, channel: str, center: RunningCenter, options: dict[str, Any], told: list[str]) -> None:
    package = getattr(deskline, runtime)
    site = CXone.local(center.url, 1386, channel)
    async with package.open_chat(site, policy=POLICY, connect=False, **options) as chat:
        everything = chat.events()
        told += [repr(chat), repr(site)]
        await chat.authenticate(CODE, VERIFIER)
        await chat.register_device(DEVICE)
        await chat.connect()
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
            if isinstance(event, ChatStateChanged) and event.state in ENDS:
                break
        if "Authenticate" in chat.capabilities:  # the far side knows none of the tokens any more
            await chat.authenticate(CODE, VERIFIER)
        await chat.connect()
        await chat.ready()
        told += [repr(thread), repr(message), repr(thread.messages), repr(chat.threads)]
    told += [repr(event) async for event in everything]


def _tokens(store: Path) -> set[str]:
    """Return the tokens that the chats have kept in this file."""
    with closing(sqlite3.connect(store)) as connection:
        rows = connection.execute("SELECT value FROM kept WHERE key = 'credentials'").fetchall()
    kept = [msgspec.json.decode(value) for (value,) in rows]
    return {text for record in kept for text in record.values() if isinstance(text, str) and text}
