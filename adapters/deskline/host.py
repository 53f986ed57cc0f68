"""What a runtime gives to a chat: its tasks, its clock, its way to wait. One small class per runtime fulfils it."""

from collections.abc import Callable, Coroutine
from types import TracebackType
from typing import Any, Protocol, Self, TypeVar

from deskline_core.errors import IllegalState

__all__ = ["Host", "Job", "Run", "Signal", "require_here"]

Run = Callable[[], Coroutine[Any, Any, None]]
T = TypeVar("T")


class Job(Protocol):
    """Something that runs, and can be stopped."""

    def cancel(self) -> object:
        """Stop it at its next await; does nothing when it has ended."""
        ...


class Signal(Protocol):
    """A flag with one waiter. A wait may end early, so whoever waits looks again at what it waited for."""

    def set(self) -> None:
        """Wake the waiter, or let the next wait return at once."""
        ...

    async def wait(self) -> None:
        """Wait until it is set, and clear it."""
        ...


class Host(Protocol):
    """One chat's share of a runtime, used inside ``async with``. Nothing outlives it.

    What fails in there on its own (an error of ours) cancels the block, and comes out of it as itself. The jobs are
    not reached by a cancellation from the outside: they go on until the block has closed the chat in order.
    """

    async def __aenter__(self) -> Self: ...

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def is_here(self) -> bool:
        """Whether the caller runs in the loop and the thread in which the host was made."""
        ...

    def time(self) -> float:
        """The runtime's own clock, in seconds."""
        ...

    def spawn(self, run: Run) -> Job:
        """Start a job. An exception that comes out of it fails the host."""
        ...

    def fail(self, error: BaseException) -> None:
        """Cancel the block; the error comes out of the host. The first one counts."""
        ...

    async def stop(self) -> None:
        """Cancel what still runs, and wait for it to end."""
        ...

    def arm(self, at: float, ring: Callable[[], None]) -> None:
        """Set the one timer: call ``ring`` at ``at`` by the runtime's clock. A later call replaces an earlier one.

        ``ring`` is the same at every call.
        """
        ...

    def signal(self) -> Signal:
        """Make a signal."""
        ...

    async def checkpoint(self) -> None:
        """Let others run, and be cancelled if so asked."""
        ...

    async def yield_if_cancelled(self) -> None:
        """Be cancelled if so asked; costs next to nothing otherwise."""
        ...

    async def within(self, seconds: float, run: Run) -> bool:
        """Run it for at most so many seconds; tell whether it ended by itself."""
        ...

    async def shielded(self, run: Run) -> None:
        """Run it to its end, whatever is cancelled meanwhile; a cancellation takes place afterwards."""
        ...

    async def in_thread(self, run: Callable[[], T]) -> T:
        """Run something that blocks; a cancelled call waits for it to end."""
        ...


def require_here(host: Host) -> None:
    """Raise :class:`~deskline_core.errors.IllegalState` when called from another loop or thread than the chat's."""
    try:
        here = host.is_here()
    except RuntimeError:  # no loop runs in this thread
        here = False
    if not here:
        raise IllegalState(
            "a chat was called from another thread or loop than the one it was opened in",
            hint="one chat belongs to one loop and thread; hand the call over to it",
        )
