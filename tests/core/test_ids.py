"""Ids and jitter: one seed, one sequence; another seed, another one."""

import re

import pytest

from deskline_core.ids import Ids, PlayedIds

SEED = b"a seed of at least sixteen bytes"
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


def test_the_same_seed_gives_the_same_sequence() -> None:
    one, other = Ids(SEED), Ids(SEED)
    assert [one.uuid(), one.fraction(), one.uuid()] == [other.uuid(), other.fraction(), other.uuid()]
    assert one.drawn == other.drawn == 3


def test_an_id_has_the_form_of_a_random_uuid_in_lower_case() -> None:
    ids = Ids(SEED)
    drawn = [ids.uuid() for _ in range(2000)]
    assert all(UUID.fullmatch(id) for id in drawn)
    assert len(set(drawn)) == 2000
    assert {id[19] for id in drawn} == set("89ab")


def test_another_seed_has_nothing_in_common() -> None:
    one, other = Ids(SEED), Ids(SEED + b"!")
    assert not {one.uuid() for _ in range(500)} & {other.uuid() for _ in range(500)}


def test_fractions_are_spread_between_nought_and_one() -> None:
    ids = Ids(SEED)
    drawn = [ids.fraction() for _ in range(2000)]
    assert all(0 <= fraction < 1 for fraction in drawn)
    assert [sum(step <= 10 * fraction < step + 1 for fraction in drawn) > 100 for step in range(10)] == [True] * 10


def test_a_seed_may_be_long_and_must_not_be_short() -> None:
    assert Ids(bytes(1000)).uuid() == Ids(bytes(64)).uuid()
    with pytest.raises(ValueError, match="not 3"):
        Ids(b"abc")


def test_draws_can_be_had_once_more_and_played_again() -> None:
    ids = Ids(SEED)
    drawn = [ids.uuid(), ids.uuid(), ids.fraction()]
    played = PlayedIds()
    played.play(ids.draws_after(1))
    assert ids.drawn == 3
    assert [played.uuid(), played.left, played.fraction(), played.left] == [drawn[1], 1, drawn[2], 0]
    assert played.missed == 0
    assert UUID.fullmatch(played.uuid())
    assert played.missed == 1


def test_a_key_tells_purposes_and_seeds_apart() -> None:
    keys = {Ids(SEED).key(b"a"), Ids(SEED).key(b"b"), Ids(SEED + b"!").key(b"a")}
    assert len(keys) == 3
    assert {len(key) for key in keys} == {32}
    assert Ids(SEED).key(b"a") in keys
