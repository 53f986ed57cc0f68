"""``python -m tests.benchmarks``: prints what was measured, beside its reference and its goal."""

import argparse
import sys
from collections.abc import Callable

import msgspec

from tests.benchmarks import creation, dispatch, imports, load, messages, polls
from tests.benchmarks.measure import Figure

__all__ = ["BENCHMARKS", "main", "table"]

BENCHMARKS: dict[str, Callable[[int, load.Scale], list[Figure]]] = {
    "V1": lambda repeats, _: messages.one_message(repeats),
    "V2": lambda repeats, _: dispatch.dispatch(repeats),
    "V3": lambda repeats, _: messages.recovery(repeats),
    "V4": load.delivery,
    "V5": lambda repeats, _: [*creation.core_memory(repeats), *load.connection_memory(repeats)],
    "V6": lambda repeats, _: creation.creation(repeats),
    "V7": lambda repeats, _: imports.imports(repeats),
    "V9": lambda repeats, _: messages.steady_cost(repeats),
    "V10": polls.idle_polls,
}


def table(figures: list[Figure]) -> str:
    """Return the figures as a table in Markdown."""
    lines = ["| | What | Measured | Reference | Ratio | Goal | Met |", "|---|---|---|---|---|---|---|"]
    lines += [_line(figure) for figure in figures]
    return "\n".join(lines)


def _line(figure: Figure) -> str:
    reference, ratio, goal = "", "", ""
    if figure.reference_value is not None:
        reference = f"{figure.reference}: {figure.reference_value:.4g} {figure.unit}"
    if figure.ratio is not None:
        ratio = f"{figure.ratio:.2f}"
    if figure.goal is not None:
        unit = "" if figure.ratio is not None else f" {figure.unit}"
        goal = f"{'at least' if figure.at_least else 'at most'} {figure.goal:g}{unit}"
    met = {None: "", True: "yes", False: "no"}[figure.met]
    what = f"{figure.what} ({figure.note})" if figure.note else figure.what
    return f"| {figure.id} | {what} | {figure.value:.4g} {figure.unit} | {reference} | {ratio} | {goal} | {met} |"


def main(arguments: list[str] | None = None) -> int:
    """Measure what is asked for, and print it."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=sorted(BENCHMARKS), metavar="V", help="which, such as V1 V2")
    parser.add_argument("--repeats", type=int, default=9, help="how often each is measured (9); medians are printed")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    parser.add_argument("--sessions", type=int, default=200, help="how many sessions V4 has (200)")
    parser.add_argument("--rate", type=int, default=10, help="messages per session and second of V4 (10)")
    parser.add_argument("--seconds", type=int, default=4, help="how long V4 measures each time (4)")
    parser.add_argument("--polls", type=int, default=1000, help="how many long polls V10 has (1000)")
    chosen = parser.parse_args(arguments)
    scale = load.Scale(sessions=chosen.sessions, rate=chosen.rate, seconds=chosen.seconds, polls=chosen.polls)
    names = [name for name in BENCHMARKS if not chosen.only or name in chosen.only]
    figures = [figure for name in names for figure in BENCHMARKS[name](chosen.repeats, scale)]
    if chosen.json:
        shown = [{**msgspec.structs.asdict(one), "ratio": one.ratio, "met": one.met} for one in figures]
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(shown)).decode() + "\n")
    else:
        sys.stdout.write(f"Python {sys.version.split()[0]}, medians of {chosen.repeats}\n\n{table(figures)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
