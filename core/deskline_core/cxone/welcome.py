"""The welcome text of a channel: shown in a new conversation, and told to the far side before its first message.

Lifecycle reference, section 6.8, as its rule R: one way per thread, none -> placeholder -> announced, kept with the
thread's id over restarts, and cleared at sign-out (traps M4, P34). The placeholder's id is the announced message's, so
that the far side's copy takes its place, whatever has become of its text.

Live chat as iOS does it: the placeholder stands while the conversation is opened, and the customer's first message
announces it.
"""

from typing import TYPE_CHECKING, Final

import msgspec

from ..checks import check_text
from ..errors import RefusalCode
from ..events import ErrorReceived, MessageReceived, MessageUpdated
from ..lifecycle import MessageStatus, ThreadState
from ..model import Message, Offer, Party, PartyRole
from ..pieces import REFUSED
from ..times import moment
from . import encode, keeping, wire
from .line import Exchange
from .rest import ChannelMode
from .template import render, variables

if TYPE_CHECKING:
    from .session import CXoneChat
    from .thread import Thread

__all__ = ["Welcome"]

_CENTER: Final = Party(id="", role=PartyRole.AGENT)
_MOST_THREADS: Final = 50


class _Greeting(msgspec.Struct):
    """One thread's welcome: the message's id, its text as the customer saw it, since when, and how far it is."""

    message: str
    text: str
    at: float
    announced: bool = False


class _Record(msgspec.Struct):
    """What is kept: the template with the fields that go with it, and the greetings by thread, oldest first."""

    template: str = ""
    fields: tuple[wire.CustomField, ...] = ()
    greetings: dict[str, _Greeting] = {}


def _read(text: str) -> _Record:
    """Return a record that was kept; one that cannot be used counts as none."""
    try:
        record = msgspec.json.decode(text, type=_Record)
        for greeting in record.greetings.values():
            moment(greeting.at)
    except (*REFUSED, ValueError, OverflowError, OSError):  # the last three: no time of the calendar
        return _Record()
    return record


class Welcome:
    """The template, and the greetings of the threads."""

    __slots__ = ("_awaited", "_chat", "_record")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._awaited: dict[str, str] = {}  # the request that a thread's first message waits behind
        self._record = _Record()
        if kept := chat.session.kept.get(keeping.WELCOME):
            self._record = _read(kept)

    # --- shown ---

    def received(self, offer: Offer) -> None:
        """The far side gave a template: for new threads, and for one that is still empty (trap M5: it may be late)."""
        self._record.template = offer.text
        self._record.fields = tuple(wire.CustomField(ident=ident, value=value) for ident, value in offer.fields)
        for thread in tuple(self._chat.desk.threads.values()):
            self._show(thread)
        self._keep()

    def thread_begun(self, thread: "Thread") -> None:
        """A thread was made here."""
        if self._show(thread):
            self._keep()

    def thread_opened(self, thread: "Thread") -> None:
        """A thread is open; after a restart a live chat that holds nothing yet shows its placeholder again."""
        greeting = self._record.greetings.get(thread.id)
        if greeting is not None and not greeting.announced and not thread.messages:
            self._add(thread, greeting)

    def _show(self, thread: "Thread") -> bool:
        """Show the placeholder in an empty thread, or its new text; True if something has to be kept."""
        greeting = self._record.greetings.get(thread.id)
        text = self._text(thread)
        if not text or (greeting is not None and (greeting.announced or greeting.text == text)):
            return False
        if greeting is not None:
            greeting.text = text
        elif self._is_empty(thread):
            session = self._chat.session
            greeting = self._record.greetings[thread.id] = _Greeting(session.ids.uuid(), text, session.now)
            if len(self._record.greetings) > _MOST_THREADS:
                del self._record.greetings[next(iter(self._record.greetings))]
        else:
            return False
        self._add(thread, greeting)
        return True

    def _add(self, thread: "Thread", greeting: _Greeting) -> None:
        message = self._message(thread, greeting)
        is_new = thread.history.add(message) is None
        kind = MessageReceived if is_new else MessageUpdated
        self._chat.session.notify(kind(thread=thread.id, message=message))

    def _is_empty(self, thread: "Thread") -> bool:
        """Pending, or a live chat that nobody has said anything in."""
        is_new = thread.state is ThreadState.PENDING
        is_live = thread.state is ThreadState.OPEN and self._chat.mode is ChannelMode.LIVE_CHAT
        return (is_new or is_live) and not thread.messages

    def _text(self, thread: "Thread") -> str:
        who = self._chat.identity
        values = variables(who.first_name, who.last_name, self._chat.fields.customer.view, thread.fields)
        text = render(self._record.template, values, self._chat.session.policy.max_text)
        return "" if check_text(text, self._chat.session.policy.max_text) else text

    def _message(self, thread: "Thread", greeting: _Greeting) -> Message:
        return Message(
            id=greeting.message, thread=thread.id, party=_CENTER, text=greeting.text,
            created_at=moment(greeting.at), status=MessageStatus.DELIVERED,
        )  # fmt: skip

    # --- announced ---

    def lets_pass(self, thread: "Thread") -> bool:
        """Whether the customer's messages may go: not while the welcome is to be announced before them.

        The first message is ready to be written by now, its files included (trap P47).
        """
        if thread.id in self._awaited:
            return False
        greeting = self._record.greetings.get(thread.id)
        if greeting is None or greeting.announced:
            return True
        greeting.announced = True
        self._keep()
        if [message.party is _CENTER for message in thread.history.messages] != [True]:
            return True  # others have spoken, or the far side has it since before a restart
        self._announce(thread, greeting)
        return False

    def _announce(self, thread: "Thread", greeting: _Greeting) -> None:
        """Have the welcome stored ahead of the first message, which waits for the answer, or for a while."""
        chat, session = self._chat, self._chat.session
        chat.fields.hand_over(thread, tuple((field.ident, field.value or "") for field in self._record.fields))
        exchange = chat.line.begin("SendOutbound", thread.id, message=greeting.message)
        self._awaited[thread.id] = exchange.event_id
        session.deadlines.set("welcome", session.now + session.policy.welcome_gap, thread.id)
        text = encode.send_outbound(
            chat.sender, exchange.event_id, thread=thread.id, name=thread.name, message=greeting.message,
            text=greeting.text, contact_fields=thread.custom.waiting, access_token=chat.credentials.riding,
        )  # fmt: skip
        chat.line.post(exchange, text)

    def is_awaited(self, thread: str) -> bool:
        """Whether a thread's first message waits behind its welcome."""
        return thread in self._awaited

    def elapsed(self, thread: str) -> None:
        """No answer for a while: the first message waits no longer."""
        self._awaited.pop(thread, None)
        self._chat.delivery.flush()
        self._chat.fields.flush(again=False)

    def _release(self, exchange: Exchange) -> None:
        if self._awaited.get(exchange.thread) == exchange.event_id:
            self._chat.session.deadlines.clear("welcome", exchange.thread)
            self.elapsed(exchange.thread)

    def accepted(self, exchange: Exchange, data: object = None) -> None:  # noqa: ARG002 - as of every owner
        """The far side has it: the first message may go."""
        self._release(exchange)

    def refused(
        self, exchange: Exchange, code: RefusalCode, cause: str, error: wire.OperationError | None = None
    ) -> None:
        """The far side does not want it, or says nothing: that stops no message."""
        if error is not None:
            transaction, thread = error.transaction, exchange.thread
            self._chat.session.notify(
                ErrorReceived(code=error.code or code, text=cause, transaction=transaction, thread=thread)
            )
        self._release(exchange)

    def lost(self, exchange: Exchange, *, written: bool) -> None:
        """The socket is gone. What certainly never left goes with the next try; else it is not sent twice."""
        greeting = self._record.greetings.get(exchange.thread)
        if greeting is not None and not written:
            greeting.announced = False
            self._keep()
        self._awaited.pop(exchange.thread, None)
        self._chat.session.deadlines.clear("welcome", exchange.thread)

    # --- over ---

    def thread_ended(self, thread: str) -> None:
        """The conversation is over, and so is its greeting."""
        self._awaited.pop(thread, None)
        self._chat.session.deadlines.clear("welcome", thread)
        if self._record.greetings.pop(thread, None) is not None:
            self._keep()

    def forget(self) -> None:
        """Signed out (trap P34); what is stored goes with the rest."""
        self._awaited.clear()
        self._record = _Record()

    def _keep(self) -> None:
        text = msgspec.json.encode(self._record).decode()
        if self._chat.session.kept.get(keeping.WELCOME) != text:
            self._chat.keeping.save(keeping.WELCOME, text)
