"""For people who test chat flows: a session and a contact center joined in one process, in virtual time.

::

    from deskline.testing import Pair
    from deskline_center.controls import AgentJoins, AgentSays

    chat = Pair(channel_id("live", "legacy"))
    chat.begin()
    thread = chat.ask(StartThread)
    chat.control(AgentJoins())
    chat.control(AgentSays(text="Good morning!"))
    assert chat.told(MessageReceived)[-1].text == "Good morning!"

With a channel of the center's in place of an id it is a pair of that channel's vendor::

    chat = Pair(BrightPatternChannel(id="harbour-chat", inactivity=60))

Nothing here waits, opens a socket or reads a clock: :meth:`Pair.advance` is the only way in which time passes. A run
is the same every time.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

from deskline_center import (
    Abandon,
    AcceptSocket,
    Center,
    Continue,
    Drop,
    FrameArrived,
    Push,
    RefuseSocket,
    RequestArrived,
    RequestGone,
    Respond,
    SocketArrived,
    SocketGone,
)
from deskline_center import Command as CenterCommand
from deskline_center import Tick as CenterTick
from deskline_center.brightpattern import BrightPatternChannel
from deskline_center.controls import Control
from deskline_center.cxone import BRAND, CXoneChannel
from deskline_center.model import Channel
from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.brightpattern.site import BrightPattern
from deskline_core.cxone.site import CXone
from deskline_core.errors import RefusalCode
from deskline_core.events import Event
from deskline_core.model import ThreadView
from deskline_core.policy import DEFAULT_POLICY, Policy
from deskline_core.session import Session
from deskline_transports.lines import LineSplitter

__all__ = ["BASE", "SEED", "START", "Pair", "site_for"]

BASE: Final = "http://localhost:8080"
SEED: Final = b"a seed of at least sixteen bytes"
START: Final = 1_780_000_000.0

_Event = TypeVar("_Event", bound=Event)


def site_for(channel: Channel, url: str) -> CXone | BrightPattern:
    """Return the site at which a client finds a channel of a local center, which serves under ``url``."""
    if isinstance(channel, BrightPatternChannel):
        return BrightPattern(url=url, app_id=channel.id, tenant=channel.tenant)
    return CXone.local(url, channel.brand if isinstance(channel, CXoneChannel) else BRAND, channel.id)


class Pair:
    """A session and a center: what one emits, the other receives at once.

    ``channel`` is one of the center's channels, or the id of one of CXone's; ``site`` is where its client goes, if that
    is not what :func:`site_for` says. ``events`` is what the app was told,
    ``log`` all commands, ``answers`` and ``refusals`` how its requests were settled, by number; ``now`` is UTC seconds.
    ``network`` False lets every attempt fail, ``store_fails`` every save, and while ``unwritten`` is True no frame
    leaves.
    """

    def __init__(
        self,
        channel: str | Channel,
        *,
        site: CXone | BrightPattern | None = None,
        policy: Policy = DEFAULT_POLICY,
        center: Center | None = None,
        restored: Mapping[str, str] | None = None,
        seed: bytes = SEED,
        now: float = START,
    ) -> None:
        self.now = now
        known = channel if isinstance(channel, Channel) else CXoneChannel(id=channel)
        own = (channel,) if isinstance(channel, Channel) else None
        self.center = center or Center(base_url=BASE, channels=own)
        self.site: Any = site or site_for(known, BASE)
        self.session = Session(self.site, policy=policy, seed=seed, restored=restored)
        self.events: list[Event] = []
        self.log: list[c.Command] = []
        self.answers: dict[int, Any] = {}
        self.refusals: dict[int, c.Refuse] = {}
        self.network = True
        self.store_fails = False
        self.unwritten = False
        self._requests = 0
        self._inputs: deque[i.Input] = deque()
        self._socket: int | None = None
        self._frames: list[int] = []
        self._asked: set[int] = set()
        self._parts: dict[int, tuple[i.ResponseReceived, LineSplitter]] = {}

    # --- the app ---

    def begin(self) -> None:
        """Want the chat, and let it get as far as it gets at once."""
        self.ask(i.Open)

    def do(self, kind: type[i.AppRequest], /, **fields: Any) -> int:  # noqa: ANN401 - the fields of the request
        """Hand in an app request; return its number."""
        self._requests += 1
        self.put(kind(request=self._requests, **fields))
        return self._requests

    def ask(self, kind: type[i.AppRequest], /, **fields: Any) -> Any:  # noqa: ANN401 - each request has its own answer
        """Hand in an app request and return its answer. Raises AssertionError if it is not answered at once."""
        number = self.do(kind, **fields)
        if number not in self.answers:
            raise AssertionError(self.refusals.get(number, f"{kind.__name__} is neither answered nor refused yet"))
        return self.answers[number]

    def refused(self, kind: type[i.AppRequest], /, **fields: Any) -> RefusalCode:  # noqa: ANN401 - as above
        """Hand in an app request and return the code of its refusal. Raises AssertionError if it is not refused."""
        number = self.do(kind, **fields)
        if number not in self.refusals:
            raise AssertionError(f"{kind.__name__} is not refused but {self.answers.get(number, 'waits')}")
        return self.refusals[number].code

    def put(self, input: i.Input | i.AppRequest) -> None:
        """Hand in anything, and let both sides act on what follows."""
        self._inputs.append(input)  # type: ignore[arg-type]  # the union of inputs names every request
        self.drain()

    def told(self, *kinds: type[_Event]) -> list[_Event]:
        """Return the events of some kinds, in order."""
        return [event for event in self.events if isinstance(event, kinds)]

    @property
    def thread(self) -> ThreadView:
        """The newest thread."""
        return list(self.session.threads.values())[-1]

    # --- time, the operator, the network ---

    def advance(self, seconds: float) -> None:
        """Let time pass; each deadline of either side is served when it is due."""
        end = self.now + seconds
        while True:
            deadlines = (self.session.next_deadline, self.center.next_deadline)
            due = [deadline for deadline in deadlines if deadline is not None and deadline <= end]
            if not due:
                break
            self.now = max(self.now, min(due))
            self._from_center(self.center.handle(CenterTick(), now=self.now))
            self.put(i.Tick())
        self.now = end

    def control(self, control: Control) -> None:
        """Let the operator of the center do something: see :mod:`deskline_center.controls`."""
        self._from_center(self.center.handle(control, now=self.now))
        self.drain()

    def lose(self, *, code: int | None = None) -> None:
        """Cut the connection: the socket, or the requests that no answer has come to, as where there is no socket.

        ``code`` is the close code, None for a loss without a close frame.
        """
        socket, self._socket = self._socket, None
        if socket is None:
            self._lose_requests()
            return
        self.center.handle(SocketGone(socket=str(socket), code=code), now=self.now)
        self.put(i.SocketClosed(socket=socket, code=code))

    def _lose_requests(self) -> None:
        if not self._asked:
            raise AssertionError("there is no connection to lose")
        for request in sorted(self._asked):
            self._drop(request)
            self._inputs.append(i.RequestFailed(id=request, sent="maybe", reason="cut"))
        self.drain()

    def _drop(self, request: int) -> None:
        """Wait no more for the answer to a request; its far side is told."""
        self._parts.pop(request, None)
        if request in self._asked:
            self._asked.discard(request)
            self._from_center(self.center.handle(RequestGone(id=str(request)), now=self.now))

    def drain(self) -> None:
        """Let both sides act on what has arrived."""
        while self._inputs:
            for command in self.session.handle(self._inputs.popleft(), now=self.now):
                self.log.append(command)
                self._obey(command)

    # --- between the two ---

    def _obey(self, command: c.Command) -> None:
        match command:
            case c.Answer(request=request, value=value):
                self.answers[request] = value
            case c.Refuse(request=request):
                self.refusals[request] = command
            case c.Notify(event=event):
                self.events.append(event)
            case c.Save(id=id) | c.Forget(id=id):
                self._inputs.append(i.SaveFailed(id=id, reason="disk full") if self.store_fails else i.Saved(id=id))
            case _:
                self._carry(command)

    def _carry(self, command: c.Command) -> None:
        match command:
            case c.OpenSocket(socket=socket, url=url):
                self._open(socket, url.reveal())
            case c.SendFrame(socket=socket) if socket == self._socket:
                self._send(command)
            case c.CloseSocket(socket=socket, code=code):
                self._close(socket, code)
            case c.SendRequest():
                self._request(command)
            case c.CancelRequest(id=id):
                self._drop(id)
            case _:
                pass

    def _open(self, socket: int, url: str) -> None:
        if not self.network:
            self._inputs.append(i.SocketClosed(socket=socket, reason="no network"))
            return
        parts = urlsplit(url)
        self._socket = socket
        arrived = SocketArrived(socket=str(socket), query=parts.query, path=parts.path or "/")
        self._from_center(self.center.handle(arrived, now=self.now))

    def _send(self, command: c.SendFrame) -> None:
        if self.unwritten:
            self._frames.append(command.frame)
        else:
            arrived = FrameArrived(socket=str(command.socket), text=command.text)
            self._from_center(self.center.handle(arrived, now=self.now))

    def _close(self, socket: int, code: int) -> None:
        self._socket = None
        self.center.handle(SocketGone(socket=str(socket), code=code), now=self.now)
        self._inputs.append(i.SocketClosed(socket=socket, code=code, unwritten=tuple(self._frames)))
        self._frames.clear()

    def _request(self, command: c.SendRequest) -> None:
        if not self.network:
            self._inputs.append(i.RequestFailed(id=command.id, sent="no", reason="no network"))
            return
        if command.telling == "progress":
            size = len(command.body)
            self._inputs.append(i.RequestProgressed(id=command.id, sent=size, total=size))
        parts = urlsplit(command.url.reveal())
        self._asked.add(command.id)
        arrived = RequestArrived(
            id=str(command.id), method=command.method, path=unquote(parts.path), query=parts.query,
            headers=command.headers, body=command.body,
        )  # fmt: skip
        self._from_center(self.center.handle(arrived, now=self.now))

    def _from_center(self, commands: Iterable[CenterCommand]) -> None:
        for command in commands:
            if isinstance(command, Continue) or (isinstance(command, Respond) and command.more):
                self._follow(command)
                continue
            report = self._report(command)
            if report is not None:
                self._inputs.append(report)

    def _follow(self, command: Respond | Continue) -> None:
        """Report the lines of an answer that comes in parts, and its end; nothing of one that was cancelled."""
        number = int(command.id)
        if isinstance(command, Respond):
            ended = i.ResponseReceived(id=number, status=command.status, headers=command.headers)
            if number in self._asked:
                self._parts[number] = ended, LineSplitter()
        if number not in self._parts:
            return
        ended, splitter = self._parts[number]
        self._inputs += [i.LineReceived(id=number, text=line) for line in splitter.feed(command.body)]
        if not command.more:
            del self._parts[number]
            self._asked.discard(number)
            self._inputs.append(ended)

    def _report(self, command: CenterCommand) -> i.Input | None:
        match command:
            case Respond(id=id) | Abandon(id=id):
                if int(id) not in self._asked:  # it was cancelled
                    return None
                self._asked.discard(int(id))
                self._parts.pop(int(id), None)
                return self._answered(command)
            case _:
                return self._socket_report(command)

    @staticmethod
    def _answered(command: Respond | Abandon) -> i.Input:
        if isinstance(command, Abandon):
            return i.RequestFailed(id=int(command.id), sent="maybe", reason="cut")
        return i.ResponseReceived(id=int(command.id), status=command.status, headers=command.headers, body=command.body)

    def _socket_report(self, command: CenterCommand) -> i.Input | None:
        match command:
            case Push(socket=socket, text=text) if int(socket) == self._socket:
                return i.FrameReceived(socket=int(socket), text=text)
            case AcceptSocket(socket=socket):
                return i.SocketOpened(socket=int(socket))
            case RefuseSocket(socket=socket, status=status):
                self._socket = None
                return i.SocketClosed(socket=int(socket), status=status)
            case Drop(socket=socket, code=code, reason=reason) if int(socket) == self._socket:
                self._socket = None
                return i.SocketClosed(socket=int(socket), code=code, reason=reason)
            case _:
                return None
