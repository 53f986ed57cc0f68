"""The operator's side of a running center: controls by HTTP, or by direct calls from any thread."""

import asyncio
from types import TracebackType
from typing import Any, Self

import httpx
import msgspec

from deskline.center.loop import CenterLoop
from deskline_center import AnswerControl, RefuseControl, controls
from deskline_center.controls import Control
from deskline_core.errors import DesklineError

__all__ = ["ControlClient", "ControlRefused", "Controls", "carry_out", "decode_control", "known_controls"]

Value = dict[str, Any]


class ControlRefused(DesklineError):
    """The center could not carry out a control; nothing has changed."""

    code = "control_refused"


_CONTROLS: dict[str, type[Control]] = {
    str(kind.__struct_config__.tag): kind for kind in Control.__subclasses__() if kind.__module__ == controls.__name__
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
        """Carry out a control and return what came of it. Blocks for a moment: not for the center's own thread.

        Raises :class:`ControlRefused`.
        """
        return asyncio.run_coroutine_threadsafe(self._do(control), self._home).result()

    async def ado(self, control: Control) -> Value:
        """Like :meth:`do`, for coroutines of any asyncio loop, the center's own as well."""
        future = asyncio.run_coroutine_threadsafe(self._do(control), self._home)
        return await asyncio.wrap_future(future)

    def overview(self) -> Value:
        """Return the state of the center. Blocks for a moment, like :meth:`do`."""
        return asyncio.run_coroutine_threadsafe(self._overview(), self._home).result()

    async def aoverview(self) -> Value:
        """Like :meth:`overview`, for coroutines of any asyncio loop."""
        return await asyncio.wrap_future(asyncio.run_coroutine_threadsafe(self._overview(), self._home))

    async def _do(self, control: Control) -> Value:
        done = await carry_out(self._loop, control)
        if isinstance(done, RefuseControl):
            raise ControlRefused(done.message)
        return done.value

    async def _overview(self) -> Value:
        return self._loop.center.overview()


class ControlClient:
    """The same over HTTP, for a center that runs anywhere. A context manager that closes its connections."""

    def __init__(self, url: str, *, timeout: float = 10.0) -> None:
        self._client = httpx.Client(base_url=url, timeout=timeout, trust_env=False)

    def do(self, control: Control) -> Value:
        """Carry out a control and return what came of it.

        Raises :class:`ControlRefused`, and :class:`httpx.HTTPError` when the center cannot be reached.
        """
        body = msgspec.json.encode(control)
        return _value(self._client.post(f"/control/{type(control).__struct_config__.tag}", content=body))

    def overview(self) -> Value:
        """Return the state of the center. Raises as :meth:`do`."""
        return _value(self._client.get("/control"))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _value(response: httpx.Response) -> Value:
    value: Value = response.json()
    if response.is_error:
        raise ControlRefused(str(value.get("error")))
    return value
