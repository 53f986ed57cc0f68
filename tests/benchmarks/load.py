"""V4 and the adapters' part of V5: whole chats over loopback, beside the bare WebSocket libraries."""

import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import IO

import msgspec

from tests.benchmarks.measure import Figure, interleaved

__all__ = ["Scale", "connection_memory", "delivery", "pipes", "process"]

_PAIRS = {"deskline.trio": "trio-websocket", "deskline.asyncio": "websockets"}
_DELIVERY_GOALS = {"deskline.trio": 1.25, "deskline.asyncio": 1.30}
_MEMORY_GOALS = {"deskline.trio": 20.0, "deskline.asyncio": 14.0}
_MOST = 3
"""Each of these measurements takes seconds, over which a busy moment evens out."""


class Scale(msgspec.Struct, frozen=True, kw_only=True):
    """How many sessions V4 has, how many messages each gets in a second, and for how long; how many polls V10 has."""

    sessions: int = 200
    rate: int = 10
    seconds: int = 4
    polls: int = 1000


def delivery(repeats: int, scale: Scale) -> list[Figure]:
    """V4: processor time for each message that the app's ``async for`` gets."""
    with _peer() as (send, port):
        run = {kind: partial(_cost, kind, port, send, scale) for pair in _PAIRS.items() for kind in pair}
        found = interleaved(run, min(repeats, _MOST))
    return [
        Figure(
            id="V4", what=f"processor time per message, {scale.sessions} x {scale.rate}/s, {kind}", value=found[kind],
            unit="us", reference=f"bare {bare}", reference_value=found[bare], goal=_DELIVERY_GOALS[kind],
        )
        for kind, bare in _PAIRS.items()
    ]  # fmt: skip


def connection_memory(repeats: int) -> list[Figure]:
    """V5: what a whole session holds above a bare connection, with its reader, writer, timer and listener."""
    scale = Scale(sessions=300, rate=1, seconds=1)
    with _peer() as (send, port):
        run = {kind: partial(_memory, kind, port, send, scale) for pair in _PAIRS.items() for kind in pair}
        found = interleaved(run, min(repeats, _MOST))
    return [
        Figure(
            id="V5", what=f"whole session above the bare connection, {kind}", value=found[kind] - found[bare],
            unit="KiB", goal=_MEMORY_GOALS[kind],
            note=f"{found[kind]:.1f} KiB, bare {bare} {found[bare]:.1f} KiB",
        )
        for kind, bare in _PAIRS.items()
    ]  # fmt: skip


_Send = Callable[[int, int], None]


@contextmanager
def _peer() -> Generator[tuple[_Send, int]]:
    """Give the far side's port, and what makes it send."""
    with process("peer") as peer:
        told, asked = pipes(peer)

        def send(rate: int, seconds: int) -> None:
            asked.write(f"send {rate} {seconds}\n")
            asked.flush()

        yield send, int(told.readline())
        asked.close()


def _cost(kind: str, port: int, send: _Send, scale: Scale, _repeat: int) -> float:
    return _run(kind, port, send, scale)[1]


def _memory(kind: str, port: int, send: _Send, scale: Scale, _repeat: int) -> float:
    return _run(kind, port, send, scale)[0]


def _run(kind: str, port: int, send: _Send, scale: Scale) -> tuple[float, float]:
    messages = scale.rate * scale.seconds
    with process("client", kind, str(port), str(scale.sessions), str(messages)) as client:
        told, _ = pipes(client)
        memory = float(told.readline())
        send(scale.rate, scale.seconds)
        return memory, float(told.readline())


def process(name: str, *arguments: str) -> subprocess.Popen[str]:
    """Start a module of the benchmarks as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", f"tests.benchmarks.{name}", *arguments],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def pipes(process: subprocess.Popen[str]) -> tuple[IO[str], IO[str]]:
    """Return what it tells, and what it can be told by."""
    assert process.stdout is not None
    assert process.stdin is not None
    return process.stdout, process.stdin
