"""What the far side does while the app is away: told once and in order on return, the end with its reason."""

from typing import Any

import pytest

from deskline_center import controls as k
from deskline_center.model import Channel
from deskline_core import inputs as i
from deskline_core.events import MessageReceived, ThreadEnded
from deskline_core.policy import Policy
from tests.core.away.interrupted import (
    LEAVING,
    LOSSES,
    TALK,
    Interrupted,
    Script,
    agree,
    away,
    back,
    brightpattern,
    cxone,
    meanwhile,
    passes,
    play,
    registers,
    sleeps,
)

CXONE = [cxone(mode, session) for mode in ("single", "multi", "live") for session in ("legacy", "secured")]
LIVE = [cxone("live", "legacy"), cxone("live", "secured"), brightpattern()]
HOURS = 5 * 3600
SAYS: Script = tuple(meanwhile(k.AgentSays, text=f"b{number}") for number in range(3))
ABSENCES: dict[str, Script] = {
    "awake": (passes(40),),
    **{f"asleep, loss {loss}": (sleeps(HOURS, loss),) for loss in LOSSES},
}


def named(channel: Any) -> str:
    """Return how a channel is called among tests."""
    return f"{channel.mode} {channel.session}" if hasattr(channel, "session") else "brightpattern"


def absent(channel: Channel, absence: str, *done: Script, grace: float = 0.0, talk: Script = TALK) -> list[Interrupted]:
    """Return a chat for each eighth moment at which the app left, all this was done meanwhile, and it came back."""
    policy = Policy(background_grace=grace)
    twin = play(channel, talk, policy=policy)
    acts = (away, *(act for script in done for act in script), *ABSENCES[absence], back)
    chats = [play(channel, talk, {moment: acts}, policy=policy) for moment in range(0, twin.moments, 8)]
    last = play(channel, talk, {twin.moments: acts}, policy=policy)
    for chat in (*chats, last):
        agree(chat)
    return [*chats, last]


@pytest.mark.parametrize("grace", [0.0, 30.0])
@pytest.mark.parametrize("absence", ABSENCES)
@pytest.mark.parametrize("channel", [*CXONE, brightpattern()], ids=named)
def test_what_was_said_meanwhile_is_news_on_return(channel: Channel, absence: str, grace: float) -> None:
    *_, last = absent(channel, absence, SAYS, grace=grace)
    assert [event.message.text for event in last.told(MessageReceived)][-3:] == ["b0", "b1", "b2"]


@pytest.mark.parametrize("grace", [0.0, 30.0])
@pytest.mark.parametrize("absence", ABSENCES)
@pytest.mark.parametrize("channel", LIVE, ids=named)
def test_the_end_of_a_chat_is_told_on_return_behind_its_last_words(
    channel: Channel, absence: str, grace: float
) -> None:
    *_, last = absent(channel, absence, SAYS, (meanwhile(k.CloseContact),), grace=grace)
    (ended,) = last.told(ThreadEnded)
    heard = last.told(MessageReceived)[-1]
    assert (ended.reason, heard.message.text, last.thread.state) == ("agent", "b2", "ended")
    assert last.events.index(heard) < last.events.index(ended)
    assert last.session.state == "ready"


@pytest.mark.parametrize("mode", ["single", "multi"])
@pytest.mark.parametrize("absence", ABSENCES)
def test_a_contact_that_is_closed_meanwhile_is_served_by_nobody(mode: Any, absence: str) -> None:
    *_, last = absent(cxone(mode, "legacy"), absence, (meanwhile(k.CloseContact),))
    assert (last.thread.state, last.thread.agent, last.told(ThreadEnded)) == ("open", None, [])
    last.said[last.ask(i.SendMessage, thread=last.thread_id, text="again")] = "again"
    last.advance(5)
    agree(last)
    assert len(last.far.contacts) == 2


@pytest.mark.parametrize("absence", ABSENCES)
def test_a_warning_that_runs_out_meanwhile_is_the_reason(absence: str) -> None:
    *_, last = absent(cxone("live", "legacy"), absence, (meanwhile(k.WarnInactive, seconds=30),))
    (ended,) = last.told(ThreadEnded)
    assert ended.reason == "inactivity"


def test_a_warning_that_stands_on_return_has_as_much_less_time() -> None:
    *_, last = absent(cxone("live", "legacy"), "awake", (meanwhile(k.WarnInactive, seconds=300),))
    assert last.told(ThreadEnded) == []
    assert last.thread.inactivity is not None


# --- a client that does not poll, or says nothing, is given up (Bright Pattern reference, sections 10 and 12) ---


@pytest.mark.row("B52")
@pytest.mark.parametrize(("talk", "settings", "state"), [
    (TALK, {}, "open"),
    ((registers, *TALK), {}, "ended"),
    ((registers, *TALK), {"push_keeps_alive": True}, "open"),
])  # fmt: skip
def test_out_of_sight_a_chat_lives_as_long_as_it_is_polled_or_pushes_keep_it(
    talk: Script, settings: dict[str, Any], state: str
) -> None:
    channel = brightpattern(unresponsive=120.0, **settings)
    twin = play(channel, talk)
    last = play(channel, talk, {twin.moments: (away, passes(HOURS), back)})
    assert (last.thread.state, last.session.state) == (state, "ready")
    assert [event.reason for event in last.told(ThreadEnded)] == ([] if state == "open" else ["lost"])


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("acts", [*LEAVING.values(), ()])
def test_a_chat_that_was_given_up_while_the_machine_slept_is_told_lost(acts: Script, loss: str) -> None:
    channel = brightpattern(unresponsive=120.0, history_after_end=0.0)
    twin = play(channel, TALK)
    for moment in range(4, twin.moments + 1):
        last = play(channel, TALK, {moment: (*acts, sleeps(HOURS, loss), back)})
        (ended,) = last.told(ThreadEnded)
        assert (ended.reason, last.thread.state, last.session.state) == ("lost", "ended", "ready")


@pytest.mark.parametrize("loss", LOSSES)
def test_a_customer_who_was_silent_for_too_long_is_told_so_on_return(loss: str) -> None:
    channel = brightpattern(inactivity=600.0)
    twin = play(channel, TALK)
    last = play(channel, TALK, {twin.moments: (away, sleeps(HOURS, loss), back)})
    (ended,) = last.told(ThreadEnded)
    assert (ended.reason, ended.text) == ("inactivity", "The chat was closed, since nobody answered.")
    assert last.thread.inactivity is None
