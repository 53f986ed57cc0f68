"""What is sent to Bright Pattern and what is told of it, in every stage of a chat: rows B22, B23, B34-B39, B61."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from deskline_core import inputs as i
from deskline_core.brightpattern.chat_table import LIVE, OPEN, TERMINAL
from deskline_core.brightpattern.chat_table import ChatStage as C
from deskline_core.model import Upload
from tests.core.brightpattern.alone import (
    AGENT,
    CHAT,
    ENDED,
    HISTORY,
    POLL,
    SEND,
    TIMED_OUT,
    Alone,
    at,
    said,
    status,
    talking,
)
from tests.core.brightpattern.standing import at_stage, unheard

LATE: Final = (C.COMPLETED, C.ENDING, *TERMINAL)
NOTE: Final = Upload(name="note.txt", content=b"note", mime_type="text/plain")
_MOVES: Final[dict[str, Callable[[Alone], object]]] = {
    C.SCRIPTED: lambda chat: chat.hear(status("ivr")),
    C.QUEUED: lambda chat: chat.hear(status("queued")),
    C.CONNECTING: lambda chat: chat.hear(status("connecting")),
    C.CONNECTED: lambda _: None,
    C.WRAPPING: lambda chat: chat.ask(i.WrapUp, thread=CHAT),
    C.COMPLETED: lambda chat: chat.hear(status("completed")),
    C.ENDING: lambda chat: chat.ask(i.EndThread, thread=CHAT),
    C.ENDED: lambda chat: chat.hear(ENDED),
    C.TIMED_OUT: lambda chat: chat.hear(TIMED_OUT),
    C.FAILED: lambda chat: chat.hear(status("failed")),
    C.LOST: lambda chat: chat.deny(POLL, "5005"),
}


def send(chat: Alone, **more: Any) -> list[str]:
    return chat.ask(i.SendMessage, thread=CHAT, **{"text": "Hello", **more})


def under_way(stage: str) -> Alone:
    """Return a chat in this stage, with a message that is posted and not answered."""
    chat = talking()
    send(chat)
    _MOVES[stage](chat)
    assert chat.leaf.desk.current.leaf == stage
    assert chat.open_calls().count(SEND) == 1
    return chat


def statuses(chat: Alone) -> list[str]:
    return [message.status for message in chat.thread.messages]


# --- what the app sends ---


@pytest.mark.row("B34")
@pytest.mark.parametrize("stage", OPEN)
def test_an_open_chat_takes_messages(stage: str) -> None:
    chat = at_stage(stage)
    assert send(chat)[:2] == ["message queued", "SendMessage answered"]


@pytest.mark.row("B61")
@pytest.mark.parametrize("stage", OPEN)
def test_an_open_chat_takes_files(stage: str) -> None:
    chat = at_stage(stage)
    assert send(chat, attachments=(NOTE,)) == [
        "message queued", "message queued", "SendMessage answered", "message uploading", "POST files",
    ]  # fmt: skip


@pytest.mark.row("B35")
@pytest.mark.parametrize("stage", TERMINAL)
def test_a_chat_that_is_over_takes_none(stage: str) -> None:
    chat = at_stage(stage)
    assert send(chat) == ["SendMessage refused thread_ended"]
    assert chat.refusal[1:] == ("the conversation is over", "begin a new one")


@pytest.mark.row("B35")
@pytest.mark.parametrize("stage", [C.IDLE, C.COMPLETED, C.ENDING])
def test_a_chat_takes_none_where_the_far_side_would_not(stage: str) -> None:
    chat = at_stage(stage)
    chat.leaf.desk.threads[CHAT] = chat.leaf.desk.current  # no app is shown an idle one
    assert send(chat) == ["SendMessage refused illegal_state"]
    assert chat.refusal[1:] == ("the conversation takes no messages now", f"the conversation is {stage}")


@pytest.mark.row("D709")
def test_a_chat_takes_none_before_it_has_begun() -> None:
    chat = at_stage(C.REQUESTING)
    chat.leaf.desk.threads[CHAT] = chat.leaf.desk.current  # no app is shown one
    assert send(chat) == ["SendMessage refused illegal_state"]
    assert chat.refusal[1] == "the conversation has not begun"


# --- what comes of it ---


@pytest.mark.row("B36")
@pytest.mark.parametrize("stage", OPEN)
def test_what_is_taken_is_sent(stage: str) -> None:
    chat = under_way(stage)
    assert chat.reply(SEND)[0] == "message sent"


@pytest.mark.row("D710")
@pytest.mark.parametrize("stage", LATE)
def test_what_is_taken_late_is_sent_all_the_same(stage: str) -> None:
    chat = under_way(stage)
    assert chat.reply(SEND)[0] == "message sent"


@pytest.mark.row("B37")
@pytest.mark.parametrize("stage", OPEN)
def test_what_is_refused_has_failed(stage: str) -> None:
    chat = under_way(stage)
    assert chat.deny(SEND, "5003", 400)[0] == "message failed"
    assert chat.open_calls().count(SEND) == (stage == C.WRAPPING)


@pytest.mark.row("D711")
@pytest.mark.parametrize("stage", LATE)
def test_what_is_refused_late_has_failed_all_the_same(stage: str) -> None:
    chat = under_way(stage)
    assert chat.deny(SEND, "5003", 400)[0] == "message failed"


@pytest.mark.row("B38")
@pytest.mark.parametrize("stage", LIVE)
def test_a_session_that_is_not_there_is_lost(stage: str) -> None:
    chat = unheard(under_way(stage))
    assert "ended lost" in chat.deny(SEND, "5005")
    assert chat.leaf.desk.current.leaf == C.LOST
    assert statuses(chat) == ["failed"]


@pytest.mark.row("B38")
def test_a_session_that_is_not_there_though_it_is_being_ended_has_ended() -> None:
    chat = unheard(under_way(C.ENDING))
    assert "ended customer" in chat.deny(SEND, "5005")
    assert chat.leaf.desk.current.leaf == C.ENDED


@pytest.mark.row("D743")
@pytest.mark.parametrize("stage", [*LIVE, C.ENDING])
def test_where_a_poll_is_open_it_brings_the_last_words_before_the_end(stage: str) -> None:
    chat = under_way(stage)
    assert chat.deny(SEND, "5005") == ["message failed"]
    assert chat.open_calls() == [POLL]
    words = [word for word in chat.hear(said("Goodbye"), ENDED) if word.startswith(("heard", "ended"))]
    assert words == ["heard Goodbye", "ended customer" if stage in (C.WRAPPING, C.ENDING) else "ended agent"]
    assert chat.leaf.desk.current.leaf == C.ENDED


@pytest.mark.row("D744")
@pytest.mark.parametrize("stage", LIVE)
def test_a_session_that_is_not_there_is_lost_when_no_last_words_come(stage: str) -> None:
    chat = under_way(stage)
    chat.deny(SEND, "5005")
    assert chat.wait(9.9) == []
    assert "ended lost" in chat.wait(0.1)
    assert chat.leaf.desk.current.leaf == C.LOST


@pytest.mark.row("D744")
def test_a_session_that_is_not_there_though_it_is_being_ended_has_ended_when_no_last_words_come() -> None:
    chat = under_way(C.ENDING)
    chat.deny(SEND, "5005")
    assert chat.wait(9.9) == []
    assert "ended customer" in chat.wait(0.1)
    assert chat.leaf.desk.current.leaf == C.ENDED


@pytest.mark.row("B39")
@pytest.mark.parametrize("stage", OPEN)
def test_what_is_in_doubt_is_looked_for(stage: str) -> None:
    chat = under_way(stage)
    assert chat.fail(SEND) == ["message uncertain", "chat connected", HISTORY]


@pytest.mark.row("D712")
@pytest.mark.parametrize("stage", [C.COMPLETED, C.ENDING])
def test_what_is_in_doubt_late_is_looked_for_while_the_chat_lives(stage: str) -> None:
    chat = under_way(stage)
    words = chat.fail(SEND)
    assert (words[0], words[-1]) == ("message uncertain", HISTORY)


@pytest.mark.row("D712")
@pytest.mark.parametrize("stage", TERMINAL)
def test_what_is_in_doubt_stays_so_when_the_chat_is_over(stage: str) -> None:
    chat = under_way(stage)
    assert chat.fail(SEND) == ["message uncertain"]


# --- what the far side tells ---


@pytest.mark.row("B22")
@pytest.mark.parametrize("stage", LIVE)
def test_ours_that_comes_back_is_no_news(stage: str) -> None:
    chat = under_way(stage)
    own = said("Hello", id=chat.thread.messages[0].id, party=CHAT)
    assert chat.hear(own)[0] == "message delivered"
    assert [(message.text, message.status) for message in chat.thread.messages] == [("Hello", "delivered")]


@pytest.mark.row("B23")
@pytest.mark.parametrize("stage", LIVE)
def test_ours_that_was_read_is_seen(stage: str) -> None:
    chat = under_way(stage)
    read = {"event": "chat_session_message_read", "party_id": AGENT, "ref_msg_id": chat.thread.messages[0].id}
    assert chat.hear(read)[0] == "message seen"


@pytest.mark.row("D707")
@pytest.mark.parametrize("stage", LIVE)
def test_a_file_of_ours_that_comes_back_is_no_news(stage: str) -> None:
    chat = talking()
    send(chat, text="", attachments=(NOTE,))
    chat.reply("POST files", {"file_id": "F1"})
    _MOVES[stage](chat)
    own = {
        "event": "chat_session_file", "party_id": CHAT, "msg_id": chat.thread.messages[0].id, "file_id": "F1",
        "timestamp": at(0),
    }  # fmt: skip
    assert chat.hear(own)[0] == "message delivered"
    assert statuses(chat) == ["delivered"]
