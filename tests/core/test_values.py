"""Secrets show nothing; values say what is wrong with them, and not what people wrote."""

from typing import Any

import pytest

from deskline_core.errors import InvalidValue
from deskline_core.events import ThreadRenamed
from deskline_core.inputs import SendMessage, StartThread
from deskline_core.model import Choice, Link, Location, Upload
from deskline_core.values import Secret, fault, reveal


@pytest.mark.parametrize("given", [None, 5, b"bytes", Secret("nested")])
def test_a_secret_is_a_text(given: Any) -> None:
    with pytest.raises(InvalidValue, match="a secret must be a text"):
        Secret(given)


def test_a_secret_shows_nothing_but_to_whom_it_is_revealed() -> None:
    secret = Secret("canary")
    assert "canary" not in f"{secret} {secret!r} {secret!s} {[secret]}"
    assert (reveal(secret), reveal("plain")) == ("canary", "plain")


def test_a_value_with_a_wrong_field_says_which_and_what_is_allowed() -> None:
    wrong: Any = 5
    assert fault(SendMessage(request=1, thread="t", text=wrong)) == "Expected `str`, got `int` in `text`"
    answers: Any = (("topic", 5),)
    assert fault(StartThread(request=1, answers=answers)) == "Expected `str`, got `int` in `answers[0][1]`"


@pytest.mark.parametrize(
    ("field", "given", "says"),
    [
        ("content", "a text", "the content of a file is bytes, not str"),
        ("name", None, "the name of a file is str, not NoneType"),
        ("mime_type", b"image/png", "the mime_type of a file is str, not bytes"),
    ],
)
def test_a_file_is_what_it_is_said_to_be(field: str, given: Any, says: str) -> None:
    fields: dict[str, Any] = {"name": "a.png", "content": b"\x89", "mime_type": "image/png", field: given}
    with pytest.raises(InvalidValue, match=says):
        Upload(**fields)


def test_what_people_write_is_not_printed_with_what_they_were_offered() -> None:
    shown = repr((Choice(text="canary", postback="canary"), Link(url="https://x.example/canary", title="canary")))
    assert "canary" not in shown + repr(ThreadRenamed(thread="t", name="canary"))


def test_a_place_has_degrees_that_are_numbers() -> None:
    place = Location(latitude=52, longitude=13.4)
    assert (place.latitude, type(place.latitude), place.longitude) == (52.0, float, 13.4)
    wrong: list[dict[str, Any]] = [{"latitude": "52"}, {"longitude": None}, {"latitude": True}, {"url": 5}]
    for fields in wrong:
        with pytest.raises(InvalidValue, match="of a place is a"):
            Location(**{"latitude": 1.0, "longitude": 1.0, **fields})
