"""Runs of a session with the pure center, recorded: each of them a story that a test or a picture needs."""

from collections.abc import Callable, Sequence
from typing import Any, Literal, get_args

import msgspec

from deskline_center import Center, controls
from deskline_center.controls import (
    AgentJoins,
    AgentReceives,
    AgentRewrites,
    AgentSays,
    AgentStatus,
    AgentStreams,
    AgentTypes,
    AlertAgent,
    Availability,
    CloseContact,
    ExpireTokens,
    Fail,
    Lose,
    MoveContact,
    NameThread,
    PreferAgent,
    StreamPiece,
    ViaUrl,
)
from deskline_center.cxone import channel_id
from deskline_center.model import Channel
from deskline_core import inputs as i
from deskline_core.commands import Command
from deskline_core.journal import Recorder
from deskline_core.model import Upload
from deskline_core.session import Session
from tests.pair import Pair

Mode = Literal["single", "multi", "live"]
Style = Literal["legacy", "secured"]
CHANNELS: list[tuple[Mode, Style]] = [(mode, style) for mode in get_args(Mode) for style in get_args(Style)]
NAME = "Lebenslauf \u00e4.pdf"
LETTER = Upload(name=NAME, content=b"a letter of canary-4711", mime_type="text/plain")
PICTURE = Upload(name="mug.png", content=bytes(range(256)) * 600, mime_type="image/png")
QUESTION = "Where is order 4711? It was to come on Tuesday — or so I was told \U0001f600"


class Taped:
    """A session whose inputs are recorded."""

    def __init__(self, session: Session, texts: Literal["plain", "hashed"]) -> None:
        self._session = session
        self._recorder = Recorder(session, texts=texts)
        self.lines = [self._recorder.header()]

    def handle(self, input: i.Input, *, now: float) -> Sequence[Command]:
        commands = self._session.handle(input, now=now)
        self.lines.append(self._recorder.line(input, now, commands))
        return commands

    def __getattr__(self, name: str) -> Any:
        return getattr(self._session, name)


class Recorded(Pair):
    """A pair whose session is recorded from its beginning."""

    def __init__(self, channel: str | Channel, *, texts: Literal["plain", "hashed"] = "plain", **rest: Any) -> None:
        super().__init__(channel, **rest)
        self.tape = Taped(self.session, texts)
        self.session = self.tape  # type: ignore[assignment]  # it is one in all but name

    @property
    def lines(self) -> list[str]:
        return self.tape.lines

    def on(self, control: controls.Control) -> None:
        """Let the operator do something, and give it time to arrive."""
        self.control(control)
        self.advance(1)


def visit(chat: Recorded, mode: Mode) -> Recorded:
    """A whole visit: ask, be answered, lose the connection, come back, end, leave."""
    chat.do(i.Open)
    chat.advance(1)
    thread = chat.ask(i.StartThread, name="Order 4711")
    chat.ask(i.SendMessage, thread=thread, text=QUESTION)
    chat.advance(2)
    chat.on(AgentJoins())
    chat.on(AgentTypes())
    chat.do(i.StartTyping, thread=thread)
    chat.on(AgentSays(text="Let me look\nfor it, please"))
    chat.do(i.MarkRead, thread=thread)
    chat.advance(25)
    chat.lose()
    chat.on(AgentSays(text="It left on Tuesday"))
    chat.advance(40)
    chat.ask(i.SendMessage, thread=thread, text="Thank you")
    chat.do(i.ExecuteTrigger, trigger="5e6f1a77-3a59-4c1e-8f0d-2f6d1b3c9a02")
    chat.do(i.ViewPage, title="Orders", url="https://shop.example/orders")
    chat.on(ViaUrl(match="MessageCreated"))
    chat.on(AgentSays(text="You are welcome"))
    if mode == "live":
        chat.do(i.EndThread, thread=thread)
    elif mode == "multi":
        chat.do(i.RenameThread, thread=thread, name="Parcel")
        chat.do(i.ArchiveThread, thread=thread)
    else:
        chat.on(CloseContact())
    chat.advance(5)
    chat.do(i.Disconnect)
    chat.advance(3)
    return chat


def trouble(chat: Recorded, _mode: Mode) -> Recorded:
    """What goes wrong: no network, refused requests and frames, dead tokens, odd frames, background, sign out."""
    chat.network = False
    chat.do(i.Open)
    chat.advance(60)
    chat.network = True
    chat.on(Fail(match="rest:channel", status=503))
    chat.do(i.Open)
    chat.advance(20)
    thread = chat.ask(i.StartThread)
    waiting = chat.do(i.AwaitReady)
    chat.put(i.Withdraw(request=waiting))
    chat.on(Fail(match="SendMessage"))
    chat.ask(i.SendMessage, thread=thread, text=QUESTION)
    chat.advance(30)
    chat.do(i.SendMessage, thread="nowhere", text=QUESTION)
    for text in (
        '{"eventType":"Unheard',
        '{"eventType":"NeverSeen","data":{"token":"canary-in-a-push"}}',
        "\ud83d[",
        "",
    ):
        chat.put(i.FrameReceived(socket=chat._socket or 1, text=text))
    chat.on(ExpireTokens())
    chat.lose(code=1006)
    chat.advance(90)
    chat.do(i.EnterBackground)
    chat.advance(60)
    chat.do(i.EnterActive)
    chat.advance(10)
    chat.do(i.SendTranscript, thread=thread, email="jo@mail.example")
    chat.put(i.NetworkReturned())
    chat.do(i.SignOut)
    chat.advance(10)
    return chat


def files(chat: Recorded, _mode: Mode) -> Recorded:
    """Files both ways: taken, refused before anything, refused by the far side, sent again, stopped."""
    chat.do(i.Open)
    chat.advance(1)
    thread = chat.ask(i.StartThread)
    chat.ask(i.SendMessage, thread=thread, text=QUESTION)
    chat.on(AgentJoins())
    chat.ask(i.SendMessage, thread=thread, text="", attachments=(LETTER, PICTURE))
    chat.advance(2)
    chat.do(i.SendMessage, thread=thread, text="", attachments=(msgspec.structs.replace(LETTER, mime_type="a/b"),))
    chat.on(Fail(match="rest:attachment", status=403))
    refused = chat.ask(i.SendMessage, thread=thread, text="look", attachments=(LETTER,))
    chat.advance(1)
    chat.ask(i.RetryMessage, message=refused)
    chat.on(Fail(match="rest:attachment", times=3))
    chat.ask(i.SendMessage, thread=thread, text="again", attachments=(PICTURE,))
    chat.advance(20)
    file = {"friendlyName": NAME, "url": f"https://files.example.test/a/b?sig=1#{NAME}", "mimeType": "text/plain"}
    chat.on(AgentSays(text="here", attachments=({"friendlyName": "", "url": "odd place"}, file)))
    chat.on(
        AgentSays(content={"type": "RICH_LINK", "payload": {"url": "https://shop.example.test/a"}}, attachments=(file,))
    )
    chat.on(Lose(match="rest:attachment"))
    chat.do(i.SendMessage, thread=thread, text="", attachments=(PICTURE,))
    chat.do(i.SignOut)
    chat.advance(5)
    return chat


def beside(chat: Recorded, mode: Mode) -> Recorded:
    """What stands beside a conversation: a message for nobody, previews, invitations, joining, the menu."""
    chat.on(Availability(online=False))
    chat.do(i.Open)
    chat.advance(1)
    name = {"first_name": "Jolanthe", "last_name": "Order-Tuesday"}
    chat.do(i.SendOfflineMessage, email="jo@mail.example", text=QUESTION, **name)
    chat.advance(5)
    chat.on(Availability(online=True))
    chat.do(i.Open)
    chat.advance(1)
    thread = chat.ask(i.StartThread)
    chat.ask(i.SendMessage, thread=thread, text="hello")
    for end in range(1, 20, 3):
        chat.do(i.PreviewText, thread=thread, text=QUESTION[:end])
        chat.advance(0.5)
    code = chat.ask(i.CreateInvitation, thread=thread)
    chat.ask(i.SendInvitation, thread=thread, code=code, emails=("jo@mail.example", "bo@mail.example"))
    chat.do(i.SendInvitation, thread=thread, code=code, emails=("order 4711",))
    chat.do(i.JoinThread, code="nothing")
    chat.ask(i.JoinThread, code=code)
    chat.ask(i.FetchMenu)
    chat.ask(i.LeaveThread, thread=thread)
    chat.do(i.Disconnect)
    chat.advance(3)
    return chat


def pieces(chat: Recorded, _mode: Mode) -> Recorded:
    """What comes otherwise than in one frame: messages in pieces, cut ones, changed ones; and what happens around."""
    chat.ask(i.Open)
    chat.advance(1)
    thread = chat.ask(i.StartThread)
    chat.ask(i.SendMessage, thread=thread, text=QUESTION)
    chat.on(AgentJoins())
    chat.on(AgentStreams(pieces=("It left ", "on Tuesday, ", "Jo."), seconds=1))
    chat.advance(1)
    chat.lose()
    chat.advance(30)
    chat.on(AgentStreams(pieces=("It is ",), end="cut"))
    chat.on(AgentStreams(pieces=(), end="open"))
    chat.on(StreamPiece(text="Almost", raw=": a comment\n\n"))
    chat.advance(5)
    chat.on(AgentStreams(url="http://203.0.113.7/signed?X-Amz-Signature=canary-in-a-stream"))
    chat.on(AgentSays(text="A long answer", partial=True))
    chat.on(AgentRewrites(text="It was removed"))
    chat.on(AgentReceives())
    for control in (MoveContact(), AlertAgent(), PreferAgent(), NameThread(), AgentStatus(status="na", tell=True)):
        chat.on(control)
    chat.advance(60)
    chat.do(i.SignOut)
    chat.advance(5)
    return chat


def visitor(chat: Recorded, _mode: Mode) -> Recorded:
    """Who the customer is, and where they were: told by REST, over the socket, and once more to an invitation."""
    chat.do(i.SetCustomer, id="customer-7", first_name="Jolanthe", last_name="Ostermann \u00e4")
    chat.do(i.Open)
    chat.advance(1)
    chat.do(i.ViewPage, title="My \u201cillness\u201d", url="https://shop.example/gout?token=4711-4711-4711&q=toe")
    chat.advance(3)
    chat.do(i.ViewPage, title="", url="/toe")
    chat.do(i.ReportVisitorEvent, data=(("my note", "gout, since \u201cTuesday\u201d"), ("token", "toe"), ("id", "")))
    chat.do(i.ReportVisitorEvent)
    chat.do(i.ReportConversion, name="purchase", value=12)
    chat.advance(1)
    thread = chat.ask(i.StartThread)
    chat.ask(i.SendMessage, thread=thread, text='{"type":"Custom"} in my toe')
    code = chat.ask(i.CreateInvitation, thread=thread)
    chat.ask(i.SendInvitation, thread=thread, code=code, emails=("jo@mail.example",))
    chat.do(i.JoinThread, code="H7")
    chat.do(i.LeavePage)
    chat.advance(5)
    chat.do(i.SignOut)
    chat.advance(3)
    return chat


STORIES: list[Callable[[Recorded, Mode], Recorded]] = [visit, trouble, files, beside, pieces, visitor]


def recorded(
    story: Callable[[Recorded, Mode], Recorded], mode: Mode, style: Style, *, center: Center | None = None, **rest: Any
) -> Recorded:
    """Return a story that has taken place on a channel."""
    return story(Recorded(channel_id(mode, style), center=center, **rest), mode)
