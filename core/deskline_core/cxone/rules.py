"""Rows of the lifecycle reference that are no transition: request rules and session rules, as data.

A request named in any request rule is checked against the connection's state before anything else happens; a pair
that no rule declares is refused.
"""

from collections.abc import Iterable

from ..errors import RefusalCode
from ..lifecycle import ThreadState
from ..machine import Kind, Rule, Rules
from .connection_table import CONNECTED, CONNECTING, ERRANDS, PREPARING, STATES, ConnectionState

__all__ = ["LOCAL", "RULES", "compile_rules"]

_S = ConnectionState
_THREAD = (
    "OpenThread", "StartTyping", "StopTyping", "MarkRead", "LoadMore", "EndThread", "RenameThread", "ArchiveThread",
    "SendTranscript", "ExecuteTrigger", "CreateInvitation", "SendInvitation", "LeaveThread", "JoinThread",
    "PreviewText",
)  # fmt: skip
_KEPT = (
    "StartThread", "SendMessage", "RetryMessage", "AnswerInactivity", "SetThreadFields", "SetCustomerFields",
)  # fmt: skip
_VISITS = (
    "ViewPage", "LeavePage", "ReportWindowOpened", "ReportConversion", "ReportOffer", "ReportVisitorEvent",
)  # fmt: skip
_UNCONNECTED = tuple(s for s in STATES if s not in CONNECTED)
_UNPREPARED = (_S.INITIAL, *PREPARING)
_PREPARED = (_S.PREPARED, _S.OFFLINE, *CONNECTING, *CONNECTED, _S.RECONNECT_WAIT, _S.LOST, *ERRANDS)
_TAKES_WORD = (_S.OFFLINE, *ERRANDS, *CONNECTED)


def _request(
    id: str, requests: tuple[str, ...], states: tuple[str, ...], says: str, refuse: RefusalCode | None = None
) -> Rule:
    return Rule(id=id, kind=Kind.REQUEST_RULE, requests=requests, states=states, says=says, refuse=refuse)


RULES: tuple[Rule, ...] = (
    _request("S42", _THREAD, _UNCONNECTED, "this needs a connection, and there is none", RefusalCode.NOT_CONNECTED),
    _request("S43", _VISITS, _UNPREPARED, "visitor events need a prepared chat",
             RefusalCode.ILLEGAL_STATE),
    _request("S44", _VISITS,
             _PREPARED,
             "visitor events go by REST, whatever the socket does"),
    _request("S45", ("SetCustomer",), tuple(s for s in STATES if s is not _S.INITIAL),
             "who the customer is can be set in initial only", RefusalCode.ILLEGAL_STATE),
    Rule(id="S46", kind=Kind.SESSION_RULE, says="a completion of an older attempt or socket is dropped and counted"),
    _request("D301", _THREAD, CONNECTED, "there is a connection: the thread's table decides"),
    _request("D310", ("Authenticate", "RegisterDevice"),
             tuple(s for s in STATES if s not in (_S.SIGNING_OUT, _S.UNSUPPORTED)),
             "noted now, and used when it is needed"),
    _request("D311", ("Authenticate",), (_S.SIGNING_OUT,), "the login of whoever chats next"),
    _request("D305", ("Authenticate", "RegisterDevice"), (_S.UNSUPPORTED,),
             "the far side refuses this client version", RefusalCode.VERSION_REFUSED),
    _request("D306", ("RegisterDevice",), (_S.SIGNING_OUT,), "the chat is signing out", RefusalCode.CHAT_CLOSED),
    _request("D302", ("SetCustomer",), (_S.INITIAL,), "nobody is known yet: this is who the customer is"),
    _request("D303", _VISITS, (_S.SIGNING_OUT, _S.UNSUPPORTED), "nothing is reported any more",
             RefusalCode.ILLEGAL_STATE),
    _request("D304", _KEPT, tuple(s for s in STATES if s not in (_S.SIGNING_OUT, _S.UNSUPPORTED)),
             "kept in the outbox until it can go"),
    _request("D305", _KEPT, (_S.UNSUPPORTED,), "the far side refuses this client version", RefusalCode.VERSION_REFUSED),
    _request("D306", _KEPT, (_S.SIGNING_OUT,), "the chat is signing out", RefusalCode.CHAT_CLOSED),
    _request("D320", ("SendOfflineMessage",), _TAKES_WORD, "sent over the line, or on an errand of its own"),
    _request("D321", ("SendOfflineMessage",),
             tuple(s for s in STATES if s not in (*_TAKES_WORD, _S.SIGNING_OUT, _S.UNSUPPORTED)),
             "whether anybody is there must be known first: connect", RefusalCode.NOT_CONNECTED),
    _request("D305", ("SendOfflineMessage", "FetchMenu"), (_S.UNSUPPORTED,),
             "the far side refuses this client version", RefusalCode.VERSION_REFUSED),
    _request("D306", ("SendOfflineMessage", "FetchMenu"), (_S.SIGNING_OUT,), "the chat is signing out",
             RefusalCode.CHAT_CLOSED),
    _request("D322", ("FetchMenu",), _UNPREPARED, "the menu needs a prepared chat", RefusalCode.ILLEGAL_STATE),
    _request("D323", ("FetchMenu",), _PREPARED, "the menu comes by REST, whatever the socket does"),
)  # fmt: skip

LOCAL: frozenset[tuple[str, str]] = frozenset(
    {
        ("OpenThread", ThreadState.PENDING),  # T11
        ("RenameThread", ThreadState.PENDING),  # T7
        ("ArchiveThread", ThreadState.PENDING),  # T8
        ("MarkRead", ThreadState.PENDING),  # T9
        ("LoadMore", ThreadState.PENDING),  # D121
        ("MarkRead", ThreadState.ENDED),  # T25
        ("EndThread", ThreadState.ENDED),  # T27
        ("ArchiveThread", ThreadState.ENDED),  # T26
        ("RenameThread", ThreadState.ENDED),  # T24
        ("StartTyping", ThreadState.ENDED),  # T24
        ("StopTyping", ThreadState.ENDED),
        ("PreviewText", ThreadState.ENDED),
        ("LeaveThread", ThreadState.ENDED),
    }
)
"""What needs no network in this state of the thread (section 2.2: "except local edits that need no network")."""


GOVERNED = frozenset(request for rule in RULES for request in rule.requests)


def compile_rules(rules: Iterable[Rule] = RULES) -> Rules:
    """Return the rules ready for look-up."""
    return Rules(rules)


STANDING = compile_rules()
