"""Walks of chance: whatever an app, a far side, a network and a store do, no promise is broken, and all waits end."""

from collections import Counter

import pytest

from tests.core.brightpattern.walking import Walk

SEEN = (
    "POST message", "POST file", "POST files", "POST message_delivered", "POST message_read", "POST typing", "POST end",
    "POST disconnect", "POST form_data", "POST notifications", "POST navigation", "POST signaling", "POST location",
    "GET history", "GET active", "GET casehistory", "message sent", "message delivered", "message failed",
    "message uncertain", "chat lost", "chat offline", "UndecodableReceived", "StartThread answered",
    "SignOut answered", "ended customer", "ended inactivity", "ended failed", "ended lost",
)  # fmt: skip
"""What some of the walks come by, at the least: else they would show nothing."""


def test_no_walk_breaks_a_promise() -> None:
    words: Counter[str] = Counter()
    ends: Counter[str] = Counter()
    for seed in range(200):
        walk = Walk(seed).run(150)
        ends[walk.chat.leaf.connection.state] += 1
        words.update(word.partition(":")[0] for _, said in walk.log for word in said)
        words["UndecodableReceived"] += sum(word.startswith("undecodable") for _, said in walk.log for word in said)
    assert [word for word in SEEN if not words[word]] == []
    assert set(ends) <= {"initial", "prepared", "offline", "lost", "serving"}


def test_a_walk_is_the_same_for_a_seed() -> None:
    assert Walk(5).run(60).log == Walk(5).run(60).log


@pytest.mark.slow
@pytest.mark.parametrize("tens", range(20))
def test_no_long_walk_breaks_a_promise(tens: int) -> None:
    for seed in range(1000 + 500 * tens, 1500 + 500 * tens):
        Walk(seed).run(250)
