"""Sessions that chat, lose their lines and come back, in a process of their own: nothing grows, is lost or stuck."""

import subprocess
import sys
from typing import Any

import msgspec
import pytest

from tests.soak.accounts import Account, Audit
from tests.soak.leader import Plan, Report
from tests.soak.meter import Margin, Measure

ACCOUNT = Account(thread="t", arrived=("a", "b"), doubtful=("c",), missing=(), heard=("x", "y"))
BEFORE = Measure(sessions=0, resident=60_000, objects=90_000, blocks=340_000, descriptors=16, tasks=4, threads=3)


def soaked(*arguments: str) -> dict[str, Any]:
    """Soak in a process of its own, and return what came of it."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.soak", "--json", *arguments], stdout=subprocess.PIPE, check=False
    )  # its standard error is shown with the test
    found: dict[str, Any] = msgspec.json.decode(done.stdout)
    assert found["bad"] == []
    assert done.returncode == 0
    return found["report"]  # type: ignore[no-any-return]


def test_twenty_sessions_for_some_seconds() -> None:
    report = soaked("--sessions=20", "--minutes=0.1", "--rounds=2", "--pace=0.1", "--share=0.15")
    assert [found["sessions"] for found in report["full"]] == [20, 20]
    assert [found["sessions"] for found in report["empty"]] == [0, 0]
    assert report["audit"]["sent"] > 20
    assert sum(report["struck"].values()) > 5


@pytest.mark.slow
def test_an_hour_of_five_hundred_sessions_in_minutes() -> None:
    report = soaked("--sessions=500", "--minutes=5")
    assert report["audit"]["sent"] > 5000
    assert {"reset", "cut", "drip", "lag", "black hole", "all refused"} <= {*report["struck"]}


# --- that it would be noticed ---


def far(*messages: tuple[str, str]) -> dict[str, Any]:
    """What the center has: the customer's messages by id, the agent's by text."""
    made = [
        {"message": each, "direction": direction, "content": {"text": each}}
        for direction, each in (("inbound" if way == "<" else "outbound", each) for way, each in messages)
    ]
    return {"t": {"thread": "t", "messages": made}}


@pytest.mark.parametrize(
    ("messages", "lost", "doubled", "swapped", "again"),
    [
        ([("<", "a"), (">", "x"), ("<", "b"), (">", "y"), ("<", "c")], 0, 0, 0, 0),
        ([("<", "a"), ("<", "c"), ("<", "b"), (">", "x"), (">", "y"), (">", "z")], 0, 0, 0, 0),
        ([("<", "a"), ("<", "b"), (">", "x"), (">", "y")], 1, 0, 0, 0),
        ([("<", "a"), ("<", "b"), ("<", "b"), ("<", "c"), (">", "x"), (">", "y")], 0, 1, 0, 0),
        ([("<", "a"), ("<", "b"), ("<", "c"), ("<", "c"), (">", "x"), (">", "y")], 0, 0, 0, 1),
        ([("<", "b"), ("<", "a"), ("<", "c"), (">", "x"), (">", "y")], 0, 0, 1, 0),
        ([("<", "a"), ("<", "b"), ("<", "c"), (">", "y"), (">", "x")], 0, 0, 1, 0),
        ([("<", "a"), ("<", "b"), ("<", "c"), (">", "x")], 0, 1, 1, 0),
        ([], 3, 2, 1, 0),
    ],
)
def test_both_ends_are_compared(
    messages: list[tuple[str, str]], lost: int, doubled: int, swapped: int, again: int
) -> None:
    audit = Audit()
    audit.compare([ACCOUNT], far(*messages))
    assert (audit.lost, audit.doubled, audit.swapped, audit.again) == (lost, doubled, swapped, again)
    assert bool(audit.problems) is bool(lost or doubled or swapped)


@pytest.mark.parametrize(
    ("name", "grows"), [("resident", 25_000), ("objects", 5000), ("blocks", 15_000), ("descriptors", 3), ("tasks", 1)]
)
def test_what_grows_is_noticed(name: str, grows: int) -> None:
    after = msgspec.structs.replace(BEFORE, **{name: getattr(BEFORE, name) + grows})
    assert Report(plan=Plan(), empty=[BEFORE, BEFORE], full=[BEFORE, BEFORE]).grown == []
    (told,) = Report(plan=Plan(), empty=[BEFORE, after], full=[BEFORE, BEFORE]).grown
    assert told.startswith(f"empty {name}:")


def test_a_margin_is_a_share_and_a_number() -> None:
    margin = Margin(share=0.1, number=5)
    assert [margin.allows(100, after) for after in (90, 115, 116)] == [True, True, False]
