"""Messages on their way to the far side: queued, written in order, acknowledged, found or given up."""

from functools import partial
from typing import TYPE_CHECKING

from ..checks import check_text
from ..errors import RefusalCode
from ..events import ErrorReceived
from ..follow_up import FollowUp
from ..inputs import SendMessage
from ..ledger import Ledger
from ..lifecycle import EndReason, MessageStatus, ThreadState
from ..message_table import is_settled
from ..model import Message, Party, PartyRole, Upload
from ..outbox import Outbox
from ..outgoing import Outgoing
from . import encode, wire
from .line import Exchange
from .thread import Thread
from .uploads import Uploads, packed_size

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Delivery"]

_WRITABLE = (ThreadState.PENDING, ThreadState.OPEN)
_UNWRITTEN = (MessageStatus.QUEUED, MessageStatus.UPLOADING)
_DOUBTFUL = (MessageStatus.UNCERTAIN, MessageStatus.SENT)
_UNOPENED = (ThreadState.RECEIVED, ThreadState.LOADED)


class Delivery:
    """The outbox of one session, and its way onto the line."""

    __slots__ = ("_chat", "follow_up", "ledger", "outbox", "uploads")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self.ledger: Ledger = Ledger(chat.session, chat.keeping.saves, thread=chat.desk.record_of, changed=self.flush)
        self.outbox = Outbox(chat.session, self.ledger, self._confirmed, packed_size)
        self.follow_up: FollowUp = FollowUp(self.outbox, kept=self._kept, is_final=self._is_final, changed=self.flush)
        self.uploads = Uploads(chat)

    # --- requests ---

    def queue(self, thread: Thread, input: SendMessage) -> None:
        """Put a message into the outbox (T5, T18); its id is the answer."""
        session = self._chat.session
        reason = check_text(input.text, session.policy.max_text)
        if reason is None and input.postback:
            reason = check_text(input.postback, session.policy.max_text)
        if reason is None and not (input.text.strip() or input.postback or input.attachments):
            reason = "empty"
        if reason is not None:
            session.refuse(input.request, RefusalCode.INVALID_VALUE, f"the text is {reason}")
            return
        if input.attachments and (objection := self.uploads.objection(input.attachments)):
            session.refuse(input.request, *objection)
            return
        if self.outbox.is_full:
            session.refuse(
                input.request,
                RefusalCode.LIMIT_REACHED,
                f"{len(self.outbox)} messages wait already",
                "wait, or discard some",
            )
            return
        outgoing = self._new(thread, input.text, input.postback, input.attachments)
        outgoing.behind = _newest(thread)
        self.ledger.admit(
            (outgoing,),
            partial(self._enter, outgoing, input.request),
            request=input.request,
            leaves=self._may_write(thread) and not input.attachments,
        )

    def _enter(self, outgoing: Outgoing, request: int) -> None:
        """It is kept, where it has to be: from now on it is the outbox that answers for it."""
        thread = self._chat.desk.threads.get(outgoing.thread)
        if thread is None or thread.state is ThreadState.ENDED:
            self.ledger.removed(outgoing)
            self._chat.session.refuse(request, RefusalCode.THREAD_ENDED, "the thread has ended", "start a new one")
            return
        self.outbox.put(outgoing)
        self._chat.session.requests.answer(request, outgoing.id)
        if self._chat.connection.is_connected:
            self._chat.composing.sent(outgoing.thread)
            self.flush()

    def _may_write(self, thread: Thread) -> bool:
        """Whether a new message of this thread goes at once."""
        if not self._chat.connection.is_connected or thread.state not in _WRITABLE:
            return False
        return not any(outgoing.status in _UNWRITTEN for outgoing in self.outbox.of(thread.id))

    def queue_hidden(self, thread: Thread, text: str, postback: str, flag: str) -> None:
        """Put a message into the outbox that belongs to the protocol and is never shown (section 6.6)."""
        outgoing = self._new(thread, text, postback)
        outgoing.parameters = {flag: True}
        outgoing.hidden = True
        self.ledger.admit((outgoing,), partial(self._enter_hidden, outgoing), leaves=self._may_write(thread))

    def _enter_hidden(self, outgoing: Outgoing) -> None:
        thread = self._chat.desk.threads.get(outgoing.thread)
        if thread is None or thread.state is ThreadState.ENDED:  # meanwhile: nobody would ever write or remove it
            self.ledger.removed(outgoing)
            return
        self.outbox.put(outgoing)
        self.flush()

    def answer_unsupported(self, thread: Thread) -> None:
        """Tell the other side, hidden, that content could not be shown (flow 3.9, step 9); by policy.

        Not while as much waits as the policy admits: it is the far side that brings it about.
        """
        text = self._chat.session.policy.unsupported_text
        if text and thread.state is ThreadState.OPEN and not self.outbox.is_full:
            self.queue_hidden(thread, text, "", "isUnsupportedMessageTypeAnswer")

    def restore(self) -> None:
        """Take over the messages and threads of an earlier run, as they were when it was left."""
        self._chat.desk.restore(self.ledger.restore(self.outbox))

    def settle_orphans(self) -> None:
        """Connected, and all threads are known: what is left of one that is not there any more cannot go."""
        for outgoing in self.outbox:
            if outgoing.thread not in self._chat.desk.threads and not outgoing.has_failed:
                self._end_with(outgoing)
        self.ledger.tidy()

    def _new(self, thread: Thread, text: str, postback: str, uploads: tuple[Upload, ...] = ()) -> Outgoing:
        identity, session = self._chat.identity, self._chat.session
        name = f"{identity.first_name} {identity.last_name}".strip()
        party = Party(id=identity.customer, role=PartyRole.CUSTOMER, name=name)
        return Outgoing(
            self.outbox,
            id=session.ids.uuid(),
            thread=thread.id,
            text=text,
            postback=postback,
            party=party,
            at=session.now,
            uploads=uploads,
        )

    def _is_final(self, outgoing: Outgoing) -> bool:
        """Whether nothing is under way that could tell more: accepted long ago, or in doubt and not looked for."""
        if outgoing.status == MessageStatus.SENT:
            return self._chat.session.deadlines.at("copy", outgoing.id) is None
        if outgoing.status == MessageStatus.UNCERTAIN:
            thread = self._chat.desk.threads.get(outgoing.thread)
            if thread is None or thread.state is ThreadState.ENDED:
                return True
            return self._chat.connection.is_connected and thread.state is not ThreadState.RECOVERING
        return is_settled(outgoing.status)

    def _kept(self, id: str) -> Message | None:
        for thread in self._chat.desk.threads.values():
            message = thread.history.get(id)
            if message is not None:
                return message
        return None

    # --- onto the line ---

    def flush(self) -> None:
        """Write what may go now: connected, recovered, the thread open; in order.

        A message in doubt has its thread recovered first, so that what follows waits behind it. So it does behind one
        whose files are being uploaded; only what belongs to the protocol goes ahead of that.
        """
        if not self.outbox or not self._chat.connection.is_connected or self._chat.credentials.renewal.holds():
            return
        behind_files: set[str] = set()
        behind: set[str] = set()  # what goes to the store first
        for outgoing in self.outbox:
            if outgoing.hidden and outgoing.has_failed:
                self._hidden_failed(outgoing, wire.OperationError(code="MessageLost", text=outgoing.cause))
            if outgoing.status not in _UNWRITTEN or (outgoing.thread in behind_files and not outgoing.hidden):
                continue
            if outgoing.lacks_files and outgoing.status == MessageStatus.UPLOADING:
                behind_files.add(outgoing.thread)
                continue
            thread = self._chat.desk.threads.get(outgoing.thread)
            if thread is not None and thread.state in _WRITABLE:
                if outgoing.lacks_files:
                    behind_files.add(outgoing.thread)
                    self.uploads.begin(outgoing)
                elif not self._write_in_turn(thread, outgoing, is_first=outgoing.thread not in behind):
                    behind.add(outgoing.thread)
            elif thread is not None and thread.state in _UNOPENED:
                thread.fire("open")  # it recovers now; its messages go when it is open

    def not_opened(self, id: str, cause: str) -> None:
        """A thread that was never open is not to be had: what waits for it would only have it asked for again."""
        thread = self._chat.desk.threads.get(id)
        if thread is not None and not (thread.was_open(None) or thread.was_pending(None)):
            for outgoing in self.outbox.of(id):
                if outgoing.status in _UNWRITTEN:
                    outgoing.fire("refused", cause)

    def _write_in_turn(self, thread: Thread, outgoing: Outgoing, *, is_first: bool) -> bool:
        """Write a message, unless the store is to be told first, or it waits behind one of which it is."""
        if not outgoing.hidden and not self._chat.welcome.lets_pass(thread):
            return True
        outgoing.behind = _newest(thread)
        may_leave = self.ledger.may_leave(outgoing) and is_first
        if may_leave:
            self._write(thread, outgoing)
        return may_leave

    def uploaded(self, outgoing: Outgoing) -> None:
        """All files of a message are there: it is written now, or goes back to the queue until it can be."""
        thread = self._chat.desk.threads.get(outgoing.thread)
        if self._chat.connection.is_connected and thread is not None and thread.state in _WRITABLE:
            self.flush()
        else:
            outgoing.fire("unwritten")

    def _write(self, thread: Thread, outgoing: Outgoing) -> None:
        exchange = self._chat.line.begin("SendMessage", thread.id, message=outgoing.id)
        outgoing.event_id = exchange.event_id
        outgoing.writes += 1
        outgoing.settle_files()
        outgoing.fire("write")
        customer_fields, contact_fields = self._chat.fields.with_message(thread, exchange.event_id)
        text = encode.send_message(
            self._chat.sender,
            exchange.event_id,
            thread=thread.id,
            name=thread.name,
            message=outgoing.id,
            text=outgoing.text,
            postback=outgoing.postback,
            parameters=outgoing.parameters,
            customer_fields=customer_fields,
            contact_fields=contact_fields,
            files=[(file.url.reveal(), file.name, file.mime_type) for file in outgoing.files],
            access_token=self._chat.credentials.riding,
        )
        self._chat.line.post(exchange, text)
        outgoing.frame = exchange.frame

    def acknowledged(self, exchange: Exchange) -> None:
        """The far side accepted a message; its copy should follow."""
        self._chat.fields.accepted(exchange)
        thread = self._chat.desk.threads.get(exchange.thread)
        if thread is not None:
            thread.fire("acknowledged")
        outgoing = self.outbox.get(exchange.message)
        if outgoing is not None:
            self.accepted(outgoing)

    def accepted(self, outgoing: Outgoing) -> None:
        """The far side has a message: its copy should follow."""
        session = self._chat.session
        session.deadlines.set("copy", session.now + session.policy.request_timeout, outgoing.id)
        outgoing.fire("acknowledged")

    def copy_overdue(self, id: str) -> None:
        """The far side accepted a message and shows no copy: accepted is the outcome then."""
        outgoing = self.outbox.get(id)
        if outgoing is not None:
            self.outbox.settle(outgoing)

    def refused(self, exchange: Exchange, error: wire.OperationError) -> None:
        """The far side refused a message."""
        self._chat.fields.lost(exchange, written=False)
        outgoing = self.outbox.get(exchange.message)
        if outgoing is None:
            return
        outgoing.fire("refused", error.text or error.code)
        if outgoing.hidden:
            self._hidden_failed(outgoing, error)
        self.flush()

    def _hidden_failed(self, outgoing: Outgoing, error: wire.OperationError) -> None:
        """A message of the protocol was refused, or lost again and again; nobody else would know (trap P16).

        A live chat that could not be begun is none. A warning whose answer came to nothing still stands.
        """
        self.outbox.remove(outgoing)
        self._chat.session.notify(
            ErrorReceived(code=error.code, text=error.text, transaction=error.transaction, thread=outgoing.thread)
        )
        thread = self._chat.desk.threads.get(outgoing.thread)
        if thread is None:
            return
        if thread.state is ThreadState.PENDING:
            thread.fire("lose", reason=EndReason.FAILED)
        elif outgoing.postback:
            thread.warn_again()

    def timed_out(self, exchange: Exchange) -> None:
        """A message had no answer in time: read the history back before anything is said of it."""
        outgoing = self.outbox.get(exchange.message)
        if outgoing is None:  # its copy came
            self._chat.fields.accepted(exchange)
            return
        self._chat.fields.lost(exchange, written=True)
        outgoing.fire("doubtful", "no answer in time")
        thread = self._chat.desk.threads.get(outgoing.thread)
        if thread is None or thread.state is ThreadState.ENDED:
            self.outbox.settle(outgoing)  # nothing will tell more
        elif self._chat.connection.is_connected and thread.state in _WRITABLE:
            thread.fire("session_reconnected")
            self._chat.recovery.recover_thread(thread)
        elif self._chat.connection.is_connected and thread.state is ThreadState.ARCHIVING:
            self.outbox.settle(outgoing)  # not looked for: the archiving says what becomes of the thread

    def lost(self, exchange: Exchange, *, written: bool) -> None:
        """The socket is gone: not written goes back to the queue, written is in doubt (section 6.7)."""
        self._chat.fields.lost(exchange, written=written)
        outgoing = self.outbox.get(exchange.message)
        if outgoing is None:
            return
        if written:
            outgoing.fire("doubtful", "the connection was lost before an answer")
        else:
            outgoing.fire("unwritten")
        thread = self._chat.desk.threads.get(outgoing.thread)
        if thread is None or thread.state is ThreadState.ENDED:
            self._end_with(outgoing)

    def settle_doubtful(self, thread: str) -> None:
        """The history could not be read back: uncertain is all that can be said now."""
        for outgoing in self.outbox.of(thread):
            if outgoing.status == MessageStatus.UNCERTAIN:
                self.outbox.settle(outgoing)

    def is_in_doubt(self, thread: str) -> bool:
        """Whether a message of a thread may have arrived, or may do so yet: one that was not found can be late."""
        return any(
            outgoing.status in _DOUBTFUL or (outgoing.has_failed and outgoing.writes > 0)
            for outgoing in self.outbox.of(thread)
        )

    def _confirmed(self, outgoing: Outgoing) -> None:
        """The far side has it: it belongs to the history now, as ours until its copy comes."""
        self._chat.session.deadlines.clear("copy", outgoing.id)
        thread = self._chat.desk.threads.get(outgoing.thread)
        if outgoing.status == MessageStatus.SEEN and thread is not None and not outgoing.hidden:
            thread.history.add(outgoing.message)
            self._chat.inbox.added(thread, outgoing.id)
        if outgoing.lacks_files:
            self.flush()  # what waited behind its files goes now

    def thread_ended(self, thread: Thread) -> None:
        """What still waited for a thread that ended cannot go any more."""
        for outgoing in self.outbox.of(thread.id):
            self._end_with(outgoing)

    def _end_with(self, outgoing: Outgoing) -> None:
        """Its thread has ended: what never left has failed; of what may have arrived nothing more will be known."""
        if outgoing.hidden:
            self.outbox.remove(outgoing)
        elif outgoing.status in _UNWRITTEN:
            outgoing.fire("refused", "the thread ended before the message was sent")
        elif outgoing.status in (MessageStatus.UNCERTAIN, MessageStatus.SENT):
            self.outbox.settle(outgoing)


def _newest(thread: Thread) -> str:
    """Return the id of the newest message of a thread, or "": wherever another arrives, it comes after this one."""
    newest = thread.history.messages[-1:]
    return newest[0].id if newest else ""
