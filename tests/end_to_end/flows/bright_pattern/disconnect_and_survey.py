"""The two ways to leave: the agent, with a survey behind it, and the session (Bright Pattern reference, flow F2)."""

from deskline import (
    ConnectionLost,
    FormClosed,
    FormRequested,
    IllegalState,
    MessageReceived,
    NotConnected,
    PartyJoined,
    PartyLeft,
    RemoteError,
    StageChanged,
    ThreadEnded,
)
from deskline_center.controls import AgentJoins, CloseContact, Delay, Fail, Lose
from tests.end_to_end.flows.bright_pattern.beginnings import heard, queued, served
from tests.end_to_end.flows.places import V2, both, of
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("bright pattern disconnect and survey", on=(V2,))
ANSWERS = {"service": "1", "helpful": "8", "recommend": "10"}


@FLOW.scenario(
    on=both("a stage after a disconnect", "no stage after a form"),
    steps=("F2 1", "F2 2", "F2 3", "F2 4", "F2 5"),
    drawn=True,
)
async def a_survey_is_answered(play: Play) -> None:
    """The customer leaves the agent, the scenario asks for a survey, thanks for it, and ends the session."""
    async with served(play) as (_, thread):
        await thread.wrap_up()
        await play.hears(PartyLeft)
        assert thread.agent is None
        asked = await play.hears(FormRequested)
        assert (asked.form.name, asked.form.timeout) == ("survey_form", 60.0)
        await thread.submit_form(asked.form, ANSWERS)
        assert (await play.hears(MessageReceived)).text == "Thank you. Goodbye."
        assert (await play.hears(ThreadEnded)).reason == "customer"
        assert [answer["data"] for answer in play.far_chat()["answers"]] == [ANSWERS]


@FLOW.scenario(steps=("F2 4",))
async def a_survey_is_declined(play: Play) -> None:
    """The customer does not want to answer, and says so: the session ends."""
    async with served(play) as (_, thread):
        await thread.wrap_up()
        asked = await play.hears(FormRequested)
        await thread.cancel_form(asked.form)
        assert (await play.hears(ThreadEnded)).reason == "customer"
        assert play.far_chat()["answers"] == [{"form_request_id": asked.form.id, "cancelled": True}]


@FLOW.scenario(on=of("silent after the end"), steps=("F2 4",), short={"end_confirmation": 0.3}, drawn=True)
async def a_survey_is_left_unanswered(play: Play) -> None:
    """The customer just leaves: the session is ended, and it has ended also where the far side says nothing more."""
    async with served(play) as (chat, thread):
        await thread.wrap_up()
        await play.hears(FormRequested)
        await thread.end()
        await play.hears(FormClosed)
        assert (await play.hears(ThreadEnded)).reason == "customer"
        assert chat.state == "ready"


@FLOW.scenario(on=of("ended at once after a disconnect"), steps=("F2 1",))
async def what_follows_a_disconnect(play: Play) -> None:
    """Behind the disconnect there may be more from the scenario, or nothing; a message still goes while there is."""
    async with served(play) as (_, thread):
        await thread.wrap_up()
        await play.hears(PartyLeft)
        await play.until(lambda _: thread.forms or thread.state == "ended")
        if thread.forms:
            await play.says(thread, "Thank you")
            await thread.wrap_up()  # it is wrapped up already
            await thread.end()
        assert (await play.hears(ThreadEnded)).reason == "customer"


@FLOW.scenario()
async def an_agent_comes_back(play: Play) -> None:
    """Behind the disconnect the scenario gives the chat to an agent again: they talk on, and no survey ends it."""
    async with served(play) as (_, thread):
        await thread.wrap_up()
        await play.hears(FormRequested)
        play.do(AgentJoins(agent=70113))
        await play.hears(PartyJoined)
        await play.until(lambda _: thread.stage == "connected")
        await play.says(thread, "One more thing")
        play.do(CloseContact())
        await play.hears(ThreadEnded)


@FLOW.scenario(on=both("silent after the end"), short={"end_confirmation": 0.3}, drawn=True)
async def ended_while_it_waits(play: Play) -> None:
    """Nobody has taken the chat yet, and the customer ends it; what was written before goes first."""
    async with queued(play) as (_, thread):
        play.do(Delay(match="send:chat_session_message", seconds=0.05))
        await thread.send("Never mind")
        await thread.end()
        assert (await play.hears(ThreadEnded)).reason == "customer"
        assert heard(play) == ["Never mind"]


# --- what goes wrong ---


@FLOW.scenario("F2 1E gone", on=of("codes are numbers"), short={"end_confirmation": 0.3}, drawn=True)
async def it_is_over_already(play: Play) -> None:
    """The session is gone when the customer leaves the agent: that is as good as left."""
    async with served(play) as (_, thread):
        play.do(Fail(match="send:chat_session_disconnect", code="5005"))
        await thread.wrap_up()
        await play.hears(ThreadEnded)


@FLOW.scenario("F2 1E gone", short={"end_confirmation": 0.3})
async def the_end_meets_no_session(play: Play) -> None:
    """The session is gone when the customer ends it: it has ended."""
    async with served(play) as (_, thread):
        play.do(Fail(match="send:chat_session_end", code="5005"))
        await thread.end()
        assert (await play.hears(ThreadEnded)).reason == "customer"


@FLOW.scenario("F2 1E gone")
async def leaving_the_agent_is_refused(play: Play) -> None:
    """The far side does not take it: the caller is told, and the conversation can still be ended."""
    async with served(play) as (_, thread):
        play.do(Fail(match="send:chat_session_disconnect", code="5003"))
        with play.refused(RemoteError):
            await thread.wrap_up()
        await thread.end()
        assert (await play.hears(ThreadEnded)).reason == "customer"


@FLOW.scenario(
    "F2 3E nothing follows",
    on=of("a disconnect without an agent does nothing")[1:],
    short={"wrap_up": 0.5},
    drawn=True,
)
async def nothing_follows_the_disconnect(play: Play) -> None:
    """The scenario says nothing more: after the policy's ``wrap_up`` the session is ended."""
    async with queued(play) as (_, thread):
        await thread.wrap_up()
        await play.hears(StageChanged, lambda event: event.stage == "wrapping")
        assert (await play.hears(ThreadEnded)).reason == "customer"


@FLOW.scenario("F2 4E too late", settings={"survey_seconds": 1}, drawn=True)
async def the_survey_is_answered_too_late(play: Play) -> None:
    """The scenario waits no longer for its survey, and ends the session: nothing can be answered any more."""
    async with served(play) as (_, thread):
        await thread.wrap_up()
        asked = await play.hears(FormRequested)
        await play.hears(FormClosed)
        await play.hears(ThreadEnded)
        with play.refused(IllegalState):
            await thread.submit_form(asked.form, ANSWERS)


@FLOW.scenario("F2 4E at once", drawn=True)
async def both_ends_at_once(play: Play) -> None:
    """The customer leaves the agent and ends the session in one breath: there is no survey."""
    async with served(play) as (_, thread):
        play.do(Delay(match="send:chat_session_disconnect", seconds=0.05))
        await thread.wrap_up()
        await thread.end()
        assert (await play.hears(ThreadEnded)).reason == "customer"
        assert play.far_chat()["answers"] == []


@FLOW.scenario("21 lost: end", on=of("silent after the end"), short={"end_confirmation": 0.3}, drawn=True)
async def the_answer_to_the_end_is_lost(play: Play) -> None:
    """Nobody knows whether the end arrived: it is said again, which does no harm."""
    async with served(play) as (chat, thread):
        play.do(Lose(match="send:chat_session_end"))
        await thread.end()
        assert (await play.hears(ThreadEnded)).reason == "customer"
        again = await chat.thread()
        assert again.id != thread.id


@FLOW.scenario("21 lost: end", policy={"rest_attempts": 2})
async def the_end_cannot_be_said(play: Play) -> None:
    """The end does not get through: the caller is told, and it is said again when the connection is back."""
    async with served(play) as (_, thread):
        play.do(Fail(match="send:chat_session_end", status=500, times=2))
        with play.refused(ConnectionLost):
            await thread.end()
        assert (await play.hears(ThreadEnded)).reason == "customer"


@FLOW.scenario("21 lost: end")
async def no_network_for_leaving(play: Play) -> None:
    """Leaving needs a connection: without one the request is refused, and the conversation stays."""
    async with served(play) as (chat, thread):
        await chat.enter_background()
        await play.becomes("prepared")
        with play.refused(NotConnected):
            await thread.wrap_up()
        await chat.enter_active()
        await play.becomes("ready")
        assert thread.state == "open"
