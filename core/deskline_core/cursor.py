"""How far a conversation was told in an earlier run, so that what came since is news, and nothing else is."""

from collections.abc import Container, Iterable, Sequence
from itertools import islice, takewhile
from typing import Final

import msgspec

from .model import Message

__all__ = ["Cursor"]


_MOST_ALIKE: Final = 20
"""How many messages of one time are told apart."""


class Cursor(msgspec.Struct, frozen=True, omit_defaults=True):
    """Ids: ``told`` of the newest message of the other side that the app knows, ``last`` of the newest of all.

    Each is "" where there is none. ``also`` are others that have the time of ``told``: a history may have them in
    another order than they came in.
    """

    told: str = ""
    last: str = ""
    also: tuple[str, ...] = ()

    @classmethod
    def of(cls, messages: Sequence[Message], earlier: "Cursor | None") -> "Cursor":
        """Return how far a history was told; one that is not read back yet, as far as an earlier run told it."""
        if not messages:
            return earlier or cls()
        foreign = (message for message in reversed(messages) if not message.mine)
        newest = next(foreign, None)
        if newest is None:
            return cls(earlier.told if earlier is not None else "", messages[-1].id)
        also = takewhile(lambda message: message.created_at == newest.created_at, foreign)
        return cls(newest.id, messages[-1].id, tuple(message.id for message in islice(also, _MOST_ALIKE)))

    def is_in(self, ids: Container[str]) -> bool:
        """Whether what comes before these messages was told: then nothing older need be read."""
        return bool(self.told or self.last) and (self.told or self.last) in ids

    def split(self, messages: Iterable[Message]) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
        """Return what was told before, and what is news, of messages from the oldest on.

        Where the newest that was told is not among them, nobody can say: then all counts as told.
        """
        page = tuple(messages)
        ids = [message.id for message in page]
        if self.told and self.told not in ids:
            return page, ()
        told = ids.index(self.told) if self.told else -1
        also = set(self.also)
        last = ids.index(self.last) if self.last in ids else -1
        known, news = list[Message](), list[Message]()
        for place, message in enumerate(page):
            newest = max(told, last) if message.mine else told
            (news if place > newest and message.id not in also else known).append(message)
        return tuple(known), tuple(news)
