"""CXone's messages as they travel, each named as the vendor names it (CXone wire reference, sections 3.6, 4, 5).

Lenient as the most lenient vendor SDK: only what a client cannot do without is required, unknown fields are ignored,
dates stay text. The strict unions at the end are the fast path; what they refuse goes the lenient way in ``decode``.
"""

import msgspec

from .parts import Contact, Content, CustomField, EndUserIdentity, Fields, Thread, User, Wire, WireMessage

__all__ = [
    "Ack",
    "AuthorizationTokenGenerated",
    "CaseCreated",
    "CaseInboxAssigneeChanged",
    "CaseStatusChanged",
    "ConsumerAuthorized",
    "ConsumerReconnected",
    "Contact",
    "Content",
    "CustomField",
    "EndUserIdentity",
    "EventInS3",
    "GatewayError",
    "LivechatRecovered",
    "MessageCreated",
    "MessageReadChanged",
    "MessageSeenChanged",
    "MoreMessagesLoaded",
    "OperationError",
    "Partial",
    "Pong",
    "Postback",
    "Push",
    "Received",
    "SenderTypingEnded",
    "SenderTypingStarted",
    "SetPositionInQueue",
    "Thread",
    "ThreadArchived",
    "ThreadListFetched",
    "ThreadMetadataLoaded",
    "ThreadRecovered",
    "TokenRefreshed",
    "TranscriptSent",
    "Undecodable",
    "Unknown",
    "User",
    "WireMessage",
]


# --- pushes (sections 4.3 to 4.7) ---


class MessageData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of MessageCreated, and of MessageUpdated."""

    message: WireMessage
    thread: Thread | None = None
    case: Contact | None = None


class StatisticsData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of MessageReadChanged and MessageSeenChanged."""

    message: WireMessage
    contact: Contact | None = None


class TypingData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of SenderTypingStarted and SenderTypingEnded."""

    thread: Thread
    user: User | None = None
    direction: str | None = None


class CaseData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of CaseCreated and CaseStatusChanged."""

    case: Contact
    thread: Thread | None = None


class AssigneeData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of CaseInboxAssigneeChanged."""

    case: Contact
    inbox_assignee: User | None = None
    previous_inbox_assignee: User | None = None


class QueueContact(Wire, frozen=True, kw_only=True, gc=False):
    """The contact of a SetPositionInQueue: often only its id."""

    id: str
    thread_id_on_external_platform: str | None = None


class QueueData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of SetPositionInQueue."""

    consumer_contact: QueueContact
    position_in_queue: int
    is_any_agent_online_for_queue: bool = True


class S3Object(Wire, frozen=True, kw_only=True, gc=False):
    """Where a large event lies: a signed URL, so not shown."""

    url: str

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class OriginEvent(Wire, frozen=True, kw_only=True, gc=False):
    """What a large event is."""

    event_type: str = ""


class S3Data(Wire, frozen=True, kw_only=True, gc=False):
    """Data of EventInS3."""

    s3_object: S3Object = msgspec.field(name="s3Object")
    origin_event: OriginEvent = OriginEvent()


class Initiator(Wire, frozen=True, kw_only=True, gc=False):
    """Who caused a push: system, user, api, external, workflow, workflowJob, routing, unifiedRouting."""

    type: str = ""
    id: str | int | None = None


class Context(Wire, frozen=True, kw_only=True, gc=False):
    """The context of a push, where it is an object."""

    initiator: Initiator | None = None


class PushFrame(msgspec.Struct, frozen=True, rename="camel", kw_only=True, gc=False, tag_field="eventType"):
    """The base of a push (3.6 shape 4); the class name is the event type.

    ``error`` is None in every push that a decoder returns: with one, the frame is an :class:`OperationError`.
    """

    event_id: str = ""
    error: object = None


class MessageCreated(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """Any message of a thread, both directions."""

    data: MessageData


class MessageReadChanged(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """An agent read a message."""

    data: StatisticsData


class MessageSeenChanged(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """A message's seen state changed."""

    data: StatisticsData


class SenderTypingStarted(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """Someone types."""

    data: TypingData


class SenderTypingEnded(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """Someone stopped typing."""

    data: TypingData


class CaseCreated(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """The first message opened a contact."""

    data: CaseData


class CaseStatusChanged(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """A contact's status changed; ``closed`` ends a live chat. ``context`` is an object, or an empty array."""

    data: CaseData
    context: Context | list[None] | None = None


class CaseInboxAssigneeChanged(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """An agent was assigned, changed, or left."""

    data: AssigneeData


class SetPositionInQueue(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """The place of a waiting live chat."""

    data: QueueData


class EventInS3(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """An event too large for a frame lies behind a URL (4.7)."""

    data: S3Data


Push = (
    MessageCreated
    | MessageReadChanged
    | MessageSeenChanged
    | SenderTypingStarted
    | SenderTypingEnded
    | CaseCreated
    | CaseStatusChanged
    | CaseInboxAssigneeChanged
    | SetPositionInQueue
    | EventInS3
)

# --- answers (section 4.2) ---


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


class RefreshedData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of TokenRefreshed."""

    access_token: Token


class RecoveredData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of ThreadRecovered and LivechatRecovered. All may be absent when there is nothing to recover."""

    thread: Thread | None = None
    contact: Contact | None = None
    consumer_contact: Contact | None = None
    messages: tuple[WireMessage, ...] = ()
    messages_scroll_token: str = ""
    inbox_assignee: User | None = None
    owner_assignee: User | None = None
    customer: Fields | None = None


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
    | AuthorizationTokenGenerated
)


class Postback(Wire, frozen=True, kw_only=True, gc=False):
    """An answer to the request ``event_id`` (3.6 shape 5).

    ``event_type`` may repeat the answer's type; ``error`` is None in every one that a decoder returns.
    """

    event_id: str = ""
    postback: AnyAnswer
    event_type: str = ""
    error: object = None


# --- the other shapes (section 3.6) ---


class Pong(Wire, frozen=True, kw_only=True, gc=False):
    """The answer to a heartbeat."""


class GatewayError(Wire, frozen=True, kw_only=True, gc=False):
    """The gateway reports an error that belongs to no request."""

    message: str
    connection_id: str
    request_id: str


class OperationError(Wire, frozen=True, kw_only=True, gc=False):
    """A request was refused, or something went wrong that has no request."""

    event_id: str = ""
    code: str = ""
    text: str = ""
    transaction: str = ""
    thread: str = ""


class Ack(Wire, frozen=True, kw_only=True, gc=False):
    """A request was accepted, and that is all."""

    event_id: str
    authorization_status: str = ""


class Unknown(Wire, frozen=True, kw_only=True, gc=False):
    """A frame that is well-formed and of a kind not known or not built; ``event_id`` may still settle a request."""

    kind: str
    source: str
    event_id: str = ""


class Undecodable(Wire, frozen=True, kw_only=True, gc=False):
    """A frame that cannot be read, why, and how it begins; ``event_id`` where it could still be made out.

    ``oversize`` tells that it was not looked into, for its size.
    """

    reason: str
    source: str
    event_id: str = ""
    oversize: bool = False


class Partial(Wire, frozen=True, kw_only=True, gc=False):
    """A frame that could be read but for some entries of its lists, such as one message of a recovered history."""

    received: Push | Postback
    left_out: tuple[Undecodable, ...]


Received = Push | Postback | Partial | Pong | GatewayError | OperationError | Ack | Unknown | Undecodable
"""Anything that a decoder may return; it never raises."""
