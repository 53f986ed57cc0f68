"""Every request that there is, with fields that are right: a request of tomorrow is walked by itself."""

from typing import Any

from deskline_core import inputs as i
from deskline_core.model import Location
from deskline_core.values import Secret

__all__ = ["REQUESTS", "right_fields"]

REQUESTS: list[type[i.AppRequest]] = sorted(
    (kind for kind in vars(i).values() if isinstance(kind, type) and kind.__base__ is i.AppRequest),
    key=lambda kind: kind.__name__,
)
_FIELDS: dict[str, Any] = {
    "message": "none",
    "text": "hello",
    "name": "Parcel",
    "id": "customer-7",
    "title": "Cart",
    "url": "app://cart",
    "email": "kit@example.test",
    "emails": ("ana@example.test",),
    "code": "H7Q2ZD",
    "fields": (("topic", "mug"),),
    "trigger": "6b9a2f0c-6a10-4d0e-a0e8-8f1e5c2b7d08",
    "offer": "c104b328-75bc-46df-940a-0f1a2b3c4d1b",
    "outcome": "shown",
    "value": 1.0,
    "stay": True,
    "conversation": "c0000000-0000-4000-8000-000000000001",
    "form": "17",
    "kind": "call",
    "party": "9C1E",
}
_PLACE = Location(latitude=52.52, longitude=13.405)
_OTHERS: dict[type[i.AppRequest], dict[str, Any]] = {
    i.Authenticate: {"code": Secret("ac-1"), "verifier": Secret("v")},
    i.RegisterDevice: {"token": Secret("device-1")},
    i.SendLocation: {"location": _PLACE},
    i.SendSignal: {"kind": "call", "data": "{}"},
    i.SubmitForm: {"form": "17", "data": (("service", "1"),)},
    i.ReportVisitorEvent: {"data": (("service", "1"),)},
}


def right_fields(kind: type[i.AppRequest], thread: str) -> dict[str, Any]:
    """Return fields with which a request makes sense, about this thread; those with a default may be left out."""
    given = _OTHERS.get(kind) or {name: _FIELDS[name] for name in kind.__struct_fields__ if name in _FIELDS}
    return ({"thread": thread} if "thread" in kind.__struct_fields__ else {}) | given
