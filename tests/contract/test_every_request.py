"""Every request of the vocabulary at every kind of site: what is no capability is not supported, and all else is."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from deskline import BrightPattern
from deskline.testing import BASE, Pair
from deskline_center.brightpattern import APP_ID, BrightPatternChannel
from deskline_center.controls import AgentJoins, Availability
from deskline_center.cxone import CXoneChannel, channel_id
from deskline_center.model import Mode
from deskline_core import inputs as i
from deskline_core.errors import RefusalCode
from tests.core.every_request import REQUESTS, right_fields

ALWAYS: Final = frozenset(
    kind.__name__
    for kind in (
        i.Prepare, i.Connect, i.Open, i.Disconnect, i.SignOut, i.EnterBackground, i.EnterActive, i.AwaitReady,
        i.AwaitSettled,
    )
)  # fmt: skip
"""What every site can be asked, so that nobody has to look whether it can."""


def cxone(mode: Mode, *, everything: bool = True) -> Pair:
    bare: dict[str, Any] = (
        {} if everything else {"transcripts": False, "group_chat": False, "previews": False, "menu": ()}
    )
    return Pair(CXoneChannel(id=channel_id(mode, "legacy"), mode=mode, **bare))


SITES: dict[str, Callable[[], Pair]] = {
    "single": lambda: cxone("single"),
    "multi": lambda: cxone("multi"),
    "live": lambda: cxone("live"),
    "bare": lambda: cxone("live", everything=False),
    "v2": lambda: Pair(BrightPatternChannel(id=APP_ID)),
    "v1": lambda: Pair(BrightPatternChannel(id=APP_ID), site=BrightPattern(url=BASE, app_id=APP_ID, version="v1")),
}


def before(chat: Pair) -> str:
    """Nothing is known of the site, but its kind."""
    return "none"


def ready(chat: Pair) -> str:
    chat.begin()
    return "none"


def talking(chat: Pair) -> str:
    chat.begin()
    thread: str = chat.ask(i.StartThread)
    chat.do(i.SendMessage, thread=thread, text="hello")
    chat.control(AgentJoins())
    return thread


def away(chat: Pair) -> str:
    thread = talking(chat)
    chat.ask(i.EnterBackground)
    return thread


def lost(chat: Pair) -> str:
    thread = talking(chat)
    chat.network = False
    chat.lose()
    return thread


def over(chat: Pair) -> str:
    thread = talking(chat)
    chat.do(i.EndThread if "EndThread" in chat.session.capabilities else i.ArchiveThread, thread=thread)
    return thread


def closed(chat: Pair) -> str:
    chat.control(Availability(online=False))
    chat.begin()
    return "none"


@pytest.mark.parametrize("standing", [before, ready, talking, away, lost, over, closed], ids=lambda each: each.__name__)
@pytest.mark.parametrize("name", SITES)
def test_what_is_no_capability_is_not_supported_and_all_else_is(name: str, standing: Callable[[Pair], str]) -> None:
    wrong: list[str] = []
    for kind in REQUESTS:
        chat = SITES[name]()
        thread = standing(chat)
        can = kind.__name__ in chat.session.capabilities | ALWAYS
        refusal = chat.refusals.get(chat.do(kind, **right_fields(kind, thread)))
        if kind is i.StartThread and name == "single":
            continue  # a second thread is what such a channel does not support (T3)
        if can == (refusal is not None and refusal.code is RefusalCode.NOT_SUPPORTED):
            wrong.append(f"{kind.__name__}: {can} {refusal and refusal.code} {refusal and refusal.message}")
    assert not wrong, "\n".join(wrong)


def test_capabilities_are_requests_and_no_site_has_them_all() -> None:
    names = {kind.__name__ for kind in REQUESTS}
    found = {name: make() for name, make in SITES.items()}
    for chat in found.values():
        chat.begin()
    capabilities = {name: chat.session.capabilities for name, chat in found.items()}
    assert names == ALWAYS.union(*(SITES["single"]().session.capabilities, *capabilities.values()))
    assert all(each < names and not each & ALWAYS for each in capabilities.values())
