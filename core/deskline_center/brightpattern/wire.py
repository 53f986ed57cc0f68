"""The far side of Bright Pattern: requests, polls that are held, and the events that news become."""

import re
from collections.abc import Callable
from typing import Any, Final

from .. import conversation
from ..commands import Command
from ..floor import Floor
from ..inputs import RequestArrived, RequestGone
from ..model import Agent, Channel, Contact, Popup, Thread
from ..news import AgentStatusChanged, News, thread_of
from . import on_news
from .chats import Chats
from .contents import text_content, words
from .files import Files
from .operating import Operating
from .rest import Rest
from .seen import chat_as_seen

__all__ = ["BrightPattern"]

_PATH: Final = re.compile(r"/+clientweb(/.*)?")


class BrightPattern:
    """The wire language of :class:`~deskline_center.brightpattern.channel.BrightPatternChannel`."""

    def __init__(self, floor: Floor, emit: Callable[[Command], None]) -> None:
        self.floor = floor
        self.chats = Chats(floor)
        self.files = Files(floor.ids)
        self.controls = Operating(self.chats).controls
        self._rest = Rest(floor, emit, self.chats, self.files)

    def serves(self, path: str) -> bool:
        """Tell whether a path is one of this vendor's."""
        return _PATH.fullmatch(path) is not None

    def request(self, request: RequestArrived) -> None:
        """Answer a request, now or later."""
        self._rest.serve(request)

    def request_gone(self, gone: RequestGone) -> None:
        """Let the poll go that nobody waits for any more."""
        self._rest.gone(gone.id)

    def tell(self, news: News) -> None:
        """Tell the customer of a piece of news; nobody is told of an agent's own state."""
        if not isinstance(news, AgentStatusChanged):
            on_news.tell(self.chats.of(thread_of(news)), news)

    def overview(self) -> dict[str, Any]:
        """Return the chats with what only they have."""
        return {"chats": [chat_as_seen(chat) for chat in self.chats.all()]}

    def message_id(self, thread: Thread) -> str:
        """Return the next number of a chat."""
        return self.chats.of(thread).numbers.next()

    def text(self, text: str) -> dict[str, Any]:
        """Return the content of a text message."""
        return text_content(text)

    def words(self, content: dict[str, Any]) -> str:
        """Return the text of a content."""
        return words(content)

    def attachment(self, _channel: Channel, source: dict[str, Any]) -> dict[str, Any] | None:
        """Return a file as its event has it."""
        return self.files.attachment(source)

    def ask(self, contact: Contact, popup: Popup) -> dict[str, Any]:
        """Send the inactivity warning: an event without any remaining time (section 10)."""
        chat = self.chats.of(contact.thread)
        if chat.channel.warning_text and (chat.channel.warns_again or not chat.was_warned):
            chat.tell("chat_session_timeout_warning", msg=chat.channel.warning_text)
        return {"contact": contact.number, "until": popup.started_at + popup.seconds}

    def stream(self, contact: Contact, agent: Agent, pieces: tuple[str, ...], _seconds: float) -> None:
        """Let an agent send all of a message at once: this vendor has none that come in pieces."""
        draft = conversation.Draft(external_id="", outbound=True, content=text_content("".join(pieces)), agent=agent)
        conversation.store(self.floor, contact, draft)

    def dropped(self, thread: Thread, _code: int | None, _reason: str) -> int:
        """Cut the poll of a chat that is held; there are no close frames here."""
        return self.chats.of(thread).line.cut()
