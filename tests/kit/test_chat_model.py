"""A model finds what goes wrong with a program, in whatever order it takes, and nothing where all is well."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import rule, run_state_machine_as_test

from deskline import Chat, ChatStateChanged, DesklineError, Event, MessageReceived, MessageStatus, ThreadEnded
from deskline.listeners import EventsSkipped
from deskline.testing import ChatModel, MemoryCenter, Pair, RuntimeName, run_virtual
from deskline.testing.books import Books
from deskline_center.brightpattern import BrightPatternChannel
from deskline_center.controls import AgentJoins, AgentSays, CloseContact
from deskline_center.cxone import CXoneChannel, channel_id
from deskline_core.events import ThreadStateChanged
from deskline_core.inputs import SendMessage, StartThread
from deskline_core.lifecycle import ChatState, EndReason, ThreadState
from deskline_transports.memory import Crossing, Fate
from deskline_transports.runtime import current_runtime

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
LIVE = CXoneChannel(id="chat_1", mode="live")
ENTRY = BrightPatternChannel(id="entry", greeting="")


def look(model: type[ChatModel], examples: int = 15, steps: int = 25, **more: Any) -> None:
    """Let Hypothesis look for a way in which a model fails."""
    run_state_machine_as_test(
        model,
        settings=settings(
            max_examples=examples, stateful_step_count=steps, deadline=None, derandomize=True, database=None,
            suppress_health_check=QUIET, **more,
        ),
    )  # fmt: skip


def found(model: type[ChatModel], **more: Any) -> str:
    """Return what a model fails with."""
    with pytest.raises(BaseException) as raised:
        look(model, 200, phases=(Phase.generate,), **more)
    error: BaseException = raised.value
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


# --- programs: each answers what the agents say ---


async def said(chat: Chat, event: Event | EventsSkipped) -> None:
    """Answer one message, once."""
    if isinstance(event, MessageReceived) and not event.message.mine:
        try:
            thread = await chat.thread(event.thread)
            await thread.send(f"You said: {event.text}")
        except DesklineError:
            pass  # over, or lost for good


async def attentive(chat: Chat) -> None:
    events = chat.events()
    await (await chat.thread()).send("Good morning")
    async for event in events:
        await said(chat, event)


async def patient(chat: Chat) -> None:
    """Begin as soon as there is a network, if it was not begun before."""
    while chat.state is not ChatState.READY:
        try:
            await chat.ready()
        except DesklineError:
            await sleep(5)
            await chat.connect()
    events = chat.events()
    if not chat.threads:
        await (await chat.start_thread()).send("Good morning")
    async for event in events:
        await said(chat, event)


async def sleep(seconds: float) -> None:
    """Let time pass on the runtime that runs."""
    runtime = current_runtime()
    await runtime.wait(runtime.event(), runtime.now() + seconds)


async def inattentive(chat: Chat) -> None:
    """Listen only now and then: what comes in between is not heard."""
    await (await chat.thread()).send("Good morning")
    while True:
        event = await chat.wait_for(MessageReceived)
        await said(chat, event)
        await sleep(1)


async def forgetful(chat: Chat) -> None:
    """Answer everything again when the connection comes back."""
    events = chat.events()
    await (await chat.thread()).send("Good morning")
    async for event in events:
        await said(chat, event)
        if isinstance(event, ChatStateChanged) and event.state is ChatState.READY and chat.threads:
            for message in list(chat.threads[-1].messages):
                await said(chat, MessageReceived(thread=message.thread, message=message))


async def careless(chat: Chat) -> None:
    """Believe that a conversation goes on for ever."""
    events = chat.events()
    thread = await chat.thread()
    async for event in events:
        if isinstance(event, MessageReceived | ThreadEnded):
            await thread.send("Indeed.")


class Answers(ChatModel):
    """Each text that the app was told is answered once, in order."""

    bot: Callable[[Chat], Awaitable[None]]

    async def program(self, chat: Chat) -> None:
        await type(self).bot(chat)

    def answered(self) -> list[str]:
        """Return what was answered, whatever became of the answers."""
        chat = self.chat
        texts = [message.text for thread in chat.threads for message in thread.messages if message.mine] if chat else []
        return [text for text in texts if text != "Good morning"]

    def at_rest(self) -> None:
        over = {thread.id for thread in self.chat.threads if thread.state is not ThreadState.OPEN} if self.chat else ()
        heard = [f"You said: {text}" for id, texts in self.books.heard.items() if id not in over for text in texts]
        if not over:
            assert self.answered() == heard


def of(program: Callable[[Chat], Awaitable[None]], **settings: Any) -> type[Answers]:
    """Return a model of a program."""
    return type("Model", (Answers,), {"bot": staticmethod(program), **settings})


@pytest.mark.parametrize("runtime", ["trio", "asyncio"])
@pytest.mark.parametrize("channel", [LIVE, ENTRY], ids=["cxone", "brightpattern"])
def test_a_program_that_is_well_passes(runtime: RuntimeName, channel: Any) -> None:
    look(of(attentive, runtime=runtime, channels=(channel,)))


@pytest.mark.parametrize("runtime", ["trio", "asyncio"])
def test_a_program_that_misses_something_is_found(runtime: RuntimeName) -> None:
    assert "AssertionError" in found(of(inattentive, runtime=runtime))


def test_a_program_that_does_something_twice_is_found() -> None:
    assert "AssertionError" in found(of(forgetful))


@pytest.mark.parametrize("channel", [LIVE, ENTRY], ids=["cxone", "brightpattern"])
def test_a_program_that_raises_is_found(channel: Any) -> None:
    assert "IllegalState: the " in found(of(careless, channels=(channel,)))


def test_a_program_is_needed() -> None:
    assert "a ChatModel needs a program" in found(ChatModel)


def test_a_program_may_end() -> None:
    async def brief(chat: Chat) -> None:
        await (await chat.thread()).send("Good morning")

    look(of(brief), examples=10)


def test_a_program_may_be_stopped_and_started_again() -> None:
    class Restarted(ChatModel):
        restarts = True

        async def program(self, chat: Chat) -> None:
            await patient(chat)

    look(Restarted)


def test_rules_are_added_and_left_out() -> None:
    done: list[str] = []

    class Background(ChatModel):
        connection_is_cut = None  # type: ignore[assignment]

        async def program(self, chat: Chat) -> None:
            await attentive(chat)

        @rule()
        def app_goes_and_returns(self) -> None:
            assert self.chat is not None
            done.append("background")
            self.ask(self.chat.enter_background)
            self.clock.advance(30)
            self.ask(self.chat.enter_active)

        def on_event(self, event: Event) -> None:
            done.append(type(event).__name__)

    look(Background, examples=10)
    assert {"background", "MessageReceived", "ChatStateChanged"} <= set(done)


class Twice(MemoryCenter):
    """A network that brings everything of the app's twice, to a center that keeps both."""

    def _fate(self, crossing: Crossing) -> Fate:
        return Fate(copies=2) if crossing.up and "Good morning" in crossing.text else super()._fate(crossing)


def test_a_message_that_is_twice_at_the_center_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deskline.testing.model.MemoryCenter", Twice)
    assert "is 2 times at the center" in found(of(attentive, channels=(LIVE,)))


def test_an_answer_that_never_comes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("deskline.runner.Runner.waiting", ["SendMessage"])
    assert "still waits for an answer to SendMessage" in found(of(attentive))


# --- the books ---


def told(*events: Event) -> str:
    """Return what the books say of some events."""
    books = Books()
    for event in events[:-1]:
        books.note(event)
    with pytest.raises(AssertionError) as raised:
        books.note(events[-1])
    return str(raised.value)


def test_the_books_see_what_can_never_be() -> None:
    pair = Pair(channel_id("live", "legacy"))
    pair.begin()
    pair.ask(SendMessage, thread=pair.ask(StartThread), text="hello")
    pair.control(AgentSays(text="Good day"))
    (received,) = pair.told(MessageReceived)
    over = ThreadEnded(thread="t", reason=EndReason.AGENT)
    moved = ThreadStateChanged(thread="t", state=ThreadState.OPEN)
    assert "'Good day' was told twice" in told(received, received)
    assert told(over, over) == "t ended twice"
    assert told(over, moved) == "t ended, and is open again"
    books = Books()
    for event in (over, ThreadStateChanged(thread="t", state=ThreadState.RECOVERING), moved):
        books.note(event)
    with pytest.raises(AssertionError, match="did not keep up"):
        books.note(EventsSkipped(count=1))


def test_the_books_are_compared_with_the_center() -> None:
    center = MemoryCenter(channels=(LIVE,))
    books = Books()

    async def main() -> None:
        async with center.open_chat() as chat:
            thread = await chat.thread()
            assert await (await thread.send("hello")).settled() is MessageStatus.DELIVERED
            center.do(AgentJoins())
            center.do(AgentSays(text="one"))
            center.do(AgentSays(text="two"))
            await sleep(1)
            for heard, wrong in ((["one", "two"], False), (["two", "one"], True), (["one"], True), ([], True)):
                books.heard = {thread.id: heard}
                _compare(books, chat, center, wrong=wrong)
            center.do(CloseContact())
            await chat.wait_for(ThreadEnded)
            for heard, wrong in ((["one"], False), (["two"], False), (["two", "one"], True), (["one", "one"], True)):
                books.heard = {thread.id: heard}
                _compare(books, chat, center, wrong=wrong)

    run_virtual(main, "trio")


def _compare(books: Books, chat: Chat, center: MemoryCenter, *, wrong: bool) -> None:
    if not wrong:
        books.compare(chat, center)
        return
    with pytest.raises(AssertionError, match="the app was told"):
        books.compare(chat, center)
