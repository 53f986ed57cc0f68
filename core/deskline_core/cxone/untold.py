"""What other vendors tell of a conversation, and this one does not."""

from collections.abc import Sequence

from ..model import Form, Stage

__all__ = ["Untold"]


class Untold:
    """The part of a thread's view that is always empty here."""

    __slots__ = ()

    @property
    def stage(self) -> Stage | None:
        """Nothing tells who serves it, beside the agent."""
        return None

    @property
    def forms(self) -> Sequence[Form]:
        """Nobody asks for forms."""
        return ()

    @property
    def case(self) -> str:
        """There is no case apart from the contact."""
        return ""
