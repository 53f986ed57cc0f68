"""One program on two vendors and two runtimes: it is told the same, but for what a vendor lacks."""

from functools import cache

import pytest

from tests.contract.kits import KITS, Kit
from tests.contract.places import CXONE, PLACES, Place
from tests.contract.projection import APART, FAR_SIDE, LACKING, Owner, Projection
from tests.contract.script import Visit, play


@cache
def visit(runtime: str, place: Place) -> tuple[Visit, Owner]:
    """Return a visit to a place, and whose site it was."""
    kit: Kit = next(kit for kit in KITS if kit.name == runtime)
    visits: list[Visit] = []

    async def scenario() -> None:
        async with place.open(kit) as (desk, chat):
            visits.append(await play(kit, desk, chat))

    kit.run(scenario)
    return visits[0], place.owner


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.name.replace(" ", "-"))
@pytest.mark.parametrize("kit", KITS, ids=lambda kit: kit.name)
def test_every_site_tells_the_same_of_the_same_visit(kit: Kit, place: Place) -> None:
    assert Projection().differences(visit("trio", CXONE), visit(kit.name, place)) == []


WITHOUT = [
    *(Projection(lacking=tuple(each for each in LACKING if each is not lack)) for lack in LACKING),
    *(Projection(far_side={key: why for key, why in FAR_SIDE.items() if key != gone}) for gone in FAR_SIDE),
    *(Projection(apart={key: why for key, why in APART.items() if key != gone}) for gone in APART),
]


@pytest.mark.parametrize(
    "projection", WITHOUT, ids=[*(lack.why for lack in LACKING), *FAR_SIDE.values(), *APART.values()]
)
def test_nothing_is_left_out_without_need(projection: Projection) -> None:
    reference = visit("trio", CXONE)
    assert any(projection.differences(reference, visit("trio", place)) for place in PLACES)
