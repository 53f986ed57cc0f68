"""Dates as the real center writes them (CXone wire reference, section 7.1). All arguments are UTC seconds."""

from datetime import UTC, datetime

__all__ = ["milliseconds", "seconds", "zulu"]


def seconds(at: float) -> str:
    """Whole seconds with ``+00:00``: the strictest decoders take no fraction here."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")


def milliseconds(at: float) -> str:
    """Three digits behind the seconds, with ``+00:00``."""
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")


def zulu(at: float) -> str:
    """Milliseconds with ``Z``: the form of an event by URL only."""
    return milliseconds(at).replace("+00:00", "Z")
