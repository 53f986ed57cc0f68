"""The events of a streamed message."""

import pytest

from deskline_core.cxone.sse import Delta, read_delta
from tests.core.cxone.cxone_samples import compact, samples

SAMPLES = {
    "sse.delta": Delta(text="On its "),
    "sse.delta2": Delta(text="way, "),
    "sse.stop": Delta(text="Kit.", is_last=True),
    "sse.skipped": None,
}


def test_the_samples() -> None:
    streams = {name: value for name, value in samples().items() if name.startswith("sse.")}
    assert {name: read_delta(compact(value["data"])) for name, value in streams.items()} == SAMPLES


@pytest.mark.parametrize("data", ["null", " null ", "1", "[]", "{}", '{"delta":5}', '{"delta":{}}'])
def test_json_of_another_form_is_skipped(data: str) -> None:
    assert read_delta(data) is None


@pytest.mark.parametrize("data", ["", "[DONE]", '{"delta":', "nul"])
def test_what_is_not_json_fails(data: str) -> None:
    assert read_delta(data) == "not JSON"


def test_half_an_emoji() -> None:
    assert read_delta('{"delta":{"content":"a\\ud83d"}}') == Delta(text="a\ufffd")


def test_the_last_piece_counts() -> None:
    assert read_delta('{"delta":{"content":"end","finish_reason":"stop"}}') == Delta(text="end", is_last=True)
