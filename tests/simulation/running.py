"""What the tests of simulated worlds share."""

import pytest

from deskline_center.simulation import Simulation, diagram
from deskline_center.simulation.plan import Vendor

CHATS = 2000
"""How many chats the default run simulates, over both vendors; each twice."""
BLOCKS = 10


def seeds(vendor: Vendor, block: int) -> range:
    """Return the seeds of one part of a vendor's share."""
    worlds = CHATS // Simulation.CUSTOMERS // 2 // BLOCKS
    return range(block * worlds, (block + 1) * worlds)


def keeps_its_promises(vendor: Vendor, seed: int) -> None:
    """Run a world twice; fail with the command that replays it, and how it goes, where it breaks a promise."""
    simulation = Simulation(vendor)
    _, violation = simulation.run(seed)
    if violation is not None:
        least = simulation.shrunk(violation)
        course = diagram(simulation.plan(seed, least.steps), least.customer)
        pytest.fail(
            f"{least.promise}: {least.says}\nreplay it:  {violation.command}\nor less:    {least.command}\n{course}"
        )
