"""The near side of V4 and V5, a process of its own for each measurement: bare sockets, or whole chats.

It opens so many, prints the KiB of resident memory that each took, waits until all have got so many messages, and
prints the microseconds of its own processor time that each message took.
"""

import asyncio
import gc
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from functools import partial
from pathlib import Path
from time import process_time
from types import TracebackType
from typing import Any, Self

import deskline
from deskline import CXone, MessageReceived
from deskline_transports.base import Lines, Response, RestRequest
from tests.benchmarks.sessions import CONFIGURATION

AUTHORIZE = '{"action":"chatWindowEvent","eventId":"1","payload":{"eventType":"AuthorizeCustomer"}}'
WARM = 10
"""What the first ones take is not counted."""


class Meter:
    """Counts sockets as they open, and then messages, from the first to the last; then it calls ``finish``."""

    def __init__(self, sessions: int, messages: int) -> None:
        self.sessions = sessions
        self.expected = sessions * messages
        self.opened = 0
        self.got = 0
        self.start = 0.0
        self.before = 0
        self.finish: Callable[[], None] = lambda: None

    def open(self) -> None:
        """Count a socket; when all are open, print what each holds, and keep it out of the collector's sight."""
        self.opened += 1
        if self.opened == WARM:
            self.before = resident()
        if self.opened == self.sessions:
            self._print((resident() - self.before) / (self.sessions - WARM))
            gc.freeze()

    def count(self) -> None:
        """Count a message."""
        self.got += 1
        if self.got == 1:
            self.start = process_time()
        if self.got == self.expected:
            self._print((process_time() - self.start) / (self.got - 1) * 1e6)
            self.finish()

    @staticmethod
    def _print(number: float) -> None:
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()


def resident() -> int:
    """Return the KiB of memory of this process."""
    gc.collect()
    lines = Path("/proc/self/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))


class Rest:
    """Answers every request with the channel's configuration: REST is not what is measured here."""

    async def send(self, request: RestRequest) -> Response:
        """Answer at once."""
        return Response(status=200, body=CONFIGURATION)

    def stream(self, request: RestRequest) -> AbstractAsyncContextManager[Lines]:
        """Nobody asks for it."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Nothing is open."""


class Shared:
    """A real transport that all chats share, with a stand-in for its REST client."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self.rest = Rest()
        self.open_socket = transport.open_socket
        self.aclose = transport.aclose

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)


async def chat(package: Any, network: Shared, port: int, meter: Meter, opened: Callable[[], None]) -> None:
    """One chat; its app counts the messages that it is told of."""
    site = CXone.local(f"http://127.0.0.1:{port}", 1386, "chat_0d9f4b6e-2f1c-4f0e-9a55-6f2b8f6f1a10")
    async with package.open_chat(site, network=network) as chat:
        await chat.ready()
        events = chat.events()
        opened()
        async for event in events:
            if isinstance(event, MessageReceived):
                meter.count()


Run = Callable[[int, Meter, Callable[[], None]], Awaitable[None]]


async def bare_on_trio(port: int, meter: Meter, opened: Callable[[], None]) -> None:
    """One bare trio-websocket connection."""
    from trio_websocket import open_websocket_url

    async with open_websocket_url(f"ws://127.0.0.1:{port}/") as socket:
        await socket.send_message(AUTHORIZE)
        await socket.get_message()
        opened()
        while True:
            await socket.get_message()
            meter.count()


async def bare_on_asyncio(port: int, meter: Meter, opened: Callable[[], None]) -> None:
    """One bare websockets connection."""
    from websockets.asyncio.client import connect

    async with connect(f"ws://127.0.0.1:{port}/", compression=None, ping_interval=None) as socket:
        await socket.send(AUTHORIZE)
        await socket.recv()
        opened()
        async for _ in socket:
            meter.count()


async def on_trio(run: Run, port: int, meter: Meter) -> None:
    """Run all of them on trio, opened one after the other."""
    import trio

    finished = trio.Event()
    meter.finish = finished.set
    async with trio.open_nursery() as nursery:
        for _ in range(meter.sessions):
            opened = trio.Event()
            nursery.start_soon(run, port, meter, opened.set)
            await opened.wait()
            meter.open()
        await finished.wait()
        nursery.cancel_scope.cancel()


async def on_asyncio(run: Run, port: int, meter: Meter) -> None:
    """Run all of them on asyncio, opened one after the other."""
    finished = asyncio.Event()
    meter.finish = finished.set
    async with asyncio.TaskGroup() as group:
        tasks = []
        for _ in range(meter.sessions):
            opened = asyncio.Event()
            tasks.append(group.create_task(_coroutine(run, port, meter, opened.set)))
            await opened.wait()
            meter.open()
        await finished.wait()
        for task in tasks:
            task.cancel()


async def _coroutine(run: Run, port: int, meter: Meter, opened: Callable[[], None]) -> None:
    await run(port, meter, opened)


async def chats_on_trio(port: int, meter: Meter) -> None:
    """Whole chats on trio."""
    async with Shared(deskline.trio.TrioTransport()) as network:
        await on_trio(partial(chat, deskline.trio, network), port, meter)


async def chats_on_asyncio(port: int, meter: Meter) -> None:
    """Whole chats on asyncio."""
    async with Shared(deskline.asyncio.AsyncioTransport()) as network:
        await on_asyncio(partial(chat, deskline.asyncio, network), port, meter)


def main() -> None:
    """``KIND PORT SESSIONS MESSAGES``: the arguments."""
    kind, (port, sessions, messages) = sys.argv[1], map(int, sys.argv[2:])
    meter = Meter(sessions, messages)
    match kind:
        case "trio-websocket":
            import trio

            trio.run(on_trio, bare_on_trio, port, meter)
        case "deskline.trio":
            import trio

            trio.run(chats_on_trio, port, meter)
        case "websockets":
            asyncio.run(on_asyncio(bare_on_asyncio, port, meter))
        case "deskline.asyncio":
            asyncio.run(chats_on_asyncio(port, meter))
        case _:
            raise ValueError(kind)


if __name__ == "__main__":
    main()
