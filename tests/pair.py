"""A session joined to the pure center, in one process, in virtual time: what one emits the other receives at once."""

from collections import deque
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from deskline_center import AcceptSocket, Center, Drop, FrameArrived, Push, RefuseSocket, RequestArrived, Respond
from deskline_center import SocketArrived, SocketGone
from deskline_center import Tick as CenterTick
from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.cxone.site import CXone
from deskline_core.errors import RefusalCode
from deskline_core.events import Event
from deskline_core.policy import DEFAULT_POLICY, Policy
from deskline_core.session import Session

SEED = b"a seed of at least sixteen bytes"
START = 1_780_000_000.0


class Pair:
    """One session and the center; ``events`` is what the app was told, ``log`` all commands in order."""

    def __init__(
        self,
        channel: str,
        *,
        policy: Policy = DEFAULT_POLICY,
        center: Center | None = None,
        restored: dict[str, str] | None = None,
        seed: bytes = SEED,
        now: float = START,
    ) -> None:
        self.now = now
        self.center = center or Center(base_url="http://localhost:8080")
        self.site = CXone.local("http://localhost:8080", 1386, channel)
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

    # --- the app ---

    def do(self, kind: type[i.AppRequest], **fields: object) -> int:
        """Hand in an app request; return its number."""
        self._requests += 1
        self.put(kind(request=self._requests, **fields))  # type: ignore[arg-type]
        return self._requests

    def ask(self, kind: type[i.AppRequest], **fields: object) -> Any:
        """Hand in an app request and return its answer, which must be there at once."""
        number = self.do(kind, **fields)
        assert number in self.answers, self.refusals.get(number, "neither answered nor refused")
        return self.answers[number]

    def refused(self, kind: type[i.AppRequest], **fields: object) -> RefusalCode:
        """Hand in an app request and return the code of its refusal."""
        number = self.do(kind, **fields)
        assert number in self.refusals, self.answers.get(number, "neither answered nor refused")
        return self.refusals[number].code

    def put(self, input: i.Input) -> None:
        """Hand in anything, and let both sides act on what follows."""
        self._inputs.append(input)
        while self._inputs:
            for command in self.session.handle(self._inputs.popleft(), now=self.now):
                self.log.append(command)
                self._obey(command)

    def advance(self, seconds: float) -> None:
        """Let time pass, serving every deadline of both sides when it is due."""
        end = self.now + seconds
        while True:
            due = [at for at in (self.session.next_deadline, self.center.next_deadline) if at is not None and at <= end]
            if not due:
                break
            self.now = max(self.now, min(due))
            self._from_center(self.center.handle(CenterTick(), now=self.now))
            self.put(i.Tick())
        self.now = end

    def control(self, control: Any) -> None:
        """Let the operator of the center do something."""
        self._from_center(self.center.handle(control, now=self.now))
        self.drain()

    def drain(self) -> None:
        """Let the session act on what has arrived."""
        if self._inputs:
            self.put(self._inputs.popleft())

    def told(self, *kinds: type) -> list[Any]:
        """Return the events of some kinds."""
        return [event for event in self.events if isinstance(event, kinds)]

    @property
    def thread(self) -> Any:
        """The newest thread."""
        return list(self.session.threads.values())[-1]

    def lose(self, *, code: int | None = None) -> None:
        """Cut the connection."""
        socket, self._socket = self._socket, None
        assert socket is not None
        self.center.handle(SocketGone(socket=str(socket), code=code), now=self.now)
        self.put(i.SocketClosed(socket=socket, code=code))

    # --- between them ---

    def _obey(self, command: c.Command) -> None:
        match command:
            case c.OpenSocket(socket=socket, url=url):
                self._open(socket, url.reveal())
            case c.SendFrame(socket=socket, text=text):
                if socket == self._socket and not self.unwritten:
                    self._from_center(self.center.handle(FrameArrived(socket=str(socket), text=text), now=self.now))
                elif socket == self._socket:
                    self._frames.append(command.frame)
            case c.CloseSocket(socket=socket, code=code):
                self._socket = None
                self.center.handle(SocketGone(socket=str(socket), code=code), now=self.now)
                self._inputs.append(i.SocketClosed(socket=socket, code=code, unwritten=tuple(self._frames)))
                self._frames.clear()
            case c.SendRequest():
                self._request(command)
            case c.Save(id=id) | c.Forget(id=id):
                self._inputs.append(i.SaveFailed(id=id, reason="disk full") if self.store_fails else i.Saved(id=id))
            case c.Answer(request=request, value=value):
                assert request not in self.answers
                self.answers[request] = value
            case c.Refuse(request=request):
                self.refusals[request] = command
            case c.Notify(event=event):
                self.events.append(event)
            case c.CancelRequest():
                pass

    def _open(self, socket: int, url: str) -> None:
        if not self.network:
            self._inputs.append(i.SocketClosed(socket=socket, reason="no network"))
            return
        parts = urlsplit(url)
        self._socket = socket
        arrived = SocketArrived(socket=str(socket), query=parts.query, path=parts.path or "/")
        self._from_center(self.center.handle(arrived, now=self.now))

    def _request(self, command: c.SendRequest) -> None:
        if not self.network:
            self._inputs.append(i.RequestFailed(id=command.id, sent="no", reason="no network"))
            return
        parts = urlsplit(command.url.reveal())
        arrived = RequestArrived(
            id=str(command.id), method=command.method, path=parts.path, query=parts.query, body=command.body
        )
        self._from_center(self.center.handle(arrived, now=self.now))

    def _from_center(self, commands: Iterable[Any]) -> None:
        for command in commands:
            match command:
                case AcceptSocket(socket=socket):
                    self._inputs.append(i.SocketOpened(socket=int(socket)))
                case RefuseSocket(socket=socket, status=status):
                    self._socket = None
                    self._inputs.append(i.SocketClosed(socket=int(socket), status=status))
                case Push(socket=socket, text=text):
                    if int(socket) == self._socket:
                        self._inputs.append(i.FrameReceived(socket=int(socket), text=text))
                case Drop(socket=socket, code=code):
                    if int(socket) == self._socket:
                        self._socket = None
                        self._inputs.append(i.SocketClosed(socket=int(socket), code=code))
                case Respond(id=id, status=status, headers=headers, body=body):
                    self._inputs.append(i.ResponseReceived(id=int(id), status=status, headers=headers, body=body))
                case _:
                    pass
