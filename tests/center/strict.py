"""The strictest decoders: what each of the vendor's clients needs of a frame, as types that refuse anything less.

Written from the columns "needs" of the CXone wire reference, sections 3.6 to 5. ``I``, ``A`` and ``W`` are the mobile
clients for iOS and Android, and the web client. A field with a default may be absent; all others must be there.
"""

import re
from typing import Annotated, Any, Literal

import msgspec

SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\+00:00|Z)")
Uuid = Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$")]
Date = Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$")]
Status = Literal["new", "open", "pending", "escalated", "resolved", "closed"]
Digits = Annotated[str, msgspec.Meta(pattern=r"^\d+$")]


class Struct(msgspec.Struct, kw_only=True, rename="camel"):
    """Fields that are not named are not looked at."""


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


class Content(Struct):
    type: Literal["TEXT", "PLUGIN", "QUICK_REPLIES", "LIST_PICKER", "RICH_LINK"]
    payload: dict[str, Any]
    fallback_text: str


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
        "Case", "Message", "SenderAction", "Thread", "ChatWindow", "Contact", "UserStatus", "S3Object"
    ]
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
}
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
}


class Error(Struct):
    error_code: Literal[
        "RecoveringThreadFailed", "RecoveringLivechatFailed", "SendingMessageFailed", "InconsistentData"
    ]
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
        assert push.event_object in MOBILE_OBJECTS
    return name
