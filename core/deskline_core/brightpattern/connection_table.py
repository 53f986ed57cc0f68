"""Where a Bright Pattern session stands with its site, as a table: rows D601-D637.

The protocol has no connection: the reference's section 15 knows a chat and its poll. An app wants to know all the same
whether it is ready, offline or lost, in the words of every vendor. Ready is: the site is open, or a chat is alive,
and nothing that may have been lost is still to be read back.
"""

from enum import StrEnum

from ..errors import RefusalCode
from ..lifecycle import ChatState
from ..machine import Row, others, refusal, row

__all__ = ["PROJECTION", "ROWS", "STATES", "TRYING", "ConnectionState", "project"]


class ConnectionState(StrEnum):
    """The leaf states. Finding looks for a chat of before, checking asks whether the site is open."""

    INITIAL = "initial"
    PREPARING = "preparing"
    PREPARED = "prepared"
    FINDING = "finding"
    CHECKING = "checking"
    RECOVERING = "recovering"
    SERVING = "serving"
    OFFLINE = "offline"
    WAITING = "waiting"
    LOST = "lost"
    SIGNING_OUT = "signing out"


_S = ConnectionState
STATES = tuple(ConnectionState)
TRYING = (_S.FINDING, _S.CHECKING, _S.RECOVERING)
_UNDER_WAY = (*TRYING, _S.SERVING, _S.WAITING)
_RESTING = (_S.PREPARED, _S.OFFLINE, _S.LOST)

PROJECTION: dict[str, ChatState] = {
    _S.INITIAL: ChatState.INITIAL,
    _S.PREPARING: ChatState.PREPARING,
    _S.PREPARED: ChatState.PREPARED,
    _S.FINDING: ChatState.CONNECTING,
    _S.CHECKING: ChatState.CONNECTING,
    _S.RECOVERING: ChatState.CONNECTED,
    _S.SERVING: ChatState.READY,
    _S.OFFLINE: ChatState.OFFLINE,
    _S.WAITING: ChatState.CONNECTING,
    _S.LOST: ChatState.LOST,
    _S.SIGNING_OUT: ChatState.SIGNING_OUT,
}
"""How the leaf states show to the app; serving shows as ending while the customer's end is not confirmed."""


def project(state: str) -> ChatState:
    """Return the app's word for a leaf state."""
    return PROJECTION[state]


def _towards(id: str, trigger: str, sources: tuple[str, ...], says: str) -> tuple[Row, ...]:
    """Rows that lead to ready, by what is still missing."""
    return (
        row(id, trigger, sources, f"{says}: nothing is missing", _S.SERVING, guard="misses_nothing", then="serve"),
        row(id, trigger, sources, f"{says}: read the history of the chat", _S.RECOVERING, guard="has_chat",
            then="read_history"),
        row(id, trigger, sources, f"{says}: look for a chat of before", _S.FINDING, guard="may_have_chat", then="find"),
        row(id, trigger, sources, f"{says}: ask whether the site is open", _S.CHECKING, then="check"),
    )  # fmt: skip


_REFERENCE: tuple[Row, ...] = (
    # --- prepare ---
    row("D601", "prepare", (_S.INITIAL, _S.PREPARED, _S.OFFLINE), "fetch what the site asks before a chat", _S.PREPARING,
        then="request_parameters"),
    row("D602", "prepare", (_S.PREPARING,), "already preparing: join it"),
    refusal("D603", "prepare", (*_UNDER_WAY, _S.LOST), RefusalCode.ILLEGAL_STATE,
            "prepare is not for a chat that is connecting, connected or lost"),
    row("D604", "parameters_known", (_S.PREPARING,), "prepared; go on if the chat is wanted", _S.PREPARED,
        then="connect_if_wanted"),
    row("D605", "preparation_failed", (_S.PREPARING,), "nothing is known of the site", _S.INITIAL, then="fail_preparation"),
    # --- connect ---
    row("D606", "connect", (_S.INITIAL,), "wanted: prepare first", _S.PREPARING, guard="is_wanted", then="request_parameters"),
    *(Row(id="D607", trigger=row.trigger, sources=row.sources, says=row.says, to=row.to, then=row.then,
          guard=f"{row.guard}_if_wanted" if row.guard else "is_wanted") for row in _towards("D607", "connect", _RESTING, "wanted")),
    row("D608", "connect", (_S.INITIAL, *_RESTING), "not wanted, or out of sight"),
    row("D609", "connect", (_S.SERVING,), "ready already: said once more (S15)", then="confirm"),
    row("D610", "connect", (_S.PREPARING, *TRYING, _S.WAITING), "on its way already"),
    row("D611", "found", (_S.FINDING,), "a chat of before is there: read its history", _S.RECOVERING, then="read_history"),
    row("D612", "found_none", (_S.FINDING, _S.RECOVERING), "there is none: ask whether the site is open", _S.CHECKING,
        then="check"),
    row("D613", "available", (_S.CHECKING,), "a chat was found meanwhile: read its history", _S.RECOVERING,
        guard="is_behind", then="read_history"),
    row("D613", "available", (_S.CHECKING,), "the site is open", _S.SERVING, then="serve"),
    row("D614", "unavailable", (_S.CHECKING,), "the site is closed", _S.OFFLINE, then="be_offline"),
    row("D615", "caught_up", (_S.RECOVERING,), "the history is read: nothing is missing", _S.SERVING, then="serve"),
    row("D616", "attempt_failed", TRYING, "the first attempt is not tried again", _S.PREPARED, guard="is_first",
        then="give_up"),
    row("D617", "attempt_failed", TRYING, "try again in a while", _S.WAITING, guard="may_retry", then="wait"),
    row("D618", "attempt_failed", TRYING, "the attempts are used up", _S.LOST, then="give_up"),
    row("D619", "refused", TRYING, "the site's settings are wrong", _S.PREPARED, guard="is_first", then="give_up"),
    row("D620", "refused", (*TRYING, _S.SERVING), "the site's settings are wrong", _S.LOST, then="give_up"),
    # --- loss and return ---
    row("D621", "poll_lost", (_S.SERVING,), "the poll failed: try again in a while", _S.WAITING, guard="may_retry", then="wait"),
    row("D622", "poll_lost", (_S.SERVING,), "the attempts are used up", _S.LOST, then="give_up"),
    row("D623", "doubt", (_S.SERVING, _S.OFFLINE), "something is in doubt: read the history", _S.RECOVERING, then="read_history"),
    *_towards("D624", "wait_elapsed", (_S.WAITING,), "tried again"),
    *_towards("D625", "network_returned", (_S.WAITING,), "there is a network again"),
    # --- away, and no more ---
    row("D626", "background", (*_UNDER_WAY,), "out of sight: rest, the intent stays", _S.PREPARED, then="stop_trying"),
    row("D627", "background", (_S.INITIAL, _S.PREPARING, *_RESTING), "nothing is under way, or it finishes by itself"),
    row("D628", "disconnect", (*_UNDER_WAY, _S.OFFLINE, _S.LOST), "no longer wanted", _S.PREPARED, then="leave"),
    row("D629", "disconnect", (_S.INITIAL, _S.PREPARING, _S.PREPARED), "nothing is under way, or it finishes by itself",
        then="leave"),
    row("D630", "sign_out", tuple(s for s in STATES if s is not _S.SIGNING_OUT), "stop all, then forget all", _S.SIGNING_OUT,
        then="forget"),
    row("D631", "cleared", (_S.SIGNING_OUT,), "all is forgotten", _S.INITIAL, then="tell_signed_out"),
    row("D632", "sign_out", (_S.SIGNING_OUT,), "signing out already: join it"),
    refusal("D633", "prepare", (_S.SIGNING_OUT,), RefusalCode.ILLEGAL_STATE, "the chat is signing out"),
    row("D634", "connect", (_S.SIGNING_OUT,), "wanted again, after it"),
    row("D635", "background", (_S.SIGNING_OUT,), "it finishes by itself"),
    row("D636", "disconnect", (_S.SIGNING_OUT,), "it finishes by itself"),
)  # fmt: skip

ROWS: tuple[Row, ...] = (
    *_REFERENCE,
    *others("D637", STATES, _REFERENCE, sorted({row.trigger for row in _REFERENCE} - {"prepare", "connect"}),
            "nothing is under way that it could belong to"),
)  # fmt: skip
"""D637 stands for all that comes too late."""
