"""The pure center behind a memory network, in the scenario's own virtual time."""

from collections import deque
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from deskline import MemoryStore, Policy
from deskline.chat import Chat
from deskline.testing import site_for
from deskline_center import (
    Abandon,
    AcceptSocket,
    AnswerControl,
    Center,
    Continue,
    Drop,
    FrameArrived,
    Push,
    RefuseControl,
    RefuseSocket,
    RequestArrived,
    RequestGone,
    Respond,
    Script,
    SocketArrived,
    SocketGone,
    Tick,
)
from deskline_center.brightpattern import APP_ID, BrightPatternChannel, default_channel
from deskline_center.controls import Control
from deskline_center.cxone import CXoneChannel, channel_id
from deskline_center.model import Channel, Mode
from deskline_core.errors import RequestNotAnswered, SocketEnded
from deskline_transports.base import Response, RestRequest
from deskline_transports.memory import Crossing, Fate, MemoryHandshake, MemoryNetwork, MemorySocket, MemoryStream
from deskline_transports.runtime import Bell
from tests.contract.kits import Group, Kit, Vendor

__all__ = ["START", "Desk", "desk"]

START = 1_800_000_000.0
"""The UTC second at which every scenario begins."""


class _Line:
    """One socket at the far side: orders of the center, written in order by a task of its own."""

    def __init__(self, handshake: MemoryHandshake) -> None:
        self.handshake = handshake
        self.end: MemorySocket | None = None
        self.orders: deque[AcceptSocket | RefuseSocket | Push | Drop] = deque()
        self.bell = Bell()

    def order(self, order: AcceptSocket | RefuseSocket | Push | Drop) -> None:
        self.orders.append(order)
        self.bell.ring()


class _Parts:
    """What follows an answer, as it comes."""

    def __init__(self) -> None:
        self._parts: deque[Continue | Abandon] = deque()
        self._bell = Bell()

    def add(self, part: Continue | Abandon) -> None:
        self._parts.append(part)
        self._bell.ring()

    def __aiter__(self) -> "_Parts":
        return self

    async def __anext__(self) -> bytes:
        while not self._parts:
            await self._bell.wait()
        part = self._parts.popleft()
        if isinstance(part, Abandon):
            raise RequestNotAnswered("the connection was lost", sent="maybe")
        if not part.more:
            raise StopAsyncIteration
        return part.body


class Desk:
    """One center, one network, and ways to open chats with them."""

    def __init__(self, kit: Kit, group: Group, center: Center, fate: Callable[[Crossing], Fate] | None) -> None:
        self.kit = kit
        self.center = center
        self.network = MemoryNetwork(self._respond, fate=fate)
        self.transport = self.network.transport()
        self.wall_ahead = 0.0
        self.group = group
        self._count = 0
        self._lines: dict[str, _Line] = {}
        self._answers: dict[str, Respond | Abandon] = {}
        self._answered = Bell()
        self._held: set[str] = set()
        self._parts: dict[str, _Parts] = {}
        self._done: AnswerControl | RefuseControl | None = None
        self._sooner = Bell()
        group.start(self._accept)
        group.start(self._keep_time)

    # --- the customer's side ---

    def site(self, mode: Mode = "single", session: Any = "legacy", vendor: Vendor = "cxone") -> Any:
        if vendor == "cxone":
            return site_for(CXoneChannel(id=channel_id(mode, session)), "http://127.0.0.1")
        return site_for(BrightPatternChannel(id=APP_ID), "http://127.0.0.1")

    def open(self, mode: Mode = "single", *, vendor: Vendor = "cxone", site: Any = None, **options: Any) -> Any:
        """Open a chat, in virtual time. Bright Pattern's channels are of one kind."""
        options = {"network": self.transport, "clock": self.wall, "policy": Policy(), **options}
        return self.kit.package.open_chat(site or self.site(mode, vendor=vendor), **options)

    @asynccontextmanager
    async def ready(self, mode: Mode = "single", **options: Any) -> AsyncGenerator[Chat]:
        async with self.open(mode, **options) as chat:
            await chat.ready()
            yield chat

    def cut(self) -> None:
        """Cut every connection: the sockets, and the requests whose answers are held back."""
        self.network.cut()
        for id in sorted(self._held):
            self._answers[id] = Abandon(id=id)
            self._feed(RequestGone(id=id))
        self._answered.ring()

    def memory_store(self) -> MemoryStore:
        return MemoryStore()

    def wall(self) -> float:
        return START + self.kit.now() + self.wall_ahead

    # --- the operator's side ---

    def do(self, control: Control) -> dict[str, Any]:
        """Carry out a control; what it sends is on its way when this returns."""
        self._done = None
        self._feed(control)
        assert isinstance(self._done, AnswerControl), self._done
        return self._done.value

    # --- the loop of the far side ---

    def _feed(self, input: Any) -> None:
        for command in self.center.handle(input, now=START + self.kit.now()):
            match command:
                case Continue() | Abandon() if command.id in self._parts:
                    self._parts[command.id].add(command)
                case Respond() | Abandon():
                    if isinstance(command, Respond) and command.more:
                        self._parts[command.id] = _Parts()
                    self._answers[command.id] = command
                    self._answered.ring()
                case AnswerControl() | RefuseControl():
                    self._done = command
                case Continue():
                    pass  # the client left before it was answered
                case _:
                    if line := self._lines.get(command.socket):
                        line.order(command)
        self._sooner.ring()

    async def _respond(self, request: RestRequest) -> Response | MemoryStream:
        self._count += 1
        id = f"request {self._count}"
        parts = urlsplit(request.url)
        self._feed(
            RequestArrived(
                id=id,
                method=request.method,
                path=unquote(parts.path),
                query=parts.query,
                headers=tuple((name.lower(), value) for name, value in request.headers),
                body=request.body,
            )
        )
        self._held.add(id)
        try:
            while id not in self._answers:
                await self._answered.wait()
        except BaseException:
            self._feed(RequestGone(id=id))
            raise
        finally:
            self._held.discard(id)
        answer = self._answers.pop(id)
        if isinstance(answer, Abandon):
            raise RequestNotAnswered("the connection was lost", sent="maybe")
        response = Response(status=answer.status, headers=answer.headers, body=answer.body)
        return MemoryStream(response=response, parts=self._parts[id]) if answer.more else response

    async def _accept(self) -> None:
        async for handshake in self.network:
            self._count += 1
            name = f"socket {self._count}"
            line = self._lines[name] = _Line(handshake)
            parts = urlsplit(handshake.url)
            self.group.start(partial(self._write, name, line))
            self._feed(SocketArrived(socket=name, query=parts.query, path=parts.path))

    async def _write(self, name: str, line: _Line) -> None:
        while True:
            while line.orders:
                match line.orders.popleft():
                    case AcceptSocket():
                        line.end = line.handshake.accept()
                        self.group.start(partial(self._read, name, line.end))
                    case RefuseSocket(status=status):
                        line.handshake.refuse(status)
                        self._gone(name, None)
                        return
                    case Push(text=text) if line.end is not None:
                        try:
                            await line.end.send(text)
                        except SocketEnded:
                            return
                    case Drop(code=code, reason=reason) if line.end is not None:
                        if code is None:
                            line.end.cut()
                        else:
                            await line.end.aclose(code, reason)
                        return
            await line.bell.wait()

    async def _read(self, name: str, end: MemorySocket) -> None:
        try:
            while True:
                self._feed(FrameArrived(socket=name, text=await end.receive()))
        except SocketEnded as ended:
            self._gone(name, ended.close_code)

    def _gone(self, name: str, code: int | None) -> None:
        self._lines.pop(name, None)
        self._feed(SocketGone(socket=name, code=code))

    async def _keep_time(self) -> None:
        while True:
            due = self.center.next_deadline
            if due is not None and due <= START + self.kit.now():
                self._feed(Tick())
            else:
                await self._sooner.wait(None if due is None else due - START)


def _quiet(script: str) -> BrightPatternChannel:
    """Return Bright Pattern's entry, in which no scenario says a word: CXone's have none."""
    return replace(default_channel(script=script), greeting="")


@asynccontextmanager
async def desk(
    kit: Kit,
    *,
    script: str = "",
    scripts: tuple[Script, ...] = (),
    channels: tuple[Channel, ...] | None = None,
    fate: Callable[[Crossing], Fate] | None = None,
) -> AsyncGenerator[Desk]:
    """Give a center, and see in the end that no socket and no poll is left open."""
    from deskline_center.cxone import default_channels

    center = Center(
        channels=(*default_channels(script=script), _quiet(script)) if channels is None else channels,
        scripts=scripts,
        base_url="http://127.0.0.1",
    )
    async with kit.group() as group:
        desk = Desk(kit, group, center, fate)
        yield desk
        assert desk.network.sockets == ()
        blind = {each.id for each in channels or () if getattr(each, "aborted_poll", "") == "unnoticed"}
        polled = [chat for chat in center.overview().get("chats", ()) if chat["polling"]]
        assert [chat for chat in polled if chat["channel"] not in blind] == []
