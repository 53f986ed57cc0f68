"""What a process holds: memory, objects, descriptors, threads; and how much of it is too much more than before."""

import gc
import os
import sys
import threading
from pathlib import Path
from typing import Final

import msgspec

__all__ = ["Margin", "Measure", "measure"]

_HERE: Final = Path("/proc/self")


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """What one process holds at a moment of rest. ``resident`` is KiB; 0 where the system does not tell."""

    sessions: int
    resident: int
    objects: int
    blocks: int
    descriptors: int
    tasks: int
    threads: int


class Margin(msgspec.Struct, frozen=True, kw_only=True):
    """How much more than before something may be: a share of it, and a number."""

    share: float
    number: int

    def allows(self, before: int, after: int) -> bool:
        """Tell whether it has not grown."""
        return after <= before * (1 + self.share) + self.number


def measure(sessions: int, tasks: int) -> Measure:
    """Collect what is garbage, and measure what is left."""
    for _ in range(3):
        gc.collect()
    return Measure(
        sessions=sessions,
        resident=_resident(),
        objects=len(gc.get_objects()),
        blocks=sys.getallocatedblocks(),
        descriptors=len(os.listdir(_HERE / "fd")) if _HERE.exists() else 0,  # noqa: PTH208 - counted, not walked
        tasks=tasks,
        threads=threading.active_count(),
    )


def _resident() -> int:
    if not _HERE.exists():
        return 0
    lines = (_HERE / "status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
