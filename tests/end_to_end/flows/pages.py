"""What the pages of the flows show of rehearsals: pictures of runs, and the table of what can go wrong."""

from collections.abc import Iterator

from tests.end_to_end.flows.play import Flow, Scenario
from tests.end_to_end.flows.rehearsed import rehearsed

__all__ = ["errors", "runs"]

_HEAD = ("What goes wrong", "What happens", "What the app sees", "Afterwards", "Reference")


def runs(flow: Flow) -> str:
    """Return the pictures of what goes well."""
    return "\n\n".join(_picture(scenario) for scenario in flow.scenarios if scenario.drawn and not scenario.branches)


def errors(flow: Flow) -> str:
    """Return the table of what can go wrong, and the pictures of the most important."""
    wrong = [scenario for scenario in flow.scenarios if scenario.branches]
    rows = [_HEAD, ("---",) * len(_HEAD), *map(_row, wrong)]
    table = "\n".join(f"| {' | '.join(row)} |" for row in rows)
    return "\n\n".join((table, *(_picture(scenario) for scenario in wrong if scenario.drawn)))


def _row(scenario: Scenario) -> tuple[str, ...]:
    rehearsal = rehearsed(scenario, scenario.on[0])
    seen = "; ".join(_counted(rehearsal.seen)) or "nothing"
    return (_title(scenario), scenario.says, seen, rehearsal.left or "-", "; ".join(map(_step, scenario.branches)))


def _counted(seen: tuple[str, ...]) -> Iterator[str]:
    """Yield what was seen, in order; what came several times in a row once."""
    for number, each in enumerate(seen):
        if number == 0 or seen[number - 1] != each:
            yield each


def _step(branch: str) -> str:
    section, step, *rest = branch.split()
    return f"{section}, {' '.join((step, *rest) if section == '21' else (step,))}"  # a list there has no steps


def _title(scenario: Scenario) -> str:
    return scenario.name.replace("_", " ").capitalize()


def _picture(scenario: Scenario) -> str:
    place = scenario.on[0]
    text = rehearsed(scenario, place).picture
    return f"### {_title(scenario)}\n\n{scenario.says} ({place.says})\n\n```mermaid\n{text}```"
