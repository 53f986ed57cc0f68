"""Ids and jitter from one seeded source: a keyed hash over a counter, so that a run can be replayed."""

from hashlib import blake2b

__all__ = ["Ids"]

SHORTEST_SEED = 16


class Ids:
    """Draws ids and fractions. The seed is a secret of at least 16 bytes, fresh at every open and every restore.

    Using a seed again with an older counter would give two messages one id; only simulation and replay choose it.
    """

    __slots__ = ("_counter", "_seed")

    def __init__(self, seed: bytes) -> None:
        if len(seed) < SHORTEST_SEED:
            msg = f"a seed has at least {SHORTEST_SEED} bytes, not {len(seed)}"
            raise ValueError(msg)
        self._seed = seed[:64]
        self._counter = 0

    def _draw(self) -> bytes:
        self._counter += 1
        return blake2b(self._counter.to_bytes(8, "big"), key=self._seed, digest_size=16).digest()

    def uuid(self) -> str:
        """Return a new id in the form of a random UUID, in lower case (CXone wire reference, section 7.2)."""
        text = self._draw().hex()
        return f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{'89ab'[int(text[16], 16) & 3]}{text[17:20]}-{text[20:]}"

    def fraction(self) -> float:
        """Return a number in [0, 1)."""
        return int.from_bytes(self._draw()[:6], "big") / (1 << 48)
