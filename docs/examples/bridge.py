"""A bridge: what a guest writes in another messenger goes to the contact center, and what agents say comes back.

    python bridge.py

On asyncio. It plays a short conversation with a local contact center that it starts itself; ``test_bridge.py`` tests
it against everything that can go wrong.
"""

import asyncio

import deskline
from deskline import (
    BrightPattern,
    Chat,
    ChatClosed,
    DesklineError,
    Events,
    HistoryLoaded,
    InvalidValue,
    Message,
    MessageReceived,
    MessageStatus,
    PartyRole,
)
from deskline_center import Script
from deskline_center.brightpattern import BrightPatternChannel
from deskline_center.scripts import Expect, Join, Say, Wait

PAUSE = 5.0
NOT_DELIVERED = "Not delivered, as far as is known: "


class Guest:
    """Someone in the other messenger; a real bridge has the messenger's own client here."""

    def __init__(self) -> None:
        self.received: list[str] = []
        self._written: asyncio.Queue[str] = asyncio.Queue()

    def write(self, text: str) -> None:
        """Write, as the guest."""
        self._written.put_nowait(text)

    async def next_text(self) -> str:
        """Return what the guest writes next."""
        return await self._written.get()

    def show(self, text: str) -> None:
        """Show a text to the guest."""
        self.received.append(text)


async def relay(chat: Chat, guest: Guest) -> None:
    """Carry texts both ways, for as long as it is let run."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(to_guest(chat.events(), guest))
        tasks.create_task(to_center(chat, guest))


async def to_guest(events: Events, guest: Guest) -> None:
    """Show the guest whatever the others say, also what was said while the connection was away."""
    async for event in events:
        match event:
            case MessageReceived(message=message):
                messages: tuple[Message, ...] = (message,)
            case HistoryLoaded(messages=loaded):
                messages = loaded
            case _:
                messages = ()
        for each in messages:
            if each.party.role is not PartyRole.CUSTOMER:
                guest.show(each.text)


async def to_center(chat: Chat, guest: Guest) -> None:
    """Send what the guest writes, one after the other, and own up to what did not get there."""
    while True:
        text = await guest.next_text()
        if not await is_delivered(chat, text):
            guest.show(NOT_DELIVERED + text)


async def is_delivered(chat: Chat, text: str) -> bool:
    """Send a text, however long there is no connection, and tell what became of it."""
    while True:
        try:
            thread = await chat.thread()  # the one that goes on, or a new one
            message = await thread.send(text)
        except ChatClosed:
            raise
        except InvalidValue:
            return False
        except DesklineError:  # there is no connection, or the conversation ended just now
            await asyncio.sleep(PAUSE)
            await chat.connect()
        else:
            return await message.settled() not in (MessageStatus.FAILED, MessageStatus.UNCERTAIN)


AGENT = Script(name="agent", steps=(Expect(text="4711"), Join(), Wait(seconds=0.1), Say(text="It left this morning.")))


async def converse(url: str) -> None:
    """Let a guest ask something over the bridge, and print what came back."""
    guest = Guest()
    async with deskline.asyncio.open_chat(BrightPattern(url=url, app_id="harbour")) as chat:
        bridge = asyncio.create_task(relay(chat, guest))
        answer = chat.wait_for(MessageReceived)
        guest.write("Where is order 4711?")
        await answer
        await asyncio.sleep(0)  # let the bridge hear it, too
        bridge.cancel()
    print("The guest was told:", *guest.received)


def main() -> None:
    """Run the bridge with a center of its own."""
    channel = BrightPatternChannel(id="harbour", greeting="", script=AGENT.name)
    with deskline.center.serve(channels=(channel,), scripts=(AGENT,)) as center:
        asyncio.run(converse(center.url))


if __name__ == "__main__":
    main()
