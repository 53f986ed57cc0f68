"""What a :class:`~deskline.center.FaultProxy` does to the bytes between clients and a center, as plain values.

Each is one value, as the center's controls are; in JSON its name is its tag. A connection has two flows: ``up``, from
the client to the center, and ``down``, back to the client. Durations are seconds, sizes are bytes.

A fault that is *armed* watches one flow of every connection, and strikes where ``match`` and then ``after`` more bytes
have passed; without a ``match`` it counts from the moment it is armed, or from the beginning of a later connection. It
strikes before the next byte goes on, once in each connection and in ``times`` of them. ``match`` is compared with what
travels: heads and bodies of requests and answers, and frames that the center sends; those of clients are masked.

``Refuse`` is no matter of bytes: it can only strike at once.
"""

from typing import Annotated, Literal

import msgspec

from deskline_center.bounds import Seconds, Times

__all__ = ["BlackHole", "Cut", "Drip", "Fault", "Flows", "Lag", "Refuse", "Reset", "StreamFault"]

Way = Literal["up", "down"]
Flows = Literal["both", "up", "down"]
Size = Annotated[int, msgspec.Meta(ge=1, le=2**31)]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53)]


def _tag(name: str) -> str:
    return "".join(f"-{c.lower()}" if c.isupper() else c for c in name).removeprefix("-")


class _Struck(msgspec.Struct, frozen=True, kw_only=True, tag_field="fault", tag=_tag):
    """What all faults of a stream share: where they strike."""

    watch: Way = "up"
    match: str = ""
    after: Count = 0
    times: Times = 1


class Reset(_Struck, frozen=True, kw_only=True):
    """Reset the connection: both ends get an RST, and what is under way is gone."""


class Cut(_Struck, frozen=True, kw_only=True):
    """End the connection: what has passed so far arrives, then both ends see the end, in mid frame or not.

    Who goes on sending gets an RST, as from any end that is closed.
    """


class Drip(_Struck, frozen=True, kw_only=True):
    """From here on let ``size`` bytes through at a time, with a ``pause`` behind each."""

    flows: Flows = "both"
    size: Size = 1
    pause: Seconds = 0.0


class Lag(_Struck, frozen=True, kw_only=True):
    """From here on hold everything back for ``seconds``. The order stays."""

    flows: Flows = "both"
    seconds: Seconds = 0.1


class BlackHole(_Struck, frozen=True, kw_only=True):
    """From here on swallow everything, also the end: either end goes on believing that the other one is there.

    With one of the ``flows`` the connection is half-open. It stays so until its ends give it up, or the proxy heals.
    """

    flows: Flows = "both"


class Refuse(msgspec.Struct, frozen=True, kw_only=True, tag_field="fault", tag=_tag):
    """Take no new connections until the proxy heals: who comes is refused. Those that are open go on."""


StreamFault = Reset | Cut | Drip | Lag | BlackHole
"""Faults that bytes may trigger."""
Fault = StreamFault | Refuse
"""All of them; ``msgspec.json.decode(text, type=Fault)`` reads one."""
