"""The web face of a center: every REST request and socket goes to the pure center; ``/control`` is the operator's."""

import asyncio
from collections.abc import AsyncGenerator
from functools import partial
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket

from deskline_center import RefuseControl, RequestArrived, RequestGone, Respond

from .control import carry_out, decode_control, known_controls
from .conversation import Conversation, cut
from .loop import CenterLoop
from .own import Own

__all__ = ["MAX_BODY", "application"]

MAX_BODY = 64 * 1024 * 1024


def application(loop: CenterLoop, own: Own) -> Starlette:
    """Return the ASGI application around a running center, which is reached by ``own`` names."""

    async def overview(request: Request) -> Response:
        return _foreign(own, request) or _json(loop.center.overview())

    async def control(request: Request) -> Response:
        return _foreign(own, request) or await _control(loop, request)

    async def socket(websocket: WebSocket) -> None:
        await Conversation(loop, websocket).run()

    return Starlette(
        routes=[
            Route("/control", overview, methods=["GET"]),
            Route("/control/{name}", control, methods=["POST"]),
            WebSocketRoute("/{path:path}", socket),
            Route("/{path:path}", _Rest(loop)),
        ]
    )


def _headers_of(raw: list[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    """Return headers as text."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _foreign(own: Own, request: Request) -> Response | None:
    """Refuse a page of another origin: the operator's side must not be open to whatever a browser has loaded."""
    if own.is_page_elsewhere(request.headers.get("origin"), request.headers.get("host")):
        return _json({"error": "controls are not for pages of other origins"}, 403)
    return None


async def _control(loop: CenterLoop, request: Request) -> Response:
    try:
        wanted = decode_control(request.path_params["name"], await request.body())
    except KeyError:
        return _json({"error": "there is no such control", "controls": known_controls()}, 404)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as problem:
        return _json({"error": str(problem)}, 400)
    done = await carry_out(loop, wanted)
    if isinstance(done, RefuseControl):
        return _json({"error": done.message}, 409)
    return _json(done.value)


async def _body(request: Request) -> bytes | None:
    """Return the body, None when it is larger than the limit. Such a one is read to its end, and nothing of it kept.

    Clients look for an answer only when they have sent everything.
    """
    body, size = bytearray(), 0
    async for chunk in request.stream():
        size += len(chunk)
        if size <= MAX_BODY:
            body += chunk
        else:
            body.clear()
    return bytes(body) if size <= MAX_BODY else None


class _Rest:
    """Everything but controls and sockets, by whatever method: the center answers all of it."""

    def __init__(self, loop: CenterLoop) -> None:
        self._loop = loop

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        try:
            body = await _body(request)
        except ClientDisconnect:
            return
        response = await _rest(self._loop, request, body)
        await response(scope, receive, send)


async def _rest(loop: CenterLoop, request: Request, body: bytes | None) -> Response:
    id = loop.name("request")
    future = loop.answers[id] = asyncio.get_running_loop().create_future()
    loop.parts[id] = asyncio.Queue()
    scope: dict[str, Any] = dict(request.scope)
    try:
        arrived = RequestArrived(
            id=id,
            method=request.method,
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            headers=_headers_of(request.headers.raw),
            body=body or b"",
            is_too_large=body is None,
        )
        loop.feed(arrived)
        answer = await (future if future.done() else _unless_gone(loop, request, id, future))
    except BaseException:
        del loop.parts[id]
        raise
    finally:
        del loop.answers[id]
    if answer is not None and answer.more:
        return _Following(loop, request, answer)
    del loop.parts[id]
    if answer is None:
        cut(request.scope)
        return Response(status_code=500)
    return Response(answer.body, answer.status, dict(answer.headers))


async def _unless_gone(
    loop: CenterLoop, request: Request, id: str, future: "asyncio.Future[Respond | None]"
) -> Respond | None:
    """Wait for an answer that does not come at once; the center learns when the client is gone meanwhile."""
    listening = asyncio.ensure_future(request.receive())
    try:
        await asyncio.wait((future, listening), return_when=asyncio.FIRST_COMPLETED)
        answer = future.result() if future.done() else None
        if listening.done() and not (answer is not None and answer.more):  # who follows parts is seen to leave there
            loop.feed(RequestGone(id=id))
        return answer
    finally:
        listening.cancel()


class _Following(StreamingResponse):
    """An answer whose parts go out as they come. The center learns when nobody reads it any more."""

    def __init__(self, loop: CenterLoop, request: Request, answer: Respond) -> None:
        super().__init__(_follow(loop, request, answer), answer.status, dict(answer.headers))
        self._gone = partial(loop.follow_no_more, answer.id)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._gone()


async def _follow(loop: CenterLoop, request: Request, answer: Respond) -> AsyncGenerator[bytes]:
    """Give the parts of an answer as they come."""
    parts = loop.parts[answer.id]
    if answer.body:
        yield answer.body
    while (part := await parts.get()) is not None:
        if part.body:
            yield part.body
        if not part.more:
            return
    cut(request.scope)
