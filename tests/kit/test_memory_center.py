"""A center in memory serves programs of either runtime, and what a fault script says goes wrong when it says so."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, get_args

import pytest
import trio

from deskline import (
    Chat,
    ChatState,
    ChatStateChanged,
    ConnectionLost,
    MessageReceived,
    MessageStatus,
    MessageStatusChanged,
    SaveLost,
    StreamFailed,
    Thread,
)
from deskline.testing import (
    At,
    Cut,
    Double,
    FaultScript,
    HalfOpen,
    MemoryCenter,
    On,
    RuntimeName,
    Slow,
    Unreachable,
    Vanish,
    VirtualTime,
    run_virtual,
)
from deskline_center.brightpattern import BrightPatternChannel
from deskline_center.controls import AgentJoins, AgentSays, AgentStreams, CloseContact, Lose, StreamPiece
from deskline_center.cxone import CXoneChannel
from deskline_center.model import Channel
from deskline_core.errors import IllegalState, InvalidValue
from deskline_transports.memory import Crossing, Fate
from deskline_transports.runtime import current_runtime

RUNTIMES: tuple[RuntimeName, ...] = get_args(RuntimeName)
LIVE = CXoneChannel(id="chat_1", mode="live")
ENTRY = BrightPatternChannel(id="entry", greeting="")
CHANNELS: dict[str, Channel] = {"cxone": LIVE, "brightpattern": ENTRY}
SLEEP: dict[RuntimeName, Callable[[float], Awaitable[None]]] = {"trio": trio.sleep, "asyncio": asyncio.sleep}
SENT = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.SEEN)


def on_each(**fields: Any) -> Callable[[Any], Any]:
    """Run a scenario, given a center, on both runtimes with each vendor."""

    def test(scenario: Any) -> Any:
        @pytest.mark.parametrize("vendor", CHANNELS)
        @pytest.mark.parametrize("runtime", RUNTIMES)
        def run(runtime: RuntimeName, vendor: str) -> None:
            center = MemoryCenter(channels=(CHANNELS[vendor],), **fields)
            run_virtual(lambda: scenario(center), runtime)
            center.check_end()

        return run

    return test


@on_each()
async def test_a_chat_with_an_agent(center: MemoryCenter) -> None:
    async with center.open_chat() as chat:
        events = chat.events()
        thread = await chat.thread()
        message = await thread.send("Good morning")
        assert await message.settled() in SENT
        center.do(AgentJoins())
        center.do(AgentSays(text="What can I do for you?"))
        async for event in events:
            if isinstance(event, MessageReceived):
                assert event.text == "What can I do for you?"
                break
        assert center.overview()["threads"][0]["thread"] == thread.id


@on_each()
async def test_a_cut_connection_is_lost_at_once_and_comes_back(center: MemoryCenter) -> None:
    async with center.open_chat() as chat:
        thread = await chat.thread()
        await (await thread.send("hello")).settled()
        await sleep(1)
        lost = chat.wait_for(ChatStateChanged, lambda event: event.state is ChatState.CONNECTING)
        center.cut()
        await lost
        await chat.ready()


@on_each()
async def test_nothing_gets_through_while_it_is_not_reachable(center: MemoryCenter) -> None:
    center.reachable = False
    async with center.open_chat() as chat:
        with pytest.raises(ConnectionLost):
            await chat.ready()
        assert center.reachable is False
        center.reachable = True
        await chat.connect()
        await chat.ready()


def test_one_center_serves_one_loop_after_the_other_and_its_time_goes_on() -> None:
    center = MemoryCenter(channels=(LIVE,), start=1000.0)
    threads: list[str] = []

    for number, runtime in enumerate((*RUNTIMES, *RUNTIMES)):

        async def visit(runtime: RuntimeName = runtime, number: int = number) -> None:
            async with center.open_chat() as chat:
                assert center.wall() == 1000.0 + number * 60
                threads.append((await chat.thread()).id)
                await SLEEP[runtime](60)

        run_virtual(visit, runtime)
    assert len(set(threads)) == 4
    assert center.wall() == 1240.0
    center.check_end()


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("vendor", CHANNELS)
def test_a_store_in_a_file_holds_the_time_back(runtime: RuntimeName, vendor: str, tmp_path: Path) -> None:
    center = MemoryCenter(channels=(CHANNELS[vendor],))
    seen: list[tuple[str, float]] = []

    async def visit() -> None:
        async with center.open_chat(store=tmp_path / "chat.db") as chat:
            events = chat.events()
            thread = await chat.thread()
            await (await thread.send("hello")).settled()
            seen.append((thread.id, center.wall()))
        assert [event async for event in events if isinstance(event, SaveLost)] == []

    run_virtual(visit, runtime)
    run_virtual(visit, runtime)
    assert len({id for id, _ in seen}) == 1
    assert seen[-1][1] - seen[0][1] < 5  # no time limit of a save ran out while a thread wrote


def test_every_run_is_the_same() -> None:
    def run() -> list[str]:
        center = MemoryCenter(channels=(LIVE, ENTRY))
        seen: list[str] = []

        async def visit() -> None:
            for channel in (LIVE, ENTRY):
                async with center.open_chat(center.site(channel)) as chat:
                    thread = await chat.thread()
                    message = await thread.send("hello")
                    await message.settled()
                    seen.extend((thread.id, message.id))

        run_virtual(visit, "trio")
        return seen

    assert run() == run()


def test_a_site_is_named_by_its_channel() -> None:
    center = MemoryCenter()
    assert center.site("harbour-chat") == center.site(center.channels["harbour-chat"])
    assert center.site() == center.site(next(iter(center.channels)))
    with pytest.raises(InvalidValue, match="no channel 'nowhere'"):
        center.site("nowhere")


def test_a_control_that_is_impossible_is_refused_by_name() -> None:
    with pytest.raises(InvalidValue, match="cannot do that"):
        MemoryCenter().do(AgentSays(thread="nowhere", text="hello"))


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_control_belongs_into_the_loop_of_the_chats(runtime: RuntimeName) -> None:
    center = MemoryCenter(channels=(LIVE,))
    heard: list[str] = []

    async def listen() -> None:
        async with center.open_chat() as chat:
            await (await chat.thread()).send("hello")
            heard.append((await chat.wait_for(MessageReceived)).text)
            await sleep(math.inf)

    with VirtualTime(runtime) as clock:
        clock.start(listen)
        clock.advance(1)
        with pytest.raises(IllegalState, match="outside of the loop"):
            center.do(AgentSays(text="never"))
        clock.call(lambda: center.do(AgentSays(text="once")))
        assert heard == ["once"]
        with pytest.raises(AssertionError, match="left open: socket 1"):
            center.check_end()
    center.check_end()


# --- faults ---


async def states_of(center: MemoryCenter, seconds: float) -> list[str]:
    """Send a message, wait, and return what the chat said of itself and of it."""
    async with center.open_chat() as chat:
        events = chat.events()
        thread = await chat.thread()
        await thread.send("hello")
        await sleep(seconds)
    told = [
        str(event.state if isinstance(event, ChatStateChanged) else event.status)
        async for event in events
        if isinstance(event, ChatStateChanged | MessageStatusChanged)
    ]
    return told[:-1]  # the last word is of leaving


async def sleep(seconds: float) -> None:
    """Let time pass on the runtime that runs."""
    await SLEEP[current_runtime().name](seconds)


def play(runtime: RuntimeName, *faults: Any, seconds: float = 60.0, **fields: Any) -> tuple[MemoryCenter, list[str]]:
    """Have one message sent on a live chat while the faults happen."""
    center = MemoryCenter(channels=(LIVE,), faults=faults, **fields)
    return center, run_virtual(lambda: states_of(center, seconds), runtime)


def stored(center: MemoryCenter) -> int:
    """Return how many messages the center has, but for the one that begins a live chat."""
    return sum(len(thread["messages"]) for thread in center.overview()["threads"]) - 1


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_message_is_cut_on_its_way(runtime: RuntimeName) -> None:
    center, told = play(runtime, On(crossing="frame", contains="hello", do=Cut()))
    assert told[-5:] == ["uncertain", "connecting", "connected", "failed", "ready"]
    assert stored(center) == 0


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_answer_to_a_message_vanishes(runtime: RuntimeName) -> None:
    center, told = play(runtime, On(crossing="frame", up=False, contains="hello", do=Vanish()))
    assert told[-1] == "sent"  # its acknowledgement came, its copy did not
    assert stored(center) == 1


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_half_open_socket_is_found_out(runtime: RuntimeName) -> None:
    center, told = play(runtime, On(crossing="frame", contains="hello", do=HalfOpen()), seconds=300)
    assert told[-5:] == ["uncertain", "connecting", "connected", "failed", "ready"]
    assert stored(center) == 0


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_half_open_socket_at_a_time(runtime: RuntimeName) -> None:
    _, told = play(runtime, At(seconds=10, do=HalfOpen()), seconds=300)
    assert told[-3:] == ["connecting", "connected", "ready"]
    assert told.count("ready") == 2


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_network_goes_and_comes_back(runtime: RuntimeName) -> None:
    _, told = play(runtime, At(seconds=10, do=Unreachable(seconds=20)))
    assert told[-3:] == ["connecting", "connected", "ready"]
    assert told.count("ready") == 2


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_the_network_goes_when_a_socket_is_opened(runtime: RuntimeName) -> None:
    center = MemoryCenter(channels=(LIVE,), faults=[On(crossing="open", do=Unreachable(seconds=math.inf))])

    async def main() -> None:
        async with center.open_chat() as chat:
            with pytest.raises(ConnectionLost):
                await chat.ready()

    run_virtual(main, runtime)
    assert center.reachable is False


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_slow_answer_takes_its_time(runtime: RuntimeName) -> None:
    center = MemoryCenter(
        channels=(LIVE,), faults=[On(crossing="answer", method="GET", contains="/channel/", do=Slow(seconds=4))]
    )

    async def main() -> float:
        async with center.open_chat() as chat:
            began = center.wall()
            await chat.ready()
            return center.wall() - began

    assert run_virtual(main, runtime) == pytest.approx(4)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_all_is_slow_from_a_time_on(runtime: RuntimeName) -> None:
    center = MemoryCenter(channels=(LIVE,), faults=[At(seconds=0, do=Slow(seconds=1))])

    async def main() -> float:
        async with center.open_chat() as chat:
            began = center.wall()
            await chat.ready()
            return center.wall() - began

    assert run_virtual(main, runtime) >= 8


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_a_push_comes_twice_and_is_told_once(runtime: RuntimeName) -> None:
    center = MemoryCenter(channels=(LIVE,), faults=[On(crossing="frame", up=False, contains="Good day", do=Double())])

    async def main() -> list[str]:
        async with center.open_chat() as chat:
            events = chat.events()
            await (await (await chat.thread()).send("hello")).settled()
            center.do(AgentSays(text="Good day"))
            await sleep(5)
        return [event.text async for event in events if isinstance(event, MessageReceived)]

    assert run_virtual(main, runtime) == ["Good day"]


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_controls_are_steps_too(runtime: RuntimeName) -> None:
    script: FaultScript = (
        At(seconds=5, do=AgentJoins()),
        At(seconds=6, do=AgentSays(text="by the clock")),
        On(crossing="frame", contains="parcel 4711", do=Lose(match="SendMessage", done=False)),
        On(crossing="frame", up=False, contains="farewell", do=CloseContact()),
    )
    center = MemoryCenter(channels=(LIVE,), faults=script)

    async def main() -> list[str]:
        async with center.open_chat() as chat:
            thread = await chat.thread()
            await (await thread.send("hello")).settled()
            await sleep(10)
            first = await thread.send("parcel 4711")
            assert await first.settled() is MessageStatus.FAILED
            await thread.send("farewell")
            await sleep(10)
            return [str(thread.state), *(message.text for message in thread.messages if not message.mine)]

    assert run_virtual(main, runtime) == ["ended", "by the clock"]


@pytest.mark.parametrize("runtime", RUNTIMES)
@pytest.mark.parametrize("what", [Vanish(), Double()], ids=["vanish", "double"])
def test_what_happens_to_the_next_that_crosses_happens_once(runtime: RuntimeName, what: Any) -> None:
    fates: list[Fate] = []

    class Watched(MemoryCenter):
        def _fate(self, crossing: Crossing) -> Fate:
            fates.append(super()._fate(crossing))
            return fates[-1]

    center = Watched(channels=(LIVE,), faults=[At(seconds=20, do=what)])
    run_virtual(lambda: states_of(center, 60), runtime)
    assert len([fate for fate in fates if fate != Fate()]) == 1


def test_a_fate_of_ones_own_is_asked_about_the_rest() -> None:
    asked: list[str] = []

    def fate(crossing: Crossing) -> Fate:
        asked.append(crossing.kind)
        return Fate()

    center, _ = play("trio", On(crossing="open", do=Slow(seconds=1)), fate=fate)
    assert {"request", "answer", "frame", "close"} == set(asked)
    assert center.reachable


async def streamed(center: MemoryCenter, chat: Chat) -> Thread:
    """Have an agent begin a message whose end does not come."""
    thread = await chat.thread()
    await (await thread.send("hello")).settled()
    center.do(AgentJoins())
    center.do(AgentStreams(pieces=("one, ", "two"), end="open"))
    await sleep(5)
    assert thread.messages[-1].text == "one, two"
    return thread


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_an_answer_that_has_not_come_whole_is_cut_too(runtime: RuntimeName) -> None:
    async def main() -> None:
        center = MemoryCenter(channels=(LIVE,))
        async with center.open_chat() as chat:
            await streamed(center, chat)
            failed = chat.wait_for(StreamFailed)
            center.cut()
            assert (await failed).cause == "the connection was lost"

    run_virtual(main, runtime)


@pytest.mark.parametrize("runtime", RUNTIMES)
def test_who_reads_an_answer_no_more_is_not_waited_for(runtime: RuntimeName) -> None:
    center = MemoryCenter(channels=(LIVE,))

    async def main() -> None:
        async with center.open_chat() as chat:
            await streamed(center, chat)
            with pytest.raises(AssertionError, match=r"left open: socket 1, request \d+$"):
                center.check_end()

    run_virtual(main, runtime)
    center.check_end()
    center.do(StreamPiece(text="three"))
    assert not center._parts


def test_a_control_of_the_script_that_is_impossible_is_told_in_the_end() -> None:
    center, _ = play("trio", At(seconds=1, do=AgentSays(thread="nowhere", text="hello")))
    with pytest.raises(AssertionError, match="the fault script: "):
        center.check_end()


@pytest.mark.parametrize(
    "wrong",
    [
        Cut(),
        "cut",
        At(seconds=-1, do=Cut()),
        At(seconds=math.nan, do=Cut()),
        At(seconds=1, do="cut"),  # type: ignore[arg-type]
        At(seconds=1, do=Slow(seconds=-1)),
        On(crossing="frame", nth=0, do=Cut()),
    ],
    ids=repr,
)
def test_a_step_that_could_never_happen_is_refused(wrong: Any) -> None:
    with pytest.raises(InvalidValue, match="fault"):
        MemoryCenter(faults=[wrong])


def test_a_fault_at_a_crossing_that_there_is_not_is_refused() -> None:
    crossing: Any = "nonsense"
    with pytest.raises(InvalidValue, match="'nonsense' crosses no network"):
        On(crossing=crossing, do=Cut())
