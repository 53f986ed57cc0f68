"""Many chats in virtual time, through all faults: the pure :mod:`deskline_center.simulation`, under the kit's roof."""

from deskline_center.simulation import Figures, Simulation, SmallWorlds, Violation

__all__ = ["Figures", "Simulation", "SmallWorlds", "Violation"]
