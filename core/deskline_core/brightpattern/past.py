"""What a history says: what happened, in order, and what of it still stands (flow F4; section 9.6, rule 4)."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from . import wire
from .chat_table import ChatStage

__all__ = ["Past", "in_order"]

_BEGINNING: Final = datetime.min.replace(tzinfo=UTC)
_LAST_COUNTS: Final = (
    wire.ChatSessionStatus,
    wire.ChatSessionCaseSet,
    wire.ChatSessionTyping,
    wire.ChatSessionNotTyping,
    wire.ChatSessionSignaling,
    wire.ChatSessionFormShow,
    wire.ChatSessionSecureFormShow,
    wire.ChatSessionSecureFormCancel,
    wire.ChatSessionTimeoutWarning,
    wire.ChatSessionInactivityTimeout,
    wire.ChatSessionEnded,
)
"""What is not told again one by one: of some the last counts, of others none."""


def in_order(events: Iterable[wire.WireEvent]) -> list[wire.WireEvent]:
    """Return events by their times; those of one second, and those without a time, in the order they came in."""
    timed: list[tuple[datetime, wire.WireEvent]] = []
    last = _BEGINNING
    for event in events:
        last = getattr(event, "at", None) or last
        timed.append((last, event))
    return [event for _, event in sorted(timed, key=lambda pair: pair[0])]


class Past:
    """A history, read. ``happened`` is what is told one by one, ``standing`` what still holds, in the order to tell it.

    ``present`` are the parties who have not left. ``word`` is the far side's last for the state, or what follows from
    who is there, or "" (flow F4, step 5).
    """

    __slots__ = ("_chat_id", "_last", "_secure", "happened", "present")

    def __init__(self, events: Sequence[wire.WireEvent], chat_id: str) -> None:
        self._chat_id = chat_id
        self._last: dict[type, wire.WireEvent] = {}
        self._secure: dict[str, wire.WireEvent] = {}
        self.happened: list[wire.WireEvent] = []
        self.present: dict[str, wire.ChatSessionPartyJoined] = {}
        for event in in_order(events):
            if not isinstance(event, _LAST_COUNTS):
                self.happened.append(event)
            if not isinstance(event, wire.ChatSessionFormShow | wire.ChatSessionNavigation):
                self._last.pop(wire.ChatSessionFormShow, None)  # a form is open if it came last (9.6, rule 4)
            if (reader := _READERS.get(type(event))) is not None:
                reader(self, event)

    @property
    def standing(self) -> list[wire.WireEvent]:
        """What still holds: open forms, the state, the case, a warning, the end."""
        last = [self._last[kind] for kind in _STANDING if kind in self._last]
        return [*self._secure.values(), *last]

    @property
    def word(self) -> str:
        """The far side's word for the state."""
        status = self._last.get(wire.ChatSessionStatus)
        if isinstance(status, wire.ChatSessionStatus):
            return status.state
        is_served = any(party.type == "internal" for party in self.present.values())
        return ChatStage.CONNECTED if is_served else ""

    def count_last(self, event: wire.WireEvent) -> None:
        """Of these the last counts."""
        self._last[type(event)] = event

    def count_first(self, event: wire.WireEvent) -> None:
        """Of these the first counts."""
        self._last.setdefault(type(event), event)

    def asked(self, event: wire.ChatSessionSecureFormShow) -> None:
        """A secure form is asked for."""
        self._secure[event.form_request_id] = event

    def answered(self, event: "wire.ChatSessionSecureFormCancel | wire.ChatSessionFormData") -> None:
        """A form is no longer asked for."""
        self._secure.pop(event.form_request_id, None)

    def came(self, event: wire.ChatSessionPartyJoined) -> None:
        """Someone joined."""
        self.present[event.party_id] = event

    def went(self, event: wire.ChatSessionPartyLeft) -> None:
        """Someone left."""
        self.present.pop(event.party_id, None)

    def spoke(self, event: wire.ChatSessionMessage) -> None:
        """Any message of the customer's answers a warning (section 10)."""
        if event.party_id in ("", self._chat_id):
            self._last.pop(wire.ChatSessionTimeoutWarning, None)


_STANDING: Final = (
    wire.ChatSessionStatus,
    wire.ChatSessionCaseSet,
    wire.ChatSessionFormShow,
    wire.ChatSessionTimeoutWarning,
    wire.ChatSessionInactivityTimeout,
    wire.ChatSessionEnded,
)
_READERS: Final[dict[type, Callable[[Past, Any], None]]] = {
    wire.ChatSessionStatus: Past.count_last,
    wire.ChatSessionCaseSet: Past.count_last,
    wire.ChatSessionFormShow: Past.count_last,
    wire.ChatSessionTimeoutWarning: Past.count_last,
    wire.ChatSessionInactivityTimeout: Past.count_first,
    wire.ChatSessionEnded: Past.count_first,
    wire.ChatSessionSecureFormShow: Past.asked,
    wire.ChatSessionSecureFormCancel: Past.answered,
    wire.ChatSessionFormData: Past.answered,
    wire.ChatSessionPartyJoined: Past.came,
    wire.ChatSessionPartyLeft: Past.went,
    wire.ChatSessionMessage: Past.spoke,
}
