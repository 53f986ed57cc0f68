"""What is under way in a network: sockets, requests, and the parcels that they carry; and what can become of those."""

from collections import deque
from collections.abc import Mapping
from typing import Any, Final, Literal

import msgspec

from deskline_core import commands as c

__all__ = ["FATES", "Fate", "Line", "Parcel", "Strike", "Trip"]

Fate = Literal["lose", "cut", "hold", "repeat", "vanish", "fail", "crash"]
FATES: Final[Mapping[str, tuple[Fate, ...]]] = {
    "handshake": ("lose", "hold", "vanish", "fail", "crash"),
    "frame": ("lose", "cut", "hold", "vanish", "crash"),
    "push": ("lose", "cut", "hold", "vanish", "crash"),
    "request": ("lose", "cut", "hold", "repeat", "vanish", "fail", "crash"),
    "answer": ("lose", "hold", "vanish", "crash"),
}
"""What can become of a parcel of each kind, besides that it arrives.

``lose``: it is lost, and its connection with it. ``cut``: it arrives, and then the connection is cut. ``hold``: it
comes later. ``repeat``: it comes twice, as from a proxy in between. ``vanish``: it is lost, nobody is told, and its
connection is half open from now on. ``fail``: a proxy refuses it with an HTTP status. ``crash``: the customer's
program is killed at this moment.
"""


class Strike(msgspec.Struct, frozen=True):
    """A fate that waits for the next parcel that it can strike, of the ``kinds`` given.

    ``amount`` is the seconds of a hold or the status of a failure, ``pick`` decides what is left open.
    """

    fate: Fate
    kinds: tuple[str, ...]
    amount: float = 0.0
    pick: int = 0


class Line:
    """One socket. ``flying`` are the frames that are on their way up; ``stalled`` is what is held, up and down."""

    __slots__ = (
        "arriving", "down_at", "flying", "is_closing", "is_cut", "is_silent", "is_told", "name", "number", "stalled",
        "unwritten", "up_at",
    )  # fmt: skip

    def __init__(self, name: str, number: int) -> None:
        self.name = name
        self.number = number
        self.up_at = self.down_at = 0.0
        self.flying: deque[int] = deque()
        self.arriving: frozenset[int] = frozenset()
        self.unwritten: list[int] = []
        self.stalled: tuple[deque[Parcel], deque[Parcel]] = deque(), deque()
        self.is_cut = self.is_silent = self.is_told = self.is_closing = False


class Trip:
    """One REST request. It ``is_over`` when the session waits for its answer no more; one ``is_silent`` gets none.

    One ``is_unsent`` never left, as the session was told.
    """

    __slots__ = ("command", "down_at", "is_over", "is_silent", "is_unsent", "name", "number", "was_there")

    def __init__(self, name: str, command: c.SendRequest) -> None:
        self.name = name
        self.number = command.id
        self.command = command
        self.down_at = 0.0
        self.is_over = self.is_silent = self.is_unsent = self.was_there = False


class Parcel:
    """Something on its way: ``what`` arrives, over the line or the trip ``by``."""

    __slots__ = ("by", "kind", "what")

    def __init__(self, kind: str, by: Any, what: Any) -> None:  # noqa: ANN401 - each kind has its own
        self.kind = kind
        self.by = by
        self.what = what
