"""Custom fields, checked before anything is sent, and brought to the far side (CXone wire reference, 3.5.12 and 6).

What is set goes at once where the far side can take it: the customer's when there is a connection, a conversation's
when it has a contact (trap T-23). Until then it is kept, and goes with the first message. Only what changed goes, and
only once (traps T-31, T-32); what was not acknowledged goes again after a recovery, where it does no harm.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from ..errors import RefusalCode
from ..events import CustomerFieldsChanged, ErrorReceived, ThreadFieldsChanged
from ..inputs import SetCustomerFields, SetThreadFields
from ..lifecycle import ThreadState
from ..model import Question
from ..pieces import REFUSED
from . import encode, keeping, wire
from .field_set import CUSTOMER_PREFIX, Changes, Dated, FieldSet
from .line import Exchange
from .survey import check_value

if TYPE_CHECKING:
    from .session import CXoneChat
    from .thread import Thread

__all__ = ["Fields"]

_Pairs = tuple[tuple[str, str], ...]


class _Kept(msgspec.Struct, rename="camel"):
    """The customer's fields that the far side does not have yet, as they are kept over restarts."""

    custom_fields: tuple[wire.CustomField, ...] = ()


class Fields:
    """The customer's custom fields, and the way of both scopes onto the line."""

    __slots__ = ("_chat", "_is_kept", "customer")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self.customer = FieldSet(chat.session, CUSTOMER_PREFIX)
        self._is_kept = False
        if kept := chat.session.kept.get(keeping.FIELDS):
            self._restore(kept)

    def _restore(self, text: str) -> None:
        try:
            kept = msgspec.json.decode(text, type=_Kept).custom_fields
        except REFUSED:
            return
        self._is_kept = True
        for field in kept:
            if field.ident and self.customer.has_room((field.ident,)):
                self.customer.restore(field)

    # --- requests ---

    def set_customer(self, input: SetCustomerFields) -> None:
        """Set fields of the customer: sent now, or when the chat is ready."""
        configuration = self._chat.configuration
        pairs = self.checked(input.request, input.fields, configuration.customer_questions if configuration else ())
        if pairs is None or not self._is_admitted(input.request, self.customer, pairs):
            return
        changes = self.customer.set(pairs)
        self._keep()
        self._tell_customer(changes)
        self._chat.session.requests.answer(input.request)
        self.flush_customer(again=False)

    def set_thread(self, thread: "Thread", input: SetThreadFields) -> None:
        """Set fields of a conversation: sent now, or with its first message."""
        pairs = self.checked(input.request, input.fields, self.thread_questions)
        if pairs is None or not self._is_admitted(input.request, thread.custom, pairs):
            return
        self._tell_thread(thread, thread.custom.set(pairs))
        self._chat.session.requests.answer(input.request)
        self.flush_thread(thread, again=False)

    @property
    def thread_questions(self) -> tuple[Question, ...]:
        """What is known of a conversation's fields: the survey, and what the channel defines."""
        configuration = self._chat.configuration
        return (*configuration.survey, *configuration.thread_questions) if configuration else ()

    def checked(self, request: int, pairs: _Pairs, questions: Iterable[Question]) -> _Pairs | None:
        """Return fields as they are to be sent, or None if the request was refused; the first one wrong is named.

        What is set before the channel's definitions are known is checked for its form only, and again later.
        """
        known = {question.id: question for question in reversed(tuple(questions))}
        limit, sound = self._chat.session.policy.max_field, dict[str, str]()
        for ident, given in pairs:
            question = known.get(ident)
            reason = "" if ident.strip() and len(ident) <= limit else "no id of a field"
            value, wrong = check_value(question, given, limit)
            if reason or wrong:
                name = _name(question, ident[:limit])
                text = f"{name} is {reason}" if reason else f"the value of {name} is {wrong}"
                self._chat.session.refuse(request, RefusalCode.INVALID_VALUE, text)
                return None
            sound[ident] = value
        return tuple(sound.items())

    def _is_admitted(self, request: int, fields: FieldSet, pairs: _Pairs) -> bool:
        session = self._chat.session
        if self._chat.line.is_congested:
            session.refuse(request, RefusalCode.LIMIT_REACHED, "too many requests at once", "wait a little")
            return False
        if not fields.has_room(ident for ident, _ in pairs):
            limit = session.policy.max_fields
            session.refuse(request, RefusalCode.LIMIT_REACHED, f"more than {limit} custom fields")
            return False
        return True

    def fitting(self, pairs: _Pairs) -> _Pairs:
        """Return what may be kept of fields that the far side wants to be set; what is over the limits is counted."""
        policy, counts = self._chat.session.policy, self._chat.session.counts
        kept = tuple(pair for pair in pairs if max(map(len, pair)) <= policy.max_field)[: policy.max_fields]
        if len(kept) < len(pairs):
            counts["fields over the limit"] += len(pairs) - len(kept)
        return kept

    def hand_over(self, thread: "Thread", pairs: _Pairs) -> None:
        """Take fields that the far side wants to go with a conversation; what was set by the app stays."""
        ours = {ident for ident, _, _ in thread.custom.waiting}
        given = tuple((ident, value) for ident, value in pairs if value and ident not in ours)
        if thread.custom.has_room(ident for ident, _ in given):
            self._tell_thread(thread, thread.custom.set(given))

    def configured(self) -> None:
        """The definitions are known: what was set of the customer before is checked by them, and told if wrong."""
        known = {question.id: question for question in reversed(self._chat.customer_questions)}
        changes: list[tuple[str, str]] = []
        for ident, given, _ in self.customer.waiting:
            value, wrong = check_value(known.get(ident), given, self._chat.session.policy.max_field)
            if wrong:
                changes.append((ident, self.customer.revert(ident)))
                text = f"the value of {_name(known.get(ident), ident)} is {wrong}"
                self._chat.session.notify(ErrorReceived(code=RefusalCode.INVALID_VALUE, text=text))
            elif value != given:
                self.customer.amend(ident, value)
                changes.append((ident, value))
        if changes:
            self._keep()
            self._tell_customer(tuple(changes))

    # --- to the far side ---

    def flush(self, *, again: bool) -> None:
        """Send what the far side does not have yet; ``again`` when recovered, what may have been lost, too."""
        self.flush_customer(again=again)
        self._chat.desk.each(lambda thread: self.flush_thread(thread, again=again))

    def flush_customer(self, *, again: bool) -> None:
        """Send what is set of the customer's fields, if there is a connection."""
        if self._chat.connection.is_connected and self.customer.lacks(again=again):
            exchange = self._chat.line.begin("SetCustomerCustomFields")
            fields = self.customer.send(exchange.event_id, again=again)
            self._chat.line.post(exchange, encode.set_customer_fields(self._chat.sender, exchange.event_id, fields))

    def flush_thread(self, thread: "Thread", *, again: bool) -> None:
        """Send what is set of a conversation's fields, if it is open and has a contact of its own (T-23, P18)."""
        chat, is_open = self._chat, thread.state is ThreadState.OPEN and bool(thread.contact)
        if chat.welcome.is_awaited(thread.id):
            return  # the first message takes them along
        if is_open and chat.connection.is_connected and thread.custom.lacks(again=again):
            exchange = chat.line.begin("SetContactCustomFields", thread.id)
            fields = thread.custom.send(exchange.event_id, again=again)
            text = encode.set_contact_fields(chat.sender, exchange.event_id, thread.id, thread.contact, fields)
            chat.line.post(exchange, text)

    def with_message(self, thread: "Thread", event_id: str) -> tuple[tuple[Dated, ...], tuple[Dated, ...]]:
        """Return what a message takes along of the customer's fields and of the conversation's."""
        again = not thread.contact
        return self.customer.send(event_id, again=False), thread.custom.send(event_id, again=again)

    # --- what becomes of it ---

    def _sets(self, exchange: Exchange) -> list[FieldSet]:
        thread = self._chat.desk.threads.get(exchange.thread)
        return [self.customer] if thread is None else [self.customer, thread.custom]

    def accepted(self, exchange: Exchange, data: object = None) -> None:  # noqa: ARG002 - as of every owner
        """The far side has what this request carried."""
        for fields in self._sets(exchange):
            if not fields.accept(exchange.event_id):
                continue
            if fields is self.customer:
                self._keep()
            else:
                self._chat.delivery.ledger.changed_thread(exchange.thread)

    def refused(
        self, exchange: Exchange, code: RefusalCode, cause: str, error: wire.OperationError | None = None
    ) -> None:
        """The far side does not want what this request set: as before, and the app is told. Or it did not answer."""
        if code is not RefusalCode.REFUSED_BY_CENTER or error is None:
            self.lost(exchange, written=True)
            return
        thread = self._chat.desk.threads.get(exchange.thread)
        if thread is not None:
            self._tell_thread(thread, thread.custom.reject(exchange.event_id))
        changes = self.customer.reject(exchange.event_id)
        self._keep()
        self._tell_customer(changes)
        self._chat.session.notify(
            ErrorReceived(code=error.code, text=cause, transaction=error.transaction, thread=exchange.thread)
        )

    def lost(self, exchange: Exchange, *, written: bool) -> None:
        """Nobody knows whether this request arrived; if it was not ``written``, it did not."""
        for fields in self._sets(exchange):
            fields.give_back(exchange.event_id, left=written)

    # --- what the far side tells ---

    def told_customer(self, given: tuple[wire.CustomField, ...]) -> None:
        """Take what the far side tells of the customer (trap T-8: whatever brings it)."""
        changes = self.customer.merge(given)
        if self._is_kept:
            self._keep()
        self._tell_customer(changes)

    def told_contact(self, thread: "Thread", case: wire.Contact) -> None:
        """Take what the far side tells of the thread's contact, and bring it what is to be set."""
        self._tell_thread(thread, thread.custom.merge(case.custom_fields))
        self.flush_thread(thread, again=False)

    def forget_contact(self, thread: "Thread", *, keep_waiting: bool = False) -> None:
        """The contact is over and the thread goes on: its fields were the contact's.

        ``keep_waiting`` spares what the far side does not have yet: it may be meant for the next one.
        """
        self._tell_thread(thread, thread.custom.forget(keep_waiting=keep_waiting))

    def forget(self) -> None:
        """The customer is someone else, or signed out; what is stored goes with the rest."""
        self.customer.forget()
        self._is_kept = False

    def _tell_customer(self, changes: Changes) -> None:
        if changes:
            self._chat.session.notify(CustomerFieldsChanged(fields=changes))

    def _tell_thread(self, thread: "Thread", changes: Changes) -> None:
        if changes:
            self._chat.session.notify(ThreadFieldsChanged(thread=thread.id, fields=changes))

    def _keep(self) -> None:
        """Keep what the far side does not have yet over restarts."""
        waiting = tuple(wire.CustomField(ident=i, value=value, updated_at=at) for i, value, at in self.customer.waiting)
        text = msgspec.json.encode(_Kept(waiting)).decode()
        if not waiting and self._is_kept:
            self._chat.keeping.forget(keeping.FIELDS)
        elif waiting and self._chat.session.kept.get(keeping.FIELDS) != text:
            self._chat.keeping.save(keeping.FIELDS, text)
        self._is_kept = bool(waiting)


def _name(question: Question | None, ident: str) -> str:
    """Return what to call a field in a sentence."""
    return repr(ident) if question is None else f"{question.label} ({ident})"
