"""For people who test chat flows: everything that is needed runs in the test's own process and in virtual time.

- :class:`Pair`: a bare session and a contact center, joined; time passes when the test says so.
- :class:`MemoryCenter`: a contact center for whole programs on trio or asyncio, with the operator's controls.
- :class:`VirtualTime`, :func:`run_virtual`, :func:`in_virtual_time`: hours pass in milliseconds, on either runtime.
- :class:`FaultScript`: what goes wrong, and when, as data.
- :class:`Playbook`: inputs in, exactly these commands out, for people who bring their own I/O.
- :class:`ChatModel`: whatever happens in whatever order, found by Hypothesis.
- :mod:`deskline.testing.fixtures`: pytest's fixtures ``center`` and ``open_chat``.

A name is loaded when it is first touched: only what uses a runtime, pytest or Hypothesis needs it.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .pair import BASE, SEED, START, Pair, site_for

__all__ = [
    "BASE",
    "SEED",
    "START",
    "Pair",
    "site_for",
]

_HOMES: Final = {
    "BASE": "pair",
    "SEED": "pair",
    "START": "pair",
    "Pair": "pair",
    "site_for": "pair",
}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
