"""Pushes that bring no message: queues, agents, participants, pages, names (CXone wire reference, 4.3, 4.5 and 4.8)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..events import PageViewed, ParticipantsChanged, PartyAlerted, PartyPreferred, PartyStatusChanged, QueueChanged
from ..lifecycle import ThreadState
from . import content, wire
from .thread import Thread

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["NOTICES", "Notices"]

_Contact = wire.Contact | wire.RecipientsContact


class Notices:
    """Tells the app what happens around its conversations. Of a thread that is not known, or has ended, it is no news.

    Nothing here moves a state: a contact's number and fields are taken from any carrier (trap T-21), the rest is told.
    """

    __slots__ = ("_chat",)

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat

    def _thread(self, contact: _Contact) -> Thread | None:
        """Return the thread of a contact, which learns its number; one that has another contact is not meant (P30)."""
        desk = self._chat.desk
        thread = desk.threads.get(contact.thread_id_on_external_platform or "") or desk.by_contact(contact.id)
        if thread is None or thread.state is ThreadState.ENDED or thread.contact not in ("", contact.id):
            return None
        if isinstance(contact, wire.Contact):
            self._chat.inbox.told_case(thread, contact)
        else:
            self._chat.inbox.adopt_contact(thread, contact.id)
        return thread

    def added_into_case(self, push: wire.MessageAddedIntoCase) -> None:
        """A message was put into a contact; the message itself comes as MessageCreated."""
        case = push.data.case
        if case is None:
            return
        desk = self._chat.desk
        thread = desk.threads.get(push.data.message.thread_id_on_external_platform or "")
        thread = thread or desk.threads.get(case.thread_id_on_external_platform or "")
        if thread is not None and thread.state is not ThreadState.ENDED:
            self._chat.inbox.told_case(thread, case)

    def queue_changed(self, push: wire.CaseToRoutingQueueAssignmentChanged) -> None:
        """The contact waits in another queue, or in none."""
        thread, queue = self._thread(push.data.case), push.data.routing_queue
        if thread is not None:
            name = (queue.name or queue.id or "") if queue is not None else ""
            self._chat.session.notify(QueueChanged(thread=thread.id, queue=name))

    def alerted(self, push: wire.ConsumerContactInboxPreAssigneeChanged) -> None:
        """The contact is offered to an agent, who is not in charge before accepting it."""
        thread, user = self._thread(push.data.consumer_contact), push.data.inbox_pre_assignee
        if thread is not None and user is not None:
            self._chat.session.notify(PartyAlerted(thread=thread.id, party=content.user_party(user)))

    def preferred(self, push: wire.ContactPreferredUserChanged) -> None:
        """An agent is to be preferred, or none any more."""
        thread, user = self._thread(push.data.case), push.data.preferred_user_for_next_assign
        if thread is not None:
            party = content.user_party(user) if user is not None else None
            self._chat.session.notify(PartyPreferred(thread=thread.id, party=party))

    def recipients_changed(self, push: wire.ContactRecipientsChanged) -> None:
        """Other customers take part in the conversation."""
        contact = push.data.contact
        thread = self._thread(contact)
        if thread is None:
            return
        own = self._chat.identity.customer
        others = {
            recipient.id_on_external_platform: recipient.name or recipient.id_on_external_platform
            for recipient in (*contact.recipients, *contact.end_user_recipients)
            if recipient.id_on_external_platform != own
        }
        participants = tuple(others.values())
        if participants != thread.participants:
            thread.participants = participants
            self._chat.session.notify(ParticipantsChanged(thread=thread.id, participants=participants))

    def user_status_changed(self, push: wire.UserStatusChanged) -> None:
        """An agent is available in another way."""
        status = push.data.user_status
        party = content.user_party(push.data.user)
        self._chat.session.notify(PartyStatusChanged(party=party, status=status.type or status.name or ""))

    def page_viewed(self, push: wire.PageViewCreated) -> None:
        """The far side noted a page of the customer's."""
        page, named = push.data.page_view, push.data.thread
        thread = self._chat.desk.threads.get(named.id_on_external_platform) if named is not None else None
        self._chat.session.notify(
            PageViewed(
                thread=thread.id if thread is not None else "", title=page.page_title or "", url=page.page_url or ""
            )
        )

    def thread_updated(self, push: wire.ThreadUpdate) -> None:
        """A thread has another name; without one it says nothing."""
        thread = self._chat.desk.threads.get(push.data.thread.id_on_external_platform)
        if thread is not None and push.data.thread.thread_name is not None:
            thread.rename(push.data.thread.thread_name)

    def nothing(self, _push: object) -> None:
        """What the customer saw of the other side's messages: on this device or another, it is no news here."""


NOTICES: dict[type, Callable[[Notices, Any], None]] = {
    wire.MessageAddedIntoCase: Notices.added_into_case,
    wire.CaseToRoutingQueueAssignmentChanged: Notices.queue_changed,
    wire.ConsumerContactInboxPreAssigneeChanged: Notices.alerted,
    wire.ContactPreferredUserChanged: Notices.preferred,
    wire.ContactRecipientsChanged: Notices.recipients_changed,
    wire.UserStatusChanged: Notices.user_status_changed,
    wire.PageViewCreated: Notices.page_viewed,
    wire.ThreadUpdate: Notices.thread_updated,
    wire.MessageSeenByEndUser: Notices.nothing,
    wire.MessageDeliveredToEndUser: Notices.nothing,
}
"""Which push is told how."""
