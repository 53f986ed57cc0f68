"""A customer comes back to a chat that goes on (Bright Pattern reference, flow F4)."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from typing import Any

from deskline import (
    Chat,
    ConnectionLost,
    HistoryLoaded,
    MemoryStore,
    MessageReceived,
    PartyJoined,
)
from deskline_center.brightpattern.controls import EndSession, SendEvents, SendSignal, SetCase, ShowForm
from deskline_center.controls import AgentJoins, AgentSays, Delay, Fail, Repeat, WarnInactive
from tests.end_to_end.flows.bright_pattern.beginnings import heard, said, take
from tests.end_to_end.flows.places import V2, both, of
from tests.end_to_end.flows.play import Flow, Play

FLOW = Flow("bright pattern return with history", on=(V2,))
GREETING = "Thanks for writing. We are looking for a colleague."


@asynccontextmanager
async def left(
    play: Play, *, meanwhile: Callable[[], object] = lambda: None, forgets: str = "", **options: Any
) -> AsyncGenerator[Chat]:
    """Leave a chat that an agent has taken, and give another run of the same customer, prepared, when this happened.

    ``forgets`` is a key that is missing from the store then, as is how far this run was told: it may be another device.
    """
    store = MemoryStore()
    async with play.chat(store=store) as first:
        thread = await first.thread()
        await take(play, first)
        await play.says(thread, "one")
        play.do(AgentSays(text="two"))
        await first_hears(first, "two")
        await play.quiet()
    meanwhile()
    for key in (forgets, *(key for key in list(store.kept) if key.startswith("thread."))):
        store.kept.pop(key, None)
    async with play.chat(store=store, connect=False, **options) as chat:
        await chat.prepare()
        play.begin(chat)
        await chat.connect()
        yield chat


async def first_hears(chat: Chat, text: str) -> None:
    """Wait until a text has arrived."""
    if text not in [message.text for message in chat.threads[-1].messages]:
        await chat.wait_for(MessageReceived, lambda event: event.text == text)


@FLOW.scenario(
    on=both(
        "own messages come back",
        "times in milliseconds",
        "times are numbers",
        "plain numbers",
        "history of messages alone",
        "signals in the history",
        "connected before joined",
        "never connecting",
        "lost events come again",
        "a break goes unnoticed",
        "without receipts and cases",
    ),
    steps=("F4 1", "F4 2", "F4 3", "F4 5"),
    drawn=True,
)
async def the_chat_is_still_there(play: Play) -> None:
    """The kept id leads to the chat: its history is read, then it is polled, and they talk on."""

    def meanwhile() -> None:
        play.do(SendSignal(data={"type": "END_CALL"}))
        play.do(AgentSays(text="three"))

    async with left(play, meanwhile=meanwhile) as chat:
        await chat.ready()
        page = await play.hears(HistoryLoaded)
        assert [message.text for message in page.messages] == [GREETING, "one", "two", "three"]
        (thread,) = chat.threads
        assert thread.agent is not None
        assert thread.stage == "connected"
        await play.says(thread, "four")
        play.do(AgentSays(text="five"))
        assert (await play.hears(MessageReceived)).text == "five"
        assert said(thread) == [GREETING, "one", "two", "three", "four", "five"]


@FLOW.scenario(steps=("F4 2",))
async def what_still_stands(play: Play) -> None:
    """A form, a warning and a case that still stand are told again; who was there is there."""

    def meanwhile() -> None:
        play.do(SetCase(case="CS-7"))
        play.do(WarnInactive(seconds=90))
        play.do(ShowForm(name="address"))

    async with left(play, meanwhile=meanwhile) as chat:
        await chat.ready()
        await play.hears(PartyJoined)
        await play.hears(HistoryLoaded)
        (thread,) = chat.threads
        assert [form.name for form in thread.forms] == ["address"]
        assert thread.case == "CS-7"
        assert thread.inactivity is not None
        assert thread.inactivity.text == "Are you still there?"
        await thread.submit_form(thread.forms[0], {"street": "Quay 4"})


@FLOW.scenario(on=both("lost events come again", "own messages come back"), steps=("F4 4",), drawn=True)
async def both_ways_bring_it(play: Play) -> None:
    """What comes by the history and by the poll, or twice by the poll, is told once, and nothing of it is lost."""
    async with left(play, meanwhile=lambda: play.do(AgentSays(text="three"))) as chat:
        play.do(Delay(match="history", seconds=play.seconds(1.0)))
        await play.until(lambda _: play.stage.overview()["faults"] == 0)
        play.do(Repeat(match="chat_session_message", copies=2))
        play.do(AgentSays(text="four"))
        await chat.ready()
        await play.quiet()
        play.do(AgentSays(text="five"))
        (thread,) = chat.threads
        await play.until(lambda _: said(thread)[-1:] == ["five"])
        assert said(thread) == [GREETING, "one", "two", "three", "four", "five"]


@FLOW.scenario("21 doubled")
async def events_come_twice(play: Play) -> None:
    """Each event comes three times: each is told once, and the agent is there once."""
    async with play.ready() as chat:
        for event in ("chat_session_message", "chat_session_party_joined", "chat_session_status"):
            play.do(Repeat(match=event, times=9, copies=2))
        thread = await chat.thread()
        play.do(AgentJoins())
        await play.hears(PartyJoined)
        play.do(AgentSays(text="Good morning"))
        await play.hears(MessageReceived, lambda event: event.text == "Good morning")
        play.do(AgentSays(text="What can I do?"))
        await play.hears(MessageReceived, lambda event: event.text == "What can I do?")
        assert said(thread) == [GREETING, "Good morning", "What can I do?"]
        assert len(thread.parties) == 1


@FLOW.scenario(on=both("establishing"), steps=("F4 1",), drawn=True)
async def the_id_was_not_kept(play: Play) -> None:
    """Only who the customer is was kept: the far side is asked for the chat that goes on."""
    async with left(play, forgets="chat") as chat:
        await chat.ready()
        await play.hears(HistoryLoaded)
        (thread,) = chat.threads
        assert said(thread) == [GREETING, "one", "two"]
        await play.says(thread, "three")


@FLOW.scenario(on=both("establishing"), steps=("F4 1",), drawn=True)
async def a_request_finds_the_chat(play: Play) -> None:
    """The chat was not found, and another is requested: the old one comes back, and its history is read first."""
    play.do(Fail(match="active-chat", status=404))
    async with left(play, forgets="chat") as chat:
        await chat.ready()
        assert chat.threads == ()
        thread = await chat.thread()
        await play.until(lambda _: said(thread) == [GREETING, "one", "two"])
        await play.says(thread, "three")
        assert len(play.stage.overview()["chats"]) == 1
        assert heard(play) == ["one", "three"]


# --- what goes wrong ---


@FLOW.scenario("F4 1E gone", on=of("codes are numbers"), drawn=True)
async def the_chat_is_gone(play: Play) -> None:
    """The session is not there any more: its id is forgotten, and the app begins another one."""
    async with left(play, meanwhile=lambda: play.do(EndSession(how="lost"))) as chat:
        await chat.ready()
        assert chat.threads == ()
        await play.says(await chat.thread(), "Hello")


@FLOW.scenario("F4 1E gone", on=of("history after the end"))
async def the_chat_has_ended(play: Play) -> None:
    """The session was ended while nobody looked: nothing of it is there, or its history says that it is over."""
    async with left(play, meanwhile=lambda: play.do(EndSession(how="ended"))) as chat:
        await chat.ready()
        await play.until(lambda _: all(thread.state == "ended" for thread in chat.threads))
        thread = await chat.thread()
        assert thread.state == "open"
        await play.says(thread, "Hello")


@FLOW.scenario("F4 1E failed", drawn=True)
async def the_history_cannot_be_read(play: Play) -> None:
    """Nobody can tell whether the chat is there: the first attempt fails, and the next one finds it."""
    async with left(play, meanwhile=lambda: play.do(Fail(match="history", status=503))) as chat:
        with play.refused(ConnectionLost):
            await chat.ready()
        await chat.connect()
        await chat.ready()
        (thread,) = chat.threads
        assert said(thread) == [GREETING, "one", "two"]


@FLOW.scenario("21 unknown between", "21 missing field", drawn=True)
async def odd_events_in_the_history(play: Play) -> None:
    """Events that nobody knows or that lack something stand between others: they take none of these with them."""

    def meanwhile() -> None:
        odd = ({"event": "chat_session_hologram", "x": 1}, {"event": "chat_session_message"}, {"msg": "no name"})
        play.do(AgentSays(text="three"))
        play.do(SendEvents(events=odd, kept=True))
        play.do(AgentSays(text="four"))

    async with left(play, meanwhile=meanwhile) as chat:
        await chat.ready()
        (thread,) = chat.threads
        assert said(thread) == [GREETING, "one", "two", "three", "four"]


@FLOW.scenario("21 msg_id collision", on=of("plain numbers"), drawn=True)
async def two_parties_number_alike(play: Play) -> None:
    """Two agents give their messages the same id: both are there, live and in a history."""
    both = (AgentSays(text="three", message="7"), AgentSays(text="four", message="7", agent=70113))

    def meanwhile() -> None:
        for each in both:
            play.do(each)

    async with left(play, meanwhile=meanwhile) as chat:
        await chat.ready()
        (thread,) = chat.threads
        assert said(thread) == [GREETING, "one", "two", "three", "four"]
        for text, agent in (("five", 0), ("six", 70113)):
            play.do(AgentSays(text=text, message="8", agent=agent))
            assert (await play.hears(MessageReceived)).text == text
        assert said(thread)[-2:] == ["five", "six"]


@FLOW.scenario(
    "21 second session",
    on=of("a parallel poll is a bad request"),
    settings={"hold": 30.0},
    short={"crowded_poll": 1.0},
    drawn=True,
)
async def two_runs_at_a_time(play: Play) -> None:
    """Another run of the same customer polls the same chat: the later one is refused, and reads what the other took."""
    store = MemoryStore()
    async with play.chat(store=store) as first:
        one = await first.thread()
        await take(play, first)
        await play.quiet()
        play.do(Delay(match="poll", seconds=0.01))
        async with play.chat(store=store) as second:
            await second.ready()
            (two,) = second.threads
            assert two.id == one.id
            await play.until(lambda overview: overview["faults"] == 0)  # its poll has come
            for text in ("a", "b", "c"):
                play.do(AgentSays(text=text))
            await play.until(lambda _: said(one) == said(two) == [GREETING, "a", "b", "c"])
            assert two.state == "open"
