"""What an app asks about a message that it has sent, whatever the vendor."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.commands import Answer, Refuse
from deskline_core.errors import RefusalCode
from deskline_core.follow_up import FollowUp
from deskline_core.lifecycle import MessageStatus, ThreadState
from deskline_core.model import Message, Party, PartyRole
from deskline_core.outbox import Outbox
from deskline_core.outgoing import Outgoing
from tests.core.bare import NOW, bare, ledger

ME = Party(id="me", role=PartyRole.CUSTOMER)
KEPT = Message(
    id="kept", thread="t", party=ME, text="", created_at=datetime(2026, 3, 4, tzinfo=UTC), status=MessageStatus.SEEN
)


class Thread:
    """The little of a thread that is looked at."""

    def __init__(self, state: ThreadState) -> None:
        self.state = state


class Following:
    """An outbox with one message, and what is asked of it."""

    def __init__(self, *triggers: str, thread: ThreadState | None = ThreadState.OPEN, final: bool = False) -> None:
        self.session = bare()
        threads: Any = self.session.threads
        if thread is not None:
            threads["t"] = Thread(thread)
        self.outbox = Outbox(self.session, ledger(self.session), lambda _: None)
        self.outgoing = Outgoing(self.outbox, id="m", thread="t", text="hello", postback="", party=ME, at=NOW)
        self.outbox.put(self.outgoing)
        for trigger in triggers:
            self.outgoing.fire(trigger)
        self.changes = 0
        self.follow_up = FollowUp(
            self.outbox,
            kept={KEPT.id: KEPT}.get,
            is_final=lambda _: final,
            changed=self._changed,
        )

    def _changed(self) -> None:
        self.changes += 1

    def ask(self, kind: type[Any], message: str = "m") -> object:
        """Ask; return the answer, or the code of the refusal, or None as long as there is neither."""
        request: Any = kind(request=1, message=message)
        self.session.requests.accept(1)
        asked: dict[type[Any], Callable[[Any], None]] = {
            i.RetryMessage: self.follow_up.retry,
            i.DiscardMessage: self.follow_up.discard,
            i.AwaitSettled: self.follow_up.await_settled,
        }
        asked[kind](request)
        return self.said()

    def said(self) -> object:
        for command in reversed(self.session._commands):
            if isinstance(command, Answer):
                return command.value
            if isinstance(command, Refuse):
                return command.code
        return None


def test_a_failed_message_goes_again() -> None:
    chat = Following("refused")
    assert (chat.ask(i.RetryMessage), chat.outgoing.status, chat.changes) == ("m", "queued", 1)


def test_a_message_on_its_way_is_not_sent_again() -> None:
    chat = Following("write")
    assert (chat.ask(i.RetryMessage), chat.outgoing.status) == (RefusalCode.ILLEGAL_STATE, "sending")


@pytest.mark.parametrize("thread", [None, ThreadState.ENDED])
def test_nothing_goes_again_to_a_thread_that_is_over(thread: ThreadState | None) -> None:
    chat = Following("refused", thread=thread)
    assert (chat.ask(i.RetryMessage), chat.outgoing.status, chat.changes) == (RefusalCode.THREAD_ENDED, "failed", 0)


def test_a_message_that_has_not_gone_can_be_given_up() -> None:
    chat = Following()
    assert (chat.ask(i.DiscardMessage), len(chat.outbox), chat.changes) == ("m", 0, 1)


@pytest.mark.parametrize("kind", [i.RetryMessage, i.DiscardMessage])
def test_what_has_arrived_cannot_be_sent_again_or_given_up(kind: type[Any]) -> None:
    assert Following().ask(kind, KEPT.id) == RefusalCode.ILLEGAL_STATE


@pytest.mark.parametrize("kind", [i.RetryMessage, i.DiscardMessage, i.AwaitSettled])
def test_a_message_that_nobody_knows_is_refused(kind: type[Any]) -> None:
    assert Following().ask(kind, "nobody's") == RefusalCode.UNKNOWN_MESSAGE


def test_who_awaits_an_outcome_is_told_when_it_is_there() -> None:
    chat = Following("write")
    assert chat.ask(i.AwaitSettled) is None
    chat.outgoing.fire("refused")
    assert chat.said() == MessageStatus.FAILED


def test_an_outcome_that_is_there_is_told_at_once() -> None:
    assert Following("write", final=True).ask(i.AwaitSettled) == MessageStatus.SENDING
    assert Following().ask(i.AwaitSettled, KEPT.id) == "seen"


def test_who_no_longer_awaits_it_is_not_told() -> None:
    chat = Following("write")
    chat.ask(i.AwaitSettled)
    chat.follow_up.withdrawn(1)
    chat.outgoing.fire("refused")
    assert chat.said() is None
