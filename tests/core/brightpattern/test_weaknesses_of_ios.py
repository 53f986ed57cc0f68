"""What the vendor's iOS client gets wrong, and this one must not: section 20.1, I1 to I19."""

import json
from typing import Any, cast

import pytest

from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.events import FormRequested, InactivityWarned, MessageReceived, UndecodableReceived, UnknownReceived
from deskline_core.model import PartyRole
from tests.core.brightpattern.alone import (
    AGENT,
    BOT,
    CHAT,
    ENDED,
    HISTORY,
    POLL,
    SEND,
    Alone,
    at,
    joined,
    left,
    name_of,
    ready,
    said,
    started,
    status,
    talking,
)

CASE = {"event": "chat_session_case_set", "case_id": "CS-1"}


@pytest.mark.row("I2", "J1")
def test_a_new_chat_is_polled_at_once_whatever_became_of_the_one_before() -> None:
    chat = started()
    chat.hear(ENDED)
    chat.saved()
    chat.ask(i.StartThread)
    words = chat.reply("POST chats", {"chat_id": "another", "state": "queued", "is_new_chat": True})
    assert words[-1] == POLL
    assert "/chats/another/events" in chat.sent(POLL).url.reveal()


@pytest.mark.row("I4", "N3", "A1")
@pytest.mark.parametrize("way", ["on the way", "late", "refused", "unreadable"])
def test_a_poll_that_fails_is_told(way: str) -> None:
    chat = started()
    match way:
        case "on the way":
            words = chat.fail(POLL)
        case "late":
            words = chat.wait(30)
        case "refused":
            words = chat.reply(POLL, status=500)
        case _:
            words = chat.reply(POLL, b"<html>")
    assert words[-1] == "chat connecting"
    assert chat.session.state == "connecting"


@pytest.mark.row("I5")
@pytest.mark.parametrize("id", ["a/../b", "a b", "a?b=c#d", "ü", "%2e%2e", "a\\b", "x" * 200])
def test_an_id_of_any_text_is_polled_and_stops_nothing(id: str) -> None:
    chat = ready()
    chat.ask(i.StartThread)
    chat.reply("POST chats", {"chat_id": id, "state": "queued", "is_new_chat": True})
    url = chat.sent(POLL).url.reveal()
    assert url.startswith("https://acme.brightpattern.com/clientweb/api/v2/chats/")
    assert url.split("/chats/")[1].count("/") == 1
    assert chat.hear(said("Hi"))[0] == "heard Hi"


@pytest.mark.row("I6", "A5")
@pytest.mark.parametrize("kind", [i.Disconnect, i.SignOut, i.EnterBackground])
def test_to_leave_waits_for_no_poll(kind: type[i.AppRequest]) -> None:
    chat = started()
    poll = next(iter(chat.calls))
    words = chat.ask(kind)
    if kind is i.EnterBackground:
        assert "EnterBackground answered" in words
        assert chat.open_calls() == [POLL]  # it finishes: what it takes is heard
        return
    assert "stop GET events" in words
    assert f"{kind.__name__} answered" in words + chat.saved()
    late = json.dumps({"events": [said("late")]}).encode()
    assert chat.put(i.ResponseReceived(id=poll, status=200, body=late)) == []
    assert chat.session.counts["stale completions"] == 1


@pytest.mark.row("I9", "A13", "20.5/6", "W8")
def test_ids_of_messages_are_made_before_they_go_and_are_never_the_same() -> None:
    chat = started()
    ids = set()
    for number in range(20):
        chat.ask(i.SendMessage, thread=CHAT, text=f"m{number}")
        ids.add(chat.answers[chat.asked])
        assert chat.posted()["msg_id"] == chat.answers[chat.asked]
        chat.reply(SEND)
    assert len(ids) == 20
    other = started(seed=b"another seed of sixteen bytes")
    other.ask(i.SendMessage, thread=CHAT, text="m")
    assert other.answers[other.asked] not in ids


@pytest.mark.row("I9", "20.5/6")
def test_a_message_that_is_sent_again_keeps_its_id() -> None:
    chat = started()
    chat.ask(i.SendMessage, thread=CHAT, text="hello")
    id = chat.answers[chat.asked]
    chat.reply(SEND, status=400)
    chat.ask(i.RetryMessage, message=id)
    assert chat.posted()["msg_id"] == id


ODD: dict[str, tuple[dict[str, Any], str]] = {
    "numeric timestamp": (said("Hi") | {"timestamp": 1_780_000_000}, "heard Hi"),
    "milliseconds": (said("Hi") | {"timestamp": "1780000000000"}, "heard Hi"),
    "no timestamp": ({key: value for key, value in said("Hi").items() if key != "timestamp"}, "heard Hi"),
    "nonsense for a timestamp": (said("Hi") | {"timestamp": {"a": 1}}, "heard Hi"),
    "numeric id": (said("Hi") | {"msg_id": 4}, "heard Hi"),
    "numeric wait": ({"event": "chat_session_status", "state": "queued", "ewt": 45}, "queue 45.0"),
    "no wait": ({"event": "chat_session_status", "state": "connecting"}, "stage connecting"),
    "new type of party": (joined("p", "Kim", type="hologram"), "joined Kim"),
    "unknown event": ({"event": "chat_session_hologram"}, "unknown chat_session_hologram"),
    "unknown state": (status("holding"), "unknown chat_session_status holding"),
    "no name": ({"msg": "x"}, "undecodable lacks event"),
    "no object": (cast("dict[str, Any]", 5), "undecodable not a readable object"),
    "no message": ({"event": "chat_session_message", "party_id": AGENT}, "undecodable lacks msg"),
}


@pytest.mark.row("I10", "A8", "A10", "J4", "J5", "20.5/4", "B33")
@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("source", ["poll", "history"])
def test_an_odd_event_is_taken_or_told_and_costs_its_neighbours_nothing(name: str, source: str) -> None:
    event, word = ODD[name]
    chat = started("ivr")
    around = (said("before", id="1", party=BOT), event, said("after", id="3", party=BOT, seconds=1))
    if source == "poll":
        words = chat.hear(*around)
    else:
        chat.fail(POLL)
        chat.wait(1)
        words = chat.history(*around)
    told = [one for one in words if one.startswith(("heard", "unknown", "undecodable", "joined", "queue", "stage"))]
    assert {"heard before", word, "heard after"} <= set(told)
    assert told.index("heard before") < told.index("heard after")
    assert len(chat.told(MessageReceived)) == len([one for one in told if one.startswith("heard")])


def test_what_is_odd_is_told_with_a_bounded_part_of_it() -> None:
    chat = started()
    chat.hear({"event": "chat_session_" + "x" * 9000, "more": "y" * 9000}, {"event": ["z" * 9000]})
    (unknown,), (broken,) = chat.told(UnknownReceived), chat.told(UndecodableReceived)
    assert (len(unknown.kind), len(unknown.source), len(broken.source)) == (200, 4096, 4096)


@pytest.mark.row("I11", "A11")
@pytest.mark.parametrize("body", [b"", b"{}", b'{"events":[]}', b'{"state":"success"}', b" "])
def test_an_answer_without_events_is_an_empty_one(body: bytes) -> None:
    chat = started()
    chat.wait(5)
    assert chat.reply(POLL, body) == [POLL]


@pytest.mark.row("I12")
@pytest.mark.parametrize("time", [1_714_550_400, "1714550400", "1714550400000", None, "yesterday"])
def test_no_session_of_a_case_is_missing_for_its_time(time: object) -> None:
    chat = started()
    chat.hear(CASE)
    chat.ask(i.LoadMore, thread=CHAT)
    sessions = [{"chat_id": "older", "created_time": time, "events": [said("then", id="1")]}]
    words = chat.reply("GET casehistory", {"sessions": sessions})
    assert words == ["loaded then", "LoadMore answered"]


@pytest.mark.row("I13")
@pytest.mark.parametrize("wait", ["", "soon", None, "-1", "nan", [], "1e999"])
def test_a_wait_that_is_no_number_is_unknown_and_not_none_at_all(wait: object) -> None:
    chat = started("ivr")
    chat.hear({"event": "chat_session_status", "state": "queued", "ewt": wait})
    assert chat.thread.queue is not None
    assert chat.thread.queue.estimated_wait is None


@pytest.mark.row("I14")
@pytest.mark.parametrize("code", [200, 201, 202, 204])
def test_every_success_is_one(code: int) -> None:
    chat = started()
    chat.ask(i.SendMessage, thread=CHAT, text="hello")
    assert "message sent" in chat.reply(SEND, status=code)


@pytest.mark.row("I14", "11.1/2", "W1", "A4", "N2")
def test_every_request_has_a_deadline_and_a_poll_a_longer_one_than_it_is_held() -> None:
    chat = started()
    poll = chat.sent(POLL)
    assert poll.held
    assert poll.deadline == chat.now + 30
    assert chat.wait(29.9) == []
    assert chat.hear(said("at last"))[0] == "heard at last"
    assert all(call.deadline > chat.now - 30 for call in chat.calls.values())


@pytest.mark.row("I15")
def test_who_asks_is_said_as_the_reference_says() -> None:
    chat = started()
    for call in (POLL, "POST chats", "GET availability"):
        headers = dict(chat.sent(call).headers)
        client = chat.leaf.identity.client_id
        assert headers["authorization"] == f'MOBILE-API-140-327-PLAIN appId="shop", clientId="{client}"'
        assert headers["user-agent"] == "MobileClient"


@pytest.mark.row("I16")
def test_what_the_customer_writes_is_no_markup() -> None:
    chat = started()
    chat.ask(i.SendMessage, thread=CHAT, text="a < b & c\n<b>d</b>")
    sent = chat.posted()
    assert (sent["msg"], sent["msg_text"]) == ("a &lt; b &amp; c<br>&lt;b&gt;d&lt;/b&gt;", "a < b & c\n<b>d</b>")


@pytest.mark.row("I17", "A6", "B54", "D722")
def test_a_push_is_looked_at_before_anything_is_asked_for_it() -> None:
    chat = started()
    assert chat.ask(i.NotePush, conversation="somebody else's") == ["NotePush answered"]
    assert chat.answers[chat.asked] is False
    assert chat.ask(i.NotePush, conversation=CHAT) == ["NotePush answered"]
    assert chat.answers[chat.asked] is True
    assert chat.open_calls() == [POLL]  # the one that was open before


@pytest.mark.row("I18", "A14")
def test_nothing_that_is_sent_says_when_or_who() -> None:
    chat = talking()
    chat.ask(i.SendMessage, thread=CHAT, text="hello")
    chat.reply(SEND)
    chat.ask(i.StartTyping, thread=CHAT)
    chat.reply(SEND)
    chat.ask(i.SendSignal, thread=CHAT, kind="call", data='{"type":"REQUEST_CALL"}')
    sent = [command for command in chat.log if isinstance(command, c.SendRequest) and name_of(command) == SEND]
    assert len(sent) == 3
    for command in sent:
        (event,) = json.loads(command.body)["events"]
        assert set(event).isdisjoint({"timestamp", "party_id"})


@pytest.mark.row("I19", "B40")
def test_to_wrap_up_leaves_time_for_the_survey() -> None:
    chat = talking()
    assert "POST disconnect" in chat.ask(i.WrapUp, thread=CHAT)
    chat.reply(SEND)
    assert chat.open_calls() == [POLL]
    chat.hear(left(), {"event": "chat_session_form_show", "form_request_id": "17", "form_name": "survey_form"})
    assert [event.form.name for event in chat.told(FormRequested)] == ["survey_form"]
    assert chat.wait(20) == []


@pytest.mark.row("I19", "A23", "20.5/8")
def test_a_message_is_read_when_the_customer_reads_it() -> None:
    chat = started()
    assert "POST message_delivered" in chat.hear(said("Hi", id="4"))
    chat.reply(SEND)
    assert chat.open_calls() == [POLL]
    assert "POST message_read" in chat.ask(i.MarkRead, thread=CHAT)
    chat.reply(SEND)
    chat.ask(i.MarkRead, thread=CHAT)
    assert chat.open_calls() == [POLL]


@pytest.mark.row("I19", "B21")
def test_a_message_of_nobody_is_the_scenarios_and_ends_no_batch() -> None:
    chat = started()
    nobody = {key: value for key, value in said("Who am I?", id="1").items() if key != "party_id"}
    words = chat.hear(nobody, said("Hi", id="3"))
    assert [word for word in words if word.startswith("heard")] == ["heard Who am I?", "heard Hi"]
    assert chat.thread.messages[0].party.role is PartyRole.SCENARIO


@pytest.mark.row("I19", "B29")
def test_a_case_that_is_taken_away_is_none() -> None:
    chat = started()
    assert chat.hear(CASE)[0] == "case CS-1"
    assert chat.hear(CASE | {"case_id": ""})[0] == "case "
    assert chat.ask(i.CloseCase, thread=CHAT) == ["CloseCase refused illegal_state"]


@pytest.mark.row("I7", "W12")
def test_a_warning_says_nothing_that_is_not_known() -> None:
    chat = talking()
    chat.hear({"event": "chat_session_timeout_warning", "timestamp": at(0)})
    (warned,) = chat.told(InactivityWarned)
    assert (warned.inactivity.text, warned.inactivity.ends_at) == ("", float("inf"))
    assert chat.wait(29) == []


@pytest.mark.row("I8", "I17")
def test_who_comes_back_reads_the_history_where_something_may_be_missing() -> None:
    chat: Alone = talking()
    chat.ask(i.EnterBackground)
    chat.fail(POLL)
    assert HISTORY in chat.ask(i.EnterActive)
    assert "heard missed" in chat.history(joined(), said("missed", id="7"))
