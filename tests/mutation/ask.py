"""Ask a worker for tests, and exit as they did: ``ask.py door seconds test...``, for a mutation tool to run."""

import json
import socket
import sys

__all__ = ["ask"]


def ask(door: str, tests: list[str], seconds: float) -> tuple[int, str]:
    """Return the exit code of the tests, and the end of what they printed."""
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(door)
        with line.makefile("rw", encoding="utf-8") as file:
            file.write(json.dumps({"tests": tests, "seconds": seconds}) + "\n")
            file.flush()
            told = json.loads(file.readline())
    return told["code"], told["told"]


if __name__ == "__main__":
    code, printed = ask(sys.argv[1], sys.argv[3:], float(sys.argv[2]))
    sys.stdout.write(printed)
    sys.exit(1 if code else 0)
