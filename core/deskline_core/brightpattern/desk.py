"""The conversations of a session: the living one, and those of this run that are over."""

from typing import TYPE_CHECKING, Final

from ..checks import check_name
from ..errors import RefusalCode
from ..inputs import AppRequest, NotePush
from .conversation import Conversation
from .identity import CHAT

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Desk"]

_MOST_ID: Final = 200


class Desk:
    """All conversations that were shown, oldest first, and the current one, which may not have begun yet.

    A client has one living chat at most (section 1); its id is kept over restarts.
    """

    __slots__ = ("_chat", "current", "threads")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self.threads: dict[str, Conversation] = {}
        self.current = Conversation(chat)

    @property
    def is_alive(self) -> bool:
        """Whether the current chat is at the far side, as far as we know, and wanted by anyone (B9)."""
        return self.current.is_alive and not self.current.is_cancelled

    @property
    def is_ending(self) -> bool:
        """Whether the customer's end is not confirmed yet, of a chat that the app was shown."""
        return self.is_alive and not self.current.is_live

    @property
    def kept_id(self) -> str:
        """The id that an earlier run kept, or ""; one that cannot be sent is none."""
        id = self._chat.session.kept.get(CHAT, "")
        return "" if is_no_id(id) else id

    def keep_id(self) -> None:
        """Keep the id of the living chat."""
        if self.kept_id != self.current.chat_id:
            self._chat.saves.save(CHAT, self.current.chat_id)

    def forget_kept(self) -> None:
        """The id leads nowhere any more."""
        if CHAT in self._chat.session.kept:
            self._chat.saves.forget(CHAT)

    def show(self, conversation: Conversation) -> None:
        """It has begun: the app may see it. The oldest ones that are over make room."""
        self.threads[conversation.chat_id] = conversation
        while len(self.threads) > self._chat.session.policy.threads:
            oldest = next(iter(self.threads.values()))
            del self.threads[oldest.chat_id]
            self._chat.delivery.forget(oldest)

    def renew(self) -> Conversation:
        """Return a new conversation, in the place of one that is over. What came after the end is not of it."""
        self._chat.news.forget()
        self.current = Conversation(self._chat)
        return self.current

    def find(self, input: AppRequest) -> Conversation | None:
        """Return the conversation that a request names, or refuse it."""
        id: str = getattr(input, "thread", "")
        conversation = self.threads.get(id)
        if conversation is None:
            says = f"there is no thread {id!r:.100}"
            self._chat.session.refuse(input.request, RefusalCode.UNKNOWN_THREAD, says, "threads lists those there are")
        return conversation

    def attach(self, input: NotePush) -> None:
        """Look for the chat that a push tells of (B55)."""
        self._chat.session.requests.answer(input.request, value=True)
        conversation = self.current if self.current.is_idle else self.renew()
        conversation.chat_id = input.conversation
        conversation.fire("attach")
        self.keep_id()  # it is looked for again if nobody can tell now
        self._chat.connection.look_again()

    def forget(self) -> None:
        """Another customer, or nobody any more: nothing of it stays."""
        self.current.fire("drop_out")
        self.threads.clear()
        self.renew()


def is_no_id(id: str) -> bool:
    """Whether a text cannot be the id of a chat."""
    return not id or len(id) > _MOST_ID or check_name(id) is not None
