"""What a snippet may ask for in its info string: ``python with-center`` gets the fixture ``with_center``."""

from collections.abc import Iterator

import pytest

import deskline
from deskline_center import Script
from deskline_center.cxone import CXoneChannel
from deskline_center.scripts import Close, Expect, Join, Read, Say, Wait

CHANNEL = "chat_5f1d"
AGENT = Script(
    name="agent",
    steps=(
        Expect(text="order"),
        Join(),
        Read(),
        Wait(seconds=0.1),
        Say(text="On its way."),
        Wait(seconds=0.1),
        Close(),
    ),
)


@pytest.fixture
def with_center(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the site of the snippet, wherever it is said to be, stand for a live chat of a local center.

    An agent joins when the customer has written, answers, and ends the chat.
    """
    channel = CXoneChannel(id=CHANNEL, mode="live", session="secured", script=AGENT.name)

    with deskline.center.serve(channels=(channel,), scripts=(AGENT,)) as center:

        def site(*, environment: str, brand_id: int, channel_id: str) -> deskline.CXone:
            assert environment
            return local(center.url, brand_id, channel_id)

        local = deskline.CXone.local
        monkeypatch.setattr(deskline, "CXone", site)
        yield
