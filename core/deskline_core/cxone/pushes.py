"""What CXone pushes by itself (CXone wire reference, sections 4.3 to 4.7), each named as the vendor names it."""

import msgspec

from .parts import Contact, Thread, User, Wire, WireMessage

__all__ = [
    "AssigneeData",
    "CaseCreated",
    "CaseData",
    "CaseInboxAssigneeChanged",
    "CaseStatusChanged",
    "Context",
    "Destination",
    "EventInS3",
    "FireProactiveAction",
    "Initiator",
    "MessageCreated",
    "MessageData",
    "MessageReadChanged",
    "MessageSeenChanged",
    "OfferAction",
    "OriginEvent",
    "ProactiveAction",
    "ProactiveData",
    "PushFrame",
    "QueueContact",
    "QueueData",
    "S3Data",
    "S3Object",
    "SenderTypingEnded",
    "SenderTypingStarted",
    "SetPositionInQueue",
    "StatisticsData",
    "TypingData",
]


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


class Destination(Wire, frozen=True, kw_only=True, gc=False):
    """The chat window that an offer is meant for."""

    id: str = ""


class OfferAction(Wire, frozen=True, kw_only=True, gc=False):
    """An offer (4.6). ``data`` is raw: its forms differ by type and vendor, and nothing of it must be lost."""

    action_id: str
    action_name: str | None = None
    action_type: str | None = None
    data: msgspec.Raw = msgspec.Raw(b"null")


class ProactiveAction(Wire, frozen=True, kw_only=True, gc=False):
    """What the platform's rules have brought up."""

    action: OfferAction


class ProactiveData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of FireProactiveAction."""

    proactive_action: ProactiveAction
    destination: Destination | None = None


class FireProactiveAction(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """The far side offers something by itself, or gives the text to welcome the customer with (4.6)."""

    data: ProactiveData
