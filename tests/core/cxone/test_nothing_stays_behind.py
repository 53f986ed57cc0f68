"""What waits for something goes on as soon as that is there, whichever way it came about."""

from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.model import Upload
from deskline_core.policy import Policy
from tests.core.cxone.alone import THREAD, Alone, configuration, reach, with_thread
from tests.core.cxone.logins import logged_in

QUIET = Policy(heartbeat=1e6)
NOTE = Upload(name="note.txt", content=b"a mug", mime_type="text/plain")


def back(chat: Alone) -> None:
    """Open the next socket of a chat that was lost, and let all threads be recovered."""
    chat.wait_next()
    chat.opened()
    chat.answer("AuthorizeCustomer", "ConsumerAuthorized", {})


def test_a_live_chat_whose_beginning_never_arrived_begins_after_all() -> None:
    chat = reach(S.SERVING, "live", policy=QUIET)
    chat.ask(i.StartThread)
    assert chat.wait(10)[-1] == "frame RecoverLivechat"  # nobody answered the beginning
    words = chat.answer("RecoverLivechat", "LivechatRecovered", {"messages": []})
    assert words == ["thread pending", "frame SendMessage"]


def test_messages_parked_for_a_renewal_go_when_it_fails_and_the_old_token_is_still_good() -> None:
    chat = logged_in(secured=True, policy=Policy(heartbeat=1e6, token_margin=300))
    assert chat.wait(3300) == ["POST token"]
    chat.ask(i.StartThread)
    thread = str(chat.answers[chat.asked])
    assert "frame SendMessage" not in chat.ask(i.SendMessage, thread=thread, text="still here")
    assert "frame SendMessage" in chat.fail("POST token")


def test_fields_set_while_a_thread_was_being_archived_go_after_a_loss() -> None:
    chat = with_thread("multi", policy=QUIET)
    chat.ask(i.ArchiveThread, thread=THREAD)
    chat.ask(i.SetThreadFields, thread=THREAD, fields=(("topic", "mug"),))
    chat.closed()
    assert chat.leaf.line.exchanges == {}  # nothing is begun on a line that is gone
    back(chat)
    recovered: dict[str, Any] = {
        "thread": {"id": THREAD, "idOnExternalPlatform": THREAD, "canAddMoreMessages": True},
        "contact": {"id": "48215077", "status": "open"},
        "messages": [],
    }
    words = chat.answer("RecoverThread", "ThreadRecovered", recovered)
    words += chat.answer("FetchThreadList", "ThreadListFetched", {"threads": [recovered["thread"]]})
    assert "frame SetContactCustomFields" in words


@pytest.mark.parametrize("answer", ["refused", "silent"])
def test_a_message_that_waited_for_its_file_goes_when_its_thread_is_not_archived_after_all(answer: str) -> None:
    chat = with_thread("multi", policy=QUIET)
    chat.ask(i.SendMessage, thread=THREAD, text="here it is", attachments=(NOTE,))
    chat.ask(i.ArchiveThread, thread=THREAD)
    assert "frame SendMessage" not in chat.reply("POST file", {"fileUrl": "https://files.example.test/n"})
    words = chat.deny("ArchiveThread", "ArchivingThreadFailed") if answer == "refused" else chat.wait(10)
    assert "frame SendMessage" in words


@pytest.mark.parametrize("size", ["1e305", 1e300, "1e999", -1, "nonsense"])
def test_a_limit_of_files_beyond_all_measure_is_none(size: object) -> None:
    chat = Alone(policy=QUIET)
    chat.ask(i.Prepare)
    words = chat.reply(
        "GET configuration",
        configuration("single", secured=False, files={"allowedFileSize": size, "isAttachmentsEnabled": True}),
    )
    assert words == ["save identity"]
