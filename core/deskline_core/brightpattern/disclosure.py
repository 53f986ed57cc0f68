"""What Bright Pattern's traffic holds that is not for everyone, and what a picture calls it (reference, 3, 6, 7).

An app's id and a client's are no secrets: they tell an entry and a customer. What forms are filled with, parameters,
and what a call or a common browsing is told are people's texts, whatever their names.
"""

import re
from html import escape
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from ..disclosure import TEXTS, Captions, Disclosure, Hash, Passage, hash_path, loaded, member
from ..pieces import entries, part
from .content import plain

__all__ = ["DISCLOSURE"]

_TEXT: Final = r'"(?:[^"\\]|\\.)*"'
_MOST_NESTED: Final = 6


def _within(depth: int) -> str:
    """Return what matches the inside of an object whose members are nested so deep."""
    inner = rf"|\{{{_within(depth - 1)}\}}" if depth else ""
    return rf'(?:[^"{{}}]|{_TEXT}{inner})*'


_INSIDE: Final = _within(_MOST_NESTED)
_DATA: Final = re.compile(rf'"(?:data|parameters)"\s*:\s*(\{{{_INSIDE}\}})')
_BROWSING: Final = re.compile(rf'"event"\s*:\s*"chat_session_cobrowsing_\w+"({_INSIDE})')
_PAIR: Final = re.compile(r'("(?!(?:type|event|msg_id|party_id|timestamp)")(?:[^"\\]|\\.)*"\s*:\s*")((?:[^"\\]|\\.)*)')
_NAMED: Final = re.compile(r'"attachments"\s*:\s*(\[[^\]]+(?:\]|\Z))')
_NAME: Final = re.compile(r'("name"\s*:\s*")((?:[^"\\]|\\.)*)')
_PLACE: Final = re.compile(r'"(?:latitude|longitude)"\s*:\s*"?-?[0-9.]+')
_DIGITS: Final = re.compile(r'("(?:latitude|longitude)"\s*:\s*"?)(-?[0-9.]+)')
_DIRECTIVE: Final = re.compile(
    r"(?<!\S)/(?:buttons-column|buttons|choice"
    r"|attachment\s+(?P<url>https?://\S+?)(?:\s*,\s*(?:image|audio|video)\b[^\w\s]?|(?=,?(?:\s|$))))"
)
"""What a text asks for by words in it (6.5): it stays, but for the paths of files."""
_ESCAPED: Final = re.compile(r"((?:%[0-9A-Fa-f]{2})+)")
_PASSAGES: Final = (
    Passage(within=_DATA, each=_PAIR, holds="text"),
    Passage(within=_BROWSING, each=_PAIR, holds="text"),
    Passage(within=_NAMED, each=_NAME, holds="text"),
    Passage(within=_PLACE, each=_DIGITS, holds="number"),
)


_METHOD: Final = re.compile(r".*/clientweb/api/v[12]/(?!chats/[^/]+/(?:files|profilephotos)/)")
"""The path of whatever is no file: those lie under a chat, or where an event says (3.11, 3.12, 6.15)."""


def _address(url: str, hashed: Hash) -> str:
    """Return the URL of a file with its path hashed; the name at its end is as long as it was, once it is unescaped."""

    def path(text: str) -> str:
        runs = enumerate(_ESCAPED.split(text))  # every other one is escaped
        return "".join(
            quote(hashed(unquote(run)), safe="") if at % 2 else hashed(run.replace("%", "-")) for at, run in runs
        )

    return hash_path(url, path)


def _plain(text: str, hashed: Hash) -> str:
    """Return a text hashed, but for its directives."""
    parts: list[str] = []
    done = 0
    for found in _DIRECTIVE.finditer(text):
        parts.append(hashed(text[done : found.start()]))
        done = found.end()
        if found["url"] is None:
            parts.append(found[0])
        else:
            parts += (text[found.start() : found.start("url")], _address(found["url"], hashed))
            parts.append(text[found.end("url") : done])
    return "".join((*parts, hashed(text[done:])))


def _html(msg: str, hashed: Hash) -> str:
    """Return HTML that is read as the hashed text: its tags are left out, and what stands in them."""
    return escape(_plain(plain(msg, None), hashed), quote=False).replace("\n", "<br>")


def _events(body: bytes) -> str:
    """Return the names of the events in a body, each once, without what all begin with."""
    names = (member(event, "event").removeprefix("chat_session_") for event in entries(part(loaded(body), "events")))
    return ", ".join(dict.fromkeys(name for name in names if name))


DISCLOSURE: Final = Disclosure(
    texts=TEXTS
    | {"msg", "msg_text", "display_name", "from", "phone_number", "message", "page", "url", "file_url", "data"},
    captions=Captions(frame=lambda _text: "a frame", reported=_events, held=_events, beat="idle poll"),
    of_people=('"events"', '"chat_id"', '"sessions"', '"file_id"'),
    rewrite={
        "msg": _html,
        "msg_text": _plain,
        "url": hash_path,
        "file_url": _address,
        "page": hash_path,
    },
    files=(b"--",),
    fetched=lambda url: _METHOD.match(urlsplit(url).path) is None,
    coming=_PASSAGES,
    going=_PASSAGES,
)
