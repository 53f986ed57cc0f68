"""What every session does, whatever the vendor: inputs in, commands out, time, requests, what is kept."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, get_args

import pytest

from deskline_core.commands import Answer, Command, Forget, Notify, Refuse, Save
from deskline_core.errors import RefusalCode
from deskline_core.events import CustomerIdentified
from deskline_core.inputs import AwaitReady, Connect, NetworkReturned, Prepare, Report, Tick, Withdraw
from deskline_core.lifecycle import ChatState
from deskline_core.model import FileLimits, Message, Question, ThreadView
from deskline_core.policy import DEFAULT_POLICY
from deskline_core.session import Session
from deskline_core.snapshot import Snapshot
from deskline_core.values import Secret

SEED = b"a seed of at least sixteen bytes"


class Recorder:
    """A vendor's part that notes what it is given, and does what a test wants."""

    chat_state = ChatState.OFFLINE
    threads: Mapping[str, ThreadView] = {}
    questions: Sequence[Question] = (Question(id="q", label="Order?"),)
    customer_questions: Sequence[Question] = (Question(id="email", label="E-mail"),)
    thread_questions: Sequence[Question] = (Question(id="topic", label="Topic"),)
    customer_fields: Mapping[str, str] = {"email": "kit@example.test"}
    file_limits = FileLimits(allowed=True, most=3)
    capabilities = frozenset({"StartThread"})
    outbox: Sequence[Message] = ()

    def __init__(self, session: Session) -> None:
        self.session = session
        self.taken: list[tuple[object, float]] = []
        self.then: Callable[[Session], object] = lambda session: None

    def take(self, input: object) -> None:
        self.taken.append((input, self.session.now))
        self.then(self.session)

    def records(self) -> Mapping[str, str]:
        return {"message.1": "as it is now"}

    reports: ClassVar[Mapping[type, Callable[[Any, Any], None]]] = dict.fromkeys(get_args(Report), take)

    def elapsed(self, name: str, ref: str | int) -> None:
        self.taken.append(((name, ref), self.session.now))

    def withdrawn(self, request: int) -> None:
        self.taken.append((f"withdrawn {request}", self.session.now))


class Place:
    """A site that attaches a recorder."""

    identity = "here"
    recorder: Recorder

    def attach(self, session: Session) -> Recorder:
        self.recorder = Recorder(session)
        return self.recorder


def attached(**rest: object) -> tuple[Session, Recorder]:
    place = Place()
    return Session(place, seed=SEED, **rest), place.recorder  # type: ignore[arg-type]


def identified(name: str) -> CustomerIdentified:
    return CustomerIdentified(customer=name)


# --- handle ---


def test_commands_come_out_in_order_and_once() -> None:
    session, recorder = attached()

    def act(session: Session) -> None:
        session.notify(identified("a"))
        session.save("key", "value")
        session.notify(identified("b"))

    recorder.then = act
    expected: list[Command] = [
        Notify(event=identified("a")), Save(id=1, key="key", value=Secret("value")), Notify(event=identified("b")),
    ]  # fmt: skip
    assert session.handle(NetworkReturned(), now=1) == expected
    assert session.handle(Tick(), now=2) == []


@pytest.mark.row("R40")
def test_a_nested_call_raises_and_breaks_nothing() -> None:
    session, recorder = attached()
    recorder.then = lambda session: session.handle(Tick(), now=2)
    with pytest.raises(RuntimeError, match="queue the input"):
        session.handle(NetworkReturned(), now=1)
    recorder.then = lambda session: session.notify(identified("a"))
    assert session.handle(NetworkReturned(), now=2) == [Notify(event=identified("a"))]


def test_due_deadlines_are_served_before_the_input_and_in_their_order() -> None:
    session, recorder = attached()
    session.deadlines.set("late", 30)
    session.deadlines.set("second", 20, 7)
    session.deadlines.set("first", 10, "x")
    session.handle(NetworkReturned(), now=25)
    assert [what for what, _ in recorder.taken] == [("first", "x"), ("second", 7), NetworkReturned()]
    assert {at for _, at in recorder.taken} == {25}
    assert session.next_deadline == 30


def test_a_tick_serves_deadlines_only() -> None:
    session, recorder = attached()
    session.deadlines.set("first", 10)
    assert session.handle(Tick(), now=9.9) == []
    assert recorder.taken == []
    session.handle(Tick(), now=10)
    assert recorder.taken == [(("first", ""), 10)]
    assert session.next_deadline is None


def test_time_never_decreases() -> None:
    session, recorder = attached()
    session.handle(NetworkReturned(), now=20)
    session.deadlines.set("first", 15)
    session.handle(NetworkReturned(), now=10)
    assert [at for _, at in recorder.taken] == [20, 20, 20]
    assert session.now == 20


# --- app requests ---


def test_a_request_number_that_is_open_is_not_taken_twice() -> None:
    session, recorder = attached()
    session.handle(Prepare(request=1), now=1)
    assert session.handle(Connect(request=1), now=2) == []
    assert [what for what, _ in recorder.taken] == [Prepare(request=1)]
    assert session.counts["repeated request numbers"] == 1


def test_a_settled_number_may_be_used_again() -> None:
    session, recorder = attached()
    recorder.then = lambda session: session.requests.answer(1)
    assert session.handle(Prepare(request=1), now=1) == [Answer(request=1)]
    assert session.handle(Prepare(request=1), now=2) == [Answer(request=1)]
    assert session.counts["repeated request numbers"] == 0


def test_a_withdrawn_request_is_settled_no_more() -> None:
    session, recorder = attached()
    session.handle(AwaitReady(request=1), now=1)
    assert session.handle(Withdraw(request=1), now=2) == []
    assert recorder.taken[-1] == ("withdrawn 1", 2)
    recorder.then = lambda session: session.refuse(1, RefusalCode.OFFLINE, "too late")
    assert session.handle(NetworkReturned(), now=3) == []


def test_the_withdrawal_of_what_is_not_open_is_nothing() -> None:
    session, recorder = attached()
    assert session.handle(Withdraw(request=1), now=1) == []
    assert recorder.taken == []


def test_a_refusal_says_why() -> None:
    session, recorder = attached()
    recorder.then = lambda session: session.refuse(1, RefusalCode.OFFLINE, "nobody is there", "come back later")
    assert session.handle(Prepare(request=1), now=1) == [
        Refuse(request=1, code=RefusalCode.OFFLINE, message="nobody is there", hint="come back later")
    ]


# --- what is kept ---


@pytest.mark.row("C2")
def test_what_is_kept_goes_out_and_is_there_for_the_next_session() -> None:
    session, recorder = attached(restored={"old": "1", "older": "0"})

    def act(session: Session) -> None:
        assert session.save("new", "2") == 1
        assert session.forget("old", "nowhere") == 2

    recorder.then = act
    assert session.handle(NetworkReturned(), now=1) == [
        Save(id=1, key="new", value=Secret("2")), Forget(id=2, keys=("old", "nowhere")),
    ]  # fmt: skip
    assert session.kept == {"older": "0", "new": "2"}
    assert attached(restored=dict(session.kept))[0].kept == session.kept


def test_a_snapshot_is_a_copy() -> None:
    restored = {"key": "1"}
    session, _ = attached(restored=restored)
    restored["key"] = "2"
    snapshot = dict(session.kept)
    session.save("key", "3")
    assert snapshot == {"key": "1"}


# --- what is shown ---


def test_the_vendors_part_is_what_shows() -> None:
    session, recorder = attached()
    assert session.state is ChatState.OFFLINE
    assert session.threads is recorder.threads
    assert session.questions is recorder.questions
    assert session.capabilities == {"StartThread"}
    assert [question.id for question in session.customer_questions] == ["email"]
    assert [question.id for question in session.thread_questions] == ["topic"]
    assert session.customer_fields == {"email": "kit@example.test"}
    assert session.file_limits == FileLimits(allowed=True, most=3)
    assert session.policy is DEFAULT_POLICY
    assert session.outbox is recorder.outbox


def test_a_snapshot_has_what_is_kept_and_the_messages_as_they_are_now() -> None:
    session, _ = attached(
        restored={"identity": "kit", "message.0": "of an earlier run", "file.0.0": "", "thread.1": ""}
    )
    assert session.snapshot() == Snapshot(site="here", records={"identity": "kit", "message.1": "as it is now"})


def test_a_seed_that_can_be_guessed_is_not_taken() -> None:
    with pytest.raises(ValueError, match="at least 16 bytes, not 15"):
        Session(Place(), seed=bytes(15))
