"""What is kept of one conversation over restarts: that it is there, what it lacks, and how far it was told."""

from typing import Final, Literal

import msgspec

from ..cursor import Cursor
from ..lifecycle import ThreadState
from ..pieces import REFUSED
from . import wire
from .thread import Thread

__all__ = ["record_of", "restore"]

_PENDING: Final = "pending"
_OPEN: Final = "open"


class _Kept(msgspec.Struct, omit_defaults=True):
    """A thread that has begun and not ended, and how far it was told."""

    state: Literal["pending", "open"]
    name: str = ""
    told: Cursor = Cursor()
    fields: tuple[wire.CustomField, ...] = ()


def record_of(thread: Thread) -> str:
    """Return a thread's record, or "" for one that a later run finds by itself, or not at all."""
    if thread.state is ThreadState.PENDING or (thread.state is ThreadState.RECOVERING and thread.was_pending(None)):
        state: Literal["pending", "open"] = _PENDING
    elif thread.state in (ThreadState.OPEN, ThreadState.ARCHIVING) or (
        thread.state is ThreadState.RECOVERING and thread.was_open(None)
    ):
        state = _OPEN
    else:
        return ""
    fields = tuple(wire.CustomField(ident=i, value=value, updated_at=at) for i, value, at in thread.custom.waiting)
    told = Cursor.of(thread.history.messages, thread.told)
    return msgspec.json.encode(_Kept(state, thread.name, told, fields)).decode()


def restore(thread: Thread, text: str) -> bool:
    """Make a new thread what its record says; False if that cannot be read."""
    try:
        kept = msgspec.json.decode(text, type=_Kept)
    except REFUSED:
        return False
    thread.name, thread.told = kept.name, kept.told
    thread.revive(ThreadState.PENDING if kept.state == _PENDING else ThreadState.OPEN)
    for field in kept.fields:
        thread.custom.restore(field)
    return True
