"""REST calls of a bare session: what is asked of the transport, and what a late report is worth."""

import pytest

from deskline_core import inputs as i
from deskline_core.calls import Call, Calls, retry_after
from deskline_core.commands import SendRequest
from deskline_core.inputs import ResponseReceived
from tests.core.bare import NOW, bare


class Calling:
    """A bare session's calls, what they heard, and how many reports were stale."""

    def __init__(self) -> None:
        self.session = bare()
        self.stale = 0
        self.heard: list[str] = []
        self.calls = Calls(self.session, self._count)

    def _count(self) -> None:
        self.stale += 1

    def begin(self, *, retries: int = 0, held: bool = False, told: bool = False) -> Call:
        return self.calls.begin(
            Call(
                "GET", "https://chat.example.test/events", done=lambda it: self.heard.append(f"done {it.status}"),
                failed=self.heard.append, timeout=30, limit=10, retries=retries, held=held,
                told=(lambda it: self.heard.append(type(it).__name__)) if told else None,
            )
        )  # fmt: skip

    def sent(self) -> list[SendRequest]:
        return [command for command in self.session._commands if isinstance(command, SendRequest)]


@pytest.mark.parametrize("held", [False, True])
def test_a_call_whose_answer_may_be_held_back_says_so_with_each_attempt(held: bool) -> None:
    calling = Calling()
    call = calling.begin(retries=1, held=held)
    calling.calls.failed(i.RequestFailed(id=call.number))
    calling.calls.rested(call.number)
    assert [(request.held, request.deadline) for request in calling.sent()] == [(held, NOW + 30)] * 2


def test_a_report_of_an_attempt_that_is_over_is_told_as_stale_and_nothing_else() -> None:
    calling = Calling()
    number = calling.begin().number
    calling.calls.answered(ResponseReceived(id=number, status=200))
    calling.calls.answered(ResponseReceived(id=number, status=200))
    calling.calls.failed(i.RequestFailed(id=number))
    calling.calls.told(i.LineReceived(id=number, text=""))
    assert (calling.heard, calling.stale) == (["done 200"], 3)


def test_what_is_told_of_a_call_that_asked_for_nothing_is_stale() -> None:
    calling = Calling()
    calling.calls.told(i.RequestProgressed(id=calling.begin().number, sent=1, total=2))
    assert calling.stale == 1


def test_a_call_that_is_told_of_has_its_time_anew() -> None:
    calling = Calling()
    call = calling.begin(told=True)
    calling.session.now += 20
    calling.calls.told(i.LineReceived(id=call.number, text="more"))
    assert (calling.heard, calling.stale) == (["LineReceived"], 0)
    assert calling.session.next_deadline == NOW + 50


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("7", 7.0), ("0", 0.0), ("9999", 9999.0), ("10000", 0.0), ("-1", 0.0), ("1.5", 0.0), ("٣", 0.0), ("soon", 0.0)],
)
def test_how_long_the_far_side_asks_to_wait(text: str, seconds: float) -> None:
    response = ResponseReceived(id=1, status=429, headers=(("date", "now"), ("retry-after", text)))
    assert retry_after(response) == seconds
    assert retry_after(ResponseReceived(id=1, status=429)) == 0.0
