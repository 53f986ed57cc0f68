"""A contact center in the program's own process, behind a network in memory; for programs on trio and on asyncio.

::

    center = MemoryCenter(channels=(CXoneChannel(id="chat_1", mode="live"),))

    async def test_bot():
        async with center.open_chat() as chat:
            thread = await chat.thread()
            await thread.send("Good morning")
            center.do(AgentJoins())
            center.do(AgentSays(text="How can I help you?"))
            ...

It runs in whichever loop its chats run, and in virtual time where that loop does. It has no task of its own.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from functools import partial
from hashlib import sha256
from importlib import import_module
from itertools import count
from typing import Any, Final, Literal, cast
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from deskline.chat import Chat
from deskline_center import (
    Abandon,
    AcceptSocket,
    AnswerControl,
    Center,
    Command,
    Continue,
    Drop,
    Input,
    Push,
    RefuseControl,
    RefuseSocket,
    RequestArrived,
    RequestGone,
    Respond,
    Script,
    Tick,
)
from deskline_center.brightpattern import BrightPatternChannel, default_channel
from deskline_center.brightpattern.contents import words as bright_pattern_words
from deskline_center.controls import Control
from deskline_center.cxone import default_channels
from deskline_center.cxone.messages import words as cxone_words
from deskline_center.model import Channel
from deskline_core.errors import IllegalState, InvalidValue, RequestNotAnswered
from deskline_core.session import Site
from deskline_transports.base import Response, RestRequest
from deskline_transports.memory import Crossing, Fate, MemoryHandshake, MemoryNetwork, MemoryStream, MemoryTransport
from deskline_transports.runtime import Bell, current_runtime

from .alarm import Alarm, LoopTime
from .faults import FaultPlay, FaultScript
from .line import Line
from .pair import START, site_for

__all__ = ["MemoryCenter"]

URL: Final = "http://127.0.0.1"
_CALM: Final = Fate()
_SCRIPTED: Final = "a step of the fault script"


class _Parts:
    """What follows an answer, as it comes."""

    def __init__(self) -> None:
        self._parts: deque[Continue | Abandon] = deque()
        self._bell = Bell()

    def add(self, part: Continue | Abandon) -> None:
        self._parts.append(part)
        self._bell.ring()

    def cut(self) -> None:
        """Let nothing more arrive: the connection is lost."""
        self._parts = deque([Abandon(id="")])
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


class MemoryCenter:
    """A local center, the network to it, and ways to open chats with them.

    ``channels`` are the center's, by default one of each kind of both vendors; ``scripts`` are what its agents may
    play. ``faults`` is what goes wrong, and when; ``fate`` is asked what becomes of everything else that crosses the
    network. Its time begins at ``start`` (UTC
    seconds), and then is that of the loop in which it is used; between two loops it stands still. ``wall_ahead`` are
    the seconds that the customer's machine has slept: its wall clock went on, and the loop's own stood still.
    """

    def __init__(
        self,
        *,
        channels: Sequence[Channel] | None = None,
        scripts: Sequence[Script] = (),
        faults: FaultScript = (),
        fate: Callable[[Crossing], Fate] | None = None,
        start: float = START,
    ) -> None:
        usual = (*default_channels(), default_channel())
        self.channels = {channel.id: channel for channel in (usual if channels is None else channels)}
        self.center = Center(channels=tuple(self.channels.values()), scripts=scripts, base_url=URL)
        self.network = MemoryNetwork(self._respond, fate=self._fate, greet=self._greet)
        self.transport: MemoryTransport = self.network.transport()
        self._time = LoopTime(start)
        self.wall_ahead = 0.0
        self._own_fate = fate
        self._faults = FaultPlay(faults, began=start, do=self._do_by_script, cut=self.cut, reach=self._reach)
        self._alarm = Alarm(self._time, self._ring)
        self._names = count(1)
        self._chats = count(1)
        self._inputs: deque[Input] = deque()
        self._feeding = False
        self._done: list[AnswerControl | RefuseControl] = []
        self._wrong: list[str] = []
        self._lines: dict[str, Line] = {}
        self._answers: dict[str, Respond | Abandon] = {}
        self._parts: dict[str, _Parts] = {}
        self._held: set[str] = set()
        self._answered = Bell()

    # --- the customer's side ---

    def site(self, channel: Channel | str = "") -> Site:
        """Return the site at which a chat finds a channel, which may be named by its id; the first one by default."""
        if isinstance(channel, Channel):
            return site_for(channel, URL)
        known = self.channels.get(channel) if channel else next(iter(self.channels.values()), None)
        if known is None:
            raise InvalidValue(f"the center has no channel {channel!r:.100}", hint=f"it has {', '.join(self.channels)}")
        return site_for(known, URL)

    def open_chat(self, site: Site | None = None, **options: Any) -> AbstractAsyncContextManager[Chat]:  # noqa: ANN401
        """Open a chat as ``deskline.trio.open_chat`` or its twin does, whichever loop runs, with this center.

        ``site`` is :meth:`site` by default, and ``options`` those of ``open_chat``. Ids are the same in every run.
        """
        package = import_module(f"deskline.{current_runtime().name}")
        seed = sha256(f"chat {next(self._chats)}".encode()).digest()
        defaults = {"network": self.transport, "clock": self.wall, "seed": seed}
        opened = package.open_chat(self.site() if site is None else site, **{**defaults, **options})
        return cast("AbstractAsyncContextManager[Chat]", opened)

    def wall(self) -> float:
        """Return the wall clock of the customer's machine, in UTC seconds: the ``clock`` of the chats."""
        return self._time.now() + self.wall_ahead

    # --- the operator's side ---

    def do(self, control: Control) -> dict[str, Any]:
        """Carry out a control and return what came of it; what it sends is on its way when this returns.

        Raises InvalidValue when the center could not carry it out; then nothing has changed. While chats are open it
        belongs into their loop: IllegalState elsewhere.
        """
        if self._lines and not self._time.runs():
            raise IllegalState("a control outside of the loop of the chats", hint="VirtualTime.call brings it there")
        self._done.clear()
        self.feed(control)
        match self._done:
            case [AnswerControl(value=value)]:
                return value
            case [RefuseControl(message=message)]:
                raise InvalidValue(f"the center cannot do that: {message}")
            case _:
                raise IllegalState("a control inside another one", hint="do it when the first has returned")

    def overview(self) -> dict[str, Any]:
        """Return the state of the center as plain JSON values."""
        return self.center.overview()

    def texts(self, by: Literal["customer", "agent"] = "customer", thread: str = "") -> list[str]:
        """Return what one side wrote, in order, as the center has it: in one thread, or in all of them.

        Whatever is not the customer's is the agent's. What a chat begins with by itself is left out.
        """
        direction = "inbound" if by == "customer" else "outbound"
        return [
            _words(self.channels[each["channel"]], message["content"])
            for each in self.overview()["threads"]
            for message in each["messages"]
            if thread in ("", each["thread"]) and message["direction"] == direction and not _is_hidden(message)
        ]

    def check_end(self) -> None:
        """See that all is in order when the chats are closed.

        Raises AssertionError when a socket or a held request is left open, or an answer whose end has not come; or when
        a control of the fault script could not be carried out.
        """
        left = [f"socket {each.number}" for each in self.network.sockets] + sorted({*self._held, *self._parts})
        if left:
            raise AssertionError(f"left open: {', '.join(left)}")
        if self._wrong:
            raise AssertionError(f"the fault script: {'; '.join(self._wrong)}")

    # --- the network ---

    @property
    def reachable(self) -> bool:
        """Whether new connections and requests get through. What is open stays open: :meth:`cut` ends it."""
        return self.network.reachable

    @reachable.setter
    def reachable(self, reachable: bool) -> None:
        self.network.reachable = reachable

    def cut(self) -> None:
        """Cut every connection: the sockets, and the requests whose answers are held back, or have not come whole."""
        self.network.cut()
        for parts in self._parts.values():
            parts.cut()
        for id in sorted(self._held):
            self._answers[id] = Abandon(id=id)
            self.feed(RequestGone(id=id))
        self._answered.ring()

    def _reach(self, reachable: bool) -> None:  # noqa: FBT001 - it is one question
        self.network.reachable = reachable

    def _fate(self, crossing: Crossing) -> Fate:
        self._faults.pass_time(self._time.now())
        fate = self._faults.fate(crossing)
        return fate if self._own_fate is None or fate != _CALM else self._own_fate(crossing)

    def _do_by_script(self, control: Control) -> None:
        self.feed(replace(control, id=_SCRIPTED))

    # --- the center's loop ---

    def feed(self, input: Input) -> None:
        """Hand the center an input, and carry out what it says; at once, or after what is carried out now."""
        self._inputs.append(input)
        if self._feeding:
            return
        self._feeding = True
        try:
            while self._inputs:
                for command in self.center.handle(self._inputs.popleft(), now=self._time.now()):
                    self._carry_out(command)
        finally:
            self._feeding = False
        self._arm()

    def _carry_out(self, command: Command) -> None:
        match command:
            case Continue() | Abandon() if command.id in self._parts:
                self._parts[command.id].add(command)
            case Respond() | Abandon():
                if isinstance(command, Respond) and command.more:
                    self._parts[command.id] = _Parts()
                self._answers[command.id] = command
                self._answered.ring()
            case RefuseControl(id=id) if id == _SCRIPTED:
                self._wrong.append(command.message)
            case AnswerControl() | RefuseControl():
                if command.id != _SCRIPTED:
                    self._done.append(command)
            case AcceptSocket() | RefuseSocket() | Push() | Drop():
                if line := self._lines.get(command.socket):
                    line.obey(command)
            case Continue():
                pass  # the client left before it was answered

    def _ring(self) -> None:
        for line in list(self._lines.values()):
            line.look()
        self._faults.pass_time(self._time.now())
        self.feed(Tick())

    def _arm(self) -> None:
        self._lines = {name: line for name, line in self._lines.items() if not line.is_over}
        self._alarm.set(min(self._dues(), default=None))

    def _dues(self) -> Iterator[float]:
        if self.center.next_deadline is not None:
            yield self.center.next_deadline
        if self._faults.next_due is not None:
            yield self._faults.next_due
        for line in self._lines.values():
            if line.next_due is not None:
                yield self._time.from_loop(line.next_due)

    # --- what arrives ---

    def _greet(self, handshake: MemoryHandshake) -> None:
        line = Line(f"socket {next(self._names)}", handshake, self.feed, self._arm)
        self._lines[line.name] = line
        self.feed(line.arrival)

    async def _respond(self, request: RestRequest) -> Response | MemoryStream:
        id = f"request {next(self._names)}"
        with self._waited_for(id):
            self.feed(_arrived(id, request))
            while id not in self._answers:
                await self._answered.wait()
        answer = self._answers.pop(id)
        if isinstance(answer, Abandon):
            raise RequestNotAnswered("the connection was lost", sent="maybe")
        response = Response(status=answer.status, headers=answer.headers, body=answer.body)
        if not answer.more:
            return response
        return MemoryStream(response=response, parts=self._parts[id], gone=partial(self._leave, id))

    def _leave(self, id: str) -> None:
        """Nobody reads what follows of an answer any more."""
        self._parts.pop(id, None)
        self.feed(RequestGone(id=id))

    @contextmanager
    def _waited_for(self, id: str) -> Generator[None]:
        """Tell the center when the client has gone before its answer."""
        self._held.add(id)
        try:
            yield
        except BaseException:
            self._leave(id)
            self._answers.pop(id, None)
            raise
        finally:
            self._held.discard(id)


def _arrived(id: str, request: RestRequest) -> RequestArrived:
    parts = urlsplit(request.url)
    headers = tuple((name.lower(), value) for name, value in request.headers)
    return RequestArrived(
        id=id, method=request.method, path=unquote(parts.path), query=parts.query, headers=headers, body=request.body
    )


def _words(channel: Channel, content: dict[str, Any]) -> str:
    return bright_pattern_words(content) if isinstance(channel, BrightPatternChannel) else cxone_words(content)


def _is_hidden(message: dict[str, Any]) -> bool:
    """Whether it only begins a live chat, and nobody is shown it."""
    return "isInitialMessage" in (message["content"].get("parameters") or ())
