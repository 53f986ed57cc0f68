"""Where a CXone chat lives: its region or URLs, its brand and channel (CXone wire reference, sections 1, 2.1, 3.1)."""

import re
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import quote, urlencode, urlsplit

import msgspec

from ..addresses import check_fields, check_text, check_url, is_fetchable, is_loopback
from ..errors import InvalidValue

if TYPE_CHECKING:
    from ..session import Session
    from .session import CXoneChat

__all__ = ["CXone"]

_DOMAINS: Final = {
    **dict.fromkeys(("NA1", "EU1", "AU1", "CA1", "UK1", "JP1"), "niceincontact.com"),
    **dict.fromkeys(("AE1", "JO1", "KR1", "ZA1"), "nicecxone.com"),
    "AU2": "nicecxone-sov1.au",
    "EU2": "nicecxone-sov1.eu",
    "UK2": "nicecxone-sov1.uk",
    "NA2": "nicecxone-gov.com",
}
"""The named regions (1.1)."""

_DERIVED: Final = {
    "chat_url": "https://channels-de-{}/chat",
    "token_url": "https://digital-oauth-de-{}",
    "analytics_url": "https://channels-de-{}",
    "gateway_url": "wss://chat-gw-de-{}/",
}
"""The URLs of a region (1.2); the gateway's in the form of the newest vendor client (section 8, row 1)."""

_FIELDS: Final = (
    ("brand_id", re.compile(r"[1-9]\d{0,17}"), "1386"),
    ("channel_id", re.compile(r"'chat_[A-Za-z0-9_-]{1,100}'"), "'chat_0d9f4b6e-2f1c-4f0e-9a55-6f2b8f6f1a10'"),
    ("locale", re.compile(r"'[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*'"), "'en-US'"),
    ("sdk_platform", re.compile("'(?:ios|android|web)'"), "'web'"),
    ("sdk_version", re.compile(r"'[A-Za-z0-9.+_-]{1,32}'"), "'3.3.0'"),
    ("insecure", re.compile("True|False"), "True"),
)
"""What a field's ``repr`` must look like, and an example."""

_URLS: Final = ("environment", "chat_url", "gateway_url", "token_url", "analytics_url")
_REST_SCHEMES: Final = ("https", "http")
_SOCKET_SCHEMES: Final = ("wss", "ws")


class CXone(msgspec.Struct, frozen=True, kw_only=True):
    """A CXone Digital chat channel.

    ``environment`` is a named region, in any case. URLs given beside it, or in its place, win over the derived ones;
    without a region, ``chat_url`` and ``gateway_url`` are needed, and the token and analytics hosts are the chat's.
    Plain ``http`` and ``ws`` are for loopback hosts, or with ``insecure``.

    ``sdk_platform`` and ``sdk_version`` are the client that we announce. The far side knows three platforms, and may
    refuse versions that it holds for too old: raise it here when it does.
    """

    environment: str = ""
    brand_id: int
    channel_id: str
    chat_url: str = ""
    gateway_url: str = ""
    token_url: str = ""
    analytics_url: str = ""
    locale: str = "en-US"
    sdk_platform: Literal["ios", "android", "web"] = "web"
    sdk_version: str = "3.3.0"
    insecure: bool = False

    def __post_init__(self) -> None:
        """Check it as a whole, so that a wrong site never gets as far as a request."""
        for name in _URLS:
            check_text(name, getattr(self, name))
        if self.environment and self.environment.upper() not in _DOMAINS:
            raise InvalidValue(f"unknown environment {self.environment!r}", hint=f"one of {', '.join(_DOMAINS)}")
        if not self.environment and not (self.chat_url and self.gateway_url):
            raise InvalidValue("a site needs an environment, or a chat_url and a gateway_url")
        check_fields(self, _FIELDS)
        for name in ("chat_url", "token_url", "analytics_url"):
            self._check_url(name, _REST_SCHEMES)
        self._check_url("gateway_url", _SOCKET_SCHEMES)

    @classmethod
    def local(cls, url: str, brand_id: int, channel_id: str) -> "CXone":
        """Return the site of a center that serves everything on one host and port, such as ``http://127.0.0.1:8080``.

        The chat requests are under ``/chat``, the gateway is at ``/``.
        """
        check_text("url", url)
        if not url.startswith(("http://", "https://")):
            raise InvalidValue(f"url {url!r:.100} must begin with http://", hint="such as http://127.0.0.1:8080")
        root = url.rstrip("/")
        return cls(
            brand_id=brand_id,
            channel_id=channel_id,
            chat_url=f"{root}/chat",
            gateway_url=re.sub("^http", "ws", root) + "/",
            token_url=root,
            analytics_url=root,
        )

    @property
    def identity(self) -> str:
        """What tells this channel's customers from another's, in a store that several sites share."""
        return f"cxone/{self.environment.upper() or self.chat_url}/{self.brand_id}/{self.channel_id}"

    # --- requests ---

    def attach(self, session: "Session") -> "CXoneChat":
        """Return CXone's part of a session."""
        from .session import CXoneChat  # noqa: PLC0415 - what a session is made of knows the type of its site

        return CXoneChat(self, session)

    def configuration_url(self) -> str:
        """GET: the channel configuration (2.2)."""
        return f"{self._channel_url()}?{urlencode({'locale': self.locale.replace('-', '_')})}"

    def availability_url(self) -> str:
        """GET: whether a live chat is staffed (2.3)."""
        return f"{self._channel_url()}/availability"

    def upload_url(self) -> str:
        """POST: a file of a message (2.6)."""
        return f"{self._channel_url()}/attachment"

    def menu_url(self) -> str:
        """GET: the menu that is always there (2.9)."""
        return f"{self._channel_url()}/persistent-menu-items"

    def visitor_url(self, visitor: str) -> str:
        """PUT: create or update the visitor (2.4)."""
        root = self._base("analytics_url")
        return f"{root}/web-analytics/1.0/tenants/{self.brand_id}/visitors/{quote(visitor, safe='')}"

    def visitor_events_url(self, visitor: str) -> str:
        """POST: one visitor event (2.5)."""
        return f"{self.visitor_url(visitor)}/events"

    def token_request_url(self, visitor: str, *, fallback: bool = False) -> str:
        """POST: a transaction token (2.8); with ``fallback`` an identity token takes the place of the cookie."""
        query: dict[str, str | int] = {
            "brandId": self.brand_id, "channelId": self.channel_id, "visitorId": visitor,
        }  # fmt: skip
        if fallback:
            query["storageFallback"] = 1
        return f"{self._base('token_url')}/oauth/token?{urlencode(query)}"

    def socket_url(self, visitor: str, customer: str, token: str | None) -> str:
        """Return the gateway's URL (3.1): with a transaction token in secured sessions, else with the customer."""
        query: dict[str, str | int] = {
            "brandId": self.brand_id,
            "channelId": self.channel_id,
            "visitorId": visitor,
            "sdkPlatform": self.sdk_platform,
            "sdkVersion": self.sdk_version,
        }
        if token is not None:
            query["transactionToken"] = token
        else:
            query["customerId"] = customer
        root = self._gateway()
        return f"{root if urlsplit(root).path else root + '/'}?{urlencode(query, quote_via=quote)}"

    def rest_headers(self) -> tuple[tuple[str, str], ...]:
        """Return the headers of every REST request (2.1)."""
        return (
            ("content-type", "application/json"),
            ("accept", "application/json"),
            ("x-sdk-platform", self.sdk_platform),
            ("x-sdk-version", self.sdk_version),
        )

    def message_url(self, message: str) -> str:
        """GET: the whole of a message, by the platform's id (2.10)."""
        return f"{self._base('chat_url')}/1.0/brand/{self.brand_id}/messages/{quote(message, safe='')}"

    def message_path(self, message: str) -> str:
        """Return the path of :meth:`message_url`: what a token to fetch it is asked for with."""
        return urlsplit(self.message_url(message)).path

    # --- trust ---

    @property
    def is_local(self) -> bool:
        """Whether everything of the site is on this machine."""
        return all(map(is_loopback, self._hosts()))

    def trusts(self, url: str, foreign_urls: Literal["any_https", "same_host"]) -> bool:
        """Tell whether a URL that the far side named may be fetched, as :mod:`~deskline_core.addresses` says."""
        scheme = urlsplit(self.chat_url).scheme
        return is_fetchable(url, hosts=self._hosts(), scheme=scheme, foreign_urls=foreign_urls)

    # --- parts ---

    def _region(self) -> str:
        return f"{self.environment.lower()}.{_DOMAINS[self.environment.upper()]}"

    def _base(self, name: Literal["chat_url", "token_url", "analytics_url"]) -> str:
        given: str = getattr(self, name)
        if given:
            return given.rstrip("/")
        if not self.environment:
            parts = urlsplit(self.chat_url)
            return f"{parts.scheme}://{parts.netloc}"
        return _DERIVED[name].format(self._region())

    def _gateway(self) -> str:
        return self.gateway_url or _DERIVED["gateway_url"].format(self._region())

    def _channel_url(self) -> str:
        return f"{self._base('chat_url')}/1.0/brand/{self.brand_id}/channel/{self.channel_id}"

    def _hosts(self) -> frozenset[str]:
        urls = (
            self._base("chat_url"),
            self._base("token_url"),
            self._base("analytics_url"),
            self._gateway(),
        )
        return frozenset(urlsplit(url).hostname or "" for url in urls)

    def _check_url(self, name: str, schemes: tuple[str, str]) -> None:
        if url := getattr(self, name):
            check_url(name, url, schemes, insecure=self.insecure)
