"""Starting and stopping a center on a port: inside asyncio, in a thread of its own, or for good."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Generator, Sequence
from types import TracebackType
from typing import Any, cast

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.exceptions import InvalidState

from deskline_center import Agent, Center, Script
from deskline_center.floor import AGENTS
from deskline_center.model import Channel

from .app import application
from .control import Controls
from .loop import CenterLoop, in_thread
from .own import Own
from .proxy import FaultProxy

__all__ = ["CenterServer", "RunningCenter", "run_forever", "serve"]


class _Protocol(H11Protocol):
    """Tells the application which transport a request came by, so that it can cut it. Sockets inherit the mark."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(cast("asyncio.Transport", transport))
        self.app_state = {**self.app_state, "transport": transport}


class _SocketProtocol(WebSocketsSansIOProtocol):
    """A socket that can be shut down also while its client is closing it, which uvicorn's own takes as an error."""

    def shutdown(self) -> None:
        try:
            super().shutdown()
        except InvalidState:
            self.transport.abort()  # the farewell is said; what else is unsent, nobody reads


class _Server(uvicorn.Server):
    """A uvicorn server that leaves signals alone, tells when it is up, and stops when told."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()
        self.stopping = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()

    async def main_loop(self) -> None:
        await self.stopping.wait()


class RunningCenter:
    """A center that can be reached.

    ``url`` is the root of everything REST: the chat root is ``url + "/chat"``, analytics and the token endpoint
    (``/oauth/token``) stand at ``url`` itself, Bright Pattern's side at ``url + "/clientweb"``. ``gateway`` is the
    socket's URL. ``control`` is the operator's side, for any thread.
    """

    def __init__(self, url: str, control: Controls) -> None:
        self.url = url
        self.gateway = url.replace("http", "ws", 1)
        self.control = control


class CenterServer:
    """A center on a port, run by the asyncio loop that enters it: ``async with CenterServer() as center``.

    ``channels`` default to one of each mode and session style of CXone's, under brand 1386, and one of Bright
    Pattern's; ``scripts`` are added to the stock ones; ``seed`` decides every id and token. ``port`` 0 takes a free
    one. Other hosts than the loopback interface are bound only when named: there is no access control. ``public_url``
    is what clients reach the center by, if that is not the bound address. With a ``proxy``, which starts and stops with
    the center, that is the proxy's.

    Raises OSError when the port is taken.
    """

    def __init__(
        self,
        *,
        channels: Sequence[Channel] | None = None,
        scripts: Sequence[Script] = (),
        agents: Sequence[Agent] = AGENTS,
        seed: str = "center",
        host: str = "127.0.0.1",
        port: int = 0,
        public_url: str = "",
        proxy: FaultProxy | None = None,
    ) -> None:
        self._settings: dict[str, Any] = {"channels": channels, "scripts": scripts, "agents": agents, "seed": seed}
        self._address = host, port
        self._public_url = public_url
        self._proxy = proxy
        self._stack = contextlib.AsyncExitStack()

    async def __aenter__(self) -> RunningCenter:
        async with contextlib.AsyncExitStack() as stack:
            listener = stack.enter_context(_listen(*self._address))
            url = await self._front(stack, _url(listener))
            loop = CenterLoop(Center(**self._settings, base_url=url))
            host, port = listener.getsockname()[:2]
            own = Own(host, port, url)
            server = _Server(_configuration(loop, own))
            task = asyncio.create_task(server.serve([listener]))
            stack.push_async_callback(_stop, server, task, loop)
            await server.up.wait()
            self._stack = stack.pop_all()
        return RunningCenter(url, Controls(loop, asyncio.get_running_loop()))

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    async def _front(self, stack: contextlib.AsyncExitStack, url: str) -> str:
        """Start the proxy, if there is one, and return the URL that clients are told."""
        if self._proxy is not None:
            self._proxy.lead_to(url)
            await stack.enter_async_context(self._proxy)
            url = self._proxy.url
        return self._public_url or url

    async def start(self) -> RunningCenter:
        """Start without ``async with``; :meth:`stop` has to follow."""
        return await self.__aenter__()

    async def stop(self) -> None:
        """Close every connection and the port, and let nothing run on. May be called twice."""
        await self._stack.aclose()


async def _stop(server: _Server, task: "asyncio.Task[None]", loop: CenterLoop) -> None:
    loop.stop()
    server.stopping.set()
    await task


def _configuration(loop: CenterLoop, own: Own) -> uvicorn.Config:
    # The access log would print URLs with tokens, so it is off; the frames of a client are never compressed.
    return uvicorn.Config(
        application(loop, own),
        http=_Protocol,
        ws=_SocketProtocol,
        ws_ping_interval=None,
        ws_per_message_deflate=False,
        lifespan="off",
        log_config=None,
        log_level="critical",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        date_header=False,
        timeout_graceful_shutdown=1,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    return socket.create_server((host, port), family=family)


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextlib.contextmanager
def serve(
    *,
    channels: Sequence[Channel] | None = None,
    scripts: Sequence[Script] = (),
    agents: Sequence[Agent] = AGENTS,
    seed: str = "center",
    host: str = "127.0.0.1",
    port: int = 0,
    proxy: FaultProxy | None = None,
) -> Generator[RunningCenter]:
    """Run a center in a thread with a loop of its own, for callers on any runtime or on none.

    It can be reached as soon as the context is entered, and is gone when it is left. Arguments as for
    :class:`CenterServer`; raises OSError when the port is taken.
    """
    server = CenterServer(
        channels=channels, scripts=scripts, agents=agents, seed=seed, host=host, port=port, proxy=proxy
    )
    with in_thread(server, name="deskline-center") as center:
        yield center


def run_forever(
    port: int,
    host: str = "127.0.0.1",
    *,
    channels: Sequence[Channel] | None = None,
    scripts: Sequence[Script] = (),
    seed: str = "center",
    ready: Callable[[RunningCenter], None] = lambda _center: None,
) -> None:
    """Run a center until Ctrl-C, which ends it in order. ``ready`` is called once it can be reached.

    Raises OSError when the port is taken.
    """
    with (
        contextlib.suppress(KeyboardInterrupt),
        serve(channels=channels, scripts=scripts, seed=seed, host=host, port=port) as center,
    ):
        ready(center)
        threading.Event().wait()
