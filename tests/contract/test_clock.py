"""The time a session sees: one reading of the wall clock, carried on by the runtime's clock, never backwards."""

from deskline.clock import LONGEST_SLEEP, Clock


class Machine:
    """Two clocks, set by hand."""

    def __init__(self) -> None:
        self.monotonic = 50.0
        self.wall = 1_800_000_000.0
        self.clock = Clock(lambda: self.monotonic, lambda: self.wall)


def test_it_follows_the_runtimes_clock_and_not_the_walls() -> None:
    machine = Machine()
    machine.monotonic += 1000.0  # virtual time: the wall clock stands still
    assert machine.clock.now() == 1_800_001_000.0
    machine.wall += 1003.0  # drift that may be
    assert machine.clock.now() == 1_800_001_000.0


def test_it_jumps_ahead_after_a_suspension_and_never_back() -> None:
    machine = Machine()
    machine.wall += 7200.0
    assert machine.clock.now() == 1_800_007_200.0
    machine.wall -= 86_400.0
    machine.monotonic += 1.0
    assert machine.clock.now() == 1_800_007_201.0
    machine.monotonic -= 10.0
    assert machine.clock.now() == 1_800_007_201.0


def test_rounding_never_makes_a_deadline_fire_twice() -> None:
    machine = Machine()
    deadline = 1_800_000_000.1
    machine.monotonic = machine.clock.wake_at(deadline) - 1e-7
    assert machine.clock.reached(deadline)
    assert machine.clock.now() >= deadline
    assert not machine.clock.reached(deadline + 1)


def test_no_sleep_is_longer_than_a_suspension_may_go_unnoticed() -> None:
    machine = Machine()
    assert machine.clock.wake_at(1_800_000_010.0) == 60.0
    assert machine.clock.wake_at(1_800_009_999.0) == 50.0 + LONGEST_SLEEP
    assert machine.clock.wake_at(1_700_000_000.0) == 50.0
