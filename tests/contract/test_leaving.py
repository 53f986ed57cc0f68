"""However the block is left, nothing runs on: no task, no socket, no half-done request."""

from functools import partial
from typing import Any, NoReturn

import pytest

from deskline import Chat, ChatClosed, ChatState, MessageStatusChanged
from tests.contract.far_side import Desk, desk
from tests.contract.kits import KITS, VENDORS, Kit, Vendor, on_all, on_both


class Wrong(Exception):
    """The app's own."""


async def whole_chat(d: Desk, vendor: Vendor) -> None:
    async with d.open(vendor=vendor) as chat:
        await chat.ready()
        events = chat.events()
        thread = await chat.thread()
        message = await thread.send("Good morning")
        await message.settled()
        async for event in events:
            if isinstance(event, MessageStatusChanged):
                break
        await thread.start_typing()
        await chat.enter_background()
        await chat.enter_active()
        await chat.ready()


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_a_cancellation_at_any_await_leaves_nothing(kit: Kit, vendor: Vendor) -> None:
    reached: list[bool] = []

    async def cancelled_at(step: int) -> None:
        async with desk(kit) as d:
            reached.append(await kit.cancel_at(step, partial(whole_chat, d, vendor)))
            assert d.network.sockets == ()
            assert kit.strays(d.group) == 0
            # what the far side was told is whole: it still serves the next chat
            await whole_chat(d, vendor)

    step = 1
    while not reached or reached[-1]:
        kit.run(partial(cancelled_at, step))
        step += 1
    assert step > 12


@on_all
async def test_the_apps_own_exception_comes_out_bare(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d:
        with pytest.raises(Wrong) as raised:
            async with d.ready(vendor=vendor):
                raise Wrong
        assert raised.value.__cause__ is None
        assert kit.strays(d.group) == 0


@on_all
async def test_an_error_of_the_loop_comes_out_as_itself(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d:

        async def broken() -> None:
            async with d.ready(vendor=vendor) as chat:
                chat._runner._clock._monotonic = lambda: 1 / 0
                await kit.sleep(3600)

        with pytest.raises(ZeroDivisionError):
            await broken()
        assert kit.strays(d.group) == 0


@on_both
async def test_a_transport_that_fails_in_its_own_way_is_not_swallowed(kit: Kit) -> None:
    async def fail(*_args: object) -> NoReturn:
        raise ZeroDivisionError

    async with desk(kit) as d:
        transport: Any = d.transport
        transport.open_socket = fail
        with pytest.raises(ZeroDivisionError):
            async with d.open() as chat:
                await chat.ready()
        assert kit.strays(d.group) == 0


@on_all
async def test_a_request_that_fails_in_its_own_way_is_not_swallowed(kit: Kit, vendor: Vendor) -> None:
    async def fail(*_args: object) -> NoReturn:
        raise ZeroDivisionError

    async with desk(kit) as d:
        rest: Any = d.transport.rest
        rest.send = fail
        with pytest.raises(ZeroDivisionError):
            async with d.open(vendor=vendor) as chat:
                await chat.ready()
        assert kit.strays(d.group) == 0


@on_all
async def test_what_waits_is_told_that_the_chat_is_closed(kit: Kit, vendor: Vendor) -> None:
    told: list[str] = []

    async with desk(kit) as d:
        d.network.reachable = False

        async def wait(chat: Chat) -> None:
            try:
                await chat.start_thread()
            except ChatClosed as closed:
                told.append(closed.code)

        async with d.open(vendor=vendor, connect=False) as chat:
            d.group.start(partial(wait, chat))
            await kit.settle()
        await kit.settle()
        assert told == ["chat_closed"]
        for call in (chat.ready, chat.thread, chat.disconnect):
            with pytest.raises(ChatClosed):
                await call()
        assert repr(chat)
        assert chat.state in set(ChatState)


@on_all
async def test_leaving_is_bounded_when_the_far_side_hangs(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d:
        async with d.ready(vendor=vendor) as chat:

            async def hang(*_args: object) -> None:
                await kit.sleep(1e9)

            socket: Any
            for socket in d.network.sockets:
                socket.aclose = hang  # never answers the close frame
            began = kit.now()
            assert chat.state is ChatState.READY
        assert kit.now() - began < 60
        d.cut()


@on_all
async def test_a_cancelled_block_still_closes_its_socket_in_order(kit: Kit, vendor: Vendor) -> None:
    async with desk(kit) as d:
        async with kit.cancel_after(5), d.ready(vendor=vendor):
            await kit.sleep(1e9)
        assert kit.now() < 6
        assert d.network.sockets == ()
        assert d.center.overview()["sockets"] == []
