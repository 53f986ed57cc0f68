"""Shrinks a failing plan to the few steps that it takes."""

from collections.abc import Callable

__all__ = ["shrink"]


def shrink(kept: list[int], fails: Callable[[list[int]], bool], *, most: int = 400) -> list[int]:
    """Return those of some steps that still fail together; hardly one of them can be left out.

    ``fails`` tells whether these steps alone do. Halves are tried first, then smaller and smaller parts; after ``most``
    trials what is found is enough.
    """
    size = max(1, len(kept) // 2)
    while True:
        was_smaller = False
        place = 0
        while place < len(kept) and most > 0:
            fewer = kept[:place] + kept[place + size :]
            most -= 1
            if fails(fewer):
                kept, was_smaller = fewer, True
            else:
                place += size
        if most <= 0 or (size == 1 and not was_smaller):
            return kept
        size = max(1, size // 2)
