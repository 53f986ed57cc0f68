"""What is pushed while the history before it is still to come: it is told behind that, so that all is told in order."""

from typing import TYPE_CHECKING

from ..lifecycle import ThreadState
from . import content, wire
from .connection_table import ConnectionState

if TYPE_CHECKING:
    from .session import CXoneChat
    from .thread import Thread

__all__ = ["Behind"]

_Push = wire.MessageCreated | wire.MessageSent


class Behind:
    """Messages of threads that are being recovered, in the order in which they came.

    They wait for the answer, over a loss, too: until the thread is no longer recovering. No more of a thread wait than
    its history holds.
    """

    __slots__ = ("_chat", "_waiting")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._waiting: dict[str, list[_Push]] = {}

    def holds(self, thread: "Thread", push: _Push) -> bool:
        """Keep a message back if its thread is being recovered. What is not shown, or ours, has no order to keep."""
        if not self._is_missing_some(thread):
            return False
        message = push.data.message
        is_ours = self._chat.delivery.outbox.get(message.id_on_external_platform) is not None
        if is_ours or content.is_hidden(message):
            return False
        waiting = self._waiting.setdefault(thread.id, [])
        if len(waiting) >= self._chat.session.policy.history:
            return False
        waiting.append(push)
        return True

    def has(self, thread: "Thread") -> bool:
        """Whether some of a thread waits."""
        return thread.id in self._waiting

    def _is_missing_some(self, thread: "Thread") -> bool:
        """Whether what was before it may be missing: it is being read, or will be as soon as the chat is authorized."""
        if thread.state is ThreadState.OPEN or (thread.state is ThreadState.PENDING and thread.is_in_doubt(None)):
            return self._chat.connection.state == ConnectionState.AUTHORIZING
        return thread.state is ThreadState.RECOVERING

    def follow(self, thread: "Thread") -> None:
        """The history is there, or will not come: what waited behind it is told."""
        inbox = self._chat.inbox
        for push in self._waiting.pop(thread.id, ()):
            if isinstance(push, wire.MessageCreated):
                inbox.message_created(push)
            else:
                inbox.message_sent(push)

    def forget(self) -> None:
        """Signed out: what waited was for someone else."""
        self._waiting.clear()
