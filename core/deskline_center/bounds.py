"""How large the numbers of controls and scripts may be: dates and frames have to be made of them."""

from typing import Annotated

import msgspec

__all__ = ["Copies", "Number", "Seconds", "Times", "WholeSeconds", "is_close_code"]

_YEAR = 366 * 24 * 3600
_EXACT = 2**53

Seconds = Annotated[float, msgspec.Meta(ge=0, le=_YEAR)]
"""A time to pass: at most a year."""
WholeSeconds = Annotated[int, msgspec.Meta(ge=0, le=_YEAR)]
"""The same, where the wire has no fractions."""
Number = Annotated[int, msgspec.Meta(ge=-_EXACT, le=_EXACT)]
"""A number that every reader of JSON takes as it is."""
Times = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
"""How often a fault strikes."""
Copies = Annotated[int, msgspec.Meta(ge=0, le=1000)]
"""How many frames are made of one."""
_CLOSE_CODES = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})


def is_close_code(code: int) -> bool:
    """Tell whether a close frame may carry the code; some numbers only stand for the lack of a frame."""
    return code in _CLOSE_CODES or 3000 <= code < 5000  # noqa: PLR2004 - the ranges of WebSocket codes
