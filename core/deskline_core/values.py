"""The base of all values that travel through a session, and the type that hides secrets."""

from collections.abc import Callable, Sized
from typing import ClassVar, Final, cast, final

import msgspec

from .errors import InvalidValue

__all__ = ["Secret", "Value", "fault", "mistyped", "reveal"]


@final
class Secret:
    """A token, code, seed or signed URL. It shows nothing in ``repr``, ``str``, logs, journals and exceptions.

    Equal secrets compare equal; :meth:`reveal` is the one way to the text, and stands only where it is sent.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):  # pyright: ignore[reportUnnecessaryIsInstance] - apps without a type checker
            raise InvalidValue(f"a secret must be a text, not {type(text).__name__}")
        self._text = text

    def reveal(self) -> str:
        """Return the text itself."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(...)"

    __str__ = __repr__

    def __format__(self, spec: str, /) -> str:
        return "Secret(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(("Secret", self._text))

    def __bool__(self) -> bool:
        return bool(self._text)

    def __reduce__(self) -> tuple[type["Secret"], tuple[str]]:
        return (Secret, (self._text,))


def reveal(text: "str | Secret") -> str:
    """Return the plain text of something that may be a secret."""
    return text.reveal() if isinstance(text, Secret) else text


def fault(value: msgspec.Struct) -> str:
    """Return what is wrong with a value's fields: another type than is said, or text that cannot be written; or ""."""
    return mistyped(value) or _fault(lambda: msgspec.json.encode(value, enc_hook=_written))


def mistyped(value: msgspec.Struct) -> str:
    """Return which of a value's fields is of another type than is said, or ""."""
    return _fault(lambda: msgspec.convert(msgspec.structs.asdict(value), type=type(value)))


def _fault(tried: Callable[[], object]) -> str:
    try:
        tried()
    except UnicodeEncodeError:
        return "not valid Unicode: it holds half of a surrogate pair"
    except (msgspec.MsgspecError, TypeError, ValueError, RecursionError) as wrong:
        return str(wrong).replace(" - at `$.", " in `")
    return ""


def _written(part: Secret) -> str:
    return part.reveal()


class Value(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A frozen value. Fields named in ``quiet`` hold customers' text or tokens; ``repr`` shows their size only.

    Values hold only values, so that they never stand in a cycle: the garbage collector need not look at them.
    """

    quiet: ClassVar[frozenset[str]] = frozenset()

    def __repr__(self) -> str:
        shown = (f"{name}={self._shown(name)}" for name in self.__struct_fields__)
        return f"{type(self).__name__}({', '.join(shown)})"

    def _shown(self, name: str) -> str:
        field = getattr(self, name)
        if name in self.quiet and isinstance(field, str | bytes | tuple):
            return f"<{len(cast('Sized', field))}>"
        return repr(field)


QUIET_TEXT: Final = frozenset({"text", "body", "value"})
