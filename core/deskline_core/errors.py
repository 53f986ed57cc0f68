"""Every exception of deskline, in one tree, and the codes by which a session refuses a request.

::

    DesklineError                     code, message, hint
    ├── LocalError                    the request is wrong, or not possible now; nothing was sent
    │   ├── IllegalState              not in this state of the chat or the thread
    │   ├── NotConnected              it needs the network, and there is none (S42)
    │   ├── NotSupported              this site, channel or vendor cannot do it
    │   ├── InvalidValue              an argument is wrong (also a ValueError)
    │   ├── LimitReached              a limit of the policy is reached
    │   └── ChatClosed                the chat object is closed
    ├── RemoteError                   the far side refused: remote_code, transaction
    │   ├── AuthorizationFailed       credentials refused or expired
    │   │   └── AddressBlocked        the far side takes nothing from this network address
    │   ├── VersionRefused            the far side refuses this client version
    │   └── SiteRefused               the far side knows no such site: its settings are wrong
    ├── DeliveryUncertain             written, never answered, and not found afterwards or not yet looked for
    ├── ResponseTimeout               no answer within the policy's time
    ├── ConnectionLost                the connection was lost before the answer came
    ├── ChatOffline                   live chat, and nobody is available (S13)
    ├── StorageFailed                 the store could not keep something, or cannot be opened
    │   └── StoreInUse                another chat has this customer's part of the store
    ├── JournalError                  a journal cannot be read: not one, too new, damaged
    └── TransportError                what a transport reports; a session turns it into state and events
        ├── SocketRefused             the handshake failed: status if there was one
        ├── SocketEnded               the socket is closed: code, reason, oversize, written
        └── RequestNotAnswered        a REST request failed: sent is "no" or "maybe"
"""

from enum import StrEnum
from typing import Literal

__all__ = [
    "AddressBlocked",
    "AuthorizationFailed",
    "ChatClosed",
    "ChatOffline",
    "ConnectionLost",
    "DeliveryUncertain",
    "DesklineError",
    "IllegalState",
    "InvalidValue",
    "JournalError",
    "LimitReached",
    "LocalError",
    "NotConnected",
    "NotSupported",
    "RefusalCode",
    "RemoteError",
    "RequestNotAnswered",
    "ResponseTimeout",
    "SiteRefused",
    "SocketEnded",
    "SocketRefused",
    "StorageFailed",
    "StoreInUse",
    "TransportError",
    "VersionRefused",
    "refusal_error",
]


class RefusalCode(StrEnum):
    """Why a session refused a request; :func:`refusal_error` turns each into its exception."""

    ILLEGAL_STATE = "illegal_state"
    NOT_CONNECTED = "not_connected"
    NOT_SUPPORTED = "not_supported"
    INVALID_VALUE = "invalid_value"
    UNKNOWN_THREAD = "unknown_thread"
    UNKNOWN_MESSAGE = "unknown_message"
    MISSING_ANSWERS = "missing_answers"
    THREAD_ENDED = "thread_ended"
    LIMIT_REACHED = "limit_reached"
    CHAT_CLOSED = "chat_closed"
    AUTHORIZATION_FAILED = "authorization_failed"
    ADDRESS_BLOCKED = "address_blocked"
    VERSION_REFUSED = "version_refused"
    SITE_REFUSED = "site_refused"
    REFUSED_BY_CENTER = "refused_by_center"
    DELIVERY_UNCERTAIN = "delivery_uncertain"
    TIMEOUT = "timeout"
    CONNECTION_LOST = "connection_lost"
    OFFLINE = "offline"
    STORAGE_FAILED = "storage_failed"


class DesklineError(Exception):
    """The root of all exceptions that deskline raises.

    ``code`` is a stable word for programs, ``message`` a sentence for people, ``hint`` what to do about it.
    """

    code: str = "error"

    def __init__(self, message: str, *, code: str | None = None, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} ({self.hint})" if self.hint else self.message


class LocalError(DesklineError):
    """The request is wrong, or not possible now. Nothing was sent, nothing changed."""


class IllegalState(LocalError):
    """The chat or the thread is not in a state that allows the request."""

    code = "illegal_state"


class NotConnected(LocalError):
    """The request needs the network, and there is no connection now (S42)."""

    code = "not_connected"


class NotSupported(LocalError):
    """This site, channel mode or vendor cannot do it."""

    code = "not_supported"


class InvalidValue(LocalError, ValueError):
    """An argument is wrong; the message says which and what is allowed."""

    code = "invalid_value"


class LimitReached(LocalError):
    """A limit of the policy is reached: outbox length, request rate."""

    code = "limit_reached"


class ChatClosed(LocalError):
    """The chat object is closed; open a new one."""

    code = "chat_closed"


class RemoteError(DesklineError):
    """The far side refused. ``remote_code`` and ``transaction`` are its own words, where it gave any."""

    code = "refused_by_center"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        hint: str = "",
        remote_code: str = "",
        transaction: str = "",
    ) -> None:
        super().__init__(message, code=code, hint=hint)
        self.remote_code = remote_code
        self.transaction = transaction


class AuthorizationFailed(RemoteError):
    """Credentials were refused or have expired and cannot be renewed silently (S18, S19, S26, S33)."""

    code = "authorization_failed"


class AddressBlocked(AuthorizationFailed):
    """The far side takes nothing from the network address that this machine has; no login can help (trap C6)."""

    code = "address_blocked"


class VersionRefused(RemoteError):
    """The far side refuses this client version; final until the program is updated (S9, S41)."""

    code = "version_refused"


class SiteRefused(RemoteError):
    """The far side knows no such site, or takes nobody under these settings; final until they are mended (B6, B50)."""

    code = "site_refused"


class DeliveryUncertain(DesklineError):
    """The message may have been written and was never answered; nobody can know whether it arrived."""

    code = "delivery_uncertain"


class ResponseTimeout(DesklineError):
    """No answer came within the time the policy allows."""

    code = "timeout"


class ConnectionLost(DesklineError):
    """The connection was lost before the answer came, or could not be made."""

    code = "connection_lost"


class ChatOffline(DesklineError):
    """Live chat, and nobody is available now (S13)."""

    code = "offline"


class StorageFailed(DesklineError):
    """The store cannot be opened, or could not keep something that had to be kept first."""

    code = "storage_failed"


class StoreInUse(StorageFailed):
    """Another chat, of this program or of another, has this customer's part of the store, and has not closed it."""

    code = "store_in_use"


class JournalError(DesklineError):
    """A journal cannot be read: it is none, of a newer version, or damaged. ``line`` counts from 1."""

    code = "journal"

    def __init__(self, message: str, *, line: int, hint: str = "") -> None:
        super().__init__(f"line {line}: {message}", hint=hint)
        self.line = line


class TransportError(DesklineError):
    """What a transport reports about its socket or request. A session turns it into state and events."""

    code = "transport"


class SocketRefused(TransportError):
    """The socket could not be opened. ``status`` is the HTTP status of a refused handshake, else None."""

    code = "socket_refused"

    def __init__(self, message: str, *, status: int | None = None, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.status = status


class SocketEnded(TransportError):
    """The socket is closed: by the peer, by the network, or by us.

    ``close_code`` is the WebSocket close code or None after a loss without a close frame; ``oversize`` tells that it
    was closed here because a frame was larger than the limit. Where it comes out of a send, ``written`` is False when
    certainly nothing of that frame was written.
    """

    code = "socket_ended"

    def __init__(
        self, message: str, *, close_code: int | None, reason: str = "", oversize: bool = False, written: bool = True
    ) -> None:
        super().__init__(message)
        self.close_code = close_code
        self.reason = reason
        self.oversize = oversize
        self.written = written


class RequestNotAnswered(TransportError):
    """A REST request got no usable answer. ``sent`` is "no" when it certainly never left, else "maybe"."""

    code = "request_not_answered"

    def __init__(self, message: str, *, sent: Literal["no", "maybe"]) -> None:
        super().__init__(message)
        self.sent: Literal["no", "maybe"] = sent


_ERRORS: dict[RefusalCode, type[DesklineError]] = {
    RefusalCode.ILLEGAL_STATE: IllegalState,
    RefusalCode.NOT_CONNECTED: NotConnected,
    RefusalCode.NOT_SUPPORTED: NotSupported,
    RefusalCode.INVALID_VALUE: InvalidValue,
    RefusalCode.UNKNOWN_THREAD: InvalidValue,
    RefusalCode.UNKNOWN_MESSAGE: InvalidValue,
    RefusalCode.MISSING_ANSWERS: InvalidValue,
    RefusalCode.THREAD_ENDED: IllegalState,
    RefusalCode.LIMIT_REACHED: LimitReached,
    RefusalCode.CHAT_CLOSED: ChatClosed,
    RefusalCode.AUTHORIZATION_FAILED: AuthorizationFailed,
    RefusalCode.ADDRESS_BLOCKED: AddressBlocked,
    RefusalCode.VERSION_REFUSED: VersionRefused,
    RefusalCode.SITE_REFUSED: SiteRefused,
    RefusalCode.REFUSED_BY_CENTER: RemoteError,
    RefusalCode.DELIVERY_UNCERTAIN: DeliveryUncertain,
    RefusalCode.TIMEOUT: ResponseTimeout,
    RefusalCode.CONNECTION_LOST: ConnectionLost,
    RefusalCode.OFFLINE: ChatOffline,
    RefusalCode.STORAGE_FAILED: StorageFailed,
}


def refusal_error(
    code: RefusalCode, message: str, hint: str = "", *, remote_code: str = "", transaction: str = ""
) -> DesklineError:
    """Return the exception for a refusal; the facade raises it to the caller of the request."""
    kind = _ERRORS[code]
    if issubclass(kind, RemoteError):
        return kind(message, code=code, hint=hint, remote_code=remote_code, transaction=transaction)
    return kind(message, code=code, hint=hint)
