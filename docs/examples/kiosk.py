"""A kiosk: a visitor types, and an agent's answers appear on the screen. On trio.

    python kiosk.py

It talks to a local contact center that it starts itself, where an agent plays a script: ask for order 4711, and say
thank you. The site of a real one is all that changes.
"""

import sys
from collections.abc import AsyncIterator, Callable

import trio

import deskline
from deskline import (
    BrightPattern,
    ChatState,
    ChatStateChanged,
    CXone,
    DesklineError,
    Events,
    MessageHandle,
    MessageReceived,
    MessageStatus,
    ThreadEnded,
    TypingStarted,
)
from deskline_center import Script
from deskline_center.cxone import CXoneChannel
from deskline_center.scripts import Close, Expect, Join, Say, Type, Wait

Show = Callable[[str], None]
PATIENCE = 60.0


async def kiosk(site: CXone | BrightPattern, lines: AsyncIterator[str], show: Show) -> None:
    """Let one visitor chat: until an agent ends it, or for a minute after the last line."""
    async with deskline.trio.open_chat(site) as chat, trio.open_nursery() as nursery:
        nursery.start_soon(follow, chat.events(), show, nursery.cancel_scope)
        thread = await chat.thread()
        async for line in lines:
            try:
                message = await thread.send(line)
            except DesklineError as refused:
                show(f"! {refused}")
            else:
                nursery.start_soon(watch, message, line, show)
        nursery.cancel_scope.deadline = trio.current_time() + PATIENCE


async def follow(events: Events, show: Show, block: trio.CancelScope) -> None:
    """Show what happens; leave the block when the conversation is over."""
    async for event in events:
        match event:
            case MessageReceived(text=text, party=who):
                show(f"{who.name}: {text}")
            case TypingStarted(party=who):
                show(f"  ({who.name} is typing)")
            case ChatStateChanged(state=ChatState.CONNECTING):
                show("  (connecting)")
            case ThreadEnded():
                show("  (the conversation is over)")
                block.cancel()
            case _:
                pass


async def watch(message: MessageHandle, line: str, show: Show) -> None:
    """Say honestly when something did not get there."""
    match await message.settled():
        case MessageStatus.FAILED:
            show(f"! not delivered: {line}")
        case MessageStatus.UNCERTAIN:
            show(f"! perhaps not delivered: {line}")
        case _:
            pass


async def typed() -> AsyncIterator[str]:
    """Yield what is typed, line by line, until the end of the input."""
    while line := await trio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True):
        if line.strip():
            yield line.strip()


AGENT = Script(
    name="agent",
    steps=(
        Expect(text="4711"), Join(), Type(), Wait(seconds=0.2), Say(text="It left this morning."),
        Expect(text="thank"), Say(text="You are welcome. Goodbye!"), Wait(seconds=0.2), Close(),
    ),
)  # fmt: skip


def main() -> None:
    """Run the kiosk with a center of its own."""
    channel = CXoneChannel(id="chat_kiosk", mode="live", script=AGENT.name)
    with deskline.center.serve(channels=(channel,), scripts=(AGENT,)) as center:
        trio.run(kiosk, CXone.local(center.url, channel.brand, channel.id), typed(), print)


if __name__ == "__main__":
    main()
