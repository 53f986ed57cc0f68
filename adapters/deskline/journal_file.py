"""Writes a session's journal to a file. What goes wrong with the file never hurts the chat."""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Protocol, TextIO, final

from deskline_core.commands import Command
from deskline_core.inputs import Input

__all__ = ["JournalFile", "LineRecorder"]

_logger: Final = logging.getLogger("deskline.journal")


class LineRecorder(Protocol):
    """What turns a session's course into lines, as :class:`deskline_core.journal.Recorder` does."""

    def header(self) -> str:
        """Return the first line."""
        ...

    def line(self, input: Input, now: float, commands: Sequence[Command]) -> str:
        """Return the line of one input."""
        ...


@final
class JournalFile:
    """Buffered; complete once it is closed. A file that cannot be opened raises OSError, later errors are logged."""

    def __init__(self, path: str | Path, recorder: LineRecorder) -> None:
        self._recorder = recorder
        self._file: TextIO | None = Path(path).open("w", encoding="utf-8")  # noqa: SIM115 # closed by close
        self._put(recorder.header())

    def write(self, input: Input, now: float, commands: Sequence[Command]) -> None:
        """Add the line of one input."""
        if self._file is not None:
            self._put(self._recorder.line(input, now, commands))

    def close(self) -> None:
        """Write what is buffered, and close the file."""
        file, self._file = self._file, None
        if file is not None:
            try:
                file.close()
            except OSError as error:
                _logger.warning("the journal is not complete: %s", error)

    def _put(self, line: str) -> None:
        if self._file is None:
            return
        try:
            self._file.write(line.rstrip("\n") + "\n")
        except OSError as error:
            _logger.warning("the journal ends here: %s", error)
            self.close()
