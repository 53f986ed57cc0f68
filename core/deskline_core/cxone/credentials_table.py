"""Credentials as a table (lifecycle reference, section 5.6); its rows have no ids there, so they have ours."""

from enum import StrEnum

from ..machine import Row, others

__all__ = ["ROWS", "STATES", "CredentialState"]


class CredentialState(StrEnum):
    """Where the transaction token or the legacy access token stands."""

    NONE = "none"
    ACQUIRING = "acquiring"
    VALID = "valid"
    REFRESHING = "refreshing"
    REAUTH_NEEDED = "re-authentication needed"


_S = CredentialState
STATES = tuple(CredentialState)

_DECLARED: tuple[Row, ...] = (
    Row(id="D201", trigger="need", sources=(_S.NONE, _S.REAUTH_NEEDED), to=_S.ACQUIRING, then="ask", says="request a token"),
    Row(id="D202", trigger="need", sources=(_S.ACQUIRING, _S.REFRESHING), says="single flight: join the one under way"),
    Row(id="D203", trigger="need", sources=(_S.VALID,), to=_S.ACQUIRING, guard="is_expired", then="ask",
        says="expired, or about to: request another"),
    Row(id="D204", trigger="need", sources=(_S.VALID,), then="grant", says="still good: use it"),
    Row(id="D205", trigger="granted", sources=(_S.ACQUIRING, _S.REFRESHING), to=_S.VALID, then="keep", says="keep it, and its expiry"),
    Row(id="D214", trigger="given", sources=STATES, to=_S.VALID, then="keep", says="the authorization brought a token: keep it"),
    Row(id="D206", trigger="refused", sources=(_S.ACQUIRING, _S.REFRESHING, _S.VALID), to=_S.REAUTH_NEEDED, then="wipe",
        says="the app has to authenticate again"),
    Row(id="D207", trigger="failed", sources=(_S.ACQUIRING,), to=_S.NONE, says="try again later"),
    Row(id="D208", trigger="failed", sources=(_S.REFRESHING,), to=_S.VALID, says="the old one is not dead yet: try again later"),
    Row(id="D209", trigger="refresh", sources=(_S.VALID,), to=_S.REFRESHING, says="renew before it expires"),
    Row(id="D210", trigger="wiped", sources=STATES, to=_S.NONE, then="wipe", says="signed out, or new credentials came"),
    Row(id="D211", trigger="dropped", sources=(_S.ACQUIRING,), to=_S.NONE, says="the attempt that needed it is over"),
    Row(id="D212", trigger="dropped", sources=(_S.REFRESHING,), to=_S.VALID, says="the attempt that needed it is over"),
)  # fmt: skip

ROWS: tuple[Row, ...] = (
    *_DECLARED,
    *others("D213", STATES, _DECLARED, ("granted", "refused", "failed", "refresh", "dropped"), "no request is under way: changes nothing"),
)  # fmt: skip
