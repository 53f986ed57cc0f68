"""Where a site's requests go, what makes a site wrong, and which URLs of the far side are trusted."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from deskline_core.cxone.site import CXone
from deskline_core.errors import InvalidValue

CHANNEL = "chat_0d9f4b6e-2f1c-4f0e-9a55-6f2b8f6f1a10"
VISITOR = "8a1d0c55-93e5-4b0c-9d0a-4a0d1f2e3b04"


def site(environment: str = "EU1", **changes: Any) -> CXone:
    return CXone(**{"environment": environment, "brand_id": 5150, "channel_id": CHANNEL, **changes})


def custom(**changes: Any) -> CXone:
    urls = {"chat_url": "https://chat.example.test/chat", "gateway_url": "wss://gw.example.test"}
    return site("", **urls | changes)


LOCAL = CXone.local("http://127.0.0.1:8080", 5150, CHANNEL)

# --- requests ---


@pytest.mark.row("R44", "R50")
def test_the_requests_of_a_region() -> None:
    eu1 = site("eu1")
    root = f"https://channels-de-eu1.niceincontact.com/chat/1.0/brand/5150/channel/{CHANNEL}"
    analytics = f"https://channels-de-eu1.niceincontact.com/web-analytics/1.0/tenants/5150/visitors/{VISITOR}"
    assert eu1.configuration_url() == f"{root}?locale=en_US"
    assert eu1.availability_url() == f"{root}/availability"
    assert eu1.visitor_url(VISITOR) == analytics
    assert eu1.visitor_events_url(VISITOR) == f"{analytics}/events"
    assert eu1.token_request_url(VISITOR) == (
        "https://digital-oauth-de-eu1.niceincontact.com/oauth/token"
        f"?brandId=5150&channelId={CHANNEL}&visitorId={VISITOR}"
    )
    assert eu1.socket_url(VISITOR, "cust", "t").startswith("wss://chat-gw-de-eu1.niceincontact.com/?brandId=5150&")


@pytest.mark.parametrize(
    ("region", "domain"),
    [
        *((name, "niceincontact.com") for name in ("NA1", "EU1", "AU1", "CA1", "UK1", "JP1")),
        *((name, "nicecxone.com") for name in ("AE1", "JO1", "KR1", "ZA1")),
        ("AU2", "nicecxone-sov1.au"),
        ("EU2", "nicecxone-sov1.eu"),
        ("UK2", "nicecxone-sov1.uk"),
        ("NA2", "nicecxone-gov.com"),
    ],
)
def test_every_region(region: str, domain: str) -> None:
    given = site(region)
    assert urlsplit(given.configuration_url()).hostname == f"channels-de-{region.lower()}.{domain}"
    assert urlsplit(given.token_request_url("v")).hostname == f"digital-oauth-de-{region.lower()}.{domain}"
    assert urlsplit(given.socket_url("v", "c", None)).hostname == f"chat-gw-de-{region.lower()}.{domain}"
    assert not given.is_local


def test_without_a_region_the_other_hosts_are_the_chat_s() -> None:
    given = custom()
    assert given.configuration_url().startswith("https://chat.example.test/chat/1.0/brand/5150/channel/")
    assert given.token_request_url("v").startswith("https://chat.example.test/oauth/token?")
    assert given.visitor_url("v").startswith("https://chat.example.test/web-analytics/")
    assert given.socket_url("v", "c", None).startswith("wss://gw.example.test/?")


def test_a_given_url_wins_over_a_derived_one() -> None:
    given = site(token_url="https://token.example.test/x/", analytics_url="https://seen.example.test")
    assert given.token_request_url("v").startswith("https://token.example.test/x/oauth/token?")
    assert given.visitor_url("v").startswith("https://seen.example.test/web-analytics/")
    assert given.availability_url().startswith("https://channels-de-eu1.")
    assert site(gateway_url="wss://gw.example.test/a").socket_url("v", "c", None).startswith("wss://gw.example.test/a?")


def test_a_local_site_is_one_host() -> None:
    assert LOCAL.availability_url() == f"http://127.0.0.1:8080/chat/1.0/brand/5150/channel/{CHANNEL}/availability"
    assert LOCAL.token_request_url("v").startswith("http://127.0.0.1:8080/oauth/token?")
    assert LOCAL.visitor_url("v") == "http://127.0.0.1:8080/web-analytics/1.0/tenants/5150/visitors/v"
    assert LOCAL.socket_url("v", "c", None).startswith("ws://127.0.0.1:8080/?")
    secure = CXone.local("https://localhost:8443/", 5150, CHANNEL)
    assert secure.socket_url("v", "c", None).startswith("wss://localhost:8443/?")


def test_the_socket_names_the_token_or_the_customer() -> None:
    query = {
        "brandId": ["5150"],
        "channelId": [CHANNEL],
        "visitorId": [VISITOR],
        "sdkPlatform": ["web"],
        "sdkVersion": [site().sdk_version],
    }
    token = "txn.eyJ2 IjoxfQ==&x=1+/#"
    secured = urlsplit(site().socket_url(VISITOR, "c 1&", token))
    legacy = urlsplit(site().socket_url(VISITOR, "c 1&", None))
    assert parse_qs(secured.query, strict_parsing=True) == query | {"transactionToken": [token]}
    assert parse_qs(legacy.query, strict_parsing=True) == query | {"customerId": ["c 1&"]}
    assert "+" not in secured.query
    assert not secured.fragment


def test_ids_are_quoted_in_paths() -> None:
    assert site().visitor_url("a/../b?c#d").endswith("/visitors/a%2F..%2Fb%3Fc%23d")


def test_the_locale() -> None:
    assert site(locale="cs-CZ").configuration_url().endswith("?locale=cs_CZ")


def test_the_headers() -> None:
    assert site(sdk_platform="ios", sdk_version="9.1").rest_headers() == (
        ("content-type", "application/json"),
        ("accept", "application/json"),
        ("x-sdk-platform", "ios"),
        ("x-sdk-version", "9.1"),
    )


def test_what_tells_a_channel_from_another() -> None:
    assert site("eu1").identity == f"cxone/EU1/5150/{CHANNEL}"
    assert custom().identity == f"cxone/https://chat.example.test/chat/5150/{CHANNEL}"


# --- what makes a site wrong ---


def test_an_unknown_region_names_the_known_ones() -> None:
    with pytest.raises(InvalidValue, match=r"unknown environment 'MOON1' \(one of NA1, EU1, .*NA2\)"):
        site("MOON1")


@pytest.mark.parametrize("urls", [{}, {"chat_url": "https://a.test"}, {"gateway_url": "wss://a.test"}])
def test_a_site_needs_a_place(urls: dict[str, str]) -> None:
    with pytest.raises(InvalidValue, match="needs an environment"):
        site("", **urls)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("brand_id", value) for value in (0, -1, True, "5150", None, 10**30)),
        *(("channel_id", value) for value in ("", "0d9f4b6e", "chat_", "chat_a/b", "chat_a b", "chat_a\n", 5)),
        *(("locale", value) for value in ("", "english language", "en-US?x", "e")),
        *(("sdk_platform", value) for value in ("", "windows", "WEB")),
        *(("sdk_version", value) for value in ("", "3 3", "3&x=1")),
        *(("insecure", value) for value in ("yes", 1, None)),
    ],
)
def test_a_malformed_field(field: str, value: Any) -> None:
    with pytest.raises(InvalidValue, match=f"malformed {field}"):
        site("EU1", **{field: value})


@pytest.mark.parametrize("field", ["environment", "chat_url", "token_url", "analytics_url", "gateway_url"])
@pytest.mark.parametrize("value", [None, 5, 3.5, b"https://a.test", ["EU1"]])
def test_what_is_no_text_is_neither_a_region_nor_a_url(field: str, value: Any) -> None:
    with pytest.raises(InvalidValue, match=f"malformed {field} "):
        site(**{"environment": "EU1", field: value})


@pytest.mark.parametrize("url", [None, 5, "", "127.0.0.1:80", "ftp://127.0.0.1", "http://shop.example"])
def test_a_local_site_needs_a_url_of_this_machine(url: Any) -> None:
    with pytest.raises(InvalidValue, match="url"):
        CXone.local(url, 5150, CHANNEL)


@pytest.mark.parametrize("missing", ["brand_id", "channel_id"])
def test_an_id_that_is_missing_is_noticed_at_once(missing: str) -> None:
    ids: dict[str, Any] = {"brand_id": 5150, "channel_id": CHANNEL}
    del ids[missing]
    with pytest.raises(TypeError, match=missing):
        CXone(environment="EU1", **ids)


@pytest.mark.parametrize("name", ["chat_url", "token_url", "analytics_url", "gateway_url"])
def test_each_of_the_four_places_can_be_named_by_itself(name: str) -> None:
    scheme = "wss" if name == "gateway_url" else "https"
    given = site(**{name: f"{scheme}://own.example.test/a"})
    urls = {
        "chat_url": {given.configuration_url(), given.availability_url(), given.menu_url(), given.upload_url()},
        "token_url": {given.token_request_url("v")},
        "analytics_url": {given.visitor_url("v"), given.visitor_events_url("v")},
        "gateway_url": {given.socket_url("v", "c", None)},
    }
    assert {place for place, found in urls.items() if any("//own.example.test/a" in url for url in found)} == {name}
    assert all("//own.example.test/a" in url for url in urls[name])


@pytest.mark.parametrize("field", ["chat_url", "token_url", "analytics_url", "gateway_url"])
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("{0}://", "is malformed"),
        ("{0}://a.test:port", "is malformed"),
        ("{0}://[::1", "is malformed"),
        ("{0}://a.test/\n", "is malformed"),
        ("{0}://a.test/ü", "is malformed"),
        ("{0}://user:word@a.test", "holds credentials"),
        ("{0}://a.test/?x=1", "holds credentials, a query"),
        ("{0}://a.test/#x", "holds credentials, a query or a fragment"),
        ("ftp://a.test", "must begin with {0}://"),
        ("a.test", "is malformed"),
        ("{1}://a.test", "must begin with {0}://, or the site be insecure"),
    ],
)
def test_a_malformed_url(field: str, url: str, reason: str) -> None:
    schemes = ("wss", "ws") if field == "gateway_url" else ("https", "http")
    with pytest.raises(InvalidValue) as raised:
        site(**{field: url.format(*schemes)})
    assert str(raised.value).startswith(f"{field} {reason.format(*schemes)}")
    assert "word" not in str(raised.value)


def test_plain_schemes_are_for_this_machine_or_on_demand() -> None:
    for host in ("127.0.0.1", "127.8.8.8", "localhost", "chat.localhost", "[::1]", "LOCALHOST"):
        assert custom(chat_url=f"http://{host}:1", gateway_url=f"ws://{host}:1").is_local
    far = custom(chat_url="http://chat.test", gateway_url="ws://chat.test", insecure=True)
    assert not far.is_local


def test_a_site_is_local_when_all_of_it_is() -> None:
    assert LOCAL.is_local
    assert not custom(gateway_url="ws://localhost").is_local


# --- trust ---

SIGNED = "https://bucket.example.test/chat/large-websocket-events/5150/x.json?X-Amz-Expires=900&X-Amz-Signature=ab%2F"


def test_any_https_host_is_trusted_or_only_the_site_s() -> None:
    assert site().trusts(SIGNED, "any_https")
    assert not site().trusts(SIGNED, "same_host")
    own = site(chat_url="https://bucket.example.test/chat")
    assert own.trusts(SIGNED, "same_host")
    assert own.trusts("https://CHANNELS-de-eu1.niceincontact.com/x", "same_host")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "https://",
        "http://bucket.example.test/x",
        "ftp://bucket.example.test/x",
        "file:///etc/passwd",
        "data:application/json,{}",
        "//bucket.example.test/x",
        "https://user:word@bucket.example.test/x",
        "https://@bucket.example.test/x",
        "https://bucket.example.test:port/x",
        "https://bucket.example.test:99999/x",
        "https://[::1/x",
        "https://bucket.example.test/a b",
        "https://bucket.example.test/\r\nX: y",
        "https://bucket.example.test\\@evil.test/",
        "https://bücket.test/x",
        "https://localhost/x",
        "https://localhost./x",
        "https://a.localhost/x",
        "https://intranet/x",
        "https://127.0.0.1/x",
        "https://127.1/x",
        "https://2130706433/x",
        "https://0x7f.0.0.1/x",
        "https://10.0.0.1/x",
        "https://169.254.169.254/latest",
        "https://[::1]/x",
        "https://[fe80::1]/x",
        "https://[::ffff:127.0.0.1]/x",
        "https://bucket.example.test/" + "x" * 9000,
    ],
)
def test_what_is_never_trusted(url: str) -> None:
    assert not site().trusts(url, "any_https")


def test_a_local_site_trusts_its_own_scheme_on_this_machine() -> None:
    assert LOCAL.trusts("http://127.0.0.1:9000/large/1", "same_host")
    assert LOCAL.trusts("http://localhost:9000/large/1", "any_https")
    assert LOCAL.trusts("https://localhost:9000/large/1", "any_https")
    assert LOCAL.trusts(SIGNED, "any_https")
    assert not LOCAL.trusts(SIGNED, "same_host")
    assert not LOCAL.trusts("http://bucket.example.test/x", "any_https")
    assert not LOCAL.trusts("ws://127.0.0.1/x", "any_https")
    assert not CXone.local("https://localhost", 1, CHANNEL).trusts("http://localhost/x", "any_https")


def test_a_local_site_is_where_its_pages_are() -> None:
    with pytest.raises(InvalidValue, match=r"url 'ws://127.0.0.1:8080' must begin with http://"):
        CXone.local("ws://127.0.0.1:8080", 1386, "chat_1")
