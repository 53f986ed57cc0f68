"""Single-Thread: the one thread is recovered on every connect (lifecycle reference, sections 2.3 and 3.5)."""

from deskline import ErrorReceived, HistoryLoaded, InvalidValue, MessageReceived, NotSupported
from deskline_center.controls import AgentJoins, AgentSays, CloseContact, DropSockets, Fail, Lose
from deskline_center.cxone import FieldDefinition, Survey
from tests.end_to_end.flows.places import SINGLE
from tests.end_to_end.flows.play import Flow, Play
from tests.end_to_end.flows.stores import remembered

FLOW = Flow("single thread")


@FLOW.scenario(on=SINGLE, drawn=True, settings={"page_size": 2})
async def the_thread_is_recovered(play: Play) -> None:
    """A customer who comes back finds the thread with its newest messages, and loads older ones as wanted."""
    async with remembered(play, "one", "two", "three") as chat:
        (thread,) = chat.threads
        assert [message.text for message in thread.messages] == ["two", "three"]
        assert thread.has_more
        assert await thread.load_more() == 1
        assert [message.text for message in thread.messages] == ["one", "two", "three"]
        assert await thread.load_more() == 0
        await play.hears(HistoryLoaded)


@FLOW.scenario(on=SINGLE)
async def there_is_nothing_yet(play: Play) -> None:
    """A new customer has no thread; the chat is ready, and the app starts one."""
    async with play.ready() as chat:
        assert chat.threads == ()
        thread = await chat.thread()
        await play.says(thread, "Where is order 4711?")
        assert await chat.thread() is thread
        assert play.far()["thread"] == thread.id


@FLOW.scenario("3.5 2E recovery failed", on=SINGLE, drawn=True)
async def the_kept_thread_is_gone(play: Play) -> None:
    """The far side does not know the thread any more: that is no error, and a new one can be started."""
    play.do(Fail(match="RecoverThread", times=2))
    async with remembered(play, "one", at_once=False) as chat:
        await chat.ready()
        assert chat.threads == ()
        thread = await chat.thread()
        await play.says(thread, "Where is order 4711?")


@FLOW.scenario("3.5 2E recovery failed", on=SINGLE)
async def a_pending_thread_is_kept(play: Play) -> None:
    """A thread that the far side does not know yet survives the loss of the connection, and goes on."""
    async with play.ready() as chat:
        thread = await chat.thread()
        play.do(DropSockets())
        await play.becomes("connecting")
        await play.becomes("ready")
        assert thread.state == "pending"
        await play.says(thread, "Where is order 4711?")


@FLOW.scenario(
    "3.5 2E recovery failed",
    on=SINGLE,
    settings={"survey": Survey(name="Who", fields=(FieldDefinition(ident="email", label="E-mail", required=True),))},
)
async def nothing_to_recover_and_a_survey(play: Play) -> None:
    """Where the site asks questions first, the app shows them and starts the thread with the answers."""
    async with play.ready() as chat:
        assert [question.id for question in chat.questions] == ["email"]
        with play.refused(InvalidValue):
            await chat.thread()
        thread = await chat.start_thread({"email": "ada@mail.example"})
        await play.says(thread, "Where is order 4711?")


@FLOW.scenario("3.5 4E no answer", on=SINGLE, drawn=True, short={"request_timeout": 3.0})
async def the_recovery_is_not_answered(play: Play) -> None:
    """No answer comes: the socket is closed, and the chat tries again after a while."""
    play.do(Lose(match="RecoverThread"))
    async with play.chat(connect=False) as chat:
        await chat.prepare()
        play.stage.mark()
        await chat.connect()
        await play.becomes("connected")
        await play.becomes("connecting")
        await play.becomes("ready")


@FLOW.scenario("3.5 2E recovery failed", on=SINGLE)
async def the_recovery_is_refused_for_another_reason(play: Play) -> None:
    """A refusal that says something else than "there is no such thread" is told; the chat tries again after a while."""
    async with play.talking() as (_, thread):
        play.do(Fail(match="RecoverThread", code="InconsistentData"))
        play.do(DropSockets())
        await play.becomes("connecting")
        assert (await play.hears(ErrorReceived)).code == "InconsistentData"
        await play.becomes("connecting")
        await play.becomes("ready")
        await play.says(thread, "Where is order 4711?")


@FLOW.scenario(on=SINGLE, drawn=True)
async def an_agent_closes_the_contact(play: Play) -> None:
    """A closed contact does not end the thread: the customer's next message opens another."""
    async with play.talking() as (_, thread):
        play.do(AgentJoins())
        play.do(CloseContact())
        await play.says(thread, "One more thing")
        assert thread.state == "open"
        assert [contact["status"] for contact in play.far()["contacts"]] == ["closed", "new"]


@FLOW.scenario(on=SINGLE)
async def what_was_said_meanwhile_is_there(play: Play) -> None:
    """What an agent says while the connection is lost comes with the recovery, once."""
    async with play.talking() as (_, thread):
        play.do(Fail(match="handshake", status=503))
        play.do(DropSockets())
        await play.becomes("connecting")
        play.do(AgentSays(text="It left on Tuesday"))
        assert (await play.hears(MessageReceived)).text == "It left on Tuesday"
        await play.becomes("ready")
        assert [message.text for message in thread.messages] == ["Where is order 4711?", "It left on Tuesday"]


@FLOW.scenario("3.5 guards", on=SINGLE)
async def there_is_one_thread_only(play: Play) -> None:
    """A second thread is refused, and so is what only other kinds of channel can do."""
    async with play.talking() as (chat, thread):
        with play.refused(NotSupported):
            await chat.start_thread()
        for wrong in (thread.end(), thread.archive(), thread.rename("Order 4711")):
            with play.refused(NotSupported):
                await wrong
