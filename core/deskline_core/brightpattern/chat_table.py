"""A Bright Pattern chat as a table: rows B1-B61 of the reference, section 15.

A chat is one run of a scenario at the far side, and one conversation for the app. Its stage tells who serves it;
``open`` for the app are the stages that take messages. What the table leaves open has rows of its own, D701-D746.
"""

from enum import StrEnum

from ..errors import RefusalCode
from ..lifecycle import ThreadState
from ..machine import Row, others, refusal, row
from ..model import Stage

__all__ = ["LIVE", "OPEN", "ROWS", "STAGES", "STATES", "TERMINAL", "ChatStage", "project"]


class ChatStage(StrEnum):
    """The states of section 15."""

    IDLE = "idle"
    REQUESTING = "requesting"
    SCRIPTED = "scripted"
    QUEUED = "queued"
    CONNECTING = "connecting"
    CONNECTED = "connected"
    WRAPPING = "wrapping"
    COMPLETED = "completed"
    ENDING = "ending"
    ENDED = "ended"
    TIMED_OUT = "timed out"
    FAILED = "failed"
    LOST = "lost"


_S = ChatStage
STATES = tuple(ChatStage)
OPEN = (_S.SCRIPTED, _S.QUEUED, _S.CONNECTING, _S.CONNECTED, _S.WRAPPING)
LIVE = (*OPEN, _S.COMPLETED)
TERMINAL = (_S.ENDED, _S.TIMED_OUT, _S.FAILED, _S.LOST)
_SERVED = (_S.SCRIPTED, _S.QUEUED, _S.CONNECTING, _S.CONNECTED)
_THERE = (*LIVE, _S.ENDING)
_NOT_THERE = (_S.IDLE, _S.REQUESTING)

STAGES: dict[str, Stage] = {
    _S.SCRIPTED: Stage.SCRIPTED,
    _S.QUEUED: Stage.QUEUED,
    _S.CONNECTING: Stage.CONNECTING,
    _S.CONNECTED: Stage.CONNECTED,
    _S.WRAPPING: Stage.WRAPPING,
    _S.COMPLETED: Stage.COMPLETED,
}
"""What the app is told of who serves it."""


def project(state: str) -> ThreadState:
    """Return the app's word: a chat that is not made yet is shown to no app, and one that is being ended is open."""
    if state in _NOT_THERE:
        return ThreadState.NONE
    return ThreadState.ENDED if state in TERMINAL else ThreadState.OPEN


_ILLEGAL = RefusalCode.ILLEGAL_STATE
_OVER = RefusalCode.THREAD_ENDED
_BY_WORD = (
    ("says_queued", _S.QUEUED), ("says_connecting", _S.CONNECTING), ("says_connected", _S.CONNECTED),
    ("says_completed", _S.COMPLETED), ("says_failed", _S.FAILED), (None, _S.SCRIPTED),
)  # fmt: skip


def _by_word(id: str, trigger: str, says: str, then: str) -> tuple[Row, ...]:
    """Rows that go where the far side's word for the state leads; an unknown word is the scenario's (B4)."""
    return tuple(
        Row(id=id, trigger=trigger, sources=(_S.REQUESTING,), guard=guard, to=to, then=then, says=f"{says}: {to}")
        for guard, to in _BY_WORD
    )


_BEGINNING: tuple[Row, ...] = (
    row("B1", "check", (_S.IDLE,), "ask whether the site is open", then="ask_availability"),
    row("B2", "start", (_S.IDLE,), "request a chat", _S.REQUESTING, then="request"),
    row("B2", "start", TERMINAL, "a new chat takes the place of one that is over", then="give_way"),
    row("D701", "start", _NOT_THERE[1:], "whoever wants the current one waits for it, too", guard="may_reuse", then="join_start"),
    refusal("B3", "start", (_S.REQUESTING,), _ILLEGAL, "a chat is being requested already"),
    row("D745", "start", LIVE, "only its last news are waited for: the new one begins when it has ended",
        guard="is_over_there", then="hold_start"),
    row("D702", "start", LIVE, "whoever wants the current one has it", guard="may_reuse", then="grant_started"),
    refusal("D703", "start", LIVE, _ILLEGAL, "there is one conversation at a time; end it first"),
    row("D704", "start", (_S.ENDING,), "it begins when this one has ended", then="hold_start"),
    row("B9", "made", (_S.REQUESTING,), "nobody wants it any more: a late session must not stay alive", _S.ENDING,
        guard="is_late", then="end_late"),
    *_by_word("B4", "made", "a new chat; keep its id, poll", "begin"),
    row("D705", "found", (_S.REQUESTING,), "a repeated request made it, and nobody wants it any more", _S.ENDING,
        guard="is_late", then="end_late"),
    *_by_word("B5", "found", "an earlier session is still alive; read its history before the poll", "begin_with_history"),
    row("B6", "start_refused", (_S.REQUESTING,), "the site's settings are wrong", _S.IDLE, then="give_up_start"),
    row("B7", "start_unavailable", (_S.REQUESTING,), "no chat server: the app may try again", _S.IDLE, then="give_up_start"),
    row("B8", "start_failed", (_S.REQUESTING,), "repeat it: a session that was made comes back", guard="may_repeat",
        then="repeat_start"),
    row("B8", "start_failed", (_S.REQUESTING,), "the attempts are used up", _S.IDLE, then="give_up_start"),
    row("B9", "cancel", (_S.REQUESTING,), "nobody waits for it any more", then="note_cancel"),
    row("B10", "attach", (_S.IDLE,), "look whether a chat of before is still there", _S.REQUESTING),
    *_by_word("B10", "history_read", "it is: go on with it", "recovered"),
    row("B10", "history_gone", (_S.REQUESTING,), "it is not: forget its id", _S.IDLE, then="forget_id"),
    row("D706", "attach_failed", (_S.REQUESTING,), "nobody can tell now; its id is kept", _S.IDLE, guard="is_looked_for"),
)  # fmt: skip

_STATUS: tuple[Row, ...] = (
    row("B11", "status_ivr", OPEN, "the scenario is in control", _S.SCRIPTED, then="note_status"),
    row("B12", "status_queued", _SERVED, "it waits for an agent", _S.QUEUED, then="note_status"),
    row("B13", "status_connecting", _SERVED, "an agent is reserved", _S.CONNECTING, then="note_status"),
    row("B14", "status_connected", _SERVED, "an agent talks to the customer", _S.CONNECTED, then="note_status"),
    row("B15", "status_queued", (_S.WRAPPING,), "the scenario gave the chat to someone again", _S.QUEUED, then="note_status"),
    row("B15", "status_connecting", (_S.WRAPPING,), "the scenario gave the chat to someone again", _S.CONNECTING, then="note_status"),
    row("B15", "status_connected", (_S.WRAPPING,), "the scenario gave the chat to someone again", _S.CONNECTED, then="note_status"),
    row("B16", "status_completed", LIVE, "nothing more is taken; the poll goes on", _S.COMPLETED, then="note_status"),
    row("B17", "status_failed", _THERE, "the session no longer exists", _S.FAILED),
    row("B18", "status_unknown", LIVE, "a state that nobody knows: told as it is", then="tell_unknown_status"),
)  # fmt: skip

_NEWS: tuple[Row, ...] = (
    row("B19", "party_joined", LIVE, "someone takes part", then="add_party"),
    row("B20", "party_left", LIVE, "someone no longer does", then="remove_party"),
    row("B22", "message", LIVE, "one of ours: the far side has it", guard="is_own", then="note_stored"),
    row("B21", "message", LIVE, "the other side wrote", then="receive"),
    row("B23", "receipt", LIVE, "one of ours was delivered or read", then="note_receipt"),
    row("B24", "typing", LIVE, "the other side types, or no longer does", then="note_typing"),
    row("B25", "warning", LIVE, "the customer has been silent; how long is left is not told", then="warn"),
    row("B26", "inactivity_timeout", _THERE, "the customer was silent too long", _S.TIMED_OUT),
    row("B27", "ended", _THERE, "the far side ended it", _S.ENDED),
    row("B29", "case_set", LIVE, "a case is kept about it, or no longer", then="note_case"),
    row("B30", "form_show", LIVE, "a form is asked for", then="show_form"),
    row("B31", "form_cancel", LIVE, "a form is taken back", then="withdraw_form"),
    row("D707", "shared", LIVE, "a file or place of ours: the far side has it", guard="is_own", then="note_stored"),
    row("B32", "shared", LIVE, "a file or a place of the other side's", then="receive_shared"),
    row("B33", "other", LIVE, "signals, edits, names: passed on, never fatal", then="receive_other"),
    *(row("D708", trigger, (_S.ENDING,), "it is being ended: told all the same", guard=guard, then=then)
      for trigger, guard, then in (
          ("party_joined", None, "add_party"), ("party_left", None, "remove_party"), ("message", "is_own", "note_stored"),
          ("message", None, "receive"), ("receipt", None, "note_receipt"), ("typing", None, "note_typing"),
          ("case_set", None, "note_case"), ("shared", "is_own", "note_stored"), ("shared", None, "receive_shared"),
          ("other", None, "receive_other"))),
)  # fmt: skip

_SENDING: tuple[Row, ...] = (
    row("B61", "send", OPEN, "each file is a message of its own: uploaded, then told", guard="has_files", then="queue_files"),
    row("B34", "send", OPEN, "into the outbox; whoever serves the chat sees it", then="queue_message"),
    refusal("B35", "send", TERMINAL, _OVER, "the conversation is over"),
    refusal("B35", "send", (_S.IDLE, _S.ENDING, _S.COMPLETED), _ILLEGAL, "the conversation takes no messages now"),
    refusal("D709", "send", (_S.REQUESTING,), _ILLEGAL, "the conversation has not begun"),
    row("B36", "posted", OPEN, "the far side took what was sent", then="note_posted"),
    row("D710", "posted", (_S.COMPLETED, _S.ENDING, *TERMINAL), "it took what was sent before", then="note_posted"),
    row("B37", "post_refused", OPEN, "the far side refuses it: not tried again", then="note_refused"),
    row("D711", "post_refused", (_S.COMPLETED, _S.ENDING, *TERMINAL), "it refuses what was sent before", then="note_refused"),
    row("D743", "post_gone", _THERE, "its last news may be on their way: the poll that is open brings them first",
        guard="may_be_told_more", then="await_last_news"),
    row("B38", "post_gone", LIVE, "the session is not there any more", _S.LOST),
    row("B38", "post_gone", (_S.ENDING,), "the session is not there any more: it has ended", _S.ENDED),
    row("D744", "last_news_elapsed", LIVE, "no more news came", _S.LOST),
    row("D744", "last_news_elapsed", (_S.ENDING,), "no more news came: it has ended", _S.ENDED),
    row("B39", "post_doubtful", OPEN, "nobody knows whether it arrived: the history tells", then="doubt"),
    row("D712", "post_doubtful", (_S.COMPLETED, _S.ENDING, *TERMINAL), "nobody knows whether it arrived", then="doubt"),
)  # fmt: skip

_ENDING_ROWS: tuple[Row, ...] = (
    row("B40", "wrap_up", _SERVED, "the talk with the agent ends, the scenario goes on", _S.WRAPPING, then="post_disconnect"),
    row("D742", "wrap_up", (_S.WRAPPING,), "the far side did not take it: said again", guard="is_not_left", then="post_disconnect"),
    row("B41", "wrap_up", (_S.WRAPPING,), "it is wrapped up already, or on the way there", then="join_disconnect"),
    row("D713", "wrap_up", (_S.COMPLETED, _S.ENDING), "there is nothing left to wrap up", then="grant"),
    refusal("D714", "wrap_up", TERMINAL, _OVER, "the conversation is over"),
    row("B42", "end", LIVE, "end the session; the poll goes on", _S.ENDING, then="post_end"),
    row("D715", "end", (_S.ENDING,), "it is being ended: wait for that, too", then="join_end"),
    row("D716", "end", TERMINAL, "it has ended already", then="grant"),
    row("B43", "end_taken", (_S.ENDING,), "taken: wait a while for the last news", then="await_end"),
    row("B44", "end_elapsed", (_S.ENDING,), "no more news came", _S.ENDED),
    row("B45", "end_failed", (_S.ENDING,), "said again: a repeat does no harm", then="repeat_end"),
    row("D717", "end_refused", (_S.ENDING,), "refused: nothing keeps the customer here", _S.ENDED),
    row("D718", "wrap_up_elapsed", (_S.SCRIPTED, _S.WRAPPING), "nothing more came after it was wrapped up: end it", _S.ENDING,
        guard="is_left_alone", then="post_end"),
    row("D719", "wrap_up_elapsed", OPEN, "the scenario still asks or talks"),
)  # fmt: skip

_POLLING: tuple[Row, ...] = (
    row("B47", "polled", LIVE, "nothing new: poll again, after a pause if that came too fast", guard="brought_nothing",
        then="poll_again"),
    row("B46", "polled", LIVE, "something new: poll again at once", then="poll_on"),
    row("D720", "polled", (_S.ENDING,), "nothing new: poll until the end is told", guard="brought_nothing", then="poll_again"),
    row("D720", "polled", (_S.ENDING,), "something new: poll until the end is told", then="poll_on"),
    row("B48", "poll_failed", (*LIVE, _S.ENDING), "something may be lost: wait, then read the history", then="lose_poll"),
    row("B49", "poll_crowded", (*LIVE, _S.ENDING), "another poll is open: wait longer than it is held, then read what it took", then="wait_crowded"),
    row("B50", "poll_refused", LIVE, "the site's settings are wrong", _S.FAILED),
    row("D721", "poll_refused", (_S.ENDING,), "nobody is told any more: it has ended", _S.ENDED),
    row("B51", "poll_gone", LIVE, "the session is not there any more", _S.LOST),
    row("B51", "poll_gone", (_S.ENDING,), "the session is not there any more: it has ended", _S.ENDED),
    row("B52", "background", (*LIVE, _S.ENDING), "the poll finishes, then it rests or slows down", then="rest"),
    row("B53", "foreground", (*LIVE, _S.ENDING), "the history is read if something may be lost or the poll rested, then the poll goes on",
        then="resume"),
    row("B54", "push", (*LIVE, _S.ENDING), "as if the app came to the front", guard="is_ours", then="resume_for_push"),
    row("D722", "push", (*LIVE, _S.ENDING), "it tells of somebody else's chat", then="deny_push"),
    row("B55", "push", (_S.IDLE,), "look for the chat it tells of", guard="may_attach", then="attach_by_push"),
    row("B55", "push", TERMINAL, "look for the chat it tells of", guard="is_another", then="attach_by_push"),
    row("D723", "push", (_S.IDLE, _S.REQUESTING, *TERMINAL), "nobody wants it now", then="deny_push"),
    row("B56", "device", (*LIVE, _S.ENDING), "tell where pushes go", then="subscribe"),
    row("B57", "history_read", (*LIVE, _S.ENDING), "take what is new in it", then="merge"),
    row("D746", "history_gone", _THERE, "its last news may be on their way: the poll that is open brings them first",
        guard="may_be_told_more", then="await_last_news"),
    row("B58", "history_gone", LIVE, "the session is not there any more", _S.LOST),
    row("D724", "history_gone", (_S.ENDING,), "the session is not there any more: it has ended", _S.ENDED),
)  # fmt: skip

_ASKING: tuple[Row, ...] = (
    row("B59", "case", LIVE, "ask about its case", guard="has_case", then="ask_case"),
    row("D725", "case", LIVE, "nothing is older without a case", guard="wants_more", then="grant_none"),
    refusal("D726", "case", LIVE, _ILLEGAL, "there is no case"),
    row("D727", "case", (_S.ENDING, *TERMINAL), "nothing older can be had any more", guard="wants_more", then="grant_none"),
    refusal("D728", "case", (_S.ENDING, *TERMINAL), _OVER, "the conversation is over, and its case with it"),
    row("B60", "form", LIVE, "answer a form, or decline it", guard="is_asked", then="post_form"),
    refusal("D729", "form", LIVE, _ILLEGAL, "no such form is asked for: thread.forms lists those that are"),
    refusal("D730", "form", (_S.ENDING, *TERMINAL), _OVER, "the conversation is over"),
    row("D731", "tell", OPEN, "typing, pages and signals", then="tell"),
    row("D731", "mark_read", OPEN, "read marks", then="tell"),
    row("D741", "mark_read", (_S.COMPLETED, _S.ENDING, *TERMINAL), "nobody is told any more", then="grant"),
    refusal("D732", "tell", (_S.COMPLETED, _S.ENDING), _ILLEGAL, "the conversation takes nothing more"),
    refusal("D733", "tell", TERMINAL, _OVER, "the conversation is over"),
    row("D734", "open", (*LIVE, _S.ENDING, *TERMINAL), "it is as open as it will be", then="grant_opened"),
    row("D735", "fetch", (*LIVE, _S.ENDING, *TERMINAL), "fetch a file or a picture", then="fetch"),
    row("D736", "check", tuple(s for s in STATES if s is not _S.IDLE), "ask whether the site is open, which changes nothing",
        then="ask_availability"),
    row("D737", "drop_out", (*LIVE, _S.ENDING), "another customer, or nobody any more", _S.LOST),
    row("D737", "drop_out", _NOT_THERE, "another customer, or nobody any more", _S.IDLE),
)  # fmt: skip

_REFERENCE = (*_BEGINNING, *_STATUS, *_NEWS, *_SENDING, *_ENDING_ROWS, *_POLLING, *_ASKING)
_OF_THE_FAR_SIDE = (
    *(f"status_{word}" for word in ("ivr", "queued", "connecting", "connected", "completed", "failed", "unknown")),
    "party_joined", "party_left", "message", "receipt", "typing", "warning", "inactivity_timeout", "ended", "case_set",
    "form_show", "form_cancel", "shared", "other",
)  # fmt: skip
_REQUESTS = ("wrap_up", "end", "case", "form", "tell", "mark_read", "open", "fetch", "send")
_WITHOUT_REST = (
    "made", "found", "start_refused", "start_unavailable", "start_failed", "cancel", "attach", "attach_failed",
    "history_read", "history_gone", "posted", "post_refused", "post_gone", "last_news_elapsed", "post_doubtful",
    "end_taken", "end_elapsed", "end_failed", "end_refused", "wrap_up_elapsed", "polled", "poll_failed", "poll_crowded",
    "poll_refused", "poll_gone", "background", "foreground", "device", "drop_out",
)  # fmt: skip

ROWS: tuple[Row, ...] = (
    *_REFERENCE,
    *others("B28", TERMINAL, _REFERENCE, _OF_THE_FAR_SIDE, "it is over: what still comes is dropped, a second end, too"),
    *others("D738", (_S.IDLE, _S.REQUESTING, _S.COMPLETED, _S.ENDING), _REFERENCE, _OF_THE_FAR_SIDE,
            "nothing that counts in this stage"),
    *others("D739", _NOT_THERE, _REFERENCE, _REQUESTS, "there is no conversation yet", refuse=_ILLEGAL),
    *others("D740", STATES, _REFERENCE, _WITHOUT_REST, "nothing is under way that it could belong to"),
)  # fmt: skip
"""B28 stands for all that comes too late."""
