"""One customer's network: what is on its way between a session and the center, and what becomes of it there.

Order holds in each direction of a socket, and nowhere else. A connection that is cut may have brought some of what was
under way, late; the rest is lost, and of some of that it is certain that it was never written.
"""

from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar, Final, Literal
from urllib.parse import unquote, urlsplit

from deskline_core import commands as c
from deskline_core import inputs as i

from ..commands import Abandon, AcceptSocket, Continue, Drop, Push, RefuseSocket, Respond
from ..inputs import FrameArrived, RequestArrived, RequestGone, SocketArrived, SocketGone
from .chance import Chance
from .parcels import Fate, Line, Parcel, Strike, Trip

if TYPE_CHECKING:
    from .customer import Customer

__all__ = ["Network"]

_DELAYS: Final = (0.002, 0.005, 0.01, 0.01, 0.02, 0.02, 0.03, 0.03, 0.05, 0.05, 0.08, 0.1, 0.15, 0.3, 0.6, 1.5)
_NOTICED: Final = (0.0, 0.0, 0.05, 1.0, 15.0)
"""After how many seconds the center learns that a connection is gone."""
_SILENT_CLOSE: Final = 1.0


class Network:
    """Carries what one program sends and is sent. A new one comes with each start of the program.

    While it is not ``is_up`` nothing connects. ``strikes`` wait for parcels; while the world is calm there are none.
    """

    def __init__(self, customer: "Customer", name: str, chance: Chance) -> None:
        self._customer = customer
        self._world = customer.world
        self._name = name
        self._chance = chance
        self.is_up = True
        self.strikes: list[Strike] = []
        self.lines: dict[int, Line] = {}
        self.trips: dict[int, Trip] = {}
        self._arrivals = {
            "handshake": self._handshake, "frame": self._frame, "push": self._push, "request": self._request,
            "answer": self._answer,
        }  # fmt: skip

    @property
    def line(self) -> Line | None:
        """The socket that is open or opening, if there is one."""
        return next((line for line in self.lines.values() if not line.is_cut and not line.is_closing), None)

    @property
    def is_polling(self) -> bool:
        """Whether a poll is held."""
        return any(trip.command.held and trip.was_there for trip in self.trips.values())

    @property
    def is_busy(self) -> bool:
        """Whether something is under way besides polls that may be held, or a loss has not shown yet."""
        now = self._world.now
        return any(line.is_silent or line.up_at > now or line.down_at > now for line in self.lines.values()) or any(
            not trip.command.held or not trip.was_there or trip.is_silent or trip.down_at > now
            for trip in self.trips.values()
        )

    # --- what the program has it do ---

    def open_socket(self, command: c.OpenSocket) -> None:
        """Begin to connect."""
        line = Line(f"{self._name}.{command.socket}", command.socket)
        self.lines[command.socket] = line
        self._world.lines[line.name] = self, line
        if self.is_up:
            self._up(Parcel("handshake", line, command))
        else:
            self._world.after(0.02, self._tell_closed, line, None, None)

    def send_frame(self, command: c.SendFrame) -> None:
        """Write a frame."""
        line = self.lines.get(command.socket)
        if line is None:
            return
        if line.is_cut:
            line.unwritten.append(command.frame)
        else:
            line.flying.append(command.frame)
            self._up(Parcel("frame", line, command))

    def close_socket(self, command: c.CloseSocket) -> None:
        """Close in order, behind what was written; where nobody answers, alone."""
        line = self.lines.get(command.socket)
        if line is None or line.is_cut or line.is_closing:
            return
        line.is_closing = True
        if line.is_silent:
            self._world.after(_SILENT_CLOSE, self._tell_closed, line, None, None)
            self._world.after(30.0, self._gone, line, None)
        else:
            at = max(self._world.now + self._delay(), line.up_at)
            self._world.later(at, self._gone, line, command.code)
            self._world.later(at, self._tell_closed, line, command.code, None)

    def send_request(self, command: c.SendRequest) -> None:
        """Send a request."""
        trip = Trip(f"{self._name}.{command.id}", command)
        self.trips[command.id] = trip
        self._world.trips[trip.name] = self, trip
        if self.is_up:
            self._up(Parcel("request", trip, command))
        else:
            self._world.after(0.02, self._fail, trip, "no")

    def cancel_request(self, command: c.CancelRequest) -> None:
        """Wait for an answer no more."""
        trip = self.trips.pop(command.id, None)
        if trip is not None:
            self._let_go(trip)

    # --- what the center has it do ---

    def to_socket(self, line: Line, command: Push | AcceptSocket | RefuseSocket | Drop) -> None:
        """Carry what the center does with a socket down to the program."""
        if line.is_silent:
            return
        if isinstance(command, Push):
            self._down(Parcel("push", line, i.FrameReceived(socket=line.number, text=command.text)), line)
        elif isinstance(command, AcceptSocket):
            self._down(Parcel("push", line, i.SocketOpened(socket=line.number)), line)
        elif isinstance(command, RefuseSocket):
            self._end(line, None, command.status)
        else:
            self._end(line, command.code, None)

    def to_request(self, trip: Trip, command: Respond | Abandon | Continue) -> None:
        """Carry an answer down to the program."""
        self._down(Parcel("answer", trip, command), trip)

    # --- on the way ---

    def _delay(self) -> float:
        return 0.01 if self._world.is_calm else self._chance.among(_DELAYS)

    def _up(self, parcel: Parcel) -> None:
        at = self._world.now + self._delay()
        if isinstance(parcel.by, Line):
            at = parcel.by.up_at = max(at, parcel.by.up_at)
        self._world.later(at, self._arrive, parcel)

    def _down(self, parcel: Parcel, by: Line | Trip) -> None:
        at = by.down_at = max(self._world.now + self._delay(), by.down_at)
        self._world.later(at, self._arrive, parcel)

    def _end(self, line: Line, code: int | None, status: int | None) -> None:
        """Let the program learn, behind all that is on its way to it, that the far side has ended a socket."""
        at = line.down_at = max(self._world.now + self._delay(), line.down_at)
        self._world.later(at, self._tell_closed, line, code, status)

    def _arrive(self, parcel: Parcel) -> None:
        by = parcel.by
        if isinstance(by, Line) and (stalled := by.stalled[parcel.kind == "push"]):
            stalled.append(parcel)
            return
        strike = self._world.fate(self, parcel)
        if strike is None:
            self._arrivals[parcel.kind](parcel)
        else:
            self._struck[strike.fate](self, parcel, strike)

    def struck(self, parcel: Parcel) -> Strike | None:
        """Return the strike that waits for a parcel, and let it wait no more."""
        for place, strike in enumerate(self.strikes):
            if parcel.kind in strike.kinds and not self._is_lost(parcel):
                del self.strikes[place]
                return strike
        return None

    @staticmethod
    def _is_lost(parcel: Parcel) -> bool:
        by: Line | Trip = parcel.by
        if isinstance(by, Line):
            return by.is_cut or by.is_silent or by.is_told
        return by.is_over

    # --- what becomes of a parcel ---

    def _lose(self, parcel: Parcel, strike: Strike) -> None:
        if isinstance(parcel.by, Line):
            self.cut(parcel.by)
        else:
            is_unsent = parcel.kind == "request" and strike.pick % 2
            self._fail(parcel.by, "no" if is_unsent else "maybe")

    def _cut_behind(self, parcel: Parcel, _strike: Strike) -> None:
        self._arrivals[parcel.kind](parcel)
        if isinstance(parcel.by, Line):
            self.cut(parcel.by)
        else:
            self._fail(parcel.by, "maybe")

    def _hold(self, parcel: Parcel, strike: Strike) -> None:
        """Let a parcel come later, and all behind it on the same connection."""
        until = self._world.now + strike.amount
        by = parcel.by
        if isinstance(by, Line):
            stalled = by.stalled[parcel.kind == "push"]
            stalled.append(parcel)
            if parcel.kind == "push":
                by.down_at = max(by.down_at, until)
            else:
                by.up_at = max(by.up_at, until)
            self._world.later(until, self._release, stalled)
        else:
            by.down_at = max(by.down_at, until)
            self._world.later(until, self._deliver, parcel)

    def _release(self, stalled: deque[Parcel]) -> None:
        while stalled:
            self._deliver(stalled.popleft())

    def _deliver(self, parcel: Parcel) -> None:
        self._arrivals[parcel.kind](parcel)

    def _repeat(self, parcel: Parcel, strike: Strike) -> None:
        self._arrivals[parcel.kind](parcel)
        self._world.after(strike.amount, self._again, parcel)

    def _vanish(self, parcel: Parcel, _strike: Strike) -> None:
        parcel.by.is_silent = True

    def _refuse(self, parcel: Parcel, strike: Strike) -> None:
        status = int(strike.amount)
        if isinstance(parcel.by, Line):
            self._tell_closed(parcel.by, None, status)
        else:
            headers = (("retry-after", str(1 + strike.pick % 5)),) if strike.pick % 2 else ()
            self._down(Parcel("answer", parcel.by, Respond(id="", status=status, headers=headers)), parcel.by)

    def _crash(self, parcel: Parcel, strike: Strike) -> None:
        self._customer.crash(strike.pick)
        self._arrivals[parcel.kind](parcel)

    # --- trouble with a connection ---

    def cut(self, line: Line) -> None:
        """Cut a socket: some of what is on its way up still arrives, some is lost, some was never written."""
        if line.is_cut or line.is_told:
            return
        line.is_cut = True
        flying = list(line.flying)
        arriving = self._chance.below(len(flying) + 1)
        unwritten = self._chance.below(len(flying) - arriving + 1)
        line.arriving = frozenset(flying[:arriving])
        line.unwritten = flying[len(flying) - unwritten :]
        self._world.after(0.01, self._tell_closed, line, None, None)
        noticed = 0.0 if self._world.is_calm else self._chance.among(_NOTICED)
        self._world.later(max(self._world.now, line.up_at) + noticed, self._gone, line, None)

    def cut_all(self) -> None:
        """Cut all that is open or under way."""
        for line in list(self.lines.values()):
            self.cut(line)
        for trip in list(self.trips.values()):
            self._fail(trip, "maybe" if trip.was_there or self._chance.happens(0.5) else "no")

    def abandon(self) -> None:
        """The program is gone: nothing is told to it any more, and the center learns of it as of any loss."""
        for line in list(self.lines.values()):
            self.cut(line)
        for trip in list(self.trips.values()):
            self._let_go(trip)
        self.lines.clear()
        self.trips.clear()

    # --- arrivals ---

    def _handshake(self, parcel: Parcel) -> None:
        line: Line = parcel.by
        if line.is_silent or line.is_closing or line.is_cut:
            return
        command: c.OpenSocket = parcel.what
        parts = urlsplit(command.url.reveal())
        self._world.to_center(SocketArrived(socket=line.name, query=parts.query, path=parts.path or "/"))

    def _frame(self, parcel: Parcel) -> None:
        line: Line = parcel.by
        command: c.SendFrame = parcel.what
        line.flying.remove(command.frame)  # not the first: those before it may be lost
        if not line.is_silent and (not line.is_cut or command.frame in line.arriving):
            self._world.to_center(FrameArrived(socket=line.name, text=command.text))

    def _push(self, parcel: Parcel) -> None:
        line: Line = parcel.by
        if not (line.is_silent or line.is_cut or line.is_told):
            self._customer.feed(parcel.what)

    def _request(self, parcel: Parcel) -> None:
        trip: Trip = parcel.by
        command: c.SendRequest = parcel.what
        if trip.is_unsent:
            return
        trip.was_there = True
        parts = urlsplit(command.url.reveal())
        self._world.to_center(
            RequestArrived(
                id=trip.name, method=command.method, path=unquote(parts.path), query=parts.query,
                headers=command.headers, body=command.body,
            )
        )  # fmt: skip
        if trip.is_over:
            self._world.to_center(RequestGone(id=trip.name))

    def _again(self, parcel: Parcel) -> None:
        """A proxy sends a request once more; nobody waits for that answer. What a poll takes so, nobody can know of."""
        self._world.is_lossy = self._world.is_lossy or parcel.what.held
        ghost = Trip(f"{parcel.by.name}.again", parcel.what)
        ghost.is_over = True
        self._world.trips[ghost.name] = self, ghost
        self._request(Parcel("request", ghost, parcel.what))

    def _answer(self, parcel: Parcel) -> None:
        trip: Trip = parcel.by
        command: Respond | Abandon = parcel.what
        if trip.is_over:
            return
        if isinstance(command, Abandon):
            self._fail(trip, "maybe")
            return
        self._settle(trip)
        if trip.command.telling == "progress":
            size = len(trip.command.body)
            self._customer.feed(i.RequestProgressed(id=trip.number, sent=size, total=size))
        self._customer.feed(
            i.ResponseReceived(id=trip.number, status=command.status, headers=command.headers, body=command.body)
        )

    # --- the ends of connections ---

    def _tell_closed(self, line: Line, code: int | None, status: int | None) -> None:
        if line.is_told:
            return
        line.is_told = True
        if self.lines.pop(line.number, None) is not None:
            self._customer.feed(
                i.SocketClosed(socket=line.number, code=code, status=status, unwritten=tuple(line.unwritten))
            )

    def _gone(self, line: Line, code: int | None) -> None:
        """The center learns that a socket is gone."""
        self._world.lines.pop(line.name, None)
        self._world.to_center(SocketGone(socket=line.name, code=code))

    def _fail(self, trip: Trip, sent: Literal["no", "maybe"]) -> None:
        if self.trips.pop(trip.number, None) is not None:
            trip.is_unsent = sent == "no"
            self._let_go(trip)
            self._customer.feed(i.RequestFailed(id=trip.number, sent=sent, reason="cut"))

    def _let_go(self, trip: Trip) -> None:
        trip.is_over = True
        if trip.was_there:
            noticed = 0.01 if self._world.is_calm else 0.01 + self._chance.among(_NOTICED)
            self._world.after(noticed, self._forget, trip)

    def _forget(self, trip: Trip) -> None:
        self._world.trips.pop(trip.name, None)
        self._world.to_center(RequestGone(id=trip.name))

    def _settle(self, trip: Trip) -> None:
        trip.is_over = True
        self.trips.pop(trip.number, None)
        self._world.trips.pop(trip.name, None)

    _struck: ClassVar[dict[Fate, Callable[["Network", Parcel, Strike], None]]] = {
        "lose": _lose, "cut": _cut_behind, "hold": _hold, "repeat": _repeat, "vanish": _vanish, "fail": _refuse,
        "crash": _crash,
    }  # fmt: skip
