"""What leaves a center: answers to requests, frames for sockets, and what became of the operator's controls."""

from typing import Any

import msgspec

__all__ = [
    "Abandon",
    "AcceptSocket",
    "AnswerControl",
    "Command",
    "Drop",
    "Push",
    "RefuseControl",
    "RefuseSocket",
    "Respond",
]


class Respond(msgspec.Struct, frozen=True, kw_only=True):
    """Answer the REST request ``id``."""

    id: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""


class Abandon(msgspec.Struct, frozen=True, kw_only=True):
    """Give the REST request ``id`` no answer: cut its connection."""

    id: str


class AcceptSocket(msgspec.Struct, frozen=True, kw_only=True):
    """Finish the handshake of ``socket``."""

    socket: str


class RefuseSocket(msgspec.Struct, frozen=True, kw_only=True):
    """Refuse the handshake of ``socket`` with an HTTP status."""

    socket: str
    status: int


class Push(msgspec.Struct, frozen=True, kw_only=True):
    """Send one text frame."""

    socket: str
    text: str


class Drop(msgspec.Struct, frozen=True, kw_only=True):
    """End a socket: with a close frame of ``code`` and ``reason``, or abruptly when ``code`` is None."""

    socket: str
    code: int | None = None
    reason: str = ""


class AnswerControl(msgspec.Struct, frozen=True, kw_only=True):
    """The control ``id`` is done; ``value`` says what came of it."""

    id: str
    value: dict[str, Any]


class RefuseControl(msgspec.Struct, frozen=True, kw_only=True):
    """The control ``id`` was not possible and changed nothing; ``message`` says why."""

    id: str
    message: str


Command = Respond | Abandon | AcceptSocket | RefuseSocket | Push | Drop | AnswerControl | RefuseControl
