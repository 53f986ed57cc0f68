"""A sum over all that both sides say: two runs of a seed must give the same one."""

from hashlib import blake2b

import msgspec

__all__ = ["Digest"]


def _written(value: object) -> object:
    """Return what stands for a value that has no form of its own: a secret's text, which both runs must agree on."""
    reveal = getattr(value, "reveal", None)
    return repr(value) if reveal is None else reveal()


class Digest:
    """Sums up commands, secrets included. ``commands`` counts them."""

    __slots__ = ("_encode", "_hash", "commands")

    def __init__(self) -> None:
        self._hash = blake2b(digest_size=16)
        self._encode = msgspec.msgpack.Encoder(enc_hook=_written).encode
        self.commands = 0

    def add(self, who: str, command: object) -> None:
        """Take a command of one side into the sum."""
        self.commands += 1
        self._hash.update(self._encode((who, type(command).__name__, command)))

    def text(self) -> str:
        """Return the sum so far."""
        return self._hash.hexdigest()
