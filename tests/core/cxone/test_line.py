"""The line: one socket at a time, a heartbeat that any frame answers, frames in order and within the rate."""

import json

import pytest

from deskline_core import inputs as i
from deskline_core.commands import CloseSocket, OpenSocket, SendFrame
from deskline_core.cxone.connection_table import ConnectionState as S
from deskline_core.policy import Policy
from tests.core.cxone.alone import THREAD, Alone, reach, with_thread


def sent(chat: Alone) -> list[str]:
    """Return the triggers that were executed, in order."""
    return [frame["payload"]["data"]["trigger"]["id"] for kind, frame in chat.frames if kind == "ExecuteTrigger"]


def trigger(chat: Alone, *names: str) -> list[str]:
    """Execute triggers; return what came out."""
    return [word for name in names for word in chat.ask(i.ExecuteTrigger, trigger=name)]


# --- heartbeat ---


@pytest.mark.row("R3", "R4")
def test_any_frame_answers_a_heartbeat() -> None:
    for frame in ('"pong"', "not even JSON", {"eventType": "SomethingNew", "eventId": "e-1"}):
        chat = reach(S.SERVING)
        chat.wait(10)
        chat.hear(frame)
        assert chat.wait(9.9) == []
        assert chat.wait(0.1) == ["frame heartbeat"]
        assert chat.state is S.SERVING


def test_what_was_heard_before_a_heartbeat_does_not_answer_it() -> None:
    chat = reach(S.SERVING)
    chat.wait(9.9)
    chat.hear('"pong"')
    assert chat.wait(0.1) == ["frame heartbeat"]
    assert chat.wait(5) == ["close 1 1001", "chat connecting"]


def test_heartbeats_keep_their_pace() -> None:
    chat = reach(S.SERVING)
    for _ in range(5):
        assert chat.wait(9.9) == []
        assert chat.wait(0.1) == ["frame heartbeat"]
        chat.hear('"pong"')
    assert chat.frame("heartbeat") == {"action": "heartbeat"}


def test_a_heartbeat_whose_answer_may_take_longer_than_its_pace_is_sent_at_once_again() -> None:
    chat = reach(S.SERVING, policy=Policy(heartbeat=3, heartbeat_answer=5))
    assert chat.wait(3) == ["frame heartbeat"]
    chat.hear('"pong"')
    assert chat.wait(4.9) == []
    assert chat.wait(0.1) == ["frame heartbeat"]


# --- one socket at a time ---


def test_no_session_ever_has_two_sockets() -> None:
    chat = reach(S.SERVING)
    chat.ask(i.EnterBackground)
    for _ in range(3):
        chat.ask(i.EnterActive)
        chat.ask(i.EnterBackground)
    chat.ask(i.EnterActive)
    assert [type(x) for x in chat.log if isinstance(x, OpenSocket | CloseSocket)] == [OpenSocket, CloseSocket]
    words = chat.closed(1000, socket=1)
    assert [word.split()[0] for word in words] == ["open"]


def test_a_socket_that_is_closing_may_still_be_heard_of_and_says_nothing() -> None:
    chat = reach(S.SERVING)
    chat.ask(i.EnterBackground)
    assert chat.hear('"pong"') == []
    assert chat.put(i.SocketOpened(socket=1)) == []
    assert chat.closed(1000) == []
    assert chat.closed(1000) == []
    assert chat.session.counts["stale completions"] == 3


def test_what_has_no_socket_is_not_sent() -> None:
    chat = reach(S.PREPARED)
    chat.leaf.line.send("{}")
    chat.leaf.line.close()
    assert chat.put(i.Tick()) == []


# --- rate ---


def test_frames_over_the_rate_wait_their_turn_in_order() -> None:
    chat = reach(S.SERVING, policy=Policy(rate_limit=(4, 5.0), heartbeat=60))
    chat.wait(5)
    assert trigger(chat, *"abcdef").count("frame ExecuteTrigger") == 4
    assert sent(chat) == list("abcd")
    assert chat.wait(4.9) == []
    assert chat.wait(0.1) == ["frame ExecuteTrigger"] * 2
    assert sent(chat) == list("abcdef")


def test_a_long_queue_takes_several_windows() -> None:
    chat = reach(S.SERVING, policy=Policy(rate_limit=(2, 1.0), heartbeat=60))
    chat.wait(1)
    trigger(chat, *"abcde")
    assert sent(chat) == list("ab")
    assert chat.wait(1) == ["frame ExecuteTrigger"] * 2
    assert trigger(chat, "f") == ["ExecuteTrigger answered"]  # behind those that wait, though there is a window
    assert chat.wait(1) == ["frame ExecuteTrigger"] * 2
    assert sent(chat) == list("abcdef")
    numbers = [command.frame for command in chat.log if isinstance(command, SendFrame)]
    assert numbers == sorted(numbers)


def test_when_too_many_frames_wait_requests_are_refused_and_messages_are_not() -> None:
    chat = with_thread(policy=Policy(rate_limit=(2, 60.0), outbox=2))
    words = [chat.ask(i.MarkRead, thread=THREAD) for _ in range(3)]
    assert words == [["MarkRead answered"], ["MarkRead answered"], ["MarkRead refused limit_reached"]]
    assert chat.ask(i.SendMessage, thread=THREAD, text="one")[1] == "SendMessage answered"


def test_a_message_that_waited_for_the_rate_was_never_written() -> None:
    chat = with_thread(policy=Policy(rate_limit=(3, 60.0)))
    assert chat.ask(i.SendMessage, thread=THREAD, text="one")[-1] == "frame SendMessage"
    assert chat.ask(i.SendMessage, thread=THREAD, text="two")[-1] == "message sending"
    assert chat.closed() == ["message uncertain", "message queued", "chat connecting"]


# --- frames that were not written ---


def test_frames_that_were_not_written_go_back_and_others_are_in_doubt() -> None:
    chat = with_thread()
    chat.ask(i.SendMessage, thread=THREAD, text="one")
    chat.ask(i.SendMessage, thread=THREAD, text="two")
    assert chat.closed(unwritten=(chat.last_frame,)) == ["message uncertain", "message queued", "chat connecting"]
    assert [message.status for message in chat.session.threads[THREAD].messages] == ["uncertain", "queued"]


def test_a_socket_closed_by_us_tells_what_it_did_not_write() -> None:
    chat = with_thread()
    chat.ask(i.SendMessage, thread=THREAD, text="one")
    assert chat.ask(i.EnterBackground) == ["chat prepared", "close 1 1000", "EnterBackground answered"]
    assert chat.closed(1000, unwritten=(chat.last_frame,)) == ["message queued"]


# --- answers on their way by another road ---


def large(kind: str) -> dict[str, object]:
    """Return the push that says where an event can be fetched."""
    url = "https://bucket.example.test/chat/large-websocket-events/1386/x.json?X-Amz-Expires=900"
    data = {"s3Object": {"url": url}, "originEvent": {"eventType": kind}}
    return {"eventId": "e-1", "eventType": "EventInS3", "eventObject": "S3Object", "data": data}


def test_a_download_that_may_be_the_answer_gives_a_request_time() -> None:
    chat = reach(S.RECOVERING, policy=Policy(heartbeat=60))
    chat.wait(9)
    assert chat.hear(large("ThreadRecovered")) == ["GET large event"]
    assert chat.wait(29) == []
    assert chat.state is S.RECOVERING


def test_a_download_that_cannot_be_the_answer_gives_no_time() -> None:
    chat = reach(S.RECOVERING, policy=Policy(heartbeat=60))
    chat.wait(9)
    assert chat.hear(large("MoreMessagesLoaded")) == ["GET large event"]
    assert chat.wait(1)[0] == "chat connecting"


def test_frames_are_compact_json() -> None:
    chat = reach(S.RECOVERING)
    for command in chat.log:
        if isinstance(command, SendFrame):
            assert command.text == json.dumps(json.loads(command.text), separators=(",", ":"), ensure_ascii=False)
