"""What leaves a center: answers to requests, frames for sockets, and what became of the operator's controls."""

from typing import Any

import msgspec

__all__ = [
    "Abandon",
    "AcceptSocket",
    "AnswerControl",
    "Command",
    "Continue",
    "Drop",
    "Push",
    "RefuseControl",
    "RefuseSocket",
    "Respond",
]


class Respond(msgspec.Struct, frozen=True, kw_only=True):
    """Answer the REST request ``id``; with ``more`` the body goes on by :class:`Continue`."""

    id: str
    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    more: bool = False


class Continue(msgspec.Struct, frozen=True, kw_only=True):
    """Go on with the answer to the REST request ``id``, which ends when there is no ``more``."""

    id: str
    body: bytes = b""
    more: bool = True


class Abandon(msgspec.Struct, frozen=True, kw_only=True):
    """Give the REST request ``id`` no answer, or no more of it: cut its connection."""

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


Command = Respond | Continue | Abandon | AcceptSocket | RefuseSocket | Push | Drop | AnswerControl | RefuseControl
