"""Two messages, and a fault at any of the first forty deliveries, or two: no such world breaks a promise."""

import pytest

from deskline_center.simulation import SmallWorlds

TITLES = [title for title, _ in SmallWorlds.all()]


def worlds(title: str) -> SmallWorlds:
    return next(found for name, found in SmallWorlds.all() if name == title)


def broken(title: str, faults: int, horizon: int) -> tuple[int, list[str]]:
    """Walk the worlds; return how many there were, and what was broken in which."""
    walked = list(worlds(title).walk(faults, horizon))
    return len(walked), [f"{title}, {dict(choices)}: {wrong}" for choices, wrong in walked if wrong is not None]


@pytest.mark.parametrize("title", TITLES)
def test_no_small_world_with_one_fault_breaks_a_promise(title: str) -> None:
    count, wrong = broken(title, 1, 40)
    assert (count > 60, wrong) == (True, [])


@pytest.mark.parametrize("title", TITLES)
def test_none_does_whose_two_faults_come_while_it_begins(title: str) -> None:
    count, wrong = broken(title, 2, 7)
    assert (count > 150, wrong) == (True, [])


@pytest.mark.slow
@pytest.mark.parametrize("title", TITLES)
def test_none_of_all_does(title: str) -> None:
    count, wrong = broken(title, 2, 40)
    assert (count > 2000, wrong) == (True, [])


def test_a_walk_is_the_same_every_time() -> None:
    first, second = ([dict(choices) for choices, _ in worlds("CXone live, legacy").walk(2, 4)] for _ in range(2))
    assert first == second
    assert len({tuple(sorted(choices.items())) for choices in first}) == len(first)
