"""Sessions, a center and a faulty network in virtual time, all from one seed.

What is done to them stands in :mod:`~deskline_center.simulation.plan` as data; what must be true all the same in
:mod:`~deskline_center.simulation.promises`.
"""

from .figures import Figures
from .recording import diagram, journals
from .simulation import Simulation, Violation
from .small import SmallWorlds

__all__ = ["Figures", "Simulation", "SmallWorlds", "Violation", "diagram", "journals"]
