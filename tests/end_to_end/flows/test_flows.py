"""Every flow of both vendors on real sockets: each scenario on both runtimes, at each place it is for."""

from typing import Any

import pytest

from tests.end_to_end.flows import branches
from tests.end_to_end.flows.bright_pattern import branches as bright_pattern
from tests.end_to_end.flows.places import ANYWHERE, READINGS, V1, V2
from tests.end_to_end.flows.rehearsed import rehearsed
from tests.end_to_end.flows.served import RUNTIMES, Case, Outcome, Runtime, play_all

Played = dict[Runtime, dict[Case, Outcome]]
FLOWS = (*branches.FLOWS, *bright_pattern.FLOWS)
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
    taken = {branch for flow in branches.FLOWS for scenario in flow.scenarios for branch in scenario.branches}
    assert taken <= set(branches.BRANCHES)
    assert taken | set(branches.ELSEWHERE) == set(branches.BRANCHES)


def test_every_step_and_branch_of_bright_pattern_is_taken() -> None:
    scenarios = [scenario for flow in bright_pattern.FLOWS for scenario in flow.scenarios]
    assert {branch for scenario in scenarios for branch in scenario.branches} == set(bright_pattern.BRANCHES)
    assert {step for scenario in scenarios for step in scenario.steps} == set(bright_pattern.STEPS)


def test_every_reading_of_the_reference_is_tried() -> None:
    tried = {place for flow in bright_pattern.FLOWS for scenario in flow.scenarios for place in scenario.on}
    assert tried == {V1, V2, *READINGS.values()}


def test_scenarios_say_what_happens() -> None:
    for flow in FLOWS:
        names = [scenario.name for scenario in flow.scenarios]
        assert len(names) == len(set(names))
        for scenario in flow.scenarios:
            assert scenario.says
            assert len(scenario.on) == len(set(scenario.on))
            assert set(scenario.on) <= {*ANYWHERE, V1, V2, *READINGS.values()}
