"""Every flow of both vendors on real sockets: each scenario at each place it is for.

At its first place each is played on both runtimes, at the others on one of them by turns; the slow runs have the rest.
"""

from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import AGAIN
from tests.end_to_end.flows import branches
from tests.end_to_end.flows.bright_pattern import branches as bright_pattern
from tests.end_to_end.flows.places import ANYWHERE, READINGS, V1, V2
from tests.end_to_end.flows.rehearsed import rehearsed
from tests.end_to_end.flows.served import RUNTIMES, Case, Outcome, Runtime, play_all, play_alone

Played = dict[Runtime, dict[Case, Outcome]]
FLOWS = (*branches.FLOWS, *bright_pattern.FLOWS)
MOST_AGAIN = 20
"""How many cases of a runtime may fail beside the others and be played once more: many at a time are no bad luck."""


def is_by_default(runtime: Runtime, turn: int, place: int) -> bool:
    """Tell whether a scenario is played by default at its so manyth place, on this runtime; ``turn`` is its own."""
    return place == 0 or RUNTIMES[(turn + place) % len(RUNTIMES)] is runtime


SCENARIOS = [(flow, scenario) for flow in FLOWS for scenario in flow.scenarios]
PLAYS = [
    pytest.param(
        runtime,
        (scenario, on),
        id=f"{runtime.name}-{flow.name}: {scenario.name}-{on.name}",
        marks=() if is_by_default(runtime, turn, place) else pytest.mark.slow,
    )
    for runtime in RUNTIMES
    for turn, (flow, scenario) in enumerate(SCENARIOS)
    for place, on in enumerate(scenario.on)
]


@pytest.fixture(scope="module")
def played(request: pytest.FixtureRequest) -> Played:
    """What became of all cases that this run asks for: they are played side by side, and looked at one by one."""
    wanted: dict[Runtime, list[Case]] = {runtime: [] for runtime in RUNTIMES}
    for item in request.session.items:
        if isinstance(item, pytest.Function) and item.originalname == test_flow.__name__:
            asked: dict[str, Any] = dict(item.callspec.params)
            wanted[asked["runtime"]].append(asked["case"])
    return {runtime: play(runtime, cases) for runtime, cases in wanted.items() if cases}


def play(runtime: Runtime, cases: list[Case]) -> dict[Case, Outcome]:
    """Play all cases side by side, and once more alone what failed there: the processor may have been starved."""
    outcomes = play_all(runtime, cases)
    failed = [case for case, outcome in outcomes.items() if not is_well(case, outcome)]
    for case in failed if len(failed) <= MOST_AGAIN else ():
        again = play_alone(runtime, case)
        again.before, outcomes[case] = outcomes[case], again
    return outcomes


def is_well(case: Case, outcome: Outcome) -> bool:
    """Tell whether a play came to its end, and what the app saw is what the page says."""
    rehearsal = rehearsed(*case)
    return outcome.error is None and (tuple(outcome.seen), outcome.left) == (rehearsal.seen, rehearsal.left)


@pytest.mark.parametrize(("runtime", "case"), PLAYS)
def test_flow(played: Played, runtime: Runtime, case: Case, record_property: Callable[[str, object], None]) -> None:
    """What an app sees is what the flow's page says, on real sockets, too."""
    outcome = played[runtime][case]
    if outcome.before is not None:
        record_property(AGAIN, repr(outcome.before.error or outcome.before.seen))
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
