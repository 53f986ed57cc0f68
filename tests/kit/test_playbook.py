"""A playbook says what goes in and exactly what comes out, and shows the difference where something else does."""

from typing import Any

import pytest

from deskline import BrightPattern, CXone
from deskline.testing import Came, Playbook
from deskline_core import commands as c
from deskline_core.events import ChatStateChanged
from deskline_core.inputs import Disconnect, Open, SendMessage, SetCustomer, SetCustomerFields, StartThread
from deskline_core.lifecycle import ChatState
from deskline_core.policy import Policy

CXONE = CXone(environment="EU1", brand_id=1386, channel_id="chat_5f1d")
SHOP = BrightPattern(url="https://acme.brightpattern.com", app_id="shop")
CONFIGURATION: dict[str, Any] = {
    "isLiveChat": True,
    "settings": {"hasMultipleThreadsPerEndUser": False, "features": {"securedSessions": False}},
}


def ready() -> Playbook:
    """Return a live chat that is ready."""
    book = Playbook(CXONE)
    book.ask(Open).gives("Open answered", "chat preparing", "GET chat_5f1d")
    book.reply("GET chat_5f1d", CONFIGURATION).gives("save identity")
    book.saved().gives("PUT visitors")
    book.reply("PUT visitors").gives("chat prepared", "chat connecting", "GET availability")
    book.reply("GET availability", {"status": "online"}).gives("open socket 1")
    book.opened().gives("chat connected", "frame AuthorizeCustomer")
    id = book.written("AuthorizeCustomer")["eventId"]
    authorized = {"eventType": "ConsumerAuthorized", "data": {}}
    book.frame_arrives({"eventId": id, "postback": authorized}).gives("frame RecoverLivechat")
    id = book.written("RecoverLivechat")["eventId"]
    nothing = {"eventType": "LivechatRecovered", "data": {"messages": []}}
    book.frame_arrives({"eventId": id, "postback": nothing}).gives("chat ready")
    return book


def test_a_whole_way_of_one_vendor() -> None:
    book = ready()
    assert book.session.state is ChatState.READY
    assert [event.state for event in book.events(ChatStateChanged)][-1] is ChatState.READY
    assert book.refusals == []
    book.closed().gives("chat connecting")
    book.wait_next().gives("open socket 2")
    book.closed(status=503).gives()


def test_a_way_of_the_other() -> None:
    book = Playbook(SHOP)
    book.ask(Open).gives("Open answered", "chat preparing", "save identity")
    book.saved().gives("GET parameters")
    book.reply("GET parameters", {"parameters": []}).gives("chat prepared", "chat connecting", "GET availability")
    book.reply("GET availability", {"chat": "available"}).gives("chat ready")
    book.ask(StartThread).gives("POST chats")
    book.withdraw(book.asked).gives()


def test_requests_fail_and_frames_are_not_written() -> None:
    book = Playbook(CXONE)
    book.ask(Open)
    book.fail("GET chat_5f1d").gives()
    book.wait_next().gives("GET chat_5f1d")
    book.fail("GET chat_5f1d", "maybe", "cut").gives()
    assert book.sent("GET chat_5f1d").method == "GET"
    assert book.open_calls() == []
    book.ask(SendMessage, thread="nowhere", text="hello").gives("SendMessage refused unknown_thread")
    assert "nowhere" in book.refusals[-1].message
    book.ask(Disconnect).gives("chat initial", "Disconnect answered")


def test_a_store_answers_by_the_way_or_when_it_is_told_to() -> None:
    book = Playbook(CXONE)
    book.ask(SetCustomer, id="kim").gives("SetCustomer answered")
    book.ask(Open)
    book.reply("GET chat_5f1d", CONFIGURATION)
    book.store_answers = False
    book.wait(1)
    assert len(book.saves) == 1
    assert "SaveLost" in book.not_saved()
    assert book.saves == []


def test_what_came_out_is_there_as_commands_too() -> None:
    book = Playbook(CXONE)
    came = book.ask(Open)
    assert [type(command) for command in came.commands] == [c.Answer, c.Notify, c.SendRequest]
    assert book.log == came.commands
    came.gives(c.Answer(request=1), c.Notify(event=ChatStateChanged(state=ChatState.PREPARING)), "GET chat_5f1d")


def test_time_passes_when_it_is_told_to() -> None:
    book = Playbook(CXONE, policy=Policy(), now=100.0)
    with pytest.raises(AssertionError, match="waits for no time"):
        book.wait_next()
    book.wait(50).gives()
    assert book.now == 150.0
    book.ask(Open)
    assert "chat initial" in book.wait(3600)


@pytest.mark.parametrize(
    ("expected", "difference"),
    [
        (("one",), "- one\n+ two\n+ three"),
        (("two",), "  two\n+ three"),
        (("two", "three", "four"), "  two\n  three\n- four"),
        (("three", "two"), "+ two\n  three\n- two"),
        ((c.Answer(request=2), "three"), "- Answer(request=2, value=None)\n+ Answer(request=1, value=None) is"),
    ],
)
def test_a_difference_is_shown_line_by_line(expected: tuple[Any, ...], difference: str) -> None:
    came = Came(["two", "three"], [c.Answer(request=1), c.Answer(request=3)])
    came.gives("two", "three")
    with pytest.raises(AssertionError) as raised:
        came.gives(*expected)
    assert difference in str(raised.value)


def test_what_is_not_there_is_named() -> None:
    book = Playbook(CXONE)
    book.ask(Open)
    with pytest.raises(AssertionError, match=r"no PUT visitors is open, but \['GET chat_5f1d'\]"):
        book.reply("PUT visitors")
    with pytest.raises(AssertionError, match="no PUT visitors was sent"):
        book.sent("PUT visitors")
    with pytest.raises(AssertionError, match="no frame SendMessage was written"):
        book.written("SendMessage")


def test_every_command_has_a_word() -> None:
    book = ready()
    words: list[c.Command] = [
        c.CloseSocket(socket=1, code=1000),
        c.Forget(id=9, keys=("a", "b")),
        c.CancelRequest(id=99),
    ]
    assert [book.word(word) for word in words] == ["close socket 1 1000", "forget a b", "cancel"]
    book.ask(SetCustomerFields, fields=(("topic", "mug"),))
    assert "frame SendMessage" in book.ask(StartThread)
    assert book.thread.id == book.answers[book.asked]
    book.ask(Disconnect)
    assert "close socket 1 1000" in [book.word(command) for command in book.log]
