"""Answers to REST requests."""

import msgspec

__all__ = ["Reply", "failed", "json_reply"]


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


def failed(status: int, code: str, message: str) -> Reply:
    """Answer with the error body (CXone wire reference, section 2.1)."""
    return json_reply({"error": {"errorCode": code, "errorMessage": message}}, status)
