"""Dates as the real center writes them (CXone wire reference, section 7.1). All arguments are UTC seconds."""

from datetime import UTC, datetime
from functools import lru_cache

__all__ = ["milliseconds", "repeated", "seconds", "zulu"]


@lru_cache(maxsize=256)  # what goes out names the same few times again and again
def seconds(at: float) -> str:
    """Whole seconds with ``+00:00``: the strictest decoders take no fraction here."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


@lru_cache(maxsize=256)
def milliseconds(at: float) -> str:
    """Three digits behind the seconds, with ``+00:00``."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def zulu(at: float) -> str:
    """Milliseconds with ``Z``: the form of an event by URL only."""
    return milliseconds(at).replace("+00:00", "Z")


def repeated(text: str, now: float) -> str:
    """Return a client's date as :func:`seconds`, and ``now`` for what is none. One without a zone is in UTC.

    Some clients write milliseconds and a small z (CXone wire reference, section 7.1), which others cannot read.
    """
    try:
        given = datetime.fromisoformat(text.upper())
        given = given.replace(tzinfo=UTC) if given.tzinfo is None else given.astimezone(UTC)
    except (ValueError, OverflowError):
        return seconds(now)
    return given.isoformat(timespec="seconds")
