"""What a journal shows of records: of messages and threads no names and no addresses, and of files no content."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Final, cast

from .disclosure import Disclosure, loaded
from .records import is_content, is_of_outbox
from .redaction import Redactor

__all__ = ["recorded", "summed"]

_OF_PEOPLE: Final = frozenset({"name", "cause"})
"""Names under which records, unlike the vendors' traffic, hold people's texts; a cause may name a file."""


def recorded(key: str, text: str, redactor: Redactor, disclosure: Disclosure) -> str:
    """Return what stands in a journal for a record of an earlier run, which is read as the record was."""
    if is_content(key):
        return _emptied(text, redactor, disclosure) if redactor.hashed else text
    if is_of_outbox(key):
        signed = redactor.signed if disclosure.signed else None
        text = _rewritten(text, redactor.hash if redactor.hashed else None, signed)
    return redactor.learn(text, words=True)


def summed(key: str, text: str, redactor: Redactor) -> str | int:
    """Return what of a record that is kept is in a digest: of a file's content, where texts are hashed, how much."""
    if redactor.hashed and is_content(key):
        return len(text)
    if redactor.hashed and is_of_outbox(key):
        text = _rewritten(text, redactor.measure, None)
    return redactor.answer(text)


def _rewritten(text: str, words: "_Replace | None", url: "_Replace | None") -> str:
    tree = loaded(text)
    if not isinstance(tree, dict):
        return text if words is None else words(text)
    return json.dumps(_walked(cast("object", tree), words, url), ensure_ascii=False, separators=(",", ":"))


def _walked(tree: object, words: "_Replace | None", url: "_Replace | None", name: str = "") -> object:
    if isinstance(tree, dict):
        members = cast("dict[str, object]", tree)
        return {each: _walked(value, words, url, each) for each, value in members.items()}
    if isinstance(tree, list):
        return [_walked(value, words, url, name) for value in cast("list[object]", tree)]
    replace = words if name in _OF_PEOPLE else url if name == "url" else None
    return replace(tree) if replace is not None and isinstance(tree, str) else tree


def _emptied(text: str, redactor: Redactor, disclosure: Disclosure) -> str:
    """Return as much content of nothing; of a file that is packed already what is sent of it stays such a thing."""
    try:
        content = b64decode(text, validate=True)
    except ValueError:
        return redactor.hash(text)
    lead = next((lead for lead in disclosure.files if content.startswith(lead)), b"")
    packed = b"" if lead else content
    if isinstance(loaded(packed), dict):
        empty = redactor.learn(packed.decode("utf-8", "surrogateescape"), words=True).encode("utf-8", "surrogateescape")
    else:
        empty = lead + bytes(len(content) - len(lead))
    return b64encode(empty).decode()


_Replace = Callable[[str], str]
