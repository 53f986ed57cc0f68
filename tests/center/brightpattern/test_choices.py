"""One test per row of the choices for a simulator, with each of its settings: Bright Pattern reference, section 21."""

import json

import pytest

from deskline_center.brightpattern import BrightPatternChannel
from deskline_center.controls import AgentJoins, AgentReads, AgentSays, AgentTypes, CloseContact, Fail, Lose
from deskline_center.model import Channel
from tests.center.brightpattern.client import START, Desk, code, names, served

ROWS = [
    "empty_poll", "hold_time", "aborted_poll", "parallel_poll", "status_per_code", "echo", "timestamps",
    "header_check", "start_order", "numbering", "inactivity", "after_inactivity_timeout", "after_own_end",
    "after_disconnect", "unresponsive_client", "history", "history_after_the_end", "receipts", "v1_post_answer",
    "known_msg_id",
]  # fmt: skip


@pytest.mark.parametrize(
    ("setting", "status", "body"),
    [
        ("events", 200, b'{"events":[]}'),
        ("no_body", 200, b""),
        ("5511_404", 404, b'{"error_code":"5511","error_message":"there are no events"}'),
        ("5511_200", 200, b'{"error_code":"5511","error_message":"there are no events"}'),
    ],
)
def test_empty_poll(setting: str, status: int, body: bytes) -> None:
    desk = Desk(empty_poll=setting)
    client = desk.chat()
    poll = client.hold()
    desk.later(10)
    answer = client.answer(poll)
    assert answer is not None
    assert (answer.status, answer.body) == (status, body)
    assert ("content-type", "application/json") in answer.headers


@pytest.mark.parametrize("hold", [5, 10, 15])
def test_hold_time(hold: int) -> None:
    desk = Desk(hold=hold)
    client = desk.chat()
    poll = client.hold()
    assert desk.center.next_deadline == START + hold
    desk.later(hold - 0.5)
    assert client.answer(poll) is None
    desk.later(0.5)
    assert client.answer(poll) is not None
    assert desk.center.next_deadline is None


@pytest.mark.parametrize(("setting", "again"), [("lost", []), ("redelivered", ["message"]), ("unnoticed", [])])
def test_aborted_poll_whose_answer_was_lost(setting: str, again: list[str]) -> None:
    desk = Desk(aborted_poll=setting)
    client = desk.chat()
    desk.do(Lose(match="poll"))
    poll = client.hold()
    desk.do(AgentSays(text="Hello"))
    assert client.was_cut(poll)
    assert names(client.poll()) == again
    assert names(client.history())[-1:] == ["message"]


@pytest.mark.parametrize(("setting", "again"), [("lost", ["message"]), ("redelivered", ["message"]), ("unnoticed", [])])
def test_aborted_poll_that_was_held(setting: str, again: list[str]) -> None:
    desk = Desk(aborted_poll=setting)
    client = desk.chat()
    client.gone(client.hold())
    if setting == "unnoticed":
        assert code(client.ask("GET", client.events)) == (429, "5509")
    desk.do(AgentSays(text="Hello"))
    assert names(client.poll()) == again


@pytest.mark.parametrize(("setting", "again"), [("lost", []), ("redelivered", ["message"])])
def test_aborted_poll_that_goes_as_it_is_answered(setting: str, again: list[str]) -> None:
    desk = Desk(aborted_poll=setting)
    client = desk.chat()
    poll = client.hold()
    desk.do(AgentSays(text="Hello"))
    client.gone(poll)
    assert names(client.poll()) == again


@pytest.mark.parametrize(
    ("setting", "version", "status"), [("second_429", "v2", 429), ("second_400", "v2", 400), ("second_429", "v1", 400)]
)
def test_parallel_poll_is_refused(setting: str, version: str, status: int) -> None:
    desk = Desk(parallel_poll=setting)
    client = desk.chat()
    first = client.hold()
    client.version = version
    assert code(client.ask("GET", client.events)) == (status, "5509")
    desk.do(AgentSays(text="Hello"))
    assert client.answer(first) is not None, "the first stays"


def test_parallel_poll_ends_the_first() -> None:
    desk = Desk(parallel_poll="first_ended")
    client = desk.chat()
    first, second = client.hold(), client.hold()
    answer = client.answer(first)
    assert answer is not None
    assert json.loads(answer.body) == {"events": []}
    desk.do(AgentSays(text="Hello"))
    assert client.answer(second) is not None


STATUSES = [
    *((error, 403) for error in ("1000", "2000", "2001", "2002", "2003", "2004", "3000", "5006")),
    ("5003", 400), ("5005", 404), ("5502", 404), ("5601", 406), ("5603", 406), ("5001", 503), ("5501", 400),
    ("5509", 429), ("5602", 500), ("5500", 500), ("5955", 500), ("5558", 500), ("5000", 503), ("5004", 503),
    ("9999", 500),
]  # fmt: skip


@pytest.mark.parametrize(("error", "status"), STATUSES)
def test_status_per_code(error: str, status: int) -> None:
    desk = Desk()
    client = desk.client()
    desk.do(Fail(match="availability", code=error))
    assert code(client.ask("GET", "availability")) == (status, error)


def test_status_per_code_is_a_setting() -> None:
    client = Desk(statuses={"5005": 410}).client()
    assert code(client.ask("GET", "chats/active")) == (410, "5005")


@pytest.mark.parametrize(("setting", "polled"), [(False, []), (True, ["message"])])
def test_echo_of_own_messages(setting: bool, polled: list[str]) -> None:
    client = Desk(echo=setting).chat()
    client.say("Hello", "m1")
    events = client.poll()
    assert names(events) == polled
    assert all((e["party_id"], e["msg_id"]) == (client.chat, "m1") for e in events)


@pytest.mark.parametrize(
    ("setting", "stamp"), [("seconds", "1767225600"), ("milliseconds", "1767225600250"), ("number", 1767225600)]
)
def test_timestamps(setting: str, stamp: object) -> None:
    desk = Desk(timestamps=setting)
    client = desk.chat()
    desk.do(AgentSays(text="Hello"))
    assert client.poll()[0]["timestamp"] == stamp


@pytest.mark.parametrize(("setting", "status"), [(False, 200), (True, 403)])
def test_header_check(setting: bool, status: int) -> None:
    client = Desk(quoted_only=setting).client()
    assert client.ask("GET", "availability").status == 200
    client.headers["authorization"] = client.headers["authorization"].replace('"', "")
    assert client.ask("GET", "availability").status == status


@pytest.mark.parametrize(
    ("setting", "order"),
    [
        ("joined_first", ["status connecting", "party_joined", "status connected"]),
        ("connected_first", ["status connecting", "status connected", "party_joined"]),
        ("no_connecting", ["party_joined", "status connected"]),
    ],
)
def test_start_order(setting: str, order: list[str]) -> None:
    desk = Desk(start_order=setting, greeting="Welcome")
    client = desk.client()
    assert client.begin()["state"] == "queued"
    desk.do(AgentJoins())
    events = client.poll()
    assert names(events) == ["message", "status queued", *order]
    assert events[0]["msg_id"] == "0"


@pytest.mark.parametrize(
    ("setting", "ids"), [("shared", ["0", "2", "10", "12"]), ("even", ["0", "2", "4", "6"]), ("plain", list("0123"))]
)
def test_numbering(setting: str, ids: list[str]) -> None:
    desk = Desk(numbering=setting, greeting="Welcome")
    client = desk.client()
    client.begin()
    desk.do(AgentSays(text="Hello"))
    client.say("Hi", "7")
    client.say("Hi", "not a number")
    client.say("Hi", "9" * 30)
    desk.do(AgentSays(text="Hello"))
    desk.do(AgentSays(text="Hello"))
    assert [e["msg_id"] for e in client.poll() if e["event"] == "chat_session_message"] == ids


def test_inactivity_warns_at_half_and_ends_at_the_whole_time() -> None:
    desk, client, _ = served(inactivity=600.0)
    desk.later(299)
    assert client.poll() == []
    desk.later(1)
    (warning,) = client.poll()
    assert (warning["event"], warning["msg"]) == ("chat_session_timeout_warning", "Are you still there?")
    desk.later(299)
    assert client.poll() == []
    desk.later(1)
    assert names(client.poll()) == ["inactivity_timeout"]


@pytest.mark.parametrize(("setting", "warned"), [(True, ["timeout_warning"]), (False, [])])
def test_inactivity_is_reset_by_a_message(setting: bool, warned: list[str]) -> None:
    desk, client, _ = served(inactivity=600.0, warns_again=setting, receipts=False)
    desk.later(300)
    assert names(client.poll()) == ["timeout_warning"]
    desk.later(200)
    client.send("typing")
    client.say()
    desk.later(299)
    assert client.poll() == []
    desk.later(1)
    assert names(client.poll()) == warned, "after the reset"
    desk.later(300)
    assert names(client.poll()) == ["inactivity_timeout"]


@pytest.mark.parametrize(("setting", "over"), [(("chat_session_typing",), False), (("chat_session_message",), True)])
def test_inactivity_is_reset_by_what_the_setting_says(setting: tuple[str, ...], over: bool) -> None:
    desk, client, _ = served(inactivity=60.0, resets=setting)
    desk.later(50)
    client.send("typing")
    desk.later(10)
    assert client.is_over is over


def test_inactivity_clock_runs_only_with_an_agent_and_its_warning_can_be_disabled() -> None:
    desk = Desk(inactivity=60.0, warning_text="")
    client = desk.chat()
    desk.later(1000)
    assert client.poll() == []
    desk.do(AgentJoins())
    client.poll()
    desk.later(60)
    assert names(client.poll()) == ["inactivity_timeout"]


def test_inactivity_texts_and_the_moment_of_the_warning() -> None:
    desk, client, _ = served(inactivity=100.0, warned_at=0.75, warning_text="Hello?", timeout_text="Goodbye.")
    desk.later(75)
    assert [e["msg"] for e in client.poll()] == ["Hello?"]
    desk.later(25)
    assert [e["msg"] for e in client.poll()] == ["Goodbye."]


@pytest.mark.parametrize(
    ("setting", "last"), [("nothing", ["inactivity_timeout"]), ("ended", ["inactivity_timeout", "ended"])]
)
def test_after_inactivity_timeout(setting: str, last: list[str]) -> None:
    desk, client, _ = served(inactivity=60.0, warning_text="", after_timeout=setting)
    desk.later(60)
    assert names(client.poll()) == last
    assert code(client.ask("GET", client.events)) == (404, "5005")


@pytest.mark.parametrize(("setting", "last"), [("ended", ["ended"]), ("silent", None)])
def test_after_own_end(setting: str, last: list[str] | None) -> None:
    _, client, _ = served(after_end=setting)
    poll = client.hold()
    assert client.send("end").status == 200
    answer = client.answer(poll)
    assert answer is not None
    if last is None:
        assert code(answer) == (404, "5005")
    else:
        assert names(json.loads(answer.body)["events"]) == last
    assert code(client.ask("GET", client.events)) == (404, "5005")
    assert code(client.send("end")) == (404, "5005")


def test_after_disconnect_comes_a_survey() -> None:
    desk, client, _ = served()
    client.send("disconnect")
    left, form = client.poll()
    assert names([left, form]) == ["party_left", "form_show"]
    assert (form["form_name"], form["form_timeout"]) == ("survey_form", "60")
    client.send("disconnect")
    desk.later(59)
    assert client.poll() == []
    desk.later(1)
    assert names(client.poll()) == ["ended"]
    assert client.is_over


def test_after_disconnect_may_come_the_end() -> None:
    _, client, _ = served(after_disconnect="ended")
    client.send("disconnect")
    assert names(client.poll()) == ["party_left", "ended"]
    assert client.is_over


@pytest.mark.parametrize(("setting", "over"), [(120.0, True), (None, False)])
def test_unresponsive_client(setting: float | None, over: bool) -> None:
    desk = Desk(unresponsive=setting, hold=1000.0)
    client = desk.chat()
    poll = client.hold()
    desk.later(500)
    assert not client.is_over, "a held poll is a sign of life"
    client.gone(poll)
    desk.later(119)
    assert not client.is_over
    desk.later(1)
    assert client.is_over is over


@pytest.mark.parametrize(
    ("setting", "kept"),
    [
        (
            "all",
            ["status queued", "status connecting", "party_joined", "status connected", "message", "message_delivered",
             "navigation", "message_read", "message"],
        ),
        ("messages", ["party_joined", "message", "message"]),
    ],
)  # fmt: skip
def test_history(setting: str, kept: list[str]) -> None:
    desk, client, _ = served(history=setting)
    client.say()
    client.send("navigation", title="Prices", page="https://shop.example.test")
    client.send("signaling", destination_party_id="x", data={"type": "REQUEST_CALL"})
    client.send("typing")
    desk.do(AgentTypes())
    desk.do(AgentReads())
    desk.do(AgentSays(text="Hello"))
    assert names(client.history()) == kept


@pytest.mark.parametrize(("setting", "status"), [(0.0, 404), (60.0, 200)])
def test_history_after_the_end(setting: float, status: int) -> None:
    desk, client, _ = served(history_after_end=setting)
    desk.do(CloseContact())
    assert client.ask("GET", f"chats/{client.chat}/history").status == status
    desk.later(60)
    assert client.is_over


@pytest.mark.parametrize(("setting", "told"), [(True, ["message_delivered", "message_read"]), (False, [])])
def test_receipts(setting: bool, told: list[str]) -> None:
    desk, client, _ = served(receipts=setting)
    client.say("Hello", "m1")
    desk.do(AgentReads())
    events = client.poll()
    assert names(events) == told
    assert {e["ref_msg_id"] for e in events} <= {"m1"}


@pytest.mark.parametrize(("setting", "again"), [("removed", []), ("copies", ["typing"])])
def test_v1_post_answer(setting: str, again: list[str]) -> None:
    desk = Desk(v1_answer=setting)
    client = desk.client(version="v1")
    client.begin()
    client.poll()
    desk.do(AgentTypes())
    answer = client.send("typing")
    assert names(json.loads(answer.body)["events"]) == ["typing"]
    assert names(client.poll()) == again


@pytest.mark.parametrize(("setting", "status", "count"), [("store", 200, 2), ("drop", 200, 1), ("refuse", 500, 1)])
def test_known_msg_id(setting: str, status: int, count: int) -> None:
    client = Desk(repeated_message=setting).chat()
    client.say("Hello", "m1")
    assert client.say("Hello", "m1").status == status
    assert client.say("Hello", "m2").status == 200
    assert names(client.history()).count("message") == count + 1


def test_every_setting_is_described() -> None:
    own = set(BrightPatternChannel.__struct_fields__) - set(Channel.__struct_fields__)
    assert {name for name in own if f"``{name}``" not in (BrightPatternChannel.__doc__ or "")} == set()


def test_every_row_has_its_test() -> None:
    tested = [name for name in globals() if name.startswith("test_")]
    assert [row for row in ROWS if not any(name.startswith(f"test_{row}") for name in tested)] == []
    assert len(ROWS) == 20
