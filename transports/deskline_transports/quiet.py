"""Keeps the loggers of the libraries below from printing addresses and headers, which carry tokens.

Their loggers are shared with whatever else the program does with them, so they are neither disabled nor set to
another level: a filter drops only what is logged from inside one of our own calls.
"""

import logging
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

__all__ = ["QUIET", "quiet", "quiet_from_here", "silence"]

_inside: Final = ContextVar("deskline_transports_inside", default=False)

# For libraries that take a logger: its own level lets nothing pass, whatever is set above it.
QUIET: Final = logging.getLogger("deskline.transport.quiet")
QUIET.setLevel(logging.CRITICAL + 1)


def _is_foreign(record: logging.LogRecord) -> bool:
    del record
    return not _inside.get()


def silence(*names: str) -> None:
    """Let these loggers drop what is logged inside :func:`quiet`. Filters do not reach children: name each."""
    for name in names:
        logging.getLogger(name).addFilter(_is_foreign)


@contextmanager
def quiet() -> Generator[None]:
    """Mark the enclosed part of this task as ours."""
    token = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(token)


def quiet_from_here() -> None:
    """Mark the rest of this task, and the tasks that it starts, as ours."""
    _inside.set(True)
