"""The table of what a site can do names every capability, with the calls that ask for it, and where it is there."""

import inspect
import re
from collections import defaultdict
from types import FunctionType

import deskline
from deskline import BrightPattern
from deskline.thread import MessageHandle
from deskline_core.brightpattern.capabilities import capabilities as of_bright_pattern
from deskline_core.cxone.capabilities import capabilities
from deskline_core.cxone.rest import ChannelMode, Configuration
from tests.docs.snippets import ROOT

PAGE = (ROOT / "docs" / "reference" / "chat.md").read_text("utf-8")
ROWS = [
    (row[1], set(re.findall(r"`([^`]+)`", row[2])), row[3].partition(";")[0], row[4].partition(";")[0])
    for row in re.finditer(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)
]
HANDLES = {"chat": deskline.Chat, "thread": deskline.Thread, "message": MessageHandle}
V1, V2 = (of_bright_pattern(BrightPattern(url="https://bp.test", app_id="shop", version=name)) for name in ("v1", "v2"))
EVERY = capabilities(None) | V2


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
    assert {name: found for name, found, _, _ in ROWS} == calls()


def test_where_it_is_there_on_cxone_is_what_the_code_says() -> None:
    common = frozenset[str].intersection(*(capabilities(Configuration(mode=mode)) for mode in ChannelMode))
    where = {"live chats": ChannelMode.LIVE_CHAT, "multi-thread channels": ChannelMode.MULTI_THREAD}
    by_mode = {words: capabilities(Configuration(mode=mode)) for words, mode in where.items()}
    for name, _, words, _ in ROWS:
        assert (words == "yes") == (name in common), name
        assert (words == "no") == (name not in capabilities(None)), name
        if words in by_mode:
            assert [other for other, names in by_mode.items() if name in names] == [words]


def test_where_it_is_there_on_bright_pattern_is_what_the_code_says() -> None:
    for name, _, _, words in ROWS:
        assert words in {"yes", "v2", "no"}, name
        assert (words != "no") == (name in V2), name
        assert (words == "yes") == (name in V1), name
