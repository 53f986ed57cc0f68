"""Every request that there is, as a CXone channel could be asked for it."""

from typing import Any

from deskline_core import inputs as i
from tests.core import every_request
from tests.core.cxone.alone import THREAD
from tests.core.every_request import REQUESTS

__all__ = ["EVERYTHING", "REQUESTS", "right_fields"]

EVERYTHING: dict[str, Any] = {
    "liveChatAllowTranscript": True,
    "isGroupChatAllowed": True,
    "canCustomerInviteToGroupChat": True,
    "enableChatTypingPreview": True,
    "enablePersistentMenu": True,
}
"""The settings of a channel that can do all that any channel can."""


def right_fields(kind: type[i.AppRequest]) -> dict[str, Any]:
    """Return fields with which a request makes sense; those with a default may be left out."""
    return every_request.right_fields(kind, THREAD)
