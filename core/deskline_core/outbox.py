"""Messages on their way out: each keeps its id, its order and an honest status until the far side's copy is seen."""

from collections.abc import Callable, Iterator, Sequence

from .errors import RefusalCode
from .events import MessageStatusChanged
from .ledger import Ledger
from .lifecycle import MessageStatus
from .message_table import is_settled
from .model import Message
from .outgoing import Outgoing
from .session import Session

__all__ = ["Outbox"]


class Outbox:
    """All messages on their way out, in the order they were handed in; bounded by the policy.

    ``ledger`` keeps their records. ``confirmed`` is told of each that the far side has. ``packed_size`` returns how
    many bytes a file of so many takes as it is uploaded; without it, files go as they are.
    """

    __slots__ = ("_by_id", "_confirmed", "ledger", "packed_size", "session")

    def __init__(
        self,
        session: Session,
        ledger: Ledger,
        confirmed: Callable[[Outgoing], None],
        packed_size: Callable[[int], int] = int,
    ) -> None:
        self.session = session
        self.ledger = ledger
        self.packed_size = packed_size
        self._by_id: dict[str, Outgoing] = {}
        self._confirmed = confirmed

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Outgoing]:
        return iter(tuple(self._by_id.values()))

    @property
    def is_full(self) -> bool:
        """Whether the policy admits no more. What failed or was accepted does not count."""
        most = self.session.policy.outbox
        return len(self._by_id) + self.ledger.entering >= most and self.room <= 0

    @property
    def room(self) -> int:
        """How many more the policy admits."""
        waiting = sum(not outgoing.is_idle for outgoing in self._by_id.values())
        return self.session.policy.outbox - self.ledger.entering - waiting

    @property
    def held(self) -> int:
        """How many bytes of files are held for messages that are not written, or have failed."""
        return self.ledger.held + sum(file.held for outgoing in self._by_id.values() for file in outgoing.files)

    @property
    def messages(self) -> Sequence[Message]:
        """The messages as the app sees them; those of the protocol are not its."""
        return tuple(outgoing.message for outgoing in self._by_id.values() if not outgoing.hidden)

    def get(self, id: str) -> Outgoing | None:
        """Return the message with this id, if it is still on its way."""
        return self._by_id.get(id)

    def put(self, outgoing: Outgoing) -> None:
        """Take a new message, queued. As many that failed or were accepted are kept; beyond that the oldest goes."""
        self._by_id[outgoing.id] = outgoing
        if len(self._by_id) > 2 * self.session.policy.outbox:
            oldest = next((old for old in self._by_id.values() if old.is_idle), None)
            if oldest is not None:
                self.settle(oldest)
                del self._by_id[oldest.id]
                self.ledger.removed(oldest)
                self.session.counts["messages over the limit"] += 1
        self.changed(outgoing)

    def restore(self, outgoing: Outgoing) -> None:
        """Take a message of an earlier run, as it was left."""
        self._by_id[outgoing.id] = outgoing

    def of(self, thread: str) -> list[Outgoing]:
        """Return the messages of one thread, in order."""
        if not self._by_id:
            return []
        return [outgoing for outgoing in self._by_id.values() if outgoing.thread == thread]

    def remove(self, outgoing: Outgoing, then: Callable[[bool], None] | None = None) -> None:
        """Take a message out; who waits for its outcome learns that there is none.

        ``then`` is told, as soon as that is known, whether nothing of it is kept.
        """
        self._by_id.pop(outgoing.id, None)
        outgoing.let_go()
        outgoing.waiters.refuse(RefusalCode.UNKNOWN_MESSAGE, "the message was discarded")
        self.ledger.removed(outgoing, then)

    def settle(self, outgoing: Outgoing) -> None:
        """Tell those who wait for the outcome, whatever the status is now."""
        outgoing.waiters.answer(MessageStatus(outgoing.status))

    def changed(self, outgoing: Outgoing) -> None:
        """A message has a new status: tell the app, and who waits. A delivered one leaves the outbox."""
        status = MessageStatus(outgoing.status)
        if not outgoing.hidden:
            self.session.notify(
                MessageStatusChanged(thread=outgoing.thread, message=outgoing.id, status=status, cause=outgoing.cause)
            )
        if is_settled(status):
            self.settle(outgoing)
        if status in (MessageStatus.DELIVERED, MessageStatus.SEEN):
            self._by_id.pop(outgoing.id, None)
            self.ledger.removed(outgoing)
            self._confirmed(outgoing)
        else:
            self.ledger.changed(outgoing)

    def clear(self) -> None:
        """Forget all messages: signed out."""
        self.ledger.clear()
        for outgoing in tuple(self._by_id.values()):
            self.remove(outgoing)

    def give_up(self, cause: str) -> None:
        """Nothing will be sent any more: what waits has failed."""
        for outgoing in tuple(self._by_id.values()):
            outgoing.fire("refused", cause)
