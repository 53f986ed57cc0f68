"""Visibility and intent: background withdraws the effect of the intent, never the intent."""

from deskline_core.lifecycle import Intent, Visibility
from deskline_core.presence import Presence


def test_a_chat_is_wanted_when_the_user_says_so_and_the_app_is_in_sight() -> None:
    presence = Presence()
    assert (presence.intent, presence.visibility, presence.is_wanted) == (Intent.DETACHED, Visibility.ACTIVE, False)
    presence.want()
    assert presence.is_wanted
    presence.want()
    assert presence.is_wanted
    presence.detach()
    presence.detach()
    assert (presence.intent, presence.is_wanted) == (Intent.DETACHED, False)


def test_background_keeps_the_intent() -> None:
    presence = Presence()
    presence.want()
    presence.enter_background()
    presence.enter_background()
    assert (presence.intent, presence.visibility, presence.is_wanted) == (Intent.WANTED, Visibility.BACKGROUND, False)
    presence.enter_active()
    presence.enter_active()
    assert presence.is_wanted


def test_the_intent_may_change_out_of_sight() -> None:
    presence = Presence()
    presence.enter_background()
    presence.want()
    assert not presence.is_wanted
    presence.enter_active()
    assert presence.is_wanted
    presence.enter_background()
    presence.detach()
    presence.enter_active()
    assert not presence.is_wanted
