"""Files and functions stay small; what grows over its budget is divided, not excused."""

from statistics import median

from tests.house.product import ROOT, sources

FILE_MEDIAN, FILE_LIMIT = 180, 500
FUNCTION_MEDIAN, FUNCTION_LIMIT = 10, 70


def test_files_keep_their_budget() -> None:
    lengths = {str(source.path.relative_to(ROOT)): source.lines for source in sources()}
    assert {path: lines for path, lines in lengths.items() if lines > FILE_LIMIT} == {}
    assert median(lengths.values()) <= FILE_MEDIAN


def test_functions_keep_their_budget() -> None:
    lengths = {
        f"{source.where(function)} {function.name}": (function.end_lineno or function.lineno) - function.lineno + 1
        for source in sources()
        for function in source.functions()
    }
    assert {where: lines for where, lines in lengths.items() if lines > FUNCTION_LIMIT} == {}
    assert median(lengths.values()) <= FUNCTION_MEDIAN
