"""For people who test chat flows: everything that is needed runs in the test's own process, nearly all in virtual time.

- :class:`Pair`: a bare session and a contact center, joined; time passes when the test says so.
- :class:`MemoryCenter`: a contact center for whole programs on trio or asyncio, with the operator's controls.
- :class:`VirtualTime`, :func:`run_virtual`, :func:`in_virtual_time`: hours pass in milliseconds, on either runtime.
- :class:`FaultProxy`: what networks do to real sockets, in front of a :mod:`local center <deskline.center>`.
- :class:`FaultScript`: what goes wrong, and when, as data.
- :class:`Playbook`: inputs in, exactly these commands out, for people who bring their own I/O.
- :class:`ChatModel`: whatever happens in whatever order, found by Hypothesis.
- :class:`Simulation`: sessions, a center and a faulty network, made from one seed, and what must be true of them.
- :mod:`deskline.testing.fixtures`: pytest's fixtures ``center`` and ``open_chat``.

A name is loaded when it is first touched: only what uses a runtime, pytest or Hypothesis needs it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .books import Books
    from .center import MemoryCenter
    from .fault_proxy import FaultProxy, proxied, wire_faults
    from .faults import At, Cut, Double, FaultScript, HalfOpen, NetworkFault, On, Slow, Unreachable, Vanish
    from .model import ChatModel
    from .pair import BASE, SEED, START, Pair, site_for
    from .playbook import Came, Playbook
    from .simulation import Figures, Simulation, SmallWorlds, Violation
    from .virtual import Job, RuntimeName, VirtualTime, in_virtual_time, run_virtual

__all__ = [
    "BASE",
    "SEED",
    "START",
    "At",
    "Books",
    "Came",
    "ChatModel",
    "Cut",
    "Double",
    "FaultProxy",
    "FaultScript",
    "Figures",
    "HalfOpen",
    "Job",
    "MemoryCenter",
    "NetworkFault",
    "On",
    "Pair",
    "Playbook",
    "RuntimeName",
    "Simulation",
    "Slow",
    "SmallWorlds",
    "Unreachable",
    "Vanish",
    "Violation",
    "VirtualTime",
    "in_virtual_time",
    "proxied",
    "run_virtual",
    "site_for",
    "wire_faults",
]

_HOMES: Final = {
    "BASE": "pair",
    "SEED": "pair",
    "START": "pair",
    "At": "faults",
    "Books": "books",
    "Came": "playbook",
    "ChatModel": "model",
    "Cut": "faults",
    "Double": "faults",
    "FaultProxy": "fault_proxy",
    "FaultScript": "faults",
    "Figures": "simulation",
    "HalfOpen": "faults",
    "Job": "virtual",
    "MemoryCenter": "center",
    "NetworkFault": "faults",
    "On": "faults",
    "Pair": "pair",
    "Playbook": "playbook",
    "RuntimeName": "virtual",
    "Simulation": "simulation",
    "Slow": "faults",
    "SmallWorlds": "simulation",
    "Unreachable": "faults",
    "Vanish": "faults",
    "Violation": "simulation",
    "VirtualTime": "virtual",
    "in_virtual_time": "virtual",
    "proxied": "fault_proxy",
    "run_virtual": "virtual",
    "site_for": "pair",
    "wire_faults": "fault_proxy",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
