"""One request that came over a socket, and the ways to answer it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..controls import Delay, Lose
from ..faults import RequestFault
from ..model import Contact, Customer, Thread
from ..parse import obj, word
from .envelopes import Wire, ack, failure, postback
from .gate import Socket
from .parse import Frame

if TYPE_CHECKING:
    from .wire import CXone

__all__ = ["Call", "Event"]

_ERRORS = {
    "AuthorizeCustomer": "CustomerAuthorizationFailed",
    "AuthorizeConsumer": "ConsumerAuthorizationFailed",
    "ReconnectCustomer": "ConsumerReconnectionFailed",
    "ReconnectConsumer": "ConsumerReconnectionFailed",
    "RefreshToken": "TokenRefreshingFailed",
    "RecoverThread": "RecoveringThreadFailed",
    "RecoverLivechat": "RecoveringLivechatFailed",
    "SendMessage": "SendingMessageFailed",
    "SendOutbound": "SendingOutboundFailed",
    "UpdateThread": "UpdatingThreadFailed",
    "ArchiveThread": "ArchivingThreadFailed",
    "SendTranscript": "SendingTranscriptFailed",
    "SendOfflineMessage": "SendingOfflineMessageFailed",
}


class Call:
    """A request, with what it needs of its surroundings. ``customer`` is set before the event is served."""

    __slots__ = ("customer", "fault", "frame", "socket", "wire")

    def __init__(self, wire: "CXone", socket: Socket, frame: Frame, fault: RequestFault | None) -> None:
        self.wire = wire
        self.socket = socket
        self.frame = frame
        self.fault = fault
        self.customer: Customer = wire.nobody

    @property
    def data(self) -> Wire:
        """The request's data; empty when it has none."""
        return self.frame.data

    def answer(self, frame: Wire) -> None:
        """Send an answer to the asking socket, unless a fault delays or loses it."""
        gate, sockets = self.wire.gate, [self.socket]
        match self.fault:
            case Lose():
                return
            case Delay(seconds=seconds):
                self.wire.floor.later(seconds, lambda: gate.push(sockets, frame))
            case _:
                gate.push(sockets, frame)

    def ack(self) -> None:
        """Answer with the bare acknowledgement."""
        self.answer(ack(self.frame.event_id))

    def postback(self, event_type: str, data: Wire | None = None, top: Wire | None = None) -> None:
        """Answer by name."""
        self.answer(postback(self.frame.event_id, event_type, data, top))

    def fail(self, message: str, code: str = "") -> None:
        """Answer with an operation error: ``code``, or the usual one of this event type.

        What the real center says where no code is known (LoadThreadMetadata, LoadMoreMessages and others; CXone wire
        reference, section 10, 23) is InconsistentData here, which the strictest client knows.
        """
        code = code or _ERRORS.get(self.frame.event_type, "InconsistentData")
        transaction = self.wire.floor.ids.uuid()
        self.answer(failure(self.frame.event_id, code, message, transaction, self._about()))

    def _about(self) -> Wire | None:
        named = word(obj(self.data, "thread"), "idOnExternalPlatform")
        if not named:
            return None
        known = self.wire.floor.threads.get((self.socket.channel.id, named))
        about: Wire = {"idOnExternalPlatform": named}
        return {"thread": about if known is None else {"id": known.id, **about}}

    @property
    def thread_id(self) -> str:
        """The thread id the request names; empty for none."""
        return word(obj(self.data, "thread"), "idOnExternalPlatform")

    def thread(self) -> Thread | None:
        """Return the thread the request names, if the customer takes part in it."""
        thread = self.wire.floor.threads.get((self.socket.channel.id, self.thread_id))
        return thread if thread is not None and self.customer in thread.people else None

    def contact(self, key: str) -> Contact | None:
        """Return the contact the request names under ``key``, if the customer takes part in it."""
        contact = self.wire.floor.contacts.get(word(obj(self.data, key), "id"))
        return contact if contact is not None and self.customer in contact.thread.people else None


Event = Callable[[Call], None]
