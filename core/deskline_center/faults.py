"""Faults that wait for the next matching request or frame. They are data, set by the operator's controls."""

from typing import Any, Generic, TypeVar

from .controls import Delay, Fail, Hold, Lose, LosePush, Repeat, Spoil, ViaUrl
from .replies import Reply

__all__ = ["Faults", "PushFault", "RequestFault", "Spoil", "page", "spoiled"]

RequestFault = Fail | Delay | Lose
PushFault = Repeat | LosePush | Hold | ViaUrl | Spoil
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

    def take(self, *names: str) -> Kind | None:
        """Return the first fault that matches one of the names of a thing, and count it down."""
        for index, (fault, left) in enumerate(self._waiting):
            if fault.match in names or (fault.match == "*" and _BY_NAME_ONLY.isdisjoint(names)):
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


def spoiled(fault: Spoil, message: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what becomes of a frame or event, with what is to go out around it."""
    left = {key: value for key, value in message.items() if key not in fault.leave_out}
    return [*fault.ahead, left | fault.lay_over, *fault.behind]


def page(fault: Fail) -> Reply | None:
    """Return the HTML page that answers in place of an error, if there is one."""
    if not fault.page:
        return None
    headers = (("content-type", "text/html; charset=utf-8"),)
    return Reply(status=fault.status or 500, headers=headers, body=fault.page.encode())
