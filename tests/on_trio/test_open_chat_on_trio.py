"""What holds on trio alone: cancel scopes, Ctrl-C, exception groups; the rest stands in tests/contract."""

import signal
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import NoReturn, cast

import pytest
import trio
from trio.testing import MockClock
from wsproto import WSConnection

import deskline
from deskline import Chat, CXone
from deskline_core.commands import Command
from deskline_core.inputs import Input
from deskline_core.session import Session
from deskline_transports.base import Network, RestRequest
from deskline_transports.memory import MemoryNetwork
from deskline_transports.trio_websocket import TrioTransport
from tests.transports.peers import TEXT, Line, peer

SITE = CXone.local("http://127.0.0.1", 1386, "chat_5f1d")


async def never(_request: RestRequest) -> NoReturn:
    await trio.sleep_forever()


def opened() -> AbstractAsyncContextManager[Chat]:
    network = MemoryNetwork(never).transport()
    return deskline.trio.open_chat(SITE, network=network, clock=lambda: 1_800_000_000.0)


async def test_a_cancellation_stays_the_scopes_own(autojump_clock: MockClock) -> None:
    with trio.move_on_after(5) as scope:
        async with opened():
            await trio.sleep_forever()
    assert scope.cancelled_caught


async def test_one_exception_of_the_block_is_in_no_group(
    autojump_clock: MockClock,
) -> None:
    with pytest.raises(KeyError):
        async with opened():
            raise KeyError("mine")


async def test_groups_of_the_block_come_out_as_they_are(autojump_clock: MockClock) -> None:
    async def fail() -> None:
        raise KeyError("mine")

    async def main() -> None:
        async with opened(), trio.open_nursery() as nursery:
            nursery.start_soon(fail)
            nursery.start_soon(fail)

    with pytest.raises(ExceptionGroup) as group:
        await main()
    assert len(group.value.exceptions) == 2


def test_an_interrupt_comes_out_as_itself_and_ends_in_order() -> None:
    ended: list[str] = []

    async def main() -> None:
        try:
            async with opened() as chat:
                events = chat.events()
                signal.raise_signal(signal.SIGINT)
                await trio.sleep_forever()
        finally:
            ended.extend(type(event).__name__ for event in [event async for event in events])
            ended.append("ended")

    with pytest.raises(KeyboardInterrupt):
        trio.run(main)
    assert ended[-1] == "ended"


def test_an_interrupt_does_not_come_out_in_the_middle_of_a_step() -> None:
    async def main() -> None:
        async with opened() as chat:
            handle = chat._runner.session.handle
            protected: list[bool] = []

            def watched(input: Input, *, now: float) -> list[Command]:
                protected.append(trio.lowlevel.currently_ki_protected())
                return handle(input, now=now)

            chat._runner.session = cast("Session", Watched(chat._runner.session, watched))
            chat.network_returned()
            assert protected == [True]

    trio.run(main)


class Watched:
    """A session whose every step is looked at."""

    def __init__(self, session: Session, handle: Callable[..., list[Command]]) -> None:
        self._session = session
        self.handle = handle

    def __getattr__(self, name: str) -> object:
        return getattr(self._session, name)


async def test_what_is_cancelled_is_only_the_call(autojump_clock: MockClock) -> None:
    async with opened() as chat:
        with trio.move_on_after(1) as scope:
            await chat.ready()
        assert scope.cancelled_caught
        assert chat._runner._asked == {}
        with trio.CancelScope() as already:
            already.cancel()
            await chat.enter_background()  # never asked: the call is a checkpoint first
        assert already.cancelled_caught


async def test_the_settings_of_a_network_are_kept_by_a_transport_of_the_chats_own() -> None:
    with pytest.raises(deskline.NotSupported):
        async with deskline.trio.open_chat(SITE, network=deskline.trio.Network(proxy="socks5://127.0.0.1:1")):
            pass


def test_an_interrupt_does_not_come_out_in_a_sockets_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    def speak(line: Line) -> None:
        line.accept()
        line.frame()
        line.say(TEXT, b"good morning")
        line.to_end()

    take = WSConnection.receive_data

    def interrupted(self: WSConnection, data: bytes | None) -> None:
        signal.raise_signal(signal.SIGINT)  # a person's Ctrl-C, while the library reads what came
        take(self, data)

    heard: list[str] = []
    with peer(speak) as far:

        async def main() -> None:
            async with TrioTransport(Network(close_timeout=0.1)) as transport:
                socket = await transport.open_socket(far.url())
                monkeypatch.setattr(WSConnection, "receive_data", interrupted)
                await socket.send("good morning")
                try:
                    await trio.sleep_forever()
                finally:
                    monkeypatch.undo()
                    with trio.CancelScope(shield=True):
                        heard.append(await socket.receive())

        with pytest.raises(KeyboardInterrupt):
            trio.run(main)
    assert heard == ["good morning"]  # the interrupt came to the block, and the socket went on
