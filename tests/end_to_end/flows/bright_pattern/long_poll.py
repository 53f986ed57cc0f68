"""The long poll, and what becomes of it (Bright Pattern reference, section 11)."""

from deskline import MessageReceived, NotConnected, ThreadEnded, UndecodableReceived, UnknownReceived
from deskline_center.brightpattern.controls import CutPolls, EndSession, ScenarioSays, SendEvents, SetStage
from deskline_center.controls import AgentSays, AgentTypes, Delay, Fail, Hold, Lose, LosePush, Repeat, Spoil
from tests.end_to_end.flows.bright_pattern.beginnings import heard, is_v1, said, served
from tests.end_to_end.flows.places import V2, both, of
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("bright pattern long poll", on=(V2,))
ANSWER = "It left on Tuesday"


@FLOW.scenario(
    on=both(
        "empty polls have no body",
        "empty polls are 5511 with 404",
        "empty polls are 5511 with 200",
        "codes are numbers",
    ),
    steps=("11.1 1", "11.1 2", "11.1 4"),
    settings={"hold": 0.25},
    policy={"poll_quick": 0.1},
    drawn=True,
)
async def nothing_happens_for_a_while(play: Play) -> None:
    """Polls come back empty, in whatever form, and one follows the other; then something is said."""
    async with served(play) as (chat, _):
        play.do(Hold(match="chat_session_message", seconds=1.0))
        play.do(AgentSays(text=ANSWER))
        assert (await play.hears(MessageReceived)).text == ANSWER
        assert chat.state == "ready"


@FLOW.scenario(on=both("lost events come again", "a break goes unnoticed"), steps=("11.1 3",))
async def much_at_a_time(play: Play) -> None:
    """What happens in one moment is told in its order, while the customer writes beside it."""
    async with served(play) as (_, thread):
        for number in range(20):
            play.do(AgentSays(text=f"line {number}"))
        await play.says(thread, "Thank you")
        await play.until(lambda _: len(thread.messages) == 23)
        lines = [text for text in said(thread) if text.startswith("line")]
        if is_v1(play):  # two answers may pass each other there, and nothing tells which was first
            lines.sort(key=lambda text: int(text.split()[1]))
        assert lines == [f"line {number}" for number in range(20)]
        assert heard(play) == ["Where is order 4711?", "Thank you"]


# --- what goes wrong ---


@FLOW.scenario("F1 3E failed", "21 HTML", steps=("11.1 5",), drawn=True)
async def the_poll_fails(play: Play) -> None:
    """Polls are answered with errors and pages of HTML: it is tried again ever more rarely, and nothing is missed."""
    async with served(play) as (_, thread):
        play.do(Fail(match="poll", page="<html>Bad gateway</html>", status=502))
        play.do(Fail(match="history", status=500))
        play.do(AgentTypes())
        await play.becomes("connecting")
        play.do(AgentSays(text=ANSWER))
        await play.becomes("ready")
        await play.until(lambda _: said(thread).count(ANSWER) == 1)
        await play.says(thread, "Thank you")
        assert said(thread)[-2:] == [ANSWER, "Thank you"]


@FLOW.scenario("F1 3E failed", on=of("codes are numbers"), steps=("11.1 5",))
async def the_server_cannot(play: Play) -> None:
    """The far side's own codes for trouble are no different: 5000, 5001, 5004, 5500 and 5955."""
    async with served(play) as (_, thread):
        for code in ("5000", "5001", "5004", "5500", "5955"):
            play.do(Fail(match="poll", code=code))
            play.do(AgentTypes(typing=code in ("5000", "5004", "5955")))
            await play.becomes("connecting")
            await play.becomes("ready")
        await play.says(thread, "Hello?")


@FLOW.scenario(
    "F1 3E aborted",
    "21 lost: poll",
    on=both(
        "lost events come again",
        "a break goes unnoticed",
        "own messages come back",
        "history of messages alone",
        "plain numbers",
    ),
    steps=("11.1 6",),
    drawn=True,
)
async def an_answer_is_lost(play: Play) -> None:
    """A poll is answered and the answer lost, with what was said in it: the history has it, and it is told once."""
    async with served(play) as (_, thread):
        play.do(Lose(match="poll"))
        play.do(AgentTypes())
        play.do(AgentSays(text="Let me see"))
        await play.hears(MessageReceived)
        play.do(AgentSays(text=ANSWER))
        await play.until(lambda _: said(thread)[-1:] == [ANSWER])
        await play.says(thread, "Thank you")
        await play.quiet()
        assert said(thread)[-4:] == ["Where is order 4711?", "Let me see", ANSWER, "Thank you"]


@FLOW.scenario("F1 3E aborted", on=both("lost events come again", "a break goes unnoticed"), steps=("11.1 6",))
async def the_connection_is_cut(play: Play) -> None:
    """The poll's connection breaks while nothing happens: what is said meanwhile comes all the same, once."""
    async with served(play) as (_, thread):
        play.do(CutPolls())
        play.do(AgentSays(text=ANSWER))
        await play.becomes("connecting")
        await play.becomes("ready")
        await play.until(lambda _: said(thread).count(ANSWER) == 1)
        await play.says(thread, "Thank you")
        assert said(thread).count(ANSWER) == 1


@FLOW.scenario(
    "F1 3E aborted",
    "21 late: poll",
    on=of("lost events come again"),
    policy={"poll_timeout": 15.0},
    short={"poll_timeout": 3.0},
)
async def an_answer_is_late(play: Play) -> None:
    """A poll is answered after its time-out: what it held is in the history."""
    async with served(play) as (_, thread):
        play.do(Delay(match="poll", seconds=3600))
        play.do(AgentTypes())
        play.do(AgentSays(text=ANSWER))
        await play.until(lambda _: said(thread)[-1:] == [ANSWER])
        await play.says(thread, "Thank you")
        assert said(thread)[-2:] == [ANSWER, "Thank you"]


@FLOW.scenario(
    "F1 3E crowded",
    on=of("a parallel poll is a bad request", "a parallel poll ends the first"),
    settings={"aborted_poll": "unnoticed", "hold": 2.0},
    short={"crowded_poll": 0.3},
    drawn=True,
)
async def our_own_poll_is_still_held(play: Play) -> None:
    """The far side did not notice that we went, and still holds our poll: what it gives to that is in the history."""
    async with served(play) as (chat, thread):
        await chat.disconnect()
        play.do(Delay(match="poll", seconds=0.01))
        await chat.connect()
        await play.until(lambda overview: overview["faults"] == 0)  # the next poll has come
        play.do(AgentSays(text=ANSWER))
        await play.until(lambda _: said(thread)[-1:] == [ANSWER])
        await play.says(thread, "Thank you")
        assert said(thread)[-2:] == [ANSWER, "Thank you"]


@FLOW.scenario("F1 3E gone", "21 gone", on=both("codes are numbers"), steps=("11.1 7",), drawn=True)
async def the_session_is_gone(play: Play) -> None:
    """The far side does not know the session any more, without a word: the conversation is lost, what waits fails."""
    async with served(play) as (chat, thread):
        play.do(Delay(match="send:chat_session_message", seconds=60))
        first = await thread.send("Hello?")
        second = await thread.send("Anyone?")
        await play.until(lambda _: len(heard(play)) == 2)
        play.do(EndSession(how="lost"))
        assert (await play.hears(ThreadEnded)).reason == "lost"
        await play.fails(second)
        assert await first.settled() in ("sent", "delivered", "uncertain")
        await play.says(await chat.thread(), "Hello again")


@FLOW.scenario("F1 3E gone", on=both(), steps=("11.1 7",))
async def the_stage_says_that_it_failed(play: Play) -> None:
    """The far side tells that the session failed: it is over, and polled no more."""
    async with served(play) as (_, thread):
        play.do(SetStage(stage="failed"))
        assert (await play.hears(ThreadEnded)).reason == "failed"
        assert thread.agent is None or thread.state == "ended"


@FLOW.scenario("F1 3E configuration", on=of("codes are numbers"), steps=("11.1 8",), drawn=True)
async def the_poll_is_refused(play: Play) -> None:
    """Who asks, or where, is wrong all of a sudden: the conversation has failed, and nothing is tried again."""
    async with served(play) as (_, thread):
        play.do(Fail(match="poll", code="2001"))
        play.do(AgentTypes())
        assert (await play.hears(ThreadEnded)).reason == "failed"
        assert thread.state == "ended"
        assert not play.far_chat()["polling"]


@FLOW.scenario("F1 3E crowded", steps=("11.1 9",), short={"crowded_poll": 0.3}, drawn=True)
async def another_poll_is_open(play: Play) -> None:
    """Another poll takes what is said: after a while the history is read, which has it, and polling goes on."""
    async with served(play) as (_, thread):
        play.do(Fail(match="poll", code="5509"))
        play.do(AgentTypes())
        await play.until(lambda overview: overview["faults"] == 0)
        play.do(LosePush(match="chat_session_message"))
        play.do(AgentSays(text="Let me see"))
        assert (await play.hears(MessageReceived)).text == "Let me see"
        play.do(AgentSays(text=ANSWER))
        assert (await play.hears(MessageReceived)).text == ANSWER
        assert thread.state == "open"


@FLOW.scenario("21 unknown between", drawn=True)
async def an_unknown_event(play: Play) -> None:
    """An event that nobody knows stands between two others: all three are told, it with its source."""
    async with served(play) as (_, thread):
        odd = {"event": "chat_session_hologram", "depth": 3}
        play.do(Spoil(match="chat_session_message", ahead=(odd,), behind=({"event": "chat_session_hologram"},)))
        play.do(AgentSays(text=ANSWER))
        unknown = await play.hears(UnknownReceived)
        assert (unknown.kind, "depth" in unknown.source) == ("chat_session_hologram", True)
        assert (await play.hears(MessageReceived)).text == ANSWER
        await play.hears(UnknownReceived)
        await play.says(thread, "Thank you")


@FLOW.scenario("21 missing field", drawn=True)
async def an_event_lacks_something(play: Play) -> None:
    """An event without what it needs is told as unreadable, and its neighbours are as they are."""
    async with served(play) as (_, thread):
        for name, missing in (
            ("chat_session_message", ("msg", "msg_text")),
            ("chat_session_typing", ("party_id", "timestamp")),
            ("chat_session_message", ("timestamp", "channel")),
        ):
            play.do(Spoil(match=name, leave_out=missing))
        play.do(AgentSays(text="lost on the way"))
        play.do(AgentTypes())
        play.do(AgentSays(text=ANSWER))
        await play.until(lambda _: said(thread)[-1:] == [ANSWER])
        play.do(SendEvents(events=({"event": 7}, {"no": "name"}, {"event": "chat_session_party_joined"})))
        for _ in range(2):
            await play.hears(UndecodableReceived)
        await play.says(thread, "Thank you")


@FLOW.scenario("21 doubled", on=of("own messages come back", "plain numbers"))
async def an_event_comes_twice(play: Play) -> None:
    """An event comes three times: it is told once."""
    async with served(play) as (_, thread):
        play.do(Repeat(match="chat_session_message", copies=2, times=2))
        play.do(AgentSays(text=ANSWER))
        await play.hears(MessageReceived)
        play.do(ScenarioSays(text="Thank you for waiting"))
        await play.hears(MessageReceived, lambda event: event.text == "Thank you for waiting")
        assert said(thread)[-2:] == [ANSWER, "Thank you for waiting"]


@FLOW.scenario("21 reordered", waits=True)
async def later_events_overtake(play: Play) -> None:
    """A text is overtaken by the next one: both are told as they come, and each once."""
    async with served(play) as (_, thread):
        play.do(Hold(match="chat_session_message", seconds=play.seconds(3.0)))
        for text in ("one", "two"):
            play.do(AgentSays(text=text))
        heard_ = [(await play.hears(MessageReceived)).text for _ in range(2)]
        assert heard_ == ["two", "one"]
        assert sorted(said(thread)[-2:]) == ["one", "two"]


@FLOW.scenario("F1 3E network")
async def the_network_returns(play: Play) -> None:
    """The connection breaks and nothing answers; when the machine says that there is a network, it is tried at once."""
    async with served(play) as (chat, thread):
        play.do(Fail(match="history", status=503, times=2))
        play.do(CutPolls())
        await play.becomes("connecting")
        with play.refused(NotConnected):
            await thread.wrap_up()
        message = await thread.send("Hello?")
        chat.network_returned()
        await play.becomes("ready")
        await play.arrives(message)
        assert heard(play) == ["Where is order 4711?", "Hello?"]
