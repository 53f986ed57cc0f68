"""What CXone answers to requests (CXone wire reference, section 4.2), each named as the vendor names it."""

import msgspec

from .parts import Contact, EndUserIdentity, Fields, Thread, User, Wire, WireMessage

__all__ = [
    "AnswerBody",
    "AnyAnswer",
    "AuthorizationToken",
    "AuthorizationTokenData",
    "AuthorizationTokenGenerated",
    "AuthorizedData",
    "ConsumerAuthorized",
    "ConsumerReconnected",
    "EmailInvitationToGroupChatSent",
    "GroupChatJoined",
    "InvitationToGroupChatCreated",
    "ListData",
    "LivechatRecovered",
    "MetadataData",
    "MoreData",
    "MoreMessagesLoaded",
    "OfflineMessageSent",
    "RecoveredData",
    "RefreshedData",
    "ThreadArchived",
    "ThreadListFetched",
    "ThreadMetadataLoaded",
    "ThreadRecovered",
    "ThreadUpdated",
    "Token",
    "TokenRefreshed",
    "TranscriptSent",
]


class Token(Wire, frozen=True, kw_only=True, gc=False):
    """A legacy access token, not shown; ``expires_in`` is seconds."""

    token: str
    expires_in: float = 0.0

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class AuthorizedData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of ConsumerAuthorized."""

    consumer_identity: EndUserIdentity | None = None
    access_token: Token | None = None
    customer: Fields | None = None


class RefreshedData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of TokenRefreshed."""

    access_token: Token


class RecoveredData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of ThreadRecovered and LivechatRecovered. All may be absent when there is nothing to recover.

    ``contact_history`` are pushes about the contact; looked into only where the rest is in doubt.
    """

    thread: Thread | None = None
    contact: Contact | None = None
    consumer_contact: Contact | None = None
    messages: tuple[WireMessage, ...] = ()
    messages_scroll_token: str = ""
    inbox_assignee: User | None = None
    owner_assignee: User | None = None
    customer: Fields | None = None
    contact_history: msgspec.Raw = msgspec.Raw(b"null")


class ListData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of ThreadListFetched."""

    threads: tuple[Thread, ...] = ()


class MetadataData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of ThreadMetadataLoaded."""

    owner_assignee: User | None = None
    last_message: WireMessage | None = None


class MoreData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of MoreMessagesLoaded."""

    messages: tuple[WireMessage, ...] = ()
    scroll_token: str = ""


class AuthorizationToken(Wire, frozen=True, kw_only=True, gc=False):
    """A token for one GET, not shown."""

    token: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class AuthorizationTokenData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of AuthorizationTokenGenerated."""

    authorization_token: AuthorizationToken


class AnswerBody(msgspec.Struct, frozen=True, rename="camel", kw_only=True, gc=False, tag_field="eventType"):
    """The base of a postback's body (3.6 shape 5); the class name is the event type."""


class ConsumerAuthorized(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """AuthorizeCustomer was accepted."""

    data: AuthorizedData = AuthorizedData()


class ConsumerReconnected(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """ReconnectConsumer was accepted; also under the name CustomerReconnected (4.2.2)."""


class TokenRefreshed(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """A new legacy access token."""

    data: RefreshedData


class ThreadRecovered(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """A thread with its latest messages, newest first."""

    data: RecoveredData


class LivechatRecovered(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """A live chat with its latest messages, or nothing to recover (4.2.5)."""

    data: RecoveredData = RecoveredData()


class ThreadListFetched(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """All threads of the customer, without messages."""

    data: ListData = ListData()


class ThreadMetadataLoaded(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """Last message and owner of a thread."""

    data: MetadataData = MetadataData()


class MoreMessagesLoaded(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """Older messages, newest first; an empty scroll token means that there are no more."""

    data: MoreData = MoreData()


class ThreadArchived(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """A thread is archived."""


class TranscriptSent(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """The transcript is on its way."""


class ThreadUpdated(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """A thread has another name; no source shows more of it (4.2.10)."""


class OfflineMessageSent(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """A message left with nobody there was taken."""


class InvitationToGroupChatCreated(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """An invitation was made. ``data`` is raw: no source shows the key of its code (4.2.10)."""

    data: msgspec.Raw = msgspec.Raw(b"null")


class EmailInvitationToGroupChatSent(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """An invitation was sent by e-mail."""


class GroupChatJoined(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """The customer takes part in someone else's conversation. ``data`` is raw: no source shows it (4.2.10)."""

    data: msgspec.Raw = msgspec.Raw(b"null")


class AuthorizationTokenGenerated(AnswerBody, frozen=True, kw_only=True, gc=False, tag=True):
    """A token to fetch a message's full content with."""

    data: AuthorizationTokenData


AnyAnswer = (
    ConsumerAuthorized
    | ConsumerReconnected
    | TokenRefreshed
    | ThreadRecovered
    | LivechatRecovered
    | ThreadListFetched
    | ThreadMetadataLoaded
    | MoreMessagesLoaded
    | ThreadArchived
    | TranscriptSent
    | ThreadUpdated
    | OfflineMessageSent
    | InvitationToGroupChatCreated
    | EmailInvitationToGroupChatSent
    | GroupChatJoined
    | AuthorizationTokenGenerated
)
