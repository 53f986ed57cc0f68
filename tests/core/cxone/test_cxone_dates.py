"""The forms of dates of section 7.1, read and written."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from deskline_core.cxone.dates import format_milliseconds, format_seconds, parse_date

SECOND = datetime(2026, 3, 4, 10, 20, 5, tzinfo=UTC)
FRACTION = datetime(2026, 3, 4, 10, 20, 5, 412000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("2026-03-04T10:20:05+00:00", SECOND),
        ("2026-03-04T11:20:05+01:00", SECOND),
        ("2026-03-04T11:20:05+0100", SECOND),
        ("2026-03-04T10:20:05Z", SECOND),
        ("2026-03-04T10:20:05z", SECOND),
        ("2026-03-04T10:20:05", SECOND),
        ("2026-03-04T10:20:05.412+00:00", FRACTION),
        ("2026-03-04T10:20:05.412Z", FRACTION),
        ("2026-03-04T10:20:05.412z", FRACTION),
        ("2026-03-04T05:20:05.412-0500", FRACTION),
    ],
)
def test_every_form_is_read(text: str, time: datetime) -> None:
    assert parse_date(text) == time
    assert getattr(parse_date(text), "tzinfo", None) is UTC


@pytest.mark.parametrize("text", ["", "z", "zz", "soon", "2026-13-04T10:20:05Z", "0001-01-01T00:00:00+10:00", "9" * 99])
def test_what_is_no_date(text: str) -> None:
    assert parse_date(text) is None


def test_what_is_written() -> None:
    assert format_seconds(FRACTION) == "2026-03-04T10:20:05Z"
    assert format_milliseconds(FRACTION) == "2026-03-04T10:20:05.412Z"
    assert format_milliseconds(SECOND) == "2026-03-04T10:20:05.000Z"
    away = FRACTION.astimezone(timezone(timedelta(hours=2)))
    assert format_seconds(away) == "2026-03-04T10:20:05Z"
    assert format_milliseconds(away) == "2026-03-04T10:20:05.412Z"
