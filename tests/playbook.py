"""A pair with the words that playbooks use: what was sent, what was told, since the last look."""

import json
from typing import Any, NamedTuple

import msgspec

from deskline_center import Center
from deskline_center.cxone.channel import BRAND, CXoneChannel, channel_id
from deskline_center.inputs import SocketGone
from deskline_core import commands as c
from deskline_core import inputs as i
from tests.pair import Pair

BASE = "http://localhost:8080"


class Frame(NamedTuple):
    """One frame of ours: its event type (``heartbeat`` for those), its data and its event id."""

    kind: str
    data: dict[str, Any]
    event_id: str
    text: str


def read_frame(text: str) -> Frame:
    """Take a frame apart."""
    frame = json.loads(text)
    payload = frame.get("payload", {})
    return Frame(payload.get("eventType", frame["action"]), payload.get("data", {}), frame.get("eventId", ""), text)


class Chat(Pair):
    """A session and a center of one channel, whose settings may be given."""

    def __init__(self, mode: Any = "single", session: Any = "legacy", *, center: Center | None = None,
                 settings: dict[str, Any] | None = None, **rest: Any) -> None:  # fmt: skip
        self.mode = mode
        id = channel_id(mode, session)
        if center is None:
            channel = CXoneChannel(id=id, mode=mode, session=session, brand=BRAND, **(settings or {}))
            center = Center(base_url=BASE, channels=[channel])
        super().__init__(id, center=center, **rest)
        self.seen_events = 0
        self.seen_commands = 0

    # --- since the last look ---

    def look(self) -> None:
        """Forget what was told and sent so far."""
        self.seen_events, self.seen_commands = len(self.events), len(self.log)

    def news(self, *kinds: type) -> list[Any]:
        """Return what was told since the last look, and look."""
        found = [event for event in self.events[self.seen_events :] if not kinds or isinstance(event, kinds)]
        self.seen_events = len(self.events)
        return found

    def wrote(self) -> list[Frame]:
        """Return the frames sent since the last look, without heartbeats, and look."""
        found = [read_frame(x.text) for x in self.log[self.seen_commands :] if isinstance(x, c.SendFrame)]
        self.seen_commands = len(self.log)
        return [frame for frame in found if frame.kind != "heartbeat"]

    def kinds(self) -> list[str]:
        """Return the event types sent since the last look, and look."""
        return [frame.kind for frame in self.wrote()]

    # --- shorter ways ---

    @property
    def state(self) -> Any:
        """The chat's state."""
        return self.session.state

    def open(self) -> "Chat":
        """Open the chat, which must be ready at once."""
        self.do(i.Open)
        assert self.session.state == "ready", self.events
        self.look()
        return self

    def start(self, **fields: object) -> str:
        """Start a thread."""
        thread: str = self.ask(i.StartThread, **fields)
        return thread

    def say(self, thread: str, text: str) -> str:
        """Send a message."""
        message: str = self.ask(i.SendMessage, thread=thread, text=text)
        return message

    def conversation(self, text: str = "hello") -> str:
        """Open the chat and a thread with one delivered message in it."""
        thread = self.open().start()
        message = self.say(thread, text)
        assert self.thread.state == "open"
        assert self.status(message) == "delivered"
        self.look()
        return thread

    def status(self, message: str) -> str:
        """Return the status of a message in any thread."""
        for thread in self.session.threads.values():
            for kept in thread.messages:
                if kept.id == message:
                    return kept.status
        return "unknown"

    @property
    def thread(self) -> Any:
        """The newest thread."""
        return list(self.session.threads.values())[-1]

    def state_of(self, thread: str) -> Any:
        """Return the state of a thread."""
        return self.session.threads[thread].state

    @property
    def last_state(self) -> Any:
        """The state of the newest thread."""
        return self.thread.state

    def texts(self, thread: str) -> list[str]:
        """Return the texts of a thread."""
        return [message.text for message in self.session.threads[thread].messages]

    @property
    def socket(self) -> int:
        """The open socket."""
        assert self._socket is not None
        return self._socket

    def hear(self, frame: dict[str, Any] | str) -> None:
        """Hand in a frame of the far side."""
        text = frame if isinstance(frame, str) else json.dumps(frame)
        self.put(i.FrameReceived(socket=self.socket, text=text))

    def cut(self, *, reported: bool = True, code: int | None = None) -> None:
        """Cut the connection; what was swallowed with ``unwritten`` is reported as such, or left open."""
        socket, self._socket = self.socket, None
        frames, self._frames = tuple(self._frames), []
        self.unwritten = False
        self.center.handle(SocketGone(socket=str(socket), code=code), now=self.now)
        self.put(i.SocketClosed(socket=socket, code=code, unwritten=frames if reported else ()))

    def back(self) -> None:
        """Wait until the chat is ready again."""
        for _ in range(40):
            self.advance(1)
            if self.session.state == "ready":
                return
        raise AssertionError(self.session.state)

    def far(self, thread: str) -> Any:
        """Return the center's thread."""
        return self.center._floor.threads[self.site.channel_id, thread]


def push(kind: str, data: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """Return a push of the far side."""
    return {"eventId": "e0000000-0000-4000-8000-000000000001", "eventType": kind, "data": data, **rest}


def answer(event_id: str, kind: str, data: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return an answer of the far side."""
    postback: dict[str, Any] = {"eventType": kind}
    if data is not None:
        postback["data"] = data
    return {"eventId": event_id, "postback": postback}


def refusal(event_id: str, code: str, text: str = "") -> dict[str, Any]:
    """Return a refusal of the far side."""
    return {"eventId": event_id, "error": {"errorCode": code, "transactionId": "t-1", "errorMessage": text}}


def state_of(chat: Chat) -> Any:
    """Return everything that an app can see of a session, as plain values."""
    session = chat.session
    threads = {
        id: [t.state, t.reason, t.name, t.agent, t.typing, t.queue, t.inactivity, t.messages, t.has_more]
        for id, t in session.threads.items()
    }
    outbox = [(o.id, o.status) for o in session._vendor.delivery.outbox]  # type: ignore[attr-defined]
    plain = [session.state, threads, outbox, session.kept, session.next_deadline]
    return msgspec.json.encode(msgspec.to_builtins(plain, str_keys=True, builtin_types=()))
