"""An app request is settled once, by an answer or a refusal, or withdrawn."""

from deskline_core.commands import Answer, Command, Refuse
from deskline_core.errors import RefusalCode
from deskline_core.requests import Requests


def opened() -> tuple[Requests, list[Command]]:
    """Return requests of which number 1 is open, and what they emit."""
    emitted: list[Command] = []
    requests = Requests(emitted.append)
    assert requests.accept(1)
    return requests, emitted


def test_an_answer_settles_once() -> None:
    requests, emitted = opened()
    assert (requests.is_open(1), requests.accept(1)) == (True, False)
    requests.answer(1, "value")
    requests.answer(1, "again")
    requests.refuse(1, RefusalCode.OFFLINE, "again")
    assert emitted == [Answer(request=1, value="value")]
    assert not requests.is_open(1)


def test_a_refusal_settles_once_and_carries_the_far_sides_words() -> None:
    requests, emitted = opened()
    requests.refuse(1, RefusalCode.REFUSED_BY_CENTER, "no", "try again", remote_code="Failed", transaction="t-1")
    requests.answer(1)
    assert emitted == [
        Refuse(
            request=1, code=RefusalCode.REFUSED_BY_CENTER, message="no", hint="try again", remote_code="Failed",
            transaction="t-1",
        )
    ]  # fmt: skip


def test_a_withdrawn_request_is_not_settled() -> None:
    requests, emitted = opened()
    assert requests.withdraw(1)
    assert not requests.withdraw(1)
    requests.answer(1)
    assert emitted == []
    assert requests.accept(1)


def test_what_the_session_itself_wants_is_settled_silently() -> None:
    requests, emitted = opened()
    requests.answer(None)
    requests.refuse(None, RefusalCode.OFFLINE, "nobody")
    assert (emitted, requests.is_open(None)) == ([], False)
