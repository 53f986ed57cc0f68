"""For every field of every request, what is not of its type: a request of tomorrow is walked by itself."""

import uuid
from datetime import UTC, datetime
from typing import Any, get_type_hints

import pytest

from deskline_core.model import Location, OfferOutcome, PushNetwork, SignalKind, Upload
from deskline_core.values import Secret
from tests.core.every_request import REQUESTS

__all__ = ["HALF", "WRONG_FIELDS"]

HALF = "half \ud83d"
CIRCLE: list[Any] = []
CIRCLE.append(CIRCLE)

NO_TEXTS = (None, 5, 1.5, True, b"bytes", HALF, ["x"], {"x": "y"}, uuid.UUID(int=1), datetime(2026, 1, 1, tzinfo=UTC))
NO_PAIRS = (
    None, "text", 5, {"order": "1"}, ("order",), (("order",),), (("order", 1),), (("order", None),), (("order", b"1"),),
    ((1, "x"),), (("order", HALF),), ((HALF, "1"),), (("order", "1", "2"),), CIRCLE,
)  # fmt: skip
NO_NAMES = (None, "text", 5, ("x", 5), (None,), ((),), (HALF,), CIRCLE)
WRONG: dict[Any, tuple[Any, ...]] = {
    str: NO_TEXTS,
    int: (None, "1", 1.5, True, ()),
    bool: (None, 1, "yes", ()),
    float: (None, "1", (), True),
    Secret: (None, "code", 5, b"code"),
    OfferOutcome: (None, "forgotten", 5, ()),
    SignalKind: (None, "forgotten", 5, ()),
    PushNetwork | None: ("forgotten", 5, ()),
    Location: (None, "here", 5, (1.0, 2.0), {"latitude": 1.0}),
    tuple[str, ...]: NO_NAMES,
    tuple[tuple[str, str], ...]: NO_PAIRS,
    tuple[Upload, ...]: (None, "file", ("file",), (5,), (Upload(name=HALF, content=b"", mime_type="text/plain"),)),
}
"""For each type that a field of a request may have, what is none of it."""
WRONG_FIELDS = [
    pytest.param(kind, name, value, id=f"{kind.__name__}.{name}={ascii(value)[:30]}")
    for kind in REQUESTS
    for name, type_ in get_type_hints(kind).items()
    if name in kind.__struct_fields__ and name != "request"
    for value in WRONG[type_]
]
"""A request, the name of its field, and what is wrong in it."""
