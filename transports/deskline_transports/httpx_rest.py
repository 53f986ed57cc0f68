"""REST requests by httpx, on trio and on asyncio. No other module imports httpx.

Only its transport is used, not its client: a client reads proxies and netrc from the environment, keeps cookies, logs
addresses at INFO and follows what it is told to. A transport carries one request and does nothing by itself.
"""

import socket
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import Final, Literal, cast

import httpx

from deskline_core.errors import RequestNotAnswered
from deskline_transports.address import cause_of, check_headers, proxy_address
from deskline_transports.base import Lines, Network, Response, RestRequest
from deskline_transports.lanes import Lanes
from deskline_transports.lines import LineSplitter
from deskline_transports.pieces import pieces
from deskline_transports.quiet import quiet, silence
from deskline_transports.tls import context_for, no_context

__all__ = ["HttpxRest"]

_LOGGERS: Final = ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks")))

# How far the system's buffer runs ahead of the network, where it can be said: asyncio fills it with megabytes at once,
# which would count as written, and go out although the request was stopped.
_SOCKET_OPTIONS: Final = (
    [(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, 16 * 1024)] if hasattr(socket, "TCP_NOTSENT_LOWAT") else []
)

# What httpx and the runtimes' streams below it raise. ValueError: an address or a header that is none.
_FAILURES: Final = (httpx.HTTPError, httpx.StreamError, httpx.InvalidURL, OSError, EOFError, ValueError, zlib.error)


class HttpxRest:
    """A REST client that keeps ``network`` and shares its TLS context; connections are pooled and made on demand.

    Whatever httpx reports of a connection that it had kept, a request whose first byte may have left counts as one that
    may have arrived: the far side may close a kept connection at any time, and nothing tells whether it had read the
    request by then. Connections that were closed before are found beforehand, and replaced.
    """

    def __init__(self, network: Network) -> None:
        self._network = network
        self._proxy = proxy_address(network.proxy)
        self._pools: dict[bool, httpx.AsyncHTTPTransport] = {}
        self._lanes: Lanes[httpx.AsyncHTTPTransport] = Lanes(network.max_held)
        self._closed = False
        silence(*_LOGGERS)

    async def send(self, request: RestRequest) -> Response:
        """Send and return the whole answer, decoded; raise :class:`RequestNotAnswered`."""
        exchange = _Exchange()
        try:
            with quiet():
                answer = await self._answer(request, exchange, encoding="gzip")
                body = await _read(answer, request.limit)
            return Response(status=answer.status_code, headers=_headers(answer), body=body)
        except _FAILURES as error:
            failure = exchange.failure(error)
        # Raised out here so that no traceback leads to an exception with the address in its text.
        raise failure

    @asynccontextmanager
    async def stream(self, request: RestRequest) -> AsyncGenerator[Lines]:
        """Send and give the answer's lines as they come; raise :class:`RequestNotAnswered`."""
        exchange = _Exchange()
        try:
            with quiet():
                answer = await self._answer(request, exchange, encoding="identity")
        except _FAILURES as error:
            failure = exchange.failure(error)
        else:
            parts = answer.aiter_raw()
            try:
                yield _StreamedLines(answer, parts, request.limit, exchange)
            finally:
                with quiet():
                    await _leave(answer, parts)
            return
        raise failure

    async def aclose(self) -> None:
        """Close the pooled connections; later requests are refused."""
        self._closed = True
        pools, self._pools = self._pools, {}
        with quiet(), suppress(*_FAILURES):
            async with AsyncExitStack() as rest:  # whatever becomes of one, the others are closed
                rest.push_async_callback(self._lanes.aclose)
                for pool in pools.values():
                    rest.push_async_callback(pool.aclose)

    async def _answer(self, request: RestRequest, exchange: "_Exchange", *, encoding: str) -> httpx.Response:
        if wrong := check_headers(request.headers):
            raise RequestNotAnswered(wrong, sent="no")
        headers = {"user-agent": self._network.user_agent, "accept": "*/*", "accept-encoding": encoding}
        given = {name.lower() for name, _ in request.headers}
        message = httpx.Request(
            request.method,
            request.url,
            headers=[*((n, v) for n, v in headers.items() if n not in given), *request.headers],
            content=request.body or None,
            extensions={"trace": exchange.trace},
        )
        message.stream = _Body(request)
        if request.held:
            return await self._over_a_lane(message)
        return await self._pool(message.url.scheme).handle_async_request(message)

    async def _over_a_lane(self, message: httpx.Request) -> httpx.Response:
        secure = message.url.scheme == "https"
        place = f"{message.url.scheme}://{message.url.netloc.decode()}"
        lane = await self._lanes.take(place, lambda: self._new_pool(1, secure=secure))
        try:
            answer = await lane.handle_async_request(message)
        except BaseException:
            await self._lanes.end(lane)
            raise
        answer.stream = _LaneBody(answer, lane, self._lanes)
        return answer

    def _pool(self, scheme: str) -> httpx.AsyncHTTPTransport:
        if self._closed:
            raise RequestNotAnswered("the transport is closed", sent="no")
        secure = scheme == "https"
        if (pool := self._pools.get(secure)) is None:
            pool = self._pools[secure] = self._new_pool(self._network.max_connections, secure=secure)
        return pool

    def _new_pool(self, size: int, *, secure: bool) -> httpx.AsyncHTTPTransport:
        proxy = None
        if self._proxy is not None:
            host = f"[{self._proxy.host}]" if ":" in self._proxy.host else self._proxy.host
            credentials = {"Proxy-Authorization": self._proxy.credentials} if self._proxy.credentials else {}
            proxy = httpx.Proxy(f"http://{host}:{self._proxy.port}", headers=credentials)
        return httpx.AsyncHTTPTransport(
            verify=context_for(self._network) if secure else no_context(),
            trust_env=False,
            limits=httpx.Limits(max_connections=size),
            proxy=proxy,
            socket_options=_SOCKET_OPTIONS,
        )


class _Body(httpx.AsyncByteStream):
    """A body that is written in pieces. No generator: dropped half-way, trio would warn of one."""

    def __init__(self, request: RestRequest) -> None:
        self._pieces = pieces(request)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        for piece in self._pieces:
            return piece
        raise StopAsyncIteration


class _LaneBody(httpx.AsyncByteStream):
    """The body of an answer that came over a lane, which is free once this is closed."""

    def __init__(
        self, answer: httpx.Response, lane: httpx.AsyncHTTPTransport, lanes: Lanes[httpx.AsyncHTTPTransport]
    ) -> None:
        self._below = cast("httpx.AsyncByteStream", answer.stream)
        self._lane = lane
        self._lanes = lanes

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._below.__aiter__()

    async def aclose(self) -> None:
        try:
            await self._below.aclose()
        except BaseException:
            await self._lanes.end(self._lane)
            raise
        self._lanes.give_back(self._lane)


class _Exchange:
    """Follows one request to know whether anything of it has left."""

    __slots__ = ("_sent",)

    def __init__(self) -> None:
        self._sent: Literal["no", "maybe"] = "no"

    async def trace(self, event: str, info: Mapping[str, object]) -> None:
        """Listen to the stages that httpcore reports; a proxy's CONNECT carries nothing of the request."""
        if event.endswith(".send_request_headers.started") and getattr(info["request"], "method", b"") != b"CONNECT":
            self._sent = "maybe"

    def failure(self, error: Exception) -> RequestNotAnswered:
        """Return what is raised for ``error``."""
        return RequestNotAnswered(f"the request was not answered: {cause_of(error)}", sent=self._sent)


def _headers(answer: httpx.Response) -> tuple[tuple[str, str], ...]:
    """Return the headers, without the one that no longer holds for a decoded body."""
    return tuple((name, value) for name, value in answer.headers.multi_items() if name != "content-encoding")


async def _leave(answer: httpx.Response, parts: AsyncIterator[bytes]) -> None:
    """Close an answer, read to its end or not.

    Generators of three libraries are stacked under ``parts``. Dropped half-way, they would be collected as garbage,
    which trio warns of, as nobody could await what they still have to do. Read on after the close, they end themselves.
    """
    with suppress(*_FAILURES):
        await answer.aclose()
    with suppress(*_FAILURES):
        async for _ in parts:
            pass


async def _read(answer: httpx.Response, limit: int) -> bytes:
    """Read the body as far as ``limit``, also while it is unpacked: a small packed body may hold a huge one."""
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    unpack = zlib.decompressobj(16 + zlib.MAX_WBITS) if encoding in {"gzip", "x-gzip"} else None
    parts = answer.aiter_raw()
    body, packed = bytearray(), 0
    try:
        if unpack is None and encoding != "identity":
            raise RequestNotAnswered("the answer has an encoding that was not asked for", sent="maybe")
        async for part in parts:
            packed += len(part)
            body += part if unpack is None else unpack.decompress(part, limit + 1 - len(body))
            if len(body) > limit:
                raise RequestNotAnswered(f"the answer is larger than {limit} bytes", sent="maybe")
        if unpack is not None and packed and not unpack.eof:
            raise RequestNotAnswered("the answer's encoding ends too early", sent="maybe")
    finally:
        await _leave(answer, parts)
    return bytes(body)


class _StreamedLines:
    """The lines of an answer that is still coming."""

    def __init__(self, answer: httpx.Response, parts: AsyncIterator[bytes], limit: int, exchange: _Exchange) -> None:
        self.status = answer.status_code
        self.headers = _headers(answer)
        self._parts = parts
        self._limit = limit
        self._exchange = exchange
        self._splitter = LineSplitter()
        self._lines: list[str] = []

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        while not self._lines:
            self._lines = self._splitter.feed(await self._next_part())
            self._lines.reverse()
            if self._splitter.waiting > self._limit:
                raise RequestNotAnswered(f"a line is longer than {self._limit} bytes", sent="maybe")
        return self._lines.pop()

    async def _next_part(self) -> bytes:
        try:
            with quiet():
                return await anext(self._parts)
        except _FAILURES as error:
            failure = self._exchange.failure(error)
        raise failure
