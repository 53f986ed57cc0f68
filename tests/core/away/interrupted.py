"""A conversation that is interrupted at any moment: out of sight and back, a suspended machine, a lost connection.

Session and center are joined in memory, but what comes back is delivered one report at a time; a *moment* is the place
between two deliveries. Whatever happens there, the app goes on with its script afterwards. In the end both sides must
agree, and the app must have what an untouched twin has.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from deskline.testing import Pair
from deskline_center import controls as k
from deskline_center.brightpattern import BrightPatternChannel
from deskline_center.cxone import BRAND, CXoneChannel, channel_id
from deskline_center.inputs import SocketGone
from deskline_center.inputs import Tick as CenterTick
from deskline_center.model import Channel
from deskline_center.model import Thread as CenterThread
from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.events import (
    ChatStateChanged,
    HistoryLoaded,
    MessageReceived,
    ReauthenticationNeeded,
    ThreadEnded,
)
from deskline_core.lifecycle import Intent, Visibility
from deskline_core.model import PushNetwork
from deskline_core.policy import DEFAULT_POLICY, Policy
from deskline_core.presence import Presence
from deskline_core.values import Secret

Act = Callable[["Interrupted"], None]
Script = Sequence[Act]
_PATIENCE = 400
"""Seconds within which whatever an app waits for has come, after any loss."""
_OURS = (i.Saved, i.SaveFailed, i.SocketClosed)
"""Reports that no loss of the network takes: they are made on this side."""
_ABSENT = 100
"""Seconds after which whoever waits for something has a look at the app."""
_UNSEEN = ("Begin Conversation", "")
"""What opens a live chat, and what asks whether the customer is there: both are messages, and no app sees them."""
ARRIVED = ("sent", "delivered", "seen")


class Interrupted(Pair):
    """A pair in whose ``plan`` stands what happens at which moment. ``delivered`` counts the moments."""

    def __init__(self, channel: Channel, *, plan: Mapping[int, Script], policy: Policy) -> None:
        super().__init__(channel, policy=policy)
        self.channel = channel
        self.plan = dict(plan)
        self.delivered = 0
        self.said: dict[str, str] = {}
        self.sockets: set[int] = set()
        self.thread_id = ""
        self.ticks = self.moments = 0
        self.was_left = False
        self.logins = 0

    # --- what comes back, one at a time ---

    def put(self, input: i.Input | i.AppRequest) -> None:
        """Hand in anything; what follows from it is delivered later."""
        for command in self.session.handle(input, now=self.now):  # type: ignore[arg-type]
            self.log.append(command)
            self._obey(command)
        due = self.session.next_deadline
        assert due is None or due >= self.now, f"a deadline in the past after {input!r}"

    def drain(self) -> None:
        """What came is delivered by :meth:`quiet` alone."""

    def quiet(self) -> None:
        """Deliver until nothing is on its way; the moment may come between any two."""
        while True:
            for act in self.plan.pop(self.delivered, ()):
                act(self)
            if not self._inputs:
                return
            self.delivered += 1
            self.put(self._inputs.popleft())

    def _open(self, socket: int, url: str) -> None:
        assert not self.sockets, "a second socket"
        if self.network:
            self.sockets.add(socket)
        super()._open(socket, url)

    def _close(self, socket: int, code: int) -> None:
        if self._socket == socket:
            super()._close(socket, code)
        else:  # lost, and nobody noticed until now
            self._inputs.append(i.SocketClosed(socket=socket, code=code))

    def _obey(self, command: c.Command) -> None:
        super()._obey(command)
        if isinstance(command, c.CloseSocket):
            self.sockets.discard(command.socket)

    # --- time ---

    def advance(self, seconds: float) -> None:
        """Let time pass on both sides."""
        end = self.now + seconds
        while True:
            self.quiet()
            due = [at for at in (self.session.next_deadline, self.center.next_deadline) if at is not None and at <= end]
            if not due:
                break
            self.now = max(self.now, min(due))
            self._from_center(self.center.handle(CenterTick(), now=self.now))
            self.ticks += 1
            self.put(i.Tick())
        self.now = max(self.now, end)

    def sleep(self, seconds: float) -> None:
        """The machine is suspended: time passes for the center alone, and then the session finds it gone."""
        self._from_center(self.center.handle(CenterTick(), now=self.now + seconds))
        self.now += seconds
        self.put(i.Tick())

    def until(self, what: Callable[[], object]) -> None:
        """Wait for something, as an app does."""
        self.quiet()
        for second in range(_PATIENCE):
            if what():
                return
            if second % _ABSENT == _ABSENT - 1:
                self.do(i.EnterActive)
            self.log_in()
            if self.gave_up:
                assert not self.was_ready or self.was_left, "a chat that was ready gives up"
                self.do(i.Open)
            self.advance(1)
        raise AssertionError(f"it never came about; the chat is {self.session.state}")

    # --- the network ---

    def lose_all(self, *, reported: bool) -> None:
        """Every connection is lost, with what is on its way back; told at once, or left to be found out."""
        on_the_way = list(self._inputs)
        self._inputs.clear()
        self._inputs += [report for report in on_the_way if isinstance(report, _OURS)]
        socket, self._socket = self._socket, None
        if socket is not None:
            self._from_center(self.center.handle(SocketGone(socket=str(socket), code=None), now=self.now))
        answered = [report.id for report in on_the_way if isinstance(report, i.ResponseReceived | i.RequestFailed)]
        asked = sorted({*self._asked, *answered})
        if not reported:
            self._asked.clear()
            self._parts.clear()
            return
        for request in asked:
            self._drop(request)
            self._inputs.append(i.RequestFailed(id=request, sent="maybe", reason="cut"))
        if socket is not None:
            self.sockets.discard(socket)
            self._inputs.append(i.SocketClosed(socket=socket))

    def _socket_report(self, command: Any) -> i.Input | None:
        report = super()._socket_report(command)
        if isinstance(report, i.SocketClosed):
            self.sockets.discard(report.socket)
        return report

    # --- what the app does ---

    def log_in(self) -> None:
        """Log in, as often as the chat has asked for it."""
        for _ in range(len(self.told(ReauthenticationNeeded)) - self.logins):
            self.logins += 1
            self.do(i.Authenticate, code=Secret("code-0"))
            self.do(i.Open)

    @property
    def presence(self) -> Presence:
        """What the user wants, and whether the app is in sight."""
        presence: Presence = self.session._vendor.presence  # type: ignore[attr-defined]
        return presence

    @property
    def gave_up(self) -> bool:
        """Whether the chat rests and will not go on by itself, as after a first attempt that failed (S8, S22, D616)."""
        is_unwanted = self.session.state == "prepared" and self.presence.intent != Intent.WANTED
        return is_unwanted or self.session.state in ("initial", "lost")

    @property
    def was_ready(self) -> bool:
        """Whether the app was told that the chat is ready, ever."""
        return any(event.state == "ready" for event in self.told(ChatStateChanged))

    @property
    def is_over(self) -> bool:
        """Whether the conversation has ended, as far as the app knows."""
        thread = self.session.threads.get(self.thread_id)
        return thread is not None and thread.state == "ended"

    def status(self, message: str) -> str:
        """Return what became of a message."""
        messages = [x for thread in self.session.threads.values() for x in thread.messages]
        return next((x.status for x in messages if x.id == message), "gone")

    def until_settled(self, message: str) -> None:
        """Wait until it is known what became of a message; of one in a chat that is gone, nobody may ever know."""
        known = (*ARRIVED, "failed")
        self.until(lambda: self.status(message) in known or (self.is_over and self.status(message) == "uncertain"))

    def asked(self, kind: type[i.AppRequest], **fields: object) -> Any:
        """Ask, and wait for the answer; None if it was refused."""
        number = self.do(kind, **fields)
        self.until(lambda: number in self.answers or number in self.refusals)
        return self.answers.get(number)

    # --- what the center knows ---

    @property
    def far(self) -> CenterThread:
        """The center's side of the conversation."""
        return self.center._floor.threads[self.channel.id, self.thread_id]

    @property
    def is_known(self) -> bool:
        """Whether the center knows it, with a contact that agents can take."""
        thread = self.center._floor.threads.get((self.channel.id, self.thread_id))
        return thread is not None and thread.contact is not None

    def text(self, content: dict[str, Any]) -> str:
        """Return the words of one of the center's messages."""
        return self.center._floor.language(self.channel).words(content)


# --- the script ---


def opens(chat: Interrupted) -> None:
    """The app opens the chat."""
    chat.do(i.Open)


def registers(chat: Interrupted) -> None:
    """The app says where pushes go."""
    chat.do(i.RegisterDevice, token=Secret("device"), network=PushNetwork.FIREBASE_ANDROID, app="app")


def authenticates(chat: Interrupted) -> None:
    """The customer logs in; once more whenever that is asked for."""
    chat.do(i.Authenticate, code=Secret("code-0"))


def starts(chat: Interrupted) -> None:
    """The app begins a conversation; once more, if it could not be."""
    for _ in range(3):
        chat.thread_id = chat.asked(i.StartThread) or ""
        if chat.thread_id:
            return
        chat.do(i.Open)
    raise AssertionError([refusal.message for refusal in chat.refusals.values()])


def says(*texts: str) -> Act:
    """The customer writes, all at once, and what fails is sent again as often as it fails."""

    def act(chat: Interrupted) -> None:
        if chat.is_over:
            return
        messages = []
        for text in texts:
            number = chat.do(i.SendMessage, thread=chat.thread_id, text=text)
            if number in chat.answers:
                messages.append(chat.answers[number])
                chat.said[chat.answers[number]] = text
        chat.quiet()
        for message in messages:
            chat.until_settled(message)
            while chat.status(message) == "failed" and not chat.is_over:
                chat.do(i.RetryMessage, message=message)
                chat.until_settled(message)

    return act


def agent(control: Callable[..., k.Control], **fields: Any) -> Act:
    """The agent does something."""

    def act(chat: Interrupted) -> None:
        if not chat.is_over:
            chat.until(lambda: chat.is_known or chat.is_over)
            chat.control(control(thread=chat.thread_id, **fields))

    return act


def app(kind: type[i.AppRequest]) -> Act:
    """The app asks something about the conversation, and does not wait."""

    def act(chat: Interrupted) -> None:
        chat.do(kind, thread=chat.thread_id)

    return act


TALK: Script = (
    opens, starts, says("one"), agent(k.AgentJoins), agent(k.AgentSays, text="a1"), agent(k.AgentTypes),
    says("two", "three"), agent(k.AgentSays, text="a2"), agent(k.AgentSays, text="a3"), app(i.MarkRead),
)  # fmt: skip


def ends(chat: Interrupted) -> None:
    """The customer ends it: asked again until it is so, where it can be ended at all."""
    if isinstance(chat.channel, CXoneChannel) and chat.channel.mode != "live":
        return
    chat.do(i.EndThread, thread=chat.thread_id)
    chat.quiet()
    while not chat.is_over:
        chat.until(lambda: chat.session.state == "ready" or chat.is_over)
        chat.asked(i.EndThread, thread=chat.thread_id)


ENDINGS: dict[str, Script] = {
    "goes on": (),
    "agent": (agent(k.CloseContact),),
    "customer": (ends,),
}


# --- what happens at the moment ---


def away(chat: Interrupted) -> None:
    """The app leaves its user's sight."""
    chat.do(i.EnterBackground)


def back(chat: Interrupted) -> None:
    """It is in sight again."""
    chat.do(i.EnterActive)


def passes(seconds: float) -> Act:
    """Time passes."""
    return lambda chat: chat.advance(seconds)


def meanwhile(control: Callable[..., k.Control], **fields: Any) -> Act:
    """The agent does something, if there is a conversation to do it in; the app may not know."""

    def act(chat: Interrupted) -> None:
        if chat.is_known:
            chat.control(control(thread=chat.thread_id, **fields))

    return act


def loses(loss: str) -> Act:
    """Every connection is lost."""
    return lambda chat: chat.lose_all(reported=loss == "reported")


def sleeps(seconds: float, loss: str = "") -> Act:
    """The machine is suspended, and its connections may be lost with it."""

    def act(chat: Interrupted) -> None:
        if loss:
            chat.lose_all(reported=loss == "reported")
        chat.sleep(seconds)

    return act


LEAVING: dict[str, Script] = {"once": (away,), "often": (away, back, away, away, back, back, away)}
JUMPS = (0, 60, 5 * 3600)
LOSSES = ("", "reported", "unreported")


def ways() -> Iterator[tuple[str, Script]]:
    """Every way to be away: how often it was said, for how long, awake or asleep, and what became of connections."""
    for jump in JUMPS:
        for often, leaving in LEAVING.items():
            yield f"{often}, awake for {jump} s", (*leaving, passes(jump), back)
            for loss in LOSSES:
                yield f"{often}, asleep at once for {jump} s, loss {loss}", (*leaving, sleeps(jump, loss), back)
                slept = (*leaving, passes(1), sleeps(jump, loss), passes(1), back)
                yield f"{often}, asleep when at rest for {jump} s, loss {loss}", slept
        for loss in LOSSES:
            yield f"in sight, asleep for {jump} s, loss {loss}", (sleeps(jump, loss),)
            yield f"in sight, asleep for {jump} s, loss {loss}, said to be back", (sleeps(jump, loss), back)


# --- the end ---


@dataclass
class Ended:
    """What both sides have in the end."""

    state: str = ""
    thread: str = ""
    reason: str | None = None
    texts: list[tuple[bool, str]] = field(default_factory=list)
    agent: str = ""


def play(
    channel: Channel, script: Script, plan: Mapping[int, Script] | None = None, *, policy: Policy = DEFAULT_POLICY
) -> Interrupted:
    """Play a script, with what the plan says at its moments; then let all come to rest."""
    chat = Interrupted(channel, plan=plan or {}, policy=policy)
    for step in script:
        step(chat)
        chat.quiet()
    chat.plan.clear()
    if chat.presence.visibility != Visibility.ACTIVE:
        chat.do(i.EnterActive)
    chat.moments = chat.delivered
    chat.advance(30)  # by then every loss is found out
    chat.until(lambda: chat.session.state == "ready" and len(chat.told(ReauthenticationNeeded)) == chat.logins)
    ticks = chat.ticks
    chat.advance(90)
    assert chat.ticks - ticks < 400, "it spins"
    return chat


def agree(chat: Interrupted) -> None:
    """Both sides agree, and the app was told everything once and in order."""
    waiting = {n for n in range(1, chat._requests + 1) if n not in chat.answers and n not in chat.refusals}
    assert not waiting, waiting
    thread = chat.session.threads[chat.thread_id]
    far = [(x.outbound, chat.text(x.content)) for x in chat.far.messages]
    far = [(outbound, text) for outbound, text in far if text not in _UNSEEN]
    shown = [(not x.mine, x.text) for x in thread.messages if x.status != "failed"]
    doubtful = [(False, x.text) for x in thread.messages if x.status == "uncertain"]
    assert _ordered(chat, [x for x in shown if x not in doubtful]) == _ordered(
        chat, [x for x in far if x not in doubtful]
    )
    for message, text in chat.said.items():
        if chat.status(message) == "uncertain":
            assert chat.is_over
        else:
            assert far.count((False, text)) == (chat.status(message) in ARRIVED), (text, chat.status(message))
    told = [
        message.text
        for event in chat.events
        if isinstance(event, MessageReceived | HistoryLoaded)
        for message in ((event.message,) if isinstance(event, MessageReceived) else event.messages)
        if not message.mine
    ]
    assert told == [text for outbound, text in far if outbound]
    states = [event.state for event in chat.told(ChatStateChanged)]
    said_again = chat.was_left  # a connect that is redundant is told where the chat stands (S15)
    assert said_again or all(one != other for one, other in pairwise(states)), states
    assert len(chat.told(ThreadEnded)) <= len(chat.session.threads)


def _ordered(chat: Interrupted, messages: list[tuple[bool, str]]) -> list[tuple[bool, str]]:
    """Return them in an order that both sides know: with whole seconds on the wire it is that of each sender alone."""
    return messages if isinstance(chat.channel, CXoneChannel) else sorted(messages, key=lambda message: message[0])


def outcome(chat: Interrupted) -> Ended:
    """Return what an app sees in the end."""
    thread = chat.session.threads[chat.thread_id]
    texts = _ordered(chat, [(x.mine, x.text) for x in thread.messages])
    return Ended(
        str(chat.session.state), str(thread.state), thread.reason, texts, thread.agent.name if thread.agent else ""
    )


def cxone(mode: Any, session: Any) -> CXoneChannel:
    """Return one of CXone's channels."""
    return CXoneChannel(id=channel_id(mode, session), mode=mode, session=session, brand=BRAND)


def brightpattern(**settings: Any) -> BrightPatternChannel:
    """Return a channel of Bright Pattern whose chats live on, and can be read when they are over."""
    usual = {"unresponsive": None, "inactivity": None, "history_after_end": 86_400.0}
    return BrightPatternChannel(id="harbour-chat", **{**usual, **settings})
