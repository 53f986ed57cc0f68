"""What holds for all tests."""

import signal

import pytest


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> None:
    """Hear Ctrl-C, and let child processes hear it: what is started in the background may be told to ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
