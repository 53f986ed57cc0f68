"""What the far side pushes, thread by thread: messages, typing, contact, agent, queue (wire reference, 4.3-4.5)."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from ..errors import RefusalCode
from ..events import MessageReceived, MessageUpdated
from ..lifecycle import EndReason, MessageStatus, ThreadState
from ..machine import Undeclared
from ..model import ContentKind, Message, PartyRole, QueuePosition
from ..outgoing import Outgoing
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
    """Receives messages and what changes a thread. A place in the queue that comes too early is kept until it fits."""

    __slots__ = ("_chat", "_early_places")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._early_places: dict[str, QueuePosition] = {}

    def forget(self) -> None:
        """Signed out: what came early was for someone else."""
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
        if thread is None or self._chat.behind.holds(thread, push):
            return
        # What `fire` does, one call less: every message pays for it.
        if not THREAD.events["message_created"].trigger(thread, thread, push):
            raise Undeclared("message_created")
        if thread.state is _NONE:  # T31: not ours
            return
        case = data.case
        if case is not None and (case.id != thread.contact or case.custom_fields):
            self.told_case(thread, case)
        if (
            message.direction == "outbound"
            and message.message_content.type == "TEXT"
            and not message.has_additional_message_content
        ):  # as nearly every one
            self.keep(thread, content.read_message(message, thread.id, self._chat.session.now), None)
        else:
            self._receive_other(thread, message)

    def message_sent(self, push: wire.MessageSent) -> None:
        """A message that was accepted: one of ours is sent, another one is shown sooner than its MessageCreated."""
        id = push.data.message.id_on_external_platform
        outgoing = self._chat.delivery.outbox.get(id)
        if outgoing is not None:
            self._chat.delivery.accepted(outgoing)
            return
        thread = self._thread_of(push.data.message, push.data.thread, push.data.case)
        if thread is None or id in thread.history or self._chat.behind.holds(thread, push):
            return  # it says less than what is known, or waits for what was before it
        thread.fire("message_created", push)
        if thread.state is not _NONE:
            self._receive_other(thread, push.data.message, is_ahead=True)

    def message_updated(self, push: wire.MessageUpdated) -> None:
        """A message has other content: removed, translated. Of one that is not shown it is no news."""
        data = push.data
        message = data.message
        id = message.id_on_external_platform
        named = message.thread_id_on_external_platform or (data.case and data.case.thread_id_on_external_platform)
        thread = self._chat.desk.threads.get(named or "")
        outgoing = self._chat.delivery.outbox.get(id)
        if outgoing is not None:
            outgoing.fire("server_copy")
        if thread is None or content.is_hidden(message) or (outgoing is None and thread.history.get(id) is None):
            return
        self._chat.full_content.changed(id)
        self._show(thread, message, outgoing, is_update=True)

    def _receive_other(self, thread: Thread, message: wire.WireMessage, *, is_ahead: bool = False) -> None:
        """A message that may be one of ours, or hidden, or more than text. One ``is_ahead`` of its MessageCreated."""
        outgoing = self._chat.delivery.outbox.get(message.id_on_external_platform)
        if outgoing is not None:
            outgoing.fire("server_copy")
        if message.message_content.type in POPUPS and self.warn(thread, message):
            return
        if content.is_hidden(message):
            return
        is_news = message.id_on_external_platform not in thread.history
        self._show(thread, message, outgoing, is_ahead=is_ahead)
        if is_news and content.is_unsupported(message):
            self._chat.delivery.answer_unsupported(thread)

    def _show(
        self,
        thread: Thread,
        message: wire.WireMessage,
        outgoing: Outgoing | None,
        *,
        is_ahead: bool = False,
        is_update: bool = False,
    ) -> None:
        read = content.read_message(message, thread.id, self._chat.session.now)
        if message.has_additional_message_content:
            read = self._chat.full_content.whole_of(thread, message, read)
        if read.kind is ContentKind.STREAM and not read.mine:
            self._chat.streams.receive(thread, read, message.message_content, is_ahead=is_ahead)
        else:
            self.keep(thread, read, outgoing, is_update=is_update)
        if message.has_additional_message_content:
            self._chat.full_content.want(thread, message)

    def keep(self, thread: Thread, message: Message, outgoing: Outgoing | None, *, is_update: bool = False) -> None:
        """Put a message into the history, or in place of its older copy, and tell the app."""
        if message.party.role is _CUSTOMER:
            message = self._chat.receipts.apply(thread, message)
        known = thread.history.add(message)
        if known is None:
            self.added(thread, message.id)
            if thread.typing is not None and not message.mine:
                thread.agent_stopped_typing()
            if outgoing is None:
                self._chat.session.notify(MessageReceived(thread=thread.id, message=message))
        else:
            self.replaced(known, message, is_update=is_update)
        if outgoing is not None and message.status is MessageStatus.SEEN:
            self._chat.receipts.tell_status(message)

    def added(self, thread: Thread, id: str) -> None:
        """A message is new in the history: where that is still to be read back, what came before it may be missing."""
        if thread.state is _RECOVERING or not self._chat.connection.is_connected:
            thread.loose[id] = None

    def replaced(self, known: Message, message: Message, *, is_update: bool = False) -> None:
        """A message stands in place of its older copy: tell the app if its content is another one.

        Of a text that came in pieces only the length is compared: in a journal whose texts are hashed, the hashes of
        the pieces are not the hash of the whole. So an update of one is told in any case.
        """
        if known.kind is ContentKind.STREAM and message.kind is not ContentKind.STREAM:
            self._chat.streams.stop(message.id)
        came_in_pieces = known.kind is ContentKind.TEXT and known.source != ""
        if came_in_pieces and not is_update:
            is_same_text = len(known.text) == len(message.text)
        else:
            is_same_text = known.text == message.text and not came_in_pieces
        if not is_same_text or _beside_text(known) != _beside_text(message):
            self._chat.session.notify(MessageUpdated(thread=message.thread, message=message))

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
            if inactivity.ends_at <= self._chat.session.now:
                return True  # it ran out already
        if thread.state is not ThreadState.ENDED and inactivity != thread.inactivity:
            thread.warn(inactivity)
        return True

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
        if thread.contact:
            self._chat.fields.forget_contact(thread, keep_waiting=True)
        thread.contact = contact
        early = self._early_places.pop(contact, None)
        if early is not None and thread.agent is None:
            thread.place(early)

    def adopt_case(self, thread: Thread, case: wire.Contact) -> None:
        """A thread's contact is known, and its custom fields: what is to be set of them goes to it now."""
        self.adopt_contact(thread, case.id)
        self._chat.fields.told_contact(thread, case)

    def told_case(self, thread: Thread, case: wire.Contact) -> bool:
        """Take what a push says of a contact; False if it is an older one of the thread, which has no say (P30).

        One that is closed takes no other's place, and is none to go on with: the next message opens another.
        """
        is_own = thread.contact in ("", case.id)
        if case.status != "closed" or (is_own and thread.state is ThreadState.ENDED):
            self.adopt_case(thread, case)
            return True
        return is_own

    def _case_thread(self, case: wire.Contact) -> Thread | None:
        return self._chat.desk.threads.get(case.thread_id_on_external_platform or "") or self._chat.desk.by_contact(
            case.id
        )

    def case_created(self, push: wire.CaseCreated) -> None:
        """The first message opened a contact."""
        thread = self._case_thread(push.data.case)
        if thread is not None and thread.state is not ThreadState.ENDED:
            self.told_case(thread, push.data.case)

    def case_status_changed(self, push: wire.CaseStatusChanged) -> None:
        """A contact's status changed; only ``closed`` means something to a thread (section 2.1)."""
        case = push.data.case
        thread = self._case_thread(case)
        if thread is None or thread.state is ThreadState.ENDED:
            return
        if self.told_case(thread, case) and case.status == "closed":
            initiator = push.context.initiator if isinstance(push.context, wire.Context) else None
            self._close_case(thread, by_person=initiator is not None and initiator.type == "user")

    def end_unconfirmed(self, thread: Thread) -> None:
        """The far side was asked to end the contact, and after all it did not: the conversation goes on."""
        if thread.end_asked:
            thread.end_unconfirmed(RefusalCode.TIMEOUT, "the far side did not end the contact")
            self._chat.connection.fire("contact_stays")

    def _close_case(self, thread: Thread, *, by_person: bool) -> None:
        thread.fire("case_closed", reason=self.why_ended(thread, by_person=by_person))
        if thread.state is not ThreadState.ENDED:
            self.contact_over(thread)

    def contact_over(self, thread: Thread) -> None:
        """The contact is closed and the thread goes on: nobody serves it, and the next message opens another one."""
        self._chat.fields.forget_contact(thread)
        thread.contact = ""
        thread.assign(None)
        thread.reset_volatile()

    def why_ended(self, thread: Thread, *, by_person: bool = False) -> EndReason:
        """Return the reason of an end that the far side has told, from all that is known of it.

        ``by_person`` tells that an agent closed the contact.
        """
        if thread.end_asked:
            return EndReason.CUSTOMER
        is_warned = thread.inactivity is not None or thread.warned_when_lost
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
        if not self.told_case(thread, data.case):
            return
        thread.assign(content.user_party(data.inbox_assignee) if data.inbox_assignee is not None else None)
        if data.case.status == "closed":
            self._close_case(thread, by_person=False)

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

    def offered(self, push: wire.FireProactiveAction) -> None:
        """The far side offers something by itself."""
        self._chat.offers.received(push)


def _beside_text(message: Message) -> tuple[object, ...]:
    return message.kind, message.choices, message.attachments, message.link


PUSHES: dict[type, Callable[[Inbox, Any], None]] = {
    wire.MessageCreated: Inbox.message_created,
    wire.MessageSent: Inbox.message_sent,
    wire.MessageUpdated: Inbox.message_updated,
    wire.SenderTypingStarted: Inbox.typing_started,
    wire.SenderTypingEnded: Inbox.typing_ended,
    wire.CaseCreated: Inbox.case_created,
    wire.CaseStatusChanged: Inbox.case_status_changed,
    wire.CaseInboxAssigneeChanged: Inbox.assignee_changed,
    wire.SetPositionInQueue: Inbox.position_changed,
    wire.FireProactiveAction: Inbox.offered,
}
"""Which push is whose."""
