"""REST calls: retries and their pauses, deadlines, stopping, late answers."""

import pytest

from deskline_core import inputs as i
from deskline_core.calls import Call
from deskline_core.commands import SendRequest
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.inputs import ResponseReceived
from deskline_core.policy import Policy
from tests.core.cxone.alone import START, Alone, reach


def numbers(chat: Alone) -> list[int]:
    """Return the numbers of all REST requests so far."""
    return [command.id for command in chat.log if isinstance(command, SendRequest)]


def begin(chat: Alone, *, retries: int = 0, outlives: bool = False) -> tuple[int, list[str]]:
    """Begin a call of its own; return its number and what becomes of it."""
    heard: list[str] = []

    def done(response: ResponseReceived) -> None:
        heard.append(f"done {response.status}")

    call = Call(
        "GET", "https://chat.example.test/x", done=done, failed=heard.append, timeout=5, limit=10, retries=retries,
        outlives=outlives,
    )  # fmt: skip
    return chat.leaf.calls.begin(call).number, heard


def test_a_request_says_all_that_its_transport_needs() -> None:
    chat = reach(S.VISITOR, policy=Policy(rest_timeout=7, max_body=1000))
    request = chat.call("PUT visitor")
    assert (request.deadline, request.limit) == (START + 7, 1000)
    assert dict(request.headers) == {
        "content-type": "application/json", "accept": "application/json", "x-sdk-platform": "web",
        "x-sdk-version": "3.3.0",
    }  # fmt: skip


def test_what_may_help_later_is_tried_again_and_nothing_else() -> None:
    for status in (408, 425, 429, 500, 502, 503, 504, 599):
        chat = reach(S.CONFIGURATION)
        assert chat.reply("GET configuration", status=status) == []
        assert chat.wait_next() == ["GET configuration"]
    for status in (300, 400, 401, 403, 404, 410, 499):
        chat = reach(S.CONFIGURATION)
        assert chat.reply("GET configuration", status=status) == ["chat initial", "Prepare refused connection_lost"]


def test_the_far_side_may_say_how_long_to_wait() -> None:
    chat = reach(S.CONFIGURATION)
    assert chat.reply("GET configuration", status=429, headers=(("retry-after", "7"),)) == []
    assert chat.wait(6.99) == []
    assert chat.wait(0.01) == ["GET configuration"]


def test_a_wait_that_is_shorter_than_ours_does_not_shorten_ours() -> None:
    chat = reach(S.CONFIGURATION)
    chat.reply("GET configuration", status=429, headers=(("retry-after", "0"),))
    assert chat.wait(0.19) == []
    assert chat.wait(0.21) == ["GET configuration"]


@pytest.mark.parametrize("text", ["99999", "Wed, 04 Mar 2026 10:20:05 GMT", "", "-1", "1.5", "٣", "soon"])
def test_a_wait_that_is_none_counts_as_none(text: str) -> None:
    chat = reach(S.CONFIGURATION)
    chat.reply("GET configuration", status=503, headers=(("date", "now"), ("retry-after", text)))
    assert chat.wait(0.4) == ["GET configuration"]


@pytest.mark.row("S46")
def test_every_attempt_has_its_own_number_and_only_the_last_one_counts() -> None:
    chat = reach(S.CONFIGURATION)
    chat.fail("GET configuration")
    assert chat.wait_next() == ["GET configuration"]
    first, second = numbers(chat)
    assert first != second
    assert chat.put(i.ResponseReceived(id=first, status=200, body=b"{}")) == []
    assert chat.put(i.RequestFailed(id=first)) == []
    assert chat.put(i.RequestProgressed(id=first, sent=1, total=2)) == []
    assert (chat.session.counts["stale completions"], chat.state) == (3, S.CONFIGURATION)
    assert chat.reply("GET configuration") == ["save identity"]


def test_an_attempt_that_is_answered_in_time_has_no_deadline_left() -> None:
    chat = reach(S.CONFIGURATION)
    chat.reply("GET configuration")
    chat.saved()
    chat.reply("PUT visitor")
    assert chat.session.next_deadline is None


def test_leaving_stops_what_belongs_to_the_state_and_not_what_outlives_it() -> None:
    chat = reach(S.AVAILABILITY)
    staying, heard = begin(chat, retries=1, outlives=True)
    _, stopped = begin(chat, retries=1)
    resting, _ = begin(chat, retries=1)
    chat.put(i.RequestFailed(id=resting))
    chat.put(i.RequestFailed(id=staying))
    words = chat.ask(i.Disconnect)
    assert sum(word.startswith("cancel") for word in words) == 2
    chat.wait(1)
    (again,) = [number for number in numbers(chat) if number > resting]
    chat.put(i.ResponseReceived(id=again, status=200))
    assert (heard, stopped) == (["done 200"], [])
    assert chat.wait(600) == []


def test_one_call_can_be_stopped_and_what_is_over_needs_no_stopping() -> None:
    chat = reach(S.PREPARED)
    number, heard = begin(chat)
    chat.put(i.Tick())
    call = chat.leaf.calls._open[number]
    chat.leaf.calls.cancel(call)
    chat.leaf.calls.cancel(call)
    chat.leaf.calls.elapsed(number)
    chat.leaf.calls.rested(number)
    commands = chat.session.handle(i.Tick(), now=chat.now)
    assert [type(command).__name__ for command in commands] == ["CancelRequest"]
    assert (heard, chat.session.next_deadline) == ([], None)


def test_a_call_without_an_answer_tells_after_its_last_attempt() -> None:
    chat = reach(S.PREPARED)
    _, heard = begin(chat, retries=1)
    chat.put(i.Tick())
    for _ in range(3):
        assert heard == []
        assert chat.session.next_deadline is not None
        chat.wait_next()
    assert heard == ["no answer in 5 s"]


def test_why_a_call_failed_is_told() -> None:
    chat = reach(S.PREPARED)
    number, heard = begin(chat)
    chat.put(i.RequestFailed(id=number, reason="no route"))
    number, silent = begin(chat)
    chat.put(i.RequestFailed(id=number))
    assert (heard, silent) == (["no route"], ["the request failed"])
