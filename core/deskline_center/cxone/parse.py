"""Reading frames. Nothing here raises: what is missing or of another type reads as empty."""

from typing import Any

import msgspec

from ..parse import obj, parse_object, word

__all__ = ["Frame", "is_uuid", "read_frame"]

_UUID_PARTS = (8, 4, 4, 4, 12)


class Frame(msgspec.Struct, frozen=True, kw_only=True):
    """A client's frame, flattened. Either identity key is taken, on any event (CXone wire reference, 3.4.1).

    ``size`` is how many characters it came in.
    """

    heartbeat: bool = False
    event_id: str = ""
    event_type: str = ""
    brand: str = ""
    channel: str = ""
    identity: dict[str, Any] = {}
    visitor: str = ""
    destination: str = ""
    data: dict[str, Any] = {}
    size: int = 0


def is_uuid(text: str) -> bool:
    """Tell whether ``text`` has the 8-4-4-4-12 form of hex digits, in either case."""
    parts = text.split("-")
    return tuple(map(len, parts)) == _UUID_PARTS and all(c in "0123456789abcdefABCDEF" for c in "".join(parts))


def read_frame(text: str) -> Frame | None:
    """Return the frame in ``text``, or None when it is no frame at all."""
    raw = parse_object(text)
    if raw is None:
        return None
    if raw.get("action") == "heartbeat":
        return Frame(heartbeat=True, event_id=word(raw, "eventId"))
    payload = obj(raw, "payload")
    if not word(raw, "eventId") or not word(payload, "eventType"):
        return None
    return Frame(
        event_id=word(raw, "eventId"),
        event_type=word(payload, "eventType"),
        brand=word(obj(payload, "brand"), "id"),
        channel=word(obj(payload, "channel"), "id"),
        identity=obj(payload, "customerIdentity", "consumerIdentity"),
        visitor=word(obj(payload, "visitor"), "id"),
        destination=word(obj(payload, "destination"), "id"),
        data=obj(payload, "data"),
        size=len(text),
    )
