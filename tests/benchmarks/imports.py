"""V7: what an import costs over the bare interpreter, and what it does not load."""

import os
import subprocess
import sys
from collections.abc import Callable
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.benchmarks.measure import Figure, interleaved

__all__ = ["imports"]

_GOALS = {"deskline_core": 32.0, "deskline.trio": 135.0, "deskline.asyncio": 100.0}
_STATEMENTS = {
    "deskline_core": "import deskline_core.session, deskline_core.cxone.session, deskline_core.cxone.site",
    "deskline.trio": "import deskline.trio",
    "deskline.asyncio": "import deskline.asyncio",
}
_LIBRARIES = {
    "deskline_core": "import msgspec, transitions",
    "deskline.trio": "import msgspec, transitions, httpx, trio, trio_websocket",
    "deskline.asyncio": "import msgspec, transitions, asyncio, httpx, websockets.client",
}
_FOREIGN = ("asyncio", "httpx", "socket", "ssl", "trio")


def imports(repeats: int) -> list[Figure]:
    """Measure each import in an interpreter of its own, and look what the core has loaded."""
    libraries = {f"libraries of {name}": statement for name, statement in _LIBRARIES.items()}
    statements = {"interpreter": "", **_STATEMENTS, **libraries}
    with TemporaryDirectory() as compiled:  # else whoever forbids to write it would compile everything each time
        found = interleaved({name: _wall(statement, compiled) for name, statement in statements.items()}, repeats)
        loaded = _loaded(_STATEMENTS["deskline_core"], compiled)
    bare = found["interpreter"]
    return [
        Figure(
            id="V7", what=f"import {name}", value=found[name] - bare, unit="ms", goal=goal,
            note=f"its libraries alone: {found[f'libraries of {name}'] - bare:.0f} ms"
            + (_said(loaded) if name == "deskline_core" else ""),
        )
        for name, goal in _GOALS.items()
    ]  # fmt: skip


def _said(loaded: list[str]) -> str:
    return f"; loads {', '.join(loaded)}" if loaded else f"; loads none of {', '.join(_FOREIGN)}"


def _wall(statement: str, compiled: str) -> Callable[[int], float]:
    def run(_repeat: int) -> float:
        start = perf_counter()
        _python(statement, compiled)
        return (perf_counter() - start) * 1000

    return run


def _loaded(statement: str, compiled: str) -> list[str]:
    names = _python(
        f"{statement}\nimport sys\nprint(*[name for name in {_FOREIGN!r} if name in sys.modules])", compiled
    )
    return names.split()


def _python(code: str, compiled: str) -> str:
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "PYTHONPYCACHEPREFIX": compiled}
    done = subprocess.run([sys.executable, "-c", code], env=environment, check=True, capture_output=True, text=True)
    return done.stdout
