"""Requests that wait for one outcome: all are settled by it, in order, once."""

from deskline_core.commands import Answer, Command, Refuse
from deskline_core.errors import RefusalCode
from deskline_core.waiters import Waiters
from tests.core.bare import bare


class Wait:
    """Waiters of a bare session, by requests that it has accepted."""

    def __init__(self, *requests: int) -> None:
        self.session = bare()
        self.waiters = Waiters(self.session)
        for request in requests:
            self.session.requests.accept(request)
            self.waiters.add(request)

    def commands(self) -> list[Command]:
        found = list(self.session._commands)
        self.session._commands.clear()
        return found


def test_all_get_the_same_answer_in_the_order_they_came_and_once() -> None:
    wait = Wait(2, 1)
    assert wait.waiters
    wait.waiters.answer("thread")
    assert wait.commands() == [Answer(request=2, value="thread"), Answer(request=1, value="thread")]
    assert not wait.waiters
    wait.waiters.answer("thread")
    wait.waiters.refuse(RefusalCode.OFFLINE, "nobody is there")
    assert wait.commands() == []


def test_all_are_refused_with_the_same_words() -> None:
    wait = Wait(1, 2)
    wait.waiters.refuse(RefusalCode.OFFLINE, "nobody is there", "connect again later")
    assert wait.commands() == [
        Refuse(request=number, code=RefusalCode.OFFLINE, message="nobody is there", hint="connect again later")
        for number in (1, 2)
    ]
    assert not wait.waiters


def test_who_no_longer_waits_is_told_nothing() -> None:
    wait = Wait(1, 2)
    assert wait.waiters.withdrawn(1)
    assert not wait.waiters.withdrawn(1)
    wait.waiters.answer()
    assert wait.commands() == [Answer(request=2)]
