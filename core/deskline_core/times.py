"""Times in UTC: of the seconds that the session counts in, and of what the far side writes."""

from datetime import UTC, datetime

__all__ = ["in_utc", "moment"]


def in_utc(time: datetime) -> datetime | None:
    """Return a time in UTC, or None if there is none. A time without an offset is taken as UTC."""
    if time.tzinfo is None:
        return time.replace(tzinfo=UTC)
    try:
        return time.astimezone(UTC)
    except OverflowError:  # at the ends of the calendar
        return None


def moment(now: float) -> datetime:
    """Return UTC seconds as a time."""
    return datetime.fromtimestamp(now, UTC)
