"""Ways to every state of the two tables, for tests of their rows."""

import json
from collections.abc import Callable
from typing import Any, Final

from deskline_core import inputs as i
from deskline_core.brightpattern.chat_table import ChatStage as C
from deskline_core.brightpattern.connection_table import ConnectionState as S
from deskline_core.policy import Backoff, Policy
from tests.core.brightpattern.alone import CHAT, ENDED, HISTORY, POLL, TIMED_OUT, Alone, ready, started, status, talking

__all__ = ["KEPT", "ONCE", "at_stage", "known", "reach", "unheard"]

ONCE: Final = Policy(backoff=Backoff(attempts=0), rest_attempts=1)
"""Nothing is tried twice."""
WHO: Final = json.dumps({"client_id": "client-1"})
KEPT: Final = {"identity": WHO, "chat": CHAT}
"""What a run leaves behind whose chat lives."""


def known(chat: Alone) -> Alone:
    """Ask for the chat, and be told what the site asks before one."""
    chat.ask(i.Open)
    chat.saved()
    chat.reply("GET parameters", {"parameters": []})
    return chat


def _prepared(**settings: Any) -> Alone:
    chat = Alone(**settings)
    chat.ask(i.Prepare)
    chat.saved()
    chat.reply("GET parameters", {"parameters": []})
    return chat


def _preparing(**settings: Any) -> Alone:
    chat = Alone(**settings)
    chat.ask(i.Open)
    chat.saved()
    return chat


def _offline(**settings: Any) -> Alone:
    chat = known(Alone(**settings))
    chat.reply("GET availability", {"chat": "notAvailable"})
    return chat


def _waiting(**settings: Any) -> Alone:
    chat = talking(**settings)
    chat.fail(POLL)
    return chat


def _lost(**settings: Any) -> Alone:
    chat = _waiting(**settings)
    chat.wait(1)
    chat.deny(HISTORY, "3000", 403)
    return chat


def _signing_out(**settings: Any) -> Alone:
    chat = ready(**settings)
    chat.ask(i.SignOut)
    return chat


_WAYS: Final[dict[str, Callable[..., Alone]]] = {
    S.INITIAL: Alone,
    S.PREPARING: _preparing,
    S.PREPARED: _prepared,
    S.FINDING: lambda **settings: known(Alone(restored={"identity": WHO}, **settings)),
    S.CHECKING: lambda **settings: known(Alone(**settings)),
    S.RECOVERING: lambda **settings: known(Alone(restored=KEPT, **settings)),
    S.SERVING: ready,
    S.OFFLINE: _offline,
    S.WAITING: _waiting,
    S.LOST: _lost,
    S.SIGNING_OUT: _signing_out,
}


def reach(state: str, **settings: Any) -> Alone:
    """Return a session in this state of the connection."""
    chat = _WAYS[state](**settings)
    assert chat.leaf.connection.state == state
    return chat


def _requesting(**settings: Any) -> Alone:
    chat = ready(**settings)
    chat.ask(i.StartThread)
    return chat


def _wrapping(**settings: Any) -> Alone:
    chat = talking(**settings)
    chat.ask(i.WrapUp, thread=CHAT)
    return chat


def _ending(**settings: Any) -> Alone:
    chat = talking(**settings)
    chat.ask(i.EndThread, thread=CHAT)
    return chat


def _told(*events: dict[str, Any]) -> Callable[..., Alone]:
    def over(**settings: Any) -> Alone:
        chat = talking(**settings)
        chat.hear(*events)
        chat.saved()
        return chat

    return over


def _gone(**settings: Any) -> Alone:
    chat = talking(**settings)
    chat.deny(POLL, "5005")
    chat.saved()
    return chat


_STAGES: Final[dict[str, Callable[..., Alone]]] = {
    C.IDLE: ready,
    C.REQUESTING: _requesting,
    C.SCRIPTED: lambda **settings: started("ivr", **settings),
    C.QUEUED: started,
    C.CONNECTING: lambda **settings: started("connecting", **settings),
    C.CONNECTED: talking,
    C.WRAPPING: _wrapping,
    C.COMPLETED: lambda **settings: started("completed", **settings),
    C.ENDING: _ending,
    C.ENDED: _told(ENDED),
    C.TIMED_OUT: _told(TIMED_OUT),
    C.FAILED: _told(status("failed")),
    C.LOST: _gone,
}


def at_stage(stage: str, **settings: Any) -> Alone:
    """Return a session that is ready, its chat in this stage; its poll is open while the chat lives."""
    chat = _STAGES[stage](**settings)
    assert chat.leaf.desk.current.leaf == stage
    return chat


def unheard(chat: Alone) -> Alone:
    """Answer its poll twice at once, with nothing: the next one comes after a pause, and none is open (B47)."""
    chat.hear()
    chat.hear()
    assert POLL not in chat.open_calls()
    return chat
