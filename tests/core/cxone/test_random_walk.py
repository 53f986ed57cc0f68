"""Walks of chance: whatever an app, a far side, a network and a store do, no promise is broken, and all waits end."""

from collections import Counter

import pytest

from deskline_core.cxone.connection_table import ConnectionState as S
from tests.core.cxone.walking import Walk

SEEN = (
    "frame SendMessage", "frame RecoverThread", "frame RecoverLivechat", "frame FetchThreadList", "frame RefreshToken",
    "POST file", "POST token", "GET stream", "GET message", "GET large event", "message delivered", "message failed",
    "message uncertain", "chat lost", "chat offline", "ReauthenticationNeeded", "TextAppended", "UndecodableReceived",
    "StartThread answered", "SignOut answered",
)  # fmt: skip
"""What some of the walks come by, at the least: else they would show nothing."""


def test_no_walk_breaks_a_promise() -> None:
    words: Counter[str] = Counter()
    ends: Counter[S] = Counter()
    for seed in range(300):
        walk = Walk(seed).run(150)
        ends[walk.chat.state] += 1
        words.update(word for _, said in walk.log for word in said)
    assert [word for word in SEEN if not words[word]] == []
    assert set(ends) <= {S.INITIAL, S.PREPARED, S.OFFLINE, S.LOST, S.UNSUPPORTED}


def test_a_walk_is_the_same_for_a_seed() -> None:
    assert Walk(5).run(60).log == Walk(5).run(60).log


@pytest.mark.slow
@pytest.mark.parametrize("tens", range(20))
def test_no_long_walk_breaks_a_promise(tens: int) -> None:
    for seed in range(1000 + 500 * tens, 1500 + 500 * tens):
        Walk(seed).run(250)
