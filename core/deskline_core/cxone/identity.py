"""Who chats: the ids of visitor, customer and destination, kept as one record (traps C8, P51)."""

import msgspec

from ..ids import Ids
from ..pieces import REFUSED

__all__ = ["Identity", "restore"]


class Identity(msgspec.Struct):
    """Visitor and customer are kept over restarts; the destination is new at every prepare (flow 3.1, step 5).

    ``device_token`` is where pushes go; it is kept until it is replaced (trap C4). ``named`` tells that the customer's
    id is the far side's own.
    """

    visitor: str = ""
    customer: str = ""
    first_name: str = ""
    last_name: str = ""
    destination: str = ""
    device_token: str = ""
    named: bool = False

    def __repr__(self) -> str:
        return f"{type(self).__name__}(...)"

    def complete(self, ids: Ids) -> bool:
        """Make the ids that are missing, and a new destination; True if something has to be kept."""
        self.destination = ids.uuid()
        is_new = not (self.visitor and self.customer)
        self.visitor = self.visitor or ids.uuid()
        self.customer = self.customer or ids.uuid()
        return is_new

    def text(self) -> str:
        """Return the record to keep."""
        return msgspec.json.encode(self).decode()


def restore(text: str) -> Identity:
    """Return a record that was kept; one that cannot be read counts as none."""
    try:
        return msgspec.json.decode(text, type=Identity)
    except REFUSED:
        return Identity()
