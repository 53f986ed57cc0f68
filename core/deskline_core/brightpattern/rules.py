"""Which requests need what of the connection, as data: rows D641-D648."""

from ..errors import RefusalCode
from ..machine import Kind, Rule, Rules
from .connection_table import STATES, TRYING, ConnectionState

__all__ = ["HELD_BACK", "RULES", "STANDING"]

_S = ConnectionState
_NETWORK = (
    "OpenThread", "StartTyping", "StopTyping", "PreviewText", "MarkRead", "LoadMore", "EndThread", "WrapUp",
    "SubmitForm", "CancelForm", "SendSignal", "CloseCase", "AnswerInactivity",
)  # fmt: skip
HELD_BACK = frozenset(_NETWORK) - {"OpenThread", "StartTyping", "StopTyping", "PreviewText", "MarkRead"}
"""What waits while a history is read. What passes is not said later, and what is read is noted at once."""
_KEPT = ("StartThread", "SendMessage", "SendLocation", "RetryMessage", "RegisterDevice")
_UNPREPARED = (_S.INITIAL, _S.PREPARING, _S.SIGNING_OUT)
_UNCONNECTED = tuple(s for s in STATES if s not in (*TRYING, _S.SERVING))


def _request(
    id: str, requests: tuple[str, ...], states: tuple[str, ...], says: str, refuse: RefusalCode | None = None
) -> Rule:
    return Rule(id=id, kind=Kind.REQUEST_RULE, requests=requests, states=states, says=says, refuse=refuse)


RULES: tuple[Rule, ...] = (
    _request("D641", _NETWORK, _UNCONNECTED, "this needs a connection, and there is none", RefusalCode.NOT_CONNECTED),
    _request("D642", _NETWORK, (*TRYING, _S.SERVING), "at once, or as soon as the history is read"),
    _request("D643", ("SetCustomer",), (_S.INITIAL,), "nobody is known yet: this is who the customer is"),
    _request("D644", ("SetCustomer",), tuple(s for s in STATES if s is not _S.INITIAL),
             "who the customer is can be set in initial only", RefusalCode.ILLEGAL_STATE),
    _request("D645", _KEPT, (_S.SIGNING_OUT,), "the chat is signing out",
             RefusalCode.CHAT_CLOSED),
    _request("D646", _KEPT, tuple(s for s in STATES if s is not _S.SIGNING_OUT), "kept until it can go"),
    _request("D647", ("CheckAvailability", "FetchVersion", "FetchIceServers", "FetchConfiguration"), _UNPREPARED,
             "this needs a prepared chat", RefusalCode.ILLEGAL_STATE),
    _request("D648", ("CheckAvailability", "FetchVersion", "FetchIceServers", "FetchConfiguration"),
             tuple(s for s in STATES if s not in _UNPREPARED), "asked by a request of its own"),
)  # fmt: skip

STANDING = Rules(RULES)
