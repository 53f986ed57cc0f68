"""Reading a vendor's JSON part by part, where the strict decoder refused the whole.

What the most lenient vendor client survives is survived here: null for a default, ``[]`` for an empty object and the
other way round, a number for an id, a quoted number, a quoted flag. An entry of a list that still cannot be read is
left out and named, and so is a part that a frame can do without; anything else is a :class:`Misfit`.
"""

import math
from collections.abc import Callable
from datetime import datetime
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, NamedTuple, TypeVar, Union, cast, get_args, get_origin

import msgspec

from ..pieces import flag_of, text_of
from .dates import parse_date

__all__ = ["LeftOut", "Misfit", "read"]

_Struct = TypeVar("_Struct", bound=msgspec.Struct)

_SPARE: Final = frozenset(
    {
        "attachments",
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
    """A part has the wrong type, or lacks something it cannot do without."""


class LeftOut(NamedTuple):
    """A part that could not be read and was left out."""

    reason: str
    part: object


class _Place(NamedTuple):
    """Where a part stands, and where to put what is left out."""

    path: str
    left_out: list[LeftOut]

    def under(self, name: str) -> "_Place":
        return _Place(f"{self.path}.{name}" if self.path else name, self.left_out)

    def misfit(self, reason: str) -> Misfit:
        return Misfit(f"{self.path or 'it'} {reason}")

    def leave_out(self, misfit: Misfit, part: object) -> None:
        if len(self.left_out) == _MOST_LEFT_OUT:
            raise self.misfit("has too many parts that cannot be read")
        self.left_out.append(LeftOut(str(misfit), part))


_Reader = Callable[[object, _Place], object]


class _Field(NamedTuple):
    name: str
    wire_name: str
    required: bool
    is_object: bool
    reader: _Reader


def read(kind: type[_Struct], value: object, left_out: list[LeftOut]) -> _Struct:
    """Make a ``kind`` of decoded JSON, or raise :class:`Misfit`; parts left out are added to ``left_out``."""
    return _read(kind, value, _Place("", left_out))


def _read(kind: type[_Struct], value: object, place: _Place) -> _Struct:
    if not isinstance(value, dict):
        raise place.misfit("is not an object")
    parts = cast("dict[str, object]", value)
    given: dict[str, Any] = {}
    for field in _fields(kind):
        part = parts.get(field.wire_name)
        if part is None or (field.is_object and part == []):
            if field.required:
                raise place.misfit(f"lacks {field.wire_name}")
            continue
        try:
            given[field.name] = field.reader(part, place.under(field.wire_name))
        except Misfit as misfit:
            if field.required or field.name not in _SPARE:
                raise
            place.leave_out(misfit, part)
    return kind(**given)


@cache
def _fields(kind: type[msgspec.Struct]) -> tuple[_Field, ...]:
    return tuple(
        _Field(field.name, field.encode_name, field.required, _member(field.type)[1], _reader(field.type))
        for field in msgspec.structs.fields(kind)
        if field.type is not object  # what is not looked into
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
        return lambda value, place: _read(member, value, place)
    if get_origin(member) is tuple:
        return _list_reader(get_args(member)[0])
    return _SCALARS[member]


def _list_reader(kind: type[msgspec.Struct]) -> _Reader:
    def read_list(value: object, place: _Place) -> object:
        if value == {}:
            return ()
        if not isinstance(value, list):
            raise place.misfit("is not a list")
        entries: list[object] = []
        for index, entry in enumerate(cast("list[object]", value)):
            try:
                entries.append(_read(kind, entry, place.under(str(index))))
            except Misfit as misfit:
                place.leave_out(misfit, entry)
        return tuple(entries)

    return read_list


def _text(value: object, place: _Place) -> str:
    text = text_of(value)
    if not text and value != "":
        raise place.misfit("is not a text")
    return text


def _id(value: object, place: _Place) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    return _text(value, place)


def _date(value: object, place: _Place) -> datetime | None:
    return parse_date(_text(value, place))


def _number(value: object, place: _Place) -> float:
    try:
        number = float(text_of(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise place.misfit("is not a number")
    return number


def _whole(value: object, place: _Place) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    number = _number(value, place)
    if not number.is_integer():
        raise place.misfit("is not a whole number")
    return int(number)


def _flag(value: object, place: _Place) -> bool:
    flag = flag_of(value)
    if flag is None:
        raise place.misfit("is not true or false")
    return flag


def _raw(value: object, _: _Place) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(value))


_SCALARS: Final[dict[Any, _Reader]] = {
    str: _text,
    int: _whole,
    float: _number,
    bool: _flag,
    datetime: _date,
    msgspec.Raw: _raw,
    None: _id,
}
