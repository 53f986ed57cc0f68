"""A session and the center with a slow, lossy network between them, in virtual time: each seed twice, byte-equal.

Unlike in the model-based test, what is sent takes its time: a loss hits frames on their way, in both directions.
"""

import hashlib
import heapq
from collections.abc import Callable
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest

from deskline_center import AcceptSocket, Drop, FrameArrived, Push, RefuseSocket, RequestArrived, Respond, SocketArrived
from deskline_center import Tick as CenterTick
from deskline_center import controls as k
from deskline_center.inputs import SocketGone
from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.model import Upload
from tests.playground import Playground

PICTURE = Upload(name="mug.png", content=b"picture", mime_type="image/png")
MODES = (("single", "legacy"), ("multi", "secured"), ("live", "legacy"), ("live", "secured"), ("multi", "legacy"))


class Slow(Playground):
    """Everything between both ends is under way for a while; order holds per direction of a socket."""

    def __init__(self, chance: Random, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.chance = chance
        self.digest = hashlib.sha256()
        self.under_way: list[tuple[float, int, str, Any]] = []
        self.last_at: dict[tuple[str, int], float] = {}
        self.number = 0
        self.calm = False

    def leaving(self, command: c.Command) -> None:
        super().leaving(command)
        self.digest.update(_plain(command).encode())

    # --- the way ---

    def _delay(self) -> float:
        if self.calm:
            return 0.01
        return self.chance.choice((0.0, 0.01, 0.05, 0.3, 1.5))

    def _later(self, direction: str, socket: int, what: Any) -> None:
        at = max(self.now + self._delay(), self.last_at.get((direction, socket), 0.0))
        self.last_at[direction, socket] = at
        self.number += 1
        heapq.heappush(self.under_way, (at, self.number, direction, what))

    def _obey(self, command: c.Command) -> None:
        match command:
            case c.SendFrame(socket=socket):
                self._later("up", socket, command)
            case c.OpenSocket(socket=socket) if self.network:
                self._later("up", socket, command)
            case c.CloseSocket(socket=socket, code=code):
                self._gone(socket, code, told=True)
            case c.SendRequest() if self.network:
                self._later("rest", command.id, command)
            case _:
                super()._obey(command)

    def _gone(self, socket: int, code: int | None, *, told: bool) -> None:
        """End a socket: of what is on its way up, some was never written, some was and got lost."""
        self._socket = None
        unwritten: list[int] = []
        kept: list[tuple[float, int, str, Any]] = []
        lost = sorted(x for x in self.under_way if x[2] != "rest" and getattr(x[3], "socket", None) == socket)
        written = self.chance.randrange(len(lost) + 1) if lost else 0
        for index, (_, _, direction, what) in enumerate(lost):
            if direction == "up" and isinstance(what, c.SendFrame) and index >= written:
                unwritten.append(what.frame)
        kept = [x for x in self.under_way if x not in lost]
        heapq.heapify(kept)
        self.under_way = kept
        self._from_center(self.center.handle(SocketGone(socket=str(socket), code=code), now=self.now))
        closed = i.SocketClosed(socket=socket, code=code, unwritten=tuple(unwritten))
        if told:
            self._inputs.append(closed)
        else:
            self.put(closed)

    def _from_center(self, commands: Any) -> None:
        for command in commands:
            match command:
                case AcceptSocket(socket=socket):
                    self._later("down", int(socket), i.SocketOpened(socket=int(socket)))
                case RefuseSocket(socket=socket, status=status):
                    self._later("down", int(socket), i.SocketClosed(socket=int(socket), status=status))
                case Push(socket=socket, text=text):
                    self._later("down", int(socket), i.FrameReceived(socket=int(socket), text=text))
                case Drop(socket=socket, code=code):
                    self._later("down", int(socket), i.SocketClosed(socket=int(socket), code=code))
                case Respond(id=id, status=status, headers=headers, body=body):
                    response = i.ResponseReceived(id=int(id), status=status, headers=headers, body=body)
                    self._later("rest", int(id), response)
                case _:
                    pass

    def _arrive(self, what: Any) -> None:
        match what:
            case c.OpenSocket(socket=socket, url=url):
                if socket == self.open_socket:
                    parts = urlsplit(url.reveal())
                    self._socket = socket
                    arrived = SocketArrived(socket=str(socket), query=parts.query, path=parts.path or "/")
                    self._from_center(self.center.handle(arrived, now=self.now))
            case c.SendFrame(socket=socket, text=text):
                self._from_center(self.center.handle(FrameArrived(socket=str(socket), text=text), now=self.now))
            case c.SendRequest(id=id):
                parts = urlsplit(what.url.reveal())
                request = RequestArrived(
                    id=str(id), method=what.method, path=parts.path, query=parts.query, body=what.body
                )
                self._from_center(self.center.handle(request, now=self.now))
            case i.SocketClosed(socket=socket) if socket == self.open_socket:
                self._gone(socket, what.code, told=False)
            case _:
                self.put(what)

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while True:
            on_way = self.under_way[0][0] if self.under_way else None
            due = [at for at in (self.session.next_deadline, self.center.next_deadline, on_way) if at is not None]
            if not due or min(due) > end:
                break
            self.now = max(self.now, min(due))
            if on_way is not None and on_way <= self.now:
                self._arrive(heapq.heappop(self.under_way)[3])
            else:
                self._from_center(self.center.handle(CenterTick(), now=self.now))
                self.put(i.Tick())
        self.now = end

    def cut(self, *, reported: bool = True, code: int | None = None) -> None:
        if self.open_socket is not None:
            self._gone(self.open_socket, code, told=False)

    def settle(self) -> None:
        self.calm = True
        self.advance(5)
        super().settle()

    def load_all(self, thread: str) -> None:
        while self.session.threads[thread].has_more:
            self.do(i.LoadMore, thread=thread)
            self.advance(1)


def _plain(command: c.Command) -> str:
    """Everything of a command as text, secrets included: both runs must give the same."""
    shown = []
    for name in command.__struct_fields__:
        field = getattr(command, name)
        shown.append(f"{name}={field.reveal() if hasattr(field, 'reveal') else _deep(field)}")
    return f"{type(command).__name__}({', '.join(shown)})\n"


def _deep(field: object) -> str:
    names = getattr(field, "__struct_fields__", None)
    if names is None:
        return repr(field)
    return f"{type(field).__name__}({', '.join(f'{name}={_deep(getattr(field, name))}' for name in names)})"


Step = Callable[[Slow, str, int], object]


def _message(kind: type[i.AppRequest]) -> Step:
    def ask(chat: Slow, _thread: str, _number: int) -> None:
        messages = list(chat.statuses)
        if messages:
            chat.do(kind, message=chat.chance.choice(messages))

    return ask


def _thread(*kinds: type[i.AppRequest]) -> Step:
    return lambda chat, thread, _: chat.do(chat.chance.choice(kinds), thread=thread)


def _no_network(chat: Slow, _thread: str, _number: int) -> None:
    chat.network_off()
    chat.advance(chat.chance.choice((1, 20, 60)))
    chat.network_on(told=chat.chance.random() < 0.5)


def _fault(chat: Slow, _thread: str, _number: int) -> None:
    match = chat.chance.choice(
        ("SendMessage", "RecoverThread", "RecoverLivechat", "LoadMoreMessages", "rest:token", "rest:attachment")
    )
    # a far side that denies a thread it has cannot be told from one that lost it: its gateway fails instead
    failure = k.Fail(match=match, code="gateway" if match.startswith("Recover") else "")
    chat.control(chat.chance.choice((k.Lose(match=match), k.Delay(match=match), failure)))


def _push_fault(chat: Slow, _thread: str, _number: int) -> None:
    kind = chat.chance.choice((k.LosePush, k.Repeat, k.ViaUrl))
    chat.control(kind(match=chat.chance.choice(("MessageCreated", "ack", "ThreadRecovered", "*"))))


def _agent(chat: Slow, thread: str, _number: int) -> None:
    kind = chat.chance.choice((k.AgentJoins, k.AgentLeaves, k.AgentTypes, k.AgentReads))
    chat.control(kind(thread=thread))


STEPS: tuple[Step, ...] = (
    *[lambda chat, thread, number: chat.do(i.SendMessage, thread=thread, text=f"customer {number}")] * 4,
    lambda chat, thread, number: chat.do(
        i.SendMessage, thread=thread, text=f"with files {number}", attachments=(PICTURE,) * chat.chance.choice((1, 3))
    ),
    *[lambda chat, thread, number: chat.control(k.AgentSays(thread=thread, text=f"agent {number}"))] * 3,
    lambda chat, _thread, _number: chat.cut(),
    lambda chat, _thread, _number: chat.control(k.DropSockets(code=chat.chance.choice((None, 1000, 1011)))),
    _no_network,
    _thread(i.OpenThread, i.MarkRead, i.StartTyping, i.LoadMore, i.StopTyping),
    lambda chat, _thread, _number: chat.do(
        chat.chance.choice((i.StartThread, i.EnterBackground, i.EnterActive, i.Open))
    ),
    _fault,
    _push_fault,
    _agent,
    _message(i.RetryMessage),
    _message(i.AwaitSettled),
)


def run(seed: int, steps: int) -> tuple[str, Slow]:
    """Let an app, an agent and the network do as a seed wants; return the digest of all commands."""
    chance = Random(seed)
    mode, session = MODES[seed % len(MODES)]
    chat = Slow(chance, mode, session, settings={"page_size": chance.choice((2, 5, 20))})
    chat.do(i.Open)
    chat.advance(2)
    chat.do(i.StartThread)
    for number in range(steps):
        thread = chance.choice(chat.kept_threads() or ["nowhere"])
        chance.choice(STEPS)(chat, thread, number)
        chat.advance(chance.choice((0.0, 0.02, 0.5, 3.0, 12.0)))
    chat.settle()
    return chat.digest.hexdigest(), chat


@pytest.mark.parametrize("seed", range(20))
def test_nothing_is_lost_doubled_or_swapped_and_the_same_seed_gives_the_same_commands(seed: int) -> None:
    first, chat = run(seed, 60)
    second, _ = run(seed, 60)
    assert first == second
    assert len(chat.log) > 50


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(100, 700))
def test_the_same_for_longer(seed: int) -> None:
    assert run(seed, 200)[0] == run(seed, 200)[0]
