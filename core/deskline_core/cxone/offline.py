"""Messages left with nobody there: over the line where the chat is ready, else on an errand (wire reference, 3.5.17).

An errand leads from offline to a socket and back (rows D40-D53). It authorizes like any connection, as no source shows
whether the far side asks for that (lifecycle reference, section 9.2, 16), and recovers nothing. All messages that are
asked for meanwhile go on the same one. Whatever fails is refused to the callers, and nothing is tried again by itself:
the text stays the app's.
"""

from typing import TYPE_CHECKING

from ..checks import check_email, check_name, check_text
from ..errors import RefusalCode
from ..events import ReauthenticationNeeded
from ..inputs import SendOfflineMessage
from . import encode, wire
from .connection_table import CONNECTED, ERRANDS, ConnectionState
from .line import Exchange
from .rest import ChannelMode

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["OFFLINE_MESSAGE", "Offline"]

OFFLINE_MESSAGE = "SendOfflineMessage"
_GIVEN_UP: dict[str, tuple[RefusalCode, str]] = {
    ConnectionState.UNSUPPORTED: (RefusalCode.VERSION_REFUSED, "the far side refuses this client version"),
    ConnectionState.SIGNING_OUT: (RefusalCode.CHAT_CLOSED, "the chat was signed out"),
}


class Offline:
    """The messages that wait for an errand, and the errand's course."""

    __slots__ = ("_chat", "_is_wanted_next", "_waiting")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._waiting: list[SendOfflineMessage] = []
        self._is_wanted_next = False

    # --- the request ---

    def send(self, input: SendOfflineMessage) -> None:
        """Send a message for nobody now, or begin an errand for it; one that is under way takes it along."""
        session, connection = self._chat.session, self._chat.connection
        if self._chat.mode is not ChannelMode.LIVE_CHAT:
            session.refuse(input.request, RefusalCode.NOT_SUPPORTED, "only a live chat takes messages for nobody")
        elif reason := self._fault(input):
            session.refuse(input.request, RefusalCode.INVALID_VALUE, reason)
        elif connection.state in CONNECTED and not connection.is_connected:
            self._chat.hold(input)
        elif self._chat.line.is_congested or len(self._waiting) >= session.policy.outbox:
            session.refuse(input.request, RefusalCode.LIMIT_REACHED, "too many requests at once", "wait a little")
        elif connection.is_connected or connection.state == ConnectionState.ERRAND:
            self._post(input)
        else:
            self._waiting.append(input)
            connection.fire("leave_word", input)

    def _fault(self, input: SendOfflineMessage) -> str:
        """Return what is wrong with a message, or ""."""
        if reason := check_email(input.email):
            return f"the sender's address is {reason}"
        if not input.text.strip():
            return "the text is empty"
        if reason := check_text(input.text, self._chat.session.policy.max_text):
            return f"the text is {reason}"
        for name in (input.first_name, input.last_name):
            if reason := check_name(name):
                return f"the sender's name is {reason}"
        return ""

    def _post(self, input: SendOfflineMessage) -> None:
        chat = self._chat
        exchange = chat.line.begin(OFFLINE_MESSAGE, requests=(input.request,))
        first, last = input.first_name, input.last_name
        if not first and not last:
            first, last = chat.identity.first_name, chat.identity.last_name
        text = encode.send_offline_message(chat.sender, exchange.event_id, input.email, input.text, first, last)
        chat.line.post(exchange, text)

    def withdrawn(self, request: int) -> None:
        """The caller is gone: what was not sent yet is not sent any more."""
        self._waiting = [input for input in self._waiting if input.request != request]
        self._go_home()

    # --- what became of one (see :class:`~.reception.Owner`) ---

    def accepted(self, exchange: Exchange, _data: object = None) -> None:
        """The far side took it."""
        for request in exchange.requests:
            self._chat.session.requests.answer(request)
        self._go_home()

    def refused(
        self, exchange: Exchange, code: RefusalCode, cause: str, error: wire.OperationError | None = None
    ) -> None:
        """The far side did not take it, or did not say so in time."""
        self._chat.reception.refuse_all(exchange, code, cause, error)
        self._go_home()

    def lost(self, exchange: Exchange, *, written: bool) -> None:
        """The socket went away under it: nobody can tell whether one that was written arrived."""
        if written:
            cause, code = "the connection was lost before the answer", RefusalCode.DELIVERY_UNCERTAIN
        else:
            cause, code = "the connection was lost before it was sent", RefusalCode.CONNECTION_LOST
        for request in exchange.requests:
            self._chat.session.refuse(request, code, cause)

    # --- the errand ---

    def carry_out(self) -> None:
        """The socket is open and the customer admitted: send all that waits."""
        waiting, self._waiting = self._waiting, []
        for input in waiting:
            self._post(input)
        self._go_home()

    def _go_home(self) -> None:
        """End the errand, if there is one and it has nothing left to do."""
        connection = self._chat.connection
        is_busy = any(exchange.kind == OFFLINE_MESSAGE for exchange in self._chat.line.exchanges.values())
        if connection.state in ERRANDS and not self._waiting and not is_busy:
            connection.fire("errand_over")

    def connect_next(self) -> None:
        """The chat is wanted: when the errand is over, ask again whether anyone is available."""
        self._is_wanted_next = True

    def over(self, code: RefusalCode = RefusalCode.CONNECTION_LOST, cause: str = "") -> None:
        """The errand is over, or failed with ``cause``: close the socket, and tell those whose message did not go."""
        is_wanted = self._is_wanted_next
        self._chat.line.close(1000, "leaving")
        self._give_up(code, cause)
        self._chat.reset_volatile()
        if code is RefusalCode.AUTHORIZATION_FAILED:
            self._chat.session.notify(ReauthenticationNeeded(cause=cause))
        if is_wanted:
            self._chat.connection.fire("connect")
        self._chat.waiting.settle_ready()

    def reset(self) -> None:
        """The connection is gone, or the chat is left: nothing waits for an errand any more."""
        default = (RefusalCode.CONNECTION_LOST, "the chat was left before the message was sent")
        self._give_up(*_GIVEN_UP.get(self._chat.connection.state, default))

    def _give_up(self, code: RefusalCode, cause: str) -> None:
        self._is_wanted_next = False
        waiting, self._waiting = self._waiting, []
        for input in waiting:
            self._chat.session.refuse(input.request, code, cause)
