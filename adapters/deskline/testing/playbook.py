"""Playbooks for the bare core: this goes in, exactly these commands come out. For people who bring their own I/O.

::

    book = Playbook(CXone(environment="EU1", brand_id=1386, channel_id="chat_5f1d"))
    book.ask(Open).gives("Open answered", "chat preparing", "GET chat_5f1d")
    book.fail("GET chat_5f1d").gives()  # it is tried again, a little later

There is nobody at the other end: the test says what the far side, the network and the store answer. Nothing waits, and
:meth:`Playbook.wait` is the only way in which time passes. The commands are read as words, see :meth:`Playbook.word`;
the commands themselves stand in what each call returns, and all of them in ``log``.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from difflib import ndiff
from typing import Any, Final, Literal, TypeVar, cast, final

from deskline_core import commands as c
from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.course import request_name
from deskline_core.events import Event
from deskline_core.model import ThreadView
from deskline_core.policy import DEFAULT_POLICY, Policy
from deskline_core.session import Session, Site
from deskline_core.snapshot import Snapshot
from deskline_core.vendors import DISCLOSURES, vendor_of

from .pair import SEED, START

__all__ = ["Came", "Playbook"]

E = TypeVar("E", bound=Event)


@final
class Came(list[str]):
    """What came out of a session: a list of words, and the ``commands`` they stand for."""

    def __init__(self, words: Iterable[str] = (), commands: Iterable[c.Command] = ()) -> None:
        super().__init__(words)
        self.commands = list(commands)

    def gives(self, *expected: str | c.Command) -> None:
        """See that exactly this came out, in this order; each as a word, or as a whole command.

        Raises AssertionError, with the difference line by line.
        """
        hoped = [each if isinstance(each, str) else repr(each) for each in expected]
        wanted = (*expected, *[""] * len(self))
        came = [
            word if isinstance(want, str) else repr(command) if want == command else f"{command!r} is another one"
            for word, command, want in zip(self, self.commands, wanted, strict=False)
        ]
        if came != hoped:
            lines = "\n".join(line for line in ndiff(hoped, came) if line[0] != "?")
            raise AssertionError(f"expected (-) and came (+):\n{lines}")

    def then(self, more: "Came") -> None:
        """Add what came out next."""
        self.extend(more)
        self.commands += more.commands


class Playbook:
    """A session with nobody at the other end.

    ``now`` is UTC seconds, ``log`` all commands, ``answers`` and ``refusals`` how the app's requests were settled, by
    number and in order. ``calls`` are the open REST requests, ``saves`` what the store has not answered yet; while
    ``store_answers`` is True it has done so whenever time passes.
    """

    def __init__(
        self,
        site: Site,
        *,
        policy: Policy = DEFAULT_POLICY,
        restored: Mapping[str, str] | Snapshot | None = None,
        durable: bool = False,
        seed: bytes = SEED,
        now: float = START,
    ) -> None:
        self.session = Session(site, policy=policy, seed=seed, restored=restored, durable=durable)
        self.now = now
        self.log: list[c.Command] = []
        self.answers: dict[int, object] = {}
        self.refusals: list[c.Refuse] = []
        self.calls: dict[int, c.SendRequest] = {}
        self.saves: list[int] = []
        self.store_answers = True
        self.socket = 0
        self._captions = DISCLOSURES[vendor_of(site)].captions
        self._asked: list[str] = []

    # --- in ---

    def put(self, input: i.Input) -> Came:
        """Hand in anything; return what came out."""
        commands = self.session.handle(input, now=self.now)
        self.log += commands
        return Came([self._noted(command) for command in commands], commands)

    def ask(self, kind: type[i.AppRequest], /, **fields: object) -> Came:
        """Hand in an app request under the next number."""
        self._asked.append(kind.__name__)
        request = cast("i.Input", kind(request=len(self._asked), **fields))
        return self.put(request)

    def withdraw(self, request: int) -> Came:
        """The caller of a request is gone."""
        return self.put(i.Withdraw(request=request))

    def wait(self, seconds: float) -> Came:
        """Let time pass, with a Tick for each deadline. A store that answers has done so by then."""
        came = self.saved() if self.store_answers else Came()
        end = self.now + seconds
        while (due := self.session.next_deadline) is not None and due <= end:
            self.now = max(self.now, due)
            came.then(self.put(i.Tick()))
        self.now = end
        return came

    def wait_next(self) -> Came:
        """Let time pass until the next deadline. Raises AssertionError when there is none."""
        came = self.saved() if self.store_answers else Came()
        due = self.session.next_deadline
        if due is None:
            raise AssertionError("the session waits for no time")
        self.now = max(self.now, due)
        came.then(self.put(i.Tick()))
        return came

    # --- what the far side, the network and the store answer ---

    def reply(
        self, call: str, body: object = None, *, status: int = 200, headers: tuple[tuple[str, str], ...] = ()
    ) -> Came:
        """Answer the newest open REST request of this name; a body that is no bytes goes as JSON."""
        text = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        return self.put(i.ResponseReceived(id=self.take(call), status=status, body=text, headers=headers))

    def fail(self, call: str, sent: Literal["no", "maybe"] = "no", reason: str = "no network") -> Came:
        """Let the newest open REST request of this name fail on the way."""
        return self.put(i.RequestFailed(id=self.take(call), sent=sent, reason=reason))

    def take(self, call: str) -> int:
        """Return the number of the newest open REST request of this name, which is settled by it."""
        for number, request in reversed(self.calls.items()):
            if self.name_of(request) == call:
                del self.calls[number]
                return number
        raise AssertionError(f"no {call} is open, but {self.open_calls()}")

    def opened(self) -> Came:
        """Report the newest socket as open."""
        return self.put(i.SocketOpened(socket=self.socket))

    def closed(self, code: int | None = None, *, socket: int | None = None, **fields: Any) -> Came:  # noqa: ANN401
        """Report a socket as closed, the newest one if none is named; without a code it was cut."""
        return self.put(i.SocketClosed(socket=socket or self.socket, code=code, **fields))

    def frame_arrives(self, frame: object, *, socket: int | None = None) -> Came:
        """Hand in a frame of the far side: its text, or what goes as JSON."""
        text = frame if isinstance(frame, str) else json.dumps(frame)
        return self.put(i.FrameReceived(socket=socket or self.socket, text=text))

    def saved(self) -> Came:
        """Report everything as kept."""
        saves, self.saves = self.saves, []
        came = Came()
        for number in saves:
            came.then(self.put(i.Saved(id=number)))
        return came

    def not_saved(self, reason: str = "disk full") -> Came:
        """Report that nothing could be kept."""
        saves, self.saves = self.saves, []
        came = Came()
        for number in saves:
            came.then(self.put(i.SaveFailed(id=number, reason=reason)))
        return came

    # --- out ---

    @property
    def asked(self) -> int:
        """The number of the newest app request."""
        return len(self._asked)

    @property
    def thread(self) -> ThreadView:
        """The newest conversation."""
        return list(self.session.threads.values())[-1]

    def open_calls(self) -> list[str]:
        """Return the names of the open REST requests, oldest first."""
        return [self.name_of(request) for request in self.calls.values()]

    def sent(self, call: str) -> c.SendRequest:
        """Return the newest REST request of this name, open or not."""
        for command in reversed(self.log):
            if isinstance(command, c.SendRequest) and self.name_of(command) == call:
                return command
        raise AssertionError(f"no {call} was sent")

    def written(self, name: str) -> dict[str, Any]:
        """Return the newest frame of this name."""
        for command in reversed(self.log):
            if isinstance(command, c.SendFrame) and self.name_of_frame(command.text) == name:
                return cast("dict[str, Any]", json.loads(command.text))
        raise AssertionError(f"no frame {name} was written")

    def events(self, *kinds: type[E]) -> list[E]:
        """Return what the app was told of some kinds, in order."""
        told = (command.event for command in self.log if isinstance(command, c.Notify))
        return [event for event in told if isinstance(event, kinds)]

    # --- words ---

    def name_of(self, request: c.SendRequest) -> str:
        """Return what a REST request is called: its method, and the last step of its path that is no id."""
        return request_name(request, self._captions)

    def name_of_frame(self, text: str) -> str:
        """Return what a frame is called: the vendor's own name of it."""
        return self._captions.frame(text)

    def word(self, command: c.Command) -> str:
        """Return what stands for a command: ``open socket 1``, ``frame SendMessage``, ``GET token``, ``save identity``.

        An app request is ``SendMessage answered`` or ``SendMessage refused invalid_value``; of events the states stand
        as ``chat ready``, ``thread open``, ``message sent``, ``ended agent``, and others by their names.
        """
        match command:
            case c.Save(key=key):
                return f"save {key}"
            case c.Forget(keys=keys):
                return f"forget {' '.join(keys)}"
            case c.Answer(request=number):
                return f"{self._asked[number - 1]} answered"
            case c.Refuse(request=number, code=code):
                return f"{self._asked[number - 1]} refused {code}"
            case c.Notify(event=event):
                return _TOLD.get(type(event), _name)(event)
            case _:
                return self._carried(command)

    def _carried(self, command: c.OpenSocket | c.SendFrame | c.CloseSocket | c.SendRequest | c.CancelRequest) -> str:
        match command:
            case c.OpenSocket(socket=socket):
                return f"open socket {socket}"
            case c.CloseSocket(socket=socket, code=code):
                return f"close socket {socket} {code}"
            case c.SendFrame(text=text):
                return f"frame {self.name_of_frame(text)}"
            case c.SendRequest():
                return self.name_of(command)
            case c.CancelRequest(id=id):
                return f"cancel {self.name_of(self.calls[id])}" if id in self.calls else "cancel"

    def _noted(self, command: c.Command) -> str:
        """Return the word of a command, and note what is open because of it."""
        word = self.word(command)
        match command:
            case c.OpenSocket(socket=socket):
                self.socket = socket
            case c.SendRequest(id=id):
                self.calls[id] = command
            case c.CancelRequest(id=id):
                self.calls.pop(id, None)
            case c.Save(id=id) | c.Forget(id=id):
                self.saves.append(id)
            case c.Answer(request=number, value=value):
                self.answers[number] = value
            case c.Refuse():
                self.refusals.append(command)
            case _:
                pass
        return word


def _name(event: Event) -> str:
    return type(event).__name__


_TOLD: Final[dict[type[Event], Callable[[Any], str]]] = {
    e.ChatStateChanged: lambda event: f"chat {event.state}",
    e.ThreadStateChanged: lambda event: f"thread {event.state}",
    e.ThreadEnded: lambda event: f"ended {event.reason}",
    e.MessageStatusChanged: lambda event: f"message {event.status}",
    e.StageChanged: lambda event: f"stage {event.stage}",
}
