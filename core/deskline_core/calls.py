"""REST calls of a session: numbered, with a deadline each, repeated on transient failures, dropped when stale."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

from .backoff import delay
from .commands import CancelRequest, SendRequest
from .inputs import LineReceived, RequestFailed, RequestProgressed, ResponseReceived
from .values import Secret

if TYPE_CHECKING:
    from .session import Session

__all__ = ["Call", "Calls", "retry_after"]

_MOST_DIGITS = 4
"""A wait of more than 9,999 seconds is none that anyone waits for."""


class Call:
    """One REST call. ``done`` gets the answer; ``failed`` is told when there will be none, with a sentence.

    ``number`` is that of its attempt under way, or of its wait for the next one.

    One that ``outlives`` its state is not stopped when the connection leaves. One that asks for ``telling`` has what
    is told of it given to ``told``, and its ``timeout`` counts anew each time. The far side may hold back the answer to
    one that is ``held``: a long poll.
    """

    __slots__ = (
        "attempts", "body", "done", "failed", "headers", "held", "limit", "method", "number", "outlives", "retries",
        "telling", "timeout", "told", "unsent", "url",
    )  # fmt: skip

    def __init__(
        self,
        method: str,
        url: str,
        *,
        done: Callable[[ResponseReceived], None],
        failed: Callable[[str], None],
        body: bytes = b"",
        headers: tuple[tuple[str, str], ...] = (),
        timeout: float,
        retries: int = 0,
        limit: int,
        outlives: bool = False,
        telling: Literal["answer", "progress", "lines"] = "answer",
        told: Callable[[LineReceived | RequestProgressed], None] | None = None,
        held: bool = False,
    ) -> None:
        self.method = method
        self.url = Secret(url)
        self.body = body
        self.headers = headers
        self.done = done
        self.failed = failed
        self.timeout = timeout
        self.retries = retries
        self.limit = limit
        self.outlives = outlives
        self.telling: Literal["answer", "progress", "lines"] = telling
        self.told = told
        self.held = held
        self.number = 0
        self.attempts = 0
        self.unsent = False


class Calls:
    """The calls under way, by number. An attempt's number is never used again.

    The deadlines ``call`` and ``call again`` are theirs. ``stale`` is told when a report of an attempt comes that is
    over: it is dropped.
    """

    __slots__ = ("_last", "_open", "_resting", "_session", "_stale")

    def __init__(self, session: "Session", stale: Callable[[], None]) -> None:
        self._session = session
        self._stale = stale
        self._last = 0
        self._open: dict[int, Call] = {}
        self._resting: dict[int, Call] = {}

    def begin(self, call: Call) -> Call:
        """Send a call's next attempt; return the call, by which it can be stopped."""
        session = self._session
        self._last += 1
        call.number = self._last
        call.attempts += 1
        self._open[self._last] = call
        deadline = session.now + call.timeout
        session.deadlines.set("call", deadline, self._last)
        session.emit(
            SendRequest(
                id=self._last, method=call.method, url=call.url, headers=call.headers, body=call.body,
                deadline=deadline, limit=call.limit, telling=call.telling, held=call.held,
            )
        )  # fmt: skip
        return call

    def cancel_all(self) -> None:
        """Stop the calls of a state that was left, except those that outlive it."""
        for call in (*self._open.values(), *self._resting.values()):
            if not call.outlives:
                self.cancel(call)

    def cancel(self, call: Call) -> None:
        """Stop one call, whether it is being sent or waits for its next attempt."""
        if self._open.pop(call.number, None) is not None:
            self._session.deadlines.clear("call", call.number)
            self._session.emit(CancelRequest(id=call.number))
        elif self._resting.pop(call.number, None) is not None:
            self._session.deadlines.clear("call again", call.number)

    def told(self, input: LineReceived | RequestProgressed) -> None:
        """More of an attempt is done, or came: it has time for the rest."""
        call = self._open.get(input.id)
        if call is not None and call.told is not None:
            self._session.deadlines.set("call", self._session.now + call.timeout, input.id)
            call.told(input)
        else:
            self._stale()

    def answered(self, input: ResponseReceived) -> None:
        """An attempt was answered."""
        call = self._take(input.id)
        if call is None:
            return
        if input.is_transient and call.attempts <= call.retries:
            self._rest(call, retry_after(input))
        else:
            call.done(input)

    def failed(self, input: RequestFailed) -> None:
        """An attempt failed on the way."""
        call = self._take(input.id)
        if call is not None:
            call.unsent = input.sent == "no"
            self._again(call, input.reason or "the request failed")

    def elapsed(self, number: int) -> None:
        """An attempt had no answer in time."""
        call = self._open.pop(number, None)
        if call is not None:
            self._session.emit(CancelRequest(id=number))
            self._again(call, f"no answer in {call.timeout:g} s")

    def rested(self, number: int) -> None:
        """A call has waited long enough for its next attempt."""
        call = self._resting.pop(number, None)
        if call is not None:
            self.begin(call)

    def _take(self, number: int) -> Call | None:
        call = self._open.pop(number, None)
        if call is not None:
            self._session.deadlines.clear("call", number)
        else:
            self._stale()
        return call

    def _again(self, call: Call, cause: str) -> None:
        if call.attempts <= call.retries:
            self._rest(call, 0.0)
        else:
            call.failed(cause)

    def _rest(self, call: Call, at_least: float) -> None:
        session = self._session
        wait = delay(session.policy.rest_retry, call.attempts - 1, session.ids.fraction())
        self._last += 1
        call.number = self._last
        self._resting[self._last] = call
        session.deadlines.set(
            "call again", session.now + max(wait, min(at_least, session.policy.retry_after)), self._last
        )


def retry_after(response: ResponseReceived) -> float:
    """Return the seconds of a Retry-After header; its date form is not compared with our clock and counts as none."""
    for name, text in response.headers:
        if name == "retry-after" and text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS:
            return float(text)
    return 0.0
