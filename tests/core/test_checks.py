"""What of an app's texts can be sent."""

import pytest

from deskline_core.checks import check_email, check_name, check_text


def test_a_text_that_can_be_sent() -> None:
    assert check_text("") is None
    assert check_text("\U0001f600" * 5, 5) is None


def test_a_text_that_cannot() -> None:
    assert check_text("abcdef", 5) == "longer than 5 characters"
    assert check_text("x" * 40000) == "longer than 32768 characters"
    assert check_text("a\ud83d") == "not valid Unicode: it holds half of a surrogate pair"


def test_a_name_is_a_short_text() -> None:
    assert check_name("n" * 1024) is None
    assert check_name("n" * 1025) == "longer than 1024 characters"


@pytest.mark.parametrize("text", ["kit@example.com", "k.i+t_%-@mail.example.co", f"{'k' * 256}@e.x"])
def test_an_address_that_can_be_written_to(text: str) -> None:
    assert check_email(text) is None


@pytest.mark.parametrize("text", ["", "kit", "kit@example", "@example.com", "kit@-x.co", f"{'k' * 257}@e.x", "kít@e.x"])
def test_an_address_that_cannot(text: str) -> None:
    assert check_email(text) == "no e-mail address, such as kit@example.com"
