"""pytest's fixtures for programs that chat: turn them on in the topmost ``conftest.py``.

::

    pytest_plugins = ["deskline.testing.fixtures"]

    @in_virtual_time("asyncio")
    async def test_the_bot_greets(center, open_chat):
        async with open_chat() as chat:
            ...

- ``center``: a :class:`~deskline.testing.MemoryCenter`, fresh for each test. ``@pytest.mark.center(...)`` on a test, a
  class or a module says with what, in the words of that class: ``channels``, ``scripts``, ``faults``. In the end it is
  seen that every chat was closed.
- ``open_chat``: its :meth:`~deskline.testing.MemoryCenter.open_chat`.

Both are plain fixtures, so they go with whatever runs a coroutine test: :func:`~deskline.testing.in_virtual_time`,
which needs nothing else; pytest-trio, with its ``autojump_clock`` for virtual time; anyio's or pytest-asyncio's runner,
with :class:`~deskline_transports.testing.VirtualTimeLoop` as the loop.
"""

from collections.abc import Callable, Generator
from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from deskline.chat import Chat

from .center import MemoryCenter

__all__ = ["center", "open_chat", "pytest_configure"]


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known."""
    config.addinivalue_line("markers", "center(**settings): what the fixture `center` is made with")


@pytest.fixture
def center(request: pytest.FixtureRequest) -> Generator[MemoryCenter]:
    """A contact center in memory, with the operator's controls."""
    settings: dict[str, Any] = {}
    for marker in reversed(list(request.node.iter_markers("center"))):  # the closest one has the last word
        settings |= marker.kwargs
    made = MemoryCenter(**settings)
    yield made
    made.check_end()


@pytest.fixture
def open_chat(center: MemoryCenter) -> Callable[..., AbstractAsyncContextManager[Chat]]:
    """Open a chat with the center in memory, on the runtime of the test."""
    return center.open_chat
