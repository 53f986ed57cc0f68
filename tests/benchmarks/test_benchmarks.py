"""Every benchmark runs, and gives figures that make sense; how fast it was is not asserted."""

import sys

import pytest

from tests.benchmarks.__main__ import BENCHMARKS, table
from tests.benchmarks.load import Scale

pytestmark = pytest.mark.benchmark


@pytest.mark.parametrize("name", BENCHMARKS)
def test_figures_are_found(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    figures = BENCHMARKS[name](1, Scale(sessions=20, rate=5, seconds=1, polls=20))
    with capsys.disabled():
        sys.stdout.write(f"\n{table(figures)}\n")
    assert {figure.id for figure in figures} == {name}
    assert all(figure.value > 0 for figure in figures if figure.unit != "KiB")
