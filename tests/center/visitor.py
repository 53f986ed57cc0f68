"""A center with clients at its door, in memory and in virtual time."""

import json
from typing import Any

from deskline_center import (
    AcceptSocket,
    AnswerControl,
    Center,
    Command,
    Drop,
    FrameArrived,
    Push,
    RefuseControl,
    RefuseSocket,
    RequestArrived,
    Respond,
    SocketArrived,
    SocketGone,
    Tick,
)
from deskline_center.center import Input
from deskline_center.controls import Control
from deskline_center.cxone import CXoneChannel

START = 1_772_619_605.204  # 2026-03-04T10:20:05.204Z
CHANNEL = "chat_0d9f4b6e-2f1c-4f0e-9a55-6f2b8f6f1a10"
CUSTOMER = "c1a0f1de-7b7e-4d43-8c1b-5b8b0c9e2d01"
VISITOR = "8a1d0c55-93e5-4b0c-9d0a-4a0d1f2e3b04"
THREAD = "5e6f1a77-3a59-4c1e-8f0d-2f6d1b3c9a02"
MESSAGE = "9d2c7c11-5f0a-4a8e-b0b4-6a7c8d9e0f06"

Wire = dict[str, Any]


def channel(**settings: Any) -> CXoneChannel:
    return CXoneChannel(**{"id": CHANNEL, "brand": 5150, **settings})


def names(frames: list[Wire]) -> list[str]:
    """The effective types of frames."""
    return [
        "error" if "error" in f else f.get("eventType") or f.get("postback", {}).get("eventType") or "ack"
        for f in frames
    ]


def data_of(frame: Wire) -> Any:
    return frame["data"] if "data" in frame else frame["postback"]["data"]


class Far:
    """The far side of one channel. Everything it says is kept in ``commands``."""

    def __init__(self, *others: CXoneChannel, scripts: Any = (), seed: str = "test", **settings: Any) -> None:
        self.channel = channel(**settings)
        self.center = Center(channels=(self.channel, *others), scripts=scripts, seed=seed)
        self.now = START
        self.commands: list[Command] = []
        self.count = 0

    def feed(self, input: Input) -> list[Command]:
        commands = self.center.handle(input, now=self.now)
        self.commands += commands
        return commands

    def uuid(self) -> str:
        self.count += 1
        return f"00000000-0000-4000-8000-{self.count:012x}"

    def later(self, seconds: float) -> list[Wire]:
        """Let time pass; return the frames that it brings to anyone."""
        self.now += seconds
        return [json.loads(c.text) for c in self.feed(Tick()) if isinstance(c, Push)]

    def rest(self, method: str, path: str, body: Any = None, query: str = "", **headers: str) -> Respond:
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        head = tuple((name.replace("_", "-"), value) for name, value in headers.items())
        request = RequestArrived(id=self.uuid(), method=method, path=path, query=query, headers=head, body=raw)
        (answer,) = [c for c in self.feed(request) if isinstance(c, Respond)]
        assert answer.id == request.id
        return answer

    def token(self, body: Any = None, channel: str = "", **headers: str) -> Wire:
        query = f"brandId=5150&channelId={channel or self.channel.id}&visitorId={VISITOR}"
        answer = self.rest("POST", "/oauth/token", {} if body is None else body, query, **headers)
        assert answer.status == 200
        token: Wire = json.loads(answer.body)
        return token

    def do(self, control: Control) -> Wire:
        """Carry out a control that has to succeed."""
        self.feed(control)
        (done,) = [c for c in self.commands if isinstance(c, AnswerControl | RefuseControl)][-1:]
        assert isinstance(done, AnswerControl), done
        return done.value

    def refused(self, control: Control) -> str:
        done = self.feed(control)[-1]
        assert isinstance(done, RefuseControl), done
        return done.message

    def visitor(self, customer: str = CUSTOMER, *, authorize: bool = True) -> "Visitor":
        """Return a client that has connected, the way the channel wants it."""
        visitor = Visitor(self, customer)
        token = ""
        if self.channel.session == "secured":
            token = self.token({"type": "anonymous", "customerIdentity": {"idOnExternalPlatform": customer}})[
                "accessToken"
            ]
        assert visitor.connect(token) is None
        if authorize and not token:
            visitor.authorize()
        return visitor


class Visitor:
    """One client with one socket."""

    def __init__(self, far: Far, customer: str = CUSTOMER, visitor: str = VISITOR) -> None:
        self.far = far
        self.customer = customer
        self.id = visitor
        self.socket = ""
        self.identity = "customerIdentity"

    def connect(self, token: str = "", **query: str) -> int | None:
        """Open the socket; return the status of a refusal."""
        self.socket = f"socket{self.far.uuid()[-3:]}"
        self.since = len(self.far.commands)
        given = {
            "sdkVersion": "3.3.1",
            "visitorId": self.id,
            "channelId": self.far.channel.id,
            "brandId": "5150",
            **query,
        }
        if token:
            given["transactionToken"] = token
        arrived = SocketArrived(socket=self.socket, query="&".join(f"{k}={v}" for k, v in given.items()))
        commands = self.far.feed(arrived)
        if commands and isinstance(commands[0], RefuseSocket):
            return commands[0].status
        assert AcceptSocket(socket=self.socket) in commands
        return None

    def close(self, code: int | None = 1001) -> None:
        self.far.feed(SocketGone(socket=self.socket, code=code))

    def text(self, text: str) -> list[str]:
        """Send any text; return the texts that come back here."""
        commands = self.far.feed(FrameArrived(socket=self.socket, text=text))
        return [c.text for c in commands if isinstance(c, Push) and c.socket == self.socket]

    def payload(self, event_type: str, data: Wire | None, **more: Any) -> Wire:
        payload: Wire = {"eventType": event_type, "brand": {"id": 5150}, "channel": {"id": self.far.channel.id}}
        payload |= {"visitor": {"id": self.id}, self.identity: {"idOnExternalPlatform": self.customer}, **more}
        return payload if data is None else {**payload, "data": data}

    def ask(self, event_type: str, data: Wire | None = None, event_id: str = "", **more: Any) -> list[Wire]:
        """Send an event; return the frames that come back here."""
        self.event_id = event_id or self.far.uuid()
        payload = self.payload(event_type, data, **more)
        frame = {"action": "chatWindowEvent", "eventId": self.event_id, "payload": payload}
        return [json.loads(text) for text in self.text(json.dumps(frame))]

    def authorize(self, **data: Any) -> list[Wire]:
        return self.ask("AuthorizeCustomer", {"disableChannelInfo": True, **data})

    def say(self, text: str = "The handle came off.", on: str = THREAD, message: str = "", **data: Any) -> list[Wire]:
        content = {"type": "TEXT", "payload": {"text": text}}
        base: Wire = {"thread": {"idOnExternalPlatform": on}, "idOnExternalPlatform": message or self.far.uuid()}
        return self.ask("SendMessage", {**base, "messageContent": content, **data})

    def thread(self, id: str = THREAD, **more: Any) -> Wire:
        return {"thread": {"idOnExternalPlatform": id, **more}}

    def frames(self) -> list[Wire]:
        """Take what has come here since the last look, whoever caused it."""
        fresh, self.since = self.far.commands[self.since :], len(self.far.commands)
        return [json.loads(c.text) for c in fresh if isinstance(c, Push) and c.socket == self.socket]

    @property
    def dropped(self) -> Drop | None:
        return next((c for c in self.far.commands if isinstance(c, Drop) and c.socket == self.socket), None)
