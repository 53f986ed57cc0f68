"""A customer who was here before, as a second device knows it: who it is, and not what was said."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from deskline import Chat, MemoryStore
from tests.end_to_end.flows.play import Play

__all__ = ["remembered", "two_remembered"]


@asynccontextmanager
async def remembered(play: Play, *texts: str, at_once: bool = True) -> AsyncGenerator[Chat]:
    """Write these texts in one chat, and give a second one of the same customer, ready if ``at_once``."""
    store = MemoryStore()
    async with play.chat(store=store) as first:
        thread = await first.thread()
        for text in texts:
            await play.says(thread, text)
    async with play.chat(store=_elsewhere(store), connect=False) as chat:
        await chat.prepare()
        play.begin(chat)
        await chat.connect()
        if at_once:
            await chat.ready()
        yield chat


@asynccontextmanager
async def two_remembered(play: Play) -> AsyncGenerator[Chat]:
    """Give the ready chat of a customer with two threads: b with one message, and a with two."""
    store = MemoryStore()
    async with play.chat(store=store) as first:
        for texts in (("a1", "a2"), ("b1",)):
            thread = await first.start_thread(name=texts[0][0])
            for text in texts:
                await play.says(thread, text)
    async with play.chat(store=_elsewhere(store), connect=False) as chat:
        await chat.prepare()
        play.begin(chat)
        await chat.connect()
        await chat.ready()
        yield chat


def _elsewhere(store: MemoryStore) -> MemoryStore:
    """Return a store that knows the customer, and nothing of conversations but the id of the only one."""
    return MemoryStore({key: text for key, text in store.kept.items() if not key.startswith("thread.")})
