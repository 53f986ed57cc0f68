"""A session that is frozen at any step: another one goes on from the same, and two go on equally, byte for byte."""

import json
import subprocess
import sys
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest

from deskline_core import inputs as i
from deskline_core.errors import InvalidValue
from deskline_core.session import Session
from deskline_core.snapshot import Snapshot
from tests.core.restarting import LAG, Run, World, channels, conversation, settled

SEED = b"another seed of sixteen bytes and more"


class Frozen(Run):
    """A run that is frozen after each input. It writes nothing to its store unless it is durable."""

    frozen: list[Snapshot]

    def drain(self) -> None:
        while self._inputs:
            for command in self.session.handle(self._inputs.popleft(), now=self.now):
                self._obey(command)
            self.frozen.append(self.session.snapshot())


def frozen(kind: str, *, durable: bool = False) -> tuple[World, list[Snapshot]]:
    """Return all snapshots of a whole chat that differ."""
    world = World(kind)
    run = Frozen(world, -1, LAG if durable else 0.0)
    run.frozen = []
    run.session = Session(run.site, seed=SEED, durable=durable)
    conversation(run)
    run.die(stored=99)
    return world, list({snapshot.text(): snapshot for snapshot in run.frozen}.values())


@pytest.mark.parametrize("kind", channels())
@pytest.mark.parametrize("durable", [False, True])
def test_what_goes_on_from_a_snapshot_is_frozen_as_that(kind: str, durable: bool) -> None:
    _, snapshots = frozen(kind, durable=durable)
    assert len(snapshots) > 20
    site = World(kind).run().site
    for snapshot in snapshots:
        again = Session(site, seed=SEED, restored=snapshot, durable=durable)
        assert again.snapshot() == snapshot
        assert Snapshot.read(snapshot.text()) == snapshot
        assert again.counts == {}


# --- going on equally ---


def digests(kind: str, text: str) -> Iterator[str]:
    """Go on from a snapshot with an empty center, and return a digest of each command."""
    world = World(kind)
    run = world.run()
    run.session = Session(run.site, seed=SEED, restored=Snapshot.read(text))
    run.do(i.Open)
    run.advance(10)
    for thread in list(run.session.threads):
        run.send(thread, "on we go")
    run.advance(60)
    for command in run.log:
        yield sha256(repr((command, getattr(command, "text", ""), getattr(command, "body", b""))).encode()).hexdigest()
    yield run.session.snapshot().text()


@pytest.mark.parametrize("kind", channels())
def test_equal_snapshots_go_on_equally_in_another_process(kind: str) -> None:
    _, snapshots = frozen(kind)
    chosen = [snapshot.text() for snapshot in snapshots[:: len(snapshots) // 5]]
    here = [list(digests(kind, text)) for text in chosen]
    code = (
        "import json, sys; from tests.core.test_snapshot import digests;"
        "print(json.dumps([list(digests(sys.argv[1], text)) for text in json.load(sys.stdin)]))"
    )
    for salt in ("1", "2"):
        done = subprocess.run(
            [sys.executable, "-c", code, kind], input=json.dumps(chosen), capture_output=True, text=True, check=True,
            env={"PYTHONHASHSEED": salt, "PYTHONPATH": "."},
        )  # fmt: skip
        assert json.loads(done.stdout) == here


@pytest.mark.parametrize("kind", channels())
def test_a_chat_may_be_moved_after_any_input(kind: str) -> None:
    """Every snapshot of the last part of a talk finds, with the center as it then was, what is still to be done."""
    world, snapshots = frozen(kind)
    run = world.run()
    run.session = Session(run.site, seed=SEED, restored=snapshots[-1])
    run.do(i.Open)
    run.advance(60)
    assert (run.session.state, settled(run)) == ("ready", {})
    assert world.customers() == list(world.accepted)
    said = [text for _, text, is_agents in world.there() if is_agents]
    assert [message.text for message in run.thread.messages if not message.mine] == said
    assert world.news[1] == []


# --- as text ---


def test_a_snapshot_says_nothing_of_what_it_holds() -> None:
    snapshot = Snapshot(site="here", records={"credentials": "canary"})
    assert repr(snapshot) == str(snapshot) == "Snapshot(site='here', records=<1>)"
    assert "canary" in snapshot.text()
    assert Snapshot(site="here", records={"a": "1", "b": "2"}).text() == (
        Snapshot(site="here", records={"b": "2", "a": "1"}).text()
    )


GOOD: dict[str, Any] = {"format": "deskline snapshot", "version": 1, "site": "here", "records": {}}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "this is no snapshot"),
        ("null", "this is no snapshot"),
        ("\ud800", "this is no snapshot"),
        ("[" * 100_000, "this is no snapshot"),
        (json.dumps({**GOOD, "records": {"a": 1}}), "this is no snapshot"),
        (json.dumps({**GOOD, "records": None}), "this is no snapshot"),
        (json.dumps({**GOOD, "format": "deskline journal"}), "this is no snapshot of deskline"),
        (json.dumps({**GOOD, "version": 2}), "the snapshot has version 2, and this deskline reads 1"),
        (json.dumps({**GOOD, "version": 0}), "the snapshot has version 0, and this deskline reads 1"),
    ],
)
def test_what_is_no_snapshot_is_refused(text: str, says: str) -> None:
    with pytest.raises(InvalidValue, match=says):
        Snapshot.read(text)


def test_a_snapshot_of_another_site_is_refused() -> None:
    for kind in ("single legacy", "bright pattern"):
        site = World(kind).run().site
        with pytest.raises(InvalidValue, match="the snapshot is of 'elsewhere', and the chat is at"):
            Session(site, seed=SEED, restored=Snapshot(site="elsewhere", records={}))
        assert Session(site, seed=SEED, restored=Snapshot(site=site.identity, records={})).snapshot().records == {}
