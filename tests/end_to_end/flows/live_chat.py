"""Live Chat: availability, the queue, an agent, the end (lifecycle reference, sections 2.3, 2.5 and 3.7)."""

from deskline import (
    ChatOffline,
    ErrorReceived,
    InactivityCleared,
    InactivityWarned,
    InvalidValue,
    MemoryStore,
    MessageReceived,
    PartyJoined,
    PartyLeft,
    QueuePositionChanged,
    RemoteError,
    ThreadEnded,
)
from deskline_center.controls import (
    AgentJoins,
    AgentLeaves,
    AgentSays,
    Availability,
    CloseContact,
    DropSockets,
    Fail,
    Hold,
    Lose,
    QueuePlace,
    WarnInactive,
)
from deskline_center.cxone import FieldDefinition, Survey
from tests.end_to_end.flows.places import LIVE
from tests.end_to_end.flows.play import Flow, Play
from tests.end_to_end.flows.stores import remembered

FLOW = Flow("live chat")


@FLOW.scenario(on=LIVE, drawn=True)
async def from_the_queue_to_an_agent(play: Play) -> None:
    """The new conversation waits in the queue, an agent takes it, and they talk."""
    async with play.ready() as chat:
        thread = await chat.thread()
        place = await play.hears(QueuePositionChanged)
        assert place.queue is not None
        assert place.queue.position == 1
        play.do(AgentJoins())
        assert (await play.hears(PartyJoined)).party == thread.agent
        assert thread.queue is None
        await play.says(thread, "Where is order 4711?")
        play.do(AgentSays(text="It left on Tuesday"))
        assert (await play.hears(MessageReceived)).text == "It left on Tuesday"


@FLOW.scenario(on=LIVE)
async def handed_over(play: Play) -> None:
    """An agent hands the conversation back to the queue, and another one takes it."""
    async with play.ready() as chat:
        thread = await chat.thread()
        await play.thread_becomes("open")
        play.do(AgentJoins(agent=70112))
        await play.hears(PartyJoined)
        play.do(AgentLeaves())
        await play.hears(PartyLeft)
        play.do(QueuePlace(place=2))
        await play.hears(QueuePositionChanged, lambda event: event.queue is not None and event.queue.position == 2)
        play.do(AgentJoins(agent=70113))
        await play.hears(PartyJoined)
        assert thread.queue is None


@FLOW.scenario(on=LIVE)
async def the_place_comes_before_the_contact(play: Play) -> None:
    """The place in the queue may be told before anything else of the new conversation."""
    play.do(Hold(match="CaseCreated", seconds=0.1))
    play.do(Hold(match="MessageCreated", seconds=0.1))
    async with play.ready() as chat:
        thread = await chat.thread()
        await play.hears(QueuePositionChanged, lambda event: event.queue is not None)
        assert thread.queue is not None


@FLOW.scenario("3.7 1E offline", on=LIVE)
async def nobody_is_there(play: Play) -> None:
    """Nobody is available: the chat is offline, and no thread can be had."""
    play.do(Availability(online=False))
    async with play.chat() as chat:
        with play.refused(ChatOffline):
            await chat.thread()


@FLOW.scenario(on=LIVE, drawn=True)
async def a_message_for_later(play: Play) -> None:
    """With nobody there the customer leaves a message, which is answered by e-mail."""
    play.do(Availability(online=False))
    async with play.chat() as chat:
        await play.becomes("offline")
        play.begin(chat)
        await chat.send_offline_message("ada@mail.example", "Where is order 4711?", first_name="Ada")
        assert len(play.stage.overview()["letters"]) == 1
        assert chat.state == "offline"


@FLOW.scenario("3.7 1E offline", on=LIVE)
async def the_message_for_later_is_refused(play: Play) -> None:
    """The far side does not take the message: the caller is told, and the chat is offline as before."""
    play.do(Availability(online=False))
    async with play.chat() as chat:
        await play.becomes("offline")
        play.do(Fail(match="SendOfflineMessage"))
        with play.refused(RemoteError):
            await chat.send_offline_message("ada@mail.example", "Where is order 4711?")
        assert play.stage.overview()["letters"] == []


@FLOW.scenario(on=LIVE, drawn=True)
async def an_open_chat_is_found_again(play: Play) -> None:
    """A customer who comes back to an open conversation goes on with it."""
    async with remembered(play, "one") as chat:
        (thread,) = chat.threads
        assert thread.state == "open"
        assert [message.text for message in thread.messages] == ["one"]


@FLOW.scenario("3.7 3E recovery failed", on=LIVE, drawn=True)
async def there_is_nothing_to_go_on_with(play: Play) -> None:
    """The far side has no open conversation: that is no error, and the app begins one."""
    async with play.ready() as chat:
        assert chat.threads == ()
        await play.says(await chat.thread(), "Where is order 4711?")


@FLOW.scenario("3.7 3E recovery failed", on=LIVE, settings={"recover_never_fails": True})
async def an_empty_answer(play: Play) -> None:
    """Some channels answer with nothing instead of an error; the outcome is the same."""
    async with play.ready() as chat:
        assert chat.threads == ()
        await play.says(await chat.thread(), "Where is order 4711?")


@FLOW.scenario("3.7 3E recovery failed", on=LIVE, settings={"recover_never_fails": True})
async def a_real_error(play: Play) -> None:
    """Where "nothing" is no error, an error is one: the app is told, and the chat becomes ready all the same."""
    play.do(Fail(match="RecoverLivechat"))
    async with play.chat() as chat:
        await play.hears(ErrorReceived)
        await play.becomes("ready")
        await play.says(await chat.thread(), "Where is order 4711?")


@FLOW.scenario("3.7 3E recovery failed", on=LIVE, short={"request_timeout": 3.0})
async def the_recovery_is_not_answered(play: Play) -> None:
    """No answer comes: the socket is closed, and the chat tries again after a while."""
    play.do(Lose(match="RecoverLivechat"))
    async with play.chat() as chat:
        await play.becomes("connected")
        await play.becomes("connecting")
        await play.becomes("ready")
        await chat.ready()


@FLOW.scenario(on=LIVE)
async def it_was_ended_meanwhile(play: Play) -> None:
    """The conversation was closed while the customer was away: it has ended, and a new one can begin."""
    async with play.talking() as (chat, thread):
        await chat.enter_background()
        await play.until(lambda overview: overview["sockets"] == [])
        play.do(CloseContact())
        await chat.enter_active()
        await play.hears(ThreadEnded)
        await chat.ready()
        again = await chat.thread()
        assert again.id != thread.id
        await play.says(again, "One more thing")


@FLOW.scenario(
    on=LIVE,
    settings={"survey": Survey(name="Who", fields=(FieldDefinition(ident="email", label="E-mail", required=True),))},
)
async def a_survey_comes_first(play: Play) -> None:
    """The site asks questions first: the answers go with the conversation's first message."""
    async with play.ready() as chat:
        with play.refused(InvalidValue):
            await chat.thread()
        await chat.thread(answers={"email": "ada@mail.example"})
        await play.thread_becomes("open")
        assert play.far()["contacts"][0]["fields"] == {"email": "ada@mail.example"}


@FLOW.scenario(on=LIVE, drawn=True)
async def are_you_still_there(play: Play) -> None:
    """The far side asks whether anyone is there; the customer stays."""
    async with play.talking() as (_, thread):
        play.do(AgentJoins())
        play.do(WarnInactive(seconds=90))
        await play.hears(InactivityWarned)
        await thread.stay()
        await play.hears(InactivityCleared)
        await play.until(lambda _: not play.far()["contacts"][-1]["waiting"])
        assert thread.state == "open"


@FLOW.scenario(on=LIVE, drawn=True)
async def nobody_answers_the_question(play: Play) -> None:
    """The customer does not answer: the far side closes the conversation, and that is the reason."""
    async with play.talking() as (_, thread):
        play.do(AgentJoins())
        play.do(WarnInactive(seconds=1))
        await play.hears(InactivityWarned)
        assert (await play.hears(ThreadEnded)).reason == "inactivity"
        assert thread.inactivity is None


@FLOW.scenario(on=LIVE)
async def the_question_outlives_a_loss(play: Play) -> None:
    """The question still stands after the connection was lost and recovered, and can be answered."""
    async with play.talking() as (_, thread):
        play.do(AgentJoins())
        play.do(WarnInactive(seconds=90))
        await play.hears(InactivityWarned)
        play.do(DropSockets())
        await play.hears(InactivityCleared)
        await play.hears(InactivityWarned)
        await play.becomes("ready")
        await thread.answer_inactivity(stay=False)
        assert (await play.hears(ThreadEnded)).reason == "inactivity"


@FLOW.scenario(on=LIVE)
async def an_agent_ends_it(play: Play) -> None:
    """The agent closes the conversation: it has ended, and what waited for it is told so."""
    async with play.talking(store=MemoryStore()) as (_, thread):
        play.do(AgentJoins())
        play.do(CloseContact())
        assert (await play.hears(ThreadEnded)).reason == "agent"
        assert thread.queue is None
