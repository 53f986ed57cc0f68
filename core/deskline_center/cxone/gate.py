"""The gateway: open sockets, what goes out through them, and the faults that hit it on the way."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

import msgspec

from ..commands import Command, Drop, Push
from ..controls import Hold, LosePush, Repeat, ViaUrl
from ..faults import Spoil, spoiled
from ..floor import Floor
from ..kept import Kept
from ..model import Customer
from .channel import CXoneChannel
from .envelopes import Wire, by_url, frame_name

__all__ = ["Gate", "Held", "Socket"]

_MOST_STORED: Final = 1000
_MOST_STORED_BYTES: Final = 64 * 1024 * 1024
"""Clients fetch a large event at once, or never; the oldest go first."""


@dataclass(slots=True, frozen=True)
class Held:
    """A request that waits for the authorization of its socket; ``size`` is the characters of its frame."""

    size: int
    serve: Callable[[], None]


@dataclass(slots=True, eq=False)
class Socket:
    """One open socket. ``customer`` is who sits behind it, once known; ``secured`` ones know it from their token."""

    name: str
    channel: CXoneChannel
    visitor: str
    secured: bool
    customer: Customer | None = None
    authorized: bool = False
    destination: str = ""
    held: list[Held] = field(default_factory=list[Held])


@dataclass(slots=True, frozen=True)
class _Stored:
    body: bytes
    until: float


class Gate:
    """Sends frames. Anything larger than the channel's limit goes by URL, its body waiting to be fetched."""

    def __init__(self, floor: Floor, emit: Callable[[Command], None], base_url: str) -> None:
        self.floor = floor
        self.emit = emit
        self.base_url = base_url
        self.sockets: dict[str, Socket] = {}
        self.faults = floor.push_faults
        self._stored: Kept[_Stored] = Kept(most=_MOST_STORED, most_size=_MOST_STORED_BYTES)

    def sockets_of(self, people: Iterable[Customer]) -> list[Socket]:
        """Return every open socket of these customers.

        Whether the real center pushes to all of them is not known (CXone wire reference, section 10, 13 and 22).
        """
        wanted = list(people)
        return [socket for socket in self.sockets.values() if socket.customer in wanted]

    def push(self, sockets: list[Socket], frame: Wire) -> None:
        """Send a frame to each socket, unless a waiting fault has other plans with it."""
        if not sockets:
            return
        match self.faults.take(frame_name(frame)):
            case LosePush():
                return
            case Hold(seconds=seconds):
                self.floor.later(seconds, lambda: self.send(sockets, frame))
            case Repeat(copies=copies):
                for _ in range(1 + copies):
                    self.send(sockets, frame)
            case Spoil() as fault:
                for odd in spoiled(fault, frame):
                    self.send(sockets, odd)
            case ViaUrl():
                self.send(sockets, frame, at_once=False)
            case _:
                self.send(sockets, frame)

    def send(self, sockets: list[Socket], frame: Wire, *, at_once: bool = True) -> None:
        """Send a frame to each of the sockets that are still open: as it is, or by URL."""
        sockets = [socket for socket in sockets if self.sockets.get(socket.name) is socket]
        if not sockets:
            return
        body = msgspec.json.encode(frame)
        channel = sockets[0].channel
        if "eventId" in frame and (not at_once or len(body) > channel.frame_limit):
            body = msgspec.json.encode(by_url(frame, self._store(channel, body), self.floor.now))
        for socket in sockets:
            self.emit(Push(socket=socket.name, text=body.decode()))

    def raw(self, sockets: list[Socket], text: str) -> None:
        """Send any text."""
        for socket in sockets:
            self.emit(Push(socket=socket.name, text=text))

    def drop(self, sockets: list[Socket], code: int | None, reason: str) -> int:
        """End sockets, in order or abruptly; return how many."""
        for socket in sockets:
            del self.sockets[socket.name]
            self.emit(Drop(socket=socket.name, code=code, reason=reason))
        return len(sockets)

    def _store(self, channel: CXoneChannel, body: bytes) -> str:
        now = self.floor.now
        self._stored.drop_where(lambda stored: stored.until <= now)
        path = f"/chat/large-websocket-events/{channel.brand}/{self.floor.ids.uuid()}.json"
        self._stored.put(path, _Stored(body, now + channel.url_lifetime), len(body))
        return f"{self.base_url}{path}?X-Amz-Expires={channel.url_lifetime}"

    def stored(self, path: str) -> bytes | None:
        """Return the large event under ``path``, while its URL is good."""
        stored = self._stored.get(path)
        return stored.body if stored is not None and stored.until > self.floor.now else None
