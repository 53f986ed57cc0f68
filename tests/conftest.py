"""What holds for all tests."""

import gc
import signal

import pytest

pytest_plugins = ["deskline.testing.fixtures"]

AGAIN = "played again, alone"
"""The property of a test whose first try was beside others on a processor that had no time for it."""


@pytest.fixture(scope="session", autouse=True)
def _ctrl_c_is_heard() -> None:
    """Hear Ctrl-C, and let child processes hear it: what is started in the background may be told to ignore it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """Let the garbage collector leave alone what lives as long as the run: modules, and thousands of tests."""
    gc.collect()
    gc.freeze()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what passed at the second try only: often the same one is a defect, now and then one is a busy machine."""
    for report in terminalreporter.getreports(""):
        for name, before in report.user_properties:
            if name == AGAIN and report.when == "call":
                terminalreporter.write_line(f"{report.nodeid} was {AGAIN}, after {before}")
