"""The near side of V10, a process of its own for each measurement: so many long polls, each held by the far side.

It opens them one after the other and prints the KiB of resident memory that each takes; then, while they are answered
and ask again, the microseconds of its processor time for each answer, and its share of a processor in percent.
"""

import asyncio
import gc
import os
import ssl
import sys
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from time import perf_counter, process_time
from typing import Any

import deskline
from deskline import BrightPattern
from deskline_transports.base import Network, RestRequest, Transport
from tests.benchmarks.client import WARM, resident
from tests.benchmarks.poll_peer import raise_file_limit

SETTLE = 0.5
"""Seconds until the last one is certainly held."""

Told = Callable[[], None]
Poll = Callable[[Any, str, Told], Awaitable[None]]
"""One of them: it takes what they share, the far side's URL, and what to call when it is about to poll."""


async def over_httpx(client: Any, url: str, ready: Told, *, chat: str = "forever") -> None:
    """Poll by httpx alone."""
    await client.get(f"{url}/availability")
    ready()
    while True:
        await client.get(f"{url}/chats/{chat}/events", headers={"cache-control": "no-cache"})


async def over_own_client(context: ssl.SSLContext, url: str, ready: Told) -> None:
    """Poll by a client of httpx for this poll alone."""
    import httpx

    async with httpx.AsyncClient(verify=context, timeout=None) as client:
        await over_httpx(client, url, ready, chat="1")


async def over_transport(transport: Transport, url: str, ready: Told) -> None:
    """Poll by the transport alone."""
    headers = (("cache-control", "no-cache"),)
    await transport.rest.send(RestRequest(method="GET", url=f"{url}/availability", held=True))
    ready()
    while True:
        await transport.rest.send(RestRequest(method="GET", url=f"{url}/chats/1/events", headers=headers, held=True))


async def as_chat(package: Any, network: Transport, url: str, ready: Told) -> None:
    """A whole chat, in which nothing happens."""
    site = BrightPattern(url=url.removesuffix("/clientweb/api/v2"), app_id="idle")
    async with package.open_chat(site, network=network) as chat:
        await chat.ready()
        thread = await chat.thread()
        events = chat.events()
        ready()
        async for _ in events:
            assert thread.state


def _httpx() -> AbstractAsyncContextManager[Any]:
    import httpx

    # Nothing expires: with many requests its pool may close a connection as expired that it has just given to one.
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None, keepalive_expiry=None)
    return httpx.AsyncClient(limits=limits, timeout=None)


class Meter:
    """Measures what all of them take."""

    def __init__(self, sessions: int, hold: float) -> None:
        self.sessions = sessions
        self.hold = hold
        self._warm = 0
        self._start = 0.0, 0.0

    def warm(self) -> None:
        """The first few are open: what they brought with them is not counted."""
        self._warm = resident()

    def open(self) -> None:
        """All are held; from here on they only wait, and poll on."""
        sys.stdout.write(f"{(resident() - self._warm) / (self.sessions - WARM)}\n")
        sys.stdout.flush()
        gc.freeze()
        self._start = process_time(), perf_counter()

    def end(self) -> None:
        """Each has been answered once, unless the processor was too slow. What leaving takes is not measured."""
        taken, passed = process_time() - self._start[0], perf_counter() - self._start[1]
        sys.stdout.write(f"{taken / self.sessions * 1e6}\n{taken / passed * 100}\n")
        sys.stdout.flush()
        os._exit(0)


async def on_trio(poll: Poll, share: Callable[[], AbstractAsyncContextManager[Any]], url: str, meter: Meter) -> None:
    """Hold all of them on trio."""
    import trio

    async with share() as shared, trio.open_nursery() as nursery:
        for number in range(meter.sessions):
            if number == WARM:
                await trio.sleep(SETTLE)
                meter.warm()
            ready = trio.Event()
            nursery.start_soon(poll, shared, url, ready.set)
            await ready.wait()
        await trio.sleep(SETTLE)
        meter.open()
        await trio.sleep(meter.hold)
        meter.end()


async def on_asyncio(poll: Poll, share: Callable[[], AbstractAsyncContextManager[Any]], url: str, meter: Meter) -> None:
    """Hold all of them on asyncio."""

    async def polls(shared: Any, ready: Told) -> None:
        await poll(shared, url, ready)

    async with share() as shared, asyncio.TaskGroup() as group:
        for number in range(meter.sessions):
            if number == WARM:
                await asyncio.sleep(SETTLE)
                meter.warm()
            ready = asyncio.Event()
            group.create_task(polls(shared, ready.set))
            await ready.wait()
        await asyncio.sleep(SETTLE)
        meter.open()
        await asyncio.sleep(meter.hold)
        meter.end()


def main() -> None:
    """``KIND PORT SESSIONS HOLD``: the arguments."""
    raise_file_limit()
    what, _, runtime = sys.argv[1].partition(".")
    url = f"http://127.0.0.1:{sys.argv[2]}/clientweb/api/v2"
    meter = Meter(int(sys.argv[3]), float(sys.argv[4]))
    package = getattr(deskline, runtime)
    transport = package.TrioTransport if runtime == "trio" else package.AsyncioTransport
    kinds: dict[str, tuple[Poll, Callable[[], AbstractAsyncContextManager[Any]]]] = {
        "httpx": (over_httpx, _httpx),
        "clients": (over_own_client, partial(nullcontext, ssl.create_default_context())),
        "transport": (over_transport, partial(transport, Network())),
        "deskline": (partial(as_chat, package), partial(transport, Network())),
    }
    poll, share = kinds[what]
    if runtime == "trio":
        import trio

        trio.run(partial(on_trio, poll, share, url, meter))
    else:
        asyncio.run(on_asyncio(poll, share, url, meter))


if __name__ == "__main__":
    main()
