"""What the customer is writing, shown to the other side before it is sent (CXone wire reference, section 3.5.14)."""

from typing import TYPE_CHECKING

from ..inputs import PreviewText
from . import encode

if TYPE_CHECKING:
    from .session import CXoneChat
    from .thread import Thread

__all__ = ["Previews"]


class Previews:
    """The newest text of each thread, once per ``preview_interval``; one that came too late is of no use to anyone.

    While its deadline stands a thread has had its share. Messages go first: a preview never makes them wait.
    """

    __slots__ = ("_chat", "_texts")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._texts: dict[str, str] = {}

    def show(self, thread: "Thread", input: PreviewText) -> None:
        """Show a text now, or the newest one when its time has come."""
        session = self._chat.session
        self._texts[thread.id] = input.text
        if session.deadlines.at("preview", thread.id) is None:
            self.elapsed(thread.id)
        session.requests.answer(input.request)

    def elapsed(self, thread: str) -> None:
        """The next text of a thread may go."""
        session, text = self._chat.session, self._texts.get(thread)
        if text is None:
            return
        session.deadlines.set("preview", session.now + session.policy.preview_interval, thread)
        if self._chat.line.has_room:
            del self._texts[thread]
            self._chat.line.send(encode.send_preview(self._chat.sender, session.ids.uuid(), thread, text))

    def drop(self, thread: str) -> None:
        """The text was sent as a message."""
        self._texts.pop(thread, None)

    def reset(self, thread: str) -> None:
        """The connection is gone, or the thread has ended."""
        self.drop(thread)
        self._chat.session.deadlines.clear("preview", thread)
