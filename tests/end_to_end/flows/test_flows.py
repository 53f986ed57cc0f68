"""Every flow of the vendor's event diagrams on real sockets: each scenario on both runtimes, in each mode it is for."""

from typing import Any

import pytest

from tests.end_to_end.flows.branches import BRANCHES, ELSEWHERE, FLOWS
from tests.end_to_end.flows.places import ANYWHERE
from tests.end_to_end.flows.rehearsed import rehearsed
from tests.end_to_end.flows.served import RUNTIMES, Case, Outcome, Runtime, play_all

Played = dict[Runtime, dict[Case, Outcome]]
CASES = [(scenario, place) for flow in FLOWS for scenario in flow.scenarios for place in scenario.on]
NAMES = [f"{flow.name}: {s.name}-{on.name}" for flow in FLOWS for s in flow.scenarios for on in s.on]


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest) -> Played:
    """What became of all cases that this run asks for: they are played side by side, and looked at one by one."""
    wanted: dict[Runtime, list[Case]] = {runtime: [] for runtime in RUNTIMES}
    for item in request.session.items:
        if isinstance(item, pytest.Function) and item.originalname == test_flow.__name__:
            asked: dict[str, Any] = dict(item.callspec.params)
            wanted[asked["runtime"]].append(asked["case"])
    return {runtime: play_all(runtime, cases) for runtime, cases in wanted.items() if cases}


@pytest.mark.parametrize("case", CASES, ids=NAMES)
@pytest.mark.parametrize("runtime", RUNTIMES, ids=lambda runtime: runtime.name)
def test_flow(played: Played, runtime: Runtime, case: Case) -> None:
    """What an app sees is what the flow's page says, on real sockets, too."""
    outcome = played[runtime][case]
    if outcome.error is not None:
        raise outcome.error
    rehearsal = rehearsed(*case)
    assert tuple(outcome.seen) == rehearsal.seen
    assert outcome.left == rehearsal.left


def test_every_error_branch_is_taken_or_cannot_be() -> None:
    taken = {branch for flow in FLOWS for scenario in flow.scenarios for branch in scenario.branches}
    assert taken <= set(BRANCHES)
    assert taken | set(ELSEWHERE) == set(BRANCHES)


def test_scenarios_say_what_happens() -> None:
    for flow in FLOWS:
        names = [scenario.name for scenario in flow.scenarios]
        assert len(names) == len(set(names))
        for scenario in flow.scenarios:
            assert scenario.says
            assert set(scenario.on) <= set(ANYWHERE)
