"""The strictest decoders: what each of the vendor's clients needs of a frame, as types that refuse anything less.

Written from the columns "needs" of the CXone wire reference, sections 3.6 to 5. ``I``, ``A`` and ``W`` are the mobile
clients for iOS and Android, and the web client. A field with a default may be absent; all others must be there.
"""

import re
from typing import Annotated, Any, Literal

import msgspec

from tests.center.strict_content import Content, Date, Struct, Uuid

SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\+00:00|Z)")
Status = Literal["new", "open", "pending", "escalated", "resolved", "closed"]
Digits = Annotated[str, msgspec.Meta(pattern=r"^\d+$")]


class CustomField(Struct):
    ident: str
    value: str | None
    updated_at: Date


class Id(Struct):
    id: str


class Brand(Struct):
    id: int


class Contact(Struct):
    id: Digits
    thread_id_on_external_platform: Uuid
    status: Status
    created_at: Date
    status_updated_at: Date
    custom_fields: list[CustomField]


class Agent(Struct):
    id: int
    first_name: str
    surname: str
    is_bot_user: bool
    is_survey_user: bool
    public_image_url: str


class Identity(Struct):
    id_on_external_platform: str
    first_name: str
    last_name: str


class Attachment(Struct):
    url: str
    friendly_name: str
    mime_type: str
    file_name: str


class UserStatistics(Struct):
    seen_at: Date | None
    read_at: Date | None


class CustomerStatistics(Struct):
    seen_at: Date | None


class Message(Struct):
    id: Uuid
    id_on_external_platform: Uuid
    thread_id_on_external_platform: Uuid
    message_content: Content
    created_at: Date
    direction: Literal["inbound", "outbound"]
    attachments: list[Attachment]
    user_statistics: UserStatistics
    customer_statistics: CustomerStatistics
    author_user: Agent | None
    author_end_user_identity: Identity | None
    has_additional_message_content: Literal[False]


class Line(Struct):
    id_on_external_platform: Uuid
    thread_name: str


class Thread(Line):
    id: str
    channel_id: str
    can_add_more_messages: bool


class Customer(Struct):
    custom_fields: list[CustomField]


class Push(Struct):
    event_id: Uuid
    event_object: Literal[
        "Case", "Channel", "Message", "PageView", "RoutingQueue", "SenderAction", "UserStatus", "ChatWindow",
        "CustomerContact", "ConsumerContact", "Contact", "MessageNote", "MessagePreview", "S3Object", "Thread",
    ]  # fmt: skip
    event_type: str
    created_at: str
    data: dict[str, Any]


class CaseCreated(Struct):
    brand: Brand
    channel: Id
    case: Contact
    thread: Line


class MessageCreated(CaseCreated):
    message: Message


class MessageChanged(Struct):
    brand: Brand
    message: Message
    contact: Contact


class AssigneeChanged(Struct):
    brand: Brand
    channel: Id
    case: Contact
    inbox_assignee: Agent | None
    previous_inbox_assignee: Agent | None


class CaseStatusChanged(Struct):
    brand: Brand
    channel: Id
    case: Contact


class Typing(Struct):
    brand: Brand
    channel: Id
    thread: Thread
    user: Agent
    direction: Literal["outbound"]


class SentMessage(Struct, forbid_unknown_fields=True):
    """The lean message of MessageSent: it has no ``id`` (4.3)."""

    id_on_external_platform: Uuid
    thread_id_on_external_platform: Uuid
    created_at: Date
    created_at_with_milliseconds: str
    message_content: Content
    direction: Literal["inbound", "outbound"]
    attachments: list[Attachment]
    recipients: list[dict[str, Any]]
    title: str
    author_user: Agent | None
    author_end_user_identity: Identity | None


class MessageSent(Struct):
    brand: Brand
    thread: Line
    message: SentMessage


class MessageOfCase(Struct):
    brand: Brand
    channel: Id
    case: Contact
    message: Message


class Seen(Struct):
    seen_at: Date


class SeenByUser(MessageOfCase):
    message_seen: Seen
    user: Agent


class EndUser(Struct):
    id: str
    first_name: str
    surname: str


class SeenByEndUser(MessageOfCase):
    message_seen: Seen
    end_user: EndUser


class Queue(Struct):
    id: str
    name: str
    is_subqueue: bool


class QueueAssigned(Struct):
    brand: Brand
    channel: Id
    case: Contact
    routing_queue: Queue | None
    previous_routing_queue: Queue | None


class Offered(Struct):
    brand: Brand
    channel: Id
    consumer_contact: Contact
    inbox_pre_assignee: Agent


class Preferred(Struct):
    brand: Brand
    channel: Id
    case: Contact
    preferred_user_for_next_assign: Agent | None
    routing_queue: Queue | None


class Delivered(Struct):
    delivered_at: Date


class DeliveredToUser(MessageOfCase):
    message_delivered: Delivered
    user: Agent


class DeliveryStatus(MessageChanged):
    point_of_contact: Id


class ThreadRenamed(Struct):
    brand: Brand
    channel: Id
    thread: Thread


class Recipients(Struct):
    brand: Brand
    channel: Id
    contact: Contact


class Availability(Struct):
    id: str
    name: str
    type: Literal["online", "offline", "na"]


class AgentStatusChanged(Struct):
    brand: Brand
    user: Agent
    user_status: Availability


class Place(Struct):
    consumer_contact: Id
    routing_queue: Id
    position_in_queue: int
    is_any_agent_online_for_queue: bool


class ProactiveContent(Struct):
    body_text: str


class Handover(Struct):
    custom_fields: list[CustomField]


class ProactiveData(Struct):
    content: ProactiveContent
    handover: Handover


class ProactiveBody(Struct):
    action_id: Uuid
    action_name: str
    action_type: Literal["WelcomeMessage", "CustomPopupBox"]
    data: ProactiveData


class ProactiveWrapper(Struct):
    action: ProactiveBody


class Proactive(Struct):
    destination: Id
    proactive_action: ProactiveWrapper


class S3Object(Struct):
    url: str


class Origin(Struct):
    event_type: str


class EventInS3(Struct):
    s3_object: S3Object
    origin_event: Origin


PUSHES: dict[str, type[Struct]] = {
    "CaseCreated": CaseCreated,
    "MessageCreated": MessageCreated,
    "MessageReadChanged": MessageChanged,
    "MessageSeenChanged": MessageChanged,
    "CaseInboxAssigneeChanged": AssigneeChanged,
    "CaseStatusChanged": CaseStatusChanged,
    "SenderTypingStarted": Typing,
    "SenderTypingEnded": Typing,
    "SetPositionInQueue": Place,
    "FireProactiveAction": Proactive,
    "EventInS3": EventInS3,
    "MessageSent": MessageSent,
    "MessageAddedIntoCase": MessageOfCase,
    "MessageSeenByUser": SeenByUser,
    "MessageSeenByEndUser": SeenByEndUser,
    "CaseToRoutingQueueAssignmentChanged": QueueAssigned,
    "ContactRecipientsChanged": Recipients,
    "UserStatusChanged": AgentStatusChanged,
    "MessageUpdated": MessageOfCase,
    "MessageDeliveredToUser": DeliveredToUser,
    "MessageDeliveryStatusChanged": DeliveryStatus,
    "ConsumerContactInboxPreAssigneeChanged": Offered,
    "ContactPreferredUserChanged": Preferred,
    "ThreadUpdated": ThreadRenamed,
}
NOT_FOR_MOBILE = {
    "ContactRecipientsChanged", "UserStatusChanged", "ConsumerContactInboxPreAssigneeChanged",
    "ContactPreferredUserChanged",
}  # fmt: skip
"""Only W takes these; the others have an object that I knows, whether it decodes them or not (4.1)."""
MOBILE_OBJECTS = {"Case", "Message", "SenderAction", "Thread", "ChatWindow"}


class Recovered(Struct):
    contact: Contact
    thread: Thread
    messages: list[Message]
    messages_scroll_token: str
    inbox_assignee: Agent | None
    owner_assignee: Agent | None
    customer: Customer
    contact_history: list[Push]


class NothingRecovered(Struct, forbid_unknown_fields=True):
    """No live chat, in channels where that is no error (4.2.5): W still needs both lists."""

    messages: Annotated[list[Message], msgspec.Meta(max_length=0)]
    messages_scroll_token: Literal[""]
    contact_history: Annotated[list[Push], msgspec.Meta(max_length=0)]


class ThreadList(Struct):
    threads: list[Thread]


class Metadata(Struct):
    owner_assignee: Agent | None
    last_message: Message


class More(Struct):
    messages: list[Message]
    scroll_token: str
    contact_history: list[Push]


class Authorized(Struct):
    consumer_identity: Identity


class AccessToken(Struct):
    token: str
    expires_in: int


class Refreshed(Struct):
    access_token: AccessToken


class Code(Struct):
    code: str


class Invitation(Struct):
    """The key of the code is shown nowhere; it stands where clients send it back (3.5.18)."""

    invitation: Code


class Joined(Struct):
    contact: Contact
    thread: Thread


class AuthorizationToken(Struct):
    authorization_token: dict[Literal["token"], str]


ANSWERS: dict[str, type[Struct] | None] = {
    "ConsumerAuthorized": Authorized,
    "ConsumerReconnected": None,
    "TokenRefreshed": Refreshed,
    "ThreadRecovered": Recovered,
    "LivechatRecovered": Recovered,
    "ThreadListFetched": ThreadList,
    "ThreadMetadataLoaded": Metadata,
    "MoreMessagesLoaded": More,
    "ThreadArchived": None,
    "TranscriptSent": None,
    "OfflineMessageSent": None,
    "InvitationToGroupChatCreated": Invitation,
    "EmailInvitationToGroupChatSent": None,
    "GroupChatJoined": Joined,
    "AuthorizationTokenGenerated": AuthorizationToken,
}


class Error(Struct):
    """The codes that go over the wire (3.6.1), known to the one client or the other."""

    error_code: Literal[
        "CustomerAuthorizationFailed", "ConsumerAuthorizationFailed", "CustomerReconnectionFailed",
        "ConsumerReconnectionFailed", "TokenRefreshingFailed", "RecoveringThreadFailed", "RecoveringLivechatFailed",
        "InconsistentData", "SendingMessageFailed", "SendingOutboundFailed", "UpdatingThreadFailed",
        "ArchivingThreadFailed", "SendingTranscriptFailed", "SendingOfflineMessageFailed", "SdkVersionNotSupported",
    ]  # fmt: skip
    error_message: str
    transaction_id: str


class Failure(Struct, forbid_unknown_fields=True):
    event_id: str
    error: Error
    input_data: Any = None


def check(frame: object) -> str:
    """Raise unless every client can take a frame; return its type."""
    if frame == "pong":
        return "pong"
    assert isinstance(frame, dict)
    if "error" in frame:
        msgspec.convert(frame, Failure)
        return "error"
    if "postback" in frame:
        return _check_answer(frame)
    if "data" in frame:
        return _check_push(frame)
    assert set(frame) == {"eventId"}, "an acknowledgement has nothing else"
    return "ack"


def _check_answer(frame: dict[str, Any]) -> str:
    assert set(frame) <= {"eventId", "status", "eventType", "authorizationStatus", "postback"}
    assert frame["eventId"]
    inner = frame["postback"]
    kind = ANSWERS[inner["eventType"]]
    if inner["eventType"] == "LivechatRecovered" and "thread" not in inner["data"]:
        kind = NothingRecovered
    if kind is not None:
        data = msgspec.convert(inner["data"], kind)
        if isinstance(data, Recovered):
            for push in data.contact_history:
                _check_push(msgspec.to_builtins(push))
    if inner["eventType"] == "ConsumerAuthorized":
        assert frame["status"] == "success"
    return str(inner["eventType"])


def _check_push(frame: dict[str, Any]) -> str:
    name = str(frame["eventType"])
    msgspec.convert(frame["data"], PUSHES[name])
    if name == "SetPositionInQueue":
        assert set(frame) == {"eventType", "eventId", "data"}
        return name
    push = msgspec.convert(frame, Push)
    if name != "EventInS3":
        assert SECONDS.fullmatch(push.created_at)
        assert name in NOT_FOR_MOBILE or push.event_object in MOBILE_OBJECTS
    return name
