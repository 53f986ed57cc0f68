"""What the far side pushes, thread by thread (CXone wire reference, sections 4.3-4.5)."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from ..commands import Notify
from ..errors import RefusalCode
from ..events import (
    MessageReceived,
    MessageStatusChanged,
    MessageUpdated,
)
from ..lifecycle import EndReason, MessageStatus, ThreadState
from ..machine import Undeclared
from ..model import Message, PartyRole, QueuePosition
from ..outbox import Outgoing
from . import content, wire
from .inactivity import read_inactivity
from .rest import ChannelMode
from .thread import THREAD, Thread

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["POPUPS", "Inbox"]

_CUSTOMER = PartyRole.CUSTOMER
_NONE = ThreadState.NONE
_RECOVERING = ThreadState.RECOVERING
POPUPS = frozenset({"PLUGIN", "INACTIVITY_POPUP"})


class Inbox:
    """Receives pushes. What comes before its time (receipts, queue positions) is kept until it fits, bounded."""

    __slots__ = ("_chat", "_early_places", "_early_receipts")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._early_receipts: dict[str, None] = {}
        self._early_places: dict[str, QueuePosition] = {}

    def forget(self) -> None:
        """Signed out: what came early was for someone else."""
        self._early_receipts.clear()
        self._early_places.clear()

    # --- messages ---

    def message_created(self, push: wire.MessageCreated) -> None:
        """A message of a thread, either way, ours included."""
        data = push.data
        message = data.message
        named = data.thread
        thread = self._chat.desk.threads.get(named.id_on_external_platform) if named is not None else None
        if thread is None:
            thread = self._thread_of(message, named, data.case)
        if thread is None:
            return
        # What `fire` does, one call less: every message pays for it.
        if not THREAD.events["message_created"].trigger(thread, thread, push):
            raise Undeclared("message_created")
        if thread.state is _NONE:  # T31: not ours
            return
        case = data.case
        if case is not None and case.id != thread.contact:
            self.adopt_contact(thread, case.id)
        if message.direction == "outbound" and message.message_content.type == "TEXT":  # as nearly every one
            self._keep(thread, content.read_message(message, thread.id, self._chat.session.now), None)
        else:
            self._receive_other(thread, message)

    def _receive_other(self, thread: Thread, message: wire.WireMessage) -> None:
        """A message that may be one of ours, or hidden, or more than text."""
        outgoing = self._chat.delivery.outbox.get(message.id_on_external_platform)
        if outgoing is not None:
            outgoing.fire("server_copy")
        if message.message_content.type in POPUPS and self.warn(thread, message):
            return
        if content.is_hidden(message):
            return
        is_news = message.id_on_external_platform not in thread.history
        self._keep(thread, content.read_message(message, thread.id, self._chat.session.now), outgoing)
        if is_news and content.is_unsupported(message):
            self._chat.delivery.answer_unsupported(thread)

    def _keep(self, thread: Thread, message: Message, outgoing: Outgoing | None) -> None:
        if message.party.role is _CUSTOMER:
            message = self.with_receipt(thread, message)
        known = thread.history.add(message)
        if known is None:
            if thread.state is _RECOVERING or not self._chat.connection.is_connected:
                thread.loose[message.id] = None  # what came before it may be missing still
            if thread.typing is not None and not message.mine:
                thread.agent_stopped_typing()
            if outgoing is None:
                self._chat.session.emit(Notify(event=MessageReceived(thread=thread.id, message=message)))
        elif known.text != message.text or known.kind is not message.kind:
            self._chat.session.notify(MessageUpdated(thread=thread.id, message=message))
        if outgoing is not None and message.status is MessageStatus.SEEN:
            self._tell_status(message)

    def _thread_of(
        self, message: wire.WireMessage, thread: wire.Thread | None, case: wire.Contact | None
    ) -> Thread | None:
        """Return the thread that a message belongs to; one made elsewhere is in ``none`` (T31)."""
        id = message.thread_id_on_external_platform or ""
        if thread is not None:
            id = thread.id_on_external_platform
        elif not id and case is not None:
            id = case.thread_id_on_external_platform or ""
        found = self._chat.desk.threads.get(id)
        if found is not None:
            return found
        stranger = Thread(self._chat, id)
        is_multi = self._chat.mode is ChannelMode.MULTI_THREAD
        if not id or not self._chat.connection.is_connected or (is_multi and not self._chat.desk.add(stranger)):
            stranger.drop(None)
            return None
        return stranger

    def warn(self, thread: Thread, message: wire.WireMessage, wire_now: datetime | None = None) -> bool:
        """Open an inactivity warning, if the message is one (section 2.5); True if it is.

        ``wire_now`` is the newest time of the far side that came with it, if it does not come as it is sent.
        """
        inactivity = read_inactivity(message, self._chat.session.now, wire_now)
        if inactivity is None:
            return False
        if thread.warned is not None and thread.warned.message == inactivity.message:
            if thread.warning_answered:
                return True
            inactivity = thread.warned  # it counts from its first receipt
        if thread.state is not ThreadState.ENDED and inactivity != thread.inactivity:
            thread.warn(inactivity)
        return True

    # --- receipts (sections 6.1, 6.9) ---

    def statistics_changed(self, push: wire.MessageReadChanged | wire.MessageSeenChanged) -> None:
        """The agent's side saw or read a message; that may come before the message itself (trap M11)."""
        message = push.data.message
        statistics = message.user_statistics
        if message.direction != "inbound" or statistics is None or not (statistics.seen_at or statistics.read_at):
            return
        id = message.id_on_external_platform
        outgoing = self._chat.delivery.outbox.get(id)
        if outgoing is not None:
            outgoing.fire("seen")
        for thread in self._chat.desk.threads.values():
            known = thread.history.get(id)
            if known is not None:
                self._mark_seen(thread, known)
                return
        self._early_receipts[id] = None
        if len(self._early_receipts) > self._chat.session.policy.early_receipts:
            del self._early_receipts[next(iter(self._early_receipts))]

    def _mark_seen(self, thread: Thread, message: Message) -> None:
        if message.mine and message.status is not MessageStatus.SEEN:
            seen = replace(message, status=MessageStatus.SEEN)
            thread.history.add(seen)
            self._tell_status(seen)

    def _tell_status(self, message: Message) -> None:
        self._chat.session.notify(
            MessageStatusChanged(thread=message.thread, message=message.id, status=message.status)
        )

    def with_receipt(self, thread: Thread, message: Message) -> Message:
        """Return a message with the receipt that came before it, or with its older copy; a status never falls."""
        message = self._chat.groups.told_apart(message)
        if not message.mine or message.status is MessageStatus.SEEN:
            return message
        known = thread.history.get(message.id)
        if message.id in self._early_receipts:
            del self._early_receipts[message.id]
        elif known is None or known.status is not MessageStatus.SEEN:
            return message
        return replace(message, status=MessageStatus.SEEN)

    # --- typing (section 4.4) ---

    def typing_started(self, push: wire.SenderTypingStarted) -> None:
        """The other side types; what the customer types elsewhere is no news."""
        thread = self._typing_thread(push.data)
        if thread is not None:
            thread.fire("agent_typed", push)
            if thread.state is not ThreadState.ENDED:
                thread.agent_typed(content.user_party(push.data.user))

    def typing_ended(self, push: wire.SenderTypingEnded) -> None:
        """The other side stopped typing."""
        thread = self._typing_thread(push.data)
        if thread is not None:
            thread.agent_stopped_typing()

    def _typing_thread(self, data: wire.TypingData) -> Thread | None:
        if data.user is None and data.direction != "outbound":  # traps M14, row 34 of section 8
            return None
        return self._chat.desk.threads.get(data.thread.id_on_external_platform)

    # --- contact, agent, queue (section 4.5) ---

    def adopt_contact(self, thread: Thread, contact: str) -> None:
        """The contact's number is known; a place in the queue may have come before it (trap L1)."""
        if contact == thread.contact:
            return
        thread.contact = contact
        early = self._early_places.pop(contact, None)
        if early is not None and thread.agent is None:
            thread.place(early)

    def _case_thread(self, case: wire.Contact) -> Thread | None:
        return self._chat.desk.threads.get(case.thread_id_on_external_platform or "") or self._chat.desk.by_contact(
            case.id
        )

    def case_created(self, push: wire.CaseCreated) -> None:
        """The first message opened a contact."""
        thread = self._case_thread(push.data.case)
        if thread is not None and thread.state is not ThreadState.ENDED:
            self.adopt_contact(thread, push.data.case.id)

    def case_status_changed(self, push: wire.CaseStatusChanged) -> None:
        """A contact's status changed; only ``closed`` means something to a thread (section 2.1)."""
        case = push.data.case
        thread = self._case_thread(case)
        if thread is None or thread.state is ThreadState.ENDED:
            return
        if case.status != "closed":
            self.adopt_contact(thread, case.id)
        elif not thread.contact or thread.contact == case.id:  # an older contact of the thread ends nothing (P30)
            self._close_case(thread, push.context.initiator if isinstance(push.context, wire.Context) else None)

    def end_unconfirmed(self, thread: Thread) -> None:
        """The far side was asked to end the contact, and after all it did not: the conversation goes on."""
        if thread.end_asked:
            thread.end_unconfirmed(RefusalCode.TIMEOUT, "the far side did not end the contact")
            self._chat.connection.fire("contact_stays")

    def _close_case(self, thread: Thread, initiator: "wire.Initiator | None") -> None:
        thread.fire("case_closed", reason=self.why_ended(thread, initiator))
        if thread.state is not ThreadState.ENDED:
            thread.contact = ""  # the next message opens another one
            thread.assign(None)
            thread.reset_volatile()

    def why_ended(self, thread: Thread, initiator: "wire.Initiator | None") -> EndReason:
        """Return the reason of an end that the far side has told, from all that is known of it."""
        if thread.end_asked:
            return EndReason.CUSTOMER
        is_warned = thread.inactivity is not None or thread.warned_when_lost
        by_person = initiator is not None and initiator.type == "user"
        if by_person:
            return EndReason.AGENT
        return EndReason.INACTIVITY if thread.ending_by_inactivity or is_warned else EndReason.UNKNOWN

    def assignee_changed(self, push: wire.CaseInboxAssigneeChanged) -> None:
        """An agent was assigned, changed or left. It never reopens a thread (trap T-10)."""
        data = push.data
        thread = self._case_thread(data.case)
        if thread is None:
            return
        thread.fire("assignee_changed", push)
        if thread.state is ThreadState.ENDED:
            return
        self.adopt_contact(thread, data.case.id)
        thread.assign(content.user_party(data.inbox_assignee) if data.inbox_assignee is not None else None)
        if data.case.status == "closed":
            self._close_case(thread, None)

    def position_changed(self, push: wire.SetPositionInQueue) -> None:
        """The place of a waiting live chat, named by its contact's number only (trap L1)."""
        data = push.data
        place = QueuePosition(position=data.position_in_queue, agents_online=data.is_any_agent_online_for_queue)
        contact = data.consumer_contact
        thread = self._chat.desk.by_contact(contact.id)
        if thread is None and contact.thread_id_on_external_platform:
            thread = self._chat.desk.threads.get(contact.thread_id_on_external_platform)
            if thread is not None and thread.contact:
                thread = None  # it has another contact: not its place (trap P30)
        if thread is not None and thread.state is not ThreadState.ENDED:
            self.adopt_contact(thread, contact.id)
            thread.place(place)
        elif thread is None and self._chat.mode is ChannelMode.LIVE_CHAT:
            self._early_places.clear()  # one is enough: a customer waits in one queue
            self._early_places[contact.id] = place


PUSHES: dict[type, Callable[[Inbox, Any], None]] = {
    wire.MessageCreated: Inbox.message_created,
    wire.MessageReadChanged: Inbox.statistics_changed,
    wire.MessageSeenChanged: Inbox.statistics_changed,
    wire.SenderTypingStarted: Inbox.typing_started,
    wire.SenderTypingEnded: Inbox.typing_ended,
    wire.CaseCreated: Inbox.case_created,
    wire.CaseStatusChanged: Inbox.case_status_changed,
    wire.CaseInboxAssigneeChanged: Inbox.assignee_changed,
    wire.SetPositionInQueue: Inbox.position_changed,
}
"""Which push is whose."""
