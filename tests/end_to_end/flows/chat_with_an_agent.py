"""Chat with an Agent: messages both ways (lifecycle reference, section 3.9)."""

from collections.abc import Callable

from deskline import (
    ErrorReceived,
    IllegalState,
    InvalidValue,
    MessageReceived,
    MessageStatusChanged,
    MessageUpdated,
    NotConnected,
    NotSupported,
    OfferReceived,
    PartyJoined,
    StreamFailed,
    TextAppended,
    TypingStarted,
    TypingStopped,
    UnknownReceived,
    Upload,
    UploadFailed,
    UploadProgressed,
)
from deskline_center.controls import (
    AgentJoins,
    AgentReads,
    AgentSays,
    AgentStreams,
    AgentTypes,
    CloseContact,
    DropSockets,
    Fail,
    Hold,
    Lose,
    LosePush,
    ProactiveAction,
    Repeat,
    SendRaw,
)
from deskline_center.cxone import contents
from tests.end_to_end.flows.places import ANYWHERE, LIVE, CXonePlace
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("chat with an agent")


def is_now(status: str) -> Callable[[MessageStatusChanged], bool]:
    """Look for a status."""
    return lambda event: event.status == status


@FLOW.scenario(on=ANYWHERE, drawn=True)
async def question_and_answer(play: Play) -> None:
    """The customer asks; an agent joins, reads, types and answers; the customer reads the answer."""
    async with play.talking("Hello") as (_, thread):
        play.do(AgentJoins())
        await play.hears(PartyJoined)
        message = await thread.send("Where is order 4711?")
        await play.hears(MessageStatusChanged, is_now("delivered"))
        play.do(AgentReads())
        await play.hears(MessageStatusChanged, is_now("seen"))
        play.do(AgentTypes())
        assert (await play.hears(TypingStarted)).party == thread.typing
        play.do(AgentSays(text="It left on Tuesday"))
        assert (await play.hears(MessageReceived)).party == thread.agent
        assert thread.typing is None
        await thread.mark_read()
        await play.until(lambda _: play.far()["messages"][-1]["seen"])
        assert await message.settled() == "seen"


@FLOW.scenario(on=ANYWHERE)
async def typing(play: Play) -> None:
    """Both sides show that they type, and that they stopped."""
    async with play.talking() as (_, thread):
        play.do(AgentTypes())
        await play.hears(TypingStarted)
        play.do(AgentTypes(typing=False))
        await play.hears(TypingStopped)
        await thread.start_typing()
        await play.until(lambda _: play.far()["typing"])
        await thread.stop_typing()
        await play.until(lambda _: not play.far()["typing"])


@FLOW.scenario(on=ANYWHERE, drawn=True)
async def an_answer_in_pieces(play: Play) -> None:
    """The answer is written while it is read: it comes in pieces, and then as a whole."""
    async with play.talking() as (_, thread):
        play.do(AgentStreams(pieces=("It left ", "on ", "Tuesday"), seconds=0.02))
        assert (await play.hears(MessageReceived)).message.kind == "stream"
        await play.hears(TextAppended)
        whole = await play.hears(MessageUpdated, lambda event: event.message.kind == "text")
        assert whole.message.text == "It left on Tuesday"
        assert thread.messages[-1] == whole.message


@FLOW.scenario("3.9 9E unknown", on=ANYWHERE)
async def an_answer_that_breaks_off(play: Play) -> None:
    """The rest of an answer in pieces does not come: the app is told, and what came stays."""
    async with play.talking() as (_, thread):
        play.do(AgentStreams(pieces=("It left ",), seconds=0.02, end="close"))
        await play.hears(StreamFailed)
        assert thread.messages[-1].text == "It left "
        await play.says(thread, "Hello?")


@FLOW.scenario(on=(CXonePlace("single", "legacy"), CXonePlace("live", "secured")), drawn=True)
async def the_welcome_goes_first(play: Play) -> None:
    """The site's welcome text is shown in a new thread, and told to the far side once, before the first message."""
    async with play.ready() as chat:
        play.do(ProactiveAction(kind="WelcomeMessage", text="Need a hand?"))
        await play.hears(OfferReceived)
        thread = await chat.thread()
        assert [message.text for message in thread.messages] == ["Need a hand?"]
        await play.says(thread, "Yes, please")
        await play.says(thread, "Where is order 4711?")
        texts = [each["content"]["text"] for each in play.far()["messages"]]
        assert [text for text in texts if text != "Begin Conversation"] == [
            "Need a hand?",
            "Yes, please",
            "Where is order 4711?",
        ]


PICTURE = Upload(name="mug.png", content=b"\x89PNG" * 25_000, mime_type="image/png")
NOTE = Upload(name="note.txt", content=b"It was blue.", mime_type="text/plain")


@FLOW.scenario(on=ANYWHERE, drawn=True)
async def files_both_ways(play: Play) -> None:
    """Files are uploaded one after the other, and then the message goes; the agent sends a file back."""
    async with play.talking() as (_, thread):
        message = await thread.send("Like this one", attachments=[PICTURE, NOTE])
        assert await message.settled() == "delivered"
        await play.hears(UploadProgressed, lambda event: (event.attachment, event.sent) == (1, event.total))
        assert len(play.far()["messages"][-1]["attachments"]) == 2
        file = {"friendlyName": "bill.txt", "mimeType": "text/plain", "content": "aGVsbG8="}
        play.do(AgentSays(text="Here you are", attachments=(file,)))
        (received,) = (await play.hears(MessageReceived)).message.attachments
        assert received.name == "bill.txt"


@FLOW.scenario(on=ANYWHERE, drawn=True)
async def something_to_choose(play: Play) -> None:
    """The agent offers choices; the customer's choice goes back with its postback."""
    async with play.talking() as (_, thread):
        play.do(AgentSays(content=contents.quick_replies("When?", ("Early", "slot:early"), ("Late", "slot:late"))))
        early, _ = (await play.hears(MessageReceived)).message.choices
        message = await thread.choose(early)
        assert await message.settled() == "delivered"
        assert play.far()["messages"][-1]["content"]["text"] == "Early"


@FLOW.scenario("3.9 1E attachment", on=ANYWHERE, settings={"allowed_file_size": 1})
async def a_file_that_is_not_taken(play: Play) -> None:
    """A file that is too large, or of a kind that the site does not take, is refused before anything is sent."""
    async with play.talking() as (_, thread):
        large = Upload(name="mug.png", content=b"x" * (1024 * 1024 + 1), mime_type="image/png")
        program = Upload(name="mug.exe", content=b"x", mime_type="application/x-msdownload")
        for wrong in (large, program):
            with play.refused(InvalidValue):
                await thread.send("Look", attachments=[wrong])
        assert len(thread.messages) == 1


@FLOW.scenario("3.9 1E attachment", settings={"attachments": False})
async def a_channel_without_files(play: Play) -> None:
    """A site that takes no files says so in its configuration."""
    async with play.talking() as (_, thread):
        with play.refused(NotSupported):
            await thread.send("Look", attachments=[NOTE])


@FLOW.scenario("3.9 3E upload", on=ANYWHERE, drawn=True)
async def a_file_fails(play: Play) -> None:
    """The far side does not take one of the files: the message fails as a whole, and can be sent again."""
    async with play.talking() as (_, thread):
        play.do(Fail(match="rest:attachment", status=400))
        message = await thread.send("Like this one", attachments=[NOTE])
        await play.hears(UploadFailed)
        assert await message.settled() == "failed"
        await message.retry()
        assert await message.settled() == "delivered"


@FLOW.scenario("3.9 3E upload", policy={"attachment_failure": "drop"})
async def a_file_is_left_out(play: Play) -> None:
    """By policy the message goes with what is left of its files."""
    async with play.talking() as (_, thread):
        play.do(Fail(match="rest:attachment", status=400))
        message = await thread.send("Like this one", attachments=[NOTE, PICTURE])
        await play.hears(UploadFailed)
        assert await message.settled() == "delivered"
        (file,) = play.far()["messages"][-1]["attachments"]
        assert file["fileName"] == "mug.png"


@FLOW.scenario("3.9 1E ended", on=LIVE)
async def the_thread_has_ended(play: Play) -> None:
    """Nothing can be sent in a thread that has ended."""
    async with play.talking() as (_, thread):
        play.do(CloseContact())
        await play.thread_becomes("ended")
        with play.refused(IllegalState):
            await thread.send("too late")


@FLOW.scenario("3.9 1E invalid")
async def what_cannot_be_sent(play: Play) -> None:
    """An empty text, or one that is too long, is refused before anything is sent."""
    async with play.talking() as (_, thread):
        for text in ("", "x" * 40_000):
            with play.refused(InvalidValue):
                await thread.send(text)
        assert len(play.far()["messages"]) == 1


@FLOW.scenario("3.9 1E not connected", on=ANYWHERE, drawn=True)
async def written_while_the_connection_is_lost(play: Play) -> None:
    """A message waits in the outbox until there is a connection again; what cannot wait is refused."""
    async with play.talking() as (_, thread):
        play.do(Fail(match="handshake", status=503))
        play.do(DropSockets())
        await play.becomes("connecting")
        message = await thread.send("And order 4712?")
        assert message.status == "queued"
        with play.refused(NotConnected):
            await thread.start_typing()
        assert await message.settled() == "delivered"
        assert [m["content"]["text"] for m in play.far()["messages"]][-2:] == [
            "Where is order 4711?",
            "And order 4712?",
        ]


@FLOW.scenario("3.9 7E refused", on=ANYWHERE, drawn=True)
async def the_message_is_refused(play: Play) -> None:
    """The far side refuses the message: it has failed, and can be sent again under the same id."""
    async with play.talking() as (_, thread):
        play.do(Fail(match="SendMessage"))
        message = await thread.send("And order 4712?")
        await play.hears(MessageStatusChanged, is_now("failed"))
        assert await message.settled() == "failed"
        await message.retry()
        assert await message.settled() == "delivered"
        assert play.far()["messages"][-1]["message"] == message.id


@FLOW.scenario("3.9 7E no answer", on=ANYWHERE, drawn=True, short={"request_timeout": 3.0})
async def the_message_is_not_answered(play: Play) -> None:
    """Neither an answer nor a copy comes, and the far side does not have the message: it has failed, honestly."""
    async with play.talking() as (_, thread):
        play.do(Lose(match="SendMessage", done=False))
        message = await thread.send("And order 4712?")
        await play.hears(MessageStatusChanged, is_now("uncertain"))
        play.do(DropSockets())
        await play.hears(MessageStatusChanged, is_now("failed"))
        assert await message.settled() == "failed"
        assert thread.messages[-1].status == "failed"
        assert len(play.far()["messages"]) == 1 + (play.place in LIVE)


@FLOW.scenario("3.9 7E no answer", on=ANYWHERE, short={"request_timeout": 3.0})
async def the_message_arrived_unanswered(play: Play) -> None:
    """Neither an answer nor a copy comes, but the far side has the message: recovery finds it, once."""
    async with play.talking() as (_, thread):
        play.do(Lose(match="SendMessage"))
        play.do(LosePush(match="MessageCreated"))
        message = await thread.send("And order 4712?")
        await play.hears(MessageStatusChanged, is_now("uncertain"))
        play.do(DropSockets())
        await play.hears(MessageStatusChanged, is_now("delivered"))
        assert await message.settled() == "delivered"
        assert [m.text for m in thread.messages] == ["Where is order 4711?", "And order 4712?"]


@FLOW.scenario("3.9 7E lost", on=ANYWHERE)
async def the_connection_is_lost_behind_the_message(play: Play) -> None:
    """The connection is lost while the message is on its way: nothing is lost and nothing is doubled."""
    async with play.talking() as (_, thread):
        play.do(Hold(match="MessageCreated", seconds=60))
        play.do(Lose(match="SendMessage"))
        message = await thread.send("And order 4712?")
        await play.until(lambda _: play.far()["messages"][-1]["message"] == message.id)
        play.do(DropSockets())
        assert await message.settled() == "delivered"
        assert [m.text for m in thread.messages] == ["Where is order 4711?", "And order 4712?"]


@FLOW.scenario("3.9 8 copies", on=ANYWHERE)
async def copies_come_twice_and_receipts_early(play: Play) -> None:
    """What comes twice is shown once, and a receipt that overtakes its message is not lost."""
    async with play.talking() as (_, thread):
        play.do(AgentJoins())
        play.do(Repeat(match="MessageCreated", copies=2))
        play.do(AgentSays(text="It left on Tuesday"))
        play.do(Hold(match="MessageCreated", seconds=0.2))
        await thread.send("Thank you")
        await play.until(lambda _: len(play.far()["messages"]) == 3 + (play.place in LIVE))
        play.do(AgentReads())
        await play.hears(MessageStatusChanged, is_now("seen"))
        assert [m.text for m in thread.messages] == ["Where is order 4711?", "It left on Tuesday", "Thank you"]


@FLOW.scenario("3.9 9E unknown", on=ANYWHERE)
async def content_that_cannot_be_shown(play: Play) -> None:
    """Content of an unknown kind shows its fallback text; the other side is told, hidden from the customer, once."""
    async with play.talking() as (_, thread):
        play.do(Repeat(match="MessageCreated", copies=1))
        play.do(AgentSays(content=contents.unknown("HOLOGRAM", "See our website")))
        message = (await play.hears(MessageReceived)).message
        assert (message.kind, message.text) == ("unknown", "See our website")
        await play.until(lambda _: play.far()["messages"][-1]["direction"] == "inbound")
        await play.says(thread, "What is it?")
        texts = [each["content"]["text"] for each in play.far()["messages"] if each["direction"] == "inbound"]
        assert texts[-2:] == ["This message could not be shown.", "What is it?"]
        assert [each.text for each in thread.messages][-2:] == ["See our website", "What is it?"]


@FLOW.scenario("3.9 9E unknown", on=ANYWHERE)
async def nonsense_changes_nothing(play: Play) -> None:
    """What cannot be understood is told to the app, and the chat goes on."""
    async with play.talking() as (_, thread):
        play.do(SendRaw(text='{"eventType": "SomethingNew", "data": {}}'))
        assert (await play.hears(UnknownReceived)).kind == "SomethingNew"
        play.do(AgentSays(text="It left on Tuesday"))
        await play.hears(MessageReceived)
        await play.says(thread, "Thank you")


@FLOW.scenario("3.9 7E refused")
async def the_gateway_reports_an_error(play: Play) -> None:
    """An error that belongs to no request is told to the app, and changes nothing."""
    async with play.talking() as (_, thread):
        play.do(Fail(match="MessageSeenByCustomer", code="gateway"))
        await thread.mark_read()
        await play.hears(ErrorReceived)
        await play.says(thread, "Thank you")
