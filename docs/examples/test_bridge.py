"""Tests of the bridge: by hand, and by a model that looks for what nobody thought of.

pytest test_bridge.py
"""

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest
from bridge import NOT_DELIVERED, Guest, relay
from hypothesis import settings
from hypothesis.stateful import rule

from deskline import Chat
from deskline.testing import ChatModel, Cut, MemoryCenter, On, in_virtual_time
from deskline_center.controls import AgentJoins, AgentSays

OpenChat = Callable[[], AbstractAsyncContextManager[Chat]]


@in_virtual_time("asyncio")
async def test_texts_go_both_ways(center: MemoryCenter, open_chat: OpenChat) -> None:
    """The good day."""
    guest = Guest()
    async with open_chat() as chat:
        bridge = asyncio.create_task(relay(chat, guest))
        guest.write("Where is order 4711?")
        await asyncio.sleep(1)
        center.do(AgentJoins())
        center.do(AgentSays(text="It left this morning."))
        await asyncio.sleep(1)
        bridge.cancel()
    assert center.texts() == ["Where is order 4711?"]
    assert guest.received == ["It left this morning."]


@pytest.mark.center(faults=[On(crossing="frame", contains="4711", do=Cut())])
@in_virtual_time("asyncio")
async def test_what_did_not_get_there_is_owned_up_to(center: MemoryCenter, open_chat: OpenChat) -> None:
    """The connection is cut with the guest's text on its way: it is looked for, and is not there."""
    guest = Guest()
    async with open_chat() as chat:
        bridge = asyncio.create_task(relay(chat, guest))
        guest.write("Where is order 4711?")
        await asyncio.sleep(60)
        bridge.cancel()
    assert center.texts() == []
    assert guest.received == [NOT_DELIVERED + "Where is order 4711?"]


class Bridged(ChatModel):
    """Whatever happens: nothing that is said on either side is lost, doubled or swapped without a word."""

    runtime = "asyncio"

    def __init__(self) -> None:
        super().__init__()
        self.guest = Guest()
        self.written: list[str] = []

    async def program(self, chat: Chat) -> None:
        """Run the bridge, as it is."""
        await relay(chat, self.guest)

    @rule()
    def guest_writes(self) -> None:
        """The guest writes something."""
        self.written.append(f"text {len(self.written)}")
        self.clock.call(lambda: self.guest.write(self.written[-1]))

    def at_rest(self) -> None:
        """Compare what each side has with what the other said."""
        failed = [text.removeprefix(NOT_DELIVERED) for text in self.guest.received if text.startswith(NOT_DELIVERED)]
        shown = [text for text in self.guest.received if not text.startswith(NOT_DELIVERED)]
        assert shown == [text for texts in self.books.heard.values() for text in texts]
        there = self.center.texts()
        assert there == [text for text in self.written if text in there]
        assert all(text in there or text in failed for text in self.written)


TestBridged = Bridged.TestCase
TestBridged.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)
