"""What a hostile far side makes of an answer, the same for each seed."""

from collections.abc import Sequence
from random import Random
from typing import Any

__all__ = ["spoilt"]


def spoilt(chance: Random, value: Any, weird: Sequence[Any], share: float = 0.03) -> Any:
    """Return an answer with parts that are weird, missing or repeated, at any depth."""
    if chance.random() < share:
        return chance.choice(weird)
    if isinstance(value, dict):
        return {name: spoilt(chance, part, weird, share) for name, part in value.items() if chance.random() > share / 3}
    if isinstance(value, list):
        twice = value[:1] if chance.random() < share else []
        return [spoilt(chance, part, weird, share) for part in value] + twice
    return value
