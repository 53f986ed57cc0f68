"""One socket of the server: a reader that feeds the center, and a writer that carries out its orders."""

import asyncio
import socket
import struct
from typing import cast

from starlette.responses import Response
from starlette.types import Scope
from starlette.websockets import WebSocket, WebSocketDisconnect

from deskline_center import AcceptSocket, Drop, FrameArrived, Push, RefuseSocket, SocketArrived, SocketGone

from .loop import CenterLoop, SocketOrder

__all__ = ["Conversation", "cut"]


def cut(scope: Scope) -> None:
    """Reset the TCP connection of a request or a socket: no answer, no farewell, and what is unsent is gone."""
    transport = cast("asyncio.Transport", scope["state"]["transport"])
    connection: socket.socket = transport.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()


class Conversation:
    """Carries one socket from its handshake to its end, whichever side ends it."""

    def __init__(self, loop: CenterLoop, websocket: WebSocket) -> None:
        self._loop = loop
        self._websocket = websocket
        self._name = loop.name("socket")
        self._orders: asyncio.Queue[SocketOrder] = asyncio.Queue()

    async def run(self) -> None:
        """Hold the conversation until it is over."""
        scope = self._websocket.scope
        self._loop.orders[self._name] = self._orders
        await self._websocket.receive()
        writer = asyncio.create_task(self._write())
        code: int | None = None
        try:
            query = scope["query_string"].decode("latin-1")
            self._loop.feed(SocketArrived(socket=self._name, query=query, path=scope["path"]))
            code = await self._read()
        finally:
            writer.cancel()
            await asyncio.wait([writer])
            del self._loop.orders[self._name]
            self._loop.feed(SocketGone(socket=self._name, code=code))

    async def _read(self) -> int | None:
        """Feed the text frames; other frames are passed over. Return the close code, None for an abrupt end."""
        while True:
            event = await self._websocket.receive()
            if event["type"] == "websocket.disconnect":
                code = cast("int | None", event.get("code"))
                return None if code in (1005, 1006) else code
            text = event.get("text")
            if text is not None:
                self._loop.feed(FrameArrived(socket=self._name, text=text))

    async def _write(self) -> None:
        try:
            while True:
                await self._carry_out(await self._orders.get())
        except (WebSocketDisconnect, OSError):
            return  # the far end is gone; the reader notices, too

    async def _carry_out(self, order: SocketOrder) -> None:
        match order:
            case AcceptSocket():
                await self._websocket.accept()
            case RefuseSocket(status=status):
                await self._websocket.send_denial_response(Response(status_code=status))
            case Push(text=text):
                await self._websocket.send_text(text)
            case Drop(code=code, reason=reason):
                if code is None:
                    cut(self._websocket.scope)
                else:
                    await self._websocket.close(code, reason)
