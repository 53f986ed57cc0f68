"""What a session has the store keep: each save and each removal is looked after until the store has answered."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .events import SaveLost
from .inputs import Saved, SaveFailed
from .records import is_content

if TYPE_CHECKING:
    from .session import Session

__all__ = ["Saves"]


class Saves:
    """Saves under way, by number; an answer that does not come in time counts as a failure.

    What a store could not keep or remove is not forgotten: it is tried again as soon as something else can be kept.
    The deadline ``save`` is theirs. ``stale`` is told when the store answers for a save that is over.
    """

    __slots__ = ("_behind", "_open", "_session", "_stale")

    def __init__(self, session: "Session", stale: Callable[[], None]) -> None:
        self._session = session
        self._stale = stale
        self._open: dict[int, tuple[tuple[str, ...], Callable[[bool], None] | None]] = {}
        self._behind: dict[str, None] = {}  # what the store has otherwise than it was told

    def save(self, key: str, value: str, *, then: Callable[[bool], None] | None = None) -> int:
        """Keep something; return the number of the save. ``then`` is told whether it is kept."""
        return self._begun(self._session.save(key, value), (key,), then)

    def forget(self, *keys: str, then: Callable[[bool], None] | None = None) -> int:
        """Remove what is kept; return the number of the removal. ``then`` is told whether it is removed."""
        return self._begun(self._session.forget(*keys), keys, then)

    def _begun(self, number: int, keys: tuple[str, ...], then: Callable[[bool], None] | None = None) -> int:
        session = self._session
        self._open[number] = (keys, then)
        for key in keys if self._behind else ():
            self._behind.pop(key, None)  # this says what is to stand there
        session.deadlines.set("save", session.now + session.policy.save_timeout, number)
        return number

    def under_way(self, key: str) -> int | None:
        """Return the number of the last save of a key that is still under way."""
        return max((number for number, (keys, _) in self._open.items() if keys == (key,)), default=None)

    def after(self, number: int, then: Callable[[], None]) -> None:
        """Go on when a save that is under way is complete, or could not be."""
        keys, _ = self._open[number]
        self._open[number] = (keys, lambda _: then())

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
        keys, then = begun
        self._session.deadlines.clear("save", number)
        if failure:
            self._session.notify(SaveLost(key=", ".join(keys), cause=failure))
            later = {key for others, _ in self._open.values() for key in others}
            self._behind |= dict.fromkeys(key for key in keys if key not in later)
        if then is not None:
            then(not failure)
        if self._behind and not failure:
            self._catch_up()

    def _catch_up(self) -> None:
        """The store keeps things again: what it missed is written once more, as it is by now.

        Not the content of a file: its message is refused, and all of it forgotten.
        """
        kept, behind = self._session.kept, tuple(self._behind)
        for key in behind:
            if key in kept and not is_content(key):
                self.save(key, kept[key])
        if gone := [key for key in behind if key not in kept]:
            self.forget(*gone)
