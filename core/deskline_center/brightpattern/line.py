"""The line to one client: what waits for its next poll, and the poll that waits for something.

There is no cursor and no acknowledgement (Bright Pattern reference, section 1): what an answer has taken is gone,
unless the channel gives it again.
"""

from collections import deque
from collections.abc import Callable
from typing import Any, Final

import msgspec

from ..controls import Hold, LosePush, Repeat
from ..deadlines import Timer
from ..faults import Spoil, spoiled
from ..floor import Floor
from ..replies import Reply, json_reply
from .asked import Asked
from .channel import BrightPatternChannel
from .contents import name_of
from .refusals import refused

__all__ = ["Line"]

Wire = dict[str, Any]
_MOST: Final = 10_000
"""More than any client leaves behind before it counts as unresponsive; the oldest events go first."""


class Line:
    """Events in their order, and at most one poll. ``seen_at`` is when a poll was last there."""

    def __init__(self, floor: Floor, channel: BrightPatternChannel) -> None:
        self._floor = floor
        self._channel = channel
        self._waiting: deque[Wire] = deque(maxlen=_MOST)
        self._given: tuple[str, list[Wire]] = "", []
        self._poll: Asked | None = None
        self._hold: Timer | None = None
        self._is_due = False
        self._closed: Callable[[], Reply] | None = None
        self.seen_at = floor.now

    @property
    def polling(self) -> bool:
        """Whether a poll is held."""
        return self._poll is not None

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, event: Wire) -> None:
        """Let an event wait for the poll, unless a fault has other plans with it."""
        match self._floor.push_faults.take(name_of(event)):
            case LosePush():
                return
            case Hold(seconds=seconds):
                self._floor.later(seconds, lambda: self._add(event))
            case Repeat(copies=copies):
                self._add(*[event] * (1 + copies))
            case Spoil() as fault:
                self._add(*spoiled(fault, event))
            case _:
                self._add(event)

    def _add(self, *events: Wire) -> None:
        self._waiting.extend(events)
        self._wake()

    def _wake(self) -> None:
        """Answer the poll behind the input that is being served, so that it gets all that this brings."""
        if self._poll is not None and not self._is_due:
            self._is_due = True
            self._floor.later(0.0, self._flush)

    def _flush(self) -> None:
        self._is_due = False
        self._answer_with_news()

    def _answer_with_news(self) -> None:
        if self._waiting or self._closed is not None:
            self._answer()

    def poll(self, asked: Asked) -> None:
        """Answer a poll at once or hold it; a second one is refused, or ends the first."""
        if self._poll is not None:
            if self._channel.parallel_poll != "first_ended":
                asked.refuse("5509", status=self._refusal(asked))
                return
            self._answer()
        self._poll = asked
        self._given = "", []
        self._hold = self._floor.deadlines.at(self._floor.now + self._channel.hold, self._answer)
        self._answer_with_news()

    def _refusal(self, asked: Asked) -> int | None:
        return 400 if asked.version == 1 or self._channel.parallel_poll == "second_400" else None

    def _answer(self) -> None:
        """Answer the poll that is held with what waits, be it nothing."""
        poll, self._poll = self._poll, None
        self._drop_hold()
        if poll is None:
            return
        self.seen_at = self._floor.now
        if self._closed is not None and not self._waiting:
            poll.answer(self._closed())
            return
        events = self.take()
        arrived = poll.answer(self._reply(events))
        self._given = poll.id, events
        if not arrived:
            self._give_again()

    def take(self) -> list[Wire]:
        """Take out all that waits."""
        events = list(self._waiting)
        self._waiting.clear()
        return events

    def copy(self) -> list[Wire]:
        """Return what waits, and leave it there."""
        return list(self._waiting)

    def _reply(self, events: list[Wire]) -> Reply:
        if events or self._channel.empty_poll == "events":
            return json_reply({"events": events})
        if self._channel.empty_poll == "no_body":
            return msgspec.structs.replace(json_reply(None), body=b"")
        return refused("5511", self._channel, status=200 if self._channel.empty_poll == "5511_200" else None)

    def _give_again(self) -> None:
        """Put back what a lost answer had taken, where the channel does so."""
        _, events = self._given
        self._given = "", []
        if self._channel.aborted_poll == "redelivered":
            self._waiting.extendleft(reversed(events))

    def gone(self, request: str) -> None:
        """Take note that nobody waits for the answer to a poll any more."""
        if self._poll is not None and self._poll.id == request:
            if self._channel.aborted_poll != "unnoticed":
                self._poll = None
                self._drop_hold()
                self.seen_at = self._floor.now
        elif self._given[0] == request:
            self._give_again()

    def _drop_hold(self) -> None:
        if self._hold is not None:
            self._hold.cancel()
            self._hold = None

    def cut(self) -> int:
        """Cut the connection of the poll that is held; return how many there were."""
        poll, self._poll = self._poll, None
        self._drop_hold()
        if poll is None:
            return 0
        self.seen_at = self._floor.now
        poll.cut()
        return 1

    def close(self, reply: Callable[[], Reply]) -> None:
        """Answer polls that way from now on, once nothing waits any more."""
        self._closed = reply
        self._wake()
