"""That and what the customer is writing, shown to the other side before it is sent (section 9.5)."""

from typing import TYPE_CHECKING

import msgspec

from ..checks import check_text
from ..errors import RefusalCode
from ..inputs import PreviewText, StartTyping, StopTyping
from . import encode
from .chat_table import OPEN
from .replies import Reply

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Composing"]


class Composing:
    """Whether the other side thinks that the customer types, since ``_told_at``, and the newest text to be shown.

    It is said again every ``typing_repeat`` seconds at most, with the text if there is one; a new text goes once per
    ``preview_interval``. What came too late is of no use to anyone: it is dropped with the connection.
    """

    __slots__ = ("_chat", "_is_new", "_text", "_told_at")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._told_at: float | None = None
        self._text = ""
        self._is_new = False

    def type(self, input: StartTyping | StopTyping) -> None:
        """Tell the other side, and that it is over after a while without another call."""
        session = self._chat.session
        if not self._chat.connection.is_serving:
            pass  # nobody can be told now, and later it would not be true
        elif isinstance(input, StopTyping):
            self.stop()
        elif self._told_at is None or session.now >= self._told_at + session.policy.typing_repeat:
            self._tell()
        else:
            self._go_on()
        session.requests.answer(input.request)

    def preview(self, input: PreviewText) -> None:
        """Show a text now, or the newest one when its time has come; an empty one says that nothing is typed."""
        session = self._chat.session
        if reason := check_text(input.text, session.policy.max_text):
            session.refuse(input.request, RefusalCode.INVALID_VALUE, f"the text is {reason}")
            return
        if self._chat.connection.is_serving:
            self._text, self._is_new = input.text, True
            if session.deadlines.at("preview") is None:
                self.preview_due()
        session.requests.answer(input.request)

    def preview_due(self) -> None:
        """The next text may go."""
        if not self._is_new:
            return
        session, self._is_new = self._chat.session, False
        session.deadlines.set("preview", session.now + session.policy.preview_interval)
        if self._text:
            self._tell()
        else:
            self.stop()

    def _tell(self) -> None:
        self._told_at = self._chat.session.now
        self._say(encode.typing(self._text))
        self._go_on()

    def _go_on(self) -> None:
        session = self._chat.session
        session.deadlines.set("typing", session.now + session.policy.typing_idle)

    def stop(self) -> None:
        """Tell the other side that the customer no longer types, if it thinks so."""
        self._chat.session.deadlines.clear("typing")
        if self._told_at is not None:
            self._told_at = None
            self._say(encode.not_typing())

    def sent(self) -> None:
        """A message goes: it is what was typed."""
        self._text, self._is_new = "", False
        self.stop()

    def _say(self, item: msgspec.Raw) -> None:
        def said(_reply: Reply) -> None:
            """Whatever came of it: where the session is over, the poll may yet say how."""

        if self._chat.desk.current.leaf in OPEN:
            self._chat.posting.put(item, said, passing="typing")

    def lost(self) -> None:
        """The connection is gone, or the chat is over: nobody sees anything of it any more."""
        self._told_at, self._text, self._is_new = None, "", False
        for name in ("typing", "preview"):
            self._chat.session.deadlines.clear(name)
