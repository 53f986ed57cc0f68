"""The course of a world as journals, one for each run of a customer's program, and as a sequence diagram."""

from collections.abc import Sequence

from deskline_core.commands import Command
from deskline_core.diagram import sequence
from deskline_core.inputs import Input
from deskline_core.journal import Recorder

from .customer import Customer
from .plan import Plan
from .simulation import broken_by
from .world import World

__all__ = ["diagram", "journals"]


def journals(plan: Plan, customer: int) -> list[list[str]]:
    """Run a plan, and return the journal of each run of a customer's program, as lines."""
    recorded: list[list[str]] = []
    recorders: list[Recorder] = []

    def watch(watched: Customer, input: Input | None, commands: Sequence[Command]) -> None:
        if watched.number != customer:
            return
        if input is None:
            recorders.append(Recorder(watched.session))
            recorded.append([recorders[-1].header()])
        else:
            recorded[-1].append(recorders[-1].line(input, watched.world.now + watched.skew, commands))

    broken_by(World(plan.settings, watch=watch), plan)
    return recorded


def diagram(plan: Plan, customer: int) -> str:
    """Return the Mermaid sequence diagrams of all runs of a customer's program, one below the other."""
    return "\n".join(sequence(lines) for lines in journals(plan, customer))
