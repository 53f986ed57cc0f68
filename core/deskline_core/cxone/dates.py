"""Dates as CXone writes and reads them (CXone wire reference, section 7.1).

What arrives may have a fraction or none, and ends in ``Z``, ``z``, ``+01:00`` or ``+0100``. What we send is in UTC and
ends in ``Z``.
"""

from datetime import UTC, datetime

from ..times import in_utc

__all__ = ["format_milliseconds", "format_seconds", "parse_date"]


def parse_date(text: str) -> datetime | None:
    """Return the time in UTC, or None if it cannot be read."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return parse_date(f"{text[:-1]}Z") if text.endswith("z") else None
    return in_utc(time)


def format_seconds(time: datetime) -> str:
    """Write ``2026-03-04T10:20:00Z``, as the dates of chat events."""
    return f"{time.astimezone(UTC):%Y-%m-%dT%H:%M:%S}Z"


def format_milliseconds(time: datetime) -> str:
    """Write ``2026-03-04T10:20:00.120Z``, as the dates of visitor events."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
