"""The joined pair that users have too."""

from deskline.testing import SEED, START, Pair

__all__ = ["SEED", "START", "Pair"]
