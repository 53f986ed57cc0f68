"""How far a conversation was told, as a later run counts it."""

from datetime import UTC, datetime

from deskline_core.cursor import Cursor
from deskline_core.lifecycle import MessageStatus
from deskline_core.model import Message, Party, PartyRole


def said(id: str, second: int = 0, role: PartyRole = PartyRole.AGENT) -> Message:
    return Message(
        id=id, thread="t", party=Party(id=role, role=role), text=id, status=MessageStatus.DELIVERED,
        created_at=datetime(2026, 1, 1, 0, 0, second, tzinfo=UTC),
    )  # fmt: skip


def own(id: str, second: int = 0) -> Message:
    return said(id, second, PartyRole.CUSTOMER)


def split(cursor: Cursor, *messages: Message) -> tuple[list[str], list[str]]:
    known, news = cursor.split(messages)
    return [message.id for message in known], [message.id for message in news]


def test_what_came_since_is_news_and_what_had_been_told_is_not() -> None:
    cursor = Cursor.of([said("a", 1), own("b", 2)], None)
    assert split(cursor, said("a", 1), own("b", 2), said("c", 3), own("d", 4)) == (["a", "b"], ["c", "d"])


def test_of_one_second_a_history_may_have_another_order() -> None:
    cursor = Cursor.of([said("0"), own("me", 1), said("b", 1), own("mine", 1), said("a", 1)], None)
    assert (cursor.told, cursor.also) == ("a", ("b",))
    assert split(cursor, said("0"), said("a", 1), said("b", 1), said("c", 1)) == (["0", "a", "b"], ["c"])


def test_nobody_can_say_where_the_newest_that_was_told_is_gone() -> None:
    assert split(Cursor(told="gone"), said("a"), said("b", 1)) == (["a", "b"], [])


def test_where_nothing_was_told_all_of_the_other_side_is_news() -> None:
    cursor = Cursor.of([own("a")], None)
    assert split(cursor, own("a"), said("b", 1)) == (["a"], ["b"])
    assert split(Cursor(), said("a"), own("b", 1)) == ([], ["a", "b"])


def test_a_history_that_is_not_read_back_was_told_as_far_as_before() -> None:
    earlier = Cursor(told="a", last="b")
    assert Cursor.of([], earlier) == earlier
    assert Cursor.of([], None) == Cursor()
    assert Cursor.of([own("c", 3)], earlier) == Cursor(told="a", last="c")
