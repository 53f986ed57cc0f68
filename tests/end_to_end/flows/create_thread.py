"""Create Thread (lifecycle reference, sections 2.6 and 3.8)."""

from deskline import ChatOffline, ConnectionLost, ErrorReceived, IllegalState, InvalidValue, NotSupported, ThreadEnded
from deskline_center.controls import Availability, CloseContact, DropSockets, Fail, Lose
from deskline_center.cxone import Choice, FieldDefinition, Survey
from tests.end_to_end.flows.places import ANYWHERE, LIVE, MULTI, SINGLE, CXonePlace
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("create thread")
SURVEY = Survey(
    name="Before we start",
    fields=(
        FieldDefinition(ident="email", label="E-mail", type="email", required=True),
        FieldDefinition(ident="topic", label="Topic", type="list", choices=(Choice(name="order", value="My order"),)),
    ),
)


@FLOW.scenario(on=(*SINGLE, *MULTI), drawn=True)
async def the_first_message_creates_it(play: Play) -> None:
    """A new thread is known to this side only; the far side learns of it with the first message."""
    async with play.ready() as chat:
        thread = await chat.start_thread()
        assert thread.state == "pending"
        assert play.stage.overview()["threads"] == []
        await play.says(thread, "Where is order 4711?")
        await play.thread_becomes("open")
        assert play.far()["thread"] == thread.id


@FLOW.scenario(on=LIVE, drawn=True)
async def a_live_chat_begins_at_once(play: Play) -> None:
    """In a live chat a hidden first message opens the contact, which waits in the queue."""
    async with play.ready() as chat:
        thread = await chat.start_thread()
        await play.thread_becomes("open")
        assert thread.messages == ()
        assert len(play.far()["messages"]) == 1


@FLOW.scenario(on=ANYWHERE, settings={"survey": SURVEY})
async def with_answers(play: Play) -> None:
    """The answers to the site's questions go with the first message, as fields of the conversation."""
    async with play.ready() as chat:
        thread = await chat.start_thread({"email": "ada@mail.example", "topic": "order"})
        await play.says(thread, "Where is it?")
        assert play.far()["contacts"][0]["fields"] == {"email": "ada@mail.example", "topic": "order"}


@FLOW.scenario(
    "3.8 1E not connected",
    on=(CXonePlace("single", "legacy"), CXonePlace("multi", "legacy"), CXonePlace("live", "legacy")),
)
async def asked_for_too_early(play: Play) -> None:
    """A thread may be asked for while the chat is still connecting: the request waits, and nobody is refused."""
    async with play.chat() as chat:
        thread = await chat.start_thread()
        await play.says(thread, "Where is order 4711?")


@FLOW.scenario("3.8 1E not connected", on=LIVE)
async def asked_for_with_nobody_there(play: Play) -> None:
    """Whoever asks for a thread while nobody is available is told so."""
    play.do(Availability(online=False))
    async with play.chat() as chat:
        with play.refused(ChatOffline):
            await chat.thread()


@FLOW.scenario("3.8 1E not connected")
async def asked_for_with_no_network(play: Play) -> None:
    """Without a network the chat will not be ready, and the request that waited for it is refused."""
    async with play.chat(reachable=False) as chat:
        with play.refused(ConnectionLost):
            await chat.thread()


@FLOW.scenario("3.8 1E mode forbids", on=SINGLE)
async def a_second_one_in_a_channel_for_one(play: Play) -> None:
    """A single-thread channel has one thread."""
    async with play.talking() as (chat, thread):
        with play.refused(NotSupported):
            await chat.start_thread()
        assert chat.threads == (thread,)


@FLOW.scenario("3.8 1E mode forbids", on=LIVE)
async def a_second_live_chat(play: Play) -> None:
    """A live chat has to be ended first; the open one stays as it is."""
    async with play.talking() as (chat, thread):
        with play.refused(IllegalState):
            await chat.start_thread()
        play.do(CloseContact())
        await play.thread_becomes("ended")
        again = await chat.start_thread()
        assert again.id != thread.id
        await play.says(again, "One more thing")


@FLOW.scenario("3.8 1E survey", on=ANYWHERE, settings={"survey": SURVEY}, drawn=True)
async def an_answer_is_missing(play: Play) -> None:
    """A required answer is missing: nothing is sent, nothing has changed, and the right answers are taken."""
    async with play.ready() as chat:
        with play.refused(InvalidValue):
            await chat.start_thread({"topic": "order"})
        assert chat.threads == ()
        assert play.stage.overview()["threads"] == []
        thread = await chat.start_thread({"email": "ada@mail.example"})
        await play.says(thread, "Where is it?")
        assert play.far()["contacts"][0]["fields"] == {"email": "ada@mail.example"}


@FLOW.scenario("3.8 6E begin", on=LIVE, drawn=True)
async def the_beginning_is_refused(play: Play) -> None:
    """The far side refuses the hidden first message: the thread has ended, and another one can be started."""
    async with play.ready() as chat:
        play.do(Fail(match="SendMessage"))
        await chat.start_thread()
        await play.hears(ErrorReceived)
        assert (await play.hears(ThreadEnded)).reason == "failed"
        await play.says(await chat.thread(), "Where is order 4711?")


@FLOW.scenario("3.8 6E begin", on=LIVE, short={"request_timeout": 3.0})
async def the_beginning_is_not_answered(play: Play) -> None:
    """The answer to the hidden first message is lost: its copy tells that it arrived."""
    async with play.ready() as chat:
        play.do(Lose(match="SendMessage"))
        thread = await chat.start_thread()
        await play.thread_becomes("open")
        await play.says(thread, "Where is order 4711?")
        assert len(play.stage.overview()["threads"]) == 1


@FLOW.scenario("3.8 6E begin", on=LIVE)
async def the_connection_is_lost_at_the_beginning(play: Play) -> None:
    """The connection is lost before the far side has heard of the thread: it begins when the chat is back, once."""
    async with play.ready() as chat:
        play.do(DropSockets())
        await play.becomes("connecting")
        thread = await chat.start_thread()
        await play.says(thread, "Where is order 4711?")
        assert len(play.far()["messages"]) == 2
