"""What the center notes for its operator to look at, and no client ever gets back: letters, and what visitors did."""

from collections import deque
from typing import Any, Final

import msgspec

from ..kept import Kept
from .envelopes import Wire

__all__ = ["Letters", "Visitors"]

_MOST: Final = 1000
_MOST_BYTES: Final = 16 * 1024 * 1024
"""More than any operator looks at, and little for the machine of a developer."""


class Letters:
    """What a real center would have mailed; the oldest go when there are more than 1000, or 16 MiB of them."""

    def __init__(self) -> None:
        self._letters: Kept[Wire] = Kept(most=_MOST, most_size=_MOST_BYTES)
        self._count = 0

    def note(self, letter: Wire) -> None:
        """Keep a letter."""
        self._count += 1
        self._letters.put(str(self._count), letter, len(msgspec.json.encode(letter)))

    def all(self) -> list[Wire]:
        """Return the letters, the oldest first."""
        return list(self._letters)


class _Deed(msgspec.Struct, frozen=True):
    kind: str
    event: Wire | None
    size: int


class Visitors:
    """What visitors did: 1000 of them, the last 1000 things of each, 16 MiB in all; what the oldest did goes first."""

    def __init__(self) -> None:
        self._deeds: dict[str, deque[_Deed]] = {}
        self._size = 0

    def note(self, visitor: str, kind: str, event: Wire | None = None) -> None:
        """Keep what a visitor did, and the event that told it, if any."""
        size = len(msgspec.json.encode((visitor, kind, event)))
        deeds = self._deeds.setdefault(visitor, deque())
        deeds.append(_Deed(kind, event, size))
        self._size += size
        if len(deeds) > _MOST:
            self._forget(visitor)
        while len(self._deeds) > _MOST or self._size > _MOST_BYTES:
            self._forget(next(iter(self._deeds)))

    def _forget(self, visitor: str) -> None:
        deeds = self._deeds[visitor]
        self._size -= deeds.popleft().size
        if not deeds:
            del self._deeds[visitor]

    def kinds(self) -> dict[str, list[str]]:
        """Return the kinds of what each visitor did, the oldest first."""
        return {visitor: [deed.kind for deed in deeds] for visitor, deeds in self._deeds.items()}

    def events(self) -> dict[str, list[dict[str, Any]]]:
        """Return the events of each visitor, the oldest first."""
        return {
            visitor: [deed.event for deed in deeds if deed.event is not None] for visitor, deeds in self._deeds.items()
        }
