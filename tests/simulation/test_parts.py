"""The parts that a simulated world is made of: chance, the disk, the network's fates, shrinking, figures."""

from collections import Counter

import pytest

from deskline_center.simulation import Figures, Simulation
from deskline_center.simulation.chance import Chance
from deskline_center.simulation.digest import Digest
from deskline_center.simulation.disk import Disk
from deskline_center.simulation.plan import VENDORS, Vendor, planned
from deskline_center.simulation.shrinking import shrink
from deskline_core.commands import Forget, Save, SendFrame
from deskline_core.values import Secret

# --- chance ---


def test_chance_is_the_same_for_a_name_and_another_for_another() -> None:
    first, again, other = Chance(7, "network", 1), Chance(7, "network", 1), Chance(7, "network", 2)
    drawn = [first.below(1000) for _ in range(50)]
    assert drawn == [again.below(1000) for _ in range(50)]
    assert drawn != [other.below(1000) for _ in range(50)]


def test_chance_draws_all_there_is_and_nothing_else() -> None:
    chance = Chance("any")
    assert {chance.below(6) for _ in range(300)} == set(range(6))
    assert {chance.among("abc") for _ in range(100)} == set("abc")
    assert all(0 <= chance.fraction() < 1 for _ in range(100))
    happened = Counter(chance.happens(0.25) for _ in range(4000))
    assert 850 < happened[True] < 1150
    assert not any(chance.happens(0.0) for _ in range(100))
    assert all(chance.happens(1.0) for _ in range(100))
    assert len(chance.seed()) == 32


# --- the disk ---


def save(number: int, key: str, value: str) -> Save:
    return Save(id=number, key=key, value=Secret(value))


def test_a_disk_keeps_what_it_confirmed_in_order() -> None:
    disk = Disk()
    for command in (save(1, "a", "1"), save(2, "a", "2"), Forget(id=3, keys=("a", "b"))):
        disk.write(command)
    assert (disk.confirm(), disk.kept, disk.unconfirmed) == (1, {"a": "1"}, 2)
    assert (disk.confirm(), disk.kept) == (2, {"a": "2"})
    assert (disk.confirm(), disk.kept) == (3, {})


def test_a_crash_takes_away_what_was_not_confirmed_from_some_write_on() -> None:
    for survivors, kept in enumerate(({"a": "1"}, {"a": "2"}, {"a": "2", "b": "3"})):
        disk = Disk()
        disk.write(save(1, "a", "1"))
        disk.confirm()
        for command in (save(2, "a", "2"), save(3, "b", "3")):
            disk.write(command)
        disk.crash(survivors)
        assert (disk.kept, disk.unconfirmed) == (kept, 0)


def test_a_write_that_failed_changes_nothing() -> None:
    disk = Disk()
    command = save(1, "a", "1")
    disk.write(command)
    assert (disk.holds(command), disk.fail(), disk.kept, disk.holds(command)) == (True, 1, {}, False)


# --- sums ---


def test_a_sum_tells_every_difference_secrets_included() -> None:
    def summed(*commands: tuple[str, object]) -> str:
        digest = Digest()
        for who, command in commands:
            digest.add(who, command)
        return digest.text()

    sums = [
        summed(("c0", save(1, "a", "1"))), summed(("c0", save(1, "a", "2"))), summed(("c1", save(1, "a", "1"))),
        summed(("c0", SendFrame(socket=1, frame=1, text="x"))), summed(("c0", object)), summed(),
        summed(("c0", save(1, "a", "1")), ("c0", save(1, "a", "1"))),
    ]  # fmt: skip
    assert len(set(sums)) == len(sums)
    assert summed(("c0", save(1, "a", "1"))) == sums[0]


# --- plans ---


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_plan_is_made_of_its_seed_alone(vendor: str) -> None:
    assert planned(vendor, 5, customers=2, steps=30) == planned(vendor, 5, customers=2, steps=30)  # type: ignore[arg-type]
    plan = Simulation(vendor).plan(5)  # type: ignore[arg-type]
    assert plan.steps != Simulation(vendor).plan(6).steps  # type: ignore[arg-type]
    assert [step.at for step in plan.steps] == sorted(step.at for step in plan.steps)
    assert plan.only([3, 1]).steps == (plan.steps[1], plan.steps[3])


@pytest.mark.parametrize("vendor", VENDORS)
def test_in_some_worlds_nothing_goes_wrong(vendor: Vendor) -> None:
    worlds = [{step.what for step in Simulation(vendor).plan(seed).steps} for seed in range(100)]
    assert 5 <= sum(not kinds & {"fault", "center fault", "push fault", "life", "trouble"} for kinds in worlds) <= 15


def test_a_customer_s_steps_do_not_depend_on_how_many_others_there_are() -> None:
    many, one = (planned("cxone", 5, customers=customers, steps=20).steps for customers in (4, 1))
    assert tuple(step for step in many if step.customer == 0) == one


# --- shrinking ---


@pytest.mark.parametrize("needed", [set(), {0}, {99}, {3, 50}, {10, 11, 12, 90}])
def test_what_is_not_needed_is_left_out(needed: set[int]) -> None:
    assert set(shrink(list(range(100)), lambda kept: needed <= set(kept))) == needed


def test_shrinking_stops_after_so_many_trials() -> None:
    tried: list[list[int]] = []

    def fails(kept: list[int]) -> bool:
        tried.append(kept)
        return False

    assert (shrink(list(range(100)), fails, most=7), len(tried)) == (list(range(100)), 7)


# --- figures ---


def test_figures_add_up() -> None:
    total = Figures()
    for _ in range(2):
        one = Figures(worlds=1, chats=4)
        one.messages, one.commands, one.seconds = 10, 100, 60.0
        one.faults["cut"] += 3
        one.broken["nothing is lost"] += 1
        one.broken["nothing is swapped"] += 1
        total.add(one)
    assert (total.worlds, total.chats, total.messages, total.commands, total.seconds) == (2, 8, 20, 200, 120.0)
    assert (total.faults, total.lost, total.doubled, total.swapped) == ({"cut": 6}, 2, 0, 2)
