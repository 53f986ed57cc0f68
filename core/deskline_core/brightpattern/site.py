"""Where a Bright Pattern chat lives: the contact center's host and a scenario entry (reference, section 2)."""

import re
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from ..addresses import check_fields, check_text, check_url, is_fetchable
from ..errors import InvalidValue

if TYPE_CHECKING:
    from ..session import Session
    from .session import BrightPatternChat

__all__ = ["BrightPattern"]

_FIELDS: Final = (
    ("app_id", re.compile(r"'[A-Za-z0-9._~:-]{1,128}'"), "'shop-entry'"),
    ("tenant", re.compile(r"'(?:[A-Za-z0-9.-]{1,253}(?::\d{1,5})?)?'"), "'acme.brightpattern.com'"),
    ("version", re.compile("'v[12]'"), "'v2'"),
    ("insecure", re.compile("True|False"), "True"),
)
"""What a field's ``repr`` must look like, and an example."""
_SCHEMES: Final = ("https", "http")


class BrightPattern(msgspec.Struct, frozen=True, kw_only=True):
    """A messaging entry of a Bright Pattern contact center.

    ``url`` is the center's, such as ``https://acme.brightpattern.com``; a path in it stands before ``/clientweb``.
    ``app_id`` is the unique identifier of the scenario entry, ``tenant`` the domain name that the center knows itself
    by, which is the URL's host if it is empty. Plain ``http`` is for loopback hosts, or with ``insecure``.

    ``version`` "v1" is for older centers (section 17): the answers of what is sent carry events, there are no receipts
    and no pushes, and a file is sent again without an id where the first attempt is answered 500.
    """

    url: str
    app_id: str
    tenant: str = ""
    version: Literal["v2", "v1"] = "v2"
    insecure: bool = False

    def __post_init__(self) -> None:
        """Check it as a whole, so that a wrong site never gets as far as a request."""
        check_text("url", self.url)
        if not self.url:
            raise InvalidValue("a site needs a url", hint="such as https://acme.brightpattern.com")
        check_fields(self, _FIELDS)
        check_url("url", self.url, _SCHEMES, insecure=self.insecure)

    @property
    def identity(self) -> str:
        """What tells this entry's customers from another's, in a store that several sites share."""
        return f"brightpattern/{self.tenant or self.url}/{self.app_id}"

    @property
    def is_v1(self) -> bool:
        """Whether the center is an older one."""
        return self.version == "v1"

    def attach(self, session: "Session") -> "BrightPatternChat":
        """Return Bright Pattern's part of a session."""
        from .session import BrightPatternChat  # noqa: PLC0415 - what a session is made of knows the type of its site

        return BrightPatternChat(self, session)

    # --- requests ---

    def api_url(self, *path: str) -> str:
        """Return the URL of a method (section 3), by the parts of its path; ids in it may be any text."""
        tenant = self.tenant or urlsplit(self.url).hostname or ""
        query = urlencode({"tenantUrl": tenant})
        return f"{self._root()}/{'/'.join(quote(part, safe='') for part in path)}?{query}"

    def chat_url(self, chat_id: str, *path: str) -> str:
        """Return the URL of a method of one chat."""
        return self.api_url("chats", chat_id, *path)

    def file_url(self, chat_id: str, file_id: str) -> str:
        """GET: a file (3.11)."""
        return f"{self._root()}/chats/{quote(chat_id, safe='')}/files/{quote(file_id, safe='')}"

    def photo_url(self, chat_id: str, party_id: str) -> str:
        """GET: someone's picture (3.12)."""
        return f"{self._root()}/chats/{quote(chat_id, safe='')}/profilephotos/{quote(party_id, safe='')}"

    def headers(self, client_id: str, content_type: str = "") -> tuple[tuple[str, str], ...]:
        """Return the headers of a request (2.3): who asks, with both values quoted, and nothing from a cache."""
        who = f'MOBILE-API-140-327-PLAIN appId="{self.app_id}", clientId="{client_id}"'
        common = (("authorization", who), ("user-agent", "MobileClient"), ("cache-control", "no-cache"))
        return (*common, ("content-type", content_type)) if content_type else common

    # --- trust ---

    def trusts(self, url: str, foreign_urls: Literal["any_https", "same_host"]) -> bool:
        """Tell whether a URL that the far side named may be fetched, as :mod:`~deskline_core.addresses` says."""
        return is_fetchable(url, hosts={self._host}, scheme=urlsplit(self.url).scheme, foreign_urls=foreign_urls)

    @property
    def _host(self) -> str:
        return urlsplit(self.url).hostname or ""

    def _root(self) -> str:
        return f"{self.url.rstrip('/')}/clientweb/api/{self.version}"
