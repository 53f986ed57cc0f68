"""What a snippet may ask for in its info string: ``python with-center`` gets the fixture ``with_center``."""

import pytest


@pytest.fixture
def with_center() -> None:
    """Let the snippet's site stand for a local center on loopback."""
    pytest.skip("there is no local center to serve it yet")
