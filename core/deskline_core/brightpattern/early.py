"""Receipts for messages that are not known yet: of another device, or of a history that is on its way (9.3)."""

from typing import TYPE_CHECKING

from ..lifecycle import MessageStatus

if TYPE_CHECKING:
    from ..session import Session

__all__ = ["Early"]


class Early:
    """What was told of messages by the id that the customer's side made, until they come; bounded by the policy."""

    __slots__ = ("_session", "_told")

    def __init__(self, session: "Session") -> None:
        self._session = session
        self._told: dict[str, MessageStatus] = {}

    def note(self, ref: str, status: MessageStatus) -> None:
        """Remember what was told; read counts more than delivered."""
        self._session.counts["receipts of unknown messages"] += 1
        if self._told.get(ref) is not MessageStatus.SEEN:
            self._told[ref] = status
        if len(self._told) > self._session.policy.early_receipts:
            del self._told[next(iter(self._told))]

    def take(self, id: str) -> MessageStatus | None:
        """Return what was told of a message that is known now, if anything was."""
        return self._told.pop(id, None)

    def forget(self) -> None:
        """Another chat begins."""
        self._told.clear()
