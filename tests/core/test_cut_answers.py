"""What a journal hides in an answer that was cut: all that follows, where nothing tells where a passage ends."""

import pytest

from deskline_core.redaction import Redactor
from deskline_core.vendors import DISCLOSURES


@pytest.mark.parametrize(
    ("vendor", "cut"),
    [
        ("brightpattern", '{"events":[{"event":"chat_session_message","attachments":[{"id":"7","name":"Ada'),
        ("cxone", '{"data":{"message":{"attachments":[{"friendlyName":"a","url":"https://files.test/Ada'),
        ("cxone", '{"data":{"message":{"recipients":[{"idOnExternalPlatform":"7","name":"Ada'),
    ],
)
def test_a_list_without_an_end_is_hidden_to_the_end(vendor: str, cut: str) -> None:
    learned = Redactor(b"a key", DISCLOSURES[vendor], hashed=True).learn(cut, words=True)
    assert "Ada" not in learned
    assert learned.startswith(cut[:40])
