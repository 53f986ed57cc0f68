"""The far side of V4 and V5, a process of its own: it answers by rote, and sends messages at a steady rate when told.

It prints its port, and obeys lines on its standard input: ``send RATE SECONDS`` starts the messages to all sockets.
"""

import asyncio
import sys
from contextlib import suppress
from itertools import count
from time import perf_counter

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from tests.benchmarks import frames


class Peer:
    """All sockets, by the thread that each one's messages belong to."""

    def __init__(self) -> None:
        self.sockets: dict[ServerConnection, str] = {}
        self._numbers = count()
        self._sent = count()

    async def serve(self, socket: ServerConnection) -> None:
        """Answer what one client sends."""
        thread = f"{next(self._numbers):08x}-3a59-4c1e-8f0d-2f6d1b3c9a02"
        self.sockets[socket] = thread
        try:
            async for frame in socket:
                for answer in frames.answers(str(frame), thread=thread):
                    await socket.send(answer)
        except ConnectionClosed:
            pass
        finally:
            del self.sockets[socket]

    async def send(self, rate: int, seconds: int) -> None:
        """Send each socket so many messages a second, evenly spread."""
        sockets = list(self.sockets.items())
        start = perf_counter()
        pause = 1 / (rate * len(sockets))
        for number in range(rate * seconds * len(sockets)):
            socket, thread = sockets[number % len(sockets)]
            text = frames.message_created(next(self._sent), thread)
            with suppress(ConnectionClosed):
                await socket.send(text)
            ahead = start + number * pause - perf_counter()
            if ahead > 0.001:
                await asyncio.sleep(ahead)


async def main() -> None:
    """Serve until the standard input ends."""
    peer = Peer()
    async with serve(peer.serve, "127.0.0.1", 0, compression=None, ping_interval=None, backlog=4096) as server:
        sys.stdout.write(f"{next(iter(server.sockets)).getsockname()[1]}\n")
        sys.stdout.flush()
        while line := await asyncio.to_thread(sys.stdin.readline):
            _, rate, seconds = line.split()
            await peer.send(int(rate), int(seconds))


if __name__ == "__main__":
    asyncio.run(main())
