"""A request's body in pieces, so that it can be told how much of it is written."""

from collections.abc import Iterator
from typing import Final

from deskline_transports.base import RestRequest

__all__ = ["pieces"]

_PIECE: Final = 64 * 1024
_MOST_REPORTS: Final = 50
"""More would show no one anything, and each is an input of a session."""


def pieces(request: RestRequest) -> Iterator[bytes]:
    """Yield the body in pieces. One counts as written when the next is asked for, and that is reported now and then."""
    total, told = len(request.body), 0
    step = max(_PIECE, total // _MOST_REPORTS)
    for start in range(0, total, _PIECE):
        yield request.body[start : start + _PIECE]
        written = min(start + _PIECE, total)
        if request.progress is not None and (written - told >= step or written == total):
            told = written
            request.progress(written, total)
