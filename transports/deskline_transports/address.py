"""What both runtimes say before a socket is open: addresses, the proxy's CONNECT, the handshake's first line. Pure."""

import re
from base64 import b64encode
from typing import Final, cast
from urllib.parse import unquote, urlsplit

import msgspec

from deskline_core.errors import InvalidValue, NotSupported, SocketEnded, SocketRefused

__all__ = [
    "Address",
    "AnswerHead",
    "ConnectAnswer",
    "Proxy",
    "again",
    "cause_of",
    "check_headers",
    "check_text",
    "connect_request",
    "first_failure",
    "proxy_address",
    "refused",
    "short_reason",
    "socket_address",
]

_PRINTABLE: Final = re.compile(r"[!-~]+")
_HEADER_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_HEADER_VALUE: Final = re.compile(r"[\t -~\x80-\xff]*")
_STATUS: Final = re.compile(rb"HTTP/1\.[01] ([1-5][0-9]{2})(?: |\r?\n)")
_LONGEST_HEAD: Final = 16 * 1024


class Address(msgspec.Struct, frozen=True, kw_only=True):
    """Where a socket goes: ``resource`` is the path with its query."""

    secure: bool
    host: str
    port: int
    resource: str

    def __repr__(self) -> str:
        return f"Address({self.target})"

    @property
    def target(self) -> str:
        """Host and port, as CONNECT names them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def authority(self) -> str:
        """The value of the Host header: the port is left out when it is the scheme's own."""
        return self.target.rpartition(":")[0] if self.port == (443 if self.secure else 80) else self.target


class Proxy(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP proxy; ``credentials`` is the value of its authorization header, or empty."""

    host: str
    port: int
    credentials: str = ""

    def __repr__(self) -> str:
        return f"Proxy({self.host}:{self.port})"


def socket_address(url: str) -> Address:
    """Read the address of a socket; raise :class:`SocketRefused` without repeating it, as it may carry a token."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme not in {"ws", "wss"} or not parts.hostname or not _PRINTABLE.fullmatch(url):
        raise SocketRefused("the socket's address is no encoded ws:// or wss:// address")
    if parts.username is not None:
        raise SocketRefused("the socket's address holds credentials", hint="send an authorization header")
    secure = parts.scheme == "wss"
    resource = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Address(secure=secure, host=parts.hostname, port=port or (443 if secure else 80), resource=resource)


def proxy_address(proxy: str | None) -> Proxy | None:
    """Read the proxy setting; raise :class:`NotSupported` for what not every transport of deskline can keep."""
    if proxy is None:
        return None
    try:
        parts = urlsplit(proxy)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    if parts.scheme != "http" or not parts.hostname:
        raise NotSupported("the proxy is not an HTTP proxy", hint="http://[user:password@]host:port")
    credentials = ""
    if parts.username is not None:
        pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        credentials = "Basic " + b64encode(pair.encode()).decode()
    return Proxy(host=parts.hostname, port=port or 80, credentials=credentials)


def check_headers(headers: tuple[tuple[str, str], ...]) -> str:
    """Return what is wrong with the headers, or an empty string; values are not repeated."""
    for name, value in headers:
        if not _HEADER_NAME.fullmatch(name):
            return "a header's name is not a token"
        if not _HEADER_VALUE.fullmatch(value):
            return f"the value of header {name} cannot be sent"
    return ""


def check_text(text: str) -> None:
    """Raise :class:`InvalidValue` for text that UTF-8 cannot carry."""
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        position = error.start
    else:
        return
    raise InvalidValue(f"the text holds a lone surrogate at position {position} and cannot be sent")


def short_reason(reason: str) -> str:
    """Cut the reason of a close frame to what fits: 123 bytes of UTF-8."""
    return reason.encode(errors="replace")[:123].decode(errors="ignore")


def again(end: SocketEnded, *, written: bool = True) -> SocketEnded:
    """Return a copy to raise: one that is raised twice collects tracebacks. ``written`` is that of this frame."""
    return SocketEnded(
        end.message, close_code=end.close_code, reason=end.reason, oversize=end.oversize, written=written
    )


def cause_of(error: BaseException) -> str:
    """Name the kind of the deepest known cause, without its text: that may repeat an address or a header."""
    while (below := _below(error)) is not None:
        error = below
    detail = getattr(error, "verify_message", "") or (error.strerror if isinstance(error, OSError) else "")
    return f"{type(error).__name__}: {detail}" if detail else type(error).__name__


def _below(error: BaseException) -> BaseException | None:
    if isinstance(error, BaseExceptionGroup):
        return cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    # httpcore hides the cause of what its pool raises (`from None`). An OSError is told well enough by itself.
    return error.__cause__ or (None if isinstance(error, OSError) else error.__context__)


def connect_request(address: Address, proxy: Proxy, user_agent: str) -> bytes:
    """Return the request that asks a proxy for a tunnel."""
    lines = [f"CONNECT {address.target} HTTP/1.1", f"Host: {address.target}", f"User-Agent: {user_agent}"]
    if proxy.credentials:
        lines.append(f"Proxy-Authorization: {proxy.credentials}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def first_failure(error: BaseException | None) -> BaseException | None:
    """Return the first exception inside of groups."""
    while isinstance(error, BaseExceptionGroup):
        error = _below(cast("BaseExceptionGroup[BaseException]", error))
    return error


def refused(error: BaseException | None, status: int | None = None) -> SocketRefused:
    """Return what is raised when an opening failed; no error means that the far side just closed."""
    if status is not None:
        return SocketRefused(f"the far side answered the handshake with {status}", status=status)
    cause = "the far side closed the connection" if error is None else cause_of(error)
    return SocketRefused(f"the socket could not be opened: {cause}")


class AnswerHead:
    """Collects the head of an HTTP answer and tells its status once the first line is there."""

    __slots__ = ("_bytes",)

    def __init__(self) -> None:
        self._bytes = b""

    def feed(self, data: bytes | bytearray) -> int | None:
        """Take bytes; return the status or None. Raise :class:`SocketRefused` if this is no HTTP."""
        self._bytes += data
        if found := _STATUS.match(self._bytes):
            return int(found[1])
        if b"\n" in self._bytes or len(self._bytes) > _LONGEST_HEAD:
            raise SocketRefused("the far side does not speak HTTP")
        return None


class ConnectAnswer(AnswerHead):
    """Reads a proxy's answer to CONNECT."""

    __slots__ = ()

    def complete(self, data: bytes) -> bool:
        """Take bytes (none means the end); tell whether the tunnel is open. Raise :class:`SocketRefused`."""
        if not data:
            raise SocketRefused("the proxy closed the connection")
        status = self.feed(data)
        # Its status is kept apart from the far side's: a proxy's 407 says nothing about the chat's credentials.
        if status is not None and status // 100 != 2:  # noqa: PLR2004 - 2xx
            raise SocketRefused(f"the proxy refused the tunnel with status {status}")
        _, end, rest = self._bytes.partition(b"\r\n\r\n")
        if rest or len(self._bytes) > _LONGEST_HEAD:
            raise SocketRefused("the proxy said more than an answer")
        return bool(end)
