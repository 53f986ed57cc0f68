"""Faults that wait for the next matching request or frame. They are data, set by the operator's controls."""

from typing import Generic, TypeVar

from .controls import Delay, Fail, Hold, Lose, LosePush, Repeat, ViaUrl

__all__ = ["Faults", "PushFault", "RequestFault"]

RequestFault = Fail | Delay | Lose
PushFault = Repeat | LosePush | Hold | ViaUrl
_BY_NAME_ONLY = frozenset({"handshake", "heartbeat", "poll"})
Kind = TypeVar("Kind", RequestFault, PushFault)


class Faults(Generic[Kind]):
    """The faults that wait, in the order they were set.

    The name ``*`` matches everything but handshakes, heartbeats and polls, which would use such a fault up by
    themselves.
    """

    def __init__(self) -> None:
        self._waiting: list[tuple[Kind, int]] = []

    def add(self, fault: Kind) -> None:
        """Let a fault wait."""
        if fault.times > 0:
            self._waiting.append((fault, fault.times))

    def take(self, name: str) -> Kind | None:
        """Return the first fault that matches ``name`` and count it down."""
        for index, (fault, left) in enumerate(self._waiting):
            if fault.match == name or (fault.match == "*" and name not in _BY_NAME_ONLY):
                if left > 1:
                    self._waiting[index] = fault, left - 1
                else:
                    del self._waiting[index]
                return fault
        return None

    def forget(self) -> None:
        """Take all back."""
        self._waiting.clear()

    def __len__(self) -> int:
        return sum(left for _, left in self._waiting)
