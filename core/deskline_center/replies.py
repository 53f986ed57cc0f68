"""Answers to REST requests, and the headers that pages of browsers need."""

from typing import Final

import msgspec

__all__ = ["HARMLESS", "Headers", "Reply", "cors", "json_reply"]

Headers = tuple[tuple[str, str], ...]
HARMLESS: Final[Headers] = (
    ("content-disposition", "attachment"),
    ("content-security-policy", "sandbox"),
    ("x-content-type-options", "nosniff"),
)
"""What makes a file something to be saved: it must not run as a page of the center's own."""


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """Status, headers and body of an answer; ``more`` of the body may follow."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    more: bool = False


def json_reply(value: object, status: int = 200, *headers: tuple[str, str]) -> Reply:
    """Answer with a JSON value."""
    return Reply(
        status=status, headers=(("content-type", "application/json"), *headers), body=msgspec.json.encode(value)
    )


def cors(headers: dict[str, str]) -> Headers:
    """Return the headers by which a page of any origin may read an answer, its cookies included."""
    origin = headers.get("origin")
    return (
        ("access-control-allow-origin", origin or "*"),
        ("access-control-allow-credentials", "true" if origin else "false"),
        ("access-control-allow-methods", "GET, POST, PUT, OPTIONS"),
        ("access-control-allow-headers", headers.get("access-control-request-headers", "*")),
        ("access-control-expose-headers", "*"),
        ("cache-control", "no-store"),
    )
