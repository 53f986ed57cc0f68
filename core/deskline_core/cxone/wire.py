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
    EmailInvitationToGroupChatSent,
    GroupChatJoined,
    InvitationToGroupChatCreated,
    ListData,
    LivechatRecovered,
    MetadataData,
    MoreData,
    MoreMessagesLoaded,
    OfflineMessageSent,
    RecoveredData,
    RefreshedData,
    ThreadArchived,
    ThreadListFetched,
    ThreadMetadataLoaded,
    ThreadRecovered,
    ThreadUpdated,
    Token,
    TokenRefreshed,
    TranscriptSent,
)
from .notice_pushes import (
    CaseToRoutingQueueAssignmentChanged,
    ConsumerContactInboxPreAssigneeChanged,
    ContactPreferredUserChanged,
    ContactRecipientsChanged,
    MessageAddedIntoCase,
    MessageDelivered,
    MessageDeliveredToEndUser,
    MessageDeliveredToUser,
    MessageDeliveryStatusChanged,
    MessageSeen,
    MessageSeenByEndUser,
    MessageSeenByUser,
    MessageSent,
    MessageUpdated,
    PageView,
    PageViewCreated,
    PageViewData,
    PreAssigneeData,
    PreferredUserData,
    ReceiptData,
    Recipient,
    RecipientsContact,
    RecipientsData,
    RoutingQueue,
    RoutingQueueData,
    ThreadUpdate,
    ThreadUpdateData,
    UserStatus,
    UserStatusChanged,
    UserStatusData,
)
from .parts import Contact, Content, CustomField, EndUserIdentity, Fields, Thread, User, Wire, WireMessage
from .pushes import (
    AssigneeData,
    CaseCreated,
    CaseData,
    CaseInboxAssigneeChanged,
    CaseStatusChanged,
    Context,
    Destination,
    EventInS3,
    FireProactiveAction,
    Initiator,
    MessageCreated,
    MessageData,
    MessageReadChanged,
    MessageSeenChanged,
    OfferAction,
    OriginEvent,
    ProactiveAction,
    ProactiveData,
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
    "CaseToRoutingQueueAssignmentChanged",
    "ConsumerAuthorized",
    "ConsumerContactInboxPreAssigneeChanged",
    "ConsumerReconnected",
    "Contact",
    "ContactPreferredUserChanged",
    "ContactRecipientsChanged",
    "Content",
    "Context",
    "CustomField",
    "Destination",
    "EmailInvitationToGroupChatSent",
    "EndUserIdentity",
    "EventInS3",
    "Fields",
    "FireProactiveAction",
    "GatewayError",
    "GroupChatJoined",
    "Initiator",
    "InvitationToGroupChatCreated",
    "ListData",
    "LivechatRecovered",
    "MessageAddedIntoCase",
    "MessageCreated",
    "MessageData",
    "MessageDelivered",
    "MessageDeliveredToEndUser",
    "MessageDeliveredToUser",
    "MessageDeliveryStatusChanged",
    "MessageReadChanged",
    "MessageSeen",
    "MessageSeenByEndUser",
    "MessageSeenByUser",
    "MessageSeenChanged",
    "MessageSent",
    "MessageUpdated",
    "MetadataData",
    "MoreData",
    "MoreMessagesLoaded",
    "OfferAction",
    "OfflineMessageSent",
    "OperationError",
    "OriginEvent",
    "PageView",
    "PageViewCreated",
    "PageViewData",
    "Partial",
    "Pong",
    "Postback",
    "PreAssigneeData",
    "PreferredUserData",
    "ProactiveAction",
    "ProactiveData",
    "Push",
    "PushFrame",
    "QueueContact",
    "QueueData",
    "ReceiptData",
    "Received",
    "Recipient",
    "RecipientsContact",
    "RecipientsData",
    "RecoveredData",
    "RefreshedData",
    "RoutingQueue",
    "RoutingQueueData",
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
    "ThreadUpdate",
    "ThreadUpdateData",
    "ThreadUpdated",
    "Token",
    "TokenRefreshed",
    "TranscriptSent",
    "TypingData",
    "Undecodable",
    "Unknown",
    "User",
    "UserStatus",
    "UserStatusChanged",
    "UserStatusData",
    "Wire",
    "WireMessage",
]


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
    | FireProactiveAction
    | MessageSent
    | MessageUpdated
    | MessageAddedIntoCase
    | MessageDeliveryStatusChanged
    | MessageSeenByUser
    | MessageSeenByEndUser
    | MessageDeliveredToUser
    | MessageDeliveredToEndUser
    | CaseToRoutingQueueAssignmentChanged
    | ConsumerContactInboxPreAssigneeChanged
    | ContactPreferredUserChanged
    | ContactRecipientsChanged
    | UserStatusChanged
    | PageViewCreated
    | ThreadUpdate
)
"""Whatever comes by itself."""


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
