"""A streamed message's server-sent events (CXone wire reference, section 5.5.7)."""

from typing import Final

from ..values import Value
from .pieces import load, object_of, part, text_of

__all__ = ["Delta", "read_delta"]

_NOT_JSON: Final = "not JSON"


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
