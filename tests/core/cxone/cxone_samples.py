"""The composed samples of what CXone sends: one JSON object per line, with a name and the message."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from deskline_core.cxone import wire
from deskline_core.cxone.decode import decode_frame

LIMIT, SOURCE = 1024 * 1024, 4096

OUR_THREAD = "5e6f1a77-3a59-4c1e-8f0d-2f6d1b3c9a02"
LIVE_THREAD = "240525e7-5a93-46af-a89a-b864586782f4"


@cache
def samples() -> dict[str, Any]:
    """Return all messages by their names."""
    lines = (Path(__file__).parent / "samples.jsonl").read_text("utf-8").splitlines()
    return {line["name"]: line["message"] for line in map(json.loads, lines)}


def compact(value: object) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def frame(name: str) -> str:
    """Return the text of a frame as it travels."""
    message = samples()[name]
    return str(message["frame"]) if name.startswith("raw.") else compact(message)


def body(name: str) -> bytes:
    return compact(samples()[name]).encode()


def decode(text: str, limit: int = LIMIT, max_source: int = SOURCE) -> wire.Received:
    return decode_frame(text, limit=limit, max_source=max_source)


def message(name: str) -> wire.WireMessage:
    """Return the message of a MessageCreated."""
    received = decode(frame(name))
    assert isinstance(received, wire.MessageCreated)
    return received.data.message
