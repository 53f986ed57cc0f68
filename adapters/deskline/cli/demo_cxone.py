"""The demo on CXone, in each of the three kinds of channel."""

from functools import partial
from typing import Any, Final

from deskline.cli.stage import Play, Stage, has, says, thread_of
from deskline.thread import Thread
from deskline_center import scripts
from deskline_center.cxone import CXoneChannel, channel_id
from deskline_center.model import Mode
from deskline_core import events as news
from deskline_core.cxone.site import CXone
from deskline_core.lifecycle import ChatState, EndReason, MessageStatus, ThreadState
from deskline_core.model import PartyRole

__all__ = ["play"]

_MEANWHILE: Final = "While your line was down: it left the harbour this morning."

_START: Final = (
    scripts.Wait(seconds=0.4),
    scripts.Join(),
    scripts.Read(),
    scripts.Type(seconds=0.5),
    scripts.Say(text="Hello, what can I do for you?"),
    scripts.Expect(text="4711"),
    scripts.Type(seconds=0.4),
    scripts.Say(text="One moment, I look it up."),
    scripts.Lose(),
    scripts.Wait(seconds=0.1),
    scripts.Say(text=_MEANWHILE),
    scripts.Expect(text="still there"),
    scripts.Read(),
    scripts.Say(text="Yes, I am."),
)
_WARNING: Final = (scripts.Wait(seconds=0.3), scripts.Warn(seconds=60))


def play(mode: Mode) -> Play:
    """Return the demo in a channel of this kind."""
    channel = CXoneChannel(id=channel_id(mode, "legacy"), mode=mode, script="demo")
    steps = (*_START, *_WARNING) if mode == "live" else _START
    return Play(
        title=f"A {mode} chat",
        channel=channel,
        script=scripts.Script(name="demo", steps=steps),
        site=partial(CXone.local, brand_id=channel.brand, channel_id=channel.id),
        story=partial(_story, mode=mode),
        closed=("no socket is left open", _is_closed),
    )


async def _story(stage: Stage, mode: Mode) -> None:
    await _open(stage)
    thread = await stage.do("a thread is started", stage.chat.thread())
    await _greet(stage, thread, mode)
    await _ask(stage, thread)
    await _lose_and_recover(stage, thread)
    if mode == "live":
        await _stay(stage, thread)
        await _end(stage, thread)
    elif mode == "multi":
        await _archive(stage, thread)


async def _open(stage: Stage) -> None:
    for state in (ChatState.PREPARED, ChatState.CONNECTING, ChatState.CONNECTED, ChatState.READY):
        await stage.see(f"the chat is {state}", news.ChatStateChanged, has(state=state))


async def _greet(stage: Stage, thread: Thread, mode: Mode) -> None:
    message = await stage.do("a message is queued", thread.send("Good morning!"))
    if mode == "live":
        await stage.see("the place in the queue is told", news.QueuePositionChanged)
    await stage.see("it is delivered", news.MessageStatusChanged, has(status=MessageStatus.DELIVERED))
    await stage.do("its delivery is settled", message.settled())
    await stage.see("an agent joins", news.PartyJoined, lambda event: event.party.role is PartyRole.AGENT)
    await stage.see("the agent reads it", news.MessageStatusChanged, has(status=MessageStatus.SEEN))
    await stage.see("the agent types", news.TypingStarted)
    await stage.see("the agent's greeting arrives", news.MessageReceived, says("Hello"))
    await stage.check("the thread is open", lambda: thread.state is ThreadState.OPEN)


async def _ask(stage: Stage, thread: Thread) -> None:
    await stage.do("the customer types", thread.start_typing())
    await stage.agrees("the agent sees that", lambda center: bool(thread_of(center, thread)["typing"]))
    question = await stage.do("the customer asks", thread.send("Where is order 4711?"))
    await stage.do("the question is delivered", question.settled())
    await stage.see("the agent answers", news.MessageReceived, says("One moment"))


async def _lose_and_recover(stage: Stage, thread: Thread) -> None:
    await stage.see("the socket is lost", news.ChatStateChanged, has(state=ChatState.CONNECTING))
    message = await stage.do("a message waits for the connection", thread.send("Are you still there?"))
    await stage.check("it is queued meanwhile", lambda: message.status is MessageStatus.QUEUED)
    await stage.see("the chat is ready again", news.ChatStateChanged, has(state=ChatState.READY))
    await stage.see("what was said meanwhile is recovered", news.MessageReceived, says(_MEANWHILE))
    await stage.do("the waiting message is delivered", message.settled())
    await stage.see("the agent answers it", news.MessageReceived, says("Yes, I am."))
    await stage.check("nothing is lost or doubled", lambda: _is_whole(thread))


async def _stay(stage: Stage, thread: Thread) -> None:
    await stage.see("the customer is asked to stay", news.InactivityWarned)
    await stage.do("the customer stays", thread.stay())
    await stage.see("the warning is gone", news.InactivityCleared)
    await stage.agrees("the center knows", lambda center: not thread_of(center, thread)["contacts"][-1]["waiting"])


async def _end(stage: Stage, thread: Thread) -> None:
    await stage.do("the customer ends the chat", thread.end())
    await stage.see("it has ended by the customer", news.ThreadEnded, has(reason=EndReason.CUSTOMER))
    await stage.agrees("the contact is closed", lambda center: _closed_contact(center, thread))


async def _archive(stage: Stage, thread: Thread) -> None:
    await stage.do("the thread is renamed", thread.rename("Order 4711"))
    await stage.agrees("the center knows the name", lambda center: thread_of(center, thread)["name"] == "Order 4711")
    await stage.do("the thread is archived", thread.archive())
    await stage.see("it has ended as archived", news.ThreadEnded, has(reason=EndReason.ARCHIVED))


# --- what a step looks for ---


def _is_whole(thread: Thread) -> bool:
    texts = [message.text for message in thread.messages]
    return len(texts) == len(set(texts)) and _MEANWHILE in texts


def _is_closed(center: dict[str, Any]) -> bool:
    return not center["sockets"]


def _closed_contact(center: dict[str, Any], thread: Thread) -> bool:
    status: str = thread_of(center, thread)["contacts"][-1]["status"]
    return status == "closed"
