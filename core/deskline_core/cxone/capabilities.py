"""What a CXone channel can do, as names of requests."""

from .rest import ChannelMode, Configuration

__all__ = ["COMMON", "capabilities"]

COMMON = frozenset(
    {
        "StartThread", "OpenThread", "SendMessage", "RetryMessage", "DiscardMessage", "StartTyping", "StopTyping",
        "MarkRead", "LoadMore", "ExecuteTrigger", "SetCustomer", "SetCustomerFields", "SetThreadFields",
        "ViewPage", "LeavePage", "ReportWindowOpened", "ReportConversion", "ReportOffer", "ReportVisitorEvent",
        "RegisterDevice",
    }
)  # fmt: skip
"""What every channel can do."""
_LIVE = frozenset({"EndThread", "AnswerInactivity", "SendOfflineMessage"})
_MULTI = frozenset({"RenameThread", "ArchiveThread"})
_TRANSCRIPT = frozenset({"SendTranscript"})
_GROUP = frozenset({"JoinThread", "LeaveThread"})
_INVITATIONS = frozenset({"CreateInvitation", "SendInvitation"})
_PREVIEW = frozenset({"PreviewText"})
_MENU = frozenset({"FetchMenu"})
_LOGIN = frozenset({"Authenticate"})
_BY_MODE = {ChannelMode.LIVE_CHAT: _LIVE, ChannelMode.MULTI_THREAD: _MULTI}


def capabilities(configuration: Configuration | None) -> frozenset[str]:
    """Return what a channel can do; before its configuration is known, what any of them can."""
    if configuration is None:
        return COMMON | _LIVE | _MULTI | _TRANSCRIPT | _GROUP | _INVITATIONS | _PREVIEW | _MENU | _LOGIN
    by_setting = (
        (_TRANSCRIPT, configuration.transcript_allowed),
        (_GROUP, configuration.group_chat),
        (_INVITATIONS, configuration.group_chat and configuration.invitations),
        (_PREVIEW, configuration.typing_preview),
        (_MENU, configuration.has_menu),
        (_LOGIN, configuration.authentication == "oauth"),
    )
    return COMMON.union(_BY_MODE.get(configuration.mode, ()), *(names for names, is_on in by_setting if is_on))
