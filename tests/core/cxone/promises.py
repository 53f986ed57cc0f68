"""What holds of a CXone session after every input, whatever the input was."""

import math
from typing import Any

from deskline_core.cxone.credentials_table import CredentialState

__all__ = ["keep_promises"]

WRITABLE = ("open", "pending", "loaded", "received")


def keep_promises(leaf: Any) -> None:
    """Raise AssertionError unless every promise is kept by CXone's part of a session."""
    every_wait_ends(leaf)
    every_message_has_a_thread(leaf)
    no_message_is_stuck(leaf)
    no_stream_is_left_alone(leaf)
    no_fetch_is_left_alone(leaf)


def every_wait_ends(leaf: Any) -> None:
    """Exchanges, calls and their repetitions have a deadline, and deadlines are times."""
    deadlines, line = leaf.session.deadlines, leaf.line
    assert all(math.isfinite(at) for at in deadlines._times.values())
    queued = {exchange.event_id for _, _, exchange in line._waiting if exchange is not None}
    for event_id, exchange in line.exchanges.items():
        timed = deadlines.at("exchange", event_id) is not None or event_id in queued
        assert timed or line._draining is not None, f"nothing ends {exchange.kind}"
    assert line._draining is None or deadlines.at("drain") is not None
    for name, calls in (("call", leaf.calls._open), ("call again", leaf.calls._resting)):
        assert all(deadlines.at(name, number) is not None for number in calls), f"nothing ends a {name}"


def every_message_has_a_thread(leaf: Any) -> None:
    """Nothing is on its way to a thread that is gone, or that has ended."""
    for outgoing in leaf.delivery.outbox:
        thread = leaf.desk.threads.get(outgoing.thread)
        assert thread is not None or outgoing.status not in ("queued", "uploading", "sending"), outgoing.status
        assert thread is None or thread.state != "ended" or outgoing.status not in ("queued", "uploading")


def no_message_is_stuck(leaf: Any) -> None:
    """A connected chat sends what is queued: all that waits, waits for its files, or behind others."""
    renewal = leaf.credentials.renewal
    if not leaf.connection.is_connected or leaf.credentials.state == CredentialState.REFRESHING or renewal.is_dead:
        return
    behind: set[str] = set()
    for outgoing in leaf.delivery.outbox:
        if outgoing.status == "uploading":
            behind.add(outgoing.thread)
            is_lacking = outgoing.lacks_files and outgoing.thread not in behind - {outgoing.thread}
            assert not is_lacking or _uploads(leaf), "nothing brings the files"
        elif outgoing.status == "queued" and outgoing.thread not in behind:
            is_held = leaf.welcome.is_awaited(outgoing.thread)
            state = leaf.desk.threads[outgoing.thread].state
            assert is_held or state not in WRITABLE, f"a message is stuck in a thread that is {state}"


def _uploads(leaf: Any) -> bool:
    calls = (*leaf.calls._open.values(), *leaf.calls._resting.values())
    return any(call.telling == "progress" for call in calls)


def no_stream_is_left_alone(leaf: Any) -> None:
    """Each call that brings lines belongs to a message in pieces."""
    streaming = [call for call in leaf.calls._open.values() if call.telling == "lines"]
    assert len(streaming) <= len(leaf.streams._under_way), "nobody reads a stream"


def no_fetch_is_left_alone(leaf: Any) -> None:
    """While connected, the rest of some message of each thread is on its way, if it is wanted of any."""
    if leaf.connection.is_connected:
        asked = {exchange.thread for exchange in leaf.line.exchanges.values()
                 if exchange.kind == "GenerateAuthorizationToken"}  # fmt: skip
        wanted = leaf.full_content._wanted
        busy = {fetch.thread for fetch in wanted if fetch.call is not None} | asked
        assert {fetch.thread for fetch in wanted} <= busy, "nobody fetches what is wanted"
