"""Visibility and intent: background withdraws the effect of the intent, never the intent; at once, or after a grace."""

import pytest

from deskline_core.cxone.site import CXone
from deskline_core.errors import InvalidValue
from deskline_core.lifecycle import Intent, Visibility
from deskline_core.policy import Policy
from deskline_core.presence import Presence
from deskline_core.session import Session

NOW = 1_780_000_000.0
SITE = CXone(environment="EU1", brand_id=1386, channel_id="chat_5f1d")


def presence_of(grace: float = 0.0) -> tuple[Presence, Session]:
    """Return the presence of a session at NOW whose policy has this grace."""
    session = Session(SITE, policy=Policy(background_grace=grace), seed=b"a seed of at least sixteen bytes")
    session.now = NOW
    return Presence(session), session


def test_a_chat_is_wanted_when_the_user_says_so_and_the_app_is_in_sight() -> None:
    presence, _ = presence_of()
    assert (presence.intent, presence.visibility, presence.is_wanted) == (Intent.DETACHED, Visibility.ACTIVE, False)
    presence.want()
    assert presence.is_wanted
    presence.want()
    assert presence.is_wanted
    presence.detach()
    presence.detach()
    assert (presence.intent, presence.is_wanted) == (Intent.DETACHED, False)


def test_background_keeps_the_intent() -> None:
    presence, _ = presence_of()
    presence.want()
    presence.enter_background()
    presence.enter_background()
    assert (presence.intent, presence.visibility, presence.is_wanted) == (Intent.WANTED, Visibility.BACKGROUND, False)
    presence.enter_active()
    presence.enter_active()
    assert presence.is_wanted


def test_the_intent_may_change_out_of_sight() -> None:
    presence, _ = presence_of()
    presence.enter_background()
    presence.want()
    assert not presence.is_wanted
    presence.enter_active()
    assert presence.is_wanted
    presence.enter_background()
    presence.detach()
    presence.enter_active()
    assert not presence.is_wanted


# --- with a grace ---


def test_a_wanted_chat_goes_on_until_the_grace_is_over() -> None:
    presence, session = presence_of(grace=20)
    presence.want()
    presence.enter_background()
    assert (presence.visibility, presence.is_wanted, session.next_deadline) == (Visibility.LINGERING, True, NOW + 20)
    presence.end_grace()
    assert (presence.visibility, presence.is_wanted, presence.is_away) == (Visibility.BACKGROUND, False, True)
    presence.end_grace()
    assert presence.is_away


def test_to_say_it_twice_makes_no_grace_longer() -> None:
    presence, session = presence_of(grace=20)
    presence.want()
    presence.enter_background()
    session.now = NOW + 15
    presence.enter_background()
    assert session.next_deadline == NOW + 20


def test_who_is_back_in_time_never_was_away_and_has_a_whole_grace_the_next_time() -> None:
    presence, session = presence_of(grace=20)
    presence.want()
    presence.enter_background()
    session.now = NOW + 15
    presence.enter_active()
    assert (presence.visibility, session.next_deadline) == (Visibility.ACTIVE, None)
    presence.enter_background()
    assert session.next_deadline == NOW + 35


def test_a_chat_that_nobody_wants_has_nothing_to_go_on_with() -> None:
    presence, session = presence_of(grace=20)
    presence.enter_background()
    assert (presence.visibility, session.next_deadline) == (Visibility.BACKGROUND, None)


def test_only_a_negative_grace_is_no_grace() -> None:
    assert Policy(background_grace=0).background_grace == 0
    for wrong in (-1.0, float("nan")):
        with pytest.raises(InvalidValue, match="background_grace must not be negative"):
            Policy(background_grace=wrong)
