"""The operator's side of a running center: controls by HTTP, or by direct calls from any thread."""

import asyncio
from collections.abc import Coroutine
from contextlib import closing
from http import HTTPStatus
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

import msgspec

from deskline_center import AnswerControl, RefuseControl, controls
from deskline_center.brightpattern import controls as brightpattern
from deskline_center.controls import Control
from deskline_core.errors import DesklineError, IllegalState

from .loop import CenterLoop, running_loop

__all__ = ["ControlClient", "ControlRefused", "Controls", "carry_out", "decode_control", "known_controls"]

Value = dict[str, Any]


class ControlRefused(DesklineError):
    """The center could not carry out a control; nothing has changed."""

    code = "control_refused"


_CONTROLS: dict[str, type[Control]] = {
    str(kind.__struct_config__.tag): kind
    for kind in Control.__subclasses__()
    if kind.__module__ in (controls.__name__, brightpattern.__name__)
}


def known_controls() -> list[str]:
    """Return the names of all controls, as they stand in the URL."""
    return sorted(_CONTROLS)


def decode_control(name: str, body: bytes) -> Control:
    """Return the control of that name with the fields of a JSON body.

    Raises KeyError for a name there is none of, :class:`msgspec.MsgspecError` for a body that does not fit.
    """
    kind = _CONTROLS[name]
    fields = msgspec.json.decode(body or b"{}", type=dict[str, Any])
    return msgspec.convert({**fields, "control": name}, kind)


async def carry_out(loop: CenterLoop, control: Control) -> AnswerControl | RefuseControl:
    """Give a center a control and return what became of it. For the loop's own thread."""
    control = msgspec.structs.replace(control, id=loop.name("control"))
    future: asyncio.Future[AnswerControl | RefuseControl]
    future = loop.controls[control.id] = asyncio.get_running_loop().create_future()
    try:
        loop.feed(control)
        return await future
    finally:
        del loop.controls[control.id]


class Controls:
    """Direct calls on a center that runs in this process, from any thread and any runtime."""

    def __init__(self, loop: CenterLoop, home: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._home = home

    def do(self, control: Control) -> Value:
        """Carry out a control and return what came of it. Blocks for a moment.

        Raises :class:`ControlRefused`, and IllegalState in a coroutine of the center's own loop, which would wait for
        itself: there, await :meth:`ado`.
        """
        return self._wait(self._do(control))

    async def ado(self, control: Control) -> Value:
        """Like :meth:`do`, for coroutines of any asyncio loop, the center's own as well."""
        future = asyncio.run_coroutine_threadsafe(self._do(control), self._home)
        return await asyncio.wrap_future(future)

    def overview(self) -> Value:
        """Return the state of the center. Blocks for a moment, like :meth:`do`."""
        return self._wait(self._overview())

    async def aoverview(self) -> Value:
        """Like :meth:`overview`, for coroutines of any asyncio loop."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._overview(), self._home))

    def _wait(self, answer: Coroutine[Any, Any, Value]) -> Value:
        if running_loop() is self._home:
            answer.close()
            raise IllegalState("a coroutine of the center's own loop cannot wait for it", hint="await the async twin")
        return asyncio.run_coroutine_threadsafe(answer, self._home).result()

    async def _do(self, control: Control) -> Value:
        done = await carry_out(self._loop, control)
        if isinstance(done, RefuseControl):
            raise ControlRefused(done.message)
        return done.value

    async def _overview(self) -> Value:
        return self._loop.center.overview()


class ControlClient:
    """The same over HTTP, for a center that runs anywhere. Each call opens a connection of its own.

    ``timeout`` is seconds. Proxies of the environment are not looked at.
    """

    def __init__(self, url: str, *, timeout: float = 10.0) -> None:
        self._address = urlsplit(url).netloc
        self._timeout = timeout

    def do(self, control: Control) -> Value:
        """Carry out a control and return what came of it.

        Raises :class:`ControlRefused`, and OSError when the center cannot be reached.
        """
        return self._ask("POST", f"/control/{type(control).__struct_config__.tag}", msgspec.json.encode(control))

    def overview(self) -> Value:
        """Return the state of the center. Raises as :meth:`do`."""
        return self._ask("GET", "/control", b"")

    def _ask(self, method: str, path: str, body: bytes) -> Value:
        with closing(HTTPConnection(self._address, timeout=self._timeout)) as connection:
            connection.request(method, path, body)
            response = connection.getresponse()
            value = msgspec.json.decode(response.read(), type=dict[str, Any])
        if response.status != HTTPStatus.OK:
            raise ControlRefused(str(value.get("error")))
        return value
