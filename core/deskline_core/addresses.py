"""URLs: those that a site is made of, and those that the far side names."""

import re
from collections.abc import Set as AbstractSet
from typing import Final, Literal
from urllib.parse import SplitResult, urlsplit

from .errors import InvalidValue

__all__ = ["check_fields", "check_text", "check_url", "is_fetchable", "is_loopback"]

_PLAIN_URL: Final = re.compile(r"[!-~]{1,8192}")
_LOOPBACK: Final = re.compile(r"localhost|.+\.localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1")
_NAMED_HOST: Final = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z][a-z0-9-]*")


# --- what a site is made of ---


def check_text(name: str, given: object) -> None:
    """Raise InvalidValue for what is no text."""
    if not isinstance(given, str):
        raise InvalidValue(f"malformed {name} {given!r:.100}", hint="it is a text")


def check_fields(site: object, fields: tuple[tuple[str, re.Pattern[str], str], ...]) -> None:
    """Raise InvalidValue for the first field whose ``repr`` does not match its pattern; each comes with an example."""
    for name, pattern, example in fields:
        given = repr(getattr(site, name))  # with the quotes of a text, so that its type is checked as well
        if not pattern.fullmatch(given):
            raise InvalidValue(f"malformed {name} {given:.100}", hint=f"such as {example}")


def check_url(name: str, url: str, schemes: tuple[str, str], *, insecure: bool) -> None:
    """Raise InvalidValue for a URL that a site cannot have; the second scheme is for loopback hosts, or insecure."""
    if reason := _fault(url, schemes, insecure=insecure):
        raise InvalidValue(f"{name} {reason}", hint=f"such as {schemes[0]}://chat.example.test")


def _fault(url: str, schemes: tuple[str, str], *, insecure: bool) -> str:
    """Return what is wrong with a site's own URL, "" if nothing is."""
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError:
        return "is malformed"
    if not _PLAIN_URL.fullmatch(url) or not host:
        return "is malformed"
    if "@" in parts.netloc or parts.query or parts.fragment:
        return "holds credentials, a query or a fragment"
    return _scheme_fault(parts, host, schemes, insecure=insecure)


def _scheme_fault(parts: SplitResult, host: str, schemes: tuple[str, str], *, insecure: bool) -> str:
    if parts.scheme not in schemes:
        return f"must begin with {schemes[0]}://"
    if parts.scheme == schemes[1] and not (insecure or is_loopback(host)):
        return f"must begin with {schemes[0]}://, or the site be insecure"
    return ""


# --- what the far side names ---


def is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    return _LOOPBACK.fullmatch(host) is not None


def is_fetchable(
    url: str, *, hosts: AbstractSet[str], scheme: str, foreign_urls: Literal["any_https", "same_host"]
) -> bool:
    """Tell whether a URL that the far side named may be fetched; ``hosts`` are the site's own, ``scheme`` is its own.

    It must be ``https``, without credentials, and its host a name: an address, or a name of this machine, would
    let the far side reach into the customer's own network. A site all on this machine may also name its own scheme
    here. ``same_host`` admits the site's own hosts only.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    if not _PLAIN_URL.fullmatch(url) or "\\" in url or "@" in parts.netloc or not host:
        return False
    if is_loopback(host) and all(map(is_loopback, hosts)):
        return parts.scheme in {"https", scheme}
    if parts.scheme != "https" or is_loopback(host) or not _NAMED_HOST.fullmatch(host):
        return False
    return foreign_urls == "any_https" or host in hosts
