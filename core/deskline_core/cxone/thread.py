"""One conversation: what an app may read of it, and what the thread's table names (rows T1-T31)."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..cursor import Cursor
from ..errors import RefusalCode
from ..events import (
    InactivityCleared,
    InactivityWarned,
    PartyJoined,
    PartyLeft,
    QueuePositionChanged,
    ThreadEnded,
    ThreadRenamed,
    ThreadStateChanged,
    TypingStarted,
    TypingStopped,
)
from ..history import History
from ..inputs import (
    AppRequest,
    OpenThread,
    PreviewText,
    RenameThread,
    SendMessage,
    SendTranscript,
    SetThreadFields,
    StartThread,
)
from ..lifecycle import EndReason, ThreadState
from ..machine import Machine, Row
from ..model import Inactivity, Message, Party, QueuePosition
from ..waiters import Waiters
from . import encode
from .field_set import CONTACT_PREFIX, FieldSet
from .rest import ChannelMode
from .thread_table import ROWS, STATES
from .untold import Untold

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["THREAD", "Thread"]


class Thread(Untold):
    """One conversation of a session: the subject of the thread table. Only the session changes it."""

    __slots__ = (
        "_chat", "_ending", "_last", "agent", "archive_waiters", "before",
        "contact", "custom", "end_asked", "end_waiters", "ending_by_inactivity", "history", "id", "inactivity", "loose",
        "more_waiters", "name", "open_waiters", "participants", "queue", "reason", "scroll_token", "scrolled_to",
        "state", "told", "typing", "warned", "warned_when_lost", "warning_answered",
    )  # fmt: skip

    def __init__(self, chat: "CXoneChat", id: str) -> None:
        policy = chat.session.policy
        self._chat = chat
        self.id = id
        self.state: ThreadState = ThreadState.NONE
        self.before: ThreadState = ThreadState.NONE
        self._last: ThreadState = ThreadState.NONE
        self._ending = EndReason.UNKNOWN
        self.reason: EndReason | None = None
        self.name = ""
        self.agent: Party | None = None
        self.typing: Party | None = None
        self.queue: QueuePosition | None = None
        self.inactivity: Inactivity | None = None
        self.warned: Inactivity | None = None
        self.warned_when_lost = False
        self.warning_answered = False
        self.history = History(policy.history, policy.remembered_ids)
        self.scroll_token = ""
        self.scrolled_to = ""
        self.told: Cursor | None = None
        self.loose: dict[str, None] = {}  # a set takes 150 bytes more, empty
        self.contact = ""
        self.custom = FieldSet(chat.session, CONTACT_PREFIX)
        self.participants: Sequence[str] = ()
        self.end_asked = False
        self.ending_by_inactivity = False
        self.open_waiters = Waiters(chat.session)
        self.more_waiters = Waiters(chat.session)
        self.archive_waiters = Waiters(chat.session)
        self.end_waiters = Waiters(chat.session)

    @property
    def messages(self) -> Sequence[Message]:
        """What is known, oldest first; messages on their way out stand last until the far side has them."""
        shown = [outgoing.message for outgoing in self._chat.delivery.outbox.of(self.id) if not outgoing.hidden]
        return (*self.history.messages, *shown)

    def revive(self, state: ThreadState) -> None:
        """It was in this state when an earlier run was left: no transition of this one, and no news."""
        self.state = self._last = state

    @property
    def parties(self) -> Sequence[Party]:
        """Who of the other side takes part: whoever is assigned."""
        return () if self.agent is None else (self.agent,)

    @property
    def fields(self) -> Mapping[str, str]:
        """The custom fields of the conversation, by id."""
        return self.custom.view

    @property
    def has_more(self) -> bool:
        """Whether the far side has older messages than these."""
        return bool(self.scroll_token)

    def fire(self, trigger: str, input: object = None, *, reason: EndReason = EndReason.UNKNOWN) -> None:
        """Fire a trigger of the thread table; ``reason`` counts if the thread ends by it. What waits for it may go."""
        before, self._ending = self.state, reason
        THREAD.fire(trigger, self, input)
        if self.state is not before:
            self._chat.delivery.flush()

    # --- for every row ---

    def entered(self, _input: object) -> None:
        """Tell the app the new state, and the end once."""
        self.before, self._last = self._last, self.state
        session = self._chat.session
        session.notify(ThreadStateChanged(thread=self.id, state=self.state))
        self._chat.thread_moved(self)
        if self.state is ThreadState.ENDED:
            self.reason = self._ending
            self.reset_volatile()
            session.deadlines.clear("end", self.id)
            session.notify(ThreadEnded(thread=self.id, reason=self.reason))
            self._chat.thread_ended(self)
            self._settle_end()

    def refused(self, input: object, row: Row) -> None:
        """Refuse the request that came with the trigger."""
        if isinstance(input, AppRequest) and row.refuse is not None:
            missing = self._missing(input)
            rest = "start a new one" if self.state is ThreadState.ENDED else f"the thread is {self.state}"
            hint = f"answer {', '.join(missing)}" if missing else rest
            self._chat.session.refuse(input.request, row.refuse, row.says, hint)

    def grant(self, input: AppRequest) -> None:
        """Nothing has to be done."""
        self._answer(input)

    def grant_opened(self, input: AppRequest) -> None:
        """It is as open as it will be."""
        self._answer(input, self.id)

    def grant_none(self, input: AppRequest) -> None:
        """There are no older messages."""
        self._answer(input, 0)

    def _answer(self, input: AppRequest, value: object = None) -> None:
        self._chat.session.requests.answer(input.request, value)

    # --- guards ---

    def is_multi(self, _input: object) -> bool:
        """The channel has several threads per customer."""
        return self._chat.mode is ChannelMode.MULTI_THREAD

    def is_multi_and_known(self, _input: object) -> bool:
        """As above, and the far side knew this one: it was not pending before."""
        return self.is_multi(None) and not self.was_pending(None)

    def is_not_multi(self, _input: object) -> bool:
        """The channel has one thread at a time."""
        return self._chat.mode is not ChannelMode.MULTI_THREAD

    def is_single(self, _input: object) -> bool:
        """The channel has one thread for ever."""
        return self._chat.mode is ChannelMode.SINGLE_THREAD

    def is_not_live(self, _input: object) -> bool:
        """The channel is no live chat."""
        return self._chat.mode is not ChannelMode.LIVE_CHAT

    def is_being_ended(self, _input: object) -> bool:
        """The customer ends the contact, and the far side has not confirmed it yet."""
        return self.end_asked

    def lacks_answers(self, input: object) -> bool:
        """A required question of the survey has no answer."""
        return bool(self._missing(input))

    def _missing(self, input: object) -> list[str]:
        """Return the required questions of the survey that a new thread would leave open."""
        if not isinstance(input, StartThread):
            return []
        given = {question for question, value in input.answers if value}
        return [question.id for question in self._chat.questions if question.required and question.id not in given]

    def lacks_answers_of_next(self, input: object) -> bool:
        """As above, where a new thread would take this one's place (trap P15: nothing is dropped before this check)."""
        gives_way = self.state is ThreadState.ENDED or self.end_asked
        return gives_way and self.lacks_answers(input)

    def lacks_contact(self, _input: object) -> bool:
        """The contact's number is not known."""
        return not self.contact

    def ends_with_case(self, _input: object) -> bool:
        """Whether a closed contact ends the thread: live chat, or multi-thread by policy (T21)."""
        if self._chat.mode is ChannelMode.MULTI_THREAD:
            return self._chat.session.policy.closed_case_ends_multi_thread
        return self._chat.mode is ChannelMode.LIVE_CHAT

    def may_have_transcript(self, _input: object) -> bool:
        """The channel allows transcripts, and there is a contact."""
        return bool(self.contact) and not self.lacks_transcripts(None)

    def lacks_transcripts(self, _input: object) -> bool:
        """The channel does not allow transcripts."""
        return self._chat.configuration is None or not self._chat.configuration.transcript_allowed

    def was_open(self, _input: object) -> bool:
        """Whether it was open before."""
        return self.before is ThreadState.OPEN

    def was_pending(self, _input: object) -> bool:
        """Whether it was pending before."""
        return self.before is ThreadState.PENDING

    def is_in_doubt(self, _input: object) -> bool:
        """It may have begun: a message of it may have arrived, or news wait for its history.

        So may one of an earlier run, which may have died before it could note more than that its message had arrived.
        """
        is_begun = self.told is not None or self._chat.behind.has(self)
        return is_begun or self._chat.delivery.is_in_doubt(self.id)

    def lacks_groups(self, _input: object) -> bool:
        """The channel has no conversations of several customers."""
        return self._chat.configuration is None or not self._chat.configuration.group_chat

    def lacks_invitations(self, _input: object) -> bool:
        """The channel lets nobody be invited."""
        configuration = self._chat.configuration
        return configuration is None or not (configuration.group_chat and configuration.invitations)

    def lacks_previews(self, _input: object) -> bool:
        """The channel does not ask for what the customer is writing."""
        return self._chat.configuration is None or not self._chat.configuration.typing_preview

    # --- create (T1-T4) ---

    def begin(self, input: StartThread) -> None:
        """A new thread: keep the answers for its first message, and open a live chat at once."""
        self.name = input.name
        self.custom.set((question, value) for question, value in input.answers if value)
        self._chat.thread_begun(self)
        self._answer(input, self.id)

    def give_way(self, input: StartThread) -> None:
        """A new thread takes this one's place."""
        self._chat.desk.replace(input)

    # --- messages and fields ---

    def keep_fields(self, input: SetThreadFields) -> None:
        """Set custom fields: they go at once, or with the first message."""
        self._chat.fields.set_thread(self, input)

    def queue_message(self, input: SendMessage) -> None:
        """Put the message into the outbox; it goes when the thread is open."""
        self._chat.delivery.queue(self, input)

    # --- recover ---

    def recover(self, input: OpenThread | None) -> None:
        """Ask for the history; for the app, or for messages that wait."""
        if input is not None:
            self.open_waiters.add(input.request)
        self._chat.recovery.recover_thread(self)

    def join_open(self, input: OpenThread) -> None:
        """Wait for the history that is on its way."""
        self.open_waiters.add(input.request)

    def ask_metadata(self, _input: object) -> None:
        """Ask for the last message and the owner."""
        self._chat.recovery.ask_metadata(self)

    def fail(self, _input: object) -> None:
        """This thread is not to be had; the list may tell more."""
        self._chat.recovery.refetch_list()

    def drop(self, _input: object) -> None:
        """A thread that is not ours."""
        self._chat.session.counts["messages of unknown threads"] += 1

    def settle_opened(self, code: RefusalCode | None = None, cause: str = "") -> None:
        """Tell those who wait for the history."""
        if code is None:
            self.open_waiters.answer(self.id)
        else:
            self.open_waiters.refuse(code, cause)

    # --- what an open thread can do (T18-T20, T30) ---

    def show_typing(self, input: AppRequest) -> None:
        """Tell the other side that the customer types, or no longer does."""
        self._chat.composing.type(self, input)

    def show_preview(self, input: PreviewText) -> None:
        """Show the other side what the customer is writing."""
        self._chat.composing.preview(self, input)

    def ask_group(self, input: AppRequest) -> None:
        """Invite others, or leave."""
        self._chat.groups.ask(self, input)

    def tell_read(self, input: AppRequest) -> None:
        """Tell the far side that the customer has read the thread."""
        self._chat.line.send(encode.mark_seen(self._chat.sender, self._chat.session.ids.uuid(), self.id))
        self._answer(input)

    def rename_locally(self, input: RenameThread) -> None:
        """The name travels with the first message."""
        self.rename(input.name)
        self._answer(input)

    def tell_name(self, input: RenameThread) -> None:
        """Tell the far side the name; it counts when it is acknowledged."""
        exchange = self._chat.line.begin("UpdateThread", self.id, message=input.name, requests=(input.request,))
        self._chat.line.post(exchange, encode.update_thread(self._chat.sender, exchange.event_id, self.id, input.name))

    def rename(self, name: str) -> None:
        """The thread has another name."""
        if name != self.name:
            self.name = name
            self._chat.session.notify(ThreadRenamed(thread=self.id, name=name))

    def ask_more(self, input: AppRequest) -> None:
        """Ask for older messages, if there are any; callers meanwhile join."""
        if not self.scroll_token:
            self._answer(input, 0)
            return
        limit = self._chat.session.policy.history
        if len(self.history.messages) >= limit:
            cause = f"{limit} messages are kept, and older ones would go at once"
            self._chat.session.refuse(input.request, RefusalCode.LIMIT_REACHED, cause, "a larger history is policy")
            return
        is_first = not self.more_waiters
        self.more_waiters.add(input.request)
        if is_first:
            self._chat.recovery.load_page(self)

    def settle_more(self, count: int | None, code: RefusalCode = RefusalCode.CONNECTION_LOST, cause: str = "") -> None:
        """Tell those who wait for older messages how many came, or why none."""
        if count is None:
            self.more_waiters.refuse(code, cause)
        else:
            self.more_waiters.answer(count)

    def ask_transcript(self, input: SendTranscript) -> None:
        """Ask for the transcript by e-mail."""
        exchange = self._chat.line.begin("SendTranscript", self.id, requests=(input.request,))
        text = encode.send_transcript(self._chat.sender, exchange.event_id, self.contact, input.email)
        self._chat.line.post(exchange, text)

    def archive_locally(self, input: AppRequest) -> None:
        """The far side does not know it."""
        self._answer(input)

    def ask_archive(self, input: AppRequest) -> None:
        """Ask the far side to archive it."""
        self.archive_waiters.add(input.request)
        exchange = self._chat.line.begin("ArchiveThread", self.id)
        self._chat.line.post(exchange, encode.archive_thread(self._chat.sender, exchange.event_id, self.id))

    def join_archive(self, input: AppRequest) -> None:
        """Wait for the answer that is on its way."""
        self.archive_waiters.add(input.request)

    def settle_archive(self, code: RefusalCode | None = None, cause: str = "") -> None:
        """Tell those who asked."""
        if code is None:
            self.archive_waiters.answer()
        else:
            self.archive_waiters.refuse(code, cause)

    def ask_end(self, input: AppRequest) -> None:
        """Ask the far side to end the contact, once; it is over when it says so (T20, S38)."""
        self.end_waiters.add(input.request)
        if self.end_asked:
            return
        session = self._chat.session
        self.end_asked = True
        self._chat.connection.fire("contact_ending")
        exchange = self._chat.line.begin("EndContact", self.id)
        self._chat.line.post(exchange, encode.end_contact(self._chat.sender, exchange.event_id, self.id, self.contact))
        session.deadlines.set("end", session.now + session.policy.end_confirmation, self.id)

    def _settle_end(self, code: RefusalCode | None = None, cause: str = "") -> None:
        self._chat.session.deadlines.clear("end", self.id)
        if code is None:
            self.end_waiters.answer()
        else:
            self.end_waiters.refuse(code, cause, "the thread may have ended; its state tells")

    def end_unconfirmed(self, code: RefusalCode, cause: str) -> None:
        """The far side did not confirm the end: it counts as not asked for."""
        self.end_asked = False
        self._settle_end(code, cause)

    # --- what the other side does ---

    def assign(self, agent: Party | None) -> None:
        """Someone is in charge now, or nobody."""
        old = self.agent
        if old == agent:
            return
        self.agent = agent
        if old is not None and (agent is None or agent.id != old.id):
            self._chat.session.notify(PartyLeft(thread=self.id, party=old))
            self.agent_stopped_typing()
        if agent is not None and (old is None or agent.id != old.id):
            self._chat.session.notify(PartyJoined(thread=self.id, party=agent))
        if agent is not None:
            self.place(None)

    def place(self, queue: QueuePosition | None) -> None:
        """The place in the queue changed."""
        if queue != self.queue:
            self.queue = queue
            self._chat.session.notify(QueuePositionChanged(thread=self.id, queue=queue))

    def agent_typed(self, party: Party) -> None:
        """The other side types; that is over after a while, even if nobody says so (trap P45)."""
        session = self._chat.session
        session.deadlines.set("agent typing", session.now + session.policy.agent_typing, self.id)
        if self.typing != party:
            self.typing = party
            session.notify(TypingStarted(thread=self.id, party=party))

    def agent_stopped_typing(self) -> None:
        """The other side no longer types."""
        if self.typing is not None:
            party, self.typing = self.typing, None
            self._chat.session.deadlines.clear("agent typing", self.id)
            self._chat.session.notify(TypingStopped(thread=self.id, party=party))

    def warn(self, inactivity: Inactivity) -> None:
        """The far side warns; the warning stands until it is answered or runs out."""
        self.inactivity = self.warned = inactivity
        self.warning_answered = self.ending_by_inactivity = False
        self._chat.session.deadlines.set("inactivity", inactivity.ends_at, self.id)
        self._chat.session.notify(InactivityWarned(thread=self.id, inactivity=inactivity))

    def warn_again(self) -> None:
        """The answer to the last warning was refused: it still stands, if it has not run out."""
        if self.warned is not None and self.warned.ends_at > self._chat.session.now:
            self.warn(self.warned)

    def run_out(self) -> None:
        """Nobody answered the warning; that the far side ends the thread is for it to say."""
        self.ending_by_inactivity = True
        self.clear_inactivity()

    def clear_inactivity(self) -> None:
        """The inactivity warning no longer stands."""
        self._chat.session.deadlines.clear("inactivity", self.id)
        if self.inactivity is not None:
            self.inactivity = None
            self._chat.session.notify(InactivityCleared(thread=self.id))

    def reset_volatile(self) -> None:
        """What only holds while connected: the end of it may be missed (lifecycle reference, section 6.7)."""
        self._chat.composing.reset(self.id)
        self.agent_stopped_typing()
        self.place(None)
        self.clear_inactivity()

    def lost(self) -> None:
        """The connection is gone: what waited for an answer is settled."""
        self.settle_opened(RefusalCode.CONNECTION_LOST, "the connection was lost before the history came")
        self.settle_more(None, cause="the connection was lost before older messages came")
        self._settle_end(RefusalCode.CONNECTION_LOST, "the connection was lost before the end was confirmed")
        self.warned_when_lost = self.warned_when_lost or self.inactivity is not None
        self.reset_volatile()

    def wait_as(self, old: "Thread") -> None:
        """Who waits for the history of an object that this one follows waits here."""
        self.open_waiters, old.open_waiters = old.open_waiters, Waiters(self._chat.session)
        self.more_waiters, old.more_waiters = old.more_waiters, Waiters(self._chat.session)

    def withdrawn(self, request: int) -> None:
        """Forget a request that waits here."""
        for waiting in (self.open_waiters, self.more_waiters, self.archive_waiters, self.end_waiters):
            waiting.withdrawn(request)


THREAD = Machine("thread", states=STATES, rows=ROWS, owner=Thread)
