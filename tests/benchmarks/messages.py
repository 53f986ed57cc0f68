"""V1, V3 and V9: what a message costs in the core, from its frame to the app's event."""

import json
from collections.abc import Callable
from itertools import cycle

import msgspec

from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.cxone import wire
from deskline_core.events import HistoryLoaded
from deskline_core.policy import Policy
from deskline_core.session import Session
from tests.benchmarks import frames, sessions
from tests.benchmarks.measure import Figure, collector_at_rest, interleaved, timed

__all__ = ["one_message", "recovery", "steady_cost"]

_MANY = 900
"""Fewer than the default policy keeps of one thread."""


def one_message(repeats: int) -> list[Figure]:
    """V1: MessageCreated from the frame's text to the app's event, beside the strict decoding of the same frame."""
    strict = msgspec.json.Decoder(wire.Push)

    def whole(repeat: int) -> float:
        texts = frames.messages_created(repeat * _MANY, _MANY)
        session = sessions.ready()
        with collector_at_rest():
            return timed(lambda: sessions.deliver(session, texts), _MANY)

    def decoding(repeat: int) -> float:
        texts = frames.messages_created(repeat * _MANY, _MANY)
        with collector_at_rest():
            return timed(lambda: [None for text in texts if strict.decode(text) is None], _MANY)

    def untyped(repeat: int) -> float:
        texts = frames.messages_created(repeat * _MANY, _MANY)
        with collector_at_rest():
            return timed(lambda: [None for text in texts if json.loads(text) is None], _MANY)

    found = interleaved({"whole": whole, "decoding": decoding, "json": untyped}, repeats)
    size = len(frames.message_created(0))
    return [
        Figure(
            id="V1", what=f"message frame ({size} bytes) to app event", value=found["whole"], unit="us",
            reference="strict msgspec decoding", reference_value=found["decoding"], goal=2.0,
            note=f"json.loads alone: {found['json']:.2f} us",
        )
    ]  # fmt: skip


def recovery(repeats: int) -> list[Figure]:
    """V3: a recovered thread with 100 messages, decoded, merged and delivered, beside json.loads."""
    rounds = 20

    def whole(_repeat: int) -> float:
        return sum(_recover(*sessions.recovering()) for _ in range(rounds)) / rounds

    text = frames.thread_recovered("0", 0, 100)

    def untyped(_repeat: int) -> float:
        return timed(lambda: [None for _ in range(rounds) if json.loads(text) is None], rounds)

    found = interleaved({"whole": whole, "json": untyped}, repeats)
    return [
        Figure(
            id="V3", what=f"recovery of 100 messages ({len(text) / 1024:.0f} KiB)", value=found["whole"], unit="us",
            reference="json.loads", reference_value=found["json"], goal=1.0,
        )
    ]  # fmt: skip


def _recover(session: Session, event_id: str) -> float:
    text = frames.thread_recovered(event_id, 0, 100)
    commands: list[c.Command] = []
    cost = timed(lambda: commands.extend(session.handle(i.FrameReceived(socket=1, text=text), now=sessions.NOW)), 1)
    loaded = [one.event for one in commands if isinstance(one, c.Notify) and isinstance(one.event, HistoryLoaded)]
    assert len(loaded[0].messages) == 100
    return cost


def steady_cost(repeats: int) -> list[Figure]:
    """V9: what a message costs with ten times the history, behind a full window, and with ten times the sessions."""
    return [*_by_history(repeats), _by_sessions(repeats)]


def _by_history(repeats: int) -> list[Figure]:
    wide = Policy(history=100_000)

    def after(known: int, policy: Policy) -> Callable[[int], float]:
        def run(_repeat: int) -> float:
            session = sessions.ready(policy=policy)
            sessions.deliver(session, frames.messages_created(0, known))
            texts = frames.messages_created(known, _MANY)
            with collector_at_rest():
                return timed(lambda: sessions.deliver(session, texts), _MANY)

        return run

    found = interleaved({"some": after(500, wide), "many": after(5000, wide), "full": after(5000, Policy())}, repeats)
    return [
        Figure(
            id="V9", what="a message behind 5,000 others", value=found["many"], unit="us",
            reference="behind 500", reference_value=found["some"], goal=1.1,
        ),
        Figure(
            id="V9", what="a message that drives the oldest of 1,000 out", value=found["full"], unit="us",
            reference="behind 500, none driven out", reference_value=found["some"],
        ),
    ]  # fmt: skip


def _by_sessions(repeats: int) -> Figure:
    def over(count: int) -> Callable[[int], float]:
        def run(repeat: int) -> float:
            many = [sessions.ready() for _ in range(count)]
            texts = frames.messages_created(repeat * _MANY, _MANY)
            turns = list(zip(cycle(many), texts, strict=False))

            def deliver() -> None:
                for session, text in turns:
                    session.handle(i.FrameReceived(socket=1, text=text), now=sessions.NOW)

            with collector_at_rest():
                return timed(deliver, _MANY)

        return run

    found = interleaved({"few": over(20), "many": over(200)}, repeats)
    return Figure(
        id="V9", what="a message, 200 sessions in turn", value=found["many"], unit="us",
        reference="20 sessions", reference_value=found["few"], goal=1.1,
    )  # fmt: skip
