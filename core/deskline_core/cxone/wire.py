"""CXone's messages as they travel, each named as the vendor names it (CXone wire reference, sections 3.6, 4, 5).

Lenient as the most lenient vendor SDK: only what a client cannot do without is required, unknown fields are ignored,
dates stay text. The strict unions at the end are the fast path; what they refuse goes the lenient way in ``decode``.
"""

from .answers import (
    AnswerBody,
    AnyAnswer,
    AuthorizationToken,
    AuthorizationTokenData,
    AuthorizationTokenGenerated,
    AuthorizedData,
    ConsumerAuthorized,
    ConsumerReconnected,
    ListData,
    LivechatRecovered,
    MetadataData,
    MoreData,
    MoreMessagesLoaded,
    RecoveredData,
    RefreshedData,
    ThreadArchived,
    ThreadListFetched,
    ThreadMetadataLoaded,
    ThreadRecovered,
    Token,
    TokenRefreshed,
    TranscriptSent,
)
from .parts import Contact, Content, CustomField, EndUserIdentity, Fields, Thread, User, Wire, WireMessage
from .pushes import (
    AssigneeData,
    CaseCreated,
    CaseData,
    CaseInboxAssigneeChanged,
    CaseStatusChanged,
    Context,
    EventInS3,
    Initiator,
    MessageCreated,
    MessageData,
    MessageReadChanged,
    MessageSeenChanged,
    OriginEvent,
    Push,
    PushFrame,
    QueueContact,
    QueueData,
    S3Data,
    S3Object,
    SenderTypingEnded,
    SenderTypingStarted,
    SetPositionInQueue,
    StatisticsData,
    TypingData,
)

__all__ = [
    "Ack",
    "AnswerBody",
    "AnyAnswer",
    "AssigneeData",
    "AuthorizationToken",
    "AuthorizationTokenData",
    "AuthorizationTokenGenerated",
    "AuthorizedData",
    "CaseCreated",
    "CaseData",
    "CaseInboxAssigneeChanged",
    "CaseStatusChanged",
    "ConsumerAuthorized",
    "ConsumerReconnected",
    "Contact",
    "Content",
    "Context",
    "CustomField",
    "EndUserIdentity",
    "EventInS3",
    "Fields",
    "GatewayError",
    "Initiator",
    "ListData",
    "LivechatRecovered",
    "MessageCreated",
    "MessageData",
    "MessageReadChanged",
    "MessageSeenChanged",
    "MetadataData",
    "MoreData",
    "MoreMessagesLoaded",
    "OperationError",
    "OriginEvent",
    "Partial",
    "Pong",
    "Postback",
    "Push",
    "PushFrame",
    "QueueContact",
    "QueueData",
    "Received",
    "RecoveredData",
    "RefreshedData",
    "S3Data",
    "S3Object",
    "SenderTypingEnded",
    "SenderTypingStarted",
    "SetPositionInQueue",
    "StatisticsData",
    "Thread",
    "ThreadArchived",
    "ThreadListFetched",
    "ThreadMetadataLoaded",
    "ThreadRecovered",
    "Token",
    "TokenRefreshed",
    "TranscriptSent",
    "TypingData",
    "Undecodable",
    "Unknown",
    "User",
    "Wire",
    "WireMessage",
]


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
