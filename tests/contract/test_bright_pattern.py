"""What is particular to a chat that polls: many of them, a start that nobody wants any more, and coming back."""

from functools import partial
from pathlib import Path
from typing import Any

import pytest

from deskline import (
    ChatState,
    EndReason,
    HistoryLoaded,
    MemoryStore,
    MessageReceived,
    MessageStatus,
    PushNetwork,
    RemoteError,
    ThreadEnded,
    ThreadState,
    Upload,
    UploadProgressed,
)
from deskline_center.brightpattern import APP_ID, BrightPatternChannel
from deskline_center.brightpattern.controls import EndSession, ShowForm
from deskline_center.controls import AgentJoins, AgentSays, Delay, Fail, Lose
from deskline_core.journal import verify
from tests.contract.far_side import Desk, desk
from tests.contract.kits import ARRIVED, KITS, Kit, next_of, on_both

NOTE = Upload(name="note.txt", content=b"hello harbour", mime_type="text/plain")
READY: dict[str, Any] = {"vendor": "brightpattern"}
MANY = 200


def chats(d: Desk) -> list[dict[str, Any]]:
    """Return what the center knows of its chats, the oldest first."""
    found: list[dict[str, Any]] = d.center.overview()["chats"]
    return found


@on_both
async def test_two_hundred_chats_poll_beside_each_other_and_none_waits_for_another(kit: Kit) -> None:
    """Each says something, long apart, while the polls of all the others are held."""
    async with desk(kit, script="echo") as d:
        done: list[str] = []

        async def talk(number: int) -> None:
            async with d.ready(**READY) as chat:
                thread = await chat.thread()
                await kit.sleep(20 + number % 7)
                began = kit.now()
                assert await (await thread.send(f"I am {number}")).settled() in ARRIVED
                assert kit.now() - began < 0.001
                await kit.sleep(30)
                said = [message.text for message in thread.messages if message.text.endswith(f" {number}")]
                assert said == [f"I am {number}", f"You wrote: I am {number}"]
                done.append(thread.id)

        for number in range(MANY):
            d.group.start(partial(talk, number))
        await kit.sleep(15)
        assert sum(chat["polling"] for chat in chats(d)) == MANY
        await kit.sleep(60)
        assert len(set(done)) == MANY


@pytest.mark.row("B9")
@on_both
async def test_a_start_that_nobody_waits_for_any_more_leaves_no_chat_alive(kit: Kit) -> None:
    async with desk(kit) as d, d.ready(**READY) as chat:
        d.do(Delay(match="request-chat", seconds=3))
        async with kit.cancel_after(1):
            await chat.thread()
        await kit.sleep(5)
        assert [each["over"] for each in chats(d)] == [True]
        assert chat.threads == ()
        thread = await chat.thread()
        assert await (await thread.send("one")).settled() in ARRIVED
        assert [each["over"] for each in chats(d)] == [True, False]


@pytest.mark.row("B9")
@on_both
async def test_leaving_while_a_chat_is_requested_leaves_none_alive(kit: Kit) -> None:
    async with desk(kit) as d:
        async with d.ready(**READY) as chat:
            d.do(Delay(match="request-chat", seconds=1))
            async with kit.cancel_after(0.5):
                await chat.thread()
        await kit.sleep(5)
        assert [each["over"] for each in chats(d)] == [True]


@on_both
async def test_who_comes_back_finds_the_chat_with_what_was_said_meanwhile(kit: Kit) -> None:
    async with desk(kit) as d:
        store = MemoryStore()
        async with d.ready(**READY, store=store) as chat:
            first = await chat.thread()
            await (await first.send("one")).settled()
            d.do(AgentJoins())
            await kit.settle()
        d.do(AgentSays(text="two"))
        async with d.open(**READY, store=store) as chat:
            events = chat.events()
            await chat.ready()
            loaded = await next_of(events, HistoryLoaded)
            assert [message.text for message in loaded.messages] == ["one"]
            assert (await next_of(events, MessageReceived)).text == "two"
            again = await chat.thread()
            assert (again.id, again.state) == (first.id, ThreadState.OPEN)
            assert again.agent is not None
            d.do(AgentSays(text="three"))
            assert (await next_of(events, MessageReceived)).text == "three"
            assert [message.text for message in again.messages] == ["one", "two", "three"]
        d.do(EndSession(how="lost"))
        async with d.open(**READY, store=store) as chat:
            assert (await chat.wait_for(ThreadEnded)).reason is EndReason.LOST
            assert [(thread.id, thread.state) for thread in chat.threads] == [(first.id, ThreadState.ENDED)]
            assert (await chat.thread()).id != first.id


@on_both
async def test_a_chat_that_is_gone_when_the_app_comes_back_has_ended(kit: Kit) -> None:
    async with desk(kit) as d, d.ready(**READY) as chat:
        await chat.register_device("device-1", network=PushNetwork.FIREBASE_ANDROID)
        thread = await chat.thread()
        await (await thread.send("one")).settled()
        events = chat.events()
        await chat.enter_background()
        await kit.sleep(600)  # nobody polls where pushes come instead, and the center gives the client up
        await chat.enter_active()
        assert (await next_of(events, ThreadEnded)).reason is EndReason.LOST
        await chat.ready()
        assert (chat.state, thread.state) == (ChatState.READY, ThreadState.ENDED)


@on_both
async def test_leaving_waits_for_no_poll_and_for_no_upload(kit: Kit) -> None:
    async with desk(kit) as d:
        async with d.ready(**READY) as chat:
            thread = await chat.thread()
            d.do(Delay(match="upload", seconds=1000))
            uploading = chat.wait_for(UploadProgressed)
            await thread.send("", attachments=[NOTE])
            await uploading
            await kit.settle()
            assert chats(d)[0]["polling"]
            began = kit.now()
        assert kit.now() == began
        await kit.settle()
        assert not chats(d)[0]["polling"]


@on_both
async def test_an_answer_that_is_lost_is_read_back(kit: Kit) -> None:
    async with desk(kit) as d, d.ready(**READY) as chat:
        thread = await chat.thread()
        await (await thread.send("one")).settled()
        d.do(AgentJoins())
        await kit.settle()
        d.do(Lose(match="send:chat_session_message"))
        doubtful = await thread.send("two")
        assert await doubtful.settled() is MessageStatus.DELIVERED
        d.do(Lose(match="poll"))
        d.do(AgentSays(text="three"))
        await kit.sleep(20)
        assert [message.text for message in thread.messages] == ["one", "two", "three"]
        assert len(d.center.overview()["threads"][0]["messages"]) == 3


async def whole_visit(d: Desk) -> None:
    """Ask for all that waits for the far side."""
    async with d.open(**READY) as chat:
        thread = await chat.thread()
        await chat.check_availability()
        d.do(AgentJoins())
        await chat.view_page("Prices", "https://shop.test/prices")
        await (await thread.send("one", attachments=[NOTE])).settled()
        d.do(ShowForm(name="survey_form"))
        while not thread.forms:
            await d.kit.sleep(0.1)
        await thread.submit_form(thread.forms[0], {"service": "1"})
        await chat.enter_background()
        await chat.enter_active()
        await chat.ready()
        await thread.wrap_up()
        await thread.end()


@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_a_cancellation_at_any_await_of_a_whole_visit_leaves_nothing(kit: Kit) -> None:
    reached: list[bool] = []

    async def cancelled_at(step: int) -> None:
        async with desk(kit) as d:
            reached.append(await kit.cancel_at(step, partial(whole_visit, d)))
            assert kit.strays(d.group) == 0
            await whole_visit(d)  # the center is whole, too

    step = 1
    while not reached or reached[-1]:
        kit.run(partial(cancelled_at, step))
        step += 1
    assert step > 20


@on_both
async def test_trouble_at_the_far_side_is_told_and_passes(kit: Kit) -> None:
    channel = BrightPatternChannel(id=APP_ID, greeting="", quoted_only=True)
    async with desk(kit, channels=(channel,)) as d, d.ready(**READY) as chat:
        d.do(Fail(match="request-chat", status=500, page="<html>Bad gateway</html>"))
        thread = await chat.thread()  # asked once more
        d.do(Fail(match="history", status=500, times=2))
        d.cut()
        await kit.sleep(60)
        assert chat.state is ChatState.READY
        d.do(Fail(match="file", code="5502"))
        received = chat.wait_for(MessageReceived)
        d.do(AgentSays(text="", attachments=({"friendlyName": "a.txt", "mimeType": "text/plain", "content": "eA=="},)))
        message = (await received).message
        with pytest.raises(RemoteError) as refused:
            await thread.download(message)
        assert refused.value.remote_code == "5502"
        assert (await thread.download(message)).content == b"x"


@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_the_journal_holds_every_input_and_replays(kit: Kit, tmp_path: Path) -> None:
    path = tmp_path / "chat.jsonl"

    async def scenario() -> None:
        async with desk(kit) as d, d.ready(**READY, journal=path) as chat:
            await (await (await chat.thread()).send("Good morning")).settled()
            d.cut()
            await kit.sleep(30)

    kit.run(scenario)
    text = path.read_text("utf-8")
    assert verify(text.splitlines()).is_good
    for kind in ("Open", "ResponseReceived", "RequestFailed", "SendMessage", "Disconnect"):
        assert f'"{kind}"' in text
