"""Rows D734, D735, D737, D739 and D740: what may be asked of any chat, and what belongs to none."""

import pytest

from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.brightpattern.chat_table import LIVE, TERMINAL
from deskline_core.brightpattern.chat_table import ChatStage as C
from deskline_core.brightpattern.conversation import CONVERSATION
from deskline_core.brightpattern.replies import unanswered
from deskline_core.lifecycle import EndReason, MessageStatus
from tests.core.brightpattern.alone import AGENT, CHAT, SEND, Alone, ready, talking
from tests.core.brightpattern.standing import at_stage
from tests.core.every_request import right_fields

SHOWN = (*LIVE, C.ENDING, *TERMINAL)
LATE = {
    "made": (C.REQUESTING,), "found": (C.REQUESTING,), "start_refused": (C.REQUESTING,),
    "start_unavailable": (C.REQUESTING,), "start_failed": (C.REQUESTING,), "cancel": (C.REQUESTING,),
    "attach": (C.IDLE,), "attach_failed": (), "history_read": (C.REQUESTING, *LIVE, C.ENDING),
    "history_gone": (C.REQUESTING, *LIVE, C.ENDING), "posted": SHOWN, "post_refused": SHOWN,
    "post_gone": (*LIVE, C.ENDING), "last_news_elapsed": (*LIVE, C.ENDING), "post_doubtful": SHOWN,
    "end_taken": (C.ENDING,), "end_elapsed": (C.ENDING,), "end_failed": (C.ENDING,), "end_refused": (C.ENDING,),
    "wrap_up_elapsed": tuple(LIVE[:-1]),
    "polled": (*LIVE, C.ENDING), "poll_failed": (*LIVE, C.ENDING), "poll_crowded": (*LIVE, C.ENDING),
    "poll_refused": (*LIVE, C.ENDING), "poll_gone": (*LIVE, C.ENDING), "background": (*LIVE, C.ENDING),
    "foreground": (*LIVE, C.ENDING), "device": (*LIVE, C.ENDING), "drop_out": (C.IDLE, C.REQUESTING, *LIVE, C.ENDING),
}  # fmt: skip
"""Where each trigger that no app asks for means something."""
REQUESTS: dict[str, type[i.AppRequest]] = {
    "wrap_up": i.WrapUp, "end": i.EndThread, "case": i.LoadMore, "form": i.SubmitForm, "tell": i.StartTyping,
    "mark_read": i.MarkRead, "open": i.OpenThread, "fetch": i.FetchFile,
}  # fmt: skip


def stage(chat: Alone) -> str:
    """Return where the current chat stands."""
    return chat.leaf.desk.current.leaf


@pytest.mark.row("D734")
def test_opening_a_chat_that_is_known_does_nothing() -> None:
    for shown in SHOWN:
        chat = at_stage(shown)
        assert chat.ask(i.OpenThread, thread=CHAT) == ["OpenThread answered"], shown
        assert chat.answers[chat.asked] == CHAT


@pytest.mark.row("D735")
def test_pictures_can_be_fetched_of_any_chat_that_was_shown() -> None:
    for shown in SHOWN:
        chat = at_stage(shown)
        chat.leaf.news.people.clear()
        (word,) = chat.ask(i.FetchPhoto, thread=CHAT, party="nobody")
        assert word.startswith("FetchPhoto refused"), shown
        assert chat.refusal[0] != "illegal_state"
        if AGENT in chat.leaf.desk.current.parties_by_id:
            assert chat.ask(i.FetchPhoto, thread=CHAT, party=AGENT) == ["GET profilephotos"]


@pytest.mark.row("D737")
def test_another_customer_finds_nothing_of_the_last_one_s_chats() -> None:
    for alive in (C.IDLE, C.REQUESTING, *LIVE, C.ENDING):
        chat = at_stage(alive)
        last = chat.leaf.desk.current
        words = chat.ask(i.SignOut)
        ended = [word for word in words if word.startswith("ended")]
        assert ended == (["ended lost"] if alive in (*LIVE, C.ENDING) else []), alive
        assert last.leaf == (C.LOST if alive in (*LIVE, C.ENDING) else C.IDLE)
        chat.saved()
        assert (dict(chat.session.threads), chat.open_calls().count("GET events")) == ({}, 0)
    chat = talking()
    chat.ask(i.SendMessage, thread=CHAT, text="secret")
    chat.ask(i.SignOut)
    assert chat.told(e.ThreadEnded)[0].reason is EndReason.LOST
    assert chat.told(e.MessageStatusChanged)[-1].status in (MessageStatus.SENDING, MessageStatus.FAILED)


@pytest.mark.row("D739")
def test_what_has_not_begun_can_be_asked_nothing() -> None:
    for state in (C.IDLE, C.REQUESTING):
        for trigger, kind in REQUESTS.items():
            chat = at_stage(state)
            chat.session.requests.accept(99)
            chat.leaf.desk.current.fire(trigger, kind(request=99, **right_fields(kind, CHAT)))
            chat._asked = [kind.__name__] * 99
            assert chat.put(i.Tick()) == [f"{kind.__name__} refused illegal_state"], (state, trigger)


@pytest.mark.row("D740")
def test_what_belongs_to_nothing_under_way_changes_nothing() -> None:
    assert set(LATE) <= set(CONVERSATION.triggers)
    for trigger, meant in LATE.items():
        for state in C:
            if state not in meant:
                chat = at_stage(state)
                before = chat.open_calls()
                chat.leaf.desk.current.fire(trigger, unanswered("late", unsent=False))
                assert chat.put(i.Tick()) == [], (trigger, state)
                assert (stage(chat), chat.open_calls()) == (state, before)


def test_an_unknown_thread_is_refused_whatever_is_asked_of_it() -> None:
    chat = ready()
    kinds: list[type[i.AppRequest]] = [*REQUESTS.values(), i.SendMessage, i.CloseCase, i.FetchPhoto]
    for kind in kinds:
        assert chat.ask(kind, **right_fields(kind, "no such thread")) == [f"{kind.__name__} refused unknown_thread"]
    assert SEND not in chat.open_calls()
