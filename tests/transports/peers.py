"""Far sides made of plain blocking sockets, each in a thread of its own, and what runs a test on either runtime."""

import asyncio
import base64
import hashlib
import select
import socket
import ssl
import struct
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any

import trio
import trio.testing

from deskline_transports.asyncio_websocket import AsyncioTransport
from deskline_transports.base import Network, Transport
from deskline_transports.testing import run_virtual
from deskline_transports.trio_websocket import TrioTransport

PATIENCE = 120.0  # seconds until a hung test fails, also where the processor has little time for it

TEXT, BINARY, CONT, CLOSE, PING, PONG = 1, 2, 0, 8, 9, 10


class Line:
    """One accepted connection, as the far side sees it."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.rest = b""

    def head(self) -> bytes:
        """Read to the end of an HTTP head."""
        while b"\r\n\r\n" not in self.rest:
            data = self.sock.recv(65536)
            if not data:
                raise EOFError(self.rest)
            self.rest += data
        head, _, self.rest = self.rest.partition(b"\r\n\r\n")
        return head

    def exactly(self, count: int) -> bytes:
        data = bytearray(self.rest)
        while len(data) < count:
            part = self.sock.recv(1 << 20)
            if not part:
                raise EOFError
            data += part
        self.rest = bytes(data[count:])
        return bytes(data[:count])

    def to_end(self) -> bytes:
        """Read until the client has closed the connection, in order or not."""
        with suppress(ConnectionError, ssl.SSLError):
            while data := self.sock.recv(65536):
                self.rest += data
        taken, self.rest = self.rest, b""
        return taken

    def send(self, data: bytes) -> None:
        self.sock.sendall(data)

    def accept(self) -> bytes:
        """Answer a WebSocket handshake; return its head."""
        head = self.head()
        self.send(switching(head))
        return head

    def frame(self) -> tuple[int, bytes]:
        """Read one masked frame; return its opcode and payload."""
        first, second = self.exactly(2)
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack("!H", self.exactly(2))
        elif size == 127:
            (size,) = struct.unpack("!Q", self.exactly(8))
        mask, payload = self.exactly(4), self.exactly(size)
        key = (mask * (size // 4 + 1))[:size]
        plain = int.from_bytes(payload, "big") ^ int.from_bytes(key, "big")
        return first & 0x0F, plain.to_bytes(size, "big")

    def say(self, opcode: int, payload: bytes = b"", *, fin: bool = True) -> None:
        self.send(framed(opcode, payload, fin=fin))


def switching(head: bytes) -> bytes:
    key = next(line.split(b": ")[1] for line in head.split(b"\r\n") if line.lower().startswith(b"sec-websocket-key"))
    accept = base64.b64encode(hashlib.sha1(key + b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n"
    )


def framed(opcode: int, payload: bytes = b"", *, fin: bool = True) -> bytes:
    first = opcode | (0x80 if fin else 0)
    if len(payload) < 126:
        return struct.pack("!BB", first, len(payload)) + payload
    if len(payload) < 65536:
        return struct.pack("!BBH", first, 126, len(payload)) + payload
    return struct.pack("!BBQ", first, 127, len(payload)) + payload


def close_frame(code: int, reason: str = "") -> bytes:
    return framed(CLOSE, struct.pack("!H", code) + reason.encode())


def answer(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


class Peer:
    """Accepts one connection per script and runs the script on it, each in a thread; keeps what they returned."""

    def __init__(self, *scripts: Callable[[Line], object], tls: ssl.SSLContext | None = None) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.listener.settimeout(PATIENCE)
        self.port = self.listener.getsockname()[1]
        self._tls = tls
        self._results: list[Any] = [None] * len(scripts)
        self._errors: list[BaseException] = []
        self._threads = [threading.Thread(target=self._serve, args=(scripts,), daemon=True)]
        self._threads[0].start()

    def url(self, scheme: str = "ws", path: str = "/", host: str = "127.0.0.1") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def _serve(self, scripts: tuple[Callable[[Line], object], ...]) -> None:
        for number, script in enumerate(scripts):
            try:
                sock, _ = self.listener.accept()
            except OSError as error:
                self._errors.append(error)
                return
            self._threads.append(threading.Thread(target=self._run, args=(number, script, sock), daemon=True))
            self._threads[-1].start()

    def _run(self, number: int, script: Callable[[Line], object], sock: socket.socket) -> None:
        sock.settimeout(PATIENCE)
        try:
            with sock if self._tls is None else self._tls.wrap_socket(sock, server_side=True) as line:
                self._results[number] = script(Line(line))
        except BaseException as error:  # noqa: BLE001 - raised again by done()
            self._errors.append(error)
            sock.close()

    def done(self) -> list[Any]:
        """Wait until every script has ended, and return their results."""
        for thread in self._threads:
            thread.join(PATIENCE)
            assert not thread.is_alive(), "the far side still waits"
        if self._errors:
            raise self._errors[0]
        return self._results

    def more(self) -> bool:
        """Tell whether a connection came that no script was meant for."""
        readable, _, _ = select.select([self.listener], [], [], 0)
        return bool(readable)


@contextmanager
def peer(*scripts: Callable[[Line], object], tls: ssl.SSLContext | None = None) -> Iterator[Peer]:
    far = Peer(*scripts, tls=tls)
    try:
        yield far
    finally:
        far.listener.close()


def tunnel(line: Line) -> bytes:
    """Be a proxy for one connection: open the tunnel that is asked for and carry bytes both ways."""
    head = line.head()
    method, target = head.split(b" ")[:2]
    if method != b"CONNECT":
        line.send(answer("200 OK", b"fine"))
        return head
    host, _, port = target.rpartition(b":")
    with socket.create_connection((host.decode(), int(port))) as onward:
        line.send(b"HTTP/1.1 200 Connection established\r\nVia: tests\r\n\r\n")

        def carry(near: socket.socket, far: socket.socket) -> None:
            with suppress(OSError):
                while data := near.recv(65536):
                    far.sendall(data)
            with suppress(OSError):  # also behind a connection that was reset
                far.shutdown(socket.SHUT_WR)

        thread = threading.Thread(target=carry, args=(onward, line.sock))
        thread.start()
        carry(line.sock, onward)
        thread.join()
    return head


def closed_port() -> int:
    """Return a port on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


class OnTrio:
    name = "trio"

    def transport(self, close_timeout: float = 0.1, **settings: Any) -> Transport:
        return TrioTransport(Network(close_timeout=close_timeout, **settings))

    def run(self, main: Callable[[], Awaitable[object]], *, virtual: bool = False) -> None:
        async def limited() -> None:
            with trio.fail_after(float("inf") if virtual else PATIENCE):
                await main()

        trio.run(limited, clock=trio.testing.MockClock(autojump_threshold=0) if virtual else None)

    async def thread(self, call: Callable[..., Any], *args: Any) -> Any:
        return await trio.to_thread.run_sync(partial(call, *args))

    async def cancel(self, job: Callable[[], Awaitable[object]], when: Callable[[], Awaitable[object]]) -> None:
        """Run the job until ``when`` returns, then cancel it and wait for its end."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(job)
            await when()
            nursery.cancel_scope.cancel()

    async def together(self, *jobs: Callable[[], Awaitable[object]]) -> None:
        async with trio.open_nursery() as nursery:
            for job in jobs:
                nursery.start_soon(job)

    async def sleep(self, seconds: float) -> None:
        await trio.sleep(seconds)

    async def settle(self) -> None:
        await trio.testing.wait_all_tasks_blocked(0.01)

    def now(self) -> float:
        return trio.current_time()


class OnAsyncio:
    name = "asyncio"

    def transport(self, close_timeout: float = 0.1, **settings: Any) -> Transport:
        return AsyncioTransport(Network(close_timeout=close_timeout, **settings))

    def run(self, main: Callable[[], Awaitable[object]], *, virtual: bool = False) -> None:
        async def limited() -> None:
            async with asyncio.timeout(None if virtual else PATIENCE):
                await main()

        (run_virtual if virtual else asyncio.run)(limited())

    async def thread(self, call: Callable[..., Any], *args: Any) -> Any:
        return await asyncio.to_thread(call, *args)

    async def cancel(self, job: Callable[[], Awaitable[object]], when: Callable[[], Awaitable[object]]) -> None:
        async def runs() -> None:
            await job()

        task = asyncio.create_task(runs())
        await when()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def together(self, *jobs: Callable[[], Awaitable[object]]) -> None:
        async def runs(job: Callable[[], Awaitable[object]]) -> None:
            await job()

        async with asyncio.TaskGroup() as group:
            for job in jobs:
                group.create_task(runs(job))

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def settle(self) -> None:
        for _ in range(20):
            await asyncio.sleep(0)

    def now(self) -> float:
        return asyncio.get_running_loop().time()


Runtime = OnTrio | OnAsyncio
RUNTIMES: list[Runtime] = [OnTrio(), OnAsyncio()]
