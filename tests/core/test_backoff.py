"""How long to wait: a first pause, growth, a ceiling, and values that make no sense refused."""

import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskline_core.backoff import delay
from deskline_core.errors import InvalidValue
from deskline_core.policy import DEFAULT_POLICY, Backoff, Policy

PLAIN = Backoff(first=1, jitter=(1, 5), growth=1.5, ceiling=30)


def test_the_first_pause_lies_between_the_bounds_of_the_jitter() -> None:
    assert [delay(PLAIN, 0, fraction) for fraction in (0, 0.5, 0.999)] == [2, 4, pytest.approx(5.996)]


def test_pauses_grow_up_to_the_ceiling() -> None:
    assert [delay(PLAIN, attempt, 0) for attempt in range(8)] == [2, 3, 4.5, 6.75, 10.125, 15.1875, 22.78125, 30]


def test_the_defaults_are_those_of_the_reference() -> None:
    assert (delay(DEFAULT_POLICY.backoff, 0, 0), delay(DEFAULT_POLICY.backoff, 1000, 0.5)) == (2, 30)
    assert DEFAULT_POLICY.backoff.attempts == 20


@given(st.integers(0, 10**6), st.floats(0, 1, exclude_max=True), st.floats(1, 100))
def test_every_pause_is_a_number_within_its_bounds(attempt: int, fraction: float, growth: float) -> None:
    backoff = Backoff(first=0.1, jitter=(0, 1), growth=growth, ceiling=300)
    assert 0.1 <= delay(backoff, attempt, fraction) <= 300


@pytest.mark.parametrize(
    "change",
    [
        {"first": 0}, {"first": -1}, {"first": math.nan}, {"jitter": (-1, 0)}, {"jitter": (2, 1)},
        {"jitter": (0, math.nan)}, {"growth": 0.9}, {"growth": 101}, {"growth": math.nan}, {"ceiling": 0},
        {"attempts": -1}, {"stable": -1}, {"stable": math.nan},
    ],
    ids=str,
)  # fmt: skip
def test_pauses_that_make_no_sense_are_refused(change: dict[str, Any]) -> None:
    with pytest.raises(InvalidValue, match="backoff"):
        Backoff(**change)


def test_no_attempt_and_no_jitter_are_sense() -> None:
    assert delay(Backoff(attempts=0, jitter=(0, 0), stable=0), 0, 0.7) == 1


NUMBERS = [name for name in Policy.__struct_fields__ if type(getattr(DEFAULT_POLICY, name)) in (int, float)]
NUMBERS.remove("background_grace")  # none is sense: see test_presence.py


@pytest.mark.parametrize("name", NUMBERS)
def test_durations_and_limits_of_a_policy_are_positive(name: str) -> None:
    wrong: tuple[Any, ...] = (0, -1, math.nan)
    for amount in wrong:
        with pytest.raises(InvalidValue, match=f"policy {name} must be positive"):
            Policy(**{name: amount})


def test_a_rate_of_nothing_would_send_nothing_for_ever() -> None:
    for rate in ((0, 5.0), (100, 0.0), (-1, 5.0), (100, math.nan)):
        with pytest.raises(InvalidValue, match="policy rate_limit"):
            Policy(rate_limit=rate)


def test_a_policy_is_a_value() -> None:
    assert Policy() == DEFAULT_POLICY
    assert Policy(heartbeat=3).heartbeat == 3
    assert Policy(resend_uncertain=True).resend_uncertain
    with pytest.raises(AttributeError):
        DEFAULT_POLICY.heartbeat = 3  # type: ignore[misc]
