"""A streamed message's server-sent events (CXone wire reference, section 5.5.7)."""

from typing import Final

from ..pieces import load, object_of, part, text_of
from ..values import Value

__all__ = ["Delta", "EventReader", "read_delta"]

_NOT_JSON: Final = "not JSON"
_DELTAS: Final = frozenset({"", "message", "delta"})
"""Names of events that bring a piece: ``message`` is the name of an event without one."""


class Delta(Value, frozen=True, kw_only=True):
    """The next piece of a streamed message; its text counts also when it is the last one."""

    text: str
    is_last: bool = False


def read_delta(data: str) -> Delta | str | None:
    """Read the data of one event: None for one to be skipped, such as a heartbeat, or the reason why it failed."""
    root = load(data.encode("utf-8", "replace"))
    delta = object_of(part(root, "delta"))
    if root is None and data.strip() != "null":
        return _NOT_JSON
    if not delta:
        return None
    return Delta(text=text_of(part(delta, "content")), is_last=part(delta, "finish_reason") is not None)


class EventReader:
    """Puts the lines of a stream together to events: fields, comments, a blank line at the end of each.

    Only the data of events that bring a piece is given; ids, pauses and events of other names are skipped.
    """

    __slots__ = ("_data", "_is_first", "_name")

    def __init__(self) -> None:
        self._name = ""
        self._data: list[str] = []
        self._is_first = True

    def feed(self, line: str) -> str | None:
        """Take a line without its end; return the data of the event that it ends, if there is any."""
        if self._is_first:
            self._is_first = False
            line = line.removeprefix("\ufeff")
        if not line:
            return self.end()
        field, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "data":
            self._data.append(value)
        elif field == "event":
            self._name = value
        return None

    def end(self) -> str | None:
        """End the event that is under way. A far side may close right behind the last line of the last one."""
        name, data = self._name, self._data
        self._name, self._data = "", []
        return "\n".join(data) if data and name in _DELTAS else None
