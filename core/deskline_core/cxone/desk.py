"""The threads of a session, and what an app asks of them."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ..checks import check_email, check_name, check_text
from ..errors import RefusalCode
from ..inputs import (
    AnswerInactivity,
    AppRequest,
    ArchiveThread,
    CreateInvitation,
    EndThread,
    LeaveThread,
    LoadMore,
    MarkRead,
    OpenThread,
    PreviewText,
    RenameThread,
    SendInvitation,
    SendMessage,
    SendTranscript,
    SetThreadFields,
    StartThread,
    StartTyping,
    StopTyping,
)
from ..lifecycle import EndReason, ThreadState
from . import keeping
from .rest import ChannelMode
from .thread import Thread
from .thread_record import record_of, restore

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Desk"]

_TRIGGERS: dict[type[AppRequest], str] = {
    OpenThread: "open",
    SendMessage: "send",
    SetThreadFields: "set_fields",
    StartTyping: "type",
    StopTyping: "type",
    MarkRead: "mark_read",
    LoadMore: "load_more",
    EndThread: "end_contact",
    RenameThread: "rename",
    ArchiveThread: "archive",
    SendTranscript: "transcript",
    CreateInvitation: "invite",
    SendInvitation: "invite",
    LeaveThread: "leave",
    PreviewText: "preview",
}
_SPARE = (ThreadState.ENDED, ThreadState.RECEIVED, ThreadState.LOADED)
_ENDINGS: dict[type[AppRequest], EndReason] = {ArchiveThread: EndReason.ARCHIVED}


class Desk:
    """All threads, oldest first. In a channel with one thread, its id is kept over restarts."""

    __slots__ = ("_chat", "threads")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self.threads: dict[str, Thread] = {}

    @property
    def current(self) -> Thread | None:
        """The newest thread that has not ended, else the newest one."""
        newest: Thread | None = None
        for thread in reversed(self.threads.values()):
            if thread.state is not ThreadState.ENDED:
                return thread
            newest = newest or thread
        return newest

    @property
    def is_talking(self) -> bool:
        """Whether a conversation has not ended."""
        return self.current is not None and self.current.state is not ThreadState.ENDED

    @property
    def kept_id(self) -> str:
        """The id that an earlier run kept, or ""; one that cannot be sent is none."""
        id = self._chat.session.kept.get(keeping.THREAD, "")
        return "" if check_name(id) else id

    def keep_id(self, id: str) -> None:
        """Keep the id of the one thread of the channel over restarts."""
        if self._chat.mode is not ChannelMode.MULTI_THREAD and self.kept_id != id:
            self._chat.keeping.save(keeping.THREAD, id)

    def forget_kept(self, id: str) -> None:
        """The kept id leads nowhere (trap T-11)."""
        if id and self.kept_id == id:
            thread = self.threads.get(id)
            if thread is None or thread.state is ThreadState.ENDED:
                self._chat.keeping.forget(keeping.THREAD)

    def add(self, thread: Thread, *, ours: bool = False) -> bool:
        """Take a thread; if there are too many the oldest ended one goes, for one of ours also one never opened.

        One with messages that wait stays. False if none can go: then it is counted.
        """
        if len(self.threads) >= self._chat.session.policy.threads:
            states = _SPARE if ours else _SPARE[:1]
            spare = (old for state in states for old in self.threads.values() if self._is_spare(old, state))
            if (oldest := next(spare, None)) is None:
                self._chat.session.counts["threads over the limit"] += 1
                return False
            self.discard(oldest)
            oldest.settle_opened(RefusalCode.UNKNOWN_THREAD, "the thread made room for another")
            oldest.settle_more(None, RefusalCode.UNKNOWN_THREAD, "the thread made room for another")
            for outgoing in self._chat.delivery.outbox.of(oldest.id):
                self._chat.delivery.outbox.remove(outgoing)
        self.threads[thread.id] = thread
        return True

    def _is_spare(self, thread: Thread, state: ThreadState) -> bool:
        return thread.state is state and (state is ThreadState.ENDED or not self._chat.delivery.outbox.of(thread.id))

    def discard(self, thread: Thread) -> None:
        """Forget a thread."""
        self.threads.pop(thread.id, None)
        self._chat.streams.forget(thread)
        self._chat.full_content.forget(thread.id)

    def by_contact(self, contact: str) -> Thread | None:
        """Return the thread of a contact."""
        for thread in reversed(self.threads.values()):
            if contact and thread.contact == contact:
                return thread
        return None

    # --- over restarts ---

    def record_of(self, id: str) -> str:
        """Return the record of a thread that a later run goes on with, or ""."""
        thread = self.threads.get(id)
        return "" if thread is None else record_of(thread)

    def restore(self, records: Mapping[str, str]) -> None:
        """Take over the threads of an earlier run, as if their connection had just been lost."""
        for id, text in records.items():
            if not check_name(id):
                thread = Thread(self._chat, id)
                if restore(thread, text):
                    self.threads[id] = thread

    # --- requests ---

    def start(self, input: StartThread) -> None:
        """Start a thread when the chat is ready; until then it waits (T1-T4)."""
        fields = self._chat.fields
        answers = fields.checked(input.request, input.answers, fields.thread_questions)
        if answers is None:
            return
        if len(answers) > (limit := self._chat.session.policy.max_fields):
            self._chat.session.refuse(input.request, RefusalCode.LIMIT_REACHED, f"more than {limit} custom fields")
            return
        if not self._chat.connection.is_connected:
            self._chat.hold(input)
            return
        input = replace(input, answers=answers)
        current = self.current
        if input.reuse and current is not None and current.state is not ThreadState.ENDED and not current.end_asked:
            self._chat.session.requests.answer(input.request, current.id)
        elif current is None or self._chat.mode is ChannelMode.MULTI_THREAD:
            self._create(input)
        else:
            current.fire("create", input, reason=EndReason.REPLACED)

    def _create(self, input: StartThread) -> None:
        thread = Thread(self._chat, self._chat.session.ids.uuid())
        if not thread.lacks_answers(input) and not self.add(thread, ours=True):
            limit = self._chat.session.policy.threads
            self._chat.session.refuse(
                input.request, RefusalCode.LIMIT_REACHED, f"there are {limit} threads", "archive some"
            )
            return
        thread.fire("create", input)

    def replace(self, input: StartThread) -> None:
        """A new conversation takes the place of one that is over, which can still be read (T4)."""
        self._create(input)

    def ask(self, input: AppRequest) -> None:
        """Hand a request to the thread that it names."""
        thread = self._find(input)
        if thread is None:
            return
        if reason := self._fault(input):
            self._chat.session.refuse(input.request, RefusalCode.INVALID_VALUE, reason)
            return
        thread.fire(_TRIGGERS[type(input)], input, reason=_ENDINGS.get(type(input), EndReason.UNKNOWN))

    def _fault(self, input: AppRequest) -> str:
        """Return what is wrong with what a request says, or ""."""
        match input:
            case RenameThread(name=name) if reason := check_name(name):
                return f"the name is {reason}"
            case SendTranscript(email=email) if reason := check_email(email):
                return f"the address is {reason}"
            case PreviewText(text=text) if reason := check_text(text, self._chat.session.policy.max_text):
                return f"the text is {reason}"
            case _:
                return ""

    def _find(self, input: AppRequest) -> Thread | None:
        id: str = getattr(input, "thread", "")
        thread = self.threads.get(id)
        if thread is None:
            self._chat.session.refuse(
                input.request, RefusalCode.UNKNOWN_THREAD, f"there is no thread {id!r}", "threads lists those there are"
            )
        return thread

    def answer_inactivity(self, input: AnswerInactivity) -> None:
        """Answer an inactivity warning by the message that the far side asked for (section 2.5)."""
        thread = self._find(input)
        if thread is None:
            return
        if self._chat.mode is not ChannelMode.LIVE_CHAT:
            self._chat.session.refuse(input.request, RefusalCode.NOT_SUPPORTED, "only a live chat ends by inactivity")
            return
        if thread.inactivity is None:
            self._chat.session.refuse(input.request, RefusalCode.ILLEGAL_STATE, "no inactivity warning is open")
            return
        choice = thread.inactivity.stay if input.stay else thread.inactivity.end
        thread.ending_by_inactivity = not input.stay
        thread.warning_answered = True
        self._chat.delivery.queue_hidden(thread, choice.text, choice.postback, "isInactivityPopupAnswer")
        thread.clear_inactivity()
        self._chat.session.requests.answer(input.request)

    def each(self, do: Callable[[Thread], None]) -> None:
        """Do something with every thread."""
        for thread in tuple(self.threads.values()):
            do(thread)
