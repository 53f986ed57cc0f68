"""Cutting a stream of bytes into lines. Pure."""

__all__ = ["LineSplitter"]


class LineSplitter:
    """Cuts bytes into lines at LF, CR LF and CR, and nowhere else: ``str.splitlines`` knows eight more ends."""

    __slots__ = ("_after_return", "_rest")

    def __init__(self) -> None:
        self._rest = bytearray()
        self._after_return = False

    @property
    def waiting(self) -> int:
        """The bytes of the line that has not ended yet."""
        return len(self._rest)

    def feed(self, data: bytes) -> list[str]:
        """Take bytes; return the lines that they end, undecodable bytes replaced."""
        if self._after_return and data:
            # The CR that ended the last part was half of a CR LF, perhaps.
            data = data.removeprefix(b"\n")
            self._after_return = False
        self._rest += data
        if b"\n" not in data and b"\r" not in data:
            return []
        self._after_return = data.endswith(b"\r")
        # splitlines of bytes, unlike that of str, knows these three ends only.
        lines = self._rest.splitlines(keepends=True)
        self._rest = bytearray() if lines[-1].endswith((b"\n", b"\r")) else lines.pop()
        return [line.rstrip(b"\r\n").decode(errors="replace") for line in lines]
