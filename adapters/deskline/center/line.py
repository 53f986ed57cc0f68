"""One connection through a fault proxy: two flows of bytes, and where in them faults strike."""

import asyncio
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from .wire_faults import BlackHole, Cut, Drip, Flows, Lag, Reset, StreamFault

__all__ = ["CHUNK", "Armed", "Ends", "Line", "reset"]

Ends = tuple[asyncio.StreamReader, asyncio.StreamWriter]
CHUNK: Final = 64 * 1024


def reset(writer: asyncio.StreamWriter) -> None:
    """End a TCP connection with an RST; what is unsent is gone."""
    plain: socket.socket | None = writer.get_extra_info("socket")
    if plain is not None and plain.fileno() >= 0:
        plain.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


class Armed:
    """A fault that waits; ``left`` is in how many connections it still strikes."""

    __slots__ = ("fault", "left", "match")

    def __init__(self, fault: StreamFault) -> None:
        self.fault = fault
        self.match = fault.match.encode()
        self.left = fault.times


class _Watch:
    """Looks in one flow for the byte before which an armed fault strikes; ``goal`` counts from the flow's beginning."""

    __slots__ = ("_tail", "armed", "goal")

    def __init__(self, armed: Armed, passed: int) -> None:
        self.armed = armed
        self.goal = None if armed.match else passed + armed.fault.after
        self._tail = b""

    def look(self, data: bytes, passed: int) -> None:
        """Look at what comes next, behind the bytes that have passed."""
        if self.goal is not None:
            return
        window, length = self._tail + data, len(self.armed.match)
        found = window.find(self.armed.match)
        if found >= 0:
            self.goal = passed - len(self._tail) + found + length + self.armed.fault.after
        self._tail = window[max(len(window) - length + 1, 0) :]


class _Flow:
    """The bytes from one end to the other, in order."""

    __slots__ = ("_strike", "drip", "lag", "muted", "passed", "reader", "watches", "writer")

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, strike: Callable[[Armed], None]
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.passed = 0
        self.muted = False
        self.drip: Drip | None = None
        self.lag = 0.0
        self.watches: list[_Watch] = []
        self._strike = strike

    async def run(self) -> None:
        """Carry all there is, and then the end; raise OSError when the connection breaks."""
        while data := await self.reader.read(CHUNK):
            await self._take(data)
        if not self.muted and not self.writer.is_closing():
            self.writer.write_eof()

    async def _take(self, data: bytes) -> None:
        for watch in self.watches:
            watch.look(data, self.passed)
        while (due := self._due(self.passed + len(data))) is not None:
            goal, watch = due
            self.watches.remove(watch)
            ahead = max(goal - self.passed, 0)
            await self._pass(data[:ahead])
            data = data[ahead:]
            self._strike(watch.armed)
            if self.writer.is_closing():
                return
        await self._pass(data)

    def _due(self, end: int) -> tuple[int, _Watch] | None:
        goals = [(watch.goal, watch) for watch in self.watches if watch.goal is not None and watch.goal <= end]
        return min(goals, key=lambda due: due[0], default=None)

    async def _pass(self, data: bytes) -> None:
        self.passed += len(data)
        if self.lag:
            await asyncio.sleep(self.lag)
        size, pause = (self.drip.size, self.drip.pause) if self.drip else (CHUNK, 0.0)
        for start in range(0, len(data), size):
            if self.muted or self.writer.is_closing():
                return
            self.writer.write(data[start : start + size])
            await self.writer.drain()
            if self.drip:
                await asyncio.sleep(pause)


class Line:
    """A connection of a client, and the one that goes on from it to the center. ``struck`` is told of each strike."""

    def __init__(self, client: Ends, center: Ends, struck: Callable[[], None]) -> None:
        self._struck = struck
        self._flows = {
            "up": _Flow(client[0], center[1], self._strike_armed),
            "down": _Flow(center[0], client[1], self._strike_armed),
        }

    async def run(self) -> None:
        """Carry both flows until both have ended, or one breaks; then nothing is left of it."""
        pumps = [asyncio.create_task(self._carry(flow)) for flow in self._flows.values()]
        try:
            await asyncio.wait(pumps)
        finally:
            for pump in pumps:
                pump.cancel()
            self._close()
            for flow in self._flows.values():
                with suppress(OSError):
                    await flow.writer.wait_closed()

    async def _carry(self, flow: _Flow) -> None:
        try:
            await flow.run()
        except OSError:
            if not flow.muted:  # else nobody is told
                self.reset()

    def watch(self, armed: Armed) -> None:
        """Let an armed fault watch its flow, from the bytes on that come next."""
        flow = self._flows[armed.fault.watch]
        flow.watches.append(_Watch(armed, flow.passed))

    def strike(self, fault: StreamFault) -> None:
        """Let a fault strike now."""
        self._struck()
        match fault:
            case Reset():
                self.reset()
            case Cut():
                self._close()
            case BlackHole(flows=flows):
                for flow in self._among(flows):
                    flow.muted = True
            case Drip(flows=flows):
                for flow in self._among(flows):
                    flow.drip = fault
            case Lag(flows=flows, seconds=seconds):
                for flow in self._among(flows):
                    flow.lag = seconds

    def heal(self) -> None:
        """Forget all faults. What had swallowed bytes is reset: neither end could make sense of the rest."""
        if any(flow.muted for flow in self._flows.values()):
            self.reset()
        for flow in self._flows.values():
            flow.drip, flow.lag = None, 0.0
            flow.watches.clear()

    def reset(self) -> None:
        """End it at both ends with an RST."""
        for flow in self._flows.values():
            reset(flow.writer)

    def _strike_armed(self, armed: Armed) -> None:
        if armed.left:
            armed.left -= 1
            self.strike(armed.fault)

    def _among(self, flows: Flows) -> list[_Flow]:
        return [flow for name, flow in self._flows.items() if flows in ("both", name)]

    def _close(self) -> None:
        for flow in self._flows.values():
            flow.writer.close()
