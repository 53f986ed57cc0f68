"""Where each wire event goes in the chat's table, and by what it is known again (flow F4, step 4)."""

from collections.abc import Callable
from typing import Any, Final

from . import wire

__all__ = ["LAST_COUNTS", "ROUTES", "key_of"]

LAST_COUNTS: Final = frozenset({"status", "typing", "case", "info", "warning"})
"""Kinds of which the last one counts, however often it was said before."""
_STATES: Final = frozenset({"ivr", "queued", "connecting", "connected", "completed", "failed"})

Key = tuple[object, ...]


def _numbered(kind: str) -> Callable[[Any, str], Key]:
    """Known by party and id; by what it holds where it has no id; one of the customer's by its id alone (9.1)."""

    def key(event: Any, chat_id: str) -> Key:  # noqa: ANN401 - several structs with the same two fields
        if not event.msg_id:
            return (kind, event)
        return ("own", event.msg_id) if event.party_id == chat_id else (kind, event.party_id, event.msg_id)

    return key


def _file_key(event: wire.ChatSessionFile, chat_id: str) -> Key:
    if not event.msg_id:
        return ("file", event.file_id)
    return ("own", event.msg_id) if event.party_id == chat_id else ("file", event.party_id, event.msg_id)


_KEYS: Final[dict[type, Callable[[Any, str], Key]]] = {
    wire.ChatSessionStatus: lambda _event, _id: ("status",),
    wire.ChatSessionTyping: lambda event, _id: ("typing", event.party_id),
    wire.ChatSessionNotTyping: lambda event, _id: ("typing", event.party_id),
    wire.ChatSessionCaseSet: lambda _event, _id: ("case",),
    wire.ChatSessionInfo: lambda _event, _id: ("info",),
    wire.ChatSessionMessage: _numbered("message"),
    wire.ChatSessionLocation: _numbered("location"),
    wire.ChatSessionFile: _file_key,
    wire.ChatSessionSignaling: _numbered("signaling"),
    wire.ChatSessionNavigation: _numbered("navigation"),
    wire.ChatSessionMessageDelivered: lambda event, _id: ("delivered", event.party_id, event.ref_msg_id),
    wire.ChatSessionMessageRead: lambda event, _id: ("read", event.party_id, event.ref_msg_id),
    wire.ChatSessionTimeoutWarning: lambda event, _id: (event,) if event.at else ("warning",),  # of no time, of any
    wire.ChatSessionEnded: lambda _event, _id: ("ended",),
    wire.ChatSessionFormShow: lambda event, _id: ("form", event.form_request_id),
    wire.ChatSessionSecureFormShow: lambda event, _id: ("secure form", event.form_request_id),
    wire.ChatSessionSecureFormCancel: lambda event, _id: ("form cancelled", event.form_request_id),
}
"""All others are known by all that they hold, their time above all."""


def key_of(event: wire.WireEvent, chat_id: str) -> Key:
    """Return what an event is known by when it comes again."""
    key = _KEYS.get(type(event))
    return key(event, chat_id) if key is not None else (event,)


def _status(event: wire.ChatSessionStatus) -> str:
    word = event.state.lower()
    if word == "establishing":  # of older centers (8.1): nobody but the scenario is there yet
        return "status_ivr"
    return f"status_{word}" if word in _STATES else "status_unknown"


ROUTES: Final[dict[type, str | Callable[[Any], str]]] = {
    wire.ChatSessionStatus: _status,
    wire.ChatSessionEnded: "ended",
    wire.ChatSessionInactivityTimeout: "inactivity_timeout",
    wire.ChatSessionTimeoutWarning: "warning",
    wire.ChatSessionPartyJoined: "party_joined",
    wire.ChatSessionPartyLeft: "party_left",
    wire.ChatSessionMessage: "message",
    wire.ChatSessionMessageDelivered: "receipt",
    wire.ChatSessionMessageRead: "receipt",
    wire.ChatSessionTyping: "typing",
    wire.ChatSessionNotTyping: "typing",
    wire.ChatSessionCaseSet: "case_set",
    wire.ChatSessionFormShow: "form_show",
    wire.ChatSessionSecureFormShow: "form_show",
    wire.ChatSessionSecureFormCancel: "form_cancel",
    wire.ChatSessionFile: "shared",
    wire.ChatSessionFileUrl: "shared",
    wire.ChatSessionLocation: "shared",
}
"""The trigger of each; all others are ``other``."""
