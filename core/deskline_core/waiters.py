"""App requests that wait for one and the same outcome."""

from typing import TYPE_CHECKING

from .errors import RefusalCode

if TYPE_CHECKING:
    from .session import Session

__all__ = ["Waiters"]


class Waiters:
    """The requests that one outcome settles, in the order they came. True while somebody waits."""

    __slots__ = ("_requests", "_session")

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._requests: tuple[int, ...] = ()  # takes no memory while empty; there are several of these per thread

    def __bool__(self) -> bool:
        return bool(self._requests)

    def add(self, request: int) -> None:
        """One more waits."""
        self._requests = (*self._requests, request)

    def answer(self, value: object = None) -> None:
        """Settle all who wait now: done."""
        requests, self._requests = self._requests, ()
        for request in requests:
            self._session.requests.answer(request, value)

    def refuse(self, code: RefusalCode, cause: str, hint: str = "", *, remote_code: str = "") -> None:
        """Settle all who wait now: not done."""
        requests, self._requests = self._requests, ()
        for request in requests:
            self._session.requests.refuse(request, code, cause, hint, remote_code=remote_code)

    def withdrawn(self, request: int) -> bool:
        """Forget a request, if it waits here; tell whether it did."""
        if request not in self._requests:
            return False
        self._requests = tuple(other for other in self._requests if other != request)
        return True
