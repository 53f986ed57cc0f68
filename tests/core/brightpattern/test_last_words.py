"""A message that is on its way when the chat is left has a moment to get there, as frames on a socket have."""

from deskline_core import inputs as i
from tests.core.brightpattern.alone import CHAT, POLL, SEND, Alone, talking


def saying() -> Alone:
    """Return a session whose customer has just written something."""
    chat = talking()
    chat.ask(i.SendMessage, thread=CHAT, text="Thanks, bye")
    return chat


def test_whoever_disconnects_waits_for_the_message_that_is_on_its_way() -> None:
    chat = saying()
    assert chat.ask(i.Disconnect) == ["chat prepared", f"stop {POLL}"]
    assert chat.reply(SEND) == ["message sent", "Disconnect answered"]


def test_but_no_longer_than_for_a_socket_to_close() -> None:
    chat = saying()
    chat.ask(i.Disconnect)
    assert chat.wait(chat.session.policy.close_timeout - 0.1) == []
    assert chat.wait(0.2) == ["Disconnect answered"]
    assert chat.reply(SEND) == ["message sent"]


def test_what_comes_after_it_waits_until_the_chat_is_wanted_again() -> None:
    chat = saying()
    chat.ask(i.SendMessage, thread=CHAT, text="One more thing")
    chat.ask(i.Disconnect)
    assert chat.reply(SEND) == ["message sent", "Disconnect answered"]
    assert chat.open_calls() == []


def test_nobody_waits_for_what_only_passes() -> None:
    chat = talking()
    chat.ask(i.StartTyping, thread=CHAT)
    assert chat.open_calls() == [POLL, SEND]
    assert chat.ask(i.Disconnect) == ["chat prepared", f"stop {POLL}", "Disconnect answered"]
