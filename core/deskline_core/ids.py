"""Ids and jitter from one seeded source: a keyed hash over a counter, so that a run can be replayed."""

from collections import deque
from collections.abc import Iterable
from typing import Final

__all__ = ["Ids", "PlayedIds"]

_SHORTEST_SEED: Final = 16


class Ids:
    """Draws ids and fractions. The seed is a secret of at least 16 bytes, fresh at every open and every restore.

    Using a seed again with an older counter would give two messages one id; only simulation and replay choose it.
    """

    __slots__ = ("_seed", "drawn")

    def __init__(self, seed: bytes) -> None:
        if len(seed) < _SHORTEST_SEED:
            msg = f"a seed has at least {_SHORTEST_SEED} bytes, not {len(seed)}"
            raise ValueError(msg)
        self._seed = seed[:64]
        self.drawn = 0

    def _draw(self) -> bytes:
        self.drawn += 1
        return _keyed_hash(self.drawn.to_bytes(8, "big"), self._seed, 16)

    def uuid(self) -> str:
        """Return a new id in the form of a random UUID, in lower case (CXone wire reference, section 7.2)."""
        text = self._draw().hex()
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[int(text[16], 16) & 3]}{text[17:20]}-{text[20:]}"

    def fraction(self) -> float:
        """Return a number in [0, 1)."""
        return int.from_bytes(self._draw()[:6], "big") / (1 << 48)

    # --- for a journal ---

    def draws_after(self, count: int) -> tuple[bytes, ...]:
        """Return all draws after the first ``count``, once more: nothing is kept of them, and nothing is drawn."""
        again = Ids(self._seed)
        again.drawn = count
        return tuple(again._draw() for _ in range(self.drawn - count))

    def key(self, purpose: bytes) -> bytes:
        """Return a key of 32 bytes that only this seed gives, and that tells nothing of the draws."""
        return _keyed_hash(purpose, self._seed, 32)


def _keyed_hash(data: bytes, key: bytes, size: int) -> bytes:
    from hashlib import blake2b  # noqa: PLC0415 - it loads OpenSSL, a tenth of the core's import: only who draws pays

    return blake2b(data, key=key, digest_size=size).digest()


class PlayedIds(Ids):
    """Gives draws that were recorded. One more than there are is made up, and counted in ``missed``."""

    __slots__ = ("_waiting", "missed")

    def __init__(self) -> None:
        super().__init__(bytes(_SHORTEST_SEED))
        self.missed = 0
        self._waiting: deque[bytes] = deque()

    def play(self, draws: Iterable[bytes]) -> None:
        """Give these next, in place of what was left."""
        self._waiting = deque(draws)

    @property
    def left(self) -> int:
        """How many have not been asked for."""
        return len(self._waiting)

    def _draw(self) -> bytes:
        if self._waiting:
            return self._waiting.popleft()
        self.missed += 1
        return super()._draw()
