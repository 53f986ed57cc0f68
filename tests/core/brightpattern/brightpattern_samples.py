"""The composed samples of what travels with Bright Pattern: one JSON object per line, with a name and the message."""

import json
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from deskline_core.brightpattern import wire
from deskline_core.brightpattern.decode import read_events

SOURCE = 4096
CUSTOMER = "5e0c9a52-77d1-4b0e-8a4e-c2f1d86a3b90"
"""The chat's id, too: it is the customer's as a party."""
AGENT = "A1F04C6B-2D38-4E95-9B7A-60C3D5E8F712"
SCENARIO = "40D9B3E7-6A15-4C82-8F2E-9B7D01A5C6F3"
EXPERT = "C7720E1D-8B46-4FA3-A5D9-13F06B9E2C84"


@cache
def samples() -> dict[str, Any]:
    """Return all messages by their names."""
    lines = (Path(__file__).parent / "samples.jsonl").read_text("utf-8").splitlines()
    return {line["name"]: line["message"] for line in map(json.loads, lines)}


def body(name: str) -> bytes:
    """Return a message as it travels; None stands for an empty body."""
    message = samples()[name]
    return b"" if message is None else compact(message)


def compact(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def at(seconds: float) -> datetime:
    """Return a time by its seconds after the samples' first one."""
    return datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)


def batch(body: bytes, max_events: int = 1000, max_source: int = SOURCE) -> list[wire.WireEvent]:
    read = read_events(body, max_events=max_events, max_source=max_source)
    assert isinstance(read, list)
    return read


def event(fields: object) -> wire.WireEvent:
    """Read one event."""
    [read] = batch(compact({"events": [fields]}))
    return read
