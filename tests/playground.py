"""A session and a center in virtual time, checked at every step against what the core promises.

Two drivers use it: the model-based test draws its steps from hypothesis, the simulation from a seeded generator.
"""

from collections import Counter
from typing import Any

from deskline_center import controls as k
from deskline_center.inputs import SocketGone
from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.events import (
    ChatStateChanged,
    Event,
    HistoryLoaded,
    MessageReceived,
    MessageStatusChanged,
    ThreadEnded,
    ThreadStateChanged,
)
from deskline_core.session import Session
from tests.playbook import Chat, read_frame

RANK = {"queued": 0, "uploading": 1, "sending": 2, "uncertain": 2.5, "sent": 3, "delivered": 4, "seen": 5, "failed": 6}
FALLS = {
    ("sending", "queued"),
    ("uploading", "queued"),
    ("uncertain", "queued"),
    ("failed", "queued"),
    ("failed", "delivered"),
    ("failed", "seen"),
}
"""What may go down: certainly not written, sent again, or arrived after all."""

_OPENERS = ("AuthorizeCustomer", "ReconnectConsumer", "heartbeat")


class Watched:
    """A session whose inputs and commands are looked at on their way."""

    def __init__(self, session: Session, watcher: "Playground") -> None:
        self._session = session
        self._watcher = watcher

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)

    def handle(self, input: i.Input, *, now: float) -> list[c.Command]:
        """Hand it on, checked."""
        due = self._session.next_deadline
        self._watcher.entering(input, overdue=due is not None and due <= now)
        commands = self._session.handle(input, now=now)
        for command in commands:
            self._watcher.leaving(command)
        self._watcher.left(input)
        due = self._session.next_deadline
        assert due is None or due >= now, f"a deadline in the past after {input!r}: {due} < {now}"
        return commands


class Playground(Chat):
    """A chat that checks itself. A failed assertion is a broken promise of the core."""

    def __init__(self, *args: Any, **rest: Any) -> None:
        super().__init__(*args, **rest)
        self.asked: Counter[int] = Counter()
        self.settled: Counter[int] = Counter()
        self.withdrawn: set[int] = set()
        self.open_socket: int | None = None
        self.authorized: set[int] = set()
        self.statuses: dict[str, str] = {}
        self.discarded: set[str] = set()
        self.shown: dict[str, list[tuple[str, str]]] = {}
        self.over: set[str] = set()
        self.told_state = "initial"
        self.confirms = False
        self.overtaking = False
        self.losing = False
        self.page: int = (rest.get("settings") or {}).get("page_size", 20)
        self.closing = -1
        self.session = Watched(self.session, self)  # type: ignore[assignment]

    # --- what passes ---

    def entering(self, input: i.Input, *, overdue: bool) -> None:
        """Note an input. What is due is served before it, on a socket that is closed already."""
        self.confirms = isinstance(input, i.Connect)
        if isinstance(input, i.AppRequest):
            self.asked[input.request] += 1
        elif isinstance(input, i.SocketClosed) and overdue:
            self.closing = input.socket
        elif isinstance(input, i.SocketClosed):
            self.left(input)
        elif isinstance(input, i.FrameReceived) and ("Authorized" in input.text or "ConsumerReconnected" in input.text):
            self.authorized.add(input.socket)

    def left(self, input: i.Input) -> None:
        """An input was taken."""
        if isinstance(input, i.SocketClosed) and input.socket == self.open_socket:
            self.open_socket = None

    def leaving(self, command: c.Command) -> None:
        """Check a command."""
        match command:
            case c.OpenSocket(socket=socket):
                assert self.open_socket in (None, self.closing), "a second socket"
                self.open_socket = socket
            case c.SendFrame(socket=socket, text=text):
                assert socket == self.open_socket, "a frame on a closed socket"
                self._check_frame(socket, text)
            case c.Answer(request=request) | c.Refuse(request=request):
                self.settled[request] += 1
                assert self.asked[request] == 1, "settled what nobody asked"
                assert self.settled[request] == 1, "settled twice"
                assert request not in self.withdrawn, "settled what was withdrawn"
            case c.Notify(event=event):
                self._check_event(event)
            case _:
                pass

    def _check_frame(self, socket: int, text: str) -> None:
        kind = read_frame(text).kind
        if kind not in _OPENERS and self.site.channel_id.endswith("1"):
            assert socket in self.authorized, f"{kind} before the authorization"
        if kind == "SendMessage":
            assert self.told_state in ("ready", "ending"), f"a message while {self.told_state}"

    def _check_event(self, event: Event) -> None:
        match event:
            case ChatStateChanged(state=state):
                assert state != self.told_state or self.confirms, f"{state} was told twice"
                self.told_state = state
            case ThreadStateChanged(thread=thread, state=state):
                if state == "recovering" and thread in self.over and self.mode == "live":
                    self.over.discard(thread)  # an open contact again: a new thread object
                    self.shown.pop(thread, None)
                assert thread not in self.over, "an ended thread moved"
            case ThreadEnded(thread=thread):
                assert thread not in self.over, "ended twice"
                self.over.add(thread)
            case MessageStatusChanged(message=message, status=status):
                old = self.statuses.get(message)
                fine = old is None or RANK[status] > RANK[old] or (old, status) in FALLS
                assert fine, f"{message}: {old} -> {status}"
                self.statuses[message] = status
            case MessageReceived(thread=thread, message=shown):
                self._show(thread, shown.id, shown.text)
            case HistoryLoaded(thread=thread, messages=messages):
                for shown in messages:
                    self._show(thread, shown.id, shown.text)
            case _:
                pass

    def _show(self, thread: str, message: str, text: str) -> None:
        shown = self.shown.setdefault(thread, [])
        assert (message, text) not in shown, f"{text} was told twice"
        shown.append((message, text))

    def _obey(self, command: c.Command) -> None:
        super()._obey(command)
        if isinstance(command, c.CloseSocket):
            self.unwritten = False

    # --- steps ---

    def control(self, control: k.Control) -> None:
        self.overtaking = self.overtaking or isinstance(control, k.Hold | k.ViaUrl | k.Delay)
        self.losing = self.losing or isinstance(control, k.Hold | k.ViaUrl | k.LosePush)
        super().control(control)

    def withdraw(self, request: int) -> None:
        """The caller of a request is gone."""
        if request not in self.settled:
            self.withdrawn.add(request)
        self.put(i.Withdraw(request=request))

    def cut(self, *, reported: bool = True, code: int | None = None) -> None:
        if self._socket is None:
            return
        socket, self._socket = self._socket, None
        frames, self._frames = tuple(self._frames), []
        self.unwritten = False
        self.center.handle(SocketGone(socket=str(socket), code=code), now=self.now)
        self.put(i.SocketClosed(socket=socket, code=code, unwritten=frames if reported else ()))

    def network_off(self) -> None:
        """Take the network away; what was open is lost."""
        self.network = False
        self.cut()

    def network_on(self, *, told: bool) -> None:
        """Give it back."""
        self.network = True
        if told:
            self.put(i.NetworkReturned())

    def kept_threads(self) -> list[str]:
        """The threads by age."""
        return list(self.session.threads)

    def load_all(self, thread: str) -> None:
        """Load a thread's whole history."""
        while self.session.threads[thread].has_more:
            self.ask(i.LoadMore, thread=thread)

    # --- the end ---

    def settle(self) -> None:
        """Take all faults back, connect, wait, and recover once more: then nothing may be open, lost or doubled."""
        self.unwritten = False
        self.control(k.ForgetFaults())
        self.control(k.Availability())
        self.network_on(told=True)
        self.do(i.EnterActive)
        self.advance(3)
        self.do(i.Open)
        self.advance(120)
        if self.told_state != "ready":
            self.do(i.Connect)
            self.advance(120)
        assert self.told_state == "ready", self.told_state
        self.cut()
        self.advance(120)
        assert self.told_state == "ready", self.told_state
        open_ = {n for n in self.asked if n not in self.settled and n not in self.withdrawn}
        assert not open_, f"never settled: {open_}"
        self._check_messages()

    def _check_messages(self) -> None:
        stored = self._stored()
        for id, thread in self.session.threads.items():
            for outgoing in thread.messages:
                if outgoing.mine and outgoing.status in ("delivered", "seen"):
                    assert stored[id, outgoing.id] == 1, f"{outgoing.id} is stored {stored[id, outgoing.id]} times"
            if thread.state == "open":
                self._check_open(id, thread, stored)
        for message, status in self.statuses.items():
            times = sum(count for (_, id), count in stored.items() if id == message)
            assert times <= 1, f"{message} is stored {times} times"
            if status in ("delivered", "seen"):
                assert times == 1, f"{message} is {status} and not stored"

    def _stored(self) -> Counter[tuple[str, str]]:
        floor = self.center._floor
        return Counter(
            (thread.external_id, message.external_id)
            for thread in floor.threads.values()
            for message in thread.messages
        )

    def _check_open(self, id: str, thread: Any, stored: Counter[tuple[str, str]]) -> None:
        self.load_all(id)
        far = self.far(id)
        visible = [m for m in far.messages if not _hidden(m)]
        kept = [m for m in thread.messages if m.status in ("delivered", "seen")]
        if self.mode == "live":  # older pages hold the present contact only
            visible = [m for m in visible if m.contact is far.contact]
            others = {m.external_id for m in far.messages if m.contact is not far.contact}
            kept = [m for m in kept if m.id not in others]
        shown, stored_ids = [m.id for m in kept], [m.external_id for m in visible]
        if self.losing:  # nobody can know of a push that never came, but where a page of the history shows it
            far_page = set(stored_ids[-self.page :]) | set(shown)
            stored_ids = [id for id in stored_ids if id in far_page]
        if self.overtaking:  # of one millisecond, what came first stands first
            assert [m.created_at for m in kept] == sorted(m.created_at for m in kept), "swapped"
            shown.sort()
            stored_ids.sort()
        assert shown == stored_ids, "lost, doubled or swapped"
        told = [message for message, _ in self.shown.get(id, [])]
        for message in visible:
            if message.outbound:
                times = told.count(message.external_id)
                assert times == 1 or (self.losing and times == 0), f"told {times} times"
        for outgoing in thread.messages:
            assert outgoing.status not in ("queued", "uploading", "sending", "uncertain"), f"still {outgoing.status}"
            if outgoing.mine and outgoing.status == "failed":
                assert stored[id, outgoing.id] == 0, "failed, and stored"


def _hidden(message: Any) -> bool:
    content = message.content
    parameters = content.get("parameters") or {}
    if any(str(name).startswith("is") and value for name, value in dict(parameters).items()):
        return True
    return content.get("type") in ("PLUGIN", "INACTIVITY_POPUP")
