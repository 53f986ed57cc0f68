"""Telling the other side what arrived and was read, message by message (section 9.3; 20.5, rule 8)."""

from typing import TYPE_CHECKING, Literal

from ..model import Message
from . import encode
from .chat_table import OPEN
from .conversation import Conversation
from .refusals import Reaction
from .replies import Reply

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Receipts"]

_Kind = Literal["delivered", "read"]
_GOES_ON = (Reaction.SUCCESS, Reaction.REFUSED)


class Receipts:
    """What the customer has not read yet, and the receipts that are owed, oldest first; both by the message's id.

    They go when the chat is ready, and one at a time, so that no message of the customer's waits behind many. One that
    fails is not repeated (flow F1, steps 8-9), and ends nothing: where the session is over, the poll may yet say how.
    """

    __slots__ = ("_chat", "_owed", "_read_before", "_under_way", "_unread")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._owed: dict[tuple[_Kind, str], str] = {}
        self._unread: dict[str, str] = {}
        self._read_before: dict[str, None] = {}
        self._under_way: tuple[_Kind, str] | None = None

    @property
    def is_on(self) -> bool:
        """Whether the far side knows receipts, and the policy wants them sent."""
        return self._chat.session.policy.receipts and not self._chat.site.is_v1

    # --- what is owed ---

    def arrived(self, message: Message, ref: str) -> None:
        """A message of another party came, which the far side calls ``ref``; one without a name cannot be told of."""
        if self.is_on and ref:
            self._unread[message.id] = ref
            self._owed["delivered", message.id] = ref
            self._bound()
            self.flush()

    def loaded(self, conversation: Conversation) -> None:
        """Its history was loaded: what came before the customer's last words was read, as was what they confirmed."""
        unread: dict[str, str] = {}
        for message in reversed(conversation.history.messages):
            if message.mine:
                break
            ref = message.id.removeprefix(f"{message.party.id}:")
            if self.is_on and ref != message.id and ref not in self._read_before:
                unread[message.id] = ref
        self._unread = dict(reversed(unread.items()))
        self._read_before.clear()

    def confirmed(self, kind: _Kind, ref: str) -> None:
        """A history says that the customer, perhaps in another run, has told of a message; to read it is to have it."""
        done = ("delivered", kind)
        self._owed = {key: known for key, known in self._owed.items() if known != ref or key[0] not in done}
        if kind == "read":
            self._read_before[ref] = None
            self._unread = {id: known for id, known in self._unread.items() if known != ref}

    def read(self) -> None:
        """The customer has read everything up to now."""
        for id, ref in self._unread.items():
            self._owed["read", id] = ref
        self._unread.clear()
        self._bound()
        self.flush()

    def _bound(self) -> None:
        """Keep as many as there are messages; the oldest make room."""
        most = self._chat.session.policy.history
        while len(self._unread) > most:
            del self._unread[next(iter(self._unread))]
        while len(self._owed) > most:
            del self._owed[next(iter(self._owed))]
            self._chat.session.counts["receipts over the limit"] += 1

    # --- sending ---

    def flush(self) -> None:
        """Send the next one, if it may go now."""
        chat = self._chat
        conversation = chat.desk.current
        may_send = chat.connection.is_serving and conversation.leaf in OPEN
        if self._under_way is not None or not self._owed or not may_send:
            return
        key = next(iter(self._owed))
        ref = self._owed.pop(key)
        self._under_way = key

        def answered(reply: Reply) -> None:
            if self._under_way is not key:
                return  # of a chat that is over
            self._under_way = None
            if reply.unsent and conversation.leaf in OPEN:
                self._owed = {key: ref, **self._owed}
            elif reply.reaction in _GOES_ON:
                self.flush()

        chat.posting.put(encode.receipt(key[0], ref), answered, is_behind=True)

    def resume(self) -> None:
        """The chat is ready: whatever histories confirmed is taken into account."""
        self._read_before.clear()
        self.flush()

    def forget(self) -> None:
        """The chat is over: the next one's wait for no answer of this one's."""
        self._under_way = None
        self._owed.clear()
        self._unread.clear()
        self._read_before.clear()
