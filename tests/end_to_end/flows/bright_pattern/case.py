"""A case that the far side keeps about the chat (Bright Pattern reference, flow F5)."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from deskline import CaseChanged, Chat, HistoryLoaded, IllegalState, MemoryStore, RemoteError, Thread, ThreadEnded
from deskline_center.brightpattern.controls import EndSession, SetCase
from deskline_center.controls import AgentSays, Fail
from tests.end_to_end.flows.bright_pattern.beginnings import said, served, take
from tests.end_to_end.flows.places import V2, both, of
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("bright pattern case", on=(V2,))
GREETING = "Thanks for writing. We are looking for a colleague."


@asynccontextmanager
async def second_chat(play: Play) -> AsyncGenerator[tuple[Chat, Thread]]:
    """Give a second chat of the same case, the first of which is over; the flow begins in it."""
    store = MemoryStore()
    async with play.chat(store=store) as chat:
        first = await chat.thread()
        await take(play, chat)
        play.do(SetCase(case="CS-1001"))
        await play.says(first, "The mug is broken")
        play.do(AgentSays(text="We send another one"))
        await play.until(lambda _: said(first)[-1:] == ["We send another one"])
        await first.end()
        thread = await chat.thread()
        await take(play, chat)
        await play.quiet()
        play.begin(chat)
        play.do(SetCase(case="CS-1001"))
        assert (await play.hears(CaseChanged, lambda event: event.thread == thread.id)).case == "CS-1001"
        yield chat, thread


@FLOW.scenario(
    on=both("the past of a case without this chat", "history of messages alone", "times in milliseconds"),
    steps=("F5 1", "F5 2"),
    drawn=True,
)
async def what_was_said_before(play: Play) -> None:
    """The chat has a case: what was said in its earlier chats can be loaded, and stands before this one's messages."""
    async with second_chat(play) as (_, thread):
        await play.says(thread, "It is broken, too")
        assert thread.has_more
        assert await thread.load_more() == 3
        page = await play.hears(HistoryLoaded)
        assert not page.has_more
        earlier = [GREETING, "The mug is broken", "We send another one"]
        assert said(thread) == [*earlier, GREETING, "It is broken, too"]
        assert await thread.load_more() == 0


@FLOW.scenario(on=both("a closed case is gone"), steps=("F5 3",), drawn=True)
async def the_case_is_closed(play: Play) -> None:
    """The customer closes the case; whether the chat still has it then is the far side's to tell."""
    async with served(play) as (_, thread):
        play.do(SetCase(case="CS-1001"))
        await play.hears(CaseChanged)
        await thread.close_case()
        await play.quiet()
        await play.until(lambda _: thread.case == play.far_chat()["case"])
        await play.says(thread, "Thank you")


@FLOW.scenario("F5 1E taken away", on=of("a case is taken away without an id"), drawn=True)
async def the_case_is_taken_away(play: Play) -> None:
    """The far side takes the case away: nothing older can be asked for any more. Told twice, it is told once."""
    async with served(play) as (_, thread):
        play.do(SetCase(case="CS-1001"))
        play.do(SetCase(case="CS-1001"))
        await play.hears(CaseChanged)
        play.do(SetCase(case=""))
        assert (await play.hears(CaseChanged)).case == ""
        assert not thread.has_more
        assert await thread.load_more() == 0


@FLOW.scenario("F5 2E no case")
async def there_is_no_case(play: Play) -> None:
    """Without a case there is nothing older, and nothing to close."""
    async with served(play) as (_, thread):
        assert await thread.load_more() == 0
        with play.refused(IllegalState):
            await thread.close_case()


@FLOW.scenario("F5 2E no case", on=of("codes are numbers"), drawn=True)
async def the_far_side_knows_no_case(play: Play) -> None:
    """The far side has a case set, and says that there is none: the caller is told, and may ask again."""
    async with served(play) as (_, thread):
        play.do(SetCase())
        await play.hears(CaseChanged)
        play.do(Fail(match="case-history", code="5601"))
        with play.refused(RemoteError):
            await thread.load_more()
        play.do(Fail(match="close-case", code="5601"))
        with play.refused(RemoteError):
            await thread.close_case()
        await thread.close_case()


@FLOW.scenario("F5 2E records refuse")
async def the_customer_records_refuse(play: Play) -> None:
    """The customer records behind the far side refuse to close the case: the caller is told, and the case stays."""
    async with served(play) as (_, thread):
        play.do(SetCase())
        await play.hears(CaseChanged)
        play.do(Fail(match="close-case", code="5602"))
        with play.refused(RemoteError):
            await thread.close_case()
        assert thread.case == "CS-1001"


@FLOW.scenario("F5 2E forbidden", settings={"case_history_allowed": False})
async def the_scenario_forbids_it(play: Play) -> None:
    """The scenario does not let the past of its cases be read: the caller is told, and the chat goes on."""
    async with served(play) as (_, thread):
        play.do(SetCase())
        await play.hears(CaseChanged)
        with play.refused(RemoteError):
            await thread.load_more()
        await play.says(thread, "Never mind")


@FLOW.scenario("F5 2E gone", short={"end_confirmation": 0.3}, drawn=True)
async def the_session_is_gone_with_its_case(play: Play) -> None:
    """Asking about the case is the first to learn that the session is gone: without last news, it is lost."""
    async with served(play) as (_, thread):
        play.do(SetCase())
        await play.hears(CaseChanged)
        play.do(Fail(match="case-history", code="5005"))
        with play.refused(IllegalState):
            await thread.load_more()
        assert (await play.hears(ThreadEnded)).reason == "lost"


@FLOW.scenario("F5 2E gone")
async def it_is_over_and_so_is_its_case(play: Play) -> None:
    """After the end the past of the case cannot be had any more, and the case cannot be closed."""
    async with served(play) as (_, thread):
        play.do(SetCase())
        await play.hears(CaseChanged)
        play.do(EndSession())
        await play.hears(ThreadEnded)
        assert await thread.load_more() == 0
        with play.refused(IllegalState):
            await thread.close_case()


@FLOW.scenario("F5 2E without id", drawn=True)
async def the_address_has_no_id(play: Play) -> None:
    """Nothing is found under the chat's own address: the one without its id is tried, once."""
    async with second_chat(play) as (_, thread):
        play.do(Fail(match="case-history", status=404))
        assert await thread.load_more() == 3
        play.do(Fail(match="close-case", status=404))
        await thread.close_case()
