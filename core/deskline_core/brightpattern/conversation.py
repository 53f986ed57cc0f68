"""One chat as an app's conversation: what it may read of it, and what the chat's table names (rows B1-B61)."""

from collections.abc import Callable

from ..events import (
    InactivityCleared,
    InactivityWarned,
    PartyJoined,
    PartyLeft,
    QueuePositionChanged,
    StageChanged,
    ThreadEnded,
    ThreadStateChanged,
    TypingStarted,
    TypingStopped,
    UnknownReceived,
)
from ..inputs import (
    AppRequest,
    CloseCase,
    FetchFile,
    FetchPhoto,
    LoadMore,
    NotePush,
    SendLocation,
    SendMessage,
    StartThread,
)
from ..lifecycle import EndReason, ThreadState
from ..machine import Machine, Row
from ..model import Choice, Inactivity, Party, PartyRole, QueuePosition
from . import wire
from .chat_table import ROWS, STAGES, STATES, TERMINAL, ChatStage, project
from .guards import Guards
from .replies import Reply

__all__ = ["CONVERSATION", "Conversation"]

_LAST = frozenset({"end_elapsed", "end_refused", "history_gone", "last_news_elapsed", "poll_gone", "poll_refused"})
"""Triggers after which nothing more can be known: no history will come."""
_REASONS = {
    ChatStage.TIMED_OUT: EndReason.INACTIVITY,
    ChatStage.FAILED: EndReason.FAILED,
    ChatStage.LOST: EndReason.LOST,
}


class Conversation(Guards):
    """One chat of a session: the subject of the chat's table."""

    __slots__ = ()

    def fire(self, trigger: str, input: object = None) -> None:
        """Fire a trigger of the chat's table. What came before the end is told before it."""
        is_last = trigger in _LAST or (trigger == "post_gone" and not self.may_be_told_more(input))
        if is_last and self is self._chat.desk.current:
            self._chat.poll.filled()
        CONVERSATION.fire(trigger, self, input)

    # --- for every row ---

    def entered(self, _input: object) -> None:
        """Tell the app what changed in its words, and the end once."""
        session = self._chat.session
        if self.leaf in TERMINAL:
            self._end()
            return
        if self.is_cancelled and self.leaf == ChatStage.ENDING:  # nobody wants it: it is ended unseen (B9)
            return
        self.is_cancelled = self.is_cancelled and self.leaf == ChatStage.REQUESTING
        stage = STAGES.get(self.leaf)
        if self._shown is ThreadState.NONE and project(self.leaf) is ThreadState.OPEN:
            self._shown = ThreadState.OPEN
            self._chat.desk.show(self)
            session.notify(ThreadStateChanged(thread=self.chat_id, state=self._shown))
        if stage is not None and stage is not self._stage:
            self._stage = stage
            session.notify(StageChanged(thread=self.chat_id, stage=stage))
        self._chat.connection.show()

    def _end(self) -> None:
        session = self._chat.session
        if self._shown is ThreadState.NONE:
            self._chat.thread_ended(self)
            return
        self._shown, self._stage = ThreadState.ENDED, None
        self.reason = _REASONS.get(ChatStage(self.leaf), self._who_ended())
        self.reset_volatile()
        self.clear_warning()
        self._place(None)
        self._chat.forms.close_all(self)
        self.has_older = False  # nothing older can be had any more (D727)
        session.deadlines.clear("end")
        session.deadlines.clear("wrap up")
        session.notify(ThreadStateChanged(thread=self.chat_id, state=ThreadState.ENDED))
        session.notify(ThreadEnded(thread=self.chat_id, reason=self.reason, text=self.text))
        self._chat.thread_ended(self)

    def _who_ended(self) -> EndReason:
        if self.customer_ends:
            return EndReason.INACTIVITY if self._chat.ending.is_declined else EndReason.CUSTOMER
        return EndReason.AGENT if self.had_agent else EndReason.UNKNOWN

    def refused(self, input: object, row: Row) -> None:
        """Refuse the request that came with the trigger."""
        if isinstance(input, AppRequest) and row.refuse is not None:
            hint = "begin a new one" if self.leaf in TERMINAL else f"the conversation is {self.leaf}"
            self._chat.session.refuse(input.request, row.refuse, row.says, hint)

    def grant(self, input: AppRequest) -> None:
        """Nothing has to be done."""
        self._chat.session.requests.answer(input.request)

    def grant_opened(self, input: AppRequest) -> None:
        """It is as open as it will be."""
        self._chat.session.requests.answer(input.request, self.chat_id)

    def grant_none(self, input: AppRequest) -> None:
        """Nothing older is to be had."""
        self._chat.session.requests.answer(input.request, 0)

    # --- beginning: beginning.py ---

    def request(self, input: StartThread) -> None:
        """Request a chat."""
        self._chat.beginning.request(input)

    def give_way(self, input: StartThread) -> None:
        """A new one takes its place."""
        self._chat.desk.renew().fire("start", input)

    def join_start(self, input: StartThread) -> None:
        """Wait for the one that is being requested."""
        self._chat.beginning.join(input)

    def grant_started(self, input: StartThread) -> None:
        """There is one already."""
        self._chat.session.requests.answer(input.request, self.chat_id)

    def hold_start(self, input: StartThread) -> None:
        """It begins when this one has ended."""
        self._chat.hold(input)

    def begin(self, _input: object) -> None:
        """It is made."""
        self._chat.beginning.made(self)
        self._wait_first()
        self._chat.poll.begin()
        self._chat.telling.resume()

    def _wait_first(self) -> None:
        if self.leaf == ChatStage.QUEUED:
            self._place(QueuePosition(estimated_wait=self.first_wait))

    def begin_with_history(self, _input: object) -> None:
        """It was there: what happened in it is read before the poll begins (B5)."""
        self._chat.beginning.made(self)
        if self.is_over:
            return
        self._chat.poll.shadowed()
        self.is_loaded = False
        self._wait_first()
        self._chat.connection.fire("doubt")
        self._chat.poll.rest()

    def end_late(self, _input: object) -> None:
        """End what nobody wants, unseen."""
        self._chat.beginning.made(self)
        self._chat.ending.late(self)

    def give_up_start(self, reply: Reply) -> None:
        """It could not be requested."""
        self._chat.beginning.give_up(reply)

    def repeat_start(self, _input: object) -> None:
        """Request it again in a while."""
        self._chat.beginning.repeat()

    def note_cancel(self, _input: object) -> None:
        """Nobody waits for it."""
        self.is_cancelled = True

    def forget_id(self, _input: object) -> None:
        """The id leads nowhere."""
        self.chat_id = ""
        self._chat.desk.forget_kept()

    def recovered(self, events: list[wire.WireEvent]) -> None:
        """A chat of before is there: take all that its history has."""
        if self.is_over:
            return
        self._chat.poll.shadowed()
        self._chat.desk.keep_id()
        self._chat.news.load(self, events)
        self._chat.device.subscribe()

    def attach_by_push(self, input: NotePush) -> None:
        """Look for the chat that a push tells of."""
        self._chat.desk.attach(input)

    # --- what the far side tells: news.py ---

    def note_status(self, input: wire.ChatSessionStatus) -> None:
        """Take the wait that comes with a status."""
        waits = input.state == ChatStage.QUEUED
        self._place(QueuePosition(estimated_wait=input.ewt) if waits else None)
        self._chat.leaving.status_told(self)

    def _place(self, queue: QueuePosition | None) -> None:
        if queue != self.queue:
            self.queue = queue
            self._chat.session.notify(QueuePositionChanged(thread=self.chat_id, queue=queue))

    def tell_unknown_status(self, input: wire.ChatSessionStatus) -> None:
        """A state that nobody knows."""
        kind = f"chat_session_status {input.state}"[: self._chat.session.policy.max_field]
        self._chat.session.notify(UnknownReceived(kind=kind, source=""))

    def add_party(self, party: Party) -> None:
        """Someone takes part, or has another name."""
        known = self.parties_by_id.get(party.id)
        self.parties_by_id[party.id] = party
        self.had_agent = self.had_agent or party.role is PartyRole.AGENT
        if known is None and party.role is not PartyRole.CUSTOMER:
            self._chat.session.notify(PartyJoined(thread=self.chat_id, party=party))
        if len(self.parties_by_id) > self._chat.session.policy.parties:
            self.remove_party(next(iter(self.parties_by_id)))

    def remove_party(self, id: str) -> None:
        """Someone no longer takes part."""
        party = self.parties_by_id.pop(id, None)
        if party is not None and party.role is not PartyRole.CUSTOMER:
            self.stopped_typing(party)
            self._chat.session.notify(PartyLeft(thread=self.chat_id, party=party))
            self._chat.leaving.something_came()

    def receive(self, input: wire.ChatSessionMessage) -> None:
        """The other side wrote."""
        self._chat.news.receive(self, input)

    def receive_shared(self, input: wire.Shared) -> None:
        """A file or a place."""
        self._chat.news.receive_shared(self, input)

    def note_stored(self, input: "wire.ChatSessionMessage | wire.Shared") -> None:
        """One of ours is there."""
        self._chat.news.stored(self, input)

    def note_receipt(self, input: "wire.ChatSessionMessageDelivered | wire.ChatSessionMessageRead") -> None:
        """One of ours was delivered or read."""
        self._chat.news.receipt(self, input)

    def receive_other(self, input: wire.WireEvent) -> None:
        """Signals, edits, deletions, names, and what nobody knows."""
        self._chat.news.other(self, input)

    def note_typing(self, input: "wire.ChatSessionTyping | wire.ChatSessionNotTyping") -> None:
        """The other side types, or no longer does; our own may come back."""
        if input.party_id == self.chat_id:
            return
        party = self._chat.news.party(self, input.party_id)
        if isinstance(input, wire.ChatSessionNotTyping):
            self.stopped_typing(party)
            return
        session = self._chat.session
        session.deadlines.set("agent typing", session.now + session.policy.agent_typing)
        if self.typing != party:
            self.typing = party
            session.notify(TypingStarted(thread=self.chat_id, party=party))

    def stopped_typing(self, party: Party | None = None) -> None:
        """Someone, or whoever it was, no longer types."""
        typing = self.typing
        if typing is not None and (party is None or party.id == typing.id):
            self.typing = None
            self._chat.session.deadlines.clear("agent typing")
            self._chat.session.notify(TypingStopped(thread=self.chat_id, party=typing))

    def warn(self, input: wire.ChatSessionTimeoutWarning) -> None:
        """The customer has been silent; any message of theirs answers it (section 10)."""
        stay = Choice(text=self._chat.session.policy.stay_text)
        self.inactivity = Inactivity(
            title="", text=input.msg, question="", ends_at=float("inf"), stay=stay, end=Choice(text="")
        )
        self._chat.session.notify(InactivityWarned(thread=self.chat_id, inactivity=self.inactivity))

    def clear_warning(self) -> None:
        """The warning no longer stands."""
        if self.inactivity is not None:
            self.inactivity = None
            self._chat.session.notify(InactivityCleared(thread=self.chat_id))

    def note_case(self, input: wire.ChatSessionCaseSet) -> None:
        """A case is kept about it, or no longer."""
        self._chat.cases.note(self, input.case_id)

    def show_form(self, input: "wire.ChatSessionFormShow | wire.ChatSessionSecureFormShow") -> None:
        """A form is asked for."""
        self._chat.forms.show(self, input)

    def withdraw_form(self, input: wire.ChatSessionSecureFormCancel) -> None:
        """A form is taken back."""
        self._chat.forms.withdraw(self, input.form_request_id)

    # --- what is sent: delivery.py, forms.py, cases.py, telling.py ---

    def queue_message(self, input: SendMessage | SendLocation) -> None:
        """Put a message into the outbox."""
        self._chat.delivery.queue(self, input)

    def queue_files(self, input: SendMessage) -> None:
        """Put each file, and then the text, into the outbox."""
        self._chat.delivery.queue_files(self, input)

    def note_posted(self, done: Callable[[], None]) -> None:
        """The far side took it."""
        done()

    def note_refused(self, done: Callable[[], None]) -> None:
        """The far side refused it."""
        done()

    def doubt(self, done: Callable[[], None]) -> None:
        """It may have arrived: the history tells (B39)."""
        done()
        if self.is_alive:
            self._chat.connection.fire("doubt")

    def ask_case(self, input: LoadMore | CloseCase) -> None:
        """Ask about the case."""
        self._chat.cases.ask(self, input)

    def post_form(self, input: AppRequest) -> None:
        """Answer or decline a form."""
        self._chat.forms.post(self, input)

    def tell(self, input: AppRequest) -> None:
        """Typing, read marks, pages, signals."""
        self._chat.telling.tell(self, input)

    def fetch(self, input: FetchFile | FetchPhoto) -> None:
        """Fetch a file or a picture."""
        self._chat.files.fetch(self, input)

    def ask_availability(self, input: object) -> None:
        """Ask whether the site is open."""
        self._chat.inquiries.availability(input)

    def subscribe(self, _input: object) -> None:
        """Tell where pushes go."""
        self._chat.device.subscribe()

    # --- ending: ending.py ---

    def post_disconnect(self, input: AppRequest) -> None:
        """End the talk with the agent."""
        self._chat.leaving.begin(self, input)

    def join_disconnect(self, input: AppRequest) -> None:
        """It ends already, or has ended."""
        self._chat.leaving.join(input)

    def post_end(self, input: object) -> None:
        """End the session."""
        self._chat.ending.end(self, input)

    def join_end(self, input: AppRequest) -> None:
        """Wait for the end."""
        self._chat.ending.join(input)

    def await_end(self, _input: object) -> None:
        """Wait a while for the last news."""
        self._chat.ending.taken()

    def await_last_news(self, _input: object) -> None:
        """It is over at the far side: what was said before that may still come."""
        self._chat.ending.await_last_news()

    def repeat_end(self, reply: Reply) -> None:
        """Say it again."""
        self._chat.ending.repeat(reply)

    # --- the poll: poll.py, recovery.py ---

    def poll_on(self, _input: object) -> None:
        """Poll on."""
        self._chat.poll.on()

    def poll_again(self, _input: object) -> None:
        """Poll on, not too fast."""
        self._chat.poll.again()

    def lose_poll(self, reply: Reply) -> None:
        """The poll failed: something may be lost (B48), perhaps since a history was asked for that is on its way."""
        self._chat.poll.failed(reply)
        if self._chat.recovery.is_reading:
            self._chat.recovery.again()
        self._chat.connection.fire("poll_lost", cause=reply.cause)
        self._chat.poll.rest()

    def wait_crowded(self, _input: object) -> None:
        """Another poll is open."""
        self._chat.poll.crowd()

    def rest(self, _input: object) -> None:
        """Out of sight."""
        self._chat.poll.rest()

    def resume(self, _input: object) -> None:
        """In sight, and nothing is missing: poll on."""
        self._chat.poll.begin()
        self._chat.ending.resume(self)
        self._chat.device.subscribe()
        self._chat.telling.resume()

    def resume_for_push(self, input: NotePush) -> None:
        """Something is new: have it now."""
        self._chat.session.requests.answer(input.request, value=True)
        self._chat.resume_for_push()

    def deny_push(self, input: NotePush) -> None:
        """It is not for us."""
        self._chat.session.requests.answer(input.request, value=False)

    def merge(self, events: list[wire.WireEvent]) -> None:
        """Take what is new in a history; of a chat that was found, all of it is old (20.5, rule 9)."""
        if self.is_loaded:
            self._chat.news.merge(self, events)
        else:
            self.is_loaded = True
            self._chat.news.load(self, events)

    def reset_volatile(self) -> None:
        """What only holds while we listen: the end of it may be missed."""
        self.stopped_typing()
        self._chat.telling.lost()


CONVERSATION = Machine("chat", states=STATES, rows=ROWS, owner=Conversation, attribute="leaf")
