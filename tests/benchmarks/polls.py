"""V10: a thousand long polls in one process, in which nothing happens, beside httpx alone holding the same."""

from functools import partial
from statistics import median

from tests.benchmarks.load import Scale, pipes, process
from tests.benchmarks.measure import Figure, interleaved

__all__ = ["idle_polls"]

_RUNTIMES = ("trio", "asyncio")
_WHAT = {"transport": "the transport", "deskline": "whole sessions"}
_MOST = 3
"""Each of these measurements takes seconds, over which a busy moment evens out."""


def idle_polls(repeats: int, scale: Scale) -> list[Figure]:
    """Memory of each, and processor time for each time that one is answered, by an empty answer, and asked again.

    One client of httpx may hold a thousand, but cannot serve them: each answer makes its pool look at every connection,
    and at all of them again for each that is idle. So what an answer takes is measured beside a client for each poll.
    """
    hold = 2.0 * scale.seconds
    memory: dict[str, list[float]] = {}
    shares: dict[str, list[float]] = {}

    def run(kind: str, port: int, repeat: int) -> float:
        with process("poll_client", kind, str(port), str(scale.polls), str(hold)) as client:
            told, _ = pipes(client)
            taken = float(told.readline())
            if kind.startswith("httpx"):
                client.kill()
            cost, share = (float(told.readline() or 0) for _ in range(2))
        if repeat:
            memory.setdefault(kind, []).append(taken)
            shares.setdefault(kind, []).append(share)
        return cost

    with process("poll_peer", str(hold)) as peer:
        told, asked = pipes(peer)
        port = int(told.readline())
        kinds = [f"{what}.{runtime}" for runtime in _RUNTIMES for what in ("httpx", "clients", *_WHAT)]
        costs = interleaved({kind: partial(run, kind, port) for kind in kinds}, min(repeats, _MOST))
        asked.close()
    return [
        figure
        for runtime in _RUNTIMES
        for what, name in _WHAT.items()
        for figure in (
            Figure(
                id="V10", what=f"memory of each of {scale.polls} held polls, {name}, {runtime}",
                value=median(memory[f"{what}.{runtime}"]), unit="KiB",
                reference="httpx, one client", reference_value=median(memory[f"httpx.{runtime}"]),
            ),
            Figure(
                id="V10", what=f"processor time for each empty answer, {name}, {runtime}",
                value=costs[f"{what}.{runtime}"], unit="us",
                reference="httpx, a client each", reference_value=costs[f"clients.{runtime}"],
                note=f"{scale.polls} held for {hold:g} s: {median(shares[f'{what}.{runtime}']):.1f} % of a processor",
            ),
        )
    ]  # fmt: skip
