"""The messages of one thread: sorted, without repeats, bounded."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import datetime

from .model import Message

__all__ = ["History"]


def _created(message: Message) -> datetime:
    return message.created_at


_Place = Callable[[list[Message], Message], int]


def _earlier(messages: list[Message], message: Message) -> int:
    """Return the place behind all of a message's time: where a new one stands, or one that comes from a later time."""
    return bisect_right(messages, message.created_at, key=_created)


class History:
    """Messages by (created, arrival), each id once; the oldest go first when there are more than ``limit``.

    The ids of messages that went are remembered, up to ``remembered``, so that a repeat of one is not taken for news.
    """

    __slots__ = ("_arrivals", "_by_id", "_count", "_gone", "_ring", "_turn", "limit", "messages", "remembered")

    def __init__(self, limit: int, remembered: int) -> None:
        self.messages: list[Message] = []
        self._by_id: dict[str, Message] = {}
        self._arrivals: dict[str, int] = {}
        self._count = 0
        self._gone: dict[str, None] = {}
        # A ring beside it, for constant cost: a dict seeks its first key behind all that were taken out before.
        self._ring: list[str] = []
        self._turn = 0
        self.limit = limit
        self.remembered = remembered

    def __contains__(self, id: str) -> bool:
        return id in self._by_id or id in self._gone

    def get(self, id: str) -> Message | None:
        """Return the message with this id, if it is kept."""
        return self._by_id.get(id)

    def add(self, message: Message, *, before: Message | None = None) -> Message | None:
        """Add a message or put it in place of its older copy; return the older copy.

        A repeat of a message that went already is dropped, and returned as if it were its older copy. One that gets
        another time passes no message of that time; several that get a later one keep their order. ``before`` is one
        that is kept and comes next, if they have one time.
        """
        id = message.id
        known = self._by_id.get(id)
        if known is None:
            if id in self._gone:
                return message
            self._count += 1
            self._arrivals[id] = self._count
            messages = self.messages
            if before is None and messages and messages[-1].created_at <= message.created_at:
                messages.append(message)
                self._by_id[id] = message
            else:
                self._insert(message, before)
            if len(messages) > self.limit:
                self._drop(messages[0])
            return None
        if known.created_at == message.created_at:
            self.messages[self._index(known)] = message
            self._by_id[message.id] = message
        else:
            del self.messages[self._index(known)]
            self._insert(message, before, self._later if known.created_at < message.created_at else _earlier)
        return known

    def add_older(self, messages: Sequence[Message], *, before: Message | None = None) -> list[Message]:
        """Add a page of the far side's, oldest first; return those that were not known before, oldest first.

        Its order counts among messages of one time, whichever of them were known. ``before`` is one that is kept and
        comes after the whole page.
        """
        fresh: list[Message] = []
        newer = before
        for message in reversed(messages):
            known = self.add(message, before=newer)
            if known is None:
                fresh.append(message)
            newer = self._by_id.get(message.id, newer)
        fresh.reverse()
        fresh.sort(key=_created)
        return fresh

    def remove(self, id: str) -> None:
        """Take a message out; a repeat of it is not taken for news."""
        message = self._by_id.get(id)
        if message is not None:
            del self.messages[self._index(message)], self._by_id[id], self._arrivals[id]
            self._remember(id)

    def _insert(self, message: Message, before: Message | None, place: _Place = _earlier) -> None:
        if before is not None and before.created_at == message.created_at:
            self.messages.insert(self._index(before), message)
        else:
            self.messages.insert(place(self.messages, message), message)
        self._by_id[message.id] = message

    def _later(self, messages: list[Message], message: Message) -> int:
        """Return where one that came from an earlier time stands: only behind those that were there before it came."""
        place = bisect_left(messages, message.created_at, key=_created)
        arrivals, arrival = self._arrivals, self._arrivals[message.id]
        while place < len(messages) and messages[place].created_at == message.created_at:
            if arrivals[messages[place].id] > arrival:
                break
            place += 1
        return place

    def _index(self, message: Message) -> int:
        last = bisect_right(self.messages, message.created_at, key=_created)
        while self.messages[last - 1].id != message.id:
            last -= 1
        return last - 1

    def _drop(self, oldest: Message) -> None:
        del self.messages[0], self._by_id[oldest.id], self._arrivals[oldest.id]
        self._remember(oldest.id)

    def _remember(self, id: str) -> None:
        self._gone[id] = None
        if len(self._ring) < self.remembered:
            self._ring.append(id)
        else:
            del self._gone[self._ring[self._turn]]
            self._ring[self._turn] = id
            self._turn = (self._turn + 1) % self.remembered
