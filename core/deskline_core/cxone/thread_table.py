"""One conversation as a table: rows T1-T31 of the lifecycle reference.

A thread that does not exist yet is in ``none``; ``ended`` is absorbing. Refused requests carry a code; a row with
neither destination nor refusal admits the request or the news, and ``then`` says what follows.
"""

from ..errors import RefusalCode
from ..lifecycle import ThreadState
from ..machine import Row, others, refusal, row

__all__ = ["ROWS", "STATES"]

_S = ThreadState
STATES = tuple(ThreadState)
EXISTING = tuple(state for state in STATES if state is not _S.NONE)
UNDER_WAY = (_S.PENDING, _S.RECEIVED, _S.LOADED, _S.RECOVERING, _S.OPEN, _S.ARCHIVING)
ON_PLATFORM = (_S.RECEIVED, _S.LOADED, _S.RECOVERING, _S.OPEN, _S.ARCHIVING)
_NOT_OPEN = tuple(state for state in UNDER_WAY if state is not _S.OPEN)

_ENDED = RefusalCode.THREAD_ENDED
_ILLEGAL = RefusalCode.ILLEGAL_STATE
_UNSUPPORTED = RefusalCode.NOT_SUPPORTED

_REFERENCE: tuple[Row, ...] = (
    # --- create ---
    refusal("T2", "create", (_S.NONE,), RefusalCode.MISSING_ANSWERS, "required answers of the survey are missing",
             guard="lacks_answers"),
    row("T1", "create", (_S.NONE,), "a new thread, known to this side only", _S.PENDING, then="begin"),
    refusal("T3", "create", UNDER_WAY, _UNSUPPORTED, "a single-thread channel has one thread, and it exists",
             guard="is_single"),
    refusal("T2", "create", (*UNDER_WAY, _S.ENDED), RefusalCode.MISSING_ANSWERS, "required answers of the survey are missing",
             guard="lacks_answers_of_next"),
    row("T4", "create", UNDER_WAY, "the contact is being ended: a new conversation takes its place", _S.ENDED,
         guard="is_being_ended", then="give_way"),
    row("T4", "create", (_S.ENDED,), "the old conversation is over: a new one takes its place", then="give_way"),
    # --- pending ---
    row("T5", "send", (_S.PENDING,), "the message waits; the first one creates the thread on the far side", then="queue_message"),
    row("T6", "message_created", (_S.PENDING,), "the far side knows the thread now", _S.OPEN),
    row("T6", "acknowledged", (_S.PENDING,), "the far side accepted the first message", _S.OPEN),
    row("T7", "rename", (_S.PENDING,), "the name travels with the first message", guard="is_multi", then="rename_locally"),
    row("T8", "archive", (_S.PENDING,), "the far side does not know the thread: ended here", _S.ENDED, guard="is_multi",
         then="archive_locally"),
    row("T9", "mark_read", (_S.PENDING,), "nothing to read", then="grant"),
    refusal("T10", "end_contact", (_S.PENDING,), _ILLEGAL, "the far side knows no contact of this thread yet"),
    row("T11", "open", (_S.PENDING,), "nothing to load", then="grant_opened"),
    row("T12", "recover_failed", (_S.PENDING,), "there was nothing to recover: the pending thread stays"),
    # --- load and recover ---
    row("T13", "metadata_loaded", (_S.RECEIVED,), "last message and owner are known", _S.LOADED),
    row("T14", "open", (_S.RECEIVED, _S.LOADED), "load the history", _S.RECOVERING, then="recover"),
    row("T15", "recovered_open", (_S.RECOVERING,), "history and contact are known", _S.OPEN),
    row("T15", "recovered_ended", (_S.RECOVERING,), "the far side admits no more messages", _S.ENDED),
    row("T16", "recover_failed", (_S.RECOVERING,), "this thread is not to be had; the others stay", _S.ENDED,
         guard="is_multi_and_known", then="fail"),
    row("T17", "session_reconnected", (_S.OPEN,), "what was open is recovered again", _S.RECOVERING),
    row("T17", "session_reconnected", (_S.LOADED,), "its last message is asked for again", _S.RECEIVED),
    # --- open ---
    row("T18", "send", (_S.OPEN,), "the message waits for its turn", then="queue_message"),
    row("T18", "type", (_S.OPEN,), "show it to the other side", then="show_typing"),
    row("T18", "mark_read", (_S.OPEN,), "tell the other side", then="tell_read"),
    row("T18", "rename", (_S.OPEN,), "tell the far side", guard="is_multi", then="tell_name"),
    row("T18", "load_more", (_S.OPEN,), "ask for older messages", then="ask_more"),
    row("T18", "transcript", (_S.OPEN,), "ask for the transcript", guard="may_have_transcript", then="ask_transcript"),
    row("T19", "archive", (_S.LOADED, _S.OPEN), "ask the far side, and wait for it", _S.ARCHIVING, guard="is_multi",
         then="ask_archive"),
    row("T19", "archived", (_S.ARCHIVING,), "the far side archived it", _S.ENDED),
    row("T19", "archive_failed", (_S.ARCHIVING,), "not archived: as before", _S.OPEN, guard="was_open"),
    row("T19", "archive_failed", (_S.ARCHIVING,), "not archived: as before", _S.LOADED),
    refusal("T20", "end_contact", (_S.OPEN,), _UNSUPPORTED, "only a live chat has a contact to end", guard="is_not_live"),
    refusal("T20", "end_contact", (_S.OPEN,), _ILLEGAL, "the contact's number is not known yet", guard="lacks_contact"),
    row("T20", "end_contact", (_S.OPEN,), "tell the far side, and wait for its confirmation", then="ask_end"),
    row("T21", "case_closed", (_S.LOADED, _S.OPEN, _S.RECOVERING), "the contact is closed: the thread ends", _S.ENDED,
         guard="ends_with_case"),
    # --- ended ---
    row("T22", "message_created", (_S.ENDED,), "data is merged; the thread stays ended"),
    row("T22", "assignee_changed", (_S.ENDED,), "data is merged; the thread stays ended"),
    row("T22", "agent_typed", (_S.ENDED,), "the thread stays ended"),
    refusal("T23", "send", (_S.ENDED,), _ENDED, "the thread has ended"),
    refusal("T24", "type", (_S.ENDED,), _ENDED, "the thread has ended"),
    refusal("T24", "rename", (_S.ENDED,), _ENDED, "the thread has ended"),
    row("T25", "mark_read", (_S.ENDED,), "nothing to tell", then="grant"),
    refusal("T26", "archive", (_S.ENDED,), _ENDED, "the thread has ended"),
    row("T27", "end_contact", (_S.ENDED,), "it has ended already", then="grant"),
    row("T28", "open", (_S.ENDED,), "nothing more will come", guard="is_not_live", then="grant_opened"),
    row("T29", "open", (_S.ENDED,), "its history is asked for; it stays ended", then="recover"),
    row("T30", "transcript", (_S.ENDED,), "a transcript may be asked for afterwards", guard="may_have_transcript",
         then="ask_transcript"),
    row("T31", "message_created", (_S.NONE,), "a thread made elsewhere: ask for its metadata", _S.RECEIVED, guard="is_multi",
         then="ask_metadata"),
    row("T31", "message_created", (_S.NONE,), "a thread that is not ours: dropped and counted", then="drop"),
)  # fmt: skip

_OWN: tuple[Row, ...] = (
    row("D101", "discover", (_S.NONE,), "the far side lists a thread", _S.RECEIVED),
    row("D102", "adopt", (_S.NONE,), "the far side gave this thread for recovery without a known one", _S.RECOVERING),
    row("D103", "session_reconnected", (_S.PENDING,), "its first message may have arrived: recovered before it is given up",
         _S.RECOVERING, guard="is_in_doubt"),
    row("D104", "recover_failed", (_S.RECOVERING,), "its first message never arrived: pending as before", _S.PENDING,
         guard="was_pending"),
    row("D105", "recover_failed", (_S.RECOVERING,), "the far side knows no such thread", _S.ENDED),
    row("D134", "recover_timed_out", (_S.RECOVERING,), "no answer: as before", _S.OPEN, guard="was_open"),
    row("D134", "recover_timed_out", (_S.RECOVERING,), "no answer: as before", _S.PENDING, guard="was_pending"),
    row("D106", "recover_timed_out", (_S.RECOVERING,), "no answer: it can be opened again", _S.LOADED),
    row("D107", "case_closed", UNDER_WAY, "a closed contact does not end this thread; the next message opens another"),
    refusal("D108", "create", UNDER_WAY, _ILLEGAL, "a conversation is open: end it first"),
    refusal("D109", "rename", UNDER_WAY, _UNSUPPORTED, "only threads of a multi-thread channel have names", guard="is_not_multi"),
    refusal("D109", "archive", UNDER_WAY, _UNSUPPORTED, "only threads of a multi-thread channel are archived",
             guard="is_not_multi"),
    row("D110", "send", (_S.RECEIVED, _S.LOADED, _S.RECOVERING), "the message waits; the thread is opened first", then="queue_message"),
    refusal("D111", "send", (_S.ARCHIVING,), _ILLEGAL, "the thread is being archived"),
    row("D112", "type", (_S.PENDING, _S.RECEIVED, _S.LOADED, _S.RECOVERING, _S.ARCHIVING), "nobody can see it yet", then="grant"),
    row("D113", "mark_read", (_S.RECEIVED, _S.LOADED, _S.RECOVERING, _S.ARCHIVING), "tell the other side", then="tell_read"),
    row("D114", "rename", (_S.RECEIVED, _S.LOADED, _S.RECOVERING), "tell the far side", then="tell_name"),
    refusal("D115", "rename", (_S.ARCHIVING,), _ILLEGAL, "the thread is being archived"),
    row("D116", "archive", (_S.ARCHIVING,), "already being archived: join it", then="join_archive"),
    refusal("D117", "archive", (_S.RECEIVED, _S.RECOVERING), _ILLEGAL, "the thread is being loaded"),
    refusal("D118", "end_contact", (_S.RECEIVED, _S.LOADED, _S.RECOVERING, _S.ARCHIVING), _ILLEGAL, "the thread is not open"),
    row("D119", "open", (_S.OPEN, _S.ARCHIVING), "it is loaded", then="grant_opened"),
    row("D120", "open", (_S.RECOVERING,), "already being loaded: join it", then="join_open"),
    row("D121", "load_more", (_S.PENDING,), "there is nothing older", then="grant_none"),
    row("D122", "load_more", (_S.ENDED,), "ask for older messages", then="ask_more"),
    refusal("D123", "load_more", (_S.RECEIVED, _S.LOADED, _S.RECOVERING, _S.ARCHIVING), _ILLEGAL, "the thread is not open"),
    refusal("D124", "transcript", EXISTING, _UNSUPPORTED, "the channel does not allow transcripts", guard="lacks_transcripts"),
    refusal("D166", "transcript", EXISTING, _ILLEGAL, "there is no contact whose transcript could be sent"),
    row("D125", "message_created", (_S.RECEIVED, _S.LOADED), "news: its contact is live, its history is not loaded"),
    row("D126", "message_created", (_S.RECOVERING, _S.OPEN, _S.ARCHIVING), "data is merged"),
    row("D127", "lose", UNDER_WAY, "the far side no longer has it", _S.ENDED),
    row("D128", "recovered_open", (_S.PENDING, _S.RECEIVED, _S.LOADED), "history and contact are known", _S.OPEN),
    row("D128", "recovered_ended", (_S.PENDING, _S.RECEIVED, _S.LOADED, _S.OPEN), "the far side admits no more messages", _S.ENDED),
    row("D129", "drop_out", UNDER_WAY, "signed out: the thread is forgotten", _S.ENDED),
)  # fmt: skip

_BESIDE: tuple[Row, ...] = (
    refusal("D150", "invite", (_S.OPEN,), _UNSUPPORTED, "the channel lets nobody be invited", guard="lacks_invitations"),
    refusal("D151", "invite", (_S.OPEN,), _ILLEGAL, "the contact's number is not known yet", guard="lacks_contact"),
    row("D152", "invite", (_S.OPEN,), "ask the far side for it", then="ask_group"),
    refusal("D153", "invite", _NOT_OPEN, _ILLEGAL, "the thread is not open"),
    refusal("D154", "invite", (_S.ENDED,), _ENDED, "the thread has ended"),
    refusal("D167", "leave", UNDER_WAY, _UNSUPPORTED, "the channel has no group conversations", guard="lacks_groups"),
    refusal("D155", "leave", (_S.OPEN,), _ILLEGAL, "the contact's number is not known yet", guard="lacks_contact"),
    row("D156", "leave", (_S.OPEN,), "ask the far side for it", then="ask_group"),
    refusal("D157", "leave", _NOT_OPEN, _ILLEGAL, "the thread is not open"),
    row("D158", "leave", (_S.ENDED,), "it has ended already", then="grant"),
    row("D159", "left", UNDER_WAY, "the customer takes part in it no longer", _S.ENDED),
    refusal("D160", "preview", UNDER_WAY, _UNSUPPORTED, "the channel does not ask for what the customer is writing",
             guard="lacks_previews"),
    row("T18", "set_fields", (_S.OPEN,), "tell the far side what has changed", then="keep_fields"),
    row("D164", "set_fields", (_S.PENDING, _S.RECEIVED, _S.LOADED, _S.RECOVERING, _S.ARCHIVING),
        "they go with the first message, or when the thread is open", then="keep_fields"),
    refusal("D165", "set_fields", (_S.ENDED,), _ENDED, "the thread has ended"),
    row("D161", "preview", (_S.OPEN,), "show it to the other side", then="show_preview"),
    row("D162", "preview", _NOT_OPEN, "nobody can see it yet", then="grant"),
    refusal("D163", "preview", (_S.ENDED,), _ENDED, "the thread has ended"),
)  # fmt: skip

_DECLARED = (*_REFERENCE, *_OWN, *_BESIDE)

ROWS: tuple[Row, ...] = (
    *_DECLARED,
    *others("D130", STATES, _DECLARED, ("acknowledged", "assignee_changed", "agent_typed"), "data is merged; the state stays"),
    *others("D131", STATES, _DECLARED, ("metadata_loaded", "recovered_open", "recovered_ended", "recover_failed",
            "recover_timed_out", "session_reconnected", "archived", "archive_failed"),
            "nothing of the kind is under way: changes nothing"),
    *others("D132", STATES, _DECLARED, ("case_closed", "lose", "drop_out", "left", "discover", "adopt", "message_created"),
            "it has ended, or was never there: changes nothing"),
    *others("D133", STATES, _DECLARED, ("create", "send", "type", "mark_read", "rename", "archive", "end_contact", "open",
            "load_more", "transcript", "invite", "leave", "preview", "set_fields"), "there is no such thread", refuse=RefusalCode.UNKNOWN_THREAD),
)  # fmt: skip
