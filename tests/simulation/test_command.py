"""``deskline simulate``: figures, seeds that are replayed, and how to go on."""

import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

import pytest

from deskline.cli import main
from deskline_center.simulation import Figures, Simulation, SmallWorlds, Violation
from deskline_core.cxone.inbox import Inbox
from deskline_core.errors import InvalidValue
from deskline_core.history import History


def run(*arguments: str) -> int:
    return main(["simulate", *arguments])


def test_it_tells_what_became_of_the_chats(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--chats", "10") == 0
    said = capsys.readouterr().out
    assert said.startswith("12 chats in 3 worlds, each run twice, ")
    assert "lost 0, doubled 0, swapped 0, any promise broken 0\n" in said


@pytest.mark.parametrize("vendor", ["cxone", "bright-pattern"])
def test_one_seed_is_run_alone(vendor: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--vendor", vendor, "--seed", "3", "--steps", "0,1") == 0
    assert capsys.readouterr().out.startswith(f"{vendor}, seed 3: 4 chats, ")
    assert run("--vendor", vendor, "--seed", "3", "--steps", "none") == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--seed", "3", "--steps", "one"), "--steps are numbers"),
        (("--seed", "3", "--steps", "160"), "the world has 160 steps, counted from 0"),
        (("--seed", "3", "--steps=-1"), "the world has 160 steps, counted from 0"),
        (("--steps", "1"), "--steps are those of one world (give its --seed, too)"),
        (("--chats", "-1"), "--chats is at least 1, not -1"),
        (("--processes", "0"), "--processes is at least 1, not 0"),
    ],
)
def test_what_makes_no_sense_is_refused(
    arguments: tuple[str, ...], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 1
    assert f"deskline: {says}" in capsys.readouterr().err


def test_several_processes_give_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    figures = []
    for processes in ("1", "2"):
        assert run("--vendor", "cxone", "--chats", "8", "--processes", processes) == 0
        said = capsys.readouterr().out.splitlines()
        figures.append([line for line in said if "simulated hours" not in line])
    assert figures[0] == figures[1]


def test_a_broken_promise_is_told_with_its_command_and_drawn(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    keep = Inbox.keep

    def forgetful(self: Inbox, thread: Any, message: Any, outgoing: Any, **rest: Any) -> None:
        if len(thread.history.messages) > 2:
            thread.history = History(1000, 10_000)
        keep(self, thread, message, outgoing, **rest)

    monkeypatch.setattr(Inbox, "keep", forgetful)
    assert run("--vendor", "cxone", "--chats", "40") == 1
    said = capsys.readouterr().out
    first = said.splitlines()[0]
    assert first.startswith("deskline simulate --vendor cxone --seed "), "told of as soon as it is found"
    assert "    # nothing is " in first
    assert "replay it:  deskline simulate --vendor cxone --seed " in said
    assert "or less:    deskline simulate --vendor cxone --seed " in said
    assert "sequenceDiagram" in said
    seed = said.partition("replay it:  deskline simulate --vendor cxone --seed ")[2].split()[0]
    assert run("--vendor", "cxone", "--seed", seed) == 1


def test_whoever_stops_it_is_told_how_to_go_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    world = Simulation.run

    def stopped(self: Simulation, seed: int, only: Sequence[int] | None = None) -> tuple[Figures, Violation | None]:
        if seed == 6:
            raise KeyboardInterrupt
        return world(self, seed, only)

    monkeypatch.setattr(Simulation, "run", stopped)
    assert run("--chats", "4000", "--first-seed", "5") == 130
    assert capsys.readouterr().out.endswith("go on with:  deskline simulate --chats 3992 --first-seed 6\n")


def test_ctrl_c_is_for_the_command_and_not_for_its_processes(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    submit, inherited = ProcessPoolExecutor.submit, list[object]()

    def noted(self: ProcessPoolExecutor, *args: Any) -> Any:
        inherited.append(signal.getsignal(signal.SIGINT))
        return submit(self, *args)

    monkeypatch.setattr(ProcessPoolExecutor, "submit", noted)
    before = signal.getsignal(signal.SIGINT)
    assert run("--vendor", "cxone", "--chats", "12", "--processes", "2") == 0
    assert inherited == [signal.SIG_IGN] * 2
    assert signal.getsignal(signal.SIGINT) is before
    assert capsys.readouterr().out.startswith("12 chats in 3 worlds")


def test_a_bar_shows_where_a_person_looks_on(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert run("--vendor", "cxone", "--chats", "8") == 0
    assert "] 1 of 2 worlds" in capsys.readouterr().err


def test_small_worlds_are_all_walked(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    walk = SmallWorlds.walk
    monkeypatch.setattr(SmallWorlds, "walk", lambda worlds: walk(worlds, 1, 12))
    assert run("--vendor", "bright-pattern", "--small") == 0
    said = capsys.readouterr().out
    assert said.startswith("Bright Pattern: ")
    assert said.endswith(", 0 of them break a promise\n")


@pytest.mark.parametrize(("vendor", "rest"), [("genesys", {}), ("cxone", {"customers": 0}), ("cxone", {"steps": -1})])
def test_a_simulation_of_what_there_cannot_be_is_refused(vendor: Any, rest: dict[str, int]) -> None:
    with pytest.raises(InvalidValue, match=f"no world of '{vendor}'"):
        Simulation(vendor, **rest)
