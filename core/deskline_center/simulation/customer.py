"""One customer: the program that runs, is killed and started again, its store, its network, its clock."""

from collections import deque
from collections.abc import Callable
from math import inf
from typing import TYPE_CHECKING, Any

from deskline_core import commands as c
from deskline_core import inputs as i
from deskline_core.session import Session

from .app import App
from .chance import Chance
from .disk import Disk
from .network import Network
from .promises import Broken

if TYPE_CHECKING:
    from .plan import Settings
    from .world import World

__all__ = ["Customer"]

_TICK = i.Tick()
_THREAD = "thread."
"""What keys of threads begin with: their records say how far they were told."""
_MOST_TICKS = 100
"""So many times in a row a session may want to be called at one moment."""
_WRITE = (0.0, 0.001, 0.005, 0.01, 0.02, 0.05, 0.05, 0.3)
"""How many seconds a write takes."""


class Customer:
    """A customer's device. ``due`` is when its session wants to be called, in the world's time.

    ``skew`` is how far its clock is ahead of the world's. While it sleeps until ``asleep_until``, nothing reaches the
    program. ``commands_left`` counts down to a crash between two commands.
    """

    def __init__(self, world: "World", number: int, settings: "Settings") -> None:
        self.world = world
        self.number = number
        self.skew = settings.skews[number]
        self._settings = settings
        self.chance = Chance(settings.seed, settings.vendor, "network", number)
        self.disk = Disk()
        self.app = App(self)
        self.runs = 0
        self.due = inf
        self.asleep = False
        self.is_running = False
        self.commands_left = -1
        self.store_fails = False
        self.slow_writes = 0
        self._mailbox: deque[i.Input] = deque()
        self._told: dict[int, tuple[str, ...]] = {}
        self._ticks = 0
        self._ticked_at = -inf
        self._obey: dict[type, Callable[[Any], None]] = {
            c.OpenSocket: self._open_socket, c.SendFrame: self._send_frame, c.CloseSocket: self._close_socket,
            c.SendRequest: self._send_request, c.CancelRequest: self._cancel_request, c.Save: self._save,
            c.Forget: self._save, c.Answer: self.app.answered, c.Refuse: self.app.refused, c.Notify: self._notify,
        }  # fmt: skip
        self.start()

    # --- the program ---

    def start(self) -> None:
        """Start the program from what its store has."""
        self.runs += 1
        settings = self._settings
        name = f"c{self.number}.r{self.runs}"
        seed = Chance(settings.seed, settings.vendor, "session", self.number, self.runs).seed()
        self.session = Session(
            settings.site, policy=settings.policy, seed=seed, restored=dict(self.disk.kept), durable=True
        )
        self.network = Network(self, name, self.chance)
        self.is_running = True
        self.due = inf
        self.commands_left = -1
        self.world.started(self)
        self.app.started()

    def crash(self, pick: int) -> None:
        """Kill the program, and start it again after a while."""
        if not self.is_running:
            return
        self.world.count("crash")
        self.is_running = False
        self.due = inf
        self._mailbox.clear()
        self.network.abandon()
        self._told.clear()
        self.app.killed()
        self.disk.crash(pick % (self.disk.unconfirmed + 1))
        self.world.after(0.1 if self.world.is_calm else (0.1, 1.0, 5.0, 40.0)[pick % 4], self.start_again)

    def start_again(self) -> None:
        """Start the program, if it does not run."""
        if not self.is_running:
            self.start()

    def feed(self, input: i.Input) -> None:
        """Hand something to the program; while it sleeps, that waits."""
        if not self.is_running:
            return
        if self.asleep:
            self._mailbox.append(input)
            return
        session = self.session
        commands = session.handle(input, now=self.world.now + self.skew)
        self.world.noted(self, input, commands)
        due = session.next_deadline
        self.due = inf if due is None else due - self.skew
        for command in commands:
            if self.commands_left >= 0:
                if self.commands_left == 0:
                    self.crash(self.number + self.runs)
                    return
                self.commands_left -= 1
            self._obey[type(command)](command)

    def tick(self) -> None:
        """A deadline is due."""
        now = self.world.now
        self._ticks = self._ticks + 1 if self._ticked_at == now else 0
        self._ticked_at = now
        if self._ticks > _MOST_TICKS:
            raise self.broken("no busy loop", "a session is called again and again at one moment")
        self.feed(_TICK)

    def broken(self, promise: str, says: str) -> Broken:
        """Return what is raised where a promise to this customer is broken."""
        return Broken(promise, says, self.number)

    # --- the machine sleeps ---

    def sleep(self, seconds: float) -> None:
        """Suspend the machine for a while: time passes, and the program does not run."""
        if not self.asleep:
            self.asleep = True
            self.due = inf
            self.network.cut_all()
            self.world.after(seconds, self.wake)

    def wake(self) -> None:
        """Go on: what came meanwhile is there, and what is due."""
        if not self.asleep:
            return
        self.asleep = False
        self.feed(_TICK)
        while self._mailbox and not self.asleep:
            self.feed(self._mailbox.popleft())

    # --- commands ---

    def _open_socket(self, command: c.OpenSocket) -> None:
        if any(not line.is_told for line in self.network.lines.values()):
            self._check_alone()
        self.network.open_socket(command)

    def _check_alone(self) -> None:
        """A new socket waits for the end of the old one, or the policy's time for it."""
        if any(not line.is_closing and not line.is_cut for line in self.network.lines.values()):
            raise self.broken("at most one socket per session", "a second one is opened")

    def _send_frame(self, command: c.SendFrame) -> None:
        self.network.send_frame(command)

    def _close_socket(self, command: c.CloseSocket) -> None:
        self.network.close_socket(command)

    def _send_request(self, command: c.SendRequest) -> None:
        if command.held and self.network.is_polling:
            raise self.broken("at most one poll at a time", "a second one is sent")
        self.network.send_request(command)

    def _cancel_request(self, command: c.CancelRequest) -> None:
        self.network.cancel_request(command)

    def _notify(self, command: c.Notify) -> None:
        self.app.told(command.event)

    def _save(self, command: c.Save | c.Forget) -> None:
        self.disk.write(command)
        if isinstance(command, c.Save) and command.key.startswith(_THREAD):
            self._told[command.id] = self.app.heard_of(command.key.removeprefix(_THREAD))
        seconds = 0.01 if self.world.is_calm else self.chance.among(_WRITE)
        if self.slow_writes:
            self.slow_writes -= 1
            seconds = 12.0
        self.world.after(seconds, self._written, self.runs, command)

    def _written(self, run: int, command: c.Save | c.Forget) -> None:
        if run != self.runs or not self.is_running or not self.disk.holds(command):
            return
        while self.disk.holds(command):
            if self.store_fails:
                report: i.Input = i.SaveFailed(id=self.disk.fail(), reason="disk full")
            else:
                report = i.Saved(id=self.disk.confirm())
                self.app.kept(self._told.pop(report.id, ()))
            self.feed(report)
            if not self.is_running:
                return
