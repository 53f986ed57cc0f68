"""A model of the world around a program that chats: Hypothesis looks for the order of things in which it goes wrong.

::

    class Echoes(ChatModel):
        async def program(self, chat):
            await echo(chat)                    # the bot to be tested, as it is

        def at_rest(self):
            heard = [text for texts in self.books.heard.values() for text in texts]
            assert self.center.texts() == [f"You said: {text}" for text in heard]

    TestEchoes = Echoes.TestCase                # pytest and unittest run it

In each example the program runs in virtual time on a center in memory; agents, faults and time do anything in any
order. Then all faults are taken back, the chat comes to rest, and these must hold, whatever the program does:

- nothing is lost, doubled or swapped: the app is told every text of the agents once, in their order; what it is told
  of its own messages is so at the center, and none is there twice. Where nobody can tell, it is told so (UNCERTAIN);
- every wait ends: what the program asks of its chat is answered, and no message is left under way;
- ended stays ended;
- no exception comes out of the program.

It needs Hypothesis (``pip install 'deskline[testing]'``).
"""

from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import Any, ClassVar, Final, TypeVar

from deskline.chat import Chat
from deskline.listeners import Events, EventsSkipped
from deskline.store import MemoryStore
from deskline_center.brightpattern import BrightPatternChannel
from deskline_center.controls import (
    AgentJoins,
    AgentLeaves,
    AgentReads,
    AgentSays,
    AgentTypes,
    CloseContact,
    Control,
    Delay,
    DropSockets,
    ExpireTokens,
    Fail,
    ForgetFaults,
    Lose,
    Repeat,
)
from deskline_center.cxone import CXoneChannel
from deskline_center.model import Channel
from deskline_core.errors import InvalidValue
from deskline_core.events import Event
from deskline_core.lifecycle import ChatState
from deskline_core.policy import DEFAULT_POLICY, Policy

from .books import Books
from .center import MemoryCenter
from .virtual import Job, RuntimeName, VirtualTime

try:
    from hypothesis import strategies as st
    from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
except ModuleNotFoundError as missing:
    raise ModuleNotFoundError(
        f"ChatModel needs {missing.name}: pip install 'deskline[testing]'", name=missing.name
    ) from missing

__all__ = ["ChatModel"]

T = TypeVar("T")
_REQUESTS: Final[dict[type, tuple[str, ...]]] = {
    CXoneChannel: ("SendMessage", "RecoverThread", "RecoverLivechat", "*"),
    BrightPatternChannel: ("send", "history", "poll", "*"),
}
_GONE: Final = ("closed", "resolved", "trashed")
_MANY: Final = 1_000_000
_TRIES: Final = 4


def _drawn(strategy: "Callable[[Any], st.SearchStrategy[T]]") -> "st.SearchStrategy[T]":
    """Draw from what the model in use says."""
    return st.runner().flatmap(strategy)


class ChatModel(RuleBasedStateMachine):
    """Subclass it, give it your :meth:`program`, and say what must hold :meth:`at_rest`.

    Set on the class: ``runtime``, on which the program runs; ``channels``, of which each example draws one, by default
    one of either vendor; ``policy`` of the chats; ``texts``, a strategy of what the agents say; ``restarts``, whether
    the program is also stopped and started again with the same store; ``patience``, the seconds in which all must come
    to rest. More rules and invariants are Hypothesis's own; a rule is left out by setting its name to None.

    ``center`` is the :class:`~deskline.testing.MemoryCenter`, ``clock`` the :class:`~deskline.testing.VirtualTime`,
    ``chat`` the program's chat or None, and ``books`` what it was told.
    """

    runtime: ClassVar[RuntimeName] = "trio"
    channels: ClassVar[Sequence[Channel]] = (
        CXoneChannel(id="chat_1", mode="live"),
        BrightPatternChannel(id="entry", greeting=""),
    )
    policy: ClassVar[Policy] = DEFAULT_POLICY
    texts: ClassVar[st.SearchStrategy[str]] = st.integers(0, 99).map("message {}".format)
    restarts: ClassVar[bool] = False
    patience: ClassVar[float] = 600.0

    center: MemoryCenter
    clock: VirtualTime

    def __init__(self) -> None:
        super().__init__()
        self.chat: Chat | None = None
        self.books = Books()
        self.store = MemoryStore()
        self._job: Job[None] | None = None

    # --- what a subclass says ---

    async def program(self, chat: Chat) -> None:
        """Do with a chat what the program to be tested does. The chat is closed when this returns."""
        raise NotImplementedError("a ChatModel needs a program")

    async def main(self) -> None:
        """Open the chat for :meth:`program`; for one that opens chats by itself: with :meth:`open_chat`."""
        async with self.open_chat() as chat:
            await self.program(chat)

    def on_event(self, event: Event) -> None:
        """Look at an event of the chat, just after the program could."""

    def at_rest(self) -> None:
        """Check what must hold when the faults are over and nothing is under way."""

    # --- for programs and rules ---

    @asynccontextmanager
    async def _watched(self, opened: AbstractAsyncContextManager[Chat]) -> AsyncGenerator[Chat]:
        async with opened as chat:
            self.books = books = Books()
            events = chat.events(limit=_MANY)
            self.clock.start(lambda: self._listen(events, books))
            self.chat = chat
            try:
                yield chat
            finally:
                if self.chat is chat:
                    self.chat = None

    def open_chat(self, **options: Any) -> AbstractAsyncContextManager[Chat]:  # noqa: ANN401 - those of open_chat
        """Open a chat that the model watches, with the options of ``deskline.trio.open_chat``."""
        options = {"policy": self.policy, "store": self.store, **options}
        return self._watched(self.center.open_chat(**options))

    async def _listen(self, events: Events, books: Books) -> None:
        async for event in events:
            books.note(event)
            if not isinstance(event, EventsSkipped):
                self.on_event(event)

    def do(self, control: Control) -> None:
        """Let the operator of the center do something, now."""
        self.clock.call(lambda: self.center.do(control))

    def ask(self, call: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """Await something of the chat's in a rule, such as ``self.ask(self.chat.enter_background)``."""
        return self.clock.run(call)

    # --- the world ---

    @initialize(channel=_drawn(lambda model: st.sampled_from([channel.id for channel in model.channels])))
    def begin(self, channel: str) -> None:
        """Start the program, on a good day."""
        self.center = MemoryCenter(channels=[each for each in self.channels if each.id == channel])
        self.clock = VirtualTime(self.runtime)
        self.clock.__enter__()
        self._start()

    def _start(self) -> None:
        self._job = self.clock.start(self.main)
        self.clock.advance(5)

    def is_served(self) -> bool:
        """Whether there is a conversation at the center that is not over."""
        contacts = [contact for thread in self.center.overview()["threads"] for contact in thread["contacts"][-1:]]
        return bool(contacts) and contacts[-1]["status"] not in _GONE

    @precondition(is_served)
    @rule(text=_drawn(lambda model: model.texts))
    def agent_says(self, text: str) -> None:
        """An agent says one of the ``texts``."""
        self.do(AgentSays(text=text))

    @precondition(is_served)
    @rule(control=st.sampled_from([AgentJoins(), AgentLeaves(), AgentTypes(), AgentReads()]))
    def agent_does(self, control: Control) -> None:
        """An agent does anything but speak, if it can."""
        with suppress(InvalidValue):
            self.do(control)

    @precondition(is_served)
    @rule()
    def agent_closes(self) -> None:
        """An agent ends the conversation."""
        self.do(CloseContact())

    @rule()
    def connection_is_cut(self) -> None:
        """What is open is cut, and can be opened again."""
        self.clock.call(self.center.cut)

    @precondition(lambda self: self.center.reachable)
    @rule()
    def network_goes(self) -> None:
        """There is no network any more."""
        self.center.reachable = False
        self.clock.call(self.center.cut)

    @precondition(lambda self: not self.center.reachable)
    @rule()
    def network_returns(self) -> None:
        """There is a network again."""
        self.center.reachable = True

    @rule(code=st.sampled_from([None, 1000, 1001, 1011]))
    def sockets_are_dropped(self, code: int | None) -> None:
        """The center ends the sockets."""
        self.do(DropSockets(code=code))

    @rule()
    def tokens_expire(self) -> None:
        """Every token that was issued is no longer good."""
        self.do(ExpireTokens())

    @rule(
        match=_drawn(lambda model: st.sampled_from(_names(model.center))),
        kind=st.sampled_from(["fail", "lose", "swallow", "delay"]),
        times=st.integers(1, 3),
    )
    def requests_go_wrong(self, match: str, kind: str, times: int) -> None:
        """The next requests of a kind are refused, or their answers are lost or late."""
        made: dict[str, Control] = {
            # a far side that denies a thread it has cannot be told from one that lost it: its gateway fails instead
            "fail": Fail(match=match, times=times, code="gateway" if match.startswith(("Recover", "*")) else ""),
            "lose": Lose(match=match, times=times),
            "swallow": Lose(match=match, times=times, done=False),
            "delay": Delay(match=match, times=times, seconds=3),
        }
        self.do(made[kind])

    @rule(times=st.integers(1, 3))
    def pushes_are_repeated(self, times: int) -> None:
        """What the center sends next comes twice."""
        self.do(Repeat(match="*", times=times))

    @rule(seconds=st.sampled_from([0.0, 0.4, 2.0, 6.0, 11.0, 45.0]))
    def time_passes(self, seconds: float) -> None:
        """Nothing else happens for a while."""
        self.clock.advance(seconds)

    @precondition(lambda self: self.restarts)
    @rule()
    def program_restarts(self) -> None:
        """The program is stopped, and started again with the same store."""
        if self._job is not None:
            self._job.cancel()
        self.clock.advance(60)
        self._start()

    # --- the end ---

    def teardown(self) -> None:
        """Take all faults back, let all come to rest, and check."""
        if not hasattr(self, "clock"):
            return
        try:
            if self._job is not None and self._job.error is None:
                self._come_to_rest()
        finally:
            self.clock.__exit__(RuntimeError, None, None)

    def _come_to_rest(self) -> None:
        self.do(ForgetFaults())
        self.center.reachable = True
        for _ in range(_TRIES):
            if self.chat is not None and self.chat.state in (ChatState.LOST, ChatState.OFFLINE):
                self.ask(self.chat.connect)
            self.clock.advance(self.patience / _TRIES)
        if self.chat is not None:
            self._check(self.chat)
        self.at_rest()

    def _check(self, chat: Chat) -> None:
        waiting = chat._runner.waiting  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - nobody else may ask
        if waiting:
            raise AssertionError(f"the program still waits for an answer to {', '.join(waiting)}")
        if chat.state is ChatState.READY:
            self.books.compare(chat, self.center)
        elif chat.state not in (ChatState.INITIAL, ChatState.PREPARED):  # the program has left it by itself
            raise AssertionError(f"the chat is {chat.state} when all faults are over")


def _names(center: MemoryCenter) -> tuple[str, ...]:
    """Return the names of what may go wrong with a center."""
    return next(_REQUESTS[type(channel)] for channel in center.channels.values())
