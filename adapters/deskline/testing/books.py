"""The books that a model keeps of one program: what it was told, and what of it can never be true.

A failed check raises AssertionError. What is compared with the center are texts in their order, thread by thread: so
nothing is lost, doubled or swapped.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final, final

from deskline.chat import Chat
from deskline.listeners import EventsSkipped
from deskline.thread import Thread
from deskline_core import events as e
from deskline_core.events import Event
from deskline_core.lifecycle import MessageStatus, ThreadState
from deskline_core.model import Message, PartyRole

from .center import MemoryCenter

__all__ = ["Books"]

_STORED: Final = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.SEEN)
_SETTLED: Final = (*_STORED, MessageStatus.FAILED, MessageStatus.UNCERTAIN)


@final
class Books:
    """What one chat's app was told: ``heard`` are the others' texts by thread, ``statuses`` those of its own."""

    def __init__(self) -> None:
        self.heard: dict[str, list[str]] = {}
        self.statuses: dict[str, MessageStatus] = {}
        self._shown: set[tuple[str, str]] = set()
        self._over: set[str] = set()

    def note(self, event: Event | EventsSkipped) -> None:
        """Write down an event, and see that it may come now."""
        match event:
            case e.MessageReceived(thread=thread, message=message):
                self._show(thread, [message])
            case e.HistoryLoaded(thread=thread, messages=messages):
                self._show(thread, messages)
            case e.MessageStatusChanged(message=id, status=status):
                self.statuses[id] = status
            case e.ThreadStateChanged(thread=thread, state=ThreadState.RECOVERING) if thread in self._over:
                self._over.discard(thread)  # an open contact again: a new thread object
                self.heard.pop(thread, None)
                self._shown = {shown for shown in self._shown if shown[0] != thread}
            case e.ThreadStateChanged(thread=thread, state=state):
                _see(thread not in self._over or state is ThreadState.ENDED, f"{thread} ended, and is {state} again")
            case e.ThreadEnded(thread=thread):
                _see(thread not in self._over, f"{thread} ended twice")
                self._over.add(thread)
            case EventsSkipped():
                raise AssertionError("the model did not keep up with the events")
            case _:
                pass

    def _show(self, thread: str, messages: Sequence[Message]) -> None:
        for message in messages:
            _see((thread, message.id) not in self._shown, f"{message.text!r} was told twice in {thread}")
            self._shown.add((thread, message.id))
            if message.party.role is not PartyRole.CUSTOMER:
                self.heard.setdefault(thread, []).append(message.text)

    # --- when all has come to rest ---

    def compare(self, chat: Chat, center: MemoryCenter) -> None:
        """See that app and center agree on every conversation that goes on, and contradict each other in none."""
        stored = Counter(
            message["message"] for thread in center.overview()["threads"] for message in thread["messages"]
        )
        for id, times in stored.items():
            _see(id not in self.statuses or times == 1, f"the message {id} is {times} times at the center")
        for thread in chat.threads:
            said, heard = center.texts("agent", thread.id), self.heard.get(thread.id, [])
            if thread.state is ThreadState.OPEN:
                known = said[-len(heard) :] if thread.has_more and heard else said  # older pages were not asked for
                _see(heard == known, f"the app was told {heard} of {said}")
            else:
                _see(_is_part(heard, said), f"the app was told {heard} of {said}, in {thread.id} that is over")
            self._compare_own(thread, stored)

    def _compare_own(self, thread: Thread, stored: Counter[str]) -> None:
        for message in thread.messages:
            if not message.mine:
                continue
            where = f"{message.text!r} is {message.status}, and {stored[message.id]} times at the center"
            if message.status in _STORED:
                _see(stored[message.id] == 1, where)
            if thread.state is ThreadState.OPEN:
                _see(message.status in _SETTLED, where)
                _see(message.status is not MessageStatus.FAILED or not stored[message.id], where)


def _see(true: bool, else_: str) -> None:  # noqa: FBT001 - reads like an assert, which -O would take away
    if not true:
        raise AssertionError(else_)


def _is_part(some: Sequence[str], whole: Sequence[str]) -> bool:
    """Whether these come in the whole, in this order, with nothing else among them."""
    rest = iter(whole)
    return all(each in rest for each in some)
