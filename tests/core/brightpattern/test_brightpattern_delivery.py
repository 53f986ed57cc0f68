"""Messages to Bright Pattern: one after another, honest about what nobody knows (rows B22, B23, B34-B39)."""

from typing import Any

import pytest

from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.lifecycle import MessageStatus
from deskline_core.model import ContentKind, Inactivity, Location
from deskline_core.policy import Backoff, Policy
from tests.core.brightpattern.alone import (
    AGENT,
    CHAT,
    ENDED,
    HISTORY,
    POLL,
    SEND,
    V1,
    WARNED,
    Alone,
    at,
    said,
    started,
    status,
    talking,
    when,
)
from tests.core.brightpattern.standing import unheard

PLACE = Location(latitude=52.52, longitude=-0.1278, url="https://maps.example.test/?q=52.52,-0.1278")


def send(chat: Alone, text: str = "Hello", **more: Any) -> list[str]:
    return chat.ask(i.SendMessage, thread=CHAT, text=text, **more)


def point(chat: Alone, place: Location, text: str = "") -> list[str]:
    return chat.ask(i.SendLocation, thread=CHAT, location=place, text=text)


def own(chat: Alone, text: str = "Hello", *, id: str = "", seconds: float = 0) -> dict[str, Any]:
    """The newest message of ours as a history has it."""
    return said(text, id=id or chat.posted()["msg_id"], party=CHAT, seconds=seconds)


def receipt(kind: str, ref: str, party: str = AGENT) -> dict[str, Any]:
    return {"event": f"chat_session_message_{kind}", "party_id": party, "ref_msg_id": ref, "timestamp": at(1)}


def statuses(chat: Alone) -> list[str]:
    return [message.status for message in chat.thread.messages if message.mine]


def newest(chat: Alone) -> str:
    return chat.thread.messages[-1].id


def outcome(chat: Alone, id: object) -> object:
    """What AwaitSettled answers now, or None while it waits."""
    chat.ask(i.AwaitSettled, message=id)
    return chat.answers.get(chat.asked)


# --- taken ---


@pytest.mark.row("B34")
@pytest.mark.parametrize("state", ["ivr", "queued", "connecting", "connected"])
def test_a_message_goes_whoever_serves_the_chat(state: str) -> None:
    chat = started(state)
    assert send(chat) == ["message queued", "SendMessage answered", "message sending", "POST message"]
    assert chat.posted() == {
        "event": "chat_session_message",
        "msg_id": chat.answers[chat.asked],
        "msg": "Hello",
        "msg_text": "Hello",
    }


@pytest.mark.row("B36")
def test_a_message_that_was_taken_is_sent_and_in_the_history() -> None:
    chat = talking()
    send(chat)
    id = chat.answers[chat.asked]
    chat.ask(i.AwaitSettled, message=id)
    assert chat.reply(SEND) == ["message sent", "AwaitSettled answered"]
    assert chat.answers[chat.asked] == MessageStatus.SENT
    assert [(message.id, message.status) for message in chat.thread.messages] == [(id, MessageStatus.SENT)]
    assert len(chat.leaf.delivery.outbox) == 0
    assert outcome(chat, id) == MessageStatus.SENT


@pytest.mark.row("B36")
def test_an_older_centers_answer_brings_events() -> None:
    chat = talking(site=V1)
    send(chat)
    assert chat.reply(SEND, {"events": [said("hi")]}) == ["heard hi", "message sent"]
    send(chat, "two")
    assert chat.reply(SEND, b"[") == ["undecodable not a JSON object", "message sent"]


@pytest.mark.row("B34")
def test_a_message_that_was_taken_answers_the_warning() -> None:
    chat = talking()
    chat.hear(WARNED)
    assert isinstance(chat.thread.inactivity, Inactivity)
    send(chat)
    assert chat.thread.inactivity is not None
    assert chat.reply(SEND) == ["warning cleared", "message sent"]
    assert chat.thread.inactivity is None


def test_messages_go_one_after_another() -> None:
    chat = talking()
    send(chat, "one")
    assert send(chat, "two") == ["message queued", "SendMessage answered"]
    assert chat.reply(SEND) == ["message sent", "message sending", "POST message"]
    assert chat.posted()["msg_text"] == "two"


def test_a_message_waits_for_the_chat_to_be_ready() -> None:
    chat = talking()
    chat.fail(POLL)
    assert send(chat) == ["message queued", "SendMessage answered"]
    chat.wait(1)
    chat.history()
    assert "message sending" in [*chat.wait(0), "message sending"]
    assert statuses(chat) == ["sending"]


def test_a_message_stands_after_what_came_before_it_went() -> None:
    chat = talking()
    chat.hear(said("from an hour ahead", seconds=3600))
    chat.reply(SEND)  # that it came
    send(chat)
    chat.reply(SEND)
    assert [message.text for message in chat.thread.messages] == ["from an hour ahead", "Hello"]
    assert chat.thread.messages[1].created_at == when(3600)


def test_an_answer_to_buttons_names_them() -> None:
    chat = talking()
    send(chat, "Yes", postback="d-7")
    assert chat.posted()["directive_id"] == "d-7"


# --- places ---


def test_a_place_is_a_message_of_its_own_ahead_of_the_text() -> None:
    chat = talking()
    assert point(chat, PLACE, "here") == [
        "message queued", "message queued", "SendLocation answered", "message sending", "POST location",
    ]  # fmt: skip
    place, text = chat.thread.messages
    assert chat.answers[chat.asked] == text.id
    assert (place.kind, place.location, place.text) == (ContentKind.LOCATION, PLACE, PLACE.url)
    assert chat.posted() == {
        "event": "chat_session_location",
        "msg_id": place.id,
        "latitude": "52.52",
        "longitude": "-0.1278",
        "url": PLACE.url,
    }
    chat.reply(SEND)
    assert chat.posted()["msg_text"] == "here"


@pytest.mark.parametrize(
    ("given", "written"), [(1e-05, "0.00001"), (0.0, "0"), (90, "90"), (-12.123456789, "-12.1234568")]
)
def test_a_place_is_written_in_decimals(given: float, written: str) -> None:
    chat = talking()
    point(chat, Location(latitude=given, longitude=0.5))
    assert (chat.posted()["latitude"], chat.posted()["longitude"]) == (written, "0.5")
    assert chat.thread.messages[0].text == f"{written}, 0.5"


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (Location(latitude=91.5, longitude=0), "the latitude is 91.5"),
        (Location(latitude=float("nan"), longitude=0), "the latitude is nan"),
        (Location(latitude=0, longitude=-180.5), "the longitude is -180.5"),
        (Location(latitude=0, longitude=0, url="a" * 32769), "the place's URL is longer than 32768 characters"),
        (
            Location(latitude=0, longitude=0, url="\ud83d"),
            "SendLocation: not valid Unicode: it holds half of a surrogate pair",
        ),
    ],
)
def test_a_place_that_is_none_is_refused(wrong: Location, says: str) -> None:
    chat = talking()
    assert point(chat, wrong, "here") == ["SendLocation refused invalid_value"]
    assert chat.refusal[1] == says
    assert chat.thread.messages == ()


# --- refused at once ---


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"text": " "}, "the text is empty"),
        ({"text": "", "postback": "d-7"}, "the text is empty"),
        ({"text": "\ud83d"}, "SendMessage: not valid Unicode: it holds half of a surrogate pair"),
        ({"text": "a" * 32769}, "the text is longer than 32768 characters"),
        ({"text": "a", "postback": "a" * 32769}, "the text is longer than 32768 characters"),
    ],
)
def test_a_text_that_cannot_go_is_refused(fields: dict[str, Any], says: str) -> None:
    chat = talking()
    assert chat.ask(i.SendMessage, thread=CHAT, **fields) == ["SendMessage refused invalid_value"]
    assert chat.refusal[1] == says
    assert chat.thread.messages == ()


def test_what_has_no_room_is_refused_whole() -> None:
    chat = talking(policy=Policy(outbox=2))
    send(chat, "one")
    assert point(chat, PLACE, "two") == ["SendLocation refused limit_reached"]
    assert chat.refusal[1:] == ("1 messages wait already", "wait, or discard some")
    assert send(chat, "two") == ["message queued", "SendMessage answered"]


@pytest.mark.row("B35")
@pytest.mark.parametrize(
    ("news", "code"),
    [(ENDED, "thread_ended"), (status("failed"), "thread_ended"), (status("completed"), "illegal_state")],
)
def test_a_chat_that_takes_nothing_refuses_messages(news: dict[str, Any], code: str) -> None:
    chat = talking()
    chat.hear(news)
    assert send(chat) == [f"SendMessage refused {code}"]
    assert chat.thread.messages == ()


@pytest.mark.row("B35")
def test_a_chat_that_is_being_ended_refuses_messages() -> None:
    chat = talking()
    chat.ask(i.EndThread, thread=CHAT)
    assert send(chat) == ["SendMessage refused illegal_state"]


# --- refused by the far side ---


@pytest.mark.row("B37")
@pytest.mark.parametrize(
    ("code", "status", "cause"),
    [
        ("5003", 400, "the contact center could not read the request (5003)"),
        ("", 400, "the contact center could not read it (status 400)"),
        ("3000", 403, "the contact center does not know the app id (3000)"),
        ("5502", 404, "the contact center does not have the file (5502)"),
    ],
)
def test_a_message_that_is_refused_has_failed(code: str, status: int, cause: str) -> None:
    chat = talking()
    send(chat)
    send(chat, "two")
    assert chat.deny(SEND, code, status) == ["message failed", "message sending", "POST message"]
    failed = chat.thread.messages[0]
    assert (failed.status, failed.cause) == (MessageStatus.FAILED, cause)
    outgoing = chat.leaf.delivery.outbox.get(failed.id)
    assert outgoing is not None
    assert outgoing.remote_code == code
    assert outcome(chat, failed.id) == MessageStatus.FAILED


def test_a_failed_message_goes_again_under_its_id() -> None:
    chat = talking()
    send(chat)
    id = chat.answers[chat.asked]
    chat.deny(SEND, "5003", 400)
    assert chat.ask(i.RetryMessage, message=id) == [
        "message queued", "RetryMessage answered", "message sending", "POST message",
    ]  # fmt: skip
    assert chat.posted()["msg_id"] == id


@pytest.mark.row("B38")
@pytest.mark.parametrize("code", ["5005", ""])
def test_a_session_that_is_not_there_takes_all_messages_with_it(code: str) -> None:
    chat = talking()
    send(chat)
    send(chat, "two")
    words = unheard(chat).deny(SEND, code)
    assert words[0] == "message failed"
    assert [word for word in words if word.startswith(("message", "ended"))] == [
        "message failed", "ended lost", "message failed",
    ]  # fmt: skip
    assert statuses(chat) == ["failed", "failed"]
    assert chat.thread.messages[1].cause == "the conversation ended before the message was sent"


@pytest.mark.row("B38")
def test_a_session_that_is_gone_while_it_is_being_ended_has_ended() -> None:
    chat = talking()
    send(chat)
    chat.ask(i.EndThread, thread=CHAT)
    assert "ended customer" in unheard(chat).deny(SEND, "5005")


# --- in doubt ---


@pytest.mark.row("B39")
@pytest.mark.parametrize("status", [500, 503, 429])
def test_a_message_in_doubt_is_looked_for(status: int) -> None:
    chat = talking()
    send(chat)
    send(chat, "two")
    assert chat.reply(SEND, status=status) == ["message uncertain", "chat connected", "GET history"]
    assert chat.leaf.poll.gap
    words = chat.history(own(chat, seconds=7))
    assert words == ["message delivered", "chat ready", "message sending", "POST message"]
    assert chat.thread.messages[0].created_at == when(7)


@pytest.mark.row("B39")
def test_a_message_in_doubt_that_is_not_there_has_failed() -> None:
    chat = talking()
    send(chat)
    id = chat.answers[chat.asked]
    chat.fail(SEND)
    chat.ask(i.AwaitSettled, message=id)
    assert chat.asked not in chat.answers
    assert chat.history() == ["message failed", "AwaitSettled answered", "chat ready"]
    assert chat.thread.messages[0].cause == "not found in the conversation's history"
    assert chat.open_calls() == [POLL]


@pytest.mark.row("B39", "D409")
def test_a_message_in_doubt_goes_again_by_policy() -> None:
    chat = talking(policy=Policy(resend_uncertain=True))
    send(chat)
    id = chat.answers[chat.asked]
    chat.fail(SEND)
    assert chat.history() == ["message queued", "chat ready", "message sending", "POST message"]
    assert chat.posted()["msg_id"] == id


def test_a_history_that_was_asked_for_before_does_not_count() -> None:
    chat = talking()
    send(chat)
    chat.fail(POLL)
    chat.wait(1)
    assert chat.open_calls() == [SEND, HISTORY]
    assert chat.fail(SEND) == ["message uncertain", "stop GET history", "GET history"]
    assert "message delivered" in chat.history(own(chat))


def test_a_doubt_out_of_sight_is_looked_into_on_return() -> None:
    chat = talking()
    send(chat)
    chat.ask(i.EnterBackground)
    assert chat.fail(SEND) == ["message uncertain"]
    assert "GET history" in chat.ask(i.EnterActive)
    assert "message delivered" in chat.history(own(chat))


def test_nobody_looks_into_a_doubt_of_a_chat_that_was_left() -> None:
    chat = talking()
    send(chat)
    id = chat.answers[chat.asked]
    chat.fail(SEND)
    chat.ask(i.AwaitSettled, message=id)
    assert "AwaitSettled answered" in chat.ask(i.Disconnect)
    assert chat.answers[chat.asked - 1] == MessageStatus.UNCERTAIN
    assert outcome(chat, id) == MessageStatus.UNCERTAIN


def test_nobody_looks_into_a_doubt_when_the_attempts_are_used_up() -> None:
    chat = talking(policy=Policy(backoff=Backoff(attempts=0)))
    send(chat)
    chat.fail(SEND)
    chat.ask(i.AwaitSettled, message=newest(chat))
    assert chat.fail(HISTORY) == ["chat lost", f"stop {POLL}", "AwaitSettled answered"]
    assert chat.answers[chat.asked] == MessageStatus.UNCERTAIN


def test_nor_into_one_that_comes_up_when_the_chat_was_left() -> None:
    chat = talking()
    send(chat)
    chat.ask(i.AwaitSettled, message=newest(chat))
    chat.ask(i.Disconnect)
    assert chat.fail(SEND) == ["message uncertain", "AwaitSettled answered", "Disconnect answered"]
    assert HISTORY in chat.ask(i.Connect)


def test_a_chat_that_ends_leaves_a_doubt_as_it_is() -> None:
    chat = talking()
    send(chat)
    id = chat.answers[chat.asked]
    chat.fail(SEND)
    chat.ask(i.AwaitSettled, message=id)
    assert chat.deny(HISTORY, "5005") == ["chat ready"]
    assert "AwaitSettled answered" in chat.hear(ENDED)
    assert outcome(chat, id) == MessageStatus.UNCERTAIN


@pytest.mark.row("D712")
def test_a_doubt_after_the_end_asks_for_no_history() -> None:
    chat = talking()
    send(chat)
    id = chat.answers[chat.asked]
    chat.hear(ENDED)
    chat.ask(i.AwaitSettled, message=id)
    assert chat.fail(SEND) == ["message uncertain", "AwaitSettled answered"]


@pytest.mark.row("D710")
def test_what_was_taken_before_the_end_is_sent() -> None:
    chat = talking()
    send(chat)
    chat.hear(ENDED)
    assert statuses(chat) == ["sending"]
    assert chat.reply(SEND) == ["message sent"]
    assert statuses(chat) == ["sent"]


# --- certainly not sent ---


def test_what_never_left_waits_and_nothing_spins() -> None:
    policy = Policy(backoff=Backoff(first=1.0, jitter=(0.0, 0.0), growth=2.0))
    chat = talking(policy=policy)
    send(chat)
    assert chat.fail(SEND, "no") == ["message queued", "chat connecting"]
    assert chat.wait(0.9) == []
    assert chat.wait(0.2) == ["chat ready", "message sending", "POST message"]
    assert chat.fail(SEND, "no") == ["message queued", "chat connecting"]
    assert chat.wait(1.9) == []


def test_what_never_left_a_chat_that_ended_has_failed() -> None:
    chat = talking()
    send(chat)
    chat.hear(ENDED)
    assert chat.fail(SEND, "no") == ["message failed"]
    assert chat.thread.messages[0].cause == "no network"


def test_what_waits_behind_another_post_goes_back_when_the_connection_is_lost() -> None:
    chat = talking()
    chat.ask(i.StartTyping, thread=CHAT)
    send(chat)
    assert statuses(chat) == ["sending"]
    assert "message queued" in chat.fail(POLL)
    assert chat.leaf.posting.withdraw(chat.thread.messages[-1].id) is False
    chat.reply(SEND)
    assert chat.open_calls() == []


def test_what_is_discarded_no_longer_goes() -> None:
    chat = talking()
    chat.fail(POLL)
    send(chat)
    chat.ask(i.DiscardMessage, message=chat.answers[chat.asked])
    assert chat.thread.messages == ()
    chat.wait(1)
    assert "POST message" not in chat.history()


# --- what else tells of it ---


@pytest.mark.row("B22")
def test_ours_that_comes_back_is_marked_and_not_told_again() -> None:
    chat = talking()
    send(chat)
    chat.reply(SEND)
    assert chat.hear(own(chat, seconds=3)) == ["message delivered", POLL]
    assert chat.told(e.MessageReceived) == []
    assert [(m.status, m.created_at) for m in chat.thread.messages] == [("delivered", when(3))]


@pytest.mark.row("B22")
def test_ours_that_comes_back_before_its_answer_is_delivered() -> None:
    chat = talking()
    send(chat)
    send(chat, "two")
    assert chat.hear(own(chat)) == ["message delivered", "message sending", POLL]
    assert chat.open_calls() == [SEND, POLL]
    assert chat.reply(SEND) == ["POST message"]
    assert statuses(chat) == ["delivered", "sending"]


@pytest.mark.parametrize("answer", [400, 500])
def test_what_is_known_to_have_arrived_is_not_in_doubt_for_its_answer(answer: int) -> None:
    chat = talking()
    send(chat)
    chat.hear(own(chat))
    assert send(chat, "two") == ["message queued", "SendMessage answered", "message sending"]
    assert chat.reply(SEND, status=answer) == ["POST message"]
    assert statuses(chat) == ["delivered", "sending"]
    assert chat.posted()["msg_text"] == "two"


def test_what_is_known_to_have_arrived_does_not_go_again_though_it_never_left() -> None:
    chat = talking()
    send(chat)
    chat.hear(own(chat))
    assert chat.fail(SEND, "no") == ["chat connecting"]
    assert chat.wait(1) == ["chat ready"]


@pytest.mark.row("B23")
def test_receipts_lift_a_message_by_its_id() -> None:
    chat = talking()
    send(chat)
    id = str(chat.answers[chat.asked])
    chat.reply(SEND)
    assert chat.hear(receipt("delivered", id)) == ["message delivered", POLL]
    assert chat.hear(receipt("read", id)) == ["message seen", POLL]
    assert chat.hear(receipt("delivered", id, party="another")) == [POLL]
    assert statuses(chat) == ["seen"]


@pytest.mark.row("B23")
@pytest.mark.parametrize(("kind", "status"), [("delivered", "delivered"), ("read", "seen")])
def test_a_receipt_may_come_before_the_answer(kind: str, status: str) -> None:
    chat = talking()
    send(chat)
    id = str(chat.answers[chat.asked])
    chat.ask(i.AwaitSettled, message=id)
    assert chat.hear(receipt(kind, id)) == [f"message {status}", "AwaitSettled answered", POLL]
    assert chat.reply(SEND) == []
    assert [(m.id, m.status) for m in chat.thread.messages] == [(id, status)]


@pytest.mark.row("B23")
def test_a_receipt_of_a_message_that_is_not_known_yet_is_kept_for_it() -> None:
    chat = talking()
    assert chat.hear(receipt("read", "of-another-device")) == [POLL]
    assert chat.session.counts["receipts of unknown messages"] == 1
    chat.hear(said("from elsewhere", id="of-another-device", party=CHAT))
    assert statuses(chat) == ["seen"]


def test_a_delivery_does_not_lower_what_was_read_and_few_receipts_are_kept() -> None:
    chat = talking(policy=Policy(early_receipts=2))
    chat.hear(receipt("read", "1"), receipt("delivered", "1"), receipt("delivered", "2"), receipt("delivered", "3"))
    early = chat.leaf.delivery.early
    assert [early.take(id) for id in "123"] == [None, MessageStatus.DELIVERED, MessageStatus.DELIVERED]
    chat.hear(receipt("read", "4"), receipt("delivered", "4", party="another"))
    assert early.take("4") is MessageStatus.SEEN


def test_receipts_of_an_ended_chat_are_forgotten() -> None:
    chat = talking()
    chat.hear(receipt("read", "1"), ENDED)
    assert chat.leaf.delivery.early.take("1") is None


def test_a_receipt_of_what_others_wrote_is_none_of_ours() -> None:
    chat = talking()
    chat.hear(said("hi", id="4"), receipt("read", f"{AGENT}:4"))
    assert [message.status for message in chat.thread.messages] == ["delivered"]


# --- text that answers a form ---


FREE = {"event": "chat_session_form_show", "form_request_id": "17", "form_name": "", "timestamp": at(0)}


def test_a_text_answers_the_form_and_is_a_message_too() -> None:
    chat = talking()
    chat.hear(FREE)
    assert send(chat, "blue")[-2:] == ["message sending", "POST form_data"]
    assert chat.posted()["data"] == {"text": "blue"}
    assert "POST message" in chat.reply(SEND)
    assert chat.reply(SEND) == ["message sent"]


def test_by_policy_the_forms_data_stand_for_the_message() -> None:
    chat = talking(policy=Policy(free_text_forms="form"))
    chat.hear(FREE)
    send(chat, "blue")
    assert chat.posted()["data"] == {"text": "blue"}
    assert "message sent" in chat.reply(SEND)
    assert statuses(chat) == ["sent"]
    assert SEND not in chat.open_calls()


def test_data_that_nobody_waits_for_fail_the_message_and_not_the_chat() -> None:
    chat = talking(policy=Policy(free_text_forms="form"))
    chat.hear(FREE)
    send(chat, "blue")
    chat.reply(SEND, status=404)
    assert statuses(chat) == ["failed"]
    assert chat.told(e.ThreadEnded) == []


def test_by_policy_a_message_is_all_that_goes() -> None:
    chat = talking(policy=Policy(free_text_forms="message"))
    chat.hear(FREE)
    send(chat, "blue")
    assert chat.posted()["event"] == "chat_session_message"


# --- the end ---


def test_the_end_waits_for_what_was_written_before() -> None:
    chat = talking()
    send(chat)
    send(chat, "two")
    assert chat.ask(i.EndThread, thread=CHAT) == ["chat ending"]
    chat.reply(SEND)
    assert chat.posted()["msg_text"] == "two"
    assert chat.reply(SEND) == ["message sent", "POST end"]


def test_what_is_tried_again_after_the_end_was_said_stays() -> None:
    chat = talking()
    send(chat)
    id = chat.answers[chat.asked]
    chat.deny(SEND, "5003", 400)
    chat.ask(i.EndThread, thread=CHAT)
    assert chat.ask(i.RetryMessage, message=id) == ["message queued", "RetryMessage answered"]
    chat.reply(SEND)
    assert "message failed" in chat.hear(ENDED)


def test_a_chat_that_is_forgotten_takes_its_failures_with_it() -> None:
    chat = talking()
    send(chat)
    chat.deny(SEND, "5003", 400)
    conversation = chat.leaf.desk.current
    chat.leaf.delivery.forget(conversation)
    assert len(chat.leaf.delivery.outbox) == 0


def test_signed_out_no_answer_changes_anything() -> None:
    chat = talking()
    send(chat)
    number = chat.take(SEND)
    chat.ask(i.SignOut)
    assert chat.put(i.ResponseReceived(id=number, status=200)) == []
    assert len(chat.leaf.delivery.outbox) == 0
