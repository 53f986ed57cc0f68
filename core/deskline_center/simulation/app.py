"""What a customer's app asks, is told, and remembers of it over all runs of its program."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

from deskline_core import commands as c
from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.lifecycle import ChatState, MessageStatus, ThreadState
from deskline_core.values import Secret

if TYPE_CHECKING:
    from .customer import Customer

__all__ = ["App", "Sent"]

_S = MessageStatus
_RANK: Final = {
    _S.QUEUED: 0, _S.UPLOADING: 1, _S.SENDING: 2, _S.UNCERTAIN: 3, _S.SENT: 4, _S.DELIVERED: 5, _S.SEEN: 6,
    _S.FAILED: 7,
}  # fmt: skip
_FALLS: Final = {
    (_S.SENDING, _S.QUEUED), (_S.UPLOADING, _S.QUEUED), (_S.UNCERTAIN, _S.QUEUED), (_S.FAILED, _S.QUEUED),
    (_S.FAILED, _S.DELIVERED), (_S.FAILED, _S.SEEN), (_S.FAILED, _S.SENT),
}  # fmt: skip
"""What may go down: certainly not written, sent again, or arrived after all."""
_DOUBTFUL: Final = (_S.UNCERTAIN, _S.FAILED)
_RESTING: Final = frozenset({ChatState.INITIAL, ChatState.PREPARED, ChatState.OFFLINE, ChatState.LOST})
_PATIENCE: Final = 8.0
"""After how many seconds an app looks again at a chat that does not connect by itself."""


class Sent:
    """A message that ``send`` has returned for. ``order`` counts all of the customer's.

    ``changed_at`` is when its status was told last.
    """

    __slots__ = ("changed_at", "id", "is_doubted", "order", "run", "status", "text", "thread")

    def __init__(self, text: str, thread: str, order: int) -> None:
        self.text = text
        self.thread = thread
        self.order = order
        self.id = ""
        self.run = 0
        self.status = _S.QUEUED
        self.changed_at = 0.0
        self.is_doubted = False

    def note(self, status: MessageStatus, now: float) -> None:
        """Take note of a status. What was in doubt once may arrive at any time, or be sent again."""
        if status is not self.status:
            self.status, self.changed_at = status, now
        self.is_doubted = self.is_doubted or status in _DOUBTFUL


class App:
    """Asks as its user wants, and keeps a book of it.

    ``heard`` are the texts of messages that it was told of, for each run of the program by thread, in order; ``shown``
    those that a history brought.
    """

    def __init__(self, customer: "Customer") -> None:
        self.customer = customer
        self.world = customer.world
        self.asked: dict[int, i.AppRequest] = {}
        self.threads: dict[str, None] = {}
        self.sent: dict[str, Sent] = {}
        self.statuses: dict[str, MessageStatus] = {}
        self.heard: list[dict[str, list[str]]] = []
        self.shown: list[dict[str, list[str]]] = []
        self.ended: dict[str, str] = {}
        self.ever_ended: set[str] = set()
        self.messages = 0
        self.is_hidden = False
        self.state = ChatState.INITIAL
        self._last = 0
        self._sending: dict[int, Sent] = {}
        self._is_looking = False
        self._old_news: set[str] = set()
        self._told: dict[type, Callable[[Any], None]] = {
            e.ChatStateChanged: self._chat_state, e.ThreadStateChanged: self._thread_state,
            e.ThreadEnded: self._thread_ended, e.MessageReceived: self._received, e.HistoryLoaded: self._loaded,
            e.MessageStatusChanged: self._status, e.ReauthenticationNeeded: self._needs_login,
        }  # fmt: skip

    # --- the program's life ---

    def started(self) -> None:
        """The program runs: it wants the chat."""
        self.asked.clear()
        self._sending.clear()
        self._is_looking = False
        self.ended.clear()
        self.statuses.clear()
        self.heard.append({})
        self.shown.append({})
        self.is_hidden = False
        self.state = ChatState.INITIAL
        self._look_at_outbox()
        self.world.after(0.0, self._begin, self.customer.runs)

    def _look_at_outbox(self) -> None:
        """Take note of what an earlier run has left in doubt: nothing is told of it until more is known."""
        for message in self.customer.session.outbox:
            if message.id in self.sent:
                self.sent[message.id].note(message.status, self.world.now)

    def _begin(self, run: int) -> None:
        self._log_in_again(run)
        if run == self.customer.runs:
            self.ask(i.StartThread, reuse=True)

    def killed(self) -> None:
        """The program is gone: nobody waits any more."""
        self.asked.clear()

    def heard_of(self, thread: str) -> tuple[str, ...]:
        """Return what this run was told of a thread."""
        return (*self.heard[-1].get(thread, ()), *self.shown[-1].get(thread, ()))

    def kept(self, texts: Iterable[str]) -> None:
        """The store has it that these were told: no later run may tell them as news."""
        self._old_news.update(texts)

    # --- asking ---

    def ask(self, kind: type[i.AppRequest], /, **fields: Any) -> int:  # noqa: ANN401 - the fields of the request
        """Ask for something; return the number of the request."""
        self._last += 1
        request = kind(request=self._last, **fields)
        if self.customer.is_running:
            self.asked[self._last] = request
            self.customer.feed(request)  # type: ignore[arg-type]  # the union of inputs names every request
        return self._last

    def say(self, thread: str, **more: Any) -> None:  # noqa: ANN401 - as above
        """Send a message."""
        self.messages += 1
        sent = Sent(f"m{self.customer.number}.{self.messages}", thread, self.messages)
        if self.customer.is_running:
            self._sending[self._last + 1] = sent
            self.ask(i.SendMessage, thread=thread, text=sent.text, **more)

    def withdraw(self, request: int) -> None:
        """Wait for a request no more."""
        self.asked.pop(request, None)
        self.customer.feed(i.Withdraw(request=request))

    def log_in(self) -> None:
        """Give a login, where the channel wants one."""
        if self.world.settings.needs_login:
            self.ask(i.Authenticate, code=Secret(f"code-{self.customer.number}"))

    def look(self) -> None:
        """Look after a while at a chat that does not connect by itself, and have it tried again."""
        if not self._is_looking:
            self._is_looking = True
            self.world.after(_PATIENCE, self._look, self.customer.runs)

    def _look(self, run: int) -> None:
        if run != self.customer.runs:
            return
        self._is_looking = False
        if self.customer.asleep:
            self.look()
            return
        if self.is_hidden or self.state not in _RESTING:
            return
        self.log_in()
        self.ask(i.Open)
        if self.state in _RESTING:
            self.ask(i.Connect)
            self.look()

    # --- what comes back ---

    def _settled(self, request: int) -> i.AppRequest:
        asked = self.asked.pop(request, None)
        if asked is None:
            raise self.customer.broken("a request is settled once", f"request {request} was not open")
        return asked

    def answered(self, command: c.Answer) -> None:
        """A request is done."""
        asked = self._settled(command.request)
        if isinstance(asked, i.SendMessage):
            sent = self._sending.pop(command.request)
            sent.id, sent.run = str(command.value), self.customer.runs
            sent.note(self.statuses.get(sent.id, _S.QUEUED), self.world.now)
            self.sent[sent.id] = sent
            self.world.figures.messages += 1
        elif isinstance(asked, i.StartThread):
            self.threads.setdefault(str(command.value))
        elif isinstance(asked, i.DiscardMessage):
            self.sent.pop(asked.message, None)

    def refused(self, command: c.Refuse) -> None:
        """A request was not done."""
        self._settled(command.request)
        self._sending.pop(command.request, None)

    def told(self, event: e.Event) -> None:
        """The app is told something."""
        note = self._told.get(type(event))
        if note is not None:
            note(event)

    def _chat_state(self, event: e.ChatStateChanged) -> None:
        self.state = event.state
        if event.state in _RESTING:
            self.look()

    def _needs_login(self, _event: e.ReauthenticationNeeded) -> None:
        self.world.after(0.5, self._log_in_again, self.customer.runs)

    def _log_in_again(self, run: int) -> None:
        if run == self.customer.runs:
            self.log_in()
            self.ask(i.Open)

    def _thread_state(self, event: e.ThreadStateChanged) -> None:
        self.threads.setdefault(event.thread)
        if event.state is ThreadState.LOADED:
            self._look_at(event.thread)
        if event.thread in self.ended and event.state != "ended":
            if self.world.settings.may_reopen:
                del self.ended[event.thread]  # an open contact again: a new thread object
            else:
                raise self.customer.broken("ended stays ended", f"{event.thread} is {event.state} after it had ended")

    def _look_at(self, id: str) -> None:
        """Of a thread that is not open the last message is shown, and nothing is told of it."""
        thread = self.customer.session.threads.get(id)
        for message in thread.messages if thread is not None else ():
            if not self._has_heard(id, message.text):
                self._note(self.shown[-1], id, message.text)

    def _has_heard(self, thread: str, text: str) -> bool:
        return text in self.heard[-1].get(thread, ()) or text in self.shown[-1].get(thread, ())

    def _thread_ended(self, event: e.ThreadEnded) -> None:
        if event.thread in self.ended:
            raise self.customer.broken("ended stays ended", f"{event.thread} ended twice")
        self.ended[event.thread] = event.reason
        self.ever_ended.add(event.thread)

    def _received(self, event: e.MessageReceived) -> None:
        text, is_lossy = event.message.text, self.world.is_lossy  # out of order, no cursor can say what was told
        if text in self._old_news and not is_lossy and not self._has_heard(event.thread, text):
            raise self.customer.broken(
                "nothing is doubled", f"{text} is told anew, and the store knew that it was told"
            )
        self._note(self.heard[-1], event.thread, event.message.text)

    def _loaded(self, event: e.HistoryLoaded) -> None:
        for message in event.messages:
            self._note(self.shown[-1], event.thread, message.text)

    def _note(self, book: dict[str, list[str]], thread: str, text: str) -> None:
        if text[:1] not in "am" or "." not in text:
            return
        if self._has_heard(thread, text):
            raise self.customer.broken("nothing is doubled", f"{text} was told twice in one run")
        book.setdefault(thread, []).append(text)

    def _status(self, event: e.MessageStatusChanged) -> None:
        old, new = self.statuses.get(event.message), event.status
        if old is not None and _RANK[new] <= _RANK[old] and (old, new) not in _FALLS:
            raise self.customer.broken("the rank of a message only rises", f"{event.message} fell from {old} to {new}")
        self.statuses[event.message] = new
        if event.message in self.sent:
            self.sent[event.message].note(new, self.world.now)

    # --- its book ---

    def told_of(self, thread: str) -> Counter[str]:
        """Return how often each message of a thread was told, over all runs."""
        told: Counter[str] = Counter()
        for book in (*self.heard, *self.shown):
            told.update(book.get(thread, ()))
        return told
