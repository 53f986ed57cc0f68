"""The far side of V10, a process of its own: it answers by rote, and holds every poll for so many seconds.

``HOLD`` is its argument; polls of the chat "forever" are never answered. It prints its port, and serves until its
standard input ends.
"""

import asyncio
import re
import resource
import sys
from itertools import count
from typing import Final, cast

__all__ = ["raise_file_limit"]

_LENGTH: Final = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_TARGET: Final = re.compile(rb"(\w+) [^ ?]*?(/chats|/availability|/parameters|/events|/history|/active)?[ ?]")
_NOTHING: Final = b'{"events":[]}'
_BY_ROTE: Final = {
    (b"GET", b"/availability"): b'{"chat":"available","ewt":"3"}',
    (b"GET", b"/parameters"): b'{"parameters":[]}',
    (b"GET", b"/history"): _NOTHING,
}


def raise_file_limit() -> None:
    """Let this process have as many connections as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Connection(asyncio.Protocol):
    """One connection; requests on it come one after the other."""

    numbers = count()
    hold = 0.0

    def __init__(self) -> None:
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        self._rest += data
        head, found, rest = self._rest.partition(b"\r\n\r\n")
        length = _LENGTH.search(head)
        size = int(length[1]) if length else 0
        if found and len(rest) >= size:
            self._rest = rest[size:]
            self._serve(head)

    def _serve(self, head: bytes) -> None:
        target = _TARGET.match(head)
        method, what = (target[1], target[2]) if target else (b"", b"")
        if (method, what) == (b"GET", b"/events"):
            if b"/chats/forever/" not in head:
                asyncio.get_running_loop().call_later(self.hold, self._answer, b"200 OK", _NOTHING)
        elif what == b"/active":
            self._answer(b"404 Not Found", b"")
        elif (method, what) == (b"POST", b"/chats"):
            chat = b'{"chat_id":"chat-%d","state":"queued","ewt":"9","is_new_chat":true}' % next(self.numbers)
            self._answer(b"200 OK", chat)
        else:
            self._answer(b"200 OK", _BY_ROTE.get((method, what or b""), b""))

    def _answer(self, status: bytes, body: bytes) -> None:
        head = b"HTTP/1.1 %s\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % (status, len(body))
        self._transport.write(head + body)


async def main() -> None:
    """Serve until the standard input ends."""
    raise_file_limit()
    Connection.hold = float(sys.argv[1])
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", 0, backlog=4096)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main())
