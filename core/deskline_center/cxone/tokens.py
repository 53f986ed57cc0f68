"""The tokens of a brand: for sockets, for sessions, for single messages. Lifetimes are seconds."""

from dataclasses import dataclass
from typing import Final, Literal

from ..floor import Floor
from ..kept import Kept
from ..model import Customer
from .channel import CXoneChannel

__all__ = ["Grant", "Kind", "Tokens"]

_MOST: Final = 100_000
"""Customers by cookie get one for a month with each request that brings none."""
_PURGE_FROM: Final = 1000
Kind = Literal["transaction", "access", "refresh", "identity", "message", "code", "token"]
_PREFIXES: dict[Kind, str] = {
    "transaction": "txn", "access": "at", "refresh": "rt", "identity": "id", "message": "mt", "code": "ac",
    "token": "jwt",
}  # fmt: skip


@dataclass(slots=True, frozen=True)
class Grant:
    """What a token stands for. ``until`` is UTC seconds."""

    kind: Kind
    channel: CXoneChannel
    customer: Customer
    until: float
    about: str = ""


class Tokens:
    """Issues tokens and looks them up again. Those whose time is over are forgotten, and the oldest of too many."""

    def __init__(self, floor: Floor) -> None:
        self._floor = floor
        self._grants: Kept[Grant] = Kept(most=_MOST, most_size=_MOST)
        self._purge_at = _PURGE_FROM

    def issue(self, kind: Kind, channel: CXoneChannel, customer: Customer, lifetime: float, about: str = "") -> str:
        """Return a new token that is good for ``lifetime`` seconds."""
        token = self._floor.ids.token(_PREFIXES[kind])
        self._grants.put(token, Grant(kind, channel, customer, self._floor.now + lifetime, about), 1)
        if len(self._grants) >= self._purge_at:
            self._grants.drop_where(lambda grant: grant.until <= self._floor.now)
            self._purge_at = max(_PURGE_FROM, 2 * len(self._grants))
        return token

    def look_up(self, kind: Kind, channel: CXoneChannel, token: str) -> Grant | None:
        """Return what a token stands for, if it is of this kind and channel and still good."""
        grant = self._grants.get(token)
        if grant is None or (grant.kind, grant.channel.id) != (kind, channel.id) or grant.until <= self._floor.now:
            return None
        return grant

    def take(self, kind: Kind, channel: CXoneChannel, token: str) -> Grant | None:
        """Return what a token stands for, and make it invalid: it was good once."""
        grant = self.look_up(kind, channel, token)
        if grant is not None:
            self._grants.drop(token)
        return grant

    def expire(self, channel: str, kind: str = "") -> int:
        """Forget the tokens of a channel and of a kind, or of all of them (empty); return how many there were."""
        return self._grants.drop_where(lambda grant: channel in ("", grant.channel.id) and kind in ("", grant.kind))
