"""What the far side sent, as messages; and a history of before, told in one piece (sections 6.5 to 6.20; flow F4)."""

from typing import Any

import pytest

from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.lifecycle import MessageStatus
from deskline_core.model import ContentKind, PartyRole
from deskline_core.policy import Policy
from tests.core.brightpattern.alone import AGENT, BOT, CHAT, Alone, at, joined, said, started, status, talking, when
from tests.core.brightpattern.standing import KEPT, known

EDIT = {"event": "chat_session_message_edit", "party_id": AGENT, "ref_msg_id": "4", "timestamp": at(9)}
DELETE = {"event": "chat_session_message_delete", "ref_msg_id": "4"}
PLACE = {"event": "chat_session_location", "party_id": AGENT, "msg_id": "8", "timestamp": at(1)}
URL = {"event": "chat_session_file_url", "party_id": AGENT, "file_type": "audio", "timestamp": at(1)}


def message(chat: Alone, event: dict[str, Any]) -> Any:
    """Let the poll bring an event; return the newest message."""
    chat.hear(event)
    return chat.thread.messages[-1]


# --- one by one ---


def test_a_place_without_numbers_is_a_text() -> None:
    it = message(talking(), PLACE | {"latitude": "here", "longitude": "there"})
    assert (it.text, it.location, it.kind) == ("here, there", None, ContentKind.LOCATION)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://cdn.example/a/b%20c.ogg?x=1", "b c.ogg"),
        ("https://cdn.example/", "https://cdn.example/"),
        ("https://[broken", "https://[broken"),
    ],
)
def test_a_file_that_has_an_address_only_is_called_by_its_end(url: str, name: str) -> None:
    (file,) = message(talking(), URL | {"file_url": url}).attachments
    assert (file.name, file.url, file.mime_type) == (name, url, "audio/*")


def test_buttons_in_a_text_are_choices() -> None:
    it = message(talking(), said("Which one? /buttons [Mug][Cup]", "6", directive_id="d-1"))
    assert (it.text, it.kind) == ("Which one?", ContentKind.QUICK_REPLIES)
    assert [(choice.text, choice.postback) for choice in it.choices] == [("Mug", "d-1"), ("Cup", "d-1")]
    plain = message(talking(policy=Policy(text_directives=False)), said("Which one? /buttons [Mug][Cup]", "6"))
    assert (plain.text, plain.choices) == ("Which one? /buttons [Mug][Cup]", ())


def test_a_long_text_is_cut() -> None:
    assert message(talking(policy=Policy(max_text=5)), said("Hello there", "6")).text == "Hello"


def test_ids_of_different_parties_may_be_the_same() -> None:
    chat = talking()
    chat.hear(said("from the agent", "4"), said("from the bot", "4", BOT), said("from the agent", "4"))
    assert [it.text for it in chat.thread.messages] == ["from the agent", "from the bot"]
    chat.hear(EDIT | {"msg": "changed"}, DELETE | {"party_id": BOT})
    assert [it.text for it in chat.thread.messages] == ["changed"]


def test_a_message_without_an_id_is_known_by_what_it_holds() -> None:
    chat = talking()
    event = {key: value for key, value in said("Hello").items() if key != "msg_id"}
    chat.hear(event, event, event | {"timestamp": at(1)})
    assert [it.text for it in chat.thread.messages] == ["Hello", "Hello"]


def test_what_comes_live_stands_where_it_came_whatever_its_clock_says() -> None:
    chat = talking()
    chat.hear(said("first", "2", seconds=60), said("second", "4", seconds=5))
    assert [(it.text, it.created_at) for it in chat.thread.messages] == [("first", when(60)), ("second", when(60))]


def test_what_was_told_long_ago_is_still_known() -> None:
    chat = talking(policy=Policy(remembered_ids=2))
    chat.hear(said("a", "2"), said("b", "4"), said("c", "6"), said("d", "8"))
    assert [word for word in chat.hear(said("a", "2")) if word.startswith("heard")] == []
    assert len(chat.thread.messages) == 4


def test_a_message_of_another_device_of_the_same_customer_is_ours() -> None:
    chat = talking()
    assert chat.hear(said("from my phone", "x", CHAT))[0] == "heard from my phone"
    (it,) = chat.thread.messages
    assert (it.mine, it.status, it.party.role) == (True, MessageStatus.DELIVERED, PartyRole.CUSTOMER)
    assert chat.hear(said("from my phone", "x", CHAT, 7))[:1] == ["GET events"]


def test_ours_that_comes_back_without_a_time_keeps_its_own() -> None:
    chat = talking()
    chat.ask(i.SendMessage, thread=CHAT, text="Hi")
    chat.reply("POST events")
    (sent,) = chat.thread.messages
    undated = {key: value for key, value in said("Hi", sent.id, CHAT).items() if key != "timestamp"}
    assert chat.hear(undated)[0] == "message delivered"
    assert chat.thread.messages[0].created_at == sent.created_at


def test_ours_that_comes_back_from_nobody_is_known_by_its_id() -> None:
    chat = talking()
    chat.ask(i.SendMessage, thread=CHAT, text="Hi")
    chat.reply("POST events")
    (sent,) = chat.thread.messages
    nameless = {key: value for key, value in said("Hi", sent.id).items() if key != "party_id"}
    assert chat.hear(nameless)[0] == "message delivered"
    assert chat.hear(nameless | {"msg_id": "8"})[0] == "heard Hi"


def test_so_many_parties_take_part_as_the_policy_allows() -> None:
    chat = talking(policy=Policy(parties=1, remembered_ids=1))
    assert chat.hear(joined("B", "Noor"))[:2] == ["joined Noor", "left Mara L."]
    assert chat.thread.stage == "connected"


# --- a history ---


def history(*events: dict[str, Any]) -> Alone:
    """Return a session that found this history of a chat of before."""
    chat = known(Alone(restored=KEPT))
    chat.history(*events)
    return chat


def test_changes_in_a_history_are_in_its_page_and_not_told_beside_it() -> None:
    chat = history(said("Hello", "4"), said("Bye", "6"), EDIT | {"msg": "Hello again"}, DELETE | {"ref_msg_id": "6"})
    (page,) = chat.told(e.HistoryLoaded)
    assert [it.text for it in page.messages] == ["Hello again"]
    assert not chat.told(e.MessageUpdated)
    assert not chat.told(e.MessageDeleted)
    assert not chat.told(e.MessageReceived)


def test_receipts_in_a_history_are_in_its_page() -> None:
    read = {"event": "chat_session_message_read", "party_id": AGENT, "ref_msg_id": "mine", "timestamp": at(5)}
    chat = history(said("Hello", "mine", CHAT), read)
    (page,) = chat.told(e.HistoryLoaded)
    assert [it.status for it in chat.thread.messages] == [MessageStatus.SEEN]
    assert [it.text for it in page.messages] == ["Hello"]
    assert not chat.told(e.MessageStatusChanged)


def test_a_history_without_messages_is_no_page() -> None:
    assert not history(joined(), status("connected")).told(e.HistoryLoaded)


def test_a_party_that_joins_under_another_name_while_a_history_is_read_is_told_once() -> None:
    chat = started()
    chat.hear(joined(), joined(name="Mara Lind", seconds=2))
    assert len(chat.told(e.PartyJoined)) == 1
    assert chat.thread.parties[0].name == "Mara Lind"
