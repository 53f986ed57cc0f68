"""Every row of Bright Pattern's tables has tests that fail without it, and every single one has at least one."""

from collections import Counter

import pytest

from deskline_core.brightpattern.connection import CONNECTION
from deskline_core.brightpattern.conversation import CONVERSATION
from deskline_core.brightpattern.rules import RULES, STANDING
from deskline_core.machine import Row, Rule
from tests.core.dropping import Tables, notices, words

WALKS = (
    "test_(no_hurry|silence|hostile.*|weaknesses.*|model|random_walk|wrong_requests|no_request_hangs|nothing_is_lost)"
)
TABLES = Tables((CONNECTION, CONVERSATION), RULES, STANDING, "tests/core/brightpattern/test_*.py", WALKS)
COUNTS = Counter(row.id for row in TABLES.rows)


@pytest.mark.parametrize("id", sorted(COUNTS))
def test_the_tests_of_a_row_fail_without_it(id: str) -> None:
    tests = TABLES.carriers.get(id, {})
    assert tests, f"no test carries {id}"
    with TABLES.dropped(*TABLES.rows_of(id)):
        blind = [name for name, test in tests.items() if not notices(test)]
    assert blind == []


@pytest.mark.parametrize("row", [row for row in TABLES.rows if COUNTS[row.id] > 1], ids=words)
def test_every_single_row_is_missed_by_a_test_of_its_id(row: Row | Rule) -> None:
    with TABLES.dropped(row):
        assert any(notices(test) for test in TABLES.carriers.get(row.id, {}).values())


@pytest.mark.slow
@pytest.mark.parametrize("row", TABLES.rows, ids=words)
def test_every_single_row_is_missed_in_each_of_its_states_by_a_test_of_its_id(row: Row | Rule) -> None:
    unseen = []
    for state in row.sources if isinstance(row, Row) else row.states:
        if isinstance(row, Row) and row.to == state:
            continue  # it stays where it is, and may have nothing to tell
        with TABLES.dropped(row, source=state):
            if not any(notices(test) for test in TABLES.carriers.get(row.id, {}).values()):
                unseen.append(state)
    assert unseen == []


def test_the_tests_of_a_row_pass_with_it() -> None:
    blind = {name for tests in TABLES.carriers.values() for name, test in tests.items() if notices(test)}
    assert blind == set()
