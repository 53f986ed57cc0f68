"""The table of what a site can do names every capability, with the calls that ask for it, and where it is there."""

import inspect
import re
from collections import defaultdict
from types import FunctionType

import deskline
from deskline.thread import MessageHandle
from deskline_core.cxone.asking import LACKING
from deskline_core.cxone.capabilities import capabilities
from deskline_core.cxone.rest import ChannelMode, Configuration
from tests.docs.snippets import ROOT

PAGE = (ROOT / "docs" / "reference" / "chat.md").read_text("utf-8")
ROWS = [
    (row[1], set(re.findall(r"`([^`]+)`", row[2])), row[3])
    for row in re.finditer(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
]
HANDLES = {"chat": deskline.Chat, "thread": deskline.Thread, "message": MessageHandle}
EVERY = capabilities(None) | {kind.__name__ for kind in LACKING}


def asked(handle: type, name: str) -> set[str]:
    """Return the requests that a method makes, by itself or by others of the same object."""
    method = vars(handle)[name]
    names = set(method.__code__.co_names)
    calls = {each for each in names if each != name and isinstance(vars(handle).get(each), FunctionType)}
    return (names & EVERY).union(*(asked(handle, each) for each in calls))


def calls() -> dict[str, set[str]]:
    """Return the calls of the handles by the capability that they ask for."""
    made: defaultdict[str, set[str]] = defaultdict(set)
    for word, handle in HANDLES.items():
        for name, member in vars(handle).items():
            if not name.startswith("_") and inspect.iscoroutinefunction(member):
                for request in asked(handle, name):
                    made[request].add(f"{word}.{name}")
    return dict(made)


def test_every_capability_is_there_with_its_calls() -> None:
    assert len(ROWS) == len(EVERY)
    assert {name: found for name, found, _ in ROWS} == calls()


def test_where_it_is_there_is_what_the_code_says() -> None:
    common = frozenset[str].intersection(*(capabilities(Configuration(mode=mode)) for mode in ChannelMode))
    where = {"live chats": ChannelMode.LIVE_CHAT, "multi-thread channels": ChannelMode.MULTI_THREAD}
    by_mode = {words: capabilities(Configuration(mode=mode)) for words, mode in where.items()}
    for name, _, words in ROWS:
        first = words.partition(";")[0]
        assert (first == "everywhere") == (name in common), name
        assert (first == "Bright Pattern") == (name not in capabilities(None)), name
        if first in by_mode:
            assert [other for other, names in by_mode.items() if name in names] == [first]
