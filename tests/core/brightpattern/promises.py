"""What holds of a Bright Pattern session after every input, whatever the input was."""

import math
from typing import Any
from urllib.parse import urlsplit

from deskline_core.brightpattern.chat_table import OPEN
from deskline_core.events import ThreadEnded
from tests.core.brightpattern.alone import POLL, SEND, Alone, name_of

__all__ = ["keep_promises"]


def keep_promises(chat: Alone) -> None:
    """Raise AssertionError unless every promise is kept."""
    leaf = chat.leaf
    every_wait_ends(leaf)
    one_request_at_a_time(chat)
    a_living_chat_is_listened_to(leaf)
    every_message_has_a_thread(leaf)
    no_message_is_stuck(leaf)


def every_wait_ends(leaf: Any) -> None:
    """Calls and their repetitions have a deadline, and deadlines are times; what is requested is on its way."""
    deadlines = leaf.session.deadlines
    assert all(math.isfinite(at) for at in deadlines._times.values())
    for name, calls in (("call", leaf.calls._open), ("call again", leaf.calls._resting)):
        assert all(deadlines.at(name, number) is not None for number in calls), f"nothing ends a {name}"
    if leaf.desk.current.leaf == "requesting":
        urls = [call.url.reveal() for call in (*leaf.calls._open.values(), *leaf.calls._resting.values())]
        paths = {urlsplit(url).path.rpartition("/")[2] for url in urls}
        is_asked = paths & {"chats", "history", "active"} or deadlines.at("request again") is not None
        assert is_asked or leaf.connection.state in ("checking", "waiting"), "nobody asks for the chat"


def one_request_at_a_time(chat: Alone) -> None:
    """At most one poll is open, and at most one event of a chat is on its way (11.1, rule 1; 20.5, rule 7).

    A chat that was given up, and came back under its id, is another one.
    """
    names = [name_of(request) for request in chat.calls.values()]
    assert names.count(POLL) <= 1, "two polls at a time"
    if names.count(SEND) > 1:
        over = {event.thread for event in chat.told(ThreadEnded)}
        posts = [request.url.reveal() for request in chat.calls.values() if name_of(request) == SEND]
        again = [url for url in posts if not any(f"/chats/{id}/" in url for id in over)]
        assert len(again) == len(set(again)), "two events at a time"


def a_living_chat_is_listened_to(leaf: Any) -> None:
    """While ready, a poll is open or due, nothing may have been lost, and nothing is held back, or that is being read.

    To a chat that nobody wants, and that is ended unseen (B9), nobody listens.
    """
    if leaf.connection.is_serving and leaf.desk.is_alive and not leaf.desk.current.is_cancelled:
        is_due = leaf.session.deadlines.at("poll") is not None
        assert leaf.poll.is_open or is_due, "nobody polls"
        assert not leaf.poll.gap or leaf.recovery.is_reading, "ready, and something may have been lost"
        assert not leaf.poll._held or leaf.recovery.is_reading, "ready, and something is held back"


def every_message_has_a_thread(leaf: Any) -> None:
    """Nothing is on its way to a thread that is gone, or that has ended."""
    for outgoing in leaf.delivery.outbox:
        thread = leaf.desk.threads.get(outgoing.thread)
        assert thread is not None or outgoing.status not in ("queued", "uploading", "sending"), outgoing.status
        assert thread is None or thread.state != "ended" or outgoing.status not in ("queued", "uploading")


def no_message_is_stuck(leaf: Any) -> None:
    """A chat that is ready sends what is queued: what waits, waits behind another one that is under way.

    Where the far side no longer knows the chat, nothing goes any more: it ends when its last news have come (D743).
    """
    current = leaf.desk.current
    assert not leaf.ending.is_over_there or current.is_alive, "last news of a chat that is over are waited for"
    if not leaf.connection.is_serving or current.leaf not in OPEN or leaf.ending.is_over_there:
        return
    statuses = [outgoing.status for outgoing in leaf.delivery.outbox.of(current.chat_id)]
    is_busy = bool({"sending", "uploading"} & set(statuses))
    assert is_busy or "queued" not in statuses, "a message is stuck"
