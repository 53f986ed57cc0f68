"""Lanes for held requests: one for each, kept for a while, never more than are allowed; on both runtimes."""

import pytest

from deskline_core.errors import RequestNotAnswered
from deskline_transports.lanes import Lanes
from tests.transports.peers import Runtime

HERE, THERE = "https://chat.example", "https://other.example"


class Way:
    """What a lane may be: it can be closed."""

    def __init__(self) -> None:
        self.closed = 0

    async def aclose(self) -> None:
        self.closed += 1


async def take(lanes: Lanes[Way], place: str = HERE) -> Way:
    return await lanes.take(place, Way)


def test_a_lane_is_used_again_for_its_place_and_the_last_one_first(runtime: Runtime) -> None:
    async def main() -> None:
        lanes: Lanes[Way] = Lanes(None)
        one, two, other = await take(lanes), await take(lanes), await take(lanes, THERE)
        assert len({one, two, other}) == 3
        for lane in (one, two, other):
            lanes.give_back(lane)
        assert await take(lanes) is two
        assert await take(lanes) is one
        assert await take(lanes) not in {one, two, other}
        assert await take(lanes, THERE) is other

    runtime.run(main, virtual=True)


def test_a_lane_that_ends_is_closed_and_never_used_again(runtime: Runtime) -> None:
    async def main() -> None:
        lanes: Lanes[Way] = Lanes(1)
        lane = await take(lanes)
        await lanes.end(lane)
        assert lane.closed == 1
        lanes.give_back(lane)
        assert await take(lanes) is not lane

    runtime.run(main, virtual=True)


def test_lanes_that_were_not_used_for_five_seconds_are_closed(runtime: Runtime) -> None:
    async def main() -> None:
        lanes: Lanes[Way] = Lanes(None)
        old, young, used = await take(lanes), await take(lanes, THERE), await take(lanes)
        lanes.give_back(old)
        await runtime.sleep(3)
        lanes.give_back(young)
        await runtime.sleep(3)
        assert await take(lanes) not in {old, young, used}
        assert (old.closed, young.closed, used.closed) == (1, 0, 0)
        assert await take(lanes, THERE) is young

    runtime.run(main, virtual=True)


def test_over_the_limit_they_wait_for_their_turn_in_order(runtime: Runtime) -> None:
    async def main() -> None:
        lanes: Lanes[Way] = Lanes(2)
        held = [await take(lanes), await take(lanes, THERE)]
        order: list[str] = []

        async def ask(name: str, after: float) -> None:
            await runtime.sleep(after)
            lane = await take(lanes)
            order.append(name)
            await runtime.sleep(1)
            lanes.give_back(lane)

        async def free() -> None:
            await runtime.sleep(4)
            assert order == []
            lanes.give_back(held[0])

        await runtime.together(lambda: ask("second", 2), lambda: ask("third", 3), lambda: ask("first", 1), free)
        assert order == ["first", "second", "third"]
        lanes.give_back(held[1])
        assert {await take(lanes), await take(lanes, THERE)} == set(held)

    runtime.run(main, virtual=True)


def test_a_cancelled_wait_takes_no_turn(runtime: Runtime) -> None:
    async def main() -> None:
        lanes: Lanes[Way] = Lanes(1)
        held = await take(lanes)

        async def job() -> None:
            lanes.give_back(await take(lanes))

        await runtime.cancel(job, lambda: runtime.sleep(1))
        lanes.give_back(held)
        assert await take(lanes) is held

        async def given_back() -> None:
            await runtime.sleep(1)
            lanes.give_back(held)  # its turn comes together with the cancellation

        await runtime.cancel(job, given_back)
        assert await take(lanes) is held

    runtime.run(main, virtual=True)


def test_the_end_closes_all_and_refuses_who_waits(runtime: Runtime) -> None:
    async def main() -> None:
        lanes: Lanes[Way] = Lanes(2)
        used, kept = await take(lanes), await take(lanes)
        lanes.give_back(kept)
        other = await take(lanes, THERE)
        refused: list[RequestNotAnswered] = []

        async def ask() -> None:
            with pytest.raises(RequestNotAnswered) as caught:
                await take(lanes)
            refused.append(caught.value)

        async def end() -> None:
            await runtime.sleep(1)
            await lanes.aclose()

        await runtime.together(ask, ask, end)
        assert [failure.sent for failure in refused] == ["no", "no"]
        assert (used.closed, kept.closed, other.closed) == (1, 1, 1)
        lanes.give_back(used)
        await ask()
        assert len(refused) == 3

    runtime.run(main, virtual=True)


def test_an_end_that_is_cut_short_closes_all_the_same(runtime: Runtime) -> None:
    class Slow(Way):
        async def aclose(self) -> None:
            await super().aclose()
            await runtime.sleep(1)

    async def main() -> None:
        lanes: Lanes[Way] = Lanes(None)
        taken = [await lanes.take(HERE, Slow) for _ in range(5)]
        await runtime.cancel(lanes.aclose, lambda: runtime.sleep(0.5))
        assert [lane.closed for lane in taken] == [1] * 5

    runtime.run(main, virtual=True)
