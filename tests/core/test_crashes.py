"""A durable session whose process dies between any two commands: what ``send`` had returned for is not lost.

The whole product: every kind of channel, every command of a whole chat, a store that is quick, or slow and killed
before or after it has done what it had to; with the next run on what the store has. By default every third command of
each, other ones for each kind of channel; the slow runs have them all.
"""

import json
from itertools import count

import pytest

from deskline_core import inputs as i
from deskline_core.lifecycle import MessageStatus
from deskline_core.policy import Policy
from tests.core.restarting import LAG, CrashError, World, channels, conversation, settled

KINDS = tuple(channels())
STRIDES = [pytest.param(3, id="some"), pytest.param(1, id="all", marks=pytest.mark.slow)]
NOTED = Policy().keep_pause + 4 * LAG
"""By when it is noted what the app was told."""
UNKNOWN = (MessageStatus.FAILED, MessageStatus.UNCERTAIN)


def crashed(kind: str, at: int, lag: float, stored: int, **rest: object) -> tuple[World, bool]:
    """Return a world after a run that died at a command, if it got as far; and whether it did die."""
    world = World(kind, **rest)  # type: ignore[arg-type]
    first = world.run(dies_at=at, lag=lag)
    try:
        conversation(first)
    except CrashError:
        first.die(stored=stored)
        world.noted = {text for text, at in first.told_at.items() if at < first.now - NOTED}
        return world, True
    return world, False


def every(kind: str, stride: int, lag: float, stored: int, **rest: object) -> dict[int, World]:
    """Return a world for every so many commands at which the first run may die, by the command's place."""
    worlds: dict[int, World] = {}
    for at in count(KINDS.index(kind) % stride, stride):
        world, died = crashed(kind, at, lag, stored, **rest)
        if not died:
            break
        worlds[at] = world
    assert max(worlds) > 80
    return worlds


def go_on(world: World, at: int) -> None:
    """Let the next run go on, and see that nothing is lost, doubled, swapped or stuck."""
    accepted = dict(world.accepted)
    kept = {key: json.loads(text) for key, text in world.store.items() if key.startswith("message.")}
    waiting = {record["id"] for record in kept.values() if record["stage"] == "waits" and record["id"] in accepted}
    second = world.run()
    second.do(i.Open)
    second.advance(60)
    assert second.session.state == "ready", at
    left = settled(second)
    assert set(left.values()) <= set(UNKNOWN), (at, left)
    there = world.customers()
    assert len(set(there)) == len(there), (at, "doubled", there)
    for id, text in accepted.items():
        assert (id in there) != (id in left), (at, text, left.get(id))
    assert waiting <= set(there), (at, "never left, and was not sent", waiting - set(there))
    assert there == [id for id in accepted if id in there], (at, "swapped")
    said = [text for _, text, is_agents in world.there() if is_agents]
    told = world.pages[1] + world.news[1]
    before = [text for text in world.news[0] if text in said]
    assert told == said[len(said) - len(told) :], (at, told, said)
    assert set(before) | set(told) == set(said), (at, before, told, said)
    assert not world.noted & {*world.news[1], *world.repeated}, (at, "told twice", world.noted, world.news[1])
    assert set(said) - set(before) <= set(world.news[1]) or not before, (at, before, world.news[1])
    assert {key for key in world.store if key.startswith("message.")} == {f"message.{id}" for id in left}, at
    assert second.session.counts == {}, at


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("lag", "stored"), [(0.0, 0), (LAG, 0), (LAG, 99)])
def test_a_death_at_any_command_loses_and_doubles_nothing(kind: str, lag: float, stored: int, stride: int) -> None:
    for at, world in every(kind, stride, lag, stored).items():
        go_on(world, at)


@pytest.mark.parametrize("stride", STRIDES)
@pytest.mark.parametrize("kind", KINDS)
def test_where_the_site_drops_repeats_everything_arrives(kind: str, stride: int) -> None:
    policy = Policy(resend_uncertain=True)
    for at, world in every(kind, stride, LAG, 1, policy=policy, repeated="drop").items():
        go_on(world, at)
        assert world.customers() == list(world.accepted), at
