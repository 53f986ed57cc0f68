"""Messages for nobody, group conversations, previews and the menu over real sockets, on both runtimes."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any

import pytest
import trio

import deskline
from deskline import ChatOffline, ChatState, CXone, MessageReceived, PartyRole, ThreadState, ThreadStateChanged
from deskline.center import RunningCenter, serve
from deskline_center.controls import AgentSays, Availability, Lose
from deskline_center.cxone import channel_id
from deskline_core.journal import verify
from deskline_core.policy import Policy

RUNS: dict[str, Callable[[Callable[[], Coroutine[Any, Any, None]]], None]] = {
    "trio": trio.run,
    "asyncio": lambda main: asyncio.run(main()),
}
BOTH = pytest.mark.parametrize("runtime", RUNS)
MAIL = "kit@example.test"


def site(center: RunningCenter, mode: Any, session: Any = "legacy") -> CXone:
    return CXone.local(center.url, 1386, channel_id(mode, session))


@BOTH
@pytest.mark.parametrize("session", ["legacy", "secured"])
def test_a_message_is_left_with_nobody_there(runtime: str, session: str, tmp_path: Any) -> None:
    journal = tmp_path / "chat.jsonl"
    with serve() as center:
        center.control.do(Availability(online=False))
        RUNS[runtime](partial(_leave_word, runtime, center, session, journal))
        letters = [(letter["from"], letter["text"]) for letter in center.control.overview()["letters"]]
    assert letters == [(MAIL, "Please call me."), (MAIL, "Please call me.")]
    lines = journal.read_text("ascii").splitlines()
    assert verify(lines).is_good


async def _leave_word(runtime: str, center: RunningCenter, session: str, journal: Any) -> None:
    policy = Policy(request_timeout=1.5)
    async with getattr(deskline, runtime).open_chat(
        site(center, "live", session), journal=journal, policy=policy
    ) as chat:
        with pytest.raises(ChatOffline):
            await chat.ready()
        await chat.send_offline_message(MAIL, "Please call me.", first_name="Kit")
        center.control.do(Lose(match="SendOfflineMessage", done=False))
        with pytest.raises(deskline.ResponseTimeout):
            await chat.send_offline_message(MAIL, "Lost on the way.")
        await chat.send_offline_message(MAIL, "Please call me.")
        assert chat.state is ChatState.OFFLINE
        center.control.do(Availability(online=True))
        await chat.connect()
        await chat.ready()


@BOTH
@pytest.mark.parametrize("mode", ["single", "multi", "live"])
def test_two_customers_in_one_conversation(runtime: str, mode: str) -> None:
    with serve() as center:
        RUNS[runtime](partial(_together, runtime, center, mode))
        (thread,) = center.control.overview()["threads"]
        assert thread["guests"] == []


async def _together(runtime: str, center: RunningCenter, mode: str) -> None:
    open_chat = getattr(deskline, runtime).open_chat
    async with open_chat(site(center, mode)) as owner, open_chat(site(center, mode)) as guest:
        mine = await owner.thread()
        await (await mine.send("one")).settled()
        await guest.ready()
        opened = guest.wait_for(ThreadStateChanged, lambda event: event.state is ThreadState.OPEN)
        await guest.join(await mine.create_invitation())
        await opened
        (theirs,) = guest.threads
        heard = owner.wait_for(MessageReceived)
        await (await theirs.send("two")).settled()
        assert ((said := await heard).text, said.party.role) == ("two", PartyRole.GUEST)
        both = owner.wait_for(MessageReceived), guest.wait_for(MessageReceived)
        center.control.do(AgentSays(text="hello both"))
        assert [(await one).text for one in both] == ["hello both", "hello both"]
        await theirs.leave()
        assert theirs.state is ThreadState.ENDED


@BOTH
def test_a_preview_is_seen_and_the_menu_chosen_from(runtime: str) -> None:
    with serve() as center:
        RUNS[runtime](partial(_write_and_choose, runtime, center))
        assert center.control.overview()["previews"] == {}


async def _write_and_choose(runtime: str, center: RunningCenter) -> None:
    async with getattr(deskline, runtime).open_chat(site(center, "live")) as chat:
        thread = await chat.thread()
        await (await thread.send("one")).settled()
        await thread.preview("The han")
        await thread.mark_read()
        await (await thread.choose((await chat.menu())[0])).settled()
        assert thread.messages[-1].text == "Track my parcel"
