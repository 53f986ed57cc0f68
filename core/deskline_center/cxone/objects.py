"""The objects inside frames (CXone wire reference, sections 4.1 and 5.2), complete enough for the strictest decoder."""

from collections.abc import Iterable

from ..ids import Ids
from ..model import Agent, Channel, Contact, Customer, Field, Thread
from . import dates
from .channel import CXoneChannel
from .envelopes import Wire

__all__ = ["Objects"]


class Objects:
    """Builds wire objects. ``base_url`` is where the center itself is reached; pictures are said to lie there."""

    def __init__(self, base_url: str, ids: Ids) -> None:
        self.base_url = base_url
        self._ids = ids

    def brand(self, channel: CXoneChannel) -> Wire:
        """The tenant."""
        return {
            "id": channel.brand,
            "friendlyName": channel.name,
            "timezone": "Etc/UTC",
            "brandHash": self._ids.derived(f"brand {channel.brand}", 10),
            "tenantId": None,
            "businessUnitId": None,
        }

    def channel(self, channel: CXoneChannel) -> Wire:
        """The channel, with the flags a client might look at."""
        return {
            "id": channel.id,
            "idOnExternalPlatform": channel.id.removeprefix("chat_"),
            "name": channel.name,
            "integrationBoxIdentifier": "chat",
            "realExternalPlatformId": "chat",
            "externalPlatformId": "chat",
            "externalPlatformAvatar": f"{self.base_url}/images/channel.png",
            "externalPlatformIcon": "live-chat",
            "contentFormat": "plain",
            "isPrivate": True,
            "hasAbilityToSendFiles": channel.attachments,
            "isLiveChat": channel.mode == "live",
            "hasMultipleThreadsPerEndUser": channel.mode == "multi",
            "translationGroup": "default",
            "studioScript": None,
            "mediaType": 3,
            "pointOfContactId": None,
            "isTrackingMessageDeliveryStatus": channel.tracks_delivery,
            "channelNumber": 30,
        }

    def queue(self, channel: Channel, name: str | None = None) -> Wire | None:
        """The queue of that name, None for the channel's own; there is none for ""."""
        if name == "":
            return None
        return {
            "id": self._ids.derived_uuid(f"queue {channel.id if name is None else name}"),
            "name": "Front desk" if name is None else name,
            "isSubqueue": False,
            "isDeleted": False,
            "skillId": 4401,
            "isAcceptRejectFlowEnabled": False,
            "acceptRejectFlowRefusalTimeoutInSeconds": None,
        }

    def thread(self, thread: Thread) -> Wire:
        """A thread, ids as the client chose them."""
        return {
            "id": thread.id,
            "idOnExternalPlatform": thread.external_id,
            "threadName": thread.name,
            "channelId": thread.channel.id,
            "canAddMoreMessages": thread.writable,
        }

    def agent(self, agent: Agent | None) -> Wire | None:
        """An agent as pushes show one."""
        if agent is None:
            return None
        mail = f"agent{agent.id}@example.test"
        return {
            "id": agent.id,
            "incontactId": None,
            "agentId": None,
            "emailAddress": mail,
            "loginUsername": mail,
            "firstName": agent.first_name,
            "surname": agent.surname,
            "nickname": agent.nickname,
            "imageUrl": f"{self.base_url}/images/{agent.id}.png",
            "publicImageUrl": f"{self.base_url}/images/{agent.id}-public.png",
            "isBotUser": agent.bot,
            "isSurveyUser": agent.survey,
        }

    def recovered_agent(self, agent: Agent | None) -> Wire | None:
        """An agent as recovery and metadata show one: the same and more."""
        lean = self.agent(agent)
        if agent is None or lean is None:
            return None
        return {
            **lean,
            "username": lean["loginUsername"],
            "name": agent.first_name,
            "fullName": f"{agent.first_name} {agent.surname}".strip(),
            "image": lean["imageUrl"],
            "imagePublic": lean["publicImageUrl"],
            "email": lean["emailAddress"],
            "inContactId": None,
            "inContactSharedUser": False,
            "isChatbot": agent.bot,
            "userType": "user",
        }

    def identity(self, customer: Customer) -> Wire:
        """The customer as the author of messages."""
        return {
            "idOnExternalPlatform": customer.id,
            "firstName": customer.first_name,
            "lastName": customer.last_name,
            "nickname": customer.name,
            "image": customer.image or f"{self.base_url}/images/customer.png",
            "externalPlatformId": "chat",
            "id": f"chat_{customer.id}",
            "fullName": customer.name,
        }

    def customer(self, customer: Customer) -> Wire:
        """The customer as recovery shows it, with the customer's fields."""
        return {
            "id": f"chat_{customer.id}",
            "name": customer.first_name,
            "surname": customer.last_name,
            "firstName": customer.first_name,
            "lastName": customer.last_name,
            "fullName": customer.name,
            "customFields": self.fields(customer.fields.values()),
        }

    def end_user(self, customer: Customer) -> Wire:
        """The customer inside a contact."""
        return {
            "id": f"chat_{customer.id}",
            "firstName": customer.first_name,
            "surname": customer.last_name,
            "fullName": customer.name,
            "customFields": self.fields(customer.fields.values()),
            "image": customer.image or f"{self.base_url}/images/customer.png",
            "identities": [self.identity(customer)],
        }

    def fields(self, fields: Iterable[Field], prefix: str = "") -> list[Wire]:
        """Custom fields."""
        return [{"ident": f"{prefix}{f.ident}", "value": f.value, "updatedAt": f.updated_at} for f in fields]

    def recipients(self, thread: Thread) -> list[Wire]:
        """Everyone on the customer's side; the owner of the thread is the primary one."""
        return [
            {
                "idOnExternalPlatform": person.id,
                "name": person.name,
                "isPrimary": person is thread.customer,
                "isPrivate": False,
                "anonymizedAt": None,
                "anonymizedReason": None,
            }
            for person in thread.people
        ]

    def agent_contact(self, contact: Contact) -> Wire | None:
        """The agent's part in a contact, once there is one."""
        if contact.agent is None or contact.assigned_at is None:
            return None
        return {
            "id": contact.ids["agent"],
            "user": self.agent(contact.agent),
            "createdAt": dates.seconds(contact.assigned_at),
            "createdAtWithMilliseconds": dates.milliseconds(contact.assigned_at),
            "closedAt": dates.seconds(contact.status_at) if contact.closed else None,
        }

    def case(self, contact: Contact) -> Wire:
        """A contact, whatever key it stands under."""
        thread = contact.thread
        assigned = contact.assigned_at
        return {
            **self._case_ids(contact),
            "status": contact.status,
            "statusUpdatedAt": dates.seconds(contact.status_at),
            "routingQueuePriority": 1,
            "inboxAssignee": contact.agent.id if contact.agent else None,
            "inboxAssigneeLastAssignedAt": dates.seconds(assigned) if assigned is not None else None,
            "inboxAssigneeUser": self.agent(contact.agent),
            "ownerAssignee": contact.owner.id if contact.owner else None,
            "ownerAssigneeUser": self.agent(contact.owner),
            "inboxPreAssigneeUser": self.agent(contact.offered_to),
            "endUserRecipients": [],
            "recipients": self.recipients(thread),
            "detailUrl": f"{self.base_url}/control/contacts/{contact.number}",
            "authorEndUserIdentity": self.identity(thread.customer),
            "direction": "inbound",
            "createdAt": dates.seconds(contact.created_at),
            "customFields": self.fields(contact.fields.values()),
            "userFingerprint": {"deviceType": "other", "applicationType": "native"},
            "statistics": {"inboxAssigneeResponseTime": None},
            **self._case_counts(contact),
            "proficiency": {"from": 1, "to": 20},
            "routableType": "ROUTABLE",
            "endUser": self.end_user(thread.customer),
        }

    def _case_ids(self, contact: Contact) -> Wire:
        thread = contact.thread
        queue = self.queue(thread.channel, contact.queue)
        return {
            "id": contact.number,
            "threadId": thread.id,
            "threadIdOnExternalPlatform": thread.external_id,
            "channelId": thread.channel.id,
            "interactionId": contact.ids["interaction"],
            "consumerContactStorageId": thread.id,
            "contactId": contact.ids["contact"],
            "customerContactId": contact.ids["customer"],
            "routingQueueId": None if queue is None else queue["id"],
        }

    def _case_counts(self, contact: Contact) -> Wire:
        mine = [m for m in contact.thread.messages if m.contact is contact]
        unread = sum(not m.outbound and m.read_at is None for m in mine)
        unseen = sum(m.outbound and m.seen_at is None for m in mine)
        return {
            "userStatistics": {"unseenMessagesCount": unread},
            "customerStatistics": {"unseenMessagesCount": unseen},
        }
