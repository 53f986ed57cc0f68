"""Who chats: the client's id, made once and kept, and what is said of the customer (reference, section 2.3)."""

from typing import TYPE_CHECKING, Final

import msgspec

from ..pieces import REFUSED
from ..values import Secret

if TYPE_CHECKING:
    from ..session import Session
    from .session import BrightPatternChat

__all__ = ["CHAT", "IDENTITY", "OF_CUSTOMER", "Identity"]

IDENTITY: Final = "identity"
CHAT: Final = "chat"
OF_CUSTOMER: Final = (CHAT,)
"""What another customer on this device must not find, beside who the last one was."""


class Kept(msgspec.Struct):
    """What is kept of it. ``device_token`` is where pushes go, of ``network`` and ``app``."""

    client_id: str = ""
    first_name: str = ""
    last_name: str = ""
    device_token: str = ""
    network: str = ""
    app: str = ""

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"


class Identity:
    """The client's id and the customer's name. ``is_of_earlier_run`` tells that the id is not new."""

    __slots__ = ("_chat", "is_of_earlier_run", "kept")

    def __init__(self, chat: "BrightPatternChat") -> None:
        self._chat = chat
        self.kept = _restore(chat.session)
        self.is_of_earlier_run = bool(self.kept.client_id)

    @property
    def client_id(self) -> str:
        """What tells this client from all others."""
        return self.kept.client_id

    @property
    def name(self) -> str:
        """The customer's name, as far as it is known."""
        return f"{self.kept.first_name} {self.kept.last_name}".strip()

    @property
    def device(self) -> Secret:
        """Where pushes go."""
        return Secret(self.kept.device_token)

    def ensure(self) -> int | None:
        """Make the id if the app gave none; return the number of its save, if that is still under way."""
        if not self.kept.client_id:
            self.kept.client_id = self._chat.session.ids.uuid()
        elif IDENTITY in self._chat.session.kept:
            return self._chat.saves.under_way(IDENTITY)
        return self.keep()

    def keep(self) -> int:
        """Keep it; return the number of the save."""
        return self._chat.saves.save(IDENTITY, msgspec.json.encode(self.kept).decode())

    def become(self, id: str, first_name: str, last_name: str) -> bool:
        """Be this customer from now on; True if that is somebody else than before."""
        is_another = bool(self.kept.client_id) and self.kept.client_id != id
        if is_another:
            self.kept = Kept()
        self.is_of_earlier_run = self.is_of_earlier_run and not is_another
        self.kept.client_id, self.kept.first_name, self.kept.last_name = id, first_name, last_name
        return is_another

    def forget(self) -> None:
        """Be nobody."""
        self.kept = Kept()
        self.is_of_earlier_run = False


def _restore(session: "Session") -> Kept:
    """Return what was kept; what cannot be read counts as nothing."""
    try:
        return msgspec.json.decode(session.kept.get(IDENTITY, "{}"), type=Kept)
    except REFUSED:
        return Kept()
