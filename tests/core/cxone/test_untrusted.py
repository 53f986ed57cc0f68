"""What the far side sends is untrusted: in no state does nonsense change anything, and what is told is bounded."""

from collections.abc import Iterator

import pytest

from deskline_center import controls as k
from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.events import ErrorReceived, UndecodableReceived, UnknownReceived
from deskline_core.policy import Backoff, Policy
from tests.playbook import Chat, push, state_of

DEEP = "[" * 5000 + "]" * 5000
NONSENSE: tuple[str, ...] = (
    "",
    "null",
    "{",
    "[]",
    "7",
    '"pong',
    '"hello"',
    "{}",
    '{"eventId":7}',
    '{"eventId":{"a":1}}',
    '{"eventType":"Nothing","data":{}}',
    '{"eventType":"MessageCreated"}',
    '{"eventType":"MessageCreated","data":null}',
    '{"eventType":"MessageCreated","data":[]}',
    '{"eventType":"MessageCreated","data":{"message":7}}',
    '{"eventType":"MessageCreated","data":{"message":{"idOnExternalPlatform":null}}}',
    '{"eventType":"CaseStatusChanged","data":{"case":{}}}',
    '{"eventType":"CaseInboxAssigneeChanged","data":{"case":"x"}}',
    '{"eventType":"SetPositionInQueue","data":{"consumerContact":{"id":"1"},"positionInQueue":"first"}}',
    '{"eventType":"SenderTypingStarted","data":{"thread":null}}',
    '{"eventType":"EventInS3","data":{}}',
    '{"eventType":["MessageCreated"],"data":{}}',
    '{"postback":{}}',
    '{"postback":7}',
    '{"eventId":"x","postback":{"eventType":"ThreadRecovered","data":7}}',
    '{"eventId":"x","postback":{"eventType":"ThreadRecovered"}}',
    '{"eventId":"x","postback":{"eventType":"NeverHeardOf","data":{}}}',
    '{"error":{}}',
    '{"eventId":"nobody","error":{"errorCode":"InconsistentData"}}',
    '{"message":"Internal server error","connectionId":"x","requestId":"y"}',
    '{"data":' + DEEP + "}",
    DEEP,
    '{"eventType":"MessageCreated","data":{"x":"' + "\\ud800" + '"}}',
    "\ud800",
    "\x00\x01",
    '{"eventType":"' + "x" * 10_000 + '"}',
)


def situations() -> Iterator[tuple[str, Chat]]:
    """Every state in which a frame can arrive."""
    for session in ("legacy", "secured"):
        for mode in ("single", "multi", "live"):
            chat = Chat(mode, session)
            chat.open()
            yield f"{mode} {session} empty", chat
            chat = Chat(mode, session)
            chat.conversation()
            chat.control(k.AgentJoins())
            chat.control(k.AgentTypes())
            chat.control(k.QueuePlace(place=3))
            yield f"{mode} {session} open", chat
            chat = Chat(mode, session)
            chat.conversation()
            chat.control(k.Lose(match="RecoverThread", done=False))
            chat.control(k.Lose(match="RecoverLivechat", done=False))
            chat.control(k.Lose(match="SendMessage", done=False))
            chat.say(chat.thread.id, "in doubt")
            chat.lose()
            chat.say(chat.thread.id, "queued")
            while chat.state != "connected":
                chat.advance(0.5)
            yield f"{mode} {session} recovering", chat
    chat = Chat("single", "legacy")
    chat.control(k.Lose(match="AuthorizeCustomer", done=False))
    chat.do(i.Open)
    yield "authorizing", chat
    chat = Chat("live")
    chat.conversation()
    chat.control(k.Lose(match="EndContact", done=False))
    chat.do(i.EndThread, thread=chat.thread.id)
    yield "ending", chat
    chat = Chat("live")
    chat.conversation()
    chat.control(k.CloseContact())
    yield "ended", chat
    chat = Chat("multi")
    chat.conversation()
    chat.control(k.Lose(match="ArchiveThread", done=False))
    chat.do(i.ArchiveThread, thread=chat.thread.id)
    yield "archiving", chat


def test_nonsense_changes_nothing_in_any_state() -> None:
    for name, chat in situations():
        before = state_of(chat)
        chat.look()
        for text in NONSENSE:
            chat.hear(text)
            told = chat.news()
            assert all(isinstance(e, UnknownReceived | UndecodableReceived | ErrorReceived) for e in told), (name, text)
            assert len(told) <= 1
            assert state_of(chat) == before, (name, text[:80])
        assert chat.wrote() == [], name


def test_a_well_formed_frame_for_somebody_else_changes_nothing() -> None:
    for name, chat in situations():
        before = state_of(chat)
        chat.look()
        case = {"id": "48999999", "threadIdOnExternalPlatform": "elsewhere", "status": "closed"}
        chat.hear(push("CaseStatusChanged", {"case": case}))
        chat.hear(push("CaseInboxAssigneeChanged", {"case": case, "inboxAssignee": {"id": 1}}))
        chat.hear(push("SenderTypingStarted", {"thread": {"idOnExternalPlatform": "elsewhere"}, "user": {"id": 1}}))
        assert (chat.news(), chat.wrote()) == ([], []), name
        assert state_of(chat) == before, name


def test_a_frame_of_another_socket_changes_nothing() -> None:
    for name, chat in situations():
        before = state_of(chat)
        chat.look()
        for socket in (0, chat.socket - 1, chat.socket + 1, 10**9):
            chat.put(i.FrameReceived(socket=socket, text='{"eventType":"Nothing","data":{}}'))
            chat.put(i.SocketOpened(socket=socket))
            chat.put(i.SocketClosed(socket=socket, code=1000))
        assert chat.news() == [], name
        assert state_of(chat) == before, name


def test_the_source_that_is_told_is_bounded() -> None:
    chat = Chat("single", policy=Policy(max_source=50))
    chat.conversation()
    for text in NONSENSE:
        chat.hear(text)
    for event in chat.news(UnknownReceived, UndecodableReceived):
        assert len(event.source) <= 50
        assert len(repr(event)) < 1000


def test_unknown_fields_are_ignored() -> None:
    chat = Chat("live")
    chat.conversation()
    case = {"id": chat.thread.contact, "status": "closed", "future": [1, {"x": None}]}
    chat.hear({**push("CaseStatusChanged", {"case": case, "moon": "full"}), "since": 1})
    assert chat.last_state == "ended"


def test_an_error_without_a_request_is_told() -> None:
    chat = Chat("single")
    chat.conversation()
    chat.hear({"eventId": "", "error": {"errorCode": "InconsistentData", "errorMessage": "hm", "transactionId": "t"}})
    (told,) = chat.news()
    assert told == ErrorReceived(code="InconsistentData", text="hm", transaction="t")


# --- oversize ---


def test_a_push_over_the_limit_is_told_once_and_the_chat_goes_on() -> None:
    chat = Chat("single", policy=Policy(max_frame=20_000))
    thread = chat.conversation()
    for _ in range(5):
        chat.control(k.AgentSays(text="x" * 30_000))
    assert len(chat.news(UndecodableReceived)) == 1
    assert chat.state == "ready"
    chat.control(k.AgentSays(text="short"))
    assert chat.texts(thread) == ["hello", "short"]


@pytest.mark.row("D17")
def test_an_answer_over_the_limit_is_no_reconnect_loop() -> None:
    backoff = Backoff(first=0.1, jitter=(0.0, 0.0), attempts=20)
    chat = Chat("single", policy=Policy(max_frame=20_000, backoff=backoff))
    thread = chat.conversation()
    chat.lose()
    chat.control(k.AgentSays(thread=thread, text="x" * 30_000))
    chat.advance(600)
    assert chat.state == "lost"
    assert len(chat.told(UndecodableReceived)) == 1
    assert len([x for x in chat.log if isinstance(x, c.OpenSocket)]) <= 4
    assert chat.session.next_deadline is None


@pytest.mark.row("D17")
def test_a_transport_that_closes_for_size_is_no_reconnect_loop() -> None:
    chat = Chat("single")
    chat.conversation()
    for _ in range(2):
        socket, chat._socket = chat.socket, None
        chat.put(i.SocketClosed(socket=socket, code=1009, oversize=True))
        if chat.state != "lost":
            for _ in range(40):
                if chat.state == "ready":
                    break
                chat.advance(0.25)
    assert chat.state == "lost"
    assert len(chat.told(UndecodableReceived)) == 1
    assert chat.session.next_deadline is None
