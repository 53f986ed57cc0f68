"""Who asks: the Authorization header, the tenant, and the cookie of browsers (Bright Pattern reference, section 2)."""

import re
from typing import Final

import msgspec

from .channel import BrightPatternChannel

__all__ = ["BROWSER", "COOKIE", "Claim", "cookie_of", "names_tenant", "read_claim"]

COOKIE: Final = "bp_chat_client"
"""No source shows the real name (section 19, 19)."""
BROWSER: Final = "WebChat"
"""The client id of those who are known by their cookie."""
_SCHEME: Final = "MOBILE-API-140-327-PLAIN"
_LONGEST: Final = 2048
_PAIRS: Final = re.compile(r'\s*(\w+)\s*=\s*("[^"]*"|[^",\s]*)\s*(?:,|$)')


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a header says; ``error`` is the code of what is wrong with it. ``quoted`` is whether both values were."""

    app: str = ""
    client: str = ""
    quoted: bool = False
    error: str = ""


def read_claim(header: str | None) -> Claim:
    """Read an Authorization header. The values may stand in quotes or bare: both are in use (section 2.3)."""
    if header is None:
        return Claim(error="2000")
    scheme, _, rest = header.strip().partition(" ")
    if scheme != _SCHEME:
        return Claim(error="2002")
    pairs, end = dict[str, str](), 0
    while end < len(rest) and (found := _PAIRS.match(rest, end)):
        pairs[found[1]], end = found[2], found.end()
    if rest[end:].strip() or not pairs or len(rest) > _LONGEST:
        return Claim(error="2001")
    app, client = pairs.get("appId", ""), pairs.get("clientId", "")
    claim = Claim(app=app.strip('"'), client=client.strip('"'), quoted=app[:1] == client[:1] == '"')
    if not claim.app:
        return Claim(error="2003")
    return claim if claim.client else Claim(error="2004")


def names_tenant(channel: BrightPatternChannel, given: str) -> bool:
    """Tell whether a ``tenantUrl`` is the channel's; some clients send a whole URL (section 18, 22)."""
    host = given.partition("://")[2] or given
    return bool(host) and channel.tenant in ("", host.rstrip("/"))


def cookie_of(headers: dict[str, str]) -> str:
    """Return the cookie by which a browser is known, "" for none."""
    parts = (item.strip().partition("=") for item in headers.get("cookie", "").split(";"))
    cookie = {name: value for name, _, value in parts}.get(COOKIE, "")
    return cookie if len(cookie) <= _LONGEST else ""
