"""Pushes that bring no message: receipts, queues, agents, participants (CXone wire reference, sections 4.3 and 4.5)."""

from .parts import Contact, Thread, User, Wire, WireMessage
from .pushes import MessageData, PushFrame

__all__ = [
    "CaseToRoutingQueueAssignmentChanged",
    "ConsumerContactInboxPreAssigneeChanged",
    "ContactPreferredUserChanged",
    "ContactRecipientsChanged",
    "MessageAddedIntoCase",
    "MessageDelivered",
    "MessageDeliveredToEndUser",
    "MessageDeliveredToUser",
    "MessageDeliveryStatusChanged",
    "MessageSeen",
    "MessageSeenByEndUser",
    "MessageSeenByUser",
    "MessageSent",
    "MessageUpdated",
    "PageView",
    "PageViewCreated",
    "PageViewData",
    "PreAssigneeData",
    "PreferredUserData",
    "ReceiptData",
    "Recipient",
    "RecipientsContact",
    "RecipientsData",
    "RoutingQueue",
    "RoutingQueueData",
    "ThreadUpdate",
    "ThreadUpdateData",
    "UserStatus",
    "UserStatusChanged",
    "UserStatusData",
]


# --- messages: sent ahead, changed, put into a contact ---


class MessageSent(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """A message that was accepted, ahead of its MessageCreated; it has no id of the platform's yet."""

    data: MessageData


class MessageUpdated(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """A message has other content: removed, translated."""

    data: MessageData


class MessageAddedIntoCase(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """A message was put into a contact; comes with its MessageCreated."""

    data: MessageData


# --- receipts ---


class MessageSeen(Wire, frozen=True, kw_only=True, gc=False):
    """When a message was seen."""

    seen_at: str | None = None


class MessageDelivered(Wire, frozen=True, kw_only=True, gc=False):
    """When a message was delivered."""

    delivered_at: str | None = None


class ReceiptData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of the pushes that tell what became of a message."""

    message: WireMessage
    case: Contact | None = None
    contact: Contact | None = None
    message_seen: MessageSeen | None = None
    message_delivered: MessageDelivered | None = None


class MessageDeliveryStatusChanged(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """A message was delivered to someone, or not; which, only its own lists tell."""

    data: ReceiptData


class MessageSeenByUser(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """An agent saw a message."""

    data: ReceiptData


class MessageSeenByEndUser(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """The customer saw a message, here or on another device."""

    data: ReceiptData


class MessageDeliveredToUser(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """A message was delivered to an agent."""

    data: ReceiptData


class MessageDeliveredToEndUser(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """A message was delivered to the customer."""

    data: ReceiptData


# --- the contact: queue, agents, participants ---


class RoutingQueue(Wire, frozen=True, kw_only=True, gc=False):
    """A queue (4.1.7)."""

    id: str | None = None
    name: str | None = None


class RoutingQueueData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of CaseToRoutingQueueAssignmentChanged."""

    case: Contact
    routing_queue: RoutingQueue | None = None


class CaseToRoutingQueueAssignmentChanged(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """A contact was put into a queue, or out of it."""

    data: RoutingQueueData


class PreAssigneeData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of ConsumerContactInboxPreAssigneeChanged."""

    consumer_contact: Contact
    inbox_pre_assignee: User | None = None


class ConsumerContactInboxPreAssigneeChanged(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """A contact is offered to an agent, who has not accepted it yet."""

    data: PreAssigneeData


class PreferredUserData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of ContactPreferredUserChanged."""

    case: Contact
    preferred_user_for_next_assign: User | None = None


class ContactPreferredUserChanged(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """An agent is to be preferred when the contact is assigned next."""

    data: PreferredUserData


class Recipient(Wire, frozen=True, kw_only=True, gc=False):
    """A customer who takes part in a contact (4.1.7)."""

    id_on_external_platform: str = ""
    name: str | None = None


class RecipientsContact(Wire, frozen=True, kw_only=True, gc=False):
    """A contact with those who take part in it."""

    id: str
    thread_id_on_external_platform: str | None = None
    recipients: tuple[Recipient, ...] = ()
    end_user_recipients: tuple[Recipient, ...] = ()


class RecipientsData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of ContactRecipientsChanged."""

    contact: RecipientsContact


class ContactRecipientsChanged(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """Other customers take part in a contact."""

    data: RecipientsData


# --- what belongs to no contact ---


class UserStatus(Wire, frozen=True, kw_only=True, gc=False):
    """How an agent is available: ``type`` is online, offline or na, ``name`` the platform's word for it."""

    type: str = ""
    name: str | None = None


class UserStatusData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of UserStatusChanged."""

    user: User
    user_status: UserStatus


class UserStatusChanged(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """An agent is available in another way."""

    data: UserStatusData


class PageView(Wire, frozen=True, kw_only=True, gc=False):
    """A page that the customer looked at."""

    page_title: str | None = None
    page_url: str | None = None


class PageViewData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of PageViewCreated."""

    page_view: PageView
    thread: Thread | None = None


class PageViewCreated(PushFrame, frozen=True, kw_only=True, gc=False, tag=True):
    """The customer's looking at a page was noted."""

    data: PageViewData


class ThreadUpdateData(Wire, frozen=True, kw_only=True, gc=False):
    """Data of a ThreadUpdated that comes by itself; no source shows it (4.2.10)."""

    thread: Thread


class ThreadUpdate(PushFrame, frozen=True, kw_only=True, gc=False, tag="ThreadUpdated"):
    """A thread has another name; as an answer it is :class:`~.answers.ThreadUpdated`."""

    data: ThreadUpdateData
