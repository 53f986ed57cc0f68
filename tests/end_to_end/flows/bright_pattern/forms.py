"""Forms of the scenario, and secure ones of an agent (Bright Pattern reference, section 9.6, flows F8 and F9)."""

from deskline import (
    ConnectionLost,
    FormClosed,
    FormRequested,
    IllegalState,
    MemoryStore,
    RemoteError,
    StageChanged,
    ThreadEnded,
)
from deskline_center.brightpattern.controls import CancelForm, EndSession, SetStage, ShowForm
from deskline_center.controls import AgentSays, Fail, Lose
from tests.end_to_end.flows.bright_pattern.beginnings import heard, queued, served
from tests.end_to_end.flows.places import V2, both, of
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("bright pattern forms", on=(V2,))
ADDRESS = {"street": "Quay 4", "city": "Harbour"}
CARD = {"number": "4111 1111 1111 1111"}


@FLOW.scenario(on=both("no stage after a form"), steps=("F8 1",), drawn=True)
async def a_form_is_answered(play: Play) -> None:
    """The scenario asks for a form that the app knows by its name; the answer goes under the request's id."""
    async with queued(play) as (_, thread):
        play.do(SetStage(stage="ivr"))
        await play.hears(StageChanged)
        play.do(ShowForm(name="address", seconds=60))
        asked = await play.hears(FormRequested)
        assert (asked.form.name, asked.form.secure) == ("address", False)
        await thread.submit_form(asked.form, ADDRESS)
        await play.hears(FormClosed)
        (answer,) = play.far_chat()["answers"]
        assert answer == {"form_request_id": asked.form.id, "form_name": "address", "data": ADDRESS}
        assert play.far_chat()["forms"] == {}


@FLOW.scenario(on=of("own messages come back"), steps=("F8 2",), drawn=True)
async def free_text_is_asked_for(play: Play) -> None:
    """A form without a name asks for free text: what the customer writes next answers it, and is a message, too."""
    async with served(play) as (_, thread):
        play.do(ShowForm())
        assert (await play.hears(FormRequested)).form.name == ""
        await play.says(thread, "Quay 4")
        await play.hears(FormClosed)
        (answer,) = play.far_chat()["answers"]
        assert answer["data"] == {"text": "Quay 4"}
        await play.says(thread, "Thank you")
        assert heard(play) == ["Where is order 4711?", "Quay 4", "Thank you"]
        assert len(play.far_chat()["answers"]) == 1


@FLOW.scenario(steps=("F8 2",), policy={"free_text_forms": "form"})
async def free_text_as_data_alone(play: Play) -> None:
    """Where the policy says so, the text goes as the form's data, and is no message at the far side."""
    async with served(play) as (_, thread):
        play.do(ShowForm())
        await play.hears(FormRequested)
        await play.says(thread, "Quay 4")
        await play.hears(FormClosed)
        assert play.far_chat()["answers"][0]["data"] == {"text": "Quay 4"}
        assert heard(play) == ["Where is order 4711?"]


@FLOW.scenario(steps=("F8 3",))
async def another_form_takes_its_place(play: Play) -> None:
    """A new form of the scenario takes the place of the one before; that is not asked for any more."""
    async with served(play) as (_, thread):
        play.do(ShowForm(name="address"))
        first = await play.hears(FormRequested)
        play.do(ShowForm(name="phone"))
        assert (await play.hears(FormClosed)).form == first.form.id
        second = await play.hears(FormRequested)
        assert thread.forms == (second.form,)
        with play.refused(IllegalState):
            await thread.submit_form(first.form, ADDRESS)
        await thread.submit_form(second.form, {"phone": "+15550100"})


@FLOW.scenario(steps=("F8 4",), drawn=True)
async def a_form_outlives_the_program(play: Play) -> None:
    """Back with the history, a form is asked for if nothing was said since; otherwise nobody waits for it."""
    for is_last in (True, False):
        store = MemoryStore()
        async with play.chat(store=store) as first:
            await first.thread()
            await play.quiet()
            play.do(ShowForm(name="address"))
            await first.wait_for(FormRequested) if not first.threads[-1].forms else None
            await play.quiet()
        if not is_last:
            play.do(AgentSays(text="Never mind the form"))
        async with play.chat(store=store) as chat:
            await chat.ready()
            (thread,) = chat.threads
            assert [form.name for form in thread.forms] == (["address"] if is_last else [])
            await thread.end()


@FLOW.scenario(on=both(), steps=("F9 1",), drawn=True)
async def a_secure_form(play: Play) -> None:
    """An agent asks for a secure form: it stands beside the chat, and beside the scenario's, and is answered."""
    async with served(play) as (_, thread):
        play.do(ShowForm(name="card_form", secure=True))
        asked = await play.hears(FormRequested)
        assert (asked.form.name, asked.form.secure) == ("card_form", True)
        play.do(ShowForm(name="address"))
        await play.hears(FormRequested)
        assert [form.secure for form in thread.forms] == [True, False]
        await play.says(thread, "One moment")
        await thread.submit_form(asked.form, CARD)
        assert (await play.hears(FormClosed)).form == asked.form.id
        (answer,) = play.far_chat()["answers"]
        assert (answer["form_request_id"], answer["data"]) == (asked.form.id, CARD)
        assert [form.name for form in thread.forms] == ["address"]


@FLOW.scenario(steps=("F9 2",), drawn=True)
async def a_secure_form_is_taken_back(play: Play) -> None:
    """The agent takes it back: it is not asked for any more; taking back another one changes nothing."""
    async with served(play) as (_, thread):
        play.do(ShowForm(name="card_form", secure=True))
        asked = await play.hears(FormRequested)
        play.do(CancelForm())
        assert (await play.hears(FormClosed)).form == asked.form.id
        with play.refused(IllegalState):
            await thread.submit_form(asked.form, CARD)


@FLOW.scenario(steps=("F9 3",))
async def a_secure_form_is_declined(play: Play) -> None:
    """The customer declines it."""
    async with served(play) as (_, thread):
        play.do(ShowForm(name="card_form", secure=True))
        asked = await play.hears(FormRequested)
        await thread.cancel_form(asked.form)
        await play.hears(FormClosed)
        assert play.far_chat()["answers"] == [{"form_request_id": asked.form.id, "cancelled": True}]


# --- what goes wrong ---


@FLOW.scenario("F8 1E too late", on=both("late forms are refused"), drawn=True)
async def the_form_is_answered_too_late(play: Play) -> None:
    """The scenario waits no longer: a late answer is passed over, or refused; either way the chat goes on."""
    async with served(play) as (_, thread):
        play.do(ShowForm(name="address", seconds=1))
        asked = await play.hears(FormRequested)
        await play.until(lambda _: play.far_chat()["forms"] == {})
        if play.place.name == "late forms are refused":
            with play.refused(RemoteError):
                await thread.submit_form(asked.form, ADDRESS)
        else:
            await thread.submit_form(asked.form, ADDRESS)
        await play.hears(FormClosed)
        await play.says(thread, "Hello?")


@FLOW.scenario("F8 1E refused", drawn=True)
async def the_answer_is_not_taken(play: Play) -> None:
    """The far side refuses the answer: the caller is told, the form is asked for as before, and can be answered."""
    async with served(play) as (_, thread):
        play.do(ShowForm(name="address"))
        asked = await play.hears(FormRequested)
        play.do(Fail(match="send:chat_session_form_data", code="5003"))
        with play.refused(RemoteError):
            await thread.submit_form(asked.form, ADDRESS)
        assert thread.forms == (asked.form,)
        await thread.submit_form(asked.form, ADDRESS)
        await play.hears(FormClosed)


@FLOW.scenario("F8 1E gone", short={"end_confirmation": 0.3}, drawn=True)
async def the_session_is_gone_with_an_answer(play: Play) -> None:
    """The answer is the first to learn that the session is gone: without last news, it is lost."""
    async with served(play) as (_, thread):
        play.do(ShowForm(name="address"))
        asked = await play.hears(FormRequested)
        play.do(Fail(match="send:chat_session_form_data", code="5005"))
        with play.refused(IllegalState):
            await thread.submit_form(asked.form, ADDRESS)
        assert (await play.hears(ThreadEnded)).reason == "lost"
        assert thread.forms == ()


@FLOW.scenario("F8 1E unknown", drawn=True)
async def the_answer_to_the_answer_is_lost(play: Play) -> None:
    """Nobody knows whether it arrived: the caller is told so, and decides whether to answer again."""
    async with served(play) as (_, thread):
        play.do(ShowForm(name="address"))
        asked = await play.hears(FormRequested)
        play.do(Lose(match="send:chat_session_form_data"))
        with play.refused(ConnectionLost):
            await thread.submit_form(asked.form, ADDRESS)
        assert len(play.far_chat()["answers"]) == 1


@FLOW.scenario("F9 2E ended")
async def it_ends_with_an_open_form(play: Play) -> None:
    """The chat ends while forms are asked for: none is any more."""
    async with served(play) as (_, thread):
        play.do(ShowForm(name="address"))
        play.do(ShowForm(name="card_form", secure=True))
        for _ in range(2):
            await play.hears(FormRequested)
        play.do(EndSession())
        for _ in range(2):
            await play.hears(FormClosed)
        await play.hears(ThreadEnded)
        assert thread.forms == ()
