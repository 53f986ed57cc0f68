"""One chat session: what the customer has been told of it, and what it waits for (reference, section 8)."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from ..deadlines import Timer
from ..floor import Floor
from ..kept import Kept
from ..model import Agent, Thread
from .channel import BrightPatternChannel
from .contents import name_of
from .line import Line
from .numbers import Numbers
from .subscriptions import payload

__all__ = ["Chat", "Form", "history", "party_of"]

Wire = dict[str, Any]
_MOST_EVENTS: Final = 10_000
_MOST_BYTES: Final = 16 * 1024 * 1024
"""More than anybody reads again; the oldest go first."""
_NOTED: Final = 100
_SPOKEN: Final = frozenset(
    {
        "chat_session_message",
        "chat_session_file",
        "chat_session_file_url",
        "chat_session_location",
        "chat_session_party_joined",
        "chat_session_party_left",
    }
)
_SERVED: Final = ("connecting", "connected")
_NEVER_KEPT: Final = frozenset({"chat_session_typing", "chat_session_not_typing"})
_RECEIPTS: Final = frozenset({"chat_session_message_delivered", "chat_session_message_read"})


def party_of(floor: Floor, agent: Agent | None) -> str:
    """Return the party id of an agent, or of the scenario (None)."""
    return floor.ids.derived_uuid(f"party {agent.id if agent else 'scenario'}").upper()


def history() -> Kept[Wire]:
    """Return an empty history."""
    return Kept(most=_MOST_EVENTS, most_size=_MOST_BYTES)


@dataclass(slots=True, eq=False)
class Form:
    """A form that waits for its answer; a ``survey`` is the last thing of its chat."""

    id: str
    name: str
    secure: bool
    survey: bool = False


@dataclass(slots=True, eq=False)
class Chat:
    """A session. ``stage`` is its state on the wire, ``parties`` are those who are in it, with their types.

    ``wrapping`` is whether only the scenario is left to say something, ``ewt`` the estimated wait, "" for none.
    ``answers``, ``signals``, ``receipts``, ``other`` and ``pushed`` are for the operator to look at.
    """

    floor: Floor
    thread: Thread
    channel: BrightPatternChannel
    client: str
    version: int
    line: Line
    asked: Wire
    stage: str
    ewt: str
    numbers: Numbers
    history: Kept[Wire] = field(default_factory=history)
    parties: dict[str, str] = field(default_factory=dict[str, str])
    forms: dict[str, Form] = field(default_factory=dict[str, Form])
    timers: dict[str, Timer] = field(default_factory=dict[str, Timer])
    case: str = ""
    wrapping: bool = False
    was_warned: bool = False
    ended_at: float | None = None
    preview: str = ""
    subscription: Wire = field(default_factory=dict[str, Any])
    answers: deque[Wire] = field(default_factory=lambda: deque[Wire](maxlen=_NOTED))
    signals: deque[Wire] = field(default_factory=lambda: deque[Wire](maxlen=_NOTED))
    receipts: deque[str] = field(default_factory=lambda: deque[str](maxlen=_NOTED))
    other: deque[Wire] = field(default_factory=lambda: deque[Wire](maxlen=_NOTED))
    pushed: deque[Wire] = field(default_factory=lambda: deque[Wire](maxlen=_NOTED))
    kept: int = 0

    @property
    def id(self) -> str:
        """The chat id, which is the customer's own party id, too (section 8.4)."""
        return self.thread.external_id

    @property
    def has_agent(self) -> bool:
        """Whether anyone but the scenario is there for the customer."""
        return any(kind != "scenario" for kind in self.parties.values())

    @property
    def is_full(self) -> bool:
        """Whether receipts and cases exist here."""
        return self.version != 1 or self.channel.v1_is_full

    def stamp(self) -> str | int:
        """Return the time as events carry it (section 2.4)."""
        match self.channel.timestamps:
            case "seconds":
                return str(int(self.floor.now))
            case "milliseconds":
                return str(int(self.floor.now * 1000))
            case _:
                return int(self.floor.now)

    def tell(self, name: str, /, **fields: object) -> None:
        """Send an event with a time to the customer, and keep it."""
        self.tell_timeless({"event": name, **fields, "timestamp": self.stamp()})

    def tell_timeless(self, event: Wire) -> None:
        """Send an event as it is to the customer, and keep it."""
        if name_of(event) in _RECEIPTS and not self.is_full:
            return
        self.keep(event)
        if self.subscription and (self.channel.push_while_polling or not self.line.polling):
            self.pushed += [] if (pushed := payload(event, self.id, self.subscription)) is None else [pushed]
        self.line.put(event)

    @property
    def wait(self) -> str:
        """The estimated wait as text, "" where there is no estimate; who is served waits no more."""
        return self.ewt if self.stage == "queued" else "0" if self.stage in _SERVED else ""

    def tell_status(self) -> None:
        """Tell the stage, with the wait that is estimated for it."""
        self.tell_timeless({"event": "chat_session_status", "state": self.stage, "ewt": self.wait})

    def keep(self, event: Wire) -> None:
        """Put an event into the history, if the channel keeps such ones."""
        name = name_of(event)
        if self.channel.history == "messages":
            wanted = name in _SPOKEN
        else:
            is_signal = name == "chat_session_signaling"
            wanted = name not in _NEVER_KEPT and (not is_signal or self.channel.signals_in_history)
        if wanted:
            self.kept += 1
            self.history.put(str(self.kept), event, len(msgspec.json.encode(event)))

    def arm(self, name: str, at: float, call: Callable[[], None]) -> None:
        """Let a timer of that name run out at ``at``, in place of the one it had."""
        self.disarm(name)
        self.timers[name] = self.floor.deadlines.at(at, call)

    def disarm(self, name: str) -> None:
        """Stop the timer of that name, if it runs."""
        if (timer := self.timers.pop(name, None)) is not None:
            timer.cancel()
