"""Renewing the access token while connected (lifecycle reference, sections 5.4 and 5.6)."""

from typing import TYPE_CHECKING

from ..backoff import delay
from ..lifecycle import MessageStatus
from . import encode, tokens
from .credentials_table import CredentialState

if TYPE_CHECKING:
    from .session import CXoneChat

__all__ = ["Renewal"]


class Renewal:
    """The access token's time: when to renew it, how, and what waits meanwhile. One renewal at a time (trap C11).

    ``_short`` counts the tokens in a row whose life is below the policy's floor.
    """

    __slots__ = ("_chat", "_failures", "_short")

    def __init__(self, chat: "CXoneChat") -> None:
        self._chat = chat
        self._failures = 0
        self._short = 0

    def end_of(self, life: float) -> float:
        """Return when a token received now ends, UTC seconds, or 0 where its life is not known.

        A life below the policy's floor counts as that long: it would be over before anything is sent.
        """
        session = self._chat.session
        return session.now + max(life, session.policy.shortest_token_life) if life else 0.0

    def time_of(self, life: float) -> float:
        """Return when to renew a token received now, UTC seconds, or 0 for one whose life is not known.

        It is the policy's margin before the end, but not before the policy's share of the life is over, so that tokens
        with short lives do not keep us busy. While lives are below the policy's floor it comes later and later, as
        after failures. It is kept, as a later run has not a full life before it (trap P40).
        """
        session, policy = self._chat.session, self._chat.session.policy
        if not life:
            return 0.0
        if life >= policy.shortest_token_life:
            self._short = 0
            return session.now + max(life - policy.token_margin, life * policy.token_share)
        pause = delay(policy.backoff, self._short, session.ids.fraction())
        self._short += 1
        return session.now + max(pause, policy.shortest_token_life)

    @property
    def is_dead(self) -> bool:
        """Whether the access token has expired."""
        end = self._chat.credentials.tokens.access_expires_at
        return end > 0 and self._chat.session.now >= end

    @property
    def is_possible(self) -> bool:
        """Whether there is something to renew with."""
        held = self._chat.credentials.tokens
        return bool(held.refresh_token if self._chat.is_secured else held.access_token)

    # --- when ---

    def arm(self) -> None:
        """Connected: renew in time."""
        held, session = self._chat.credentials.tokens, self._chat.session
        if held.renew_at and self.is_possible:
            session.deadlines.set("renew", max(held.renew_at, session.now))

    def done(self) -> None:
        """There is a new token."""
        self._failures = 0
        if self._chat.connection.is_connected:
            self.arm()

    def failed(self) -> None:
        """Try again soon, and then less often."""
        session = self._chat.session
        pause = delay(session.policy.backoff, self._failures, session.ids.fraction())
        self._failures += 1
        if self._chat.connection.is_connected:
            session.deadlines.set("renew", session.now + pause)

    def rest(self) -> None:
        """Not connected: nothing is renewed in advance."""
        self._failures = 0
        self._chat.session.deadlines.clear("renew")

    def elapsed(self) -> None:
        """It is time."""
        self._chat.credentials.fire("refresh")

    def holds(self) -> bool:
        """Whether messages have to wait for another access token.

        One that is found expired is renewed, unless its time is set already.
        """
        credentials = self._chat.credentials
        if self.is_dead and self._chat.session.deadlines.at("renew") is None:
            credentials.fire("refresh")
        return credentials.state == CredentialState.REFRESHING or self.is_dead or not self._chat.connection.is_connected

    # --- how ---

    def begin(self) -> None:
        """Ask for another: by REST, or over the socket of a legacy session (wire reference, section 3.5.3)."""
        chat, held = self._chat, self._chat.credentials.tokens
        if chat.is_secured:
            chat.credentials.post(tokens.refresh_body(held.refresh_token), is_unrepeatable=True)
        else:
            exchange = chat.line.begin("RefreshToken")
            chat.line.post(exchange, encode.refresh_token(chat.sender, exchange.event_id, held.access_token))

    def fail_parked(self, cause: str) -> None:
        """No token will come: what waits for it has failed. What is the protocol's own is made anew."""
        for outgoing in self._chat.delivery.outbox:
            if outgoing.status in (MessageStatus.QUEUED, MessageStatus.UPLOADING) and not outgoing.hidden:
                outgoing.fire("refused", cause)
