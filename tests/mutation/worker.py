"""Runs tests of a copy of the tree, each time in a fork: what is slow to import is there, nothing of ours is.

Started as a script, with the copy as working folder, the path of a socket and that of a file for what tests print. Who
connects sends a line of JSON, ``{"tests": [...], "seconds": 120}``, and gets one: the exit code of pytest, or -1 for
one that did not end in time, and the end of what it printed.
"""

import contextlib
import importlib
import json
import os
import signal
import socket
import sys
import time
import traceback
from pathlib import Path

_HEAVY = ("pytest", "_pytest.assertion", "hypothesis", "trio", "asyncio", "httpx", "msgspec", "transitions", "ssl")
_OPTIONS = (
    *("-n", "0", "-x", "-q", "--no-header", "--tb=short", "-p", "no:cacheprovider"),
    *("-W", "ignore:Module already imported"),
)
_LATE = -1
_CRASHED = 3


def _in_child(tests: list[str], printed: Path) -> int:
    os.setsid()
    file = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    import pytest

    return int(pytest.main([*_OPTIONS, *tests]))


def _run(tests: list[str], seconds: float, printed: Path) -> int:
    child = os.fork()
    if child == 0:
        code = _CRASHED
        try:
            code = _in_child(tests, printed)
        except BaseException:  # noqa: BLE001 - nothing of it may reach the parent's code
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return _LATE


def main(door: str, printed: Path) -> None:
    """Serve until somebody ends the process."""
    here = Path(__file__).resolve().parent
    sys.path[:] = [part for part in sys.path if Path(part).resolve() != here]
    sys.dont_write_bytecode = True
    for name in _HEAVY:
        importlib.import_module(name)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(f"{door}.new")
        listening.listen()
        Path(f"{door}.new").rename(door)  # there is a door when somebody answers
        while True:
            line, _ = listening.accept()
            with line, line.makefile("rw", encoding="utf-8") as file:
                asked = json.loads(file.readline())
                code = _run(asked["tests"], asked["seconds"], printed)
                told = printed.read_text("utf-8", "replace")[-3000:] if printed.is_file() else ""
                with contextlib.suppress(OSError):  # whoever asked may be gone
                    file.write(json.dumps({"code": code, "told": told}) + "\n")
                    file.flush()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
