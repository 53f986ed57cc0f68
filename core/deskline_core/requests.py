"""The app's open requests: each is settled exactly once, or withdrawn."""

from collections.abc import Callable

from .commands import Answer, Command, Refuse
from .errors import RefusalCode

__all__ = ["Requests"]


class Requests:
    """Settles app requests by number. Settling one that is not open, or None (the session's own), does nothing."""

    __slots__ = ("_emit", "_open")

    def __init__(self, emit: Callable[[Command], None]) -> None:
        self._emit = emit
        self._open: set[int] = set()

    def accept(self, request: int) -> bool:
        """Note a new request; False if its number is already open, which is the caller's mistake."""
        if request in self._open:
            return False
        self._open.add(request)
        return True

    def is_open(self, request: int | None) -> bool:
        """Whether someone still waits for it."""
        return request in self._open

    def answer(self, request: int | None, value: object = None) -> None:
        """Settle it: done."""
        if request in self._open:
            self._open.remove(request)
            self._emit(Answer(request=request, value=value))

    def refuse(
        self,
        request: int | None,
        code: RefusalCode,
        message: str,
        hint: str = "",
        *,
        remote_code: str = "",
        transaction: str = "",
    ) -> None:
        """Settle it: not done."""
        if request in self._open:
            self._open.remove(request)
            self._emit(
                Refuse(
                    request=request, code=code, message=message, hint=hint, remote_code=remote_code,
                    transaction=transaction,
                )
            )  # fmt: skip

    def withdraw(self, request: int) -> bool:
        """Forget it unsettled; False if it was not open."""
        if request not in self._open:
            return False
        self._open.remove(request)
        return True
