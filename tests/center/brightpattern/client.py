"""A center with one Bright Pattern channel, and raw clients at its door, in memory and in virtual time."""

import json
from typing import Any

from deskline_center import (
    Abandon,
    AnswerControl,
    Center,
    Command,
    RefuseControl,
    RequestArrived,
    RequestGone,
    Respond,
    Tick,
)
from deskline_center.brightpattern import BrightPatternChannel
from deskline_center.center import Input
from deskline_center.controls import AgentJoins, Control

START = 1_767_225_600.25
APP = "parcel-desk"
CLIENT = "c1a0f1de-7b7e-4d43-8c1b-5b8b0c9e2d01"

Wire = dict[str, Any]


def authorization(client: str = CLIENT, app: str = APP) -> str:
    return f'MOBILE-API-140-327-PLAIN appId="{app}", clientId="{client}"'


def names(events: list[Wire]) -> list[str]:
    """The names of events without what all of them begin with; a status by its state."""
    return [
        f"status {e['state']}" if e["event"] == "chat_session_status" else e["event"].removeprefix("chat_session_")
        for e in events
    ]


class Desk:
    """The far side of one channel, on which nothing happens by itself: no greeting, no clocks, unless they are set."""

    def __init__(self, *others: Any, scripts: Any = (), **settings: Any) -> None:
        quiet = {"id": APP, "greeting": "", "inactivity": None, "unresponsive": None}
        self.channel = BrightPatternChannel(**{**quiet, **settings})
        self.center = Center(channels=(self.channel, *others), scripts=scripts, seed="test")
        self.now = START
        self.commands: list[Command] = []
        self.count = 0

    def feed(self, input: Input) -> list[Command]:
        commands = self.center.handle(input, now=self.now)
        self.commands += commands
        return commands

    def later(self, seconds: float) -> list[Command]:
        self.now += seconds
        return self.feed(Tick())

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

    def seen(self) -> Wire:
        """The newest chat as the operator sees it."""
        chat: Wire = self.center.overview()["chats"][-1]
        return chat

    def client(self, client: str = CLIENT, version: str = "v2") -> "Client":
        return Client(self, client, version)

    def chat(self, **request: Any) -> "Client":
        """Return a client that has begun a chat and has read all that the beginning brings."""
        client = self.client()
        client.begin(**request)
        client.poll()
        return client


class Client:
    """One client; ``chat`` is the id of its chat."""

    def __init__(self, desk: Desk, client: str, version: str) -> None:
        self.desk = desk
        self.version = version
        self.chat = ""
        self.headers = {"authorization": authorization(client)}

    def arrive(self, method: str, path: str, body: Any = None, query: str = "tenantUrl=acme.test", **more: Any) -> str:
        """Send a request and return its id, whatever becomes of it."""
        self.desk.count += 1
        id = f"r{self.desk.count}"
        raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        headers = {**self.headers, **more.pop("headers", {})}
        path = path if path.startswith("/") else f"/clientweb/api/{self.version}/{path}"
        head = tuple((name, value) for name, value in headers.items() if value is not None)
        self.desk.feed(RequestArrived(id=id, method=method, path=path, query=query, headers=head, body=raw, **more))
        return id

    def answer(self, id: str) -> Respond | None:
        """Return the answer to a request, None when there is none yet, or never."""
        found = [c for c in self.desk.commands if isinstance(c, Respond | Abandon) and c.id == id]
        assert len(found) <= 1
        return found[0] if found and isinstance(found[0], Respond) else None

    def was_cut(self, id: str) -> bool:
        return Abandon(id=id) in self.desk.commands

    def ask(self, method: str, path: str, body: Any = None, **more: Any) -> Respond:
        """Send a request that is answered at once."""
        answer = self.answer(self.arrive(method, path, body, **more))
        assert answer is not None
        return answer

    def get(self, path: str, **more: Any) -> Any:
        """Return the JSON of a request that succeeds."""
        answer = self.ask("GET", path, **more)
        assert answer.status == 200, answer
        return json.loads(answer.body)

    def begin(self, **request: Any) -> Wire:
        """Ask for a chat."""
        answer = self.ask("POST", "chats", {"from": "Tomas", **request})
        assert answer.status == 200, answer
        begun: Wire = json.loads(answer.body)
        self.chat = begun["chat_id"]
        return begun

    @property
    def events(self) -> str:
        return f"chats/{self.chat}/events"

    def poll(self) -> list[Wire]:
        """Poll for what is there; the poll goes away when nothing is."""
        id = self.arrive("GET", self.events)
        answer = self.answer(id)
        if answer is None:
            self.gone(id)
            return []
        assert answer.status == 200, answer
        events: list[Wire] = json.loads(answer.body)["events"]
        return events

    def hold(self) -> str:
        """Send a poll that is held; return its id."""
        id = self.arrive("GET", self.events)
        assert self.answer(id) is None
        return id

    def gone(self, id: str) -> None:
        self.desk.feed(RequestGone(id=id))

    def send(self, name: str, **fields: Any) -> Respond:
        event = {"event": name if name.startswith("chat_form") else f"chat_session_{name}", **fields}
        return self.ask("POST", self.events, {"events": [event]})

    def say(self, text: str = "My parcel is lost", id: str = "m1", **more: Any) -> Respond:
        return self.send("message", msg=text, msg_id=id, **more)

    def history(self) -> list[Wire]:
        events: list[Wire] = self.get(f"chats/{self.chat}/history")["events"]
        return events

    @property
    def is_over(self) -> bool:
        """Whether the session is unknown by now."""
        answer = self.ask("GET", f"chats/{self.chat}/history")
        return answer.status == 404 and json.loads(answer.body)["error_code"] == "5005"


def code(answer: Respond) -> tuple[int, Any]:
    """The status and the error code of an answer."""
    return answer.status, json.loads(answer.body).get("error_code")


def served(**settings: Any) -> tuple[Desk, Client, str]:
    """A chat with an agent in it, whose party id comes along."""
    desk = Desk(**settings)
    client = desk.chat()
    desk.do(AgentJoins())
    (party,) = [e["party_id"] for e in client.poll() if e["event"] == "chat_session_party_joined"]
    return desk, client, party
