"""What the far side says, safe to print; and what a person types, without blocking the loop."""

import codecs
import os
import sys
import threading
import unicodedata
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Final, final

from deskline.host import Host

__all__ = ["TypedLines", "clean", "say"]

_BREAKS: Final = frozenset("\t\n\r\v\f\x85\u2028\u2029")
_JOINERS: Final = frozenset("\N{ZERO WIDTH JOINER}\N{ZERO WIDTH NON-JOINER}")  # emoji and Indic scripts need them
_CHUNK: Final = 4096


def clean(text: str) -> str:
    """Return the text without anything that moves a cursor, changes a colour or turns the direction of reading.

    Line breaks and tabs become spaces, so that nobody can fake a line of ours.
    """
    return "".join(
        " " if character in _BREAKS else character
        for character in text
        if character in _BREAKS or character in _JOINERS or not unicodedata.category(character).startswith("C")
    )


def say(line: str) -> None:
    """Print a line now; letters that the terminal does not know are escaped."""
    encoding = sys.stdout.encoding or "utf-8"
    print(line.encode(encoding, "backslashreplace").decode(encoding), flush=True)


@final
class TypedLines:
    """The lines of standard input, as they come; None at its end.

    A thread reads them, and past Python's own buffer: its lock, held at exit, would abort the interpreter.
    """

    def __init__(self, host: Host, post: Callable[[Callable[[], object]], object]) -> None:
        self._lines: deque[str | None] = deque()
        self._signal = host.signal()
        self._post = post
        threading.Thread(target=self._read, name="deskline-stdin", daemon=True).start()

    async def next(self) -> str | None:
        """Return the next line, without its end."""
        while not self._lines:
            await self._signal.wait()
        return self._lines.popleft()

    def _read(self) -> None:
        decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        rest = ""
        number = sys.stdin.fileno()
        with suppress(Exception):  # the loop is gone, and with it whoever wanted to know
            while data := os.read(number, _CHUNK):
                *lines, rest = (rest + decode(data)).split("\n")
                for line in lines:
                    self._hand_over(line)
            if rest:
                self._hand_over(rest)
            self._hand_over(None)

    def _hand_over(self, line: str | None) -> None:
        def arrive() -> None:
            self._lines.append(line)
            self._signal.set()

        self._post(arrive)
