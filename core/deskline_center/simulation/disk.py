"""What a customer's device keeps over a crash: the writes that a store has confirmed, and maybe some of the others."""

from collections import deque

from deskline_core.commands import Forget, Save

__all__ = ["Disk"]


class Disk:
    """A store that writes in order. What is written is durable once it is confirmed.

    A crash takes away what is not, from some write on; what stands before that may have got there.
    """

    __slots__ = ("_waiting", "kept")

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self._waiting: deque[Save | Forget] = deque()

    @property
    def unconfirmed(self) -> int:
        """How many writes are under way."""
        return len(self._waiting)

    def write(self, command: Save | Forget) -> None:
        """Begin to write."""
        self._waiting.append(command)

    def holds(self, command: Save | Forget) -> bool:
        """Whether a write is still under way."""
        return any(waiting is command for waiting in self._waiting)

    def confirm(self) -> int:
        """Finish the oldest write that is under way; return its number."""
        command = self._waiting.popleft()
        self._apply(command)
        return command.id

    def fail(self) -> int:
        """Give the oldest write up that is under way; return its number."""
        return self._waiting.popleft().id

    def _apply(self, command: Save | Forget) -> None:
        if isinstance(command, Save):
            self.kept[command.key] = command.value.reveal()
        else:
            for key in command.keys:
                self.kept.pop(key, None)

    def crash(self, survivors: int) -> None:
        """Lose what is not confirmed, but for the first ``survivors`` writes, which nobody was told of."""
        for command in list(self._waiting)[:survivors]:
            self._apply(command)
        self._waiting.clear()
