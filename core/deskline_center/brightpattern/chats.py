"""All chats of the center, those that are over included, as far as they are kept."""

from typing import Final

from ..floor import Floor
from ..model import Thread
from .channel import BrightPatternChannel
from .chat import Chat

__all__ = ["Chats"]

_MOST_OVER: Final = 1000
"""As many past chats as a case may want to show, and more; the oldest go first."""


class Chats:
    """Chats by their id, the oldest first."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._chats: dict[str, Chat] = {}
        self._latest: dict[tuple[str, str], Chat] = {}

    def add(self, chat: Chat) -> None:
        """Keep a chat, the latest of its client."""
        over = [known for known in self._chats.values() if known.thread.over] if len(self) > _MOST_OVER else []
        for known in over[: max(0, len(over) - _MOST_OVER)]:
            self._forget(known)
        self._chats[chat.id] = chat
        self._latest[chat.channel.id, chat.client] = chat

    def _forget(self, chat: Chat) -> None:
        del self._chats[chat.id]
        if self._latest.get((chat.channel.id, chat.client)) is chat:
            del self._latest[chat.channel.id, chat.client]
        del self._floor.threads[chat.channel.id, chat.id]
        for contact in chat.thread.contacts:
            del self._floor.contacts[contact.number]

    def get(self, id: str) -> Chat | None:
        """Return the chat with an id."""
        return self._chats.get(id)

    def of(self, thread: Thread) -> Chat:
        """Return the chat of a thread on one of this vendor's channels."""
        return self._chats[thread.external_id]

    def living(self, channel: BrightPatternChannel, client: str) -> Chat | None:
        """Return the chat of a client that goes on, if there is one."""
        chat = self._latest.get((channel.id, client))
        return None if chat is None or chat.thread.over else chat

    def of_case(self, chat: Chat) -> list[Chat]:
        """Return the chats of the same case, the oldest first."""
        return [
            other
            for other in self._chats.values()
            if other.case == chat.case
            and other.channel.id == chat.channel.id
            and (other is not chat or chat.channel.current_in_case_history)
        ]

    def all(self) -> list[Chat]:
        """Return all of them."""
        return list(self._chats.values())

    def __len__(self) -> int:
        return len(self._chats)
