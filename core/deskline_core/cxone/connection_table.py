"""The connection of a CXone session as a table: rows S1-S49 of the lifecycle reference that are transitions.

Three rows of the reference lead "towards the socket" (S11 and those that refer to it): each is three rows here, by
what is still missing: availability, a transaction token, or nothing but the socket.

An *errand* leads from offline to a socket and back: it leaves messages with nobody there (rows D40-D53).
"""

from enum import StrEnum

from ..errors import RefusalCode
from ..lifecycle import ChatState
from ..machine import Row, others, refusal, row

__all__ = [
    "CONNECTED",
    "CONNECTING",
    "ERRANDS",
    "PROJECTION",
    "RESTING",
    "ROWS",
    "STATES",
    "ConnectionState",
    "project",
]


class ConnectionState(StrEnum):
    """The leaf states of the connection (lifecycle reference, section 10, region C)."""

    INITIAL = "initial"
    CONFIGURATION = "preparing configuration"
    VISITOR = "preparing visitor"
    PREPARED = "prepared"
    OFFLINE = "offline"
    AVAILABILITY = "connecting availability"
    TOKEN = "connecting token"  # noqa: S105 - a state
    SOCKET = "connecting socket"
    AUTHORIZING = "authorizing"
    RECOVERING = "recovering"
    SERVING = "serving"
    ENDING = "ending"
    RECONNECT_WAIT = "reconnect wait"
    LOST = "lost"
    ERRAND_TOKEN = "errand token"  # noqa: S105 - a state
    ERRAND_SOCKET = "errand socket"
    ERRAND_AUTHORIZING = "errand authorizing"
    ERRAND = "errand"
    SIGNING_OUT = "signing out"
    UNSUPPORTED = "unsupported"


_S = ConnectionState
STATES = tuple(ConnectionState)
PREPARING = (_S.CONFIGURATION, _S.VISITOR)
CONNECTING = (_S.AVAILABILITY, _S.TOKEN, _S.SOCKET)
CONNECTED = (_S.AUTHORIZING, _S.RECOVERING, _S.SERVING, _S.ENDING)
RESTING = (_S.PREPARED, _S.OFFLINE, _S.LOST)
ERRANDS = (_S.ERRAND_TOKEN, _S.ERRAND_SOCKET, _S.ERRAND_AUTHORIZING, _S.ERRAND)
UNDER_WAY = (*CONNECTING, *CONNECTED, _S.RECONNECT_WAIT)

PROJECTION: dict[str, ChatState] = {
    _S.INITIAL: ChatState.INITIAL,
    _S.CONFIGURATION: ChatState.PREPARING,
    _S.VISITOR: ChatState.PREPARING,
    _S.PREPARED: ChatState.PREPARED,
    _S.OFFLINE: ChatState.OFFLINE,
    _S.AVAILABILITY: ChatState.CONNECTING,
    _S.TOKEN: ChatState.CONNECTING,
    _S.SOCKET: ChatState.CONNECTING,
    _S.AUTHORIZING: ChatState.CONNECTED,
    _S.RECOVERING: ChatState.CONNECTED,
    _S.SERVING: ChatState.READY,
    _S.ENDING: ChatState.ENDING,
    _S.RECONNECT_WAIT: ChatState.CONNECTING,
    _S.LOST: ChatState.LOST,
    _S.ERRAND_TOKEN: ChatState.OFFLINE,
    _S.ERRAND_SOCKET: ChatState.OFFLINE,
    _S.ERRAND_AUTHORIZING: ChatState.OFFLINE,
    _S.ERRAND: ChatState.OFFLINE,
    _S.SIGNING_OUT: ChatState.SIGNING_OUT,
    _S.UNSUPPORTED: ChatState.UNSUPPORTED,
}
"""How the leaf states show to the app; reconnect wait shows as connecting.

An errand shows as offline: that nobody is available does not change while a message is left for them, and an app that
shows its form for such messages keeps it.
"""


def project(state: str) -> ChatState:
    """Return the app's word for a leaf state."""
    return PROJECTION[state]


def _towards(id: str, trigger: str, sources: tuple[str, ...], says: str, *, if_wanted: bool = False) -> tuple[Row, ...]:
    """Three rows that lead to the socket, by what is still missing; all of them only if the chat is wanted, where so."""
    suffix, last = ("_if_wanted", "is_wanted") if if_wanted else ("", None)
    return (
        Row(id=id, trigger=trigger, sources=sources, guard=f"needs_availability{suffix}", to=_S.AVAILABILITY,
            then="request_availability", says=f"{says}: first ask whether anyone is available"),
        Row(id=id, trigger=trigger, sources=sources, guard=f"needs_token{suffix}", to=_S.TOKEN,
            then="request_token", says=f"{says}: first get a transaction token"),
        Row(id=id, trigger=trigger, sources=sources, guard=last, to=_S.SOCKET,
            then="open_socket", says=f"{says}: open the socket"),
    )  # fmt: skip


_ILLEGAL = RefusalCode.ILLEGAL_STATE
_REST_LOST = "the attempts are used up"

_REFERENCE: tuple[Row, ...] = (
    # --- prepare ---
    row("S1", "prepare", (_S.INITIAL,), "fetch the channel configuration", _S.CONFIGURATION, then="request_configuration"),
    row("S2", "prepare", (_S.PREPARED, _S.OFFLINE), "prepare again; visitor and customer are kept", _S.CONFIGURATION,
         then="request_configuration"),
    row("S3", "prepare", PREPARING, "already preparing: join it"),
    refusal("S4", "prepare", (*UNDER_WAY, _S.LOST), _ILLEGAL, "prepare is not for a chat that is connecting, connected or lost"),
    refusal("S5", "prepare", (_S.UNSUPPORTED,), RefusalCode.VERSION_REFUSED, "the far side refuses this client version"),
    row("S6", "configured", (_S.CONFIGURATION,), "make sure of the ids, then register the visitor", _S.VISITOR,
         then="register_visitor"),
    row("S7", "visitor_stored", (_S.VISITOR,), "prepared", _S.PREPARED, then="finish_preparing"),
    row("S8", "preparation_failed", PREPARING, "a REST request failed after its retries", _S.INITIAL, then="give_up_preparing"),
    row("S9", "version_refused", PREPARING, "the far side refuses this client version", _S.UNSUPPORTED, then="give_up_for_good"),
    row("S10", "disconnect", PREPARING, "stop preparing", _S.INITIAL, then="stop_preparing"),
    # --- connect ---
    *_towards("S11", "connect", (_S.PREPARED, _S.LOST), "connect"),
    row("S12", "connect", (_S.OFFLINE,), "connect from offline: ask again whether anyone is available", _S.AVAILABILITY,
         then="request_availability"),
    row("S13", "agents_offline", (_S.AVAILABILITY,), "nobody is available", _S.OFFLINE, then="rest_offline"),
    row("S32", "availability_failed", (_S.AVAILABILITY,), _REST_LOST, _S.LOST, guard="is_exhausted", then="rest_lost"),
    row("S14", "availability_failed", (_S.AVAILABILITY,), "ask again after a while", _S.RECONNECT_WAIT,
         guard="may_retry_availability", then="wait"),
    row("S15", "connect", (*UNDER_WAY,), "already on its way: say again where it stands", then="repeat_state"),
    refusal("S16", "connect", (_S.INITIAL, *PREPARING), _ILLEGAL, "connect needs a prepared chat"),
    row("S17", "token_received", (_S.TOKEN,), "open the socket with this token", _S.SOCKET, then="open_socket"),
    row("S33", "token_expired", (_S.TOKEN,), "the credentials are used up", _S.LOST, guard="is_reconnecting",
         then="rest_unauthorized"),
    row("S18", "token_expired", (_S.TOKEN,), "the token cannot be renewed silently", _S.PREPARED, then="rest_unauthorized"),
    row("S33", "token_refused", (_S.TOKEN,), "the credentials are refused for good", _S.LOST, guard="is_reconnecting",
         then="rest_unauthorized"),
    row("S19", "token_refused", (_S.TOKEN,), "the token request was refused", _S.PREPARED, then="rest_unauthorized"),
    row("D21", "token_failed", (_S.TOKEN,), "the far side takes nothing from our address: no attempt can help", _S.LOST,
         guard="is_barred", then="rest_barred"),
    row("S32", "token_failed", (_S.TOKEN,), _REST_LOST, _S.LOST, guard="is_exhausted", then="rest_lost"),
    row("S20", "token_failed", (_S.TOKEN,), "try again after a while", _S.RECONNECT_WAIT, guard="is_reconnecting", then="wait"),
    row("S20", "token_failed", (_S.TOKEN,), "the first attempt is not retried", _S.LOST, then="rest_lost"),
    row("S21", "socket_opened", (_S.SOCKET,), "start the heartbeat, then authorize where it is needed", _S.AUTHORIZING,
         then="authorize"),
    row("S32", "socket_failed", (_S.SOCKET,), _REST_LOST, _S.LOST, guard="is_exhausted", then="rest_lost"),
    row("S23", "socket_failed", (_S.SOCKET,), "try again after a while", _S.RECONNECT_WAIT, guard="may_retry_socket", then="wait"),
    row("S22", "socket_failed", (_S.SOCKET,), "the first attempt is not retried", _S.LOST, then="rest_lost"),
    # --- authorize and recover ---
    row("S24", "authorized", (_S.AUTHORIZING,), "recover what the mode asks for", _S.RECOVERING, then="recover"),
    row("S25", "reconnect_refused", (_S.AUTHORIZING,), "drop the access token and authorize once", then="authorize_anew"),
    row("S26", "authorize_refused", (_S.AUTHORIZING,), "close the socket; the app has to authenticate again", _S.PREPARED,
         then="leave_unauthorized"),
    row("S27", "recovered", (_S.RECOVERING,), "all threads are known", _S.SERVING, then="serve"),
    row("S32", "recovery_failed", (_S.AUTHORIZING, _S.RECOVERING), _REST_LOST, _S.LOST, guard="is_exhausted", then="leave_lost"),
    row("S28", "recovery_failed", (_S.AUTHORIZING, _S.RECOVERING), "close the socket and try again after a while",
         _S.RECONNECT_WAIT, then="leave_and_wait"),
    # --- loss and return ---
    row("S32", "socket_lost", CONNECTED, _REST_LOST, _S.LOST, guard="is_exhausted", then="rest_lost"),
    row("S29", "socket_lost", CONNECTED, "the socket is lost: shown at once, another attempt after a while",
         _S.RECONNECT_WAIT, then="wait"),
    row("S32", "socket_closed", CONNECTED, _REST_LOST, _S.LOST, guard="is_exhausted", then="rest_lost"),
    row("S30", "socket_closed", CONNECTED, "the far side closed the socket in order: no different from a loss",
         _S.RECONNECT_WAIT, then="wait"),
    *_towards("S31", "wait_elapsed", (_S.RECONNECT_WAIT,), "the back-off is over"),
    # --- leave and end ---
    row("S34", "disconnect", UNDER_WAY, "the app no longer wants the chat", _S.PREPARED, then="leave"),
    row("S34", "background", UNDER_WAY, "the app is out of sight", _S.PREPARED, then="leave"),
    row("S35", "disconnect", (_S.OFFLINE, _S.LOST), "nothing to close", _S.PREPARED, then="leave"),
    row("S35", "background", (_S.OFFLINE, _S.LOST), "nothing to close", _S.PREPARED, then="leave"),
    row("S36", "disconnect", (_S.INITIAL, _S.PREPARED), "there is no connection", then="leave"),
    row("S37", "sign_out", tuple(s for s in STATES if s is not _S.SIGNING_OUT), "close, drain, then clear", _S.SIGNING_OUT,
         then="drain"),
    row("S37", "drained", (_S.SIGNING_OUT,), "everything is closed: clear and begin anew", _S.INITIAL, then="clear"),
    row("S38", "contact_ending", (_S.SERVING,), "the customer ends the contact", _S.ENDING),
    row("S39", "contact_closed", (_S.ENDING,), "the far side confirmed the end", _S.SERVING),
    row("S40", "thread_created", (_S.ENDING,), "a new conversation begins", _S.SERVING),
    row("S41", "version_refused", (_S.SERVING,), "the far side refuses this client version", _S.UNSUPPORTED, then="give_up_for_good"),
    *_towards("S47", "active", (_S.PREPARED, _S.LOST), "the app is back and the chat is still wanted", if_wanted=True),
    row("S47", "active", (_S.OFFLINE,), "the app is back: ask again whether anyone is available", _S.AVAILABILITY,
         guard="is_wanted", then="request_availability"),
    *_towards("S48", "network_returned", (_S.RECONNECT_WAIT,), "the network is back: no need to wait longer"),
    refusal("S49", "connect", (_S.UNSUPPORTED,), RefusalCode.VERSION_REFUSED, "the far side refuses this client version"),
)  # fmt: skip

_OWN: tuple[Row, ...] = (
    row("D1", "agents_online", (_S.AVAILABILITY,), "someone is available: first get a transaction token", _S.TOKEN,
         guard="needs_token", then="request_token"),
    row("D1", "agents_online", (_S.AVAILABILITY,), "someone is available: open the socket", _S.SOCKET, then="open_socket"),
    row("D2", "availability_failed", (_S.AVAILABILITY,), "the policy does not retry the first availability request", _S.LOST,
         then="rest_lost"),
    row("D3", "version_refused", tuple(s for s in UNDER_WAY if s is not _S.SERVING),
         "the far side refuses this client version: no attempt can help", _S.UNSUPPORTED, then="give_up_for_good"),
    row("D4", "contact_closed", (_S.SERVING,), "the far side ended the contact: the chat goes on being ready"),
    row("D20", "contact_stays", (_S.ENDING,), "the end was refused or never confirmed: the conversation goes on", _S.SERVING),
    row("D5", "background", PREPARING, "the REST work finishes and the chat rests in prepared"),
    refusal("D6", "prepare", (_S.SIGNING_OUT,), _ILLEGAL, "the chat is signing out"),
    refusal("D6", "connect", (_S.SIGNING_OUT,), _ILLEGAL, "the chat is signing out"),
    row("D7", "disconnect", (_S.SIGNING_OUT, _S.UNSUPPORTED), "there is no connection, or it is closing already", then="leave"),
    row("D8", "sign_out", (_S.SIGNING_OUT,), "already signing out: join it"),
    row("D18", "handshake_refused", (_S.SOCKET,), "a token from an earlier attempt was refused: get a new one", _S.TOKEN,
         guard="token_is_old", then="request_token"),
    row("S33", "handshake_refused", (_S.SOCKET,), "the credentials are refused for good", _S.LOST, guard="is_reconnecting",
         then="rest_unauthorized"),
    row("D19", "handshake_refused", (_S.SOCKET,), "a fresh token was refused", _S.PREPARED, then="rest_unauthorized"),
    row("D22", "login_lost", CONNECTED, "the access token cannot be renewed: the app has to authenticate again",
         _S.PREPARED, then="leave_unauthorized"),
    row("D17", "oversize_again", CONNECTED, "frames over the transport's limit again and again: no attempt can help",
         _S.LOST, then="rest_lost"),
)  # fmt: skip

_ERRAND: tuple[Row, ...] = (
    row("D40", "leave_word", (_S.OFFLINE,), "a message for nobody: first get a transaction token", _S.ERRAND_TOKEN,
         guard="needs_token", then="request_token"),
    row("D40", "leave_word", (_S.OFFLINE,), "a message for nobody: open the socket", _S.ERRAND_SOCKET, then="open_socket"),
    row("D41", "token_received", (_S.ERRAND_TOKEN,), "open the socket with this token", _S.ERRAND_SOCKET, then="open_socket"),
    row("D42", "socket_opened", (_S.ERRAND_SOCKET,), "authorize where it is needed", _S.ERRAND_AUTHORIZING, then="authorize"),
    row("D43", "reconnect_refused", (_S.ERRAND_AUTHORIZING,), "drop the access token and authorize once",
         then="authorize_anew"),
    row("D44", "authorized", (_S.ERRAND_AUTHORIZING,), "nothing is recovered: leave the messages", _S.ERRAND,
         then="carry_out_errand"),
    row("D45", "errand_over", (_S.ERRAND_TOKEN,), "nobody asks for it any more: stop the token request", _S.OFFLINE,
         then="drop_errand"),
    row("D45", "errand_over", ERRANDS[1:], "nothing is left to send: close the socket", _S.OFFLINE, then="end_errand"),
    row("D46", "handshake_refused", (_S.ERRAND_SOCKET,), "a token from an earlier attempt was refused: get a new one",
         _S.ERRAND_TOKEN, guard="token_is_old", then="request_token"),
    row("D47", "token_expired", (_S.ERRAND_TOKEN,), "the token cannot be renewed silently", _S.OFFLINE,
         then="fail_errand_unauthorized"),
    row("D47", "token_refused", (_S.ERRAND_TOKEN,), "the token request was refused", _S.OFFLINE,
         then="fail_errand_unauthorized"),
    row("D47", "handshake_refused", (_S.ERRAND_SOCKET,), "a fresh token was refused", _S.OFFLINE,
         then="fail_errand_unauthorized"),
    row("D47", "authorize_refused", (_S.ERRAND_AUTHORIZING,), "the customer is not admitted", _S.OFFLINE,
         then="refuse_errand"),
    row("D48", "token_failed", (_S.ERRAND_TOKEN,), "no token to be had: an errand is not tried again by itself", _S.OFFLINE,
         then="fail_errand"),
    row("D48", "socket_failed", (_S.ERRAND_SOCKET,), "an errand is not tried again by itself", _S.OFFLINE, then="fail_errand"),
    row("D48", "recovery_failed", (_S.ERRAND_AUTHORIZING,), "the authorization was not answered", _S.OFFLINE,
         then="fail_errand"),
    *(row("D48", trigger, (_S.ERRAND_AUTHORIZING, _S.ERRAND), "an errand is not tried again by itself", _S.OFFLINE,
         then="fail_errand") for trigger in ("socket_lost", "socket_closed", "oversize_again")),
    row("D49", "connect", ERRANDS, "the errand first, then ask again whether anyone is available", then="connect_next"),
    row("D49", "active", ERRANDS, "the errand first, then ask again whether anyone is available", guard="is_wanted",
         then="connect_next"),
    refusal("D50", "prepare", ERRANDS, _ILLEGAL, "a message is being left: prepare when that is done"),
    row("D51", "disconnect", ERRANDS, "the app no longer wants the chat", _S.PREPARED, then="leave"),
    row("D51", "background", ERRANDS, "the app is out of sight", _S.PREPARED, then="leave"),
    row("D52", "version_refused", ERRANDS, "the far side refuses this client version", _S.UNSUPPORTED, then="give_up_for_good"),
)  # fmt: skip

_DECLARED = (*_REFERENCE, *_OWN, *_ERRAND)

ROWS: tuple[Row, ...] = (
    *_DECLARED,
    *others("D9", STATES, _DECLARED, ("configured", "visitor_stored", "preparation_failed"),
            "nothing is being prepared: changes nothing"),
    *others("D10", STATES, _DECLARED, ("agents_online", "agents_offline", "availability_failed", "token_received",
            "token_expired", "token_refused", "token_failed", "socket_opened", "socket_failed", "handshake_refused"),
            "no attempt waits for this: changes nothing"),
    *others("D11", STATES, _DECLARED, ("socket_lost", "socket_closed", "oversize_again"), "no socket is in use: changes nothing"),
    *others("D12", STATES, _DECLARED, ("authorized", "reconnect_refused", "authorize_refused", "recovered", "recovery_failed",
            "login_lost"),
            "nothing of the kind is under way: changes nothing"),
    *others("D13", STATES, _DECLARED, ("wait_elapsed", "network_returned"), "nothing waits: starts no attempt"),
    *others("D14", STATES, _DECLARED, ("background", "active"), "the app's visibility is noted; the connection has nothing to do"),
    *others("D15", STATES, _DECLARED, ("contact_ending", "contact_closed", "contact_stays", "thread_created", "drained"),
            "concerns only a chat that serves, ends or signs out: changes nothing"),
    *others("D53", STATES, _DECLARED, ("leave_word", "errand_over"), "no errand to begin or to end: changes nothing"),
    *others("D16", STATES, _DECLARED, ("version_refused",), "nothing is connected or being prepared: changes nothing"),
)  # fmt: skip
