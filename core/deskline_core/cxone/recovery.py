"""Recovery: on every open, what the mode asks for, and every thread that was open, paged back to a known message.

The connection is ready when everything begun here is answered. A read that fails on the way ends the attempt; that
there is nothing to recover is a normal outcome (lifecycle reference, sections 2.3 and 3.5-3.7).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ..errors import RefusalCode
from ..events import ErrorReceived, HistoryLoaded, MessageReceived
from ..lifecycle import EndReason, MessageStatus, ThreadState
from ..model import ContentKind, Message
from . import content, encode, wire
from .contact_history import closed_by_person, was_left
from .dates import format_seconds, parse_date
from .inbox import POPUPS
from .line import Exchange
from .rest import ChannelMode
from .thread import Thread

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Recovery"]

_MOST_PAGES = 50
_NOTHING_THERE = ("RecoveringThreadFailed", "RecoveringLivechatFailed")


def _latest(messages: Sequence[wire.WireMessage]) -> datetime | None:
    """Return the latest time of the far side that messages tell."""
    times = [message.created_at for message in messages]
    for message in messages:
        if message.user_statistics is not None:
            times += [message.user_statistics.seen_at or "", message.user_statistics.read_at or ""]
    return max(filter(None, map(parse_date, times)), default=None)


class _Gap:
    """A recovery under way for one thread: what came so far, newest first.

    It is merged when the gap is closed: half of it would make the rest look known after the next loss. ``closed`` tells
    that the thread has ended, ``is_idle`` that its contact is closed, ``by_person`` that an agent did that.
    """

    __slots__ = ("by_person", "closed", "first", "is_idle", "is_known", "messages", "pages", "token")

    def __init__(self) -> None:
        self.first = False
        self.closed = False
        self.is_known = False
        self.by_person = False
        self.is_idle = False
        self.messages: list[wire.WireMessage] = []
        self.pages = 0
        self.token = ""


class Recovery:
    """Recovers threads, for the connection and for the app."""

    __slots__ = ("_awaited", "_chat", "_gaps", "_overtaken")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._awaited: set[str] = set()
        self._gaps: dict[str, _Gap] = {}
        self._overtaken: set[str] = set()

    # --- for the connection ---

    def begin(self) -> None:
        """Recover what the mode asks for; then the connection is told."""
        self._awaited.clear()
        self._gaps.clear()
        for thread in tuple(self._chat.desk.threads.values()):
            thread.fire("session_reconnected")
        asked = ""
        if self._chat.mode is ChannelMode.MULTI_THREAD:
            self._fetch_list(awaited=True)
        else:
            asked = self._begin_one()
        for thread in tuple(self._chat.desk.threads.values()):  # in a channel with one thread: those that were joined
            if thread.state is ThreadState.RECOVERING and thread.id != asked:
                self._awaited.add(self.recover_thread(thread))
        self._finish_if_done()

    def _begin_one(self) -> str:
        """Recover the one thread of the channel; return its id, "" for one that is not known here."""
        thread = self._chat.desk.current
        if thread is not None and thread.state is ThreadState.PENDING:
            return ""  # T11: the far side does not know it
        if thread is not None and thread.state is ThreadState.ENDED:
            if self._chat.mode is ChannelMode.SINGLE_THREAD:
                return ""  # T28
            thread = None  # another contact may have been opened since
        known = thread.id if thread is not None else self._chat.desk.kept_id
        self._awaited.add(self._ask(known))
        return known

    def _ask(self, thread: str) -> str:
        live = self._chat.mode is ChannelMode.LIVE_CHAT
        exchange = self._chat.line.begin("RecoverLivechat" if live else "RecoverThread", thread)
        ask = encode.recover_livechat if live else encode.recover_thread
        self._chat.line.post(exchange, ask(self._chat.sender, exchange.event_id, thread or None))
        return exchange.event_id

    def _fetch_list(self, *, awaited: bool) -> None:
        exchange = self._chat.line.begin("FetchThreadList")
        if awaited:
            self._awaited.add(exchange.event_id)
        self._chat.line.post(exchange, encode.fetch_thread_list(self._chat.sender, exchange.event_id))

    def _done(self, event_id: str) -> None:
        self._awaited.discard(event_id)
        self._finish_if_done()

    def _finish_if_done(self) -> None:
        if not self._awaited and not self._gaps:
            self._chat.connection.fire("recovered")

    def lost(self) -> None:
        """The connection is gone: the next one begins anew."""
        self._awaited.clear()
        self._gaps.clear()
        self._overtaken.clear()

    def overtaken_by_end(self, thread: Thread) -> None:
        """A thread ended while it was read: an answer that says otherwise was written before."""
        self._overtaken.update(one.event_id for one in self._chat.line.exchanges.values() if one.thread == thread.id)

    # --- for threads ---

    def recover_thread(self, thread: Thread) -> str:
        """Ask for one thread's history; return the event id."""
        return self._ask(thread.id)

    def recover_latest(self) -> None:
        """Ask for whatever the far side holds for the newest."""
        self._ask("")

    def ask_metadata(self, thread: Thread, *, awaited: bool = False) -> None:
        """Ask for a thread's last message and owner."""
        exchange = self._chat.line.begin("LoadThreadMetadata", thread.id)
        if awaited:
            self._awaited.add(exchange.event_id)
        self._chat.line.post(exchange, encode.load_thread_metadata(self._chat.sender, exchange.event_id, thread.id))

    def refetch_list(self) -> None:
        """A thread was not to be had: the list may tell more (T16). While connecting it is on its way already."""
        if self._chat.connection.is_connected:
            self._fetch_list(awaited=False)

    def load_page(self, thread: Thread) -> None:
        """Ask for older messages of a thread."""
        self._ask_page(thread, thread.scroll_token)

    def _ask_page(self, thread: Thread, token: str) -> str:
        exchange = self._chat.line.begin("LoadMoreMessages", thread.id)
        oldest = format_seconds(thread.history.messages[0].created_at) if thread.history.messages else ""
        contact = thread.contact if self._chat.mode is ChannelMode.LIVE_CHAT else None
        text = encode.load_more(self._chat.sender, exchange.event_id, thread.id, token, oldest, contact or None)
        self._chat.line.post(exchange, text)
        return exchange.event_id

    # --- answers ---

    def recovered(self, exchange: Exchange, data: wire.RecoveredData) -> None:
        """A thread or live chat was recovered, or there was nothing to recover."""
        if data.customer is not None:
            self._chat.fields.told_customer(data.customer.custom_fields)
        contact = data.contact or data.consumer_contact
        id = data.thread.id_on_external_platform if data.thread is not None else ""
        is_overtaken = exchange.event_id in self._overtaken
        is_closed = is_overtaken or (contact is not None and contact.status == "closed")
        is_over = self._chat.mode is ChannelMode.LIVE_CHAT and is_closed
        known = self._chat.desk.threads.get(id or exchange.thread)
        if not id or (is_over and (known is None or known.state is ThreadState.PENDING)):
            self._nothing(exchange, known)
            return
        thread = known if is_over and known is not None else self._adopt(id)
        gap = _Gap()
        gap.first = not (thread.was_open(None) or thread.was_pending(None))
        gap.is_idle, gap.by_person = is_closed, is_closed and closed_by_person(data.contact_history)
        gap.closed = is_over or (is_closed and thread.ends_with_case(None))
        gap.closed = gap.closed or (data.thread is not None and not data.thread.can_add_more_messages)
        self._take_header(thread, data, contact, is_idle=is_closed and not gap.closed)
        self._gaps[thread.id] = gap
        self._awaited.discard(exchange.event_id)
        self._absorb(thread, gap, data.messages or (), data.messages_scroll_token or "")

    def _nothing(self, exchange: Exchange, thread: Thread | None) -> None:
        """Nothing open on the far side: what is open here has ended meanwhile (section 2.3, live 4)."""
        if thread is not None and thread.state is not ThreadState.ENDED:
            self._lift_doubt(thread)
            thread.fire("recover_failed") if self._was_pending(thread) else self._end_recovered(thread)
        self._chat.desk.forget_kept(exchange.thread)
        if thread is not None:
            thread.settle_opened()
        self._done(exchange.event_id)

    def _was_pending(self, thread: Thread) -> bool:
        return thread.state is ThreadState.PENDING or thread.was_pending(None)

    def _end_recovered(self, thread: Thread, *, by_person: bool = False) -> None:
        thread.fire("recovered_ended", reason=self._chat.inbox.why_ended(thread, by_person=by_person))

    def _adopt(self, id: str) -> Thread:
        thread = self._chat.desk.threads.get(id)
        over: Thread | None = None
        if thread is not None and thread.state is ThreadState.ENDED and self._chat.mode is ChannelMode.LIVE_CHAT:
            self._chat.desk.discard(thread)  # an open contact is a new thread object: what has ended stays so
            thread, over = None, thread
        if thread is None:
            thread = Thread(self._chat, id)
            if over is not None:
                thread.wait_as(over)
            self._chat.desk.add(thread)
            thread.fire("adopt")
            self._chat.desk.keep_id(id)
        return thread

    def _take_header(
        self, thread: Thread, data: wire.RecoveredData, contact: wire.Contact | None, *, is_idle: bool
    ) -> None:
        if data.thread is not None and data.thread.thread_name:
            thread.rename(data.thread.thread_name)
        if is_idle:
            self._chat.inbox.contact_over(thread)
            return
        if contact is not None:
            self._chat.inbox.adopt_case(thread, contact)
        if thread.state is ThreadState.ENDED:
            return
        agent = data.inbox_assignee or data.owner_assignee  # trap L4: the first of both
        if data.inbox_assignee is None and agent is not None and was_left(data.contact_history):
            agent = None
        thread.assign(content.user_party(agent) if agent is not None else None)

    def _absorb(self, thread: Thread, gap: _Gap, messages: tuple[wire.WireMessage, ...], token: str) -> None:
        """Take a page; ask for the next one if it does not reach what was known, or what is in doubt."""
        gap.messages += messages
        gap.pages += 1
        is_known = self._reaches_known(thread, messages)
        gap.is_known = gap.is_known or is_known
        is_behind_known = is_known and not gap.first and thread.told is None
        gap.token = thread.scroll_token if is_behind_known else token  # what is behind has not changed
        is_complete = not token or not messages or (gap.is_known and self._reaches_doubts(thread, gap))
        if is_complete or gap.first or gap.pages >= _MOST_PAGES:
            self._close_gap(thread, gap, is_complete=is_complete)
        else:
            self._awaited.add(self._ask_page(thread, token))

    def _reaches_known(self, thread: Thread, messages: Iterable[wire.WireMessage]) -> bool:
        """Whether a message was known before; what came while there was a gap does not count."""
        ids = [message.id_on_external_platform for message in messages]
        if thread.told is not None and thread.told.is_in(ids):
            return True
        return any(id in thread.history and id not in thread.loose for id in ids)

    def _reaches_doubts(self, thread: Thread, gap: _Gap) -> bool:
        """Whether every message in doubt, or accepted without a copy, would be among these, had it arrived."""
        ids = {message.id_on_external_platform for message in gap.messages}
        return all(
            outgoing.id in ids or outgoing.behind in ids
            for outgoing in self._chat.delivery.outbox.of(thread.id)
            if outgoing.status in (MessageStatus.UNCERTAIN, MessageStatus.SENT)
        )

    def _merge(
        self,
        thread: Thread,
        messages: Sequence[wire.WireMessage],
        *,
        before: Message | None = None,
        is_latest: bool = False,
    ) -> list[Message]:
        """Merge messages into the history, and settle those of ours that are among them.

        One that is cut is fetched, and one of the ``is_latest`` that comes in pieces is read.
        """
        shown: list[Message] = []
        ours: set[str] = set()
        cut: list[wire.WireMessage] = []
        outbox, now = self._chat.delivery.outbox, self._chat.session.now
        for message in reversed(messages):  # newest first on the wire (section 7.4)
            outgoing = outbox.get(message.id_on_external_platform)
            read = self._chat.receipts.apply(thread, content.read_message(message, thread.id, now))
            if message.has_additional_message_content:
                cut.append(message)
                read = self._chat.full_content.whole_of(thread, message, read)
            if read.kind is ContentKind.STREAM and not read.mine:
                read = self._chat.streams.recovered(thread, read, message.message_content, is_latest=is_latest)
            if outgoing is not None:
                ours.add(outgoing.id)
                outgoing.fire("seen" if read.status is MessageStatus.SEEN else "server_copy")
            if not content.is_hidden(message):
                shown.append(read)
        known = [old for read in shown if (old := thread.history.get(read.id))] if thread.history.messages else ()
        fresh = [message for message in thread.history.add_older(shown, before=before) if message.id not in ours]
        for old in known:
            if (new := thread.history.get(old.id)) is not None:
                self._chat.inbox.replaced(old, new)
        for message in reversed(cut):  # the newest first
            if thread.history.get(message.id_on_external_platform) is not None:
                self._chat.full_content.want(thread, message)
        return fresh

    def _close_gap(self, thread: Thread, gap: _Gap, *, is_complete: bool) -> None:
        del self._gaps[thread.id]
        thread.loose.clear()
        fresh = self._merge(thread, gap.messages, is_latest=True)
        if gap.token != thread.scroll_token:
            thread.scroll_token, thread.scrolled_to = gap.token, self._oldest(thread, gap.messages)
        self._tell(thread, gap, fresh)
        self._chat.streams.begin_expected()
        if is_complete or gap.first:
            self._lift_doubt(thread)
        else:
            self._chat.delivery.settle_doubtful(thread.id)
        newest = max(gap.messages, key=lambda message: message.created_at, default=None)
        is_warned = newest is not None and newest.message_content.type in POPUPS
        if gap.closed:
            thread.warned_when_lost = thread.warned_when_lost or is_warned
            self._end_recovered(thread, by_person=gap.by_person)
            self._chat.desk.forget_kept(thread.id)
        else:
            thread.fire("recovered_open")
            thread.warned_when_lost = False
            if newest is not None and is_warned and not gap.is_idle:  # it stands only if nothing came after it
                self._chat.inbox.warn(thread, newest, _latest(gap.messages))  # to read all dates takes a while
            self._chat.inbox.end_unconfirmed(thread)
        thread.settle_opened()
        self._finish_if_done()

    def _tell(self, thread: Thread, gap: _Gap, fresh: list[Message]) -> None:
        """News that came while the chat was away is news; what came with the first load is history."""
        session, known, news = self._chat.session, tuple[Message, ...](), tuple(fresh)
        if gap.first:
            known, news = news, ()
        elif thread.told is not None:
            known, news = thread.told.split(fresh)
        thread.told = None
        if gap.first or known:
            session.notify(HistoryLoaded(thread=thread.id, messages=known, has_more=thread.has_more))
        for message in news:
            session.notify(MessageReceived(thread=thread.id, message=message))

    def _oldest(self, thread: Thread, messages: Iterable[wire.WireMessage]) -> str:
        """Return the id of the oldest message of a page that is shown: the next page stands before it."""
        ids = (message.id_on_external_platform for message in messages)
        shown = [message for message in map(thread.history.get, ids) if message is not None]
        return shown[-1].id if shown else thread.scrolled_to

    def _lift_doubt(self, thread: Thread) -> None:
        """The history was read back: what is not in it never arrived."""
        for outgoing in self._chat.delivery.outbox.of(thread.id):
            if thread.state is not ThreadState.ENDED:
                outgoing.fire("absent", "not found in the recovered history")
            elif outgoing.status == MessageStatus.UNCERTAIN:
                outgoing.fire("refused", "not found in the recovered history, and the conversation is over")

    def more(self, exchange: Exchange, data: wire.MoreData) -> None:
        """Older messages came: for the app, or to close a gap."""
        thread = self._chat.desk.threads.get(exchange.thread)
        if thread is None:
            return
        gap = self._gaps.get(thread.id)
        if gap is not None:
            self._awaited.discard(exchange.event_id)
            self._absorb(thread, gap, data.messages, data.scroll_token or "")
            return
        thread.scroll_token = (data.scroll_token or "") if data.messages else ""  # section 6.5: an empty page ends it
        fresh = self._merge(thread, data.messages, before=thread.history.get(thread.scrolled_to))
        thread.scrolled_to = self._oldest(thread, data.messages)
        if fresh:
            self._chat.session.notify(HistoryLoaded(thread=thread.id, messages=tuple(fresh), has_more=thread.has_more))
        thread.settle_more(len(fresh))

    def listed(self, exchange: Exchange, data: wire.ListData) -> None:
        """The list of threads came; local pending ones are kept (section 2.3, multi)."""
        desk, awaited = self._chat.desk, exchange.event_id in self._awaited
        seen: set[str] = set()
        for listed in data.threads:
            seen.add(listed.id_on_external_platform)
            thread = desk.threads.get(listed.id_on_external_platform)
            if thread is None:
                thread = Thread(self._chat, listed.id_on_external_platform)
                if not desk.add(thread):
                    continue
                thread.fire("discover")
            if listed.thread_name:
                thread.rename(listed.thread_name)
            if not listed.can_add_more_messages:
                thread.fire("recovered_ended", reason=EndReason.ARCHIVED)
            elif thread.state is ThreadState.RECEIVED:
                self.ask_metadata(thread, awaited=awaited)
        for thread in tuple(desk.threads.values()):
            if thread.id not in seen and thread.state in (ThreadState.RECEIVED, ThreadState.LOADED):
                thread.fire("lose", reason=EndReason.LOST)
        self._done(exchange.event_id) if awaited else None

    def metadata(self, exchange: Exchange, data: wire.MetadataData) -> None:
        """A thread's last message and owner came."""
        thread = self._chat.desk.threads.get(exchange.thread)
        if thread is not None:
            thread.assign(content.user_party(data.owner_assignee) if data.owner_assignee is not None else None)
            if data.last_message is not None:
                self._tell_last(thread, data.last_message)
            thread.fire("metadata_loaded")
        self._done(exchange.event_id)

    def _tell_last(self, thread: Thread, message: wire.WireMessage) -> None:
        """The last message of a thread that is not open: news only if the thread was known before the loss."""
        was_known = thread.before is ThreadState.LOADED
        for fresh in self._merge(thread, (message,)):
            if was_known:
                self._chat.session.notify(MessageReceived(thread=thread.id, message=fresh))

    # --- what can go wrong ---

    def refused(self, exchange: Exchange, error: wire.OperationError) -> None:
        """A read was refused. For a recovery that is "nothing to recover", whoever says it otherwise is told."""
        if exchange.kind in ("RecoverThread", "RecoverLivechat"):
            self._recover_refused(exchange, error)
        elif exchange.kind == "LoadMoreMessages":
            self._page_failed(exchange, RefusalCode.REFUSED_BY_CENTER, error.text or error.code)
        elif exchange.event_id in self._awaited and exchange.kind == "FetchThreadList":
            self._chat.connection.fire("recovery_failed", cause=f"the list of threads was refused: {error.code}")
        else:
            self._report(exchange, error)
            self._done(exchange.event_id)  # trap P13: one thread's metadata ends no connect

    def _report(self, exchange: Exchange, error: wire.OperationError) -> None:
        self._chat.session.notify(
            ErrorReceived(code=error.code, text=error.text, transaction=error.transaction, thread=exchange.thread)
        )

    def _recover_refused(self, exchange: Exchange, error: wire.OperationError) -> None:
        """That there is nothing to recover is an outcome (trap T-2); any other code says nothing about the thread."""
        if error.code not in _NOTHING_THERE:
            self._report(exchange, error)
            self._chat.delivery.not_opened(exchange.thread, f"its conversation could not be opened: {error.code}")
            self._unread(exchange, RefusalCode.REFUSED_BY_CENTER, f"refused with {error.code}")
            return
        configuration = self._chat.configuration
        if error.code == "RecoveringLivechatFailed" and configuration and configuration.recover_does_not_fail:
            self._report(exchange, error)  # trap P49: told, and the chat becomes ready all the same
        thread = self._chat.desk.threads.get(exchange.thread)
        if thread is not None:
            self._lift_doubt(thread)
            why = self._chat.inbox.why_ended(thread)
            thread.fire("recover_failed", reason=EndReason.FAILED if why is EndReason.UNKNOWN else why)
            thread.settle_opened(RefusalCode.REFUSED_BY_CENTER, error.text or "the far side knows no such thread")
        self._chat.desk.forget_kept(exchange.thread)
        self._done(exchange.event_id)

    def _page_failed(self, exchange: Exchange, code: RefusalCode, cause: str) -> None:
        thread = self._chat.desk.threads.get(exchange.thread)
        gap = self._gaps.get(exchange.thread)
        self._awaited.discard(exchange.event_id)
        if thread is not None and gap is not None:
            self._close_gap(thread, gap, is_complete=False)
        elif thread is not None:
            thread.settle_more(None, code, cause)

    def timed_out(self, exchange: Exchange, cause: str = "no answer in time") -> None:
        """A read had no answer, or one that cannot be read."""
        self._unread(exchange, RefusalCode.TIMEOUT, cause)

    def _unread(self, exchange: Exchange, code: RefusalCode, cause: str) -> None:
        """A read brought nothing that tells how things are. While connecting that ends the attempt (S28)."""
        if exchange.event_id in self._awaited and exchange.kind != "LoadThreadMetadata":
            self._chat.connection.fire("recovery_failed", cause=f"{exchange.kind}: {cause}")
            if not self._chat.connection.is_connected:
                return
        if exchange.kind == "LoadMoreMessages":
            self._page_failed(exchange, code, cause)
            return
        thread = self._chat.desk.threads.get(exchange.thread)
        if thread is not None and exchange.kind != "LoadThreadMetadata":
            thread.fire("recover_timed_out")
            thread.settle_opened(code, cause)
            self._chat.inbox.end_unconfirmed(thread)
            self._chat.delivery.settle_doubtful(thread.id)
        self._done(exchange.event_id)
