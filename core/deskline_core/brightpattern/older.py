"""What was said in earlier sessions of a case, as messages of the conversation that has the case now (section 3.8)."""

from datetime import datetime
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ..model import Message, Party, PartyRole
from . import wire
from .news import party_of
from .past import in_order
from .view import View

if TYPE_CHECKING:
    from .conversation import Conversation
    from .session import BrightPatternChat

__all__ = ["Older"]


class Older:
    """The messages of one earlier session. Their ids begin with its own, as far sides number each session anew.

    Of what has no time, it is that of what came before it; ``at`` is when the session began.
    """

    __slots__ = ("_at", "_chat", "_conversation", "_messages", "_people", "_view")

    def __init__(self, chat: "BrightPatternChat", conversation: "Conversation", id: str, at: datetime) -> None:
        self._chat = chat
        self._conversation = conversation
        self._view = View(chat)
        self._view.chat_id = id
        self._at = at
        self._people: dict[str, Party] = {}
        self._messages: dict[tuple[str, str], Message] = {}

    def read(self, events: tuple[wire.WireEvent, ...]) -> list[Message]:
        """Return what was said, with the edits that were made, without what was taken back."""
        for event in in_order(events):
            self._at = getattr(event, "at", None) or self._at
            match event:
                case wire.ChatSessionPartyJoined(party_id=id):
                    self._people[id] = party_of(event)
                case wire.ChatSessionMessage():
                    party = self._party(event.party_id or self._view.chat_id)
                    self._add(event.msg_id, self._chat.news.letters.text(self._view, event, party))
                case wire.ChatSessionFile() | wire.ChatSessionLocation():
                    shared = self._chat.news.letters.shared(self._view, event, self._party(event.party_id))
                    self._add(event.msg_id, shared)
                case wire.ChatSessionFileUrl():
                    shared = self._chat.news.letters.shared(self._view, event, self._party(event.party_id))
                    self._add("", shared)
                case wire.ChatSessionMessageEdit() | wire.ChatSessionMessageDelete():
                    self._change(event)
                case wire.UnknownEvent() | wire.BrokenEvent():
                    self._chat.news.other(self._conversation, event)
                case _:
                    pass
        return list(self._messages.values())

    def _party(self, id: str) -> Party:
        if id == self._view.chat_id:
            return Party(id=id, role=PartyRole.CUSTOMER, name=self._chat.identity.name)
        return self._people.get(id) or Party(id=id, role=PartyRole.SCENARIO)

    def _add(self, ref: str, message: Message) -> None:
        """Add a message; one without an id is numbered, so that it has the same one when it is read again."""
        key = (message.party.id, ref or f"#{len(self._messages)}")
        id = ":".join((self._view.chat_id, *key))
        self._messages[key] = replace(message, id=id, thread=self._conversation.chat_id, created_at=self._at)

    def _change(self, event: wire.ChatSessionMessageEdit | wire.ChatSessionMessageDelete) -> None:
        fitting = (key for key in reversed(self._messages) if key[1] == event.ref_msg_id)
        key = next((key for key in fitting if event.party_id in ("", key[0])), None)
        if key is None:
            return
        if isinstance(event, wire.ChatSessionMessageEdit):
            self._messages[key] = self._chat.news.letters.edited(self._messages[key], event)
        else:
            del self._messages[key]
