"""Where a Bright Pattern site's requests go, what makes a site wrong, and which URLs of the far side are trusted."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from deskline_core.brightpattern.site import BrightPattern
from deskline_core.errors import InvalidValue

ROOT = "https://acme.brightpattern.com"


def site(**changes: Any) -> BrightPattern:
    return BrightPattern(**{"url": ROOT, "app_id": "shop"} | changes)


@pytest.mark.parametrize(
    ("changes", "root", "tenant"),
    [
        ({}, f"{ROOT}/clientweb/api/v2", "acme.brightpattern.com"),
        ({"version": "v1"}, f"{ROOT}/clientweb/api/v1", "acme.brightpattern.com"),
        ({"tenant": "other.example.com"}, f"{ROOT}/clientweb/api/v2", "other.example.com"),
        ({"url": f"{ROOT}:8443/desk/"}, f"{ROOT}:8443/desk/clientweb/api/v2", "acme.brightpattern.com"),
        ({"url": "http://127.0.0.1:8080"}, "http://127.0.0.1:8080/clientweb/api/v2", "127.0.0.1"),
    ],
)
def test_requests_go_below_the_prefix_of_the_version_and_name_the_tenant(
    changes: dict[str, Any], root: str, tenant: str
) -> None:
    url = site(**changes).api_url("chats", "active")
    assert url.partition("?")[0] == f"{root}/chats/active"
    assert parse_qs(urlsplit(url).query) == {"tenantUrl": [tenant]}


def test_an_id_of_any_text_stays_one_part_of_the_path() -> None:
    assert site().chat_url("a/b ?c", "events").startswith(f"{ROOT}/clientweb/api/v2/chats/a%2Fb%20%3Fc/events?")


def test_files_and_pictures_are_fetched_without_a_tenant() -> None:
    assert site().file_url("c", "f/1") == f"{ROOT}/clientweb/api/v2/chats/c/files/f%2F1"
    assert site().photo_url("c", "p 1") == f"{ROOT}/clientweb/api/v2/chats/c/profilephotos/p%201"


def test_the_headers_say_who_asks_and_want_nothing_from_a_cache() -> None:
    who = 'MOBILE-API-140-327-PLAIN appId="shop", clientId="c-1"'
    common = (("authorization", who), ("user-agent", "MobileClient"), ("cache-control", "no-cache"))
    assert site().headers("c-1") == common
    assert site().headers("c-1", "text/plain") == (*common, ("content-type", "text/plain"))


def test_customers_of_another_entry_are_others() -> None:
    entries = [site(), site(app_id="other"), site(tenant="other.example.com"), site(url="https://b.brightpattern.com")]
    assert len({entry.identity for entry in entries}) == 4
    assert site().identity == site(version="v1").identity


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"url": ""}, "a site needs a url"),
        ({"url": None}, "malformed url"),
        ({"url": "acme.brightpattern.com"}, "url is malformed"),
        ({"url": "ftp://acme.brightpattern.com"}, "url must begin with https://"),
        ({"url": "http://acme.brightpattern.com"}, "url must begin with https://, or the site be insecure"),
        ({"url": f"{ROOT}?tenantUrl=x"}, "url holds credentials, a query or a fragment"),
        ({"url": "https://me@acme.brightpattern.com"}, "url holds credentials, a query or a fragment"),
        ({"app_id": ""}, "malformed app_id"),
        ({"app_id": 'a", clientId="b'}, "malformed app_id"),
        ({"app_id": "a\r\nx: y"}, "malformed app_id"),
        ({"app_id": 7}, "malformed app_id"),
        ({"tenant": "https://acme.brightpattern.com"}, "malformed tenant"),
        ({"version": "v3"}, "malformed version"),
        ({"insecure": 1}, "malformed insecure"),
    ],
)
def test_a_wrong_site_never_gets_as_far_as_a_request(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidValue, match=f"^{says}"):
        site(**changes)


def test_an_insecure_site_may_be_anywhere() -> None:
    assert site(url="http://acme.brightpattern.com", insecure=True).api_url("version").startswith("http://acme.")


@pytest.mark.parametrize(
    ("url", "foreign_urls", "is_trusted"),
    [
        ("https://files.example.net/a.png", "any_https", True),
        ("https://files.example.net/a.png", "same_host", False),
        (f"{ROOT}/a.png", "same_host", True),
        ("http://files.example.net/a.png", "any_https", False),
        ("https://127.0.0.1/a.png", "any_https", False),
    ],
)
def test_a_url_of_the_far_side_is_fetched_where_it_is_trusted(url: str, foreign_urls: Any, is_trusted: bool) -> None:
    assert site().trusts(url, foreign_urls) is is_trusted
    assert site(url="http://localhost:8080").trusts("http://localhost:8080/a.png", "any_https")
