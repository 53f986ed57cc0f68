"""What is kept in the store: each save and each removal is looked after until the store has answered."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ..events import SaveLost
from ..inputs import Saved, SaveFailed
from .rules import STANDING

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["CREDENTIALS", "FIELDS", "IDENTITY", "OF_CUSTOMER", "THREAD", "VISIT", "WELCOME", "Keeping"]

IDENTITY: Final = "identity"
CREDENTIALS: Final = "credentials"
THREAD: Final = "thread"
VISIT: Final = "visit"
FIELDS: Final = "fields"
WELCOME: Final = "welcome"
OF_CUSTOMER: Final = (THREAD, VISIT, FIELDS, WELCOME)
"""What another customer on this device must not find, beside the tokens."""


class Keeping:
    """Saves under way, by number; an answer that does not come in time counts as a failure."""

    __slots__ = ("_chat", "_left", "_open")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._open: dict[int, tuple[str, Callable[[], None] | None]] = {}
        self._left = {CREDENTIALS, *OF_CUSTOMER} & chat.session.kept.keys()

    @property
    def is_of_earlier_run(self) -> bool:
        """Whether something of a customer was kept by an earlier run."""
        return bool(self._left)

    def save(self, key: str, value: str) -> int:
        """Keep something; return the number of the save. Where the customer is known, it says whose it is."""
        if key in OF_CUSTOMER and self._chat.identity.customer and IDENTITY not in self._chat.session.kept:
            self._chat.keep_identity()
        return self._begun(self._chat.session.save(key, value), key)

    def forget(self, *keys: str) -> int:
        """Remove what is kept; return the number of the removal."""
        self._left.difference_update(keys)
        return self._begun(self._chat.session.forget(*keys), ", ".join(keys))

    def _begun(self, number: int, key: str) -> int:
        session = self._chat.session
        self._open[number] = (key, None)
        session.deadlines.set("save", session.now + session.policy.save_timeout, number)
        return number

    def under_way(self, key: str) -> int | None:
        """Return the number of the last save of a key that is still under way."""
        return max((number for number, (kept, _) in self._open.items() if kept == key), default=None)

    def after(self, number: int, then: Callable[[], None]) -> None:
        """Go on when a save is complete, or could not be."""
        key, _ = self._open[number]
        self._open[number] = (key, then)

    def saved(self, input: Saved) -> None:
        """The store has it."""
        self._done(input.id)

    def failed(self, input: SaveFailed) -> None:
        """The store could not keep it."""
        self._done(input.id, input.reason or "the store failed")

    def elapsed(self, number: int) -> None:
        """The store has not answered in time."""
        self._done(number, "no answer from the store in time")

    def _done(self, number: int, failure: str = "") -> None:
        session = self._chat.session
        if number not in self._open and STANDING.holds("S46"):
            session.counts["stale completions"] += 1
        key, then = self._open.pop(number, ("", None))
        session.deadlines.clear("save", number)
        if failure and key:
            session.notify(SaveLost(key=key, cause=failure))
        if then is not None:
            then()
