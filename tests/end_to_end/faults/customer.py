"""A customer whose line breaks: one script for every fault, written against the public face alone."""

from collections.abc import Awaitable, Callable
from typing import Any

from deskline import (
    Chat,
    DesklineError,
    Events,
    EventsSkipped,
    IllegalState,
    MessageHandle,
    MessageReceived,
    MessageStatus,
    PartyJoined,
    Thread,
    ThreadState,
    Upload,
)
from deskline_center.controls import AgentJoins, AgentSays
from tests.contract.kits import ARRIVED
from tests.end_to_end.beside import pause

__all__ = ["STAGES", "Customer"]

PICTURE = Upload(name="parcel.png", content=bytes(range(256)) * 128, mime_type="image/png")


class Customer:
    """What the app has sent and was told. ``do`` is the operator's side."""

    def __init__(self, chat: Chat, do: Callable[[Any], Any]) -> None:
        self.chat = chat
        self.do = do
        self.sent: list[MessageHandle] = []
        self.doubtful: set[str] = set()
        """What was reported as failed or uncertain at any time."""
        self.told: list[str] = []
        self.heard: Events = chat.events()
        self._known: set[str] = set()
        self._thread: Thread | None = None

    @property
    def thread(self) -> Thread:
        assert self._thread is not None
        return self._thread

    async def is_ready(self) -> None:
        """Get ready, as often as that takes: a first attempt is not tried again by itself."""
        while True:
            try:
                await self.chat.ready()
            except DesklineError:
                await pause(0.05)
                await self.chat.connect()
            else:
                return

    async def starts(self) -> None:
        """Begin a conversation, as often as that takes."""
        while True:
            await self.is_ready()
            try:
                self._thread = await self.chat.thread()
            except DesklineError:
                await pause(0.05)
                continue
            if self._thread.state is not ThreadState.ENDED:
                return

    async def send(self, text: str, **rest: Any) -> MessageHandle:
        """Send something; it is written down."""
        handle = await self.thread.send(text, **rest)
        self.sent.append(handle)
        return handle

    async def arrives(self, handle: MessageHandle) -> MessageStatus:
        """See what becomes of a message, and return that; one that failed is sent again while its thread lasts."""
        while (status := await handle.settled()) is MessageStatus.FAILED:
            self.doubtful.add(handle.id)
            await self.is_ready()
            try:
                await handle.retry()
            except IllegalState:
                assert self.thread.state is ThreadState.ENDED
                return status
        if status is MessageStatus.UNCERTAIN:
            self.doubtful.add(handle.id)
        else:
            assert status in ARRIVED
        return status

    async def says(self, *texts: str, **rest: Any) -> None:
        """Send messages, one right behind the other, and see what becomes of them."""
        for handle in [await self.send(text, **rest) for text in texts]:
            assert await self.arrives(handle) is not MessageStatus.FAILED

    async def hears(self, *texts: str) -> None:
        """Let the agent say this, and wait until the app is told all of it."""
        for text in texts:
            self.do(AgentSays(text=text))
        await self.is_told(*texts)

    async def is_told(self, *texts: str) -> None:
        """Wait until the app was told all of this, in whichever order, or can be told no more."""
        while not self._known.issuperset(texts) and self.thread.state is not ThreadState.ENDED:
            event = await anext(self.heard)
            assert not isinstance(event, EventsSkipped)
            if isinstance(event, MessageReceived) and event.thread == self.thread.id:
                assert not event.message.mine, f"told of {event.text!r} as if another device had sent it"
                self.told.append(event.text)
                self._known.add(event.text)

    def forgets(self) -> None:
        """Forget what was sent and told so far."""
        for kept in (self.sent, self.doubtful, self.told, self._known):
            kept.clear()


# --- the stages ---


async def opens(c: Customer) -> None:
    await c.is_ready()


async def begins(c: Customer) -> None:
    await c.starts()
    await c.says("Where is order 4711?")


async def is_joined(c: Customer) -> None:
    joined = c.chat.wait_for(PartyJoined)
    c.do(AgentJoins())
    await joined


async def sends(c: Customer) -> None:
    await c.says("It was a mug.", "A blue one.", "With a handle.")


async def listens(c: Customer) -> None:
    await c.hears("One moment.", "I have found it.", "It is on its way.")


async def shows(c: Customer) -> None:
    await c.says("", attachments=[PICTURE])


async def ends(c: Customer) -> None:
    while c.thread.state is not ThreadState.ENDED:
        await c.is_ready()
        try:
            await c.thread.end()
        except IllegalState:
            pass  # it has ended meanwhile
        except DesklineError:
            await pause(0.05)
    await c.is_ready()


STAGES: tuple[Callable[[Customer], Awaitable[None]], ...] = (opens, begins, is_joined, sends, listens, shows, ends)
"""A whole conversation, in order."""
