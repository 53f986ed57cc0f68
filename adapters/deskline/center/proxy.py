"""A proxy that carries bytes between clients and a center, and does to them what networks do."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Generator
from functools import partial
from types import TracebackType
from typing import Final, Self, TypeVar
from urllib.parse import urlsplit

from deskline_core.errors import IllegalState, InvalidValue

from .line import CHUNK, Armed, Ends, Line, reset
from .loop import in_thread, running_loop
from .wire_faults import Fault, Refuse, StreamFault

__all__ = ["FaultProxy", "proxied"]

T = TypeVar("T")
_BACKLOG: Final = 4096
_PORTS: Final = {"http": 80, "ws": 80}


class FaultProxy:
    """Stands in front of a center, or of any server without TLS, and lets faults strike.

    ``target`` is the URL to go on to; with ``serve(proxy=...)`` it is the center's own, and clients are told the
    proxy's. It is run by the asyncio loop that enters it; :meth:`strike`, :meth:`arm` and :meth:`heal` are for any
    thread and any runtime, block for a moment, and have done their work when they return. ``port`` 0 takes a free one,
    which stays the proxy's while it refuses connections.
    """

    def __init__(self, target: str = "", *, host: str = "127.0.0.1", port: int = 0) -> None:
        self.struck = 0
        """How often a fault has struck, in any connection."""
        self._target = _place(target) if target else None
        self._address = host, port
        self._home: asyncio.AbstractEventLoop | None = None
        self._kept: socket.socket | None = None
        self._listener: socket.socket | None = None
        self._server: asyncio.Server | None = None
        self._listening: asyncio.Task[None] | None = None
        self._armed: list[Armed] = []
        self._lines: set[Line] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where clients reach the target through it."""
        host, port = self._bound()
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    @property
    def open(self) -> int:
        """How many connections go through it."""
        return len(self._lines)

    # --- faults ---

    def strike(self, fault: Fault) -> int:
        """Let a fault strike every open connection at once, whatever it watches; return how many there were."""
        return self._do(partial(self._strike, fault))

    def arm(self, fault: StreamFault) -> None:
        """Let a fault wait for the bytes that it watches for. Raises InvalidValue for one that only strikes at once."""
        if isinstance(fault, Refuse):  # tests may be without types
            raise InvalidValue("refusing connections is no matter of bytes", hint="strike(Refuse())")
        self._do(partial(self._arm, fault))

    def heal(self) -> None:
        """Take all faults back: connections are taken again and carried on; those that had lost bytes are reset."""
        self._do(self._heal)

    def _strike(self, fault: Fault) -> int:
        lines = tuple(self._lines)
        if isinstance(fault, Refuse):
            self.struck += 1
            self._listen_no_more()
            return len(lines)
        for line in lines:
            line.strike(fault)
        return len(lines)

    def _arm(self, fault: StreamFault) -> None:
        self._armed = [armed for armed in self._armed if armed.left]
        self._armed.append(Armed(fault))
        for line in self._lines:
            line.watch(self._armed[-1])

    def _heal(self) -> None:
        for armed in self._armed:
            armed.left = 0  # some may be about to strike
        self._armed.clear()
        for line in tuple(self._lines):
            line.heal()
        if self._listening is None:
            self._listen()

    def _do(self, work: Callable[[], T]) -> T:
        """Do it in the proxy's own loop."""
        home = self._home
        if home is None:
            raise IllegalState("the proxy does not run", hint="enter it, or serve(proxy=...)")
        if running_loop() is home:
            return work()

        async def there() -> T:
            done = work()
            if self._listening is not None:
                await self._listening
            return done

        return asyncio.run_coroutine_threadsafe(there(), home).result()

    # --- its life ---

    def lead_to(self, target: str) -> None:
        """Carry new connections to this URL."""
        self._target = _place(target)

    async def __aenter__(self) -> Self:
        self._kept = _reserve(*self._address)
        self._home = asyncio.get_running_loop()
        self._listen()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def start(self) -> Self:
        """Start without ``async with``; :meth:`stop` has to follow."""
        return await self.__aenter__()

    async def stop(self) -> None:
        """Reset what is open, and give the port up. May be called twice."""
        self._home = None
        self._listen_no_more()
        await asyncio.sleep(0)  # whom the listener has just taken gets a task
        while self._tasks:
            for line in self._lines:
                line.reset()
            for task in self._tasks:
                task.cancel()
            await asyncio.wait(self._tasks)
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _bound(self) -> tuple[str, int]:
        if self._kept is None:
            raise IllegalState("the proxy has no port", hint="enter it, or serve(proxy=...)")
        host, port = self._kept.getsockname()[:2]
        return host, port

    def _listen(self) -> None:
        self._listener = _reserve(*self._bound())
        self._listener.listen(_BACKLOG)  # from now on the system takes connections
        self._listening = asyncio.ensure_future(self._accept(self._listener))

    async def _accept(self, listener: socket.socket) -> None:
        # Up to the last line this is one step: there is a server, or a listener that nobody has looked at.
        server = await asyncio.start_server(
            self._serve, sock=listener, limit=CHUNK, backlog=_BACKLOG, start_serving=False
        )
        self._server = server
        await server.start_serving()

    def _listen_no_more(self) -> None:
        if self._listening is not None and self._server is None:
            self._listening.cancel()
        for listening in (self._server, self._listener):
            if listening is not None:
                listening.close()
        self._server = self._listener = self._listening = None

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None or self._target is None or self._home is None:  # taken at the last moment
            reset(writer)
            return
        self._tasks.add(task)
        try:
            await self._carry((reader, writer), self._target)
        except (OSError, asyncio.CancelledError):  # nobody listens there, or the proxy stops
            reset(writer)
        finally:
            self._tasks.discard(task)

    async def _carry(self, client: Ends, target: tuple[str, int]) -> None:
        center = await asyncio.open_connection(*target, limit=CHUNK)
        line = Line(client, center, self._count)
        for armed in self._armed:
            line.watch(armed)
        self._lines.add(line)
        try:
            await line.run()
        finally:
            self._lines.discard(line)

    def _count(self) -> None:
        self.struck += 1


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    if parts.scheme not in _PORTS or not parts.hostname:
        raise InvalidValue(f"a proxy cannot lead to {url!r:.100}", hint="it wants an URL such as http://127.0.0.1:8080")
    return parts.hostname, parts.port or _PORTS[parts.scheme]


def _reserve(host: str, port: int) -> socket.socket:
    """Return a socket that is bound there, and does not listen: the port stays taken, and may be listened on again."""
    reserved = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    try:
        reserved.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_REUSEPORT", socket.SO_REUSEADDR), 1)
        reserved.bind((host, port))
    except BaseException:
        reserved.close()
        raise
    return reserved


@contextlib.contextmanager
def proxied(target: str, *, host: str = "127.0.0.1", port: int = 0) -> Generator[FaultProxy]:
    """Run a fault proxy in a thread with a loop of its own, in front of a center that runs anywhere.

    Arguments as for :class:`FaultProxy`; raises OSError when the port is taken.
    """
    proxy = FaultProxy(target, host=host, port=port)
    with in_thread(proxy, name="deskline-proxy"):
        yield proxy
