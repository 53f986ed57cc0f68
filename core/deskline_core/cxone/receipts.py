"""What became of the customer's messages on the other side (lifecycle reference, sections 6.1 and 6.9).

The rank of a status only rises, whatever the order in which the far side tells it.
"""

from typing import TYPE_CHECKING

from msgspec.structs import replace

from ..events import MessageStatusChanged
from ..inputs import MarkRead
from ..lifecycle import MessageStatus, ThreadState
from ..model import Message
from . import encode, wire
from .thread import Thread

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Receipts"]


class Receipts:
    """Receives receipts. One that comes before its message is kept until that comes, bounded (trap M11)."""

    __slots__ = ("_chat", "_early", "_read")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._early: dict[str, None] = {}
        self._read: dict[str, str] = {}

    def forget(self) -> None:
        """Signed out: what came early was for someone else."""
        self._early.clear()
        self._read.clear()

    # --- what the customer has read ---

    def note_read(self, thread: Thread, input: MarkRead) -> None:
        """The customer has read a thread while its history is read back: told behind that, once."""
        self._read[thread.id] = _newest(thread)
        self._chat.session.requests.answer(input.request)

    def tell_read(self) -> None:
        """Ready: tell it of each thread in which nothing came since; what came, the customer has not read."""
        read, self._read = self._read, {}
        for id, newest in read.items():
            thread = self._chat.desk.threads.get(id)
            if thread is not None and thread.state is not ThreadState.ENDED and newest == _newest(thread):
                chat = self._chat
                chat.line.send(encode.mark_seen(chat.sender, chat.session.ids.uuid(), id))

    # --- what became of the customer's messages ---

    def statistics_changed(self, push: wire.MessageReadChanged | wire.MessageSeenChanged) -> None:
        """The agent's side saw or read a message."""
        message = push.data.message
        if message.direction == "inbound" and _is_seen(message):
            self._seen(message.id_on_external_platform)

    def seen_by_user(self, push: wire.MessageSeenByUser) -> None:
        """An agent saw a message."""
        if push.data.message.direction == "inbound":
            self._seen(push.data.message.id_on_external_platform)

    def delivered(self, push: wire.MessageDeliveredToUser | wire.MessageDeliveryStatusChanged) -> None:
        """A message is with the agent's side; its statistics may tell that it was seen, too."""
        message = push.data.message
        if message.direction != "inbound":
            return
        if _is_seen(message):
            self._seen(message.id_on_external_platform)
        else:
            self._delivered(message.id_on_external_platform)

    def _seen(self, id: str) -> None:
        outgoing = self._chat.delivery.outbox.get(id)
        if outgoing is not None:
            outgoing.fire("seen")
        for thread in self._chat.desk.threads.values():
            known = thread.history.get(id)
            if known is not None:
                self._mark_seen(thread, known)
                return
        self._early[id] = None
        if len(self._early) > self._chat.session.policy.early_receipts:
            del self._early[next(iter(self._early))]

    def _delivered(self, id: str) -> None:
        outgoing = self._chat.delivery.outbox.get(id)
        if outgoing is None:
            return
        outgoing.fire("server_copy")
        thread = self._chat.desk.threads.get(outgoing.thread)
        if thread is not None and not outgoing.hidden:
            thread.history.add(outgoing.message)  # as ours, until its copy comes

    def _mark_seen(self, thread: Thread, message: Message) -> None:
        if message.mine and message.status is not MessageStatus.SEEN:
            seen = replace(message, status=MessageStatus.SEEN)
            thread.history.add(seen)
            self.tell_status(seen)

    def tell_status(self, message: Message) -> None:
        """Tell the app the status of a message that is known already."""
        self._chat.session.notify(
            MessageStatusChanged(thread=message.thread, message=message.id, status=message.status)
        )

    def apply(self, thread: Thread, message: Message) -> Message:
        """Return a message with the receipt that came before it, or with that of its older copy."""
        message = self._chat.groups.told_apart(message)
        if not message.mine or message.status is MessageStatus.SEEN:
            return message
        known = thread.history.get(message.id)
        if message.id in self._early:
            del self._early[message.id]
        elif known is None or known.status is not MessageStatus.SEEN:
            return message
        return replace(message, status=MessageStatus.SEEN)


def _newest(thread: Thread) -> str:
    """Return the id of the newest message of the other side, or ""."""
    return next((message.id for message in reversed(thread.history.messages) if not message.mine), "")


def _is_seen(message: wire.WireMessage) -> bool:
    statistics = message.user_statistics
    return statistics is not None and bool(statistics.seen_at or statistics.read_at)
