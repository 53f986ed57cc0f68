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


class Struct(msgspec.Struct, kw_only=True):
    """Fields that are not named are not looked at."""


class CustomField(Struct):
    ident: str
    value: str | None
    updatedAt: Date


class Id(Struct):
    id: str


class Brand(Struct):
    id: int


class Contact(Struct):
    id: Digits
    threadIdOnExternalPlatform: Uuid
    status: Status
    createdAt: Date
    statusUpdatedAt: Date
    customFields: list[CustomField]


class Agent(Struct):
    id: int
    firstName: str
    surname: str
    isBotUser: bool
    isSurveyUser: bool
    publicImageUrl: str


class Identity(Struct):
    idOnExternalPlatform: str
    firstName: str
    lastName: str


class Attachment(Struct):
    url: str
    friendlyName: str
    mimeType: str
    fileName: str


class Content(Struct):
    type: Literal["TEXT", "PLUGIN", "QUICK_REPLIES", "LIST_PICKER", "RICH_LINK"]
    payload: dict[str, Any]
    fallbackText: str


class UserStatistics(Struct):
    seenAt: Date | None
    readAt: Date | None


class CustomerStatistics(Struct):
    seenAt: Date | None


class Message(Struct):
    id: Uuid
    idOnExternalPlatform: Uuid
    threadIdOnExternalPlatform: Uuid
    messageContent: Content
    createdAt: Date
    direction: Literal["inbound", "outbound"]
    attachments: list[Attachment]
    userStatistics: UserStatistics
    customerStatistics: CustomerStatistics
    authorUser: Agent | None
    authorEndUserIdentity: Identity | None
    hasAdditionalMessageContent: Literal[False]


class Line(Struct):
    idOnExternalPlatform: Uuid
    threadName: str


class Thread(Line):
    id: str
    channelId: str
    canAddMoreMessages: bool


class Customer(Struct):
    customFields: list[CustomField]


class Push(Struct):
    eventId: Uuid
    eventObject: Literal["Case", "Message", "SenderAction", "Thread", "ChatWindow", "Contact", "UserStatus", "S3Object"]
    eventType: str
    createdAt: str
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
    inboxAssignee: Agent | None
    previousInboxAssignee: Agent | None


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
    consumerContact: Id
    routingQueue: Id
    positionInQueue: int
    isAnyAgentOnlineForQueue: bool


class ProactiveContent(Struct):
    bodyText: str


class Handover(Struct):
    customFields: list[CustomField]


class ProactiveData(Struct):
    content: ProactiveContent
    handover: Handover


class ProactiveBody(Struct):
    actionId: Uuid
    actionName: str
    actionType: Literal["WelcomeMessage", "CustomPopupBox"]
    data: ProactiveData


class ProactiveWrapper(Struct):
    action: ProactiveBody


class Proactive(Struct):
    destination: Id
    proactiveAction: ProactiveWrapper


class S3Object(Struct):
    url: str


class Origin(Struct):
    eventType: str


class EventInS3(Struct):
    s3Object: S3Object
    originEvent: Origin


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
    messagesScrollToken: str
    inboxAssignee: Agent | None
    ownerAssignee: Agent | None
    customer: Customer
    contactHistory: list[Push]


class ThreadList(Struct):
    threads: list[Thread]


class Metadata(Struct):
    ownerAssignee: Agent | None
    lastMessage: Message


class More(Struct):
    messages: list[Message]
    scrollToken: str
    contactHistory: list[Push]


class Authorized(Struct):
    consumerIdentity: Identity


class AccessToken(Struct):
    token: str
    expiresIn: int


class Refreshed(Struct):
    accessToken: AccessToken


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
    errorCode: Literal["RecoveringThreadFailed", "RecoveringLivechatFailed", "SendingMessageFailed", "InconsistentData"]
    errorMessage: str
    transactionId: str


class Failure(Struct, forbid_unknown_fields=True):
    eventId: str
    error: Error
    inputData: Any = None


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
            for push in data.contactHistory:
                _check_push(msgspec.to_builtins(push))
    if inner["eventType"] == "ConsumerAuthorized":
        assert frame["status"] == "success"
    return str(inner["eventType"])


def _check_push(frame: dict[str, Any]) -> str:
    name = frame["eventType"]
    msgspec.convert(frame["data"], PUSHES[name])
    if name == "SetPositionInQueue":
        assert set(frame) == {"eventType", "eventId", "data"}
        return name
    push = msgspec.convert(frame, Push)
    if name != "EventInS3":
        assert SECONDS.fullmatch(push.createdAt)
        assert push.eventObject in MOBILE_OBJECTS
    return name
