"""The conversations of a session: the living one, and those of this run that are over."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

import msgspec

from ..checks import check_name
from ..cursor import Cursor
from ..errors import RefusalCode
from ..inputs import AppRequest, NotePush
from ..pieces import REFUSED
from .conversation import Conversation
from .identity import CHAT

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Desk"]

_MOST_ID: Final = 200


class _Kept(msgspec.Struct, omit_defaults=True):
    """The living chat, and how far it was told."""

    told: Cursor = Cursor()


class Desk:
    """All conversations that were shown, oldest first, and the current one, which may not have begun yet.

    A client has one living chat at most (section 1); its id is kept over restarts. ``_told`` is that of one that a push
    told of, until it is found, or is not.
    """

    __slots__ = ("_chat", "_told", "current", "threads")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._told = ""
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

    @property
    def sought_id(self) -> str:
        """The id of a chat to look for, or ""."""
        return self._told or self.kept_id

    @property
    def is_told_of(self) -> bool:
        """Whether the chat that is looked for is known by a push alone: it may be somebody else's."""
        return bool(self._told) and self.current.chat_id == self._told

    def keep_id(self) -> None:
        """Keep the id of the living chat."""
        self._told = ""
        if self.kept_id != self.current.chat_id:
            self._chat.saves.save(CHAT, self.current.chat_id)

    def forget_kept(self) -> None:
        """The id leads nowhere any more."""
        self._told = ""
        if CHAT in self._chat.session.kept:
            self._chat.saves.forget(CHAT)

    # --- over restarts ---

    def record_of(self, id: str) -> str:
        """Return the record of a conversation that a later run goes on with, or ""."""
        conversation = self.threads.get(id)
        if conversation is None or not conversation.is_live:
            return ""
        return msgspec.json.encode(_Kept(told=Cursor.of(conversation.history.messages, conversation.told))).decode()

    def restore(self, records: Mapping[str, str]) -> None:
        """Take over the conversation of an earlier run, as if its poll had just been lost."""
        text = records.get(self.kept_id)
        if text is not None:
            try:
                kept = msgspec.json.decode(text, type=_Kept)
            except REFUSED:
                return  # it is looked for by its id alone
            self.current.revive(self.kept_id, kept.told)
            self._chat.poll.shadowed()
            self.threads[self.kept_id] = self.current

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
        conversation.chat_id = self._told = input.conversation
        conversation.fire("attach")
        self._chat.connection.look_again()

    def forget(self) -> None:
        """Another customer, or nobody any more: nothing of it stays."""
        self.current.fire("drop_out")
        self._told = ""
        self.threads.clear()
        self.renew()


def is_no_id(id: str) -> bool:
    """Whether a text cannot be the id of a chat."""
    return not id or len(id) > _MOST_ID or check_name(id) is not None
