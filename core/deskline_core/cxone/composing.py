"""That and what the customer is writing, shown to the other side before it is sent (wire reference, 3.5.13-14)."""

from typing import TYPE_CHECKING

from ..inputs import AppRequest, PreviewText, StartTyping
from . import encode

if TYPE_CHECKING:
    from .session import CXoneChat
    from .thread import Thread

__all__ = ["Composing"]


class Composing:
    """In which threads the customer types for the other side's eyes, and the newest text of each to be shown.

    A text goes once per ``preview_interval``; one that came too late is of no use to anyone. While its deadline stands
    a thread has had its share. Messages go first: a preview never makes them wait for the rate limit.
    """

    __slots__ = ("_chat", "_texts", "_typed_in")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._typed_in: set[str] = set()
        self._texts: dict[str, str] = {}

    # --- that the customer types ---

    def type(self, thread: "Thread", input: AppRequest) -> None:
        """Tell the other side once, and that it is over after a while."""
        session = self._chat.session
        if not self._chat.connection.is_connected:
            session.requests.answer(input.request)  # nobody can see it, and later it would not be true
            return
        if isinstance(input, StartTyping):
            if thread.id not in self._typed_in:
                self._typed_in.add(thread.id)
                self._tell(thread.id, started=True)
            session.deadlines.set("typing", session.now + session.policy.typing_idle, thread.id)
        else:
            self.stop(thread.id)
        session.requests.answer(input.request)

    def stop(self, thread: str) -> None:
        """Tell the other side that the customer no longer types, if it thinks so."""
        self._chat.session.deadlines.clear("typing", thread)
        if thread in self._typed_in:
            self._typed_in.discard(thread)
            if thread in self._chat.desk.threads:
                self._tell(thread, started=False)

    def _tell(self, thread: str, *, started: bool) -> None:
        chat = self._chat
        chat.line.send(encode.typing(chat.sender, chat.session.ids.uuid(), thread, started=started))

    # --- what the customer writes ---

    def preview(self, thread: "Thread", input: PreviewText) -> None:
        """Show a text now, or the newest one when its time has come."""
        session = self._chat.session
        if not self._chat.connection.is_connected:
            session.requests.answer(input.request)
            return
        self._texts[thread.id] = input.text
        if session.deadlines.at("preview", thread.id) is None:
            self.preview_due(thread.id)
        session.requests.answer(input.request)

    def preview_due(self, thread: str) -> None:
        """The next text of a thread may go."""
        session, text = self._chat.session, self._texts.get(thread)
        if text is None or thread not in self._chat.desk.threads:
            return
        session.deadlines.set("preview", session.now + session.policy.preview_interval, thread)
        if self._chat.line.has_room:
            del self._texts[thread]
            self._chat.line.send(encode.send_preview(self._chat.sender, session.ids.uuid(), thread, text))

    # --- both ---

    def sent(self, thread: str) -> None:
        """The text was sent as a message."""
        self._texts.pop(thread, None)
        self.stop(thread)

    def reset(self, thread: str) -> None:
        """The connection is gone, or the thread has ended: the other side sees nothing of it any more."""
        self._typed_in.discard(thread)
        self._texts.pop(thread, None)
        for name in ("typing", "preview"):
            self._chat.session.deadlines.clear(name, thread)
