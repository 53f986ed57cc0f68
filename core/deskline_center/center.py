"""The center as a whole: inputs in, commands out, no I/O."""

from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from .brightpattern.channel import BrightPatternChannel, default_channel
from .brightpattern.wire import BrightPattern
from .commands import AnswerControl, Command, RefuseControl
from .controls import Control
from .cxone.channel import CXoneChannel, default_channels
from .cxone.wire import CXone
from .floor import AGENTS, Floor
from .inputs import FrameArrived, RequestArrived, RequestGone, SocketArrived, SocketGone, Tick
from .model import Agent, Channel, Thread
from .news import News, channel_of
from .operator import Impossible, Operator
from .overview import overview
from .parse import tame
from .running import Runs
from .scripts import ECHO, Script

__all__ = ["Center", "Input"]

Input = RequestArrived | RequestGone | SocketArrived | FrameArrived | SocketGone | Tick | Control


class Center:
    """A contact center without a clock, a network or chance.

    ``handle`` is the only way in. The same inputs at the same times, with the same ``seed``, give the same commands,
    byte for byte. ``base_url`` is where clients reach the center: the URLs it hands out begin with it. ``agents``
    must not be empty: the first serves where none is named. Times are UTC seconds.
    """

    def __init__(
        self,
        *,
        channels: Sequence[Channel] | None = None,
        scripts: Sequence[Script] = (),
        agents: Sequence[Agent] = AGENTS,
        seed: str = "center",
        base_url: str = "http://center.test",
    ) -> None:
        self._commands: list[Command] = []
        self._floor = Floor(channels=_usual() if channels is None else channels, agents=agents, seed=seed)
        self._floor.scripts = {script.name: script for script in (ECHO, *scripts)}
        self._cxone = CXone(self._floor, self._emit, base_url)
        self._brightpattern = BrightPattern(self._floor, self._emit)
        self._floor.languages = {BrightPatternChannel: self._brightpattern, CXoneChannel: self._cxone}
        runs = Runs(self._floor)
        self._operator = Operator(self._floor, runs)
        self._floor.listeners += [self._tell, runs.tell]
        self._serve: dict[type, Callable[[Any], None]] = {
            RequestArrived: self._request,
            RequestGone: self._request_gone,
            SocketArrived: self._cxone.socket_arrived,
            FrameArrived: self._cxone.frame,
            SocketGone: self._cxone.socket_gone,
            Tick: lambda _tick: None,
        }

    def _request(self, request: RequestArrived) -> None:
        """Give a request to the language whose path it names."""
        next(language for language in self._floor.languages.values() if language.serves(request.path)).request(request)

    def _request_gone(self, gone: RequestGone) -> None:
        for language in self._floor.languages.values():
            language.request_gone(gone)

    def _tell(self, news: News) -> None:
        self._floor.language(channel_of(news)).tell(news)

    def _emit(self, command: Command) -> None:
        self._commands.append(command)

    @property
    def next_deadline(self) -> float | None:
        """When the center wants to be called again at the latest, in UTC seconds; None when nothing is due."""
        return self._floor.deadlines.next

    def handle(self, input: Input, *, now: float) -> list[Command]:
        """Take one input at ``now`` (UTC seconds; it never goes back) and return the commands, in order.

        Whatever was due is served first, each thing at its own time. Nothing that a client sends makes this raise.
        """
        now = max(now, self._floor.now)
        self._serve_due(now)
        self._floor.now = now
        if isinstance(input, Control):
            self._control(input)
        else:
            self._serve[type(input)](input)
        self._serve_due(now)
        commands, self._commands = self._commands, []
        return commands

    def _serve_due(self, now: float) -> None:
        while (due := self._floor.deadlines.take(now)) is not None:
            at, call = due
            self._floor.now = max(self._floor.now, at)
            call()

    def _control(self, control: Control) -> None:
        try:
            value = self._operator.do(_checked(control))
        except Impossible as reason:
            self._emit(RefuseControl(id=control.id, message=str(reason)))
        else:
            self._emit(AnswerControl(id=control.id, value=value))

    def thread(self, channel: str, id: str) -> Thread | None:
        """Return a thread of a channel by the client's id for it, to be looked at."""
        return self._floor.threads.get((channel, id))

    def overview(self) -> dict[str, Any]:
        """Return the state of the center as plain JSON values, for the operator to look at."""
        return overview(self._floor)


def _usual() -> tuple[Channel, ...]:
    """Return the channels that a center has if none are given."""
    return (*default_channels(), default_channel())


def _checked(control: Control) -> Control:
    """Return a control as it would come by JSON; raise Impossible for one that could not."""
    try:
        given = msgspec.json.decode(msgspec.json.encode(control))
        if tame(given):
            return msgspec.convert(given, type(control))
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError) as problem:
        raise Impossible(str(problem)) from problem
    except RecursionError:
        pass
    raise Impossible("the control is nested too deep")
