"""The guards of the traps are where they are said to be; that tests notice their absence is another command."""

import pytest

from tests.mutation.guards import Guard, carriers, guards, without_guard


@pytest.mark.parametrize("guard", guards(), ids=lambda guard: f"{guard.rows[0]}: {guard.why}")
def test_a_guard_stands_where_it_is_said_to(guard: Guard) -> None:
    assert [fault for change in guard.changes if (fault := change.faults())] == []


def test_every_trap_that_a_test_carries_has_a_guard_or_a_reason_why_none() -> None:
    guarded = {row for guard in guards() for row in guard.rows}
    assert guarded & without_guard().keys() == set()
    assert guarded | without_guard().keys() == carriers().keys()
