"""Times in UTC, of seconds and of times with an offset."""

from datetime import UTC, datetime, timedelta, timezone

from deskline_core.times import in_utc, moment

SECOND = datetime(2026, 3, 4, 10, 20, 5, tzinfo=UTC)


def test_a_moment_is_utc() -> None:
    assert moment(SECOND.timestamp()) == SECOND
    assert moment(0.0).tzinfo is UTC


def test_a_time_without_an_offset_counts_as_utc() -> None:
    assert in_utc(datetime(2026, 3, 4, 10, 20, 5)) == SECOND  # noqa: DTZ001 - that is what is read
    assert in_utc(SECOND.astimezone(timezone(timedelta(hours=-5)))) == SECOND


def test_there_is_no_time_before_the_calendar_begins() -> None:
    assert in_utc(datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=10)))) is None
