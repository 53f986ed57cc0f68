"""One customer of the soak, who chats, comes and goes for as long as it takes."""

from collections.abc import Callable, Coroutine
from contextlib import suppress
from functools import partial
from random import Random
from typing import Any, Final

from deskline import (
    Backoff,
    Chat,
    DesklineError,
    IllegalState,
    MemoryStore,
    MessageHandle,
    MessageStatus,
    Policy,
    ThreadState,
    Upload,
)
from tests.end_to_end.beside import in_time, pause
from tests.end_to_end.faults.customer import Customer
from tests.soak.accounts import Account
from tests.soak.crowd import Crowd

__all__ = ["Visitor"]

Act = Callable[[Customer], Coroutine[Any, Any, None]]
_LONGEST: Final = 600.0
"""Seconds after which a wait counts as one that does not end, however slow the machine."""
_QUICK: Final = Backoff(first=0.1, jitter=(0.0, 0.5), ceiling=2.5, attempts=100_000)
POLICY: Final = Policy(
    backoff=_QUICK,
    rest_retry=Backoff(first=0.02, jitter=(0.0, 0.05), ceiling=0.5, attempts=3),
    heartbeat=1.0, heartbeat_answer=10.0, connect_timeout=20.0, request_timeout=20.0, rest_timeout=20.0,
    upload_timeout=30.0, poll_timeout=25.0, poll_quick=0.1, poll_pause=0.1, crowded_poll=5.0, background_poll=2.5,
    typing_idle=0.2, visit=60.0, availability_age=5.0, history=200, remembered_ids=2000, threads=3,
)  # fmt: skip
"""The times in which a chat does something by itself are about a twelfth of the vendors': an hour becomes five
minutes. Those after which it gives up are not: a slow machine needs them. What it may keep of threads that are over is
little, so that it is full soon, and nothing grows because it may."""
_ANSWER: Final = "You wrote: "
_FILE: Final = Upload(name="parcel.png", content=bytes(range(256)) * 40, mime_type="image/png")


class Visitor:
    """A customer of one site. ``number`` decides what it does; ``options`` are those of ``open_chat``."""

    def __init__(self, crowd: Crowd, number: int, open_chat: Callable[..., Any], site: Any, network: Any) -> None:
        self.crowd = crowd
        self.doing = ""
        self._chance = Random(number)
        self._open = partial(open_chat, site, policy=POLICY, network=network)
        self._store = MemoryStore() if number % 3 == 0 else None
        self._number = number
        self._standing = ""
        self._said = 0
        self._waiting: list[tuple[MessageHandle, str]] = []
        self._missing: list[str] = []

    async def live(self) -> None:
        """Open chats, one after the other, until the soak is over."""
        try:
            await pause(self._chance.uniform(0, self.crowd.arrival))
            while not self.crowd.is_over:
                async with self._open(store=self._store) as chat:
                    await self._visit(Customer(chat, lambda _: None))
        except Exception as error:  # noqa: BLE001 - told to whoever looks at the figures
            error.add_note(f"visitor {self._number}, {self.doing}; {self._standing}")
            self.crowd.failed(error)

    async def _visit(self, customer: Customer) -> None:
        acts: list[Act] = [
            *[self._talks] * 10, *[self._types] * 3, *[self._comes_and_goes] * 2, self._shows, *[self._ends] * 2,
        ]  # fmt: skip
        await self._does(Customer.starts, customer)
        self.crowd.counts["chats"] += 1
        while not self.crowd.is_over:
            if self.crowd.is_resting:
                await self._does(self._settles, customer)
                await self.crowd.rest()
                continue
            await pause(self._chance.uniform(0, 2 * self.crowd.pace))
            if self._chance.random() < 0.03:
                break
            await self._does(self._chance.choice(acts), customer)
        await self._does(self._settles, customer)
        self._accounts(customer)

    async def _does(self, act: Act, customer: Customer) -> None:
        self.doing = act.__name__
        try:
            await in_time(_LONGEST, partial(act, customer))
        finally:
            self._standing = _standing(customer.chat)
        self.crowd.counts["acts"] += 1

    # --- what it does ---

    async def _talks(self, c: Customer) -> None:
        await self._go_on(c)
        with suppress(IllegalState):  # it may end by itself, amid all this
            for _ in range(self._chance.randrange(1, 4)):
                self._said += 1
                text = f"Message {self._said} of visitor {self._number}."
                self._waiting.append((await c.send(text), _ANSWER + text))
        await self._settles(c)

    async def _shows(self, c: Customer) -> None:
        await self._go_on(c)
        with suppress(IllegalState):
            self._waiting.append((await c.send("", attachments=[_FILE]), ""))
        await self._settles(c)

    async def _types(self, c: Customer) -> None:
        await self._go_on(c)
        with suppress(DesklineError):
            await c.thread.start_typing()
            await c.thread.mark_read()

    async def _comes_and_goes(self, c: Customer) -> None:
        await c.chat.enter_background()
        await pause(self._chance.uniform(0, 2 * self.crowd.pace))
        await c.chat.enter_active()
        await c.is_ready()

    async def _ends(self, c: Customer) -> None:
        await self._go_on(c)
        await self._settles(c)
        end = c.thread.archive if "ArchiveThread" in c.chat.capabilities else c.thread.end
        while c.thread.state is not ThreadState.ENDED:
            await c.is_ready()
            try:
                await end()
            except DesklineError:
                await pause(0.1)
        await self._go_on(c)

    # --- and what comes of it ---

    async def _go_on(self, c: Customer) -> None:
        """See to it that there is a thread in which one can talk."""
        if c.thread.state is ThreadState.ENDED:
            self.crowd.counts[f"threads ended: {c.thread.reason}"] += 1
            self._accounts(c)
            await c.starts()

    async def _settles(self, c: Customer) -> None:
        """Wait until it is known what became of everything, and all was answered."""
        await c.is_ready()
        for handle, answer in self._waiting:
            if await c.arrives(handle) in (MessageStatus.UNCERTAIN, MessageStatus.FAILED):
                self._missing.append(handle.id)
            elif answer:
                await c.is_told(answer)
        self._waiting.clear()

    def _accounts(self, c: Customer) -> None:
        """Say what is known of the thread, and forget it."""
        ids = [handle.id for handle in c.sent]
        self.crowd.account(
            Account(
                thread=c.thread.id,
                arrived=tuple(id for id in ids if id not in c.doubtful),
                doubtful=tuple(id for id in ids if id in c.doubtful),
                missing=tuple(self._missing),
                heard=tuple(text for text in c.told if text != _ANSWER),
            )
        )
        self._missing.clear()
        c.forgets()


def _standing(chat: Chat) -> str:
    """Say where a chat stands, for whoever has to find out what went wrong."""
    threads = [f"{thread.id} {thread.state} {thread.reason or ''}".strip() for thread in chat.threads]
    return f"chat {chat.state}, threads {threads}"
