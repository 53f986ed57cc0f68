"""The same seed and the same inputs give the same bytes; what the parts promise."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskline_center import Command
from deskline_center.controls import AgentSays, ViaUrl, WarnInactive
from deskline_center.deadlines import Deadlines
from deskline_center.ids import Ids
from tests.center.visitor import Far


def a_chat(seed: str) -> list[Command]:
    far = Far(mode="live", session="secured", script="echo", seed=seed)
    visitor = far.visitor()
    visitor.say()
    far.later(3)
    far.do(ViaUrl(match="MessageCreated"))
    far.do(AgentSays(text="Hello"))
    far.do(WarnInactive(seconds=5))
    visitor.ask("RecoverLivechat", {})
    far.later(60)
    return far.commands


def test_same_seed_same_bytes() -> None:
    assert a_chat("one") == a_chat("one")
    assert a_chat("one") != a_chat("two")


@pytest.mark.parametrize("draw", [Ids.uuid, Ids.number, lambda ids: ids.token("txn")])
def test_ids_differ(draw: "object") -> None:
    ids = Ids("seed")
    assert len({draw(ids) for _ in range(1000)}) == 1000  # type: ignore[operator]


def test_ids_are_in_their_form() -> None:
    ids = Ids("seed")
    for id in (ids.uuid(), ids.derived_uuid("queue")):
        assert id == id.lower()
        assert (id[14], id[19] in "89ab", len(id)) == ("4", True, 36)
    assert ids.derived_uuid("a") == Ids("seed").derived_uuid("a") != ids.derived_uuid("b")
    assert ids.token("txn").replace(".", "").isalnum()


@given(st.lists(st.tuples(st.integers(0, 5), st.booleans()), max_size=30))
def test_deadlines_come_in_order_and_cancelled_ones_not_at_all(plan: list[tuple[int, bool]]) -> None:
    deadlines, served = Deadlines(), list[tuple[int, int]]()
    for index, (at, cancelled) in enumerate(plan):
        timer = deadlines.at(at, lambda at=at, index=index: served.append((at, index)))  # type: ignore[misc]
        if cancelled:
            timer.cancel()
            timer.cancel()
    expected = sorted((at, index) for index, (at, cancelled) in enumerate(plan) if not cancelled)
    assert deadlines.next == (expected[0][0] if expected else None)
    assert deadlines.take(-1) is None
    while (due := deadlines.take(5)) is not None:
        due[1]()
    assert served == expected
