"""What the far side tells in a chat: each event once, whichever way it comes, and none that is lost in silence."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from ..events import (
    DepartmentNamed,
    HistoryLoaded,
    MessageDeleted,
    MessageReceived,
    MessageStatusChanged,
    MessageUpdated,
    SignalReceived,
    UndecodableReceived,
    UnknownReceived,
)
from ..lifecycle import MessageStatus
from ..model import Message, Party, PartyRole, SignalKind
from . import wire
from .conversation import Conversation
from .letters import Letters
from .past import Past
from .routes import LAST_COUNTS, ROUTES, key_of
from .view import View

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["News", "party_of"]

_ROLES: Final = {
    "internal": PartyRole.AGENT,
    "msteams": PartyRole.AGENT,
    "scenario": PartyRole.SCENARIO,
    "external": PartyRole.CUSTOMER,
}
"""Section 8.4; whoever is of another type is taken for a person of the other side."""
_RANK: Final = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.SEEN)
_SIGNALS: Final = {
    "requested": SignalKind.COBROWSING_REQUESTED,
    "rejected": SignalKind.COBROWSING_REJECTED,
    "started": SignalKind.COBROWSING_STARTED,
    "ended": SignalKind.COBROWSING_ENDED,
}


class News:
    """Turns wire events into triggers of the chat's table, and into what the app is told.

    An event that came before is dropped: the merge rule of flow F4, step 4. ``_seen`` holds what came, by its key.
    ``_floor`` is when the last message of a history stands, as it is read: what follows it there stands after it.
    """

    __slots__ = ("_chat", "_floor", "_loaded", "_seen", "is_past", "letters", "people")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._seen: OrderedDict[tuple[object, ...], object] = OrderedDict()
        self._loaded: list[Message] | None = None
        self._floor: datetime | None = None
        self.people: dict[str, Party] = {}
        self.is_past = False
        self.letters = Letters(chat)

    def forget(self) -> None:
        """Another chat begins: nothing of it came before."""
        self._seen.clear()
        self.people.clear()

    # --- coming in ---

    def take(self, event: wire.WireEvent) -> bool:
        """Take an event; tell whether it brought anything new.

        Of a history, even what counts by being the last is taken only where it says something new: it may be older
        than what we did since.
        """
        current = self._chat.desk.current
        key = key_of(event, current.chat_id)
        is_fresh = self._note(key, event)
        if is_fresh or (key[0] in LAST_COUNTS and not self.is_past):
            route = ROUTES.get(type(event), "other")
            current.fire(route(event) if callable(route) else route, self._input(current, event))
        return is_fresh

    def _note(self, key: tuple[object, ...], event: wire.WireEvent) -> bool:
        """Remember an event; of those of which the last counts, what it says."""
        said = event if key[0] in LAST_COUNTS else None
        if key in self._seen and self._seen[key] == said:
            return False
        self._seen[key] = said
        if len(self._seen) > self._chat.session.policy.remembered_ids:
            self._seen.popitem(last=False)
        return True

    def _input(self, current: Conversation, event: wire.WireEvent) -> object:
        """Return what the table's rows are given."""
        match event:
            case wire.ChatSessionPartyJoined():
                return self._meet(event)
            case wire.ChatSessionPartyLeft(party_id=id):
                return id
            case wire.ChatSessionInactivityTimeout(msg=text):
                current.text = text
            case _:
                pass
        return event

    def _meet(self, event: wire.ChatSessionPartyJoined) -> Party:
        """Remember who it is, for what they said before they left."""
        party = self.people[event.party_id] = party_of(event)
        if len(self.people) > self._chat.session.policy.remembered_ids:
            del self.people[next(iter(self.people))]
        return party

    def load(self, conversation: Conversation, events: list[wire.WireEvent]) -> None:
        """Take a history whole: what was said becomes one page, and of the rest what still stands is told (F4)."""
        past = Past(events, conversation.chat_id)
        self.is_past = True
        loaded: list[Message] = []
        self._loaded = loaded
        for event in past.happened:
            if isinstance(event, wire.ChatSessionPartyJoined):
                self._meet(event)
                self._note(key_of(event, conversation.chat_id), event)
            elif isinstance(event, wire.ChatSessionPartyLeft):
                self._note(key_of(event, conversation.chat_id), event)
            else:
                self._take_past(conversation, event)
        self._loaded = self._floor = None
        for joined in past.present.values():
            conversation.add_party(party_of(joined))
        ids = {message.id for message in loaded}  # one may have been changed since, or be read by now
        page = tuple(message for message in conversation.history.messages if message.id in ids)
        self._tell_loaded(conversation, page)
        for standing in past.standing:
            self.take(standing)
        self.is_past = False

    def _tell_loaded(self, conversation: Conversation, page: tuple[Message, ...]) -> None:
        """What an earlier run had told is history; what came since is news."""
        known, news = page, tuple[Message, ...]()
        if conversation.told is not None:
            known, news = conversation.told.split(page)
            conversation.told = None
        if known:
            thread, has_more = conversation.chat_id, conversation.has_older
            self._chat.session.notify(HistoryLoaded(thread=thread, messages=known, has_more=has_more))
        self._chat.telling.loaded(conversation)
        for message in news:
            self._chat.session.notify(MessageReceived(thread=conversation.chat_id, message=message))
            if not message.mine:
                self._chat.telling.arrived(conversation, message, self.letters.ref_of(message))

    def merge(self, conversation: Conversation, events: list[wire.WireEvent]) -> None:
        """Take what is new in a history, as if it had just come; of what passes, what still stands (F3, B57)."""
        past = Past(events, conversation.chat_id)
        self.is_past = True
        for event in (*past.happened, *past.standing):
            self._take_past(conversation, event)
        self._floor = None
        self.is_past = False

    def _take_past(self, conversation: Conversation, event: wire.WireEvent) -> None:
        """Take an event of a history; what follows it there is not to stand before it, whichever clock said so."""
        event = _as_own(event, conversation.chat_id)
        self.take(event)
        id, party = self._chat.delivery.id_of(event), getattr(event, "party_id", "")
        known = conversation.history.get(id if party == conversation.chat_id else f"{party}:{id}")
        if known is not None:
            self._floor = max(known.created_at, self._floor or known.created_at)

    def in_turn(self, at: datetime | None) -> datetime | None:
        """Return when a message stands, by the far side's clock; of a history, never before what precedes it there."""
        return at if self._floor is None else max(at or self._floor, self._floor)

    # --- who ---

    def party(self, conversation: Conversation, id: str) -> Party:
        """Return who of the other side it is; one who was never announced is the scenario (section 8.4)."""
        known = conversation.parties_by_id.get(id) or self.people.get(id)
        return known or Party(id=id, role=PartyRole.SCENARIO)

    @property
    def customer(self) -> Party:
        """The customer, whose party has the chat's id."""
        return Party(id=self._chat.desk.current.chat_id, role=PartyRole.CUSTOMER, name=self._chat.identity.name)

    def is_own(self, conversation: View, event: object) -> bool:
        """Whether the customer sent it: by the party, or, where none is named, by an id that we made."""
        party: str = getattr(event, "party_id", "")
        if party:
            return party == conversation.chat_id
        id = self._chat.delivery.id_of(event)
        known = conversation.history.get(id)
        return self._chat.delivery.outbox.get(id) is not None or (known is not None and known.mine)

    # --- what the table's rows do ---

    def receive(self, conversation: Conversation, event: wire.ChatSessionMessage) -> None:
        """A text of the other side."""
        party = self.party(conversation, event.party_id)
        conversation.stopped_typing(party)
        self._add(conversation, self.letters.text(conversation, event, party), event.msg_id)

    def receive_shared(self, conversation: Conversation, event: wire.Shared) -> None:
        """A file or a place of the other side's."""
        party = self.party(conversation, getattr(event, "party_id", ""))
        self._add(conversation, self.letters.shared(conversation, event, party), getattr(event, "msg_id", ""))

    def _add(self, conversation: Conversation, message: Message, ref: str) -> None:
        if conversation.history.add(message) is not None:
            return
        self._chat.leaving.something_came()
        if self._loaded is not None:
            self._loaded.append(message)
            return
        self._chat.session.notify(MessageReceived(thread=conversation.chat_id, message=message))
        self._chat.telling.arrived(conversation, message, ref)

    def stored(self, conversation: Conversation, event: wire.ChatSessionMessage | wire.Shared) -> None:
        """One of the customer's is there (B22): known ones are marked, those of another run or device are told."""
        id = self._chat.delivery.id_of(event)
        at = self.in_turn(getattr(event, "at", None))
        if self._chat.delivery.stored(conversation, id, at):
            return
        known = conversation.history.get(id)
        if known is not None:
            if at is not None:
                known = replace(known, created_at=at)  # the far side's time counts over ours
                conversation.history.add(known)
            self.rise(conversation, known, MessageStatus.DELIVERED)
            return
        message = (
            self.letters.text(conversation, event, self.customer)
            if isinstance(event, wire.ChatSessionMessage)
            else self.letters.shared(conversation, event, self.customer)
        )
        if (told := self._chat.delivery.early.take(id)) is not None:
            message = replace(message, status=told)
        conversation.history.add(message)
        if self._loaded is not None:
            self._loaded.append(message)
        else:
            self._chat.session.notify(MessageReceived(thread=conversation.chat_id, message=message))

    def receipt(
        self, conversation: Conversation, event: wire.ChatSessionMessageDelivered | wire.ChatSessionMessageRead
    ) -> None:
        """One of the customer's was delivered or read, perhaps before it was answered; read means delivered (9.3)."""
        if event.party_id == conversation.chat_id:
            is_read = isinstance(event, wire.ChatSessionMessageRead)
            self._chat.telling.receipts.confirmed("read" if is_read else "delivered", event.ref_msg_id)
            return
        status = MessageStatus.SEEN if isinstance(event, wire.ChatSessionMessageRead) else MessageStatus.DELIVERED
        self._chat.delivery.told_of(conversation, event.ref_msg_id, status)

    def rise(self, conversation: Conversation, message: Message, status: MessageStatus) -> None:
        """A message in the history has a higher status: the rank only rises."""
        if _RANK.index(status) <= (_RANK.index(message.status) if message.status in _RANK else -1):
            return
        conversation.history.add(replace(message, status=status))
        if self._loaded is None:
            self._chat.session.notify(
                MessageStatusChanged(thread=conversation.chat_id, message=message.id, status=status)
            )

    def other(self, conversation: Conversation, event: wire.WireEvent) -> None:
        """Signals, edits, names, and what nobody knows (B33)."""
        _OTHERS.get(type(event), _ignore)(self, conversation, event)

    def edited(self, conversation: Conversation, event: wire.ChatSessionMessageEdit) -> None:
        """A message has another text (6.19)."""
        message = self._find(conversation, event.party_id, event.ref_msg_id)
        if message is None:
            self._chat.session.counts["edits of unknown messages"] += 1
            return
        edited = self.letters.edited(message, event)
        conversation.history.add(edited)
        if self._loaded is None:
            self._chat.session.notify(MessageUpdated(thread=conversation.chat_id, message=edited))

    def deleted(self, conversation: Conversation, event: wire.ChatSessionMessageDelete) -> None:
        """A message was taken back (6.19)."""
        message = self._find(conversation, event.party_id, event.ref_msg_id)
        if message is None:
            self._chat.session.counts["deletions of unknown messages"] += 1
            return
        conversation.history.remove(message.id)
        if self._loaded is None:
            self._chat.session.notify(MessageDeleted(thread=conversation.chat_id, message=message.id))

    def _find(self, conversation: Conversation, party: str, ref: str) -> Message | None:
        """Return the message with the far side's id, the newest if no party is named: ids differ per party (9.1)."""
        if party:
            return conversation.history.get(f"{party}:{ref}") or conversation.history.get(ref)
        fitting = (m for m in reversed(conversation.history.messages) if self.letters.ref_of(m) == ref)
        return next(fitting, None)

    def named(self, conversation: Conversation, event: wire.ChatSessionInfo) -> None:
        """What the queue is called (6.18)."""
        self._chat.session.notify(DepartmentNamed(thread=conversation.chat_id, name=event.service_name))

    def signalled(self, conversation: Conversation, event: wire.ChatSessionSignaling) -> None:
        """A step of a call (6.16)."""
        if event.party_id == conversation.chat_id:
            return  # our own, which comes back
        party = self.party(conversation, event.party_id) if event.party_id else None
        self._chat.session.notify(
            SignalReceived(thread=conversation.chat_id, kind=SignalKind.CALL, data=event.data, party=party)
        )

    def browsing(self, conversation: Conversation, event: wire.ChatSessionCobrowsing) -> None:
        """A step of a common browsing (6.17)."""
        if event.party_id == conversation.chat_id:
            return  # our own, in a history
        party = self.party(conversation, event.party_id) if event.party_id else None
        self._chat.session.notify(
            SignalReceived(thread=conversation.chat_id, kind=_SIGNALS[event.kind], data=event.data, party=party)
        )

    def answered(self, conversation: Conversation, event: wire.ChatSessionFormData) -> None:
        """The customer has answered a form, perhaps on another device."""
        self._chat.forms.withdraw(conversation, event.form_request_id)

    def unknown(self, _conversation: Conversation, event: wire.UnknownEvent) -> None:
        """An event that nobody knows."""
        self._chat.session.notify(UnknownReceived(kind=event.kind, source=event.source))

    def broken(self, _conversation: Conversation, event: wire.BrokenEvent) -> None:
        """An event that cannot be read."""
        self._chat.session.notify(UndecodableReceived(reason=event.reason, source=event.source))


def party_of(event: wire.ChatSessionPartyJoined) -> Party:
    """Return who joined."""
    name = event.display_name.strip() or f"{event.first_name} {event.last_name}".strip()
    return Party(id=event.party_id, role=_ROLES.get(event.type, PartyRole.AGENT), name=name)


def _as_own(event: wire.WireEvent, chat_id: str) -> wire.WireEvent:
    """In a history, a message of nobody is the customer's: the one that came with the request (section 6.20)."""
    if isinstance(event, wire.ChatSessionMessage) and not event.party_id:
        return replace(event, party_id=chat_id)
    return event


def _ignore(_news: News, _conversation: Conversation, _event: object) -> None:
    """One of the customer's own, as histories have them: nothing of it is news."""


_OTHERS: Final[dict[type, Callable[[News, Conversation, Any], None]]] = {
    wire.ChatSessionMessageEdit: News.edited,
    wire.ChatSessionMessageDelete: News.deleted,
    wire.ChatSessionInfo: News.named,
    wire.ChatSessionSignaling: News.signalled,
    wire.ChatSessionCobrowsing: News.browsing,
    wire.ChatSessionFormData: News.answered,
    wire.UnknownEvent: News.unknown,
    wire.BrokenEvent: News.broken,
}
