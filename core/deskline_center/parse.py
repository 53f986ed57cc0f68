"""Reading what clients send. Nothing here raises: what is missing or of another type reads as empty."""

from typing import Any, cast

import msgspec

__all__ = ["array", "obj", "parse_json", "parse_object", "short_word", "tame", "word"]

_DEPTH = 64
_LONGEST = 2048


def parse_json(text: str | bytes) -> object:
    """Return the JSON value of ``text``, or None when there is none or when it is nested absurdly deep."""
    try:
        value: object = msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return value if _is_shallow(text) or tame(value) else None


def _is_shallow(text: str | bytes) -> bool:
    """Tell whether a text opens so few brackets that it cannot be nested too deep: then nobody need look."""
    brackets = "{[" if isinstance(text, str) else b"{["
    return text.count(brackets[:1]) + text.count(brackets[1:]) < _DEPTH  # type: ignore[arg-type]  # of one kind


def tame(value: object) -> bool:
    """Tell whether a value is nested at most 64 deep, so that it can be sent back inside other values."""
    level = [value]
    for _ in range(_DEPTH):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return True
    return False


def _children(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(cast("dict[str, object]", value).values())
    return cast("list[object]", value) if isinstance(value, list) else []


def parse_object(text: str | bytes) -> dict[str, Any] | None:
    """Return the JSON object of ``text``, or None."""
    value = parse_json(text)
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def obj(source: dict[str, Any], *keys: str) -> dict[str, Any]:
    """Return the first object found under one of the keys, else an empty one."""
    for key in keys:
        value = source.get(key)
        if isinstance(value, dict):
            return cast("dict[str, Any]", value)
    return {}


def array(source: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the objects of the array under ``key``; whatever else it holds is left out."""
    value = source.get(key)
    items = cast("list[object]", value) if isinstance(value, list) else []
    return [cast("dict[str, Any]", item) for item in items if isinstance(item, dict)]


def word(source: dict[str, Any], key: str) -> str:
    """Return the text under ``key``; a number is taken as its digits."""
    value = source.get(key)
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def short_word(source: dict[str, Any], key: str) -> str:
    """Return the text under ``key`` where it is kept for long: more than 2048 characters read as empty."""
    text = word(source, key)
    return text if len(text) <= _LONGEST else ""
