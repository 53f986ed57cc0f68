"""What only other vendors have: asked of a site that has none of it, each call says so, and nothing changes."""

from collections.abc import Awaitable, Callable

import pytest

from deskline import Chat, ChatStateChanged, NotSupported, PushNetwork, QueuePositionChanged, Secret, SignalKind, Thread
from tests.contract.far_side import desk
from tests.contract.kits import Kit, on_both

OF_THE_CHAT: tuple[Callable[[Chat], Awaitable[object]], ...] = (
    lambda chat: chat.check_availability(),
    lambda chat: chat.note_push("c-1"),
    lambda chat: chat.ice_servers(),
    lambda chat: chat.version(),
    lambda chat: chat.configuration(),
)
OF_A_THREAD: tuple[Callable[[Thread], Awaitable[object]], ...] = (
    lambda thread: thread.wrap_up(),
    lambda thread: thread.submit_form("17", {"service": "1"}),
    lambda thread: thread.cancel_form("17"),
    lambda thread: thread.send_signal(SignalKind.CALL, '{"type":"REQUEST_CALL"}', party="9C1E"),
    lambda thread: thread.send_location(52.52, 13.405),
    lambda thread: thread.download("m-1"),
    lambda thread: thread.photo("9C1E"),
    lambda thread: thread.close_case(),
)


@on_both
async def test_each_call_says_that_it_is_not_supported(kit: Kit) -> None:
    async with desk(kit) as d, d.ready("live") as chat:
        thread = await chat.thread()
        message = await thread.send("hello")
        await message.settled()
        events = chat.events()
        for ask in OF_THE_CHAT:
            with pytest.raises(NotSupported, match="has no"):
                await ask(chat)
        for call in OF_A_THREAD:
            with pytest.raises(NotSupported):
                await call(thread)
        assert (thread.stage, thread.case, thread.forms, thread.parties) == (None, "", (), ())
    assert {type(event) async for event in events} <= {ChatStateChanged, QueuePositionChanged}  # as it is closed


@on_both
async def test_a_device_may_say_who_pushes_to_it_where_nobody_asks(kit: Kit) -> None:
    async with desk(kit) as d, d.ready("live") as chat:
        await chat.register_device(Secret("device-1"), network=PushNetwork.APNS, app="org.example.desk")
