"""How long to wait before the next attempt, as a pure function."""

from .policy import Backoff

__all__ = ["delay"]


def delay(backoff: Backoff, attempt: int, fraction: float) -> float:
    """Return the seconds to wait before attempt ``attempt`` (0 is the first retry); ``fraction`` is in [0, 1)."""
    low, high = backoff.jitter
    first = backoff.first + low + (high - low) * fraction
    growth = min(attempt, 64)  # enough for every ceiling, and no overflow
    return min(first * backoff.growth**growth, backoff.ceiling)
