"""Things that are kept up to a limit: what clients can add to without end must not grow without end."""

from collections.abc import Callable, Iterator
from typing import Generic, TypeVar

__all__ = ["Kept"]

Thing = TypeVar("Thing")


class Kept(Generic[Thing]):
    """Things by key: at most ``most`` of them, of at most ``most_size`` altogether. The oldest go first."""

    def __init__(self, *, most: int, most_size: int) -> None:
        self._most = most
        self._most_size = most_size
        self._size = 0
        self._things: dict[str, tuple[Thing, int]] = {}

    def put(self, key: str, thing: Thing, size: int) -> None:
        """Keep a thing under a key of its own. One that is larger than all may be is not kept."""
        self._things[key] = thing, size
        self._size += size
        while len(self._things) > self._most or self._size > self._most_size:
            self.drop(next(iter(self._things)))

    def get(self, key: str) -> Thing | None:
        """Return what is kept under a key."""
        found = self._things.get(key)
        return None if found is None else found[0]

    def drop(self, key: str) -> None:
        """Forget what is kept under a key."""
        self._size -= self._things.pop(key)[1]

    def drop_where(self, holds: Callable[[Thing], bool]) -> int:
        """Forget all things of which it holds; return how many there were."""
        doomed = [key for key, (thing, _) in self._things.items() if holds(thing)]
        for key in doomed:
            self.drop(key)
        return len(doomed)

    def __iter__(self) -> Iterator[Thing]:
        return (thing for thing, _ in self._things.values())

    def __len__(self) -> int:
        return len(self._things)
