"""Both ends in one process, with a network between them that can delay, lose, repeat, cut and refuse.

The same text runs on trio and on asyncio, reads the runtime's own clock, and so runs in virtual time. Nothing in here
is random and nothing runs in the background: what becomes of each thing that crosses is what ``fate`` says. ::

    network = MemoryNetwork(respond)                 # async def respond(request: RestRequest) -> Response
    async with network.transport() as transport:     # the client's side
        socket = await transport.open_socket("wss://chat.example/")
    ...
    async for handshake in network:                  # the far side, in a task of its own
        end = handshake.accept()                     # or handshake.refuse(401)
        await end.send("hello")
"""

from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import ExitStack, asynccontextmanager
from types import TracebackType
from typing import Final, Literal, Self, final

import msgspec

from deskline_core.errors import RequestNotAnswered, SocketEnded, SocketRefused
from deskline_transports.address import again, check_text, short_reason, socket_address
from deskline_transports.base import Lines, Network, Response, RestRequest
from deskline_transports.lines import LineSplitter
from deskline_transports.pieces import pieces
from deskline_transports.runtime import Bell, current_runtime

__all__ = [
    "Crossing",
    "Fate",
    "MemoryHandshake",
    "MemoryNetwork",
    "MemoryRest",
    "MemorySocket",
    "MemoryStream",
    "MemoryTransport",
]

Kind = Literal["open", "frame", "close", "request", "answer"]
_TOO_BIG: Final = 1009


class Crossing(msgspec.Struct, frozen=True, kw_only=True):
    """One thing on its way through the network.

    ``number`` counts the crossings of a network from 0, ``socket`` its sockets from 1 and is 0 for REST. ``up`` is
    towards the far side. ``text`` is a frame's text, else the address; it is not for logs. ``method`` is that of a
    request, also with its answer, and otherwise "".
    """

    kind: Kind
    up: bool
    number: int
    socket: int
    text: str
    method: str = ""

    def __repr__(self) -> str:
        return f"Crossing({self.number}: {self.kind} {'up' if self.up else 'down'}, socket {self.socket})"


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What the network does to a crossing.

    ``delay`` is in seconds; frames of a socket never overtake each other. ``lost``: it never arrives and nobody is
    told. ``cut``: it never arrives and its connection ends abruptly. ``copies``: it arrives that often.
    """

    delay: float = 0.0
    lost: bool = False
    cut: bool = False
    copies: int = 1


def _nothing() -> None:
    """Tell nobody."""


class MemoryStream(msgspec.Struct, frozen=True, kw_only=True):
    """An answer whose body comes in ``parts``; they raise RequestNotAnswered when the connection is lost on the way.

    ``gone`` is called when nobody reads them any more, whether they have come to their end or not.
    """

    response: Response
    parts: AsyncIterator[bytes]
    gone: Callable[[], None] = _nothing


_CALM: Final = Fate()


class MemoryNetwork:
    """A network with one far side: ``respond`` answers its REST requests, iteration yields the sockets' handshakes.

    An answer is a whole Response, or a :class:`MemoryStream`, whose parts cross the network as they come.

    ``fate`` is asked about every crossing; without it all arrives at once. While ``reachable`` is False, connections
    and requests fail at once with nothing sent; sockets stay open: :meth:`cut` ends them. A far side without tasks of
    its own gives ``greet``, which is called with each handshake in place of the iteration.
    """

    def __init__(
        self,
        respond: Callable[[RestRequest], Awaitable[Response | MemoryStream]] | None = None,
        *,
        fate: Callable[[Crossing], Fate] | None = None,
        greet: "Callable[[MemoryHandshake], None] | None" = None,
    ) -> None:
        self.reachable = True
        self._greet = greet
        self._road = _Road(respond, fate)
        self._open: list[MemorySocket] = []
        self._sockets = 0
        self._handshakes: deque[MemoryHandshake] = deque()
        self._knock = Bell()

    def transport(self, network: Network | None = None) -> "MemoryTransport":
        """Return a new transport for the client's side. It keeps ``max_frame``; the other settings mean nothing."""
        return MemoryTransport(self, self._road, network or Network())

    @property
    def sockets(self) -> "tuple[MemorySocket, ...]":
        """The client ends of the open sockets, the oldest first."""
        return tuple(self._open)

    def cut(self) -> None:
        """End all sockets abruptly, both ends; frames that have not arrived are lost."""
        for end in self.sockets:
            end.cut()

    def __aiter__(self) -> "AsyncIterator[MemoryHandshake]":
        return self

    async def __anext__(self) -> "MemoryHandshake":
        return await self.accept()

    async def accept(self) -> "MemoryHandshake":
        """Return the next handshake; its client waits until it is accepted or refused."""
        while not self._handshakes:
            await self._knock.wait()
        return self._handshakes.popleft()

    async def open(self, url: str, headers: tuple[tuple[str, str], ...], limit: int) -> "MemorySocket":
        """Open a socket as a client; raise :class:`SocketRefused`. ``limit`` is in bytes."""
        socket_address(url)
        self._sockets += 1
        number = self._sockets
        fate = await self._road.cross("open", url, up=True, socket=number)
        if not self.reachable or fate.cut:
            raise SocketRefused("the network is not reachable")
        near = MemorySocket(self._road, _Inbox(limit), _Inbox(None), number, up=True)
        handshake = MemoryHandshake(url, headers, near)
        if self._greet is None:
            self._handshakes.append(handshake)
            self._knock.ring()
        try:
            if self._greet is not None:
                self._greet(handshake)
            await handshake.decided()
        except BaseException:
            near.cut()
            raise
        self._open.append(near)
        near.when_ended(lambda: self._open.remove(near))
        return near


class _Road:
    """Numbers what crosses and lets it meet its fate."""

    def __init__(
        self,
        respond: Callable[[RestRequest], Awaitable[Response | MemoryStream]] | None,
        fate: Callable[[Crossing], Fate] | None,
    ) -> None:
        self.respond = respond
        self._fate = fate
        self._crossings = 0

    def fate(self, kind: Kind, text: str, *, up: bool, socket: int, method: str = "") -> Fate:
        """Return what becomes of the next crossing."""
        crossing = Crossing(kind=kind, up=up, number=self._crossings, socket=socket, text=text, method=method)
        self._crossings += 1
        return _CALM if self._fate is None else self._fate(crossing)

    async def cross(self, kind: Kind, text: str, *, up: bool, socket: int = 0, method: str = "") -> Fate:
        """Take part in the crossing: wait as long as it takes, for ever if it is lost."""
        await current_runtime().checkpoint()
        fate = self.fate(kind, text, up=up, socket=socket, method=method)
        if fate.lost:
            await Bell().wait()
        if fate.delay > 0:
            await Bell().wait(current_runtime().now() + fate.delay)
        return fate


class _Inbox:
    """What is on its way to one end of a socket, with the times at which it arrives."""

    def __init__(self, limit: int | None) -> None:
        self.end: SocketEnded | None = None
        self.when_ended: Callable[[], None] | None = None
        self.when_changed: Callable[[], None] | None = None
        self._limit = limit
        self._items: deque[tuple[float, str | SocketEnded]] = deque()
        self._bell = Bell()

    def put(self, item: str | SocketEnded, fate: Fate) -> None:
        """Let an item arrive after the fate's delay, but not before the one that was sent before it."""
        due = current_runtime().now() + fate.delay
        if self._items:
            due = max(due, self._items[-1][0])
        if self.end is None:
            self._items.extend([(due, item)] * fate.copies)
            self._change()

    def finish(self, end: SocketEnded, *, keep: bool) -> None:
        """End; ``keep`` what has arrived already and was not read yet."""
        if self.end is None:
            now = current_runtime().now()
            self._items = deque(item for item in self._items if keep and item[0] <= now)
            self.end = end
            self._change()
            if self.when_ended is not None:
                self.when_ended()

    def _change(self) -> None:
        self._bell.ring()
        if self.when_changed is not None:
            self.when_changed()

    @property
    def next_due(self) -> float | None:
        """When the next item arrives, by the runtime's clock; None while nothing is on its way."""
        return self._items[0][0] if self._items else None

    def take(self) -> str | None:
        """Return the next frame if it has arrived, else None; raise :class:`SocketEnded`."""
        while self._items:
            due, item = self._items[0]
            if due > current_runtime().now():
                return None
            self._items.popleft()
            if isinstance(item, str) and (self._limit is None or len(item.encode()) <= self._limit):
                return item
            self.finish(item if isinstance(item, SocketEnded) else _oversize(self._limit or 0), keep=False)
        if self.end is not None:
            raise again(self.end)
        return None

    async def get(self) -> str:
        """Return the next frame; raise :class:`SocketEnded`."""
        await current_runtime().checkpoint()
        while (frame := self.take()) is None:
            await self._bell.wait(self.next_due)
        return frame


def _oversize(limit: int) -> SocketEnded:
    return SocketEnded(f"a frame was larger than {limit} bytes", close_code=_TOO_BIG, oversize=True)


@final
class MemorySocket:
    """One end of a socket, see :class:`~deskline_transports.base.WebSocket`; both ends are alike."""

    def __init__(self, road: _Road, inbox: _Inbox, outbox: _Inbox, number: int, *, up: bool) -> None:
        self._road = road
        self._inbox = inbox
        self._outbox = outbox
        self.number = number
        self._up = up

    def other(self) -> "MemorySocket":
        """Return the other end."""
        return MemorySocket(self._road, self._outbox, self._inbox, self.number, up=not self._up)

    def when_ended(self, call: Callable[[], None]) -> None:
        """Let ``call`` be called once this end knows that the socket has ended."""
        self._inbox.when_ended = call
        if self._inbox.end is not None:
            call()

    def when_changed(self, call: Callable[[], None]) -> None:
        """Let ``call`` be called when something is on its way to this end, or has ended it: see :meth:`take`."""
        self._inbox.when_changed = call
        call()

    @property
    def next_due(self) -> float | None:
        """When the next frame arrives at this end, by the runtime's clock; None while none is on its way."""
        return self._inbox.next_due

    def take(self) -> str | None:
        """Return the next frame if it has arrived, else None; raise :class:`SocketEnded`. Gives way to nobody."""
        return self._inbox.take()

    async def send(self, text: str) -> None:
        """Write one text frame. It may never arrive, as on any network."""
        check_text(text)
        await current_runtime().checkpoint()
        self.write(text)

    def write(self, text: str) -> None:
        """Write one text frame as :meth:`send` does, but give way to nobody; raise :class:`SocketEnded`."""
        if self._inbox.end is not None:
            raise again(self._inbox.end, written=False)
        self._put("frame", text, text)

    async def receive(self) -> str:
        """Return the next text frame; raise :class:`SocketEnded`."""
        try:
            return await self._inbox.get()
        except SocketEnded as ended:
            if ended.oversize:
                self._put("close", "", SocketEnded("the far side closed the socket with 1009", close_code=_TOO_BIG))
            raise

    async def aclose(self, code: int = 1000, reason: str = "") -> None:
        """Close: the other end reads what was sent before, then learns ``code`` and ``reason``."""
        self.close(code, reason)
        await current_runtime().checkpoint()

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Close as :meth:`aclose` does, but give way to nobody."""
        if self._inbox.end is None:
            self._inbox.finish(SocketEnded("the socket was closed here", close_code=code), keep=False)
            message = f"the far side closed the socket with {code}"
            self._put("close", "", SocketEnded(message, close_code=code, reason=short_reason(reason)))

    def cut(self) -> None:
        """End the socket abruptly, both ends; frames that have not arrived are lost."""
        for box in (self._inbox, self._outbox):
            box.finish(SocketEnded("the connection was lost", close_code=None), keep=True)

    def _put(self, kind: Kind, text: str, item: str | SocketEnded) -> None:
        fate = self._road.fate(kind, text, up=self._up, socket=self.number)
        if fate.cut:
            self.cut()
        elif not fate.lost:
            self._outbox.put(item, fate)


class MemoryHandshake:
    """A client that wants a socket: its ``url`` and ``headers``. The far side accepts or refuses it, once."""

    def __init__(self, url: str, headers: tuple[tuple[str, str], ...], near: MemorySocket) -> None:
        self.url = url
        self.headers = headers
        self._near = near
        self._accepted = False
        self._status: int | None = None
        self._bell = Bell()

    def accept(self) -> MemorySocket:
        """Accept and return the far end. If the client has gone meanwhile, it has ended already."""
        self._accepted = True
        self._bell.ring()
        return self._near.other()

    def refuse(self, status: int) -> None:
        """Refuse with an HTTP status."""
        self._status = status
        self._bell.ring()

    async def decided(self) -> None:
        """Wait, as the client, for the decision; raise :class:`SocketRefused`."""
        while not self._accepted and self._status is None:
            await self._bell.wait()
        if not self._accepted:
            raise SocketRefused(f"the far side answered the handshake with {self._status}", status=self._status)


class MemoryTransport:
    """The client's side of a :class:`MemoryNetwork`, see :class:`~deskline_transports.base.Transport`."""

    def __init__(self, network: MemoryNetwork, road: _Road, settings: Network) -> None:
        self._network = network
        self._settings = settings
        self._rest = MemoryRest(network, road)
        self._sockets: list[MemorySocket] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    @property
    def rest(self) -> "MemoryRest":
        """The REST client."""
        return self._rest

    async def open_socket(self, url: str, headers: tuple[tuple[str, str], ...] = ()) -> MemorySocket:
        """Open a socket; raise :class:`SocketRefused`."""
        opened = await self._network.open(url, headers, self._settings.max_frame)
        self._sockets = [*(kept for kept in self._sockets if kept in self._network.sockets), opened]
        return opened

    async def aclose(self) -> None:
        """End this transport's sockets abruptly."""
        sockets, self._sockets = self._sockets, []
        for opened in sockets:
            opened.cut()
        await self._rest.aclose()


class MemoryRest:
    """REST requests to the network's ``respond``, see :class:`~deskline_transports.base.RestClient`."""

    def __init__(self, network: MemoryNetwork, road: _Road) -> None:
        self._network = network
        self._road = road
        self._closed = False

    async def send(self, request: RestRequest) -> Response:
        """Send and return the answer; raise :class:`RequestNotAnswered`. What is lost is waited for without end."""
        async with self._answer(request) as answer:
            if isinstance(answer, MemoryStream):
                body = answer.response.body + b"".join([part async for part in answer.parts])
                whole = msgspec.structs.replace(answer.response, body=body)
            else:
                whole = answer
        if len(whole.body) > request.limit:
            raise RequestNotAnswered(f"the answer is larger than {request.limit} bytes", sent="maybe")
        return whole

    @asynccontextmanager
    async def _answer(self, request: RestRequest) -> AsyncGenerator[Response | MemoryStream]:
        """Send, and give the answer for the block in which it is read."""
        if not self._network.reachable or self._closed or self._road.respond is None:
            await current_runtime().checkpoint()
            raise RequestNotAnswered("the network is not reachable", sent="no")
        if request.progress is not None:
            for _ in pieces(request):
                await current_runtime().checkpoint()
        fate = await self._road.cross("request", request.url, up=True, method=request.method)
        if fate.cut:
            raise RequestNotAnswered("the connection was lost", sent="maybe")
        answers: list[Response | MemoryStream] = []
        with ExitStack() as reading:
            for _ in range(max(1, fate.copies)):
                answers.append(answer := await self._road.respond(request))
                if isinstance(answer, MemoryStream):
                    reading.callback(answer.gone)
            fate = await self._road.cross("answer", request.url, up=False, method=request.method)
            if fate.cut:
                raise RequestNotAnswered("the connection was lost", sent="maybe")
            yield answers[0]

    @asynccontextmanager
    async def stream(self, request: RestRequest) -> AsyncGenerator[Lines]:
        """Send and give the lines of the answer's body as they come."""
        async with self._answer(request) as answer:
            yield _MemoryLines(answer, request.limit)

    async def aclose(self) -> None:
        """Refuse later requests."""
        self._closed = True


class _MemoryLines:
    """The lines of an answer, whether all of it is there already or not."""

    def __init__(self, answer: Response | MemoryStream, limit: int) -> None:
        response = answer.response if isinstance(answer, MemoryStream) else answer
        self.status = response.status
        self.headers = response.headers
        self._parts = answer.parts if isinstance(answer, MemoryStream) else None
        self._limit = limit
        self._splitter = LineSplitter()
        self._lines = deque(self._splitter.feed(response.body))

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        await current_runtime().checkpoint()
        while not self._lines:
            if self._splitter.waiting > self._limit:
                raise RequestNotAnswered(f"a line is longer than {self._limit} bytes", sent="maybe")
            if self._parts is None:
                raise StopAsyncIteration
            self._lines += self._splitter.feed(await anext(self._parts))
        return self._lines.popleft()
