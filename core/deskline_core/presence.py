"""What the user wants and whether the app is in sight: two small machines that every vendor shares."""

from .lifecycle import Intent, Visibility
from .machine import Machine, Row

__all__ = ["INTENT", "INTENT_ROWS", "VISIBILITY", "VISIBILITY_ROWS", "Presence"]

VISIBILITY_ROWS = (
    Row(id="D501", trigger="background", sources=(Visibility.ACTIVE,), to=Visibility.BACKGROUND,
        says="the app is out of sight"),
    Row(id="D502", trigger="background", sources=(Visibility.BACKGROUND,), says="it is already"),
    Row(id="D503", trigger="active", sources=(Visibility.BACKGROUND,), to=Visibility.ACTIVE,
        says="the app is in sight again"),
    Row(id="D504", trigger="active", sources=(Visibility.ACTIVE,), says="it is already"),
)  # fmt: skip

INTENT_ROWS = (
    Row(id="D505", trigger="want", sources=(Intent.DETACHED,), to=Intent.WANTED, says="the user wants the chat"),
    Row(id="D506", trigger="want", sources=(Intent.WANTED,), says="wanted already"),
    Row(id="D507", trigger="detach", sources=(Intent.WANTED,), to=Intent.DETACHED,
        says="the user no longer wants the chat"),
    Row(id="D508", trigger="detach", sources=(Intent.DETACHED,), says="not wanted already"),
)  # fmt: skip


class Presence:
    """Visibility and intent. Background withdraws the effect of the intent, never the intent."""

    __slots__ = ("intent", "visibility")

    def __init__(self) -> None:
        self.visibility: str = Visibility.ACTIVE
        self.intent: str = Intent.DETACHED

    @property
    def is_wanted(self) -> bool:
        """Whether the chat should be connected now."""
        return self.intent == Intent.WANTED and self.visibility == Visibility.ACTIVE

    def entered(self, _input: object) -> None:
        """Nothing follows by itself: what connects or closes is the connection's table."""

    def refused(self, _input: object, _row: Row) -> None:
        """No row refuses."""

    def enter_background(self) -> None:
        """The app is out of sight."""
        VISIBILITY.fire("background", self)

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
