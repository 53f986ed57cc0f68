"""What the user wants and whether the app is in sight: two small machines that every vendor shares."""

from typing import TYPE_CHECKING

from .lifecycle import Intent, Visibility
from .machine import Machine, Row

if TYPE_CHECKING:
    from .session import Session

__all__ = ["INTENT", "INTENT_ROWS", "VISIBILITY", "VISIBILITY_ROWS", "Presence"]

VISIBILITY_ROWS = (
    Row(id="D509", trigger="background", sources=(Visibility.ACTIVE,), guard="may_linger", to=Visibility.LINGERING,
        then="linger", says="the app is out of sight, and the chat goes on for the time of the policy's grace"),
    Row(id="D501", trigger="background", sources=(Visibility.ACTIVE,), to=Visibility.BACKGROUND,
        says="the app is out of sight"),
    Row(id="D502", trigger="background", sources=(Visibility.BACKGROUND, Visibility.LINGERING),
        says="it is already"),
    Row(id="D503", trigger="active", sources=(Visibility.BACKGROUND, Visibility.LINGERING), to=Visibility.ACTIVE,
        says="the app is in sight again"),
    Row(id="D504", trigger="active", sources=(Visibility.ACTIVE,), says="it is already"),
    Row(id="D510", trigger="grace_elapsed", sources=(Visibility.LINGERING,), to=Visibility.BACKGROUND,
        says="the grace is over: from now on as without one"),
    Row(id="D511", trigger="grace_elapsed", sources=(Visibility.ACTIVE, Visibility.BACKGROUND),
        says="no grace runs: changes nothing"),
)  # fmt: skip

INTENT_ROWS = (
    Row(id="D505", trigger="want", sources=(Intent.DETACHED,), to=Intent.WANTED, says="the user wants the chat"),
    Row(id="D506", trigger="want", sources=(Intent.WANTED,), says="wanted already"),
    Row(id="D507", trigger="detach", sources=(Intent.WANTED,), to=Intent.DETACHED,
        says="the user no longer wants the chat"),
    Row(id="D508", trigger="detach", sources=(Intent.DETACHED,), says="not wanted already"),
)  # fmt: skip


class Presence:
    """Visibility and intent. Background withdraws the effect of the intent, never the intent.

    ``grace`` is a deadline of the session's: when it is due, :meth:`end_grace` is called, and the connection is told
    what it would have been told at once without a grace.
    """

    __slots__ = ("_session", "intent", "visibility")

    def __init__(self, session: "Session") -> None:
        self._session = session
        self.visibility: str = Visibility.ACTIVE
        self.intent: str = Intent.DETACHED

    @property
    def is_wanted(self) -> bool:
        """Whether the chat should be connected now."""
        return self.intent == Intent.WANTED and not self.is_away

    @property
    def is_away(self) -> bool:
        """Whether the app is out of sight, and no grace runs."""
        return self.visibility == Visibility.BACKGROUND

    def may_linger(self, _input: object) -> bool:
        """The policy has a grace, and there is something to go on with: the user wants the chat."""
        return self._session.policy.background_grace > 0 and self.intent == Intent.WANTED

    def linger(self, _input: object) -> None:
        """All goes on until the grace is over."""
        session = self._session
        session.deadlines.set("grace", session.now + session.policy.background_grace)

    def entered(self, _input: object) -> None:
        """No grace runs, but for one that begins now. What connects or closes is the connection's table."""
        self._session.deadlines.clear("grace")

    def refused(self, _input: object, _row: Row) -> None:
        """No row refuses."""

    def enter_background(self) -> None:
        """The app is out of sight."""
        VISIBILITY.fire("background", self)

    def end_grace(self) -> None:
        """The app has been out of sight for long enough."""
        VISIBILITY.fire("grace_elapsed", self)

    def enter_active(self) -> None:
        """The app is in sight."""
        VISIBILITY.fire("active", self)

    def want(self) -> None:
        """The user wants the chat."""
        INTENT.fire("want", self)

    def detach(self) -> None:
        """The user no longer wants the chat."""
        INTENT.fire("detach", self)


VISIBILITY = Machine(
    "visibility", states=tuple(Visibility), rows=VISIBILITY_ROWS, owner=Presence, attribute="visibility"
)
INTENT = Machine("intent", states=tuple(Intent), rows=INTENT_ROWS, owner=Presence, attribute="intent")
