"""The long poll: one at a time, never in a hurry, and never the cause of a silent loss (reference, section 11.1)."""

from typing import TYPE_CHECKING, Final

from ..calls import Call
from ..events import UndecodableReceived
from . import wire
from .decode import read_events
from .refusals import Reaction
from .replies import Reply

if TYPE_CHECKING:
    from .session import BrightPatternChat

__all__ = ["Poll"]

_TRIGGERS: Final = {
    Reaction.CONFIGURATION: "poll_refused",
    Reaction.GONE: "poll_gone",
    Reaction.CROWDED: "poll_crowded",
    Reaction.REFUSED: "poll_crowded",
    Reaction.LATER: "poll_failed",
    Reaction.UNAVAILABLE: "poll_failed",
    Reaction.MISSING: "poll_failed",
}
"""What a poll that brought no events means for the chat (B48-B51); a plain 400 means that another is open (18, 2)."""


class Poll:
    """The poll of the living chat. Nothing is acknowledged: what a failed poll had taken is lost but for the history.

    ``gap`` tells that something may be lost so; until the history has filled it, events that come are held back, so
    that the app hears everything in order. ``fresh`` counts what the last answer brought that is new; one that says
    word for word what the one before it said brings nothing, even where its parts count anew each time.

    ``_is_shadowed`` tells that a poll which nobody waits for may still be held: a far side need not notice that.
    """

    __slots__ = (
        "_asked_at", "_call", "_chat", "_counted", "_counted_from", "_held", "_is_crowded", "_is_looking_back",
        "_is_shadowed", "_is_urgent", "_last", "_quick", "fresh", "gap",
    )  # fmt: skip

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self._call: Call | None = None
        self._asked_at = 0.0
        self._quick = 0
        self._counted = 0
        self._counted_from = 0.0
        self._last = b""
        self._held: list[wire.WireEvent] = []
        self._is_crowded = False
        self._is_urgent = False
        self._is_shadowed = False
        self._is_looking_back = False
        self.gap = False
        self.fresh = 0

    @property
    def is_open(self) -> bool:
        """Whether a poll is under way."""
        return self._call is not None

    @property
    def is_whole(self) -> bool:
        """Whether a poll is open, and nothing may have been lost; one that rests has the history read first (B53)."""
        return not self.gap and self.is_open

    # --- asking ---

    def begin(self) -> None:
        """Poll now, unless a poll is open: at most one is (B46)."""
        chat = self._chat
        chat.session.deadlines.clear("poll")
        if self._call is not None or not chat.desk.is_alive:
            return
        self._is_urgent = False
        self._asked_at = chat.session.now
        self._call = chat.replies.ask(
            "GET", chat.site.chat_url(chat.desk.current.chat_id, "events"), self._answered,
            timeout=chat.session.policy.poll_timeout, held=True, outlives=True,
        )  # fmt: skip

    def pause(self, seconds: float) -> None:
        """Poll later."""
        self._chat.session.deadlines.set("poll", self._chat.session.now + seconds)

    def on(self) -> None:
        """The last one brought something new: poll on at once (B46)."""
        self._quick = 0
        if self._must_rest:
            self.rest()
        elif self._was_quick:
            self._at_most(*self._chat.session.policy.rate_limit)
        else:
            self.begin()

    def soon(self) -> None:
        """Something is new, and the poll that is open may have been answered before: another one follows it (B54)."""
        self._is_urgent = self._is_out_of_sight
        self.begin()

    def crowd(self) -> None:
        """Another poll is open, and what it takes does not come here: wait, then read the history first (B49)."""
        self._is_crowded = True
        self.pause(self._chat.session.policy.crowded_poll)

    def again(self) -> None:
        """The last one brought nothing new: poll on, after a pause where that came too fast again (B47)."""
        self._quick = self._quick + 1 if self._was_quick else 0
        if self._must_rest:
            self.rest()
        elif self._quick > 1:
            self.pause(self._chat.session.policy.poll_pause)
        else:
            self.begin()

    @property
    def _must_rest(self) -> bool:
        """Whether the next one waits: until a history is read, or out of sight, if nothing is new."""
        return self._must_read_first or (self._is_out_of_sight and not self._is_urgent)

    @property
    def _must_read_first(self) -> bool:
        """Whether a history comes before the next one; while one is looked back into, polling goes on."""
        return self.gap and not (self._is_looking_back and self._chat.recovery.is_reading)

    @property
    def _is_out_of_sight(self) -> bool:
        return self._chat.presence.is_away

    @property
    def _was_quick(self) -> bool:
        return self._chat.session.now < self._asked_at + self._chat.session.policy.poll_quick

    def _at_most(self, polls: int, seconds: float) -> None:
        """Poll on, or wait, lest there are more polls in that time: what is always new may be nonsense."""
        now = self._chat.session.now
        if now >= self._counted_from + seconds:
            self._counted, self._counted_from = 0, now
        self._counted += 1
        if self._counted < polls:
            self.begin()
        else:
            self.pause(self._counted_from + seconds - now)

    def rest(self) -> None:
        """Out of sight: what is open finishes; then it is polled slowly, or not at all where pushes come (B52)."""
        if self._is_out_of_sight and self._call is None and not self._chat.device.is_subscribed:
            self.pause(self._chat.session.policy.background_poll)

    def rested(self) -> None:
        """Time to poll; or, where something may be lost and nothing is done about it, to read the history first."""
        connection = self._chat.connection
        self._note_crowd()
        if not self._must_read_first:
            self.begin()
        elif connection.is_serving or not connection.is_under_way:
            connection.catch_up()

    def stop(self) -> None:
        """No longer poll. What is open is let go of at once, and what it had taken counts as lost."""
        self._chat.session.deadlines.clear("poll")
        if self._call is not None:
            call, self._call = self._call, None
            self._chat.calls.cancel(call)
            self.shadowed()

    def shadowed(self) -> None:
        """A poll that nobody waits for may still be held, and take news until another one gets there.

        What it has taken is in the history that is read now; what it takes after that is in the one that is read when
        the next poll is answered (11.1, 6: before it, and right after it).
        """
        self.gap = self._is_shadowed = True
        self._is_looking_back = False

    def failed(self, reply: Reply) -> None:
        """A poll brought nothing: what it took counts as lost; if the far side did not answer, it may be held still."""
        self.gap = True
        self._is_looking_back = False
        if reply.is_unheard:
            self.shadowed()

    def forget(self) -> None:
        """The chat is over: nothing of its poll matters any more."""
        self.stop()
        self.gap = self._is_crowded = self._is_shadowed = self._is_looking_back = False
        self._quick = 0
        self._last = b""
        self._held.clear()

    # --- answers ---

    def _answered(self, reply: Reply) -> None:
        self._call = None
        chat = self._chat
        conversation = chat.desk.current
        if reply.reaction not in (Reaction.SUCCESS, Reaction.EMPTY):
            conversation.fire(_TRIGGERS[reply.reaction], reply)
            return
        policy = chat.session.policy
        events = read_events(reply.body, max_events=policy.max_events, max_source=policy.max_source)
        if isinstance(events, wire.BrokenEvent):
            chat.session.notify(UndecodableReceived(reason=events.reason, source=events.source))
            conversation.fire("poll_failed", reply)
            return
        self.fresh = 0
        was_crowded = self._note_crowd()
        if self._is_shadowed:
            self._look_back()
        self.take(events if reply.reaction is Reaction.SUCCESS else [])
        if reply.body == self._last:
            self.fresh = 0
        self._last = reply.body
        conversation.fire("polled")
        if was_crowded or (self.gap and not chat.connection.is_under_way):  # out of sight, nothing else would read it
            chat.connection.catch_up()

    def _look_back(self) -> None:
        """The poll that nobody waited for is over: what it took is read back, while polling and sending go on.

        A history that is on its way was asked for before, and may lack some of it.
        """
        self._is_shadowed, self._is_looking_back = False, True
        self._chat.recovery.again()

    def _note_crowd(self) -> bool:
        """Another poll was open, and is no more: what it took is missing. A history read before that may lack it."""
        was_crowded, self._is_crowded = self._is_crowded, False
        if was_crowded:
            self.gap, self._is_looking_back = True, False
            if self._chat.recovery.is_reading:
                self._chat.recovery.again()
        return was_crowded

    def take(self, events: list[wire.WireEvent]) -> None:
        """Take events that came: at once, or when the gap before them is filled."""
        if not self.gap:
            for event in events:
                self.fresh += self._chat.news.take(event)
            return
        room = self._chat.session.policy.max_events - len(self._held)
        if len(events) > room:
            self._chat.session.counts["events over the limit"] += len(events) - room
        self._held += events[: max(room, 0)]
        self.fresh += len(events)

    def filled(self) -> None:
        """The history is read: nothing is missing any more, and what was held back follows."""
        self.gap = self._is_looking_back = False
        held, self._held = self._held, []
        self.take(held)
