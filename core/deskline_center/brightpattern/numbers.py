"""The numbers of messages and forms in one chat (Bright Pattern reference, sections 9.1, 21 and 23, 10)."""

from typing import Final, Literal

__all__ = ["Numbers"]

_LARGEST: Final = 10**12
"""No client counts that far: such a number of its own is no part of a count."""


class Numbers:
    """Counts what the center sends. Some clients count their own messages by odd numbers in the same space."""

    __slots__ = ("_forms", "_heard", "_last", "_way")

    def __init__(self, way: Literal["shared", "even", "plain"]) -> None:
        self._way = way
        self._last: int | None = None
        self._heard = -1
        self._forms = 16

    def next(self) -> str:
        """Return the id of the next message.

        A shared number is never below the next one of the customer's: the vendor's web client would take it for old.
        """
        step = 1 if self._way == "plain" else 2
        number = 0 if self._last is None else self._last + step
        if self._way == "shared" and self._heard >= 0:
            number = max(number, self._heard + 3)
        self._last = number
        return str(number)

    def hear(self, id: str) -> None:
        """Take note of the id of a customer's message, if it is an odd number."""
        if id.isascii() and id.isdecimal() and len(id) < len(str(_LARGEST)) and int(id) % 2:
            self._heard = max(self._heard, int(id))

    def form(self) -> str:
        """Return the id of the next request for a form."""
        self._forms += 1
        return str(self._forms)
