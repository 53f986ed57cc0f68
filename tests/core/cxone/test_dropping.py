"""Every row S and T has tests that fail without it, and every single row of a table has at least one."""

import re

import pytest

from deskline_core.cxone.connection import CONNECTION
from deskline_core.cxone.rules import RULES, STANDING
from deskline_core.cxone.thread import THREAD
from deskline_core.machine import Row, Rule
from tests.core.dropping import Tables, notices, words

TABLES = Tables((CONNECTION, THREAD), RULES, STANDING, "tests/core/cxone/test_*_rows.py")
REFERENCE = re.compile(r"[ST]\d+")
IDS = (*(f"S{number}" for number in range(1, 50)), *(f"T{number}" for number in range(1, 32)))
ROWS = [row for row in TABLES.rows if REFERENCE.fullmatch(row.id)]


@pytest.mark.parametrize("id", IDS)
def test_the_tests_of_a_row_fail_without_it(id: str) -> None:
    tests = TABLES.carriers.get(id, {})
    assert tests, f"no test carries {id}"
    with TABLES.dropped(*TABLES.rows_of(id)):
        blind = [name for name, test in tests.items() if not notices(test)]
    assert blind == []


@pytest.mark.parametrize("row", ROWS, ids=words)
def test_every_single_row_is_missed_by_a_test_of_its_id(row: Row | Rule) -> None:
    with TABLES.dropped(row):
        assert any(notices(test) for test in TABLES.carriers[row.id].values())


@pytest.mark.parametrize("row", [row for row in ROWS if row.id.startswith("S")], ids=words)
def test_a_row_of_the_connection_is_missed_in_each_of_its_states(row: Row | Rule) -> None:
    unseen = []
    for state in row.sources if isinstance(row, Row) else row.states:
        with TABLES.dropped(row, source=state):
            if not any(notices(test) for test in TABLES.carriers[row.id].values()):
                unseen.append(state)
    assert unseen == []


def test_dropping_takes_out_what_it_says_and_puts_everything_back() -> None:
    before = CONNECTION.rows, CONNECTION.events, THREAD.rows, THREAD.events, STANDING.ids
    with TABLES.dropped(*TABLES.rows_of("S29"), *TABLES.rows_of("S46")):
        assert "S29" not in {row.id for row in CONNECTION.rows}
        assert not STANDING.holds("S46")
        assert STANDING.holds("S43")
    assert (CONNECTION.rows, CONNECTION.events, THREAD.rows, THREAD.events, STANDING.ids) == before


def test_the_tests_of_a_row_pass_with_it() -> None:
    blind = [name for tests in TABLES.carriers.values() for name, test in tests.items() if notices(test)]
    assert blind == []
