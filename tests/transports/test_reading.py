"""The pure parts: addresses, lines, causes."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deskline_core.errors import SocketEnded
from deskline_transports.address import (
    Address,
    AnswerHead,
    again,
    cause_of,
    proxy_address,
    short_reason,
    socket_address,
)
from deskline_transports.lines import LineSplitter


@pytest.mark.parametrize(
    ("url", "address", "authority"),
    [
        ("wss://chat.example", Address(secure=True, host="chat.example", port=443, resource="/"), "chat.example"),
        ("ws://a:8080/x?y#z", Address(secure=False, host="a", port=8080, resource="/x?y"), "a:8080"),
        ("ws://a:443/", Address(secure=False, host="a", port=443, resource="/"), "a:443"),
        ("WSS://A:443?q=1", Address(secure=True, host="a", port=443, resource="/?q=1"), "a"),
        ("wss://[::1]/", Address(secure=True, host="::1", port=443, resource="/"), "[::1]"),
        ("wss://[::1]:9/", Address(secure=True, host="::1", port=9, resource="/"), "[::1]:9"),
    ],
)
def test_addresses_are_read(url: str, address: Address, authority: str) -> None:
    assert socket_address(url) == address
    assert address.authority == authority
    assert "?" not in repr(address)


def test_proxies_are_read() -> None:
    proxy = proxy_address("http://me:p%40ss@proxy.example")
    assert proxy is not None
    assert (proxy.host, proxy.port, proxy.credentials) == ("proxy.example", 80, "Basic bWU6cEBzcw==")
    assert "bWU6" not in repr(proxy)
    assert proxy_address(None) is None


@given(st.text(max_size=200))
def test_a_reason_fits_into_a_close_frame(reason: str) -> None:
    short = short_reason(reason)
    assert len(short.encode()) <= 123
    if len(reason.encode(errors="replace")) <= 123:
        assert short == reason.encode(errors="replace").decode()


@given(st.lists(st.sampled_from([b"a", "ü".encode(), b"\n", b"\r", b"\r\n", b"\x0b", "\u2028".encode()])), st.data())
def test_lines_do_not_depend_on_how_they_arrive(parts: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(whole)))))
    splitter = LineSplitter()
    lines = []
    for start, end in zip([0, *cuts], [*cuts, len(whole)], strict=True):
        lines += splitter.feed(whole[start:end])
    *ended, tail = re.split(rb"\r\n|\n|\r", whole)
    assert lines == [line.decode() for line in ended]
    assert splitter.waiting == len(tail)


def test_a_status_is_known_with_its_first_line() -> None:
    head = AnswerHead()
    assert [head.feed(b"HTTP/1.1"), head.feed(b" 40"), head.feed(b"4 ")] == [None, None, 404]


def test_the_deepest_cause_is_named() -> None:
    refused = ConnectionRefusedError(111, "Connection refused")
    over = OSError("https://chat.example/?token=canary")
    over.__cause__ = ExceptionGroup("all failed", [refused])
    top = ValueError("canary")
    top.__context__ = over
    assert cause_of(top) == "ConnectionRefusedError: Connection refused"
    assert cause_of(ValueError("canary")) == "ValueError"


def test_an_end_is_told_anew() -> None:
    end = SocketEnded("gone", close_code=4001, reason="bye", oversize=True)
    copy = again(end)
    assert copy is not end
    assert vars(copy) == vars(end)
