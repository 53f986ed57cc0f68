"""Ids and tokens from a seed: the same seed and the same order of draws give the same values."""

from hashlib import blake2b

__all__ = ["Ids"]


class Ids:
    """A counted source of ids: a keyed hash over a counter, so that nothing depends on chance or on a clock."""

    __slots__ = ("_count", "_key", "_last_number")

    def __init__(self, seed: str) -> None:
        self._key = blake2b(seed.encode("utf-8", "replace"), digest_size=32).digest()
        self._count = 0
        self._last_number = 48_000_000

    def draw(self, size: int) -> bytes:
        """Return the next ``size`` bytes (at most 64)."""
        self._count += 1
        return blake2b(self._count.to_bytes(8, "big"), key=self._key, digest_size=size).digest()

    def uuid(self) -> str:
        """Return the next uuid, lower case, in its version 4 form."""
        return as_uuid(self.draw(16))

    def number(self) -> str:
        """Return the next contact number: digits in a string, rising."""
        self._last_number += 1
        return str(self._last_number)

    def token(self, prefix: str) -> str:
        """Return the next token. It holds only letters, digits and a dot, since some clients put it bare in a URL."""
        return f"{prefix}.{self.draw(20).hex()}"

    def derived(self, word: str, size: int = 32) -> str:
        """Return hex digits that depend on the seed and on ``word`` only: the same word gives the same value."""
        return blake2b(word.encode("utf-8", "replace"), key=self._key, digest_size=size).hexdigest()

    def derived_uuid(self, word: str) -> str:
        """Return a uuid that depends on the seed and on ``word`` only."""
        return as_uuid(bytes.fromhex(self.derived(word, 16)))


def as_uuid(raw: bytes) -> str:
    """Return 16 bytes in the 8-4-4-4-12 form, with the version and variant bits of a random uuid."""
    digits = bytearray(raw)
    digits[6] = digits[6] & 0x0F | 0x40
    digits[8] = digits[8] & 0x3F | 0x80
    text = digits.hex()
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
