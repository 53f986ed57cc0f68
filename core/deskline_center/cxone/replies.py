"""The error body of REST answers."""

from ..replies import Reply, json_reply

__all__ = ["failed"]


def failed(status: int, code: str, message: str) -> Reply:
    """Answer with the error body (CXone wire reference, section 2.1)."""
    return json_reply({"error": {"errorCode": code, "errorMessage": message}}, status)
