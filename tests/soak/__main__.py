"""``python -m tests.soak``: an hour of 500 chats in some minutes, and whether anything grew, got lost or stuck."""

import argparse
import sys
import tracemalloc
from statistics import median

import msgspec

from tests.soak.leader import Plan, Report, soak
from tests.soak.meter import Measure

__all__ = ["main", "table"]

_NAMES = ("resident", "objects", "blocks", "descriptors", "tasks", "threads")


def table(report: Report) -> str:
    """Return the figures as text in Markdown."""
    columns: dict[str, Measure] = {"empty, warm": report.empty[0]}
    columns |= {f"round {number}": found for number, found in enumerate(report.full, 1)}
    columns["empty, in the end"] = report.empty[-1]
    lines = [f"| At rest | {' | '.join(columns)} |", f"|---|{'---|' * len(columns)}"]
    lines += [
        f"| {name} | {' | '.join(f'{getattr(found, name):,}' for found in columns.values())} |"
        for name in ("sessions", *_NAMES)
    ]
    full = report.full
    each = median((found.resident - report.empty[0].resident) / max(found.sessions, 1) for found in full)
    a = report.audit
    return "\n".join(
        [
            *lines, "",
            f"{report.seconds:.0f} s of {report.plan.sessions} sessions; a session at rest: {each:.1f} KiB (median)",
            f"did: {report.counts}; weather: {report.struck}",
            f"threads {a.threads}, sent {a.sent}, heard {a.heard}",
            f"reported failed or uncertain {a.doubtful}, for good {a.missing}, sent again and there twice {a.again}",
            f"lost {a.lost}, doubled {a.doubled}, swapped {a.swapped}",
        ]
    )  # fmt: skip


def main(arguments: list[str] | None = None) -> int:
    """Soak, and print what came of it; 1 when something grew, was lost, doubled, swapped or stuck."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--sessions", type=int, default=500, help="how many sessions at a time (500)")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long in all, about (5)")
    parser.add_argument("--rounds", type=int, default=5, help="how often everybody comes to rest and is measured (5)")
    parser.add_argument("--pace", type=float, default=5.0, help="mean seconds between two acts of a session (5)")
    parser.add_argument("--seed", type=int, default=5, help="decides the weather (5)")
    parser.add_argument("--share", type=float, default=0.03, help="which share of the lines it strikes a second (0.03)")
    parser.add_argument("--trace", action="store_true", help="also say where memory grew, by tracemalloc (slow)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    chosen = parser.parse_args(arguments)
    if chosen.trace:
        tracemalloc.start(5)
    plan = Plan(
        sessions=chosen.sessions, rounds=chosen.rounds, seconds=chosen.minutes * 60 / (chosen.rounds + 1),
        pace=chosen.pace, seed=chosen.seed, share=chosen.share,
    )  # fmt: skip
    report = soak(plan, lambda text: print(text, file=sys.stderr, flush=True))  # noqa: T201 - it is a command
    a = report.audit
    bad = [*report.grown, *report.errors, *a.problems]
    if chosen.json:
        sys.stdout.write(msgspec.json.encode({"report": report, "bad": bad}).decode() + "\n")
    else:
        sys.stdout.write("\n".join([table(report), *(f"WRONG: {each}" for each in bad)]) + "\n")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
