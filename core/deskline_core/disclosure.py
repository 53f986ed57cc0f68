"""What a vendor's traffic holds that is not for everyone, and what a picture of it calls its parts; as data.

Each vendor has one such value; :mod:`deskline_core.vendors` knows them all.
"""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, Literal, cast

import msgspec

__all__ = ["NO_JSON", "TEXTS", "Captions", "Disclosure", "Hash", "Passage", "hash_path", "loaded", "member"]

TEXTS: Final = frozenset(
    {
        "text",
        "content",
        "title",
        "subtitle",
        "description",
        "label",
        "value",
        "firstname",
        "first_name",
        "lastname",
        "last_name",
        "surname",
        "fullname",
        "nickname",
        "filename",
        "file_name",
    }
)
"""Names under which every vendor's people write texts, or are called by, in lower case."""


Hash = Callable[[str], str]
Headers = tuple[tuple[str, str], ...]


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of JSON in which ``each`` finds what is to be replaced: its second group, behind its first.

    Only the last group of ``within`` is searched, or all of it if it has none. ``holds`` says what is found there:
    the address of a file, people's text, or a number that tells a place.
    """

    within: re.Pattern[str]
    each: re.Pattern[str]
    holds: Literal["address", "text", "number"]


class Captions(msgspec.Struct, frozen=True, kw_only=True):
    """What a picture calls the parts of a vendor's traffic. ``beat`` is one word for what only keeps it alive.

    ``frame`` names a frame by its text, ``reported`` what the body of a request reports to the far side, and ``held``
    what is in the answer to a request that may be held back, "" for nothing new. Frames named in ``beats`` are counted.
    """

    frame: Callable[[str], str]
    reported: Callable[[bytes], str]
    held: Callable[[bytes], str] = lambda _body: ""
    beats: frozenset[str] = frozenset()
    beat: str = "heartbeat"


class Disclosure(msgspec.Struct, frozen=True, kw_only=True):
    """What is secret in a vendor's traffic, what is people's text, and how the rest is called.

    Names are in lower case. ``texts`` stand for people's texts; ``rewrite`` hashes those under some names so that they
    are read as before. ``signed`` are URLs that are secret as a whole; ``signed_beside`` and ``secret_beside`` are
    names of such URLs and of secrets, in whatever holds the word that they stand behind. ``coming`` and ``going`` are
    further passages of what comes in and of what goes out; those that hold an address count always, others where texts
    are hashed. ``of_people`` are words of which one stands in every answer that holds people's texts, and
    ``of_choices`` one in every answer that says what may be chosen. ``cookies`` gives the name and value of each cookie
    that an answer sets and that stands for a customer. A body that goes out is a file if it begins as one of ``files``,
    and what answers a request is one if ``fetched`` tells so of the request's URL.
    """

    texts: frozenset[str]
    captions: Captions
    of_people: tuple[str, ...]
    of_choices: str = ""
    cookies: Callable[[Headers], Sequence[tuple[str, str]]] = lambda _headers: ()
    rewrite: Mapping[str, Callable[[str, Hash], str]] = {}
    signed: frozenset[str] = frozenset()
    signed_beside: Mapping[str, frozenset[str]] = {}
    secret_beside: Mapping[str, frozenset[str]] = {}
    files: tuple[bytes, ...] = ()
    fetched: Callable[[str], bool] = lambda _url: False
    coming: tuple[Passage, ...] = ()
    going: tuple[Passage, ...] = ()


NO_JSON: Final = object()
"""What a text holds that is no JSON."""


def loaded(text: str | bytes) -> object:
    """Return what a JSON text holds."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return NO_JSON


def member(value: object, *path: str) -> str:
    """Return the text at the end of a path of names, "" if there is none."""
    for step in path:
        value = cast("dict[str, object]", value).get(step) if isinstance(value, dict) else None
    return value if isinstance(value, str) else ""


_HOST: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^/?#]*")


def hash_path(url: str, hashed: Hash) -> str:
    """Return a URL with all that follows its host hashed; what is no URL is hashed as a whole."""
    host = _HOST.match(url)
    end = host.end() if host else 0
    return url[:end] + hashed(url[end:])
