"""A Bright Pattern session with nobody at the other end: commands are read as words, and answers are written out.

::

    chat = Alone()
    assert chat.ask(Open) == ["Open answered", "chat preparing", "save identity"]
    assert chat.saved() == ["GET parameters"]
    assert chat.reply("GET parameters", {"parameters": []}) == ["chat prepared", "chat connecting", "GET availability"]
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from deskline.testing.playbook import Came, Playbook
from deskline_core import commands as c
from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.brightpattern.session import BrightPatternChat
from deskline_core.brightpattern.site import BrightPattern
from deskline_core.policy import DEFAULT_POLICY, Backoff, Policy
from deskline_core.snapshot import Snapshot

SEED = b"a seed of at least sixteen bytes"
START = 1_780_000_000.0
SITE = BrightPattern(url="https://acme.brightpattern.com", app_id="shop")
V1 = BrightPattern(url="https://acme.brightpattern.com", app_id="shop", version="v1")
CHAT = "5e0c9a52-77d1-4b0e-8a4e-c2f1d86a3b90"
AGENT = "A1F04C6B-2D38-4E95-9B7A-60C3D5E8F712"
BOT = "40D9B3E7-6A15-4C82-8F2E-9B7D01A5C6F3"
POLL, HISTORY, SEND = "GET events", "GET history", "POST events"
STEADY = Policy(backoff=Backoff(first=1.0, jitter=(0.0, 0.0), growth=2.0, ceiling=30.0))
"""A policy whose pauses are known: 1, 2, 4, 8, 16, 30 s."""

E = TypeVar("E", bound=e.Event)


def at(seconds: float) -> str:
    """Return a time on the wire, so many seconds after the start."""
    return str(int(START + seconds))


def joined(party: str = AGENT, name: str = "Mara L.", type: str = "internal", seconds: float = 0) -> dict[str, Any]:
    """Return that someone joined."""
    return {
        "event": "chat_session_party_joined", "party_id": party, "display_name": name, "type": type,
        "timestamp": at(seconds),
    }  # fmt: skip


def left(party: str = AGENT, seconds: float = 0) -> dict[str, Any]:
    """Return that someone left."""
    return {"event": "chat_session_party_left", "party_id": party, "timestamp": at(seconds)}


def said(text: str, id: str = "4", party: str = AGENT, seconds: float = 0, **more: object) -> dict[str, Any]:
    """Return a message."""
    return {
        "event": "chat_session_message", "party_id": party, "msg_id": id, "msg": text, "timestamp": at(seconds), **more,
    }  # fmt: skip


def status(state: str, ewt: str = "") -> dict[str, Any]:
    """Return a status."""
    return {"event": "chat_session_status", "state": state, "ewt": ewt}


def typing(party: str = AGENT, seconds: float = 0) -> dict[str, Any]:
    """Return that someone types."""
    return {"event": "chat_session_typing", "party_id": party, "timestamp": at(seconds)}


ENDED = {"event": "chat_session_ended"}
TIMED_OUT = {"event": "chat_session_inactivity_timeout", "msg": "The chat was closed.", "timestamp": at(0)}
WARNED = {"event": "chat_session_timeout_warning", "msg": "Are you still there?", "timestamp": at(0)}


def name_of(command: c.SendRequest) -> str:
    """Return what a request is for: the last word of its path that is no id."""
    words = urlsplit(command.url.reveal()).path.split("/")
    word = words[-2] if words[-2] in ("files", "profilephotos") else words[-1]
    return f"{command.method} {word}"


def names_in(body: bytes) -> str:
    """Return the events of a body, without what all names begin with."""
    return " ".join(event["event"].removeprefix("chat_session_") for event in json.loads(body)["events"])


class Alone(Playbook):
    """A session and what is open of it, by the words that name it."""

    def __init__(
        self, *, site: BrightPattern = SITE, policy: Policy = STEADY, seed: bytes = SEED,
        restored: dict[str, str] | Snapshot | None = None, durable: bool = False,
    ) -> None:  # fmt: skip
        super().__init__(site, policy=policy, restored=restored, durable=durable, seed=seed)

    # --- in ---

    def deny(self, call: str, code: str, status: int = 404) -> Came:
        """Refuse the newest open request of this name with an error code of the vendor's."""
        return self.reply(call, {"error_code": code, "error_message": "no"}, status=status)

    def fail(self, call: str, sent: Literal["no", "maybe"] = "maybe", reason: str = "no network") -> Came:
        """Let the newest open request of this name fail on the way."""
        return super().fail(call, sent, reason)

    def hear(self, *events: dict[str, Any]) -> Came:
        """Answer the open poll with these events."""
        return self.reply(POLL, {"events": list(events)})

    def history(self, *events: dict[str, Any]) -> Came:
        """Answer the history that is asked for."""
        return self.reply(HISTORY, {"events": list(events)})

    # --- out ---

    def sent(self, call: str = SEND) -> c.SendRequest:
        """Return the newest request of this name, open or not."""
        return super().sent(call)

    def posted(self) -> dict[str, Any]:
        """Return the newest event that was sent."""
        event: dict[str, Any] = json.loads(self.sent().body)["events"][0]
        return event

    def told(self, kind: type[E]) -> list[E]:
        """Return the events of a kind that the app was told."""
        return self.events(kind)

    @property
    def leaf(self) -> BrightPatternChat:
        """The vendor's part."""
        vendor = self.session._vendor
        assert isinstance(vendor, BrightPatternChat)
        return vendor

    @property
    def refusal(self) -> tuple[str, str, str]:
        """The last refusal: code, sentence, hint."""
        last = self.refusals[-1]
        return last.code, last.message, last.hint

    def name_of(self, request: c.SendRequest) -> str:
        return name_of(request)

    def word(self, command: c.Command) -> str:
        match command:
            case c.SendRequest():
                name = name_of(command)
                return f"POST {names_in(command.body)}" if name == SEND else name
            case c.CancelRequest(id=id):
                return f"stop {name_of(self.calls[id])}"
            case c.Notify(event=event):
                return _WORDS.get(type(event), lambda it: type(it).__name__)(event)
            case _:
                return super().word(command)


_WORDS: dict[type, Callable[[Any], str]] = {
    e.ChatStateChanged: lambda it: f"chat {it.state}",
    e.ThreadStateChanged: lambda it: f"thread {it.state}",
    e.ThreadEnded: lambda it: f"ended {it.reason}" + (f": {it.text}" if it.text else ""),
    e.StageChanged: lambda it: f"stage {it.stage}",
    e.QueuePositionChanged: lambda it: "queue left" if it.queue is None else f"queue {it.queue.estimated_wait}",
    e.MessageReceived: lambda it: f"heard {it.text}",
    e.MessageStatusChanged: lambda it: f"message {it.status}",
    e.MessageUpdated: lambda it: f"updated {it.message.text}",
    e.HistoryLoaded: lambda it: f"loaded {' | '.join(message.text for message in it.messages)}",
    e.PartyJoined: lambda it: f"joined {it.party.name}",
    e.PartyLeft: lambda it: f"left {it.party.name}",
    e.TypingStarted: lambda it: f"types {it.party.name}",
    e.TypingStopped: lambda it: f"stopped {it.party.name}",
    e.InactivityWarned: lambda it: f"warned {it.inactivity.text}",
    e.InactivityCleared: lambda _: "warning cleared",
    e.FormRequested: lambda it: f"form {it.form.id} {it.form.name}",
    e.FormClosed: lambda it: f"form {it.form} closed",
    e.CaseChanged: lambda it: f"case {it.case}",
    e.ErrorReceived: lambda it: f"error {it.code}",
    e.UnknownReceived: lambda it: f"unknown {it.kind}",
    e.UndecodableReceived: lambda it: f"undecodable {it.reason}",
}


# --- ways to a standing ---


def ready(*, chat: Alone | None = None, **settings: Any) -> Alone:
    """Return a session that is ready, the site open, without a conversation."""
    chat = chat or Alone(**settings)
    chat.ask(i.Open)
    chat.saved()
    chat.reply("GET parameters", {"parameters": []})
    chat.reply("GET availability", {"chat": "available", "ewt": "12"})
    return chat


def started(state: str = "queued", **settings: Any) -> Alone:
    """Return a session with a new conversation in this state; its poll is open."""
    chat = ready(**settings)
    chat.ask(i.StartThread)
    chat.reply("POST chats", {"chat_id": CHAT, "state": state, "ewt": "45", "is_new_chat": True})
    chat.saved()
    return chat


def talking(**settings: Any) -> Alone:
    """Return a session whose conversation an agent has taken."""
    chat = started(**settings)
    chat.hear(joined(), status("connected"))
    return chat


def when(seconds: float) -> datetime:
    """Return a time so many seconds after the start."""
    return datetime.fromtimestamp(START + seconds, UTC)


__all__ = [
    "AGENT", "BOT", "CHAT", "DEFAULT_POLICY", "ENDED", "HISTORY", "POLL", "SEED", "SEND", "SITE", "START", "STEADY",
    "TIMED_OUT", "V1", "WARNED", "Alone", "at", "joined", "left", "name_of", "ready", "said", "started", "status",
    "talking", "typing", "when",
]  # fmt: skip
