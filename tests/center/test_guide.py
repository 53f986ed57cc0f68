"""The guide names every control and every step, with bodies that are taken."""

import re
from pathlib import Path

import msgspec

from deskline.center.control import decode_control, known_controls
from deskline_center.brightpattern import BrightPatternChannel
from deskline_center.brightpattern.rest import ROUTES
from deskline_center.cxone.rest import _ROUTES  # pyright: ignore[reportPrivateUsage]
from deskline_center.scripts import Step

GUIDE = (Path(__file__).parents[2] / "docs/guides/center.md").read_text("utf-8")


def test_every_control_is_shown_with_a_body_that_fits() -> None:
    rows = re.findall(r"^\| `([a-z-]+)` \| `(\{.*?\})` \|", GUIDE, re.MULTILINE)
    assert sorted(name for name, _ in rows) == known_controls()
    for name, body in rows:
        control = decode_control(name, body.encode())
        given = set(msgspec.json.decode(body, type=dict[str, object]))
        missing = set(control.__struct_fields__) - given - {"id", "script"}
        assert missing == set(), name


def test_every_step_is_shown_as_it_is_written() -> None:
    rows = re.findall(r"^\| `(\w+)` \| `(\{\"do\".*?\})` \|", GUIDE, re.MULTILINE)
    steps = [type(msgspec.json.decode(body, type=Step)).__name__ for _, body in rows]
    assert steps == [name for name, _ in rows]
    assert {kind.__name__ for kind in Step.__args__} == set(steps)


def test_every_rest_request_that_faults_match_is_named() -> None:
    named = GUIDE.partition("What faults match")[2]
    assert {name for name, *_ in _ROUTES} == set(re.findall(r"`(rest:[a-z-]+)`", named))
    others = named.partition("Bright Pattern's requests as")[2].partition("and what its polls bring")[0]
    assert {route.name for route in ROUTES} == set(re.findall(r"`([a-z-]+)`", others))


def test_every_setting_that_is_named_is_one() -> None:
    table = GUIDE.partition("## Bright Pattern")[2].partition("## ")[0].partition("| Of | Settings |")[2]
    assert set(re.findall(r"`(\w+)`", table)) <= set(BrightPatternChannel.__struct_fields__)
    assert "`hold`" in table
