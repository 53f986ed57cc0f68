"""Reading a chat's history: at first, and whenever something may have been lost (flows F3, F4; rows B5, B10, B57)."""

from typing import TYPE_CHECKING

from ..calls import Call
from ..events import UndecodableReceived
from . import wire
from .decode import read_events
from .past import Past
from .refusals import Reaction
from .replies import Reply

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Recovery"]


class Recovery:
    """Reads the history, one reading at a time; what of it is new is the news' to tell."""

    __slots__ = ("_call", "_chat")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._call: Call | None = None

    @property
    def is_reading(self) -> bool:
        """Whether a history is on its way."""
        return self._call is not None

    def read(self) -> None:
        """Read the history of the current chat; what its poll brings meanwhile is held back."""
        chat = self._chat
        chat.poll.gap = True
        if self._call is None:
            url = chat.site.chat_url(chat.desk.current.chat_id, "history")
            self._call = chat.replies.ask("GET", url, self._answered, timeout=chat.session.policy.download_timeout)

    def again(self) -> None:
        """Something may have been sent meanwhile: what was asked before does not count."""
        self.lost()
        self.read()

    def lost(self) -> None:
        """What was asked is let go of."""
        if self._call is not None:
            call, self._call = self._call, None
            self._chat.calls.cancel(call)

    def _answered(self, reply: Reply) -> None:
        self._call = None
        chat, policy = self._chat, self._chat.session.policy
        is_foreign = chat.desk.is_told_of and reply.reaction in (Reaction.CONFIGURATION, Reaction.REFUSED)
        if is_foreign or reply.reaction in (Reaction.GONE, Reaction.MISSING):
            chat.desk.current.fire("history_gone")
            chat.connection.fire("caught_up" if chat.desk.is_alive else "found_none")  # last news may come (D746)
            return
        if reply.reaction not in (Reaction.SUCCESS, Reaction.EMPTY):
            self._failed(reply)
            return
        events = read_events(reply.body, max_events=policy.max_events, max_source=policy.max_source)
        if isinstance(events, wire.BrokenEvent):
            chat.session.notify(UndecodableReceived(reason=events.reason, source=events.source))
            self._failed(reply)
            return
        current = chat.desk.current
        if not current.is_alive:  # looked for: its state is what the history says last (flow F4, step 5)
            current.word = Past(events, current.chat_id).word or current.word
        current.fire("history_read", events)
        chat.poll.filled()
        chat.delivery.looked_for()
        chat.connection.fire("caught_up")
        if not chat.connection.is_under_way:
            chat.poll.begin()

    def _failed(self, reply: Reply) -> None:
        """It is read by the next attempt; out of sight, after a rest."""
        if self._chat.connection.is_serving:
            self._chat.connection.fire("poll_lost", cause=reply.cause)
        else:
            self._chat.connection.failed(reply)
        self._chat.poll.rest()
