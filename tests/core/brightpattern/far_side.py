"""A far side in memory that is honest, whatever the way to it does: requests arrive or not, answers come or are lost.

It keeps to the defaults of the reference, section 21: what a poll took is gone, histories hold all but typing and
signals, and a chat that is over is not found.
"""

import json
from typing import Any, Literal
from urllib.parse import urlsplit

from deskline_core import commands as c
from deskline_core import inputs as i
from tests.core.brightpattern.alone import AGENT, BOT, Alone, joined, left, name_of, said, status, typing

__all__ = ["HELD", "FarChat", "FarSide"]

HELD = 10.0
"""How long a poll is held, in seconds."""
_GONE = (404, {"error_code": "5005", "error_message": "no such session"})
_SPOKEN = ("chat_session_message", "chat_session_file", "chat_session_location")


class FarChat:
    """One chat: ``events`` is its history, ``news`` what no poll has taken yet."""

    def __init__(self, id: str) -> None:
        self.id = id
        self.state = "queued"
        self.events: list[dict[str, Any]] = []
        self.news: list[dict[str, Any]] = []
        self.is_over = False
        self.is_gone = False
        self.number = 0
        self.people: list[str] = []

    def foreign(self) -> list[str]:
        """Return the texts of the other side, in their order."""
        return [event["msg"] for event in self.events if event["event"] == _SPOKEN[0] and event["party_id"] != self.id]

    def own(self, id: str) -> int:
        """Return how often a message of the customer's is stored."""
        return sum(event.get("msg_id") == id and event["party_id"] == self.id for event in self.events
                   if event["event"] in _SPOKEN)  # fmt: skip


class FarSide:
    """A scenario entry with one customer. ``arrive`` carries out a request; its answer is handed over, or lost."""

    def __init__(self, chat: Alone) -> None:
        self.chat = chat
        self.chats: list[FarChat] = []
        self.answers: dict[int, tuple[int, Any]] = {}
        self.is_open = True

    @property
    def living(self) -> FarChat | None:
        """The chat that is alive, if there is one."""
        return next((chat for chat in self.chats if not chat.is_over and not chat.is_gone), None)

    # --- the way there and back ---

    def under_way(self) -> list[int]:
        """Return the requests that have not arrived."""
        return [number for number in self.chat.calls if number not in self.answers]

    def answered(self) -> list[int]:
        """Return the requests whose answers are on their way back."""
        return [number for number in self.chat.calls if number in self.answers]

    def arrive(self, number: int, *, at_last: bool = False) -> bool:
        """Carry out a request; tell whether there is an answer, which a poll without news has ``at_last`` only."""
        request = self.chat.calls[number]
        answer = self._answer(request, is_held=not at_last)
        if answer is not None:
            self.answers[number] = answer
        return answer is not None

    def hand_over(self, number: int) -> list[str]:
        """Let an answer come back."""
        self.chat.calls.pop(number)
        code, body = self.answers.pop(number)
        return self.chat.put(i.ResponseReceived(id=number, status=code, body=json.dumps(body).encode()))

    def lose(self, number: int, sent: Literal["no", "maybe"] = "maybe") -> list[str]:
        """Let a request fail, or its answer, if it has arrived."""
        self.chat.calls.pop(number)
        was_done = self.answers.pop(number, None) is not None
        return self.chat.put(i.RequestFailed(id=number, sent="maybe" if was_done else sent, reason="no network"))

    # --- what it does ---

    def _answer(self, request: c.SendRequest, *, is_held: bool) -> tuple[int, Any] | None:
        words = urlsplit(request.url.reveal()).path.split("/")
        match name_of(request):
            case "GET parameters":
                return 200, {"parameters": []}
            case "GET availability":
                return 200, {"chat": "available" if self.is_open else "notAvailable"}
            case "POST chats":
                return 200, self._request()
            case "GET active":
                return (200, {"chat_id": self.living.id, "state": self.living.state}) if self.living else (404, {})
            case "POST files":
                return 200, {"file_id": "F1", "file_name": "a.txt"}
            case name:
                return self._of_chat(name, words[words.index("chats") + 1], request, is_held=is_held)

    def _of_chat(self, name: str, id: str, request: c.SendRequest, *, is_held: bool) -> tuple[int, Any] | None:
        chat = next((chat for chat in self.chats if chat.id == id and not chat.is_gone), None)
        if chat is None or (chat.is_over and not (name == "GET events" and chat.news)):
            return _GONE
        if name == "GET events":
            if not chat.news and is_held:
                return None
            events, chat.news = chat.news, []
            return 200, {"events": events}
        if name == "GET history":
            return 200, {"events": list(chat.events)}
        if name == "POST events":
            return 200, self._taken(chat, request)
        return (200, {}) if name == "POST notifications" else (404, {"error_code": "5502"})

    def _taken(self, chat: FarChat, request: c.SendRequest) -> dict[str, Any]:
        for event in json.loads(request.body)["events"]:
            self._take(chat, event)
        if "/v1/" not in request.url.reveal():
            return {}
        events, chat.news = chat.news, []  # an older center answers with what is new (17)
        return {"events": events}

    def _request(self) -> dict[str, Any]:
        living = self.living
        if living is not None:
            return {"chat_id": living.id, "state": living.state, "is_new_chat": False}
        chat = FarChat(f"chat-{len(self.chats) + 1}")
        self.chats.append(chat)
        self.tell(chat, self._said(chat, "welcome", BOT))
        self.tell(chat, status("queued"))
        return {"chat_id": chat.id, "state": "queued", "ewt": "5", "is_new_chat": True}

    def _take(self, chat: FarChat, event: dict[str, Any]) -> None:
        match event["event"]:
            case "chat_session_message" | "chat_session_file" | "chat_session_location":
                chat.events.append({**event, "party_id": chat.id, "timestamp": self._time()})
            case "chat_session_disconnect":
                self.leave(chat)
            case "chat_session_end":
                self.end(chat)
            case _:
                pass

    def _time(self) -> str:
        return str(int(self.chat.now))

    def _said(self, chat: FarChat, text: str, party: str) -> dict[str, Any]:
        chat.number += 1
        return said(f"{text} {chat.number}", id=str(chat.number), party=party) | {"timestamp": self._time()}

    # --- what happens at its side ---

    def tell(self, chat: FarChat, event: dict[str, Any]) -> None:
        """Something happens in a chat: polls and histories tell of it."""
        chat.news.append(event)
        if "typing" not in event["event"]:
            chat.events.append(event)

    def says(self, chat: FarChat, party: str = AGENT) -> None:
        """Someone of the other side writes."""
        self.tell(chat, self._said(chat, "said", party))

    def types(self, chat: FarChat) -> None:
        """The agent types."""
        self.tell(chat, typing() | {"timestamp": self._time()})

    def join(self, chat: FarChat) -> None:
        """An agent takes the chat."""
        if AGENT not in chat.people:
            chat.people.append(AGENT)
            chat.state = "connected"
            self.tell(chat, joined() | {"timestamp": self._time()})
            self.tell(chat, status("connected"))

    def leave(self, chat: FarChat) -> None:
        """The agent leaves; the scenario has the chat again."""
        if AGENT in chat.people:
            chat.people.remove(AGENT)
            chat.state = "ivr"
            self.tell(chat, left() | {"timestamp": self._time()})
            self.tell(chat, status("ivr"))

    def end(self, chat: FarChat) -> None:
        """The chat is over: a poll is told so, and then nothing is found."""
        self.tell(chat, {"event": "chat_session_ended"})
        chat.is_over = True

    def vanish(self, chat: FarChat) -> None:
        """The chat is gone, and nobody is told."""
        chat.is_gone = True
