"""A whole conversation with an agent (Bright Pattern reference, flow F1)."""

from deskline import (
    ChatOffline,
    InactivityCleared,
    InactivityWarned,
    MessageReceived,
    MessageStatusChanged,
    PartyJoined,
    PartyLeft,
    QueuePositionChanged,
    SiteRefused,
    StageChanged,
    ThreadEnded,
    TypingStarted,
    TypingStopped,
)
from deskline_center.brightpattern.controls import SetStage
from deskline_center.controls import (
    AgentJoins,
    AgentReads,
    AgentSays,
    AgentTypes,
    AlertAgent,
    Availability,
    CloseContact,
    Delay,
    Fail,
    Hold,
    Lose,
    Spoil,
)
from tests.end_to_end.flows.bright_pattern.beginnings import heard, is_v1, queued, said, served
from tests.end_to_end.flows.places import V2, both, of
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("bright pattern full conversation", on=(V2,))


@FLOW.scenario(
    on=both(
        "own messages come back",
        "times in milliseconds",
        "times are numbers",
        "connected before joined",
        "never connecting",
        "plain numbers",
        "known messages are dropped",
        "answers come again in the poll",
        "establishing",
    ),
    steps=("F1 1", "F1 2", "F1 3", "F1 4", "F1 6", "F1 7", "F1 8", "F1 9", "F1 12"),
    drawn=True,
)
async def from_the_queue_to_the_end(play: Play) -> None:
    """The site is open, a chat is requested and polled, an agent takes it, they talk, and the agent closes it."""
    async with play.chat() as chat:
        await chat.ready()
        assert (await chat.check_availability()).estimated_wait == 45
        assert play.stage.overview()["chats"] == []
        thread = await chat.thread()
        place = await play.hears(QueuePositionChanged)
        assert place.queue is not None
        assert place.queue.estimated_wait == 45
        await play.until(lambda _: thread.messages)
        assert thread.messages[0].party.role == "scenario"
        play.do(AgentJoins())
        assert (await play.hears(PartyJoined)).party.role == "agent"
        await play.until(lambda _: thread.stage == "connected")
        await thread.start_typing()
        await play.until(lambda _: play.far()["typing"])
        message = await thread.send("Where is order 4711?")
        await play.hears(
            MessageStatusChanged, lambda event: event.message == message.id and event.status == "delivered"
        )
        assert not play.far()["typing"]
        play.do(AgentReads())
        await play.hears(MessageStatusChanged, lambda event: event.message == message.id and event.status == "seen")
        play.do(AgentTypes())
        assert (await play.hears(TypingStarted)).party == thread.agent
        play.do(AgentSays(text="It left on Tuesday"))
        await play.hears(TypingStopped)
        answer = await play.hears(MessageReceived)
        assert (answer.text, answer.party) == ("It left on Tuesday", thread.agent)
        await is_told(play, "delivered", answer.message.id)
        await thread.mark_read()
        await is_told(play, "read", answer.message.id)
        play.do(CloseContact())
        await play.hears(PartyLeft)
        assert (await play.hears(ThreadEnded)).reason == "agent"
        assert said(thread)[-2:] == ["Where is order 4711?", "It left on Tuesday"]


async def is_told(play: Play, what: str, id: str) -> None:
    """Wait for the receipt of a message; none are sent to an older center."""
    told = f"{what} {id.rpartition(':')[2]}"
    if is_v1(play):
        assert play.far_chat()["receipts"] == []
    else:
        await play.until(lambda _: told in play.far_chat()["receipts"])


@FLOW.scenario(steps=("F1 5",))
async def nobody_takes_it_at_first(play: Play) -> None:
    """An agent is reserved and does not accept in time: the chat waits in the queue again."""
    async with queued(play) as (chat, _):
        play.do(AlertAgent())
        await play.hears(StageChanged, lambda event: event.stage == "connecting")
        play.do(SetStage(stage="queued", ewt="90"))
        await play.hears(StageChanged, lambda event: event.stage == "queued")
        place = await play.hears(QueuePositionChanged, lambda event: event.queue is not None)
        assert place.queue is not None
        assert place.queue.estimated_wait == 90
        assert chat.state == "ready"


@FLOW.scenario(on=of("ended after inactivity"), steps=("F1 10", "F1 11"), settings={"inactivity": 10.0}, drawn=True)
async def silence(play: Play) -> None:
    """The customer is silent, is warned, says something, is silent again, and is given up."""
    async with served(play) as (chat, thread):
        warned = await play.hears(InactivityWarned)
        assert (warned.inactivity.text, warned.inactivity.ends_at) == ("Are you still there?", float("inf"))
        await play.says(thread, "Yes, one moment")
        await play.hears(InactivityCleared)
        await play.hears(InactivityWarned)
        ended = await play.hears(ThreadEnded)
        assert (ended.reason, ended.text) == ("inactivity", "The chat was closed, since nobody answered.")
        assert thread.inactivity is None
        assert chat.state == "ready"


@FLOW.scenario(on=of("a survey after the agent"), steps=("F1 12",))
async def the_agent_leaves_it_to_the_scenario(play: Play) -> None:
    """The agent closes the chat, and the end comes at once, or behind a survey that the customer passes over."""
    async with served(play) as (_, thread):
        play.do(CloseContact())
        await play.hears(PartyLeft)
        await play.until(lambda _: thread.forms or thread.state == "ended")
        if thread.forms:
            await thread.end()
        assert (await play.hears(ThreadEnded)).thread == thread.id


# --- what goes wrong ---


@FLOW.scenario("F1 1E configuration", on=of("codes are numbers"), drawn=True)
async def the_site_is_not_known(play: Play) -> None:
    """The far side does not know the entry, or who asks: that is told at once, and nothing is tried again."""
    play.do(Fail(match="parameters", code="3000"))
    async with play.chat() as chat:
        with play.refused(SiteRefused):
            await chat.ready()
        assert chat.state == "initial"


@FLOW.scenario("F1 1E configuration")
async def the_site_is_forbidden(play: Play) -> None:
    """A mere 403 says the same, wherever it comes."""
    play.do(Fail(match="availability", status=403))
    async with play.chat() as chat:
        with play.refused(SiteRefused):
            await chat.ready()
        await play.becomes("prepared")


@FLOW.scenario("F1 1E closed")
async def the_site_is_closed(play: Play) -> None:
    """Out of hours nothing is begun; asked again later, it may be open."""
    play.do(Availability(online=False))
    async with play.chat() as chat:
        with play.refused(ChatOffline):
            await chat.thread()
        play.do(Availability(online=True))
        await chat.connect()
        await play.becomes("ready")


@FLOW.scenario("F1 1E unavailable", drawn=True)
async def the_service_is_not_available(play: Play) -> None:
    """There is no chat server when the chat asks whether it is open: as if it were closed."""
    play.do(Fail(match="availability", code="5001", times=4))
    async with play.chat() as chat:
        await play.becomes("offline")
        assert play.stage.overview()["chats"] == []
        await chat.connect()
        await play.becomes("ready")


@FLOW.scenario("F1 2E configuration")
async def the_entry_is_gone(play: Play) -> None:
    """The scenario entry is not found when a chat is requested: the caller is told what to look at."""
    async with play.chat() as chat:
        await chat.ready()
        play.do(Fail(match="request-chat", code="5006"))
        with play.refused(SiteRefused):
            await chat.thread()
        assert chat.threads == ()


@FLOW.scenario("F1 2E unavailable", drawn=True)
async def no_server_takes_the_chat(play: Play) -> None:
    """There is no chat server when a chat is requested: the caller is told, and may try again."""
    async with play.chat() as chat:
        await chat.ready()
        play.begin(chat)
        play.do(Fail(match="request-chat", code="5001"))
        with play.refused(ChatOffline):
            await chat.thread()
        await play.says(await chat.thread(), "Where is order 4711?")


@FLOW.scenario("F1 2E lost answer", "21 lost: request chat", on=of("establishing"), drawn=True)
async def the_answer_to_the_request_is_lost(play: Play) -> None:
    """The chat was made, and nobody heard of it: asked again, the far side gives the same one."""
    async with play.chat() as chat:
        await chat.ready()
        play.begin(chat)
        play.do(Lose(match="request-chat"))
        thread = await chat.thread()
        await play.says(thread, "Where is order 4711?")
        assert [each["chat"] for each in play.stage.overview()["chats"]] == [thread.id]
        assert said(thread) == ["Thanks for writing. We are looking for a colleague.", "Where is order 4711?"]


@FLOW.scenario("21 late: request chat", policy={"rest_timeout": 5.0}, short={"rest_timeout": 3.0})
async def the_answer_to_the_request_is_late(play: Play) -> None:
    """The answer comes after the time-out: asked again, the far side gives the same chat."""
    async with play.chat() as chat:
        await chat.ready()
        play.do(Delay(match="request-chat", seconds=3600))
        await play.says(await chat.thread(), "Where is order 4711?")
        assert len(play.stage.overview()["chats"]) == 1


@FLOW.scenario("F1 7E refused", on=both("codes are numbers"), drawn=True)
async def the_message_is_refused(play: Play) -> None:
    """The far side cannot read a message: it fails, and is not repeated unless the app says so."""
    async with served(play) as (_, thread):
        play.do(Fail(match="send:chat_session_message", code="5003"))
        message = await thread.send("Hello?")
        await play.fails(message)
        assert heard(play) == ["Where is order 4711?"]
        await message.retry()
        await play.arrives(message)
        assert heard(play) == ["Where is order 4711?", "Hello?"]


@FLOW.scenario("F1 7E gone", on=of("codes are numbers"), short={"end_confirmation": 0.3}, drawn=True)
async def the_session_is_gone_with_a_message(play: Play) -> None:
    """A message is the first to learn that the session is not there: it failed; without last news, the chat is lost."""
    async with served(play) as (chat, thread):
        play.do(Fail(match="send:chat_session_message", code="5005"))
        message = await thread.send("Hello?")
        assert (await play.hears(ThreadEnded)).reason == "lost"
        await play.fails(message)
        assert chat.state == "ready"


@FLOW.scenario(
    "F1 7E unknown", "21 lost: send", on=both("own messages come back", "history of messages alone"), drawn=True
)
async def the_answer_to_a_message_is_lost(play: Play) -> None:
    """Nobody knows whether the message arrived: the history tells that it did, and it is not sent again."""
    async with served(play) as (_, thread):
        play.do(Lose(match="send:chat_session_message"))
        message = await thread.send("Hello?")
        after = await thread.send("Anyone?")
        await play.arrives(message, "delivered", "seen")
        await play.arrives(after)
        assert heard(play) == ["Where is order 4711?", "Hello?", "Anyone?"]


@FLOW.scenario("F1 7E unknown")
async def a_message_never_arrived(play: Play) -> None:
    """The history does not have it: it failed, and the app may send it again."""
    async with served(play) as (_, thread):
        play.do(Lose(match="send:chat_session_message", done=False))
        message = await thread.send("Hello?")
        await play.fails(message)
        await message.retry()
        await play.arrives(message)
        assert heard(play) == ["Where is order 4711?", "Hello?"]


@FLOW.scenario("F1 7E unknown", on=of("known messages are dropped"), policy={"resend_uncertain": True}, drawn=True)
async def a_message_is_repeated_by_itself(play: Play) -> None:
    """Where the policy says so, what the history does not have is sent again under the same id."""
    async with served(play) as (_, thread):
        play.do(Lose(match="send:chat_session_message", done=False))
        play.do(Fail(match="send:chat_session_message", code="5004"))
        message = await thread.send("Hello?")
        await play.arrives(message)
        assert heard(play) == ["Where is order 4711?", "Hello?"]
        assert play.far()["messages"][-1]["message"] == message.id


@FLOW.scenario("F1 7E unknown", "21 late: send", policy={"rest_timeout": 5.0}, short={"rest_timeout": 3.0})
async def the_answer_to_a_message_is_late(play: Play) -> None:
    """The answer comes after the time-out: the history tells that the message arrived."""
    async with served(play) as (_, thread):
        play.do(Delay(match="send:chat_session_message", seconds=3600))
        message = await thread.send("Hello?")
        await play.arrives(message, "delivered", "seen")
        assert heard(play) == ["Where is order 4711?", "Hello?"]


@FLOW.scenario("F1 7E unknown", "21 HTML")
async def a_proxy_answers_a_message(play: Play) -> None:
    """A page of HTML with status 500 says nothing of the message: the history does."""
    async with served(play) as (_, thread):
        play.do(Fail(match="send:chat_session_message", page="<html>Bad gateway</html>", status=502))
        message = await thread.send("Hello?")
        await play.fails(message)
        await play.says(thread, "Hello again")
        assert heard(play) == ["Where is order 4711?", "Hello again"]


@FLOW.scenario("F1 8E receipt")
async def a_receipt_is_not_taken(play: Play) -> None:
    """A receipt that cannot be told is dropped, and nothing else suffers from it."""
    async with served(play) as (chat, thread):
        play.do(Fail(match="send:chat_session_message_delivered", status=500, times=9))
        play.do(AgentSays(text="It left on Tuesday"))
        await play.hears(MessageReceived)
        await play.says(thread, "Thank you")
        assert chat.state == "ready"


@FLOW.scenario("F1 8E receipt", on=of("no receipts"), drawn=True)
async def a_receipt_overtakes_its_message(play: Play) -> None:
    """A message is delivered and read before its own POST is answered: the receipts count."""
    async with served(play) as (_, thread):
        play.do(Delay(match="send:chat_session_message", seconds=0.2))
        message = await thread.send("Hello?")
        await play.until(lambda _: len(heard(play)) == 2)
        play.do(AgentReads())
        await message.settled()
        await play.quiet()
        seen = "sent" if play.place.name == "no receipts" else "seen"
        assert message.status == seen


@FLOW.scenario("21 ewt")
async def the_wait_is_a_number_or_missing(play: Play) -> None:
    """The estimated wait comes as a number, as words, or not at all: what cannot be read is unknown, and no more."""
    async with queued(play) as (chat, thread):
        for ewt in (30, "soon", None):
            lost = Spoil(match="chat_session_status", leave_out=("ewt",), lay_over={} if ewt is None else {"ewt": ewt})
            play.do(lost)
            play.do(SetStage(stage="queued"))
            await play.quiet()
            waits = thread.queue.estimated_wait if thread.queue is not None else None
            assert waits == (30 if ewt == 30 else None)
            play.do(SetStage(stage="queued", ewt="45"))
            await play.until(lambda _: thread.queue is not None and thread.queue.estimated_wait == 45)
        assert chat.state == "ready"


@FLOW.scenario("21 reordered", waits=True)
async def events_come_out_of_order(play: Play) -> None:
    """An agent speaks before the chat is told that there is one: the text is there, and so is the agent, in the end."""
    async with queued(play) as (_, thread):
        play.do(Hold(match="chat_session_party_joined", seconds=play.seconds(3.0)))
        play.do(AgentJoins())
        play.do(AgentSays(text="Good morning"))
        assert (await play.hears(MessageReceived)).text == "Good morning"
        assert (await play.hears(PartyJoined)).party == thread.agent
