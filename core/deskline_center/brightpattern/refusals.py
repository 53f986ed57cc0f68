"""Error bodies and their statuses (Bright Pattern reference, sections 2.5, 4 and 21)."""

from typing import Final

from ..replies import Reply, json_reply
from .channel import BrightPatternChannel

__all__ = ["TEXTS", "refused"]

_USUAL: Final = {
    "1000": 403, "2000": 403, "2001": 403, "2002": 403, "2003": 403, "2004": 403, "3000": 403, "5006": 403,
    "5003": 400, "5501": 400,
    "5005": 404, "5502": 404, "5511": 404,
    "5601": 406, "5603": 406,
    "5509": 429,
    "5500": 500, "5955": 500, "5558": 500, "5602": 500,
    "5000": 503, "5001": 503, "5004": 503,
}  # fmt: skip
TEXTS: Final = {
    "1000": "the tenantUrl is missing or wrong",
    "2000": "there is no Authorization header",
    "2001": "the Authorization header is malformed",
    "2002": "the scheme of the Authorization header is wrong",
    "2003": "the appId is missing",
    "2004": "the clientId is missing",
    "3000": "there is no such appId",
    "5000": "the chat server is too slow",
    "5001": "there is no chat server",
    "5003": "the body is not what it should be",
    "5004": "the chat server went away",
    "5005": "there is no such session",
    "5006": "there is no such scenario entry",
    "5500": "internal error",
    "5501": "the file is too large",
    "5502": "there is no such file",
    "5509": "another poll is open",
    "5511": "there are no events",
    "5558": "the file could not be stored",
    "5601": "the session has no case",
    "5602": "the CRM refused",
    "5603": "more than one kind of token, or one that is not configured",
    "5955": "unspecified error",
}


def refused(
    code: str, channel: BrightPatternChannel | None = None, *, status: int | None = None, message: str = ""
) -> Reply:
    """Answer with an error code and its usual status on this channel, or with a ``status`` of one's own.

    A code that nobody has heard of comes with 500; without a code the body has only the message.
    """
    statuses = _USUAL if channel is None else _USUAL | channel.statuses
    bare = channel is not None and channel.error_codes == "number" and code.isdecimal()
    body: dict[str, object] = {"error_code": int(code) if bare else code} if code else {}
    body["error_message"] = message or TEXTS.get(code, "refused")
    return json_reply(body, statuses.get(code, 500) if status is None else status)
