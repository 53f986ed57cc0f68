"""What is kept in the store of a CXone customer, and under which keys."""

from typing import TYPE_CHECKING, Final

from ..records import CREDENTIALS, is_of_outbox
from ..saves import Saves

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["CREDENTIALS", "FIELDS", "IDENTITY", "OF_CUSTOMER", "THREAD", "VISIT", "WELCOME", "Keeping"]

IDENTITY: Final = "identity"
THREAD: Final = "thread"
VISIT: Final = "visit"
FIELDS: Final = "fields"
WELCOME: Final = "welcome"
OF_CUSTOMER: Final = (THREAD, VISIT, FIELDS, WELCOME)
"""What another customer on this device must not find, beside the tokens."""
_OF_SOMEBODY: Final = (CREDENTIALS, *OF_CUSTOMER)


class Keeping:
    """Keeps what belongs to a customer, and knows what an earlier run left."""

    __slots__ = ("_chat", "_left", "saves")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._left = {key for key in chat.session.kept if key in _OF_SOMEBODY or is_of_outbox(key)}
        self.saves: Saves = Saves(chat.session, chat.count_stale)

    @property
    def is_of_earlier_run(self) -> bool:
        """Whether something of a customer was kept by an earlier run."""
        return bool(self._left & self._chat.session.kept.keys())

    def save(self, key: str, value: str) -> int:
        """Keep something; return the number of the save. Where the customer is known, it says whose it is."""
        if key in OF_CUSTOMER and self._chat.identity.customer and IDENTITY not in self._chat.session.kept:
            self._chat.keep_identity()
        return self.saves.save(key, value)

    def forget(self, *keys: str) -> int:
        """Remove what is kept; return the number of the removal."""
        self._left.difference_update(keys)
        return self.saves.forget(*keys)
