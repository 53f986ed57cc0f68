"""Whatever happens, and however often: away and back, sleep, losses, no network, words of the agent, at any moments."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from deskline_center import controls as k
from deskline_core import inputs as i
from deskline_core.policy import Policy
from tests.core.away.interrupted import (
    TALK,
    Act,
    Interrupted,
    agree,
    away,
    back,
    brightpattern,
    cxone,
    loses,
    meanwhile,
    passes,
    play,
    registers,
    sleeps,
)


def unplugged(chat: Interrupted) -> None:
    """There is no network for a while, and the app is told when it is back. What else is to happen comes after that."""
    later, chat.plan = chat.plan, {}
    chat.lose_all(reported=True)
    chat.network = False
    chat.advance(20)
    chat.network = True
    for moment in sorted(later):
        at = max(moment, chat.delivered)
        chat.plan[at] = (*chat.plan.get(at, ()), *later[moment])
    chat.put(i.NetworkReturned())


def left(chat: Interrupted) -> None:
    """The user does not want the chat for a while."""
    chat.was_left = True
    chat.do(i.Disconnect)
    chat.advance(3)
    chat.do(i.Open)


ACTS: dict[str, Act] = {
    "away": away, "back": back, "says": meanwhile(k.AgentSays, text="b"), "unplugged": unplugged, "left": left,
    **{f"{seconds} s pass": passes(seconds) for seconds in (0.4, 3, 29.5, 31, 700)},
    **{f"{loss} loss": loses(loss) for loss in ("reported", "unreported")},
    **{f"{seconds} s asleep, {loss}": sleeps(seconds, loss)
       for seconds in (1, 60, 18_000) for loss in ("", "reported", "unreported")},
}  # fmt: skip
SITES: dict[str, Any] = {
    **{f"{mode} {session}": (cxone(mode, session), TALK)
       for mode in ("single", "multi", "live") for session in ("legacy", "secured")},
    "polls": (brightpattern(), TALK),
    "pushes": (brightpattern(), (registers, *TALK)),
}  # fmt: skip
COURSES = st.lists(
    st.tuples(st.integers(0, 30), st.lists(st.sampled_from(sorted(ACTS)), min_size=1, max_size=4)), max_size=5
)


def followed(course: list[tuple[int, list[str]]]) -> dict[int, tuple[Act, ...]]:
    """Return the plan of a course, in which each step comes so many deliveries after the one before it."""
    plan: dict[int, tuple[Act, ...]] = {}
    moment = 0
    for gap, names in course:
        moment += gap
        plan[moment] = (*plan.get(moment, ()), *(ACTS[name] for name in names))
    return plan


def walk(examples: int) -> Callable[[str, float], None]:
    """Return a test of so many courses at a site."""

    def test(site: str, grace: float) -> None:
        @settings(max_examples=examples, deadline=None, derandomize=True, database=None)
        @given(COURSES)
        def run(course: list[tuple[int, list[str]]]) -> None:
            channel, talk = SITES[site]
            chat = play(channel, talk, followed(course), policy=Policy(background_grace=grace))
            agree(chat)
            assert chat.thread.state == "open"
            assert chat.thread.agent is not None

        run()

    return test


test_any_course_ends_well = pytest.mark.parametrize("grace", [0.0, 30.0])(
    pytest.mark.parametrize("site", SITES)(walk(20))
)
test_any_of_many_courses_ends_well = pytest.mark.slow(
    pytest.mark.parametrize("grace", [0.0, 30.0])(pytest.mark.parametrize("site", SITES)(walk(1500)))
)
