"""From the center's news to push frames (CXone wire reference, sections 4.3 to 4.5)."""

from collections.abc import Callable, Iterator
from typing import Any, cast

from .. import news
from ..floor import Floor
from ..model import Contact, Customer, Message, Thread
from ..news import Initiator
from . import dates
from .channel import CXoneChannel
from .envelopes import Wire, push
from .messages import message as message_object
from .messages import sent_message
from .objects import Objects

__all__ = ["Pushes", "channel_of"]

_RECORDS = 100


def channel_of(thread: Thread) -> CXoneChannel:
    """Return the thread's channel under its own type: only threads of this language come here."""
    return cast("CXoneChannel", thread.channel)


class Pushes:
    """Builds the frames for a piece of news. Those about a contact are kept with it, as its history."""

    def __init__(self, floor: Floor, objects: Objects) -> None:
        self._floor = floor
        self._objects = objects

    def frames(self, item: news.News) -> Iterator[tuple[list[Customer] | None, Wire]]:
        """Yield each frame with those who are to get it; None stands for everyone on the channels."""
        yield from _BUILDERS[type(item)](self, item)

    def _push(self, name: str, kind: str, data: Wire, initiator: Initiator | None = None) -> Wire:
        return push(self._floor.ids.uuid(), name, kind, data, self._floor.now, initiator)

    def _place(self, thread: Thread) -> Wire:
        channel = channel_of(thread)
        return {"brand": self._objects.brand(channel), "channel": self._objects.channel(channel)}

    def _about(
        self, contact: Contact, name: str, extra: Wire, initiator: Initiator | None = None
    ) -> tuple[list[Customer], Wire]:
        """Return a push about a contact, and put it into the contact's history."""
        data = {**self._place(contact.thread), "case": self._objects.case(contact), **extra}
        frame = self._push(name, "Case", {**data, **self._routing(contact)}, initiator)
        if len(contact.records) < _RECORDS:
            contact.records.append(frame)
        return contact.thread.people, frame

    def _routing(self, contact: Contact) -> Wire:
        queue = self._objects.queue(contact.thread.channel, contact.queue)
        preferred = self._objects.agent(contact.preferred)
        return {"routingQueue": queue, "routingMode": "findmatch", "preferredUserForNextAssign": preferred}

    def opened(self, item: news.ContactOpened) -> Iterator[tuple[list[Customer], Wire]]:
        """CaseCreated."""
        extra = {"thread": self._objects.thread(item.contact.thread)}
        yield self._about(item.contact, "CaseCreated", extra)

    def queued(self, item: news.ContactQueued) -> Iterator[tuple[list[Customer], Wire]]:
        """CaseToRoutingQueueAssignmentChanged, on chatty channels."""
        if channel_of(item.contact.thread).chatty:
            initiator = Initiator("routing", "router-1")
            name = "CaseToRoutingQueueAssignmentChanged"
            yield self._about(item.contact, name, {"previousRoutingQueue": None}, initiator)

    def place(self, item: news.PlaceChanged) -> Iterator[tuple[list[Customer], Wire]]:
        """SetPositionInQueue, for live chats only. It has neither dates nor an ``eventObject``."""
        contact, channel = item.contact, channel_of(item.contact.thread)
        if channel.mode != "live":
            return
        queue = self._objects.queue(channel, contact.queue)
        named: Wire = {"id": contact.number}
        if channel.rich_queue_contact:
            named["threadIdOnExternalPlatform"] = contact.thread.external_id
            named |= {"status": contact.status, "createdAt": dates.seconds(contact.created_at)}
        data = {
            "consumerContact": named,
            "routingQueue": {} if queue is None else {"id": queue["id"]},
            "positionInQueue": item.place,
            "isAnyAgentOnlineForQueue": item.agents_online,
        }
        yield (
            contact.thread.people,
            {"eventType": "SetPositionInQueue", "eventId": self._floor.ids.uuid(), "data": data},
        )

    def assignee(self, item: news.AssigneeChanged) -> Iterator[tuple[list[Customer], Wire]]:
        """CaseInboxAssigneeChanged."""
        extra = {
            "inboxAssignee": self._objects.agent(item.agent),
            "previousInboxAssignee": self._objects.agent(item.previous),
            "acceptRejectFlow": None,
        }
        yield self._about(item.contact, "CaseInboxAssigneeChanged", extra)

    def status(self, item: news.StatusChanged) -> Iterator[tuple[list[Customer], Wire]]:
        """CaseStatusChanged."""
        extra = {"agentContact": self._objects.agent_contact(item.contact)}
        yield self._about(item.contact, "CaseStatusChanged", extra, item.initiator)

    def stored(self, item: news.MessageStored) -> Iterator[tuple[list[Customer], Wire]]:
        """MessageCreated; on chatty channels MessageSent ahead of it, and MessageAddedIntoCase behind."""
        stored = item.message
        thread, chatty = stored.thread, channel_of(stored.thread).chatty
        place = self._place(thread)
        about = {"case": self._objects.case(stored.contact), "message": message_object(stored, self._objects)}
        agent = {"agentContact": self._objects.agent_contact(stored.contact)}
        lines = {"thread": self._objects.thread(thread)}
        if chatty:
            lean = {**place, **lines, "message": sent_message(stored, self._objects)}
            yield thread.people, self._push("MessageSent", "Message", lean)
        yield thread.people, self._push("MessageCreated", "Message", {**place, **about, **lines, **agent})
        if chatty:
            yield thread.people, self._push("MessageAddedIntoCase", "Case", {**place, **about, **agent})

    def read(self, item: news.MessageRead) -> Iterator[tuple[list[Customer], Wire]]:
        """MessageReadChanged; on chatty channels MessageSeenByUser too."""
        reader = item.message.contact.agent or self._floor.agent
        extra = {"messageSeen": {"seenAt": dates.seconds(self._floor.now)}, "user": self._objects.agent(reader)}
        initiator = Initiator("user", str(reader.id))
        yield self._seen(item.message, "MessageReadChanged", {}, initiator)
        if channel_of(item.message.thread).chatty:
            yield self._seen_by(item.message, "MessageSeenByUser", extra)

    def seen(self, item: news.MessageSeen) -> Iterator[tuple[list[Customer], Wire]]:
        """MessageSeenChanged; on chatty channels MessageSeenByEndUser too."""
        thread = item.message.thread
        point = {"pointOfContact": self._objects.channel(channel_of(thread))}
        yield self._seen(item.message, "MessageSeenChanged", point)
        if channel_of(thread).chatty:
            extra = {
                "messageSeen": {"seenAt": dates.seconds(self._floor.now)},
                "endUser": self._objects.end_user(thread.customer),
            }
            yield self._seen_by(item.message, "MessageSeenByEndUser", extra)

    def _seen(
        self, message: Message, name: str, extra: Wire, initiator: Initiator | None = None
    ) -> tuple[list[Customer], Wire]:
        data = {
            **self._place(message.thread),
            "message": message_object(message, self._objects),
            "contact": self._objects.case(message.contact),
            "agentContact": self._objects.agent_contact(message.contact),
            **extra,
        }
        return message.thread.people, self._push(name, "Message", data, initiator)

    def _seen_by(self, message: Message, name: str, extra: Wire) -> tuple[list[Customer], Wire]:
        data = {
            **self._place(message.thread),
            "case": self._objects.case(message.contact),
            "message": message_object(message, self._objects),
            "agentContact": self._objects.agent_contact(message.contact),
            **extra,
        }
        return message.thread.people, self._push(name, "Message", data)

    def changed(self, item: news.MessageChanged) -> Iterator[tuple[list[Customer], Wire]]:
        """MessageUpdated."""
        thread = item.message.thread
        data = {
            **self._place(thread),
            "case": self._objects.case(item.message.contact),
            "message": message_object(item.message, self._objects),
            "agentContact": self._objects.agent_contact(item.message.contact),
        }
        yield thread.people, self._push("MessageUpdated", "Message", data)

    def delivered(self, item: news.MessageDelivered) -> Iterator[tuple[list[Customer], Wire]]:
        """MessageDeliveredToUser, and MessageDeliveryStatusChanged where the channel tracks it."""
        message = item.message
        channel = channel_of(message.thread)
        reader = message.contact.agent or self._floor.agent
        extra = {
            "messageDelivered": {"deliveredAt": dates.seconds(self._floor.now)},
            "user": self._objects.agent(reader),
        }
        yield self._seen_by(message, "MessageDeliveredToUser", extra)
        if channel.tracks_delivery:
            point = {"pointOfContact": self._objects.channel(channel)}
            yield self._seen(message, "MessageDeliveryStatusChanged", point)

    def moved(self, item: news.ContactMoved) -> Iterator[tuple[list[Customer], Wire]]:
        """CaseToRoutingQueueAssignmentChanged: into a queue of that name, or into none."""
        previous = self._objects.queue(item.contact.thread.channel, item.previous)
        name, initiator = "CaseToRoutingQueueAssignmentChanged", Initiator("routing", "router-1")
        yield self._about(item.contact, name, {"previousRoutingQueue": previous}, initiator)

    def offered(self, item: news.ContactOffered) -> Iterator[tuple[list[Customer], Wire]]:
        """ConsumerContactInboxPreAssigneeChanged."""
        data = {
            **self._place(item.contact.thread),
            "consumerContact": self._objects.case(item.contact),
            "inboxPreAssignee": self._objects.agent(item.agent),
            **self._routing(item.contact),
            "acceptRejectFlow": {"isEnabled": True, "isTransfer": False, "refusalTimeoutSeconds": 30},
        }
        name = "ConsumerContactInboxPreAssigneeChanged"
        yield item.contact.thread.people, self._push(name, "ConsumerContact", data, Initiator("routing", "router-1"))

    def preference(self, item: news.PreferenceChanged) -> Iterator[tuple[list[Customer], Wire]]:
        """ContactPreferredUserChanged."""
        data = {
            **self._place(item.contact.thread),
            "case": self._objects.case(item.contact),
            **self._routing(item.contact),
            "previousPreferredUserForNextAssign": self._objects.agent(item.previous),
        }
        yield item.contact.thread.people, self._push("ContactPreferredUserChanged", "Contact", data)

    def renamed(self, item: news.ThreadRenamed) -> Iterator[tuple[list[Customer], Wire]]:
        """ThreadUpdated; no source shows its data (CXone wire reference, section 10, 4): the thread."""
        data = {**self._place(item.thread), "thread": self._objects.thread(item.thread)}
        yield item.thread.people, self._push("ThreadUpdated", "Thread", data)

    def typing(self, item: news.TypingChanged) -> Iterator[tuple[list[Customer], Wire]]:
        """SenderTypingStarted and SenderTypingEnded: with the user and with the direction, as some need either."""
        channel = channel_of(item.thread)
        if item.agent is None and not channel.echo_typing:
            return
        data = {
            **self._place(item.thread),
            "thread": self._objects.thread(item.thread),
            "user": self._objects.agent(item.agent),
            "direction": "inbound" if item.agent is None else "outbound",
        }
        name = "SenderTypingStarted" if item.typing else "SenderTypingEnded"
        yield item.thread.people, self._push(name, "SenderAction", data)

    def recipients(self, item: news.RecipientsChanged) -> Iterator[tuple[list[Customer], Wire]]:
        """ContactRecipientsChanged; a guest who has left is told as well."""
        thread = item.contact.thread
        data = {**self._place(thread), "contact": self._objects.case(item.contact)}
        people = list({id(person): person for person in (*thread.people, item.guest)}.values())
        yield people, self._push("ContactRecipientsChanged", "Contact", data)

    def agent_status(self, item: news.AgentStatusChanged) -> Iterator[tuple[None, Wire]]:
        """UserStatusChanged, for everyone."""
        status = {
            "id": self._floor.ids.derived_uuid(f"status {item.status}"),
            "name": {"online": "Available", "offline": "Offline", "na": "Break"}[item.status],
            "type": item.status,
            "timeElapsedInSeconds": 0,
        }
        brand = self._objects.brand(cast("CXoneChannel", item.channel))
        data = {"brand": brand, "user": self._objects.agent(item.agent), "userStatus": status}
        yield None, self._push("UserStatusChanged", "UserStatus", data)


_BUILDERS: dict[type, Callable[[Pushes, Any], Iterator[tuple[list[Customer] | None, Wire]]]] = {
    news.ContactOpened: Pushes.opened,
    news.ContactQueued: Pushes.queued,
    news.PlaceChanged: Pushes.place,
    news.AssigneeChanged: Pushes.assignee,
    news.StatusChanged: Pushes.status,
    news.MessageStored: Pushes.stored,
    news.MessageRead: Pushes.read,
    news.MessageSeen: Pushes.seen,
    news.MessageChanged: Pushes.changed,
    news.MessageDelivered: Pushes.delivered,
    news.ContactMoved: Pushes.moved,
    news.ContactOffered: Pushes.offered,
    news.PreferenceChanged: Pushes.preference,
    news.ThreadRenamed: Pushes.renamed,
    news.TypingChanged: Pushes.typing,
    news.RecipientsChanged: Pushes.recipients,
    news.AgentStatusChanged: Pushes.agent_status,
}
