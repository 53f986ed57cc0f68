"""Looking into untyped JSON without ever failing: what is not there, or is something else, is empty."""

import math
import re
from typing import Any, Final, cast

import msgspec

__all__ = [
    "REFUSED",
    "amount_of",
    "entries",
    "flag_of",
    "load",
    "mend",
    "number_of",
    "object_of",
    "part",
    "text_of",
]

REFUSED: Final = (msgspec.MsgspecError, UnicodeError, RecursionError)
"""All that a decoder raises on what it cannot read."""

_ANYTHING: Final = msgspec.json.Decoder[Any]()
_ESCAPE: Final = re.compile(
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>u[dD][89a-fA-F][0-9a-fA-F]{2})|.)",
    re.DOTALL,
)


def mend(text: str) -> str:
    """Replace halves of surrogate pairs, also escaped ones: who cuts a text in the middle of an emoji sends such."""
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return _ESCAPE.sub(lambda found: "\\ufffd" if found["half"] else found[0], whole)


def load(source: bytes | msgspec.Raw) -> object:
    """Decode JSON, or return None if it cannot be read."""
    try:
        return _ANYTHING.decode(source)
    except REFUSED:
        pass
    try:
        return _ANYTHING.decode(mend(bytes(source).decode("utf-8-sig", "replace")))
    except REFUSED:
        return None


def part(value: object, *path: str) -> object:
    """Follow keys into nested objects; None where the way ends early."""
    for key in path:
        value = object_of(value).get(key)
    return value


def object_of(value: object) -> dict[str, object]:
    """Return an object, or an empty one."""
    return cast("dict[str, object]", value) if isinstance(value, dict) else {}


def entries(value: object) -> list[object]:
    """Return a list, or an empty one."""
    return cast("list[object]", value) if isinstance(value, list) else []


def text_of(value: object) -> str:
    """Return a text, or a number as text, or ""."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def number_of(value: object) -> float | None:
    """Return a number, also a quoted one, or None if it is none."""
    try:
        number = float(text_of(value))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def amount_of(value: object) -> float:
    """Return a number above 0, also a quoted one; 0 for anything else."""
    return max(number_of(value) or 0.0, 0.0)


def flag_of(value: object) -> bool | None:
    """Return a flag, also a quoted or numeric one, or None if it is none."""
    return _FLAGS.get(value) if isinstance(value, str | int | float) else None


_FLAGS: Final[dict[str | float, bool]] = {"true": True, "false": False, 1: True, 0: False, "1": True, "0": False}
