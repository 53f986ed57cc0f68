"""The web face of a center: every REST request and socket goes to the pure center; ``/control`` is the operator's."""

import asyncio
from collections.abc import AsyncGenerator
from typing import Any
from urllib.parse import urlsplit

import msgspec
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from deskline_center import RefuseControl, RequestArrived

from .control import carry_out, decode_control, known_controls
from .conversation import Conversation, cut
from .loop import CenterLoop

__all__ = ["MAX_BODY", "application"]

MAX_BODY = 64 * 1024 * 1024
_METHODS = ["GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"]


def application(loop: CenterLoop) -> Starlette:
    """Return the ASGI application around a running center."""

    async def overview(request: Request) -> Response:
        return _foreign(request) or _json(loop.center.overview())

    async def control(request: Request) -> Response:
        return _foreign(request) or await _control(loop, request)

    async def rest(request: Request) -> Response:
        return await _rest(loop, request)

    async def socket(websocket: WebSocket) -> None:
        await Conversation(loop, websocket).run()

    return Starlette(
        routes=[
            Route("/control", overview, methods=["GET"]),
            Route("/control/{name}", control, methods=["POST"]),
            WebSocketRoute("/{path:path}", socket),
            Route("/{path:path}", rest, methods=_METHODS),
        ]
    )


def _headers_of(raw: list[tuple[bytes, bytes]]) -> tuple[tuple[str, str], ...]:
    """Return headers as text."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in raw)


def _json(value: object, status: int = 200) -> Response:
    return Response(msgspec.json.encode(value), status, media_type="application/json")


def _foreign(request: Request) -> Response | None:
    """Refuse a page of another origin: the operator's side must not be open to whatever a browser has loaded."""
    origin = request.headers.get("origin")
    if origin is None or urlsplit(origin).netloc == request.headers.get("host"):
        return None
    return _json({"error": "controls are not for pages of other origins"}, 403)


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
    """Return the body, or None when it is larger than the limit or never arrives as a whole."""
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MAX_BODY:
                return None
    except ClientDisconnect:
        return None
    return bytes(body)


async def _rest(loop: CenterLoop, request: Request) -> Response:
    body = await _body(request)
    if body is None:
        return _json({"error": {"errorCode": "TooLarge", "errorMessage": "The body is too large"}}, 413)
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
            body=body,
        )
        loop.feed(arrived)
        answer = await future
    except BaseException:
        del loop.parts[id]
        raise
    finally:
        del loop.answers[id]
    if answer is not None and answer.more:
        whole = _follow(loop, request, id, answer.body)
        return StreamingResponse(whole, answer.status, dict(answer.headers))
    del loop.parts[id]
    if answer is None:
        cut(request.scope)
        return Response(status_code=500)
    return Response(answer.body, answer.status, dict(answer.headers))


async def _follow(loop: CenterLoop, request: Request, id: str, first: bytes) -> AsyncGenerator[bytes]:
    """Give the parts of an answer as they come."""
    parts = loop.parts[id]
    try:
        if first:
            yield first
        while (part := await parts.get()) is not None:
            if part.body:
                yield part.body
            if not part.more:
                return
        cut(request.scope)
    finally:
        del loop.parts[id]
