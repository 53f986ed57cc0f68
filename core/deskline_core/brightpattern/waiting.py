"""App requests that wait for the chat to get somewhere: prepared, ready, disconnected, signed out."""

from typing import TYPE_CHECKING, Final

from ..errors import RefusalCode
from ..lifecycle import Intent
from ..waiters import Waiters
from .connection_table import ConnectionState

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Waiting"]

_SITE: Final = "look at the url, the app id and the tenant of the site; as it is, it is refused again"


class Waiting:
    """Who waits for what; each is settled in time."""

    __slots__ = ("_chat", "_disconnected", "_prepared", "_ready", "_signed_out")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._prepared = Waiters(chat.session)
        self._ready = Waiters(chat.session)
        self._disconnected = Waiters(chat.session)
        self._signed_out = Waiters(chat.session)

    def for_prepared(self, request: int) -> None:
        """Settle a request when preparing is over."""
        self._prepared.add(request)
        if self._chat.connection.state != ConnectionState.PREPARING:
            self.settle_prepared()

    def for_ready(self, request: int) -> None:
        """Settle a request when the chat is ready, or cannot get there by itself."""
        self._ready.add(request)
        self.settle_ready()

    def for_disconnected(self, request: int) -> None:
        """Settle a request when nothing is under way; a message that is has as long as a socket has to close."""
        session = self._chat.session
        self._disconnected.add(request)
        if self._chat.posting.is_telling:
            session.deadlines.set("leave", session.now + session.policy.close_timeout)
        self.settle_disconnected()

    def for_signed_out(self, request: int) -> None:
        """Settle a request when all is forgotten."""
        self._signed_out.add(request)

    def withdrawn(self, request: int) -> None:
        """Forget a request that waits here."""
        for waiters in (self._prepared, self._ready, self._disconnected, self._signed_out):
            waiters.withdrawn(request)

    def settle_prepared(self) -> None:
        """Preparing is over."""
        self._prepared.answer()

    def refuse_prepared(self, code: RefusalCode, cause: str) -> None:
        """Preparing came to nothing."""
        self._prepared.refuse(code, cause, _hint(code, "prepare again"))

    def settle_ready(self) -> None:
        """Settle those who wait for ready, if the outcome is known now."""
        if self._chat.connection.is_serving:
            self._ready.answer()
        elif (refusal := self._why_not_ready()) is not None:
            self._ready.refuse(*refusal)

    def _why_not_ready(self) -> tuple[RefusalCode, str, str] | None:
        connection = self._chat.connection
        if connection.state == ConnectionState.OFFLINE:
            return (RefusalCode.OFFLINE, "the site is closed now", "connect again later")
        if connection.state == ConnectionState.LOST:
            code, cause = connection.lost_by or (RefusalCode.CONNECTION_LOST, "the connection is lost")
            return (code, cause, _hint(code, "connect again"))
        is_idle = connection.state in (ConnectionState.INITIAL, ConnectionState.PREPARED)
        if is_idle and self._chat.presence.intent != Intent.WANTED:
            return (RefusalCode.NOT_CONNECTED, "nothing connects this chat", "connect it first")
        return None

    def refuse_ready(self, code: RefusalCode, cause: str) -> None:
        """Those who wait for ready wait in vain."""
        self._ready.refuse(code, cause or "the chat could not get ready", _hint(code, "connect again"))

    def settle_disconnected(self) -> None:
        """Nothing is under way any more; a chat that nobody wants is ended first, lest it stay alive (B9)."""
        chat, deadlines = self._chat, self._chat.session.deadlines
        is_ending = chat.desk.current.is_cancelled and (chat.beginning.is_asking or chat.ending.is_unsaid)
        if not is_ending and not (chat.posting.is_telling and deadlines.at("leave") is not None):
            deadlines.clear("leave")
            self._disconnected.answer()

    def settle_signed_out(self) -> None:
        """All is forgotten."""
        self._signed_out.answer()


def _hint(code: RefusalCode, otherwise: str) -> str:
    return _SITE if code is RefusalCode.SITE_REFUSED else otherwise
