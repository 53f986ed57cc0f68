"""The messages of one thread: sorted, each once, bounded."""

import random
from datetime import UTC, datetime

from deskline_core.history import History
from deskline_core.lifecycle import MessageStatus
from deskline_core.model import Message, Party, PartyRole

AGENT = Party(id="7", role=PartyRole.AGENT)


def message(id: str, at: float, text: str = "") -> Message:
    created = datetime.fromtimestamp(1_780_000_000 + at, UTC)
    return Message(id=id, thread="t", party=AGENT, text=text, created_at=created, status=MessageStatus.DELIVERED)


def ids(history: History) -> str:
    return "".join(kept.id for kept in history.messages)


def filled(limit: int = 100, remembered: int = 100, **times: float) -> History:
    history = History(limit, remembered)
    for id, at in times.items():
        history.add(message(id, at))
    return history


def moved(id: str, to: float, **times: float) -> History:
    """A history in which one message got another time."""
    history = filled(**times)  # type: ignore[arg-type]
    history.add(message(id, to))
    return history


def test_an_empty_history_has_nothing() -> None:
    history = History(3, 3)
    assert (history.messages, history.get("a"), "a" in history) == ([], None, False)
    assert history.add_older([]) == []


def test_messages_are_sorted_by_time_whatever_their_order_of_arrival() -> None:
    times = {chr(97 + number): float(number) for number in range(26)}
    for seed in range(20):
        shuffled = list(times.items())
        random.Random(seed).shuffle(shuffled)
        assert ids(filled(100, 100, **dict(shuffled))) == "abcdefghijklmnopqrstuvwxyz"


def test_messages_of_one_time_stand_as_they_arrived() -> None:
    assert ids(filled(a=1, b=1, c=0, d=1, e=0)) == "ceabd"


def test_a_millisecond_counts() -> None:
    assert ids(filled(a=0.002, b=0.001)) == "ba"


def test_a_message_that_gets_another_time_passes_none_of_that_time() -> None:
    assert ids(moved("a", 2, a=1, b=2, c=2)) == "abc"
    assert ids(moved("b", 3, a=1, b=2, c=3, d=3)) == "abcd"
    assert ids(moved("c", 1, a=1, b=1, c=2)) == "abc"
    assert ids(moved("a", 4, a=1, b=2, c=3)) == "bca"


def test_a_newer_copy_takes_the_place_of_the_older() -> None:
    history = filled(a=1, b=1, c=1)
    old = history.get("b")
    assert history.add(message("b", 1, "new")) is old
    assert ids(history) == "abc"
    assert history.messages[1].text == "new"
    kept = history.get("b")
    assert kept is not None
    assert kept.text == "new"


def test_a_copy_with_another_time_moves() -> None:
    history = filled(a=1, b=2, c=3)
    assert history.add(message("a", 2.5)) is not None
    assert ids(history) == "bac"
    assert history.add(message("c", 0)) is not None
    assert ids(history) == "cba"


def test_a_page_brings_back_only_what_was_not_known() -> None:
    history = filled(c=3, d=4)
    fresh = history.add_older([message("a", 1), message("b", 2), message("c", 3, "again")])
    assert [kept.id for kept in fresh] == ["a", "b"]
    assert ids(history) == "abcd"


def test_what_is_new_is_told_oldest_first_even_if_the_page_is_not() -> None:
    fresh = filled().add_older([message("b", 2), message("a", 1)])
    assert [kept.id for kept in fresh] == ["a", "b"]


def test_a_page_decides_the_order_of_messages_of_one_time() -> None:
    history = filled(c=1)
    assert [kept.id for kept in history.add_older([message(id, 1) for id in "abcd"])] == ["a", "b", "d"]
    assert ids(history) == "abcd"


def test_a_page_stands_before_what_follows_it() -> None:
    history = filled(c=1, d=1)
    history.add_older([message("a", 1), message("b", 1)], before=history.messages[0])
    assert ids(history) == "abcd"


def test_the_oldest_go_first_when_there_are_too_many() -> None:
    history = filled(limit=3, a=1, b=2, c=3, d=4, e=5)
    assert ids(history) == "cde"
    assert history.get("a") is None


def test_a_message_older_than_a_full_history_goes_at_once() -> None:
    history = filled(limit=2, b=2, c=3)
    assert history.add(message("a", 1)) is None
    assert ids(history) == "bc"
    assert "a" in history


def test_the_repeat_of_a_message_that_went_is_no_news() -> None:
    history = filled(limit=2, a=1, b=2, c=3)
    repeat = message("a", 9)
    assert history.add(repeat) is repeat
    assert history.add_older([repeat]) == []
    assert ids(history) == "bc"


def test_a_message_that_is_taken_out_is_no_news_when_it_comes_again() -> None:
    history = filled(a=1, b=2, c=3)
    history.remove("b")
    history.remove("b")
    assert ids(history) == "ac"
    assert history.add(message("b", 2)) is not None
    assert ids(history) == "ac"


def test_only_so_many_of_those_that_went_are_remembered() -> None:
    history = filled(limit=1, remembered=2, a=1, b=2, c=3, d=4)
    assert ("a" in history, "b" in history, "c" in history, "d" in history) == (False, True, True, True)
    assert history.add(message("a", 9)) is None


def test_a_page_into_a_full_history_keeps_the_newest_and_never_fails() -> None:
    for seed in range(30):
        chance = random.Random(seed)
        history = History(4, 3)
        for _ in range(40):
            page = [message(chance.choice("abcdefghij"), chance.randrange(3)) for _ in range(chance.randrange(5))]
            before = history.messages[0] if history.messages and chance.random() < 0.5 else None
            history.add_older(page, before=before)
            times = [kept.created_at for kept in history.messages]
            assert times == sorted(times)
            assert len(times) <= 4
            assert len({kept.id for kept in history.messages}) == len(times)
            assert all(history.get(kept.id) is kept for kept in history.messages)


def test_several_that_get_one_later_time_keep_their_order() -> None:
    """As when a far side with whole seconds tells when the customer's messages came."""
    history = History(10, 10)
    for id in ("first", "second"):
        history.add(message(id, 1))
    history.add(message("answer", 3))
    for id in ("first", "second"):
        history.add(message(id, 3))
    assert [kept.id for kept in history.messages] == ["first", "second", "answer"]
