"""Chats of Bright Pattern's in virtual time, through all faults: nothing is lost, doubled, swapped or stuck."""

import pytest

from tests.simulation.running import BLOCKS, keeps_its_promises, seeds


@pytest.mark.parametrize("block", range(BLOCKS))
def test_every_world_keeps_its_promises(block: int) -> None:
    for seed in seeds("bright-pattern", block):
        keeps_its_promises("bright-pattern", seed)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(50))
def test_many_more_do(block: int) -> None:
    for seed in range(10_000 + 100 * block, 10_100 + 100 * block):
        keeps_its_promises("bright-pattern", seed)


@pytest.mark.parametrize("seed", [1000211, 1000620, 1002365, 1005509])
def test_a_world_that_broke_a_promise_once_keeps_them_now(seed: int) -> None:
    keeps_its_promises("bright-pattern", seed)
