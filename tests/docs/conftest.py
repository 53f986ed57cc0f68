"""What a snippet may ask for in its info string: ``python with-center`` gets the fixture ``with_center``."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import settings

import deskline
from deskline_center import Script
from deskline_center.brightpattern import BrightPatternChannel
from deskline_center.controls import ProactiveAction
from deskline_center.cxone import Choice, CXoneChannel, FieldDefinition, Survey, Trigger
from deskline_center.cxone.contents import quick_replies
from deskline_center.scripts import Close, Expect, Join, Read, Say, Stream, Wait

CHANNEL = "chat_5f1d"
ENTRY = "shop-entry"
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

SHOP = Script(
    name="shop",
    steps=(
        Expect(text=""),
        Join(),
        Say(
            text="Is it this one?",
            attachments=({"friendlyName": "mug.txt", "mimeType": "text/plain", "content": "QSBtdWc="},),
        ),
        Say(content=quick_replies("When should we ring?", ("Early", "slot:early"), ("Late", "slot:late"))),
        Expect(text="Early"),
        Say(text="Until then."),
        Wait(seconds=0.1),
        Close(),
    ),
)


BOT = Script(
    name="bot",
    steps=(Expect(text="order"), Join(agent=70199), Stream(pieces=("It left ", "on Tuesday, ", "Jo."), seconds=0.05)),
)


settings.register_profile("the same each time", derandomize=True, database=None)


@pytest.fixture(autouse=True)
def _models_do_the_same_each_time() -> Iterator[None]:
    settings.load_profile("the same each time")
    yield
    settings.load_profile("default")


@pytest.fixture
def with_bot(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As ``with_center``, with a bot who answers in pieces."""
    with standing_for(monkeypatch, BOT):
        yield


@pytest.fixture
def with_shop(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As ``with_center``, with an agent who sends a file and offers a choice as soon as something is written."""
    with standing_for(monkeypatch, SHOP):
        yield


@pytest.fixture
def with_center(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the site of the snippet, wherever it is said to be, stand for a live chat of a local center.

    An agent joins when the customer has written, answers, and ends the chat.
    """
    with standing_for(monkeypatch, AGENT):
        yield


@pytest.fixture
def with_parcels(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As ``with_center``, with custom fields, a survey, and an offer for whoever looks at a page."""
    topic = FieldDefinition(
        ident="topic",
        label="Topic",
        type="list",
        choices=(Choice(name="ship", value="Shipping"), Choice(name="late", value="Late parcel")),
    )
    email = FieldDefinition(ident="email", label="E-mail", type="email")
    offer = ProactiveAction(kind="PopupBox", name="Help", text="Need a hand?", fields={"source": "offer"})
    settings: dict[str, Any] = {
        "survey": Survey(name="Before we start", fields=(topic,)),
        "customer_fields": (email,),
        "contact_fields": (topic,),
        "triggers": (Trigger(on="PageView", action=offer),),
    }
    with standing_for(monkeypatch, AGENT, **settings):
        yield


@pytest.fixture
def with_entry(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """As ``with_center``, for the site of a Bright Pattern entry."""
    channel = BrightPatternChannel(id=ENTRY, script=AGENT.name)
    with deskline.center.serve(channels=(channel,), scripts=(AGENT,)) as center:
        real = deskline.BrightPattern

        def site(*, url: str, app_id: str) -> deskline.BrightPattern:
            assert url
            return real(url=center.url, app_id=app_id)

        monkeypatch.setattr(deskline, "BrightPattern", site)
        yield


@contextmanager
def standing_for(monkeypatch: pytest.MonkeyPatch, script: Script, **settings: Any) -> Iterator[None]:
    """Let every site be a live chat of a local center, served by a script."""
    channel = CXoneChannel(id=CHANNEL, mode="live", session="secured", script=script.name, **settings)

    with deskline.center.serve(channels=(channel,), scripts=(script,)) as center:

        def site(*, environment: str, brand_id: int, channel_id: str) -> deskline.CXone:
            assert environment
            return local(center.url, brand_id, channel_id)

        local = deskline.CXone.local
        monkeypatch.setattr(deskline, "CXone", site)
        yield
