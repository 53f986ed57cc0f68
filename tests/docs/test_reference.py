"""The reference shows every public name, and each says what it is."""

import inspect
import re
from importlib import import_module
from typing import get_args

import pytest

import deskline
from deskline.thread import MessageHandle
from tests.docs.snippets import ROOT
from tests.playbook import Chat as Playbook

BLOCK = re.compile(r"^\.\. auto(\w+):: (\S+)\n((?:   :.*\n)*)", re.MULTILINE)


def shown(page: str) -> set[str]:
    """Return what a page of the reference shows, as full names."""
    names = set()
    for kind, target, options in BLOCK.findall((ROOT / "docs" / "reference" / page).read_text("utf-8")):
        if kind != "module":
            names.add(target)
        elif ":no-members:" not in options:
            left_out = re.findall(r":exclude-members: (.+)", options)
            public = set(import_module(target).__all__) - {name for group in left_out for name in group.split(", ")}
            names |= {f"{target}.{name}" for name in public}
    return names


PAGES = sorted(path.name for path in (ROOT / "docs" / "reference").glob("*.md"))
HANDLES = (deskline.Chat, deskline.Thread, MessageHandle)
EVENTS = get_args(deskline.Event)
METHODS = [
    (handle, name)
    for handle in HANDLES
    for name, member in vars(handle).items()
    if not name.startswith("_") and (inspect.isfunction(member) or isinstance(member, property))
]


def test_every_public_name_is_shown() -> None:
    everywhere = set().union(*(shown(page) for page in PAGES))
    last = {name.rpartition(".")[2] for name in everywhere}
    assert [name for name in deskline.__all__ if name not in last] == []


def test_the_overview_is_listed_key_by_key() -> None:
    page = (ROOT / "docs" / "reference" / "center.md").read_text("utf-8")
    part = page.partition("## The overview")[2].partition("\n## ")[0]
    chat = Playbook("live").open()
    chat.conversation()
    overview = chat.center.overview()
    thread = overview["threads"][0]
    places = (overview, *(overview[key][0] for key in ("channels", "agents", "sockets", "customers")), thread)
    keys = set[str]().union(*places, thread["contacts"][0], thread["messages"][0])
    firsts = [name for cell in re.findall(r"^\| `(.+?)` \|", part, re.MULTILINE) for name in cell.split("`, `")]
    assert sorted(firsts) == sorted((*overview, *thread))
    assert keys - set(re.findall(r"`(\w+)`", part)) == set()


@pytest.mark.parametrize("kind", EVENTS, ids=lambda kind: str(kind.__name__))
def test_an_event_is_in_the_vocabulary_and_says_what_happened(kind: type) -> None:
    assert f"{kind.__module__}.{kind.__name__}" in shown("vocabulary.md")
    assert kind.__name__ in deskline.__all__
    assert (kind.__doc__ or "").split()


ASKING = [(handle, name) for handle, name in METHODS if inspect.iscoroutinefunction(vars(handle)[name])]


@pytest.mark.parametrize(("handle", "name"), ASKING, ids=lambda part: getattr(part, "__name__", part))
def test_what_is_asked_says_what_can_go_wrong(handle: type, name: str) -> None:
    text = inspect.getdoc(vars(handle)[name]) or ""
    assert re.search(r"\b[Rr]aises\b|[Nn]ever refused", text)
    named = set(re.findall(r"\b(?:[A-Z][a-z]+){2,}\b", text)) - {"ReauthenticationNeeded", "MessageStatusChanged"}
    assert {error for error in named if not issubclass(getattr(deskline, error), deskline.DesklineError)} == set()
    for other in re.findall(r"aises as :meth:`(\w+)`", text):
        assert "aises" in (vars(handle)[other].__doc__ or "")


@pytest.mark.parametrize(("handle", "name"), METHODS, ids=lambda part: getattr(part, "__name__", part))
def test_a_method_is_on_the_page_of_the_chat_and_says_what_it_does(handle: type, name: str) -> None:
    assert f"{handle.__module__}.{handle.__name__}" in shown("chat.md")
    member = vars(handle)[name]
    assert ((member.fget if isinstance(member, property) else member).__doc__ or "").split()
