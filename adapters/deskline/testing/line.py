"""One socket of a network in memory, as the far side sees it."""

from collections.abc import Callable
from contextlib import suppress
from typing import final
from urllib.parse import urlsplit

from deskline_center import (
    AcceptSocket,
    Drop,
    FrameArrived,
    Push,
    RefuseSocket,
    SocketArrived,
    SocketGone,
)
from deskline_core.errors import SocketEnded
from deskline_transports.memory import MemoryHandshake, MemorySocket

__all__ = ["Line"]


@final
class Line:
    """Tells the center what arrives on one socket, and obeys what it says of it. It needs no task.

    ``arm`` is called when it may want to :meth:`look` at another time than before.
    """

    def __init__(
        self,
        name: str,
        handshake: MemoryHandshake,
        feed: Callable[[FrameArrived | SocketGone], None],
        arm: Callable[[], None],
    ) -> None:
        self.name = name
        self.is_over = False
        self._handshake = handshake
        self._feed = feed
        self._arm = arm
        self._end: MemorySocket | None = None

    @property
    def arrival(self) -> SocketArrived:
        """What the center is told first."""
        parts = urlsplit(self._handshake.url)
        return SocketArrived(socket=self.name, query=parts.query, path=parts.path)

    @property
    def next_due(self) -> float | None:
        """When the next frame arrives, by the loop's own clock."""
        return None if self._end is None or self.is_over else self._end.next_due

    def obey(self, order: AcceptSocket | RefuseSocket | Push | Drop) -> None:
        """Do what the center says."""
        match order:
            case AcceptSocket():
                self._end = self._handshake.accept()
                self._end.when_changed(self.look)
            case RefuseSocket(status=status):
                self._handshake.refuse(status)
                self._gone(None)
            case Push(text=text) if self._end is not None and not self.is_over:
                with suppress(SocketEnded):  # it learns of it in a moment
                    self._end.write(text)
            case Drop(code=None) if self._end is not None:
                self._end.cut()
            case Drop(code=int(code), reason=reason) if self._end is not None:
                self._end.close(code, reason)
            case _:
                pass

    def look(self) -> None:
        """Tell what has arrived by now."""
        try:
            while self._end is not None and (text := self._end.take()) is not None:
                self._feed(FrameArrived(socket=self.name, text=text))
        except SocketEnded as ended:
            self._gone(ended.close_code)
        self._arm()

    def _gone(self, code: int | None) -> None:
        if not self.is_over:
            self.is_over = True
            self._feed(SocketGone(socket=self.name, code=code))
