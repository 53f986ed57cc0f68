"""What a Bright Pattern site can do, as names of requests."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from .site import BrightPattern

__all__ = ["capabilities"]

_COMMON: Final = frozenset(
    {
        "StartThread", "OpenThread", "SendMessage", "SendLocation", "RetryMessage", "DiscardMessage", "StartTyping",
        "StopTyping",
        "PreviewText", "MarkRead", "LoadMore", "EndThread", "WrapUp", "AnswerInactivity", "SubmitForm", "CancelForm",
        "SendSignal", "FetchFile", "FetchPhoto", "CloseCase", "SetCustomer", "ViewPage", "CheckAvailability",
        "FetchIceServers", "FetchConfiguration",
    }
)  # fmt: skip
_V2: Final = frozenset({"RegisterDevice", "NotePush", "FetchVersion"})
"""What an older center lacks for certain (section 17); of the rest, reference and clients disagree (18, row 25)."""


def capabilities(site: "BrightPattern") -> frozenset[str]:
    """Return what a site can do."""
    return _COMMON if site.is_v1 else _COMMON | _V2
