"""Every name of the kit can be had, is in the reference, and says what it is."""

import pytest

import deskline.testing
from tests.docs.test_reference import shown

ELSEWHERE = {"wire_faults": "deskline.center.wire_faults.Cut"}
"""A module, which the page shows by its members."""


@pytest.mark.parametrize("name", deskline.testing.__all__)
def test_a_name_is_shown(name: str) -> None:
    assert name in dir(deskline.testing)
    assert getattr(deskline.testing, name) is not None
    assert ELSEWHERE.get(name, f"deskline.testing.{name}") in shown("testing.md")


def test_another_name_is_none() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Pear'"):
        _ = deskline.testing.Pear
