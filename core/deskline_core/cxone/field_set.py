"""The custom fields of one customer, or of one conversation, and which of them the far side does not have yet.

CXone wire reference, section 6.1. Newest wins: what the far side tells replaces what it had told or taken before,
unless that is newer by the far side's own date. What was set here and never left stays until it has; what left and was
not acknowledged gives way to something newer only. An undated value counts as the newest of what is not ours.
"""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from ..times import moment
from .dates import format_seconds, parse_date
from .parts import CustomField

if TYPE_CHECKING:
    from ..session import Session

__all__ = ["CONTACT_PREFIX", "CUSTOMER_PREFIX", "Changes", "Dated", "FieldSet"]

CONTACT_PREFIX: Final = "contact.customFields."
CUSTOMER_PREFIX: Final = "customer.customFields."
"""What stands before the ids in some recoveries (4.2.4)."""

Changes = tuple[tuple[str, str], ...]
"""Fields that have another value now, by id; "" where there is none any more."""

Dated = tuple[str, str, str]
"""A field as it is sent: ident, value, and the date at which it was set."""


class _Field(msgspec.Struct):
    """One field: its value, and since when. ``waits`` says that it was set here and is not acknowledged.

    ``event_id`` names the request that it is in flight with; ``left`` says that one may have arrived; ``before`` is
    what the far side last had. ``older`` are values in flight that it took the place of, oldest first, each with its
    request and since when.
    """

    value: str
    at: float
    waits: bool = False
    left: bool = False
    event_id: str = ""
    before: tuple[str, float] = ("", 0.0)
    older: tuple[tuple[str, str, float], ...] = ()

    def settle_older(self, event_id: str, *, is_accepted: bool) -> None:
        """What became of an older value: accepted, it is what the far side has; else it counts for nothing."""
        for place, (request, value, at) in enumerate(self.older):
            if request == event_id:
                passed = self.older[:place]
                if is_accepted:
                    self.before, passed = (value, at), ()  # what left before it is overtaken
                self.older = passed + self.older[place + 1 :]
                return


class FieldSet:
    """Custom fields by ident; what the far side tells beyond the policy's limits is left out and counted."""

    __slots__ = ("_fields", "_last", "_prefix", "_session")

    def __init__(self, session: "Session", prefix: str) -> None:
        self._session = session
        self._prefix = prefix
        self._fields: dict[str, _Field] = {}
        self._last: tuple[CustomField, ...] = ()

    @property
    def view(self) -> Mapping[str, str]:
        """The values that are there, by ident."""
        return {ident: field.value for ident, field in self._fields.items() if field.value}

    @property
    def waiting(self) -> tuple[Dated, ...]:
        """What was set here and is not acknowledged."""
        return tuple(_dated(ident, field) for ident, field in self._fields.items() if field.waits)

    def has_room(self, idents: Iterable[str]) -> bool:
        """Whether all of these can be set."""
        return len(self._fields.keys() | set(idents)) <= self._session.policy.max_fields

    def set(self, pairs: Iterable[tuple[str, str]], *, at: float | None = None) -> Changes:
        """Set values here, of which the difference has to be sent (trap T-32); return what is shown otherwise now."""
        at = self._session.now if at is None else at
        changes: dict[str, str] = {}
        for ident, value in pairs:
            field = self._fields.get(ident)
            if field is not None and field.value == value:
                continue
            self._last = ()
            self._fields[ident] = _after(field, value, at)
            if value != (field.value if field is not None else ""):
                changes[ident] = value
        return tuple(changes.items())

    def restore(self, kept: CustomField) -> None:
        """Take a value that was kept because it has to be sent; with a date that cannot be read it counts as old."""
        self.set(((kept.ident, kept.value or ""),), at=_seconds(kept.updated_at) or 0.0)

    def merge(self, given: tuple[CustomField, ...]) -> Changes:
        """Take what the far side tells, idents with or without the prefix of their scope (4.2.4); return the news."""
        if given == self._last:  # as in nearly every push about one contact
            return ()
        policy, changes = self._session.policy, dict[str, str]()
        self._last = given if len(given) <= policy.max_fields else ()
        for told in given:
            ident, value, date = told.ident.removeprefix(self._prefix), told.value or "", told.updated_at or ""
            if max(len(told.ident), len(value), len(date)) > policy.max_field:
                self._session.counts["fields over the limit"] += 1
                self._last = ()
            elif ident and self._take(ident, value, _seconds(date)):
                changes[ident] = value
        return tuple(changes.items())

    def _take(self, ident: str, value: str, at: float | None) -> bool:
        field = self._fields.get(ident)
        if field is None:
            return bool(value) and self._add(ident, _Field(value, at or 0.0))
        if field.waits:
            field.before = (value, at or 0.0)
            if field.left and value == field.value:
                self._fields[ident] = _Field(value, at or field.at)
                return False
            if not field.left or at is None or at <= field.at:
                return False
        elif at is not None and at < field.at:
            return False
        self._fields[ident] = _Field(value, at or field.at)
        return value != field.value

    def _add(self, ident: str, field: _Field) -> bool:
        if len(self._fields) >= self._session.policy.max_fields:
            self._session.counts["fields over the limit"] += 1
            return False
        self._fields[ident] = field
        return True

    # --- on their way ---

    def lacks(self, *, again: bool) -> bool:
        """Whether something would be sent now."""
        return any(field.waits and not field.event_id and (again or not field.left) for field in self._fields.values())

    def send(self, event_id: str, *, again: bool) -> tuple[Dated, ...]:
        """Return what has to be sent, which is in flight with this request now.

        ``again`` includes what left before and may have arrived: to be sent twice does it no harm.
        """
        ready = {
            ident: field
            for ident, field in self._fields.items()
            if field.waits and not field.event_id and (again or not field.left)
        }
        for field in ready.values():
            field.event_id, field.left = event_id, True
        return tuple(_dated(ident, field) for ident, field in ready.items())

    def accept(self, event_id: str) -> bool:
        """The far side has what was in flight with a request; True if that was any."""
        found = self._with(event_id)
        for field in found.values():
            field.waits, field.event_id, field.older = False, "", ()
            self._last = ()
        self._settle_older(event_id, is_accepted=True)
        return bool(found)

    def give_back(self, event_id: str, *, left: bool) -> None:
        """A request came to nothing, or nobody knows (``left``): what was in flight with it has to be sent."""
        for field in self._with(event_id).values():
            field.event_id, field.left = "", left
        self._settle_older(event_id, is_accepted=False)

    def reject(self, event_id: str) -> Changes:
        """The far side does not want what was in flight with a request: as it was before. Return what changed."""
        self._settle_older(event_id, is_accepted=False)
        return tuple((ident, self.revert(ident)) for ident in self._with(event_id))

    def revert(self, ident: str) -> str:
        """Take back what was set of a field; return its value from before, which may be in flight itself."""
        self._last = ()
        field = self._fields.pop(ident)
        if field.older:
            event_id, value, at = field.older[-1]
            self._fields[ident] = _Field(value, at, True, True, event_id, field.before, field.older[:-1])
            return value
        value, at = field.before
        if value:
            self._fields[ident] = _Field(value, at)
        return value

    def amend(self, ident: str, value: str) -> None:
        """Set what waits to another value, as if it had been that from the beginning."""
        self._fields[ident].value = value

    def _with(self, event_id: str) -> dict[str, _Field]:
        return {ident: field for ident, field in self._fields.items() if field.event_id == event_id}

    def _settle_older(self, event_id: str, *, is_accepted: bool) -> None:
        for field in self._fields.values():
            field.settle_older(event_id, is_accepted=is_accepted)

    def forget(self, *, keep_waiting: bool = False) -> Changes:
        """Forget all of them, or all that the far side has; return what changed."""
        kept = {ident: field for ident, field in self._fields.items() if keep_waiting and field.waits}
        changes = tuple((ident, "") for ident in self.view if ident not in kept)
        self._fields = kept
        self._last = ()
        return changes


def _after(field: _Field | None, value: str, at: float) -> _Field:
    """Return a value that is set in the place of another."""
    if field is None:
        return _Field(value, at, waits=True)
    if not field.waits:
        return _Field(value, at, waits=True, before=(field.value, field.at))
    flying = ((field.event_id, field.value, field.at),) if field.event_id else ()
    return _Field(value, at, waits=True, before=field.before, older=field.older + flying)


def _dated(ident: str, field: _Field) -> Dated:
    return ident, field.value, format_seconds(moment(field.at))


def _seconds(date: str | None) -> float | None:
    time = parse_date(date) if date else None
    return time.timestamp() if time is not None else None
