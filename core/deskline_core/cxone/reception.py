"""What a frame, or the body of a large event, means: answers to requests, errors, pushes (wire reference, 3.6)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from ..errors import RefusalCode
from ..events import ErrorReceived, UndecodableReceived, UnknownReceived
from ..lifecycle import EndReason
from . import wire
from .connection_table import ConnectionState
from .inbox import PUSHES
from .line import ANSWERS, Exchange
from .notices import NOTICES

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["READS", "Owner", "Reception"]

READS = frozenset({"RecoverThread", "RecoverLivechat", "FetchThreadList", "LoadThreadMetadata", "LoadMoreMessages"})
"""Requests that only read: after a loss the session asks again, or tells the caller."""


_ANSWERING = (ConnectionState.AUTHORIZING, ConnectionState.RECOVERING, ConnectionState.ERRAND_AUTHORIZING)
"""Where a frame that cannot be read may be the answer that the connection waits for."""


class Owner(Protocol):
    """The part of a chat that knows what an answer to one of its requests means."""

    def accepted(self, exchange: Exchange, data: object = None, /) -> None:
        """The far side accepted it; ``data`` is the answer's, None for a bare acknowledgement."""
        ...

    def refused(
        self, exchange: Exchange, code: RefusalCode, cause: str, error: wire.OperationError | None = None, /
    ) -> None:
        """The far side refused it, or gave no answer that could be used."""
        ...

    def lost(self, exchange: Exchange, /, *, written: bool) -> None:
        """The socket went away under it."""
        ...


def _veiled(source: str) -> str:
    """Return a source without the tokens and signed URLs that stand in it: nobody is to find them in an app's log."""
    from ..redaction import Redactor  # noqa: PLC0415 - only what cannot be read pays for it
    from .disclosure import DISCLOSURE  # noqa: PLC0415 - as above

    return Redactor(b"source", DISCLOSURE).learn(source)


class Reception:
    """Receives what the decoders give, and settles the exchanges that it answers."""

    __slots__ = ("_chat",)

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat

    def receive(self, received: wire.Received) -> None:
        """Act on anything that a decoder gave: pushes go straight to the inbox."""
        kind = type(received)
        push = PUSHES.get(kind)
        if push is not None:
            push(self._chat.inbox, received)
        elif (notice := NOTICES.get(kind)) is not None:
            notice(self._chat.notices, received)
        else:
            self._receivers[kind](self, received)

    def _nothing(self, _received: object) -> None:
        """A pong: that it was heard is all."""

    def _partial(self, received: wire.Partial) -> None:
        for left_out in received.left_out:
            self._chat.session.notify(UndecodableReceived(reason=left_out.reason, source=_veiled(left_out.source)))
        self.receive(received.received)

    def _gateway_error(self, received: wire.GatewayError) -> None:
        self._chat.session.notify(
            ErrorReceived(code="GatewayError", text=received.message, transaction=received.request_id)
        )

    def _unknown(self, received: wire.Unknown) -> None:
        self._chat.session.counts["unknown"] += 1
        self._chat.session.notify(UnknownReceived(kind=received.kind, source=_veiled(received.source)))
        self._settle(received.event_id)

    def _undecodable(self, received: wire.Undecodable) -> None:
        self._chat.session.counts["undecodable"] += 1
        exchange = self._chat.line.finish(received.event_id) if received.event_id else None
        if received.oversize:
            self._oversize(received)
        else:
            self._chat.session.notify(UndecodableReceived(reason=received.reason, source=_veiled(received.source)))
        if exchange is not None:
            self.unanswered(exchange, "its answer cannot be read")

    def _oversize(self, received: wire.Undecodable) -> None:
        """Told once. While recovering, what came may be the answer that is waited for.

        Asking for it again and again would never end, so the second time there is no other attempt.
        """
        again = self._chat.connection.oversize(received.reason, _veiled(received.source))
        if self._chat.connection.state in _ANSWERING:
            if again:
                self._chat.line.close()
                self._chat.connection.fire("oversize_again", cause=received.reason)
            else:
                self._chat.connection.fire("recovery_failed", cause=received.reason)

    def _ack(self, received: wire.Ack) -> None:
        self._settle(received.event_id)

    def _settle(self, event_id: str) -> None:
        """A request was accepted."""
        exchange = self._chat.line.finish(event_id)
        if exchange is not None:
            self._accepted(exchange)

    def _accepted(self, exchange: Exchange) -> None:
        """A request was accepted, and that is all its answer says. To a read it says nothing."""
        if exchange.kind in READS:
            self.unanswered(exchange, "its answer is of another kind")
            return
        if exchange.kind == "SendMessage":
            self._chat.delivery.acknowledged(exchange)
        elif exchange.kind == "UpdateThread":
            thread = self._chat.desk.threads.get(exchange.thread)
            if thread is not None:
                thread.rename(exchange.message)
        elif exchange.kind == "ArchiveThread":
            self._archived(exchange)
        elif exchange.kind in self._owners:
            self._owner(exchange).accepted(exchange)
            return
        for request in exchange.requests:
            self._chat.session.requests.answer(request)

    def _archived(self, exchange: Exchange, _data: object = None) -> None:
        thread = self._chat.desk.threads.get(exchange.thread)
        if thread is not None:
            thread.fire("archived", reason=EndReason.ARCHIVED)
            thread.settle_archive()

    def _operation_error(self, error: wire.OperationError) -> None:
        exchange = self._chat.line.finish(error.event_id)
        if error.code == "SdkVersionNotSupported":
            cause = error.text or "the far side refuses this client version"
            self._chat.connection.fire("version_refused", cause=cause)
            if exchange is not None:  # trap P52: whoever asked is told
                self._thread_refused(exchange, RefusalCode.VERSION_REFUSED, cause, error)
        elif exchange is None:
            self._chat.session.notify(
                ErrorReceived(code=error.code, text=error.text, transaction=error.transaction, thread=error.thread)
            )
        else:
            self._refused(exchange, error)

    def _refused(self, exchange: Exchange, error: wire.OperationError) -> None:
        """The far side refused a request."""
        if exchange.kind == "SendMessage":
            self._chat.delivery.refused(exchange, error)
        elif exchange.kind in READS:
            self._chat.recovery.refused(exchange, error)
        else:
            self._thread_refused(exchange, RefusalCode.REFUSED_BY_CENTER, error.text or error.code, error)

    def _thread_refused(
        self, exchange: Exchange, code: RefusalCode, cause: str, error: wire.OperationError | None = None
    ) -> None:
        """A request of a thread came to nothing."""
        if exchange.kind in self._owners:
            self._owner(exchange).refused(exchange, code, cause, error)
            return
        thread = self._chat.desk.threads.get(exchange.thread)
        if thread is not None and exchange.kind == "ArchiveThread":
            thread.fire("archive_failed")
            thread.settle_archive(code, cause)
        elif thread is not None and exchange.kind == "EndContact" and code is RefusalCode.REFUSED_BY_CENTER:
            thread.end_unconfirmed(code, cause)
            self._chat.connection.fire("contact_stays")
        self.refuse_all(exchange, code, cause, error)

    def refuse_all(
        self, exchange: Exchange, code: RefusalCode, cause: str, error: wire.OperationError | None = None
    ) -> None:
        """Tell those who asked that it came to nothing, in the far side's own words where it gave any."""
        remote_code, transaction = (error.code, error.transaction) if error else ("", "")
        for request in exchange.requests:
            self._chat.session.requests.refuse(request, code, cause, remote_code=remote_code, transaction=transaction)

    def unanswered(self, exchange: Exchange, cause: str) -> None:
        """A request had no answer that could be used."""
        if exchange.kind == "SendMessage":
            self._chat.delivery.timed_out(exchange)
        elif exchange.kind in READS:
            self._chat.recovery.timed_out(exchange, cause)
        else:
            self._thread_refused(exchange, RefusalCode.TIMEOUT, cause)

    def lost(self, exchange: Exchange, *, written: bool) -> None:
        """The socket went away under a request."""
        if exchange.kind == "SendMessage":
            self._chat.delivery.lost(exchange, written=written)
        elif exchange.kind in self._owners:
            self._owner(exchange).lost(exchange, written=written)
        elif exchange.kind not in READS:
            self._thread_refused(exchange, RefusalCode.CONNECTION_LOST, "the connection was lost before the answer")

    def _postback(self, received: wire.Postback) -> None:
        """An answer to a request; one that nothing waits for is counted and changes nothing."""
        exchange = self._chat.line.finish(received.event_id)
        if exchange is None:
            self._chat.count_stale()
            return
        answer = received.postback
        if type(answer).__name__ in ANSWERS.get(exchange.kind, ()):
            self.answers[type(answer)](self, exchange, getattr(answer, "data", None))
        else:
            self._accepted(exchange)

    def _owner(self, exchange: Exchange) -> Owner:
        return self._owners[exchange.kind](self._chat)

    answers: ClassVar[dict[type, Callable[["Reception", Exchange, Any], None]]] = {
        wire.ThreadRecovered: lambda self, exchange, data: self._chat.recovery.recovered(exchange, data),
        wire.LivechatRecovered: lambda self, exchange, data: self._chat.recovery.recovered(exchange, data),
        wire.MoreMessagesLoaded: lambda self, exchange, data: self._chat.recovery.more(exchange, data),
        wire.ThreadListFetched: lambda self, exchange, data: self._chat.recovery.listed(exchange, data),
        wire.ThreadMetadataLoaded: lambda self, exchange, data: self._chat.recovery.metadata(exchange, data),
        wire.ConsumerAuthorized: lambda self, exchange, data: self._chat.socket_login.accepted(exchange, data),
        wire.ConsumerReconnected: lambda self, exchange, _: self._chat.socket_login.accepted(exchange),
        wire.TokenRefreshed: lambda self, exchange, data: self._chat.socket_login.accepted(exchange, data),
        wire.ThreadArchived: _archived,
        wire.AuthorizationTokenGenerated: lambda self, exchange, data: self._chat.full_content.accepted(exchange, data),
        wire.InvitationToGroupChatCreated: lambda self, exchange, data: self._chat.groups.accepted(exchange, data),
        wire.GroupChatJoined: lambda self, exchange, data: self._chat.groups.accepted(exchange, data),
    }

    _owners: ClassVar[dict[str, Callable[["CXoneChat"], Owner]]] = {
        "AuthorizeCustomer": lambda chat: chat.socket_login,
        "ReconnectConsumer": lambda chat: chat.socket_login,
        "ReconnectCustomer": lambda chat: chat.socket_login,
        "RefreshToken": lambda chat: chat.socket_login,
        "SetContactCustomFields": lambda chat: chat.fields,
        "SetCustomerCustomFields": lambda chat: chat.fields,
        "SendOutbound": lambda chat: chat.welcome,
        "GenerateAuthorizationToken": lambda chat: chat.full_content,
        "SendOfflineMessage": lambda chat: chat.offline,
        "CreateInvitationToGroupChat": lambda chat: chat.groups,
        "SendEmailInvitationToGroupChat": lambda chat: chat.groups,
        "JoinGroupChat": lambda chat: chat.groups,
        "LeaveGroupChat": lambda chat: chat.groups,
    }

    _receivers: ClassVar[dict[type, Callable[["Reception", Any], None]]] = {
        wire.Pong: _nothing,
        wire.GatewayError: _gateway_error,
        wire.OperationError: _operation_error,
        wire.Ack: _ack,
        wire.Unknown: _unknown,
        wire.Undecodable: _undecodable,
        wire.Partial: _partial,
        wire.Postback: _postback,
        wire.EventInS3: lambda self, push: self._chat.large.fetch(push),
        wire.MessageReadChanged: lambda self, push: self._chat.receipts.statistics_changed(push),
        wire.MessageSeenChanged: lambda self, push: self._chat.receipts.statistics_changed(push),
        wire.MessageSeenByUser: lambda self, push: self._chat.receipts.seen_by_user(push),
        wire.MessageDeliveredToUser: lambda self, push: self._chat.receipts.delivered(push),
        wire.MessageDeliveryStatusChanged: lambda self, push: self._chat.receipts.delivered(push),
    }
