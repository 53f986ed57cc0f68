"""One message on its way as a table; its rows have no ids in the references, so they have ours.

A message that was certainly not written goes back to the queue. One that may have been written and was not answered
is *uncertain* until recovery finds it, or does not.
"""

from .errors import RefusalCode
from .lifecycle import MessageStatus
from .machine import Row, others, row

__all__ = ["ROWS", "STATES", "is_settled"]

_S = MessageStatus
STATES = tuple(MessageStatus)
_SETTLED = frozenset({_S.DELIVERED, _S.SEEN, _S.FAILED})


def is_settled(status: str) -> bool:
    """Whether a status is an outcome: delivered, seen or failed."""
    return status in _SETTLED


_DECLARED: tuple[Row, ...] = (
    row("D401", "write", (_S.QUEUED, _S.UPLOADING), "handed to the socket", _S.SENDING),
    row("D402", "upload", (_S.QUEUED,), "its attachments go first", _S.UPLOADING),
    row("D403", "acknowledged", (_S.SENDING, _S.UNCERTAIN), "the far side accepted it", _S.SENT),
    row("D404", "unwritten", (_S.SENDING, _S.UPLOADING), "certainly not written: back to the queue", _S.QUEUED),
    row("D405", "doubtful", (_S.SENDING,), "it may have been written; nobody answered", _S.UNCERTAIN),
    row("D406", "refused", (_S.QUEUED, _S.UPLOADING, _S.SENDING, _S.UNCERTAIN, _S.SENT), "the far side refused it", _S.FAILED),
    row("D407", "server_copy", tuple(s for s in STATES if s not in (_S.DELIVERED, _S.SEEN)), "the far side has it", _S.DELIVERED),
    row("D408", "seen", tuple(s for s in STATES if s is not _S.SEEN), "the other side has seen it", _S.SEEN),
    row("D409", "absent", (_S.UNCERTAIN,), "not in the recovered history, and the site drops repeats: sent again", _S.QUEUED,
         guard="may_resend"),
    row("D410", "absent", (_S.UNCERTAIN,), "not in the recovered history", _S.FAILED),
    row("D411", "retry", (_S.FAILED,), "sent again under the same id", _S.QUEUED),
    Row(id="D412", trigger="retry", sources=tuple(s for s in STATES if s is not _S.FAILED), refuse=RefusalCode.ILLEGAL_STATE,
        says="only a failed message is sent again"),
    row("D413", "discard", (_S.QUEUED, _S.UPLOADING, _S.FAILED, _S.UNCERTAIN), "taken out by the app", then="remove"),
    Row(id="D414", trigger="discard", sources=(_S.SENDING, _S.SENT, _S.DELIVERED, _S.SEEN),
        refuse=RefusalCode.ILLEGAL_STATE, says="the message is on its way or has arrived"),
)  # fmt: skip

ROWS: tuple[Row, ...] = (
    *_DECLARED,
    *others("D415", STATES, _DECLARED, ("write", "upload", "acknowledged", "unwritten", "doubtful", "refused", "server_copy",
            "seen", "absent"), "the rank only rises: changes nothing"),
)  # fmt: skip
