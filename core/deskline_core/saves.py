"""What a session has the store keep: each save and each removal is looked after until the store has answered."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .events import SaveLost
from .inputs import Saved, SaveFailed

if TYPE_CHECKING:
    from .session import Session

__all__ = ["Saves"]


class Saves:
    """Saves under way, by number; an answer that does not come in time counts as a failure.

    The deadline ``save`` is theirs. ``stale`` is told when the store answers for a save that is over.
    """

    __slots__ = ("_open", "_session", "_stale")

    def __init__(self, session: "Session", stale: Callable[[], None]) -> None:
        self._session = session
        self._stale = stale
        self._open: dict[int, tuple[str, Callable[[bool], None] | None]] = {}

    def save(self, key: str, value: str, *, then: Callable[[bool], None] | None = None) -> int:
        """Keep something; return the number of the save. ``then`` is told whether it is kept."""
        return self._begun(self._session.save(key, value), key, then)

    def forget(self, *keys: str, then: Callable[[bool], None] | None = None) -> int:
        """Remove what is kept; return the number of the removal. ``then`` is told whether it is removed."""
        return self._begun(self._session.forget(*keys), ", ".join(keys), then)

    def _begun(self, number: int, key: str, then: Callable[[bool], None] | None = None) -> int:
        session = self._session
        self._open[number] = (key, then)
        session.deadlines.set("save", session.now + session.policy.save_timeout, number)
        return number

    def under_way(self, key: str) -> int | None:
        """Return the number of the last save of a key that is still under way."""
        return max((number for number, (kept, _) in self._open.items() if kept == key), default=None)

    def after(self, number: int, then: Callable[[], None]) -> None:
        """Go on when a save that is under way is complete, or could not be."""
        key, _ = self._open[number]
        self._open[number] = (key, lambda _: then())

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
        begun = self._open.pop(number, None)
        if begun is None:
            self._stale()
            return
        key, then = begun
        self._session.deadlines.clear("save", number)
        if failure:
            self._session.notify(SaveLost(key=key, cause=failure))
        if then is not None:
            then(not failure)
