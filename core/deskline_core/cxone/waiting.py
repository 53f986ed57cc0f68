"""App requests that wait for the connection: prepared, ready, disconnected, signed out. Each is settled in time."""

from typing import TYPE_CHECKING

from ..errors import RefusalCode
from ..lifecycle import Intent
from ..waiters import Waiters
from .connection_table import PREPARING, ConnectionState

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Waiting"]

_RESTING: dict[str, tuple[RefusalCode, str, str]] = {
    ConnectionState.OFFLINE: (RefusalCode.OFFLINE, "nobody is available", "connect again later"),
    ConnectionState.LOST: (RefusalCode.CONNECTION_LOST, "the connection is lost", "connect again"),
    ConnectionState.UNSUPPORTED: (
        RefusalCode.VERSION_REFUSED, "the far side refuses this client version", "update deskline",
    ),
}  # fmt: skip
"""Where a chat stays that cannot get ready by itself, and what those who wait for it are told."""


class Waiting:
    """Who waits for the connection to get somewhere."""

    __slots__ = ("_chat", "_disconnected", "_prepared", "_ready", "_signed_out")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._prepared = Waiters(chat.session)
        self._ready = Waiters(chat.session)
        self._disconnected = Waiters(chat.session)
        self._signed_out = Waiters(chat.session)

    def for_prepared(self, request: int) -> None:
        """Settle a request when preparing is over."""
        self._prepared.add(request)
        self.settle_prepared()

    def for_ready(self, request: int) -> None:
        """Settle a request when the chat is ready, or cannot get there by itself."""
        self._ready.add(request)
        self.settle_ready()

    def for_disconnected(self, request: int) -> None:
        """Settle a request when no socket is left."""
        self._disconnected.add(request)
        self.settle_disconnected()

    def for_signed_out(self, request: int) -> None:
        """Settle a request when all is closed and cleared."""
        self._signed_out.add(request)

    def withdrawn(self, request: int) -> None:
        """Forget a request that waits here."""
        for waiting in (self._prepared, self._ready, self._disconnected, self._signed_out):
            waiting.withdrawn(request)

    def settle_prepared(self, code: RefusalCode | None = None, cause: str = "") -> None:
        """Settle those who wait for prepared, unless it is still under way."""
        if self._chat.connection.state not in PREPARING:
            if code is None:
                self._prepared.answer()
            else:
                self._prepared.refuse(code, cause or "preparing failed", "prepare again")

    def settle_ready(self) -> None:
        """Settle those who wait for ready, if the outcome is known now."""
        if self._chat.connection.is_connected:
            self._ready.answer()
        elif (refusal := self._why_not_ready()) is not None:
            self._ready.refuse(*refusal)

    def _why_not_ready(self) -> tuple[RefusalCode, str, str] | None:
        connection = self._chat.connection
        if connection.needs_login:
            cause = f": {connection.login_lost_by}" if connection.login_lost_by else ""
            says = f"the customer has to be authenticated{cause}"
            return (RefusalCode.AUTHORIZATION_FAILED, says, "authenticate: a chat that is wanted goes on by itself")
        is_idle = connection.state in (ConnectionState.INITIAL, ConnectionState.PREPARED)
        if is_idle and self._chat.presence.intent != Intent.WANTED:
            return (RefusalCode.NOT_CONNECTED, "nothing connects this chat", "connect it first")
        return _RESTING.get(connection.state)

    def refuse_ready(self, code: RefusalCode, cause: str) -> None:
        """Those who wait for ready wait in vain."""
        self._ready.refuse(code, cause or "the chat could not be prepared", "connect again")

    def settle_disconnected(self) -> None:
        """Settle those who wait for the socket to be gone, if it is."""
        if self._chat.line.is_drained:
            self._disconnected.answer()

    def settle_signed_out(self) -> None:
        """Everything is closed and cleared."""
        self._signed_out.answer()
