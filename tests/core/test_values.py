"""Secrets show nothing, and are texts."""

from typing import Any

import pytest

from deskline_core.errors import InvalidValue
from deskline_core.values import Secret, reveal


@pytest.mark.parametrize("given", [None, 5, b"bytes", Secret("nested")])
def test_a_secret_is_a_text(given: Any) -> None:
    with pytest.raises(InvalidValue, match="a secret must be a text"):
        Secret(given)


def test_a_secret_shows_nothing_but_to_whom_it_is_revealed() -> None:
    secret = Secret("canary")
    assert "canary" not in f"{secret} {secret!r} {secret!s} {[secret]}"
    assert (reveal(secret), reveal("plain")) == ("canary", "plain")
