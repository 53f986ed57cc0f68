"""What a CXone channel can do, as names of requests."""

from .rest import ChannelMode, Configuration

__all__ = ["capabilities"]

_COMMON = frozenset(
    {
        "StartThread", "OpenThread", "SendMessage", "RetryMessage", "DiscardMessage", "StartTyping", "StopTyping",
        "MarkRead", "LoadMore", "ExecuteTrigger", "ReportVisitorEvent", "SetCustomer",
    }
)  # fmt: skip
_LIVE = frozenset({"EndThread", "AnswerInactivity"})
_MULTI = frozenset({"RenameThread", "ArchiveThread"})
_TRANSCRIPT = frozenset({"SendTranscript"})
_BY_MODE = {ChannelMode.LIVE_CHAT: _LIVE, ChannelMode.MULTI_THREAD: _MULTI}


def capabilities(configuration: Configuration | None) -> frozenset[str]:
    """Return what a channel can do; before its configuration is known, what any of them can."""
    if configuration is None:
        return _COMMON | _LIVE | _MULTI | _TRANSCRIPT
    transcript = _TRANSCRIPT if configuration.transcript_allowed else frozenset[str]()
    return _COMMON | _BY_MODE.get(configuration.mode, frozenset()) | transcript
