"""The pushes about a contact that recovery brings (wire reference, section 7.3), looked into only where in doubt."""

from datetime import UTC, datetime
from typing import Final

import msgspec

from ..pieces import entries, load, part, text_of
from .dates import parse_date

__all__ = ["closed_by_person", "was_left"]

_LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)


def was_left(history: msgspec.Raw) -> bool:
    """Whether the last that is told of the assignee is that there is none: an owner may stay."""
    newest = _newest(history, "CaseInboxAssigneeChanged")
    return newest is not None and part(newest, "data", "inboxAssignee") is None


def closed_by_person(history: msgspec.Raw) -> bool:
    """Whether the last change of the contact's status was an agent's closing it."""
    newest = _newest(history, "CaseStatusChanged")
    is_closed = newest is not None and part(newest, "data", "case", "status") == "closed"
    return is_closed and part(newest, "context", "initiator", "type") == "user"


def _newest(history: msgspec.Raw, kind: str) -> object:
    pushes = [push for push in entries(load(history)) if part(push, "eventType") == kind]
    return max(reversed(pushes), key=_when, default=None)


def _when(push: object) -> datetime:
    return parse_date(text_of(part(push, "createdAt"))) or _LONG_AGO
