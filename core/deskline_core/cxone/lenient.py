"""Reading a vendor's JSON part by part, where the strict decoder refused the whole.

What the most lenient vendor client survives is survived here: null for a default, ``[]`` for an empty object and the
other way round, a number for an id, a quoted number, a quoted flag. An entry of a list that still cannot be read is
left out and named, and so is a part that a frame can do without; anything else is a :class:`Misfit`.
"""

import math
from collections.abc import Callable
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, NamedTuple, TypeVar, Union, cast, get_args, get_origin

import msgspec

from .pieces import flag_of, text_of

__all__ = ["LeftOut", "Misfit", "read"]

_Struct = TypeVar("_Struct", bound=msgspec.Struct)
_Reader = Callable[[object, list["LeftOut"]], object]

_SPARE: Final = frozenset(
    {
        "author_end_user_identity",
        "author_user",
        "context",
        "customer",
        "inbox_assignee_user",
        "user",
        "user_statistics",
    }
)
"""Parts that a frame can do without: better a message of an unknown party than no message."""

_MOST_LEFT_OUT: Final = 50
"""More than that, and the whole is given up: no real history looks like it, and each costs time and memory."""


class Misfit(Exception):
    """A part has the wrong type, or lacks something it cannot do without. ``path`` leads to it, innermost last."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path: list[str] = []

    def under(self, name: str) -> None:
        """Note one step of the way up."""
        self.path.insert(0, name)

    def __str__(self) -> str:
        return f"{'.'.join(self.path) or 'it'} {self.reason}"


class LeftOut(NamedTuple):
    """A part that could not be read and was left out."""

    reason: str
    part: object


class _Field(NamedTuple):
    name: str
    wire_name: str
    required: bool
    is_object: bool
    reader: _Reader


def read(kind: type[_Struct], value: object, left_out: list[LeftOut]) -> _Struct:
    """Make a ``kind`` of decoded JSON, or raise :class:`Misfit`; parts left out are added to ``left_out``."""
    if not isinstance(value, dict):
        raise Misfit("is not an object")
    parts = cast("dict[str, object]", value)
    given: dict[str, Any] = {}
    for field in _fields(kind):
        part = parts.get(field.wire_name)
        if part is None or (field.is_object and part == []):
            if field.required:
                raise Misfit(f"lacks {field.wire_name}")
            continue
        try:
            given[field.name] = field.reader(part, left_out)
        except Misfit as misfit:
            misfit.under(field.wire_name)
            if field.required or field.name not in _SPARE:
                raise
            _leave_out(misfit, part, left_out)
    return kind(**given)


def _leave_out(misfit: Misfit, part: object, left_out: list[LeftOut]) -> None:
    if len(left_out) == _MOST_LEFT_OUT:
        raise Misfit("has too many parts that cannot be read")
    left_out.append(LeftOut(str(misfit), part))


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[_Field, ...]:
    return tuple(
        _Field(
            field.name,
            field.encode_name,
            field.required,
            _member(field.type)[1],
            _reader(field.type),
        )
        for field in msgspec.structs.fields(kind)
    )


def _member(type_: object) -> tuple[Any, bool]:
    """Return what of a union is to be read, and whether that is an object. None stands for an id."""
    if get_origin(type_) not in {Union, UnionType}:
        return type_, _is_struct(type_)
    members = [member for member in get_args(type_) if member is not NoneType]
    structs = [member for member in members if _is_struct(member)]
    if structs:
        return structs[0], True
    return (members[0] if len(members) == 1 else None), False


def _is_struct(type_: object) -> bool:
    return isinstance(type_, type) and issubclass(type_, msgspec.Struct)


def _reader(type_: object) -> _Reader:
    member, is_object = _member(type_)
    if is_object:
        return lambda value, left_out: read(member, value, left_out)
    if get_origin(member) is tuple:
        return _list_reader(get_args(member)[0])
    return _SCALARS[member]


def _list_reader(kind: type[msgspec.Struct]) -> _Reader:
    def read_list(value: object, left_out: list[LeftOut]) -> object:
        if value == {}:
            return ()
        if not isinstance(value, list):
            raise Misfit("is not a list")
        entries: list[object] = []
        for index, entry in enumerate(cast("list[object]", value)):
            try:
                entries.append(read(kind, entry, left_out))
            except Misfit as misfit:
                misfit.under(str(index))
                _leave_out(misfit, entry, left_out)
        return tuple(entries)

    return read_list


def _text(value: object, _: list[LeftOut]) -> str:
    text = text_of(value)
    if not text and value != "":
        raise Misfit("is not a text")
    return text


def _id(value: object, left_out: list[LeftOut]) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _text(value, left_out)


def _number(value: object, _: list[LeftOut]) -> float:
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            number = math.nan
        if math.isfinite(number):
            return number
    raise Misfit("is not a number")


def _whole(value: object, left_out: list[LeftOut]) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    number = _number(value, left_out)
    if number != int(number):
        raise Misfit("is not a whole number")
    return int(number)


def _flag(value: object, _: list[LeftOut]) -> bool:
    flag = flag_of(value)
    if flag is None:
        raise Misfit("is not true or false")
    return flag


def _raw(value: object, _: list[LeftOut]) -> msgspec.Raw:
    try:
        return msgspec.Raw(msgspec.json.encode(value))
    except OverflowError:
        raise Misfit("holds a number that is too large") from None


def _any(value: object, _: list[LeftOut]) -> object:
    return value


_SCALARS: Final[dict[Any, _Reader]] = {
    str: _text,
    int: _whole,
    float: _number,
    bool: _flag,
    msgspec.Raw: _raw,
    object: _any,
    None: _id,
}
