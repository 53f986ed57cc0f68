"""What two vendors tell of the same visit, made comparable: what one of them lacks, as data, and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import ndiff
from typing import Any, Literal

from deskline import (
    ChatState,
    ChatStateChanged,
    Event,
    InactivityCleared,
    InactivityWarned,
    MessageReceived,
    MessageStatus,
    MessageStatusChanged,
    PartyJoined,
    PartyLeft,
    QueuePositionChanged,
    StageChanged,
    ThreadEnded,
    ThreadState,
    ThreadStateChanged,
    TypingStarted,
    TypingStopped,
    UploadProgressed,
)
from tests.contract.script import Visit

__all__ = ["APART", "FAR_SIDE", "LACKING", "Owner", "Projection"]

Owner = Literal["cxone", "v2", "v1", "full v1"]
Told = tuple[str, str, tuple[object, ...]]
"""The act, the kind of event, and what of it every vendor tells."""


@dataclass(frozen=True)
class Lack:
    """Events that some sites tell and others lack, and why. Without ``acts`` wherever they come."""

    kind: type[Event]
    by: tuple[Owner, ...]
    why: str
    acts: tuple[str, ...] = ()
    where: Callable[[Any], bool] = lambda _event: True

    def covers(self, act: str, event: Event, owner: Owner) -> bool:
        return owner in self.by and isinstance(event, self.kind) and act in (self.acts or (act,)) and self.where(event)


_BRIGHT_PATTERN: tuple[Owner, ...] = ("v2", "v1", "full v1")
_RECOVERY = ("goes_and_comes_back", "loses_and_returns")

LACKING: tuple[Lack, ...] = (
    Lack(StageChanged, _BRIGHT_PATTERN, "CXone does not tell who serves a conversation"),
    Lack(
        ThreadStateChanged, ("cxone",), "Bright Pattern's begins with the request for it, and not with a message",
        where=lambda event: event.state is ThreadState.PENDING,
    ),
    Lack(
        ThreadStateChanged, ("cxone",), "CXone reads each thread back; Bright Pattern the chat's one",
        acts=_RECOVERY,
    ),
    Lack(
        ChatStateChanged, ("cxone",), "without a socket, nothing lies between asking and being ready",
        acts=("opens",), where=lambda event: event.state is ChatState.CONNECTED,
    ),
    Lack(
        ChatStateChanged, ("cxone",), "a poll that rested goes on: nothing has to be made anew",
        acts=("goes_and_comes_back",), where=lambda event: event.state is ChatState.CONNECTING,
    ),
    Lack(
        MessageStatusChanged, _BRIGHT_PATTERN, "Bright Pattern's warning is answered by a message, not a button",
        acts=("is_warned_and_stays",),
    ),
    Lack(PartyLeft, _BRIGHT_PATTERN, "CXone's agent stays assigned to what is closed", acts=("agent_ends",)),
    Lack(
        MessageStatusChanged, ("cxone", "v2", "full v1"), "there are no receipts on v1 (section 17)",
        where=lambda event: event.status is MessageStatus.SEEN,
    ),
)  # fmt: skip
"""All that is left out of a comparison. Each row is left out for those who lack it, where the others have it."""

FAR_SIDE: dict[tuple[Owner, str], str] = {
    ("v1", "read"): "there are no receipts on v1 (section 17)",
    ("full v1", "read"): "the client tells none of an older center, which may know them all the same (18, 25)",
}
"""What a center does not come to know."""

APART: dict[tuple[str, str], str] = {
    ("*", "QueuePositionChanged"): "Bright Pattern's queue ends when an agent is reserved, CXone's when one takes it",
    ("*", "ThreadStateChanged"): "Bright Pattern's conversation is open before a message, CXone's by its first one",
}  # fmt: skip
"""Kinds of events, in an act or in all, that come in the same order, but not at the same place among the others."""


Owned = tuple[Visit, Owner]
"""A visit, and whose site it was."""


@dataclass(frozen=True, kw_only=True)
class Projection:
    """What is left out, and what stands apart. By default all of it."""

    lacking: tuple[Lack, ...] = LACKING
    far_side: Mapping[tuple[Owner, str], str] = field(default_factory=FAR_SIDE.copy)
    apart: Mapping[tuple[str, str], str] = field(default_factory=APART.copy)

    def differences(self, one: Owned, other: Owned) -> list[str]:
        """Return in what two visits differ after projection, as lines to be read; none where they are equal."""
        left, right = self._told(one, other[1]), self._told(other, one[1])
        lanes = dict.fromkeys(kind for _, kind in self.apart)
        found = [line for apart in ("", *lanes) for line in _unequal(self._lane(left, apart), self._lane(right, apart))]
        return [*found, *_unequal(self._seen(one, other[1]), self._seen(other, one[1]))]

    def _told(self, visit: Owned, other: Owner) -> list[Told]:
        """Return what a visit was told that the other one could have been told, in words that both have."""
        names, told = _Names(visit[0]), list[Told]()
        for act, event in visit[0].told:
            if not any(lack.covers(act, event, visit[1]) and other not in lack.by for lack in self.lacking):
                shape = _SHAPES.get(type(event))
                told.append((act, type(event).__name__, (event,) if shape is None else shape(names, event)))
        return _once(told)

    def _lane(self, told: list[Told], apart: str) -> list[str]:
        """Return what is compared together: one kind that stands apart, or all that does not."""
        return [
            f"{act}: {kind} {shape}"
            for act, kind, shape in told
            if (kind if (act, kind) in self.apart or ("*", kind) in self.apart else "") == apart
        ]

    def _seen(self, visit: Owned, other: Owner) -> list[str]:
        """Return what the center saw and the app showed, where both could."""
        return [
            f"{act}: {what} {value}"
            for act, what, value in visit[0].seen
            if (visit[1], what) not in self.far_side and (other, what) not in self.far_side
        ]


def _unequal(left: list[str], right: list[str]) -> list[str]:
    return [] if left == right else [line for line in ndiff(left, right) if line[0] in "+-"]


def _once(told: list[Told]) -> list[Told]:
    """Leave out what was told before of the same message: that it arrived, in the second of the two words for it."""
    arrived: set[tuple[object, ...]] = set()
    kept: list[Told] = []
    for act, kind, shape in told:
        if shape[-1:] == (_ARRIVED,):
            if shape in arrived:
                continue
            arrived.add(shape)
        kept.append((act, kind, shape))
    return kept


_ARRIVED = "arrived"
_WORDS = {MessageStatus.SENT: _ARRIVED, MessageStatus.DELIVERED: _ARRIVED}
"""CXone's far side sends a copy, which is DELIVERED. Bright Pattern's DELIVERED is an agent's receipt: it may come
before the answer that is SENT (9.3), long after it, or never (v1). Whichever comes first says that it arrived."""


class _Names:
    """Threads by their order, messages of the customer's by what they say: ids are random, and each vendor's own."""

    def __init__(self, visit: Visit) -> None:
        self._threads = {thread.id: number for number, thread in enumerate(visit.threads)}
        self._messages = {message.id: message.text for thread in visit.threads for message in thread.messages}

    def thread(self, id: str) -> int:
        return self._threads[id]

    def message(self, id: str) -> str:
        return self._messages[id]


def _of_party(names: _Names, event: Any) -> tuple[object, ...]:
    return names.thread(event.thread), event.party.role


def _of_thread(names: _Names, event: Any) -> tuple[object, ...]:
    return (names.thread(event.thread),)


def _message(names: _Names, event: MessageReceived) -> tuple[object, ...]:
    files = tuple(file.name for file in event.message.attachments)  # of a type Bright Pattern tells image or not
    return names.thread(event.thread), event.party.role, event.text, event.message.status, files


_SHAPES: dict[type[Event], Callable[[_Names, Any], tuple[object, ...]]] = {
    ChatStateChanged: lambda _names, event: (event.state,),
    ThreadStateChanged: lambda names, event: (names.thread(event.thread), event.state),
    ThreadEnded: lambda names, event: (names.thread(event.thread), event.reason),
    MessageReceived: _message,
    MessageStatusChanged: lambda names, event: (
        names.thread(event.thread), names.message(event.message), _WORDS.get(event.status, event.status),
    ),
    UploadProgressed: lambda names, event: (
        names.thread(event.thread), names.message(event.message), event.attachment, event.sent, event.total,
    ),
    PartyJoined: _of_party,
    PartyLeft: _of_party,
    TypingStarted: _of_party,
    TypingStopped: _of_party,
    QueuePositionChanged: lambda names, event: (names.thread(event.thread), event.queue is not None),
    InactivityWarned: _of_thread,
    InactivityCleared: _of_thread,
}  # fmt: skip
"""What every vendor tells of an event; of one that is not here, everything: it is compared as it is."""
