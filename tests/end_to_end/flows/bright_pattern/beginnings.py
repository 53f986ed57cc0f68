"""What many scenarios begin with: a chat that waits in the queue, or one that an agent has taken."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from deskline import Chat, PartyJoined, StageChanged, Thread
from deskline_center.controls import AgentJoins
from tests.end_to_end.flows.places import BrightPatternPlace
from tests.end_to_end.flows.play import Play

__all__ = ["heard", "is_v1", "queued", "said", "served", "take"]


@asynccontextmanager
async def queued(play: Play, **options: Any) -> AsyncGenerator[tuple[Chat, Thread]]:
    """Open a chat that waits for an agent; the flow begins there."""
    async with play.chat(**options) as chat:
        thread = await chat.thread()
        await play.quiet()
        play.begin(chat)
        yield chat, thread


@asynccontextmanager
async def served(play: Play, **options: Any) -> AsyncGenerator[tuple[Chat, Thread]]:
    """Open a chat that an agent has taken, and in which the customer has said something; the flow begins there."""
    async with play.chat(**options) as chat:
        thread = await chat.thread()
        await take(play, chat)
        await play.says(thread, "Where is order 4711?")
        await play.quiet()
        play.begin(chat)
        yield chat, thread


async def take(play: Play, chat: Chat) -> None:
    """Let an agent take the chat, and wait until the app knows."""
    joined, connected = (
        chat.wait_for(PartyJoined),
        chat.wait_for(StageChanged, lambda event: event.stage == "connected"),
    )
    play.do(AgentJoins())
    await joined
    await connected


def said(thread: Thread) -> list[str]:
    """Return the texts of a thread, in their order."""
    return [message.text for message in thread.messages]


def heard(play: Play) -> list[str]:
    """Return the texts that the center has of the customer, in their order, each as often as it arrived."""
    messages = [message for message in play.far()["messages"] if message["direction"] == "inbound"]
    return [message["content"].get("msg_text", message["content"].get("file_name", "")) for message in messages]


def is_v1(play: Play) -> bool:
    """Tell whether the chat asks as one of an older center."""
    return isinstance(play.place, BrightPatternPlace) and play.place.version == "v1"
