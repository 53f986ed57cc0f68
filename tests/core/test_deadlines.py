"""Deadlines are data: set, moved, cleared, and served in order."""

from hypothesis import given
from hypothesis import strategies as st

from deskline_core.deadlines import Deadlines


def test_the_earliest_is_next() -> None:
    deadlines = Deadlines()
    assert not deadlines.next
    deadlines.set("b", 20)
    deadlines.set("a", 10, 1)
    deadlines.set("a", 30, 2)
    assert (deadlines.next, deadlines.at("a", 1), deadlines.at("a", 2), deadlines.at("a")) == (10, 10, 30, None)


def test_a_deadline_can_be_moved_and_cleared() -> None:
    deadlines = Deadlines()
    deadlines.set("a", 10)
    deadlines.set("b", 20)
    deadlines.set("a", 30)
    assert deadlines.next == 20
    deadlines.clear("b")
    assert deadlines.next == 30
    deadlines.clear("b")
    deadlines.clear("a")
    assert deadlines.next is None


def test_what_is_due_comes_out_once_and_equal_times_as_they_were_set() -> None:
    deadlines = Deadlines()
    for name in ("one", "two", "three"):
        deadlines.set(name, 10)
    deadlines.set("later", 11)
    assert deadlines.pop_due(9.9) is None
    assert [deadlines.pop_due(10) for _ in range(4)] == [("one", ""), ("two", ""), ("three", ""), None]
    assert deadlines.next == 11


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("set"), st.sampled_from("abcd"), st.integers(0, 20)),
        st.tuples(st.just("clear"), st.sampled_from("abcd"), st.just(0)),
        st.tuples(st.just("pop"), st.just(""), st.integers(0, 20)),
    )
)


@given(STEPS)
def test_next_is_always_the_least_of_what_is_set(steps: list[tuple[str, str, int]]) -> None:
    deadlines, plain = Deadlines(), dict[str, int]()
    for what, name, at in steps:
        if what == "set":
            deadlines.set(name, at)
            plain[name] = at
        elif what == "clear":
            deadlines.clear(name)
            plain.pop(name, None)
        elif (due := deadlines.pop_due(at)) is None:
            assert not any(time <= at for time in plain.values())
        else:
            assert plain.pop(str(due[0])) <= min([at, *plain.values()])
        assert deadlines.next == min(plain.values(), default=None)
