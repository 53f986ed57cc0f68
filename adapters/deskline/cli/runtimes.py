"""The two runtimes behind one face, for commands that run on either."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Any, NamedTuple

from deskline.chat import Chat
from deskline.host import Host

__all__ = ["Runtime", "runtime_named"]

Main = Callable[[], Coroutine[Any, Any, int]]


class Runtime(NamedTuple):
    """``run`` runs a program; ``host`` gives it tasks; ``poster`` returns what hands a call over from any thread."""

    name: str
    run: Callable[[Main], int]
    open_chat: Callable[..., AbstractAsyncContextManager[Chat]]
    host: Callable[[], Host]
    poster: Callable[[], Callable[[Callable[[], object]], object]]


def runtime_named(name: str) -> Runtime:
    """Return the runtime with this name. Raises ModuleNotFoundError, with what to install, if it is not there."""
    return _trio() if name == "trio" else _asyncio()


def _trio() -> Runtime:
    import deskline.trio  # noqa: PLC0415 - the other may be absent
    from deskline.trio.host import TrioHost  # noqa: PLC0415 - the other may be absent

    trio: Any = sys.modules["trio"]
    return Runtime(
        name="trio",
        run=trio.run,
        open_chat=deskline.trio.open_chat,
        host=TrioHost,
        poster=lambda: trio.lowlevel.current_trio_token().run_sync_soon,
    )


def _asyncio() -> Runtime:
    import deskline.asyncio  # noqa: PLC0415 - the other may be absent
    from deskline.asyncio.host import AsyncioHost  # noqa: PLC0415 - the other may be absent

    return Runtime(
        name="asyncio",
        run=_run_asyncio,
        open_chat=deskline.asyncio.open_chat,
        host=AsyncioHost,
        poster=lambda: asyncio.get_running_loop().call_soon_threadsafe,
    )


def _run_asyncio(main: Main) -> int:
    return asyncio.run(main())
