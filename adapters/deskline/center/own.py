"""By which names a running center is reached, and so whose pages may use its operator's side: its own, if any."""

from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

__all__ = ["Own"]

_LOOPBACK: Final = frozenset({"localhost", "127.0.0.1", "::1"})
_PORTS: Final = {"http": 80, "https": 443}


class Own:
    """The names of a center. ``host`` and ``port`` are what it is bound to, ``url`` is what clients reach it by.

    What a request says of its own host proves nothing: a page whose name was made to lead here says its own.
    """

    def __init__(self, host: str, port: int, url: str) -> None:
        public = urlsplit(url)
        self._places = {(name, port) for name in (*_LOOPBACK, host.lower())} | {_place(public)}
        self._names = {name for name, _ in self._places}
        self._is_local = _is_loopback(host)

    def is_page_elsewhere(self, origin: str | None, host: str | None) -> bool:
        """Tell whether a request comes from a page that is not the center's own.

        A page names its ``origin``, but for what it asks of its own host. There only a center that is bound to the
        loopback interface knows all names by which it can be reached; the port may be another one, forwarded here.
        """
        try:
            if origin is not None:
                return _place(urlsplit(origin)) not in self._places
            return self._is_local and host is not None and urlsplit(f"//{host}").hostname not in self._names
        except ValueError:
            return True


def _place(url: SplitResult) -> tuple[str, int]:
    return url.hostname or "", url.port or _PORTS.get(url.scheme, 0)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
