"""What only other vendors have: asked of a site that has none of it, each call says so, and nothing changes."""

from collections.abc import Awaitable, Callable

import pytest

from deskline import (
    BrightPattern,
    Chat,
    ChatStateChanged,
    NotSupported,
    Offer,
    OfferOutcome,
    PushNetwork,
    QueuePositionChanged,
    Secret,
    SignalKind,
    Thread,
)
from deskline_center.brightpattern import APP_ID
from tests.contract.far_side import desk
from tests.contract.kits import Kit, on_both

OF_THE_CHAT: tuple[Callable[[Chat], Awaitable[object]], ...] = (
    lambda chat: chat.check_availability(),
    lambda chat: chat.note_push("c-1"),
    lambda chat: chat.ice_servers(),
    lambda chat: chat.version(),
    lambda chat: chat.configuration(),
)
"""What only Bright Pattern has."""
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
OF_CXONE: tuple[Callable[[Chat], Awaitable[object]], ...] = (
    lambda chat: chat.menu(),
    lambda chat: chat.join("H7Q2ZD"),
    lambda chat: chat.authenticate("ac-1", "v"),
    lambda chat: chat.set_fields({"topic": "mug"}),
    lambda chat: chat.send_offline_message("kit@example.test", "hello"),
    lambda chat: chat.execute_trigger("6b9a2f0c-6a10-4d0e-a0e8-8f1e5c2b7d08"),
    lambda chat: chat.leave_page(),
    lambda chat: chat.report_window_opened(),
    lambda chat: chat.report_conversion("sale", 9.5),
    lambda chat: chat.report_offer(Offer(id="o-1"), OfferOutcome.SHOWN),
    lambda chat: chat.report_visitor_event({"size": "m"}),
)
OF_A_THREAD_OF_CXONE: tuple[Callable[[Thread], Awaitable[object]], ...] = (
    lambda thread: thread.rename("Shoes"),
    lambda thread: thread.archive(),
    lambda thread: thread.send_transcript("kit@example.test"),
    lambda thread: thread.set_fields({"topic": "mug"}),
    lambda thread: thread.create_invitation(),
    lambda thread: thread.send_invitation("H7Q2ZD", ["ana@example.test"]),
    lambda thread: thread.leave(),
)
OF_V2: tuple[Callable[[Chat], Awaitable[object]], ...] = (
    lambda chat: chat.register_device("device-1", network=PushNetwork.APNS, app="org.example.desk"),
    lambda chat: chat.note_push("c-1"),
    lambda chat: chat.version(),
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


@on_both
async def test_what_cxone_has_is_not_supported_by_a_site_of_bright_pattern(kit: Kit) -> None:
    old = BrightPattern(url="http://127.0.0.1", app_id=APP_ID, version="v1")
    for site, lacking in ((None, OF_CXONE), (old, (*OF_CXONE, *OF_V2))):
        async with desk(kit) as d, d.ready(vendor="brightpattern", site=site) as chat:
            thread = await chat.thread()
            await (await thread.send("hello")).settled()
            await kit.settle()
            events = chat.events()
            for ask in lacking:
                with pytest.raises(NotSupported, match="has no"):
                    await ask(chat)
            for call in OF_A_THREAD_OF_CXONE:
                with pytest.raises(NotSupported, match="has no"):
                    await call(thread)
            assert (dict(chat.fields), dict(thread.fields), thread.participants) == ({}, {}, ())
        assert {type(event) async for event in events} <= {ChatStateChanged}  # as it is closed
