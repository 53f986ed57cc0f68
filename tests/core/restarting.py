"""Runs of a durable session with the pure center and a store, the first of which may die between any two commands.

What a dead run had sent stays sent; what it had not written down is lost, and with it whatever was to be reported.
"""

from collections import deque
from typing import Any, Final, Literal

from deskline_center import Center
from deskline_center.brightpattern import BrightPatternChannel
from deskline_center.brightpattern.contents import words as bright_pattern_words
from deskline_center.controls import AgentJoins, AgentSays, Control
from deskline_center.cxone import BRAND, CXoneChannel, channel_id
from deskline_center.cxone.messages import words as cxone_words
from deskline_center.inputs import RequestGone, SocketGone
from deskline_center.model import Channel
from deskline_core import commands as c
from deskline_core import events as e
from deskline_core import inputs as i
from deskline_core.lifecycle import MessageStatus
from deskline_core.model import Upload
from deskline_core.policy import DEFAULT_POLICY, Policy
from deskline_core.session import Session
from tests.pair import START, Pair

Repeated = Literal["store", "drop"]
NOTE: Final = Upload(name="note.txt", content=b"note", mime_type="text/plain")
ARRIVED: Final = (MessageStatus.DELIVERED, MessageStatus.SEEN)
LAG: Final = 0.2
"""How long a slow store takes for each of what it is told, in seconds."""


class CrashError(Exception):
    """The process has died."""


def channels(repeated: Repeated = "store") -> dict[str, Channel]:
    """Return a channel of each kind, by name."""
    found: dict[str, Channel] = {"bright pattern": BrightPatternChannel(id="shop", repeated_message=repeated)}
    for mode in ("single", "multi", "live"):
        for style in ("legacy", "secured"):
            found[f"{mode} {style}"] = CXoneChannel(
                id=channel_id(mode, style), mode=mode, session=style, brand=BRAND, repeated_message=repeated
            )
    return found


class World:
    """A center, a store's records, and what the app knows over all runs of its chat.

    ``accepted`` are the texts that ``send`` returned for, by message, in order; ``news`` and ``pages`` are the texts of
    the other side that came as such, run by run; ``noted`` is what a run that died had surely noted as told,
    and ``repeated`` are the customer's own that came as news.
    """

    def __init__(self, kind: str, *, policy: Policy = DEFAULT_POLICY, repeated: Repeated = "store") -> None:
        self.channel = channels(repeated)[kind]
        self.center = Center(base_url="http://localhost:8080", channels=[self.channel])
        self.policy = policy
        self.store: dict[str, str] = {}
        self.now = START
        self.accepted: dict[str, str] = {}
        self.news: list[list[str]] = []
        self.pages: list[list[str]] = []
        self.noted: set[str] = set()
        self.repeated: set[str] = set()
        self.runs = 0

    def run(self, *, dies_at: int = -1, lag: float = 0.0) -> "Run":
        """Start another run, which dies before it obeys the command of this number, if any."""
        self.runs += 1
        return Run(self, dies_at, lag)

    def there(self) -> list[tuple[str, str, bool]]:
        """Return what the center has of the newest thread: id, text, and whether an agent said it."""
        threads = list(self.center._floor.threads.values())
        return [
            (message.external_id, bright_pattern_words(message.content) or cxone_words(message.content),
             message.outbound)
            for message in (threads[-1].messages if threads else ())
        ]  # fmt: skip

    def customers(self) -> list[str]:
        """Return the ids of the customer's messages at the center that an app had handed in, in its order."""
        return [id for id, _, is_agents in self.there() if not is_agents and id in self.accepted]


class Run(Pair):
    """One run of the app: a session that is durable, until it dies or is left."""

    def __init__(self, world: World, dies_at: int, lag: float) -> None:
        super().__init__(world.channel, center=world.center, now=world.now)
        seed = f"seed of run {world.runs}".encode().ljust(16)
        self.session = Session(self.site, policy=world.policy, seed=seed, restored=dict(world.store), durable=True)
        self.world = world
        self.obeyed = 0
        self.dies_at = dies_at
        self.lag = lag
        self.stored: deque[tuple[float, c.Save | c.Forget]] = deque()
        self.texts: dict[int, str] = {}
        self.told_at: dict[str, float] = {}
        world.news.append([])
        world.pages.append([])

    # --- the app ---

    def send(self, thread: str, text: str, **more: Any) -> int:
        """Have a message sent; whether it is accepted, the answer tells."""
        self.texts[self._requests + 1] = text
        return self.do(i.SendMessage, thread=thread, text=text, **more)

    def agent(self, control: Control) -> None:
        """Let the operator do something."""
        self.control(control)

    # --- the surroundings ---

    def drain(self) -> None:
        while self._inputs:
            for command in self.session.handle(self._inputs.popleft(), now=self.now):
                if self.obeyed == self.dies_at:
                    raise CrashError
                self.obeyed += 1
                self.log.append(command)
                self._obey(command)

    def _obey(self, command: c.Command) -> None:
        match command:
            case c.Save() | c.Forget() if self.lag:
                due = max([self.now, *(due for due, _ in self.stored)]) + self.lag
                self.stored.append((due, command))
            case c.Save() | c.Forget():
                self._store(command)
                self._inputs.append(i.Saved(id=command.id))
            case _:
                super()._obey(command)
        match command:
            case c.Answer(request=request, value=str(id)) if request in self.texts:
                self.world.accepted[id] = self.texts[request]
            case c.Notify(event=e.MessageReceived(message=message)) if not message.mine:
                self.world.news[-1].append(message.text)
                self.told_at[message.text] = self.now
            case c.Notify(event=e.MessageReceived(message=message)):
                self.world.repeated.add(message.id)
            case c.Notify(event=e.MessageStatusChanged(message=id, status=status)) if status in ARRIVED:
                self.told_at.setdefault(id, self.now)
            case c.Notify(event=e.HistoryLoaded(messages=messages)):
                self.world.pages[-1] += [message.text for message in messages if not message.mine]
            case _:
                pass

    def _store(self, command: c.Save | c.Forget) -> None:
        if isinstance(command, c.Save):
            self.world.store[command.key] = command.value.reveal()
        else:
            for key in command.keys:
                self.world.store.pop(key, None)

    def advance(self, seconds: float) -> None:
        end = self.now + seconds
        while self.stored or self.session.next_deadline is not None or self.center.next_deadline is not None:
            deadlines = (self.session.next_deadline, self.center.next_deadline)
            due = min((deadline for deadline in deadlines if deadline is not None), default=end + 1)
            if self.stored and self.stored[0][0] <= min(due, end):
                at, command = self.stored.popleft()
                self.now = max(self.now, at)
                self._store(command)
                self.put(i.Saved(id=command.id))
            elif due <= end:
                super().advance(max(0.0, due - self.now))
            else:
                break
        self.now = end

    def die(self, *, stored: int = 0) -> None:
        """The process is gone. So many of what the store had still to do were done all the same."""
        for _, command in list(self.stored)[:stored]:
            self._store(command)
        if self._socket is not None:
            self.center.handle(SocketGone(socket=str(self._socket), code=None), now=self.now)
        for request in sorted(self._asked):
            self.center.handle(RequestGone(id=str(request)), now=self.now)
        self.world.now = self.now + 1


def conversation(run: Run) -> None:
    """A whole chat: messages in a row, a file, a loss, what is written meanwhile, and an agent who goes on talking."""
    run.do(i.Open)
    run.advance(3)
    number = run.do(i.StartThread)
    run.advance(2)
    thread = run.answers[number]
    run.send(thread, "1")
    run.advance(1)
    run.agent(AgentJoins())
    run.agent(AgentSays(text="a1"))
    run.send(thread, "2")
    run.send(thread, "3")
    run.advance(2)
    run.lose()
    run.agent(AgentSays(text="a2"))
    run.send(thread, "4")
    run.send(thread, "5", attachments=(NOTE,))
    run.send(thread, "6")
    run.advance(20)
    run.agent(AgentSays(text="a3"))
    run.agent(AgentSays(text="a4"))
    run.send(thread, "7")
    run.advance(3)


def settled(run: Run) -> dict[str, MessageStatus]:
    """Return what the app sees of its outbox."""
    return {message.id: message.status for message in run.session.outbox}
