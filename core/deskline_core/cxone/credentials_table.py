"""Credentials as a table (lifecycle reference, sections 5.3 and 5.6); its rows have no ids there, so they have ours."""

from enum import StrEnum

from ..machine import Row, others, row

__all__ = ["ROWS", "STATES", "CredentialState"]


class CredentialState(StrEnum):
    """Where the tokens stand: the transaction token of secured sessions, and the access token that messages carry."""

    NONE = "none"
    ACQUIRING = "acquiring"
    VALID = "valid"
    REFRESHING = "refreshing"
    REAUTH_NEEDED = "re-authentication needed"


_S = CredentialState
STATES = tuple(CredentialState)

_DECLARED: tuple[Row, ...] = (
    row("D215", "need", (_S.NONE, _S.REAUTH_NEEDED), "nothing to ask with: the app has to log the customer in",
        _S.REAUTH_NEEDED, guard="lacks_login", then="ask_app"),
    row("D201", "need", (_S.NONE, _S.REAUTH_NEEDED), "request a token", _S.ACQUIRING, then="ask"),
    row("D202", "need", (_S.ACQUIRING, _S.REFRESHING), "single flight: join the one under way"),
    row("D216", "need", (_S.VALID,), "expired, and nothing to ask with: the app has to log the customer in",
        _S.REAUTH_NEEDED, guard="is_used_up", then="ask_app"),
    row("D203", "need", (_S.VALID,), "expired, or about to: request another", _S.ACQUIRING, guard="is_expired", then="ask"),
    row("D204", "need", (_S.VALID,), "still good: use it", then="grant"),
    row("D205", "granted", (_S.ACQUIRING, _S.REFRESHING), "keep it, and its expiry", _S.VALID, then="keep"),
    row("D214", "given", STATES, "the authorization brought a token: keep it", _S.VALID, then="keep"),
    row("D206", "refused", (_S.ACQUIRING, _S.REFRESHING, _S.VALID), "the app has to authenticate again", _S.REAUTH_NEEDED,
        then="wipe"),
    row("D207", "failed", (_S.ACQUIRING,), "try again later", _S.NONE),
    row("D208", "failed", (_S.REFRESHING,), "try again later; the old one goes on until it is dead", _S.VALID,
        then="retry_later"),
    row("D209", "refresh", (_S.VALID,), "renew before it expires", _S.REFRESHING, guard="can_renew", then="renew"),
    row("D217", "refresh", (_S.VALID,), "dead, and nothing can renew it: the app has to authenticate again",
        _S.REAUTH_NEEDED, guard="is_dead", then="run_out"),
    row("D218", "refresh", (_S.VALID,), "nothing can renew it: it goes on until it is dead"),
    row("D219", "stale", (_S.VALID,), "the gateway took offence at the transaction token: only that is dropped", _S.NONE,
        then="drop_token"),
    row("D210", "wiped", STATES, "signed out, or new credentials came", _S.NONE, then="wipe"),
    row("D220", "dropped", (_S.ACQUIRING,), "the attempt is over, but its request spends a code or a refresh token: the answer"
        " cannot be had again, and is worth keeping", guard="is_unrepeatable", then="need_no_longer"),
    row("D211", "dropped", (_S.ACQUIRING,), "the attempt that needed it is over; a token of the app's is for the next one",
        _S.NONE, then="let_go"),
    row("D212", "dropped", (_S.REFRESHING,), "the attempt is over; what comes of the renewal is worth keeping",
        then="need_no_longer"),
)  # fmt: skip

ROWS: tuple[Row, ...] = (
    *_DECLARED,
    *others("D213", STATES, _DECLARED, ("granted", "refused", "failed", "refresh", "stale", "dropped"),
            "no request is under way: changes nothing"),
)  # fmt: skip
