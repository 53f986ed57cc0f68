"""Chance from a seed: a keyed hash over a counter, so that a run is the same every time, on every machine."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import Final, TypeVar

__all__ = ["Chance"]

_Item = TypeVar("_Item")
_WORDS: Final = 16
"""How many numbers one hash gives, of 32 bits each."""


class Chance:
    """Draws numbers. ``words`` name the source: what has another name draws other numbers, whoever else draws."""

    __slots__ = ("_count", "_key", "_numbers")

    def __init__(self, *words: object) -> None:
        self._key = blake2b("/".join(str(word) for word in words).encode(), digest_size=32).digest()
        self._count = 0
        self._numbers: list[int] = []

    def _number(self) -> int:
        if not self._numbers:
            self._count += 1
            drawn = blake2b(self._count.to_bytes(8, "big"), key=self._key).digest()
            self._numbers = [int.from_bytes(drawn[4 * place : 4 * place + 4], "big") for place in range(_WORDS)]
        return self._numbers.pop()

    def fraction(self) -> float:
        """Return a number in [0, 1)."""
        return self._number() / (1 << 32)

    def below(self, limit: int) -> int:
        """Return a whole number from 0 to below ``limit``."""
        return self._number() * limit >> 32

    def among(self, items: Sequence[_Item]) -> _Item:
        """Return one of some things."""
        return items[self._number() * len(items) >> 32]

    def happens(self, share: float) -> bool:
        """Tell whether something happens that happens in that share of all cases."""
        return self._number() < share * (1 << 32)

    def seed(self) -> bytes:
        """Return a seed for a session: what its ids are drawn from."""
        return b"".join(self._number().to_bytes(4, "big") for _ in range(8))
